"""How one value becomes a cell of a worksheet: its type, its format, its length; and the formats of the house."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pandas import Series

from adinspect.cell_text import fitted
from adinspect.export import cells
from adinspect.finding import Severity
from adinspect.frames import SEVERITIES

EXACT = 10**15
"""Excel keeps 15 digits of a number: a larger one stays text."""

FIRST_YEAR = 1901
"""Excel's calendar begins in 1900, a year it gets wrong."""

NARROWEST = 9
"""Characters a column is wide at least."""

LINE_HEIGHT, HIGHEST = 15, 409
"""Points a line of text takes, and a row at most."""

SAMPLE = 1000
"""Values that tell how wide a column is."""

INK, PAPER, LINE = "#1F3864", "#FFFFFF", "#D0D0D0"
FILL_IN, FILL_IN_HEADER = "#FFF9E5", "#BF8F00"

COLOURS: Mapping[str, tuple[str, str]] = {
    Severity.CRITICAL: ("#FFFFFF", "#C00000"),
    Severity.HIGH: ("#FFFFFF", "#D9640A"),
    Severity.MEDIUM: ("#000000", "#FFD966"),
    Severity.LOW: ("#000000", "#DDEBF7"),
    Severity.INFO: ("#000000", "#EDEDED"),
}
"""Ink and ground of each severity; each pair is told apart in black and white too."""

BASE = {"valign": "top", "num_format": "@"}
RULED = {**BASE, "border": 1, "border_color": LINE}
INDENTED = {**RULED, "align": "left", "indent": 1}


