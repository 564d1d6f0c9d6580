"""Rules about the pool a user or contact is homed on."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect import distinguished_name, voice
from adinspect.finding import Severity, Target, Wave
from adinspect.profile import Elsewhere
from adinspect.rule import Skipped, rule
from adinspect.wording import told


@rule("CNS-015", Severity.CRITICAL, Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL, source="L-SCHEMA", wave=Wave.BLOCK)
def home_pool_missing(
    pool_homes: Annotated[DataFrame, "pool_service"],
    pool_services: Annotated[DataFrame, "dn", "pool"],
    pools: Annotated[DataFrame, "dn", "fqdn"],
    lync_forest: Elsewhere,
) -> DataFrame | Skipped:
    """{identity} is homed on {pool_service}, but {fault}.

    It cannot register, and the old topology cannot be taken down.

    Remediation: Move it to a pool that exists. Disabling and enabling a user would delete contacts, meetings and policies.
    Cmdlet: Move-CsUser -Force
    """
    if pools["dn"].empty and lync_forest is not Elsewhere.THIS:
        return Skipped(
            "no Lync / Skype for Business pool is in sight, and the profile does not say that Lync lives in this forest"
        )
    home = pool_homes["pool_service"]
    gone = home.str.contains("\\0ADEL:", regex=False).fillna(False).astype(bool)
    nameless = pools.loc[pools["fqdn"].isna(), "dn"]
    faults = {
        "that pool is deleted": gone,
        "there is no such pool service": ~gone & ~home.isin(pool_services["dn"]),
        "its pool has no FQDN": home.isin(pool_services.loc[pool_services["pool"].isin(nameless), "dn"]),
    }
    fault = told(faults, pool_homes)
    return pool_homes.assign(fault=fault)[fault != ""]


@rule("CNS-016", Severity.HIGH, Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL, source="L-SCHEMA", wave=Wave.BLOCK)
def move_unfinished(users: Annotated[DataFrame, "target_pool_service", "pool_service", "deployment_locator?"]) -> DataFrame:
    """The move of {identity} from {pool_service} to {target_pool_service} never ended.

    Until it does, the user belongs to neither pool for good.

    Remediation: Move the user again.
    Cmdlet: Move-CsUser
    """
    moving = users[users["target_pool_service"].notna() & ~voice.online(users)]
    # of a pool service that was not seen, each name stands as it was written
    target, home = (distinguished_name.keys(moving[column]) for column in ("target_pool_service", "pool_service"))
    return moving[target != home]
