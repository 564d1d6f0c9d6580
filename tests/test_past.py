"""What the time before a snapshot tells of its findings."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from directories import forest, schema, user
from stores import flip

from adinspect import history, past, rules, snapshot, store, taking
from adinspect.assess import assess_seen, view_of
from adinspect.directory.memory import MemoryDirectory
from adinspect.errors import StorageError
from adinspect.finding import Target
from adinspect.history import History, Run, advance
from adinspect.lives import Judgement, Lives, lives
from adinspect.profile import Profile
from adinspect.remote import Place
from adinspect.snapshot import Snapshot
from adinspect.testing import EVERYONE, TODAY
from adinspect.waivers import Waivers

TARGET = Target.UM_LYNC
NOBODY = Waivers()
LINES = {"f": "5550100", ".": "tel:+14255550100"}
"""A faulty line and a sound one."""

RULE = "USR-009"


def saved(store: Path, line: str, day: int) -> Snapshot:
    """A forest with one user, whose line is faulty or not."""
    ada = user("ada", **{"msRTCSIP-Line": LINES[line], "msRTCSIP-UserEnabled": "TRUE"})
    taken = taking.take(MemoryDirectory([*forest(*schema()), ada]), store, TODAY + timedelta(days=day))
    return snapshot.load(taken.path)


def judged(one: Snapshot) -> Judgement:
    return Judgement.of(one, target=TARGET, profile=EVERYONE, accepted=NOBODY)


@pytest.fixture(autouse=True)
def one_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge by one rule alone: all of them take half a second a snapshot, and tell no more of what is tested here."""

    def quick(opened: Snapshot, *, target: Target, profile: Profile, accepted: Waivers) -> Judgement:
        view = view_of(opened.tables, opened.visibility, target=target, today=opened.taken, profile=profile)
        return Judgement(assess_seen(view, catalogue=[rules.shipped()[RULE]], accepted=accepted), view)

    monkeypatch.setattr(Judgement, "of", quick)


def pair(older: Snapshot, newer: Snapshot) -> past.Pair:
    return past.Pair(older, newer, judged(older), judged(newer))


def store_history(store: Path, snapshots: list[Snapshot]) -> History:
    grown = History()
    for one in snapshots:
        grown, _ = advance(grown, Run.of(one), judged(one), NOBODY)
    history.save(grown, store, "contoso.example", TARGET)
    return grown


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Snapshot]]:
    """A store, and its snapshots of five nights, of which the third and the fifth find the line mended."""
    store = tmp_path_factory.mktemp("nights")
    return store, [saved(store, line, day) for day, line in enumerate("ff.f.")]


def row_of(grown: History | None) -> tuple[object, ...]:
    assert grown
    (row,) = grown.findings[grown.findings["rule"] == RULE].itertuples()
    return row.state, (row.since - TODAY).days, row.runs, row.returned


def life_of(found: Lives) -> str:
    (life,) = [life.value for life, rows in found.found.items() if RULE in set(rows["rule"])]
    return life


@pytest.mark.parametrize(
    ("older", "newer", "row", "alone", "with_the_past"),
    [
        (0, 1, ("open", 0, 2, 0), "open", "open"),
        (2, 3, ("open", 3, 1, 1), "new", "regressed"),
        (1, 3, ("open", 3, 1, 1), "open", "regressed"),
        (0, 2, ("resolved", 0, 2, 0), "resolved", "resolved"),
    ],
)
def test_the_snapshots_before_tell_what_two_do_not(
    nights: tuple[Path, list[Snapshot]], older: int, newer: int, row: tuple[object, ...], alone: str, with_the_past: str
) -> None:
    both = pair(nights[1][older], nights[1][newer])
    again: list[str] = []
    grown = past.between(both, NOBODY, again.append)
    assert row_of(grown) == row
    assert again == [one.path.name for one in nights[1][:newer] if one is not both.older]
    found = lives(both.before, both.now, NOBODY)
    assert grown
    assert (life_of(found), life_of(past.recalled(found, grown, both, NOBODY))) == (alone, with_the_past)


