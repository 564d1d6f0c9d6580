from __future__ import annotations

import pytest
from pandas import Series

from adinspect import number_ranges
from adinspect.frames import TEXT


def text(*values: str | None) -> Series:
    return Series(values, index=range(5, 5 + len(values)), dtype=TEXT)


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ([], [4, 0, 4, "+14255550100 to +14255550103"]),
        (["+14255550100"], [4, 1, 3, "+14255550101 to +14255550103"]),
        (["+14255550103", "+14255550103"], [4, 1, 3, "+14255550100 to +14255550102"]),
        (["+14255550101"], [4, 1, 3, "+14255550100, +14255550102 to +14255550103"]),
        (["+14255550099", "+14255550104", "+442079460100", None], [4, 0, 4, "+14255550100 to +14255550103"]),
        ([f"+1425555010{digit}" for digit in range(4)], [4, 4, 0, None]),
    ],
)
def test_a_range_tells_what_is_free(held: list[str | None], told: list[object]) -> None:
    found = number_ranges.filled(text("+14255550100"), text("+14255550103"), text(*held))
    assert found.index.tolist() == [5]
    assert found.astype(object).where(found.notna(), None).to_numpy().tolist() == [told]


@pytest.mark.parametrize(
    ("start", "end"),
    [("+14255550103", "+14255550100"), ("+14255550100", "+1425555010"), ("+14255550100", None), (None, "+14255550100")],
)
def test_what_is_no_range_is_not_told_and_holds_nothing(start: str | None, end: str | None) -> None:
    assert number_ranges.filled(text(start), text(end), text("+14255550101")).isna().all(axis=None)
    assert not number_ranges.inside(text(start), text(end), text("+14255550101")).any()


def test_of_very_many_gaps_the_first_are_named() -> None:
    every_other = text(*(f"+14255550{number:03}" for number in range(1, 400, 2)))
    (gaps,) = number_ranges.filled(text("+14255550000"), text("+14255550399"), every_other)["gaps"]
    assert gaps.startswith("+14255550000, +14255550002, ")
    assert gaps.endswith("+14255550198, and 100 more")


def test_a_range_of_a_whole_country_is_told_at_once() -> None:
    found = number_ranges.filled(text("+10000000000"), text("+19999999999"), text("+14255550100"))
    assert found["free"].to_list() == [10**10 - 1]


def test_a_number_lies_in_a_range_or_outside_all_of_them() -> None:
    start, end = text("+14255550100", "+14255550110", "+14255550120"), text("+14255550199", "+14255550115", "+14255550120")
    held = text("+14255550099", "+14255550100", "+14255550116", "+14255550150", "+14255550199", "+14255550200", None)
    assert number_ranges.inside(start, end, held).to_list() == [False, True, True, True, True, False, False]
    assert not number_ranges.inside(text(), text(), held).any()
