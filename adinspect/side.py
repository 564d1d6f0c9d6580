"""Side inputs: CSV exports of what Active Directory does not hold, checked cell by cell and read as tables of the snapshot."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa

from adinspect import csv_records, definitions, frames
from adinspect.csv_records import SAFE, Record
from adinspect.definitions import TABLE, TEXT, TEXT_OR_TEXTS, TRUTH, Toml
from adinspect.errors import InputError
from adinspect.query import IDENTITY, Column, Table, Type

OPTION = "--side"
"""What a reader is pointed to where a side input is lacking."""

JOINED = "|"
"""Between the values of a property that has several: PowerShell would write the name of their type instead of them."""


class Kind(StrEnum):
    """What a cell must hold; an empty one is a missing value."""

    STR = "str"
    INT = "int"
    BOOL = "bool"
    TIME = "time"
    NUMBER = "number"
    JOINED = "joined"


TYPES: Mapping[Kind, Type] = {
    **dict.fromkeys(Kind, Type.STR),
    Kind.INT: Type.INT,
    Kind.BOOL: Type.BOOL,
    Kind.TIME: Type.TIME,
}
"""What a kind of cell is in a table; several joined values stay one text, as the file has them."""


@dataclass(frozen=True)
class Header:
    """A column of a CSV file: the header it bears there, what its cells hold, and the property it is exported from.

    `value` is the PowerShell expression that gives it, where it is not the property of the header's name.
    """

    column: str
    header: str
    kind: Kind
    says: str
    value: str = ""
    optional: bool = False

    @property
    def selected(self) -> str:
        """Its part of the Select-Object of the export, the same on every machine whatever its language."""
        value = self.value or f"$_.{self.header}"
        if self.kind is Kind.JOINED:
            value = f"{value} -join '{JOINED}'"
        elif self.kind is Kind.TIME:
            value = f"{value}.ToUniversalTime().ToString('s')+'Z'"
        return self.header if value == f"$_.{self.header}" else f"@{{n='{self.header}';e={{{value}}}}}"


@dataclass(frozen=True)
class SideInput:
    """One CSV export and the table it becomes; `key` names the columns that no two rows share.

    `command` is the PowerShell pipeline whose objects are exported; empty where the file comes from somebody else.
    """

    name: str
    title: str
    description: str
    command: str
    key: tuple[str, ...]
    headers: tuple[Header, ...]

    @property
    def file(self) -> str:
        """The name of its file: table `cs_pools` is read from `cs-pools.csv`."""
        return f"{self.name.replace('_', '-')}.csv"

    @property
    def table(self) -> Table:
        """The table it becomes."""
        columns = (Column(one.column, one.header, TYPES[one.kind], one.says) for one in self.headers)
        return Table(self.name, self.title, self.description, tuple(columns))

    @property
    def line(self) -> str:
        """The PowerShell line that writes the file; a comment where no cmdlet gives it."""
        if not self.command:
            return f"# no cmdlet gives {self.file}: its first line is {','.join(one.header for one in self.headers)}"
        selected = ",".join(one.selected for one in self.headers)
        return f"{self.command} | Select-Object {selected} | Export-Csv {self.file} -NoTypeInformation -Encoding UTF8"


@dataclass(frozen=True)
class Export:
    """A side input that was read: its rows (frames.schema of its table), and where they come from."""

    input: SideInput
    table: pa.Table
    sha256: str
    modified: datetime

    @property
    def provenance(self) -> dict[str, Any]:
        """What the manifest says of it; names only, no path."""
        stamp = self.modified.isoformat(timespec="seconds").replace("+00:00", "Z")
        rows = len(self.table)
        return {"file": self.input.file, "table": self.input.name, "sha256": self.sha256, "rows": rows, "modified": stamp}


@dataclass(frozen=True)
class Side:
    """The side inputs of a folder, and remarks about what in it was not read."""

    exports: tuple[Export, ...]
    remarks: tuple[str, ...]

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """Their tables, by name."""
        return {one.input.name: one.table for one in self.exports}


_KEYS = {**dict.fromkeys(("title", "description"), TEXT), "key": TEXT_OR_TEXTS, "columns": TABLE}
_COLUMN_KEYS = {**dict.fromkeys(("type", "value"), TEXT), "optional": TRUTH}


@cache
def shipped() -> Mapping[str, SideInput]:
    """The side inputs that the package knows, by the name of their table.

    Raises:
        ConfigurationError: a definition has a wrong key or type; says the line.
    """
    return {one.name: one for one in map(load, definitions.shipped("queries/side"))}


def tables() -> Iterator[Table]:
    """The tables that side inputs become, supplied or not."""
    return (one.table for one in shipped().values())


def load(toml: Toml) -> SideInput:
    """Read one definition; its stem is the table's name.

    Raises:
        ConfigurationError: a wrong key or type; says the line.
    """
    content = toml.content
    toml.check(content, _KEYS, {"command": TEXT})
    headers = tuple(_header(toml, name, spec) for name, spec in content["columns"].items())
    key = (content["key"],) if isinstance(content["key"], str) else tuple(content["key"])
    needed = {one.column for one in headers if not one.optional}
    for name in key:
        if name not in needed:
            raise toml.wrong(f"the key column {name!r} is not among the columns that every file has", "key")
    return SideInput(PurePath(toml.name).stem, content["title"], content["description"], content.get("command", ""), key, headers)


def _header(toml: Toml, name: str, spec: Any) -> Header:
    toml.check(spec, dict.fromkeys(("header", "says"), TEXT), _COLUMN_KEYS, "columns", name)
    if name in IDENTITY:
        raise toml.wrong(f"column {name}: every table has it already", "columns", name)
    try:
        kind = Kind(spec.get("type", "str"))
    except ValueError:
        raise toml.wrong(f"column {name}: {spec['type']!r} is no type: say one of {', '.join(Kind)}", "columns", name) from None
    return Header(name, spec["header"], kind, spec["says"], spec.get("value", ""), spec.get("optional", False))


def identity(*key: object) -> str:
    """What a row is called that has these values in its key columns."""
    return " / ".join(map(str, key))


def lacking(table: str) -> str:
    """Why a snapshot has no such side table; empty for what is none."""
    known = shipped().get(table)
    return f"no {known.file} was supplied ({OPTION})" if known else ""


def read(folder: Path) -> Side:
    """Read every side input of a folder; files of other names are named in the remarks and not opened.

    Raises:
        InputError: the folder or a file cannot be read, no file is a side input, or a file is not what it must be; says the
            file, row and column.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise InputError(f"the folder of side inputs cannot be read: {error.strerror}", where=str(folder)) from None
    known = {one.file: one for one in shipped().values()}
    chosen = [name for name in names if name.lower() in known]
    if not chosen:
        raise InputError(
            "no file in the folder is a side input",
            where=str(folder),
            next_step="`adinspect queries --side` names the files, and prints the PowerShell lines that write them.",
        )
    if len({name.lower() for name in chosen}) < len(chosen):
        raise InputError("several files differ only in the case of their names", where=f"{folder}: {', '.join(chosen)}")
    remarks = [f"Not read: {name} is no side input." for name in names if name not in chosen]
    exports = []
    for name in chosen:
        one, said = _export(folder / name, known[name.lower()])
        exports.append(one)
        remarks += said
    return Side(tuple(exports), tuple(remarks))


