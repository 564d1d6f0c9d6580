"""Who should have voice: column `expected` of `users`, from the profile's population."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pandas import DataFrame, Series

from adinspect import distinguished_name, recipients, voice
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
    read = [*READ, *filter(None, [population.present, population.listed.column if population.listed else ""])]
    read += ["primary_group", "sid"] if population.group else []
    reason = _unknowable(tables, unseen, profile, read)
    members = _Members(frozenset())
    if population.group and not reason:
        members = _members(tables, unseen, profile)
        reason = members.unknown
    if reason:
        return users.assign(expected=False), rows(("users", "expected", None, State.UNREADABLE, reason))
    expected = _person(users, population, mailbox_needed=here) & _inside(users, population)
    if population.present:
        value = users[population.present]
        expected &= value.notna() & (value != False).fillna(False).astype(bool)  # noqa: E712 - a bool column counts where it is true
    if population.group:
        expected &= users["dn"].isin(members.dns) | _by_primary_group(users, tables["groups"], members.dns)
    if population.listed:
        expected &= _listed(users, population.listed)
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


@dataclass(frozen=True)
class _Members:
    """DNs of a group and its direct and nested members; `unknown` says why not all of them are known."""

    dns: frozenset[str]
    unknown: str = ""


def _members(tables: Mapping[str, DataFrame], unseen: Unseen, profile: Profile) -> _Members:
    wanted = profile.population.group
    column = unseen.columns.get(("group_members", "member"), ("", ""))[1]
    unread = unseen.tables.get("group_members") or unseen.tables.get("groups") or column
    if unread:
        return _Members(frozenset(), f"the members of the group {wanted} are not known: {unread}")
    dns, closed = {_group(tables["groups"], profile)}, unseen.cells.get(("group_members", "member"), frozenset())
    groups = tables["groups"].set_index("dn")["guid"]
    direct = tables["group_members"].groupby("dn", sort=False)["member"].agg(list).to_dict()
    waiting = list(dns)
    while waiting:
        group = waiting.pop()
        if groups.get(group) in closed:
            return _Members(frozenset(), f"the members of the group {wanted} are not known: {group} does not show its own")
        new = set(direct.get(group, ())) - dns
        dns |= new
        waiting += new
    return _Members(frozenset(dns))


def _by_primary_group(users: DataFrame, groups: DataFrame, members: frozenset[str]) -> Series:
    """Whether each user's primary group is among these DNs: that membership stands on the user alone."""
    sids = set(groups.loc[groups["dn"].isin(members), "sid"].dropna())
    domain = users["sid"].str.rpartition("-")[0]
    named = domain + "-" + users["primary_group"].astype("str")
    return named.isin(sids)


def unmatched(users: DataFrame, listed: Listed) -> int:
    """How many names of a list match no user."""
    return len(listed.values - set(_compared(users, listed)))


def _group(groups: DataFrame, profile: Profile) -> str:
    wanted = profile.population.group
    by_dn = distinguished_name.keys(groups["dn"]) == distinguished_name.key(wanted)
    found = groups.loc[by_dn | (groups["sam_account_name"].str.lower() == wanted.lower()), "dn"]
    if len(found) == 1:
        return str(found.iloc[0])
    many = "no group has" if found.empty else f"{len(found)} groups have"
    raise profile.toml.wrong(f"{many} the name {wanted!r}: say its DN or its sAMAccountName", "population", "group")


def _listed(users: DataFrame, listed: Listed) -> Series:
    return _compared(users, listed).isin(listed.values)


def _compared(users: DataFrame, listed: Listed) -> Series:
    values = users[listed.column].str.lower()
    return values.str.removeprefix("sip:") if listed.column == "sip_address" else values
