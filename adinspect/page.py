"""The page of a forest, gathered from tables: what stands first, who is ready, how it went, each finding, what was not seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from pandas import DataFrame, Series

from adinspect import call_paths, summary, waivers, waves
from adinspect.call_paths import CallPaths
from adinspect.finding import Target
from adinspect.frames import SEVERITIES
from adinspect.lives import Judgement
from adinspect.waves import Move

FIRST = 5
"""So many rules stand under what to do first."""

FAMILIES: Mapping[str, str] = {
    "TOP": "Forest and topology",
    "POOL": "Lync pools",
    "SRV": "Exchange servers",
    "DP": "UM dial plans",
    "GW": "UM IP gateways",
    "HG": "UM hunt groups",
    "AA": "UM auto attendants",
    "POL": "UM mailbox policies",
    "CON": "Contacts",
    "USR": "Users",
    "CNS": "Consistency",
    "CRT": "Certificates",
    "MIG": "Migration",
    "DRF": "Changes since before",
}
"""What the letters of a rule's code stand for, in the order of the topology."""

MOVES: Mapping[Move, str] = {
    Move.READY: "Ready",
    Move.AFTER_FIX: "After a fix",
    Move.TIED: "Tied to others",
    Move.DECISION: "Needs a decision",
    Move.BLOCKED: "Blocked",
    Move.EXCLUDED: "Excluded",
}
"""What people call the waves."""

TO_CONFIRM = "To confirm"
CONFIRM = "Something that was not seen could put them in a later wave, or take them out of all."


@dataclass(frozen=True, eq=False)
class Readiness:
    """How many users stand where for a target (wave, label, meaning, users): population, estate, and those to confirm.

    `limits` says what the counts may lack. Nobody is counted twice: who is to confirm is in no other row.
    """

    target: Target
    counts: DataFrame
    limits: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """All users counted."""
        return int(self.counts["users"].sum())

    @property
    def ready(self) -> int:
        """Those in whose way nothing stands."""
        return int(self.counts.loc[self.counts["wave"] == Move.READY.value, "users"].sum())

    @property
    def to_confirm(self) -> int:
        """Those of whom something was not seen that could put them in a later wave."""
        return int(self.counts.loc[self.counts["label"] == TO_CONFIRM, "users"].sum())


@dataclass(frozen=True, eq=False)
class Page:
    """What the page of a forest shows.

    `facts`, `attention`, `rules`, `not_looked_at` and `legend` are tables of summary.tables, `severities` counts what stands;
    `first` (rule, severity, objects, title, example, remediation) is what to do first; `trend` has history.RUN_COLUMNS.
    `findings` are those of every target judged: FINDING_COLUMNS with `waived` as text, and `family`, `site` and `targets`
    (tuple); of several targets that say the same of an object there is one row. The rest is told for `target`, but readiness.
    """

    forest: str
    taken: datetime
    target: Target
    facts: DataFrame
    attention: DataFrame
    severities: DataFrame
    first: DataFrame
    rules: DataFrame
    readiness: tuple[Readiness, ...]
    trend: DataFrame
    findings: DataFrame
    paths: CallPaths
    not_looked_at: DataFrame
    legend: DataFrame


def of(judged: Sequence[Judgement], read: Mapping[str, DataFrame], trend: DataFrame) -> Page:
    """Gather the page of a snapshot that was judged for one target or several.

    The first of `judged`, whose views have what was found (assess.with_found), is the one that is told in full; `read` holds its
    tables of summary.tables, `trend` the runs up to it (history.RUN_COLUMNS).
    """
    main = judged[0]
    context, facts = main.view.context, read["overview"].set_index("fact")["value"]
    standing = waivers.standing(main.assessment.findings)
    return Page(
        forest=facts["Forest"],
        taken=context["today"],
        target=context["target"],
        facts=read["overview"],
        attention=read["attention"],
        severities=summary.counts_by_severity(standing),
        first=_first(main, read["counts_by_rule"]),
        rules=read["counts_by_rule"],
        readiness=tuple(_readiness(one) for one in _in_order(judged)),
        trend=trend,
        findings=_united(judged),
        paths=call_paths.of(main.view),
        not_looked_at=read["not_looked_at"],
        legend=read["legend"],
    )


def _in_order(judged: Sequence[Judgement]) -> list[Judgement]:
    return sorted(judged, key=lambda one: list(Target).index(one.view.context["target"]))


def _first(main: Judgement, counted: DataFrame) -> DataFrame:
    """The gravest things that were found: rule, severity, objects, title, remediation; `example` is the first message."""
    standing = counted[counted["findings"] > counted["waived"]]
    first = standing.sort_values("severity", kind="stable").head(FIRST)
    findings = waivers.standing(main.assessment.findings).drop_duplicates("rule").set_index("rule")
    remedies, examples = findings["remediation"], findings["message"]
    told = first[["rule", "severity", "title"]].assign(
        objects=first["findings"] - first["waived"], remediation=first["rule"].map(remedies), example=first["rule"].map(examples)
    )
    return told.reset_index(drop=True)


def _readiness(one: Judgement) -> Readiness:
    moving = waves.told(one.view)
    concerned = moving[moving["expected"] | moving["estate"] | moving["to_confirm"]]
    sure = concerned.loc[~concerned["to_confirm"], "wave"].value_counts()
    counted = [(move.value, label, waves.MEANINGS[move], int(sure.get(move.value, 0))) for move, label in MOVES.items()]
    counted.append(("", TO_CONFIRM, CONFIRM, int(concerned["to_confirm"].sum())))
    counts = DataFrame(counted, columns=["wave", "label", "meaning", "users"])
    return Readiness(one.view.context["target"], counts, tuple(_doubts(one)))


def _doubts(one: Judgement) -> Iterator[str]:
    if reason := one.view.unseen.tables.get("users"):
        yield f"not every user was seen: {reason}"


def _united(judged: Sequence[Judgement]) -> DataFrame:
    """The findings of all targets, the worst first; what several of them say alike is one row that names them."""
    sites = _sites(judged[0])
    every = pd.concat([_of_target(one) for one in _in_order(judged)], ignore_index=True)
    alike = list(zip(*(every[name] for name in ("key", "severity", "message", "because")), strict=True))
    targets: dict[tuple[str, ...], tuple[str, ...]] = {}
    for said, target in zip(alike, every["target"], strict=True):
        targets[said] = (*targets.get(said, ()), target)
    told = Series([targets.pop(said, None) for said in alike], every.index, dtype=object)  # of those alike the first is kept
    united = every[told.notna()].assign(targets=told.dropna()).drop(columns="target")
    family = united["rule"].str.partition("-")[0]
    united = united.assign(
        severity=united["severity"].astype(SEVERITIES),
        family=family.map(FAMILIES).fillna(family),
        site=united["guid"].map(sites).astype("str"),
    )
    return united.sort_values(["severity", "rule", "identity"], kind="stable", ignore_index=True)


def _of_target(one: Judgement) -> DataFrame:
    findings = one.assessment.findings
    return findings.assign(waived=waivers.told(findings), target=one.view.context["target"].value)


def _sites(one: Judgement) -> Mapping[str, Any]:
    users = one.view.tables["users"].dropna(subset=["site"])
    return dict(zip(users["guid"], users["site"], strict=True))
