from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from plan_books import ENABLE, GATE, MAILBOX, POOL, VOICE, decide, edit, everybody, find, guid, made, row, write

from adinspect import decisions, step, workbook
from adinspect.errors import InputError
from adinspect.plan import Plan
from adinspect.workbook import child, layout, reviewed

OTHER = "bbbbbbbb-0000-4000-8000-000000000000"
APPROVE = {layout.ACTION: "approve"}


@cache
def written() -> bytes:
    """The workbook of everybody, written once."""
    with TemporaryDirectory() as folder:
        return write(everybody(), Path(folder)).read_bytes()


def decided(tmp_path: Path, *changes: Callable[[Any], object], one: Plan | None = None) -> Plan:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(written() if one is None else write(one, tmp_path).read_bytes())
    for change in changes:
        edit(path, change)
    return decisions.decided(reviewed.read(path))


def refused(tmp_path: Path, *changes: Callable[[Any], object], one: Plan | None = None) -> str:
    with pytest.raises(InputError) as caught:
        decided(tmp_path, *changes, one=one)
    assert caught.value.exit_code == 9
    assert caught.value.safe
    return str(caught.value)


def reasons(one: Plan) -> dict[str, str]:
    lines = ((csv, line) for csv, rows in one.rows.items() for line in rows.to_dict("records"))
    return {f"{csv[:2]} {line[step.OBJECT]}": line[step.REASON] for csv, line in lines}


