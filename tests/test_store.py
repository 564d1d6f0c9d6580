from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stores import CUT, flip, save

from adinspect import store
from adinspect.errors import BusyError, ConfigurationError, StorageError
from adinspect.snapshot import path_of, snapshots
from adinspect.store import Keep


def kept(folder: Path, keep: Keep) -> list[str]:
    """When the snapshots were taken that stay: month, day and hour."""
    return [one.path.name[4:11] for one in store.decide(folder, keep) if not one.removed]


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store, only read, with two snapshots of every third day from October to December 2026."""
    folder = tmp_path_factory.mktemp("quarter")
    first = datetime(2026, 10, 1, 8, tzinfo=UTC)
    for day in range(0, 90, 3):
        for hour in (0, 12):
            save(folder, taken=first + timedelta(days=day, hours=hour))
    return folder


@pytest.mark.parametrize(
    ("keep", "stay"),
    [
        (Keep(last=3), ["1224T20", "1227T08", "1227T20"]),
        (Keep(daily=3), ["1221T20", "1224T20", "1227T20"]),
        (Keep(weekly=3), ["1212T20", "1218T20", "1227T20"]),
        (Keep(monthly=2), ["1130T20", "1227T20"]),
        (Keep(monthly=12), ["1031T20", "1130T20", "1227T20"]),
        (Keep(last=2, daily=2, weekly=2, monthly=2), ["1130T20", "1218T20", "1224T20", "1227T08", "1227T20"]),
    ],
    ids=str,
)
def test_the_last_of_each_period_that_has_one_stays(quarter: Path, keep: Keep, stay: list[str]) -> None:
    assert kept(quarter, keep) == stay


def test_more_than_there_are_keeps_all(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        save(tmp_path, day=day)
    assert len(kept(tmp_path, Keep(last=99))) == 3


def test_forests_are_counted_by_themselves(tmp_path: Path) -> None:
    for forest in ("contoso.com", "fabrikam.com"):
        for day in (1, 2):
            save(tmp_path, forest=forest, day=day)
    assert kept(tmp_path, Keep(last=1)) == ["1102T08", "1102T08"]


def test_a_partial_snapshot_never_takes_the_place_of_a_complete_one(tmp_path: Path) -> None:
    save(tmp_path, day=1)
    for day in (2, 3, 4):
        save(tmp_path, CUT, day=day)
    assert kept(tmp_path, Keep(last=2)) == ["1101T08", "1103T08", "1104T08"]


def test_what_lacks_too_much_never_takes_the_place_of_what_does_not(tmp_path: Path) -> None:
    for day in (1, 2, 3, 4):
        one = save(tmp_path, day=day)
        if day > 2:
            store.stop(one)
    assert kept(tmp_path, Keep(last=1)) == ["1102T08", "1104T08"]
    assert [one.kept for one in store.decide(tmp_path, Keep(last=1)) if one.kept] == [("last complete", "last"), ("last",)]
    last = store.last_complete(tmp_path, "contoso.com", datetime(2026, 12, 1, tzinfo=UTC))
    assert last
    assert last.path.name.startswith("20261102T08")


@pytest.mark.parametrize("text", ["[", "3"])
def test_a_damaged_list_of_what_lacks_too_much_is_told(tmp_path: Path, text: str) -> None:
    one = save(tmp_path, day=1)
    store.stop(one)
    (one.path.parent / store.STOPPED).write_text(text, encoding="utf-8")
    with pytest.raises(StorageError, match="lack too much is damaged"):
        store.decide(tmp_path, Keep(last=1))


@pytest.mark.parametrize("file", ["users.parquet", "manifest.json"])
def test_a_damaged_snapshot_is_left_and_counts_for_nothing(tmp_path: Path, file: str) -> None:
    saved = [save(tmp_path, day=day) for day in (1, 2, 3)]
    flip(saved[2].path / file, 50)
    first, second, third = store.decide(tmp_path, Keep(last=1))
    assert first.removed
    assert second.kept == ("last complete", "last")
    assert (third.removed, third.kept) == (False, ())
    assert "SHA-256 differs" in third.damage


def test_of_one_moment_the_one_written_later_is_the_last(tmp_path: Path) -> None:
    paths = [save(tmp_path).path, save(tmp_path, CUT, CUT).path, save(tmp_path, *[CUT] * 3).path, save(tmp_path, *[CUT] * 4).path]
    for second, path in enumerate(paths):
        os.utime(path / "manifest.json", (second, second))
    assert [one.path for one in store.decide(tmp_path, Keep(last=1)) if one.kept] == sorted([paths[0], paths[3]])


def test_nobody_can_keep_nothing() -> None:
    with pytest.raises(ConfigurationError, match="nothing says which snapshots stay"):
        Keep()


def test_what_is_removed_is_gone(tmp_path: Path) -> None:
    first, second = save(tmp_path, day=1), save(tmp_path, day=2)
    store.remove(first.path)
    assert list((tmp_path / "contoso.com").iterdir()) == [second.path]


def test_what_cannot_be_removed_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = save(tmp_path)

    def unable(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", unable)
    with pytest.raises(StorageError, match="Permission denied"):
        store.remove(saved.path)
    assert [path_of(one) for one in snapshots(tmp_path)] == [saved.path]


def test_a_writer_clears_away_what_killed_runs_left(tmp_path: Path) -> None:
    saved = save(tmp_path)
    for name in (".unpublished-x", ".removed-20261101T080000Z-000000000000"):
        (tmp_path / "contoso.com" / name).mkdir()
        (tmp_path / "contoso.com" / name / "users.parquet").touch()
    assert [path_of(one) for one in snapshots(tmp_path)] == [saved.path]
    with store.writing(tmp_path, "adinspect collect"), pytest.raises(BusyError), store.writing(tmp_path, "adinspect collect"):
        raise AssertionError("two write")
    assert list((tmp_path / "contoso.com").iterdir()) == [saved.path]
