"""Keeps out of a plan that people decided what has changed in the directory since it was made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pandas import DataFrame

from adinspect import bulk, plan, readings, voice
from adinspect.bulk_csv import BulkCsv, Column
from adinspect.claims import Claims
from adinspect.plan import Plan
from adinspect.readings import Present
from adinspect.step import AFTER, BETWEEN, GUID, KEY, PREVIOUS, REASON, text
from adinspect.view import View


@dataclass(frozen=True, eq=False)
class _Now:
    """The directory as a newer snapshot shows it: who is homed online, every object there is, and who holds what."""

    online: frozenset[str]
    there: frozenset[str]
    claims: Claims


def without(decided: Plan, view: View) -> tuple[Plan, int]:
    """The plan without the steps whose object is not as it was when the plan was made, and how many these are.

    `view` shows a newer snapshot. Of a step that waits for another one, only what that one leaves alone is compared.
    """
    users = view.tables["users"]
    online = frozenset(users.loc[voice.online(users), "guid"])
    there = frozenset(guid for rows in view.tables.values() if "guid" in rows for guid in rows["guid"].dropna())
    now = _Now(online, there, Claims.of(decided, view))
    tables: dict[str, DataFrame] = {}
    count = 0
    for name, rows in decided.rows.items():
        definition = bulk.shipped()[name]
        present = readings.present(definition.reads, view)
        told = [{str(key): cell for key, cell in row.items()} for row in rows.to_dict("records")]
        for row in (row for row in told if not row[REASON]):
            row[REASON] = "; ".join(f"is stale: {why}" for why in dict.fromkeys(_why(definition, row, present, now)))
            count += bool(row[REASON])
        tables[name] = DataFrame(told, columns=list(rows.columns), dtype="object")
    steps = plan.steps(decided.target, tables, frozenset(decided.gates["file"]))
    return replace(decided, rows=tables, steps=steps), count


def _why(definition: BulkCsv, row: Mapping[str, Any], present: Present, now: _Now) -> Iterator[str]:
    """Why a row is not as it was approved."""
    guid = row[GUID]
    if guid not in now.there:
        yield "the object is not there any more"
    yield from now.claims.against(definition, row)
    awaited = [bulk.shipped()[step.partition("/")[0]] for step in row[AFTER].split(BETWEEN) if step]
    if any(_replaces(one, definition.reads) for one in awaited):
        yield from plan.homed_elsewhere(definition, online=guid in now.online)
        return
    shown = present.found.get((guid, row[KEY]))
    yield from plan.bars(definition, row, shown, present.why_unknown(guid), online=guid in now.online)
    for column in definition.changed if definition.reads else ():
        if any(_touches(one, definition.reads, column) for one in awaited):
            continue
        before, after = text(row[PREVIOUS + column.name]), text(column.bare((shown or {}).get(column.property)))
        if before != after:
            yield f"{column.name} was {before or plan.NOWHERE} when the plan was made, and is {after or plan.NOWHERE} now"


def _replaces(before: BulkCsv, reads: str) -> bool:
    """Whether a step that is run before makes or takes away what a Get cmdlet finds."""
    return reads in before.makes or (before.reads == reads and not before.found_after)


def _touches(before: BulkCsv, reads: str, column: Column) -> bool:
    """Whether a step that is run before may leave another value; lists, to which a step only adds, are not looked at."""
    sets = before.reads == reads and column.property in {one.property for one in before.changed}
    return column.kind.many or sets or column.property in before.leaves.get(reads, {})
