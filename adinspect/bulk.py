"""Bulk CSVs: what each is, from TOML, and its rows, written so that PowerShell reads what the directory held and nothing else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from pathlib import PurePath
from typing import Any

from pandas import DataFrame

from adinspect import definitions, frames
from adinspect.definitions import ANY_TEXT, ENTRIES, NUMBER, TEXT, TEXTS, TRUTH, Toml
from adinspect.finding import Target
from adinspect.formulas import defused
from adinspect.step import GUID, NOTES, NULL, PREVIOUS, REASON, REVIEW, UNKNOWN, text

OBJECT_GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-46-9a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
"""An objectGUID; not of version 5, which collection gives to an entry of an export that has none."""

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that end a line, are none, or turn the direction of what follows, so that a reader sees another value."""

_OBJECT_GUID = re.compile(OBJECT_GUID)
_NAME = re.compile(r"[0-9]{2}_[a-z0-9_]+")
_CMDLET = re.compile(r"[A-Z][A-Za-z]*-[A-Z][A-Za-z]*")
_PARAMETER = re.compile(r"[A-Z][A-Za-z0-9]*")


class Kind(StrEnum):
    """How the runner reads a cell: as text, True or False, a list, or what to add to a list or remove from it."""

    TEXT = "text"
    BOOL = "bool"
    LIST = "list"
    ADD = "add"
    REMOVE = "remove"

    @property
    def many(self) -> bool:
        """Whether a cell holds several values, joined with `|`."""
        return self in (Kind.LIST, Kind.ADD, Kind.REMOVE)


@dataclass(frozen=True)
class Column:
    """A parameter of the cmdlet: `pattern` is what every value of it matches as a whole (of a list: each of its values).

    `property` is what it sets, as the Get cmdlet names it (empty: nothing that can be read back). A cell of an `optional` column
    may be blank, which leaves the parameter out; one of a `nullable` column may be NULL, which empties the property. What is no
    `parameter` is only remembered: the cmdlet takes it away, and the rollback needs it.

    What is to be added and what removed go `into` one parameter together (empty: the column's name without its `Add` or
    `Remove`). `refers` is the Get cmdlet that finds what a cell names by its GUID, where the property shows a name in its place.
    `false_is_blank` says that a property shown as False may never have been set; `prefix` is what a property may show before the
    text that the parameter takes (`Tag:`, `tel:`). Where not `compared`, the cmdlet shows the property in another form than the
    parameter takes: the runner leaves it alone.
    """

    name: str
    kind: Kind
    pattern: str
    says: str
    property: str = ""
    optional: bool = False
    nullable: bool = False
    parameter: bool = True
    into: str = ""
    refers: str = ""
    false_is_blank: bool = False
    prefix: str = ""
    compared: bool = True

    def argument(self) -> str:
        """The parameter of the cmdlet that its cells go to."""
        suffix = {Kind.ADD: "Add", Kind.REMOVE: "Remove"}.get(self.kind, "")
        return self.into or self.name.removesuffix(suffix)

    @cached_property
    def allows(self) -> re.Pattern[str]:
        """What every value matches as a whole."""
        return re.compile(self.pattern)

    def bare(self, shown: Any) -> Any:
        """What a property shows, as the parameter takes it: without `prefix`."""
        prefixed = isinstance(shown, str) and shown.casefold().startswith(self.prefix.casefold())
        return shown[len(self.prefix) :] if prefixed else shown


class Homed(StrEnum):
    """Which users a CSV may hold: those homed on a pool of their own, those homed online, or either."""

    HERE = "here"
    ONLINE = "online"
    ANYWHERE = ""


