from __future__ import annotations

import pytest

from adinspect.derived import joined
from adinspect.testing import table

USERS = table("guid | dn | identity | line\n1 | CN=Ada | ada | 7\n2 | CN=Ben | ben | 8\n3 | CN=Cy | cy | 9")


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]], ids=["in one order", "in another order"])
@pytest.mark.parametrize(
    ("kept", "expected"), [([0, 1, 2], ["7 HQ", "8 Lab", "9 Port"]), ([2, 0], ["9 Port", "7 HQ"])], ids=["all", "some"]
)
def test_tables_about_the_same_objects_are_laid_side_by_side(order: list[int], kept: list[int], expected: list[str]) -> None:
    homes = table("guid | dn | identity | home\n1 | CN=Ada | ada | HQ\n2 | CN=Ben | ben | Lab\n3 | CN=Cy | cy | Port")
    both = joined(USERS.iloc[kept], homes.iloc[order])
    assert list(both.columns) == ["guid", "dn", "identity", "line", "home"]
    assert list(both["line"] + " " + both["home"]) == expected
