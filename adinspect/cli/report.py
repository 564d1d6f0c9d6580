"""`adinspect report`: a snapshot in, a workbook, CSV or JSON out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import judging, snapshot_argument

if TYPE_CHECKING:
    from adinspect.cli._judged import Judged


@click.command(name="report")
@snapshot_argument
@judging
@click.option("--report", default="remediation", show_default=True, help="A report that ships with the package, or a TOML file.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="File: .xlsx, .csv (the first sheet) or .json; or a folder for one CSV a sheet.",
)
def command(snapshot: Path, report: str, output: Path, **judged: Any) -> None:
    """Lay the findings and tables of a snapshot out for people.

    \b
    adinspect report SNAPSHOT -o remediation.xlsx
    adinspect report SNAPSHOT --target teams-phone -o remediation.json
    adinspect report SNAPSHOT --report numbers --profile profile.toml -o numbers.xlsx
    adinspect report SNAPSHOT --report migration --target teams-phone --profile profile.toml -o migration.xlsx
    """
    from adinspect.cli._judged import judge

    write(judge(snapshot, **judged), report, output)
    click.echo(output)


def write(judged: Judged, name: str, output: Path) -> None:
    """Write one report of a judged snapshot."""
    from adinspect import export, migration, numbering, report, summary

    one = judged.snapshot
    definition = report.find(name)
    tables = summary.tables(
        one.manifest, one.tables, one.visibility, judged.assessment, target=judged.target, profile=judged.profile
    )
    if definition.named.intersection(migration.TABLES):
        tables |= migration.tables(judged.view(), judged.assessment, tables)
    elif definition.named.intersection(numbering.TABLES):  # reading every number takes its time
        tables |= numbering.tables(judged.view())
    export.write(report.build(definition, tables, taken=one.taken), output)
