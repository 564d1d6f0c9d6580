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

POLICY_AND_SWITCH = ("24_cs_hostedvm_grant", "25_cs_hostedvm_set")

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
    cs_serverversion: Annotated[DataFrame | None, "component"],
    target: Target,
    home_version: HomeVersion | None = None,
) -> DataFrame | Skipped:
    """The mailbox of {identity} is on {product}, but Cloud Voicemail serves {served} for such a user.

    Voice messages must reach the mailbox. Those in Exchange Online are served always, those on-premises by the release of
    Exchange and by where the user is homed. For a user on-premises that takes the version of Skype for Business, which the
    directory does not show: for that target the rule is skipped unless `home_version` names the one of all pools, or every server
    that answered (cs-serverversion.csv) runs the same one. A mailbox that has Exchange UM as long as it stays where it is, is
    named too: the target is Cloud Voicemail. Whoever is to have voice or has any of it now is judged.

    Remediation: Move the mailbox.
    Cmdlet: New-MoveRequest
    """
    versions = _versions(cs_serverversion)
    answered = home_version is None and len(versions) == 1
    home_version = versions[0] if answered else home_version
    if target is Target.SFB_CLOUD_VOICEMAIL and home_version is None:
        shown = ", ".join(versions) or "none of a pool"
        why = "the directory does not show it" if cs_serverversion is None else f"cs-serverversion.csv shows {shown}"
        return Skipped(f"the profile does not say home_version ([rules.MIG-009]), and {why}")
    concerned = (users["expected"] | voice.in_estate(users)) & ~voice.mailbox_elsewhere(users)
    here = users["mailbox_database"].notna() & ~recipients.remote_mailbox(users)
    homes = joined(users[concerned & here], mailbox_homes)
    in_teams = voice.online(homes) | (target is Target.TEAMS_PHONE)
    entries = products.cloud_voicemail()
    verdict = _verdict(homes, entries[TEAMS])
    if home_version is not None:
        assumed = "a server that did not answer may run another version of Skype for Business" if answered else ""
        verdict = verdict.where(in_teams, _verdict(homes, entries[home_version.value], assumed))
    homes = homes.assign(
        product=products.exchange(homes).fillna("a server whose release is not known"),
        served=verdict["served"],
        because=verdict["doubt"],
        certainty=(verdict["doubt"] == "").map({True: Certainty.CERTAIN.value, False: Certainty.LIKELY.value}),
        evidence_server=homes["server_name"],
        evidence_deployment_locator=homes["deployment_locator"],
    )
    return homes[~verdict["fits"].astype(bool)]


COMPONENTS = {
    HomeVersion.LYNC_2013: "Lync Server 2013",
    HomeVersion.SFB_2015: "Skype for Business Server 2015",
    HomeVersion.SFB_2019: "Skype for Business Server 2019",
    HomeVersion.SFB_SE: "Skype for Business Server Subscription Edition",
}
"""What the names of a version's components hold (Get-CsServerPatchVersion, ComponentName)."""


def _versions(cs_serverversion: DataFrame | None) -> list[HomeVersion]:
    """The versions whose Front End Servers answered, told by the component that only those have."""
    if cs_serverversion is None:
        return []
    names = cs_serverversion["component"].str.lower()
    front_ends = names[names.str.contains("front end", regex=False, na=False).astype(bool)]
    return [one for one, name in COMPONENTS.items() if front_ends.str.contains(name.lower(), regex=False).any()]


def _verdict(homes: DataFrame, entry: CloudVoicemail, assumed: str = "") -> DataFrame:
    """Whether Cloud Voicemail serves each on-premises mailbox for users of one home (`fits`); `doubt` is what a no depends on."""
    doubt = "; ".join(filter(None, (entry.assumed, assumed)))
    if entry.first is None:
        return DataFrame({"fits": False, "served": "no mailbox on-premises", "doubt": doubt}, homes.index)
    doubts = {
        "the build of its home server is not known": ~homes["resolved"] | products.undecided(homes, entry.first),
        doubt: Series(bool(doubt), homes.index),
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
    csv=POLICY_AND_SWITCH,
)
def hosted_voice_mail_off(
    users: Annotated[DataFrame, "enterprise_voice", "object_class", "deployment_locator?"],
    voice_mail_settings: Annotated[DataFrame, "setting?"],
    lync_users: Annotated[DataFrame | None, "hosted_voice_mail", "hosted_voice_mail_policy"],
    cs_hostedvm: Annotated[DataFrame | None, "scope", "destination", "organization"],
) -> DataFrame:
    """{identity} is enabled for Enterprise Voice, but {fault}.

    Skype for Business hands an unanswered call to Cloud Voicemail only for users it is switched on for, by way of a hosted voice
    mail policy with the destination exap.um.outlook.com and an organization. The policies are not in the directory. Where they
    were supplied, the one granted to a user is judged; where Lync did not tell of any, a user is named only if none of all the
    policies leads there.

    Remediation: Grant the policy first, then switch hosted voice mail on.
    Cmdlet: Grant-CsHostedVoicemailPolicy; Set-CsUser -HostedVoiceMail $true
    """
    judged = users[users["enterprise_voice"] & ~voice.online(users) & ~voice.mailbox_elsewhere(users)]
    off = ~voice.hosted_voice_mail(judged, voice_mail_settings)
    lync = lync_users if lync_users is not None else DataFrame(columns=["guid", *LYNC_SAYS], dtype="str")
    policy = judged["guid"].map(lync.set_index("guid")["hosted_voice_mail_policy"]).astype("str")
    astray = _leads_elsewhere(policy, cs_hostedvm)
    fault = told(
        {"hosted voice mail is off": off, "its hosted voice mail policy does not lead to Cloud Voicemail": ~off & astray}, judged
    )
    # the one was read before the other, or what Lync holds never reached the directory
    contradicted = off & judged["guid"].isin(lync.loc[lync["hosted_voice_mail"].eq(True).fillna(False).astype(bool), "guid"])
    return judged.assign(
        fault=fault,
        certainty=contradicted.map({True: Certainty.LIKELY.value, False: Certainty.CERTAIN.value}),
        because=contradicted.map({True: "Lync says that it is on, and the directory that it is not", False: ""}),
        csv=[POLICY_AND_SWITCH if one else POLICY_AND_SWITCH[:1] for one in off],
        evidence_hosted_voice_mail=~off,
        evidence_policy=policy,
    )[fault != ""]


LYNC_SAYS = ("hosted_voice_mail", "hosted_voice_mail_policy")

CLOUD_VOICEMAIL = "exap.um.outlook.com"
"""Where a hosted voice mail policy sends calls for Cloud Voicemail (Plan Cloud Voicemail)."""


def _leads_elsewhere(policy: Series, cs_hostedvm: DataFrame | None) -> Series:
    """Whether the policy granted to each user does not lead to Cloud Voicemail; where it is not known, whether none does."""
    if cs_hostedvm is None or cs_hostedvm.empty:
        return Series(False, policy.index)
    leads = (cs_hostedvm["destination"].str.strip().str.lower() == CLOUD_VOICEMAIL) & cs_hostedvm["organization"].notna()
    of_policy = dict(zip(cs_hostedvm["scope"].str.lower().str.removeprefix("tag:"), leads, strict=True))
    names = policy.str.lower().str.removeprefix("tag:")
    return Series([not of_policy.get(name, leads.any()) for name in names], policy.index, dtype=bool)


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
