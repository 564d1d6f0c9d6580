"""What an account can see of a forest, before anything is trusted: containers, tables and groups of attributes, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pandas import DataFrame

from adinspect.collect import Collected
from adinspect.frames import frame
from adinspect.observe import HOLDERS, Holder, may_list
from adinspect.query import FROM_DN, Table
from adinspect.visibility import State, Unseen

SIGHT_COLUMNS = ("kind", "what", "seen", "of", "visible", "why", "needs")
"""`kind` is container, table or attributes; `seen` of `of` objects; `visible`, `why` not all, and what `needs` to be done."""


@dataclass(frozen=True)
class Family:
    """Attributes and containers of one product: how their names begin, and the membership that shows them (with its source)."""

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
        "View-Only Organization Management, or a Read of its own on the organization's container that is inherited",
        "View-Only Organization Management, or a Read of its own on the property sets of Exchange",
        "Microsoft, Exchange 2013: Exchange 2013 deployment permissions reference",
    ),
    Family(
        "Active Directory",
        ("",),
        "no group is known: the access lists of these objects say who may read them",
        "RTCUniversalReadOnlyAdmins, or RTCUniversalUserReadOnlyGroup, where Lync prepared the domain",
        "Microsoft, Skype for Business Server: Changes made by domain preparation",
    ),
)
"""The first whose beginning fits. An ordinary account reads the property sets Exchange-Information and RTCUserSearchPropertySet
alone, and of Exchange's configuration the organization's own container. An entry that denies beats any membership."""

PEOPLE = frozenset({"users", "contacts"})

Row = tuple[str, str, int | None, int | None, str, str, str]


def sight(collected: Collected, visibility: DataFrame) -> DataFrame:
    """What an account sees (SIGHT_COLUMNS), told from a collection and what of it was not seen."""
    unseen = Unseen.of(visibility[visibility["state"] != State.UNDECODABLE])  # what cannot be decoded was shown
    tables = {name: frame(table) for name, table in collected.tables.items()}
    lines = [*_containers(collected, tables, unseen), *_tables(collected, tables, unseen)]
    lines += _attributes(collected, tables, unseen)
    typed = {name: "Int64" if name in ("seen", "of") else "str" for name in SIGHT_COLUMNS}
    return DataFrame(lines, columns=list(SIGHT_COLUMNS)).astype(typed)


def whole(seen: DataFrame) -> bool:
    """Whether nothing is hidden from the account."""
    return bool((seen["needs"] == "").all())


def family(name: str) -> Family:
    """The product that an attribute or a class belongs to, by its name."""
    return next(one for one in FAMILIES if name.startswith(one.begins))


def _containers(collected: Collected, tables: Mapping[str, DataFrame], unseen: Unseen) -> Iterator[Row]:
    """One line a kind of container that holds objects: how many of those in sight may be listed."""
    if "containers" not in tables:
        return
    listing, containers = may_list(collected), tables["containers"]
    for holder in HOLDERS:
        of_kind = containers[containers["object_class"] == holder.object_class]
        found = of_kind[of_kind["name"] == holder.name] if holder.name else of_kind
        closed = [row.dn for row in found.itertuples() if listing.get(row.guid) is False]
        untold = [row.dn for row in found.itertuples() if listing.get(row.guid) is None]
        yield _container(holder, len(found), closed, untold, unseen)


def _container(holder: Holder, of: int, closed: list[str], untold: list[str], unseen: Unseen) -> Row:
    what = f"{holder.name or holder.object_class} ({', '.join(holder.tables)})"
    needs = family(holder.object_class).configuration
    lacking = next((unseen.tables[table] for table in holder.tables if table in unseen.tables), "")
    if not of:
        return "container", what, 0, 0, "none in sight", lacking, needs if lacking else ""
    seen = of - len(closed) - len(untold)
    why = [f"may not be listed: {_some(closed)}"] if closed else []
    why += [f"cannot be told: {_some(untold)}"] if untold else []
    return "container", what, seen, of, f"{seen} of {of} may be listed", "; ".join(why), needs if why else ""


def _some(names: list[str], most: int = 3) -> str:
    return "; ".join(sorted(names)[:most]) + (f"; and {len(names) - most} more" if len(names) > most else "")


def _tables(collected: Collected, tables: Mapping[str, DataFrame], unseen: Unseen) -> Iterator[Row]:
    """One line a table of objects: whether objects may be lacking that exist."""
    products = {table: family(holder.object_class) for holder in HOLDERS for table in holder.tables}
    for name in collected.pages:
        rows, why = len(tables[name]), unseen.tables.get(name, "")
        if why:
            yield "table", name, rows, None, "not whole", why, products.get(name, FAMILIES[-1]).configuration
        else:
            yield "table", name, rows, rows, "whole", "", ""


def _attributes(collected: Collected, tables: Mapping[str, DataFrame], unseen: Unseen) -> Iterator[Row]:
    """For each table and product, one line for the attributes seen on every object, and one for those alike in what was not."""
    for pages in collected.pages.values():
        for table in pages.query.tables:
            for product in FAMILIES:
                of_product = {
                    column.name: column.attribute
                    for column in table.columns
                    if column.type not in FROM_DN and family(column.attribute) is product
                }
                owner = table.owner or table.name
                if of_product and (table.owner or not table.each) and len(tables[owner]):
                    yield from _group(table, product, of_product, len(tables[owner]), unseen)


def _group(table: Table, product: Family, columns: Mapping[str, str], of: int, unseen: Unseen) -> Iterator[Row]:
    what, total = f"{table.name}: {product.name}", len(set(columns.values()))
    membership = product.people if (table.owner or table.name) in PEOPLE else product.configuration
    for (hidden, lacking), attributes in sorted(_alike(table, columns, of, unseen).items()):
        names, seen = ", ".join(attributes), of - hidden
        if not hidden:
            told = "all" if len(attributes) == total else f"{len(attributes)} of {total}"
            yield "attributes", what, of, of, f"{told} attributes on {of} of {of} objects", "", ""
        else:
            visible = f"{names}: {'not in the schema' if lacking else f'on {seen} of {of} objects'}"
            why = _some(list(dict.fromkeys(attributes.values())))
            yield "attributes", what, seen, of, visible, why, "" if lacking else membership


def _alike(table: Table, columns: Mapping[str, str], of: int, unseen: Unseen) -> dict[tuple[int, bool], dict[str, str]]:
    """Attributes (each with why) by the number of objects on which they are hidden, those the schema lacks apart."""
    alike: dict[tuple[int, bool], dict[str, str]] = {}
    for column, attribute in columns.items():
        state, reason = unseen.columns.get((table.name, column), (None, unseen.reasons.get((table.name, column), "")))
        hidden = of if state else len(unseen.cells.get((table.name, column), ()))
        alike.setdefault((hidden, state is State.NO_SCHEMA), {})[attribute] = reason
    return alike
