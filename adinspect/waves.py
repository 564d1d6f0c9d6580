"""Who moves when: each user's wave, told from what was found on that user alone."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import pandas as pd
from pandas import DataFrame

from adinspect import voice
from adinspect.finding import Wave
from adinspect.view import View


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
    Move.TIED: "Ready, but tied to others (response groups, delegates, shared lines) and moves with them.",
    Move.DECISION: "A person has to decide something first.",
    Move.BLOCKED: "Something has to be put right that no CSV can.",
    Move.EXCLUDED: "Does not move: not in the population and without a trace of voice, or excluded by a rule.",
}
"""What each wave means."""

_OF_FINDINGS: Mapping[Wave, Move] = {
    Wave.FIX: Move.AFTER_FIX,
    Wave.DECIDE: Move.DECISION,
    Wave.ORGANIZATION: Move.DECISION,
    Wave.BLOCK: Move.BLOCKED,
    Wave.EXCLUDE: Move.EXCLUDED,
}
"""The wave that a finding puts its user in; of several the last one of Move stands."""


def of(view: View, findings: DataFrame) -> DataFrame:
    """One row a user: guid, dn, identity, `expected`, `estate` (bool), `wave` (Move), `to_confirm` (bool), `because` (rules)."""
    users = view.tables["users"]
    open_ones = findings[findings["waived"].isna() & findings["wave"].isin(list(_OF_FINDINGS))]
    moved = open_ones.assign(wave=open_ones["wave"].map(_OF_FINDINGS).astype(str))
    worst = moved.groupby("guid")["wave"].max()
    named = moved.groupby("guid")["rule"].agg(lambda rules: "|".join(sorted(set(rules))))
    estate = voice.in_estate(users)
    wave = users["guid"].map(worst).fillna(Move.READY.value)
    wave = wave.where(users["expected"] | estate, Move.EXCLUDED.value)
    return users[["guid", "dn", "identity"]].assign(
        expected=users["expected"],
        estate=estate,
        wave=wave.astype("str"),
        to_confirm=pd.Series(False, users.index),
        because=users["guid"].map(named).fillna("").astype("str"),
    )
