"""The whole job on an export, in a process of its own: `python tests/whole_job.py FOLDER TARGET...` reads forest.ldif there.

Findings are told for every target, all else for those that are named. Files have a SHA-256, so that runs can be compared.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from adinspect import delivery, judging, page, plan, reporting, summary, taking
from adinspect.export import html_page, plan_workbook
from adinspect.finding import Target
from adinspect.findings_json import write_json
from adinspect.history import History
from adinspect.judging import Judged
from adinspect.lives import Judgement
from adinspect.profile import Profile
from adinspect.waivers import Waivers

TAKEN = datetime(2026, 11, 24, 8, tzinfo=UTC)
REPORTS = ("remediation", "migration", "numbers")


def run(folder: Path, targets: Collection[Target]) -> None:
    """Write everything into a folder: snapshot, findings, reports, the workbook of the plan, bulk CSVs."""
    os.chdir(folder)  # the findings name the snapshot by its path
    with taking.export([Path("forest.ldif")]) as directory:
        snapshot = taking.take(directory, Path("store"), TAKEN)
    judged = [judging.judge(snapshot, target=target, profile=Profile(), waivers=Waivers()) for target in Target]
    for one in judged:
        write_json(one, Path(f"{one.target}-findings.json"))
        if one.target in targets:
            _write(one)
    first = judged[0]
    read = summary.tables(
        snapshot.manifest, snapshot.tables, snapshot.visibility, first.assessment, target=first.target, profile=first.profile
    )
    shown = page.of([Judgement(one.assessment, one.view()) for one in judged], read, History().runs)
    html_page.write(shown, Path("page.html"))


def _write(judged: Judged) -> None:
    for name in REPORTS:
        reporting.write(judged, name, Path(f"{judged.target}-{name}.xlsx"))
    made, name, forest = (
        plan.make(judged.view(), judged.target),
        judged.snapshot.path.name,
        str(judged.snapshot.manifest["forest"]),
    )
    plan_workbook.write(made, name, forest, Path(f"{judged.target}-plan.xlsx"))
    delivery.write(made, Path(f"{judged.target}-bulk"), snapshot=name, forest=forest)


def files(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a run, by its path."""
    written = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in ("forest.ldif", ".lock"))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in written}


if __name__ == "__main__":
    run(Path(sys.argv[1]), [Target(name) for name in sys.argv[2:]])
