"""`adinspect snapshots`: the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import format_option, print_rows, snapshot_argument
from adinspect.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@command.command(name="show")
@snapshot_argument
@format_option
def show(snapshot: Path, format: str) -> None:
    """Show what a snapshot is, the tables it holds with their rows, and what was not read.

    What was not read: searches that ended early, whole domains, and values that the account could not see, with how many.
    """
    from pandas import DataFrame

    from adinspect.snapshot import load

    rows = list(_shown(load(snapshot)))
    print_rows(DataFrame(rows, columns=["part", "name", "value"], dtype="object"), format)


def _shown(one: Snapshot) -> Iterator[tuple[str, str, Any]]:
    manifest = one.manifest
    for key in ("forest", "taken", "state", "source", "account", "adinspect", "without_guid", "undecoded"):
        yield "snapshot", key, manifest[key]
    for kind, sources in manifest.get("supplied", {}).items():
        yield "snapshot", kind, len(sources)
    for table, rows in sorted(manifest["tables"].items()):
        yield "table", table, rows
    for domain in manifest["unread_domains"]:
        yield "not read", domain, "the domain was not read: its users and contacts are not there"
    for searched in manifest["queries"]:
        if searched["state"] != "complete":
            yield "not read", f"{searched['query']} in {searched['context'] or searched['base']}", searched["reason"]
    for attribute, count in manifest["dropped"].items():
        yield "not read", attribute, f"{count} values were dropped: secret attributes are never kept"
    unseen = one.visibility.groupby(["table", "column", "state", "reason"], sort=True)["guid"].count()
    for (table, column, state, reason), objects in unseen.items():
        of = f" of {objects} objects" if objects else ""
        yield "not read", f"{table}.{column}" if column else table, f"{state}{of}: {reason}"


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
