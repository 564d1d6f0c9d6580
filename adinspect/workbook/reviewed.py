"""A plan's workbook as people left it: every step as it was proposed, and what each row says about it now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from openpyxl.utils.escape import unescape

from adinspect import bulk, workbook
from adinspect.bulk_csv import BulkCsv, Kind
from adinspect.cell_text import fitted
from adinspect.errors import InputError
from adinspect.step import STEP, Action
from adinspect.workbook import Cell, Row, Sheets, layout
from adinspect.workbook.child import ERROR, FORMULA, TEXT, TRUTH
from adinspect.workbook.layout import Answer, Facts, Field, Record, Role

NAMED = 20
"""Problems that one refusal names at most."""

BLANK = Cell("")

SAFE = "Nothing was written; the workbook is as it was."
MEND = "Correct these cells in the workbook and run again. A row whose ACTION is blank is not looked at for what it would set."
AGAIN = "Take the workbook as it was before that, or make it again with `adinspect plan`."


@dataclass(frozen=True)
class Place:
    """A row of a sheet, or a cell of it, as a person finds it."""

    sheet: str
    row: int
    column: str = ""

    def wrong(self, what: str, column: str = "") -> str:
        """What is wrong there, in a line."""
        named = column or self.column
        return f"sheet {self.sheet!r}, row {self.row}{f', column {named}' if named else ''}: {what}"


@dataclass(frozen=True, eq=False)
class Reviewed:
    """What a workbook holds: `records` by step, in their order, and what people left on those whose row is still there.

    `places` says where a step's row stands. `waves` are the columns and rows of plan.Plan.waves. `own` are cells of people's own
    columns that could not be carried over, in words.
    """

    path: Path
    facts: Facts
    records: Mapping[str, Record]
    answers: Mapping[str, Answer]
    places: Mapping[str, Place]
    waves: Sequence[Sequence[Any]]
    own: Sequence[str] = ()

    @property
    def deleted(self) -> int:
        """How many steps have no row any more."""
        return len(self.records) - len(self.answers)


@dataclass(eq=False)
class _Reading:
    """What is gathered while sheets are read."""

    answers: dict[str, Answer] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)


def read(path: Path) -> Reviewed:
    """Read a plan's workbook.

    Raises:
        InputError: it is hostile, no plan's workbook, of another version, or somebody changed what must not be changed or what
            cannot be told for certain: each place is named by sheet, row and column.
    """
    sheets = workbook.read(path)
    facts = _facts(sheets, path)
    records = _records(sheets, facts, path)
    reading = _Reading()
    for csv, count in facts.files.items():
        if count:
            _read_sheet(reading, sheets, bulk.shipped()[csv], records)
    refuse(path, reading.problems)
    waves = list(_packed(sheets, path, layout.USERS))
    return Reviewed(path, facts, records, reading.answers, reading.places, waves, reading.own)


def refuse(path: Path, problems: Sequence[str], next_step: str = "") -> None:
    """Refuse a workbook for these problems, if there are any; the next step is to mend it, unless another one is said.

    Raises:
        InputError: names them.
    """
    if not problems:
        return
    more = [f"and {len(problems) - NAMED} more"] if len(problems) > NAMED else []
    told = "\n  ".join([*problems[:NAMED], *more])
    count = "one thing" if len(problems) == 1 else f"{len(problems)} things"
    what = f"the workbook holds {count} that cannot be taken:\n  {told}"
    raise InputError(what, where=str(path), safe=SAFE, next_step=next_step or MEND)


def _facts(sheets: Sheets, path: Path) -> Facts:
    """What the workbook says of its plan."""
    if layout.FACTS not in sheets:
        raise InputError("this is no workbook of a plan", where=f"{path}, sheet {layout.FACTS}", safe=SAFE, next_step=AGAIN)
    told = {
        cells[0].text: _json(_after_first(cells), path, layout.FACTS) for cells in sheets[layout.FACTS].values() if 0 in cells
    }
    if told.get("schema") != layout.SCHEMA or told.keys() != {one.name for one in fields(Facts)}:
        raise _other_version(path, told.get("adinspect"))
    shipped = bulk.shipped()
    for csv, columns in told["columns"].items():
        if csv not in shipped or columns != list(layout.recorded(shipped[csv])):
            raise _other_version(path, told["adinspect"])
    return Facts(**told)


def _other_version(path: Path, version: Any) -> InputError:
    return InputError(
        f"the workbook was made by another version (adinspect {version}), whose files have other columns",
        where=f"{path}, sheet {layout.FACTS}",
        safe=SAFE,
        next_step=f"Use adinspect {version} for it, or make the workbook again with `adinspect plan`.",
    )


def _after_first(cells: Row) -> Row:
    return {place: cell for place, cell in cells.items() if place}


def _json(cells: Row, path: Path, sheet: str) -> Any:
    try:
        return json.loads("".join(cells[place].text for place in sorted(cells)))
    except ValueError:
        raise _tampered(path, sheet) from None


def _packed(sheets: Sheets, path: Path, name: str) -> Iterator[Any]:
    """What layout.packed wrote."""
    for cells in sheets.get(name, {}).values():
        told = _json(cells, path, name)
        if not isinstance(told, list):
            raise _tampered(path, name)
        yield from told


def _tampered(path: Path, sheet: str) -> InputError:
    return InputError("a hidden sheet was changed", where=f"{path}, sheet {sheet}", safe=SAFE, next_step=AGAIN)


def _records(sheets: Sheets, facts: Facts, path: Path) -> dict[str, Record]:
    """Every step as it was proposed, in the order they are run."""
    records: dict[str, Record] = {}
    counts = dict.fromkeys(facts.files, 0)
    for parsed in _packed(sheets, path, layout.RECORDS):
        try:
            record = Record.load(parsed)
        except ValueError:
            raise _tampered(path, layout.RECORDS) from None
        if record.csv not in counts or sorted(record.row) != sorted(facts.columns[record.csv]):
            raise _tampered(path, layout.RECORDS)
        records[str(record.row[STEP])] = record
        counts[record.csv] += 1
    if counts != dict(facts.files) or len(records) != sum(counts.values()):
        raise _tampered(path, layout.RECORDS)
    return records


def _read_sheet(reading: _Reading, sheets: Sheets, definition: BulkCsv, records: Mapping[str, Record]) -> None:
    title = layout.title(definition.name)
    if title not in sheets:
        reading.problems.append(f"sheet {title!r} is missing, or has another name: to run nothing of it, delete its rows")
        return
    rows = dict(sheets[title])
    header = rows.pop(1, {})
    named = layout.fields(definition)
    columns = {one.header: [place for place, cell in header.items() if cell.text == one.header] for one in named}
    if wrong := [name for name, places in columns.items() if len(places) != 1]:
        reading.problems += (Place(title, 1, name).wrong("the header is missing, or stands there twice") for name in wrong)
        return
    places = {name: found[0] for name, found in columns.items()}
    own = {cell.text: place for place, cell in header.items() if cell.text not in places}
    for number, cells in rows.items():
        found = {name: cells[place] for name, place in places.items() if place in cells}
        beside = {name: cells[place] for name, place in own.items() if place in cells}
        _read_row(reading, Place(title, number), (definition.name, named), found, beside, records)


def _read_row(
    reading: _Reading,
    place: Place,
    of: tuple[str, Sequence[Field]],
    cells: Mapping[str, Cell],
    beside: Mapping[str, Cell],
    records: Mapping[str, Record],
) -> None:
    """Read one row of the CSV with this name and fields, if it is a step's; a row of somebody's own must not hold an action."""
    csv, fields = of
    if STEP not in cells:
        if layout.ACTION in cells:
            reading.problems.append(place.wrong("the row holds an action and belongs to no step", layout.ACTION))
        return
    step = cells[STEP].text
    record = records.get(step)
    if record is None or record.csv != csv:
        reading.problems.append(place.wrong("the row belongs to no step of this sheet", STEP))
    elif step in reading.places:
        first = reading.places[step]
        reading.problems.append(place.wrong(f"the step stands in row {first.row} too: delete one of the two"))
    else:
        reading.places[step] = place
        reading.problems += _changed_locked(place, fields, cells, record)
        reading.answers[step] = _answer(reading, place, fields, cells, beside, record)


def _changed_locked(place: Place, fields: Sequence[Field], cells: Mapping[str, Cell], record: Record) -> Iterator[str]:
    """What was changed that may only be read."""
    for one in fields:
        cell = cells.get(one.header, BLANK)
        if one.header == layout.DIGEST:
            if cell != Cell(layout.digest(record.dumped)):
                yield place.wrong("the row is from the workbook of another plan", layout.DIGEST)
        elif one.role in (Role.READ, Role.HIDDEN) and (cell.kind != TEXT or changed(one, record, cell.text)):
            yield place.wrong(f"only shows something, and was changed to {_told(cell)}", one.header)


def changed(one: Field, record: Record, told: str) -> bool:
    """Whether the text of a cell is another one than was written, whatever a spreadsheet made of its line ends and escapes.

    LibreOffice saves a text that looks like an escape (`_x0041_`) as it is, and so it comes back as what it would stand for.
    """
    shown = layout.shown(one, record.row)
    if told == shown:
        return False
    written = _lines(fitted(shown))
    return _lines(told) not in (written, unescape(written))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _answer(
    reading: _Reading,
    place: Place,
    fields: Sequence[Field],
    cells: Mapping[str, Cell],
    beside: Mapping[str, Cell],
    record: Record,
) -> Answer:
    reading.own += (place.wrong(f"holds {_told(cell)}", name) for name, cell in beside.items() if cell.kind in (FORMULA, ERROR))
    given: dict[str, str] = {}
    for one in fields:
        cell = cells.get(one.header, BLANK)
        if one.role is Role.PROPOSED and one.column is not None:
            told = _typed(one, cell)
            if told is None:
                reading.problems.append(place.wrong(_coerced(cell), one.header))
            elif changed(one, record, told):
                given[one.name] = told
        elif one.role is Role.NOTES and cell.kind in (FORMULA, ERROR):
            reading.problems.append(place.wrong(f"holds {_told(cell)}: write it as text", one.header))
    action = cells.get(layout.ACTION, BLANK)
    word = action.text.strip().casefold()
    if action.kind != TEXT or word not in ("", *Action):
        reading.problems.append(place.wrong(f"{_told(action)} is no action: say {', '.join(Action)}, or nothing", layout.ACTION))
    notes = cells.get(layout.NOTES, BLANK).text
    return Answer(word, given, notes, {name: cell.text for name, cell in beside.items()})


def _typed(one: Field, cell: Cell) -> str | None:
    """The text of a cell that holds what its column takes; None where it holds something that Excel made of it."""
    if cell.kind == TRUTH and one.column is not None and one.column.kind is Kind.BOOL:
        return cell.text
    return cell.text if cell.kind == TEXT else None


def _coerced(cell: Cell) -> str:
    if cell.kind in (FORMULA, ERROR):
        return f"holds {_told(cell)}: write the value itself"
    return f"holds {_told(cell)}, which is what the spreadsheet made of what was typed: make the cell Text and type it again"


def _told(cell: Cell) -> str:
    shown = repr(cell.text[:60]) if cell.text else "nothing"
    return shown if cell.kind == TEXT else f"the {cell.kind} {shown}"
