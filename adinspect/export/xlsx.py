"""Writes a report as an Excel workbook: text stays text, whatever it looks like, and the same report gives the same bytes.

Limits are Excel's own: "Excel specifications and limits", <https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3>.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_rowcol_to_cell

from adinspect import atomic
from adinspect.cell_text import cut, visible
from adinspect.export import cells
from adinspect.export.xlsx_cells import Formats, Styles, format_of, heights_of, held, width_of, write_text
from adinspect.export.xlsx_rows import RowsWorksheet
from adinspect.export.xlsx_stack import write_stack
from adinspect.report import Block, Report, Sheet

ROWS = 1_048_576
"""Rows of a worksheet, its header included."""

NAME_UNITS = 31
"""UTF-16 units of a worksheet's name."""

NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\s]+")
RESERVED = "history"
"""Excel keeps this name for its own worksheet of changes."""

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}

A4 = 9
PAGE_WIDTH = 230
"""Characters that can still be read across a landscape page."""

WIDEST, WIDEST_WRAPPED, BLANK_WIDTH = 48, 44, 14
"""Characters a column is wide at most, one of long texts, one to fill in."""

KEPT = 4
"""Columns that stay in sight at most."""

TABS = {"stack": "#1F3864", "table": "#C55A11", "spare": "#A6A6A6"}


@dataclass(frozen=True)
class Part:
    """One worksheet: a sheet of the report, or those of its rows that fit. `following` names the worksheet that goes on."""

    name: str
    sheet: Sheet
    first: int = 0
    last: int = 0
    following: str = ""


def write(report: Report, path: Path) -> None:
    """Write the workbook; spare sheets without a row are left out.

    A sheet with more rows than a worksheet takes goes on in further ones, a text too long for a cell is cut, and both say so.
    Control characters are shown as pictures.

    Raises:
        StorageError: it cannot be written; what stood there is untouched.
    """
    with replacing(path) as workbook:
        _fill(workbook, report)


@contextmanager
def replacing(path: Path) -> Iterator[Any]:
    """Give a workbook to fill that takes the place of `path` when the block ends without an error (see `write`)."""
    with atomic.replacing(path) as file, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            with Workbook(file, {**OPTIONS, "tmpdir": folder}) as workbook:
                workbook.worksheet_class = RowsWorksheet
                workbook.use_zip64()  # takes effect only above 4 GB
                yield workbook
        except FileCreateError as error:
            raise error.args[0] from None  # the OSError it wraps


def _fill(workbook: Any, report: Report) -> None:
    taken = report.taken.astimezone(UTC).replace(tzinfo=None)
    workbook.set_properties({"title": visible(report.title), "created": taken})
    styles = Styles.of(workbook)
    parts = list(_parts(report))
    places = {part.sheet.blocks[0].table: part.name for part in reversed(parts) if not part.sheet.stacked}
    for part in parts:
        worksheet = workbook.add_worksheet(part.name)
        if part.sheet.stacked:
            worksheet.set_tab_color(TABS["stack"])
            width = write_stack(worksheet, styles, part.sheet, report.title, places)
            set_up_printing(worksheet, report.title, report.taken, width)
        else:
            worksheet.set_tab_color(TABS["spare" if part.sheet.spare else "table"])
            kept = _kept(part.sheet.blocks[0])
            width = write_table(worksheet, styles, part, part.sheet.blocks[0])
            worksheet.freeze_panes(1, kept)
            worksheet.repeat_rows(0)
            worksheet.repeat_columns(0, kept - 1)
            worksheet.hide_gridlines(0 if part.sheet.spare else 1)  # 0: printed too; 1: on the screen alone
            set_up_printing(worksheet, report.title, report.taken, width)


def _parts(report: Report) -> Iterator[Part]:
    """The worksheets of a workbook, in order."""
    used: set[str] = {RESERVED}
    for sheet in report.sheets:
        rows = 0 if sheet.stacked else len(sheet.blocks[0].rows)
        if sheet.spare and not rows:
            continue
        fits = ROWS - 2 if rows > ROWS - 1 else ROWS - 1  # a header, and where it goes on a line that says so
        firsts = range(0, max(rows, 1), fits)
        names = [_name(sheet.title, used) for _ in firsts]
        for name, first, following in zip(names, firsts, [*names[1:], ""], strict=True):
            yield Part(name, sheet, first, min(first + fits, rows), following)


