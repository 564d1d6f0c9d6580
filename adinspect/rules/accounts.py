"""Rules about the account behind a voice user: disabled, or owned by an account of another forest."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect import recipients, voice
from adinspect.finding import Certainty, Severity, Target, Wave
from adinspect.recipients import RecipientType
from adinspect.rule import Need, rule

SELF = "S-1-5-10"
"""The well-known SID that Exchange writes as master account of shared and room mailboxes: nobody of another forest."""


@rule("CNS-013", Severity.HIGH, source="practice", wave=Wave.EXCLUDE)
def disabled_account_in_lync(
    users: Annotated[
        DataFrame, "account_disabled", "sip_enabled", "recipient_type?", "master_account_sid?", "originator_sid?", "owner_urn?"
    ],
) -> DataFrame:
    """The account of {identity} is disabled, yet the user is still enabled for Lync / Skype for Business.

    Somebody who has left keeps a number and a licence, and a client certificate signs in without the account for a while.

    Remediation: Disable the user in Lync, which can be taken back, or remove it.
    Cmdlet: Set-CsUser -Enabled $false | Disable-CsUser
    """
    return users[_disabled_person(users) & users["sip_enabled"].fillna(False).astype(bool)]


@rule("CNS-014", Severity.MEDIUM, Target.UM_LYNC, source="practice", wave=Wave.EXCLUDE, needs=Need.EXCHANGE)
def disabled_account_in_um(
    users: Annotated[
        DataFrame,
        "account_disabled",
        "um_enabled",
        "recipient_type?",
        "master_account_sid?",
        "originator_sid?",
        "owner_urn?",
        "object_class",
    ],
) -> DataFrame:
    """The account of {identity} is disabled, yet the mailbox is still enabled for Unified Messaging.

    It holds an extension that nobody else can have.

    Remediation: Disable Unified Messaging for the user.
    Cmdlet: Disable-UMMailbox
    """
    return users[_disabled_person(users) & users["um_enabled"] & ~voice.mailbox_elsewhere(users)]


@rule("CNS-025", Severity.MEDIUM, Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL, source="H-AAD", wave=Wave.BLOCK)
def forest_link_incomplete(
    users: Annotated[
        DataFrame,
        "account_disabled",
        "recipient_type",
        "master_account_sid",
        "originator_sid",
        "mailbox_database",
        "sip_enabled",
    ],
) -> DataFrame:
    """{identity} belongs to account {master_account_sid} of another forest, but Lync knows it as {originator_sid}.

    Lync lets the account of the other forest sign in by that SID, and hybrid sign-in needs the same one.

    Remediation: Write the SID of the account, as SidMap does.
    Cmdlet: SidMap.wsf, or Set-ADUser
    """
    master, originator = users["master_account_sid"].where(users["master_account_sid"] != SELF), users["originator_sid"]
    linked = master.notna() | recipients.of_type(users, RecipientType.LINKED)
    enabled = users["sip_enabled"].fillna(False).astype(bool)
    used = users["account_disabled"] & (users["mailbox_database"].notna() | enabled)
    # without a master account there is nothing that an originator could differ from
    wrong = originator.isna() | (master.notna() & (originator != master))
    # rooms and shared mailboxes have a disabled account that nobody signs in with
    found = linked & used & wrong & ~recipients.of_type(users, *recipients.IMPERSONAL)
    because = "the user is not enabled for Lync, which needs the link only from then on"
    return users.assign(
        certainty=enabled.map({True: Certainty.CERTAIN.value, False: Certainty.LIKELY.value}),
        because=enabled.map({True: "", False: because}),
    )[found]


def _disabled_person(users: DataFrame) -> Series:
    """Disabled accounts of people of this forest: of no room, shared or linked mailbox, device or account elsewhere."""
    master = users["master_account_sid"]
    linked = (
        recipients.of_type(users, RecipientType.LINKED) | (master.notna() & (master != SELF)) | users["originator_sid"].notna()
    )
    impersonal = recipients.of_type(users, *recipients.IMPERSONAL) | users["owner_urn"].notna()
    return users["account_disabled"] & ~linked & ~impersonal
