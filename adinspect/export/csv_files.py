"""Writes a report as CSV for spreadsheets: a sheet a file, and no cell that a spreadsheet would run as a formula.

Text is defused (adinspect/formulas.py); numbers and truth values are not touched. These files are for reading: the bulk CSVs,
which cmdlets read, are another thing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adinspect import atomic
from adinspect.export import cells
from adinspect.formulas import defused
from adinspect.report import Block, Report, Sheet

DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)$")
"""File names that Windows keeps for devices."""


def write(report: Report, path: Path) -> None:
    """Write the first sheet as one CSV file: UTF-8 with BOM, comma, CRLF, every field quoted; an empty line between blocks.

    Raises:
        StorageError: it cannot be written; what stood there is untouched.
    """
    _write(report.sheets[0], path)


def write_folder(report: Report, folder: Path) -> None:
    """Write every sheet as a CSV file named after its table, a stack after its title; one without a row as its header alone.

    Raises:
        StorageError: a file cannot be written; files of the same names that were not reached yet are untouched.
    """
    atomic.folder(folder)
    for name, sheet in _named(report):
        _write(sheet, folder / f"{name}.csv")


def _named(report: Report) -> Iterator[tuple[str, Sheet]]:
    used: set[str] = set()
    for sheet in report.sheets:
        called = sheet.title if sheet.stacked else sheet.blocks[0].table
        plain = re.sub(r"\W+", "_", called.lower()).strip("_")[:100] or "sheet"
        stem = f"{plain}_" if DEVICES.match(plain) else plain
        name, number = stem, 1
        while name in used:
            number += 1
            name = f"{stem}_{number}"
        used.add(name)
        yield name, sheet


def _write(sheet: Sheet, path: Path) -> None:
    with atomic.replacing(path) as octets:
        text = io.TextIOWrapper(octets, encoding="utf-8-sig", errors="replace", newline="")
        try:
            writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
            for number, block in enumerate(sheet.blocks):
                text.write("\r\n" if number else "")
                writer.writerows(_lines(block))
        finally:
            text.detach()


def _lines(block: Block) -> Iterator[list[str]]:
    if block.title:
        yield [defused(block.title)]
    if any(block.columns.values()):
        yield [defused(header) for header in (*block.columns.values(), *block.blank)]
    blank = [""] * len(block.blank)
    for row in zip(*(cells.values(block.rows[name]) for name in block.columns), strict=True):
        yield [*map(_cell, row), *blank]


def _cell(value: Any) -> str:
    return cells.text(value) if isinstance(value, (int, float)) else defused(cells.text(value))
