"""Holds the steps of a plan against a newer snapshot: what each Get cmdlet would show now says whether a step landed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from pandas import DataFrame

from adinspect import bulk, proposals, query, readings
from adinspect.bulk_csv import BulkCsv, Column, Kind
from adinspect.errors import ConfigurationError
from adinspect.plan import NOWHERE, Plan
from adinspect.readings import Present
from adinspect.step import DN, GUID, KEY, NULL, OBJECT, PREVIOUS, REASON, STEP, UNKNOWN, WAVE, text
from adinspect.view import View


class Outcome(StrEnum):
    """What became of a step, the best first."""

    LANDED = "landed"
    UNSEEN = "cannot be seen"
    MISSING = "not landed"
    CHANGED = "changed to something else"
    GONE = "object gone"


MEANINGS: Mapping[Outcome, str] = {
    Outcome.LANDED: "Everything the step sets is there now.",
    Outcome.MISSING: "What was there before is there still, or what was to be made is not there.",
    Outcome.CHANGED: "Neither what was there before nor what the step sets.",
    Outcome.GONE: "The object is not in the directory any more.",
    Outcome.UNSEEN: "The snapshot does not show it, so nobody can say whether the step landed.",
}
"""What each outcome means."""

COLUMNS = ("step", "csv", "cmdlet", "wave", "outcome", "identity", "told", "guid", "dn")
"""What `steps` tells of each step, all text; `told` says what was wanted and what is there, where they are not the same."""


@dataclass(eq=False)
class _Ground:
    """What steps are held against; `shown` and `settled` grow as later files are looked at before earlier ones.

    `settled` are properties (empty: whether there is anything) of objects, each by Get cmdlet, guid and key, that a later step of
    the plan was seen to have set: what an earlier one put there is not there any more, and need not be.
    """

    view: View
    shown: dict[str, Present] = field(default_factory=dict)
    settled: set[tuple[str, str, str, str]] = field(default_factory=set)

    def present(self, cmdlet: str) -> Present:
        if cmdlet not in self.shown:
            self.shown[cmdlet] = readings.present(cmdlet, self.view)
        return self.shown[cmdlet]


def check(forest: str, made: datetime, newer_forest: str, taken: datetime) -> None:
    """Refuse a snapshot that can say nothing about a plan.

    Raises:
        ConfigurationError: the snapshot is of another forest than the plan, or older than the one that the plan was made of.
    """
    if newer_forest.casefold() != forest.casefold():
        raise ConfigurationError(
            f"the snapshot is of the forest {newer_forest}, the plan of {forest}",
            safe="Nothing was written.",
            next_step=f"Name a snapshot of {forest}.",
        )
    if taken < made:
        raise ConfigurationError(
            f"the snapshot was taken at {taken:%Y-%m-%d %H:%M} UTC, before the one that the plan was made of "
            f"({made:%Y-%m-%d %H:%M} UTC)",
            safe="Nothing was written.",
            next_step="Collect again, and name that snapshot.",
        )


def steps(plan: Plan, view: View) -> DataFrame:
    """What became of each step of a plan that may be run, in its order (COLUMNS); `view` shows the newer snapshot.

    Rows with a REASON or a fault are not looked at: nobody ran them. Nor are lists for people, of which no snapshot tells. Of
    what is added to a list or removed from it, only that is looked for. A cell that left its parameter out, and one of a column
    that no Get cmdlet shows, says nothing.
    """
    ground = _Ground(view)
    told: list[list[dict[str, str]]] = []
    for name, rows in reversed(list(plan.rows.items())):
        definition = bulk.shipped()[name]
        if not definition.reads:
            continue
        run = (row for row in rows.to_dict("records") if not row[REASON] and not any(bulk.faults(definition, row)))
        told.insert(0, [_step(definition, row, ground) for row in run])
    return DataFrame([one for of_file in told for one in of_file], columns=list(COLUMNS), dtype="str")


def all_landed(verified: DataFrame) -> bool:
    """Whether every step is known to have landed."""
    return bool((verified["outcome"] == Outcome.LANDED).all())


def _step(definition: BulkCsv, row: Mapping[Any, Any], ground: _Ground) -> dict[str, str]:
    outcome, told = _outcome(definition, row, ground)
    return {
        "step": row[STEP],
        "csv": definition.name,
        "cmdlet": definition.cmdlet,
        "wave": row[WAVE],
        "outcome": outcome.value,
        "identity": row[OBJECT],
        "told": told,
        "guid": row[GUID],
        "dn": row[DN],
    }


def _outcome(definition: BulkCsv, row: Mapping[Any, Any], ground: _Ground) -> tuple[Outcome, str]:
    guid, key, present = row[GUID], row[KEY], ground.present(definition.reads)
    now = present.found.get((guid, key))
    if not definition.found_after and (definition.reads, guid, key, "") in ground.settled:
        return Outcome.LANDED, ""
    if why := present.why_unknown(guid) or ("" if now else _unlisted(definition, guid, ground.view)):
        return Outcome.UNSEEN, why
    if not definition.found_after:
        return (Outcome.MISSING, f"{definition.reads} still finds it") if now else (Outcome.LANDED, "")
    if now is None:
        return _not_found(definition, guid, ground.view)
    if not definition.found_before:
        ground.settled.add((definition.reads, guid, key, ""))
    return _summed(definition, list(_columns(definition, row, now, ground)))


def _unlisted(definition: BulkCsv, guid: str, view: View) -> str:
    """Why the Get cmdlet might find an object although the snapshot does not have it; empty where it would not."""
    names = sorted(view.about(readings.shipped()[definition.reads].signature.inputs[0].table))
    if any((view.tables[name]["guid"] == guid).any() for name in names if name in view.tables):
        return ""
    return "; ".join(view.unseen.tables[name] for name in names if name in view.unseen.tables)


def _not_found(definition: BulkCsv, guid: str, view: View) -> tuple[Outcome, str]:
    """What it means that the Get cmdlet finds nothing where it should."""
    mains = [name for name in query.shipped() if name in view.tables]
    if any((view.tables[name]["guid"] == guid).any() for name in mains):
        lost = definition.found_before
        return (Outcome.CHANGED if lost else Outcome.MISSING), f"{definition.reads} does not find it{' any more' if lost else ''}"
    unseen = [
        view.unseen.tables[name]
        for name in sorted(view.about(proposals.shipped()[definition.name].judged))
        if name in view.unseen.tables
    ]
    return (Outcome.UNSEEN, "; ".join(unseen)) if unseen else (Outcome.GONE, "")


def _columns(
    definition: BulkCsv, row: Mapping[Any, Any], now: Mapping[str, Any], ground: _Ground
) -> Iterator[tuple[Outcome, str]]:
    """What became of each column that sets something which the Get cmdlet shows."""
    of_lists = {one.argument(): one.property for one in definition.changed if one.kind in (Kind.ADD, Kind.REMOVE)}
    for column in definition.parameters:
        wanted = row[column.name]
        name = column.property or of_lists.get(column.argument(), "")  # what is added and what removed are one property
        if not name or wanted is None:
            continue
        at = (definition.reads, row[GUID], row[KEY], name)
        shown = now.get(name)
        if at in ground.settled:
            yield Outcome.LANDED, ""
        elif shown == UNKNOWN:
            yield Outcome.UNSEEN, f"{name} was not seen"
        elif _holds(column, wanted, shown):
            ground.settled.update([at] if column.kind not in (Kind.ADD, Kind.REMOVE) else [])
            yield Outcome.LANDED, ""
        else:
            yield _differs(replace(column, property=name), wanted, row.get(PREVIOUS + column.name), shown)


def _differs(column: Column, wanted: Any, before: Any, shown: Any) -> tuple[Outcome, str]:
    there = f"{text(shown) or NOWHERE} is there"
    if column.kind in (Kind.ADD, Kind.REMOVE):
        left = [value for value in wanted if (value.casefold() in _texts(shown)) is (column.kind is Kind.REMOVE)]
        verb = "removed" if column.kind is Kind.REMOVE else "added"
        return Outcome.MISSING, f"{column.property}: {text(tuple(left))} was not {verb}"
    said = f"{column.property}: {NOWHERE if wanted == NULL else text(wanted)} is wanted, {there}"
    same = _same(column, before, shown)
    return (Outcome.MISSING if same else Outcome.CHANGED), said


def _summed(definition: BulkCsv, columns: list[tuple[Outcome, str]]) -> tuple[Outcome, str]:
    """What became of a step, of what became of its columns: the worst of them."""
    if not columns:
        shown = not definition.found_before
        return (Outcome.LANDED, "") if shown else (Outcome.UNSEEN, f"{definition.reads} shows nothing of what it sets")
    order = list(Outcome)
    worst = max((outcome for outcome, _ in columns), key=order.index)
    return worst, "; ".join(told for _, told in columns if told)


def _holds(column: Column, wanted: Any, shown: Any) -> bool:
    if column.kind is Kind.ADD:
        return {value.casefold() for value in wanted} <= _texts(shown)
    if column.kind is Kind.REMOVE:
        return not {value.casefold() for value in wanted} & _texts(shown)
    return _same(column, None if wanted == NULL else wanted, shown)


def _same(column: Column, one: Any, other: Any) -> bool:
    """Whether two values are one to the cmdlets, which compare without regard to case and to the order of a list."""
    if column.false_is_blank and {str(one), str(other)} <= {"False", "None"}:
        return True
    return _texts(column.bare(one)) == _texts(column.bare(other))


def _texts(value: Any) -> frozenset[str]:
    told = value if isinstance(value, tuple) else (value,)
    return frozenset(text(one).casefold() for one in told) - {""}