def test_an_older_snapshot_than_the_last_counts_first(nights: tuple[Path, list[Snapshot]]) -> None:
    grown = past.between(pair(nights[1][0], nights[1][3]), NOBODY, within=1)
    assert grown
    assert list(grown.runs["snapshot"]) == [nights[1][number].path.name for number in (0, 2, 3)]


def test_a_stored_history_spares_judging_again(tmp_path: Path) -> None:
    first, second, third = (saved(tmp_path, "f", day) for day in range(3))
    again: list[str] = []
    store_history(tmp_path, [first, second])
    assert row_of(past.between(pair(first, third), NOBODY, again.append)) == ("open", 0, 3, 0)
    store_history(tmp_path, [first, second, third])
    assert row_of(past.between(pair(first, third), NOBODY, again.append)) == ("open", 0, 3, 0)
    assert again == []
    store_history(tmp_path, [second])
    assert row_of(past.between(pair(first, third), NOBODY, again.append)) == ("open", 0, 3, 0)
    assert again == [second.path.name]  # the stored one does not know the older snapshot


def test_a_history_that_was_judged_otherwise_or_is_damaged_is_not_gone_on_with(tmp_path: Path) -> None:
    first, second = (saved(tmp_path, "f", day) for day in range(2))
    grown = store_history(tmp_path, [first])
    both, again = pair(first, second), list[str]()
    otherwise = History(grown.runs, grown.findings.iloc[:0], {**grown.facts, "profile": "another"}, grown.unjudged)
    path = history.save(otherwise, tmp_path, "contoso.example", TARGET)
    assert row_of(past.between(both, NOBODY)) == ("open", 0, 2, 0)
    assert isinstance(path, Path)
    flip(path, 40)
    assert row_of(past.between(both, NOBODY, again.append)) == ("open", 0, 2, 0)


def test_outside_a_store_there_is_no_past(tmp_path: Path) -> None:
    first, other = saved(tmp_path / "one", "f", 0), saved(tmp_path / "other", "f", 1)
    assert past.between(pair(first, other), NOBODY) is None
    assert isinstance(other.path, Path)
    apart = snapshot.load(other.path.rename(tmp_path / other.path.name))
    assert past.between(pair(first, apart), NOBODY) is None
    assert past.before(apart, target=TARGET, profile=Profile(), accepted=NOBODY).runs.empty


def test_a_damaged_snapshot_counts_for_nothing(tmp_path: Path) -> None:
    first, second, third = (saved(tmp_path, "f", day) for day in range(3))
    assert isinstance(second.path, Path)
    flip(second.path / "users.parquet", 50)
    assert row_of(past.between(pair(first, third), NOBODY)) == ("open", 0, 2, 0)


def test_a_run_goes_on_with_what_is_stored_or_with_what_the_snapshots_tell(tmp_path: Path) -> None:
    first, second = (saved(tmp_path, "f", day) for day in range(2))

    def before() -> list[str]:
        return list(past.before(second, target=TARGET, profile=EVERYONE, accepted=NOBODY).runs["snapshot"])

    assert before() == [first.path.name]
    store_history(tmp_path, [second])
    assert before() == []


def test_a_snapshot_that_lacks_too_much_is_no_part_of_the_past_unless_it_is_named(tmp_path: Path) -> None:
    first, second, third = (saved(tmp_path, line, day) for day, line in enumerate("f.f"))
    store.stop(second)
    assert row_of(past.between(pair(first, third), NOBODY)) == ("open", 0, 2, 0)
    assert row_of(past.between(pair(second, third), NOBODY)) == ("open", 2, 1, 1)


def test_a_snapshot_is_held_against_the_last_that_entered_the_history(tmp_path: Path) -> None:
    first, second, third = (saved(tmp_path, "f", day) for day in range(3))

    def settled() -> Place | None:
        found = past.settled(tmp_path, "contoso.example", third.taken)
        return found.path if found else None

    assert settled() == second.path
    store_history(tmp_path, [first])  # the job stopped at the second
    assert settled() == first.path
    assert isinstance(first.path, Path)
    flip(first.path / "users.parquet", 50)
    assert settled() == second.path
    path = history.path_of(tmp_path, "contoso.example", TARGET)
    assert isinstance(path, Path)
    flip(path, 40)
    with pytest.raises(StorageError, match="damaged"):
        settled()
