"""What can go wrong for the person who runs the tool: each error says what, where, what is still safe, and what to do next."""

from __future__ import annotations

from typing import ClassVar


class AdinspectError(Exception):
    """An error its reader can act on; anything else that escapes is a defect of ours (exit code 1).

    `what` is one sentence. `where` names the server, DN, file, row or column. `safe` says what was kept or left
    untouched. `next_step` says what to do now.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", safe: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.safe = safe
        self.next_step = next_step

    def __str__(self) -> str:
        parts = (("", self.what), ("Where: ", self.where), ("Still safe: ", self.safe), ("Next: ", self.next_step))
        return "\n".join(label + text for label, text in parts if text)


class ConfigurationError(AdinspectError):
    """An option, a TOML file or a search base is wrong."""

    exit_code = 2


class ConnectError(AdinspectError):
    """The directory could not be reached, trusted or signed in to."""

    exit_code = 4


class IncompleteError(AdinspectError):
    """A search ended before the directory had said that it was complete, or a partial snapshot was refused."""

    exit_code = 5


class BusyError(AdinspectError):
    """Another run holds the store."""

    exit_code = 6


class StorageError(AdinspectError):
    """A file could not be read or written, or is not what its manifest says."""

    exit_code = 7


class UnreachableError(AdinspectError):
    """The store at a URL could not be asked: nothing is known of what stands there, and nothing there is called damaged."""

    exit_code = 7


class SafetyError(AdinspectError):
    """So much is gone since an earlier snapshot that what would be concluded from it may be wrong."""

    exit_code = 8


class InputError(AdinspectError):
    """An input file (LDIF, CSV, workbook) was rejected."""

    exit_code = 9
