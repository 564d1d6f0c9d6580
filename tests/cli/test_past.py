"""What the snapshots of a store tell of the time before, and what stops where too much is gone, from the command line."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import demo_forest
import pytest
from cli_runs import Run, adinspect, collected

BROKEN = ("tel:+442079460020", "tel: 442079460020")
"""A line, and how a faulty script writes it."""


def without_hunt_groups(text: str) -> str:
    return "\n\n".join(record for record in text.split("\n\n") if "objectClass: msExchUMHuntGroup\n" not in record)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Snapshots of four days: a line is broken on `first`, put right on `second`, broken again on `third`; `fourth` lacks all
    hunt groups."""
    folder = tmp_path_factory.mktemp("past")
    whole = demo_forest.text()
    broken = whole.replace(*BROKEN)
    days = {"first": broken, "second": whole, "third": broken, "fourth": without_hunt_groups(broken)}
    for day, (name, said) in enumerate(days.items(), start=21):
        collected(folder, name, said, day)
    return folder


@cache
def ran(folder: Path, *arguments: str) -> Run:
    return adinspect(*arguments, folder=folder)


def test_what_came_back_is_regressed_and_the_rest_stands_since_the_first_day(folder: Path) -> None:
    told = json.loads(ran(folder, "diff", "first", "third", "--format", "json").out)
    (back,) = told["findings"]["regressed"]
    assert (back["rule"], back["since"], back["runs"]) == ("USR-009", "2026-11-23T08:00:00Z", 1)
    assert told["findings"]["new"] == []
    assert {(one["since"], one["runs"]) for one in told["findings"]["open"]} == {("2026-11-21T08:00:00Z", 3)}
    assert told["notes"] == []


def test_a_table_says_what_came_back_and_what_is_open_for_longest(folder: Path) -> None:
    out = " ".join(ran(folder, "diff", "second", "third").out.split())
    assert "0 resolved, 1 regressed" in out
    assert "regressed high USR-009" in out
    assert "Open for longest, since 2026-11-21 08:00 UTC or earlier: " in out
    assert "(3 runs) and " in out


def test_what_came_back_fails_as_what_is_new(folder: Path) -> None:
    run = ran(folder, "assess", "third", "--baseline", "second", "--fail-on-new", "--format", "json")
    told = json.loads(run.out)
    (back,) = told["baseline"]["regressed"]
    assert (run.code, told["baseline"]["new"]) == (3, [])
    assert {one["runs"] for one in told["findings"]} == {1, 3}
    assert [one["since"] for one in told["findings"] if one["key"] == back] == ["2026-11-23T08:00:00Z"]


@pytest.mark.parametrize(
    ("arguments", "older"),
    [
        (("plan", "fourth", "-o", "plan.xlsx"), "20261123T"),
        (("generate", "fourth", "-o", "bulk"), "20261123T"),
        (("diff", "first", "fourth"), "first"),
        (("assess", "fourth", "--baseline", "second"), "second"),
    ],
)
def test_where_too_much_is_gone_nothing_is_concluded(folder: Path, arguments: tuple[str, ...], older: str) -> None:
    run = ran(folder, *arguments)
    assert (run.code, run.out) == (8, "")
    assert "hunt_groups: " in run.err
    assert "0 now" in run.err
    assert f"held against {older}" in run.err or f"/{older}" in run.err
    assert "--accept-shrink" in run.err
    assert not (folder / "plan.xlsx").exists()
    assert not (folder / "bulk").exists()


def test_a_plan_of_before_meets_a_snapshot_that_lacks_too_much(folder: Path) -> None:
    assert ran(folder, "plan", "third", "-o", "third.xlsx").code == 0
    run = ran(folder, "generate", "third.xlsx", "--snapshot", "fourth", "-o", "bulk")
    assert (run.code, run.out) == (8, "")
    assert not (folder / "bulk").exists()


def test_a_shrink_can_be_accepted(folder: Path) -> None:
    told = json.loads(ran(folder, "diff", "third", "fourth", "--accept-shrink", "--format", "json").out)
    assert told["findings"]["resolved"]


@pytest.mark.parametrize("arguments", [("assess", "fourth"), ("plan", "fourth", "--new-profile")])
def test_what_concludes_nothing_from_the_past_goes_on(folder: Path, arguments: tuple[str, ...]) -> None:
    assert ran(folder, *arguments).code == 0
