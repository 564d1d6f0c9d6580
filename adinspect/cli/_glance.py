"""An assessment at a glance: what a person can read in ten seconds before anything is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from adinspect.cli._lines import print_lines
from adinspect.cli._options import printable

if TYPE_CHECKING:
    from pandas import DataFrame

    from adinspect.cli._judged import Judged

RULES = 10
"""Rules that are shown."""


def print_glance(judged: Judged) -> None:
    """Say which forest it is, how many findings of which severity there are, of which rules, and what to know and do next."""
    from adinspect import summary, waivers

    manifest, found = judged.snapshot.manifest, judged.assessment.findings
    standing = waivers.standing(found)
    users = f"{len(judged.snapshot.tables['users']):,} users{' seen' if 'users' in judged.seen.unseen.tables else ''}"
    accepted = f", {len(found) - len(standing):,} more accepted by waivers" if len(found) > len(standing) else ""
    heading = f"{manifest['forest']}, {judged.snapshot.taken:%Y-%m-%d %H:%M} UTC, measured against {judged.target.value}"
    click.secho(printable(heading), bold=True)
    told = ", ".join(
        f"{row.findings:,} {row.severity}" for row in summary.counts_by_severity(standing).itertuples() if row.findings
    )
    click.echo(f"{users}. {len(standing):,} findings{f': {told}' if told else ''}{accepted}.")
    _print_rules(summary.counts_by_rule(judged.assessment))
    for line in summary.attention(manifest, judged.assessment)["message"]:
        click.secho(printable(line.replace("see Not looked at", "--format table says which and why")), err=True, fg="yellow")
    click.echo("Every finding: --format csv, or `adinspect report`. One rule: `adinspect rules CODE`.")


def _print_rules(counts: DataFrame) -> None:
    counts = counts.assign(standing=counts["findings"] - counts["waived"])
    counts = counts[counts["standing"] > 0]
    if counts.empty:
        return
    click.echo()
    print_lines([(row.severity, row.rule, f"{row.standing:>6,}", row.title) for row in counts.head(RULES).itertuples()])
    if left := counts["standing"].iloc[RULES:].tolist():
        click.echo(f"  and {sum(left):,} findings of {len(left):,} more rules: --format table")
    click.echo()
