"""What takes something away is not run unless the row that gives it back is: a number, or voice mail."""

from __future__ import annotations

from typing import Any

import pytest
from pandas import DataFrame

from adinspect import bulk, delivery, plan, step
from adinspect.finding import Target
from adinspect.testing import TODAY

CLEAR, NUMBER = "26_cs_line_clear", "41_teams_number"
ADA, BOB = "ada00000-0000-4000-8000-000000000001", "b0b00000-0000-4000-8000-000000000002"
CELLS: dict[str, dict[str, Any]] = {
    CLEAR: {"Identity": "CN=A,DC=contoso,DC=example", "LineURI": step.NULL},
    NUMBER: {"Identity": "a@contoso.com", "PhoneNumber": "+14255550101", "PhoneNumberType": "DirectRouting"},
}


def rows(csv: str, *guids: str, **cells: Any) -> DataFrame:
    definition = bulk.shipped()[csv]
    blank = dict.fromkeys((*definition.header, *plan.BESIDE), None)
    notes = {step.REASON: "", step.BAR: "", step.KEY: "", step.AFTER: "", step.WAVE: "W1"}
    told = [
        {**blank, **CELLS[csv], **notes, step.GUID: guid, step.STEP: step.name(csv, guid), step.OBJECT: guid, **cells}
        for guid in guids
    ]
    return DataFrame(told, columns=[*definition.header, *plan.BESIDE], dtype="object")


def reasons(told: dict[str, DataFrame]) -> dict[str, str]:
    return {row[step.STEP]: row[step.REASON] for of_it in told.values() for row in of_it.to_dict("records")}


@pytest.mark.parametrize("name", [name for name, one in bulk.shipped().items() if one.made_good])
def test_a_definition_names_a_later_file_of_the_target(name: str) -> None:
    for target, later in bulk.shipped()[name].made_good.items():
        assert bulk.shipped()[later].order[Target(target)] > bulk.shipped()[name].order[Target(target)]


@pytest.mark.parametrize(
    ("later", "reason"),
    [
        pytest.param(rows(NUMBER, ADA), "", id="the number can be assigned"),
        pytest.param(
            rows(NUMBER, ADA, _Reason="is ambiguous"),
            f"{NUMBER} could not give back what this takes away: is ambiguous",
            id="not",
        ),
        pytest.param(
            rows(NUMBER, ADA, PhoneNumber=step.REVIEW),
            f"{NUMBER} could not give back what this takes away: PhoneNumber is for a person to decide",
            id="a question",
        ),
        pytest.param(rows(NUMBER, BOB), f"{NUMBER} could not give back what this takes away: it has no row for it", id="no row"),
    ],
)
def test_a_row_that_nothing_could_make_good_is_a_question(later: DataFrame, reason: str) -> None:
    told = plan.only_made_good({CLEAR: rows(CLEAR, ADA), NUMBER: later}, Target.TEAMS_PHONE)
    assert reasons(told)[f"{CLEAR}/{ADA}"] == reason


def test_what_is_kept_out_anyway_keeps_its_reason_and_what_waits_for_a_question_is_one() -> None:
    told = plan.only_made_good({CLEAR: rows(CLEAR, ADA, _Reason="why"), NUMBER: rows(NUMBER, BOB)}, Target.TEAMS_PHONE)
    assert reasons(told) == {f"{CLEAR}/{ADA}": "why", f"{NUMBER}/{BOB}": ""}
    waiting = rows(NUMBER, BOB, _After=f"{CLEAR}/{ADA}")
    told = plan.only_made_good({CLEAR: rows(CLEAR, ADA), NUMBER: waiting}, Target.TEAMS_PHONE)
    assert reasons(told)[f"{NUMBER}/{BOB}"] == f"waits for its row in {CLEAR}, which cannot be run"


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        pytest.param(rows(NUMBER, ADA), 1, id="both were approved"),
        pytest.param(rows(NUMBER, ADA, _Reason="not approved"), 0, id="the clearing alone"),
        pytest.param(rows(NUMBER, BOB), 1, id="there is none to approve"),
    ],
)
def test_what_a_person_approved_alone_is_not_delivered(later: DataFrame, kept: int) -> None:
    tables = {CLEAR: rows(CLEAR, ADA), NUMBER: later}
    clear, _ = delivery.settle(plan.Plan(Target.TEAMS_PHONE, TODAY, DataFrame(), tables, DataFrame()))
    assert len(clear.kept) == kept
    if not kept:
        assert clear.rejected[step.REASON].item() == f"{NUMBER}, which gives back what this takes away, is not run"


def test_what_waits_for_a_row_that_is_not_delivered_is_not_either() -> None:
    both = rows(NUMBER, ADA, BOB)
    both[step.AFTER] = [f"{CLEAR}/{ADA}", f"{CLEAR}/{ADA}"]
    both[step.REASON] = ["not approved", ""]
    made = plan.Plan(Target.TEAMS_PHONE, TODAY, DataFrame(), {CLEAR: rows(CLEAR, ADA), NUMBER: both}, DataFrame())
    clear, number = delivery.settle(made)
    assert (len(clear.kept), len(number.kept)) == (0, 0)


def test_what_waits_for_a_file_that_a_gate_holds_back_is_held_too() -> None:
    told = {CLEAR: rows(CLEAR, ADA, BOB), NUMBER: rows(NUMBER, ADA, _After=f"{CLEAR}/{ADA}")}
    for held, statuses in ((CLEAR, ["held", "held", "held"]), (NUMBER, ["ready", "ready", "held"]), ("", ["ready"] * 3)):
        assert list(plan.steps(Target.TEAMS_PHONE, told, frozenset(filter(None, [held])))["status"]) == statuses
