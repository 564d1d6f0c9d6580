"""Makes the plan: of findings and the site's wishes, every step that a person could approve, in the order they are run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pandas import DataFrame

from adinspect import bulk, frames, gates, proposals, readings, voice, waves
from adinspect.bulk_csv import BulkCsv, Homed
from adinspect.errors import ConfigurationError
from adinspect.finding import Certainty, Target
from adinspect.gates import Gate
from adinspect.readings import Present
from adinspect.step import (
    AFTER,
    BAR,
    BETWEEN,
    DN,
    GUID,
    KEY,
    LEAVES,
    OBJECT,
    PREVIOUS,
    REASON,
    REVIEW,
    RULES,
    STEP,
    STEP_COLUMNS,
    UNKNOWN,
    WAVE,
    WHY,
    Status,
    name,
    text,
)
from adinspect.view import View

NOWHERE = "(none)"
"""What stands for a value that is not there, where a change is told in words."""

UNJUDGED = "could not be judged, and the profile does not accept that ([gates] accepted): "
"""What stands before what kept a gate from being judged."""

BESIDE = (KEY, STEP, AFTER, DN, REASON, BAR)
"""What a row of a plan has beside the columns of its CSV."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What could be changed. `steps` has STEP_COLUMNS, in the order they are run.

    `rows` has for each bulk CSV, in that order, a table with the columns of its header and BESIDE, cells as a proposal
    gives them. `waves` is what waves.of gives. `gates` has rule, file and why: a gated file is not written while it has a row.
    """

    target: Target
    taken: datetime
    steps: DataFrame
    rows: Mapping[str, DataFrame]
    waves: DataFrame
    gates: DataFrame = field(default_factory=lambda: DataFrame(columns=["rule", "file", "why"], dtype="str"))


@dataclass(frozen=True, eq=False)
class Ground:
    """What steps stand on: where users are, and what earlier steps of the same plan will have made and taken away.

    `waves` maps users to their wave, `online` are those homed there. `made` and `gone` map a Get cmdlet and an object to the step
    after which it finds the object (and the properties it then shows), or does not find it any more; `left` to the step after
    which properties of the object are other ones. `runnable` are the steps that could be run; of the others, those count that a
    person could approve: what stands on them waits for them. `leaving` is what rows said of what they leave (step.LEAVES).
    """

    waves: Mapping[str, str]
    online: frozenset[str]
    made: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    gone: dict[tuple[str, str], str] = field(default_factory=dict)
    left: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    runnable: set[str] = field(default_factory=set)
    leaving: dict[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)

    def count_on(self, definition: BulkCsv, rows: DataFrame) -> None:
        """Let later files count on the rows of a file that could be run, or approved."""
        for row in frames.records(rows):
            if row[BAR]:
                continue
            step, guid = row[STEP], row[GUID]
            if not row[REASON] and not any(bulk.faults(definition, row)):
                self.runnable.add(step)
            for cmdlet, values in definition.makes.items():
                self.made[cmdlet, guid] = (step, values)
            for cmdlet, values in (*definition.leaves.items(), *self.leaving.get(step, {}).items()):
                emptied = {name: None if value == "" else value for name, value in values.items()}
                self.left[cmdlet, guid] = (step, {**self.left.get((cmdlet, guid), ("", {}))[1], **emptied})
            if not definition.found_after:
                self.gone[definition.reads, guid] = step

    def now(
        self, definition: BulkCsv, present: Present, guid: str, key: str, before: Collection[str] = ()
    ) -> tuple[Mapping[str, Any] | None, str]:
        """What the Get cmdlet of a file will show of an object once it is run (None: nothing), and the step it waits for.

        `before` are the steps that the row waits for anyway.
        """
        at = (definition.reads, guid)
        if at in self.gone:
            return None, self.gone[at]
        found = present.found.get((guid, key))
        if found is None and at in self.made:
            step, values = self.made[at]
            return values, step
        if found is not None and at in self.left:
            step, values = self.left[at]
            counts = step in self.runnable or step in before
            if counts and any(column.property in values for column in definition.changed):
                return {**found, **values}, step
        return found, ""

    def lacking(self, steps: Iterable[str]) -> list[str]:
        """Why a row that waits for these steps cannot be run as they stand."""
        files = (one.partition("/")[0] for one in steps if one not in self.runnable)
        return [f"waits for its row in {csv}, which cannot be run" for csv in files]


def make(view: View, target: Target) -> Plan:
    """Make the plan of a target; `view` has what was found (assess.with_found) beside the tables of the snapshot.

    Raises:
        ConfigurationError: there is no bulk CSV for this target.
    """
    chosen = files(target)
    moving = waves.of(view)
    view = waves.beside(view, moving)
    closed = standing(view, chosen)
    users = view.tables["users"]
    online = frozenset(users.loc[voice.online(users), "guid"].tolist())
    ground = Ground(dict(zip(moving["guid"].tolist(), moving["wave"].tolist(), strict=True)), online)
    answers = {one.name: proposals.rows(proposals.shipped()[one.name], view) for one in chosen}
    shown = _shown(chosen, answers, view)
    rows = {}
    for one in chosen:
        rows[one.name] = proposed(one, ground, shown[one.reads], answers[one.name])
        ground.count_on(one, rows[one.name])
    rows = only_made_good(rows, target)
    held = frozenset(closed["file"])
    return Plan(target, view.context["today"], steps(target, rows, held), rows, moving, closed)


def _shown(chosen: Iterable[BulkCsv], answers: Mapping[str, Iterable[Mapping[str, Any]]], view: View) -> dict[str, Present]:
    """What each Get cmdlet shows of the objects that its files have rows of."""
    guids: dict[str, set[str]] = {}
    for one in chosen:
        guids.setdefault(one.reads, set()).update(row[GUID] for row in answers[one.name])
    return {cmdlet: readings.present(cmdlet, view, named) if named else Present() for cmdlet, named in guids.items()}


def files(target: Target) -> list[BulkCsv]:
    """The bulk CSVs of a target, in the order they are run.

    Raises:
        ConfigurationError: there is none.
    """
    chosen = [one for one in bulk.shipped().values() if target in one.order]
    if not chosen:
        raise ConfigurationError(
            f"there are no bulk CSVs for target {target} yet",
            safe="Nothing was written.",
            next_step=f"Measure against {Target.UM_LYNC}, or use the workbook of `adinspect report`.",
        )
    return sorted(chosen, key=lambda one: one.order[target])


def standing(view: View, chosen: Iterable[BulkCsv]) -> DataFrame:
    """The gates that stand (rule, file, why): each holds back every gated file."""
    held = [one.name for one in chosen if one.gated]
    if not held:
        return DataFrame(columns=["rule", "file", "why"], dtype="str")
    told = gates.of(view)
    lines = [
        (gate.rule, name, gate.why if gate.state == Gate.STANDS else f"{UNJUDGED}{gate.why}")
        for name in held
        for gate in told[told["state"].isin([Gate.STANDS, Gate.UNJUDGED])].itertuples()
    ]
    return DataFrame(lines, columns=["rule", "file", "why"], dtype="str")


def proposed(definition: BulkCsv, ground: Ground, present: Present, answers: Iterable[Mapping[str, Any]]) -> DataFrame:
    """One row for each of the answers (proposals.rows), sorted by object: the columns of the file's header, and BESIDE.

    What was not seen makes no row that could be run: an object of which a needed column was not seen has REVIEW in every cell and
    the reason, and so has every object where another table that the proposal reads is not whole.
    """
    review: dict[str, Any] = {column.name: REVIEW for column in definition.parameters}
    review |= {PREVIOUS + column.name: None for column in definition.changed}
    told = []
    for answer in answers:
        row = {**review, **answer}
        guid, key = row[GUID], row[KEY]
        before = [name(csv, guid) for csv in row.get(AFTER) or ()]
        now, after = ground.now(definition, present, guid, key, before)
        before = list(dict.fromkeys(filter(None, (after, *before))))
        unknown = "" if after else present.why_unknown(guid)
        barred = list(bars(definition, row, now, unknown, online=guid in ground.online))
        if definition.reads:
            row |= {PREVIOUS + one.name: one.bare((now or {}).get(one.property)) for one in definition.changed}
        row |= {WAVE: ground.waves.get(guid, ""), STEP: name(definition.name, guid, key), AFTER: BETWEEN.join(before)}
        ground.leaving[row[STEP]] = row.pop(LEAVES, None) or {}
        reason = "; ".join(dict.fromkeys(filter(None, (row[REASON], *ground.lacking(before), *barred))))
        told.append({**row, REASON: reason, BAR: "; ".join(barred)})
    told.sort(key=lambda row: (row[OBJECT].casefold(), row[GUID], row[KEY]))
    return DataFrame(told, columns=[*definition.header, *BESIDE], dtype="object")


def only_made_good(rows: Mapping[str, DataFrame], target: Target) -> dict[str, DataFrame]:
    """The rows with a reason against each that takes away what no later one could give back, and against what waits for it.

    A number that was cleared and cannot be assigned, or voice mail that was turned off for nothing, stops a telephone.
    """
    stopped: set[str] = set()
    told = {}
    for csv, of_it in rows.items():
        definition = bulk.shipped()[csv]
        after = definition.made_good.get(target, "")
        if not after and not stopped:
            told[csv] = of_it
            continue
        back = frames.records(rows.get(after, of_it.iloc[:0]))
        why_not = {row[GUID]: bulk.why_not(bulk.shipped()[after], row) for row in back}
        lines = frames.records(of_it)
        for row in lines:
            if bulk.why_not(definition, row):
                continue
            waits = (
                f"waits for its row in {one.partition('/')[0]}, which cannot be run"
                for one in row[AFTER].split(BETWEEN)
                if one in stopped
            )
            row[REASON] = "; ".join((*waits, *_not_made_good(after, why_not, row[GUID])))
            stopped.update([row[STEP]] if row[REASON] else [])
        told[csv] = DataFrame(lines, columns=of_it.columns, dtype="object")
    return told


def _not_made_good(after: str, why_not: Mapping[str, str], guid: str) -> Iterable[str]:
    lead = f"{after} could not give back what this takes away: "
    if after and (why := why_not.get(guid, "it has no row for it")):
        yield lead + why


def homed_elsewhere(definition: BulkCsv, *, online: bool) -> Iterable[str]:
    """Why a file may not hold a user for where the user is homed."""
    if definition.homed is Homed.HERE and online:
        yield "is homed online"
    if definition.homed is Homed.ONLINE and not online:
        yield "is not homed online"


def bars(
    definition: BulkCsv, row: Mapping[str, Any], now: Mapping[str, Any] | None, unknown: str, *, online: bool
) -> Iterable[str]:
    """What there is that keeps a row from being run, whatever anybody says: `now` is what the Get cmdlet shows."""
    yield from homed_elsewhere(definition, online=online)
    if unknown:
        yield unknown
    elif now is None and definition.found_before:
        yield f"{definition.reads} would not find it"
    elif now is not None and not definition.found_before:
        yield f"{definition.reads} finds it already"
    for column in definition.changed:
        if now is not None and now.get(column.property) == UNKNOWN and definition.changes(column, row):
            yield f"the present {column.property} is not known"


def steps(target: Target, rows: Mapping[str, DataFrame], held: frozenset[str]) -> DataFrame:
    """The table of steps (STEP_COLUMNS) of the rows of a plan; `held` names the files that a gate holds back.

    What waits for a step of such a file is held back too.
    """
    shipped = bulk.shipped()
    told = [step for one, of_it in rows.items() for step in _steps(shipped[one], target, of_it, held)]
    return DataFrame(told, columns=list(STEP_COLUMNS))


def _steps(definition: BulkCsv, target: Target, rows: DataFrame, held: frozenset[str]) -> Iterable[dict[str, Any]]:
    for row in frames.records(rows):
        reason = row[REASON] or "; ".join(bulk.faults(definition, row))
        files = (definition.name, *(step.partition("/")[0] for step in row[AFTER].split(BETWEEN))) if held else ()
        ready = Status.READY if held.isdisjoint(files) else Status.HELD
        yield {
            "step": row[STEP],
            "target": target.value,
            "order": definition.order[target],
            "csv": definition.name,
            "title": definition.title,
            "cmdlet": definition.cmdlet,
            "wave": row[WAVE],
            "guid": row[GUID],
            "dn": row[DN],
            "identity": row[OBJECT],
            "changes": "; ".join(changes(definition, row)),
            "why": row[WHY],
            "rules": row[RULES],
            "certainty": Certainty.LIKELY.value if " is only likely: " in row[REASON] else Certainty.CERTAIN.value,
            "status": (Status.REVIEW if reason else ready).value,
            "reason": reason,
            "after": row[AFTER],
        }


def changes(definition: BulkCsv, row: Mapping[Any, Any]) -> Iterable[str]:
    """What a row changes, in words: each column that sets a property, from what to what."""
    for column in definition.parameters:
        cell = row[column.name]
        if column.name == definition.key or cell is None:
            continue
        before = f"{text(row[PREVIOUS + column.name]) or NOWHERE} \u2192 " if column.property else ""
        yield f"{column.name}: {before}{text(cell) or NOWHERE}"
