"""CSVs about mailboxes in Exchange Unified Messaging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, recipients, topology, voice
from adinspect.derived import taken_addresses as taken
from adinspect.proposals import everybody, found, proposes, reviewed
from adinspect.proposals.holding import held_by
from adinspect.step import WHY


@dataclass(frozen=True)
class Place:
    """Where users are to be enabled for UM: the policy and its SIP URI dial plan; without `policy_guid`, `choice` says why.

    `digits` is 0 where the plan does not say how many an extension has; `contexts` are its phone contexts in lower case,
    equivalent ones included.
    """

    choice: str = ""
    policy_guid: str | None = None
    policy: str = ""
    plan: str = ""
    digits: int = 0
    contexts: frozenset[str] = frozenset()

    @property
    def told(self) -> str | None:
        """The names behind the GUID."""
        return f"UM mailbox policy {self.policy}, UM dial plan {self.plan}." if self.policy_guid else None


def _place(mailbox_policies: DataFrame, dial_plans: DataFrame, dial_plan_equivalents: DataFrame) -> Place:
    """The only UM mailbox policy that leads to a SIP URI dial plan."""
    plans = topology.sip_uri_plans(dial_plans).add_prefix("plan_")
    fit = mailbox_policies.merge(plans, left_on="dial_plan", right_on="plan_dn")
    if len(fit) != 1:
        named = ", ".join(sorted(fit["identity"]))
        return Place(
            f"{len(fit)} UM mailbox policies lead to a SIP URI dial plan, so that the policy is a choice ({named or 'none'})"
        )
    only = fit.iloc[0]
    equivalent = dial_plan_equivalents.loc[dial_plan_equivalents["dn"] == only["plan_dn"], "phone_context"]
    return Place(
        policy_guid=only["guid"],
        policy=only["identity"],
        plan=only["plan_identity"],
        digits=0 if pd.isna(only["plan_extension_digits"]) else int(only["plan_extension_digits"]),
        contexts=frozenset(context.lower() for context in (only["plan_phone_context"], *equivalent) if isinstance(context, str)),
    )


@proposes("30_um_mailbox_enable")
def um_mailbox_enable(
    users: Annotated[
        DataFrame,
        "um_enabled",
        "sip_address",
        "line_uri",
        "telephone_number",
        "mailbox_database",
        "recipient_type",
        "account_disabled",
        "deployment_locator?",
        "object_class",
    ],
    findings: Annotated[DataFrame, "rule"],
    voice_mail_settings: Annotated[DataFrame, "setting?"],
    mailbox_homes: Annotated[DataFrame, "version_major", "version_minor", "resolved"],
    mailbox_policies: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "uri_type", "phone_context", "extension_digits"],
    dial_plan_equivalents: Annotated[DataFrame, "phone_context?"],
    taken_addresses: Annotated[DataFrame, "scheme", "stored", "address", "context"],
) -> DataFrame:
    """The only UM mailbox policy of a SIP URI dial plan, the last digits of the user's number as extension, the SIP address."""
    place = _place(mailbox_policies, dial_plans, dial_plan_equivalents)
    sip, extension = users["sip_address"], _extension(users, place.digits)
    eum = taken_addresses[taken_addresses["scheme"] == taken.EUM]
    in_plan, left = eum[eum["context"].isin(place.contexts)], topology.listed(eum, "stored", users["guid"])
    known = pd.concat([taken_addresses[taken_addresses["scheme"] == taken.SIP], in_plan])
    return reviewed(
        _enabling(users, place, extension),
        {
            "UMMailboxPolicy": {
                "is enabled for Unified Messaging, and has to be disabled first (29_um_mailbox_disable)": (
                    users["um_enabled"] | found(users, findings, "USR-004", "USR-005", "CNS-007")
                ),
                **_mailbox_doubts(users, voice_mail_settings, mailbox_homes),
                "Enable-UMMailbox would remove its EUM addresses: ": left.where(~users["um_enabled"]),
                place.choice: everybody(users, place.policy_guid is None),
            },
            "Extensions": _extension_doubts(users, place, extension, in_plan),
            "SIPResourceIdentifier": {
                "has no SIP address: enable for Lync first, then collect again": sip.isna(),
                "the SIP address is held by others too: ": held_by(users, sip, addresses.without_scheme(sip), known),
            },
        },
    )


def _enabling(users: DataFrame, place: Place, extension: Series) -> DataFrame:
    """What Enable-UMMailbox is given for each user, as far as it is known; nothing was set before."""
    return users[["guid"]].assign(
        Identity=users["guid"],
        UMMailboxPolicy=place.policy_guid,
        Extensions=[None if pd.isna(one) else (one,) for one in extension],
        SIPResourceIdentifier=users["sip_address"].str.replace(r"^[Ss][Ii][Pp]:", "", regex=True),
        PINExpired=True,
        NotifyEmail=None,
        **{WHY: place.told},
    )


def _mailbox_doubts(users: DataFrame, voice_mail_settings: DataFrame, mailbox_homes: DataFrame) -> dict[str, Series]:
    here = users["mailbox_database"].notna()
    homes_of = users[["guid"]].merge(mailbox_homes, on="guid", how="left", validate="one_to_one").set_axis(users.index)
    linked = recipients.of_type(users, recipients.RecipientType.LINKED)
    return {
        "is homed online": voice.online(users),
        "is a contact for a user of another forest, whose mailbox is there": voice.mailbox_elsewhere(users),
        "hosted voice mail is on, and Enable-UMMailbox would clear it": voice.hosted_voice_mail(users, voice_mail_settings),
        "has no mailbox on a server of this organization": ~here,
        "the release of its home server is not known, and Exchange 2019 and later have no Unified Messaging": (
            here & ~homes_of["resolved"].astype(bool)
        ),
        "its home server has no Unified Messaging": here & ~topology.has_um(homes_of),
        "the account is disabled": users["account_disabled"] & ~linked,
    }


def _extension(users: DataFrame, digits: int) -> Series:
    """The extension of that many digits that each user's number ends with; missing where none can be told."""
    line = addresses.number(users["line_uri"].where(addresses.matches(users["line_uri"], addresses.E164_URI)))
    # a line that is no number may stand for one that the telephone number is not
    base = line["base"].where(users["line_uri"].notna(), addresses.international(users["telephone_number"]))
    pairs = zip(base, line["extension"].fillna(""), strict=True)
    return Series([_last(base, extension, digits) for base, extension in pairs], users.index, dtype=users["line_uri"].dtype)


def _last(number: str | float, extension: str, digits: int) -> str | None:
    if not isinstance(number, str) or not digits:
        return None
    if len(extension) == digits:
        return extension
    bare = number.removeprefix("+")
    # an extension of another length is one the number ends with, or one of another numbering
    return bare[-digits:] if len(bare) >= digits and bare.endswith(extension) else None


def _extension_doubts(users: DataFrame, place: Place, extension: Series, in_plan: DataFrame) -> dict[str, Series]:
    if place.policy_guid is None:
        return {"how many digits an extension has depends on the UM dial plan": everybody(users, True)}
    if not place.digits or not place.contexts:
        unsaid = f"UM dial plan {place.plan} does not say how many digits an extension has, or has no phone context"
        return {unsaid: everybody(users, True)}
    untold = f"neither line URI nor telephone number tells an extension of {place.digits} digits"
    holding = held_by(users, extension, extension, in_plan)
    return {untold: extension.isna(), f"the extension is taken in UM dial plan {place.plan}: ": holding}
