"""What the Get cmdlets of Lync / Skype for Business Server would show of users."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect import distinguished_name, voice
from adinspect.membership import among
from adinspect.readings import reads
from adinspect.step import UNKNOWN

HERE = "SRV:"
"""The hosting provider of users who are homed on a pool."""

GRANTED = {"DialPlan": "dial_plan", "VoicePolicy": "voice_policy", "HostedVoicemailPolicy": "hosted_voice_mail_policy"}
"""What the cmdlet calls each policy that a user can be granted, and the column of `cs_users` that has it."""


@reads("Get-CsAdUser")
def get_cs_ad_user(
    users: Annotated[DataFrame, "sip_address", "pool_service"],
    pool_services: Annotated[DataFrame, "dn", "pool"],
    pools: Annotated[DataFrame, "dn", "fqdn"],
) -> DataFrame:
    """Every user: SipAddress, and RegistrarPool, the FQDN of the home pool."""
    return users[["guid"]].assign(
        SipAddress=users["sip_address"], RegistrarPool=_registrar_pool(users["pool_service"], pool_services, pools)
    )


@reads("Get-CsUser")
def get_cs_user(
    users: Annotated[
        DataFrame, "sip_address", "sip_enabled", "enterprise_voice", "line_uri", "pool_service", "deployment_locator?"
    ],
    voice_mail_settings: Annotated[DataFrame, "setting?"],
    pool_services: Annotated[DataFrame, "dn", "pool"],
    pools: Annotated[DataFrame, "dn", "fqdn"],
    cs_users: Annotated[DataFrame | None, "user", "dial_plan", "voice_policy", "hosted_voice_mail_policy"],
) -> DataFrame:
    """Every user with a place in Lync, online or not; which policies were granted is known from cs-users.csv only.

    HostedVoiceMail is True, False, or None where it was never set (`CsHostedVoiceMail` of msExchUCVoiceMailSettings).
    HostingProvider is the deployment locator; whoever has none and a home pool is homed there, as `SRV:` says.
    """
    placed = users[users[["sip_address", "sip_enabled"]].notna().any(axis=1)].reset_index(drop=True)
    hosted = voice_mail_settings.assign(setting=voice_mail_settings["setting"].str.lower())
    hosted = hosted[hosted["setting"].str.startswith("cshostedvoicemail=", na=False)].drop_duplicates("guid")
    return placed[["guid"]].assign(
        SipAddress=placed["sip_address"],
        RegistrarPool=_registrar_pool(placed["pool_service"], pool_services, pools),
        HostingProvider=placed["deployment_locator"].mask(voice.on_premises(placed), HERE),
        EnterpriseVoiceEnabled=placed["enterprise_voice"],
        LineURI=placed["line_uri"],
        HostedVoiceMail=placed["guid"].map(hosted.set_index("guid")["setting"].str.endswith("=1")).astype(object),
        **_granted(placed["dn"], cs_users),
    )


def _registrar_pool(pool_service: Series, pool_services: DataFrame, pools: DataFrame) -> Series:
    """FQDN of the pool whose service each names; UNKNOWN where it names one that leads to none."""
    fqdn = pool_service.map(pool_services.set_index("dn")["pool"]).map(pools.set_index("dn")["fqdn"]).astype(object)
    return fqdn.mask(fqdn.isna() & pool_service.notna(), UNKNOWN)


def _granted(dn: Series, cs_users: DataFrame | None) -> dict[str, Series]:
    """What Lync said was granted to each user, by what the cmdlet calls it; UNKNOWN where it did not speak of the user."""
    if cs_users is None:
        return {name: Series(UNKNOWN, dn.index, dtype=object) for name in GRANTED}
    told = cs_users.assign(key=distinguished_name.keys(cs_users["user"])).drop_duplicates("key", keep=False)
    keys = distinguished_name.keys(dn)
    known, by_key = among(keys, told["key"]), told.set_index("key")
    return {name: keys.map(by_key[column]).astype(object).where(known, UNKNOWN) for name, column in GRANTED.items()}
