"""What a kill, a failing or full disk and flipped bits do to a store: what can be seen is whole, or is found to be damaged."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from stores import flip, save

from adinspect import store
from adinspect.errors import StorageError
from adinspect.snapshot import check, path_of, snapshots

SEED = 20261124

SAVING = """
import sys
from datetime import timedelta
from pathlib import Path
from stores import TAKEN, save
from adinspect import store
with store.writing(Path(sys.argv[1]), "adinspect collect"):
    for second in range(1_000_000):
        print(save(Path(sys.argv[1]), taken=TAKEN + timedelta(seconds=second)).path.name, flush=True)
"""


def whole(folder: Path) -> set[str]:
    """The names of the snapshots that can be seen; each of them is what was saved."""
    seen = [path_of(one) for one in snapshots(folder)]
    assert {path.name: check(path) for path in seen} == {path.name: [] for path in seen}
    return {path.name for path in seen}


def next_run(folder: Path) -> str:
    """Save another snapshot as the next run does; nothing of the last run is left beside what can be seen."""
    with store.writing(folder, "adinspect collect"):
        saved = save(folder, day=30).path.name
    assert {path.name for path in (folder / "contoso.com").iterdir()} == whole(folder)
    return saved


class File:
    """A file in whose place of writing something else stands."""

    def __init__(self, file: Any, write: Callable[[Any, bytes], int]) -> None:
        self.file, self.instead = file, write

    def __enter__(self) -> File:
        return self

    def __exit__(self, *ended: object) -> None:
        self.file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def write(self, octets: bytes) -> int:
        """Write as was agreed."""
        return self.instead(self.file, octets)


def writing(write: Callable[[Any, bytes], int]) -> Any:
    """Files are written in this way."""
    fdopen = os.fdopen
    return patch.object(os, "fdopen", lambda *arguments: File(fdopen(*arguments), write))


@contextmanager
def disturbed(disturb: Callable[[str], None], *operations: str) -> Iterator[None]:
    """Before these functions of os do anything, and before a file is written, `disturb` is called."""

    def before(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            disturb(name)
            return original(*arguments, **options)

        return call

    with ExitStack() as patched:
        for name in operations:
            patched.enter_context(patch.object(os, name, before(name, getattr(os, name))))
        patched.enter_context(writing(before("write", lambda file, octets: file.write(octets))))
        yield


class Failing:
    """A disk of which one operation fails, or every one from then on."""

    def __init__(self, place: int, *, for_good: bool) -> None:
        self.place, self.for_good, self.done = place, for_good, 0
        self.asked: set[str] = set()

    def __call__(self, operation: str) -> None:
        self.done += 1
        self.asked.add(operation)
        if self.done == self.place or (self.for_good and self.done > self.place):
            raise OSError(errno.EIO, f"Input/output error ({operation})")


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_whichever_operation_of_a_save_fails_no_half_snapshot_is_seen(tmp_path: Path, for_good: bool) -> None:
    refused = 0
    for place in range(1, 1000):
        folder = tmp_path / str(place)
        older, disk = save(folder).path.name, Failing(place, for_good=for_good)
        try:
            with disturbed(disk, "mkdir", "open", "fsync", "rename"):
                save(folder, day=25)
        except StorageError as error:
            assert error.exit_code == 7  # noqa: PT017  # whether it is raised is what differs
            refused += 1
        assert older in whole(folder)
        assert next_run(folder) in whole(folder)
        if disk.done < place:
            break
    assert refused > 10
    assert disk.done < place
    assert disk.asked == {"mkdir", "open", "write", "fsync", "rename"}


@pytest.mark.parametrize("part", range(20))
def test_a_disk_that_is_full_leaves_what_was_there(tmp_path: Path, part: int) -> None:
    older = save(tmp_path).path
    room = sum(file.stat().st_size for file in older.iterdir()) * part // 20

    def filled(file: Any, octets: bytes) -> int:
        nonlocal room
        written: int = file.write(octets[:room])
        room -= written
        if written < len(octets):
            raise OSError(errno.ENOSPC, "No space left on device")
        return written

    with writing(filled), pytest.raises(StorageError, match="No space left on device"):
        save(tmp_path, day=25)
    assert [path.name for path in (tmp_path / "contoso.com").iterdir()] == [older.name]
    assert whole(tmp_path) == {older.name}
    next_run(tmp_path)


def test_who_is_killed_while_saving_leaves_whole_snapshots_and_a_free_store(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    chance = random.Random(SEED)  # noqa: S311  # nothing secret
    environment: dict[str, str] = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    for turn in range(50 if pytestconfig.getoption("long") else 4):
        folder = tmp_path / str(turn)
        with subprocess.Popen(
            [sys.executable, "-c", SAVING, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            assert process.stdout
            published = [process.stdout.readline().strip()]
            time.sleep(chance.uniform(0, 0.1))
            process.kill()
            published += process.stdout.read().split()
        assert whole(folder) >= set(published)
        next_run(folder)


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_whichever_operation_of_a_removal_fails_what_is_seen_is_whole(tmp_path: Path, for_good: bool) -> None:
    for place in range(1, 1000):
        folder = tmp_path / str(place)
        older, newer = save(folder), save(folder, day=25)
        disk = Failing(place, for_good=for_good)
        with suppress(StorageError), disturbed(disk, "open", "fsync", "rename", "unlink", "rmdir"):
            store.remove(older.path)
        assert newer.path.name in whole(folder)
        next_run(folder)
        if disk.done < place:
            break
    assert disk.done < place
    assert disk.asked == {"open", "fsync", "rename", "unlink", "rmdir"}
    assert older.path.name not in whole(folder)


def test_every_flipped_bit_is_found(tmp_path: Path) -> None:
    chance, saved = random.Random(SEED), save(tmp_path).path  # noqa: S311  # nothing secret
    octets = [(file, place) for file in saved.iterdir() for place in range(file.stat().st_size)]
    for file, place in chance.sample(octets, 200):
        flip(file, place)
        assert [one.file for one in check(saved)] == [file.name]
        flip(file, place)
    assert check(saved) == []
