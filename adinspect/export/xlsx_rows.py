"""A worksheet that takes many rows at once, a column at a time: what XlsxWriter writes of each cell, written once a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from adinspect.cell_text import fitted

DEFAULT_HEIGHT = 15
"""Points that a row is high of which nothing is said."""

Column = tuple[Sequence[Any], Callable[[Any], Format | None]]
"""The values of a column, each a text, an int, a time or None (blank), and the format of a value; None where no cell is to be."""


class RowsWorksheet(Worksheet):  # type: ignore[misc] # XlsxWriter has no types
    """A worksheet of XlsxWriter in the mode constant_memory.

    Cell by cell, a text passes ten functions, which is most of what a large workbook costs. How a text is escaped and what index
    a format has remains XlsxWriter's business; a test holds the rows equal to those that it writes, and so would fail with a
    release that changes one of the names used here.
    """

    def write_rows(
        self, first: int, columns: Sequence[Column], heights: Sequence[int] | None = None, row_format: Format | None = None
    ) -> None:
        """Write rows below everything that was written so far, from the first column on; `heights` are points."""
        count = len(columns[0][0]) if columns else 0
        if not count:
            return
        self._check_dimensions(first, 0)
        self._check_dimensions(first + count - 1, len(columns) - 1)
        self._write_single_row(first + count)  # what waits to be written, and that these rows are written
        look = f' s="{row_format._get_xf_index()}" customFormat="1"' if row_format else ""
        beginnings = {height: f'"{look}{_high(height)}>' for height in set(heights or (DEFAULT_HEIGHT,))}
        numbers = range(first + 1, first + count + 1)
        begins = [beginnings[height] for height in heights] if heights else [beginnings[DEFAULT_HEIGHT]] * count
        cells = [self._cells(xl_col_to_name(place), column, numbers) for place, column in enumerate(columns)]
        for number, begin, *row in zip(numbers, begins, *cells, strict=True):
            self.fh.write(f'<row r="{number}{begin}{"".join(row)}</row>')

    def _cells(self, letters: str, column: Column, numbers: range) -> list[str]:
        values, format_of = column
        ends = {value: self._end(value, format_of(value)) for value in dict.fromkeys(values)}
        begin = f'<c r="{letters}'
        return [f"{begin}{number}{end}" if (end := ends[value]) else "" for number, value in zip(numbers, values, strict=True)]

    def _end(self, value: Any, format: Format | None) -> str:
        """What follows the reference of a cell; empty where there is none."""
        if format is None:
            return ""
        look = f'" s="{format._get_xf_index()}"'
        if value is None:
            return f"{look}/>"
        if not isinstance(value, str):
            number = self._convert_date_time(value) if isinstance(value, datetime) else value
            return f"{look}><v>{number:.16G}</v></c>"
        text = self._escape_data(self._escape_control_characters(fitted(value)))
        kept = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() else ""
        return f'{look} t="inlineStr"><is><t{kept}>{text}</t></is></c>'


def _high(height: int) -> str:
    """What says how high a row is: Excel counts in pixels, three quarters of a point."""
    return "" if height == DEFAULT_HEIGHT else f' ht="{int(height * 4 / 3 + 0.5) * 0.75:.16g}" customHeight="1"'
