"""`adinspect collect --side` and `adinspect queries --side`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Run, adinspect

from adinspect import side
from adinspect import snapshot as snapshots

EXPORT = "dn: DC=contoso,DC=example\nobjectClass: domainDNS\ninstanceType: 4\nuSNCreated: 1\n"
MEDIA = "Identity,EncryptionLevel\nGlobal,RequireEncryption\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an export of a forest and one of side inputs."""
    (tmp_path / "forest.ldif").write_text(EXPORT, encoding="utf-8")
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports/cs-media.csv").write_text(MEDIA, encoding="utf-8")
    return tmp_path


def collect(folder: Path, *options: str) -> Run:
    return adinspect("collect", *options, "-o", "store", folder=folder)


def from_export(folder: Path, *options: str) -> str:
    run = collect(folder, "--ldif", "forest.ldif", "--taken", "2026-11-24", *options)
    assert run.code == 0, run.err
    return run.out.splitlines()[-1]


def manifest(folder: Path, path: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / path / "manifest.json").read_text(encoding="utf-8"))
    return told


def content(folder: Path) -> dict[str, str]:
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.rglob("*") if file.is_file()}


def test_side_inputs_are_tables_of_the_snapshot_and_the_manifest_says_where_from(folder: Path) -> None:
    (folder / "exports/notes.txt").write_text("x", encoding="utf-8")
    run = collect(folder, "--ldif", "forest.ldif", "--side", "exports")
    path = run.out.splitlines()[-1]
    assert "Not read: notes.txt is no side input." in run.err
    assert "Read 1 rows of cs-media.csv" in run.err
    (said,) = manifest(folder, path)["supplied"]["side"]
    assert (said["file"], said["rows"], said["sha256"]) == ("cs-media.csv", 1, hashlib.sha256(MEDIA.encode()).hexdigest())
    assert str(folder) not in json.dumps(manifest(folder, path)["supplied"]["side"])
    assert snapshots.load(folder / path).tables["cs_media"]["encryption_level"].to_list() == ["RequireEncryption"]


def test_side_inputs_are_added_to_a_snapshot_that_stays_as_it_is(folder: Path) -> None:
    old = from_export(folder)
    before = content(folder / old)
    run = collect(folder, "--snapshot", old, "--side", "exports")
    assert run.code == 0, run.err
    new = run.out.splitlines()[-1]
    assert new != old
    assert content(folder / old) == before
    was, told = manifest(folder, old), manifest(folder, new)
    assert {key for key in told if told[key] != was[key]} == {"supplied", "tables", "files"}
    assert {name: told["files"][name] for name in was["files"]} == was["files"]
    assert set(told["files"]) - set(was["files"]) == {"cs_media.parquet"}
    opened = snapshots.load(folder / new)
    assert set(opened.tables) == {*snapshots.load(folder / old).tables, "cs_media"}
    assert opened.visibility.equals(snapshots.load(folder / old).visibility)


def test_adding_the_same_again_gives_the_same_snapshot(folder: Path) -> None:
    old = from_export(folder)
    first, second = (collect(folder, "--snapshot", old, "--side", "exports") for _ in range(2))
    assert (first.code, second.code) == (0, 0), second.err
    assert first.out == second.out
    assert len(list((folder / "store/contoso.example").iterdir())) == 2


def test_a_newer_export_takes_the_place_of_the_one_before_and_others_stay(folder: Path) -> None:
    (folder / "exports/tenant-domains.csv").write_text("Id,IsVerified\ncontoso.example,True\n", encoding="utf-8")
    old = from_export(folder, "--side", "exports")
    (folder / "newer").mkdir()
    (folder / "newer/cs-media.csv").write_text("Identity,EncryptionLevel\nGlobal,SupportEncryption\n", encoding="utf-8")
    new = snapshots.load(folder / collect(folder, "--snapshot", old, "--side", "newer").out.splitlines()[-1])
    assert new.tables["cs_media"]["encryption_level"].to_list() == ["SupportEncryption"]
    assert new.tables["tenant_domains"]["domain"].to_list() == ["contoso.example"]
    assert {one["file"] for one in new.manifest["supplied"]["side"]} == {"cs-media.csv", "tenant-domains.csv"}


