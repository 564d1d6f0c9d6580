"""Values as a cell shows them: missing ones apart, lists joined."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pandas import Series

from adinspect.cell_text import visible


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
