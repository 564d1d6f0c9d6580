from __future__ import annotations

import pytest
from pandas import DataFrame

from adinspect import assess, rules, testing
from adinspect.finding import Target
from adinspect.testing import EVERYONE, TODAY, table
from adinspect.visibility import State, nothing_hidden, rows

USERS = table("identity | line_uri\nada | tel:1\nbob | tel:2\neve | -")


def judged(unseen: DataFrame, code: str = "USR-009") -> DataFrame:
    found = assess.assess(
        testing.tables(users=USERS),
        unseen,
        target=Target.UM_LYNC,
        today=TODAY,
        profile=EVERYONE,
        catalogue=[rules.shipped()[code]],
    )
    return found.findings


def test_a_finding_of_a_rule_that_judged_every_row_says_nothing_of_it() -> None:
    assert [because for because in judged(nothing_hidden())["because"] if "could be judged" in because] == []


@pytest.mark.parametrize(
    ("hidden", "identities", "said"),
    [
        (["users-1"], ["ada"], "(2 of 3 users could be judged)"),
        (["users-2"], ["ada", "bob"], "(2 of 3 users could be judged)"),
        (["users-1", "users-2"], ["ada"], "(1 of 3 users could be judged)"),
    ],
)
def test_every_finding_over_a_column_that_was_seen_in_part_says_of_how_many(
    hidden: list[str], identities: list[str], said: str
) -> None:
    unseen = rows(*(("users", "line_uri", guid, State.UNREADABLE, "may not be read") for guid in hidden))
    found = judged(unseen)
    assert list(found["identity"]) == identities
    assert all(because.endswith(said) for because in found["because"])


def test_a_reason_that_is_there_already_is_kept() -> None:
    unseen = rows(("users", "line_uri", "users-2", State.UNREADABLE, "may not be read"))
    (whole, *_), (part, *_) = judged(nothing_hidden())["because"], judged(unseen)["because"]
    assert part == f"{whole} (2 of 3 users could be judged)".strip()


def test_a_column_the_rule_does_not_read_is_not_spoken_of() -> None:
    unseen = rows(("users", "office", "users-0", State.UNREADABLE, "may not be read"))
    assert not judged(unseen)["because"].str.contains("could be judged").any()
