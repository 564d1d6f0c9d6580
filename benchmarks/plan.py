"""What a plan costs beside collecting: CPU seconds of `adinspect plan` and `adinspect generate`, from the snapshot to the files.

python benchmarks/plan.py [--users 20000] [--faulty 0.05] [--keep FOLDER]

For each target the forest of customers.py is collected as judge.py collects it, together with exports of its users from Lync and
Teams: most users are in order, or were moved in earlier waves; the share that is not is what the plan is about. Then, with a
profile that has sites, number ranges and policies, the commands are run: `plan`, `generate` of the snapshot, and `generate` of a
workbook in which every ready step is approved. They do all that they do for a user: every sheet, every file; the process that
parses the workbook counts. `--faulty 1` is the worst case, which no forest is: something is wrong with everybody.

With --keep, workbooks and CSVs stay in that folder, to be compared with those of another version. Needs what pull.py needs.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from click import Command
from customers import POOL, SITES, Customer, customers, entries, exports
from forest import slapd
from judge import collected

from adinspect import decisions, delivery, judging, plan, side
from adinspect.cli.collect import read_side
from adinspect.cli.generate import command as generate_command
from adinspect.cli.plan import command as plan_command
from adinspect.export import plan_workbook
from adinspect.finding import Target
from adinspect.step import Action, Status
from adinspect.workbook import reviewed
from adinspect.workbook.layout import Answer

PARTS: dict[str, tuple[Any, str]] = {
    "judging": (judging, "assess_seen"),
    "making the plan": (plan, "make"),
    "writing the workbook": (plan_workbook, "write"),
    "reading the workbook": (reviewed, "read"),
    "taking the decisions": (decisions, "decided"),
    "writing the CSVs": (delivery, "write"),
}
"""What a stopwatch is held to: the module that looks it up, and its name there."""

PROFILE = """
lync_forest     = "this"
exchange_forest = "this"
region          = "US"
numbers_managed = "teams"
number_type     = "DirectRouting"

[sip]
address = "upn"

[decisions]
CNS-009 = "They stay."
CNS-010 = "They stay."
CNS-012 = "They stay."
CNS-017 = "They stay."

[gates]
accepted = ["MIG-006", "MIG-021"]
"""

SITE = """
[[site]]
name                    = "{name}"
offices                 = {offices}
home_pool               = "{pool}"
um_dial_plan            = "HQ"
um_mailbox_policy       = "HQ Default Policy"
lync_dial_plan          = "{name}"
voice_policy            = "{name}"
hosted_voicemail_policy = "Cloud"
routing_policy          = "{name}"
tenant_dial_plan        = "{name}"
calling_policy          = "Staff"

[[range]]
start = "+3319900{first:04}"
end   = "+3319900{last:04}"
owner = "lync"
site  = "{name}"
"""


def measure() -> None:
    """For each target, collect its forest, run the commands, print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--users", type=int, default=20_000)
    arguments.add_argument("--faulty", type=float, default=0.05, metavar="SHARE")
    arguments.add_argument("--keep", type=Path)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="adinspect-plan-") as name:
        folder = Path(name)
        profile = profiled(folder / "profile.toml")
        for target in Target:
            users = list(customers(options.users, target, options.faulty))
            beside = read_side(exported(folder / f"side-{target}", users))
            with slapd(entries(users), rights=True) as server:
                snapshot, collecting = measured(partial(collected, server, folder / f"snapshots-{target}", beside))
            told = f"{options.users:,} users, of {options.faulty:.0%} of whom something is to be changed"
            print(f"{told}; collecting them took {collecting:.2f} CPU s")
            files = (options.keep or folder) / target.value
            files.mkdir(parents=True)
            compare(target, snapshot.path, profile, files, collecting)


def exported(folder: Path, users: list[Customer]) -> Path:
    """The folder with what Lync and Teams would export of users."""
    folder.mkdir()
    for table, rows in exports(users).items():
        known = side.shipped()[table]
        with (folder / known.file).open("w", newline="", encoding="utf-8") as file:
            written = csv.writer(file)
            written.writerow(one.header for one in known.headers)
            written.writerows([row.get(one.column, "") for one in known.headers] for row in rows)
    return folder


def profiled(path: Path) -> Path:
    """The site's wishes: a place, numbers and policies for everybody."""
    each = 10_000 // len(SITES)
    sites = [
        SITE.format(
            name=name,
            pool=POOL,
            offices=[f"Building {number}" for number in buildings],
            first=place * each,
            last=(place + 1) * each - 1,
        )
        for place, (name, buildings) in enumerate(SITES.items())
    ]
    path.write_text("".join([PROFILE, *sites]))
    return path


def compare(target: Target, snapshot: Path, profile: Path, folder: Path, collecting: float) -> None:
    """Run the commands for a target, print what they took."""
    workbook, approved = folder / "plan.xlsx", folder / "approved.xlsx"
    wishes = ["--profile", str(profile), "--target", target.value]
    told: list[tuple[str, float, dict[str, float]]] = []

    def run(what: str, command: Command, *words: str) -> dict[str, Any]:
        with watched() as (spent, made), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            _, seconds = measured(partial(command.main, words, standalone_mode=False))
        told.append((what, seconds, spent))
        return made

    made = run("plan", plan_command, str(snapshot), *wishes, "-o", str(workbook))["making the plan"]
    run("generate of the snapshot", generate_command, str(snapshot), *wishes, "-o", str(folder / "bulk"))
    approve(made, approved)
    run("generate of the approved workbook", generate_command, str(approved), "-o", str(folder / "approved"))
    ready = (made.steps["status"] == Status.READY).sum()
    print(f"{target.value}: {len(made.steps):,} steps, {ready:,} ready, workbook of {workbook.stat().st_size:,} octets")
    print(f"{'':44}{'CPU s':>9}{'to collecting':>16}")
    for what, seconds, spent in told:
        print(line(what, seconds, collecting))
        for part, of_it in spent.items():
            print(line(f"    {part}", of_it, collecting))
    print()


def approve(made: plan.Plan, path: Path) -> None:
    """Write the plan's workbook as people leave it who approve whatever is ready."""
    ready = made.steps.loc[made.steps["status"] == Status.READY, "step"]
    plan_workbook.write(made, "benchmark", "contoso.example", path, {step: Answer(Action.APPROVE) for step in ready})


def line(what: str, seconds: float, collecting: float) -> str:
    """A line of the table."""
    return f"{what:44}{seconds:>9.2f}{seconds / collecting:>15.2f}x"


def measured(work: Callable[[], Any]) -> tuple[Any, float]:
    """What a piece of work gives, and the CPU seconds of this process and of those that it started and waited for."""
    before = cpu()
    return work(), cpu() - before


def cpu() -> float:
    """CPU seconds until now."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@contextlib.contextmanager
def watched() -> Iterator[tuple[dict[str, float], dict[str, Any]]]:
    """The CPU seconds of each of the PARTS that is run in the block, and what it gave."""
    spent: dict[str, float] = {}
    gave: dict[str, Any] = {}

    def timed(part: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        def outer(*arguments: Any, **options: Any) -> Any:
            gave[part], spent[part] = measured(partial(inner, *arguments, **options))
            return gave[part]

        return outer

    kept = {part: getattr(owner, name) for part, (owner, name) in PARTS.items()}
    for part, (owner, name) in PARTS.items():
        setattr(owner, name, timed(part, kept[part]))
    try:
        yield spent, gave
    finally:
        for part, (owner, name) in PARTS.items():
            setattr(owner, name, kept[part])


if __name__ == "__main__":
    measure()
