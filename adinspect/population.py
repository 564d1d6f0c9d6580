"""Who should have voice: column `expected` of `users`, from the profile's population."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pandas import DataFrame, Series

from adinspect import distinguished_name, recipients, voice
from adinspect.nested_groups import Groups
from adinspect.profile import Listed, Population, Profile
from adinspect.recipients import RecipientType
from adinspect.visibility import State, Unseen, rows

READ = ("object_class", "account_disabled", "recipient_type", "sam_account_name", "dn")
"""Columns of `users` that the population always looks at."""


def with_expected(tables: Mapping[str, DataFrame], unseen: Unseen, profile: Profile) -> tuple[DataFrame, DataFrame]:
    """Return `users` with a plain bool column `expected`, and what of that column could not be known (a visibility table).

    A person's mailbox belongs to the population: enabled account or linked mailbox, recipient type of the profile, no service
    account. Where no Exchange organization is seen, mailboxes may live elsewhere: a user without a recipient type belongs to it
    too, if the profile names the population; if it names none, nobody's place is known. Nor is it for a user one of whose
    columns was not seen, and for anybody where a group that counts does not show its members.

    Raises:
        ConfigurationError: the profile names a group or a column that does not exist.
    """
    users, population = tables["users"], profile.population
    here = not tables["organization"].empty
    lists = [one for one in (population.listed, population.exclude_listed) if one]
    read = [*READ, *filter(None, [population.present, *(one.column for one in lists)])]
    read += ["primary_group", "sid"] if population.group or population.exclude_group else []
    reason = _unknowable(tables, unseen, profile, read)
    groups, members = Groups(tables, unseen), {}
    if not reason:
        named = {key: name for key in ("group", "exclude_group") if (name := getattr(population, key))}
        members = {key: groups.members(name, profile.toml, "population", key) for key, name in named.items()}
        reason = "; ".join(one.unknown for one in members.values() if one.unknown)
    if reason:
        return users.assign(expected=False), rows(("users", "expected", None, State.UNREADABLE, reason))
    expected = _person(users, population, mailbox_needed=here) & _inside(users, population)
    if population.present:
        value = users[population.present]
        expected &= value.notna() & (value != False).fillna(False).astype(bool)  # noqa: E712 - a bool column counts where it is true
    if population.group:
        expected &= groups.holds(users, members["group"])
    if population.exclude_group:
        expected &= ~groups.holds(users, members["exclude_group"])
    if population.listed:
        expected &= _listed(users, population.listed)
    if population.exclude_listed:
        expected &= ~_listed(users, population.exclude_listed)
    hidden = sorted(set().union(*(unseen.cells.get(("users", column), frozenset()) for column in read)))
    why = "a column that decides who should have voice was not seen"
    return users.assign(expected=expected), rows(*(("users", "expected", guid, State.UNREADABLE, why) for guid in hidden))


def _unknowable(tables: Mapping[str, DataFrame], unseen: Unseen, profile: Profile, read: list[str]) -> str:
    population = profile.population
    here = not tables["organization"].empty
    if population.present and population.present not in tables["users"]:
        raise profile.toml.wrong(f"table users has no column {population.present!r}", "population", "present")
    if not population.named and not here:
        return "no Exchange organization is seen and the profile names no population: who should have voice is not known"
    for column in read:
        state, reason = unseen.columns.get(("users", column), (None, ""))
        if state and not (state is State.NO_SCHEMA and column == "recipient_type" and not here):
            return f"users.{column} decides who should have voice: {reason}"
    return ""


def _person(users: DataFrame, population: Population, *, mailbox_needed: bool) -> Series:
    enabled = ~users["account_disabled"] | recipients.of_type(users, RecipientType.LINKED)
    mailbox = recipients.of_type(users, *population.recipient_types) | (users["recipient_type"].isna() & (not mailbox_needed))
    return enabled & mailbox & ~voice.mailbox_elsewhere(users) & ~_service_account(users, population.service_accounts)


def _service_account(users: DataFrame, pattern: str) -> Series:
    if not pattern:
        return Series(False, users.index)
    search = re.compile(pattern, re.IGNORECASE).search
    names = users["sam_account_name"].fillna("").tolist()
    return Series([search(name) is not None for name in names], users.index, dtype=bool) & users["sam_account_name"].notna()


def _inside(users: DataFrame, population: Population) -> Series:
    if not (population.base_dns or population.exclude_dns):
        return Series(True, users.index)
    keys = distinguished_name.keys(users["dn"])
    inside = distinguished_name.below(keys, population.base_dns) if population.base_dns else Series(True, users.index)
    return inside & ~distinguished_name.below(keys, population.exclude_dns)


def unmatched(users: DataFrame, listed: Listed) -> int:
    """How many names of a list match no user."""
    return len(listed.values - set(_compared(users, listed)))


def _listed(users: DataFrame, listed: Listed) -> Series:
    return _compared(users, listed).isin(listed.values)


def _compared(users: DataFrame, listed: Listed) -> Series:
    values = users[listed.column].str.lower()
    return values.str.removeprefix("sip:") if listed.column == "sip_address" else values
