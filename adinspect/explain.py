"""Everything about one object: its values, and what each rule that could judge it came to and on which values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, distinguished_name, query
from adinspect.assess import Assessment
from adinspect.rule import Input, Rule, Skipped
from adinspect.view import View

CALLED = ("identity", "upn", "sip_address", "sam_account_name")
"""Columns that people call an object by, compared without regard to case; a SIP address also without its scheme."""


class Outcome(StrEnum):
    """What a rule came to on one object."""

    FINDING = "finding"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    PASSED = "passed"


@dataclass(frozen=True)
class Value:
    """What stands in a column for an object: a plain value, None where it is missing, a list where the table has several rows.

    `state` and `reason` say why it was not seen (visibility.State); both are empty where it was.
    """

    table: str
    column: str
    value: Any
    state: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Judgement:
    """What one rule came to: `reason` says why it does not know; `reads` are the object's values in the columns it names.

    `findings` are rows of table `findings`; `against` names the tables about other objects that the rule compares with.
    """

    rule: str
    outcome: Outcome
    reason: str
    findings: Sequence[Mapping[str, Any]]
    reads: Sequence[Value]
    against: Sequence[str]


@dataclass(frozen=True)
class Explanation:
    """One object: the tables that hold it, its values in all of them, and every rule that could judge it."""

    guid: str
    dn: str
    identity: str
    tables: Sequence[str]
    values: Sequence[Value]
    rules: Sequence[Judgement]


def find(tables: Mapping[str, DataFrame], called: str) -> DataFrame:
    """The objects that a person may mean: guid, dn, identity and tables (tuple), one row each.

    `called` is an objectGUID, a DN, or what stands in a column of CALLED. A GUID or DN names one object at most.
    """
    held: dict[str, dict[str, Any]] = {}
    for name in _main_tables(tables):
        rows = tables[name]
        for row in rows[_named(rows, called)].itertuples():
            one = held.setdefault(row.guid, {"guid": row.guid, "dn": row.dn, "identity": row.identity, "tables": ()})
            one["tables"] = tuple(dict.fromkeys((*one["tables"], name)))
    return DataFrame(list(held.values()), columns=["guid", "dn", "identity", "tables"])


def _main_tables(tables: Mapping[str, DataFrame]) -> list[str]:
    return [name for name in query.shipped() if name in tables]


def _named(rows: DataFrame, called: str) -> Series:
    try:
        return rows["guid"] == str(UUID(called))
    except ValueError:
        pass
    found = distinguished_name.keys(rows["dn"]) == distinguished_name.key(called)
    wanted = addresses.without_scheme(Series([called.strip()], dtype="str")).iloc[0]
    for column in CALLED:
        if column in rows:
            found |= addresses.without_scheme(rows[column]) == wanted
    return found


def explain(guid: str, view: View, assessment: Assessment, catalogue: Sequence[Rule]) -> Explanation:
    """Explain an object of the tables; `catalogue` holds the rules that were asked (those of the target)."""
    held = [name for name in _main_tables(view.tables) if (view.tables[name]["guid"] == guid).any()]
    row = next(view.tables[held[0]][lambda rows: rows["guid"] == guid].itertuples())
    judgements = [one for rule in catalogue for one in _judged(rule, guid, view, assessment)]
    judgements.sort(key=lambda one: (list(Outcome).index(one.outcome), one.rule))
    return Explanation(guid, row.dn, row.identity, held, list(_values(guid, held, view)), judgements)


def _values(guid: str, held: Sequence[str], view: View) -> Iterator[Value]:
    shapes = {shape.name: shape for one in query.shipped().values() for shape in one.tables}
    for name in (*held, *(child for child, shape in shapes.items() if shape.owner in held and child in view.tables)):
        columns = [column for column in view.tables[name].columns if column not in query.IDENTITY]
        yield from (_value(view, name, column, guid) for column in columns)


def _value(view: View, table: str, column: str, guid: str) -> Value:
    rows = view.tables[table]
    cells = [_plain(cell) for cell in rows.loc[rows["guid"] == guid, column]]
    state, reason = _unseen(view, table, column, guid)
    return Value(table, column, cells if table in view.owners else cells[0], state, reason)


def _unseen(view: View, table: str, column: str, guid: str) -> tuple[str, str]:
    """Why an object's value was not seen: state and reason, empty where it was."""
    state, reason = view.unseen.columns.get((table, column), ("", ""))
    if not state and guid in view.unseen.cells.get((table, column), ()):
        return "not seen", view.unseen.reasons[table, column]
    return str(state), reason


