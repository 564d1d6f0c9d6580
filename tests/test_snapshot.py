from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from stores import CUT, HIDDEN, ROOT, TAKEN, WHOLE, collected, flip, save

from adinspect import snapshot
from adinspect.errors import IncompleteError, StorageError
from adinspect.remote import Place


def paths(store: Path) -> list[Place]:
    return [snapshot.path_of(one) for one in snapshot.snapshots(store)]


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    saved = save(tmp_path)
    loaded = snapshot.load(saved.path)
    assert loaded.taken == TAKEN
    assert not loaded.partial
    assert loaded.tables["users"]["identity"].to_list() == ["zoe@contoso.com"]
    assert loaded.tables["users"]["um_enabled"].dtype == bool
    assert loaded.visibility.to_dict("records") == HIDDEN.to_dict("records")
    assert len(loaded.table("undecoded")) == 0


def test_its_name_says_when_and_which(tmp_path: Path) -> None:
    path = save(tmp_path).path
    assert path.parent == tmp_path / "contoso.com"
    assert path.name.startswith("20261124T080000Z-")
    assert paths(tmp_path) == [path]


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = save(tmp_path).path
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()} == {0o600}
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize("forest", ["../../etc", "..", ".hidden", "a/b", "contoso .com", "", "Ünicode.example", "a" + "\0"])
def test_text_from_the_directory_never_becomes_a_path(tmp_path: Path, forest: str) -> None:
    path = save(tmp_path, forest=forest).path
    assert path.parent.parent == tmp_path
    assert path.parent.name.isalnum()


def test_a_search_that_ended_early_makes_it_partial_and_it_says_so(tmp_path: Path) -> None:
    saved = save(tmp_path, CUT)
    assert saved.path.name.endswith("-partial")
    with pytest.raises(IncompleteError, match=r"partial: users \(the server cut the connection\)") as caught:
        saved.require_whole(accept_partial=False)
    assert caught.value.exit_code == 5
    saved.require_whole(accept_partial=True)


def test_what_is_added_to_a_partial_snapshot_leaves_it_partial(tmp_path: Path) -> None:
    saved = save(tmp_path, CUT)
    added = snapshot.add(saved, snapshot.Supplied({}, {}), tmp_path / "other")
    assert added.partial
    assert added.path.name.endswith("-partial")


def test_a_context_that_is_not_in_an_export_is_no_broken_collection(tmp_path: Path) -> None:
    assert not save(tmp_path, replace(WHOLE, context="", state="failed", reason="not in this export")).partial


def test_a_store_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, octets: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshot, "_write", full)
    with pytest.raises(StorageError, match="No space left") as caught:
        save(tmp_path)
    assert caught.value.exit_code == 7
    assert list((tmp_path / "contoso.com").iterdir()) == []


def test_half_a_snapshot_is_never_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    write = snapshot._write

    def look(path: Path, octets: bytes) -> str:
        seen.append(list(snapshot.snapshots(tmp_path)))
        return write(path, octets)

    monkeypatch.setattr(snapshot, "_write", look)
    save(tmp_path)
    assert seen
    assert not any(seen)


def test_a_changed_file_is_not_trusted(tmp_path: Path) -> None:
    saved = save(tmp_path)
    (saved.path / "users.parquet").write_bytes(b"PAR1")
    with pytest.raises(StorageError, match="SHA-256"):
        snapshot.load(saved.path).table("users")
    (saved.path / "users.parquet").unlink()
    with pytest.raises(StorageError, match="cannot be read"):
        snapshot.load(saved.path).table("users")


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "no snapshot"), ("[]", "no snapshot"), ("{}", "no snapshot"), (json.dumps({"schema": 99}), "layout 99")],
)
def test_what_is_no_snapshot_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(StorageError, match=said):
        snapshot.load(tmp_path)


def test_the_same_tables_of_the_same_moment_are_the_same_snapshot(tmp_path: Path) -> None:
    assert save(tmp_path).path == save(tmp_path).path
    assert len(list((tmp_path / "contoso.com").iterdir())) == 1


def test_the_store_is_for_its_owner_alone(tmp_path: Path) -> None:
    save(tmp_path / "made" / "store")
    assert {stat.S_IMODE((tmp_path / folder).stat().st_mode) for folder in ("made", "made/store")} == {0o700}


def test_a_damaged_snapshot_hides_no_other(tmp_path: Path) -> None:
    good = save(tmp_path).path
    bad = tmp_path / "contoso.com" / "20260101T000000Z-damaged"
    bad.mkdir()
    (bad / "manifest.json").write_text("{", encoding="utf-8")
    assert paths(tmp_path) == [bad, good]


def test_a_store_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such folder"):
        list(snapshot.snapshots(tmp_path / "gone"))


def test_the_store_is_listed_oldest_first(tmp_path: Path) -> None:
    later = snapshot.save(collected(), HIDDEN, ROOT, tmp_path, taken=datetime(2026, 12, 1, tzinfo=UTC))
    earlier = save(tmp_path)
    assert paths(tmp_path) == [earlier.path, later.path]


@pytest.mark.parametrize("place", range(0, 600, 50))
def test_every_flipped_bit_of_a_manifest_is_found(tmp_path: Path, place: int) -> None:
    saved = save(tmp_path)
    assert snapshot.check(saved.path) == []
    flip(saved.path / "manifest.json", place)
    assert [one.file for one in snapshot.check(saved.path)] == ["manifest.json"]


def test_every_damaged_file_is_named(tmp_path: Path) -> None:
    saved = save(tmp_path)
    flip(saved.path / "users.parquet", 4)
    (saved.path / "undecoded.parquet").unlink()
    found = {one.file: one.what for one in snapshot.check(saved.path)}
    assert found.keys() == {"users.parquet", "undecoded.parquet"}
    assert "No such file" in found["undecoded.parquet"]


def test_what_another_layout_holds_is_not_called_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = save(tmp_path)
    monkeypatch.setattr(snapshot, "SCHEMA", 2)
    assert ["layout 1" in one.what for one in snapshot.check(saved.path)] == [True]


def test_a_folder_of_another_name_proves_nothing(tmp_path: Path) -> None:
    moved = save(tmp_path).path.rename(tmp_path / "contoso.com" / "before-the-move")
    assert [one.file for one in snapshot.check(moved)] == ["manifest.json"]


def test_a_damaged_snapshot_never_passes_for_what_is_saved_anew(tmp_path: Path) -> None:
    saved = save(tmp_path)
    flip(saved.path / "users.parquet", 4)
    with pytest.raises(StorageError, match="already, and damaged") as caught:
        save(tmp_path)
    assert caught.value.where == str(saved.path / "users.parquet")
    assert len(list((tmp_path / "contoso.com").iterdir())) == 1
