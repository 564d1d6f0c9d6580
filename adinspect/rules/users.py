"""Rules about a user's place in Lync: SIP address, Enterprise Voice, line."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pandas import DataFrame

from adinspect import addresses, recipients, topology, voice
from adinspect.finding import Severity, Target, Wave
from adinspect.membership import among
from adinspect.rule import Need, rule
from adinspect.wording import told

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


@rule("USR-015", Severity.MEDIUM, source="practice", wave=Wave.DECIDE, needs=Need.EXCHANGE)
def mailbox_missing(
    users: Annotated[
        DataFrame,
        "enterprise_voice",
        "mailbox_database",
        "recipient_type",
        "remote_recipient_type?",
        "target_address?",
        "owner_urn?",
        "object_class",
        "deployment_locator?",
    ],
) -> DataFrame:
    """{identity} is enabled for Enterprise Voice but has no mailbox, neither here nor in Exchange Online.

    No voice mail is possible. It may be a telephone that people share; one set up as a common area phone or another device names
    its owner application, and is not judged.

    Remediation: Give the user a mailbox, or set the telephone up as a common area phone.
    Cmdlet: Enable-Mailbox | Enable-RemoteMailbox
    """
    without = users["enterprise_voice"] & ~recipients.has_mailbox(users) & ~voice.online(users)
    # devices and applications need no mailbox, and the mailbox of another forest's user is not kept here
    return users[without & users["owner_urn"].isna() & ~voice.mailbox_elsewhere(users)]


@rule("USR-018", Severity.MEDIUM, source="L-SCHEMA", wave=Wave.BLOCK)
def remote_call_control_used(
    users: Annotated[DataFrame, "remote_call_control", "remote_call_dual", "line_server", "deployment_locator?"],
) -> DataFrame:
    """{identity} is set up for remote call control of a PBX telephone: it has {signs}.

    Remote call control excludes Enterprise Voice, and Teams has nothing in its place.

    Remediation: Convert the user to Enterprise Voice.
    Cmdlet: Set-CsUser -RemoteCallControlTelephonyEnabled $false
    """
    here = users[~voice.online(users)]
    faults = {
        "the option of remote call control": voice.remote_call_control(here),
        "a line server": here["line_server"].notna(),
    }
    signs = told(faults, here)
    return here.assign(signs=signs)[signs != ""]


@rule(
    "USR-019",
    Severity.MEDIUM,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="H-CONS",
    wave=Wave.FIX,
    csv="32_mailbox_eum",
)
def sip_proxy_address_different(
    users: Annotated[DataFrame, "sip_enabled", "sip_address"],
    proxy_addresses: Annotated[DataFrame, "address"],
) -> DataFrame:
    """Among the proxy addresses of {identity}, {fault}; the SIP address is {sip_address}.

    The address book, OAuth between the servers and voice mail look a user up by the sip: proxy address.

    Remediation: Leave one sip: proxy address, the SIP address.
    Cmdlet: Set-Mailbox -EmailAddresses | Set-ADUser
    """
    # somebody who is not enabled is looked up by nobody
    judged = users[users["sip_enabled"].fillna(False).astype(bool) & users["sip_address"].notna()]
    proxies = proxy_addresses[proxy_addresses["address"].str.lower().str.startswith("sip:", na=False).astype(bool)]
    held = proxies[["guid"]].assign(sip=proxies["address"].str.lower()).drop_duplicates()
    pairs = held.merge(judged[["guid", "sip_address"]], on="guid")
    right = pairs.loc[addresses.without_scheme(pairs["sip"]) == addresses.without_scheme(pairs["sip_address"]), "guid"]
    count = judged["guid"].map(held["guid"].value_counts()).fillna(0)
    faults = {
        "none is a sip: address": count == 0,
        "the sip: address is another one": (count == 1) & ~among(judged["guid"], right),
        "there is more than one sip: address": count > 1,
    }
    fault, listed = told(faults, judged), topology.listed(held, "sip", judged["guid"])
    found = judged.assign(fault=fault, because=listed.fillna(""), evidence_sip_proxies=listed)
    return found.assign(evidence_sip_address=judged["sip_address"])[fault != ""]


@rule(
    "USR-020",
    Severity.HIGH,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="L-SCHEMA, H-AAD",
    wave=Wave.BLOCK,
    needs=Need.LYNC_NOT_ELSEWHERE,
)
def home_incomplete(users: Annotated[DataFrame, "sip_enabled", "deployment_locator", "pool_service"]) -> DataFrame:
    """{identity} is enabled for Lync / Skype for Business, but has {lacking}.

    Without a pool the user cannot register; without a locator nothing tells a hybrid forest whether the user is here or online.
    Disabling and enabling would delete contacts, meetings and policies of the user.

    Remediation: Repair the user by moving it to the right pool; where that fails, decide what becomes of it.
    Cmdlet: Move-CsUser
    """
    enabled = users[users["sip_enabled"].fillna(False).astype(bool) & ~voice.online(users)]
    faults = {
        "no deployment locator": enabled["deployment_locator"].isna(),
        "no home pool": enabled["pool_service"].isna(),
    }
    return enabled.assign(lacking=told(faults, enabled))[np.logical_or.reduce(list(faults.values()))]
