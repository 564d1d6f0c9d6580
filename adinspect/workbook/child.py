"""The process that parses a workbook: it has no more memory and time than it needs, and tells what cells hold.

It is started by `adinspect.workbook`, reads the octets of the file from standard input and writes lines of JSON.
"""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import IO, Any

from adinspect.workbook.layout import COLUMNS, ROWS, is_read

MEMORY, SECONDS = 4 << 30, 600
"""Octets of address space and seconds of processor time."""

TEXT, FORMULA, ERROR, NUMBER, DATE, TRUTH = "text", "formula", "error", "number", "date", "truth"
"""What a cell can hold."""


def confine() -> None:
    """Take from this process what parsing does not need; a system without such limits has those of the guard alone."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        with contextlib.suppress(ValueError, OSError):  # a lower limit is in force already
            resource.setrlimit(limit, (value, value))


def lines(octets: bytes) -> Iterator[Any]:
    """What a workbook holds: `["sheet", name]`, and of one that is read back `["row", number, {column: cell}]` for each row that
    holds something.

    A cell is its text, or a pair of what else it holds and how that is shown. What cannot be parsed is `["broken", where, why]`.
    """
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type] # openpyxl would import it, for nothing
    import openpyxl

    where = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl does not keep when it saves; it never does here
            book = openpyxl.load_workbook(BytesIO(octets), read_only=True, keep_links=False)
            for sheet in book.worksheets:
                where = f"sheet {sheet.title!r}"
                yield ["sheet", sheet.title]
                if not is_read(sheet.title):
                    continue
                sheet.reset_dimensions()
                for number, row in enumerate(sheet.iter_rows(), start=1):
                    if not row:
                        continue
                    where = f"sheet {sheet.title!r}, row {number}"
                    if number > ROWS or len(row) > COLUMNS:
                        yield ["broken", where, "lies far off"]
                        return
                    if held := {place: told for place, cell in enumerate(row) if (told := _told(cell)) is not None}:
                        yield ["row", number, held]
    except MemoryError:
        yield ["broken", where, "takes more memory than a plan's workbook needs"]
    except Exception as error:  # a hostile file may break the parser anywhere
        yield ["broken", where, f"{type(error).__name__}: {error}"[:300]]


def _told(cell: Any) -> Any:
    value = cell.value
    if value is None or value == "":
        return None
    kind = cell.data_type
    if kind == "f":
        return [FORMULA, str(value)[:100]]
    if kind == "e":
        return [ERROR, str(value)[:100]]
    if isinstance(value, bool):
        return [TRUTH, str(value)]
    if isinstance(value, (datetime, date, time, timedelta)):
        return [DATE, str(value)]
    if isinstance(value, (int, float)):
        return [NUMBER, str(value)]
    return _unescaped(str(value))


def _unescaped(text: str) -> str:
    if "_x" not in text:  # no escape begins otherwise
        return text
    from openpyxl.utils.escape import unescape

    return str(unescape(text))


def main() -> None:
    """Read, tell, end."""
    octets = sys.stdin.buffer.read()
    out: IO[str] = sys.stdout
    confine()
    for line in lines(octets):
        out.write(json.dumps(line) + "\n")
    out.write('["end"]\n')
    out.flush()
