"""`adinspect assess`: a snapshot in, findings out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import harmless, judging, print_rows, printable, shrink_option, snapshot_argument, summary_option
from adinspect.cli._places import PLACE
from adinspect.errors import ConfigurationError
from adinspect.finding import Severity
from adinspect.findings_json import as_json, plain_findings
from adinspect.remote import Place

if TYPE_CHECKING:
    from adinspect.assess import Assessment
    from adinspect.cli._compared import Compared
    from adinspect.cli._judged import Judged

EXIT_FINDINGS = 3


@click.command(name="assess", short_help="Say what is wrong with a forest for a target.")
@snapshot_argument
@judging
@click.option(
    "--fail-on", type=click.Choice([severity.value for severity in Severity]), help="Exit 3 when a finding is at least this bad."
)
@click.option("--baseline", type=PLACE, help="An older snapshot: say which findings are new since.")
@click.option(
    "--fail-on-new",
    is_flag=True,
    help="Exit 3 only for what is new since the baseline, came back or was accepted there; with --fail-on, if that bad.",
)
@shrink_option
@click.option(
    "--explain", metavar="OBJECT", help="Say everything about one object: objectGUID, DN, UPN, SIP address, sAMAccountName."
)
@summary_option
def command(
    snapshot: Place,
    format: str | None,
    fail_on: str | None,
    baseline: Place | None,
    fail_on_new: bool,
    accept_shrink: bool,
    explain: str | None,
    **judged: Any,
) -> int:
    """Say what is wrong with a forest for a target: findings, skipped rules, and how much each rule could judge.

    Without --format it says what matters most. A table counts the findings of each rule; json, jsonl and csv hold every finding.
    A rule whose input could not be seen is skipped and says so; an object of which it could not see enough is not judged and is
    counted. A finding that a waiver accepts stays in the list, and does not count for --fail-on; what is expired or matches
    nothing is said, and json lists what each waiver came to.

    With --baseline it also says what became of each finding since an older snapshot, as `adinspect diff` does: new, open,
    resolved (where its rule could judge the object), regressed, waived or expired. csv and jsonl have it in a column, json in
    "baseline". It stops when SNAPSHOT lacks too many objects that the older one held.

    \b
    adinspect assess snapshots/contoso.com/20261124T080000Z-1a2b3c4d5e6f
    adinspect assess SNAPSHOT --target teams-phone --format json
    adinspect assess SNAPSHOT --baseline OLDER --fail-on high --fail-on-new
    adinspect assess SNAPSHOT --explain adele.vance@contoso.com
    """
    from adinspect.cli._compared import earlier, since
    from adinspect.cli._explained import print_explained
    from adinspect.cli._judged import judge

    if explain and (fail_on or baseline):
        raise ConfigurationError(
            f"--explain tells of one object, {'--fail-on' if fail_on else '--baseline'} judges them all: say one of them"
        )
    if fail_on_new and not baseline:
        raise ConfigurationError(
            "--fail-on-new needs what findings are new since", next_step="Name an older snapshot: --baseline."
        )
    older = earlier(baseline, snapshot, accept_partial=judged["accept_partial"]) if baseline else None
    opened = judge(snapshot, earlier=older, accept_shrink=accept_shrink or older is None, **judged)
    if explain:
        print_explained(opened, explain, format or "table")
        return 0
    compared = since(older, opened, judged["waivers"]) if older else None
    _print(opened, compared, format)
    return EXIT_FINDINGS if _fails(opened, compared if fail_on_new else None, fail_on) else 0


def _print(judged: Judged, compared: Compared | None, format: str | None) -> None:
    from adinspect import waivers
    from adinspect.cli._compared import print_lives, told_findings
    from adinspect.cli._glance import print_glance

    findings = judged.assessment.findings
    if format == "json":
        told = as_json(judged)
        if compared:
            told |= {"findings": told_findings(findings, compared.past), "baseline": _baseline(compared)}
        click.echo(harmless(json.dumps(told, ensure_ascii=False, indent=1)))
    elif format in (None, "table"):
        _print_counts(judged.assessment) if format else print_glance(judged)
        if compared:
            print_lives(compared, judged.target.value)
    else:
        told_waivers = waivers.told(findings) if format == "csv" else findings["waived"]
        since = {"since": compared.lives.of(findings["key"])} if compared else {}
        print_rows(findings.assign(csv=findings["csv"].str.join("|"), waived=told_waivers, **since), format)


def _fails(judged: Judged, new_since: Compared | None, fail_on: str | None) -> bool:
    """Whether findings that count are there: all, or those that are new; of all, only with a severity."""
    from adinspect import waivers
    from adinspect.assess import at_or_above

    counting = new_since.lives.counting_anew() if new_since else waivers.standing(judged.assessment.findings)
    if fail_on:
        return bool(len(at_or_above(counting, Severity(fail_on))))
    return bool(new_since and len(counting))


def _baseline(compared: Compared) -> dict[str, Any]:
    """What became of findings since the baseline: the keys of those that `findings` holds, and those that are gone."""
    from adinspect.lives import Life

    gone = (Life.RESOLVED, Life.UNKNOWN)
    found = compared.lives.found
    lives = {life.value: plain_findings(rows) if life in gone else rows["key"].tolist() for life, rows in found.items()}
    return {"snapshot": str(compared.older.path), **lives}


def _print_counts(assessment: Assessment) -> None:
    from adinspect import summary

    print_rows(summary.counts_by_rule(assessment), "table")
    for reason, rules in assessment.skipped.groupby("reason", sort=False)["rule"]:
        click.secho(f"Skipped {', '.join(rules)}: {printable(reason)}", err=True, fg="yellow")
