"""Bulk CSVs as they ship, from TOML, and their rows, so that PowerShell reads what the directory held and nothing else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import PurePath
from typing import Any

from pandas import DataFrame

from adinspect import definitions, frames
from adinspect.bulk_csv import BulkCsv, Column, Homed, Kind, Rollback
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
