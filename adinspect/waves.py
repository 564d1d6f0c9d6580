"""Who moves when: each user's wave, told from what was found on that user, and whether something unseen could change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from pandas import DataFrame, Series

from adinspect import homes, rules, voice
from adinspect.finding import Wave
from adinspect.view import View
from adinspect.visibility import State


class Move(StrEnum):
    """A wave of users, as the plan calls it."""

    READY = "W1"
    AFTER_FIX = "W2"
    TIED = "W3"
    DECISION = "W4"
    BLOCKED = "W5"
    EXCLUDED = "WX"


MEANINGS: Mapping[Move, str] = {
    Move.READY: "Nothing stands in the way.",
    Move.AFTER_FIX: "Moves once the bulk CSVs have put right what was found.",
    Move.TIED: "Moves with the others it is tied to (response groups, delegates, shared lines). Nothing that is read tells of "
    "such ties: nobody is put here, and a person has to name them.",
    Move.DECISION: "A person has to decide something first.",
    Move.BLOCKED: "Something has to be put right that no CSV can.",
    Move.EXCLUDED: "Does not move: not in the population and without a trace of voice, or excluded by a rule.",
}
"""What each wave means."""

MOVING = (Move.READY, Move.AFTER_FIX, Move.TIED)
"""The waves whose users move as soon as nothing stands in the way that can be put right."""

TO_CONFIRM = " (to confirm)"
"""What is added to a wave, where people are shown it, when something that was not seen could put the user in a later one."""

POPULATION = "population"
"""Stands among the rules for a user of whom it is not known whether it should have voice, or has any."""

_OF_FINDINGS: Mapping[Wave, Move] = {
    Wave.FIX: Move.AFTER_FIX,
    Wave.DECIDE: Move.DECISION,
    Wave.ORGANIZATION: Move.DECISION,
    Wave.BLOCK: Move.BLOCKED,
    Wave.EXCLUDE: Move.EXCLUDED,
}
"""The wave that a finding puts its user in; of several the last one of Move stands. Gates and prerequisites move nobody."""

_AT_WORST: Mapping[Wave, Move] = {**_OF_FINDINGS, Wave.FIX: Move.DECISION}
"""The wave that a rule could put a user in whom it could not judge: one of fixes may ask for a decision row by row."""

_ESTATE = (
    "line_uri",
    "private_line",
    "sip_enabled",
    "enterprise_voice",
    "remote_call_control",
    "remote_call_dual",
    "um_enabled",
)
"""What voice.in_estate looks at."""


def of(view: View) -> DataFrame:
    """What `told` gives, and beside it, as the sub-keys by which waves are divided, what homes.of gives."""
    return told(view).merge(homes.of(view), on="guid", validate="one_to_one")


def told(view: View) -> DataFrame:
    """One row a user: guid, dn, identity, `expected`, `estate` (bool), `wave` (Move), `to_confirm` (bool) and why.

    `view` has the tables `findings` and `unknown` of an assessment beside those of the snapshot; a question of wave O that the
    profile answers moves nobody. `because` names the rules that put the user there, `unknown` those that could not
    be judged and could put it in a later wave (POPULATION: whether it moves at all), each joined by `|`. A finding that was
    accepted moves nobody.
    """
    users, answered = view.tables["users"], frozenset(view.context["profile"].decisions)
    expected, estate = users["expected"], voice.in_estate(users)
    found = _found(view.tables["findings"], answered)
    wave = users["guid"].map(found.groupby("guid")["move"].max()).astype("str").fillna(Move.READY.value)
    moves = expected | estate
    wave = wave.where(moves, Move.EXCLUDED.value)
    unknown = _unknown(view, users["guid"], wave, answered)
    nowhere = ~moves & users["guid"].isin(unplaced(view))
    unknown = unknown.mask(nowhere, (POPULATION + "|" + unknown).str.strip("|"))
    at = DataFrame({"guid": users["guid"], "move": wave})
    because = _by_guid(found.merge(at, on=["guid", "move"]))
    return users[["guid", "dn", "identity"]].assign(
        expected=expected,
        estate=estate,
        wave=wave,
        to_confirm=unknown != "",
        because=Series([_joined(because.get(guid, ())) for guid in users["guid"].tolist()], users.index, dtype="str"),
        unknown=unknown,
    )


def beside(view: View, moving: DataFrame) -> View:
    """The tables as proposals may read them, what `of` gives among them as `waves`.

    Two more columns: `moves` (bool) where the wave is one of MOVING, and `doubt`, why it may be a later one (text, or missing).
    """
    doubt = "may be in a later wave, because this could not be judged: " + moving["unknown"].str.replace("|", ", ")
    told = moving.assign(moves=moving["wave"].isin(list(MOVING)), doubt=doubt.where(moving["to_confirm"]))
    return replace(view, tables={**view.tables, "waves": told})


def shown(moving: DataFrame) -> Series:
    """The wave of each row of `of` as people are shown it (text)."""
    return moving["wave"].mask(moving["to_confirm"], moving["wave"] + TO_CONFIRM)


def _found(findings: DataFrame, answered: frozenset[str]) -> DataFrame:
    """What puts users in a wave: guid, rule, move."""
    open_ones = findings[findings["waived"].isna() & findings["wave"].isin(list(_OF_FINDINGS))]
    open_ones = open_ones[(open_ones["wave"] != Wave.ORGANIZATION) | ~open_ones["rule"].isin(list(answered))]
    moves = [_OF_FINDINGS[Wave(wave)].value for wave in open_ones["wave"]]
    return open_ones[["guid", "rule"]].assign(move=Series(moves, open_ones.index, dtype="str"))


def _unknown(view: View, guids: Series, wave: Series, answered: frozenset[str]) -> Series:
    """The rules that were not let judge each user and could put it in a later wave than this one, joined; empty where none."""
    moving = {code: move.value for code, move in _moving(view, answered)}
    lacking = view.tables["unknown"]
    lacking = lacking[lacking["rule"].isin(list(moving))]
    lacking = lacking[["guid", "rule"]].assign(move=lacking["rule"].map(moving).astype("str"))
    of_all = lacking["guid"].isna()
    everybody = {one: lacking.loc[of_all & (lacking["move"] > one), "rule"].tolist() for one in wave.unique()}
    at = DataFrame({"guid": guids, "wave": wave})
    single = lacking[~of_all].merge(at, on="guid")
    mine = _by_guid(single[single["move"] > single["wave"]])
    named = [_joined((*everybody[now], *mine.get(guid, ()))) for guid, now in zip(guids.tolist(), wave.tolist(), strict=True)]
    return Series(named, guids.index, dtype="str")


def _moving(view: View, answered: frozenset[str]) -> Iterator[tuple[str, Move]]:
    """The rules that could move a user, each with the wave it could put one in at worst."""
    for code, rule in rules.shipped().items():
        asked = rule.wave is not Wave.ORGANIZATION or code not in answered
        if rule.wave in _AT_WORST and asked and "users" in view.about(rule.judged.table):
            yield code, _AT_WORST[rule.wave]


def unplaced(view: View) -> Series:
    """The guids of users of whom it was not seen whether they belong to the population or the estate."""
    guids, unseen = view.tables["users"]["guid"], view.unseen
    cells = [("users", column) for column in ("expected", *_ESTATE)]
    if any(unseen.columns.get(cell, (State.NO_SCHEMA, ""))[0] is not State.NO_SCHEMA for cell in cells):
        return guids
    return guids[guids.isin(frozenset[str]().union(*(unseen.cells.get(cell, ()) for cell in cells)))]


def _by_guid(rows: DataFrame) -> Mapping[str, list[str]]:
    """The rules of each object."""
    told: dict[str, list[str]] = {}
    for guid, code in zip(rows["guid"].tolist(), rows["rule"].tolist(), strict=True):
        told.setdefault(guid, []).append(code)
    return told


def _joined(codes: Iterable[str]) -> str:
    return "|".join(sorted(set(codes)))
