"""What the time before a snapshot tells of its findings: from the stored history, or from the snapshots that are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd
from pandas import Series

from adinspect import history, store
from adinspect.errors import ConfigurationError, StorageError
from adinspect.finding import Target
from adinspect.history import WITHIN, History, Run, advance, facts_of
from adinspect.lives import Judgement, Life, Lives, by_life
from adinspect.profile import Profile
from adinspect.remote import Place
from adinspect.snapshot import Snapshot, check
from adinspect.waivers import Waivers


@dataclass(frozen=True, eq=False)
class Pair:
    """Two snapshots of a forest, and what was found at each, judged alike."""

    older: Snapshot
    newer: Snapshot
    before: Judgement
    now: Judgement


def settled(where: Place, forest: str, before: datetime) -> Snapshot | None:
    """The snapshot that one of a moment is held against: the last complete one before it.

    Where the scheduled job keeps a history, the last complete one that entered it. One that lacks too much never is, though it
    may be complete: whatever is held against it passes.

    Raises:
        StorageError: there is no such store, or a history in it is damaged.
    """
    runs = [history.load(where, forest, target).runs for target in Target]
    entered = {name for one in runs for name in one.loc[one["state"] == "complete", "snapshot"]}
    older = (one for one in reversed(store.of_forest(where, forest)) if one.path.name in entered and one.taken < before)
    return next((one for one in older if not check(one.path)), None) or store.last_complete(where, forest, before)


def rebuilt(snapshots: Iterable[Snapshot], judged: Callable[[Snapshot], Judgement], accepted: Waivers, within: int) -> History:
    """The history of snapshots, oldest first, each judged in the same way; those that are damaged count for nothing."""
    grown = History()
    for one in snapshots:
        if not check(one.path):
            grown, _ = advance(grown, Run.of(one), judged(one), accepted, within=within)
    return grown


def before(newer: Snapshot, *, target: Target, profile: Profile, accepted: Waivers, within: int = WITHIN) -> History:
    """The history that a snapshot in a store goes on with: the stored one; without one, that of the last snapshots before it.

    Raises:
        ConfigurationError: the history is past the moment of the snapshot.
        StorageError: the stored history is damaged.
    """
    where, forest = store.of(newer), newer.manifest["forest"]
    if where is None:
        return History()
    kept = history.load(where, forest, target)
    if len(kept.runs):
        return kept.until(newer.taken, str(history.path_of(where, forest, target)))

    def judged(one: Snapshot) -> Judgement:
        return Judgement.of(replace(one), target=target, profile=profile, accepted=accepted)

    return rebuilt(_earlier(where, newer)[-within:], judged, accepted, within)


def _earlier(where: Place, newer: Snapshot) -> list[Snapshot]:
    return [one for one in store.counting(where, newer.manifest["forest"]) if one.taken < newer.taken]


def between(
    pair: Pair, accepted: Waivers, say: Callable[[str], None] = lambda text: None, *, within: int = WITHIN
) -> History | None:
    """The history up to the newer one of two snapshots; None where they stand in no store, or in two.

    It is the stored one where that was judged alike, knows the older snapshot, and lacks none since. Else it is made of the older
    one and the last `within` before the newer, all judged again; `say` is told of each. Those that are damaged count for nothing.
    """
    where = store.of(pair.newer)
    if where is None or store.of(pair.older) != where:
        return None
    earlier = _earlier(where, pair.newer)
    base = _stored(where, pair, accepted, earlier) or _made(pair, accepted, earlier[-within:], say, within)
    return advance(base, Run.of(pair.newer), pair.now, accepted, within=within)[0]


def _stored(where: Place, pair: Pair, accepted: Waivers, earlier: Sequence[Snapshot]) -> History | None:
    """What is stored of the time before the newer snapshot, if it can be gone on with."""
    try:
        base = history.load(where, pair.newer.manifest["forest"], pair.now.view.context["target"]).until(pair.newer.taken)
    except (ConfigurationError, StorageError):  # it is past that moment, or damaged: the snapshots tell the same
        return None
    names = list(base.runs["snapshot"])
    alike = base.facts == facts_of(pair.now, accepted)
    covers = names and earlier and names[-1] == earlier[-1].path.name and pair.older.path.resolve().name in names
    return base if alike and covers else None


def _made(pair: Pair, accepted: Waivers, last: Sequence[Snapshot], say: Callable[[str], None], within: int) -> History:
    context = pair.now.view.context

    def judged(one: Snapshot) -> Judgement:
        if one.path.name == older:
            return pair.before
        say(one.path.name)
        return Judgement.of(replace(one), target=context["target"], profile=context["profile"], accepted=accepted)

    older = pair.older.path.resolve().name
    known = {one.path.name for one in last}
    first = [] if older in known or pair.older.taken >= pair.newer.taken else [pair.older]
    return rebuilt(sorted([*first, *last], key=lambda one: one.taken), judged, accepted, within)


def recalled(found: Lives, past: History, pair: Pair, accepted: Waivers) -> Lives:
    """What became of findings between two snapshots, with what a history up to the newer one knows besides.

    New to the older snapshot, a finding is open if it stood before and could just not be seen then; it is regressed if it came
    back, which one that stood at the older snapshot may have done, too.
    """
    after, then = pair.now.assessment.findings, pd.Timestamp(pair.older.taken)
    was = past.findings.set_index("key").reindex(after["key"]).set_axis(after.index)
    back = was["returned"].gt(0) & was["since"].gt(then)
    known = (~after["key"].isin(found.found[Life.NEW]["key"]) | was["since"].le(then)) & ~back
    gone = found.found[Life.RESOLVED]
    told = by_life(after, known, back, gone, Series("", gone.index), accepted)
    told[Life.UNKNOWN] = found.found[Life.UNKNOWN]
    unsure = frozenset(after["key"][was["unsure"].eq(True)]) & frozenset(told[Life.NEW]["key"])
    return replace(found, found=told, unsure=unsure)
