"""A snapshot opened and judged: what `assess`, `report`, `generate` and `demo` start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from adinspect import profile as profiles
from adinspect import snapshot
from adinspect.assess import Assessment, assess, view_of
from adinspect.finding import Target
from adinspect.profile import Profile
from adinspect.snapshot import Snapshot
from adinspect.view import View


@dataclass(frozen=True)
class Judged:
    """A snapshot and what was found in it for a target, as a profile wishes."""

    snapshot: Snapshot
    assessment: Assessment
    target: Target
    profile: Profile

    def view(self) -> View:
        """The tables as bulk CSVs may read them, the findings among them."""
        one = self.snapshot
        seen = view_of(one.tables, one.visibility, target=self.target, today=one.taken, profile=self.profile)
        return replace(seen, tables={**seen.tables, "findings": self.assessment.findings})


def judge(path: Path, *, target: str, profile: Path | None, accept_partial: bool, whole: bool = False) -> Judged:
    """Open a snapshot and judge it; `whole` refuses a partial one unless the user accepts it.

    Raises:
        ConfigurationError: the profile is wrong.
        IncompleteError: the snapshot is partial and that was not accepted.
        StorageError: it is no snapshot, or damaged.
    """
    wishes = profiles.read(profile)
    opened = snapshot.load(path)
    if whole:
        opened.require_whole(accept_partial=accept_partial)
    chosen = Target(target)
    found = assess(opened.tables, opened.visibility, target=chosen, today=opened.taken, profile=wishes)
    return Judged(opened, found, chosen, wishes)
