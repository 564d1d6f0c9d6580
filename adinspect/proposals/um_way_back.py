"""Why a mailbox that was disabled for Unified Messaging could not be enabled again as it was: there is no way back for it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pandas import DataFrame, Series

from adinspect import topology
from adinspect.proposals import reasons
from adinspect.proposals.holding import held_by
from adinspect.proposals.um_places import contexts, in_plans
from adinspect.readings.unified_messaging import extensions, resource_identifier
from adinspect.step import UNKNOWN

Places: TypeAlias = Annotated[
    DataFrame, "policy_plan", "policy_plan_name", "plan_found", "dial_plan", "uri_type", "extension_digits"
]

NEEDS_IDENTIFIER = (topology.SIP_URI, topology.E164)
"""URI types of UM dial plans in which Enable-UMMailbox takes an identifier (Enable-UMMailbox, SIPResourceIdentifier)."""


def unable(
    users: DataFrame,
    um_users: DataFrame,
    eum_addresses: DataFrame,
    taken_addresses: DataFrame,
    dial_plans: DataFrame,
    dial_plan_equivalents: DataFrame,
) -> Series:
    """Why Enable-UMMailbox would refuse each user with the policy, extensions and identifier there are now; empty: it would not.

    `eum_addresses` needs guid, primary, address, kind and own; `taken_addresses` what um_places.in_plans does.
    """
    at = users[["guid"]].merge(um_users, on="guid", validate="one_to_one").set_axis(users.index)
    plan, named = at["policy_plan"], at["policy_plan_name"].astype(object)
    same = plan == at["dial_plan"]
    held = extensions(users["guid"], eum_addresses)
    wrong = map(_of_another_length, held, at["extension_digits"].fillna(0).astype(int))
    identifier = resource_identifier(users["guid"], um_users, eum_addresses)
    lacks = at["uri_type"].isin(NEEDS_IDENTIFIER).astype(bool) & (identifier.isna() | (identifier == UNKNOWN))
    taken = in_plans(taken_addresses, contexts(dial_plans, dial_plan_equivalents))
    return reasons(
        users,
        {
            "its UM mailbox policy leads to no UM dial plan": plan.isna(),
            "it is not in the UM dial plan of its UM mailbox policy, ": named.where(plan.notna() & ~same),
            "it has no extension": held.isna(),
            "an extension has not as many digits as those of the UM dial plan: ": Series(list(wrong), users.index, dtype=object),
            "it has no primary EUM address, or several": lacks & same,
            "an address is held by others too: ": _taken(users, plan, held, identifier, taken),
        },
    )


def _of_another_length(told: object, digits: int) -> str | None:
    of_it = told if isinstance(told, tuple) else ()
    return ", ".join(one for one in of_it if digits and len(one) != digits) or None


def _taken(users: DataFrame, plan: Series, held: Series, identifier: Series, taken: DataFrame) -> Series:
    """The addresses of each user that another one has in the same UM dial plan, and who; missing where there is none."""
    pairs = zip(held, identifier.where(identifier != UNKNOWN), strict=True)
    every = [(*(told if isinstance(told, tuple) else ()), *([one] if isinstance(one, str) else [])) for told, one in pairs]
    each = users[["guid", "identity"]].assign(address=Series(every, users.index, dtype=object), plan=plan).explode("address")
    each = each.dropna(subset=["address", "plan"]).reset_index(names="user").astype({"address": plan.dtype})
    others = each.assign(held=held_by(each, each["address"], each["address"].str.lower() + ";" + each["plan"], taken))
    told = others.dropna(subset="held").groupby("user")["held"].agg("; ".join)
    return told.astype(object).reindex(users.index)
