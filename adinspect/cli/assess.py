"""`adinspect assess`: a snapshot in, findings out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import format_option, judging, print_rows, snapshot_argument
from adinspect.finding import Severity, Target

if TYPE_CHECKING:
    from adinspect.assess import Assessment
    from adinspect.snapshot import Snapshot

EXIT_FINDINGS = 3


@click.command(name="assess")
@snapshot_argument
@judging
@click.option(
    "--fail-on", type=click.Choice([severity.value for severity in Severity]), help="Exit 3 when a finding is at least this bad."
)
@format_option
def command(snapshot: Path, format: str, fail_on: str | None, **judged: Any) -> int:
    """Say what is wrong with a forest for a target: findings, skipped rules, and how much each rule could judge.

    A table counts the findings of each rule; json, jsonl and csv hold every finding. A rule whose input could not be seen
    is skipped and says so; an object of which it could not see enough is not judged and is counted.

    \b
    adinspect assess snapshots/contoso.com/20261124T080000Z-1a2b3c4d5e6f
    adinspect assess SNAPSHOT --target teams-phone --format json
    """
    opened, assessment = assessed(snapshot, **judged)
    if format == "json":
        click.echo(json.dumps(as_json(opened, assessment, judged["target"]), ensure_ascii=False, indent=1))
    elif format == "table":
        _print_counts(assessment)
    else:
        print_rows(assessment.findings.assign(csv=assessment.findings["csv"].str.join("|")), format)
    return EXIT_FINDINGS if fail_on and _at_or_above(assessment, fail_on) else 0


def assessed(
    path: Path, *, target: str, profile: Path | None, accept_partial: bool, whole: bool = False
) -> tuple[Snapshot, Assessment]:
    """Open a snapshot and judge it; `whole` refuses a partial one unless it is accepted."""
    from adinspect import profile as profiles
    from adinspect import snapshot
    from adinspect.assess import assess

    opened = snapshot.load(path)
    if whole:
        opened.require_whole(accept_partial=accept_partial)
    wishes = profiles.read(profile)
    return opened, assess(opened.tables, opened.visibility, target=Target(target), today=opened.taken, profile=wishes)


def as_json(snapshot: Snapshot, assessment: Assessment, target: str) -> dict[str, Any]:
    """The assessment in its public JSON format, schema 1."""
    findings = [{**row, "csv": list(row["csv"]), "waived": None} for row in assessment.findings.to_dict("records")]
    coverage = {row.rule: {"judged": row.judged, "of": row.of} for row in assessment.coverage.itertuples()}
    return {
        "schema": 1,
        "snapshot": str(snapshot.path),
        "target": target,
        "taken": snapshot.manifest["taken"],
        "findings": findings,
        "skipped": assessment.skipped.to_dict("records"),
        "coverage": coverage,
        "counts": {str(rule): int(count) for rule, count in assessment.findings["rule"].value_counts().sort_index().items()},
    }


def _print_counts(assessment: Assessment) -> None:
    from adinspect import summary

    print_rows(summary.counts_by_rule(assessment), "table")
    for row in assessment.skipped.itertuples():
        click.secho(f"Skipped {row.rule}: {row.reason}", err=True, fg="yellow")


def _at_or_above(assessment: Assessment, severity: str) -> bool:
    return bool((assessment.findings["severity"] <= severity).any())
