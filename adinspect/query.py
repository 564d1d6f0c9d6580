"""A query: which entries, which attributes, and the typed columns of the tables they fill; from a TOML file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import PurePath
from typing import Any

from adinspect import definitions
from adinspect.definitions import NUMBER, TABLE, TEXT, TEXT_OR_TEXTS, VALUE, Toml
from adinspect.errors import ConfigurationError
from adinspect.search import Scope
from adinspect.search_filter import Filter, parse
from adinspect.secret_attributes import SECRET_ATTRIBUTES

IDENTITY = ("guid", "dn", "identity")
"""The columns every table has: who the row is about."""

BASES = ("configuration", "schema", "root_domain", "domains")
"""The naming contexts a query may search; never a DN."""


class Type(StrEnum):
    """What octets become; decode.py holds one function for each."""

    STR = "str"
    INT = "int"
    BOOL = "bool"
    BIT = "bit"
    GUID = "guid"
    SID = "sid"
    DN = "dn"
    PARENT = "parent"
    DOMAIN = "domain"
    CLASS = "class"
    FILETIME = "filetime"
    TIME = "time"
    VERSION = "version"
    BASE64 = "base64"
    PRESENT = "present"


FROM_DN = frozenset({Type.PARENT, Type.DOMAIN})
"""Types that are read off the entry's own DN."""

VERSION_PARTS = ("major", "minor", "build")


@dataclass(frozen=True)
class Column:
    """One column: the attribute it comes from and how it is read.

    `absent` is the value of an entry that does not show the attribute (None: missing). `bit` is the mask of a `bit`
    column, `up` the number of levels of a `parent` column, `part` the piece of a `version` column. `to` is the table a link
    leads to: a live link to an object that is not in it proves that not all of that table was seen.
    """

    name: str
    attribute: str
    type: Type
    says: str
    absent: bool | int | str | None = None
    bit: int = 0
    up: int = 1
    part: str = ""
    to: str = ""

    @property
    def links(self) -> bool:
        """Whether its values are DNs of other objects."""
        return self.type in (Type.DN, Type.PARENT)


@dataclass(frozen=True)
class Table:
    """A table a query fills: one row an entry, or one row a value of the attribute `each`."""

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    each: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Query:
    """One LDAP search and the tables it fills: the first bears the query's name, the others hold its many-valued attributes.

    `unless_in` leaves out the objects another table holds.
    """

    name: str
    filter: Filter
    bases: tuple[str, ...]
    scope: Scope
    identity: tuple[str, ...]
    tables: tuple[Table, ...]
    unless_in: str = ""

    @property
    def table(self) -> Table:
        """The table that bears the query's name."""
        return self.tables[0]

    @property
    def attributes(self) -> tuple[str, ...]:
        """What is asked of the directory, objectGUID first; never a secret attribute, whatever the file says."""
        columns = (column for table in self.tables for column in table.columns if column.type not in (*FROM_DN, Type.PRESENT))
        return tuple(dict.fromkeys(("objectGUID", *(column.attribute for column in columns))))

    @property
    def presences(self) -> tuple[Column, ...]:
        """The columns of which only the presence of a value is ever known."""
        return tuple(column for column in self.table.columns if column.type is Type.PRESENT)


_KEYS = {
    **dict.fromkeys(("title", "description", "filter"), TEXT),
    **dict.fromkeys(("base", "identity"), TEXT_OR_TEXTS),
    "columns": TABLE,
}
_CHILD_KEYS = dict.fromkeys(("title", "description", "attribute", "column", "says"), TEXT)
_COLUMN_KEYS = {**dict.fromkeys(("attribute", "type", "part", "to"), TEXT), "absent": VALUE, "bit": NUMBER, "up": NUMBER}


@cache
def shipped() -> Mapping[str, Query]:
    """The queries that ship with the package, by name.

    Raises:
        ConfigurationError: a query file has a wrong key, type, filter or base; says the line.
    """
    return {query.name: query for query in map(load, definitions.shipped("queries"))}


def tables() -> Iterator[Table]:
    """The tables that the queries fill, query by query."""
    for query in shipped().values():
        yield from query.tables


def owners() -> Mapping[str, str]:
    """Each child table's owner: `proxy_addresses` -> `users`."""
    return {table.name: table.owner for query in shipped().values() for table in query.tables if table.owner}


def load(toml: Toml) -> Query:
    """Read one query file; its stem is the query's name and the table's.

    Raises:
        ConfigurationError: a wrong key, type, filter or base; says the line.
    """
    content = toml.content
    toml.check(content, _KEYS, {"scope": TEXT, "each": TEXT, "unless_in": TEXT, "tables": TABLE})
    bases = (content["base"],) if isinstance(content["base"], str) else tuple(content["base"])
    for base in bases:
        if base not in BASES:
            raise toml.wrong(f"{base!r} is no naming context: say one of {', '.join(BASES)}", "base")
    try:
        search_filter = parse(content["filter"])
        scope = Scope(content.get("scope", "subtree"))
    except ValueError:
        raise toml.wrong(f"{content['scope']!r} is no scope: say base or subtree", "scope") from None
    except ConfigurationError as error:
        raise toml.wrong(error.what, "filter") from None
    name = PurePath(toml.name).stem
    columns = tuple(_column(toml, key, spec, "columns", key) for key, spec in content["columns"].items())
    main = Table(name, content["title"], content["description"], columns, content.get("each", ""))
    children = tuple(_child(toml, key, spec, name) for key, spec in content.get("tables", {}).items())
    identity = (content["identity"],) if isinstance(content["identity"], str) else tuple(content["identity"])
    for key in identity:
        if key not in {column.name for column in columns}:
            raise toml.wrong(f"the identity column {key!r} is not among the columns", "identity")
    return Query(name, search_filter, bases, scope, identity, (main, *children), content.get("unless_in", ""))


def _child(toml: Toml, name: str, spec: Mapping[str, Any], owner: str) -> Table:
    path = ("tables", name)
    toml.check(spec, _CHILD_KEYS, {"type": TEXT, "to": TEXT}, *path)
    value = {key: spec[key] for key in ("attribute", "type", "says", "to") if key in spec}
    column = _column(toml, spec["column"], value, *path)
    return Table(name, spec["title"], spec["description"], (column,), column.attribute, owner)


def _column(toml: Toml, name: str, spec: Mapping[str, Any], *path: str) -> Column:
    toml.check(spec, {"says": TEXT}, _COLUMN_KEYS, *path)
    try:
        kind = Type(spec.get("type", "str"))
    except ValueError:
        raise toml.wrong(f"column {name}: {spec['type']!r} is no type: say one of {', '.join(Type)}", *path) from None
    attribute = spec.get("attribute", "" if kind in FROM_DN else None)
    if name in IDENTITY:
        raise toml.wrong(f"column {name}: every table has it already", *path)
    if attribute is None:
        raise toml.wrong(f"column {name}: the key 'attribute' is missing", *path)
    if attribute.lower() in SECRET_ATTRIBUTES and kind is not Type.PRESENT:
        raise toml.wrong(f'column {name}: {attribute} is secret; only its presence may be asked (type = "present")', *path)
    if (kind is Type.BIT) != ("bit" in spec) or (kind is Type.VERSION) != (spec.get("part") in VERSION_PARTS):
        raise toml.wrong(f"column {name}: a bit column needs 'bit', a version column 'part', and no other type has them", *path)
    return Column(
        name,
        attribute,
        kind,
        spec["says"],
        spec.get("absent"),
        spec.get("bit", 0),
        spec.get("up", 1),
        spec.get("part", ""),
        spec.get("to", ""),
    )
