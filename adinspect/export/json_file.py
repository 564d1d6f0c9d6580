"""Writes a report as JSON: sheets, their tables, and each table as a list of objects, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adinspect import atomic
from adinspect.export import cells
from adinspect.report import Block, Report, Sheet

SCHEMA = 1
"""Version of the layout."""


def write(report: Report, path: Path) -> None:
    """Write UTF-8 JSON: `{"schema", "title", "taken", "sheets": [{"title", "tables": {table: [{column: value}]}}]}`.

    Objects are keyed by column, not by header; a missing value is null, a time is ISO 8601 in UTC. Columns for the reader to fill
    in are left out, sheets without a row are not.

    Raises:
        StorageError: it cannot be written; what stood there is untouched.
    """
    with atomic.replacing(path) as file:
        file.writelines(piece.encode("utf-8", "backslashreplace") for piece in _pieces(report))


def _pieces(report: Report) -> Iterator[str]:
    """The text a line at a time: 200,000 users would not fit into memory as one."""
    yield f'{{"schema": {SCHEMA}, "title": {_text(report.title)}, "taken": {_text(report.taken)}, "sheets": [\n'
    yield from _separated(map(_sheet, report.sheets))
    yield "]}\n"


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield f'{{"title": {_text(sheet.title)}, "tables": {{\n'
    yield from _separated(map(_table, sheet.blocks))
    yield "}}"


def _table(block: Block) -> Iterator[str]:
    names = list(block.columns)
    rows = zip(*(cells.values(block.rows[name]) for name in names), strict=True)
    yield f"{_text(block.table)}: [\n"
    yield from _separated([_text(dict(zip(names, row, strict=True)))] for row in rows)
    yield "]"


def _separated(elements: Iterable[Iterable[str]]) -> Iterator[str]:
    for number, pieces in enumerate(elements):
        if number:
            yield ",\n"
        yield from pieces
    yield "\n"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_other)


def _other(value: Any) -> Any:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
