"""What people left in a plan's workbook, carried over to a fresh plan: decisions only on steps that are what they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adinspect import bulk
from adinspect.workbook import layout
from adinspect.workbook.layout import Answer, Record, Role
from adinspect.workbook.reviewed import Reviewed, refuse

AGAIN = "The present or proposed values have changed since: decide again."


@dataclass(frozen=True)
class Carried:
    """`answers` stand on steps of the fresh plan. `kept` decisions are among them.

    `cleared` are steps decided on that are not what they were: what was decided stands in their notes. `gone` are steps that
    somebody decided on or wrote about and that are proposed no more, `back` those whose row had been deleted.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    kept: int = 0
    cleared: int = 0
    gone: int = 0
    back: int = 0


def over(old: Reviewed, fresh: Mapping[str, Record]) -> Carried:
    """Carry decisions, changed cells, notes and people's own columns to the steps of a fresh plan, which are found by name.

    Raises:
        InputError: a column of theirs holds a formula or an error, whose value cannot be known.
    """
    refuse(old.path, old.own)
    answers: dict[str, Answer] = {}
    kept = cleared = gone = 0
    for step, answer in old.answers.items():
        decided = bool(answer.action or answer.changed)
        if answer == Answer():
            continue
        if step not in fresh:
            gone += 1
        elif not decided or _same(old.records[step], fresh[step]):
            answers[step], kept = answer, kept + decided
        else:
            answers[step], cleared = _undecided(answer), cleared + 1
    back = sum(step in fresh for step in old.records.keys() - old.answers.keys())
    return Carried(answers, kept, cleared, gone, back)


def _same(old: Record, fresh: Record) -> bool:
    """Whether a step would change its object from what it was to what it was to be."""
    values = [
        one for one in layout.fields(bulk.shipped()[old.csv]) if one.role is Role.PROPOSED or one.header.endswith(layout.NOW)
    ]
    return all(layout.shown(one, old.row) == layout.shown(one, fresh.row) for one in values)


def _undecided(answer: Answer) -> Answer:
    told = "; ".join(filter(None, (answer.action, *(f"{name} = {cell}" for name, cell in answer.changed.items()))))
    return Answer(notes="\n".join(filter(None, (answer.notes, f"[Was: {told}. {AGAIN}]"))), beside=answer.beside)
