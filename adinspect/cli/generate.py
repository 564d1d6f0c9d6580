"""`adinspect generate`: a snapshot in, bulk enablement CSVs out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import judging, snapshot_argument

if TYPE_CHECKING:
    from adinspect.delivery import Written
    from adinspect.plan import Plan

WAVES = ("W1", "W2", "W3", "W4", "W5", "WX")


@click.command(name="generate", short_help="Write the bulk CSVs that the Microsoft cmdlets consume.")
@snapshot_argument
@judging
@click.option("--wave", type=click.Choice(WAVES), help="Only the users of this wave, into a folder of its name.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder for the CSVs; made when missing.")
def command(snapshot: Path, output: Path, wave: str | None, **judged: Any) -> None:
    """Write the bulk CSVs that the Microsoft cmdlets consume, for every finding whose repair is certain and complete.

    A row that is not goes to NAME.rejected.csv with its reason; kept and rejected rows together are all that were proposed. Look
    at every row before you run it: these files change telephones.

    Beside each CSV stands the one that takes it back (90_NAME.csv). Invoke-Adinspect.ps1 runs them, looks at each object first,
    and changes nothing without -Execute; manifest.json says what belongs together.

    \b
    adinspect generate SNAPSHOT --target um-lync -o bulk
    adinspect generate SNAPSHOT --target um-lync --wave W1 -o bulk
    """
    from adinspect import delivery, plan
    from adinspect.cli._judged import judge

    opened = judge(snapshot, whole=True, **judged)
    made = plan.make(opened.view(), opened.target)
    origin = {"snapshot": opened.snapshot.path.name, "forest": str(opened.snapshot.manifest["forest"])}
    folder = output / wave if wave else output
    say(delivery.write(made, folder, wave=wave or "", **origin))
    say_what_is_not_there(made, wave)
    click.echo(folder)


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
