"""Writes the first sheets of a plan's workbook: what it is and how to decide, how much there is to do, and who moves when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from pandas import DataFrame

from adinspect import bulk, waves
from adinspect.export.xlsx_cells import Styles, write_text
from adinspect.export.xlsx_stack import Stack, widths_of
from adinspect.finding import Severity
from adinspect.frames import SEVERITIES
from adinspect.plan import Plan
from adinspect.report import Block, Sheet
from adinspect.step import ACTIONS, STATUSES, Action, Status
from adinspect.workbook import layout
from adinspect.workbook.layout import Facts, Record

Fill = Callable[[Any, Any, Styles], int]
"""Fills a worksheet of a workbook and returns how many characters it is wide."""

HOW = (
    "Work through the sheets from left to right: it is the order in which the files are run.",
    "Read what is there now (grey) and what is proposed (yellow), and choose an ACTION. A row without one is not run.",
    "To change a proposed value, type over the yellow cell and choose edit. An orange cell (#REVIEW) waits for a value of yours.",
    "Sort, filter, insert and delete rows as you like, and add columns of your own to the right: each row is found again. "
    "A deleted row is a row that is not run.",
    "Write what others should know into Notes. Notes, decisions and your own columns are kept by `adinspect plan --update`.",
    "Numbers and extensions are text: type them as they are, with their plus sign and zeros. No formula is taken.",
    "Then: adinspect generate THIS.xlsx --snapshot NEWER -o FOLDER. It checks every decision, names by sheet, row "
    "and column what it cannot take, and keeps back what has changed in the directory since.",
)
"""What a reviewer does."""

CHART_WIDTH, CHART_HEIGHT, GAP = 620, 300, 20
"""Pixels."""

WAVE_COLOURS = {"W1": "#70AD47", "W2": "#A9D18E", "W3": "#9DC3E6", "W4": "#FFD966", "W5": "#C00000", "WX": "#BFBFBF"}


def sheets(plan: Plan, facts: Facts, records: Mapping[str, Sequence[Record]], title: str) -> dict[str, Fill]:
    """The first worksheets, by name, in order."""
    read_me = [_gates(plan), _overview(plan, facts), _how(), *_legends(), _contents(plan, records)]
    places = {name: layout.title(name) for name in records}
    counts = [by_file(plan), by_status(plan), by_wave(plan)]
    return {
        "Read me": lambda _, worksheet, styles: _write(worksheet, styles, title, read_me, places)[0],
        "Summary": lambda workbook, worksheet, styles: _summary(workbook, worksheet, styles, counts),
        "Waves": lambda _, worksheet, styles: _write(worksheet, styles, "Who moves when", [_moves(plan), _by_site(plan)], {})[0],
    }


def _write(
    worksheet: Any, styles: Styles, title: str, blocks: Sequence[Block], places: Mapping[str, str]
) -> tuple[int, dict[str, int]]:
    """Write blocks below each other; return how many characters wide that is, and the row each begins on."""
    stack = Stack(worksheet, styles, widths_of(blocks), places)
    for place, width in enumerate(stack.widths):
        worksheet.set_column(place, place, width)
    worksheet.hide_gridlines(2)
    worksheet.set_row(0, 28)
    write_text(worksheet, 0, 0, title, styles.title)
    row, begins = 1, {}
    for block in blocks:
        if not (block.rows.empty and block.alert):
            begins[block.table] = row
            row = stack.block(row, block) + 1
    return sum(stack.widths), begins


def _block(name: str, lines: Iterable[Sequence[Any]], columns: Mapping[str, str], **more: Any) -> Block:
    return Block(name, columns, DataFrame(list(lines), columns=list(columns)), **more)


def _gates(plan: Plan) -> Block:
    held = plan.gates.groupby(["rule", "why"], sort=False)["file"].agg(", ".join).reset_index()
    rows = DataFrame(
        {
            "severity": pd.Series([Severity.HIGH.value] * len(held), dtype=SEVERITIES),
            "message": [f"{one.file}: not run while {one.rule} stands: {one.why}" for one in held.itertuples()],
        }
    )
    return Block("gates", {"severity": "", "message": ""}, rows, alert=True)


def _overview(plan: Plan, facts: Facts) -> Block:
    taken = datetime.fromisoformat(facts.taken)
    counts = ", ".join(f"{len(plan.steps[plan.steps['status'] == status])} {status}" for status in Status)
    lines = [
        ("Forest", facts.forest),
        ("Snapshot", f"{facts.snapshot} (taken {taken:%Y-%m-%d %H:%M} UTC)"),
        ("Target", facts.target),
        ("Steps", f"{len(plan.steps)}: {counts}"),
        ("Made by", f"adinspect {facts.adinspect}, which reads the directory and never writes to it"),
    ]
    return _block("overview", lines, {"fact": "", "value": ""}, title="What this is")


def _how() -> Block:
    return _block("how", enumerate(HOW, start=1), {"number": "", "what": ""}, title="How to review it")


def _legends() -> list[Block]:
    moves = [(move.value, told) for move, told in waves.MEANINGS.items()]
    return [
        _block("actions", [(one.value, ACTIONS[one]) for one in Action], {"action": "ACTION", "meaning": "Meaning"}),
        _block("statuses", [(one.value, STATUSES[one]) for one in Status], {"status": "Status", "meaning": "Meaning"}),
        _block("moves", moves, {"wave": "Wave", "meaning": "Meaning"}),
    ]


def _contents(plan: Plan, records: Mapping[str, Sequence[Record]]) -> Block:
    lines = [
        (name, len(of_it), f"{bulk.shipped()[name].title}. {bulk.shipped()[name].description}") for name, of_it in records.items()
    ]
    empty = [name for name in plan.rows if name not in records]
    lines += [(name, 0, f"{bulk.shipped()[name].title}: nothing to do.") for name in empty]
    return _block("contents", lines, {"file": "File", "steps": "Steps", "what": "What it does"}, title="Sheets", link="file")


def by_file(plan: Plan) -> Block:
    """How many steps each bulk CSV has, by their status."""
    counts = plan.steps.groupby(["csv", "status"]).size()
    shown = [name for name, rows in plan.rows.items() if len(rows)]
    lines = [
        (name, bulk.shipped()[name].title, *(int(counts.get((name, one), 0)) for one in Status), len(plan.rows[name]))
        for name in shown
    ]
    columns = {"file": "File", "title": "What it does", **{one.value: one.value for one in Status}, "all": "all"}
    return _block("by_file", lines, columns, title="Steps by file, in the order they are run")


def by_status(plan: Plan) -> Block:
    """How many steps there are of each status."""
    lines = [(one.value, STATUSES[one], int((plan.steps["status"] == one).sum())) for one in Status]
    return _block("by_status", lines, {"status": "Status", "meaning": "Meaning", "steps": "Steps"}, title="Steps by status")


def by_wave(plan: Plan) -> Block:
    """How many users are in each wave, of those who have voice or should have."""
    people = _people(plan)
    lines = [(move.value, told, int((people["wave"] == move).sum())) for move, told in waves.MEANINGS.items()]
    columns = {"wave": "Wave", "meaning": "Meaning", "users": "Users"}
    return _block("by_wave", lines, columns, title="Users by wave, of those who have voice or should have")


def _people(plan: Plan) -> DataFrame:
    return plan.waves[plan.waves["expected"] | plan.waves["estate"]]


def _moves(plan: Plan) -> Block:
    people = _people(plan)
    lines = []
    for move, told in waves.MEANINGS.items():
        of_it = people[people["wave"] == move]
        steps = plan.steps["wave"].eq(move.value)
        lines.append((move.value, told, len(of_it), int(of_it["to_confirm"].sum()), int(steps.sum())))
    columns = {"wave": "Wave", "meaning": "Meaning", "users": "Users", "to_confirm": "to confirm", "steps": "Steps"}
    return _block("moves", lines, columns, title="Waves")


def _by_site(plan: Plan) -> Block:
    people = _people(plan)
    columns = {"site": "Site", **{move.value: move.value for move in waves.Move}, "all": "all"}
    lines: list[tuple[Any, ...]] = []
    if "site" in people:
        for site, of_it in people.groupby(people["site"].fillna("(no site)")):
            counts = (int((of_it["wave"] == move).sum()) for move in waves.Move)
            lines.append((site, *counts, len(of_it)))
    return _block("sites", lines, columns, title="Users by site")


def users(plan: Plan) -> Sheet:
    """Everybody who has voice or should have, with the wave and what puts them there."""
    people = _people(plan)
    count = plan.steps.groupby("guid").size()
    rows = DataFrame(
        {
            "identity": people["identity"].astype(object),
            "wave": people["wave"].astype(object),
            "to_confirm": people["to_confirm"].map({True: "to confirm", False: ""}).astype(object),
            "because": people["because"].astype(object).str.replace("|", ", "),
            "steps": people["guid"].map(count).fillna(0).astype("int64"),
            "dn": people["dn"].astype(object),
        }
    ).reset_index(drop=True)
    columns = {"identity": "User", "wave": "Wave", "to_confirm": "Sure?", "because": "Because of", "steps": "Steps", "dn": "DN"}
    return Sheet("Users", (Block("users", columns, rows, wrap=("because",)),))


def _summary(workbook: Any, worksheet: Any, styles: Styles, counts: Sequence[Block]) -> int:
    width, begins = _write(worksheet, styles, "Summary", counts, {})
    files, _, moves = counts
    right, below = len(files.columns) + 1, 0
    if len(files.rows):
        below = max(CHART_HEIGHT, 90 + 28 * len(files.rows))
        chart = _files_chart(workbook, begins[files.table] + 2, len(files.rows))
        chart.set_size({"width": CHART_WIDTH, "height": below})
        worksheet.insert_chart(1, right, chart)
    chart = _waves_chart(workbook, begins[moves.table] + 2, len(moves.rows))
    worksheet.insert_chart(1, right, chart, {"y_offset": below + GAP if below else 0})
    return width + CHART_WIDTH // 7


def _files_chart(workbook: Any, first: int, rows: int) -> Any:
    """Steps by file, of the rows of the sheet that begin with this one."""
    last = first + rows - 1
    chart = _chart(workbook, "bar", "Steps by file", stacked=True)
    for place, status in enumerate(Status, start=2):
        chart.add_series(
            {
                "name": ["Summary", first - 1, place],
                "categories": ["Summary", first, 0, last, 0],
                "values": ["Summary", first, place, last, place],
                "fill": {"color": CHART_COLOURS[status]},
                "gap": 40,
            }
        )
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    chart.set_x_axis(COUNTS)
    return chart


def _waves_chart(workbook: Any, first: int, rows: int) -> Any:
    """Users by wave, of the rows of the sheet that begin with this one."""
    last = first + rows - 1
    chart = _chart(workbook, "column", "Users by wave")
    chart.add_series(
        {
            "name": "Users",
            "categories": ["Summary", first, 0, last, 0],
            "values": ["Summary", first, 2, last, 2],
            "points": [{"fill": {"color": colour}} for colour in WAVE_COLOURS.values()],
            "data_labels": {"value": True},
            "gap": 60,
        }
    )
    chart.set_legend({"none": True})
    chart.set_y_axis(COUNTS)
    chart.set_size({"width": CHART_WIDTH, "height": CHART_HEIGHT})
    return chart


COUNTS = {"num_format": "0", "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}}
"""An axis of counts."""

CHART_COLOURS = {Status.READY: "#70AD47", Status.REVIEW: "#FFC000", Status.HELD: "#C55A11"}


def _chart(workbook: Any, kind: str, title: str, *, stacked: bool = False) -> Any:
    chart = workbook.add_chart({"type": kind, **({"subtype": "stacked"} if stacked else {})})
    chart.set_title({"name": title, "name_font": {"size": 12, "color": "#1F3864"}, "overlay": False})
    chart.set_chartarea({"border": {"color": "#D9D9D9"}})
    chart.set_legend({"position": "bottom"})
    return chart
