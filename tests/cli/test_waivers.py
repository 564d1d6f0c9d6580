"""Findings that were accepted, from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from cli_runs import adinspect, shipped
from openpyxl import load_workbook

RULE = "USR-006"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a snapshot of the shipped forest, and a waiver that holds, one that is expired, one that matches nothing."""
    folder = tmp_path_factory.mktemp("waivers")
    shipped(folder)
    first, second = found(folder)[:2]
    waivers = ((first["guid"], "2027-01-01"), (second["dn"], "2026-01-01"), ("CN=Nobody,DC=contoso,DC=com", "2027-01-01"))
    lines = (
        f"[[waiver]]\nrule = '{RULE}'\nobject = '{named}'\nowner = 'Adele Vance'\nreason = 'moves out'\nuntil = {until}\n"
        for named, until in waivers
    )
    (folder / "w.toml").write_text("".join(lines), encoding="utf-8")
    return folder


def snapshot(folder: Path) -> str:
    (path,) = (folder / "out/snapshots").glob("*/20261124*/manifest.json")
    return str(path.parent.relative_to(folder))


def found(folder: Path, *options: str) -> list[dict[str, Any]]:
    run = adinspect("assess", snapshot(folder), "--format", "json", *options, folder=folder)
    return [finding for finding in json.loads(run.out)["findings"] if finding["rule"] == RULE]


def test_an_accepted_finding_stays_in_the_list_with_who_accepted_it(folder: Path) -> None:
    first, second, *others = found(folder, "--waivers", "w.toml")
    assert first["waived"] == {"owner": "Adele Vance", "reason": "moves out", "until": "2027-01-01"}
    assert [finding["waived"] for finding in (second, *others)] == [None] * (1 + len(others))


@pytest.mark.parametrize("command", [("assess",), ("report", "-o", "said.json"), ("generate", "-o", "said")])
def test_what_is_expired_or_matches_nothing_is_said(folder: Path, command: tuple[str, ...]) -> None:
    verb, *options = command
    said = adinspect(verb, snapshot(folder), *options, "--waivers", "w.toml", folder=folder).err
    assert "ended on 2026-01-01: what it accepted counts again" in said
    assert f"The waiver of {RULE} on CN=Nobody,DC=contoso,DC=com (Adele Vance) matches no finding" in said


def test_json_lists_what_each_waiver_came_to(folder: Path) -> None:
    told = json.loads(adinspect("assess", snapshot(folder), "--format", "json", "--waivers", "w.toml", folder=folder).out)
    holds, expired, unused = told["waivers"]
    assert [one["standing"] for one in told["waivers"]] == ["accepts", "expired", "matches nothing"]
    assert holds == {
        "rule": RULE,
        "object": found(folder)[0]["guid"],
        "key": None,
        "owner": "Adele Vance",
        "reason": "moves out",
        "until": "2027-01-01",
        "standing": "accepts",
        "findings": 1,
        "message": "",
    }
    assert "ended on 2026-01-01" in expired["message"]
    assert (unused["findings"], "matches no finding" in unused["message"]) == (0, True)


def test_without_waivers_json_lists_none(folder: Path) -> None:
    assert json.loads(adinspect("assess", snapshot(folder), "--format", "json", folder=folder).out)["waivers"] == []


def test_only_what_nobody_accepted_fails(folder: Path) -> None:
    path = snapshot(folder)
    every = {
        (one["rule"], one["guid"], one["dn"])
        for one in json.loads(adinspect("assess", path, "--format", "json", folder=folder).out)["findings"]
    }
    lines = (
        f"[[waiver]]\nrule = '{rule}'\nobject = '{guid}'\nowner = 'A'\nreason = 'b'\nuntil = 2027-01-01\n"
        for rule, guid, _ in sorted(every)
    )
    (folder / "all.toml").write_text("".join(lines), encoding="utf-8")
    assert adinspect("assess", path, "--fail-on", "info", "--waivers", "w.toml", folder=folder).code == 3
    assert adinspect("assess", path, "--fail-on", "info", "--waivers", "all.toml", folder=folder).code == 0


def test_what_was_accepted_is_in_no_bulk_csv(folder: Path) -> None:
    waived = found(folder)[0]["guid"]
    for name, options in (("all", ()), ("some", ("--waivers", "w.toml"))):
        assert adinspect("generate", snapshot(folder), "-o", name, *options, folder=folder).code == 0

    def rows(name: str) -> set[str]:
        with (folder / name / "21_cs_user_voice.csv").open(encoding="utf-8-sig", newline="") as file:
            return {row["_ObjectGuid"] for row in csv.DictReader(file)}

    assert rows("all") - rows("some") <= {waived}
    assert waived not in rows("some")


def test_the_workbook_shows_who_accepted_what(folder: Path) -> None:
    assert adinspect("report", snapshot(folder), "-o", "w.xlsx", "--waivers", "w.toml", folder=folder).code == 0
    header, *lines = load_workbook(folder / "w.xlsx")["To do"].iter_rows(values_only=True)
    told = [line[header.index("Waived")] for line in lines]
    assert [text for text in told if text] == ["Adele Vance, until 2027-01-01: moves out"]


def test_a_mistake_in_the_waivers_is_named_with_its_line(folder: Path) -> None:
    (folder / "bad.toml").write_text("[[waiver]]\nrule = 'USR-999'\n", encoding="utf-8")
    run = adinspect("assess", snapshot(folder), "--waivers", "bad.toml", folder=folder)
    assert (run.code, "bad.toml, line 1" in run.err) == (2, True)
