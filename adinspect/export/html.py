"""Writes a report as one HTML file: its sheets as plain tables, which a browser opens without loading anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pandas import DataFrame

from adinspect.export import cells, html_frame
from adinspect.report import Block, Report

ROWS = 1_000
"""Rows of a table that are shown: a browser takes minutes for a hundred thousand, and nobody reads them there."""


def write(report: Report, path: Path) -> None:
    """Write the sheets of a report that have a row or must be there; of a long table the first ROWS rows, which it says.

    Raises:
        StorageError: it cannot be written; what stood there is untouched.
    """
    text = html_frame.render(
        "tables.html",
        title=report.title,
        brand="adinspect",
        taken=html_frame.time(report.taken),
        sheets=list(_sheets(report)),
        footer="Made by adinspect.",
    )
    html_frame.write(path, text)


def _sheets(report: Report) -> Iterator[dict[str, Any]]:
    for sheet in report.sheets:
        if not sheet.spare or any(len(block.rows) for block in sheet.blocks):
            yield {"title": sheet.title, "blocks": [_block(block) for block in sheet.blocks]}


def _block(block: Block) -> dict[str, Any]:
    return {
        "title": block.title,
        "headers": list(block.columns.values()),
        "rows": rows(block.rows.head(ROWS)),
        "more": part(len(block.rows), ROWS, "rows"),
    }


def rows(table: DataFrame) -> list[tuple[Any, ...]]:
    """The rows of a table as plain values."""
    return list(zip(*(cells.values(table[name]) for name in table.columns), strict=True))


def part(of: int, shown: int, what: str) -> str:
    """What a table says of itself that is cut; nothing where it is whole."""
    return f"Showing the first {shown:,} of {of:,} {what}. A workbook (.xlsx) of the same report has all." if of > shown else ""
