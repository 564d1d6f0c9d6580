"""What an account can see of a forest, before anything is trusted: containers, tables and groups of attributes, as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pandas import DataFrame, Series

from adinspect import access
from adinspect.collect import Collected, Pages
from adinspect.frames import frame
from adinspect.observe import HOLDERS, Holder, may_list
from adinspect.query import FROM_DN, Table
from adinspect.unseen_values import CLASSES, OF_ONE_CLASS, Known, known_attributes, told_of
from adinspect.visibility import State, Unseen

SIGHT_COLUMNS = ("kind", "what", "seen", "of", "visible", "why", "needs")
"""`kind` is container, table or attributes; `seen` of `of` objects; `visible`, `why` not all, and what `needs` to be done."""


@dataclass(frozen=True)
class Family:
    """Attributes and containers of one product: how their names begin, and who reads them by its maker's pages.

    That is said only where no access list tells: `configuration` of its containers, `people` of the attributes of people.
    """

    name: str
    begins: tuple[str, ...]
    configuration: str
    people: str
    source: str


FAMILIES = (
    Family(
        "Lync / Skype for Business",
        ("msRTCSIP-",),
        "RTCUniversalReadOnlyAdmins, or RTCUniversalGlobalReadOnlyGroup",
        "RTCUniversalReadOnlyAdmins, or RTCUniversalUserReadOnlyGroup",
        "Microsoft, Skype for Business Server: Changes made by forest preparation, Changes made by domain preparation",
    ),
    Family(
        "Exchange",
        ("msExch", "homeMDB", "legacyExchangeDN", "targetAddress"),
        "Delegated Setup, or a Read of its own on the organization's container that is inherited",
        "Organization Management, or a Read of its own on the property sets of Exchange",
        "Microsoft, Exchange 2013: Exchange 2013 deployment permissions reference",
    ),
    Family(
        "Active Directory",
        ("",),
        "an account that these objects' access lists let read",
        "RTCUniversalReadOnlyAdmins, or RTCUniversalUserReadOnlyGroup, where Lync prepared the domain",
        "Microsoft, Skype for Business Server: Changes made by domain preparation",
    ),
)
"""The first whose beginning fits."""

PEOPLE = frozenset({"users", "contacts"})

EVERYBODY = {"S-1-1-0": "Everyone", "S-1-5-11": "Authenticated Users"}

MOST_LISTS = 200
"""Different access lists that are looked at for one line, the commonest first: a forest has few that are not alike."""

Row = tuple[str, str, int | None, int | None, str, str, str]


@dataclass(frozen=True)
class Listed:
    """Access lists that keep something from an account: each of `lists` with the class of its objects, and how many have it."""

    lists: Mapping[tuple[bytes | None, UUID | None], int]
    asks: access.Question
    passed_on: bool = False


NOTHING = Listed({}, access.Rights.may_list)


@dataclass(frozen=True)
class Adviser:
    """Tells from access lists which membership would show to an account what they keep from it.

    `account` holds the SIDs of its token, `names` what SIDs are called, `joining` for each group in sight that it is not in the
    SIDs that membership would bring, those of the groups that the group is in included.
    """

    account: frozenset[str]
    names: Mapping[str, str]
    joining: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, collected: Collected, tables: Mapping[str, DataFrame]) -> Adviser:
        """One that knows the groups and users of a collection."""
        people = [tables[name][["sid", "identity"]].dropna() for name in ("users", "groups") if name in tables]
        names = EVERYBODY | {row.sid: row.identity for one in people for row in one.itertuples()}
        if "groups" not in tables or "group_members" not in tables:
            return cls(collected.token_sids, names, {})
        groups, members = tables["groups"].dropna(subset="sid"), tables["group_members"]
        above = members.groupby("member")["dn"].agg(list).to_dict()
        sids = dict(zip(groups["dn"], groups["sid"], strict=True))
        joining = {sid: _with_groups_above(dn, above, sids) for dn, sid in sids.items() if sid not in collected.token_sids}
        return cls(collected.token_sids, names, joining)

    def needs(self, listed: Listed, otherwise: str) -> str:
        """What would show it; where no access list tells, what `otherwise` says."""
        shown: Counter[str] = Counter()
        denied: dict[str, None] = {}
        beyond: set[str] = set()
        for (octets, object_class), count in listed.lists.items():
            try:
                dacl = access.parse_dacl(octets or b"", passed_on=listed.passed_on)
            except ValueError:
                continue
            found = access.opening(dacl, self.account, self.joining, listed.asks, object_class=object_class)
            shown.update(dict.fromkeys(found.groups, count))
            denied |= dict.fromkeys(sorted(found.denied))
            beyond |= {sid for sid in found.groups if not access.only_reads(dacl, sid)}
        told = []
        if denied:
            who = ", ".join(self.names.get(sid, sid) for sid in denied)
            told.append(f"an entry denies it to {who}" + ("" if shown else ", and while that stands no membership shows it"))
        if shown:
            told.append(self._membership(shown, beyond, sum(listed.lists.values())))
        if told and listed.passed_on:
            told[0] = f"by what the containers around pass on, {told[0]}"
        return "; ".join(told) or f"no access list that is in sight tells; by Microsoft's pages {otherwise}"

    def _membership(self, shown: Counter[str], beyond: Set[str], of: int) -> str:
        """The groups that show most; one that by these access lists may only read makes those that may more unsaid."""
        most = max(shown.values())
        best = [sid for sid, count in shown.items() if count == most]
        reading = [sid for sid in best if sid not in beyond]
        names = sorted(self.names.get(sid, sid) for sid in reading or best)
        told = f"membership of {', or '.join(names[:3])}"
        told += "" if reading else ", which may do more than read"
        return told + ("" if most == of else f" (shows {most} of {of})")


def _with_groups_above(group: str, above: Mapping[str, list[str]], sids: Mapping[str, str]) -> frozenset[str]:
    """SIDs of a group and of all that it is in, nested ones too."""
    found, waiting = {group}, [group]
    while waiting:
        new = set(above.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return frozenset(sids[dn] for dn in found if dn in sids)


def sight(collected: Collected, visibility: DataFrame) -> DataFrame:
    """What an account sees (SIGHT_COLUMNS), told from a collection and what of it was not seen."""
    unseen = Unseen.of(visibility[visibility["state"] != State.UNDECODABLE])  # what cannot be decoded was shown
    tables = {name: frame(table) for name, table in collected.tables.items()}
    adviser = Adviser.of(collected, tables)
    lines = [*_containers(collected, tables, unseen, adviser), *_tables(collected, tables, unseen, adviser)]
    lines += _attributes(collected, tables, unseen, adviser)
    typed = {name: "Int64" if name in ("seen", "of") else "str" for name in SIGHT_COLUMNS}
    return DataFrame(lines, columns=list(SIGHT_COLUMNS)).astype(typed)


def whole(seen: DataFrame) -> bool:
    """Whether nothing is hidden from the account."""
    return bool((seen["needs"] == "").all())


def family(name: str) -> Family:
    """The product that an attribute or a class belongs to, by its name."""
    return next(one for one in FAMILIES if name.startswith(one.begins))


def _containers(collected: Collected, tables: Mapping[str, DataFrame], unseen: Unseen, adviser: Adviser) -> Iterator[Row]:
    """One line a kind of container that holds objects: how many of those in sight may be listed."""
    if "containers" not in tables:
        return
    listing = may_list(collected)
    for holder in HOLDERS:
        found = _kept_in(tables, [holder])
        closed = [row.dn for row in found.itertuples() if listing.get(row.guid) is False]
        untold = [row.dn for row in found.itertuples() if listing.get(row.guid) is None]
        around = [holder] if len(found) else [one for one in HOLDERS if {*one.tables} >= {*holder.tables}]
        needs = adviser.needs(_shut(collected, tables, around), family(holder.object_class).configuration)
        yield _container(holder, len(found), closed, untold, unseen, needs)


def _kept_in(tables: Mapping[str, DataFrame], holders: Collection[Holder]) -> DataFrame:
    """The containers in sight of some kinds."""
    containers = tables["containers"]
    kinds = [
        (containers["object_class"] == one.object_class) & ((containers["name"] == one.name) | (one.name == ""))
        for one in holders
    ]
    return containers[np.logical_or.reduce(kinds)] if kinds else containers.iloc[:0]


def _shut(collected: Collected, tables: Mapping[str, DataFrame], holders: Collection[Holder]) -> Listed:
    """The access lists of those containers that may not be listed; where all may, what they pass on to what they hold."""
    found, listing = set(_kept_in(tables, holders)["guid"]), may_list(collected)
    shut = {guid for guid in found if listing.get(guid) is not True}
    return Listed(_lists(collected, collected.pages["containers"], shut or found), access.Rights.may_list, passed_on=not shut)


def _lists(collected: Collected, pages: Pages, guids: Collection[str]) -> dict[tuple[bytes | None, UUID | None], int]:
    """The different access lists of objects, those of each class apart, with how many have them: the commonest."""
    if not pages.descriptors:
        return {}
    held = pa.concat_arrays(pages.guids)
    wanted = pc.is_in(held, value_set=pa.array(sorted(guids), held.type))
    lists = pa.chunked_array(pages.descriptors).unify_dictionaries().filter(wanted)
    if not len(lists):
        return {}
    codes = np.concatenate([pc.fill_null(chunk.indices, -1).to_numpy() for chunk in lists.chunks])
    classes = told_of(collected, pages, held, "object_class").filter(wanted).to_pylist()
    counted = Counter(zip(codes.tolist(), classes, strict=True)).most_common(MOST_LISTS)
    octets = lists.chunks[0].dictionary
    of_all = OF_ONE_CLASS.get(pages.query.name, "")
    return {(octets[code].as_py() if code >= 0 else None, CLASSES.get(name or of_all)): count for (code, name), count in counted}


def _container(holder: Holder, of: int, closed: list[str], untold: list[str], unseen: Unseen, needs: str) -> Row:
    what = f"{holder.name or holder.object_class} ({', '.join(holder.tables)})"
    lacking = next((unseen.tables[table] for table in holder.tables if table in unseen.tables), "")
    if not of:
        return "container", what, 0, 0, "none in sight", lacking, needs if lacking else ""
    seen = of - len(closed) - len(untold)
    why = [f"may not be listed: {_some(closed)}"] if closed else []
    why += [f"cannot be told: {_some(untold)}"] if untold else []
    return "container", what, seen, of, f"{seen} of {of} may be listed", "; ".join(why), needs if why else ""


def _some(names: list[str], most: int = 3) -> str:
    return "; ".join(sorted(names)[:most]) + (f"; and {len(names) - most} more" if len(names) > most else "")


def _tables(collected: Collected, tables: Mapping[str, DataFrame], unseen: Unseen, adviser: Adviser) -> Iterator[Row]:
    """One line a table of objects: whether objects may be lacking that exist."""
    for name in collected.pages:
        rows, why = len(tables[name]), unseen.tables.get(name, "")
        if why:
            holders = [holder for holder in HOLDERS if name in holder.tables]
            product = family(holders[-1].object_class) if holders else FAMILIES[-1]
            shut = _shut(collected, tables, holders) if "containers" in tables else NOTHING
            yield "table", name, rows, None, "not whole", why, adviser.needs(shut, product.configuration)
        else:
            yield "table", name, rows, rows, "whole", "", ""


def _attributes(collected: Collected, tables: Mapping[str, DataFrame], unseen: Unseen, adviser: Adviser) -> Iterator[Row]:
    """For each table and product, one line for the attributes seen on every object, and one for those alike in what was not."""
    known = known_attributes(collected)[0]
    for pages in collected.pages.values():
        for table in pages.query.tables:
            for product in FAMILIES:
                of_product = {
                    column.name: column.attribute
                    for column in table.columns
                    if column.type not in FROM_DN and family(column.attribute) is product
                }
                everybody = tables[table.owner or table.name]["guid"]
                if not (of_product and (table.owner or not table.each) and len(everybody)):
                    continue
                for line, hidden in _group(table, product, of_product, everybody, unseen):
                    if hidden:
                        shut = Listed(_lists(collected, pages, hidden.guids), _may_read(known, hidden.attributes))
                        line = (*line[:-1], adviser.needs(shut, line[-1]))
                    yield line


@dataclass(frozen=True)
class Hidden:
    """Attributes, and the objects on which one of them or more is hidden."""

    attributes: Collection[str]
    guids: Set[str]


def _may_read(known: Known, attributes: Collection[str]) -> access.Question:
    """Asks whether all of these attributes may be read."""
    asked = [known.get(name.lower()) for name in attributes]

    def asks(rights: access.Rights) -> bool | None:
        answers = [one and rights.may_read(one.guid, one.property_set, one.confidential) for one in asked]
        return all(answer is True for answer in answers)

    return asks


def _group(
    table: Table, product: Family, columns: Mapping[str, str], everybody: Series, unseen: Unseen
) -> Iterator[tuple[Row, Hidden | None]]:
    what, total, of = f"{table.name}: {product.name}", len(set(columns.values())), len(everybody)
    membership = product.people if (table.owner or table.name) in PEOPLE else product.configuration
    for (hidden, lacking), attributes in sorted(_alike(table, columns, of, unseen).items()):
        names, seen = ", ".join(attributes), of - hidden
        if not hidden:
            told = "all" if len(attributes) == total else f"{len(attributes)} of {total}"
            yield ("attributes", what, of, of, f"{told} attributes on {of} of {of} objects", "", ""), None
            continue
        visible = f"{names}: {'not in the schema' if lacking else f'on {seen} of {of} objects'}"
        why = _some(list(dict.fromkeys(attributes.values())))
        cells = [unseen.cells.get((table.name, column), set()) for column, name in columns.items() if name in attributes]
        guids = set(everybody) if hidden == of else set().union(*cells)
        line = ("attributes", what, seen, of, visible, why, "" if lacking else membership)
        yield line, None if lacking else Hidden(attributes, guids)


def _alike(table: Table, columns: Mapping[str, str], of: int, unseen: Unseen) -> dict[tuple[int, bool], dict[str, str]]:
    """Attributes (each with why) by the number of objects on which they are hidden, those the schema lacks apart."""
    alike: dict[tuple[int, bool], dict[str, str]] = {}
    for column, attribute in columns.items():
        state, reason = unseen.columns.get((table.name, column), (None, unseen.reasons.get((table.name, column), "")))
        hidden = of if state else len(unseen.cells.get((table.name, column), ()))
        alike.setdefault((hidden, state is State.NO_SCHEMA), {})[attribute] = reason
    return alike
