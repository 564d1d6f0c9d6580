"""`adinspect snapshots`: the store."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import format_option, print_rows, snapshot_argument
from adinspect.cli._places import PLACE
from adinspect.errors import StorageError
from adinspect.remote import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adinspect.snapshot import Snapshot
    from adinspect.store import Decision


@click.group(name="snapshots")
def command() -> None:
    """Look into a store of snapshots: a folder, or the URL of one (s3://bucket/folder)."""


@command.command(name="list")
@click.argument("store", type=PLACE)
@format_option
def list_(store: Place, format: str) -> None:
    """List the snapshots of a store, forest by forest, oldest first."""
    from pandas import DataFrame

    from adinspect.snapshot import snapshots

    rows = [_row(one) for one in snapshots(store)]
    print_rows(DataFrame(rows, columns=["forest", "taken", "state", "users", "source", "path"], dtype="object"), format)


@command.command(name="show")
@snapshot_argument
@format_option
def show(snapshot: Place, format: str) -> None:
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
@click.argument("path", type=PLACE)
@format_option
def check(path: Place, format: str) -> int:
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


@command.command(name="prune", short_help="Remove old snapshots of a store.")
@click.argument("store", type=PLACE)
@click.option("--keep-last", type=click.IntRange(min=1), help="Keep so many snapshots, the newest ones.")
@click.option("--keep-daily", type=click.IntRange(min=1), help="Keep the last snapshot of each of so many days that have one.")
@click.option("--keep-weekly", type=click.IntRange(min=1), help="The same of weeks, which begin on Monday.")
@click.option("--keep-monthly", type=click.IntRange(min=1), help="The same of months.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@format_option
def prune(store: Place, format: str, dry_run: bool, **keep: int | None) -> None:
    """Remove the snapshots of a store that no --keep option keeps; each forest is counted by itself, in days of UTC.

    The last complete snapshot of a forest always stays. Partial snapshots are counted apart from complete ones, so that none
    takes the place of a complete one. Every file is checked first: a damaged snapshot is named, left where it is, and counts
    for nothing. While another run holds the store, exit 6.

    \b
    adinspect snapshots prune snapshots --keep-daily 14 --keep-weekly 8 --keep-monthly 24 --dry-run
    """
    from pandas import DataFrame

    from adinspect.snapshot import snapshots
    from adinspect.store import Keep, decide, remove, writing

    wanted = Keep(**{name.removeprefix("keep_"): number or 0 for name, number in keep.items()})
    any(snapshots(store))  # a store that is not there is said, not made
    with nullcontext() if dry_run else writing(store, "adinspect snapshots prune"):
        decided = decide(store, wanted)
        for one in decided:
            if one.removed and not dry_run:
                remove(one.path)
    print_rows(DataFrame([_pruned(one) for one in decided], columns=["path", "action", "why"], dtype="object"), format)
    gone = sum(one.removed for one in decided)
    click.echo(f"{gone or 'No'} snapshots {'would be' if dry_run else 'were'} removed, {len(decided) - gone} stay.", err=True)


def _pruned(one: Decision) -> dict[str, str]:
    action = "remove" if one.removed else "leave: damaged" if one.damage else "keep"
    return {"path": str(one.path), "action": action, "why": one.damage or ", ".join(one.kept)}


def _row(one: Snapshot | Place) -> dict[str, Any]:
    from adinspect.snapshot import Snapshot

    if not isinstance(one, Snapshot):
        return {"state": "damaged", "path": str(one)}
    return {
        **{key: one.manifest[key] for key in ("forest", "taken", "state", "source")},
        "users": one.manifest["tables"].get("users", 0),
        "path": str(one.path),
    }
