"""A plan from the command line: written for people, and generated from once they decided."""

from __future__ import annotations

import csv
from pathlib import Path

import demo_forest
import openpyxl
import pytest
from cli_runs import Run, adinspect, collected

VOICE = "21_cs_user_voice"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two snapshots of one forest, a day between them in which Enterprise Voice was switched on; and a plan of the first."""
    folder = tmp_path_factory.mktemp("plan")
    on = demo_forest.text().replace("msRTCSIP-OptionFlags: 257", "msRTCSIP-OptionFlags: 385")
    for name, day, text in (("then", 24, demo_forest.text()), ("after", 25, on)):
        collected(folder, name, text, day)
    run = adinspect("plan", "then", "-o", "plan.xlsx", folder=folder)
    assert (run.code, run.out) == (0, "plan.xlsx\n"), run.err
    return folder


def decide(folder: Path, name: str, action: str, **cells: str) -> Path:
    """The plan as somebody left it who says the same of every step of the sheet on Enterprise Voice; cells of the first alone."""
    workbook = openpyxl.load_workbook(folder / "plan.xlsx")
    sheet = next(sheet for sheet in workbook if sheet.title.startswith("21 "))
    header = [cell.value for cell in sheet[1]]
    action_column, status = header.index("ACTION"), header.index("Status")
    for row in sheet.iter_rows(min_row=2):
        if row[status].value == "ready":
            row[action_column].value = "edit" if cells else action
            for column, cell in cells.items():
                row[header.index(column)].value = cell
            cells = {}
    workbook.save(folder / name)
    return folder / name


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def generate(folder: Path, *arguments: str) -> Run:
    return adinspect("generate", *arguments, folder=folder)


def test_nothing_is_run_of_a_plan_that_nobody_decided(folder: Path) -> None:
    run = generate(folder, "plan.xlsx", "-o", "undecided")
    assert run.code == 0, run.err
    assert not rows(folder / "undecided" / f"{VOICE}.csv")
    assert {row["_Reason"] for row in rows(folder / "undecided" / f"{VOICE}.rejected.csv")} >= {"not approved"}


def test_what_was_approved_is_run_and_all_else_is_rejected(folder: Path) -> None:
    decide(folder, "approved.xlsx", "Approve ")
    run = generate(folder, "approved.xlsx", "-o", "approved")
    assert run.code == 0, run.err
    kept = rows(folder / "approved" / f"{VOICE}.csv")
    assert kept
    assert all(row["EnterpriseVoiceEnabled"] == "True" for row in kept)
    assert not rows(folder / "approved" / "30_um_mailbox_enable.csv")
    straight = generate(folder, "then", "-o", "straight")
    assert straight.code == 0, straight.err
    proposed = {row["_ObjectGuid"] for row in rows(folder / "straight" / f"{VOICE}.csv")}
    assert {row["_ObjectGuid"] for row in kept} == proposed


def test_what_changed_since_is_kept_out(folder: Path) -> None:
    decide(folder, "stale.xlsx", "approve")
    run = generate(folder, "stale.xlsx", "--snapshot", "after", "-o", "stale")
    assert run.code == 0, run.err
    assert "approved steps are stale, and kept out" in run.err
    assert not rows(folder / "stale" / f"{VOICE}.csv")
    reasons = " ".join(row["_Reason"] for row in rows(folder / "stale" / f"{VOICE}.rejected.csv"))
    assert "is stale: EnterpriseVoiceEnabled was False when the plan was made, and is True now" in reasons


def test_a_number_that_somebody_wrote_is_compared_with_those_of_everybody_or_not_taken(folder: Path) -> None:
    decide(folder, "edited.xlsx", "approve", LineURI="tel:+14255550177")
    alone = generate(folder, "edited.xlsx", "-o", "alone")
    assert alone.code == 9
    assert "column LineURI: nothing here tells who else holds the number +14255550177" in alone.err
    assert "Give --snapshot" in alone.err
    assert not (folder / "alone").exists()
    beside = generate(folder, "edited.xlsx", "--snapshot", "then", "-o", "beside")
    assert beside.code == 0, beside.err
    assert "tel:+14255550177" in {row["LineURI"] for row in rows(folder / "beside" / f"{VOICE}.csv")}


def test_an_action_that_is_none_is_named_with_its_row(folder: Path) -> None:
    decide(folder, "unclear.xlsx", "perhaps")
    run = generate(folder, "unclear.xlsx", "-o", "unclear")
    assert run.code == 9
    assert "row 2" in run.err
    assert not (folder / "unclear").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plan", "then", "-o", "plan.xlsx"], "the file is there already"),
        (["plan", "then", "-o", "plan.csv"], "a plan is a workbook"),
        (["plan", "then"], "where the plan is to be written was not said"),
        (["generate", "then", "--snapshot", "after", "-o", "x"], "a newer snapshot is for a plan that people reviewed"),
    ],
)
def test_a_mistake_is_told_and_writes_nothing(folder: Path, arguments: list[str], said: str) -> None:
    before = sorted(folder.iterdir())
    run = adinspect(*arguments, folder=folder)
    assert run.code == 2
    assert said in run.err
    assert sorted(folder.iterdir()) == before


def test_a_plan_that_is_made_again_keeps_what_was_decided(folder: Path) -> None:
    decide(folder, "old.xlsx", "approve")
    run = adinspect("plan", "--update", "old.xlsx", "then", "-o", "new.xlsx", folder=folder)
    assert (run.code, run.out) == (0, "new.xlsx\n"), run.err
    assert "decisions kept." in run.err
    first, second = (generate(folder, name, "-o", name[:3]) for name in ("old.xlsx", "new.xlsx"))
    assert (first.code, second.code) == (0, 0)
    assert rows(folder / "new" / f"{VOICE}.csv") == rows(folder / "old" / f"{VOICE}.csv") != []


def test_a_plan_that_is_made_again_clears_what_is_not_proposed_as_it_was(folder: Path) -> None:
    decide(folder, "before.xlsx", "approve")
    run = adinspect("plan", "--update", "before.xlsx", "after", "-o", "behind.xlsx", folder=folder)
    assert run.code == 0, run.err
    assert "0 decisions kept." in run.err
    assert "are not proposed any more" in run.err or "decisions cleared" in run.err


def test_a_plan_is_made_again_for_its_own_target_and_of_no_older_snapshot(folder: Path) -> None:
    other = adinspect("plan", "--update", "plan.xlsx", "then", "--target", "teams-phone", "-o", "x.xlsx", folder=folder)
    assert (other.code, "the plan is for um-lync, not for teams-phone" in other.err) == (2, True)
    adinspect("plan", "after", "-o", "later.xlsx", folder=folder)
    older = adinspect("plan", "--update", "later.xlsx", "then", "-o", "x.xlsx", folder=folder)
    assert (older.code, "before the one that the plan was made of" in older.err) == (2, True)
    assert not (folder / "x.xlsx").exists()
