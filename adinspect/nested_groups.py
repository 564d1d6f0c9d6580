"""Who is in a group: its direct and nested members, and the users whose primary group it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pandas import DataFrame, Series

from adinspect import distinguished_name
from adinspect.definitions import Toml
from adinspect.visibility import Unseen


@dataclass(frozen=True)
class Members:
    """DNs of a group and its direct and nested members; `unknown` says why not all of them are known."""

    dns: frozenset[str] = frozenset()
    unknown: str = ""


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups of a snapshot, as far as their members were seen."""

    tables: Mapping[str, DataFrame]
    unseen: Unseen

    def members(self, wanted: str, toml: Toml, *keys: str | int) -> Members:
        """The members of the group with this DN or sAMAccountName; `keys` lead to where the profile names it.

        Raises:
            ConfigurationError: there is no such group, or more than one.
        """
        column = self.unseen.columns.get(("group_members", "member"), ("", ""))[1]
        unread = self.unseen.tables.get("group_members") or self.unseen.tables.get("groups") or column
        if unread:
            return Members(unknown=f"the members of the group {wanted} are not known: {unread}")
        dns, closed = {self._named(wanted, toml, *keys)}, self.unseen.cells.get(("group_members", "member"), frozenset())
        waiting = list(dns)
        while waiting:
            group = waiting.pop()
            if self._guids.get(group) in closed:
                return Members(unknown=f"the members of the group {wanted} are not known: {group} does not show its own")
            new = set(self._direct.get(group, ())) - dns
            dns |= new
            waiting += new
        return Members(frozenset(dns))

    def holds(self, users: DataFrame, members: Members) -> Series:
        """Whether each user is one of the members (bool; needs `dn`, `sid`, `primary_group`).

        Membership in the primary group stands on the user alone.
        """
        groups = self.tables["groups"]
        sids = set(groups.loc[groups["dn"].isin(members.dns), "sid"].dropna())
        domain = users["sid"].str.rpartition("-")[0]
        return users["dn"].isin(members.dns) | (domain + "-" + users["primary_group"].astype("str")).isin(sids)

    @cached_property
    def _guids(self) -> Mapping[str, str]:
        guids: Mapping[str, str] = self.tables["groups"].set_index("dn")["guid"].to_dict()
        return guids

    @cached_property
    def _direct(self) -> Mapping[str, list[str]]:
        direct: Mapping[str, list[str]] = self.tables["group_members"].groupby("dn", sort=False)["member"].agg(list).to_dict()
        return direct

    def _named(self, wanted: str, toml: Toml, *keys: str | int) -> str:
        groups = self.tables["groups"]
        by_dn = distinguished_name.keys(groups["dn"]) == distinguished_name.key(wanted)
        found = groups.loc[by_dn | (groups["sam_account_name"].str.lower() == wanted.lower()), "dn"]
        if len(found) == 1:
            return str(found.iloc[0])
        many = "no group has" if found.empty else f"{len(found)} groups have"
        raise toml.wrong(f"{many} the name {wanted!r}: say its DN or its sAMAccountName", *keys)
