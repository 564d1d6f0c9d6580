"""What became of findings between two moments: new, open, resolved, waived, expired, or nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pandas as pd
from pandas import DataFrame, Series

from adinspect import diff, rules, waivers
from adinspect.assess import Assessment
from adinspect.view import View
from adinspect.waivers import Waivers


class Life(StrEnum):
    """What a finding is at the newer moment; each is one of these.

    `waived` is accepted, whenever it came. `new` was not there before. `expired` was, and a waiver of it has ended. `open` was,
    and stands. `resolved` is gone. Of an `unknown` one, which is not found any more, the newer moment does not show enough.
    """

    NEW = "new"
    OPEN = "open"
    RESOLVED = "resolved"
    WAIVED = "waived"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Judgement:
    """What was found at a moment, and the tables that it was found in."""

    assessment: Assessment
    view: View


@dataclass(frozen=True, eq=False)
class Lives:
    """Findings (FINDING_COLUMNS) by what became of them; those of `unknown` have a column `reason`.

    `returned` are the keys of findings that were accepted at the older moment, and count again. `unsure` are the keys of new ones
    that may be older: the older moment did not show enough to judge them.
    """

    found: Mapping[Life, DataFrame]
    returned: frozenset[str]
    unsure: frozenset[str]

    def counting_anew(self) -> DataFrame:
        """The findings that did not count at the older moment and do now."""
        expired = self.found[Life.EXPIRED]
        return pd.concat([self.found[Life.NEW], expired[expired["key"].isin(self.returned)]], ignore_index=True)

    def of(self, keys: Series) -> Series:
        """What became of the findings with these keys (text)."""
        became = {key: life.value for life, rows in self.found.items() for key in rows["key"]}
        return keys.map(became).astype("str")


def lives(old: Judgement, new: Judgement, accepted: Waivers) -> Lives:
    """Hold the findings of two moments against each other, both judged for one target with one profile and one set of waivers.

    A finding that is not found any more is resolved only where its rule could judge the object at the newer moment.
    """
    before, after = old.assessment.findings, new.assessment.findings
    known = after["key"].isin(before["key"])
    waived = after["waived"].notna()
    ever_waived = waivers.apply(after, accepted, today=date.min)[0]["waived"].notna()
    gone = before[~before["key"].isin(after["key"])]
    reasons = _unjudged(gone, new)
    found = {
        Life.NEW: after[~waived & ~known],
        Life.OPEN: after[~waived & known & ~ever_waived],
        Life.RESOLVED: gone[reasons == ""],
        Life.WAIVED: after[waived],
        Life.EXPIRED: after[~waived & known & ever_waived],
        Life.UNKNOWN: gone.assign(reason=reasons)[reasons != ""],
    }
    returned = frozenset(before["key"][before["waived"].notna()])
    known_rules = rules.shipped()
    drift = [code for code in after["rule"].unique() if known_rules[code].judged.table == diff.TABLE.name]
    new_ones = found[Life.NEW][~found[Life.NEW]["rule"].isin(drift)]  # what changed since then is never older
    return Lives(found, returned, frozenset(new_ones["key"][_unjudged(new_ones, old) != ""]))


def _unjudged(findings: DataFrame, at: Judgement) -> Series:
    """Why each finding could not have been found at a moment, though it may have been there; empty where it would have been."""
    assessment, unseen = at.assessment, at.view.unseen
    skipped: dict[str, str] = dict(zip(assessment.skipped["rule"], assessment.skipped["reason"], strict=True))
    single = assessment.unknown[assessment.unknown["guid"].notna()]
    hidden: dict[tuple[str, str], str] = {(row.rule, row.guid): row.reason for row in single.itertuples()}
    named = single["rule"].value_counts()
    # what only the rule can tell (rule.Partly) names no object: then none of its findings is known to be gone
    vague: dict[str, str] = {
        row.rule: row.note for row in assessment.coverage.itertuples() if row.of - row.judged > named.get(row.rule, 0)
    }
    there = {table: frozenset(at.view.tables[table]["guid"]) for table in set(findings["table"]) if table in at.view.tables}

    def why(rule: str, table: str, guid: str | None) -> str:
        if guid and guid not in there.get(table, ()):
            return unseen.tables.get(table, "")
        return skipped.get(rule) or hidden.get((rule, guid or "")) or vague.get(rule, "")

    told = [why(*row) for row in findings[["rule", "table", "guid"]].itertuples(index=False, name=None)]
    return Series(told, findings.index, dtype="str")
