"""One writer of a store at a time: an operating system's lock, which tells who holds it and is free when its holder dies."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from adinspect import atomic
from adinspect.errors import BusyError, StorageError

FILE = ".lock"
"""In the store. It is never deleted: who deletes a lock file lets two in."""

if sys.platform == "win32":
    import msvcrt

    BEYOND = 1 << 20
    """The octet that is locked, far behind the text: a locked one could not be read."""

    def _lock(handle: int) -> None:
        os.lseek(handle, BEYOND, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    HELD: tuple[type[OSError], ...] = (PermissionError,)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    HELD = (BlockingIOError,)


@contextmanager
def held(store: Path, command: str) -> Iterator[None]:
    """Hold the lock of a store, which is made when missing, until the block ends; others are told that `command` holds it.

    The lock is local: of a store on a network share it keeps off the writers of other computers only where the share's file
    system does that for them.

    Raises:
        BusyError: another process holds it; nobody waits.
        StorageError: the store cannot be written, or its file system cannot lock.
    """
    atomic.folder(store)
    handle = _opened(store)
    try:
        _take(handle, store)
        _tell(handle, {"pid": os.getpid(), "host": socket.gethostname(), "since": _now(), "command": command})
        yield
    finally:
        os.close(handle)


def require_free(store: Path) -> None:
    """Refuse a store that somebody holds, before anything costly is begun; `held` decides. A store that is missing is not made.

    Raises:
        BusyError, StorageError: as `held`.
    """
    if (store / FILE).exists():
        handle = _opened(store)
        try:
            _take(handle, store)
        finally:
            os.close(handle)


def _opened(store: Path) -> int:
    try:
        return os.open(store / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unlocked(store, error) from None


def _take(handle: int, store: Path) -> None:
    try:
        _lock(handle)
    except HELD:
        raise BusyError(
            f"another run holds the store: {_holder(handle)}",
            where=str(store),
            safe="Nothing was written.",
            next_step="Start again when it has ended. If that process hangs, end it: the lock is free when it is gone.",
        ) from None
    except OSError as error:
        raise _unlocked(store, error) from None


def _tell(handle: int, holder: dict[str, object]) -> None:
    """Write who holds the lock; that this cannot be told, on a full disk, is no reason not to hold it."""
    try:
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, json.dumps(holder).encode())
    except OSError:
        os.ftruncate(handle, 0)


def _holder(handle: int) -> str:
    try:
        holder = json.loads(os.pread(handle, 4096, 0) if hasattr(os, "pread") else os.read(handle, 4096))
        return f"`{holder['command']}`, process {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has just begun and not said who it is"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _unlocked(store: Path, error: OSError) -> StorageError:
    return StorageError(
        f"the store cannot be locked: {error.strerror}",
        where=str(store / FILE),
        safe="Nothing was written.",
        next_step="Choose a folder that can be written, on a file system that can lock files.",
    )
