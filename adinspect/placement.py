"""At which site each user is: columns `site` and `site_problem` of `users`, from the sites of the profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, distinguished_name
from adinspect.frames import TEXT
from adinspect.nested_groups import Groups
from adinspect.profile import Profile
from adinspect.sites import Site
from adinspect.visibility import State, Unseen, nothing_hidden, rows

COLUMNS = ("site", "site_problem")
"""What is added to `users`."""

_READ: Mapping[str, tuple[str, ...]] = {
    "ous": (),
    "groups": ("sid", "primary_group"),
    "offices": ("office",),
    "prefixes": ("line_uri", "telephone_number"),
}
"""Columns of `users` that each way to tell who is at a site looks at."""

_NAMED: Mapping[str, tuple[str, str, str]] = {
    "home_pool": ("pools", "fqdn", ""),
    "um_dial_plan": ("dial_plans", "name", ""),
    "um_mailbox_policy": ("mailbox_policies", "name", ""),
    "lync_dial_plan": ("cs_dialplans", "scope", "Tag:"),
    "voice_policy": ("cs_voicepolicies", "scope", "Tag:"),
    "hosted_voicemail_policy": ("cs_hostedvm", "scope", "Tag:"),
}
"""The table and column that holds what a setting names, and what stands before the name there."""


def with_sites(tables: Mapping[str, DataFrame], unseen: Unseen, profile: Profile) -> tuple[DataFrame, DataFrame]:
    """Return `users` with the text columns `site` and `site_problem`, and what of them could not be known (a visibility table).

    `site` is the name of the only site a user is at, missing where there is none; `site_problem` says why there is none where
    there are several. A user of whom something was not seen that the profile looks at has no known site, and where the members
    of a group are not known nobody has.

    Raises:
        ConfigurationError: a site names a group, pool, UM dial plan or policy that does not exist.
    """
    users, sites = tables["users"], profile.sites
    nothing = Series(None, users.index, dtype=TEXT)
    if not sites:
        return users.assign(site=nothing, site_problem=nothing), nothing_hidden()
    read = [column for key, columns in _READ.items() if any(getattr(site, key) for site in sites) for column in columns]
    _check_names(tables, unseen, profile)
    reason, members = _unknowable(unseen, read), {}
    if not reason:
        groups = Groups(tables, unseen)
        named = [(place, one) for place, site in enumerate(sites) for one in site.groups]
        members = {one: groups.members(one, profile.toml, "site", place, "groups") for place, one in named}
        reason = next((one.unknown for one in members.values() if one.unknown), "")
    if reason:
        unknown = rows(*(("users", column, None, State.UNREADABLE, reason) for column in COLUMNS))
        return users.assign(site=nothing, site_problem=nothing), unknown
    at = {site.name: _at(site, users, profile.region) for site in sites}
    for site in sites:
        for one in site.groups:
            at[site.name] |= groups.holds(users, members[one])
    hidden = sorted(set().union(*(unseen.cells.get(("users", column), frozenset()) for column in read)))
    why = "a column that decides at which site a user is was not seen"
    unknown = rows(*(("users", column, guid, State.UNREADABLE, why) for guid in hidden for column in COLUMNS))
    return users.assign(**dict(zip(COLUMNS, _told(at, nothing), strict=True))), unknown


def _unknowable(unseen: Unseen, read: list[str]) -> str:
    for column in read:
        state, reason = unseen.columns.get(("users", column), (None, ""))
        if state and state is not State.NO_SCHEMA:
            return f"users.{column} decides at which site a user is: {reason}"
    return ""


def _at(site: Site, users: DataFrame, region: str) -> Series:
    here = Series(False, users.index)
    if site.ous:
        here |= distinguished_name.below(distinguished_name.keys(users["dn"]), site.ous)
    if site.offices:
        here |= users["office"].str.casefold().isin([one.casefold() for one in site.offices])
    if site.prefixes:
        here |= _number(users, region).str.startswith(site.prefixes, na=False).astype(bool)
    return here


def _number(users: DataFrame, region: str) -> Series:
    """The line of each user, else the telephone number, as E.164; missing where it is none."""
    line = addresses.number(users["line_uri"].where(addresses.matches(users["line_uri"], addresses.E164_URI)))["base"]
    return line.fillna(addresses.telephone(users["telephone_number"].where(users["line_uri"].isna()), region)["e164"])


def _told(at: Mapping[str, Series], nothing: Series) -> tuple[Series, Series]:
    where = DataFrame(at, index=nothing.index)
    count = where.sum(axis=1)
    site, problem = nothing, nothing
    for name, here in at.items():
        site = site.mask(here & (count == 1), name)
    several = where[count > 1]
    if len(several):
        named = [", ".join(name for name, here in zip(at, row, strict=True) if here) for row in several.to_numpy()]
        told = [f"is at several sites of the profile ({names}): correct the profile so that one is left" for names in named]
        problem = Series(told, several.index, dtype=TEXT).reindex(nothing.index)
    return site, problem


def _check_names(tables: Mapping[str, DataFrame], unseen: Unseen, profile: Profile) -> None:
    """Refuse a name that is not in a table which was seen whole: it would be a typing mistake in every row."""
    for place, key, wanted in _settings(profile.sites):
        table, column, before = _NAMED[key]
        seen = tables.get(table, pd.DataFrame())
        if seen.empty or table in unseen.tables or any((table, column) in known for known in (unseen.columns, unseen.cells)):
            continue
        known = [name.removeprefix(before) for name in seen[column].dropna() if name.startswith(before)]
        if wanted not in known:
            told = ", ".join(sorted(known)) or "none"
            raise profile.toml.wrong(f"{key} is {wanted!r}, which {table} does not have: say one of {told}", "site", place, key)
    _check_policies(tables, unseen, profile)


def _settings(sites: tuple[Site, ...]) -> Iterator[tuple[int, str, str]]:
    for place, site in enumerate(sites):
        yield from ((place, key, getattr(site, key)) for key in _NAMED if getattr(site, key))


def _check_policies(tables: Mapping[str, DataFrame], unseen: Unseen, profile: Profile) -> None:
    """Refuse a UM mailbox policy that belongs to another UM dial plan than the site's."""
    plans = tables["dial_plans"].set_index("dn")["name"]
    plan_of = tables["mailbox_policies"].set_index("name")["dial_plan"].map(plans)
    for place, site in enumerate(profile.sites):
        of_policy = plan_of.get(site.um_mailbox_policy) if site.um_dial_plan and site.um_mailbox_policy else None
        if isinstance(of_policy, str) and of_policy != site.um_dial_plan:
            what = f"um_mailbox_policy {site.um_mailbox_policy!r} belongs to UM dial plan {of_policy!r}"
            raise profile.toml.wrong(what, "site", place, "um_mailbox_policy")
