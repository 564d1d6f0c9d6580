"""`adinspect generate`: a snapshot in, bulk enablement CSVs out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import judging, snapshot_argument

if TYPE_CHECKING:
    from adinspect.bulk import Written


@click.command(name="generate", short_help="Write the bulk CSVs that the Microsoft cmdlets consume.")
@snapshot_argument
@judging
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder for the CSVs; made when missing.")
def command(snapshot: Path, output: Path, **judged: Any) -> None:
    """Write the bulk CSVs that the Microsoft cmdlets consume, for every finding whose repair is certain and complete.

    A row that is not goes to NAME.rejected.csv with its reason; kept and rejected rows together are all that were proposed. Look
    at every row before you run it: these files change telephones.

    \b
    adinspect generate SNAPSHOT --target um-lync -o bulk
    """
    from adinspect import delivery, plan
    from adinspect.cli._judged import judge

    opened = judge(snapshot, whole=True, **judged)
    say(delivery.write(plan.make(opened.view(), opened.target), output))
    click.echo(output)


def say(written: list[Written]) -> None:
    """Tell on stderr how many rows each CSV got."""
    for one in written:
        click.echo(f"{one.file.name}: {one.kept} rows to run, {one.rejected} rejected with a reason.", err=True)
