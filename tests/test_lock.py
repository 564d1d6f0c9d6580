from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_runs import adinspect

from adinspect import lock
from adinspect.errors import BusyError, StorageError

EXPORT = "dn: DC=contoso,DC=example\nobjectClass: domainDNS\ninstanceType: 4\nuSNCreated: 1\n"

HOLDER = """
import sys
from pathlib import Path
from adinspect import lock
from adinspect.errors import BusyError
try:
    with lock.held(Path(sys.argv[1]), "adinspect collect"):
        print("held", flush=True)
        sys.stdin.read()
except BusyError as error:
    print("busy", flush=True)
    sys.exit(error.exit_code)
"""


def start(store: Path) -> subprocess.Popen[str]:
    """A process that holds the lock until its standard input ends, if it gets it."""
    return subprocess.Popen([sys.executable, "-c", HOLDER, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    """What it said of the lock."""
    assert process.stdout
    return process.stdout.readline().strip()


@contextmanager
def holder(store: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    with start(store) as process:
        assert said(process) == "held"
        yield process


def test_a_store_has_one_writer_and_the_others_are_told_who(tmp_path: Path) -> None:
    with holder(tmp_path) as other, pytest.raises(BusyError) as caught, lock.held(tmp_path, "adinspect collect"):
        raise AssertionError("two hold the lock")
    assert caught.value.exit_code == 6
    assert f"`adinspect collect`, process {other.pid} on {socket.gethostname()}, since 20" in caught.value.what


def test_the_lock_is_free_when_its_holder_is_killed(tmp_path: Path) -> None:
    with holder(tmp_path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        lock.require_free(tmp_path)
        with lock.held(tmp_path, "adinspect collect"):
            pass


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), lock.held(tmp_path, "adinspect collect"):
        raise KeyboardInterrupt
    lock.require_free(tmp_path)


def test_a_store_that_is_missing_is_not_made_to_see_whether_it_is_free(tmp_path: Path) -> None:
    lock.require_free(tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_who_has_not_yet_said_who_it_is_holds_it_too(tmp_path: Path) -> None:
    with holder(tmp_path):
        (tmp_path / lock.FILE).write_text("", encoding="utf-8")
        with pytest.raises(BusyError, match="just begun"):
            lock.require_free(tmp_path)


def test_a_full_disk_hinders_nobody_from_holding_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, octets: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with lock.held(tmp_path, "adinspect collect"), pytest.raises(BusyError, match="just begun"):
        lock.require_free(tmp_path)


def test_where_nothing_can_be_locked_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(handle: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(lock, "_lock", unable)
    with pytest.raises(StorageError, match="cannot be locked: Operation not supported"), lock.held(tmp_path, "x"):
        raise AssertionError
    (tmp_path / "folder" / lock.FILE).mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot be locked: Is a directory"):
        lock.require_free(tmp_path / "folder")


@pytest.mark.parametrize("source", [["--ldif", "forest.ldif"], ["--snapshot", "old", "--side", "exports"]])
def test_collect_does_not_begin_while_another_run_holds_the_store(tmp_path: Path, source: list[str]) -> None:
    with holder(tmp_path / "store") as other:
        run = adinspect("collect", *source, "-o", "store", folder=tmp_path)
    assert run.code == 6
    assert f"process {other.pid}" in run.err
    assert [file.name for file in (tmp_path / "store").iterdir()] == [lock.FILE]


def test_of_many_that_start_at_once_one_runs(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    begun = [start(tmp_path) for _ in range(50 if pytestconfig.getoption("long") else 8)]
    try:
        assert sorted(map(said, begun)) == ["busy"] * (len(begun) - 1) + ["held"]
    finally:
        for process in begun:
            process.communicate()
    assert sorted(process.returncode for process in begun) == [0] + [6] * (len(begun) - 1)


def test_of_many_collections_all_are_refused_while_one_runs(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    (tmp_path / "forest.ldif").write_text(EXPORT, encoding="utf-8")
    command = [sys.executable, "-m", "adinspect", "collect", "--ldif", "forest.ldif", "-o", "store"]
    with holder(tmp_path / "store"):
        begun = [subprocess.Popen(command, cwd=tmp_path) for _ in range(49 if pytestconfig.getoption("long") else 2)]
        assert {process.wait() for process in begun} == {6}
    assert subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