def again(one: Plan) -> dict[str, list[dict[str, Any]]]:
    """The rows of a plan, to make another one of."""
    tables = ((csv, rows.to_dict("records")) for csv, rows in one.rows.items())
    return {csv: [{str(name): cell for name, cell in line.items()} for line in lines] for csv, lines in tables}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of its own for each workbook is what other tests are about."""
    monkeypatch.setattr(workbook, "_parsed", lambda octets, path: child.lines(octets))


def test_a_workbook_nobody_touched_is_the_plan_of_which_nothing_is_approved(tmp_path: Path) -> None:
    before, after = everybody(), decided(tmp_path)
    assert set(reasons(after).values()) == {"not approved", "not approved; has no line"}
    for csv, rows in before.rows.items():
        same = [name for name in rows.columns if name != step.REASON]
        assert after.rows[csv][same].to_dict("records") == rows[same].to_dict("records")
    assert (after.target, after.taken) == (before.target, before.taken)
    assert after.waves.to_dict("records") == before.waves.to_dict("records")
    assert list(after.steps["step"]) == list(before.steps["step"])
    assert set(after.steps["status"]) == {"review"}


def test_what_was_approved_is_run_with_the_cells_it_had(tmp_path: Path) -> None:
    one = everybody()
    after = decided(tmp_path, decide((ENABLE, "Ada", {layout.ACTION: " Approve "}), (MAILBOX, "Zoe", APPROVE)), one=one)
    assert reasons(after) == {
        "20 Ada": "",
        **dict.fromkeys(("20 Bob", "20 Eve", "20 Zoe", "21 Ada"), "not approved"),
        "21 Bob": "not approved; has no line",
        "30 Zoe": "",
    }
    assert after.rows[MAILBOX].to_dict("records") == one.rows[MAILBOX].to_dict("records")
    assert list(after.steps.loc[after.steps["status"] == "ready", "csv"]) == [ENABLE, MAILBOX]


def test_skipped_rows_and_deleted_rows_are_told_apart(tmp_path: Path) -> None:
    def delete(book: Any) -> None:
        sheet = book[layout.title(ENABLE)]
        sheet.delete_rows(find(sheet, "Bob", "Object").row)

    path = edit(write(everybody(), tmp_path), decide((ENABLE, "Ada", {layout.ACTION: "SKIP"})))
    one = reviewed.read(edit(path, delete))
    assert one.deleted == 1
    told = reasons(decisions.decided(one))
    assert (told["20 Ada"], told["20 Bob"]) == ("skipped", "not approved: its row was deleted")


def test_a_cell_for_a_person_is_filled_and_other_cells_changed(tmp_path: Path) -> None:
    after = decided(
        tmp_path,
        decide(
            (VOICE, "Bob", {layout.ACTION: "edit", "LineURI": "tel:+14255550150;ext=150"}),
            (VOICE, "Ada", {layout.ACTION: "edit", "EnterpriseVoiceEnabled": "false"}),
            (MAILBOX, "Zoe", {layout.ACTION: "edit", "Extensions": "00777"}),
        ),
    )
    voice = {line[step.OBJECT]: line for line in after.rows[VOICE].to_dict("records")}
    assert (voice["Bob"]["LineURI"], voice["Bob"][step.REASON]) == ("tel:+14255550150;ext=150", "")
    assert voice["Ada"]["EnterpriseVoiceEnabled"] is False
    assert after.rows[MAILBOX]["Extensions"][0] == ("00777",)


SHEET = layout.title(ENABLE)


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        pytest.param((ENABLE, "Ada", {layout.ACTION: "yes"}), "row 2, column ACTION: 'yes' is no action", id="word"),
        pytest.param((ENABLE, "Ada", {layout.ACTION: 1}), "row 2, column ACTION: the number '1' is no action", id="number"),
        pytest.param(
            (ENABLE, "Bob", {**APPROVE, "SipAddress": "sip:x@contoso.com"}),
            "row 3, column SipAddress: was changed: say edit",
            id="approved and changed",
        ),
        pytest.param((VOICE, "Bob", APPROVE), "row 3: LineURI is for a person to decide", id="approved without a value"),
        pytest.param((VOICE, "Bob", {layout.ACTION: "edit"}), "row 3: LineURI is for a person", id="edited without a value"),
        pytest.param(
            (VOICE, "Bob", {layout.ACTION: "edit", "LineURI": "tel:0123"}), "row 3: LineURI is not what the column", id="pattern"
        ),
        pytest.param(
            (VOICE, "Bob", {layout.ACTION: "edit", "LineURI": 14255550150}),
            "row 3, column LineURI: holds the number '14255550150', which is what the spreadsheet made of",
            id="coerced number",
        ),
        pytest.param((VOICE, "Ada", {"LineURI": "=1+1"}), "column LineURI: holds the formula '=1+1'", id="formula"),
        pytest.param((VOICE, "Ada", {"LineURI": "#N/A"}), "column LineURI: holds the error '#N/A'", id="error"),
        pytest.param((VOICE, "Ada", {"Notes": "=1+1"}), "column Notes: holds the formula", id="formula in notes"),
        pytest.param(
            (VOICE, "Ada", {layout.ACTION: "edit", "EnterpriseVoiceEnabled": "yes"}),
            "EnterpriseVoiceEnabled is no bool: yes",
            id="no truth value",
        ),
        pytest.param(
            (MAILBOX, "Zoe", {layout.ACTION: "edit", "Extensions": " "}), "row 2: Extensions is blank", id="blank that is needed"
        ),
        pytest.param(
            (VOICE, "Ada", {"LineURI now": "tel:+14255550199"}),
            "row 2, column LineURI now: only shows something, and was changed to 'tel:+14255550199'",
            id="what is there now",
        ),
        pytest.param((VOICE, "Ada", {"Object": "Eve B"}), "column Object: only shows something", id="the name"),
        pytest.param((VOICE, "Ada", {"_Digest": "0"}), "column _Digest: the row is from the workbook of another", id="digest"),
        pytest.param(
            (VOICE, "Ada", {"_Step": f"{ENABLE}/{guid('Ada')}"}),
            "column _Step: the row belongs to no step of this sheet",
            id="step",
        ),
    ],
)
def test_what_cannot_be_taken_is_named_by_sheet_row_and_column(
    tmp_path: Path, decision: tuple[str, str, dict[str, Any]], said: str
) -> None:
    assert said in refused(tmp_path, decide(decision))


def test_what_nobody_can_approve_is_refused_with_its_reason(tmp_path: Path) -> None:
    barred = row(ENABLE, "Ada", **{step.REASON: "is homed online", step.BAR: "is homed online"})
    assert "row 2: cannot be run: is homed online" in refused(
        tmp_path, decide((ENABLE, "Ada", APPROVE)), one=made({ENABLE: [barred]})
    )


def test_a_doubt_that_is_in_no_cell_can_be_approved(tmp_path: Path) -> None:
    doubted = made({ENABLE: [row(ENABLE, "Ada", **{step.REASON: "USR-001 is only likely: nobody knows"})]})
    assert reasons(decided(tmp_path, decide((ENABLE, "Ada", APPROVE)), one=doubted)) == {"20 Ada": ""}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((ENABLE, "Ada", {"SipAddress": "SIP:zoe@contoso.com"}), "SIP address zoe@contoso.com would be that of Ada and of Zoe"),
        ((VOICE, "Bob", {"LineURI": "tel:+14255550100"}), "number +14255550100 would be that of Bob and of Ada"),
        ((MAILBOX, "Zoe", {"Extensions": "00777|00125"}), "extension 00125 would be that of Zoe and of Eve"),
    ],
)
def test_a_value_is_not_given_to_two(tmp_path: Path, given: tuple[str, str, dict[str, Any]], said: str) -> None:
    csv, identity, cells = given
    rows = again(everybody())
    rows[MAILBOX].append(row(MAILBOX, "Eve", Extensions=("00125",)))
    everyone = [(ENABLE, "Zoe", APPROVE), (VOICE, "Ada", APPROVE), (MAILBOX, "Eve", APPROVE)]
    others = [approved for approved in everyone if approved[:2] != (csv, identity)]
    change = decide(*others, (csv, identity, {layout.ACTION: "edit", **cells}))
    assert said in refused(tmp_path, change, one=made(rows))


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        pytest.param((VOICE, "Bob", {"LineURI": "tel:+14255550155"}), "column LineURI: {}number +14255550155", id="a number"),
        pytest.param(
            (ENABLE, "Ada", {"SipAddress": "sip:x@contoso.com"}), "column SipAddress: {}SIP address x@", id="an address"
        ),
        pytest.param((MAILBOX, "Zoe", {"Extensions": "00123|00777"}), "column Extensions: {}extension 00777", id="an extension"),
        pytest.param(
            (MAILBOX, "Zoe", {"UMMailboxPolicy": OTHER}), "column Extensions: {}extension 00124", id="of another policy"
        ),
        pytest.param((VOICE, "Ada", {"EnterpriseVoiceEnabled": "false"}), "", id="what many may hold"),
        pytest.param((VOICE, "Ada", {"LineURI": "$null"}), "", id="nothing"),
    ],
)
def test_what_a_person_gives_to_somebody_is_named_where_the_workbook_cannot_tell_who_holds_it(
    tmp_path: Path, decision: tuple[str, str, dict[str, Any]], told: str
) -> None:
    csv, identity, cells = decision
    path = tmp_path / "plan.xlsx"
    path.write_bytes(written())
    edit(path, decide((csv, identity, {layout.ACTION: "edit", **cells}), (ENABLE, "Zoe", APPROVE)))
    named = list(decisions.not_compared(reviewed.read(path)))
    assert bool(named) is bool(told)
    assert told.format("nothing here tells who else holds the ") in "\n".join(named)


def test_a_number_that_somebody_holds_and_keeps_is_not_given_to_another(tmp_path: Path) -> None:
    holder = row(VOICE, "Zoe", _Previous_LineURI="tel:+14255550155")
    one = made({VOICE: [row(VOICE, "Ada"), holder]})
    give = decide((VOICE, "Ada", {layout.ACTION: "edit", "LineURI": "tel:+14255550155"}))
    assert "column LineURI: number +14255550155 would be that of Ada and of Zoe" in refused(tmp_path, give, one=one)
    assert reasons(decided(tmp_path, give, decide((VOICE, "Zoe", APPROVE)), one=one)) == {"21 Ada": "", "21 Zoe": ""}


def test_rows_that_were_sorted_inserted_and_copied_among_each_other_are_found_again(tmp_path: Path) -> None:
    def shuffle(book: Any) -> None:
        sheet = book[SHEET]
        lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)]
        sheet.delete_rows(2, len(lines))
        for line in [*reversed(lines[2:]), [None] * len(lines[0]), [None, "my own line"], *lines[:2]]:
            sheet.append(line)

    after = decided(tmp_path, decide((ENABLE, "Eve", APPROVE)), shuffle)
    assert [name for name, reason in reasons(after).items() if not reason] == ["20 Eve"]


def test_a_step_that_stands_twice_is_refused(tmp_path: Path) -> None:
    def copy(book: Any) -> None:
        book[SHEET].append([cell.value for cell in book[SHEET][2]])

    assert f"sheet {SHEET!r}, row 6: the step stands in row 2 too" in refused(tmp_path, copy)


def test_an_action_that_belongs_to_no_step_is_named(tmp_path: Path) -> None:
    assert "row 9, column ACTION: the row holds an action and belongs to no step" in refused(
        tmp_path, lambda book: book[SHEET].cell(9, 1, "approve")
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda book: setattr(book[SHEET], "title", "Mine"), f"sheet {SHEET!r} is missing, or has another name"),
        (lambda book: book[SHEET].delete_cols(1), f"sheet {SHEET!r}, row 1, column ACTION: the header is missing"),
        (lambda book: book.remove(book["_plan"]), "this is no workbook of a plan"),
        (lambda book: book.remove(book["_records"]), "a hidden sheet was changed"),
        (lambda book: book["_records"].cell(1, 1, "[]"), "a hidden sheet was changed"),
        (lambda book: book["_records"].delete_rows(1), "a hidden sheet was changed"),
        (lambda book: book["_plan"].cell(9, 2, "2"), "made by another version (adinspect 0.1.0)"),
        (lambda book: book["_plan"].cell(1, 2, "{"), "a hidden sheet was changed"),
    ],
)
def test_a_workbook_of_which_something_is_missing_is_refused(tmp_path: Path, change: Callable[[Any], Any], said: str) -> None:
    assert said in refused(tmp_path, change)


def test_one_refusal_names_many_problems_and_counts_the_rest(tmp_path: Path) -> None:
    one = made({ENABLE: [row(ENABLE, f"User {number}") for number in range(30)]})
    said = refused(tmp_path, decide(*((ENABLE, f"User {number}", {layout.ACTION: "no"}) for number in range(25))), one=one)
    assert "25 things" in said
    assert said.count("is no action") == 20
    assert "and 5 more" in said


def test_gates_stand_as_recorded(tmp_path: Path) -> None:
    after = decided(tmp_path, decide((ENABLE, "Ada", APPROVE)), one=made(again(everybody()), GATE))
    assert after.gates.to_dict("records") == [dict(zip(("rule", "file", "why"), GATE, strict=True))]
    assert after.steps.set_index("step")["status"][f"{ENABLE}/{guid('Ada')}"] == "held"


def test_whatever_a_record_held_comes_back_as_it_was(tmp_path: Path) -> None:
    odd = "\x00\r\n_x0041_" + "x" * 70_000
    one = made({ENABLE: [row(ENABLE, "Ada", **{step.WHY: odd, "_Previous_SipAddress": odd})]})
    (line,) = decided(tmp_path, one=one).rows[ENABLE].to_dict("records")
    assert (line[step.WHY], line["_Previous_SipAddress"], line["RegistrarPool"]) == (odd, odd, POOL)
