"""`adinspect snapshots`: what stands in a store, whether it is what was saved, and what goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import adinspect
from stores import CUT, flip, save

from adinspect import lock


def test_a_store_without_damage_passes(tmp_path: Path) -> None:
    saved = save(tmp_path / "store")
    for path in ("store", saved.path):
        run = adinspect("snapshots", "check", path, folder=tmp_path)
        assert (run.code, run.out) == (0, ""), run.err
        assert "1 snapshots were checked, none of them damaged" in run.err


@pytest.mark.parametrize("file", ["users.parquet", "visibility.parquet", "manifest.json"])
def test_damage_names_the_file_and_exits_7(tmp_path: Path, file: str) -> None:
    sound, saved = save(tmp_path / "store"), save(tmp_path / "store", day=2)
    flip(saved.path / file, 100)
    run = adinspect("snapshots", "check", "store", "--format", "json", folder=tmp_path)
    assert run.code == 7
    (row,) = json.loads(run.out)
    assert (row["path"], row["file"]) == (f"store/contoso.com/{saved.path.name}", file)
    assert "SHA-256 differs" in row["damage"]
    assert "2 snapshots were checked, 1 of them damaged" in run.err
    assert adinspect("snapshots", "check", sound.path, folder=tmp_path).code == 0


def test_a_snapshot_without_its_manifest_is_listed_and_damaged(tmp_path: Path) -> None:
    saved = save(tmp_path / "store")
    (saved.path / "manifest.json").unlink()
    for path in ("store", saved.path):
        run = adinspect("snapshots", "check", path, "--format", "csv", folder=tmp_path)
        assert run.code == 7
        assert "manifest.json,the manifest cannot be read: No such file or directory" in run.out
    assert "damaged" in adinspect("snapshots", "list", "store", "--format", "csv", folder=tmp_path).out


def test_a_snapshot_may_be_called_by_another_path(tmp_path: Path) -> None:
    saved = save(tmp_path / "store")
    (tmp_path / "latest").symlink_to(saved.path)
    assert adinspect("snapshots", "check", "latest", folder=tmp_path).code == 0
    assert adinspect("snapshots", "check", ".", folder=saved.path).code == 0


def test_where_nothing_can_be_checked_nothing_passes(tmp_path: Path) -> None:
    (tmp_path / "docs" / "adr").mkdir(parents=True)
    run = adinspect("snapshots", "check", ".", folder=tmp_path)
    assert run.code == 7
    assert "no snapshot to check" in run.err


def test_a_snapshot_shows_what_it_is_what_it_holds_and_what_was_not_read(tmp_path: Path) -> None:
    saved = save(tmp_path, CUT)
    run = adinspect("snapshots", "show", saved.path, "--format", "json", folder=tmp_path)
    assert run.code == 0, run.err
    shown = {(row["part"], row["name"]): row["value"] for row in json.loads(run.out)}
    assert shown["snapshot", "forest"] == "contoso.com"
    assert shown["snapshot", "state"] == "partial"
    assert shown["table", "users"] == 1
    assert shown["not read", "users in DC=contoso,DC=com"] == "the server cut the connection"
    assert shown["not read", "users.line_uri"] == "unreadable of 1 objects: may not be read"


def test_what_is_no_snapshot_is_not_shown(tmp_path: Path) -> None:
    assert adinspect("snapshots", "show", "gone", folder=tmp_path).code == 7


def test_old_snapshots_are_removed_and_a_dry_run_says_which(tmp_path: Path) -> None:
    old, new = save(tmp_path / "store", day=1), save(tmp_path / "store", day=2)
    command = ["snapshots", "prune", "store", "--keep-last", "1", "--format", "csv"]
    rows = f"path,action,why\nstore/contoso.com/{old.path.name},remove,\nstore/contoso.com/{new.path.name},keep,"
    dry = adinspect(*command, "--dry-run", folder=tmp_path)
    assert dry.out.startswith(rows)
    assert "1 snapshots would be removed, 1 stay" in dry.err
    assert old.path.exists()
    wet = adinspect(*command, folder=tmp_path)
    assert (wet.code, wet.out) == (0, dry.out)
    assert list((tmp_path / "store/contoso.com").iterdir()) == [new.path]


def test_a_damaged_snapshot_is_named_and_left(tmp_path: Path) -> None:
    old, new = save(tmp_path / "store", day=1), save(tmp_path / "store", day=2)
    flip(new.path / "users.parquet", 9)
    run = adinspect("snapshots", "prune", "store", "--keep-last", "1", "--format", "json", folder=tmp_path)
    assert [row["action"] for row in json.loads(run.out)] == ["keep", "leave: damaged"]
    assert old.path.exists()
    assert new.path.exists()


def test_nothing_is_removed_while_another_run_holds_the_store(tmp_path: Path) -> None:
    old = save(tmp_path / "store", day=1)
    save(tmp_path / "store", day=2)
    with lock.held(tmp_path / "store", "adinspect collect"):
        run = adinspect("snapshots", "prune", "store", "--keep-last", "1", folder=tmp_path)
        assert run.code == 6
        assert adinspect("snapshots", "prune", "store", "--keep-last", "1", "--dry-run", folder=tmp_path).code == 0
    assert "adinspect collect" in run.err
    assert old.path.exists()


@pytest.mark.parametrize(("options", "code"), [([], 2), (["--keep-last", "0"], 2), (["--keep-last", "1"], 7)])
def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, options: list[str], code: int) -> None:
    assert adinspect("snapshots", "prune", "gone", *options, folder=tmp_path).code == code
    assert not (tmp_path / "gone").exists()
