"""The workbook of a plan, for who writes it and who reads it back: its sheets, their columns, what each row was."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adinspect.step import AFTER, BAR, DN, KEY, OBJECT, PREVIOUS, REASON, RULES, STEP, WAVE, WHY, text

if TYPE_CHECKING:  # the process that parses a workbook needs no tables
    from adinspect.bulk_csv import BulkCsv, Column

SCHEMA = 1
"""Version of the layout; a workbook of another one is not read."""

FACTS, RECORDS, USERS = "_plan", "_records", "_users"
"""Hidden sheets: what the plan is (Facts, a line each), every step as it was proposed (Record), every user's wave (`packed`)."""

ACTION, NOTES, DIGEST, STATUS = "ACTION", "Notes", "_Digest", "Status"
"""Headers; DIGEST tells that a row was copied from the workbook of another plan."""

NOW = " now"
"""What the header of a column ends with that shows what is there."""

ROWS, COLUMNS = 500_000, 256
"""Rows and columns of a sheet at most; what stands beyond is not read."""

PIECE = 30_000
"""Characters of a record in one cell: Excel takes 32,767."""


class Role(StrEnum):
    """What a column of a sheet is for: to decide, to read, to change, to write notes in, or to find the row again."""

    ACTION = "action"
    READ = "read"
    PROPOSED = "proposed"
    NOTES = "notes"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Field:
    """A column of the sheet of a bulk CSV: `name` is that of the plan's row, `column` what the cmdlet is given."""

    header: str
    role: Role
    name: str = ""
    column: Column | None = None


@dataclass(frozen=True)
class Record:
    """A step as it was proposed: `row` has the columns of the plan's row (bulk header, plan.BESIDE), STATUS, and TOLD: why."""

    csv: str
    row: Mapping[str, Any]

    @cached_property
    def dumped(self) -> str:
        """What `dump` makes of it."""
        return dump([self.csv, {name: _plain(cell) for name, cell in self.row.items()}])

    @classmethod
    def load(cls, parsed: Any) -> Record:
        """Make one of what JSON gives of `dumped`.

        Raises:
            ValueError: it is something else.
        """
        match parsed:
            case [str() as csv, dict() as row]:
                return cls(csv, {str(name): _cell(cell) for name, cell in row.items()})
        raise ValueError("is no record of a step")


def dump(value: Any) -> str:
    """JSON in ASCII, and without what Excel takes for an escape (`_x0041_`): whatever a text holds, it comes back as it was."""
    return _JSON.encode(value).replace("_x", r"\u005fx")


_JSON = json.JSONEncoder(separators=(",", ":"))


TOLD = "_Told"
"""In a record: why a row is not ready, in words; REASON and what does not match its column."""


def _plain(cell: Any) -> Any:
    return None if cell is None or cell != cell else cell


def _cell(cell: Any) -> Any:
    if cell is None or isinstance(cell, (str, bool)):
        return cell
    if isinstance(cell, list) and all(isinstance(one, str) for one in cell):
        return tuple(cell)
    raise ValueError("holds what no row of a plan does")


@dataclass(frozen=True)
class Answer:
    """What a person left on a step: an action (empty: none), changed cells of proposed columns, notes, columns of their own."""

    action: str = ""
    changed: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What a workbook says of its plan. `taken` is the time of the snapshot, in UTC; `gates` are rows of rule, file and why.

    `files` maps each bulk CSV to how many steps it has, `columns` to what its records hold.
    """

    snapshot: str
    forest: str
    taken: str
    target: str
    adinspect: str
    files: Mapping[str, int]
    columns: Mapping[str, Sequence[str]]
    gates: Sequence[Sequence[str]]
    schema: int = SCHEMA


def digest(dumped: str) -> str:
    """What a row's record is told by."""
    return hashlib.sha256(dumped.encode()).hexdigest()[:16]


def packed(dumped: Iterable[str]) -> Iterator[list[str]]:
    """JSON texts as the rows of a hidden sheet: arrays of so many as one cell takes; a longer one goes on in the next cells."""
    held: list[str] = []
    for one in dumped:
        if held and sum(map(len, held)) + len(held) + len(one) > PIECE:
            yield pieces(f"[{','.join(held)}]")
            held = []
        held.append(one)
    if held:
        yield pieces(f"[{','.join(held)}]")


def pieces(text: str) -> list[str]:
    """A text in as many cells as it takes."""
    return [text[start : start + PIECE] for start in range(0, len(text), PIECE)]


def title(csv: str) -> str:
    """The name of a bulk CSV's sheet: `20 cs_user_enable`."""
    return csv.replace("_", " ", 1)


def is_read(title: str) -> bool:
    """Whether a sheet of this name is read back; the others are for people alone."""
    return title in (FACTS, RECORDS, USERS) or _OF_A_CSV.fullmatch(title) is not None


_OF_A_CSV = re.compile("[0-9]{2} [a-z0-9_]+")


def fields(definition: BulkCsv) -> tuple[Field, ...]:
    """The columns of a bulk CSV's sheet, from left to right."""
    return (
        Field(ACTION, Role.ACTION),
        Field("Object", Role.READ, OBJECT),
        *_values(definition),
        *(
            Field(header, Role.READ, name)
            for header, name in {"Why": WHY, "Rules": RULES, "Wave": WAVE, STATUS: STATUS, "Reason": TOLD}.items()
        ),
        Field(NOTES, Role.NOTES),
        Field(STEP, Role.HIDDEN, STEP),
        Field(DIGEST, Role.HIDDEN),
    )


def _values(definition: BulkCsv) -> Iterator[Field]:
    """What is there and what is proposed, side by side; the key names the object and cannot be changed."""
    for column in definition.columns:
        if column.property:
            yield Field(column.name + NOW, Role.READ, PREVIOUS + column.name)
        if column.parameter and column.name != definition.key:
            yield Field(column.name, Role.PROPOSED, column.name, column)


def shown(one: Field, row: Mapping[str, Any]) -> str:
    """What the cell of a step's row shows in a column, before a cell's limits."""
    cell = row.get(one.name)
    return text(cell).replace("|", ", ") if one.name == RULES else text(cell)


def recorded(definition: BulkCsv) -> Sequence[str]:
    """The names of what a record of this CSV holds."""
    return (*definition.header, KEY, STEP, AFTER, DN, REASON, BAR, STATUS, TOLD)
