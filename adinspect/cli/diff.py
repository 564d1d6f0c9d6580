"""`adinspect diff`: two snapshots in, what changed and what became of findings out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import format_option, harmless, judging, print_rows, shrink_option
from adinspect.cli._places import PLACE
from adinspect.remote import Place

if TYPE_CHECKING:
    from pandas import DataFrame

    from adinspect import diff
    from adinspect.cli._compared import Compared
    from adinspect.cli._judged import Judged

NO_STORE = "regressed is empty: two snapshots outside a store do not tell what was resolved before and came back"


@click.command(name="diff", short_help="Say what changed between two snapshots.")
@click.argument("old", type=PLACE)
@click.argument("new", type=PLACE)
@judging
@shrink_option
@format_option
def command(old: Place, new: Place, format: str, **judged: Any) -> None:
    """Say what changed between two snapshots of a forest, and what became of its findings.

    Objects are known by their objectGUID, whatever their name. Values are compared as the directory understands them: without
    regard to case, to the order of many, and to how a tel: URI is spelt; links by the object they name. What one of the snapshots
    does not show is no change, and a finding is resolved only where its rule could judge the object in NEW: what could not be
    compared is said.

    Where both stand in one store, what was taken before NEW tells since when a finding stands and how many runs found it, and
    which came back within ten runs after it was resolved (regressed): from the history that `adinspect run` keeps, else from the
    last ten snapshots, judged again.

    It stops when NEW lacks too many objects that OLD held: they may have been deleted, or the account may just not see them any
    more, and then nothing about them is resolved.

    A table counts and shows the first rows of each kind; json holds all of both, csv and jsonl every change.

    \b
    adinspect diff snapshots/contoso.com/20261123T080000Z-1a2b3c4d5e6f snapshots/contoso.com/20261124T080000Z-5e6f1a2b3c4d
    """
    from adinspect.cli._compared import earlier, print_changes, print_lives, say_gaps, since
    from adinspect.cli._judged import judge

    older = earlier(old, new, accept_partial=judged["accept_partial"])
    newer = judge(new, whole=True, earlier=older, **judged)
    compared = since(older, newer, judged["waivers"])
    told = _told(newer)
    say_gaps(told.gaps)
    if format == "json":
        click.echo(harmless(json.dumps(as_json(compared, newer), ensure_ascii=False, indent=1)))
    elif format == "table":
        click.secho(
            f"{newer.snapshot.manifest['forest']}, {older.taken:%Y-%m-%d %H:%M} \u2192 {newer.snapshot.taken:%Y-%m-%d %H:%M} UTC",
            bold=True,
        )
        print_lives(compared, newer.target.value)
        print_changes(told.changes)
    else:
        changes = told.changes.drop(columns="identity")
        print_rows(_flat(changes) if format == "csv" else changes, format)


def _told(newer: Judged) -> diff.Compared:
    """What a snapshot that was judged beside an earlier one came to."""
    if newer.compared is None:
        raise ValueError("the snapshot was judged by itself")
    return newer.compared


def _flat(changes: DataFrame) -> DataFrame:
    joined = {name: ["|".join(one) if isinstance(one, list) else one for one in changes[name]] for name in ("old", "new")}
    return changes.assign(**joined)


def as_json(compared: Compared, newer: Judged) -> dict[str, Any]:
    """The difference in its public JSON form, schema 1; `newer` was judged beside the older snapshot."""
    from adinspect.cli._compared import told_findings
    from adinspect.lives import Life

    found = {life.value: told_findings(rows, compared.past) for life, rows in compared.lives.found.items()}
    unknown = found.pop(Life.UNKNOWN.value)
    told = _told(newer)
    missing = told.gaps.astype(object).where(told.gaps.notna(), None)
    return {
        "schema": 1,
        "old": str(compared.older.path),
        "new": str(newer.snapshot.path),
        "target": newer.target.value,
        "changes": told.changes.drop(columns="identity").to_dict("records"),
        "findings": found,
        "unknown": unknown,
        "not_compared": missing.to_dict("records"),
        "notes": [] if compared.past else [NO_STORE],
    }
