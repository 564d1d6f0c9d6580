"""A text as a cell of a spreadsheet takes it: characters nobody sees made visible, and no longer than a cell."""

from __future__ import annotations

import re

INVISIBLE = re.compile("\r\n|[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What a cell cannot show as it is: control characters, halves of surrogate pairs, noncharacters; XML 1.0 allows few of them."""

PICTURES = 0x2400
"""The Unicode block Control Pictures: U+2401 stands for U+0001, and so on."""

TEXT_UNITS = 32_767
"""UTF-16 units of text in a cell."""


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


def fitted(value: str) -> str:
    """A text as a cell takes it: control characters shown as pictures, one that is too long cut, with a mark that says so."""
    text = visible(value)
    if len(text) * 2 <= TEXT_UNITS:  # no character takes more than two units
        return text
    return cut(text, TEXT_UNITS, f" … [cut: {len(text):,} characters in all]")


def cut(text: str, units: int, mark: str) -> str:
    """A text of at most so many UTF-16 units, the mark at its end where it was longer."""
    octets = text.encode("utf-16-le")
    if len(octets) <= 2 * units:
        return text
    room = 2 * units - len(mark.encode("utf-16-le"))
    return octets[:room].decode("utf-16-le", "ignore").rstrip() + mark
