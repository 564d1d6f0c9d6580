"""Runs the command line in this process: what it printed where, and its exit code."""

from __future__ import annotations

import os
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from adinspect import definitions
from adinspect.cli import main


@dataclass(frozen=True)
class Run:
    """How a command ended."""

    code: int
    out: str
    err: str


def adinspect(*arguments: str | Path, folder: Path, stdin: str = "", **environment: str) -> Run:
    """Run a command in a folder; the environment is added to this one's, which has no option of adinspect in it."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ADINSPECT_")}
    out, err = StringIO(), StringIO()
    with (
        chdir(folder),
        patch.dict(os.environ, {**ours, **environment}, clear=True),
        patch("sys.argv", ["adinspect", *map(str, arguments)]),
        patch("sys.stdin", StringIO(stdin)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return Run(code, out.getvalue(), err.getvalue())


def collected(folder: Path, name: str, export: str, day: int = 24) -> None:
    """Collect an export (LDIF) of a day of November 2026 into the store of a folder, where `name` leads to its snapshot then."""
    (folder / f"{name}.ldif").write_text(export, encoding="utf-8")
    taken = f"2026-11-{day:02}T08:00:00Z"
    run = adinspect("collect", "--ldif", f"{name}.ldif", "--taken", taken, "-o", "store", folder=folder)
    assert run.code == 0, run.err
    (folder / name).symlink_to(run.out.strip().splitlines()[-1])


def shipped(folder: Path) -> str:
    """Collect the forest that ships with the package into the store `out/snapshots` of a folder, as of the demo's first day."""
    export = definitions.folder("demo") / "forest.ldif"
    taken = adinspect("collect", "--ldif", str(export), "--taken", "2026-11-24T08:00:00Z", "-o", "out/snapshots", folder=folder)
    assert taken.code == 0, taken.err
    return taken.out.strip()