@dataclass(frozen=True)
class Rollback:
    """The cmdlet that takes a row back, and its parameters.

    Each is a column of the CSV (`from`), a fixed text (`value`), or a property of the object that the Get cmdlet finds (`found`).
    It has -WhatIf, -Confirm and -DomainController where the cmdlet that it takes back has them.
    """

    cmdlet: str
    columns: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class BulkCsv:
    """One bulk CSV (`name` is its file's stem, with its number) and how each of its rows is run.

    `reads` is the Get cmdlet that shows an object before it is changed; where not `found_before`, it finds the object only
    afterwards, and before that all previous values are blank; where not `found_after`, only before. `makes` maps another Get
    cmdlet that finds the object only afterwards to the properties it then shows, `leaves` one that found it before to properties
    that are others then (an empty text: nothing). `key` is the column that names the object; one that no single column names is
    the one, among all that the Get cmdlet shows, whose properties are the cells of the columns in `match`. Where not `own_guid`,
    `_ObjectGuid` is that of another object than the Get cmdlet finds, or it shows no identity.

    `delay` is the pause after a row in milliseconds. `what_if`, `confirm` and `domain_controller` say whether the cmdlet has that
    parameter, `validate_only` that it has -ValidateOnly, which says more than -WhatIf. `user_list` is the column whose previous
    values, SIP addresses, are also written as the text file that its -UserList takes. `order` is its place among all CSVs of a
    target; a target without one does not get it. `homed` says which users it may hold. A `gated` one is not written while a gate
    stands. `afterwards` is what a person does once it was run, before the next file. `lost` names what a rollback cannot bring
    back. `made_good` names, for a target, the later CSV whose row gives back what one of this takes away. One without `cmdlet`
    and `reads` is a list for people, which is not run: its proposal gives the previous values. `from_found` maps parameters to
    the property of what was found that they get.
    """

    name: str
    title: str
    description: str
    cmdlet: str
    reads: str
    key: str
    delay: int
    what_if: bool
    confirm: bool
    domain_controller: bool
    source: str
    order: Mapping[Target, int]
    columns: tuple[Column, ...]
    rollback: Rollback
    found_before: bool = True
    found_after: bool = True
    makes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    leaves: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    homed: Homed = Homed.ANYWHERE
    validate_only: bool = False
    own_guid: bool = True
    user_list: str = ""
    gated: bool = False
    made_good: Mapping[str, str] = field(default_factory=dict)
    match: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    afterwards: str = ""
    from_found: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def parameters(self) -> tuple[Column, ...]:
        """The columns that the cmdlet is given."""
        return tuple(column for column in self.columns if column.parameter)

    @cached_property
    def changed(self) -> tuple[Column, ...]:
        """The columns whose present value is written beside them."""
        return tuple(column for column in self.columns if column.property)

    def given(self, changed: Column) -> tuple[Column, ...]:
        """The parameters that change the property of a column: where all are blank, it stays as it is."""
        return self._by_argument.get(changed.argument(), ()) if changed.parameter else ()

    @cached_property
    def _by_argument(self) -> Mapping[str, tuple[Column, ...]]:
        told: dict[str, tuple[Column, ...]] = {}
        for column in self.parameters:
            told[column.argument()] = (*told.get(column.argument(), ()), column)
        return told

    def changes(self, changed: Column, row: Mapping[Any, Any]) -> bool:
        """Whether a row gives the property of a column another value, or takes it away."""
        given = self.given(changed)
        return not given or any(row.get(one.name) is not None for one in given)

    @cached_property
    def header(self) -> tuple[str, ...]:
        """Parameters, notes, and the previous value of each column that sets or takes away a property."""
        return (*(column.name for column in self.parameters), *NOTES, *(PREVIOUS + column.name for column in self.changed))


@cache
def shipped() -> Mapping[str, BulkCsv]:
    """The bulk CSVs that ship with the package, by name.

    Raises:
        ConfigurationError: a definition has a wrong key or value; says the line.
    """
    return {definition.name: definition for definition in map(load, definitions.shipped("reports/bulk"))}


_KEYS = {
    **dict.fromkeys(("title", "description", "key", "source"), TEXT),
    "delay": NUMBER,
    **dict.fromkeys(("what_if", "confirm", "domain_controller"), TRUTH),
    **dict.fromkeys(("order", "columns", "rollback"), ENTRIES),
}

_MAY = {
    **dict.fromkeys(("found_before", "found_after", "validate_only", "own_guid", "gated"), TRUTH),
    **dict.fromkeys(("cmdlet", "reads", "homed", "afterwards", "user_list"), TEXT),
    **dict.fromkeys(("match", "lost"), TEXTS),
    **dict.fromkeys(("makes", "leaves", "made_good"), ENTRIES),
}

_COLUMN_MAY = {
    "pattern": ANY_TEXT,
    **dict.fromkeys(("property", "into", "refers", "prefix"), TEXT),
    **dict.fromkeys(("optional", "nullable", "parameter", "false_is_blank", "compared"), TRUTH),
}


def load(toml: Toml) -> BulkCsv:
    """Read one definition; the stem of its file is the CSV's name.

    Raises:
        ConfigurationError: a wrong key or value; says the line.
    """
    content = toml.content
    toml.check(content, _KEYS, _MAY)
    name = PurePath(toml.name).stem
    if not _NAME.fullmatch(name):
        raise toml.wrong(f"a bulk CSV is called by a number and a name, as 20_cs_user_enable is, not {name!r}")
    _check_cmdlets(toml, content)
    if content["delay"] < 0:
        raise toml.wrong("delay is a number of milliseconds, 0 or more", "delay")
    if content.get("homed", Homed.HERE) not in tuple(Homed):
        raise toml.wrong(f"homed is {content['homed']!r}: say one of {', '.join(filter(None, Homed))}", "homed")
    columns = tuple(_column(toml, key, spec) for key, spec in content["columns"].items())
    if content["key"] not in {column.name for column in columns if column.parameter}:
        raise toml.wrong(f"the key {content['key']!r} is not among the columns", "key")
    for key in ("match", "user_list"):
        named = content.get(key) or ()
        if wrong := {*((named,) if isinstance(named, str) else named)} - {column.name for column in columns if column.property}:
            raise toml.wrong(f"{key} names {min(wrong)}, which is no column with a property", key)
    whole = {
        "cmdlet": "",
        "reads": "",
        "found_before": "reads" in content,
        **content,
        "order": _order(toml, content["order"]),
        "columns": columns,
        "rollback": Rollback("", {}),
        "homed": Homed(content.get("homed", Homed.ANYWHERE)),
        **{key: tuple(content.get(key, ())) for key in ("lost", "match")},
    }
    return BulkCsv(name, **{**whole, "rollback": _rollback(toml, content["rollback"], BulkCsv(name, **whole).header)})


