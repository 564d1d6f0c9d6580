"""`adinspect verify`: a reviewed plan and a newer snapshot in, what became of every approved step out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from adinspect.cli._options import format_option, print_rows, snapshot_argument
from adinspect.errors import ConfigurationError
from adinspect.remote import Place

if TYPE_CHECKING:
    from pandas import DataFrame

EXIT_NOT_LANDED = 3

SHOWN = ("outcome", "csv", "identity", "told")
"""The columns of a table for people, who want to know what did not land."""


@click.command(name="verify", short_help="Say which approved steps of a plan landed.")
@click.argument("plan", metavar="PLAN.xlsx", type=click.Path(path_type=Path))
@snapshot_argument
@click.option("--profile", type=click.Path(path_type=Path), help="The site's wishes (TOML) that the plan was made with.")
@click.option("--accept-partial", is_flag=True, help="Work with a snapshot whose collection ended early.")
@format_option
def command(plan: Path, snapshot: Place, profile: Path | None, accept_partial: bool, format: str) -> int:
    """Say which approved steps of a plan landed, which did not, and what changed meanwhile.

    PLAN.xlsx is the workbook as people left it, SNAPSHOT one that was taken after the steps were run. What became of steps in
    the cloud is seen only in a snapshot with teams-users.csv and teams-numbers.csv of then.

    A table lists the steps that did not land; json, jsonl and csv hold every approved one. Exit 3 unless each is known to have
    landed: what cannot be seen has not.

    \b
    adinspect verify plan.xlsx snapshots/contoso.com/20261201T080000Z-5e6f1a2b3c4d
    """
    from datetime import datetime

    from adinspect import decisions, delivery, verify
    from adinspect import profile as profiles
    from adinspect import snapshot as snapshots
    from adinspect.assess import view_of
    from adinspect.workbook import reviewed

    wishes, opened = profiles.read(profile), snapshots.load(snapshot)
    left = reviewed.read(plan)
    verify.check(left.facts.forest, datetime.fromisoformat(left.facts.taken), str(opened.manifest["forest"]), opened.taken)
    opened.require_whole(accept_partial=accept_partial)
    decided = decisions.decided(left)
    view = view_of(opened.tables, opened.visibility, target=decided.target, today=opened.taken, profile=wishes)
    found = verify.steps(delivery.run_of(decided), view)
    if found.empty:
        raise ConfigurationError(
            "no step of the workbook is approved",
            where=str(plan),
            next_step="Decide in the column ACTION, run the CSVs, verify then.",
        )
    _say(found)
    shown = found[found["outcome"] != verify.Outcome.LANDED][list(SHOWN)] if format == "table" else found
    if format != "table" or len(shown):
        print_rows(shown, format)
    return 0 if verify.all_landed(found) else EXIT_NOT_LANDED


def _say(found: DataFrame) -> None:
    """Tell on stderr how many steps came to what."""
    from adinspect.verify import Outcome

    counts = found["outcome"].value_counts()
    told = ", ".join(f"{counts[one]:,} {one}" for one in Outcome if one in counts)
    click.echo(f"{len(found):,} approved step{'' if len(found) == 1 else 's'}: {told}.", err=True)
