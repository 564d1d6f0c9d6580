"""Who moves when, for every combination of what was found, what was accepted and what was not seen."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from pandas import DataFrame

from adinspect import assess, rules, testing, waves
from adinspect.finding import FINDING_COLUMNS, Target, Wave
from adinspect.profile import Profile
from adinspect.testing import TODAY, table
from adinspect.view import View
from adinspect.visibility import State, rows

CODES = {
    Wave.FIX: "USR-001",
    Wave.DECIDE: "USR-008",
    Wave.ORGANIZATION: "CNS-009",
    Wave.BLOCK: "CNS-011",
    Wave.EXCLUDE: "CNS-013",
    Wave.GATE: "TOP-004",
    Wave.PREREQUISITE: "MIG-024",
    Wave.NONE: "CNS-018",
}
"""A rule of each wave."""

PERSON, ESTATE, NOBODY = "1 | -", "4 | tel:+14255550100", "4 | -"
"""Mailbox type and line of somebody in the population, of a shared mailbox with a number, and of one without."""


@cache
def forest(who: str, *hidden: tuple[str, str | None, State]) -> View:
    """A forest of one user, of whom these columns (of this guid, or of everybody) were not seen."""
    users = table(f"identity | recipient_type | line_uri\nada | {who}")
    whole = testing.tables(users=users, organization=table("identity\nContoso"))
    unseen = rows(*(("users", column, guid, state, "not allowed") for column, guid, state in hidden))
    return assess.view_of(whole, unseen, target=Target.UM_LYNC, today=TODAY, profile=Profile())


def seen(who: str, found: str, unknown: str = "", *hidden: tuple[str, str | None, State], waived: bool = False) -> View:
    """One user, of whom findings of these waves speak, and whom rules of those waves could not judge (small: nobody)."""
    view = forest(who, *hidden)
    lines = [
        {"guid": "users-0", "rule": CODES[Wave(one)], "wave": one, "waived": {"owner": "Bo"} if waived else None} for one in found
    ]
    findings = DataFrame(lines, columns=list(FINDING_COLUMNS)).astype({"waived": object})
    lacking = [(CODES[Wave(one.upper())], None if one.islower() else "users-0", "not allowed") for one in unknown]
    told = DataFrame(lacking, columns=["rule", "guid", "reason"], dtype="str")
    return replace(view, tables={**view.tables, "findings": findings, "unknown": told})


def moved(view: View, *answered: str) -> tuple[str, str]:
    """Where the user moves, as people are shown it, and the rules that keep it to be confirmed."""
    profile = Profile(decisions=dict.fromkeys(answered, "as it is"))
    found = waves.told(replace(view, context={**view.context, "profile": profile}))
    return waves.shown(found).iloc[0], found["unknown"].iloc[0]


def test_each_rule_stands_for_its_wave() -> None:
    assert {code: rules.shipped()[code].wave for code in CODES.values()} == {code: wave for wave, code in CODES.items()}


@pytest.mark.parametrize("who", [PERSON, ESTATE])
@pytest.mark.parametrize(
    ("found", "wave"),
    [
        ("", "W1"),
        ("-", "W1"),
        ("G", "W1"),
        ("P", "W1"),
        ("GP-", "W1"),
        ("F", "W2"),
        ("FGP", "W2"),
        ("D", "W4"),
        ("O", "W4"),
        ("FD", "W4"),
        ("FO", "W4"),
        ("DO", "W4"),
        ("B", "W5"),
        ("FB", "W5"),
        ("DB", "W5"),
        ("OB", "W5"),
        ("BDFO", "W5"),
        ("X", "WX"),
        ("FX", "WX"),
        ("BX", "WX"),
        ("OFDBXGP-", "WX"),
    ],
)
def test_the_gravest_finding_decides(who: str, found: str, wave: str) -> None:
    assert moved(seen(who, found)) == (wave, "")


@pytest.mark.parametrize("found", ["", "F", "D", "O", "B", "X", "G"])
def test_who_is_neither_in_the_population_nor_has_voice_does_not_move(found: str) -> None:
    assert moved(seen(NOBODY, found)) == ("WX", "")


@pytest.mark.parametrize(("found", "wave"), [("O", "W1"), ("FO", "W2"), ("DO", "W4"), ("BO", "W5"), ("XO", "WX")])
def test_an_answered_question_of_the_organization_moves_nobody(found: str, wave: str) -> None:
    assert moved(seen(PERSON, found), "CNS-009") == (wave, "")
    assert moved(seen(PERSON, found), "CNS-010")[0] == (max(wave, "W4"))


def test_only_questions_of_the_organization_can_be_answered() -> None:
    assert moved(seen(PERSON, "D"), "USR-008") == ("W4", "")
    assert moved(seen(PERSON, "", "D"), "USR-008") == ("W1 (to confirm)", "USR-008")


@pytest.mark.parametrize("found", ["F", "D", "O", "B", "X"])
def test_an_accepted_finding_moves_nobody(found: str) -> None:
    assert moved(seen(PERSON, found, waived=True)) == ("W1", "")


@pytest.mark.parametrize("everybody", [True, False])
@pytest.mark.parametrize(
    ("found", "unknown", "shown"),
    [
        ("", "F", "W1 (to confirm)"),
        ("", "D", "W1 (to confirm)"),
        ("", "O", "W1 (to confirm)"),
        ("", "B", "W1 (to confirm)"),
        ("", "X", "W1 (to confirm)"),
        ("", "G", "W1"),
        ("", "P", "W1"),
        ("", "-", "W1"),
        # a rule of fixes may ask for a decision in a row
        ("F", "F", "W2 (to confirm)"),
        ("F", "D", "W2 (to confirm)"),
        ("F", "B", "W2 (to confirm)"),
        ("F", "X", "W2 (to confirm)"),
        ("D", "F", "W4"),
        ("D", "D", "W4"),
        ("D", "O", "W4"),
        ("D", "B", "W4 (to confirm)"),
        ("O", "X", "W4 (to confirm)"),
        ("B", "F", "W5"),
        ("B", "D", "W5"),
        ("B", "B", "W5"),
        ("B", "X", "W5 (to confirm)"),
        ("X", "X", "WX"),
        ("X", "B", "WX"),
        ("X", "F", "WX"),
    ],
)
def test_what_could_not_be_judged_is_to_be_confirmed_where_it_could_change_the_wave(
    found: str, unknown: str, shown: str, everybody: bool
) -> None:
    why = CODES[Wave(unknown)] if "confirm" in shown else ""
    assert moved(seen(PERSON, found, unknown.lower() if everybody and unknown != "-" else unknown)) == (shown, why)


def test_all_rules_that_could_change_the_wave_are_named_once() -> None:
    assert moved(seen(PERSON, "F", "bBxdG"))[1] == "CNS-011|CNS-013|USR-008"


def test_a_question_that_is_answered_need_not_be_confirmed() -> None:
    assert moved(seen(PERSON, "", "O"), "CNS-009") == ("W1", "")


def test_a_rule_about_other_objects_keeps_no_user_waiting() -> None:
    view = seen(PERSON, "")
    unknown = DataFrame([("SRV-005", None, "not allowed")], columns=["rule", "guid", "reason"], dtype="str")
    assert rules.shipped()["SRV-005"].wave is Wave.BLOCK
    assert moved(replace(view, tables={**view.tables, "unknown": unknown})) == ("W1", "")


@pytest.mark.parametrize("column", ["line_uri", "um_enabled", "recipient_type"])
@pytest.mark.parametrize("guid", [None, "users-0"])
def test_whose_place_was_not_seen_is_not_excluded_for_certain(column: str, guid: str | None) -> None:
    hidden = (column, guid, State.UNREADABLE)
    assert moved(seen(NOBODY, "", "", hidden)) == ("WX (to confirm)", "population")
    assert moved(seen(NOBODY, "", "X", hidden))[1] == "population"


def test_what_the_schema_lacks_hides_nobody() -> None:
    assert moved(seen(NOBODY, "", "", ("line_uri", None, State.NO_SCHEMA))) == ("WX", "")


def test_who_moves_by_what_is_known_is_not_kept_by_the_rest() -> None:
    assert moved(seen(PERSON, "", "", ("um_enabled", "users-0", State.UNREADABLE))) == ("W1", "")


def test_the_rules_that_decided_are_named_and_no_lesser_ones() -> None:
    assert waves.told(seen(PERSON, "FDOB"))["because"].tolist() == ["CNS-011"]
    assert waves.told(seen(PERSON, "FDO"))["because"].tolist() == ["CNS-009|USR-008"]


def test_every_user_has_one_row_whatever_else_was_found() -> None:
    view = seen(f"{PERSON}\nbo | {ESTATE}\ncy | {NOBODY}", "F")
    elsewhere = view.tables["findings"].assign(guid="a contact")
    both = pd.concat([view.tables["findings"], elsewhere], ignore_index=True)
    found = waves.of(replace(view, tables={**view.tables, "findings": both}))
    assert found[["identity", "expected", "estate", "wave", "mailbox"]].to_numpy().tolist() == [
        ["ada", True, False, "W2", "no mailbox"],
        ["bo", False, True, "W1", "no mailbox"],
        ["cy", False, False, "WX", "no mailbox"],
    ]


def test_every_wave_has_a_meaning() -> None:
    assert set(waves.MEANINGS) == set(waves.Move)
