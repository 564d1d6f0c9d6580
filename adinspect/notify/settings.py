"""What the ways to notify have in common: when, how long they wait, and secrets that stand in files of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from adinspect.definitions import NUMBER, TEXT, Kind, Toml
from adinspect.errors import ConfigurationError, InputError

T = TypeVar("T")

TIMEOUT = 30
LONGEST_TIMEOUT = 600
ANSWERS = 10
"""How many answers that each come just in time are waited for."""

KEYS: Mapping[str, Kind] = {"when": TEXT, "timeout": NUMBER, "ca": TEXT}
"""Keys that every way to notify may have."""

FILES = ("ca", "password_file", "token_file", "url_file")
"""Keys that hold the path of a file; one that is relative is so to the folder of the file that names it."""


class When(StrEnum):
    """Whether a run is told of only when it brought news (notify.Message.news), or always."""

    NEW = "new"
    ALWAYS = "always"


class SettingError(ConfigurationError):
    """A setting is wrong; `key` is its name."""

    def __init__(self, what: str, key: str) -> None:
        super().__init__(what)
        self.key = key


def check_timeout(seconds: int) -> None:
    """Refuse a time to wait that is none, or that a run could hang on.

    Raises:
        SettingError: it is out of bounds.
    """
    if not 1 <= seconds <= LONGEST_TIMEOUT:
        raise SettingError(f"timeout is {seconds}: say 1 to {LONGEST_TIMEOUT} seconds", "timeout")


def with_paths(toml: Toml, content: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with their files as paths."""
    return {key: Path(toml.name).parent / value if key in FILES else value for key, value in content.items()}


def secret(file: Path) -> str:
    """The first line of a file.

    Raises:
        InputError: it cannot be read, or holds nothing; no octet of it is in the error.
    """
    try:
        line = file.read_text(encoding="utf-8-sig").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError):
        raise InputError("the file cannot be read", where=str(file)) from None
    if not line:
        raise InputError("the first line of the file is empty", where=str(file))
    return line


def within(timeout: int, send: Callable[[], T]) -> T:
    """Do it in a thread, which is left behind when it takes longer than so many seconds for each of ANSWERS.

    A name server that is silent and a server that trickles have no timeout of their own.

    Raises:
        TimeoutError: it took longer; what it raises, too.
    """
    came: list[T] = []
    went_wrong: list[Exception] = []

    def run() -> None:
        try:
            came.append(send())
        except Exception as error:
            went_wrong.append(error)

    thread = threading.Thread(target=run, name="adinspect notify", daemon=True)
    thread.start()
    thread.join(timeout * ANSWERS)
    for error in went_wrong:
        raise error
    for answer in came:
        return answer
    raise TimeoutError
