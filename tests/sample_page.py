"""Pages and what they are made of, for tests and the benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd
from pandas import DataFrame
from sample_report import MANIFEST, TAKEN

from adinspect import page, testing
from adinspect.call_paths import CallPaths, Joint, Link, Stop
from adinspect.finding import FINDING_COLUMNS, Target
from adinspect.frames import SEVERITIES
from adinspect.history import RUN_COLUMNS
from adinspect.page import Page, Readiness

EVERY_TARGET = tuple(target.value for target in Target)


def finding(identity: str, rule: str = "USR-001", severity: str = "high", **more: Any) -> dict[str, Any]:
    """A finding as a page has it; its object is told by its identity."""
    told = {
        "key": f"{rule}/{identity}",
        "rule": rule,
        "severity": severity,
        "certainty": "certain",
        "table": "users",
        "guid": f"guid of {identity}",
        "dn": f"CN={identity},DC=contoso,DC=com",
        "identity": identity,
        "message": f"{identity} has no SIP address.",
        "because": "",
        "remediation": "Give it one.",
        "cmdlet": "Set-CsUser",
        "wave": "F",
        "csv": ("20_cs_user_enable",),
        "waived": None,
        "evidence": {"sip_address": None},
        "targets": EVERY_TARGET,
        "family": page.FAMILIES[rule.partition("-")[0]],
        "site": None,
    }
    return told | more


def findings(rows: Sequence[dict[str, Any]]) -> DataFrame:
    """A table of findings as a page has it."""
    table = DataFrame(list(rows), columns=[*FINDING_COLUMNS, "targets", "family", "site"], dtype=object)
    return table.astype({"severity": SEVERITIES})


def runs(*counts: int) -> DataFrame:
    """Runs of a trend, one a day, that found so many of high severity."""
    days = pd.date_range(TAKEN, periods=len(counts), freq="D").astype("datetime64[us, UTC]")
    states = ["partial" if number == 1 else "complete" for number in range(len(counts))]
    table = DataFrame({"snapshot": [f"run {number}" for number in range(len(counts))], "taken": days, "state": states})
    zeros = dict.fromkeys(RUN_COLUMNS[3:], 0)
    return table.assign(**zeros).assign(high=list(counts))[list(RUN_COLUMNS)]


def paths(*names: str) -> CallPaths:
    """A pool, a gateway and two hunt groups, one of which leads nowhere; the objects are called by the names in turn."""
    pool, gateway, good, bad, plan, server = [*names, *("pool", "gateway", "good", "bad", "plan", "server")[len(names) :]]
    stops = (
        Stop("P", "pools", pool, "p"),
        Stop("G", "gateways", gateway, "g", severity="high", findings=2),
        Stop("H1", "hunt_groups", good, "h1"),
        Stop("H2", "hunt_groups", bad, "h2"),
        Stop("D", "dial_plans", plan, "d"),
        Stop("S", "servers", server, "s"),
        Stop("Q", "pools", "lonely", "q", lacks="no UM IP gateway stands for it"),
        Stop("(no UM dial plan)", "dial_plans", "(no UM dial plan)", missing=True),
    )
    links = (
        Link("P", "G", Joint.HOLDS, "stands for the pool"),
        Link("G", "H1", Joint.HOLDS, "holds the hunt group"),
        Link("G", "H2", Joint.HOLDS, "holds the hunt group"),
        Link("H1", "D", Joint.HOLDS, "leads to the UM dial plan"),
        Link("H2", "(no UM dial plan)", Joint.BROKEN, "leads to the UM dial plan"),
        Link("D", "S", Joint.UNSEEN, "served by its UM service"),
    )
    return CallPaths(stops, links)


@cache
def _readiness() -> tuple[Readiness, ...]:
    lines = [(move.value, label, "", 10) for move, label in page.MOVES.items()]
    counts = DataFrame([*lines, ("", page.TO_CONFIRM, "", 3)], columns=["wave", "label", "meaning", "users"])
    return tuple(Readiness(target, counts) for target in Target)


def sample(rows: Sequence[dict[str, Any]], **more: Any) -> Page:
    """A page of findings, with little of everything else."""
    found = findings(rows)
    counts = found["severity"].value_counts()
    severities = [(name, int(counts[name]), "What it means.") for name in SEVERITIES.categories]
    told: dict[str, Any] = {
        "forest": MANIFEST["forest"],
        "taken": TAKEN,
        "target": Target.UM_LYNC,
        "facts": DataFrame({"fact": ["Forest", "Made with"], "value": ["contoso.com", "adinspect 0.1.0"]}),
        "attention": testing.table("severity | message\nmedium | 3 rules could not be judged."),
        "severities": DataFrame(severities, columns=["severity", "findings", "meaning"]),
        "first": found.head(2)[["rule", "severity", "remediation"]].assign(objects=2, title="No SIP address", example="x"),
        "rules": DataFrame([("USR-001", "high", "… has no SIP address.", 1, 0, 9, 9, "")], columns=[*"abcdefgh"]),
        "readiness": _readiness(),
        "trend": runs(4, 3, 2),
        "findings": found,
        "paths": paths(),
        "not_looked_at": DataFrame([("rule", None, "CRT-001", "no certificates")], columns=["kind", "objects", "what", "why"]),
        "legend": DataFrame([("certain", "the directory shows it")], columns=["word", "meaning"]),
    }
    return Page(**told | more)
