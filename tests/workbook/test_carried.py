"""What people left in a workbook, on the steps of a fresh plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plan_books import ENABLE, VOICE, decide, edit, everybody, find, guid, made, row, write

from adinspect import step
from adinspect.errors import InputError
from adinspect.export import plan_workbook
from adinspect.plan import Plan
from adinspect.workbook import carried, layout, reviewed
from adinspect.workbook.carried import Carried
from adinspect.workbook.layout import Answer

SHEET = layout.title(ENABLE)
ADA, BOB = (f"{ENABLE}/{guid(one)}" for one in ("Ada", "Bob"))
LINE = f"{VOICE}/{guid('Bob')}"
SAID = "[Was: {}. The present or proposed values have changed since: decide again.]"


def over(tmp_path: Path, fresh: Plan, *changes: Callable[[Any], object]) -> Carried:
    path = write(everybody(), tmp_path)
    for change in changes:
        edit(path, change)
    return carried.over(reviewed.read(path), plan_workbook.records(fresh))


def changed(csv: str, identity: str, **told: Any) -> Plan:
    """The plan of everybody, one row of it another one."""
    rows = {
        name: [{str(key): cell for key, cell in line.items()} for line in table.to_dict("records")]
        for name, table in everybody().rows.items()
    }
    rows[csv] = [line | told if line[step.OBJECT] == identity else line for line in rows[csv]]
    return made(rows)


def own_column(book: Any) -> None:
    sheet = book[SHEET]
    sheet.cell(1, 20, "Owner")
    sheet.cell(find(sheet, "Bob", "Object").row, 20, "Eve")


def test_decisions_edits_notes_and_own_columns_stand_on_steps_that_are_what_they_were(tmp_path: Path) -> None:
    told = over(
        tmp_path,
        everybody(),
        decide(
            (ENABLE, "Ada", {"ACTION": "approve", "Notes": "asked her"}),
            (VOICE, "Bob", {"ACTION": "edit", "LineURI": "tel:+14255550150"}),
        ),
        own_column,
    )
    assert told == Carried(
        {
            ADA: Answer("approve", notes="asked her"),
            BOB: Answer(beside={"Owner": "Eve"}),
            LINE: Answer("edit", {"LineURI": "tel:+14255550150"}),
        },
        kept=2,
    )
    again = reviewed.read(write(everybody(), tmp_path, answers=told.answers))
    assert {name: answer for name, answer in again.answers.items() if answer != Answer()} == told.answers


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        pytest.param({"SipAddress": "sip:other@contoso.com"}, False, id="proposed otherwise"),
        pytest.param({"_Previous_SipAddress": "sip:other@contoso.com"}, False, id="another value now"),
        pytest.param({step.WHY: "Said otherwise.", step.WAVE: "W1", step.REASON: "a doubt"}, True, id="told otherwise"),
    ],
)
def test_a_decision_on_what_has_changed_is_cleared_and_stands_in_the_notes(
    tmp_path: Path, told: dict[str, Any], kept: bool
) -> None:
    decision = decide((ENABLE, "Ada", {"ACTION": "edit", "SipAddress": "sip:a@contoso.com", "Notes": "asked her"}))
    after = over(tmp_path, changed(ENABLE, "Ada", **told), decision)
    if kept:
        assert (after.kept, after.answers[ADA].action) == (1, "edit")
        return
    notes = f"asked her\n{SAID.format('edit; SipAddress = sip:a@contoso.com')}"
    assert after == Carried({ADA: Answer(notes=notes)}, cleared=1)


def test_notes_on_what_has_changed_stay_as_they_are(tmp_path: Path) -> None:
    fresh = changed(ENABLE, "Ada", SipAddress="sip:other@contoso.com")
    assert over(tmp_path, fresh, decide((ENABLE, "Ada", {"Notes": "asked her"}))) == Carried({ADA: Answer(notes="asked her")})


def test_steps_that_are_gone_and_rows_that_were_deleted_are_counted(tmp_path: Path) -> None:
    def delete(book: Any) -> None:
        book[SHEET].delete_rows(find(book[SHEET], "Bob", "Object").row)

    fresh = made({ENABLE: [row(ENABLE, "Bob"), row(ENABLE, "Eve")]})
    told = over(tmp_path, fresh, decide((ENABLE, "Ada", {"ACTION": "approve"})), delete)
    assert told == Carried(gone=1, back=1)


def test_a_formula_in_somebodys_own_column_is_named_for_its_value_is_not_known(tmp_path: Path) -> None:
    def formula(book: Any) -> None:
        own_column(book)
        book[SHEET].cell(3, 20, "=A1")

    with pytest.raises(InputError, match=r"row 3, column Owner: holds the formula '=A1'"):
        over(tmp_path, everybody(), formula)
