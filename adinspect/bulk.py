"""Bulk CSVs: what each is, from TOML, and its rows, written so that PowerShell reads what the directory held and nothing else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import pandas as pd
from pandas import DataFrame

from adinspect import atomic, definitions, targets
from adinspect.definitions import ANY_TEXT, ENTRIES, NUMBER, TEXT, TRUTH, Toml
from adinspect.errors import ConfigurationError
from adinspect.finding import Target
from adinspect.formulas import defused
from adinspect.targets import GUID, NOTES, OBJECT, PREVIOUS, REASON, REVIEW, WHY, Proposal
from adinspect.view import View

NULL = "$null"
"""What the runner turns into null: no text of the directory may pass for it."""

OBJECT_GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-46-9a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
"""An objectGUID; not of version 5, which collection gives to an entry of an export that has none."""

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that end a line, are none, or turn the direction of what follows, so that a reader sees another value."""

_NAME = re.compile(r"[0-9]{2}_[a-z0-9_]+")
_CMDLET = re.compile(r"[A-Z][A-Za-z]*-[A-Z][A-Za-z]*")
_PARAMETER = re.compile(r"[A-Z][A-Za-z]*")


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
    may be blank, which leaves the parameter out.
    """

    name: str
    kind: Kind
    pattern: str
    says: str
    property: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Rollback:
    """The cmdlet that takes a row back, and its parameters: each a column of the CSV (`from`) or a fixed text (`value`)."""

    cmdlet: str
    columns: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class BulkCsv:
    """One bulk CSV (`name` is its file's stem, with its number) and how each of its rows is run.

    `reads` is the Get cmdlet that shows an object before it is changed; where not `found_before`, it finds the object only
    afterwards, and before that all previous values are blank. `key` is the column that names the object, `delay` the pause
    after a row in milliseconds. `what_if`, `confirm` and `domain_controller` say whether the cmdlet has that parameter. `order`
    is its place among all CSVs of a target; a target without one does not get it.
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

    @property
    def header(self) -> tuple[str, ...]:
        """Parameters, notes, and the previous value of each column that sets a property."""
        changed = (PREVIOUS + column.name for column in self.columns if column.property)
        return (*(column.name for column in self.columns), *NOTES, *changed)


class Written(NamedTuple):
    """A bulk CSV on disk, and how many rows it and its `.rejected.csv` have."""

    file: Path
    kept: int
    rejected: int


@cache
def shipped() -> Mapping[str, BulkCsv]:
    """The bulk CSVs that ship with the package, by name.

    Raises:
        ConfigurationError: a definition has a wrong key or value; says the line.
    """
    return {definition.name: definition for definition in map(load, definitions.shipped("reports/bulk"))}


_KEYS = {
    **dict.fromkeys(("title", "description", "cmdlet", "reads", "key", "source"), TEXT),
    "delay": NUMBER,
    **dict.fromkeys(("what_if", "confirm", "domain_controller"), TRUTH),
    **dict.fromkeys(("order", "columns", "rollback"), ENTRIES),
}


def load(toml: Toml) -> BulkCsv:
    """Read one definition; the stem of its file is the CSV's name.

    Raises:
        ConfigurationError: a wrong key or value; says the line.
    """
    content = toml.content
    toml.check(content, _KEYS, {"found_before": TRUTH})
    name = PurePath(toml.name).stem
    if not _NAME.fullmatch(name):
        raise toml.wrong(f"a bulk CSV is called by a number and a name, as 20_cs_user_enable is, not {name!r}")
    for key in ("cmdlet", "reads"):
        _check_cmdlet(toml, content[key], key)
    if not content["reads"].startswith("Get-"):
        raise toml.wrong(f"reads is {content['reads']!r}: only a Get cmdlet reads", "reads")
    if content["delay"] < 0:
        raise toml.wrong("delay is a number of milliseconds, 0 or more", "delay")
    columns = tuple(_column(toml, key, spec) for key, spec in content["columns"].items())
    if content["key"] not in {column.name for column in columns}:
        raise toml.wrong(f"the key {content['key']!r} is not among the columns", "key")
    whole = {**content, "order": _order(toml, content["order"]), "columns": columns, "rollback": Rollback("", {})}
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
    toml.check(spec, {"type": TEXT, "says": TEXT}, {"pattern": ANY_TEXT, "property": TEXT, "optional": TRUTH}, *path)
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
    return Column(name, kind, pattern, spec["says"], spec.get("property", ""), spec.get("optional", False))


def _rollback(toml: Toml, content: Mapping[str, Any], header: tuple[str, ...]) -> Rollback:
    toml.check(content, {"cmdlet": TEXT, "columns": ENTRIES}, {}, "rollback")
    _check_cmdlet(toml, content["cmdlet"], "rollback", "cmdlet")
    for name, spec in content["columns"].items():
        path = ("rollback", "columns", name)
        if not _PARAMETER.fullmatch(name):
            raise toml.wrong(f"column {name!r} is not named as a parameter is", *path)
        if (
            not isinstance(spec, dict)
            or list(spec) not in (["from"], ["value"])
            or not isinstance(next(iter(spec.values())), str)
        ):
            raise toml.wrong(f'rollback column {name} is {{ from = "a column" }} or {{ value = "a text" }}', *path)
        if spec.get("from", header[0]) not in header:
            raise toml.wrong(f"rollback column {name}: the CSV has no column {spec['from']!r}", *path)
    return Rollback(content["cmdlet"], content["columns"])


def _check_cmdlet(toml: Toml, value: str, *path: str) -> None:
    if not _CMDLET.fullmatch(value):
        raise toml.wrong(f"{value!r} is no name of a cmdlet", *path)


def generate(view: View, target: Target, folder: Path) -> list[Written]:
    """Write every bulk CSV of a target, in its order, into a folder; files of an earlier run are replaced, rows or not.

    `view` has the table `findings` beside those of the snapshot.

    Raises:
        ConfigurationError: there is no bulk CSV for this target.
        StorageError: a file cannot be written; those before it are whole.
    """
    own = targets.proposals(target)
    chosen = [definition for definition in shipped().values() if definition.name in own and target in definition.order]
    if not chosen:
        raise ConfigurationError(
            f"there are no bulk CSVs for target {target} yet",
            safe="Nothing was written.",
            next_step=f"Measure against {Target.UM_LYNC}, or use the workbook of `adinspect report`.",
        )
    chosen.sort(key=lambda definition: definition.order[target])
    rows = [(definition, proposed(definition, own[definition.name], view)) for definition in chosen]
    atomic.folder(folder)
    return [write(definition, proposals_of_it, folder) for definition, proposals_of_it in rows]


def proposed(definition: BulkCsv, proposal: Proposal, view: View) -> DataFrame:
    """One row for each object that findings send to a CSV: the columns of its header and REASON, sorted by object.

    What was not seen makes no row that could be run: an object of which a needed column was not seen has REVIEW in every cell and
    the reason, and so have all of them where another table that the proposal reads is not whole.
    """
    asked = targets.asked(view.tables["findings"], definition.name)
    answers = targets.answers(proposal, view, asked)
    review = {column.name: REVIEW for column in definition.columns}
    rows = []
    for guid, notes in asked.items():
        answer = {**review, **answers[guid]}
        joined = {WHY: " ".join(filter(None, (notes[WHY], answer.get(WHY))))}
        joined[REASON] = "; ".join(filter(None, (notes[REASON], answer[REASON])))
        rows.append({**answer, **notes, **joined})
    rows.sort(key=lambda row: (row[OBJECT].casefold(), row[GUID]))
    return DataFrame(rows, columns=[*definition.header, REASON], dtype="object")


def split(definition: BulkCsv, rows: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The rows that may be run, and the others with their REASON; text throughout, no row in both, none lost.

    `rows` is what `proposed` gives. Kept is a row without a reason, whose cells all match their column and hold no control
    character, no REVIEW and no NULL.
    """
    header = list(definition.header)
    kept, rejected = [], []
    for row in rows.to_dict("records"):
        told = {name: _text(row[name]) for name in header}
        if reason := row[REASON] or "; ".join(_faults(definition, row)):
            rejected.append({name: _clean(text) for name, text in {**told, REASON: reason}.items()})
        else:
            kept.append({name: _clean(text) if name in NOTES else text for name, text in told.items()})
    return DataFrame(kept, columns=header, dtype="object"), DataFrame(rejected, columns=[*header, REASON], dtype="object")


def _faults(definition: BulkCsv, row: Mapping[Any, Any]) -> Iterator[str]:
    if not re.fullmatch(OBJECT_GUID, _text(row[GUID])):
        yield "its objectGUID is not known: the export does not hold it"
    for column in definition.columns:
        if fault := _fault(column, row[column.name]):
            yield f"{column.name} {fault}"
        if column.property and CONTROL.search(_text(row[PREVIOUS + column.name])):
            yield f"the present value of {column.name} holds a control character"


def _fault(column: Column, cell: Any) -> str:
    """What is wrong with a cell; empty when nothing is. The runner's words are compared as PowerShell compares, in any case."""
    texts = [_text(value) for value in (cell if isinstance(cell, tuple) else (cell,))]
    words = {text.casefold() for text in texts}
    if REVIEW.casefold() in words:
        return "is for a person to decide"
    if words <= {""}:
        return "" if column.optional else "is blank"
    if not isinstance(cell, tuple if column.kind.many else bool if column.kind is Kind.BOOL else str):
        return f"is no {column.kind}: {_text(cell)}"
    right = all(re.fullmatch(column.pattern, text) and not CONTROL.search(text) for text in texts)
    divided = column.kind.many and any("|" in text for text in texts)
    return "" if right and not divided and NULL not in words else f"is not what the column allows: {', '.join(texts)}"


def _text(cell: Any) -> str:
    """A cell as it is written: a list joined with `|`, no value blank."""
    if isinstance(cell, tuple):
        return "|".join(map(_text, cell))
    return "" if pd.isna(cell) else str(cell)


def _clean(text: str) -> str:
    """A text that only people read: no control character, and nothing a spreadsheet would run."""
    return defused(CONTROL.sub("\ufffd", text))


def write(definition: BulkCsv, rows: DataFrame, folder: Path) -> Written:
    """Write `<name>.csv` and `<name>.rejected.csv` (UTF-8 with BOM, comma, CRLF, every field quoted, mode 0600).

    `rows` is what `proposed` gives. A CSV without rows is written too: one of an earlier run must not stay.

    Raises:
        StorageError: a file cannot be written.
    """
    kept, rejected = split(definition, rows)
    file = folder / f"{definition.name}.csv"
    _write(file.with_suffix(".rejected.csv"), rejected)
    _write(file, kept)
    return Written(file, len(kept), len(rejected))


def _write(path: Path, rows: DataFrame) -> None:
    lines: Iterable[Iterable[str]] = (rows.columns, *rows.itertuples(index=False, name=None))
    with atomic.replacing(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(lines)
        text.detach()
