"""What hidden sheets hold: many records in a cell, a long one in several."""

from __future__ import annotations

import json

import pytest

from adinspect.workbook import layout
from adinspect.workbook.layout import PIECE, Record


@pytest.mark.parametrize(
    ("lengths", "cells"),
    [
        pytest.param([], [], id="none"),
        pytest.param([10, 20, 30], [1], id="several in one cell"),
        pytest.param([PIECE // 2] * 3, [1, 1, 1], id="no more than a cell takes"),
        pytest.param([10, 2 * PIECE, 10], [1, 3, 1], id="one in several cells"),
    ],
)
def test_records_are_packed_into_few_cells(lengths: list[int], cells: list[int]) -> None:
    texts = [json.dumps("x" * length) for length in lengths]
    rows = list(layout.packed(texts))
    assert [len(row) for row in rows] == cells
    assert all(len(cell) <= PIECE for row in rows for cell in row)
    assert [json.dumps(one) for row in rows for one in json.loads("".join(row))] == texts


def test_a_record_comes_back_as_it_was() -> None:
    record = Record("20_cs_user_enable", {"text": "_x0041_\N{SNOWMAN}", "none": None, "truth": True, "list": ("a", "b")})
    assert "_x" not in record.dumped
    assert Record.load(json.loads(record.dumped)) == record
