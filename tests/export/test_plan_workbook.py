from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import libreoffice
import openpyxl
import pytest
from plan_books import ENABLE, GATE, MAILBOX, VOICE, decide, edit, everybody, guid, made, row, write
from sample_report import NAUGHTY

from adinspect import decisions, step
from adinspect.errors import ConfigurationError
from adinspect.workbook import layout, reviewed
from adinspect.workbook.layout import Answer

SHEET = layout.title(ENABLE)
NAMED = {f"20_cs_user_enable/{guid('Ada')}": Answer("edit", {"SipAddress": "sip:a@contoso.com"}, "mine", {"Owner": "Eve"})}


def opened(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def headers(sheet: Any) -> list[str]:
    return [cell.value for cell in sheet[1]]


def test_a_sheet_shows_what_is_there_beside_what_is_proposed_and_hides_what_finds_the_row_again(tmp_path: Path) -> None:
    book = opened(write(everybody(), tmp_path))
    assert book.sheetnames == [
        *("Read me", "Summary", "Waves", SHEET, layout.title(VOICE), layout.title(MAILBOX), "Users"),
        *(layout.FACTS, layout.RECORDS, layout.USERS),
    ]
    assert [sheet.title for sheet in book if sheet.sheet_state != "visible"] == [layout.FACTS, layout.RECORDS, layout.USERS]
    sheet = book[layout.title(VOICE)]
    assert headers(sheet) == [
        *("ACTION", "Object", "EnterpriseVoiceEnabled now", "EnterpriseVoiceEnabled", "LineURI now", "LineURI"),
        *("Why", "Rules", "Wave", "Status", "Reason", "Notes", "_Step", "_Digest"),
    ]
    assert [cell.value for cell in sheet[3]][:11] == [
        *(None, "Bob", "False", "True", None, "#REVIEW", "Says so.", "USR-001, USR-006", "W2", "review"),
        "has no line",
    ]
    hidden = {letter for letter, column in sheet.column_dimensions.items() if column.hidden}
    assert {sheet[f"{letter}1"].value for letter in hidden} >= {"_Step"}


def test_no_cell_of_it_is_anything_but_text_or_a_count(tmp_path: Path) -> None:
    path = write(everybody(), tmp_path)
    for sheet in opened(path):
        for cell in (cell for line in sheet for cell in line if cell.value is not None):
            assert cell.data_type in ("s", "n"), (sheet.title, cell.coordinate)
            assert cell.data_type == "s" or sheet.title in ("Read me", "Summary", "Waves", "Users"), cell.coordinate
    sheet = opened(path)[layout.title(MAILBOX)]
    assert {cell.number_format for line in sheet for cell in line} == {"@"}


def test_what_may_be_chosen_is_offered_and_what_is_only_shown_takes_nothing(tmp_path: Path) -> None:
    sheet = opened(write(everybody(), tmp_path))[layout.title(VOICE)]
    found = {str(one.sqref): one for one in sheet.data_validations.dataValidation}
    assert (found["A2:A3"].type, found["A2:A3"].formula1) == ("list", '"approve,skip,edit"')
    assert (found["D2:D3"].type, found["D2:D3"].formula1) == ("list", '"True,False"')
    assert (found["F2:F3"].type, found["F2:F3"].formula1) == ("textLength", "1024")
    assert found["F2:F3"].prompt
    assert {(found[place].type, found[place].formula1) for place in ("B2:B3", "C2:C3", "M2:M3")} == {("custom", "FALSE")}


def test_a_protected_sheet_lets_people_sort_filter_insert_and_delete(tmp_path: Path) -> None:
    sheet = opened(write(everybody(), tmp_path))[SHEET]
    protection = sheet.protection
    assert protection.sheet
    assert protection.password is None
    # openpyxl says what is forbidden
    assert not any(
        (protection.sort, protection.autoFilter, protection.insertRows, protection.deleteRows, protection.formatColumns)
    )
    assert sheet.auto_filter.ref == "A1:N5"
    assert {cell.protection.locked for cell in sheet[1]} == {True}
    assert {cell.protection.locked for line in sheet.iter_rows(min_row=2) for cell in line} == {False}


def test_the_first_sheets_say_how_much_there_is_and_which_gate_stands(tmp_path: Path) -> None:
    plan = everybody()
    rows = {csv: [{str(k): v for k, v in line.items()} for line in table.to_dict("records")] for csv, table in plan.rows.items()}
    path = write(made(rows, GATE), tmp_path)
    book = opened(path)
    told = {name: [cell.value for line in book[name] for cell in line if cell.value is not None] for name in book.sheetnames[:3]}
    assert f"{ENABLE}: not run while MIG-006 stands: {GATE[2]}" in told["Read me"]
    assert "7: 2 ready, 1 review, 4 held" in told["Read me"]
    place = told["Summary"].index(ENABLE)
    assert told["Summary"][place + 2 : place + 6] == [0, 0, 4, 4]
    with ZipFile(path) as archive:
        charts = [name for name in archive.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", name)]
    assert len(charts) == 2


def test_a_plan_without_a_step_has_no_sheet_to_decide_on(tmp_path: Path) -> None:
    path = write(made({ENABLE: []}), tmp_path)
    assert opened(path).sheetnames[:4] == ["Read me", "Summary", "Waves", "Users"]
    assert not reviewed.read(path).records


def test_more_steps_than_a_sheet_takes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "ROWS", 4)
    with pytest.raises(ConfigurationError, match="20_cs_user_enable has 4 steps, more than a sheet takes"):
        write(everybody(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_people_left_on_a_step_stands_there_again(tmp_path: Path) -> None:
    one = reviewed.read(write(everybody(), tmp_path, answers=NAMED))
    assert {step: answer for step, answer in one.answers.items() if answer != Answer()} == NAMED


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write(everybody(), tmp_path).read_bytes()
    assert write(everybody(), tmp_path).read_bytes() == first


def naughty() -> dict[str, list[dict[str, Any]]]:
    """Rows that hold every naughty text as name, reason, present and proposed value."""
    return {
        ENABLE: [
            row(ENABLE, f"{number}", **{step.OBJECT: text, step.WHY: text, "SipAddress": text, "_Previous_SipAddress": text})
            for number, text in enumerate(text for text in NAUGHTY if text != "\ud800")
        ]
    }


def test_naughty_texts_go_through_libreoffice_without_loss_and_without_a_formula(tmp_path: Path) -> None:
    rows = naughty()
    original, edited = write(made(rows), tmp_path), tmp_path / "edited.xlsx"
    first = rows[ENABLE][0][step.STEP]
    libreoffice.edit(
        original,
        edited,
        [
            ("set", SHEET, first, "ACTION", "skip"),
            ("set", SHEET, first, "Notes", "+14255550100"),
            ("sort", SHEET, "Object"),
            ("insert", SHEET, "Notes", "my own line"),
            ("delete", SHEET, rows[ENABLE][1][step.STEP]),
            ("filter", SHEET, "Status", "ready"),
        ],
    )
    left = reviewed.read(edited)
    assert left.deleted == 1
    assert {name: answer for name, answer in left.answers.items() if answer != Answer()} == {
        first: Answer("skip", notes="+14255550100")
    }
    after = decisions.decided(left).rows[ENABLE].drop(columns=step.REASON).to_dict("records")
    assert after == made(rows).rows[ENABLE].drop(columns=step.REASON).to_dict("records")
    with ZipFile(edited) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert not any(re.search(b"<f[ >/]", sheet) for sheet in sheets)


def test_decisions_that_openpyxl_wrote_are_read(tmp_path: Path) -> None:
    path = edit(write(everybody(), tmp_path), decide((ENABLE, "Ada", {"ACTION": "approve", "Notes": 12})))
    assert reviewed.read(path).answers[f"{ENABLE}/{guid('Ada')}"] == Answer("approve", notes="12")
