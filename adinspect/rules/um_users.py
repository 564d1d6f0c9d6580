"""Rules about a user's voice mail: Exchange UM, its links, addresses and features, and hosted voice mail."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pandas import DataFrame, Series

from adinspect import recipients, topology, voice
from adinspect.derived import joined
from adinspect.finding import Certainty, Severity, Target, Wave
from adinspect.membership import among
from adinspect.rule import Need, rule
from adinspect.wording import told

DISABLE, ENABLE, ADDRESSES = "29_um_mailbox_disable", "30_um_mailbox_enable", "32_mailbox_eum"
WITHOUT_MISSED_CALLS = (8, 14)
"""Major versions of Exchange 2007 and 2010."""
NOT_SIP_URI = (topology.TELEPHONE_EXTENSION, topology.E164)
HOSTED = ("24_cs_hostedvm_grant", "25_cs_hostedvm_set")


@rule("USR-003", Severity.HIGH, Target.UM_LYNC, source="SEED", wave=Wave.FIX, csv=ENABLE, needs=Need.EXCHANGE)
def voice_mail_not_enabled(
    users: Annotated[DataFrame, "expected", "mailbox_database", "um_enabled", "deployment_locator?"],
    mailbox_homes: Annotated[DataFrame, "version_major", "version_minor", "resolved"],
    voice_mail_settings: Annotated[DataFrame, "setting?"],
) -> DataFrame:
    """{identity} has a mailbox but is in no UM dial plan: it is not enabled for Unified Messaging.

    A call that is not answered reaches no voice mail.

    Remediation: Enable voice mail in a UM mailbox policy of the SIP URI dial plan.
    Cmdlet: Enable-UMMailbox
    """
    without = users[
        users["expected"]
        & users["mailbox_database"].notna()
        & ~users["um_enabled"]
        & ~voice.online(users)
        & ~voice.hosted_voice_mail(users, voice_mail_settings)
    ]
    homes = joined(without, mailbox_homes)
    found = homes[topology.has_um(homes)]
    unknown = "the release of its home server is not known, and Exchange 2019 and later have no Unified Messaging"
    return found.assign(
        certainty=found["resolved"].map({True: Certainty.CERTAIN.value, False: Certainty.LIKELY.value}),
        because=found["resolved"].map({True: "", False: unknown}),
    )


@rule("USR-004", Severity.HIGH, Target.UM_LYNC, source="X-EUM", wave=Wave.FIX, csv=(DISABLE, ENABLE), needs=Need.EXCHANGE)
def um_links_dead(
    um_users: Annotated[DataFrame, "um_here", "um_dial_plan", "um_mailbox_policy", "plan_found", "policy_found", "policy_plan"],
) -> DataFrame:
    """{identity} is enabled for Unified Messaging with {fault}.

    Exchange UM finds a user's settings through these links. Active Directory empties most of them when what they name is deleted.

    Remediation: Disable Unified Messaging for the user and enable it again in the right UM mailbox policy.
    Cmdlet: Disable-UMMailbox; Enable-UMMailbox
    """
    users = um_users[um_users["um_here"]]
    faults = {
        "no UM mailbox policy": users["um_mailbox_policy"].isna(),
        "a UM mailbox policy that does not exist": users["um_mailbox_policy"].notna() & ~users["policy_found"],
        "a UM dial plan that does not exist": users["um_dial_plan"].notna() & ~users["plan_found"],
        # users of Exchange 2007 and 2010 may reach their plan through the policy alone
        "no UM dial plan, and none through its policy": users["um_dial_plan"].isna() & users["policy_plan"].isna(),
    }
    return users.assign(fault=told(faults, users))[np.logical_or.reduce(list(faults.values()))]


@rule("USR-005", Severity.HIGH, Target.UM_LYNC, source="SEED, X-CHG", wave=Wave.FIX, csv=(DISABLE, ENABLE), needs=Need.EXCHANGE)
def um_dial_plan_not_sip(
    um_users: Annotated[DataFrame, "um_here", "dial_plan_name", "uri_type"],
    users: Annotated[DataFrame, "enterprise_voice"],
) -> DataFrame:
    """{identity} is enabled for Enterprise Voice, but its UM dial plan {dial_plan_name} is not of type SIP URI.

    Lync hands its calls to SIP URI dial plans alone, so the user's voice mail is not reached. A user is moved to another plan by
    disabling and enabling.

    Remediation: Disable Unified Messaging for the user, keeping the properties, and enable it again in the SIP URI dial plan.
    Cmdlet: Disable-UMMailbox -KeepProperties $true; Enable-UMMailbox
    """
    both = joined(um_users, users)
    # links left on a user without UM are another fault, and there is nothing to disable and enable
    return both[both["um_here"] & both["enterprise_voice"] & both["uri_type"].isin(NOT_SIP_URI).astype(bool)]


@rule(
    "USR-010",
    Severity.HIGH,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="SEED",
    wave=Wave.FIX,
    csv=(ENABLE, *HOSTED),
    needs=Need.EXCHANGE,
)
def voice_mail_missing(
    users: Annotated[
        DataFrame,
        "enterprise_voice",
        "um_enabled",
        "mailbox_database",
        "recipient_type",
        "remote_recipient_type?",
        "target_address?",
        "object_class",
        "deployment_locator?",
    ],
    mailbox_homes: Annotated[DataFrame, "version_major", "version_minor"],
    voice_mail_settings: Annotated[DataFrame, "setting?"],
    target: Target,
) -> DataFrame:
    """{identity} is enabled for Enterprise Voice and has a mailbox, but no voice mail, neither Unified Messaging nor hosted.

    A call that is not answered rings out.

    Remediation: Enable Unified Messaging; where the mailbox is in Exchange Online or on Exchange 2019 or later, which have none,
    hosted voice mail.
    Cmdlet: Enable-UMMailbox | Set-CsUser -HostedVoiceMail $true
    """
    without = users[
        users["enterprise_voice"]
        & ~users["um_enabled"]
        & recipients.has_mailbox(users)
        & ~voice.mailbox_elsewhere(users)
        & ~voice.online(users)
        & ~voice.hosted_voice_mail(users, voice_mail_settings)
    ]
    found = joined(without, mailbox_homes)
    if target is Target.SFB_CLOUD_VOICEMAIL:
        return found.assign(csv=[HOSTED] * len(found))
    remote, able = found["mailbox_database"].isna(), topology.has_um(found)
    reasons = {
        "the mailbox is in Exchange Online, and whether it has voice mail is seen here only where that is written back": remote,
        "the release of its home server has no Unified Messaging": ~remote & ~able,
    }
    return found.assign(
        certainty=remote.map({True: Certainty.LIKELY.value, False: Certainty.CERTAIN.value}),
        because=told(reasons, found),
        wave=(able & ~remote).map({True: Wave.FIX.value, False: Wave.DECIDE.value}),
        csv=[(ENABLE,) if fixable else () for fixable in able & ~remote],
    )


@rule("USR-011", Severity.HIGH, Target.UM_LYNC, source="X-EUM", wave=Wave.FIX, csv=ADDRESSES, needs=Need.EXCHANGE)
def eum_addresses_incomplete(
    um_users: Annotated[DataFrame, "um_here", "dial_plan", "dial_plan_name", "sip_uri"],
    eum_addresses: Annotated[DataFrame, "primary", "kind", "foreign"],
) -> DataFrame:
    """{identity} is enabled for Unified Messaging in UM dial plan {dial_plan_name} but has no {lacking}.

    In a SIP URI dial plan, calls are delivered by the primary EUM address, the SIP address, and callers reach the user by a
    second one, the extension.

    Remediation: Add the missing addresses: the SIP address as primary EUM address, the extension as a secondary one.
    Cmdlet: Set-Mailbox -EmailAddresses @{Add="eum:..."}
    """
    users = um_users[um_users["um_here"] & um_users["dial_plan"].notna()]
    valid = eum_addresses[eum_addresses["kind"].notna()]
    primary = valid[valid["primary"]]
    own = primary[~primary["foreign"]]
    any_at_all, right = _have(users, valid), _have(users, own[own["kind"] == "sip"])
    # primary addresses of other phone contexts only: their context is the fault, and another rule names it
    elsewhere = _have(users, primary) & ~_have(users, own)
    judged = users["sip_uri"] & any_at_all & ~elsewhere
    faults = {
        "valid EUM address": ~any_at_all,
        "SIP address as primary EUM address": judged & ~right,
        "extension among its EUM addresses": judged & right & ~_have(users, valid[valid["kind"] == "extension"]),
    }
    lacking = told(faults, users)
    severity = (lacking == "extension among its EUM addresses").map({True: Severity.MEDIUM.value, False: Severity.HIGH.value})
    return users.assign(lacking=lacking, severity=severity)[lacking != ""]


@rule(
    "USR-012",
    Severity.HIGH,
    Target.UM_LYNC,
    source="X-DP, CMDLET Enable-UMMailbox",
    wave=Wave.FIX,
    csv=ADDRESSES,
    needs=Need.EXCHANGE,
)
def extension_length_wrong(
    um_users: Annotated[DataFrame, "um_here", "dial_plan_name", "sip_uri", "phone_context", "extension_digits"],
    eum_addresses: Annotated[DataFrame, "address", "primary", "kind", "context", "plan_digits"],
) -> DataFrame:
    """Extension {extensions} of {identity} does not have {extension_digits} digits, as all of UM dial plan {dial_plan_name} have.

    Exchange UM finds a user by an extension of exactly that length. Extensions in an equivalent phone context are not judged: it
    comes from another dial plan, which may have another length.

    Remediation: Correct the extension, or disable and enable the user with the right one.
    Cmdlet: Set-Mailbox -EmailAddresses | Disable-UMMailbox; Enable-UMMailbox
    """
    users = um_users[um_users["um_here"]]
    held = eum_addresses[(eum_addresses["kind"] == "extension") & eum_addresses["plan_digits"].notna()]
    known = held.merge(users[["guid", "phone_context"]], on="guid")
    known = known[known["context"].str.lower() == known["phone_context"].str.lower()]
    wrong = known[known["address"].str.len() != known["plan_digits"]]
    # an extension as primary address of a SIP URI plan is wrong as such, whatever its length
    wrong = wrong[~(wrong["primary"] & among(wrong["guid"], users.loc[users["sip_uri"], "guid"]))]
    extensions = topology.listed(wrong, "address", users["guid"])
    return users.assign(extensions=extensions)[extensions.notna()]


@rule("USR-016", Severity.LOW, Target.UM_LYNC, source="SEED", csv="31_um_mailbox_set", needs=Need.EXCHANGE)
def fax_enabled(
    um_users: Annotated[DataFrame, "um_here", "sip_uri", "dial_plan_name", "um_mailbox_policy"],
    users: Annotated[DataFrame, "um_fax", "um_fax_id?"],
    mailbox_policies: Annotated[DataFrame, "dn", "fax_server?", ...],
) -> DataFrame:
    """{identity} may receive faxes, which nobody in SIP URI UM dial plan {dial_plan_name} can.

    Exchange starts every user with faxes allowed; where a fax server or a fax identity is set as well, somebody counts on them.

    Remediation: Disable faxes for the user, and plan a fax service where they are needed.
    Cmdlet: Set-UMMailbox -FaxEnabled $false
    """
    both = joined(um_users, users)
    found = both[both["um_here"] & both["sip_uri"] & both["um_fax"]]
    servers = mailbox_policies.loc[mailbox_policies["fax_server"].notna(), "dn"]
    counted_on = {
        "its UM mailbox policy names a fax server": found["um_mailbox_policy"].isin(servers),
        "it has a fax identity": found["um_fax_id"].notna(),
    }
    because = told(counted_on, found)
    severity = (because == "").map({True: Severity.LOW.value, False: Severity.MEDIUM.value})
    return found.assign(
        because=because, severity=severity, evidence_um_fax=found["um_fax"], evidence_um_fax_id=found["um_fax_id"]
    )


@rule("USR-017", Severity.LOW, Target.UM_LYNC, source="SEED", needs=Need.EXCHANGE)
def missed_calls_untold(
    um_users: Annotated[DataFrame, "um_here"],
    users: Annotated[DataFrame, "enterprise_voice"],
    mailbox_homes: Annotated[DataFrame, "server_name", "version_major"],
) -> DataFrame:
    """{identity} is told of no missed call: the mailbox is on {server_name}, which runs Exchange 2007 or 2010.

    With Lync, Exchange UM tells of missed calls only where the mailbox is on Exchange 2013 or 2016.

    Remediation: Move the mailbox to Exchange 2013 or 2016.
    Cmdlet: New-MoveRequest
    """
    known = joined(um_users, users, mailbox_homes)
    found = known[known["um_here"] & known["enterprise_voice"] & known["version_major"].isin(WITHOUT_MISSED_CALLS).astype(bool)]
    return found.assign(evidence_server=found["server_name"], evidence_version_major=found["version_major"])


def _have(users: DataFrame, rows: DataFrame) -> Series:
    return among(users["guid"], rows["guid"])
