"""The folder that is handed over: what is in it, what its manifest says, and what becomes of an earlier one."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pandas import DataFrame

from adinspect import bulk, delivery, rollback, runner, step
from adinspect.bulk_csv import BulkCsv
from adinspect.errors import StorageError
from adinspect.finding import Target
from adinspect.plan import BESIDE, Plan

ENABLE, VOICE, MAILBOX = "20_cs_user_enable", "21_cs_user_voice", "30_um_mailbox_enable"
TAKEN = datetime(2026, 11, 24, 8, tzinfo=UTC)
CORPORA = Path(__file__).parent / "data" / "corpora"


def guid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def row(csv: str, number: int, **cells: Any) -> dict[str, Any]:
    """A row of a CSV that may be run, about user `number`, but for these cells."""
    values: dict[str, dict[str, Any]] = {
        ENABLE: {"RegistrarPool": "pool01.contoso.example", "SipAddress": f"sip:u{number}@contoso.com"},
        VOICE: {"EnterpriseVoiceEnabled": True, "LineURI": f"tel:+1425555{number:04}", "_Previous_EnterpriseVoiceEnabled": False},
    }
    header = (*bulk.shipped()[csv].header, *BESIDE)
    notes = {"_Object": f"u{number}", "_ObjectGuid": guid(number), "_Rules": "USR-001", "_Why": "It said so.", "_Wave": "W1"}
    beside = {step.STEP: step.name(csv, guid(number)), step.KEY: "", step.AFTER: "", step.REASON: "", step.DN: ""}
    identity = f"CN=u{number},DC=contoso,DC=example"
    return {**dict.fromkeys(header), **notes, **beside, "Identity": identity, **values[csv], **cells}


def plan(gates: Mapping[str, str] | None = None, **rows: list[dict[str, Any]]) -> Plan:
    """A plan of these files; `gates` maps a file to the rule that stands in its way."""
    names = {f"{name.removeprefix('_')}": told for name, told in rows.items()}
    tables = {
        name: DataFrame(told, columns=[*bulk.shipped()[name].header, *BESIDE], dtype="object") for name, told in names.items()
    }
    lines = [(rule, file, "It is so.") for file, rule in (gates or {}).items()]
    standing = DataFrame(lines, columns=["rule", "file", "why"], dtype="str")
    return Plan(Target.UM_LYNC, TAKEN, DataFrame(), tables, DataFrame(), standing)


def two_files(**cells: Any) -> Plan:
    """Two users to enable, one of whom gets voice by the next file."""
    after = step.name(ENABLE, guid(1))
    return plan(_20_cs_user_enable=[row(ENABLE, 1, **cells), row(ENABLE, 2)], _21_cs_user_voice=[row(VOICE, 1, _After=after)])


def manifest(folder: Path) -> Any:
    return json.loads((folder / delivery.MANIFEST).read_bytes())


def imported(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_everything_that_is_run_is_there(tmp_path: Path) -> None:
    written = delivery.write(two_files(), tmp_path / "new")
    files = {
        f"{before}{name}{after}.csv" for name in (ENABLE, VOICE) for before, after in (("", ""), ("90_", ""), ("", ".rejected"))
    }
    assert names(tmp_path / "new") == {*files, runner.NAME, delivery.MANIFEST}
    assert written == [(tmp_path / "new" / f"{ENABLE}.csv", 2, 0), (tmp_path / "new" / f"{VOICE}.csv", 1, 0)]
    if os.name == "posix":
        assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()} == {0o600}


def test_the_manifest_says_what_is_run_in_which_order_and_what_takes_it_back(tmp_path: Path) -> None:
    delivery.write(two_files(SipAddress=step.REVIEW), tmp_path, snapshot="20261124T080000Z-1a2b", forest="contoso.example")
    said = manifest(tmp_path)
    assert said["schema"] == 1
    assert {name: said[name] for name in ("snapshot", "forest", "taken", "target", "wave")} == {
        "snapshot": "20261124T080000Z-1a2b",
        "forest": "contoso.example",
        "taken": "2026-11-24T08:00:00Z",
        "target": "um-lync",
        "wave": None,
    }
    assert [(one["file"], one["rows"], one["rejected"]) for one in said["files"]] == [
        (f"{ENABLE}.csv", 1, 1),
        (f"{VOICE}.csv", 0, 1),
    ]
    assert [(one["file"], one["takes_back"], one["rows"]) for one in said["rollback"]] == [
        (f"90_{VOICE}.csv", f"{VOICE}.csv", 0),
        (f"90_{ENABLE}.csv", f"{ENABLE}.csv", 1),
    ]
    assert said["held"] == []
    assert said["not_restored"] == {f"{ENABLE}.csv": list(bulk.shipped()[ENABLE].lost)}


def test_the_manifest_has_the_sha256_of_every_other_file(tmp_path: Path) -> None:
    delivery.write(two_files(), tmp_path)
    said = manifest(tmp_path)
    listed = {one["file"]: one["sha256"] for one in (*said["files"], *said["rollback"])} | said["beside"]
    assert listed == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir() if path.name != delivery.MANIFEST
    }


def test_a_row_whose_forerunner_is_not_run_is_not_run_either(tmp_path: Path) -> None:
    delivery.write(two_files(SipAddress=step.REVIEW), tmp_path)
    assert imported(tmp_path / f"{VOICE}.csv") == []
    (told,) = imported(tmp_path / f"{VOICE}.rejected.csv")
    assert told["_Reason"] == f"waits for its row in {ENABLE}, which is not run"


def test_a_row_is_taken_back_by_the_row_in_its_place(tmp_path: Path) -> None:
    delivery.write(two_files(), tmp_path)
    for name in (ENABLE, VOICE):
        run, back = imported(tmp_path / f"{name}.csv"), imported(tmp_path / f"90_{name}.csv")
        assert [line["_ObjectGuid"] for line in run] == [line["_ObjectGuid"] for line in back]
    (line,) = imported(tmp_path / f"90_{VOICE}.csv")
    assert (line["EnterpriseVoiceEnabled"], line["LineURI"]) == ("False", "$null")
    assert (line["_Previous_EnterpriseVoiceEnabled"], line["_Previous_LineURI"]) == ("True", "tel:+14255550001")


# ---- gates


def test_while_a_gate_stands_a_file_is_not_written_and_its_rows_are_rejected(tmp_path: Path) -> None:
    made = plan({ENABLE: "MIG-006"}, _20_cs_user_enable=[row(ENABLE, 1), row(ENABLE, 2, _Reason="is homed online")])
    written = delivery.write(made, tmp_path)
    assert written == [(tmp_path / f"{ENABLE}.csv", 0, 2)]
    assert names(tmp_path) == {f"{ENABLE}.rejected.csv", runner.NAME, delivery.MANIFEST}
    assert [line["_Reason"] for line in imported(tmp_path / f"{ENABLE}.rejected.csv")] == [
        "MIG-006 stands: It is so.",
        "is homed online; MIG-006 stands: It is so.",
    ]
    said = manifest(tmp_path)
    assert said["files"] == said["rollback"] == []
    assert said["held"] == [{"file": f"{ENABLE}.csv", "rejected": 2, "gates": [{"rule": "MIG-006", "why": "It is so."}]}]


def test_what_waits_for_a_file_that_is_held_back_is_not_run(tmp_path: Path) -> None:
    made = two_files()
    gates = DataFrame([("MIG-006", ENABLE, "It is so.")], columns=["rule", "file", "why"], dtype="str")
    delivery.write(Plan(made.target, made.taken, made.steps, made.rows, made.waves, gates), tmp_path)
    assert [one["file"] for one in manifest(tmp_path)["files"]] == [f"{VOICE}.csv"]
    assert imported(tmp_path / f"{VOICE}.csv") == []


# ---- waves


def test_a_wave_has_the_rows_of_its_users_and_no_others(tmp_path: Path) -> None:
    people = [row(ENABLE, 1), row(ENABLE, 2, _Wave="W2"), row(ENABLE, 3, _Wave=""), row(ENABLE, 4, _Reason="no")]
    made = plan(_20_cs_user_enable=people)
    written = {wave: delivery.write(made, tmp_path / wave, wave=wave)[0][1:] for wave in ("W1", "W2", "W3")}
    assert written == {"W1": (1, 1), "W2": (1, 0), "W3": (0, 0)}
    assert manifest(tmp_path / "W2")["wave"] == "W2"
    assert delivery.without_wave(made) == 1
    assert delivery.write(made, tmp_path)[0][1:] == (3, 1)


# ---- an earlier run in the same folder


def held_back() -> Plan:
    return plan({ENABLE: "MIG-006"}, _20_cs_user_enable=[row(ENABLE, 1)])


def test_files_of_an_earlier_run_are_replaced_and_those_it_alone_has_are_removed(tmp_path: Path) -> None:
    delivery.write(two_files(), tmp_path)
    (tmp_path / "notes.txt").write_text("ours", encoding="utf-8")
    delivery.write(held_back(), tmp_path)
    assert names(tmp_path) == {f"{ENABLE}.rejected.csv", runner.NAME, delivery.MANIFEST, "notes.txt"}


def test_a_file_that_somebody_changed_is_not_removed_and_nothing_is_written(tmp_path: Path) -> None:
    delivery.write(two_files(), tmp_path)
    (tmp_path / f"{VOICE}.csv").write_text("mine", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(StorageError, match=f"this run has no {VOICE}.csv, and somebody changed"):
        delivery.write(held_back(), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_file_that_is_gone_already_does_not_matter(tmp_path: Path) -> None:
    delivery.write(two_files(), tmp_path)
    (tmp_path / f"{VOICE}.csv").unlink()
    delivery.write(held_back(), tmp_path)
    assert f"90_{VOICE}.csv" not in names(tmp_path)


@pytest.mark.parametrize("octets", [b"", b"{}", b"[]", b'{"files": 3, "rollback": [], "beside": {}}', b"\xff"])
def test_a_manifest_that_is_not_ours_is_left_alone(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / delivery.MANIFEST).write_bytes(octets)
    with pytest.raises(StorageError, match=r"manifest\.json is not one that adinspect wrote"):
        delivery.write(two_files(), tmp_path)
    assert names(tmp_path) == {delivery.MANIFEST}


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "sub/file"])
def test_a_manifest_cannot_have_anything_else_removed(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    folder = tmp_path / "out"
    folder.mkdir()
    told = {"files": [], "rollback": [], "beside": {name: hashlib.sha256(b"x").hexdigest()}}
    (folder / delivery.MANIFEST).write_text(json.dumps(told), encoding="utf-8")
    delivery.write(two_files(), folder)
    assert (tmp_path / "secret").exists()


def test_the_manifest_is_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    write = delivery._write

    def noted(path: Path, octets: bytes) -> None:
        order.append(path.name)
        write(path, octets)

    monkeypatch.setattr(delivery, "_write", noted)
    delivery.write(two_files(), tmp_path)
    assert order[-1] == delivery.MANIFEST
    assert set(order) == names(tmp_path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        delivery.write(two_files(), tmp_path / "file")


# ---- the runner's bytes


def test_the_runner_is_the_same_whatever_the_directory_holds(tmp_path: Path) -> None:
    texts = [
        line
        for path in sorted(path for path in CORPORA.rglob("*") if path.suffix in (".txt", ".json"))
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        if line
    ]
    people = [row(ENABLE, number, _Object=told, _Why=told, SipAddress=f"sip:{told}") for number, told in enumerate(texts)]
    delivery.write(plan(_20_cs_user_enable=people), tmp_path / "one", forest="'; Remove-Item *; '", snapshot="$(x)")
    delivery.write(two_files(), tmp_path / "other", forest="fabrikam.example")
    one, other = ((tmp_path / name / runner.NAME).read_bytes() for name in ("one", "other"))
    assert one == other
    assert one.isascii()
    assert b"\r\n" in one
    assert len(people) > 100


def test_a_user_list_has_the_sip_addresses_of_what_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    definitions = dict(bulk.shipped())
    monkeypatch.setattr(bulk, "shipped", lambda: {**definitions, ENABLE: listing(definitions[ENABLE])})
    told = [("sip:a@contoso.com", ""), ("sip:b@contoso.com", "no"), ("sip:c,d@contoso.com", ""), ("sip:e@contoso.com", "")]
    given = [
        row(ENABLE, number, _Reason=reason, _Previous_SipAddress=address)
        for number, (address, reason) in enumerate(told, start=1)
    ]
    delivery.write(plan(_20_cs_user_enable=given), tmp_path)
    octets = (tmp_path / f"{ENABLE}.userlist.txt").read_bytes()
    assert octets == b"sip:a@contoso.com,sip:e@contoso.com"
    assert f"{ENABLE}.userlist.txt" in manifest(tmp_path)["beside"]
    assert not rollback.definition(listing(definitions[ENABLE])).user_list


def test_a_list_for_people_is_handed_over_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    definitions = dict(bulk.shipped())
    enable = replace(definitions[ENABLE], cmdlet="", reads="")
    monkeypatch.setattr(bulk, "shipped", lambda: {**definitions, ENABLE: enable})
    delivery.write(two_files(), tmp_path)
    said = manifest(tmp_path)
    assert [(one["file"], one["rows"]) for one in said["lists"]] == [(f"{ENABLE}.csv", 2)]
    assert [one["file"] for one in said["files"]] == [f"{VOICE}.csv"]
    assert [one["file"] for one in said["rollback"]] == [f"90_{VOICE}.csv"]
    assert {f"{ENABLE}.csv", f"90_{ENABLE}.csv"} <= set(said["beside"])


def test_the_manifest_says_what_a_person_does_between_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    definitions = dict(bulk.shipped())
    enable = replace(definitions[ENABLE], afterwards="Wait.")
    monkeypatch.setattr(bulk, "shipped", lambda: {**definitions, ENABLE: enable})
    delivery.write(two_files(), tmp_path)
    said = manifest(tmp_path)
    assert [one["afterwards"] for one in said["files"]] == ["Wait.", ""]
    assert [one["afterwards"] for one in said["rollback"]] == ["", ""]


def listing(definition: BulkCsv) -> BulkCsv:

    return replace(definition, user_list="SipAddress")


def test_what_is_run_of_a_plan_is_what_is_handed_over() -> None:
    waiting = row(VOICE, 1, **{step.AFTER: step.name(ENABLE, guid(1))})
    skipped = row(ENABLE, 1, **{step.REASON: "skipped"})
    made = plan(_20_cs_user_enable=[skipped], _21_cs_user_voice=[waiting, row(VOICE, 2)])
    run = delivery.run_of(made)
    assert {name: list(rows[step.GUID]) for name, rows in run.rows.items()} == {ENABLE: [], VOICE: [guid(2)]}
