"""CSV as PowerShell and spreadsheets write it, held to its form: text, delimiter and records that say where they stand."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from adinspect.errors import InputError

SAFE = "Nothing was written."
AGAIN = "Export the file again rather than mend it: `adinspect queries --side` prints the line that writes it."


@dataclass(frozen=True)
class Record:
    """One record of a file: its row as a spreadsheet counts (from 1), the line of the file it begins on, and its cells."""

    file: str
    row: int
    line: int
    cells: Sequence[str]

    def wrong(self, what: str, column: str = "", *, next_step: str = AGAIN) -> InputError:
        """An error about this record, or its cell in a column."""
        line = "" if self.line == self.row else f" (line {self.line})"
        where = f"{self.file}, row {self.row}{line}{f', column {column}' if column else ''}"
        return InputError(what, where=where, safe=SAFE, next_step=next_step)


def decode(octets: bytes, file: str) -> str:
    """The text of a file: UTF-8 or UTF-16, told by its byte order mark or by where the zeros are.

    Raises:
        InputError: it is neither, or holds a NUL character; says the line.
    """
    encoding = "utf-8-sig"
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif len(octets) > 1 and 0 in octets[:2] and octets[:2] != b"\0\0":
        encoding = "utf-16-be" if octets[0] == 0 else "utf-16-le"
    try:
        text = octets.decode(encoding)
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"the file is not {'UTF-8' if encoding == 'utf-8-sig' else 'UTF-16'} text (byte {error.start})",
            where=f"{file}, line {line}",
            safe=SAFE,
            next_step="Export it again with -Encoding UTF8.",
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError("the file holds a NUL character", where=f"{file}, line {line}", safe=SAFE, next_step=AGAIN)
    return text


def delimiter(text: str, headers: Collection[str]) -> str:
    """Comma, semicolon (Excel and -UseCulture in half of the world) or tab: the one that shows the most of these headers."""
    known = {header.lower() for header in headers}
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#TYPE")), "")
    cells = {sign: {cell.strip('" ').lower() for cell in first.split(sign)} for sign in (",", ";", "\t")}
    return max(cells, key=lambda sign: len(known & cells[sign]))


def records(text: str, delimiter: str, file: str) -> Iterator[Record]:
    """The header and the rows, all as long as the header; without #TYPE lines before it, and without rows that hold nothing.

    Raises:
        InputError: quotes do not pair, or a row is longer or shorter than the header; says the row.
    """
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    row, width = 0, 0
    while True:
        row, line = row + 1, lines.number + 1
        lines.raw.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Record(file, row, line, ()).wrong(f"quotes that do not pair: {error}") from None
        if not any(cells) or (not width and cells[0].startswith("#TYPE")):
            continue
        record = Record(file, row, line, cells)
        _check_quotes(record, "".join(lines.raw))
        if width and len(cells) != width:
            raise record.wrong(f"the row has {len(cells)} cells, and the header {width}")
        width = len(cells)
        yield record


def _check_quotes(record: Record, raw: str) -> None:
    """Refuse a quote inside a cell that has none around it: where such a cell ends nobody can tell."""
    for place, cell in enumerate(record.cells, start=1):
        if '"' in cell and '"{}"'.format(cell.replace('"', '""')) not in raw:
            raise record.wrong(f"cell {place} holds a quote, and has no quotes around it")


class _Lines:
    """The lines of a text, those of the current record kept."""

    def __init__(self, text: str) -> None:
        self._lines = iter(StringIO(text, newline=""))
        self.number = 0
        self.raw: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        self.raw.append(line)
        return line
