"""What EUM and other proxy addresses users have, which of them outlast a change of the UM dial plan, and which are to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pandas import DataFrame, Series

from adinspect import addresses
from adinspect.membership import among

Users: TypeAlias = Annotated[
    DataFrame,
    "um_enabled",
    "sip_address",
    "line_uri",
    "telephone_number",
    "mailbox_database",
    "recipient_type",
    "account_disabled",
    "enterprise_voice",
    "deployment_locator?",
    "object_class",
]
"""The users, with all that tells whether and how they can be enabled for Unified Messaging."""


def present_addresses(users: DataFrame, proxy_addresses: DataFrame, *, eum: bool = True) -> list[tuple[str, ...]]:
    """The proxy addresses of each user, sorted as Unicode sorts; those of EUM only where they are asked for."""
    rows = proxy_addresses[among(proxy_addresses["guid"], users["guid"])]
    rows = rows if eum else rows[~addresses.is_eum(rows["address"])]
    held: dict[str, list[str]] = {}
    for guid, address in zip(rows["guid"].tolist(), rows["address"].tolist(), strict=True):
        held.setdefault(guid, []).append(address)
    return [tuple(sorted(held.get(guid, ()))) for guid in users["guid"]]


def kept(users: DataFrame, at: DataFrame, eum_addresses: DataFrame, of_plans: Mapping[str, frozenset[str]]) -> DataFrame:
    """The EUM addresses that stay true when users are enabled in another UM dial plan: those of their secondary ones.

    That is the rows of eum_addresses in a UM dial plan that exists, which is neither the user's own, nor that of a primary
    address, nor the one they get. `at` is what um_places.places gives.
    """
    held = eum_addresses[among(eum_addresses["guid"], users["guid"]) & eum_addresses["kind"].notna()]
    context = held["context"].str.lower()
    every = frozenset[str]().union(*of_plans.values())
    left = held[held["primary"]].assign(context=context).groupby("guid")["context"].agg(frozenset).to_dict()
    coming = {
        guid: of_plans.get(plan, frozenset()) if isinstance(plan, str) else frozenset()
        for guid, plan in zip(users["guid"], at["plan_dn"], strict=True)
    }
    gone = (left.get(guid, frozenset()) | coming[guid] for guid in held["guid"])
    stays = [one in every and one not in those for one, those in zip(context, gone, strict=True)]
    return held[Series(stays, held.index, dtype=bool) & ~held["own"]]


def extension_of_number(users: DataFrame, digits: Series, proposed_numbers: DataFrame | None) -> Series:
    """The extension of that many digits that each user's number ends with, or that of the line they get; else missing."""
    line = addresses.number(users["line_uri"].where(addresses.matches(users["line_uri"], addresses.E164_URI)))
    # a line that is no number may stand for one that the telephone number is not
    base = line["base"].where(users["line_uri"].notna(), addresses.international(users["telephone_number"]))
    lines = zip(base, line["extension"].fillna(""), digits, strict=True)
    own = Series([_last(*one) for one in lines], users.index, dtype=users["line_uri"].dtype)
    if proposed_numbers is None:
        return own
    proposed = users["guid"].map(proposed_numbers.set_index("guid")["extension"]).astype(own.dtype)
    fits = (proposed.str.len() == digits) & (own.notna() | users["line_uri"].isna())
    return proposed.where(fits.fillna(False).astype(bool), own)


def _last(number: str | float, extension: str, digits: int) -> str | None:
    if not isinstance(number, str) or not digits:
        return None
    if len(extension) == digits:
        return extension
    bare = number.removeprefix("+")
    # an extension of another length is one the number ends with, or one of another numbering
    return bare[-digits:] if len(bare) >= digits and bare.endswith(extension) else None
