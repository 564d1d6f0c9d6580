"""Rules about a user's place in Lync: SIP address, Enterprise Voice, line."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect import addresses, voice
from adinspect.finding import Severity, Target, Wave
from adinspect.rule import Need, rule

TEL_LINES = (Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL)
"""Targets that still route a line which is not international."""


@rule(
    "USR-001",
    Severity.HIGH,
    source="SEED",
    wave=Wave.FIX,
    csv="20_cs_user_enable",
    needs=Need.LYNC_NOT_ELSEWHERE,
)
def sip_address_missing(users: Annotated[DataFrame, "expected", "sip_address"], target: Target) -> DataFrame:
    """{identity} has no SIP address.

    Everybody who is to have voice needs one: it is what Lync signs in, what calls are routed to and what Exchange UM knows
    the user by. Teams takes the user principal name instead.

    Remediation: Enable the user in Lync / Skype for Business; in a hybrid forest, first make sure that the user has no home
    in Teams. For Teams there is nothing to set on-premises: check the user principal name.
    Cmdlet: Enable-CsUser
    """
    found = users[users["expected"] & users["sip_address"].isna()]
    if target is not Target.TEAMS_PHONE:
        return found
    # nothing is written on-premises for Teams, so no CSV can fix it and it must not keep anybody back
    return found.assign(severity=Severity.INFO.value, wave=Wave.NONE.value, csv=[()] * len(found))


@rule(
    "USR-002",
    Severity.MEDIUM,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="CMDLET Get-CsAdUser",
    wave=Wave.DECIDE,
    needs=Need.LYNC_NOT_ELSEWHERE,
)
def sip_address_not_enabled(users: Annotated[DataFrame, "sip_address", "sip_enabled"]) -> DataFrame:
    """{identity} has the SIP address {sip_address} but is not enabled for Lync / Skype for Business.

    The address is taken, yet nobody can sign in with it.

    Remediation: Enable the user again, or remove what is left.
    Cmdlet: Set-CsUser -Enabled $true | Disable-CsUser
    """
    enabled = users["sip_enabled"].fillna(False).astype(bool)
    found = users[users["sip_address"].notna() & ~enabled]
    never = "it was never enabled to the end, or was removed and left this behind"
    return found.assign(because=found["sip_enabled"].isna().map({True: never, False: "it is disabled, its configuration kept"}))


@rule(
    "USR-006",
    Severity.HIGH,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="SEED, L-SCHEMA",
    wave=Wave.FIX,
    csv="21_cs_user_voice",
    needs=Need.LYNC_NOT_ELSEWHERE,
)
def enterprise_voice_off(
    users: Annotated[DataFrame, "expected", "sip_enabled", "enterprise_voice", "deployment_locator?", "pool_service"],
) -> DataFrame:
    """{identity} is enabled for Lync / Skype for Business but not for Enterprise Voice.

    Without it the user cannot call telephones or be called by them, and no call reaches voice mail.

    Remediation: Enable Enterprise Voice with a line URI.
    Cmdlet: Set-CsUser -EnterpriseVoiceEnabled $true -LineURI
    """
    enabled = users["sip_enabled"].fillna(False).astype(bool)
    return users[users["expected"] & enabled & voice.on_premises(users) & ~users["enterprise_voice"]]


@rule("USR-007", Severity.HIGH, source="SEED", wave=Wave.DECIDE, csv="21_cs_user_voice")
def line_uri_missing(users: Annotated[DataFrame, "enterprise_voice", "line_uri", "deployment_locator?"]) -> DataFrame:
    """{identity} is enabled for Enterprise Voice but has no line URI.

    Nobody can call the user from a telephone. After a move to Teams this is the correct state: users homed online are not judged.

    Remediation: Assign a number.
    Cmdlet: Set-CsUser -LineURI | Set-CsPhoneNumberAssignment
    """
    return users[users["enterprise_voice"] & users["line_uri"].isna() & ~voice.online(users)]


@rule("USR-008", Severity.MEDIUM, source="L-SCHEMA", wave=Wave.DECIDE, csv="21_cs_user_voice")
def line_uri_unused(
    users: Annotated[DataFrame, "line_uri", "enterprise_voice", "remote_call_control", "remote_call_dual"],
) -> DataFrame:
    """{identity} holds the number {line_uri} but has neither Enterprise Voice nor remote call control.

    The number is parked on somebody who cannot use it, and still keeps Teams from assigning it.

    Remediation: Enable Enterprise Voice, or clear the number.
    Cmdlet: Set-CsUser -EnterpriseVoiceEnabled $true | Set-CsUser -LineURI $null
    """
    return users[users["line_uri"].notna() & ~users["enterprise_voice"] & ~voice.remote_call_control(users)]


@rule("USR-009", Severity.HIGH, source="CMDLET Set-CsUser (LineURI), T-NUM", wave=Wave.FIX, csv="21_cs_user_voice")
def line_uri_malformed(
    users: Annotated[DataFrame, "line_uri", "remote_call_control", "remote_call_dual"], target: Target
) -> DataFrame:
    """Line URI {line_uri} of {identity} is not tel: and an international number (E.164).

    Lync routes by it as it stands, and Teams takes no other form. Spaces, dashes and brackets are not allowed in it.

    Remediation: Write it as tel:+ with country code and number, and ;ext= with an extension where there is one.
    Cmdlet: Set-CsUser -LineURI
    """
    line = users["line_uri"]
    # a user under remote call control may be reached at a sip: line of the PBX
    of_pbx = voice.remote_call_control(users) & line.str.lower().str.startswith("sip:", na=False)
    wrong = users[line.notna() & ~addresses.matches(line, addresses.E164_URI) & ~of_pbx]
    routed = addresses.matches(wrong["line_uri"], addresses.TEL_URI) & (target in TEL_LINES)
    return wrong.assign(severity=routed.map({True: Severity.MEDIUM.value, False: Severity.HIGH.value}))
