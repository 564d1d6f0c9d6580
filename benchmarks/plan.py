"""What a plan costs beside collecting: CPU seconds of `adinspect plan` and `adinspect generate`, from the snapshot to the files.

python benchmarks/plan.py [--users 20000] [--keep FOLDER]

The forest of forest.py is collected as judge.py collects it, together with exports of its users from Lync and Teams. Then, for
each target and with a profile that has sites, number ranges and policies, the commands are run: `plan`, `generate` of the
snapshot, and `generate` of a workbook in which every ready step is approved. The process that parses the workbook counts. With
--keep, workbooks and CSVs stay in that folder, to be compared with those of another version. Needs what pull.py needs.
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
from forest import people, slapd
from judge import collected

from adinspect import decisions, delivery, plan, side
from adinspect.cli import _judged
from adinspect.cli.collect import read_side
from adinspect.cli.generate import command as generate_command
from adinspect.cli.plan import command as plan_command
from adinspect.export import plan_workbook
from adinspect.finding import Target
from adinspect.step import Action, Status
from adinspect.workbook import reviewed
from adinspect.workbook.layout import Answer

PARTS: dict[str, tuple[Any, str]] = {
    "judging": (_judged, "assess_seen"),
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

BUILDINGS = 40
"""How many buildings the invented users work in."""

POOL = "pool1.contoso.example"

SITES = {"Paris": range(13), "Redmond": range(13, 26), "London": range(26, BUILDINGS)}
"""The buildings of each site."""


def measure() -> None:
    """Collect the forest, run the commands for each target, print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--users", type=int, default=20_000)
    arguments.add_argument("--keep", type=Path)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="adinspect-plan-") as name:
        folder = Path(name)
        beside = read_side(exported(folder / "side", options.users))
        with slapd(options.users, rights=True) as server:
            snapshot, collecting = measured(partial(collected, server, folder / "snapshots", beside))
        profile = profiled(folder / "profile.toml")
        print(f"{options.users:,} users; collecting them took {collecting:.2f} CPU s\n")
        for target in Target:
            files = (options.keep or folder) / target.value
            files.mkdir(parents=True)
            compare(target, snapshot.path, profile, files, collecting)


def exported(folder: Path, count: int) -> Path:
    """What Lync and Teams would export of the invented users: half of them have the policies of their site already."""
    lync, teams = [], []
    for number, (dn, entry) in enumerate(people(count)):
        held = {key: values[0].decode() for key, values in entry.items() if key in ("userPrincipalName", "msRTCSIP-Line")}
        site = next(name for name, buildings in SITES.items() if number % BUILDINGS in buildings)
        upn, policy = held["userPrincipalName"], site if number % 2 else ""
        teams.append({"user": entry["objectGUID"][0].hex(), "upn": upn, "hosting_provider": "SRV:", "routing_policy": policy})
        if "msRTCSIP-Line" in held:
            named = {"user": dn, "upn": upn, "sip_address": f"sip:{upn}", "enabled": "True", "enterprise_voice": "True"}
            policies = {"line_uri": held["msRTCSIP-Line"], "dial_plan": policy, "voice_policy": policy}
            lync.append({**named, **policies, "pool": POOL, "hosting_provider": "SRV:"})
    voice = [{"scope": "Global", "usages": "Local"}, *({"scope": f"Tag:{site}", "usages": "Local|National"} for site in SITES)]
    hosted = [{"scope": "Tag:Cloud", "destination": "exap.um.outlook.com", "organization": "contoso.example"}]
    folder.mkdir()
    for table, rows in {"cs_users": lync, "teams_users": teams, "cs_voicepolicies": voice, "cs_hostedvm": hosted}.items():
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
