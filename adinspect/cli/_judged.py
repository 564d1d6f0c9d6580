"""A snapshot opened and judged: what `assess`, `report`, `generate` and `demo` start from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from adinspect import diff, snapshot
from adinspect import profile as profiles
from adinspect import waivers as accepted
from adinspect.assess import Assessment, assess_seen, view_of, with_found
from adinspect.cli._options import printable
from adinspect.finding import Target
from adinspect.population import unmatched, with_expected
from adinspect.profile import Profile
from adinspect.snapshot import Snapshot
from adinspect.view import View
from adinspect.visibility import Unseen


@dataclass(frozen=True)
class Judged:
    """A snapshot and what was found in it for a target, as a profile wishes; held against an earlier one, what changed since."""

    snapshot: Snapshot
    assessment: Assessment
    target: Target
    profile: Profile
    seen: View
    compared: diff.Compared | None = None

    def view(self) -> View:
        """The tables as bulk CSVs may read them, what was found among them."""
        return with_found(self.seen, self.assessment)


def _check_population(opened: Snapshot, wishes: Profile) -> None:
    """Refuse a population that names nobody: its rules would find nothing and look clean."""
    named = wishes.population
    if not named.named:
        return
    users, unknown = with_expected(opened.tables, Unseen.of(opened.visibility), wishes)
    if unknown.empty and len(users) and not users["expected"].any():
        raise wishes.toml.wrong(f"none of the {len(users)} users belongs to the population", "population")
    if named.listed and (missing := unmatched(users, named.listed)):
        click.secho(f"{missing} names of the list of users match no user of this snapshot.", err=True, fg="yellow")


def judge(
    path: Path,
    *,
    target: str,
    profile: Path | None,
    waivers: Path | None,
    accept_partial: bool,
    whole: bool = False,
    earlier: Snapshot | None = None,
) -> Judged:
    """Open a snapshot and judge it; `whole` refuses a partial one unless the user accepts it. Waivers that do not hold are said.

    With an earlier snapshot, rules judge what changed since.

    Raises:
        ConfigurationError: the profile or the waivers are wrong, or the profile names a population that nobody belongs to.
        IncompleteError: the snapshot is partial and that was not accepted.
        StorageError: it is no snapshot, or damaged.
    """
    wishes, agreed = profiles.read(profile), accepted.read(waivers)
    opened = snapshot.load(path)
    if whole:
        opened.require_whole(accept_partial=accept_partial)
    chosen = Target(target)
    _check_population(opened, wishes)
    compared = diff.compare(diff.Moment.of(earlier), diff.Moment.of(opened)) if earlier else None
    changes = {diff.TABLE.name: diff.as_table(compared.changes)} if compared else {}
    seen = view_of({**opened.tables, **changes}, opened.visibility, target=chosen, today=opened.taken, profile=wishes)
    found = assess_seen(seen, accepted=agreed)
    for message in filter(None, found.waivers["message"]):
        click.secho(printable(message), err=True, fg="yellow")
    return Judged(opened, found, chosen, wishes, seen, compared)
