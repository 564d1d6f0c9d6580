"""Files that appear whole or not at all: written beside their place, through to the disk, then moved there."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from adinspect.errors import ConfigurationError, StorageError

NOT_WRITTEN = "Nothing half written was left; what stood there before is untouched."


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write octets to (mode 0600) that takes the place of `path` when the block ends without an error.

    Raises:
        StorageError: it cannot be written, synced or moved; what stood at `path` is untouched.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}-", dir=path.parent)
    except OSError as error:
        raise _unwritten(path, error) from None
    beside = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise _unwritten(path, error) from None
    finally:
        beside.unlink(missing_ok=True)


def folder(path: Path) -> None:
    """Make a folder and what it stands in (mode 0700), unless it is there.

    Raises:
        ConfigurationError: it is no path but a URL.
        StorageError: it cannot be made.
    """
    if path.parts and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]+:", path.parts[0]):  # Path has made one slash of two
        raise ConfigurationError(
            "a URL is given where a local folder is written",
            where=str(path),
            safe="Nothing was written.",
            next_step="Name a folder.",
        )
    try:
        for missing in [one for one in (*reversed(path.parents), path) if not one.is_dir()]:
            missing.mkdir(mode=0o700, exist_ok=True)  # parents=True would make all but the last as the umask says
    except OSError as error:
        raise _unwritten(path, error) from None


def sync_folder(path: Path) -> None:
    """Make the names in a folder last, where the system can."""
    if os.name == "posix":  # Windows can neither open nor sync a folder
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unwritten(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"the file cannot be written: {error.strerror or error}",
        where=str(path),
        safe=NOT_WRITTEN,
        next_step="Close it where it is open, free space, or choose another place; then run again.",
    )
