"""What is new since an older snapshot, from the command line."""

from __future__ import annotations

import csv
import json
from collections import Counter
from functools import cache
from io import StringIO
from pathlib import Path

import demo_forest
import pytest
from cli_runs import Run, adinspect, collected

LOST_VOICE = ("tel:+442079460020", "tel: 442079460020")
"""A line of somebody who had none wrong: a finding of severity high, and no other so bad."""

GATEWAY = "msExchUMIPGatewayAddress: 192.0.2.10\nmsExchUMOutcallsAllowed: "
SWITCHED = (f"{GATEWAY}TRUE", f"{GATEWAY}FALSE")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Snapshots of the forest: `then`, and `now` a day later, with one line broken and one gateway's outgoing calls switched."""
    folder = tmp_path_factory.mktemp("baseline")
    text = demo_forest.text()
    assert SWITCHED[0] in text
    for name, day, said in (("then", 24, text), ("now", 25, text.replace(*LOST_VOICE).replace(*SWITCHED))):
        collected(folder, name, said, day)
    return folder


@cache
def assess(folder: Path, *arguments: str) -> Run:
    return adinspect("assess", *arguments, folder=folder)


def test_json_says_what_became_of_findings_since(folder: Path) -> None:
    told = json.loads(assess(folder, "now", "--baseline", "then", "--format", "json").out)
    since = told["baseline"]
    assert since["snapshot"] == "then"
    assert "USR-009" in {key.partition("/")[0] for key in since["new"]}
    assert sorted(since["new"] + since["open"]) == sorted(one["key"] for one in told["findings"])
    assert (since["waived"], since["expired"], since["unknown"]) == ([], [], [])


def test_rules_on_drift_judge_what_changed_since(folder: Path) -> None:
    run = assess(folder, "now", "--baseline", "then", "--format", "json")
    told = json.loads(run.out)
    drift = [one for one in told["findings"] if one["rule"].startswith("DRF-")]
    assert [(one["rule"], one["table"], one["identity"]) for one in drift] == [("DRF-005", "gateways", "pbx-east")]
    assert drift[0]["key"] in told["baseline"]["new"]
    assert "may be older" not in assess(folder, "now", "--baseline", "then").err


def test_without_a_baseline_rules_on_drift_are_skipped(folder: Path) -> None:
    skipped = json.loads(assess(folder, "then", "--format", "json").out)["skipped"]
    reasons = {one["reason"] for one in skipped if one["rule"].startswith("DRF-")}
    assert reasons == {"no earlier snapshot was supplied (--baseline)"}


def test_without_a_baseline_json_says_nothing_of_it(folder: Path) -> None:
    assert "baseline" not in json.loads(assess(folder, "then", "--format", "json").out)


def test_csv_says_it_in_a_column(folder: Path) -> None:
    rows = csv.DictReader(StringIO(assess(folder, "now", "--baseline", "then", "--format", "csv").out))
    since = json.loads(assess(folder, "now", "--baseline", "then", "--format", "json").out)["baseline"]
    assert Counter(row["since"] for row in rows) == {life: len(since[life]) for life in ("new", "open")}


def test_a_table_counts_and_lists_what_is_new(folder: Path) -> None:
    out = assess(folder, "now", "--baseline", "then").out
    assert "Findings for um-lync: " in out
    assert "tel: 442079460020" in " ".join(out.split())


@pytest.mark.parametrize(
    ("snapshot", "options", "code"),
    [
        ("then", ("--baseline", "then", "--fail-on-new"), 0),
        ("then", ("--baseline", "then", "--fail-on", "high", "--fail-on-new"), 0),
        ("then", ("--baseline", "then", "--fail-on", "high"), 3),
        ("now", ("--baseline", "then"), 0),
        ("now", ("--baseline", "then", "--fail-on-new"), 3),
        ("now", ("--baseline", "then", "--fail-on", "high", "--fail-on-new"), 3),
        ("now", ("--baseline", "then", "--fail-on", "critical", "--fail-on-new"), 0),
    ],
)
def test_only_what_is_new_fails(folder: Path, snapshot: str, options: tuple[str, ...], code: int) -> None:
    assert assess(folder, snapshot, *options).code == code


def test_what_was_accepted_there_and_counts_again_fails(folder: Path) -> None:
    worst = json.loads(assess(folder, "then", "--format", "json").out)["findings"][0]
    waiver = f"[[waiver]]\nkey = '{worst['key']}'\nowner = 'Adele Vance'\nreason = 'moves out'\nuntil = 2026-11-24\n"
    (folder / "w.toml").write_text(waiver, encoding="utf-8")
    options = ("--baseline", "then", "--fail-on", "critical", "--fail-on-new", "--waivers", "w.toml", "--format", "json")
    run = assess(folder, "now", *options)
    assert worst["severity"] == "critical"
    assert (run.code, json.loads(run.out)["baseline"]["expired"]) == (3, [worst["key"]])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("now", "--fail-on-new"), "--fail-on-new needs"),
        (("now", "--baseline", "then", "--explain", "adele.alder@contoso.com"), "--explain tells of one object, --baseline"),
        (("then", "--baseline", "now"), "Name the older one first"),
    ],
)
def test_what_makes_no_sense_is_refused(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    run = assess(folder, *arguments)
    assert (run.code, run.out) == (2, "")
    assert said in run.err