def _order(toml: Toml, content: Mapping[str, Any]) -> Mapping[Target, int]:
    for target, place in content.items():
        if target not in tuple(Target):
            raise toml.wrong(f"{target!r} is no target: say one of {', '.join(Target)}", "order", target)
        if type(place) is not int or place < 1:
            raise toml.wrong(f"the place in the order of {target} is a whole number, 1 or more, not {place!r}", "order", target)
    return {Target(target): place for target, place in content.items()}


def _column(toml: Toml, name: str, spec: Any) -> Column:
    path = ("columns", name)
    if not _PARAMETER.fullmatch(name):
        raise toml.wrong(f"column {name!r} is not named as a parameter is", *path)
    toml.check(spec, {"type": TEXT, "says": TEXT}, _COLUMN_MAY, *path)
    if spec["type"] not in tuple(Kind):
        raise toml.wrong(f"column {name}: {spec['type']!r} is no type: say one of {', '.join(Kind)}", *path, "type")
    kind = Kind(spec["type"])
    if (kind is Kind.BOOL) == ("pattern" in spec):
        raise toml.wrong(f"column {name}: every column but a bool one has a pattern", *path, "pattern")
    pattern = spec.get("pattern", "True|False")
    try:
        re.compile(pattern)
    except re.error as error:
        raise toml.wrong(f"column {name}: the pattern is no regular expression: {error}", *path, "pattern") from None
    given = {key: spec[key] for key in _COLUMN_MAY if key in spec and key != "pattern"}
    column = Column(name, kind, pattern, spec["says"], **given)
    _check_column(toml, column, *path)
    return column


def _check_column(toml: Toml, column: Column, *path: str) -> None:
    if column.into and column.kind not in (Kind.ADD, Kind.REMOVE):
        raise toml.wrong(f"column {column.name}: only what is added or removed goes into another parameter", *path, "into")
    if not _PARAMETER.fullmatch(column.argument()):
        raise toml.wrong(f"column {column.name}: say the parameter it goes into", *path)
    if column.prefix and not re.fullmatch("[A-Za-z]+:", column.prefix):
        raise toml.wrong(f"column {column.name}: a prefix is a word and a colon", *path, "prefix")
    if column.refers:
        _check_cmdlet(toml, column.refers, *path, "refers")


def _rollback(toml: Toml, content: Mapping[str, Any], header: tuple[str, ...]) -> Rollback:
    toml.check(content, {"columns": ENTRIES}, {"cmdlet": TEXT}, "rollback")
    if ("cmdlet" in content) != ("cmdlet" in toml.content):
        raise toml.wrong("a CSV and what takes it back are both run by a cmdlet, or neither is", "rollback")
    if "cmdlet" in content:
        _check_cmdlet(toml, content["cmdlet"], "rollback", "cmdlet")
    for name, spec in content["columns"].items():
        path = ("rollback", "columns", name)
        if not _PARAMETER.fullmatch(name):
            raise toml.wrong(f"column {name!r} is not named as a parameter is", *path)
        known = isinstance(spec, dict) and list(spec) in (["from"], ["value"], ["found"])
        if not known or not isinstance(next(iter(spec.values())), str):
            ways = '{ from = "a column" }, { value = "a text" } or { found = "a property" }'
            raise toml.wrong(f"rollback column {name} is {ways}", *path)
        if spec.get("from", header[0]) not in header:
            raise toml.wrong(f"rollback column {name}: the CSV has no column {spec['from']!r}", *path)
    return Rollback(content.get("cmdlet", ""), content["columns"])


def _check_cmdlets(toml: Toml, content: Mapping[str, Any]) -> None:
    if ("cmdlet" in content) != ("reads" in content):
        raise toml.wrong("a CSV has a cmdlet that changes and a Get cmdlet that reads, or is a list for people and has neither")
    for key in content.keys() & {"cmdlet", "reads"}:
        _check_cmdlet(toml, content[key], key)
    if not content.get("reads", "Get-").startswith("Get-"):
        raise toml.wrong(f"reads is {content['reads']!r}: only a Get cmdlet reads", "reads")


