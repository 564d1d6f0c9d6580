"""File systems for fsspec that can be disturbed: one of folders that must be made and renamed, and one of objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import fsspec
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

Disturb = Callable[[str], None]


def calm(operation: str) -> None:
    """Disturb nothing."""


CURRENT: list[Disturb] = [calm]
"""What disturbs them now."""


class Disturbed:
    """Before each operation what is CURRENT is called with its name; a write that it ends has written half."""

    def pipe_file(self, path: str, value: bytes, **options: Any) -> None:
        """Write a file."""
        try:
            CURRENT[0]("write")
        except BaseException:
            super().pipe_file(path, value[: len(value) // 2], **options)  # type: ignore[misc]  # of the file system beside it
            raise
        super().pipe_file(path, value, **options)  # type: ignore[misc]  # the same


def _disturbed(name: str, operation: str) -> Callable[..., Any]:
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        CURRENT[0](operation)
        return getattr(super(Disturbed, self), name)(*arguments, **options)

    return call


OPERATIONS = {
    "cat_file": "read",
    "info": "info",
    "ls": "list",
    "mkdir": "mkdir",
    "mv": "move",
    "cp_file": "copy",
    "rm_file": "remove",
    "rm": "remove",
}
for _name, _operation in OPERATIONS.items():
    setattr(Disturbed, _name, _disturbed(_name, _operation))


class Folders(Disturbed, LocalFileSystem):  # type: ignore[misc]  # fsspec has no types
    """A disk somewhere else, as over SFTP: folders://PATH."""

    protocol = "folders"

    @classmethod
    def _strip_protocol(cls, path: Any) -> str:
        stripped: str = super()._strip_protocol(str(path).removeprefix("folders://"))
        return stripped


class Objects(Disturbed, MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """A store of objects, whose folders are the beginnings of their names, and where a rename copies: objects://BUCKET."""

    protocol = "objects"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]

    @classmethod
    def _strip_protocol(cls, path: Any) -> str:
        return "/" + str(path).removeprefix("objects://").strip("/")


SYSTEMS: dict[str, type[Disturbed]] = {"folders": Folders, "objects": Objects}
for _protocol, _system in SYSTEMS.items():
    fsspec.register_implementation(_protocol, _system, clobber=True)


@contextmanager
def disturbed(disturb: Disturb) -> Iterator[None]:
    """Both are disturbed until the block ends."""
    CURRENT[0] = disturb
    try:
        yield
    finally:
        CURRENT[0] = calm
