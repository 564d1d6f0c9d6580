"""The Lync pool that most users of a UM dial plan are homed on: where the contacts of the dial plan belong."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect import voice
from adinspect.derived import derived


@derived
def dial_plan_pools(
    dial_plans: Annotated[DataFrame, "dn"],
    um_users: Annotated[DataFrame, "um_here", "dial_plan"],
    users: Annotated[DataFrame, "pool_service", "deployment_locator?"],
    pool_services: Annotated[DataFrame, "dn", "pool"],
    pools: Annotated[DataFrame, "dn", "identity"],
) -> DataFrame:
    """One row for each UM dial plan of whose users more than half are homed on one pool that exists.

    guid, dn and identity are the dial plan's; `pool` is the DN of that pool, `pool_name` its name. Users count whose UM state can
    be judged (`um_users`) and who are homed on some pool on-premises. Without a majority there is no row.
    """
    homes = users.loc[~voice.online(users), ["guid", "pool_service"]]
    served = um_users.loc[um_users["um_here"], ["guid", "dial_plan"]].merge(homes, on="guid")
    homed = served.merge(pool_services[["dn", "pool"]].rename(columns={"dn": "pool_service"}), on="pool_service")
    counted = homed.groupby(["dial_plan", "pool"], as_index=False).size()
    most = counted[counted["size"] * 2 > counted.groupby("dial_plan")["size"].transform("sum")]
    names = pools[["dn", "identity"]].rename(columns={"dn": "pool", "identity": "pool_name"})
    named = most[["dial_plan", "pool"]].merge(names, on="pool")
    return dial_plans[["guid", "dn", "identity"]].merge(named, left_on="dn", right_on="dial_plan").drop(columns="dial_plan")
