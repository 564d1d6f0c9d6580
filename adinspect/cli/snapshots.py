"""`adinspect snapshots`: the store."""

from __future__ import annotations

from pathlib import Path

import click

from adinspect.cli._options import format_option, print_rows


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

    rows = [
        {
            "forest": one.manifest["forest"],
            "taken": one.manifest["taken"],
            "state": one.manifest["state"],
            "users": one.manifest["tables"].get("users", 0),
            "source": one.manifest["source"],
            "path": str(one.path),
        }
        for one in snapshots(store)
    ]
    print_rows(DataFrame(rows, columns=["forest", "taken", "state", "users", "source", "path"]), format)
