"""`adinspect demo`: the whole job on a forest that ships with the package, at two moments."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adinspect import definitions
from adinspect.finding import Target

if TYPE_CHECKING:
    from adinspect.cli._judged import Judged
    from adinspect.plan import Plan
    from adinspect.snapshot import Snapshot

TAKEN = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""When the export that ships with the package was made."""

DAYS = (("forest.ldif",), ("forest.ldif", "next-day.ldif"))
"""The exports of each day: on the second one, what has changed was exported again."""


@click.command(name="demo", short_help="Run the whole job on a forest that ships with the package.")
@click.argument("folder", default="adinspect-demo", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Run the whole job on a forest that ships with the package, on two days. No server is needed.

    The first day's snapshot is judged; workbook, plan and bulk CSVs are made of it. On the day after, a few things have changed:
    the page and the list of changes tell of that.

    \b
    adinspect demo demo
    """
    from adinspect import delivery, findings_json, plan, reporting
    from adinspect.cli import generate
    from adinspect.cli._judged import judge
    from adinspect.cli.collect import say
    from adinspect.store import writing

    store = folder / "snapshots"
    with writing(store, "adinspect demo"):
        first, second = (_taken(files, store, day) for day, files in enumerate(DAYS))
        judged = judge(first.path, target=Target.UM_LYNC.value, profile=None, waivers=None, accept_partial=False)
        later = judge(
            second.path, target=Target.UM_LYNC.value, profile=None, waivers=None, accept_partial=False, earlier=judged.snapshot
        )
        _remember(store, judged, later)
    say(first)
    findings_json.write_json(judged, folder / "findings.json")
    reporting.write(judged, "remediation", folder / "remediation.xlsx")
    made = plan.make(judged.view(), judged.target)
    _write_plan(made, first, folder / "plan.xlsx")
    generate.say(delivery.write(made, folder / "bulk", snapshot=first.path.name, forest=first.manifest["forest"]))
    reporting.write(later, "remediation", folder / "page.html")
    _write_changes(judged.snapshot, later, folder / "changes.json")
    click.echo(
        f"Wrote {len(judged.assessment.findings)} findings about the {len(first.tables['users'])} users and the topology of "
        f"{first.manifest['forest']}, a plainly invented forest, measured against {judged.target}:\n"
        f"  {folder / 'remediation.xlsx'}  the workbook for people: open this first\n"
        f"  {folder / 'plan.xlsx'}  what could be changed, for people to decide on\n"
        f"  {folder / 'bulk'}  CSVs for the Microsoft cmdlets, and the rows that were rejected\n"
        f"  {folder / 'findings.json'}  the findings for machines\n"
        f"  {first.path}  the snapshot, for every other command\n"
        "And of the day after, when a few things had changed:\n"
        f"  {folder / 'page.html'}  the page, for a browser\n"
        f"  {folder / 'changes.json'}  what changed, for machines\n"
        f"  {second.path}  its snapshot: try `adinspect diff`"
    )


def _taken(names: tuple[str, ...], store: Path, day: int) -> Snapshot:
    """Take the snapshot of a day into a store."""
    from adinspect import taking

    with ExitStack() as stack:
        files = [stack.enter_context(as_file(definitions.folder("demo") / name)) for name in names]
        directory = stack.enter_context(taking.export(files))
        return taking.take(directory, store, TAKEN + timedelta(days=day))


def _remember(store: Path, *days: Judged) -> None:
    """Keep the history of the findings of these days, as the scheduled job does."""
    from adinspect import history
    from adinspect.lives import Judgement

    grown = history.History()
    for one in days:
        run, judgement = history.Run.of(one.snapshot), Judgement(one.assessment, one.seen)
        grown, _ = history.advance(grown, run, judgement, one.accepted)
    history.save(grown, store, days[0].snapshot.manifest["forest"], days[0].target)


def _write_plan(made: Plan, snapshot: Snapshot, path: Path) -> None:
    from adinspect.cli.plan import say
    from adinspect.export import plan_workbook

    plan_workbook.write(made, snapshot.path.name, snapshot.manifest["forest"], path)
    say(made)


def _write_changes(older: Snapshot, newer: Judged, path: Path) -> None:
    import json

    from adinspect import atomic
    from adinspect.cli._compared import since
    from adinspect.cli.diff import as_json

    with atomic.replacing(path) as file:
        file.write(json.dumps(as_json(since(older, newer, None), newer), ensure_ascii=False, indent=1).encode())
