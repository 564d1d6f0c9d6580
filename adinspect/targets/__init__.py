"""What each target's bulk CSVs are to hold: one module a target, one function a CSV that proposes its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from pandas import DataFrame, Index, Series

from adinspect.finding import Certainty, Target
from adinspect.rule import Signature, Skipped
from adinspect.view import View

REVIEW = "#REVIEW"
"""A cell that a person has to fill: its row is never run."""

REASON = "_Reason"
"""The column that says why a row must not be run; empty where it may."""

PREVIOUS = "_Previous_"
"""What a changed column's name begins with where it holds the value that is there now."""

OBJECT, GUID, RULES, WHY, WAVE = "_Object", "_ObjectGuid", "_Rules", "_Why", "_Wave"
NOTES = (OBJECT, GUID, RULES, WHY, WAVE)
"""Columns for people and for the runner's checks; never parameters."""

Notes = Mapping[str, str]
"""NOTES and REASON of one object."""


@dataclass(frozen=True)
class Proposal:
    """The function that proposes the rows of one CSV, and what it reads.

    Its signature is a rule's, and it is handed the same tables: of the first only the rows that were seen and that a finding
    sends to this CSV. It returns a row for each of them: `guid`, a column for each parameter of the cmdlet (text, a bool, or a
    tuple of texts; None leaves the parameter out; REVIEW asks a person), PREVIOUS and the parameter's name for the value that
    is there now, REASON, and WHY where there is more to tell than the findings do.
    """

    csv: str
    signature: Signature
    propose: Callable[..., DataFrame]

    @property
    def judged(self) -> str:
        """The table whose objects its rows are about."""
        return self.signature.inputs[0].table


def proposes(csv: str) -> Callable[[Callable[..., DataFrame]], Proposal]:
    """Make the proposal for the CSV of this name (`20_cs_user_enable`) of a function with a rule's signature."""

    def make(propose: Callable[..., DataFrame]) -> Proposal:
        return Proposal(csv, Signature.of(propose), propose)

    return make


@cache
def proposals(target: Target) -> Mapping[str, Proposal]:
    """The proposals of a target by the name of their CSV; none for a target that has no module yet."""
    name = f"{__name__}.{target.name.lower()}"
    if find_spec(name) is None:
        return {}
    return {value.csv: value for value in vars(import_module(name)).values() if isinstance(value, Proposal)}


def asked(findings: DataFrame, csv: str) -> Mapping[str, Notes]:
    """The objects that findings send to a CSV, by guid, each once; a finding that is only likely is a REASON against its row.

    A finding that was accepted asks for nothing; where another asks for the same object, it is a REASON against the row, which
    would put right what was accepted too.
    """
    named = findings[[csv in ((files,) if isinstance(files, str) else files) for files in findings["csv"]]]
    told: dict[str, list[Any]] = {}
    columns = ["guid", "identity", "rule", "message", "wave", "certainty", "because", "waived"]
    for finding in named[columns].itertuples(index=False):
        told.setdefault(str(finding.guid), []).append(finding)
    open_too = {guid: of_it for guid, of_it in told.items() if not all(map(_accepted, of_it))}
    return {guid: _notes(guid, of_it) for guid, of_it in open_too.items()}


def _accepted(finding: Any) -> bool:
    return isinstance(finding.waived, Mapping)


def _notes(guid: str, found: Sequence[Any]) -> Notes:
    told = [one for one in found if not _accepted(one)]
    accepted = (f"{one.rule} is accepted by {one.waived['owner']}: {one.waived['reason']}" for one in found if _accepted(one))
    likely = (f"{one.rule} is only likely: {one.because}" for one in told if one.certainty == Certainty.LIKELY)
    return {
        OBJECT: str(told[0].identity),
        GUID: guid,
        RULES: "|".join(sorted({one.rule for one in told})),
        WHY: " ".join(dict.fromkeys(one.message for one in told)),
        WAVE: "|".join(sorted({one.wave for one in told})),
        REASON: "; ".join((*accepted, *likely)),
    }


def answers(proposal: Proposal, view: View, guids: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
    """What a proposal says to each of these objects, by guid: its row, or only a REASON where what it reads was not seen."""
    handed = view.hand(proposal.signature, {})
    if isinstance(handed, Skipped):
        return {guid: {REASON: handed.reason} for guid in guids}
    seen = handed.arguments[proposal.judged]
    wanted = seen[seen["guid"].isin(list(guids))].reset_index(drop=True)
    rows = proposal.propose(**{**handed.arguments, proposal.judged: wanted})
    answered = {str(row["guid"]): {str(name): value for name, value in row.items()} for row in rows.to_dict("records")}
    for guid in guids:
        if guid not in answered:
            hidden = _unseen(proposal, view, guid) or "; ".join(handed.notes)
            answered[guid] = {REASON: hidden if guid in handed.hidden else f"is not in the table {proposal.judged}"}
    return answered


def _unseen(proposal: Proposal, view: View, guid: str) -> str:
    """Which columns of an object were not seen; empty where that stands in a derived table's inputs."""
    cells = ((read.table, column) for read in proposal.signature.inputs for column in read.columns)
    hidden = [cell for cell in cells if guid in view.unseen.cells.get(cell, ())]
    return "; ".join(f"{table}.{column} was not seen: {view.unseen.reasons[table, column]}" for table, column in hidden)


def reviewed(rows: DataFrame, doubts: Mapping[str, Mapping[str, Series]]) -> DataFrame:
    """The rows with REVIEW in every cell that is in doubt, and REASON.

    `doubts` maps a column to its doubts, each to where it holds (bool), or to a text that completes it where it is not missing
    (`"is taken by "`: the holders).
    """
    by_column = {column: _joined(rows.index, reasons.items()) for column, reasons in doubts.items()}
    cells = {column: rows[column].astype(object).mask(told != "", REVIEW) for column, told in by_column.items()}
    whole = _joined(rows.index, (("", told.where(told != "")) for told in by_column.values()))
    return rows.assign(**cells, **{REASON: whole})


def _joined(index: Index, reasons: Iterable[tuple[str, Series]]) -> Series:
    """For each row, the reasons that hold there, joined by a semicolon."""
    told = Series("", index, dtype="object")
    for reason, where in reasons:
        holds = where if where.dtype == bool else where.notna()
        text = reason if where.dtype == bool else reason + where.astype(object).fillna("")
        told = told.where(~holds, told.where(told == "", told + "; ") + text)
    return told
