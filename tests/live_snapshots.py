"""Snapshots of a running lab, and what an assessment told as plain tuples, for the tests of whole forests."""

from __future__ import annotations

from pathlib import Path

from lab import Account, Lab

from adinspect import observe, query, snapshot
from adinspect.assess import Assessment
from adinspect.collect import collect
from adinspect.directory import Directory, live
from adinspect.snapshot import Snapshot


def take(directory: Directory, store: Path) -> Snapshot:
    """Read everything from a directory that tells the time."""
    collected = collect(directory, list(query.shipped().values()))
    now = directory.root.now
    assert now
    return snapshot.save(collected, observe.observe(collected), directory.root, store, taken=now)


def take_live(lab: Lab, account: Account, store: Path) -> Snapshot:
    """Read everything that the account may see."""
    with live.connect(lab.url, user=account.user, password=account.password, ca_file=lab.ca_file) as directory:
        return take(directory, store)


def told(assessment: Assessment) -> set[tuple[str, str, str, str]]:
    """Every finding: rule, DN, severity, certainty."""
    rows = assessment.findings[["rule", "dn", "severity", "certainty"]].itertuples(index=False, name=None)
    return {(rule, dn, str(severity), certainty) for rule, dn, severity, certainty in rows}
