import pandas as pd
import pytest

from adinspect.membership import among

HELD = pd.Series(["ada", None, "Ada", "ben"], index=[7, 3, 5, 9], dtype="str")


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param(pd.Series(["ben", "ada", "ada"], dtype="str"), [True, False, False, True], id="told by value and case"),
        pytest.param(pd.Series([None, "Ada"], dtype="str"), [False, False, True, False], id="what is missing equals nothing"),
        pytest.param(pd.Series([], dtype="str"), [False] * 4, id="nobody"),
        pytest.param(
            pd.concat([pd.Series(["ada"], dtype="str"), pd.Series(["ben"], dtype="str")]), [True, False, False, True], id="joined"
        ),
    ],
)
def test_a_text_is_among_others(others: pd.Series, expected: list[bool]) -> None:
    found = among(HELD, others)
    assert found.dtype == bool
    pd.testing.assert_series_equal(found, pd.Series(expected, index=HELD.index))


def test_the_texts_of_several_pages_are_looked_at() -> None:
    pages = pd.concat([HELD, pd.Series(["cleo"], index=[1], dtype="str")])
    assert list(among(pages, pd.Series(["cleo", "ada"], dtype="str"))) == [True, False, False, False, True]
