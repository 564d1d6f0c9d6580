"""What changed between two snapshots, from the command line."""

from __future__ import annotations

import csv
import json
import shutil
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import demo_forest
import pytest
from cli_runs import Run, adinspect, collected

EDITS = (
    ("tel:+442079460020", "tel:+442079460777"),
    ("CN=Alex Alder,OU=Paris", "CN=Alexa Alder,OU=London"),
    ("cn: Alex Alder\n", "cn: Alexa Alder\n"),
    ("eum:0020;", "eum:0777;"),
)
GONE = "Grady Alder"


def edited() -> str:
    """The shipped forest a day later: a number and an extension reassigned, somebody renamed and moved, somebody gone."""
    text = demo_forest.text()
    for old, new in EDITS:
        assert old in text
        text = text.replace(old, new)
    return "\n\n".join(record for record in text.split("\n\n") if not record.startswith(f"dn: CN={GONE},"))


def blinded(record: str) -> str:
    """A record as somebody exports it who may not read the Lync attributes of users."""
    lines = record.split("\n")
    return "\n".join(line for line in lines if "sAMAccountName" not in record or not line.startswith("msRTCSIP-"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Snapshots of the forest: `then`, `now` a day later, `blind` without users' Lync attributes, `other` of another forest;
    `apart` is blind outside the store."""
    folder = tmp_path_factory.mktemp("diff")
    text = demo_forest.text()
    exports = {
        "then": text,
        "now": edited(),
        "blind": "\n\n".join(blinded(record) for record in text.split("\n\n")),
        "other": text.replace("DC=contoso,", "DC=fabrikam,"),
    }
    for name, said in exports.items():
        collected(folder, name, said, 24 if name == "then" else 25)
    shutil.copytree(folder / "blind", folder / "apart")
    return folder


@cache
def diff(folder: Path, *arguments: str) -> Run:
    return adinspect("diff", *arguments, folder=folder)


def as_json(folder: Path, *arguments: str) -> dict[str, Any]:
    run = diff(folder, *arguments, "--format", "json")
    assert run.code == 0, run.err
    told: dict[str, Any] = json.loads(run.out)
    return told


def test_json_holds_every_change_and_the_life_of_every_finding(folder: Path) -> None:
    told = as_json(folder, "then", "now")
    assert (told["schema"], told["old"], told["new"]) == (1, "then", "now")
    assert list(told["changes"][0]) == ["kind", "table", "guid", "dn", "column", "attribute", "old", "new"]
    assert [(one["kind"], one["table"], one["attribute"]) for one in told["changes"]] == [
        ("removed", "users", None),
        ("moved", "users", "distinguishedName"),
        ("changed", "users", "msRTCSIP-Line"),
        ("changed", "proxy_addresses", "proxyAddresses"),
    ]
    assert set(told["findings"]) == {"new", "open", "resolved", "regressed", "waived", "expired"}
    assert told["findings"]["regressed"] == []
    assert told["notes"] == []
    assert {one["identity"] for one in told["findings"]["resolved"]} == {"grady.alder@contoso.com"}
    assert told["findings"]["open"]


def test_findings_are_the_objects_that_assess_tells(folder: Path) -> None:
    told = as_json(folder, "then", "now")["findings"]
    assessed = json.loads(adinspect("assess", "now", "--format", "json", folder=folder).out)["findings"]
    by_key = {one["key"]: one for one in assessed}
    assert {one["key"] for one in told["new"] + told["open"]} == set(by_key)
    added = {"since": "2026-11-24T08:00:00Z", "runs": 2}
    assert all(one == by_key[one["key"]] | added for one in told["open"])


def test_a_snapshot_differs_not_from_itself(folder: Path) -> None:
    told = as_json(folder, "then", "then")
    assert told["changes"] == []
    assert {life for life, found in told["findings"].items() if found} == {"open"}


def test_a_table_counts_and_shows_the_first_of_each_kind(folder: Path) -> None:
    run = diff(folder, "then", "now")
    assert "Objects: 0 added, 1 removed, 1 moved, 2 changed." not in run.out  # one user has both changes
    assert "Objects: 0 added, 1 removed, 1 moved, 1 changed." in run.out
    assert "Findings for um-lync: " in run.out
    assert "grady.alder" in run.out


def test_csv_and_jsonl_hold_every_change(folder: Path) -> None:
    changes = as_json(folder, "then", "now")["changes"]
    lines = [json.loads(line) for line in diff(folder, "then", "now", "--format", "jsonl").out.splitlines()]
    assert lines == changes
    rows = list(csv.DictReader(StringIO(diff(folder, "then", "now", "--format", "csv").out)))
    assert [row["guid"] for row in rows] == [one["guid"] for one in changes]
    assert rows[-1]["old"] == "|".join(changes[-1]["old"])


def test_what_new_does_not_show_is_no_change_and_resolves_nothing(folder: Path) -> None:
    told = as_json(folder, "then", "blind")
    assert {one["attribute"] for one in told["changes"]} == set()
    assert ("users", "enterprise_voice") in {(gap["table"], gap["column"]) for gap in told["not_compared"]}
    unknown = {one["rule"] for one in told["unknown"]}
    assert "USR-006" in unknown
    assert "USR-006" not in {one["rule"] for one in told["findings"]["resolved"]}
    said = diff(folder, "then", "blind")
    assert "findings may be resolved or not: users.enterprise_voice" in said.err
    assert "Not compared: " in said.err


def test_a_new_finding_that_old_could_not_judge_may_be_older(folder: Path) -> None:
    assert "of the new findings may be older" in diff(folder, "apart", "now").err
    assert "may be older" not in diff(folder, "blind", "now").err  # the store has `then`


def test_outside_a_store_nothing_is_known_of_the_time_before(folder: Path) -> None:
    told = as_json(folder, "apart", "now")
    assert "regressed is empty" in told["notes"][0]
    assert {(one["since"], one["runs"]) for one in told["findings"]["open"]} == {(None, None)}


def test_waived_and_expired_findings_are_told(folder: Path) -> None:
    open_ones = as_json(folder, "then", "now")["findings"]["open"]
    waivers = "".join(
        f"[[waiver]]\nkey = '{one['key']}'\nowner = 'Adele Vance'\nreason = 'moves out'\nuntil = {until}\n"
        for one, until in zip(open_ones, ("2027-01-01", "2026-11-24"), strict=False)
    )
    (folder / "w.toml").write_text(waivers, encoding="utf-8")
    told = as_json(folder, "then", "now", "--waivers", "w.toml")["findings"]
    assert [one["key"] for one in told["waived"]] == [open_ones[0]["key"]]
    assert [one["key"] for one in told["expired"]] == [open_ones[1]["key"]]


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("then", "other", 2, "of the forest contoso.com, the newer one of fabrikam.com"),
        ("now", "then", 2, "Name the older one first"),
        ("nowhere", "then", 7, "this is no snapshot"),
    ],
)
def test_what_tells_of_no_change_is_refused(folder: Path, old: str, new: str, code: int, said: str) -> None:
    run = diff(folder, old, new)
    assert (run.code, run.out) == (code, "")
    assert said in run.err


@pytest.mark.parametrize("partial", ["old", "new"])
def test_a_partial_snapshot_is_refused_unless_accepted(folder: Path, partial: str) -> None:
    source, place = (folder / ("then" if partial == "old" else "now")).resolve(), folder / f"partial-{partial}"
    place.mkdir()
    for file in source.iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    manifest = json.loads((place / "manifest.json").read_text("utf-8"))
    (place / "manifest.json").write_text(json.dumps(manifest | {"state": "partial"}), encoding="utf-8")
    pair = (place.name, "now") if partial == "old" else ("then", place.name)
    assert diff(folder, *pair).code == 5
    accepted = diff(folder, *pair, "--accept-partial")
    assert accepted.code == 0
    assert "The snapshots differ: state: " in accepted.err