def _plain(cell: Any) -> Any:
    if pd.isna(cell):
        return None
    return cell.isoformat() if isinstance(cell, pd.Timestamp) else cell.item() if hasattr(cell, "item") else cell


def _judged(rule: Rule, guid: str, view: View, assessment: Assessment) -> Iterator[Judgement]:
    """What a rule came to; nothing where the object has no row that it could judge."""
    if not _may_be_in(rule.judged.table, guid, view):
        return
    skipped = assessment.skipped.loc[assessment.skipped["rule"] == rule.code, "reason"]
    if len(skipped):
        yield _judgement(rule, guid, view, Outcome.SKIPPED, skipped.iloc[0])
        return
    handed = view.hand(rule.signature, {})
    if isinstance(handed, Skipped):  # a setting or a need is why the others are skipped; those are in the assessment
        yield _judgement(rule, guid, view, Outcome.SKIPPED, handed.reason)
        return
    findings = assessment.findings
    mine = findings[(findings["rule"] == rule.code) & (findings["guid"] == guid)].to_dict("records")
    if mine:
        yield _judgement(rule, guid, view, Outcome.FINDING, "", mine, handed.arguments)
    elif guid in handed.hidden:
        why = "; ".join(_why_unknown(rule, guid, view)) or "; ".join(handed.notes)
        yield _judgement(rule, guid, view, Outcome.UNKNOWN, why, (), handed.arguments)
    elif (handed.arguments[rule.judged.table]["guid"] == guid).any():
        yield _judgement(rule, guid, view, Outcome.PASSED, "", (), handed.arguments)


def _judgement(
    rule: Rule,
    guid: str,
    view: View,
    outcome: Outcome,
    reason: str,
    findings: Sequence[Mapping[str, Any]] = (),
    handed: Mapping[str, Any] | None = None,
) -> Judgement:
    about = [read for read in rule.signature.inputs if _may_be_in(read.table, guid, view)]
    reads = [value for read in about for value in _read(read, guid, view, handed or {})]
    against = [read.table for read in rule.signature.inputs if read not in about]
    return Judgement(rule.code, outcome, reason, findings, reads, against)


def _read(read: Input, guid: str, view: View, handed: Mapping[str, Any]) -> Iterator[Value]:
    if read.table in view.tables:
        yield from (_value(view, read.table, column, guid) for column in read.columns)
    elif handed.get(read.table) is not None:
        rows = handed[read.table][lambda frame: frame["guid"] == guid]
        for column in read.columns if len(rows) else ():
            cells = [_plain(cell) for cell in rows[column]]
            yield Value(read.table, column, cells if len(cells) > 1 else cells[0])


def _why_unknown(rule: Rule, guid: str, view: View) -> Iterator[str]:
    for table, column in _cells_read(rule.signature.inputs, view):
        state, reason = _unseen(view, table, column, guid)
        if state:
            yield f"{table}.{column}: {reason}"


def _cells_read(inputs: Sequence[Input], view: View) -> dict[tuple[str, str], None]:
    """The columns of the snapshot's tables that inputs name, those of derived tables among them, each once."""
    cells: dict[tuple[str, str], None] = {}
    for read in inputs:
        if read.table in view.derived:
            cells |= _cells_read(view.derived[read.table].signature.inputs, view)
        else:
            cells |= dict.fromkeys((read.table, column) for column in read.columns)
    return cells


def _may_be_in(table: str, guid: str, view: View) -> bool:
    """Whether a table is about the object."""
    return any((view.tables[owner]["guid"] == guid).any() for owner in view.about(table) if owner in view.tables)
