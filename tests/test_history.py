"""Findings over time."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from stores import save as save_snapshot

from adinspect import history, rules, snapshot
from adinspect.assess import assess_seen, view_of
from adinspect.errors import ConfigurationError, StorageError
from adinspect.finding import Target
from adinspect.history import WITHIN, History, Run, advance
from adinspect.lives import Judgement, Life, Lives
from adinspect.profile import Profile
from adinspect.remote import place
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.visibility import State, rows
from adinspect.waivers import Waiver, Waivers

RULE = "USR-009"
"""Line URI is not a tel: URI with an E.164 number."""

KEY = f"{RULE}/a"
NOBODY = Waivers()
STATES = {
    "f": ("Ada | a | 5550100", ()),
    ".": ("Ada | a | tel:+14255550100", ()),
    "-": ("", ()),
    "h": ("Ada | a | -", (("users", "line_uri", "a", State.UNREADABLE, "may not be read"),)),
    "s": ("Ada | a | -", (("users", "line_uri", None, State.UNREADABLE, "may not be read by anybody"),)),
    "p": ("", (("users", "", None, State.INCOMPLETE, "the server cut the connection"),)),
}
"""How a run may see Ada: with the fault, without, not at all (removed), with her line hidden, or everybody's, or cut off."""


def judged(
    state: str, day: int, accepted: Waivers = NOBODY, profile: Profile = EVERYONE, codes: Iterable[str] = (RULE,)
) -> Judgement:
    users, hidden = STATES[state]
    view = view_of(
        tables(users=table(f"name | guid | line_uri\nBob | b | tel:+14255550101\n{users}")),
        rows(*hidden),
        target=Target.UM_LYNC,
        today=TODAY + timedelta(days=day),
        profile=profile,
    )
    return Judgement(assess_seen(view, catalogue=[rules.shipped()[code] for code in codes], accepted=accepted), view)


unwaived = cache(judged)
"""The same, judged but once in all of these tests."""


def run(day: int, state: str = "complete") -> Run:
    return Run(f"run-{day}", TODAY + timedelta(days=day), state)


def folded(states: str, accepted: Waivers = NOBODY, within: int = WITHIN) -> tuple[History, list[Lives]]:
    """A history of a run a day."""
    grown, told = History(), []
    for day, state in enumerate(states):
        judgement = unwaived(state, day) if accepted is NOBODY else judged(state, day, accepted)
        grown, lives = advance(grown, run(day), judgement, accepted, within=within)
        told.append(lives)
    return grown, told


def life_of(lives: Lives) -> str:
    """What became of the one finding there may be, in one letter."""
    told = [SHORT[life] for life, found in lives.found.items() if len(found)]
    assert len(told) <= 1
    return told[0] if told else "."


SHORT = {
    Life.NEW: "N",
    Life.OPEN: "o",
    Life.RESOLVED: "R",
    Life.REGRESSED: "B",
    Life.WAIVED: "w",
    Life.EXPIRED: "E",
    Life.UNKNOWN: "?",
}


@pytest.mark.parametrize(
    ("states", "lives"),
    [
        ("fff", "Noo"),
        (".ff", ".No"),
        ("f.f", "NRB"),
        ("f-f", "NRB"),
        ("f..f", "NR.B"),
        ("fhf", "N?o"),
        ("fsf", "N?o"),
        ("fpf", "N?o"),
        ("fhhh.", "N???R"),
        ("fh.f", "N?RB"),
        ("f.hf", "NR.B"),
        ("f.f.f", "NRBRB"),
        ("hf", ".N"),
        ("-f", ".N"),
        ("f" + "." * WITHIN + "f", "NR" + "." * (WITHIN - 1) + "B"),
    ],
)
def test_what_each_run_makes_of_a_finding(states: str, lives: str) -> None:
    assert "".join(map(life_of, folded(states)[1])) == lives


