"""`adinspect snapshots`: the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import format_option, print_rows

if TYPE_CHECKING:
    from adinspect.snapshot import Snapshot


@click.group(name="snapshots")
def command() -> None:
    """Look into a store of snapshots."""


@command.command(name="list")
@click.argument("store", type=click.Path(path_type=Path))
@format_option
def list_(store: Path, format: str) -> None:
    """List the snapshots of a store, forest by forest, oldest first."""
    from pandas import DataFrame

    from adinspect.snapshot import snapshots

    rows = [_row(one) for one in snapshots(store)]
    print_rows(DataFrame(rows, columns=["forest", "taken", "state", "users", "source", "path"], dtype="object"), format)


def _row(one: Snapshot | Path) -> dict[str, Any]:
    if isinstance(one, Path):
        return {"state": "damaged", "path": str(one)}
    return {
        **{key: one.manifest[key] for key in ("forest", "taken", "state", "source")},
        "users": one.manifest["tables"].get("users", 0),
        "path": str(one.path),
    }