@dataclass(frozen=True)
class Body:
    """The formats of values by their type."""

    text: Any
    wrapped: Any
    number: Any
    time: Any

    @classmethod
    def of(cls, workbook: Any, base: Mapping[str, Any]) -> Body:
        """Make them in a workbook."""
        add = workbook.add_format
        return cls(
            text=add(base),
            wrapped=add({**base, "text_wrap": True}),
            number=add({**base, "num_format": "0", "align": "right"}),
            time=add({**base, "num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        )


@dataclass(frozen=True)
class Styles:
    """Every format of a workbook, made once: `plain` values of sheets that hold a table, `ruled` ones of sheets to read."""

    title: Any
    heading: Any
    header: Any
    blank_header: Any
    blank: Any
    note: Any
    nothing: Any
    label: Any
    link: Any
    plain: Body
    ruled: Body
    severities: Mapping[str, Any]
    alerts: Mapping[str, Any]

    @classmethod
    def of(cls, workbook: Any) -> Styles:
        """Make them in a workbook."""
        add = workbook.add_format
        head = {**INDENTED, "bold": True, "font_color": PAPER, "valign": "vcenter"}
        tones = {severity: {**RULED, "font_color": ink, "bg_color": ground} for severity, (ink, ground) in COLOURS.items()}
        return cls(
            title=add({**BASE, "bold": True, "font_size": 18, "font_color": INK}),
            heading=add({**BASE, "bold": True, "font_size": 13, "font_color": INK}),
            header=add({**head, "bg_color": INK}),
            blank_header=add({**head, "bg_color": FILL_IN_HEADER}),
            blank=add({**RULED, "num_format": "General", "bg_color": FILL_IN}),
            note=add({**BASE, "bold": True, "font_color": "#C00000"}),
            nothing=add({**BASE, "italic": True, "font_color": "#7F7F7F"}),
            label=add({**INDENTED, "bold": True, "text_wrap": True}),
            link=add({**INDENTED, "font_color": "#0563C1", "underline": 1}),
            plain=Body.of(workbook, BASE),
            ruled=Body.of(workbook, INDENTED),
            severities={severity: add({**tone, "align": "center"}) for severity, tone in tones.items()},
            alerts={
                severity: add({**tone, "bold": True, "text_wrap": True, "align": "left", "indent": 1})
                for severity, tone in tones.items()
            },
        )


@dataclass(frozen=True)
class Formats:
    """The formats of one column: `empty` for a cell without a value, `by_text` for certain texts."""

    text: Any
    number: Any
    time: Any
    empty: Any
    by_text: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, styles: Styles, body: Body, column: Series, *, wrap: bool = False) -> Formats:
        """The formats of a table's column; severities are coloured."""
        text = body.wrapped if wrap else body.text
        empty = {"M": body.time, "i": body.number}.get(column.dtype.kind, text)
        return cls(text, body.number, body.time, empty, styles.severities if column.dtype == SEVERITIES else {})

    @classmethod
    def only(cls, format: Any) -> Formats:
        """One format, whatever a cell holds."""
        return cls(format, format, format, format)


def held(value: Any) -> Any:
    """What a cell holds of a value: a count, a time or nothing; whatever is none of these is text and nothing else."""
    kind = type(value)
    if value is None or kind is str or (kind is int and -EXACT < value < EXACT):
        return value
    return value if isinstance(value, datetime) and value.year >= FIRST_YEAR else cells.text(value)


def format_of(formats: Formats, value: Any) -> Any:
    """The format of a cell that holds this (see `held`)."""
    if value is None:
        return formats.empty
    if isinstance(value, str):
        return formats.by_text.get(value, formats.text)
    return formats.number if isinstance(value, int) else formats.time


def put(worksheet: Any, row: int, place: int, value: Any, formats: Formats) -> None:
    """Write a value that is not missing."""
    told = held(value)
    if isinstance(told, str):
        write_text(worksheet, row, place, told, format_of(formats, told))
    elif isinstance(told, int):
        worksheet.write_number(row, place, told, formats.number)
    else:
        worksheet.write_datetime(row, place, told, formats.time)


def write_text(worksheet: Any, row: int, place: int, value: str, format: Any) -> None:
    """Write a text: the only way one gets into a workbook.

    XlsxWriter takes `<r>...</r>` for markup of its own and copies it into the sheet as it is, formulas in it included
    (Worksheet._write_cell); handed over in pieces, it is escaped like any other text.
    """
    text = fitted(value)
    if text.startswith("<r>") and text.endswith("</r>"):
        worksheet.write_rich_string(row, place, "<", "r", text[2:], format)
    else:
        worksheet.write_string(row, place, text, format)


def width_of(values: Iterable[Any]) -> int:
    """How many characters wide a column of values is, judged by the first ones; by the longest line of a text."""
    longest = NARROWEST
    for value, _ in zip(values, range(SAMPLE), strict=False):
        longest = max(longest, *(len(line) for line in cells.text(value)[:1000].split("\n")))
    return longest + 2


def height_of(texts: Iterable[tuple[str, int]]) -> int:
    """How many points high a row is that shows these texts, each wrapped in a column of so many characters."""
    return _height(lines_of(text, width - 2) for text, width in texts)


def heights_of(columns: Sequence[tuple[Sequence[str], int]]) -> list[int]:
    """How many points high each row is that shows these columns of texts, each wrapped at so many characters."""
    lines = [_lines_of_each(texts, width - 2) for texts, width in columns]
    return [_height(row) for row in zip(*lines, strict=True)]


def _height(lines: Iterable[int]) -> int:
    return min(LINE_HEIGHT * max(lines, default=1), HIGHEST)


def _lines_of_each(texts: Sequence[str], room: int) -> list[int]:
    known = {text: lines_of(text, room) for text in set(texts)}
    return [known[text] for text in texts]


def lines_of(text: str, room: int) -> int:
    """How many lines a text takes when its words are wrapped at so many characters."""
    if len(text) <= room and "\n" not in text:
        return 1
    return sum(_wrapped(line, room) for line in text.split("\n"))


def _wrapped(line: str, room: int) -> int:
    lines, filled = 1, 0
    for word in line.split(" "):
        if filled and filled + 1 + len(word) > room:
            lines, filled = lines + 1, 0
        filled += len(word) + bool(filled)
        lines, filled = lines + (filled - 1) // room if filled else lines, (filled - 1) % room + 1 if filled else 0
    return lines
