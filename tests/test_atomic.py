from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from adinspect import atomic
from adinspect.errors import InputError, StorageError


def test_a_file_appears_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with atomic.replacing(path) as file:
        file.write(b"half")
        assert not path.exists()
        file.write(b", whole")
    assert path.read_bytes() == b"half, whole"
    assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("raised", "seen"),
    [
        (OSError(28, "No space left on device"), StorageError),
        (InputError("wrong"), InputError),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (ValueError("a defect"), ValueError),
    ],
    ids=["disk full", "a refusal", "interrupted", "a defect"],
)
def test_an_error_leaves_what_stood_there(tmp_path: Path, raised: BaseException, seen: type[BaseException]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"before")

    def write_and_fail() -> None:
        with atomic.replacing(path) as file:
            file.write(b"after")
            raise raised

    with pytest.raises(seen):
        write_and_fail()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_said_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught, atomic.replacing(tmp_path / "a.csv"):
        raise OSError(28, "No space left on device")
    assert (caught.value.exit_code, caught.value.where) == (7, str(tmp_path / "a.csv"))
    assert "No space left on device" in caught.value.what
    assert "untouched" in caught.value.safe


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for path in (tmp_path / "gone" / "a.csv", tmp_path / "folder", tmp_path / "file" / "a.csv"):
        with pytest.raises(StorageError) as caught, atomic.replacing(path) as file:
            file.write(b"x")
        assert caught.value.where == str(path)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["file", "folder"]


def test_a_folder_is_made_with_what_it_stands_in(tmp_path: Path) -> None:
    atomic.folder(tmp_path / "a" / "b")
    atomic.folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert os.name != "posix" or stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        atomic.folder(tmp_path / "file")
