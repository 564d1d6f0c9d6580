"""Voice mail after Exchange UM: which mailboxes Cloud Voicemail serves, what is left of UM, and what is lost with it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import numpy as np
from pandas import DataFrame, Series

from adinspect import addresses, products, recipients, topology, voice
from adinspect.derived import joined
from adinspect.finding import Certainty, Severity, Target, Wave
from adinspect.membership import among
from adinspect.products import CloudVoicemail
from adinspect.rule import Need, Skipped, rule
from adinspect.rules.synchronization import Voice
from adinspect.wording import told

CLOUD = (Target.SFB_CLOUD_VOICEMAIL, Target.TEAMS_PHONE)

TEAMS = "teams"
"""The home that products.toml calls a user by who is homed in Teams."""


class HomeVersion(StrEnum):
    """The version of the pools that users on-premises are homed on, as products.toml calls them."""

    LYNC_2013 = "lync-2013"
    SFB_2015 = "sfb-2015"
    SFB_2019 = "sfb-2019"
    SFB_SE = "sfb-se"


@rule("MIG-009", Severity.HIGH, *CLOUD, source="L-CVM", wave=Wave.BLOCK, needs=Need.EXCHANGE)
def mailbox_not_served(
    users: Annotated[
        Voice,
        "mailbox_database",
        "recipient_type",
        "remote_recipient_type?",
        "target_address?",
        "object_class",
        "deployment_locator?",
    ],
    mailbox_homes: Annotated[DataFrame, "server_name", "version_major", "version_minor", "version_build", "resolved"],
    target: Target,
    home_version: HomeVersion | None = None,
) -> DataFrame | Skipped:
    """The mailbox of {identity} is on {product}, but Cloud Voicemail serves {served} for such a user.

    Voice messages must reach the mailbox. Those in Exchange Online are served always, those on-premises by the release of
    Exchange and by where the user is homed. For a user on-premises that takes the version of Skype for Business, which the
    directory does not show: for that target the rule is skipped unless `home_version` names the one of all pools. A
    mailbox that has Exchange UM as long as it stays where it is, is named too: the target is Cloud Voicemail. Whoever is to have
    voice or has any of it now is judged.

    Remediation: Move the mailbox.
    Cmdlet: New-MoveRequest
    """
    if target is Target.SFB_CLOUD_VOICEMAIL and home_version is None:
        return Skipped("the profile does not say home_version ([rules.MIG-009]), and the directory does not show it")
    concerned = (users["expected"] | voice.in_estate(users)) & ~voice.mailbox_elsewhere(users)
    here = users["mailbox_database"].notna() & ~recipients.remote_mailbox(users)
    homes = joined(users[concerned & here], mailbox_homes)
    in_teams = voice.online(homes) | (target is Target.TEAMS_PHONE)
    entries = products.cloud_voicemail()
    verdict = _verdict(homes, entries[TEAMS])
    if home_version is not None:
        verdict = verdict.where(in_teams, _verdict(homes, entries[home_version.value]))
    homes = homes.assign(
        product=products.exchange(homes).fillna("a server whose release is not known"),
        served=verdict["served"],
        because=verdict["doubt"],
        certainty=(verdict["doubt"] == "").map({True: Certainty.CERTAIN.value, False: Certainty.LIKELY.value}),
        evidence_server=homes["server_name"],
        evidence_deployment_locator=homes["deployment_locator"],
    )
    return homes[~verdict["fits"].astype(bool)]


def _verdict(homes: DataFrame, entry: CloudVoicemail) -> DataFrame:
    """Whether Cloud Voicemail serves each on-premises mailbox for users of one home (`fits`); `doubt` is what a no depends on."""
    if entry.first is None:
        return DataFrame({"fits": False, "served": "no mailbox on-premises", "doubt": entry.assumed}, homes.index)
    doubts = {
        "the build of its home server is not known": ~homes["resolved"] | products.undecided(homes, entry.first),
        entry.assumed: Series(bool(entry.assumed), homes.index),
    }
    fits = products.at_least(homes, entry.first)
    return DataFrame({"fits": fits, "served": f"mailboxes from {entry.called} on", "doubt": told(doubts, homes)})


@rule("MIG-010", Severity.HIGH, *CLOUD, source="L-CVM, X-DISC", wave=Wave.DECIDE, needs=Need.EXCHANGE)
def um_data_left(
    users: Annotated[
        DataFrame,
        "um_enabled",
        "recipient_type",
        "remote_recipient_type?",
        "target_address?",
        "object_class",
        "deployment_locator?",
    ],
    mailbox_homes: Annotated[DataFrame, "version_major", "version_minor"],
    proxy_addresses: Annotated[DataFrame, "address"],
) -> DataFrame:
    """{identity} still has {left}, although {where}.

    Unified Messaging ended in Exchange Online in 2020, and Exchange 2019 and later have none: what is left of it leads calls
    nowhere.

    Remediation: Remove what is left, and set the user up for Cloud Voicemail.
    Cmdlet: Set-CsUser -HostedVoiceMail $true; Set-RemoteMailbox -EmailAddresses
    """
    rows = joined(users[~voice.mailbox_elsewhere(users)], mailbox_homes)
    with_eum = proxy_addresses.loc[addresses.is_eum(proxy_addresses["address"]), "guid"]
    where = told(
        {
            "the user is homed in Teams": voice.online(rows),
            "the mailbox is in Exchange Online": recipients.remote_mailbox(rows),
            "the mailbox is on a release of Exchange without Unified Messaging": ~topology.has_um(rows),
        },
        rows,
    )
    left = told({"Unified Messaging on": rows["um_enabled"], "EUM addresses": among(rows["guid"], with_eum)}, rows)
    return rows.assign(where=where, left=left, evidence_left=left, evidence_where=where)[(where != "") & (left != "")]


@rule(
    "MIG-011",
    Severity.HIGH,
    Target.SFB_CLOUD_VOICEMAIL,
    source="L-CVM, CMDLET Grant-CsHostedVoicemailPolicy",
    wave=Wave.FIX,
    csv=("24_cs_hostedvm_grant", "25_cs_hostedvm_set"),
)
def hosted_voice_mail_off(
    users: Annotated[DataFrame, "enterprise_voice", "object_class", "deployment_locator?"],
    voice_mail_settings: Annotated[DataFrame, "setting?"],
) -> DataFrame:
    """{identity} is enabled for Enterprise Voice but not for hosted voice mail.

    Skype for Business hands an unanswered call to Cloud Voicemail only for users it is switched on for, by way of a hosted voice
    mail policy with the destination exap.um.outlook.com; the policies are not in the directory.

    Remediation: Grant the policy first, then switch hosted voice mail on.
    Cmdlet: Grant-CsHostedVoicemailPolicy; Set-CsUser -HostedVoiceMail $true
    """
    return users[
        users["enterprise_voice"]
        & ~voice.online(users)
        & ~voice.mailbox_elsewhere(users)
        & ~voice.hosted_voice_mail(users, voice_mail_settings)
    ]


@rule("MIG-012", Severity.MEDIUM, *CLOUD, source="L-CVM", needs=Need.EXCHANGE)
def auto_attendant_to_rebuild(
    auto_attendants: Annotated[DataFrame, "dial_plan", "language?", "business_hours?", "operator_extension?"],
    auto_attendant_numbers: Annotated[DataFrame, "number"],
    auto_attendant_holidays: Annotated[DataFrame, "holiday?"],
) -> DataFrame:
    """UM auto attendant {identity} (numbers: {numbers}) must be built anew as a cloud auto attendant.

    Nothing converts it: prompts, key mappings, hours and holidays are entered again. What the directory keeps of them is listed.

    Remediation: Build it anew with a resource account, and move the number to it.
    Cmdlet: New-CsAutoAttendant; New-CsOnlineApplicationInstance
    """
    guids = auto_attendants["guid"]
    numbers = topology.listed(auto_attendant_numbers, "number", guids)
    return auto_attendants.assign(
        numbers=numbers,
        evidence_numbers=numbers,
        evidence_dial_plan=auto_attendants["dial_plan"],
        evidence_language=auto_attendants["language"],
        evidence_operator=auto_attendants["operator_extension"],
        evidence_business_hours=auto_attendants["business_hours"],
        evidence_holidays=topology.listed(auto_attendant_holidays, "holiday", guids),
    )


@rule("MIG-020", Severity.MEDIUM, *CLOUD, source="L-CVM, T-UPG", needs=Need.EXCHANGE)
def um_features_lost(
    users: Annotated[DataFrame, "um_enabled", "um_flags", "um_operator", "object_class"],
) -> DataFrame:
    """{identity} loses what Unified Messaging has set up: {features}.

    Cloud Voicemail has none of it, and forwarding, delegates and call answering rules do not come along. What a user is set up
    for is in the directory, what is really used is not; call answering rules are kept in the mailbox.

    Remediation: Tell the user before the change.
    Cmdlet: (communication)
    """
    rows = users[users["um_enabled"] & ~voice.mailbox_elsewhere(users)]
    flags = rows["um_flags"].fillna(0).astype("int64").to_numpy()
    features = {text: Series(np.bitwise_and(flags, bit) != 0, rows.index) for bit, text in voice.UM_FEATURES.items()}
    lost = told({**features, "an operator of the user's own": rows["um_operator"].notna()}, rows, joint=", ")
    return rows.assign(features=lost)[lost != ""]
