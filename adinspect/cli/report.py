"""`adinspect report`: a snapshot in, a workbook, CSV or JSON out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from adinspect.cli._options import judging, snapshot_argument


@click.command(name="report")
@snapshot_argument
@judging
@click.option(
    "--report",
    "report",
    default="remediation",
    show_default=True,
    help="Name of a report that ships with the package, or a TOML file.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="File: .xlsx, .csv (the first sheet), .json; or a folder for one CSV a sheet.",
)
def command(snapshot: Path, report: str, output: Path, **judged: Any) -> None:
    """Lay the findings and tables of a snapshot out for people.

    \b
    adinspect report SNAPSHOT -o remediation.xlsx
    adinspect report SNAPSHOT --target teams-phone -o remediation.json
    """
    from adinspect.cli.assess import assessed

    opened, assessment = assessed(snapshot, **judged)
    write(opened, assessment, judged["target"], report, output)
    click.echo(output)
