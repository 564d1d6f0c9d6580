"""Text of a directory or a server as a terminal, a log or a mail may show it: one line, and nothing that drives what shows it."""

from __future__ import annotations


def one_line(text: str, longest: int = 0) -> str:
    """The text with each character that is not printable (control characters, line ends, marks that turn the writing direction,
    halves of surrogate pairs) as \\uXXXX; cut to so many characters, unless `longest` is 0.
    """
    shown = "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)
    return shown if not longest or len(shown) <= longest else shown[: longest - 1] + "…"