def test_a_damaged_snapshot_is_not_passed_on(folder: Path) -> None:
    old = from_export(folder)
    (folder / old / "users.parquet").write_bytes(b"PAR1")
    run = collect(folder, "--snapshot", old, "--side", "exports")
    assert run.code == 7
    assert "SHA-256" in run.err
    assert len(list((folder / "store/contoso.example").iterdir())) == 1


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--snapshot", "x"], 2, "nothing is there to add"),
        (["--side", "exports"], 2, "one of --server, --domain, --ldif, --snapshot"),
        (["--snapshot", "x", "--ldif", "forest.ldif", "--side", "exports"], 2, "one of --server"),
        (["--snapshot", "nowhere", "--side", "exports"], 7, "this is no snapshot"),
        (["--snapshot", "x", "--side", "exports", "--taken", "2026-11-24"], 2, "--taken belongs to --ldif"),
        (["--ldif", "forest.ldif", "--side", "gone"], 9, "gone"),
        (["--ldif", "forest.ldif", "--side", "."], 9, "no file in the folder is a side input"),
        (["--ldif", "forest.ldif", "--side", "bad"], 9, "cs-media.csv, row 2, column Identity"),
        (["--server", "ldaps://127.0.0.1:1", "--user", "a@b", "--side", "bad"], 9, "cs-media.csv, row 2, column Identity"),
    ],
)
def test_a_mistake_has_its_exit_code_and_leaves_nothing(folder: Path, options: list[str], code: int, said: str) -> None:
    (folder / "bad").mkdir()
    (folder / "bad/cs-media.csv").write_text("Identity,EncryptionLevel\n,a\n", encoding="utf-8")
    run = collect(folder, *options)
    assert run.code == code, run.err
    assert said in run.err
    assert "Traceback" not in run.err
    assert not (folder / "store").exists()


def test_text_of_a_file_cannot_drive_the_terminal(folder: Path) -> None:
    (folder / "exports/cs-media.csv").write_text("Identity,EncryptionLevel,\x1b[2m\nGlobal,a,\n", encoding="utf-8")
    run = collect(folder, "--ldif", "forest.ldif", "--side", "exports")
    assert run.code == 0
    assert "\\u001b[2m" in run.err
    (folder / "exports/cs-media.csv").write_text("Identity,EncryptionLevel\n\x1b[2m,a\n\x1b[2m,b\n", encoding="utf-8")
    assert "\x1b[2m" not in collect(folder, "--ldif", "forest.ldif", "--side", "exports").err


def test_the_report_names_the_side_inputs(folder: Path) -> None:
    path = from_export(folder, "--side", "exports")
    assert adinspect("report", path, "-o", "report.json", folder=folder).code == 0
    assert "cs-media.csv" in (folder / "report.json").read_text(encoding="utf-8")


def test_the_powershell_lines_can_be_pasted_as_they_are(tmp_path: Path) -> None:
    run = adinspect("queries", "--side", folder=tmp_path)
    assert run.code == 0
    lines = [line for line in run.out.splitlines() if line and not line.startswith("#")]
    assert lines == [one.line for one in side.shipped().values() if one.command]


def test_the_powershell_lines_are_rows_too(tmp_path: Path) -> None:
    rows = json.loads(adinspect("queries", "--side", "--format", "json", folder=tmp_path).out)
    assert {row["file"]: row["command"] for row in rows} == {one.file: one.line for one in side.shipped().values()}
    (row,) = json.loads(adinspect("queries", "--side", "cs_media", "--format", "json", folder=tmp_path).out)
    assert row["table"] == "cs_media"


def test_a_side_input_has_a_page(tmp_path: Path) -> None:
    run = adinspect("queries", "--side", "cs_media", folder=tmp_path)
    assert run.out.startswith("## cs_media")
    assert "| `encryption_level` | `EncryptionLevel` | str |" in run.out
    assert adinspect("queries", "--side", "cs_medai", folder=tmp_path).code == 2
