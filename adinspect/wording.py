"""What a row is told about itself, in words: the texts of the faults it has."""

from __future__ import annotations

from collections.abc import Mapping

from pandas import DataFrame, Series


def told(faults: Mapping[str, Series], rows: DataFrame, joint: str = " and ") -> Series:
    """The texts of the faults each row has, joined by `joint`; empty where it has none. A fault is a plain bool column."""
    words = Series("", rows.index, dtype="str")
    for text, wrong in faults.items():
        words = words.where(~wrong, words.where(words == "", words + joint) + text)
    return words
