"""A report: tables laid out as sheets for people, by a TOML definition; what a format makes of them is its exporter's matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

import pandas as pd
from pandas import DataFrame, Series

from adinspect import certificates, definitions, query
from adinspect.definitions import TABLES, TEXT, TEXTS, TRUTH, KeyPath, Kind, Toml
from adinspect.errors import ConfigurationError
from adinspect.query import IDENTITY, Table

EVERY_OTHER = "*"
"""In `tables`: every table of the queries that is not named, each query's child tables after its own."""

NAMES = {"voip": "VoIP"} | {
    name: name.upper()
    for name in (
        "cpu",
        "dacl",
        "dn",
        "dtmf",
        "eum",
        "fqdn",
        "guid",
        "ip",
        "pin",
        "sam",
        "sid",
        "sip",
        "tcp",
        "tls",
        "um",
        "upn",
        "uri",
        "urn",
    )
}
"""How words of a column's name are spelt in its header."""


@dataclass(frozen=True, eq=False)
class Block:
    """One table as it is shown.

    `columns` maps each column of `rows`, in order, to its header; a block whose headers are all empty has no header line.
    `blank` are headers of columns left empty for the reader to fill in. `wrap` names the columns of long text, `link` the column
    whose values name tables that have a sheet. The rows of an `alert` must not be overlooked; their `severity` says how bad.
    """

    table: str
    columns: Mapping[str, str]
    rows: DataFrame
    title: str = ""
    blank: tuple[str, ...] = ()
    wrap: tuple[str, ...] = ()
    link: str = ""
    alert: bool = False


@dataclass(frozen=True, eq=False)
class Sheet:
    """One table, or several blocks below each other (`stacked`). A `spare` sheet without a row may be left out."""

    title: str
    blocks: tuple[Block, ...]
    stacked: bool = False
    spare: bool = False


@dataclass(frozen=True, eq=False)
class Report:
    """What an exporter writes. `taken` is the time of the snapshot, in UTC: nothing in a report depends on when it is written."""

    title: str
    taken: datetime
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class BlockDefinition:
    """How one table is shown (see Block); no `columns` are all of them. `path` leads to it in the TOML."""

    path: KeyPath
    table: str
    columns: Mapping[str, str]
    title: str = ""
    sort: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    wrap: tuple[str, ...] = ()
    link: str = ""
    alert: bool = False


@dataclass(frozen=True)
class SheetDefinition:
    """A sheet of one or several blocks; or, without a title, a sheet for each of `tables` (EVERY_OTHER) but for `without`."""

    path: KeyPath
    title: str = ""
    blocks: tuple[BlockDefinition, ...] = ()
    stacked: bool = False
    tables: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """A report's TOML file, checked."""

    toml: Toml
    title: str
    sheets: tuple[SheetDefinition, ...]

    @property
    def named(self) -> frozenset[str]:
        """The tables it names itself."""
        return frozenset(block.table for sheet in self.sheets for block in sheet.blocks)


HEADERS = Kind(
    "a table of column names and headers",
    lambda value: isinstance(value, dict) and all(isinstance(header, str) for header in value.values()),
)

_SHOWN = {"columns": HEADERS, "sort": TEXTS, "blank": TEXTS, "wrap": TEXTS, "link": TEXT}
_STACKED = {"title": TEXT, "alert": TRUTH, **_SHOWN}


def find(name: str) -> Definition:
    """Read the report of this name that ships with the package, or a TOML file of the user.

    Raises:
        ConfigurationError: there is neither, or the definition is wrong; says the line.
    """
    if name.endswith(".toml"):
        return load(definitions.read(Path(name)))
    known = {PurePath(toml.name).stem: toml for toml in definitions.shipped("reports")}
    if name not in known:
        said = f"there is no report {name!r}: known are {', '.join(known)}"
        raise ConfigurationError(said, next_step="Name one of them, or the path of a file that ends in .toml.")
    return load(known[name])


def load(toml: Toml) -> Definition:
    """Check a definition's keys and their kinds.

    Raises:
        ConfigurationError: a wrong key or value; says the line.
    """
    toml.check(toml.content, {"title": TEXT, "sheet": TABLES})
    sheets = [_sheet_definition(toml, content, ("sheet", place)) for place, content in enumerate(toml.content["sheet"])]
    return Definition(toml, toml.content["title"], tuple(sheets))


def _sheet_definition(toml: Toml, content: Mapping[str, Any], path: KeyPath) -> SheetDefinition:
    if "tables" in content:
        toml.check(content, {"tables": TEXTS}, {"without": TEXTS}, *path)
        return SheetDefinition(path, tables=tuple(content["tables"]), without=tuple(content.get("without", ())))
    if "block" not in content:
        toml.check(content, {"title": TEXT, "table": TEXT}, _SHOWN, *path)
        return SheetDefinition(path, content["title"], (replace(_block_definition(content, path), title=""),))
    toml.check(content, {"title": TEXT, "block": TABLES}, None, *path)
    blocks: list[BlockDefinition] = []
    for place, block in enumerate(content["block"]):
        toml.check(block, {"table": TEXT}, _STACKED, *path, "block", place)
        if block["table"] in (earlier.table for earlier in blocks):
            raise toml.wrong(f"table {block['table']} stands twice on this sheet", *path, "block", place, "table")
        blocks.append(_block_definition(block, (*path, "block", place)))
    return SheetDefinition(path, content["title"], tuple(blocks), stacked=True)


