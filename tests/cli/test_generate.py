"""What `generate` writes for a wave, and what it says is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from cli_runs import Run, adinspect, shipped

from adinspect.cli import generate
from adinspect.finding import Target
from adinspect.plan import Plan
from adinspect.testing import TODAY
from adinspect.waves import Move


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generate")


@pytest.fixture(scope="module")
def wave(folder: Path) -> Run:
    snapshot = shipped(folder)
    assert adinspect("generate", snapshot, "-o", "out/bulk", folder=folder).code == 0
    return adinspect("generate", snapshot, "--wave", "W2", "-o", "bulk", folder=folder)


def said(folder: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads((folder / "manifest.json").read_bytes())
    return told


def test_a_wave_is_written_into_a_folder_of_its_name(wave: Run, folder: Path) -> None:
    assert (wave.code, wave.out.strip()) == (0, str(Path("bulk", "W2")))
    assert [path.name for path in (folder / "bulk").iterdir()] == ["W2"]
    assert said(folder / "bulk/W2")["wave"] == "W2"


def test_the_manifest_says_what_the_csvs_were_made_of(wave: Run, folder: Path) -> None:
    (snapshot,) = (folder / "out/snapshots").glob("*/2*")
    for made in ("bulk/W2", "out/bulk"):
        told = said(folder / made)
        assert (told["snapshot"], told["forest"]) == (snapshot.name, snapshot.parent.name)


def test_a_wave_that_is_none_is_refused(wave: Run, folder: Path) -> None:
    assert adinspect("generate", "nowhere", "--wave", "W6", "-o", "none", folder=folder).code == 2
    assert not (folder / "none").exists()


def test_every_wave_can_be_asked_for() -> None:
    assert tuple(Move) == generate.WAVES


def test_gates_and_rows_of_no_wave_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {"20_cs_user_enable": pd.DataFrame({"_Wave": ["W1", "", ""]})}
    gates = pd.DataFrame([("MIG-006", "40_cs_user_move", "It is so.")], columns=["rule", "file", "why"])
    made = Plan(Target.TEAMS_PHONE, TODAY, pd.DataFrame(), rows, pd.DataFrame(), gates)
    generate.say_what_is_not_there(made, "W1")
    err = capsys.readouterr().err
    assert "40_cs_user_move.csv is not written while MIG-006 stands: It is so." in err
    assert "2 rows are about no user (the topology) and in no wave" in err
    generate.say_what_is_not_there(made, None)
    assert "in no wave" not in capsys.readouterr().err
