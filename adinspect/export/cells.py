"""Values as a cell shows them: missing ones apart, lists joined, characters nobody sees made visible."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from pandas import Series

INVISIBLE = re.compile("\r\n|[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What a cell cannot show as it is: control characters, halves of surrogate pairs, noncharacters; XML 1.0 allows few of them."""

PICTURES = 0x2400
"""The Unicode block Control Pictures: U+2401 stands for U+0001, and so on."""


def values(column: Series) -> list[Any]:
    """The plain Python values of a column; None for a missing one, whatever stands for it there."""
    plain: list[Any] = column.astype(object).where(column.notna(), None).tolist()
    return plain


def text(value: Any) -> str:
    """A value as text: a list joined with commas, a mapping as `name: value`, nothing as an empty text."""
    if isinstance(value, str):
        return visible(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, dict):
        return "; ".join(f"{text(name)}: {text(one)}" for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(text, value))
    return visible(str(value))


def visible(value: str) -> str:
    """A text with its control characters shown as pictures; tabs and line feeds stay, CR LF becomes a line feed."""
    return value if value.isprintable() else INVISIBLE.sub(_picture, value)  # nothing printable is invisible


def _picture(found: re.Match[str]) -> str:
    character = found[0]
    if character == "\r\n":
        return "\n"
    if character == "\x7f":
        return "\N{SYMBOL FOR DELETE}"
    return chr(PICTURES + ord(character)) if character < " " else "\N{REPLACEMENT CHARACTER}"
