"""A workbook that came back from people, read as if it meant harm: looked at first, then parsed in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from adinspect.errors import InputError
from adinspect.workbook import guard
from adinspect.workbook.child import TEXT

SECONDS = 900
"""How long parsing may take by the clock."""

START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from adinspect.workbook.child import main; main()"
"""What the child runs: isolated from the environment and the working folder, it finds modules where this process does."""


class Cell(NamedTuple):
    """What a cell holds: a text, or something else that `kind` names (child.FORMULA ...), as it is shown."""

    text: str
    kind: str = TEXT


Row = Mapping[int, Cell]
"""The cells of a row that hold something, by their column counted from 0."""

Sheets = Mapping[str, Mapping[int, Row]]
"""The rows of each sheet that hold something, by the number a spreadsheet shows."""


def read(path: Path) -> Sheets:
    """Read the sheets of a workbook; of one that is for people alone, nothing but its name.

    Raises:
        InputError: it cannot be read, or is no plain workbook; says which part of it.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(guard.LARGEST + 1)
    except OSError as error:
        raise InputError(f"the workbook cannot be read: {error.strerror or error}", where=str(path), safe=guard.SAFE) from None
    guard.check(octets, str(path))
    return _sheets(_parsed(octets, path), path)


def _parsed(octets: bytes, path: Path) -> Iterator[Any]:
    """The lines that the child tells; its end without the last one is a refusal."""
    found = json.dumps([entry for entry in sys.path if Path(entry).is_absolute()])
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, and nothing of the workbook among its arguments
            [sys.executable, "-I", "-c", START, found],
            input=octets,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _unread(path, f"reading it took more than {SECONDS} seconds") from None
    told = done.stdout.splitlines()
    if not told or told[-1] != b'["end"]':
        raise _unread(path, f"the process that reads it ended early ({done.returncode})")
    return map(json.loads, told[:-1])


def _unread(path: Path, why: str, where: str = "") -> InputError:
    place = f"{path}, {where}" if where else str(path)
    return InputError(f"the workbook cannot be read: {why}", where=place, safe=guard.SAFE, next_step=guard.AGAIN)


def _sheets(lines: Iterator[Any], path: Path) -> Sheets:
    sheets: dict[str, dict[int, Row]] = {}
    name = ""
    for line in lines:
        match line:
            case ["sheet", str() as name]:
                sheets[name] = {}
            case ["row", int() as number, dict() as cells]:
                sheets[name][number] = {int(place): _cell(told) for place, told in cells.items()}
            case ["broken", str() as where, str() as why]:
                raise _unread(path, why, where)
    return sheets


def _cell(told: Any) -> Cell:
    return Cell(told) if isinstance(told, str) else Cell(told[1], told[0])
