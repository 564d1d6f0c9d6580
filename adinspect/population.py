"""Who should have voice: column `expected` of `users`, from the profile's population."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd
from pandas import DataFrame, Series

from adinspect import distinguished_name
from adinspect.profile import LINKED_MAILBOX, Listed, Population, Profile
from adinspect.visibility import State, Unseen, rows

READ = ("object_class", "account_disabled", "recipient_type", "sam_account_name", "dn")
"""Columns of `users` that the population always looks at."""


def with_expected(tables: Mapping[str, DataFrame], unseen: Unseen, profile: Profile) -> tuple[DataFrame, DataFrame]:
    """Return `users` with a plain bool column `expected`, and what of that column could not be known (a visibility table).

    A person's mailbox belongs to it: enabled account or linked mailbox, recipient type of the profile, no service account. It is
    not known for a user one of whose columns was not seen, and for nobody where no Exchange organization is seen and the
    profile names nobody: without Exchange, recipient types tell nothing.

    Raises:
        ConfigurationError: the profile names a group or a column that does not exist.
    """
    users, population = tables["users"], profile.population
    read = [*READ, *filter(None, [population.present, population.listed.column if population.listed else ""])]
    reason = _unknowable(tables, unseen, profile, read)
    if reason:
        return users.assign(expected=False), rows(("users", "expected", None, State.UNREADABLE, reason))
    expected = _person(users, population) & _inside(users, population)
    if population.present:
        expected &= users[population.present].notna() & (users[population.present] != False)  # noqa: E712 - a bool column counts where it is true
    if population.group:
        expected &= users["dn"].isin(_members(tables, profile))
    if population.listed:
        expected &= _listed(users, population.listed)
    hidden = sorted(set().union(*(unseen.cells.get(("users", column), frozenset()) for column in read)))
    return users.assign(expected=expected), rows(
        *(("users", "expected", guid, State.UNREADABLE, "a column that decides who should have voice was not seen") for guid in hidden)
    )


def _unknowable(tables: Mapping[str, DataFrame], unseen: Unseen, profile: Profile, read: list[str]) -> str:
    population = profile.population
    if population.present and population.present not in tables["users"]:
        raise profile.toml.wrong(f"table users has no column {population.present!r}", "population", "present")
    if not population.named and tables["organization"].empty:
        return "no Exchange organization is seen and the profile names no population: who should have voice is not known"
    if population.group and (reason := unseen.tables.get("group_members") or unseen.tables.get("groups")):
        return f"the members of the group {population.group} are not known: {reason}"
    for column in read:
        if ("users", column) in unseen.columns:
            return f"users.{column} decides who should have voice: {unseen.columns['users', column][1]}"
    return ""


def _person(users: DataFrame, population: Population) -> Series:
    enabled = ~users["account_disabled"] | (users["recipient_type"] == LINKED_MAILBOX).fillna(False).astype(bool)
    person = users["object_class"] != "contact"
    pattern = re.compile(population.service_accounts, re.IGNORECASE)
    service = users["sam_account_name"].map(lambda name: bool(pattern.search(name)), na_action="ignore").fillna(False).astype(bool)
    return enabled & person & users["recipient_type"].isin(population.recipient_types) & ~service


def _inside(users: DataFrame, population: Population) -> Series:
    keys = users["dn"].map(distinguished_name.key)
    inside = _below(keys, population.base_dns) if population.base_dns else pd.Series(True, users.index)
    return inside & ~_below(keys, population.exclude_dns)


def _below(keys: Series, bases: tuple[str, ...]) -> Series:
    found = pd.Series(False, keys.index)
    for base in map(distinguished_name.key, bases):
        found |= (keys == base) | keys.str.endswith("," + base)
    return found


def _members(tables: Mapping[str, DataFrame], profile: Profile) -> set[str]:
    groups, wanted = tables["groups"], profile.population.group
    match = groups[
        (groups["dn"].map(distinguished_name.key) == distinguished_name.key(wanted)) | (groups["sam_account_name"].str.lower() == wanted.lower())
    ]
    if len(match) != 1:
        found = "no group has" if match.empty else f"{len(match)} groups have"
        raise profile.toml.wrong(f"{found} the name {wanted!r}: say its DN or its sAMAccountName", "population", "group")
    direct = tables["group_members"].groupby("dn", sort=False)["member"].agg(set).to_dict()
    found_members: set[str] = set()
    open_groups = [match["dn"].iloc[0]]
    while open_groups:
        new = direct.get(open_groups.pop(), set()) - found_members
        found_members |= new
        open_groups += [member for member in new if member in direct]
    return found_members


def _listed(users: DataFrame, listed: Listed) -> Series:
    values = users[listed.column].str.lower()
    return values.str.removeprefix("sip:").isin(listed.values) if listed.column == "sip_address" else values.isin(listed.values)
