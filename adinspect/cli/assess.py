"""`adinspect assess`: a snapshot in, findings out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import format_option, harmless, judging, print_rows, printable, snapshot_argument
from adinspect.errors import ConfigurationError
from adinspect.finding import Severity

if TYPE_CHECKING:
    from pandas import DataFrame

    from adinspect.assess import Assessment
    from adinspect.cli._judged import Judged

EXIT_FINDINGS = 3


@click.command(name="assess", short_help="Say what is wrong with a forest for a target.")
@snapshot_argument
@judging
@click.option(
    "--fail-on", type=click.Choice([severity.value for severity in Severity]), help="Exit 3 when a finding is at least this bad."
)
@click.option(
    "--explain", metavar="OBJECT", help="Say everything about one object: objectGUID, DN, UPN, SIP address, sAMAccountName."
)
@format_option
def command(snapshot: Path, format: str, fail_on: str | None, explain: str | None, **judged: Any) -> int:
    """Say what is wrong with a forest for a target: findings, skipped rules, and how much each rule could judge.

    A table counts the findings of each rule; json, jsonl and csv hold every finding. A rule whose input could not be seen
    is skipped and says so; an object of which it could not see enough is not judged and is counted. A finding that a waiver
    accepts stays in the list, and does not count for --fail-on; what is expired or matches nothing is said, and json lists what
    each waiver came to.

    \b
    adinspect assess snapshots/contoso.com/20261124T080000Z-1a2b3c4d5e6f
    adinspect assess SNAPSHOT --target teams-phone --format json
    adinspect assess SNAPSHOT --explain adele.vance@contoso.com
    """
    from adinspect import waivers
    from adinspect.assess import at_or_above
    from adinspect.cli._explained import print_explained
    from adinspect.cli._judged import judge

    if explain and fail_on:
        raise ConfigurationError("--explain tells of one object, --fail-on judges them all: say one of them")
    opened = judge(snapshot, **judged)
    if explain:
        print_explained(opened, explain, format)
        return 0
    findings = opened.assessment.findings
    if format == "json":
        click.echo(harmless(json.dumps(as_json(opened), ensure_ascii=False, indent=1)))
    elif format == "table":
        _print_counts(opened.assessment)
    else:
        told = waivers.told(findings) if format == "csv" else findings["waived"]
        print_rows(findings.assign(csv=findings["csv"].str.join("|"), waived=told), format)
    return EXIT_FINDINGS if fail_on and len(at_or_above(waivers.standing(findings), Severity(fail_on))) else 0


def write_json(judged: Judged, path: Path) -> None:
    """Write the assessment in its public JSON form to a file."""
    from adinspect import atomic

    with atomic.replacing(path) as file:
        file.write(json.dumps(as_json(judged), ensure_ascii=False, indent=1).encode())


def as_json(judged: Judged) -> dict[str, Any]:
    """The assessment in its public JSON form, schema 1."""
    snapshot, assessment = judged.snapshot, judged.assessment
    findings = plain_findings(assessment.findings)
    given = assessment.waivers.to_dict("records")
    coverage = {row.rule: {"judged": row.judged, "of": row.of} for row in assessment.coverage.itertuples()}
    return {
        "schema": 1,
        "snapshot": str(snapshot.path),
        "target": judged.target.value,
        "taken": snapshot.manifest["taken"],
        "findings": findings,
        "skipped": assessment.skipped.to_dict("records"),
        "coverage": coverage,
        "counts": {str(rule): int(count) for rule, count in assessment.findings["rule"].value_counts().sort_index().items()},
        "waivers": [{**row, "object": row["object"] or None, "key": row["key"] or None} for row in given],
    }


def plain_findings(findings: DataFrame) -> list[dict[str, Any]]:
    """Findings as the public JSON forms hold them."""
    return [{**row, "csv": list(row["csv"])} for row in findings.to_dict("records")]


def _print_counts(assessment: Assessment) -> None:
    from adinspect import summary

    print_rows(summary.counts_by_rule(assessment), "table")
    for reason, rules in assessment.skipped.groupby("reason", sort=False)["rule"]:
        click.secho(f"Skipped {', '.join(rules)}: {printable(reason)}", err=True, fg="yellow")
