"""A snapshot opened and judged as the options of a command say: what `assess`, `report`, `generate` and `demo` start from."""

from __future__ import annotations

from pathlib import Path

import click

from adinspect import diff, judging, past, shrink, snapshot, store
from adinspect import profile as profiles
from adinspect import waivers as accepted
from adinspect.cli._options import printable
from adinspect.finding import Target
from adinspect.judging import Judged
from adinspect.remote import Place
from adinspect.snapshot import Snapshot

__all__ = ["Judged", "judge"]


def judge(
    path: Place,
    *,
    target: str,
    profile: Path | None,
    waivers: Path | None,
    accept_partial: bool,
    whole: bool = False,
    earlier: Snapshot | None = None,
    accept_shrink: bool = True,
) -> Judged:
    """Open a snapshot and judge it; `whole` refuses a partial one unless the user accepts it. Waivers that do not hold are said.

    With an earlier snapshot, rules judge what changed since. Where a shrink is not accepted, the snapshot must not lack too much
    of what the earlier one held, or without one the last before it in its store.

    Raises:
        ConfigurationError: the profile or the waivers are wrong, or the profile names a population that nobody belongs to.
        IncompleteError: the snapshot is partial and that was not accepted.
        SafetyError: it lacks too much.
        StorageError: it is no snapshot, or damaged.
    """
    wishes, agreed = profiles.read(profile), accepted.read(waivers)
    opened = snapshot.load(path)
    if whole:
        opened.require_whole(accept_partial=accept_partial)
    if not accept_shrink:
        _require_unshrunk(opened, earlier)
    compared = diff.compare(diff.Moment.of(earlier), diff.Moment.of(opened)) if earlier else None
    judged = judging.judge(opened, target=Target(target), profile=wishes, waivers=agreed, compared=compared)
    for remark in judged.remarks:
        click.secho(printable(remark), err=True, fg="yellow")
    return judged


def _require_unshrunk(opened: Snapshot, earlier: Snapshot | None) -> None:
    where = store.of(opened)
    older = earlier or (past.settled(where, opened.manifest["forest"], opened.taken) if where else None)
    if older:
        shrink.check(older, opened)