def _check_cmdlet(toml: Toml, value: str, *path: str) -> None:
    if not _CMDLET.fullmatch(value):
        raise toml.wrong(f"{value!r} is no name of a cmdlet", *path)


def split(definition: BulkCsv, rows: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The rows that may be run, and the others with their REASON; text throughout, no row in both, none lost.

    `rows` has the columns of the header and REASON. Kept is a row without a reason and without `faults`.
    """
    told = [(row, why_not(definition, row)) for row in frames.records(rows)]
    kept = [row for row, reason in told if not reason]
    rejected = [{**row, REASON: reason} for row, reason in told if reason]
    return as_run(definition.header, kept), as_refused(definition.header, rejected)


def why_not(definition: BulkCsv, row: Mapping[Any, Any]) -> str:
    """Why a row must not be run; empty when it may."""
    return row[REASON] or "; ".join(faults(definition, row))


def as_run(header: Iterable[str], rows: Iterable[Mapping[Any, Any]]) -> DataFrame:
    """Rows that are run, as text."""
    kept = list(rows)
    columns = {name: [text(row[name]) for row in kept] for name in header}
    notes = {name: list(map(_clean, columns[name])) for name in NOTES if name in columns}
    return DataFrame({**columns, **notes}, dtype="object")


def as_refused(header: Iterable[str], rows: Iterable[Mapping[Any, Any]]) -> DataFrame:
    """Rows that are not run and their REASON, as text that only people read."""
    refused = list(rows)
    return DataFrame({name: [_clean(text(row[name])) for row in refused] for name in (*header, REASON)}, dtype="object")


def faults(definition: BulkCsv, row: Mapping[Any, Any]) -> Iterator[str]:
    """What keeps a row from being run: a cell that does not match its column, or holds a control character, REVIEW or NULL."""
    if not _OBJECT_GUID.fullmatch(text(row[GUID])):
        yield "its objectGUID is not known: the export does not hold it"
    for column in definition.parameters:
        if fault := _fault(column, row[column.name]):
            yield f"{column.name} {fault}"
    for column in definition.changed:
        before = row[PREVIOUS + column.name]
        if before == UNKNOWN and definition.changes(column, row):
            yield f"the present {column.property} is not known"
        if fault := _irretrievable(before):
            yield f"the present value of {column.name} {fault}"


def _plain(cell: Any) -> bool:
    """Whether a cell is a text without control characters (no printable character is one) that is no word of the runner's."""
    return isinstance(cell, str) and cell.isprintable() and cell[:1] not in ("", "#", "$")


def _irretrievable(cell: Any) -> str:
    """What keeps a present value from being put back as it was; empty when nothing does."""
    if cell is None or isinstance(cell, bool) or _plain(cell):
        return ""
    texts = [text(value) for value in (cell if isinstance(cell, tuple) else (cell,))]
    if any(map(CONTROL.search, texts)):
        return "holds a control character"
    if isinstance(cell, tuple) and any("|" in told for told in texts):
        return "holds a |, which divides the values of a list"
    words = {told.casefold() for told in texts} & {NULL, REVIEW.casefold()}
    return f"is {words.pop()}, which the runner takes for its own word" if words else ""


def _fault(column: Column, cell: Any) -> str:
    """What is wrong with a cell; empty when nothing is. The runner's words are compared as PowerShell compares, in any case."""
    if column.kind is Kind.TEXT and _plain(cell) and column.allows.fullmatch(cell):
        return ""
    texts = [text(value) for value in (cell if isinstance(cell, tuple) else (cell,))]
    words = {told.casefold() for told in texts}
    if REVIEW.casefold() in words:
        return "is for a person to decide"
    if words <= {""}:
        return "" if column.optional else "is blank"
    if column.nullable and cell == NULL:
        return ""
    if not isinstance(cell, tuple if column.kind.many else bool if column.kind is Kind.BOOL else str):
        return f"is no {column.kind}: {text(cell)}"
    right = all(column.allows.fullmatch(told) and not CONTROL.search(told) for told in texts)
    divided = column.kind.many and any("|" in told for told in texts)
    return "" if right and not divided and NULL not in words else f"is not what the column allows: {', '.join(texts)}"


def _clean(told: str) -> str:
    """A text that only people read: no control character, and nothing a spreadsheet would run."""
    return defused(told if told.isprintable() else CONTROL.sub("\ufffd", told))  # nothing printable is a control character


def octets(rows: DataFrame) -> bytes:
    """Rows of text as a file: UTF-8 with BOM, comma, CRLF, every field quoted."""
    lines: Iterable[Iterable[str]] = (rows.columns, *rows.itertuples(index=False, name=None))
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(lines)
    return written.getvalue().encode("utf-8-sig")
