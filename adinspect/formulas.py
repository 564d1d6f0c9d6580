"""Keeps text of a CSV file from being taken for a formula by the spreadsheet it is opened in.

A value that begins with `=`, `+`, `-`, `@` (or their full-width forms), a tab or a line feed gets an apostrophe before it; so
does what follows a semicolon, tab or line feed inside a value and begins with one of them: a spreadsheet may split there whatever
the quotes say. Taking that apostrophe away gives the value back. <https://owasp.org/www-community/attacks/CSV_Injection>
"""

from __future__ import annotations

import re

BEGINS_FORMULA = re.compile("(?:^|(?<=[;\t\n]))(?=['\\s]*[=+\\-@＝＋－＠]|'*[\t\n])")  # noqa: RUF001 - full-width forms count
"""Where a cell would begin that a spreadsheet could take for a formula."""

SPLITS = ";\t\n"
"""Characters that a spreadsheet may split a value at."""


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    if not text or (text[0].isalnum() and not any(mark in text for mark in SPLITS)):
        return text
    return BEGINS_FORMULA.sub("'", text)