def _name(title: str, used: set[str]) -> str:
    """A worksheet's name that Excel takes and that is not used yet, without regard to case."""
    plain = NOT_IN_NAMES.sub(" ", visible(title)).strip(" '") or "Sheet"
    name, number = cut(plain, NAME_UNITS, "…"), 1
    while name.lower() in used:
        number += 1
        suffix = f" ({number})"
        name = cut(plain, NAME_UNITS - len(suffix), "…") + suffix
    used.add(name.lower())
    return name


def _kept(block: Block) -> int:
    """How many columns stay in sight: up to the one that says what the row is about, if it is among the first."""
    first = list(block.columns)[:KEPT]
    return first.index("identity") + 1 if "identity" in first else 1


def write_table(worksheet: Any, styles: Styles, part: Part, block: Block) -> int:
    """Write one table with its header in the first row; return how many characters it is wide."""
    names = list(block.columns)
    rows = block.rows.iloc[part.first : part.last]
    columns = [cells.values(rows[name]) for name in names]
    body = styles.plain if part.sheet.spare else styles.ruled
    formats = [Formats.of(styles, body, rows[name], wrap=name in block.wrap) for name in names]
    widths = _set_columns(worksheet, styles, block, columns)
    for place, header in enumerate((*block.columns.values(), *block.blank)):
        write_text(worksheet, 0, place, header, styles.header if place < len(names) else styles.blank_header)
    told = [list(map(held, column)) for column in columns]
    wrapped = [([cells.text(value) for value in columns[names.index(name)]], widths[names.index(name)]) for name in block.wrap]
    empty = [([None] * len(rows), lambda _: styles.blank) for _ in block.blank]
    looks = (partial(_look, one, not part.sheet.spare) for one in formats)
    worksheet.write_rows(1, [*zip(told, looks, strict=True), *empty], heights_of(wrapped) if wrapped else None)
    last_column = len(names) + len(block.blank) - 1
    worksheet.autofilter(0, 0, len(rows), last_column)
    worksheet.ignore_errors({"number_stored_as_text": f"A1:{xl_rowcol_to_cell(len(rows), last_column)}"})
    if part.following:
        write_text(worksheet, len(rows) + 1, 0, f"Goes on in worksheet {part.following}", styles.note)
    elif rows.empty:
        write_text(worksheet, 1, 0, "none", styles.nothing)
    return sum(widths)


def _look(formats: Formats, ruled: bool, value: Any) -> Any:
    """The format of a cell; None where there is to be none, because nothing stands in it and no line is drawn."""
    return None if value is None and not ruled else format_of(formats, value)


def _set_columns(worksheet: Any, styles: Styles, block: Block, columns: Sequence[Sequence[Any]]) -> list[int]:
    """Make each column as wide as what stands in it, and of its type below the last row too: what is typed there stays text."""
    widths: list[int] = []
    for (name, header), values in zip(block.columns.items(), columns, strict=True):
        widest = WIDEST_WRAPPED if name in block.wrap else WIDEST
        widths.append(min(max(width_of(values), len(header) + 3), widest))
        formats = Formats.of(styles, styles.plain, block.rows[name])
        worksheet.set_column(len(widths) - 1, len(widths) - 1, widths[-1], formats.empty)
    for header in block.blank:
        widths.append(max(len(header) + 3, BLANK_WIDTH))
        worksheet.set_column(len(widths) - 1, len(widths) - 1, widths[-1])
    return widths


def set_up_printing(worksheet: Any, title: str, taken: datetime, width: int) -> None:
    """Landscape A4, as many pages wide as can still be read; the title and the sheet above, the snapshot's day below."""
    worksheet.set_landscape()
    worksheet.set_paper(A4)
    worksheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    worksheet.fit_to_pages(-(-width // PAGE_WIDTH), 0)
    head = cut(visible(title), 100, "…").replace("&", "&&")
    worksheet.set_header(f"&L{head}&R&A")
    worksheet.set_footer(f"&L{taken:%Y-%m-%d}&RPage &P of &N")
