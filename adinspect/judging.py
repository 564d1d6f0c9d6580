"""A snapshot opened and judged: what commands, reports and the scheduled job start from."""

from __future__ import annotations

from dataclasses import dataclass, field

from adinspect import diff
from adinspect.assess import Assessment, assess_seen, view_of, with_found
from adinspect.finding import Target
from adinspect.population import unmatched, with_expected
from adinspect.profile import Profile
from adinspect.snapshot import Snapshot
from adinspect.view import View
from adinspect.visibility import Unseen
from adinspect.waivers import Waivers


@dataclass(frozen=True)
class Judged:
    """A snapshot and what was found in it for a target, as a profile wishes; held against an earlier one, what changed since.

    `remarks` are what whoever keeps the profile and the waivers should know; `accepted` are those waivers.
    """

    snapshot: Snapshot
    assessment: Assessment
    target: Target
    profile: Profile
    seen: View
    compared: diff.Compared | None = None
    remarks: tuple[str, ...] = ()
    accepted: Waivers = field(default_factory=Waivers)

    def view(self) -> View:
        """The tables as bulk CSVs may read them, what was found among them."""
        return with_found(self.seen, self.assessment)


def judge(
    opened: Snapshot, *, target: Target, profile: Profile, waivers: Waivers, compared: diff.Compared | None = None
) -> Judged:
    """Judge a snapshot; with what it came to beside an earlier one, rules judge what changed since.

    Raises:
        ConfigurationError: the profile or the waivers are wrong, or the profile names a population that nobody belongs to.
        StorageError: the snapshot is damaged.
    """
    unknown = _check_population(opened, profile)
    changes = {diff.TABLE.name: diff.as_table(compared.changes)} if compared else {}
    seen = view_of({**opened.tables, **changes}, opened.visibility, target=target, today=opened.taken, profile=profile)
    found = assess_seen(seen, accepted=waivers)
    remarks = tuple(filter(None, (unknown, *found.waivers["message"])))
    return Judged(opened, found, target, profile, seen, compared, remarks, waivers)


def for_target(judged: Judged, target: Target) -> Judged:
    """The same snapshot judged for another target, by the same profile and waivers (see `judge`)."""
    if target is judged.target:
        return judged
    return judge(judged.snapshot, target=target, profile=judged.profile, waivers=judged.accepted, compared=judged.compared)


def _check_population(opened: Snapshot, wishes: Profile) -> str:
    """Refuse a population that names nobody: its rules would find nothing and look clean. What of its list is not known."""
    named = wishes.population
    if not named.named:
        return ""
    users, unknown = with_expected(opened.tables, Unseen.of(opened.visibility), wishes)
    if unknown.empty and len(users) and not users["expected"].any():
        raise wishes.toml.wrong(f"none of the {len(users)} users belongs to the population", "population")
    missing = unmatched(users, named.listed) if named.listed else 0
    return f"{missing} names of the list of users match no user of this snapshot." if missing else ""