@pytest.mark.parametrize(("within", "life"), [(1, "N"), (2, "B")])
def test_how_many_runs_count_can_be_said(within: int, life: str) -> None:
    assert life_of(folded("f..f", within=within)[1][-1]) == life


def day(number: int) -> pd.Timestamp:
    return pd.Timestamp(TODAY + timedelta(days=number))


@pytest.mark.parametrize(
    ("states", "state", "since", "runs", "last", "returned", "unsure"),
    [
        ("fff", "open", 0, 3, 2, 0, True),
        (".ff", "open", 1, 2, 2, 0, False),
        ("hff", "open", 1, 2, 2, 0, True),
        ("sff", "open", 1, 2, 2, 0, True),
        ("pff", "open", 1, 2, 2, 0, True),
        ("-ff", "open", 1, 2, 2, 0, False),
        (".fhf", "open", 1, 2, 3, 0, False),
        (".fhs", "unknown", 1, 1, 1, 0, False),
        (".f.", "resolved", 1, 1, 1, 0, False),
        (".f.ff", "open", 3, 2, 4, 1, False),
        (".f.f.f", "open", 5, 1, 5, 2, False),
    ],
)
def test_what_is_kept_of_a_finding(
    states: str, state: str, since: int, runs: int, last: int, returned: int, unsure: bool
) -> None:
    (kept,) = folded(states)[0].findings.itertuples()
    assert (kept.key, kept.rule, kept.table, kept.guid, kept.identity, kept.severity) == (KEY, RULE, "users", "a", "Ada", "high")
    assert (kept.state, kept.since, kept.runs, kept.last) == (state, day(since), runs, day(last))
    assert (kept.returned, kept.unsure) == (returned, unsure)


def test_when_it_was_resolved_is_kept_until_it_is_forgotten() -> None:
    assert list(folded("f.")[0].findings["resolved"]) == [day(1)]
    assert list(folded("f.f")[0].findings["resolved"]) == [day(1)]
    assert len(folded("f...", within=2)[0].findings) == 1
    assert len(folded("f....", within=2)[0].findings) == 0


def test_a_row_a_run_counts_what_stood_and_what_became_of_how_many() -> None:
    grown, _ = folded("f.fh")
    assert tuple(grown.runs.columns) == history.RUN_COLUMNS
    assert grown.runs["taken"].dtype == "datetime64[us, UTC]"
    counts = ["high", "low", "new", "resolved", "regressed", "expired", "unknown"]
    assert grown.runs[["snapshot", "state", *counts]].to_numpy().tolist() == [
        ["run-0", "complete", 1, 0, 1, 0, 0, 0, 0],
        ["run-1", "complete", 0, 0, 0, 1, 0, 0, 0],
        ["run-2", "complete", 1, 0, 0, 0, 1, 0, 0],
        ["run-3", "complete", 0, 0, 0, 0, 0, 0, 1],
    ]


def until(last_day: int) -> Waivers:
    return Waivers((Waiver(RULE, "Adele Vance", "moves out", (TODAY + timedelta(days=last_day)).date(), key=KEY),))


@pytest.mark.parametrize(
    ("states", "last_day", "lives", "counting"),
    [
        ("fff", 9, "www", ["", "", ""]),
        ("fff", 1, "wwE", ["", "", KEY]),
        ("ffff", 1, "wwEE", ["", "", KEY, ""]),
        ("fhff", 1, "w?EE", ["", "", KEY, ""]),
        ("f.ff", 0, "wRBE", ["", "", KEY, ""]),
        ("f.f", 9, "wRw", ["", "", ""]),
    ],
)
def test_waivers_come_and_go(states: str, last_day: int, lives: str, counting: list[str]) -> None:
    _, told = folded(states, until(last_day))
    assert "".join(map(life_of, told)) == lives
    assert ["".join(one.counting_anew()["key"]) for one in told] == counting


