"""Writes the steps of one bulk CSV as a sheet to decide on: what is there, what is proposed, and a column for the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from adinspect.bulk_csv import BulkCsv, Kind
from adinspect.cell_text import cut
from adinspect.export.xlsx_cells import (
    BASE,
    FILL_IN,
    FILL_IN_HEADER,
    INDENTED,
    INK,
    PAPER,
    heights_of,
    width_of,
    write_text,
)
from adinspect.step import NULL, OBJECT, REVIEW, STEP, Action, Status
from adinspect.workbook import layout
from adinspect.workbook.layout import Answer, Field, Record, Role

WIDEST, WIDEST_WRAPPED, NOTES_WIDTH, ACTION_WIDTH = 40, 64, 30, 11
"""Characters a column is wide at most, one of long texts, the notes, the decision."""

WRAPPED = ("Why", "Reason")
"""Headers of columns of long text."""

LONGEST, LONGEST_LIST = 1024, 8192
"""Characters that may be typed for one value, or for several."""

PROMPT_TITLE, PROMPT = 32, 255
"""Characters Excel takes for the title and the text of what it says about a cell."""

GREY, GREY_INK, ASKED, HIGHEST_HEADER = "#EDEDED", "#404040", "#F8CBAD", 30

STATUS_COLOURS = {Status.READY: "#E2EFDA", Status.REVIEW: "#FFE699", Status.HELD: "#F8CBAD"}
ACTION_COLOURS = {Action.APPROVE: "#C6E0B4", Action.EDIT: "#BDD7EE", Action.SKIP: "#D9D9D9"}

ALLOWED = dict.fromkeys(
    (
        *("sort", "autofilter", "insert_rows", "delete_rows", "insert_columns", "insert_hyperlinks"),
        *("format_cells", "format_rows", "format_columns", "objects", "scenarios"),
    ),
    True,
)
"""What people may do on a protected sheet. A spreadsheet sorts and deletes only where no cell is locked, so that the header alone
is; whatever else was changed that must not be is found when the workbook is read."""


@dataclass(frozen=True)
class StepFormats:
    """The formats of a sheet of steps, made once for a workbook: everywhere text, everywhere but in the header unlocked."""

    heads: Mapping[Role, Any]
    column: Any
    cells: Mapping[Role, Any]
    wrapped: Any
    asked: Any
    statuses: Mapping[str, Any]
    actions: Mapping[str, Any]

    @classmethod
    def of(cls, workbook: Any) -> StepFormats:
        """Make them in a workbook."""
        add = workbook.add_format
        head = {**INDENTED, "bold": True, "font_color": PAPER, "valign": "vcenter", "text_wrap": True}
        body = {**INDENTED, "locked": False}
        grey, filled = {**body, "bg_color": GREY, "font_color": GREY_INK}, {**body, "bg_color": FILL_IN}
        return cls(
            heads={role: add({**head, "bg_color": FILL_IN_HEADER if role in TO_FILL else INK}) for role in Role},
            column=add({**BASE, "locked": False}),
            cells={
                Role.ACTION: add({**filled, "bold": True}),
                Role.READ: add(grey),
                Role.PROPOSED: add(filled),
                Role.NOTES: add({**filled, "text_wrap": True}),
                Role.HIDDEN: add(body),
            },
            wrapped=add({**grey, "text_wrap": True}),
            asked=add({**body, "bg_color": ASKED, "bold": True}),
            statuses={status: add({**body, "bg_color": ground}) for status, ground in STATUS_COLOURS.items()},
            actions={action: add({"bg_color": ground}) for action, ground in ACTION_COLOURS.items()},
        )


TO_FILL = (Role.ACTION, Role.PROPOSED, Role.NOTES)
"""Columns for people to fill in."""


def write_steps(
    worksheet: Any, formats: StepFormats, definition: BulkCsv, records: Sequence[Record], answers: Mapping[str, Answer]
) -> int:
    """Write the sheet; return how many characters it is wide. `answers` are what people left on steps, by their names."""
    fields = layout.fields(definition)
    given = [answers.get(record.row[STEP], Answer()) for record in records]
    own = tuple(dict.fromkeys(header for answer in given for header in answer.beside))
    columns = [_column(one, records, given) for one in fields]
    beside = [[answer.beside.get(header, "") for answer in given] for header in own]
    widths = _set_columns(worksheet, formats, fields, columns, own)
    _write_header(worksheet, formats, fields, own)
    long = [place for place, one in enumerate(fields) if one.header in WRAPPED or one.role is Role.NOTES]
    heights = heights_of([(columns[place], widths[place]) for place in long])
    looks = [*(partial(_format, formats, one) for one in fields), *([lambda _: formats.cells[Role.NOTES]] * len(own))]
    cells = ([text or None for text in column] for column in (*columns, *beside))
    worksheet.write_rows(1, list(zip(cells, looks, strict=True)), heights, formats.column)
    worksheet.set_column(len(fields) + len(own), layout.COLUMNS - 1, None, formats.column)  # what is typed beside stays text too
    _guard(worksheet, formats, fields, len(records))
    worksheet.autofilter(0, 0, len(records), len(fields) + len(own) - 1)
    worksheet.freeze_panes(1, 2)
    worksheet.repeat_rows(0)
    worksheet.repeat_columns(0, 1)
    worksheet.hide_gridlines(1)
    worksheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    worksheet.protect("", ALLOWED)
    return sum(width for width, one in zip(widths, fields, strict=True) if one.role is not Role.HIDDEN)


def _column(one: Field, records: Sequence[Record], given: Sequence[Answer]) -> list[str]:
    """The texts of a column, from the first step to the last."""
    if one.role is Role.ACTION:
        return [answer.action for answer in given]
    if one.role is Role.NOTES:
        return [answer.notes for answer in given]
    if one.header == layout.DIGEST:
        return [layout.digest(record.dumped) for record in records]
    shown = [layout.shown(one, record.row) for record in records]
    if one.role is not Role.PROPOSED:
        return shown
    return [answer.changed.get(one.name, told) for answer, told in zip(given, shown, strict=True)]


def _format(formats: StepFormats, one: Field, told: str | None) -> Any:
    if one.header == layout.STATUS:
        return formats.statuses.get(told or "", formats.cells[one.role])
    if one.role is Role.PROPOSED and REVIEW in (told or ""):
        return formats.asked
    return formats.wrapped if one.header in WRAPPED else formats.cells[one.role]


def _write_header(worksheet: Any, formats: StepFormats, fields: Sequence[Field], own: Sequence[str]) -> None:
    worksheet.set_row(0, HIGHEST_HEADER)
    for place, one in enumerate(fields):
        write_text(worksheet, 0, place, one.header, formats.heads[one.role])
    for place, header in enumerate(own, start=len(fields)):
        write_text(worksheet, 0, place, header, formats.column)


def _set_columns(
    worksheet: Any, formats: StepFormats, fields: Sequence[Field], columns: Sequence[Sequence[str]], own: Sequence[str]
) -> list[int]:
    """Make each column as wide as what stands in it, and text below the last row too: what is typed there stays as it is."""
    widths = []
    for place, (one, told) in enumerate(zip(fields, columns, strict=True)):
        widest = WIDEST_WRAPPED if one.header in WRAPPED else WIDEST
        width = min(max(width_of(told), len(one.header) + 4), widest)
        width = {Role.ACTION: ACTION_WIDTH, Role.NOTES: NOTES_WIDTH}.get(one.role, width)
        worksheet.set_column(place, place, width, formats.column, {"hidden": one.role is Role.HIDDEN})
        widths.append(width)
    for place, header in enumerate(own, start=len(fields)):
        worksheet.set_column(place, place, max(len(header) + 4, NOTES_WIDTH), formats.column)
    return widths


def _guard(worksheet: Any, formats: StepFormats, fields: Sequence[Field], rows: int) -> None:
    """Offer what may be chosen, say what a cell takes, and let nobody type where a cell only shows something."""
    for place, one in enumerate(fields):
        worksheet.data_validation(1, place, rows, place, _validation(one))
    for action, format in formats.actions.items():
        rule = {"type": "cell", "criteria": "==", "value": f'"{action}"', "format": format}
        worksheet.conditional_format(1, 0, rows, 0, rule)


def _validation(one: Field) -> dict[str, Any]:
    if one.role is Role.ACTION:
        return {
            "validate": "list",
            "source": [action.value for action in Action],
            "error_title": "Not an action",
            "error_message": "Choose approve, edit or skip; leave it blank to decide later. What is blank is not run.",
        }
    if one.role is Role.NOTES:
        return {"validate": "any", "input_title": "Notes", "input_message": "Yours: kept when the plan is made again."}
    if one.role is Role.PROPOSED and one.column is not None:
        said = {"input_title": one.header[:PROMPT_TITLE], "input_message": cut(one.column.says, PROMPT, "…")}
        if one.column.kind is Kind.BOOL:
            choices = ["True", "False", *([NULL] if one.column.nullable else [])]
            return {**said, "validate": "list", "source": choices, "error_message": f"One of {', '.join(choices)}."}
        longest = LONGEST_LIST if one.column.kind.many else LONGEST
        return {
            **said,
            "validate": "length",
            "criteria": "<=",
            "value": longest,
            "error_message": f"At most {longest:,} characters.",
        }
    return {
        "validate": "custom",
        "value": "=FALSE",
        "ignore_blank": False,
        "error_title": "Shows what is there" if one.name != OBJECT else "Names the object",
        "error_message": "This cell is only to be read. Change the yellow one beside it, and say edit.",
    }
