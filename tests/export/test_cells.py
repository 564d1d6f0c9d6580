from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from adinspect import cell_text
from adinspect.export import cells


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ("Ada", "Ada"),
        (12, "12"),
        (True, "yes"),
        (False, "no"),
        (pd.Timestamp("2026-11-24T08:00:00Z"), "2026-11-24 08:00:00"),
        (("20_a", "21_b"), "20_a, 21_b"),
        ([], ""),
        ({"line_uri": "tel:+1", "upn": None}, "line_uri: tel:+1; upn: "),
        ({"a": ["x\x00"]}, "a: x␀"),
    ],
)
def test_a_value_as_text(value: Any, shown: str) -> None:
    assert cells.text(value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x00\x01\x1b\x1f\x7f", "␀␁␛␟␡"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a␍b"),
        ("\ud800\udfff", "��"),
        ("\ufffe\uffff", "��"),
        ("é 😀 \u202e", "é 😀 \u202e"),
    ],
)
def test_control_characters_are_made_visible(text: str, shown: str) -> None:
    assert cell_text.visible(text) == shown


def test_no_character_that_xml_refuses_is_left() -> None:
    every = "".join(map(chr, range(0x110000)))
    refused = [character for character in cell_text.visible(every) if not _is_xml(ord(character))]
    assert refused == []


def _is_xml(code: int) -> bool:
    """XML 1.0, production [2] Char."""
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def test_a_missing_value_is_none_whatever_stands_for_it() -> None:
    columns = {
        "text": pd.Series(["a", None], dtype="str"),
        "number": pd.Series([1, None], dtype="Int64"),
        "truth": pd.Series([True, None], dtype="boolean"),
        "time": pd.Series(pd.to_datetime(["2026-01-01", None], utc=True)),
        "category": pd.Series(["a", None], dtype="category"),
        "lists": pd.Series([("a",), None], dtype=object),
    }
    assert {name: cells.values(column)[1] for name, column in columns.items()} == dict.fromkeys(columns)
    assert [type(cells.values(columns[name])[0]) for name in ("number", "truth")] == [int, bool]
