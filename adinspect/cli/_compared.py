"""A judged snapshot held against an older one: what `diff` and `assess --baseline` start from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from pandas import DataFrame

from adinspect import diff, past, snapshot
from adinspect import waivers as accepted
from adinspect.cli._judged import Judged
from adinspect.cli._lines import print_lines
from adinspect.cli._options import printable
from adinspect.cli._progress import looking_back
from adinspect.findings_json import plain_findings
from adinspect.history import History
from adinspect.lives import Judgement, Life, Lives, lives
from adinspect.remote import Place
from adinspect.snapshot import Snapshot

LINES = 5
"""Rows of each kind that a table for people shows."""

ABSENT = "(none)"
"""What stands for a value that is not there."""

TOLD = (Life.NEW, Life.REGRESSED, Life.EXPIRED, Life.RESOLVED, Life.UNKNOWN)
"""The findings that are listed for people, who know the open and waived ones."""


@dataclass(frozen=True, eq=False)
class Compared:
    """An older snapshot, what became of findings since, and their history, if they stand in one store."""

    older: Snapshot
    lives: Lives
    past: History | None


def earlier(path: Place, newer: Place, *, accept_partial: bool) -> Snapshot:
    """Open the snapshot that another one is held against.

    Raises:
        ConfigurationError: it is of another forest, or is the newer one.
        IncompleteError: it is partial and that was not accepted.
        StorageError: one of them is no snapshot, or damaged.
    """
    older = snapshot.load(path)
    diff.check(older, snapshot.load(newer))
    older.require_whole(accept_partial=accept_partial)
    return older


def since(older: Snapshot, newer: Judged, waivers: Path | None) -> Compared:
    """Judge an older snapshot as the newer one was, and hold their findings against each other.

    Raises:
        StorageError: it is damaged.
    """
    agreed = accepted.read(waivers)
    before = Judgement.of(older, target=newer.target, profile=newer.profile, accepted=agreed)
    pair = past.Pair(older, newer.snapshot, before, Judgement(newer.assessment, newer.seen))
    found = lives(before, pair.now, agreed)
    with looking_back() as say:
        known = past.between(pair, agreed, say)
    return Compared(older, past.recalled(found, known, pair, agreed) if known else found, known)


def told_findings(findings: DataFrame, known: History | None) -> list[dict[str, Any]]:
    """Findings as the public JSON forms hold them, with `since` and `runs` (history.TRACKED_COLUMNS); null where nobody knows."""
    kept = known.findings[["key", "since", "runs"]].itertuples(index=False) if known else ()
    spans = {row.key: {"since": f"{row.since:%Y-%m-%dT%H:%M:%SZ}", "runs": row.runs} for row in kept}
    unknown = {"since": None, "runs": None}
    return [row | spans.get(row["key"], unknown) for row in plain_findings(findings)]


def print_lives(compared: Compared, target: str) -> None:
    """Say how many findings came to what, and list the first of those that somebody may act on."""
    found = compared.lives.found
    counts = ", ".join(f"{len(rows):,} {life}" for life, rows in found.items() if len(rows) or life is not Life.UNKNOWN)
    click.echo(f"Findings for {target}: {counts}.")
    shown = ((life, row) for life in TOLD for row in found[life].head(LINES).itertuples())
    print_lines([(life.value, str(row.severity), row.rule, row.message) for life, row in shown])
    for life in TOLD:
        say_more(len(found[life]), f"{life} findings")
    if compared.past:
        _print_longest(compared.past, found[Life.OPEN])
    if unsure := len(compared.lives.unsure):
        _warn(f"{unsure:,} of the new findings may be older: the older snapshot did not show enough to judge them.")
    for reason, rows in found[Life.UNKNOWN].groupby("reason", sort=False):
        _warn(f"{len(rows):,} findings may be resolved or not: {reason}")


def _print_longest(known: History, standing: DataFrame) -> None:
    """Say which findings have been open for longest."""
    kept = known.findings[known.findings["key"].isin(standing["key"])]
    if len(kept):
        first = kept[kept["since"] == kept["since"].min()].sort_values(["runs", "key"], ascending=[False, True])
        worst, more = first.iloc[0], f" and {len(first) - 1:,} others" if len(first) > 1 else ""
        when = f"{worst['since']:%Y-%m-%d %H:%M} UTC{' or earlier' if worst['unsure'] else ''}"
        click.echo(
            f"Open for longest, since {when}: {worst['rule']} {printable(worst['identity'])} ({worst['runs']} runs){more}."
        )


def print_changes(changes: DataFrame) -> None:
    """Say how many objects changed in which way, and list the first changes of each kind."""
    kinds = {kind.value: changes[changes["kind"] == kind.value] for kind in diff.Kind}
    counts = ", ".join(f"{rows['guid'].nunique():,} {kind}" for kind, rows in kinds.items())
    click.echo(f"Objects: {counts}.")
    shown = [row for rows in kinds.values() for row in rows.head(LINES).itertuples()]
    print_lines([(row.kind, row.table, row.identity, _change(row)) for row in shown])
    for kind, rows in kinds.items():
        say_more(len(rows), f"{kind} values" if kind == diff.Kind.CHANGED else f"{kind} objects")


def _change(row: Any) -> str:
    if not isinstance(row.column, str):
        return ""
    return f"{row.column}: {_short(row.old) or ABSENT} \u2192 {_short(row.new) or ABSENT}"


def _short(value: object, most: int = 60) -> str:
    text = " | ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def say_more(count: int, what: str) -> None:
    """Say how many rows of a kind were not listed."""
    if count > LINES:
        click.echo(f"... and {count - LINES:,} more {what}")


def say_gaps(gaps: DataFrame) -> None:
    """Say on stderr what was not compared, reason by reason."""
    for reason, rows in gaps.groupby("reason", sort=False):
        named = dict.fromkeys(".".join(filter(None, (row.table, row.column))) for row in rows.itertuples())
        names = [name for name in named if name]
        listed = f"{', '.join(names[:LINES])}{f' and {len(names) - LINES} more' if len(names) > LINES else ''}: " if names else ""
        _warn(f"Not compared: {listed}{reason}" if names else f"The snapshots differ: {reason}")


def _warn(text: str) -> None:
    click.secho(printable(text), err=True, fg="yellow")
