"""Where users are enabled for Unified Messaging: in the UM mailbox policy and UM dial plan of their site, else the only ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame, Series

from adinspect import topology
from adinspect.derived import taken_addresses as taken
from adinspect.frames import TEXT

UNSAID = "and the profile says none for the user (um_mailbox_policy of a [[site]])"


@dataclass(frozen=True)
class Place:
    """A UM mailbox policy and its SIP URI UM dial plan; without `policy_guid`, `choice` says why.

    `plan_dn` and `context` are the dial plan's; `digits` is 0 where it does not say how many an extension has.
    """

    choice: str | None = None
    policy_guid: str | None = None
    policy: str | None = None
    plan: str | None = None
    plan_dn: str | None = None
    context: str | None = None
    digits: int = 0


def places(users: DataFrame, placements: DataFrame, mailbox_policies: DataFrame, dial_plans: DataFrame) -> DataFrame:
    """The fields of Place for each user, on the index of the users.

    `placements` needs um_mailbox_policy, um_dial_plan and problem; `mailbox_policies` name and dial_plan; `dial_plans` name,
    uri_type, phone_context and extension_digits.
    """
    plans = topology.sip_uri_plans(dial_plans).add_prefix("plan_")
    fit = mailbox_policies.merge(plans, left_on="dial_plan", right_on="plan_dn")
    at = placements.set_index("guid").reindex(users["guid"])
    wishes = list(zip(*(at[one].astype(object).where(at[one].notna(), None) for one in WISHES), strict=True))
    known = {wish: _place(fit, *wish) for wish in set(wishes)}
    told = DataFrame([vars(known[wish]) for wish in wishes], columns=list(vars(Place())), index=users.index)
    return told.astype({name: TEXT for name in told.columns if name != "digits"})


WISHES = ("um_mailbox_policy", "um_dial_plan", "problem")


def _place(fit: DataFrame, policy: str | None, plan: str | None, problem: str | None) -> Place:
    found = fit
    for column, wish in (("name", policy), ("plan_name", plan)):
        found = found if wish is None else found[found[column] == wish]
    if len(found) == 1:
        only = found.iloc[0]
        return Place(
            policy_guid=only["guid"],
            policy=only["identity"],
            plan=only["plan_identity"],
            plan_dn=only["plan_dn"],
            context=_told(only["plan_phone_context"]),
            digits=0 if pd.isna(only["plan_extension_digits"]) else int(only["plan_extension_digits"]),
        )
    named = f"({', '.join(sorted(found['identity'])) or 'none'})"
    lead = f"{len(found)} UM mailbox policies lead to a SIP URI dial plan"
    if policy is None and plan is None:
        return Place(f"{lead}, so that the policy is a choice {named}, {problem or UNSAID}")
    said = ", ".join(f"{name} {wish}" for name, wish in zip(WISHES, (policy, plan), strict=False) if wish)
    return Place(f"{lead} and are what the profile says ({said}): {named}")


def _told(cell: object) -> str | None:
    return cell if isinstance(cell, str) else None


def contexts(dial_plans: DataFrame, dial_plan_equivalents: DataFrame) -> Mapping[str, frozenset[str]]:
    """The phone contexts of each UM dial plan by its DN, in lower case, equivalent ones included."""
    rows = pd.concat([dial_plans[["dn", "phone_context"]], dial_plan_equivalents[["dn", "phone_context"]]]).dropna()
    rows = rows.assign(phone_context=rows["phone_context"].str.lower())
    return {str(dn): frozenset(held) for dn, held in rows.groupby("dn")["phone_context"]}


def in_plans(taken_addresses: DataFrame, of_plans: Mapping[str, frozenset[str]]) -> DataFrame:
    """The EUM addresses in the contexts of these UM dial plans: `address` is the address, a semicolon and the DN of the plan."""
    eum = taken_addresses[taken_addresses["scheme"] == taken.EUM]
    pairs = DataFrame([(context, dn) for dn, held in of_plans.items() for context in held], columns=["context", "plan_dn"])
    rows = eum.merge(pairs.astype({"context": eum["context"].dtype, "plan_dn": eum["context"].dtype}), on="context")
    return rows.assign(address=rows["address"] + ";" + rows["plan_dn"])


def in_service(extensions: Series, plans: Series, extension_plans: DataFrame) -> Series:
    """Whether each extension is a number that services of the UM dial plan of that name answer (bool)."""
    services = extension_plans.dropna(subset=["plan", "number"])
    answered = set(zip(services["plan"], services["number"], strict=True))
    return Series([pair in answered for pair in zip(plans, extensions, strict=True)], extensions.index, dtype=bool)
