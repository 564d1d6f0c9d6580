from __future__ import annotations

import pytest
from pandas import DataFrame

from adinspect import assess, rules, testing
from adinspect.finding import Target
from adinspect.profile import Profile
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


def unknown(unseen: DataFrame, code: str, profile: Profile = EVERYONE) -> list[tuple[str, str | None]]:
    found = assess.assess(
        testing.tables(users=USERS),
        unseen,
        target=Target.TEAMS_PHONE,
        today=TODAY,
        profile=profile,
        catalogue=[rules.shipped()[code]],
    )
    guids = found.unknown["guid"].astype(object)
    return list(zip(found.unknown["rule"], guids.where(guids.notna(), None), strict=True))


@pytest.mark.parametrize(
    ("code", "hidden", "expected"),
    [
        pytest.param("USR-009", [], [], id="all was seen"),
        pytest.param("USR-009", [("line_uri", "users-1")], [("USR-009", "users-1")], id="one user was not seen"),
        pytest.param("USR-009", [("line_uri", None)], [("USR-009", None)], id="a column was not seen"),
        pytest.param(
            "USR-009", [("line_uri", f"users-{number}") for number in range(3)], [("USR-009", None)], id="none of all was seen"
        ),
        pytest.param("USR-009", [("office", "users-1")], [], id="the rule does not read it"),
        pytest.param("MIG-008", [], [], id="a side input was not supplied"),
        pytest.param("MIG-002", [], [], id="the profile does not say"),
        pytest.param("CNS-003", [("line_uri", "users-1")], [("CNS-003", "users-1")], id="behind a derived table"),
    ],
)
def test_what_a_rule_was_not_let_judge_is_unknown_and_what_nobody_supplied_is_not(
    code: str, hidden: list[tuple[str, str | None]], expected: list[tuple[str, str | None]]
) -> None:
    unseen = rows(*(("users", column, guid, State.UNREADABLE, "may not be read") for column, guid in hidden))
    assert unknown(unseen, code) == expected


def test_a_rule_that_the_schema_leaves_nothing_to_judge_does_not_lack_sight() -> None:
    assert unknown(rows(("users", "line_uri", None, State.NO_SCHEMA, "not in the schema")), "USR-009") == []


@pytest.mark.parametrize(("hidden", "lacking"), [([], []), (["may not be listed"], [("SRV-005", None)])])
def test_what_is_not_in_sight_is_unknown_only_where_it_could_be_there(
    hidden: list[str], lacking: list[tuple[str, str | None]]
) -> None:
    unseen = rows(*(("organization", "", None, State.INCOMPLETE, reason) for reason in hidden))
    assert unknown(unseen, "SRV-005") == lacking
