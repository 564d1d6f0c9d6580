"""Makes of a bulk CSV the one that takes it back: its definition, and a row for each row that is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pandas import DataFrame

from adinspect import frames
from adinspect.bulk_csv import BulkCsv, Column, Kind
from adinspect.step import GUID, NOTES, NULL, PREVIOUS, REVIEW

PREFIX = "90_"
"""What the name of a CSV that takes another one back begins with."""


def definition(of: BulkCsv) -> BulkCsv:
    """The definition of the CSV that takes another one back, which is run as any other.

    Its cmdlet finds what the other one left: `found_before` and `found_after` change places. Each column that puts a property
    back has that property, and so has, only to be compared, whatever else the other CSV always sets or only remembers: what was
    changed since by a file of another folder, whose log is not here, is not gone over. Where the other CSV has set another
    property by the parameter of the same name, that one is compared.
    """
    told = {name: spec for name, spec in of.rollback.columns.items() if "found" not in spec}
    restored = tuple(_column(of, name, spec) for name, spec in told.items())
    back = {column.property for column in restored}
    always = (column for column in of.changed if not column.parameter or not column.optional)
    beside = [column for column in always if column.property not in back]
    set_otherwise = {column.name for column in beside}
    restored = tuple(replace(column, property="") if column.name in set_otherwise else column for column in restored)
    return replace(
        of,
        name=PREFIX + of.name,
        title=f"Take back: {of.title}",
        cmdlet=of.rollback.cmdlet,
        key=of.key if of.key in told else GUID,
        columns=(*restored, *(replace(column, parameter=False) for column in beside)),
        found_before=of.found_after,
        found_after=of.found_before,
        makes={},
        validate_only=False,
        user_list="",
        afterwards="",
        from_found={name: spec["found"] for name, spec in of.rollback.columns.items() if "found" in spec},
    )


def _column(of: BulkCsv, name: str, spec: Mapping[str, str]) -> Column:
    """A column of the rollback: as the column its cells come from, or the one of its own name (what is added is removed)."""
    columns = {column.name: column for column in of.columns}
    if "value" in spec:
        kind = Kind.BOOL if spec["value"] in ("True", "False") else Kind.TEXT
        return Column(name, kind, "", f"Always {spec['value']}.")
    says = "What was there before." if spec["from"].startswith(PREVIOUS) else f"As {spec['from']} of the row it takes back."
    source = columns.get(spec["from"].removeprefix(PREVIOUS), Column(name, Kind.TEXT, "", says))
    if source.kind in (Kind.ADD, Kind.REMOVE):
        source = columns.get(name, source)
    restores = source.property if spec["from"].startswith(PREVIOUS) or source.kind in (Kind.ADD, Kind.REMOVE) else ""
    return replace(source, name=name, says=says, property=restores, optional=True, nullable=True, parameter=True)


def rows(of: BulkCsv, kept: DataFrame) -> list[dict[str, Any]]:
    """A row of the rollback for each of these rows of the CSV, in their order, cells as in a proposal.

    What was there before is put back, NULL where nothing was; a parameter that the row leaves out is left out here too. What the
    row only remembered, and the cmdlet of the rollback needs, is REVIEW where there was nothing. False is put back as never set
    where these are the same: Set-CsUser refuses -HostedVoiceMail $false while a policy applies. Of a list only that is removed
    again which was not there, and only that added which was.
    """
    back = definition(of)
    return [_row(of, back, row) for row in frames.records(kept)]


def _row(of: BulkCsv, back: BulkCsv, row: Mapping[Any, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in NOTES}
    for column in back.parameters:
        told[column.name] = _cell(of, column, of.rollback.columns[column.name], row)
    left = _left(of, row)
    return {**told, **{PREVIOUS + column.name: left[column.property] for column in back.changed}}


def _cell(of: BulkCsv, column: Column, spec: Mapping[str, str], row: Mapping[Any, Any]) -> Any:
    if "value" in spec:
        return spec["value"]
    source = spec["from"]
    if not source.startswith(PREVIOUS):
        return _undone(of, column, row[source], row) if column.kind in (Kind.ADD, Kind.REMOVE) else row[source]
    changed = next(one for one in of.columns if PREVIOUS + one.name == source)
    if changed.parameter and _nothing(row[changed.name]):
        return None
    if _nothing(row[source]) and not changed.parameter:
        return None if changed.optional else REVIEW
    never_set = changed.false_is_blank and changed.nullable and row[source] is False
    return NULL if never_set or _nothing(row[source]) else row[source]


def _undone(of: BulkCsv, column: Column, cell: Any, row: Mapping[Any, Any]) -> Any:
    """What was removed is added where it had been there; what was added is removed where it had not, as far as that is known."""
    before = next((row[PREVIOUS + one.name] or () for one in of.changed if one.argument() == column.argument()), None)
    if _nothing(cell) or before is None:
        return cell
    if column.kind is Kind.ADD:
        gone = set(map(str.casefold, cell))
        return tuple(value for value in before if value.casefold() in gone) or None
    pair = (one for one in of.columns if one.kind is Kind.REMOVE and one.argument() == column.argument())
    removed = {value for one in pair for value in row[one.name] or ()}
    stayed = {value.casefold() for value in before if value not in removed}
    return tuple(value for value in cell if value.casefold() not in stayed) or None


def _left(of: BulkCsv, row: Mapping[Any, Any]) -> dict[str, Any]:
    """What the Get cmdlet shows of each property once the row was run."""
    left: dict[str, Any] = {column.property: row[PREVIOUS + column.name] for column in of.changed}
    properties = {column.argument(): column.property for column in of.changed}
    given = [column for column in of.parameters if column.argument() in properties and not _nothing(row[column.name])]
    for column in sorted(given, key=lambda one: one.kind is Kind.ADD):  # what is removed and added again stays
        cell, name = row[column.name], properties[column.argument()]
        if column.kind in (Kind.ADD, Kind.REMOVE):
            named = set(map(str.casefold, cell))
            others = tuple(value for value in left[name] or () if value.casefold() not in named)
            left[name] = (*others, *cell) if column.kind is Kind.ADD else others
        else:
            left[name] = None if cell == NULL else cell
    return left


def _nothing(cell: Any) -> bool:
    return cell is None or cell == () or cell == "" or cell != cell
