"""Makes of a reviewed workbook the plan that people decided: what they approved may be run, everything else says why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pandas import DataFrame

from adinspect import bulk, plan
from adinspect.bulk_csv import BulkCsv, Column, Kind
from adinspect.finding import Target
from adinspect.plan import Plan
from adinspect.step import BAR, GUID, NULL, OBJECT, PREVIOUS, REASON, STEP, Action, text
from adinspect.workbook import layout
from adinspect.workbook.layout import Answer, Record
from adinspect.workbook.reviewed import Place, Reviewed, refuse

NOT_APPROVED, DELETED, SKIPPED = "not approved", "not approved: its row was deleted", "skipped"
"""Why a step is not run that could be."""

SIP, NUMBER, EXTENSION, EUM = "SIP address", "number", "extension", "EUM address"
"""What one object alone may hold."""

HELD_ONCE: Mapping[str, str] = {
    **dict.fromkeys(("SipAddress", "SIPResourceIdentifier"), SIP),
    **dict.fromkeys(("LineURI", "PrivateLine", "PhoneNumber"), NUMBER),
    "Extensions": EXTENSION,
    "Add": EUM,
}
"""Columns whose values one object alone may hold, and what these are."""

POLICY = "UMMailboxPolicy"
"""The column that says in which UM dial plan an extension counts."""

SCHEMES = ("sip:", "tel:")


def decided(reviewed: Reviewed) -> Plan:
    """The plan that people decided: rows they approved as they approved them, all others with REASON; gates as recorded.

    Raises:
        InputError: something was approved that cannot be run, or changed to what its column does not take, or given to two;
            each is named by sheet, row and column.
    """
    problems: list[str] = []
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in reviewed.facts.files}
    for step, record in reviewed.records.items():
        rows[record.csv].append(_row(reviewed, step, record, problems))
    problems += _held_twice(reviewed, rows)
    refuse(reviewed.path, problems)
    tables = {name: _table(name, of_it) for name, of_it in rows.items()}
    gates = DataFrame([list(gate) for gate in reviewed.facts.gates], columns=["rule", "file", "why"], dtype="str")
    target = Target(reviewed.facts.target)
    columns, *users = reviewed.waves or [[]]
    return Plan(
        target,
        datetime.fromisoformat(reviewed.facts.taken),
        plan.steps(target, tables, frozenset(gates["file"])),
        tables,
        DataFrame([list(user) for user in users], columns=list(columns)),
        gates,
    )


def _table(csv: str, rows: list[dict[str, Any]]) -> DataFrame:
    return DataFrame(rows, columns=[*bulk.shipped()[csv].header, *plan.BESIDE], dtype="object")


def _row(reviewed: Reviewed, step: str, record: Record, problems: list[str]) -> dict[str, Any]:
    """A step's row as it was decided; what is wrong with the decision is added to the problems."""
    row = dict(record.row)
    why = row.pop(layout.TOLD)
    del row[layout.STATUS]
    answer = reviewed.answers.get(step)
    if answer is None or answer.action not in (Action.APPROVE, Action.EDIT):
        said = DELETED if answer is None else SKIPPED if answer.action == Action.SKIP else NOT_APPROVED
        return {**row, REASON: "; ".join(filter(None, (said, why)))}
    place, definition = reviewed.places[step], bulk.shipped()[record.csv]
    if answer.action == Action.APPROVE and answer.changed:
        problems += (place.wrong("was changed: say edit, or give the cell its value back", name) for name in answer.changed)
        return row
    row |= {name: read_cell(_column(definition, name), told) for name, told in answer.changed.items()}
    row[REASON] = ""
    why_not = [f"cannot be run: {row[BAR]}"] if row[BAR] else list(bulk.faults(definition, row))
    problems += (place.wrong(one) for one in why_not)
    return row


def _column(definition: BulkCsv, name: str) -> Column:
    return next(column for column in definition.parameters if column.name == name)


def read_cell(column: Column, told: str) -> Any:
    """What a person wrote, as a proposal would give it; what cannot be one stays text, and is refused as such."""
    if not told.strip():
        return None
    if told.strip().casefold() == NULL:
        return NULL
    if column.kind is Kind.BOOL:
        return {"true": True, "false": False}.get(told.strip().casefold(), told)
    return tuple(told.split("|")) if column.kind.many else told


@dataclass(frozen=True)
class _Holding:
    """Who holds a value, or is to get it; `place` where a person wrote it."""

    guid: str
    identity: str
    place: Place | None
    typed: bool


def _held_twice(reviewed: Reviewed, rows: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    """What a person gave to somebody that another object of the plan holds or gets: one of the two would stop working."""
    holdings: dict[tuple[str, ...], list[_Holding]] = {}
    for name, of_it in rows.items():
        for row in of_it:
            for key, holding in _holdings(reviewed, bulk.shipped()[name], row):
                holdings.setdefault(key, []).append(holding)
    for (kind, value, *_), held in holdings.items():
        for one in held:
            others = dict.fromkeys(other.identity for other in held if other.guid != one.guid)
            if one.typed and one.place and others:
                yield one.place.wrong(f"{kind} {value} would be that of {one.identity} and of {', '.join(others)}")


def _wrote(answer: Answer, column: str) -> bool:
    """Whether a person said what an object is to hold: an extension also by the UM mailbox policy in which it counts."""
    return column in answer.changed or (HELD_ONCE[column] == EXTENSION and POLICY in answer.changed)


def not_compared(reviewed: Reviewed) -> Iterator[str]:
    """What people gave to somebody, by sheet, row and column, that one object alone may hold: who holds it no workbook tells."""
    for step, answer in reviewed.answers.items():
        if answer.action == Action.EDIT and (record := reviewed.records.get(step)):
            row = {**record.row, **answer.changed}
            for column in (column for column in bulk.shipped()[record.csv].parameters if column.name in HELD_ONCE):
                values = compared(read_cell(column, text(row[column.name]))) if _wrote(answer, column.name) else ()
                for value in values:
                    told = f"nothing here tells who else holds the {HELD_ONCE[column.name]} {value}"
                    yield reviewed.places[step].wrong(told, column.name)


def _holdings(reviewed: Reviewed, definition: BulkCsv, row: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], _Holding]]:
    """What a row's object holds once the plan is run: what is approved, and else what is there."""
    approved = not row[REASON]
    answer = reviewed.answers.get(row[STEP])
    for column in definition.parameters:
        if column.name not in HELD_ONCE:
            continue
        cell = row[column.name] if approved else row.get(PREVIOUS + column.name)
        typed = approved and answer is not None and _wrote(answer, column.name)
        place = replace(reviewed.places[row[STEP]], column=column.name) if typed else None
        policy = (text(row.get(POLICY)),) if column.name == "Extensions" else ()
        for value in compared(cell):
            yield (HELD_ONCE[column.name], value, *policy), _Holding(row[GUID], text(row[OBJECT]), place, typed)


def compared(cell: Any) -> Iterator[str]:
    """The values of a cell as they are compared with what others hold: without scheme, in lower case."""
    for value in cell if isinstance(cell, tuple) else (cell,):
        told = text(value).casefold()
        for scheme in SCHEMES:
            told = told.removeprefix(scheme)
        if told and not told.startswith(("#", "$")):
            yield told