def _export(path: Path, known: SideInput) -> tuple[Export, list[str]]:
    try:
        octets, modified = path.read_bytes(), path.stat().st_mtime
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=path.name) from None
    table, unknown = _Reading(known).table(octets)
    told = ", ".join(name or "(without a name)" for name in unknown)
    remarks = [f"Not read: {known.file} has columns nobody asked for: {told}."] if unknown else []
    return Export(known, table, hashlib.sha256(octets).hexdigest(), datetime.fromtimestamp(modified, UTC)), remarks


@dataclass(frozen=True)
class _Reading:
    """Reads one file; every error names it, and the row and column."""

    known: SideInput

    def table(self, octets: bytes) -> tuple[pa.Table, list[str]]:
        """The rows of the file, and the headers that are not read."""
        text = csv_records.decode(octets, self.known.file)
        delimiter = csv_records.delimiter(text, [one.header for one in self.known.headers])
        records = csv_records.records(text, delimiter, self.known.file)
        head = next(records, None)
        if head is None:
            raise self._headless("the file is empty, without even a header")
        places, unknown = self._places(head)
        rows = list(records)
        columns = {one.column: self._column(one, places.get(one.column), rows) for one in self.known.headers}
        none = [""] * len(rows)
        whole = {"guid": none, "dn": none, "identity": self._identities(columns, rows), **columns}
        return pa.table(whole, schema=frames.schema(self.known.table)), unknown

    def _places(self, head: Record) -> tuple[dict[str, int], list[str]]:
        """Where each known column stands, and the other headers; case does not matter, as in PowerShell."""
        names = [cell.strip() for cell in head.cells]
        lowered = [name.lower() for name in names]
        for place, name in enumerate(lowered):
            if name and name in lowered[:place]:
                raise head.wrong(f"two columns are called {names[place]!r}")
        places = {one.column: lowered.index(one.header.lower()) for one in self.known.headers if one.header.lower() in lowered}
        if not places:
            raise self._headless("the first row is no header")
        missing = [one.header for one in self.known.headers if one.column not in places and not one.optional]
        if missing:
            raise head.wrong(f"the columns {', '.join(missing)} are missing", next_step=f"Export it again: {self.known.line}")
        known = {one.header.lower() for one in self.known.headers}
        return places, [name for name, lower in zip(names, lowered, strict=True) if lower not in known]

    def _column(self, header: Header, place: int | None, rows: Sequence[Record]) -> list[Any]:
        if place is None:
            return [None] * len(rows)
        convert, called = _CELLS[header.kind]
        values: list[Any] = []
        for record in rows:
            cell = record.cells[place]
            try:
                values.append(convert(cell) if cell else None)
            except ValueError:
                raise record.wrong(f"{_shown(cell)} is not {called}", header.header) from None
        return values

    def _identities(self, columns: Mapping[str, list[Any]], rows: Sequence[Record]) -> list[str]:
        """What each row is about: the values of the key columns, which no two rows share, whatever their case."""
        headers = {one.column: one.header for one in self.known.headers}
        seen: dict[tuple[str, ...], int] = {}
        identities = []
        for number, record in enumerate(rows):
            key = [columns[name][number] for name in self.known.key]
            for name, value in zip(self.known.key, key, strict=True):
                if value is None:
                    raise record.wrong("the cell is empty, and tells what the row is about", headers[name])
            named, folded = identity(*key), tuple(str(value).casefold() for value in key)
            if folded in seen:
                columns_named = ", ".join(headers[name] for name in self.known.key)
                raise record.wrong(f"row {seen[folded]} is about {_shown(named)} already", columns_named)
            seen[folded] = record.row
            identities.append(named)
        return identities

    def _headless(self, what: str) -> InputError:
        wanted = ",".join(one.header for one in self.known.headers if not one.optional)
        return InputError(
            what,
            where=self.known.file,
            safe=SAFE,
            next_step="Export-Csv writes no header where there is nothing to export: if so, write this line into the file: "
            f"{wanted}. If not, export it again.",
        )


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= 60 else f"{cell[:60]}...")


def _whole(cell: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", cell.strip()):
        raise ValueError
    return int(cell)


def _truth(cell: str) -> bool:
    word = cell.strip().lower()
    if word not in ("true", "false"):
        raise ValueError
    return word == "true"


def _time(cell: str) -> datetime:
    moment = datetime.fromisoformat(cell.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _number(cell: str) -> str:
    if not re.fullmatch(r"(?i:tel:)?\+?[0-9][0-9 ().\-]*(?i:;ext=[0-9]+)?", cell.strip()):
        raise ValueError
    return cell.strip()


_CELLS: Mapping[Kind, tuple[Callable[[str], Any], str]] = {
    Kind.STR: (str, "text"),
    Kind.JOINED: (str, "text"),
    Kind.INT: (_whole, "a whole number"),
    Kind.BOOL: (_truth, "True or False"),
    Kind.TIME: (_time, "a time such as 2026-11-24T08:00:00Z"),
    Kind.NUMBER: (_number, "a telephone number; a spreadsheet may have made 1.4E+10 of it"),
}
