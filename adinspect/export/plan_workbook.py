"""Writes a plan as the workbook that people review: what it is, how to decide, and a sheet for each bulk CSV that has steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from typing import Any

from adinspect import bulk, frames
from adinspect.errors import ConfigurationError
from adinspect.export import cells, plan_front, xlsx
from adinspect.export.plan_steps import StepFormats, write_steps
from adinspect.export.xlsx_cells import Styles
from adinspect.plan import Plan
from adinspect.step import STEP
from adinspect.workbook import layout
from adinspect.workbook.layout import Answer, Facts, Record

TABS = {"front": "#1F3864", "steps": "#C55A11", "users": "#A6A6A6"}

WIDEST_PAGE = 400
"""Characters that are still put on one page: a decision and what it is about belong side by side."""


def write(plan: Plan, snapshot: str, forest: str, path: Path, answers: Mapping[str, Answer] | None = None) -> None:
    """Write the workbook of a plan made of this snapshot (its folder's name) of this forest.

    `answers` are what people left on steps, by their names: decisions, changed cells, notes and columns of their own.

    Raises:
        ConfigurationError: a bulk CSV has more steps than a sheet is read back.
        StorageError: it cannot be written; what stood there is untouched.
    """
    _check_size(plan)
    steps = {name: records_of(plan, name) for name in plan.rows}
    facts = Facts(
        snapshot=snapshot,
        forest=forest,
        taken=plan.taken.astimezone(UTC).isoformat(),
        target=plan.target.value,
        adinspect=version("adinspect"),
        files={name: len(of_it) for name, of_it in steps.items()},
        columns={name: layout.recorded(bulk.shipped()[name]) for name in plan.rows},
        gates=plan.gates[["rule", "file", "why"]].to_numpy().tolist(),
    )
    with xlsx.replacing(path) as workbook:
        _fill(workbook, plan, facts, steps, answers or {})


def _check_size(plan: Plan) -> None:
    for name, rows in plan.rows.items():
        if len(rows) >= layout.ROWS:
            raise ConfigurationError(
                f"{name} has {len(rows):,} steps, more than a sheet takes ({layout.ROWS - 1:,})",
                safe="Nothing was written.",
                next_step="Narrow the population in the profile, and plan one part after the other.",
            )


def records(plan: Plan) -> dict[str, Record]:
    """Every step of a plan as it is proposed, by its name."""
    return {str(record.row[STEP]): record for csv in plan.rows for record in records_of(plan, csv)}


def records_of(plan: Plan, csv: str) -> list[Record]:
    """The steps of a bulk CSV as they are proposed, in their order."""
    of_it = plan.steps[plan.steps["csv"] == csv]
    step, status, reason = (of_it[name].tolist() for name in ("step", "status", "reason"))
    told = dict(zip(step, zip(status, reason, strict=True), strict=True))
    rows = frames.records(plan.rows[csv])
    return [Record(csv, {**row, **dict(zip((layout.STATUS, layout.TOLD), told[row[STEP]], strict=True))}) for row in rows]


def _fill(workbook: Any, plan: Plan, facts: Facts, records: Mapping[str, list[Record]], answers: Mapping[str, Answer]) -> None:
    title = f"Plan for {facts.target}: {facts.forest}"
    workbook.set_properties({"title": title, "created": plan.taken.astimezone(UTC).replace(tzinfo=None)})
    styles = Styles.of(workbook)
    shown = {name: of_it for name, of_it in records.items() if of_it}
    for name, fill in plan_front.sheets(plan, facts, shown, title).items():
        worksheet = workbook.add_worksheet(name)
        worksheet.set_tab_color(TABS["front"])
        xlsx.set_up_printing(worksheet, title, plan.taken, fill(workbook, worksheet, styles))
    formats = StepFormats.of(workbook)
    for name, of_it in shown.items():
        worksheet = workbook.add_worksheet(layout.title(name))
        worksheet.set_tab_color(TABS["steps"])
        width = write_steps(worksheet, formats, bulk.shipped()[name], of_it, answers)
        xlsx.set_up_printing(worksheet, title, plan.taken, min(width, xlsx.PAGE_WIDTH) if width < WIDEST_PAGE else width)
    users = plan_front.users(plan)
    if not users.blocks[0].rows.empty:
        worksheet = workbook.add_worksheet(users.title)
        worksheet.set_tab_color(TABS["users"])
        width = xlsx.write_table(worksheet, styles, xlsx.Part(users.title, users, 0, len(users.blocks[0].rows)), users.blocks[0])
        worksheet.freeze_panes(1, 1)
        xlsx.set_up_printing(worksheet, title, plan.taken, width)
    _hide(workbook, layout.FACTS, ([name, *layout.pieces(layout.dump(value))] for name, value in asdict(facts).items()))
    _hide(workbook, layout.RECORDS, layout.packed(record.dumped for of_it in shown.values() for record in of_it))
    _hide(workbook, layout.USERS, layout.packed(_waves(plan)))


def _waves(plan: Plan) -> Iterator[str]:
    yield layout.dump(list(plan.waves.columns))
    columns = [cells.values(column) for _, column in plan.waves.items()]
    yield from map(layout.dump, zip(*columns, strict=True))


def _hide(workbook: Any, name: str, lines: Iterator[list[str]]) -> None:
    """A sheet that only the reader needs: JSON in ASCII, which is never taken for anything but text."""
    worksheet = workbook.add_worksheet(name)
    worksheet.very_hidden()
    for row, line in enumerate(lines):
        for place, text in enumerate(line):
            worksheet.write_string(row, place, text)
