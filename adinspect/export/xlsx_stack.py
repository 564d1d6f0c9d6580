"""Writes a sheet of several blocks below each other: one grid of columns, the last text of a block taking what is left of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adinspect.export import cells
from adinspect.export.xlsx_cells import NARROWEST, Formats, Styles, height_of, put, width_of, write_text
from adinspect.report import Block, Sheet

WIDEST = 60
"""Characters a column is wide at most."""


def write_stack(worksheet: Any, styles: Styles, sheet: Sheet, title: str, places: Mapping[str, str]) -> int:
    """Write the blocks that have something to say; return how many characters the sheet is wide.

    `places` maps a table to the worksheet that shows it, for links.
    """
    stack = Stack(worksheet, styles, widths_of(sheet.blocks), places)
    for place, width in enumerate(stack.widths):
        worksheet.set_column(place, place, width)
    worksheet.hide_gridlines(2)
    worksheet.set_row(0, 28)
    write_text(worksheet, 0, 0, title, styles.title)
    row = 1
    for block in sheet.blocks:
        if not (block.alert and block.rows.empty):
            row = stack.block(row, block) + 1
    return sum(stack.widths)


def widths_of(blocks: Sequence[Block]) -> tuple[int, ...]:
    """As wide as what stands in each column, but for the last texts of blocks that have fewer columns than the widest."""
    count = max(len(block.columns) for block in blocks)
    widths = [NARROWEST] * count
    for block in blocks:
        names = list(block.columns)
        own = names[:-1] if len(names) < count and _spans(block) else names
        for place, name in enumerate(own):
            wide = max(width_of(cells.values(block.rows[name])), len(block.columns[name]) + 1)
            widths[place] = max(widths[place], min(wide, WIDEST))
    return tuple(widths)


def _spans(block: Block) -> bool:
    """Whether the last column is text, which may take the room of the columns after it."""
    return block.rows[list(block.columns)[-1]].dtype.kind not in "biufM"


@dataclass(frozen=True)
class Stack:
    """The worksheet of a stack, and the widths of its columns."""

    worksheet: Any
    styles: Styles
    widths: tuple[int, ...]
    places: Mapping[str, str]

    def block(self, row: int, block: Block) -> int:
        """Write a block from this row on; return the row after it."""
        names, headers = list(block.columns), list(block.columns.values())
        if block.title:
            self.worksheet.set_row(row, 22)
            write_text(self.worksheet, row, 0, block.title, self.styles.heading)
            row += 1
        if any(headers):
            self._line(row, headers, [Formats.only(self.styles.header)] * len(headers), spans=_spans(block))
            row += 1
        for values in zip(*(cells.values(block.rows[name]) for name in names), strict=True):
            self._line(row, values, self._formats(block, values), spans=_spans(block))
            if block.link:
                self._link(row, names.index(block.link), values[names.index(block.link)])
            row += 1
        if block.rows.empty:
            write_text(self.worksheet, row, 0, "none", self.styles.nothing)
            row += 1
        return row

    def _formats(self, block: Block, values: Sequence[Any]) -> list[Formats]:
        """The formats of a line: an alert's are those of its severity, a line without headers begins with its label."""
        names = list(block.columns)
        if block.alert:
            return [Formats.only(self.styles.alerts.get(values[names.index("severity")], self.styles.label))] * len(names)
        formats = [Formats.of(self.styles, self.styles.ruled, block.rows[name], wrap=True) for name in names]
        return formats if any(block.columns.values()) else [Formats.only(self.styles.label), *formats[1:]]

    def _line(self, row: int, values: Sequence[Any], formats: Sequence[Formats], *, spans: bool) -> None:
        last, end = len(values) - 1, len(self.widths) - 1
        rooms = list(self.widths[: last + 1])
        if spans and last < end:
            rooms[last] = sum(self.widths[last:])
            self.worksheet.merge_range(row, last, row, end, "", formats[last].text)
        self.worksheet.set_row(row, height_of(zip(map(cells.text, values), rooms, strict=True)))
        for place, value in enumerate(values):
            if value is not None:
                put(self.worksheet, row, place, value, formats[place])
            elif not (spans and place == last):
                self.worksheet.write_blank(row, place, None, formats[place].empty)

    def _link(self, row: int, place: int, table: str) -> None:
        if table in self.places:
            name = self.places[table].replace("'", "''")
            self.worksheet.write_url(row, place, f"internal:'{name}'!A1", self.styles.link, table)
