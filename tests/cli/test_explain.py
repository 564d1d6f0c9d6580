"""Everything about one object, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import adinspect, shipped

JOHANNA = "johanna.alder@contoso.com"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explain")


@pytest.fixture(scope="module")
def snapshot(folder: Path) -> str:
    return shipped(folder)


def test_an_object_is_explained_for_people(folder: Path, snapshot: str) -> None:
    run = adinspect("assess", snapshot, "--explain", JOHANNA, folder=folder, COLUMNS="400")
    assert run.code == 0, run.err
    lines = run.out.splitlines()
    assert lines[0] == JOHANNA
    assert any(line.split()[:4] == ["users", "line_uri", "msRTCSIP-Line", "tel:+442079460006"] for line in lines)
    assert any(line.split()[:4] == ["users", "private_line", "msRTCSIP-PrivateLine", "(none)"] for line in lines)
    (finding,) = [line for line in lines if line.startswith("USR-006")]
    assert finding.split()[1] == "finding"
    assert "users.enterprise_voice = False" in finding


def test_an_object_is_explained_as_json(folder: Path, snapshot: str) -> None:
    run = adinspect("assess", snapshot, "--explain", JOHANNA, "--format", "json", folder=folder)
    said = json.loads(run.out)
    assert list(said) == ["schema", "snapshot", "target", "taken", "object", "values", "rules"]
    assert (said["object"]["identity"], said["object"]["tables"]) == (JOHANNA, ["users"])
    outcomes = {one["rule"]: one for one in said["rules"]}
    assert outcomes["USR-006"]["outcome"] == "finding"
    assert outcomes["USR-006"]["findings"][0]["key"] == f"USR-006/{said['object']['guid']}"
    assert outcomes["USR-001"] == {**outcomes["USR-001"], "outcome": "passed", "findings": []}
    assert {one["outcome"] for one in said["rules"]} <= {"finding", "passed", "unknown", "skipped"}


def test_who_accepted_a_finding_is_told(folder: Path, snapshot: str) -> None:
    guid = json.loads(adinspect("assess", snapshot, "--explain", JOHANNA, "--format", "json", folder=folder).out)["object"][
        "guid"
    ]
    waiver = f"[[waiver]]\nrule = 'USR-006'\nobject = '{guid}'\nowner = 'Adele'\nreason = 'moves'\nuntil = 2027-01-01\n"
    (folder / "w.toml").write_text(waiver, encoding="utf-8")
    run = adinspect("assess", snapshot, "--explain", JOHANNA, "--waivers", "w.toml", folder=folder, COLUMNS="400")
    assert "Waived by Adele, until 2027-01-01: moves" in run.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--explain", "nobody"], "no object that was seen is called 'nobody'"),
        (["--explain", "Redmond"], "2 objects are called 'Redmond'"),
        (["--explain", JOHANNA, "--format", "csv"], "--explain prints a table or json, not csv"),
        (["--explain", JOHANNA, "--fail-on", "high"], "say one of them"),
    ],
)
def test_what_cannot_be_explained_is_said(folder: Path, snapshot: str, arguments: list[str], said: str) -> None:
    run = adinspect("assess", snapshot, *arguments, folder=folder)
    assert (run.code, run.out) == (2, "")
    assert said in run.err


def test_several_matches_are_listed(folder: Path, snapshot: str) -> None:
    said = adinspect("assess", snapshot, "--explain", "Redmond", folder=folder).err
    assert "dial_plans  CN=Redmond,CN=UM DialPlan Container," in said
    assert "containers  OU=Redmond," in said
