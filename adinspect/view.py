"""The tables as a rule or a derived table may be handed them: nothing that could not be seen passes for missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pandas import DataFrame

from adinspect import certificates, diff, side
from adinspect.derived import Derived
from adinspect.query import IDENTITY
from adinspect.rule import Input, Lack, Need, Signature, Skipped
from adinspect.visibility import State, Unseen


def not_supplied(table: str) -> str:
    """Why a table that no query fills is not in a snapshot; empty for what is no such table."""
    told = {certificates.TABLE.name: certificates.NOT_SUPPLIED, diff.TABLE.name: diff.NOT_SUPPLIED}
    return told[table] if table in told else side.lacking(table)


@dataclass(frozen=True)
class Sight:
    """One table as it may be handed on: its visible rows, the objects and rows held back, and why rows or values are lacking.

    `behind` is, for a sparse derived table, how many objects were seen whole; `withheld` counts objects then.
    """

    frame: DataFrame
    hidden: frozenset[str] = frozenset()
    withheld: int = 0
    notes: tuple[str, ...] = ()
    behind: int | None = None

    @property
    def judged(self) -> int:
        """How many rows, or objects behind them, could be judged."""
        return len(self.frame) if self.behind is None else self.behind


@dataclass(frozen=True)
class Handed:
    """Everything a function asked for by name, how much of the table it judges could be judged, and the objects held back."""

    arguments: Mapping[str, Any]
    judged: int
    of: int
    hidden: frozenset[str]
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

        The first table (of a union: every table) loses the rows whose named columns were not all seen; every other table must
        be whole, but for partial ones, whose unseen rows are left out, and the companions of the first: its child tables, and
        derived tables about the same objects. What was not seen of a companion holds back the rows of that object. An optional
        table that cannot be had is None.
        """
        first, *others = signature.inputs
        if union:
            return self._united(signature, settings)
        companions = [other for other in others if self._accompanies(other.table, first.table)]
        sights = {first.table: self._judged(first, companions)}
        for other in others:
            sights[other.table] = self._other(other, companion=other in companions)
        optional = {other.table for other in others if other.optional}
        seen: dict[str, Sight] = {}
        lacking: list[str] = []
        for name, sight in sights.items():
            if isinstance(sight, Sight):
                seen[name] = sight
            elif name in optional:
                lacking.append(f"without {name}: {sight.reason}")
            else:
                return sight
        handed = self._handed(signature, settings, seen, [seen[first.table]])
        for other in others:
            lacking += seen[other.table].notes if other.partial and other.table in seen else ()
        arguments = {**dict.fromkeys(optional), **handed.arguments}
        return replace(handed, arguments=arguments, notes=tuple(dict.fromkeys((*handed.notes, *lacking))))

    def _other(self, other: Input, *, companion: bool) -> Sight | Skipped:
        if companion:
            return self._companion(other)
        return self._judged(other, []) if other.partial else self._whole(other)

    def about(self, table: str) -> frozenset[str]:
        """The tables of the queries whose objects a table may tell of: itself, its owner, or what it is derived of."""
        if table not in self.derived:
            return frozenset({self.owners.get(table, table)})
        first, *others = self.derived[table].signature.inputs
        inputs = [first, *others] if self.derived[table].union else [first]
        return frozenset[str]().union(*(self.about(read.table) for read in inputs))

    def lacks(self, need: Need) -> Skipped | None:
        """Why a need is not met; None when it is."""
        if need is Need.LYNC_NOT_ELSEWHERE:
            elsewhere = self.context["lync_forest"] == "other"
            return Skipped("the profile says that Lync lives in another forest") if elsewhere else None
        table, what = (
            ("organization", "Exchange organization") if need is Need.EXCHANGE else ("pools", "Lync / Skype for Business pool")
        )
        if not self.tables[table].empty:
            return None
        reason = self.unseen.tables.get(table, "the directory shows none to this account")
        lack = Lack.UNSEEN if table in self.unseen.tables else Lack.INAPPLICABLE
        return Skipped(f"no {what} is in sight: {reason}", lack)

    def _united(self, signature: Signature, settings: Mapping[str, Any]) -> Handed | Skipped:
        """Every table judged; one of which nothing can be judged, or a derived one that cannot be had, takes away only itself."""
        sights: dict[str, Sight] = {}
        skipped = []
        for read in signature.inputs:
            whole, sight = self._sight(read.table), self._judged(read, [])
            if isinstance(whole, Skipped):
                if read.table not in self.derived:
                    return whole
                skipped.append(whole)
                nothing = DataFrame(columns=list(dict.fromkeys((*IDENTITY, "table", *read.columns))), dtype="str")
                sights[read.table] = Sight(nothing, notes=(whole.reason,))
                continue
            if isinstance(sight, Skipped):
                skipped.append(sight)
                owners = self.tables[self.owners[read.table]] if read.table in self.owners else whole.frame
                everybody = self._hidden([read])[0].union(whole.frame["guid"].tolist(), owners["guid"].tolist())
                sight = replace(self._held_back(read, whole, everybody), notes=(sight.reason,))
            sights[read.table] = sight
        if len(skipped) == len(sights):
            return next((one for one in skipped if one.lack is Lack.UNSEEN), skipped[0])
        return self._handed(signature, settings, sights, list(sights.values()))

    def _handed(
        self, signature: Signature, settings: Mapping[str, Any], seen: Mapping[str, Sight], judged: list[Sight]
    ) -> Handed:
        rows, withheld = sum(sight.judged for sight in judged), sum(sight.withheld for sight in judged)
        frames = {name: sight.frame for name, sight in seen.items()}
        context = {name: self.context[name] for name in signature.context}
        hidden = frozenset().union(*(sight.hidden for sight in judged))
        notes = tuple(dict.fromkeys(note for sight in judged for note in sight.notes))
        return Handed({**frames, **context, **settings}, rows, rows + withheld, hidden, notes)

    def _holder(self, table: str) -> str:
        """The table of the objects that a table is about; of a union, which has none, its own name."""
        if table not in self.derived:
            return self.owners.get(table, table)
        holder = self.derived[table].holder
        return self._holder(holder) if holder else table

    def _accompanies(self, other: str, judged: str) -> bool:
        """Whether a table tells more of the objects that another is about; of the several kinds in a union a child table does."""
        derived = self.derived.get(judged)
        if derived and derived.union:
            return self.owners.get(other) in {read.table for read in derived.signature.inputs}
        return self._holder(other) == self._holder(judged)

    def _judged(self, judged: Input, companions: list[Input]) -> Sight | Skipped:
        sight = self._sight(judged.table)
        if isinstance(sight, Skipped):
            return sight
        if unseen := self._column_unseen(judged):
            return unseen
        hidden, reasons = self._hidden([judged, *companions])
        visible = self._held_back(judged, sight, hidden)
        notes = sight.notes + (reasons if visible.withheld else ())
        if not visible.judged and (visible.withheld or judged.table in self.unseen.tables):
            return Skipped(f"{judged.table}: {'; '.join(notes)}", Lack.UNSEEN)
        return replace(visible, notes=notes)

    def _held_back(self, judged: Input, sight: Sight, hidden: frozenset[str]) -> Sight:
        frame = sight.frame
        visible = frame[~frame["guid"].isin(hidden)] if hidden else frame
        withheld = sight.withheld + len(frame) - len(visible)
        if hidden and judged.table in self.owners:  # an unseen many-valued attribute has no rows that could be held back
            withheld += len(hidden.difference(frame["guid"]))
        return Sight(self._columns(visible, judged), sight.hidden | hidden, withheld, behind=sight.behind)

    def _hidden(self, read: list[Input]) -> tuple[frozenset[str], tuple[str, ...]]:
        """The objects of which a named column was not seen, and why."""
        hidden: frozenset[str] = frozenset()
        reasons: list[str] = []
        for table, column in ((one.table, column) for one in read for column in one.columns if column not in one.audited):
            hidden |= self.unseen.cells.get((table, column), frozenset())
            reasons += [self.unseen.reasons[table, column]] if (table, column) in self.unseen.reasons else []
        for sight in (self._sight(one.table) for one in read[1:] if one.table in self.derived):
            if isinstance(sight, Sight) and sight.hidden:
                hidden |= sight.hidden
                reasons += sight.notes
        return hidden, tuple(dict.fromkeys(reasons))

    def _companion(self, other: Input) -> Sight | Skipped:
        """All of a companion: where rows of its table are missing, so are those of the judged table, which says so."""
        sight = self._sight(other.table)
        if isinstance(sight, Skipped):
            return sight
        return self._column_unseen(other, f"{other.table}: ") or Sight(self._columns(sight.frame, other))

    def _whole(self, other: Input) -> Sight | Skipped:
        sight = self._sight(other.table)
        if isinstance(sight, Skipped):
            return sight
        named = [(other.table, column) for column in other.columns if column not in other.audited]
        cells = [cell for cell in named if cell in self.unseen.cells]
        if unseen := self._column_unseen(other, f"{other.table}: "):
            return unseen
        reason = "; ".join((*sight.notes, *(self.unseen.reasons[cell] for cell in cells)))
        return Skipped(f"{other.table}: {reason}", Lack.UNSEEN) if reason else Sight(self._columns(sight.frame, other))

    def _sight(self, name: str) -> Sight | Skipped:
        if name in self.derived:
            if name not in self._built:
                self._built[name] = self._build(self.derived[name])
            return self._built[name]
        if name not in self.tables:
            reason = not_supplied(name)
            lack = Lack.UNSUPPLIED if reason else Lack.UNSEEN
            return Skipped(reason or f"there is no table {name} in this snapshot", lack)
        notes = (self.unseen.tables[name],) if name in self.unseen.tables else ()
        return Sight(self.tables[name], notes=notes)

    def _build(self, derived: Derived) -> Sight | Skipped:
        handed = self.hand(derived.signature, {}, union=derived.union)
        if isinstance(handed, Skipped):
            return handed
        frame = derived.build(**handed.arguments)
        if not derived.sparse:
            return Sight(frame, handed.hidden, handed.of - handed.judged, handed.notes)
        seen = frozenset().union(*(given["guid"].tolist() for given in handed.arguments.values() if isinstance(given, DataFrame)))
        return Sight(frame, handed.hidden, len(handed.hidden), handed.notes, len(seen - handed.hidden))

    def _column_unseen(self, read: Input, whose: str = "") -> Skipped | None:
        for column in read.columns:
            state, reason = self.unseen.columns.get((read.table, column), (None, ""))
            if state and column not in (read.exempting if state is State.NO_SCHEMA else read.audited):
                lack = Lack.INAPPLICABLE if state is State.NO_SCHEMA else Lack.UNSEEN
                return Skipped(f"{whose}{read.table}.{column}: {reason}", lack)
        return None

    def _columns(self, frame: DataFrame, read: Input) -> DataFrame:
        holder = ["table"] if "table" in frame and read.table in self.derived else []
        return frame[list(dict.fromkeys((*IDENTITY, *holder, *read.columns)))].copy(deep=False)
