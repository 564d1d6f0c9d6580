from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sample_report import NAUGHTY
from xlsxwriter import Workbook

from adinspect.export.xlsx import OPTIONS
from adinspect.export.xlsx_cells import write_text
from adinspect.export.xlsx_rows import RowsWorksheet

MARKUP = "<r>bold</r>"
"""What XlsxWriter would copy as it is: written cell by cell in three runs, at once in one."""

VALUES: list[Any] = [
    *(text for text in NAUGHTY if not text.startswith("<r>")),
    *(
        "",
        " lead",
        "trail ",
        "two\nlines\n",
        "_x0041_",
        "a\tb",
        "\N{NO-BREAK SPACE}",
        "=1+1",
        "<&>\"'",
        "x" * 40_000,
        "\x00\x1f\ufffe",
    ),
    *(0, 7, -3, 10**15 - 1, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None),
]


def sheet(write: Any) -> str:
    """The XML of a worksheet with a header, what `write` adds to it, and a row below."""
    octets = BytesIO()
    with Workbook(octets, OPTIONS) as workbook:
        workbook.worksheet_class = RowsWorksheet
        formats = [workbook.add_format({"bold": True}), workbook.add_format({"italic": True})]
        worksheet = workbook.add_worksheet("one")
        worksheet.write_string(0, 0, "Header")
        write(worksheet, formats)
        worksheet.write_string(len(VALUES) + 1, 0, "below")
    with ZipFile(octets) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def cell_by_cell(worksheet: Any, formats: Any, heights: list[int] | None = None) -> None:
    for row, value in enumerate(VALUES, start=1):
        if heights:
            worksheet.set_row(row, heights[row - 1], formats[0])
        worksheet.write_number(row, 0, row, formats[0])
        if isinstance(value, str):
            write_text(worksheet, row, 27, value, formats[1])
        elif value is None:
            worksheet.write_blank(row, 27, None, formats[1])
        else:
            worksheet.write(row, 27, value, formats[1])


def at_once(worksheet: Any, formats: Any, heights: list[int] | None = None) -> None:
    count = len(VALUES)
    nothing = ([None] * count, lambda _: None)
    columns = [([*range(1, count + 1)], lambda _: formats[0]), *([nothing] * 26), (VALUES, lambda _: formats[1])]
    worksheet.write_rows(1, columns, heights, formats[0] if heights else None)


@pytest.mark.parametrize("heights", [None, [15, 30, 405, 409] * 1000])
def test_rows_at_once_are_what_xlsxwriter_writes_cell_by_cell(heights: list[int] | None) -> None:
    given = heights and heights[: len(VALUES)]
    assert sheet(partial(at_once, heights=given)) == sheet(partial(cell_by_cell, heights=given))


def test_markup_of_xlsxwriters_own_is_text_like_any_other() -> None:
    written = sheet(lambda worksheet, formats: worksheet.write_rows(1, [([MARKUP], lambda _: formats[0])]))
    assert "<is><t>&lt;r&gt;bold&lt;/r&gt;</t></is>" in written


def test_no_row_is_no_row() -> None:
    assert sheet(lambda worksheet, _: worksheet.write_rows(1, [])) == sheet(lambda *_: None)
