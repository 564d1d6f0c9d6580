"""`adinspect demo`: the whole job on a forest that ships with the package."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import as_file
from pathlib import Path

import click

from adinspect import definitions
from adinspect.finding import Target

TAKEN = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""When the export that ships with the package was made."""


@click.command(name="demo", short_help="Run the whole job on a forest that ships with the package.")
@click.argument("folder", default="adinspect-demo", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Run the whole job on a forest that ships with the package: snapshot, findings, workbook, bulk CSVs. No server is needed.

    \b
    adinspect demo demo
    """
    from adinspect import delivery, plan, reporting
    from adinspect.cli import generate
    from adinspect.cli._judged import judge
    from adinspect.cli.collect import open_export, say, take
    from adinspect.findings_json import write_json
    from adinspect.store import writing

    store = folder / "snapshots"
    export = as_file(definitions.folder("demo") / "forest.ldif")
    with export as file, open_export((file,)) as directory, writing(store, "adinspect demo"):
        snapshot = take(directory, store, TAKEN)
    say(snapshot)
    judged = judge(snapshot.path, target=Target.UM_LYNC.value, profile=None, waivers=None, accept_partial=False)
    write_json(judged, folder / "findings.json")
    reporting.write(judged, "remediation", folder / "remediation.xlsx")
    made = plan.make(judged.view(), judged.target)
    generate.say(delivery.write(made, folder / "bulk", snapshot=snapshot.path.name, forest=snapshot.manifest["forest"]))
    click.echo(
        f"Wrote {len(judged.assessment.findings)} findings about the {len(snapshot.tables['users'])} users and the topology of "
        f"{snapshot.manifest['forest']}, a plainly invented forest, measured against {judged.target}:\n"
        f"  {folder / 'remediation.xlsx'}  the workbook for people: open this first\n"
        f"  {folder / 'bulk'}  CSVs for the Microsoft cmdlets, and the rows that were rejected\n"
        f"  {folder / 'findings.json'}  the findings for machines\n"
        f"  {snapshot.path}  the snapshot, for every other command"
    )
