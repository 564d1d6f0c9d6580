"""Which approved steps landed, from the command line: a reviewed workbook and a snapshot taken later."""

from __future__ import annotations

import json
from pathlib import Path

import demo_forest
import pytest
from cli_runs import Run, adinspect, collected

from adinspect import plan
from adinspect.cli._judged import judge
from adinspect.export import plan_workbook
from adinspect.step import Status
from adinspect.workbook.layout import Answer

VOICE = "21_cs_user_voice"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Snapshots of the forest as it was, before that, and after Enterprise Voice was switched on; a plan, and one of nothing."""
    folder = tmp_path_factory.mktemp("verify")
    on = demo_forest.text().replace("msRTCSIP-OptionFlags: 257", "msRTCSIP-OptionFlags: 385")
    for name, day, text in (("then", 24, demo_forest.text()), ("before", 23, demo_forest.text()), ("after", 25, on)):
        collected(folder, name, text, day)
    judged = judge(folder / "then", target="um-lync", profile=None, waivers=None, accept_partial=False)
    made = plan.make(judged.view(), judged.target)
    ready = made.steps[(made.steps["csv"] == VOICE) & (made.steps["status"] == Status.READY)]
    assert len(ready)
    for name, steps in (("plan", ready["step"]), ("nothing", [])):
        answers = {step: Answer("approve") for step in steps}
        plan_workbook.write(made, judged.snapshot.path.name, judged.snapshot.manifest["forest"], folder / f"{name}.xlsx", answers)
    return folder


def verify(folder: Path, *arguments: str) -> Run:
    return adinspect("verify", *arguments, folder=folder)


def test_where_every_step_landed_nothing_is_listed(folder: Path) -> None:
    run = verify(folder, "plan.xlsx", "after")
    assert (run.code, run.out) == (0, ""), run.err
    assert run.err.split("approved steps: ")[1].endswith("landed.\n")


def test_where_none_landed_all_are_listed_and_the_exit_says_so(folder: Path) -> None:
    run = verify(folder, "plan.xlsx", "then")
    assert run.code == 3
    assert "EnterpriseVoiceEnabled: True is wanted, False is there" in " ".join(run.out.split())


def test_json_holds_every_step(folder: Path) -> None:
    run = verify(folder, "plan.xlsx", "after", "--format", "json")
    told = json.loads(run.out)
    assert {(one["csv"], one["outcome"]) for one in told} == {(VOICE, "landed")}
    assert all(one["step"].startswith(f"{VOICE}/") for one in told)


def test_a_snapshot_that_is_older_than_the_plan_is_refused(folder: Path) -> None:
    run = verify(folder, "plan.xlsx", "before")
    assert run.code == 2
    assert "before the one that the plan was made of" in run.err


def test_a_workbook_without_a_decision_has_nothing_to_verify(folder: Path) -> None:
    run = verify(folder, "nothing.xlsx", "after")
    assert run.code == 2
    assert "no step of the workbook is approved" in run.err


def test_a_snapshot_that_is_none_is_refused(folder: Path) -> None:
    assert verify(folder, "plan.xlsx", "nowhere").code == 7
