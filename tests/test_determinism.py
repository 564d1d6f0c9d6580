"""Runs over the same directory data, whatever order it came in: all that is written is the same, octet by octet."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import demo_forest
import pytest
import whole_job
from random_forests import planned

from adinspect import taking
from adinspect.finding import Target

RUNS = 5
USERS = 60
"""Users of the demo's forest that make every finding it has."""


def records(users: int) -> list[list[str]]:
    """The lines of each entry of the demo's forest, with as many users; some values are no values, and some are several."""
    text = demo_forest.text()
    text = text.replace("serialNumber: Version 15.1", "serialNumber: 7\nserialNumber: 3\nserialNumber: Version 15.1")
    text = text.replace("msRTCSIP-OptionFlags: 257", "msRTCSIP-OptionFlags: none")
    every = [record.split("\n") for record in text.strip().split("\n\n")]
    people = [record for record in every if "objectClass: user" in record]
    return [record for record in every if record not in people[users:]]


def turned(given: list[list[str]], seed: int) -> str:
    """The same export with its entries, their attributes and the values of each in another order.

    The values of objectClass stay as they are: they are the only ones that a directory gives in an order of its own.
    """
    pick = random.Random(seed)  # noqa: S311 - the same orders in every run
    mixed = []
    for dn, *lines in pick.sample(given, len(given)):
        by_name: dict[str, list[str]] = {}
        for line in lines:
            by_name.setdefault(line.partition(":")[0], []).append(line)
        change = by_name.pop("changetype")
        for name, values in by_name.items():
            if name != "objectClass":
                pick.shuffle(values)
        shuffled = pick.sample(sorted(by_name), len(by_name))
        mixed.append("\n".join([dn, *change, *(line for name in shuffled for line in by_name[name])]))
    return "\n\n".join(mixed) + "\n"


@pytest.fixture(scope="module")
def forest(request: pytest.FixtureRequest) -> list[list[str]]:
    """A part of the demo's forest; in the long form, all of it."""
    return records(300 if request.config.getoption("--long") else USERS)


def exports(forest: list[list[str]], folder: Path, runs: int) -> Iterator[Path]:
    """Folders with an export each: the forest as it is, and in other orders."""
    for seed in range(runs):
        one = folder / str(seed)
        one.mkdir()
        text = turned(forest, seed) if seed else "\n\n".join("\n".join(record) for record in forest) + "\n"
        (one / "forest.ldif").write_text(text, encoding="utf-8")
        yield one


def test_five_runs_take_the_same_snapshot_octet_by_octet(forest: list[list[str]], tmp_path: Path) -> None:
    found, undecoded = [], 0
    for folder in exports(forest, tmp_path, RUNS):
        with taking.export([folder / "forest.ldif"]) as directory:
            taken = taking.take(directory, folder / "store", whole_job.TAKEN)
        undecoded = len(taken.table("undecoded"))
        found.append(whole_job.files(folder))
    assert undecoded > 1
    assert len({(tmp_path / str(seed) / "forest.ldif").read_bytes() for seed in range(RUNS)}) == RUNS
    assert found[0]
    assert all(one == found[0] for one in found[1:])


def test_runs_write_the_same_findings_workbooks_csvs_and_page_octet_by_octet(
    forest: list[list[str]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Each in a process of its own, whose sets have another order; in the long form five, with the workbooks of every target."""
    long = request.config.getoption("--long")
    targets, found = list(Target) if long else [Target.UM_LYNC], []
    for folder in exports(forest, tmp_path, RUNS if long else 2):
        environment = {**os.environ, "PYTHONHASHSEED": folder.name}
        subprocess.run([sys.executable, whole_job.__file__, folder, *targets], check=True, env=environment)
        found.append(whole_job.files(folder))
    assert {"page.html", *(f"{target}-findings.json" for target in Target)} <= found[0].keys()
    for target in targets:
        of_it = [name for name in found[0] if name.startswith(target)]
        assert sum(name.endswith(".xlsx") for name in of_it) == len(whole_job.REPORTS) + 1
        assert sum(name.endswith(".csv") for name in of_it) > 5
    for one in found[1:]:
        assert [name for name in one.keys() | found[0].keys() if one.get(name) != found[0].get(name)] == []


@pytest.mark.parametrize(("seed", "target"), [(11, Target.TEAMS_PHONE)])
def test_a_plan_does_not_depend_on_the_order_of_rows(seed: int, target: Target) -> None:
    """Nor does a name that changes, and with it the place of a row, give anybody another number."""
    made, again = planned(seed, target), planned(seed, target, turned=1)
    assert list(made.view.tables["users"]["guid"]) != list(again.view.tables["users"]["guid"])
    assert made.plan.rows.keys() == again.plan.rows.keys()
    for name, rows in made.plan.rows.items():
        assert rows.equals(again.plan.rows[name]), name
        assert made.settled[name].kept.equals(again.settled[name].kept)
        assert made.settled[name].rejected.equals(again.settled[name].rejected)
    assert made.plan.steps.equals(again.plan.steps)