def test_what_a_run_finds_that_the_one_before_could_not_see_may_be_older() -> None:
    assert [sorted(one.unsure) for one in folded("hff")[1]] == [[], [KEY], []]
    assert [sorted(one.unsure) for one in folded(".ff")[1]] == [[], [], []]


def test_the_first_run_says_that_nothing_was_known_before() -> None:
    first, second = folded("ff")[1]
    assert ["this is the first run" in note for note in first.notes] == [True]
    assert (first.unsure, second.notes) == (frozenset(), ())


def test_a_finding_whose_waiver_was_taken_back_counts_anew_once() -> None:
    grown = folded("f", until(9))[0]
    told = []
    for day in (1, 2):
        grown, lives = advance(grown, run(day), unwaived("f", day), NOBODY)
        told.append((life_of(lives), list(lives.counting_anew()["key"])))
    assert told == [("E", [KEY]), ("o", [])]


@pytest.mark.parametrize(
    ("profile", "accepted", "said"),
    [
        (replace(EVERYONE, region="GB"), NOBODY, ["another profile"]),
        (EVERYONE, until(9), ["other waivers"]),
        (EVERYONE, NOBODY, []),
    ],
)
def test_a_run_that_was_judged_otherwise_says_so(profile: Profile, accepted: Waivers, said: list[str]) -> None:
    before, _ = folded("f")
    _, lives = advance(before, run(1), judged("f", 1, accepted, profile), accepted)
    assert len(lives.notes) == len(said)
    assert all(what in note for what, note in zip(said, lives.notes, strict=True))


def test_another_version_of_adinspect_is_told() -> None:
    before, _ = folded("f")
    older = replace(before, facts={**before.facts, "adinspect": "0.0.1"})
    assert "another adinspect" in advance(older, run(1), judged("f", 1), NOBODY)[1].notes[0]


def test_what_a_rule_finds_that_did_not_exist_may_be_older() -> None:
    before, _ = advance(History(), run(0), judged("f", 0, codes=["USR-001"]), NOBODY)
    after, lives = advance(before, run(1), judged("f", 1), NOBODY)
    assert lives.unsure == {KEY}
    assert any(f"did not know the rules {RULE}" in note for note in lives.notes)
    assert list(after.findings["unsure"]) == [True]


def test_the_findings_of_a_rule_that_is_gone_are_neither_resolved_nor_followed() -> None:
    before, _ = folded("f")
    after, lives = advance(before, run(1), judged("f", 1, codes=["USR-001"]), NOBODY)
    assert not len(lives.found[Life.RESOLVED]) + len(lives.found[Life.UNKNOWN])
    assert any(note == f"1 findings are not followed any more: there is no rule {RULE}" for note in lives.notes)
    assert KEY not in set(after.findings["key"])


def told(grown: History) -> str:
    return "\n".join([grown.runs.to_csv(), grown.findings.to_csv(), str(grown.facts), str(grown.unjudged)])


@pytest.mark.parametrize("states", ["ff", "f.", "f.f", "fh", "f", "fhf"])
def test_the_same_moment_twice_is_one_run(states: str) -> None:
    grown, lives = folded(states)
    last = len(states) - 1
    again, same = advance(grown, run(last), judged(states[-1], last), NOBODY)
    assert told(again) == told(grown)
    assert life_of(same) == life_of(lives[-1])


def test_a_moment_that_is_judged_anew_takes_the_place_of_the_run() -> None:
    grown, _ = folded(".f")
    assert told(advance(grown, run(1), judged(".", 1), NOBODY)[0]) == told(folded("..")[0])


def test_a_history_goes_on_and_never_back() -> None:
    grown, _ = folded("fff")
    with pytest.raises(ConfigurationError, match=r"has reached 2026-11-26 08:00 UTC; the snapshot is of 2026-11-25"):
        advance(grown, run(1), judged("f", 1), NOBODY)


