"""Reads a row of a bulk CSV as the runner does: what the cmdlet is given, or why the row is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adinspect import rollback
from adinspect.bulk_csv import BulkCsv, Column, Kind
from adinspect.runner import IN_THE_CLOUD
from adinspect.step import GUID, NULL, PREVIOUS, REVIEW

Row = Mapping[str, str]
"""A line as Import-Csv reads it: every cell a text."""


class RowError(ValueError):
    """A cell cannot be what its column is: the runner throws, and calls nothing."""


@dataclass(frozen=True)
class Call:
    """What is run: a cmdlet and its parameters, as text, a bool, a list, None, or `{"Add": [...], "Remove": [...]}`."""

    cmdlet: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Done:
    """What a log shows of a row that was run: its file, its object, and what each property showed before."""

    file: str
    guid: str
    read: Mapping[str, str] = field(default_factory=dict)


def call(definition: BulkCsv, row: Row, shown: Mapping[str, Any] | None = None) -> Call:
    """What the runner calls for a row; `shown` is what the Get cmdlet shows of its object.

    Raises:
        RowError: a cell is `$null` that must not be, or is no bool.
    """
    parameters: dict[str, Any] = {name: str((shown or {})[taken]) for name, taken in definition.from_found.items()}
    for column in definition.parameters:
        cell = row[column.name]
        if not cell:
            continue
        if column.kind in (Kind.ADD, Kind.REMOVE) and cell != NULL:
            parameters.setdefault(column.argument(), {})[column.kind.value.capitalize()] = _parts(column, cell)
        else:
            parameters[column.argument()] = _value(column, cell)
    return Call(definition.cmdlet, parameters)


def refusal(definition: BulkCsv, row: Row, shown: Mapping[str, Any] | None) -> str:
    """Why the runner refuses a row; empty where it runs it.

    `shown` is what the Get cmdlet shows of the object: its properties as a reading gives them, and `Guid` (of one in the cloud:
    `Identity` and `UserPrincipalName`); None where it finds nothing.
    """
    for column in definition.parameters:
        if any(_fold(part) == _fold(REVIEW) for part in _parts(column, row[column.name])):
            return _undecided(definition, column)
    if not definition.match and not row[definition.key]:
        return f"{definition.key} is blank"
    if shown is None:
        return f"{definition.reads} does not find it; perhaps an earlier file was not run" if definition.found_before else ""
    if not definition.found_before:
        return f"{definition.reads} finds it already"
    if not _is_it(definition, row, shown):
        return "it is not the object that the row was made for"
    return next(filter(None, (_stale(definition, column, row, shown) for column in definition.changed if column.compared)), "")


def matches(definition: BulkCsv, row: Row, shown: Mapping[str, Any]) -> bool:
    """Whether an object is the row's, where no single cell names it."""
    columns = (column for column in definition.changed if column.name in definition.match)
    cells = ((column, row[column.name if column.parameter else PREVIOUS + column.name]) for column in columns)
    return all(_expected(column, cell) == _shown(column, shown[column.property]) for column, cell in cells)


def rollback_refusal(definition: BulkCsv, row: Row, key: str, done: Mapping[str, Done], order: Sequence[str]) -> str:
    """Why the runner does not take a row back, looking at its logs alone; empty where it does.

    `definition` is the rollback's, `key` names the row that it takes back in `done`, `order` are the files as they are run.
    """
    if key not in done:
        return "no log beside the files shows that the row was run"
    line = done[key]
    if _fold(line.guid) != _fold(row[GUID]):
        return "the log shows another object in this row"
    for column in definition.changed:
        cell = row.get(column.name, "") if column.parameter else ""
        if not cell or column.property not in line.read or column.kind in (Kind.ADD, Kind.REMOVE):
            continue
        if not _same(column, _expected(column, cell), _expected(column, line.read[column.property])):
            return f"the log shows that {column.property} was {line.read[column.property]} before"
    place = order.index(_takes_back(definition))
    for other in done.values():
        if _fold(other.guid) == _fold(row[GUID]) and order.index(other.file) > place:
            return f"{other.file} was run for it afterwards and has to be taken back first"
    return ""


def _parts(column: Column, cell: str) -> list[str]:
    return cell.split("|") if column.kind.many else [cell]


def _value(column: Column, cell: str) -> Any:
    if cell == NULL:
        if not column.nullable:
            raise RowError(f"{column.name} cannot be emptied")
        return None
    if column.kind is Kind.BOOL:
        told = cell.strip().lower()
        if told not in ("true", "false"):
            raise RowError(f"{column.name} is no bool: {cell}")
        return told == "true"
    return _parts(column, cell) if column.kind is Kind.LIST else cell


def _is_it(definition: BulkCsv, row: Row, shown: Mapping[str, Any]) -> bool:
    if not definition.own_guid:
        return True
    if definition.reads not in IN_THE_CLOUD:
        return _fold(str(shown.get("Guid"))) == _fold(row[GUID])
    names = (shown.get(name) for name in ("Identity", "ObjectId", "UserPrincipalName"))
    return _fold(row[definition.key]) in {_fold(str(name)) for name in names if name is not None}


def _stale(definition: BulkCsv, column: Column, row: Row, shown: Mapping[str, Any]) -> str:
    given = definition.given(column)
    if given and not any(row[one.name] for one in given):
        return ""
    if column.property not in shown:
        raise RowError(f"the Get cmdlet does not show {column.property}")
    now = _shown(column, shown[column.property])
    if _same(column, _expected(column, row[PREVIOUS + column.name]), now):
        return ""
    told = "|".join(sorted(now))
    if not (of := _takes_back(definition)):
        return f"{column.property} is not what it was when the row was made: now {told}"
    return f"{column.property} is not what {of} left: now {told}; take back first what changed it, perhaps from another folder"


def _undecided(definition: BulkCsv, column: Column) -> str:
    if not _takes_back(definition):
        return f"{column.name} is for a person to decide"
    needed = f"{definition.cmdlet} needs {column.name}"
    return f"{needed}, and there was none before: no file can take this row back, a person has to"


def _takes_back(definition: BulkCsv) -> str:
    name = definition.name
    return f"{name.removeprefix(rollback.PREFIX)}.csv" if name.startswith(rollback.PREFIX) else ""


def _same(column: Column, expected: frozenset[str], shown: frozenset[str]) -> bool:
    return expected == shown or (column.false_is_blank and not expected and shown == {_fold("False")})


def _expected(column: Column, cell: str) -> frozenset[str]:
    return frozenset() if cell in ("", NULL) else frozenset(map(_fold, _parts(column, cell)))


def _shown(column: Column, value: Any) -> frozenset[str]:
    values: Iterable[Any] = value if isinstance(value, (tuple, list)) else (value,)
    texts = (str(one) for one in values if one is not None)
    return frozenset(filter(None, (_fold(text).removeprefix(_fold(column.prefix)) for text in texts)))


def _fold(text: str) -> str:
    """As OrdinalIgnoreCase compares: character by character, in upper case where that is one character too."""
    return "".join(upper if len(upper := character.upper()) == 1 else character for character in text)
