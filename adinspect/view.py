"""The tables as a rule or a derived table may be handed them: nothing that could not be seen passes for missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pandas import DataFrame

from adinspect.derived import Derived
from adinspect.query import IDENTITY
from adinspect.rule import Input, Need, Signature, Skipped
from adinspect.visibility import State, Unseen


@dataclass(frozen=True)
class Sight:
    """One table as it may be handed on: its visible rows, how many were held back, and why rows or values are lacking."""

    frame: DataFrame
    withheld: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Handed:
    """Everything a function asked for by name, and how much of the table it judges could be judged."""

    arguments: Mapping[str, Any]
    judged: int
    of: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """Tables, what of them was not seen, and the context given by name (target, today, profile and its top-level keys).

    `owners` maps a child table to its owner. Derived tables are built on first use and kept.
    """

    tables: Mapping[str, DataFrame]
    unseen: Unseen
    derived: Mapping[str, Derived]
    owners: Mapping[str, str]
    context: Mapping[str, Any]
    _built: dict[str, Sight | Skipped] = field(default_factory=dict)

    def hand(self, signature: Signature, settings: Mapping[str, Any], *, union: bool = False) -> Handed | Skipped:
        """Collect what a signature asks for, or say why it cannot be had.

        The first table (of a union: every table) loses the rows whose named columns were not all seen; every other table
        must be whole, but for the child tables of the first: a child's unseen value holds back its owner's row.
        """
        first, *others = signature.inputs
        sights = {first.table: self._judged(first, [] if union else self._children(first, others))}
        for other in others:
            if union:
                sights[other.table] = self._judged(other, [])
            else:
                sights[other.table] = self._whole(other, child=other in self._children(first, others))
        for sight in sights.values():
            if isinstance(sight, Skipped):
                return sight
        seen = {name: sight for name, sight in sights.items() if isinstance(sight, Sight)}
        judged = seen.values() if union else [seen[first.table]]
        rows, withheld = sum(len(sight.frame) for sight in judged), sum(sight.withheld for sight in judged)
        frames = {name: sight.frame for name, sight in seen.items()}
        context = {name: self.context[name] for name in signature.context}
        return Handed(frames | context | settings, rows, rows + withheld, tuple(note for sight in judged for note in sight.notes))

    def lacks(self, need: Need) -> str:
        """Why a need is not met; empty when it is."""
        if need is Need.LYNC_NOT_ELSEWHERE:
            return "the profile says that Lync lives in another forest" if self.context["lync_forest"] == "other" else ""
        table, what = ("organization", "Exchange organization") if need is Need.EXCHANGE else ("pools", "Lync / Skype for Business pool")
        if not self.tables[table].empty:
            return ""
        reason = self.unseen.tables.get(table, "the directory shows none to this account")
        return f"no {what} is in sight: {reason}"

    def _children(self, first: Input, others: list[Input]) -> list[Input]:
        derived = self.derived.get(first.table)
        owner = derived.holder if derived else first.table
        return [other for other in others if self.owners.get(other.table) == owner]

    def _judged(self, judged: Input, children: list[Input]) -> Sight | Skipped:
        sight = self._sight(judged.table)
        if isinstance(sight, Skipped):
            return sight
        named = [(table.table, column) for table in (judged, *children) for column in table.columns]
        if reason := self._column_unseen(judged):
            return Skipped(reason)
        frame = sight.frame
        hidden = frozenset().union(*(self.unseen.cells.get(cell, frozenset()) for cell in named))
        visible = frame[~frame["guid"].isin(hidden)] if hidden else frame
        withheld = sight.withheld + len(frame) - len(visible)
        reasons = tuple(dict.fromkeys(self.unseen.reasons[cell] for cell in named if cell in self.unseen.reasons))
        notes = sight.notes + (reasons if withheld else ())
        if visible.empty and (withheld or judged.table in self.unseen.tables):
            return Skipped(f"{judged.table}: {'; '.join(notes)}")
        return Sight(self._columns(visible, judged), withheld, notes)

    def _whole(self, other: Input, *, child: bool) -> Sight | Skipped:
        sight = self._sight(other.table)
        if isinstance(sight, Skipped):
            return sight
        cells = [] if child else [(other.table, column) for column in other.columns if (other.table, column) in self.unseen.cells]
        reason = self._column_unseen(other) or "; ".join((*sight.notes, *(self.unseen.reasons[cell] for cell in cells)))
        return Skipped(f"{other.table}: {reason}") if reason else Sight(self._columns(sight.frame, other))

    def _sight(self, name: str) -> Sight | Skipped:
        if name in self.derived:
            if name not in self._built:
                self._built[name] = self._build(self.derived[name])
            return self._built[name]
        if name not in self.tables:
            return Skipped(f"there is no table {name} in this snapshot")
        notes = (self.unseen.tables[name],) if name in self.unseen.tables else ()
        return Sight(self.tables[name], 0, notes)

    def _build(self, derived: Derived) -> Sight | Skipped:
        handed = self.hand(derived.signature, {}, union=derived.union)
        if isinstance(handed, Skipped):
            return handed
        return Sight(derived.build(**handed.arguments), handed.of - handed.judged, handed.notes)

    def _column_unseen(self, read: Input) -> str:
        for column in read.columns:
            state, reason = self.unseen.columns.get((read.table, column), (None, ""))
            if state and not (state is State.NO_SCHEMA and column in read.exempting):
                return f"{read.table}.{column}: {reason}"
        return ""

    def _columns(self, frame: DataFrame, read: Input) -> DataFrame:
        holder = ["table"] if "table" in frame and read.table in self.derived else []
        return frame[list(dict.fromkeys((*IDENTITY, *holder, *read.columns)))].copy()
