"""What became of findings between two moments: new, open, resolved, regressed, waived, expired, or nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import pandas as pd
from pandas import DataFrame, Series

from adinspect import diff, rules, waivers
from adinspect.assess import Assessment, assess_seen, view_of
from adinspect.finding import Target
from adinspect.profile import Profile
from adinspect.snapshot import Snapshot
from adinspect.view import View
from adinspect.waivers import Waivers


class Life(StrEnum):
    """What a finding is at the newer moment; each is one of these.

    `waived` is accepted, whenever it came. `new` was not there before. `expired` was, and a waiver of it has ended or was taken
    back. `open` was, and stands. `resolved` is gone. `regressed` was resolved and came back, which only a history tells:
    something outside rewrites it. Of an `unknown` one, which is not found any more, the newer moment does not show enough.
    """

    NEW = "new"
    OPEN = "open"
    RESOLVED = "resolved"
    REGRESSED = "regressed"
    WAIVED = "waived"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Judgement:
    """What was found at a moment, and the tables that it was found in."""

    assessment: Assessment
    view: View

    @classmethod
    def of(cls, opened: Snapshot, *, target: Target, profile: Profile, accepted: Waivers) -> Judgement:
        """Judge a snapshot by itself, not held against an earlier one: what rules on drift would find is not in it.

        Raises:
            ConfigurationError: see `assess.assess_seen`.
            StorageError: the snapshot is damaged.
        """
        view = view_of(opened.tables, opened.visibility, target=target, today=opened.taken, profile=profile)
        return cls(assess_seen(view, accepted=accepted), view)


@dataclass(frozen=True, eq=False)
class Lives:
    """Findings (FINDING_COLUMNS; of those gone, what is still known) by what became of them; those of `unknown` have a `reason`.

    `returned` are the keys of findings that were accepted at the older moment, and count again. `unsure` are the keys of new ones
    that may be older: the older moment did not show enough to judge them. `notes` say what else makes the two moments differ.
    """

    found: Mapping[Life, DataFrame]
    returned: frozenset[str]
    unsure: frozenset[str]
    notes: tuple[str, ...] = ()

    def counting_anew(self) -> DataFrame:
        """The findings that did not count at the older moment and do now."""
        expired = self.found[Life.EXPIRED]
        counting = [self.found[Life.NEW], self.found[Life.REGRESSED], expired[expired["key"].isin(self.returned)]]
        return pd.concat([one for one in counting if len(one)] or [expired.iloc[:0]], ignore_index=True)

    def of(self, keys: Series) -> Series:
        """What became of the findings with these keys (text)."""
        became = {key: life.value for life, rows in self.found.items() for key in rows["key"]}
        return keys.map(became).astype("str")


@dataclass(frozen=True)
class Unjudged:
    """What a judgement could not have found, though it may have been there, and why.

    `rules` are those that were skipped or cannot tell of which objects, `objects` (rule, guid) the single ones held back,
    `tables` those that were not seen whole; `ran` are all rules that judged or were skipped. `there` are the tables
    themselves; where nobody kept them (None), an object counts as having been there.
    """

    rules: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[tuple[str, str], str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    ran: frozenset[str] = frozenset()
    there: Mapping[str, DataFrame] | None = None

    @classmethod
    def of(cls, judgement: Judgement) -> Unjudged:
        """What of a judgement's tables its rules could not judge."""
        assessment, view = judgement.assessment, judgement.view
        skipped: dict[str, str] = dict(zip(assessment.skipped["rule"], assessment.skipped["reason"], strict=True))
        single = assessment.unknown[assessment.unknown["guid"].notna()]
        named = single["rule"].value_counts()
        # what only the rule can tell (rule.Partly) names no object: then none of its findings is known to be gone
        vague: dict[str, str] = {
            row.rule: row.note for row in assessment.coverage.itertuples() if row.of - row.judged > named.get(row.rule, 0)
        }
        return cls(
            vague | skipped,
            {(row.rule, row.guid): row.reason for row in single.itertuples()},
            view.unseen.tables,
            frozenset(skipped) | frozenset(assessment.coverage["rule"]),
            view.tables,
        )

    def why(self, findings: DataFrame) -> Series:
        """Why each finding (rule, table, guid) could not have been found; empty where it would have been."""
        kept = self.there or {}
        there = {table: frozenset(kept[table]["guid"]) for table in set(findings["table"]) if table in kept}
        rows = findings[["rule", "table", "guid"]].fillna({"guid": ""}).itertuples(index=False, name=None)
        told = [
            self.tables.get(table, "")
            if guid and self.there is not None and guid not in there.get(table, ())
            else self._why(rule, table, guid)
            for rule, table, guid in rows
        ]
        return Series(told, findings.index, dtype="str")

    def _why(self, rule: str, table: str, guid: str) -> str:
        """The same of a finding whose object was there, or of none."""
        if rule not in self.ran:
            return f"there was no rule {rule}"
        whole = self.there is not None or table not in self.tables
        return self.objects.get((rule, guid)) or self.rules.get(rule, "") or ("" if whole else self.tables[table])


def drifts(findings: DataFrame) -> Series:
    """Which findings tell of a change, not of a state: they are of one moment, and never older."""
    known = rules.shipped()
    told = {code for code in findings["rule"].unique() if known[code].judged.table == diff.TABLE.name}
    return findings["rule"].isin(told)


def by_life(
    after: DataFrame,
    known: Series,
    back: Series,
    gone: DataFrame,
    reasons: Series,
    accepted: Waivers,
    returned: Set[str] = frozenset(),
) -> dict[Life, DataFrame]:
    """What is found (`after`) and what is not any more (`gone`, with why nobody can tell, or nothing), by what became of it.

    `known` (bool) are those that stood before, `back` those that did not and had been resolved. `returned` are the keys of those
    that were accepted before, by whatever waivers there were then.
    """
    waived = after["waived"].notna()
    ever_waived = waivers.apply(after, accepted, today=date.min)[0]["waived"].notna() | after["key"].isin(returned)
    return {
        Life.NEW: after[~waived & ~known & ~back],
        Life.OPEN: after[~waived & known & ~ever_waived],
        Life.RESOLVED: gone[reasons == ""],
        Life.REGRESSED: after[~waived & back],
        Life.WAIVED: after[waived],
        Life.EXPIRED: after[~waived & known & ever_waived],
        Life.UNKNOWN: gone.assign(reason=reasons)[reasons != ""],
    }


def lives(old: Judgement, new: Judgement, accepted: Waivers) -> Lives:
    """Hold the findings of two moments against each other, both judged for one target with one profile and one set of waivers.

    A finding that is not found any more is resolved only where its rule could judge the object at the newer moment.
    """
    before, after = old.assessment.findings, new.assessment.findings
    gone = before[~before["key"].isin(after["key"])]
    known = after["key"].isin(before["key"])
    found = by_life(after, known, Series(False, after.index), gone, Unjudged.of(new).why(gone), accepted)
    returned = frozenset(before["key"][before["waived"].notna()])
    new_ones = found[Life.NEW][~drifts(found[Life.NEW])]
    return Lives(found, returned, frozenset(new_ones["key"][Unjudged.of(old).why(new_ones) != ""]))
