"""How much may be gone before nothing is concluded from it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from directories import forest, schema, user
from stores import CUT, HIDDEN, ROOT, TAKEN, collected, flip, save

from adinspect import shrink, snapshot, store, taking
from adinspect.directory.memory import MemoryDirectory
from adinspect.errors import SafetyError, StorageError
from adinspect.remote import Place
from adinspect.shrink import Fall, falls
from adinspect.snapshot import Snapshot, Supplied
from adinspect.visibility import State, Unseen, rows


def objects(name: str, count: int, first: int = 0) -> frozenset[str]:
    return frozenset(f"{name}-{number}" for number in range(first, first + count))


@pytest.mark.parametrize(
    ("before", "after", "too_much"),
    [
        (20_000, 19_500, False),
        (20_000, 19_499, True),
        (200, 190, False),
        (200, 189, True),
        (1_000, 950, False),
        (1_000, 949, True),
        (199, 1, False),
        (199, 0, True),
        (1, 0, True),
        (0, 0, False),
        (200, 300, False),
    ],
)
def test_the_limits_of_one_table(before: int, after: int, too_much: bool) -> None:
    lost = falls({"users": objects("u", before)}, {"users": objects("u", after)})
    assert lost == ([Fall("users", before, after, before - after)] if too_much else [])


@pytest.mark.parametrize(("gone", "too_much"), [(250, False), (251, True)])
def test_the_objects_of_all_tables_count_together(gone: int, too_much: bool) -> None:
    before = {"users": objects("u", 20_000), "contacts": objects("c", 20_000), "gateways": objects("g", 9)}
    after = {**before, "users": objects("u", 19_750), "contacts": objects("c", 20_000 - gone)}
    assert [fall.table for fall in falls(before, after)] == (["contacts", "users"] if too_much else [])


def test_new_objects_do_not_make_up_for_what_is_gone() -> None:
    assert falls({"users": objects("u", 300)}, {"users": objects("u", 300, 16)}) == [Fall("users", 300, 300, 16)]
    assert falls({"users": objects("u", 300)}, {"users": objects("u", 300, 15)}) == []


def test_an_object_that_another_table_holds_now_is_not_gone() -> None:
    assert falls({"users": objects("u", 2), "contacts": frozenset()}, {"users": frozenset(), "contacts": objects("u", 2)}) == []


def emptied(folder: Path, day: int = 25, reason: str = "") -> Snapshot:
    """A snapshot without the user that the others hold."""
    found = collected()
    nobody = replace(found, tables={"users": found.tables["users"].slice(0, 0)})
    unseen = rows(("users", "", None, State.INCOMPLETE, reason)) if reason else HIDDEN
    return snapshot.save(nobody, unseen, ROOT, folder, taken=TAKEN.replace(day=day))


def test_two_snapshots_are_held_against_each_other(tmp_path: Path) -> None:
    older, newer = save(tmp_path, day=24), save(tmp_path, day=25)
    shrink.check(older, newer)
    with pytest.raises(SafetyError, match=r"since the snapshot of 2026-11-24 08:00 UTC: users: 1 of 1 gone, 0 now\n") as caught:
        shrink.check(older, emptied(tmp_path))
    assert caught.value.exit_code == 8
    assert "--accept-shrink" in caught.value.next_step
    assert re.search(rf"20261125T\S+, held against \S*{older.path.name}", caught.value.where)


def test_what_the_snapshot_says_of_the_fall_is_told_and_does_not_excuse_it(tmp_path: Path) -> None:
    with pytest.raises(SafetyError, match=r"0 now, not read whole: a domain was not read"):
        shrink.check(save(tmp_path, day=24), emptied(tmp_path, reason="a domain was not read"))


def test_what_was_supplied_beside_the_directory_does_not_count(tmp_path: Path) -> None:
    beside = Supplied({"cs_pools": collected().tables["users"]}, {})
    older = snapshot.save(collected(), HIDDEN, ROOT, tmp_path, taken=TAKEN, supplied=beside)
    shrink.check(older, save(tmp_path, day=25))


# --- what a snapshot is held against ---


def test_the_last_complete_snapshot_of_the_forest_before_a_moment(tmp_path: Path) -> None:
    first, second = (save(tmp_path, day=day) for day in (1, 2))
    save(tmp_path, CUT, day=3)
    save(tmp_path, forest="fabrikam.com", day=3)
    newest = save(tmp_path, day=4)

    def last(forest: str, before: Snapshot) -> Place | None:
        found = store.last_complete(tmp_path, forest, before.taken)
        return found.path if found else None

    assert last("contoso.com", newest) == second.path
    assert last("CONTOSO.com", second) == first.path
    assert last("contoso.com", first) is None
    flip(second.path / "users.parquet", 50)
    assert last("contoso.com", newest) == first.path


def test_the_store_of_a_snapshot_is_where_it_stands(tmp_path: Path) -> None:
    saved = save(tmp_path / "store")
    assert store.of(saved) == tmp_path / "store"
    alone = saved.path.rename(tmp_path / saved.path.name)
    assert store.of(snapshot.load(alone)) is None
    with pytest.raises(StorageError, match="no such folder"):
        store.last_complete(tmp_path / "nowhere", "contoso.com", TAKEN)


def test_a_link_leads_to_the_store(tmp_path: Path) -> None:
    saved = save(tmp_path / "store")
    (tmp_path / "link").symlink_to(saved.path)
    assert store.of(snapshot.load(tmp_path / "link")) == tmp_path / "store"


def lines(count: int, first: int = 0) -> pa.Table:
    """Three hundred users, and their lines; those from `first` on, so many, have one."""
    shown = [f"tel:+1425555{number:04}" if first <= number < first + count else None for number in range(300)]
    return pa.table({"guid": sorted(objects("u", 300)), "line_uri": pa.array(shown, pa.string())})


NOT_READ = State.UNREADABLE, "may not be read"


@pytest.mark.parametrize(
    ("before", "after", "hidden", "gone"),
    [
        (lines(200), lines(100), (), 0),
        (lines(200), lines(99), (), 101),
        (lines(199), lines(0), (), 0),
        (lines(200), lines(199, 101), (), 101),
        (lines(200), lines(0), [("users", "line_uri", None, *NOT_READ)], 0),
        (lines(200), lines(0), [("users", "line_uri", guid, *NOT_READ) for guid in sorted(objects("u", 300))], 0),
        (lines(200), lines(0).slice(100), (), 0),
    ],
    ids=[
        "half",
        "more than half",
        "few",
        "others do not make up for them",
        "said of all",
        "said of each",
        "the objects are gone",
    ],
)
def test_values_that_are_gone_from_most_objects(before: pa.Table, after: pa.Table, hidden: Any, gone: int) -> None:
    there = frozenset(after["guid"].to_pylist())
    told = [f"users.line_uri: gone from {gone} of 200 objects"] if gone else []
    assert list(shrink.cleared("users", before, after, there, Unseen.of(rows(*hidden)))) == told


def test_an_attribute_that_nobody_shows_any_more_is_told_whatever_table_it_is_kept_in(tmp_path: Path) -> None:
    def saved(day: int, *addresses: str) -> Snapshot:
        people = [user(f"u{number}", proxyAddresses=list(addresses), **HELD[day]) for number in range(shrink.COUNTED)]
        taken = taking.take(MemoryDirectory([*forest(*schema()), *people]), tmp_path, TAKEN.replace(day=day))
        return snapshot.load(taken.path)

    older, newer = saved(1, "SMTP:a@contoso.com", "EUM:a"), saved(2)
    with pytest.raises(SafetyError) as caught:
        shrink.check(older, newer)
    assert "users.line_uri: gone from 200 of 200 objects" in caught.value.what
    assert "proxy_addresses.address: gone from 200 of 200 objects" in caught.value.what
    shrink.check(newer, older)


ENABLED = {"msRTCSIP-UserEnabled": "TRUE"}
HELD = {1: {**ENABLED, "msRTCSIP-Line": "tel:+14255550100"}, 2: ENABLED}
