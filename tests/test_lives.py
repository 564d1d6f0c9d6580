"""What became of findings between two moments."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pandas import DataFrame

from adinspect import rules
from adinspect.assess import assess_seen, view_of
from adinspect.finding import Target
from adinspect.lives import Judgement, Life, Lives, Unjudged, lives
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.visibility import State, nothing_hidden, rows
from adinspect.waivers import Waiver, Waivers

RULE = "USR-009"
"""Line URI is not a tel: URI with an E.164 number."""

NOBODY = Waivers()


def judged(users: str, visibility: DataFrame | None = None, accepted: Waivers = NOBODY, days: int = 0) -> Judgement:
    view = view_of(
        tables(users=table(f"name | guid | line_uri\n{users}")),
        nothing_hidden() if visibility is None else visibility,
        target=Target.UM_LYNC,
        today=TODAY + timedelta(days=days),
        profile=EVERYONE,
    )
    return Judgement(assess_seen(view, catalogue=[rules.shipped()[RULE]], accepted=accepted), view)


def told(found: Lives) -> dict[str, list[str]]:
    return {life.value: list(one["identity"]) for life, one in found.found.items() if len(one)}


WRONG, RIGHT = "Ada | a | 5550100", "Ada | a | tel:+14255550100"
OTHER = "Bob | b | 5550101"


def test_each_finding_is_new_open_or_resolved() -> None:
    found = lives(judged(f"{WRONG}\n{OTHER}"), judged(f"{RIGHT}\n{OTHER}\nCid | c | 5550102"), NOBODY)
    assert told(found) == {"new": ["Cid"], "open": ["Bob"], "resolved": ["Ada"]}
    assert list(found.of(found.found[Life.NEW]["key"])) == ["new"]
    assert not found.unsure


def test_a_finding_of_a_removed_object_is_resolved() -> None:
    assert told(lives(judged(f"{WRONG}\n{OTHER}"), judged(OTHER), NOBODY)) == {"open": ["Bob"], "resolved": ["Ada"]}


CELL = rows(("users", "line_uri", "a", State.UNREADABLE, "may not be read"))
COLUMN = rows(("users", "line_uri", None, State.UNREADABLE, "may not be read by anybody"))
ROWS = rows(("users", "", None, State.INCOMPLETE, "a domain was not read"))


@pytest.mark.parametrize(
    ("hidden", "users", "reason"),
    [
        (CELL, f"Ada | a | -\n{OTHER}", "may not be read"),
        (COLUMN, "Ada | a | -", "users.line_uri: may not be read by anybody"),
        (ROWS, OTHER, "a domain was not read"),
    ],
)
def test_a_finding_is_resolved_only_where_its_rule_could_judge(hidden: DataFrame, users: str, reason: str) -> None:
    found = lives(judged(WRONG), judged(users, hidden), NOBODY)
    assert list(found.found[Life.RESOLVED]["identity"]) == []
    assert list(found.found[Life.UNKNOWN]["reason"]) == [reason]


def test_an_object_that_was_judged_is_resolved_beside_one_that_was_not() -> None:
    hidden = rows(("users", "line_uri", "b", State.UNREADABLE, "may not be read"))
    found = lives(judged(f"{WRONG}\n{OTHER}"), judged(f"{RIGHT}\nBob | b | -", hidden), NOBODY)
    assert told(found) == {"resolved": ["Ada"], "unknown": ["Bob"]}


@pytest.mark.parametrize("guid", [None, float("nan")])
def test_a_finding_about_no_object_is_resolved_only_where_its_rule_was_run(guid: object) -> None:
    gone = DataFrame({"rule": ["CRT-001"], "table": ["certificates"], "guid": [guid]}, dtype="object")
    skipped = Unjudged(rules={"CRT-001": "no certificates were supplied"}, ran=frozenset({"CRT-001"}), there={})
    assert list(skipped.why(gone)) == ["no certificates were supplied"]


@pytest.mark.parametrize(("hidden", "users"), [(CELL, "Ada | a | -"), (COLUMN, "Ada | a | -"), (ROWS, OTHER)])
def test_a_new_finding_may_be_older_where_it_could_not_be_judged_before(hidden: DataFrame, users: str) -> None:
    found = lives(judged(users, hidden), judged(f"{WRONG}\n{OTHER}"), NOBODY)
    assert f"{RULE}/a" in found.unsure
    assert not lives(judged(RIGHT), judged(WRONG), NOBODY).unsure


@pytest.mark.parametrize(
    ("until", "before", "expected", "counting"),
    [
        (30, WRONG, {"waived": ["Ada"]}, []),
        (30, RIGHT, {"waived": ["Ada"]}, []),
        (1, WRONG, {"expired": ["Ada"]}, ["Ada"]),
        (-9, WRONG, {"expired": ["Ada"]}, []),
        (1, RIGHT, {"new": ["Ada"]}, ["Ada"]),
    ],
)
def test_waivers_come_and_go(until: int, before: str, expected: dict[str, list[str]], counting: list[str]) -> None:
    accepted = Waivers((Waiver(RULE, "Adele Vance", "moves out", (TODAY + timedelta(days=until)).date(), key=f"{RULE}/a"),))
    found = lives(judged(before, accepted=accepted), judged(WRONG, accepted=accepted, days=7), accepted)
    assert told(found) == expected
    assert list(found.counting_anew()["identity"]) == counting
