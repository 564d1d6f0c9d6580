"""`adinspect snapshots`: the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import format_option, print_rows
from adinspect.errors import StorageError

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


@command.command(name="check", short_help="Find what was damaged since it was saved.")
@click.argument("path", type=click.Path(path_type=Path))
@format_option
def check(path: Path, format: str) -> int:
    """Find what was damaged since it was saved, in a store or in one snapshot: a changed, cut or missing file.

    Every file is held against the SHA-256 that the manifest has of it, and the manifest against the name of its folder. Each
    damaged file is a row; exit 7 when there is one.

    \b
    adinspect snapshots check snapshots
    adinspect snapshots check snapshots/contoso.com/20261124T080000Z-1a2b3c4d5e6f
    """
    from pandas import DataFrame

    from adinspect import snapshot

    folders = [path] if snapshot.is_snapshot(path) else [snapshot.path_of(one) for one in snapshot.snapshots(path)]
    if not folders:
        raise StorageError(
            "there is no snapshot to check",
            where=str(path),
            next_step="Name a snapshot, or the folder given to collect -o.",
        )
    found = [(folder, one) for folder in folders for one in snapshot.check(folder)]
    if found:
        rows = [{"path": str(folder), "file": one.file, "damage": one.what} for folder, one in found]
        print_rows(DataFrame(rows, dtype="object"), format)
    damaged = len({folder for folder, _ in found})
    click.echo(f"{len(folders)} snapshots were checked, {damaged or 'none'} of them damaged.", err=True)
    return StorageError.exit_code if found else 0


def _row(one: Snapshot | Path) -> dict[str, Any]:
    if isinstance(one, Path):
        return {"state": "damaged", "path": str(one)}
    return {
        **{key: one.manifest[key] for key in ("forest", "taken", "state", "source")},
        "users": one.manifest["tables"].get("users", 0),
        "path": str(one.path),
    }