def _block_definition(content: Mapping[str, Any], path: KeyPath) -> BlockDefinition:
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in content.items()}
    return BlockDefinition(path, **{"columns": {}} | given)


def build(definition: Definition, tables: Mapping[str, DataFrame], *, taken: datetime) -> Report:
    """Lay tables out as a definition says.

    Raises:
        ConfigurationError: the definition names a table or a column that is not there; says the line.
    """
    sheets = tuple(sheet for one in definition.sheets for sheet in _sheets(definition.toml, one, tables))
    return Report(definition.title, taken, sheets)


def _sheets(toml: Toml, definition: SheetDefinition, tables: Mapping[str, DataFrame]) -> Iterator[Sheet]:
    if definition.blocks:
        blocks = tuple(_block(toml, block, tables) for block in definition.blocks)
        yield Sheet(definition.title, blocks, definition.stacked)
        return
    shapes = {table.name: table for table in (*query.tables(), certificates.TABLE)}
    for name in _chosen(toml, definition, tables, shapes):
        block = _block(toml, BlockDefinition(definition.path, name, {}), tables)
        yield Sheet(shapes[name].title if name in shapes else header(name), (block,), spare=True)


def _chosen(
    toml: Toml, definition: SheetDefinition, tables: Mapping[str, DataFrame], shapes: Mapping[str, Table]
) -> Sequence[str]:
    """The tables that get a sheet, a query's child tables after its own."""
    for key, names in (("tables", definition.tables), ("without", definition.without)):
        for name in names:
            if name not in tables and name not in (EVERY_OTHER, *shapes):
                raise _no_table(toml, name, tables, *definition.path, key)
    known = [name for name in shapes if name in tables]
    groups = {name: [name, *(child for child in known if shapes[child].owner == name)] for name in definition.tables}
    named = {name for first, group in groups.items() if first != EVERY_OTHER for name in group}
    groups[EVERY_OTHER] = [name for name in known if name not in named]
    chosen = dict.fromkeys(name for first in definition.tables for name in groups[first])
    return [name for name in chosen if name in tables and name not in definition.without]


def _block(toml: Toml, definition: BlockDefinition, tables: Mapping[str, DataFrame]) -> Block:
    if definition.table not in tables:
        raise _no_table(toml, definition.table, tables, *definition.path, "table")
    rows = tables[definition.table]
    columns = definition.columns or _all_columns(rows)
    _check_columns(toml, definition, columns, rows)
    if definition.sort:
        rows = rows.sort_values(list(definition.sort), kind="stable", key=_sortable)
    return Block(
        definition.table,
        columns,
        rows[list(columns)].reset_index(drop=True),
        definition.title,
        definition.blank,
        definition.wrap,
        definition.link,
        definition.alert,
    )


def _check_columns(toml: Toml, definition: BlockDefinition, columns: Mapping[str, str], rows: DataFrame) -> None:
    """Hold every column that a block names against the table, and those it treats specially against the ones it shows."""
    for key, names, known in (
        ("columns", tuple(columns), tuple(rows.columns)),
        ("sort", definition.sort, tuple(rows.columns)),
        ("wrap", definition.wrap, tuple(columns)),
        ("link", (definition.link,) if definition.link else (), tuple(columns)),
        ("alert", ("severity",) if definition.alert else (), tuple(columns)),
    ):
        for name in names:
            if name not in known:
                said = f"table {definition.table} {'has' if known == tuple(rows.columns) else 'shows'} no column {name!r}"
                raise toml.wrong(f"{said}: known are {', '.join(map(str, known))}", *definition.path, key, name)


def _no_table(toml: Toml, name: str, tables: Mapping[str, DataFrame], *path: str | int) -> ConfigurationError:
    return toml.wrong(f"there is no table {name!r}: known are {', '.join(tables)}", *path)


def _sortable(column: Series) -> Series:
    """A column that may hold texts among numbers, as texts."""
    return column.astype("str") if column.dtype == object else column


def _all_columns(rows: DataFrame) -> Mapping[str, str]:
    """Every column with a header made of its name: what a person calls the row first, what a machine calls it last."""
    names = [name for name in rows.columns if name not in IDENTITY]
    ordered = [*(name for name in ("identity",) if name in rows), *names, *(name for name in ("dn", "guid") if name in rows)]
    return {name: header(name) + (" (UTC)" if isinstance(rows[name].dtype, pd.DatetimeTZDtype) else "") for name in ordered}


def header(name: str) -> str:
    """The words of a column's or table's name, as a person writes them: `um_dial_plan` is `UM dial plan`."""
    words = " ".join(NAMES.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:]
