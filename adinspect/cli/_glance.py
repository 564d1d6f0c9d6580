"""An assessment at a glance: what a person can read in ten seconds before anything is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adinspect.cli._options import printable

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.console import Console

    from adinspect.cli._judged import Judged

RULES = 10
"""Rules that are shown."""

COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow"}
"""What is coloured: what needs somebody."""


def print_glance(judged: Judged) -> None:
    """Say which forest it is, how many findings of which severity there are, of which rules, and what to know and do next."""
    from rich.console import Console
    from rich.text import Text

    from adinspect import summary, waivers

    console = Console(highlight=False)
    manifest, found = judged.snapshot.manifest, judged.assessment.findings
    standing = waivers.standing(found)
    users = len(judged.snapshot.tables["users"])
    accepted = f", {len(found) - len(standing):,} more accepted by waivers" if len(found) > len(standing) else ""
    heading = f"{manifest['forest']}, {judged.snapshot.taken:%Y-%m-%d %H:%M} UTC, measured against {judged.target.value}"
    console.print(Text(printable(heading), style="bold"), soft_wrap=True)
    told = ", ".join(
        f"{row.findings:,} {row.severity}" for row in summary.counts_by_severity(standing).itertuples() if row.findings
    )
    click.echo(f"{users:,} users. {len(standing):,} findings{f': {told}' if told else ''}{accepted}.")
    _print_rules(console, summary.counts_by_rule(judged.assessment))
    for line in summary.attention(manifest, judged.assessment)["message"]:
        click.secho(printable(line.replace("see Not looked at", "--format table says which and why")), err=True, fg="yellow")
    click.echo("Every finding: --format csv, or `adinspect report`. One rule: `adinspect rules CODE`.")


def _print_rules(console: Console, counts: DataFrame) -> None:
    from rich.table import Table
    from rich.text import Text

    counts = counts.assign(standing=counts["findings"] - counts["waived"])
    counts = counts[counts["standing"] > 0]
    if counts.empty:
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name, least in (("severity", 8), ("rule", 8), ("findings", 5)):
        table.add_column(name, no_wrap=True, min_width=least, justify="right" if name == "findings" else "left")
    table.add_column("title", no_wrap=True, overflow="ellipsis")
    for row in counts.head(RULES).itertuples():
        severity = Text(row.severity, style=COLOURS.get(row.severity, ""))
        table.add_row(severity, row.rule, f"{row.standing:,}", Text(row.title, overflow="ellipsis"))
    console.print()
    console.print(table)
    if len(counts) > RULES:
        left = counts.iloc[RULES:]
        console.print(f"and {left['standing'].sum():,} findings of {len(left):,} more rules: --format table")
    console.print()
