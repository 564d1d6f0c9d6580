"""The main job of the command line, on the forest that ships with the package."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import demo_forest
import pytest
from cli_runs import Run, adinspect
from openpyxl import load_workbook


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return adinspect("demo", "out", folder=folder)


@pytest.fixture(scope="module")
def snapshot(run: Run) -> str:
    (line,) = [line for line in run.out.splitlines() if line.endswith("the snapshot, for every other command")]
    return line.split()[0]


def test_the_demo_ends_by_saying_what_it_wrote_and_what_to_open_first(run: Run, folder: Path) -> None:
    assert run.code == 0, run.err
    assert "remediation.xlsx  the workbook for people: open this first" in run.out
    for word in run.out.split():
        if word.startswith("out/"):
            assert (folder / word).exists(), word


def test_the_shipped_forest_is_what_its_module_makes() -> None:
    files = {demo_forest.FILE: demo_forest.text(), demo_forest.NEXT_DAY: demo_forest.next_day()}
    for file, text in files.items():
        assert file.read_text(encoding="utf-8") == text, "run: python tests/demo_forest.py"


def test_the_day_after_tells_what_changed(run: Run, folder: Path) -> None:
    told = json.loads((folder / "out/changes.json").read_text(encoding="utf-8"))
    rules = {life: Counter(finding["rule"] for finding in found) for life, found in told["findings"].items()}
    assert rules["resolved"] == {"USR-006": 1, "USR-007": 1, "USR-008": 1, "GW-003": 1}
    drift = {rule: count for rule, count in rules["new"].items() if rule.startswith("DRF")}
    assert drift == {"DRF-001": 1, "DRF-002": 1, "DRF-004": 1, "DRF-005": 1}
    assert (rules["new"]["USR-001"], rules["regressed"]) == (1, {})
    assert {one["kind"] for one in told["changes"]} == {"added", "changed"}
    page = (folder / "out/page.html").read_text(encoding="utf-8")
    assert "2026-11-25" in page
    assert "adele.palm@contoso.com" in page


def test_the_plan_is_a_workbook_to_decide_on(run: Run, folder: Path) -> None:
    assert {"Waves", "20 cs_user_enable"} <= set(load_workbook(folder / "out/plan.xlsx").sheetnames)


def test_every_fault_of_the_demos_users_is_found_and_nothing_else(run: Run, folder: Path) -> None:
    counts = json.loads((folder / "out/findings.json").read_text(encoding="utf-8"))["counts"]
    assert {rule: count for rule, count in counts.items() if rule.startswith(("USR", "CNS"))} == {
        "CNS-001": 5,
        "CNS-003": 6,
        "CNS-006": 5,
        "CNS-007": 5,
        "CNS-008": 5,
        "CNS-009": 5,
        "CNS-010": 5,
        "CNS-013": 5,
        "CNS-014": 5,
        "CNS-017": 5,
        "CNS-018": 5,
        "CNS-020": 5,
        "USR-001": 10,
        "USR-002": 5,
        "USR-003": 25,
        "USR-005": 5,
        "USR-006": 15,
        "USR-007": 5,
        "USR-008": 10,
        "USR-009": 5,
        "USR-010": 15,
        "USR-019": 5,
    }


def test_the_workbook_has_the_findings_and_no_formula(run: Run, folder: Path) -> None:
    book = load_workbook(folder / "out/remediation.xlsx")
    assert {"Summary", "To do", "Users"} <= set(book.sheetnames)
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [("20_cs_user_enable", 10), ("21_cs_user_voice", 10), ("29_um_mailbox_disable", 5), ("30_um_mailbox_enable", 20)],
)
def test_the_bulk_csvs_have_rows_to_run(run: Run, folder: Path, name: str, kept: int) -> None:
    with (folder / f"out/bulk/{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == kept


def test_other_commands_go_on_from_its_snapshot(snapshot: str, folder: Path) -> None:
    listed = adinspect("snapshots", "list", "out/snapshots", "--format", "json", folder=folder)
    assert json.loads(listed.out)[0]["path"] == snapshot
    assessed = adinspect("assess", snapshot, "--format", "jsonl", folder=folder)
    assert assessed.code == 0
    assert len(assessed.out.splitlines()) == len(
        json.loads((folder / "out/findings.json").read_text(encoding="utf-8"))["findings"]
    )


@pytest.mark.parametrize(("severity", "code"), [("critical", 3), ("info", 3)])
def test_findings_fail_only_where_asked(snapshot: str, folder: Path, severity: str, code: int) -> None:
    assert adinspect("assess", snapshot, "--fail-on", severity, folder=folder).code == code
    assert adinspect("assess", snapshot, folder=folder).code == 0


def test_assess_says_what_matters_most(snapshot: str, folder: Path) -> None:
    told = adinspect("assess", snapshot, folder=folder)
    lines = told.out.splitlines()
    assert lines[:2] == [
        "contoso.com, 2026-11-24 08:00 UTC, measured against um-lync",
        "300 users. 174 findings: 6 critical, 114 high, 49 medium, 5 low.",
    ]
    assert len(lines) < 20
    assert "high      USR-003      25  … has a mailbox but is in no UM dial plan" in told.out
    assert "25 of 118 rules could not be judged" in told.err


def test_the_json_of_assess_is_as_promised(run: Run, folder: Path) -> None:
    said = json.loads((folder / "out/findings.json").read_text(encoding="utf-8"))
    assert list(said) == ["schema", "snapshot", "target", "taken", "findings", "skipped", "coverage", "counts", "waivers"]
    assert (said["schema"], said["target"], said["taken"]) == (1, "um-lync", "2026-11-24T08:00:00Z")
    first = next(finding for finding in said["findings"] if finding["rule"] == "USR-001")
    assert {"key", "rule", "severity", "certainty", "table", "guid", "dn", "identity", "message", "because"} <= set(first)
    assert {"remediation", "cmdlet", "wave", "waived", "evidence"} <= set(first)
    assert first["key"] == f"USR-001/{first['guid']}"
    assert first["evidence"] == {"sip_address": None}
    assert said["coverage"]["USR-001"] == {"judged": 300, "of": 300}


@pytest.mark.parametrize("suffix", [".csv", ".json", ".xlsx", ""])
def test_a_report_is_written_in_the_format_of_its_suffix(snapshot: str, folder: Path, suffix: str) -> None:
    run = adinspect("report", snapshot, "-o", f"report{suffix}", folder=folder)
    assert (run.code, run.out.strip()) == (0, f"report{suffix}")
    assert (folder / f"report{suffix}").exists()


def test_generate_writes_only_what_a_target_has(snapshot: str, folder: Path) -> None:
    written = adinspect("generate", snapshot, "--target", "teams-phone", "-o", "teams", folder=folder)
    assert written.code == 0, written.err
    assert (folder / "teams/26_cs_line_clear.csv").exists()
    assert not (folder / "teams/20_cs_user_enable.csv").exists()


@pytest.mark.parametrize(
    ("population", "said"),
    [
        ('base_dns = ["OU=Typo,DC=contoso,DC=com"]', "none of the 300 users belongs to the population"),
        ('listed = "list.csv"', "none of the 300 users belongs to the population"),
    ],
)
def test_a_population_that_names_nobody_is_refused(snapshot: str, folder: Path, population: str, said: str) -> None:
    (folder / "list.csv").write_text("upn\nnobody@contoso.com\n", encoding="utf-8")
    (folder / "profile.toml").write_text(f"[population]\n{population}\n", encoding="utf-8")
    run = adinspect("assess", snapshot, "--profile", "profile.toml", folder=folder)
    assert run.code == 2
    assert said in run.err
    assert "profile.toml, line 1" in run.err or "profile.toml, line 2" in run.err


def test_names_of_a_list_that_match_nobody_are_counted(snapshot: str, folder: Path) -> None:
    (folder / "list.csv").write_text("upn\nADELE.alder@contoso.com\nnobody@contoso.com\n", encoding="utf-8")
    (folder / "profile.toml").write_text('[population]\nlisted = "list.csv"\n', encoding="utf-8")
    run = adinspect("assess", snapshot, "--profile", "profile.toml", folder=folder)
    assert run.code == 0, run.err
    assert "1 names of the list of users match no user" in run.err


@pytest.mark.parametrize("suffix", [".json", ".xlsx"])
def test_the_numbers_are_laid_out(snapshot: str, folder: Path, suffix: str) -> None:
    (folder / "region.toml").write_text('region = "US"', encoding="utf-8")
    options = ("--report", "numbers", "--profile", "region.toml", "-o", f"numbers{suffix}")
    assert adinspect("report", snapshot, *options, folder=folder).code == 0
    titles = ["Summary", "Numbers", "Duplicates", "Base and extension", "Ranges", "Outside the ranges"]
    if suffix == ".xlsx":
        assert load_workbook(folder / "numbers.xlsx").sheetnames == titles
        return
    sheets = json.loads((folder / "numbers.json").read_text(encoding="utf-8"))["sheets"]
    assert [sheet["title"] for sheet in sheets] == titles
    by_title = {sheet["title"]: sheet["tables"] for sheet in sheets}
    assert by_title["Numbers"]["all_numbers"]
    shared = json.loads((folder / "out/findings.json").read_text(encoding="utf-8"))["findings"]
    held_by = " ".join(one["held_by"] for one in by_title["Duplicates"]["duplicate_numbers"])
    named = {one["identity"] for one in shared if one["rule"] == "CNS-003"}
    assert named
    assert all(identity in held_by for identity in named)
    assert any("carrier-numbers.csv" in line["why"] for line in by_title["Summary"]["number_limits"])


def test_a_new_profile_is_one_that_every_command_takes_and_replaces_none(snapshot: str, folder: Path) -> None:
    printed = adinspect("plan", "--new-profile", snapshot, folder=folder)
    assert printed.code == 0, printed.err
    assert 'domains = ["contoso.com"]' in printed.out.splitlines()
    (folder / "mine.toml").write_text(printed.out, encoding="utf-8")
    kept = adinspect("plan", "--new-profile", snapshot, "-o", "mine.toml", folder=folder)
    assert (kept.code, "there already" in kept.err) == (2, True)
    again = adinspect("plan", "--new-profile", snapshot, "--profile", "mine.toml", "-o", "new.toml", folder=folder)
    assert (again.code, again.out) == (0, "new.toml\n")
    assert (folder / "new.toml").read_text(encoding="utf-8") == printed.out