# --- kept in the store ---


def stored(folder: Path, states: str = "f.fh") -> tuple[History, Path]:
    grown, _ = folded(states)
    path = history.save(grown, folder, "contoso.com", Target.UM_LYNC)
    assert isinstance(path, Path)
    return grown, path


@pytest.mark.parametrize("states", ["f.fh", "s", "p.f", "f", ""])
def test_what_is_saved_is_loaded(tmp_path: Path, states: str) -> None:
    grown, _ = stored(tmp_path, states)
    again = history.load(tmp_path, "contoso.com", Target.UM_LYNC)
    assert told(again) == told(grown)
    assert list(again.findings.dtypes) == list(grown.findings.dtypes)
    assert list(again.runs.dtypes) == list(grown.runs.dtypes)
    assert (again.before and told(again.before)) == (grown.before and told(grown.before))
    next_run = (run(len(states)), judged("f", len(states)), NOBODY)
    assert told(advance(again, *next_run)[0]) == told(advance(grown, *next_run)[0])


def test_there_may_be_none(tmp_path: Path) -> None:
    stored(tmp_path)
    assert history.load(tmp_path, "contoso.com", Target.TEAMS_PHONE).runs.empty
    assert history.load(tmp_path, "fabrikam.com", Target.UM_LYNC).runs.empty


def test_it_is_its_owners_and_no_snapshot(tmp_path: Path) -> None:
    saved = save_snapshot(tmp_path)
    _, path = stored(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [snapshot.path_of(one) for one in snapshot.snapshots(tmp_path)] == [saved.path]


def test_a_byte_that_was_changed_is_found(tmp_path: Path) -> None:
    grown, path = stored(tmp_path)
    octets = path.read_bytes()
    pick = random.Random(0)  # noqa: S311 - the same in every run
    for spot in [
        *range(4),
        *pick.sample(range(10, len(octets)), 60),
    ]:  # the others of the first ten say when and where it was packed
        changed = bytearray(octets)
        changed[spot] ^= 1 << pick.randrange(8)
        path.write_bytes(changed)
        with pytest.raises(StorageError, match="history of findings"):
            history.load(tmp_path, "contoso.com", Target.UM_LYNC)
    path.write_bytes(octets)
    assert told(history.load(tmp_path, "contoso.com", Target.UM_LYNC)) == told(grown)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "is damaged"),
        (lambda path: path.write_bytes(b""), "is damaged"),
        (
            lambda path: path.write_bytes(gzip.compress(json.dumps({"schema": 99}).encode())),
            "has layout 99, this adinspect reads 1",
        ),
        (lambda path: path.write_bytes(gzip.compress(json.dumps({"schema": 1}).encode())), "is damaged"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
    ],
)
def test_what_is_no_history_is_refused(tmp_path: Path, spoil: Callable[[Path], object], said: str) -> None:
    _, path = stored(tmp_path)
    spoil(path)
    with pytest.raises(StorageError, match=said) as caught:
        history.load(tmp_path, "contoso.com", Target.UM_LYNC)
    assert "can be made anew" in caught.value.safe


def test_one_that_cannot_be_written_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grown, path = stored(tmp_path)
    more, _ = advance(grown, run(9), judged("f", 9), NOBODY)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        history.save(more, tmp_path, "contoso.com", Target.UM_LYNC)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert told(history.load(tmp_path, "contoso.com", Target.UM_LYNC)) == told(grown)


def test_a_history_may_stand_at_a_url() -> None:
    where = place("memory://histories/store")
    grown, _ = folded("f.f")
    history.save(grown, where, "contoso.com", Target.UM_LYNC)
    history.save(grown, where, "contoso.com", Target.UM_LYNC)
    assert told(history.load(where, "contoso.com", Target.UM_LYNC)) == told(grown)
    assert history.load(where, "fabrikam.com", Target.UM_LYNC).runs.empty
