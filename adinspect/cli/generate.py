"""`adinspect generate`: a snapshot or a reviewed plan in, bulk enablement CSVs out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import judging, shrink_option
from adinspect.cli._places import PLACE
from adinspect.errors import ConfigurationError
from adinspect.remote import Place

if TYPE_CHECKING:
    from adinspect.delivery import Written
    from adinspect.plan import Plan

COMPARE = "Give --snapshot, with the one that the plan was made of or a newer one: each is compared with whoever holds it there."

WAVES = ("W1", "W2", "W3", "W4", "W5", "WX")


@click.command(name="generate", short_help="Write the bulk CSVs that the Microsoft cmdlets consume.")
@click.argument("source", metavar="SNAPSHOT|PLAN.xlsx", type=PLACE)
@judging
@shrink_option
@click.option(
    "--snapshot",
    "newer",
    type=PLACE,
    help="A newer snapshot, to keep out of PLAN.xlsx what changed since.",
)
@click.option("--wave", type=click.Choice(WAVES), help="Only the users of this wave, into a folder of its name.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder for the CSVs; made when missing.")
def command(source: Place, output: Path, wave: str | None, newer: Place | None, **judged: Any) -> None:
    """Write the bulk CSVs that the Microsoft cmdlets consume.

    Of a snapshot: every finding whose repair is certain and complete. Of a plan that people reviewed: the steps they approved, as
    they approved them; the target is the plan's. Where people wrote a number, an extension or an address in it, --snapshot is
    needed, to see that nobody else holds it. A row that is not run goes to NAME.rejected.csv with its reason; kept and
    rejected rows together are all that were proposed. Look at every row before you run it: these files change telephones.

    It stops when a snapshot lacks too many objects that the last complete one before it in the store held: they may have been
    deleted, or the account may just not see them any more.

    Beside each CSV stands the one that takes it back (90_NAME.csv). Invoke-Adinspect.ps1 runs them, looks at each object first,
    and changes nothing without -Execute; manifest.json says what belongs together.

    \b
    adinspect generate SNAPSHOT --target um-lync -o bulk
    adinspect generate plan.xlsx --snapshot NEWER --wave W1 -o bulk
    """
    from adinspect import delivery

    if isinstance(source, Path) and source.suffix.lower() == ".xlsx":
        made, origin = _reviewed(source, newer, judged)
    else:
        made, origin = _proposed(source, newer, judged)
    folder = output / wave if wave else output
    say(delivery.write(made, folder, wave=wave or "", **origin))
    say_what_is_not_there(made, wave)
    click.echo(folder)


def _proposed(snapshot: Place, newer: Place | None, judged: Mapping[str, Any]) -> tuple[Plan, dict[str, str]]:
    """The plan of a snapshot, and where it comes from."""
    from adinspect import plan
    from adinspect.cli._judged import judge

    if newer:
        raise ConfigurationError(
            "a newer snapshot is for a plan that people reviewed",
            where=str(newer),
            safe="Nothing was written.",
            next_step="Generate from the newer snapshot itself, or from PLAN.xlsx.",
        )
    opened = judge(snapshot, whole=True, **judged)
    origin = {"snapshot": opened.snapshot.path.name, "forest": str(opened.snapshot.manifest["forest"])}
    return plan.make(opened.view(), opened.target), origin


def _reviewed(workbook: Path, newer: Place | None, judged: Mapping[str, Any]) -> tuple[Plan, dict[str, str]]:
    """What people approved of a plan, without what changed since, and where it comes from."""
    from adinspect import decisions
    from adinspect.workbook import reviewed

    left = reviewed.read(workbook)
    made = decisions.decided(left)
    if not newer:
        reviewed.refuse(workbook, list(decisions.not_compared(left)), COMPARE)
    if newer:
        from datetime import datetime

        from adinspect import stale, verify
        from adinspect.cli._judged import judge

        opened = judge(newer, whole=True, **{**judged, "target": left.facts.target})
        forest = str(opened.snapshot.manifest["forest"])
        verify.check(left.facts.forest, datetime.fromisoformat(left.facts.taken), forest, opened.snapshot.taken)
        made, count = stale.without(made, opened.view())
        if count:
            click.secho(f"{count:,} approved steps are stale, and kept out.", err=True, fg="yellow")
    return made, {"snapshot": left.facts.snapshot, "forest": left.facts.forest}


def say(written: list[Written]) -> None:
    """Tell on stderr how many rows each CSV got."""
    for one in written:
        click.echo(f"{one.file.name}: {one.kept} rows to run, {one.rejected} rejected with a reason.", err=True)


def say_what_is_not_there(made: Plan, wave: str | None) -> None:
    """Tell on stderr which files wait for a gate, and what is in no wave's folder."""
    from adinspect.delivery import without_wave

    for gate in made.gates.itertuples():
        click.secho(f"{gate.file}.csv is not written while {gate.rule} stands: {gate.why}", err=True, fg="yellow")
    if wave and (rows := without_wave(made)):
        said = f"{rows} rows are about no user (the topology) and in no wave: generate without --wave for them."
        click.secho(said, err=True, fg="yellow")
