"""`adinspect report`: a snapshot in, a workbook, page, CSV or JSON out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from adinspect.cli._options import judging, snapshot_argument
from adinspect.remote import Place


@click.command(name="report")
@snapshot_argument
@judging
@click.option("--report", default="remediation", show_default=True, help="A report that ships with the package, or a TOML file.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="File: .xlsx, .html, .csv (the first sheet) or .json; or a folder for one CSV a sheet.",
)
def command(snapshot: Place, report: str, output: Path, **judged: Any) -> None:
    """Lay the findings and tables of a snapshot out for people.

    \b
    adinspect report SNAPSHOT -o remediation.xlsx
    adinspect report SNAPSHOT -o page.html
    adinspect report SNAPSHOT --target teams-phone -o remediation.json
    adinspect report SNAPSHOT --report numbers --profile profile.toml -o numbers.xlsx
    adinspect report SNAPSHOT --report migration --target teams-phone --profile profile.toml -o migration.xlsx
    """
    from adinspect import reporting
    from adinspect.cli._judged import judge

    reporting.write(judge(snapshot, **judged), report, output)
    click.echo(output)
