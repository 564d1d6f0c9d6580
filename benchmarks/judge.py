"""What judging users costs beside collecting them: CPU seconds of all rules, and of what `adinspect collect` does for it.

python benchmarks/judge.py [--users 100000]

The forest of forest.py is collected from slapd as the command collects it: signed in over TLS, all queries in all naming
contexts, the access list of every object, what could not be seen worked out of them, the snapshot written to the disk. Only one
thing is changed: the control that asks for the DACL alone is not critical, because slapd does not know it. Bare reading is the
users alone, in clear, into the DataFrames that rules see, without rights and without a snapshot. Judged is the snapshot. There
are no side inputs and no certificates. Needs what pull.py needs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from forest import ACCOUNT, PASSWORD, Server, people, slapd
from pandas import DataFrame
from pull import read

from adinspect import assess
from adinspect.cli.collect import take
from adinspect.directory import live, requests
from adinspect.directory.client import security_descriptor_control
from adinspect.finding import Target
from adinspect.snapshot import Snapshot, Supplied
from adinspect.view import View

SLOWEST = 10


def main() -> None:
    """Collect the forest, judge it for each target, print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--users", type=int, default=100_000)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="adinspect-judge-") as store, slapd(people(options.users), rights=True) as server:
        _, reading = measured(partial(read, server.port))
        snapshot, collecting = measured(partial(collected, server, Path(store)))
        (tables, unseen), opening = measured(partial(opened, snapshot))
    print(f"{len(tables['users']):,} users, {sum(map(len, tables.values())):,} rows in {len(tables)} tables")
    print(f"{len(unseen):,} remarks on what was not seen\n")
    print(f"{'':44}{'rules':>6}{'findings':>12}{'CPU s':>9}{'to collecting':>16}")
    print(line("reading the users, nothing else", reading, collecting))
    print(line("collecting", collecting, collecting))
    print(line("opening the snapshot", opening, collecting))
    spent = watched()
    for target in Target:
        judged, judging = measured(partial(assess.assess, tables, unseen, target=target, today=snapshot.taken))
        counts = f"{len(judged.coverage):>6}{len(judged.findings):>12,}"
        print(line(f"all rules of {target.value}", judging, collecting, counts))
    for kind, seconds in spent.items():
        print(f"\nThe {SLOWEST} slowest {kind}, each in its slowest target\n")
        for name in sorted(seconds, key=seconds.__getitem__, reverse=True)[:SLOWEST]:
            print(line(name, seconds[name], collecting))


def line(what: str, seconds: float, collecting: float, counts: str = "") -> str:
    """A line of the table."""
    return f"{what:44}{counts:18}{seconds:>9.2f}{seconds / collecting:>15.2f}x"


def measured(work: Callable[[], Any]) -> tuple[Any, float]:
    """What a piece of work gives, and the CPU seconds of this process, threads included."""
    before = time.process_time()
    return work(), time.process_time() - before


def collected(server: Server, store: Path, beside: Supplied | None = None) -> Snapshot:
    """The snapshot that `adinspect collect` takes of the forest, and of what is supplied beside it."""
    # slapd refuses what it does not know where it is critical
    [dacl_only] = security_descriptor_control(criticality=False, sdflags=requests.DACL_SECURITY_INFORMATION)
    requests.dacl_only = lambda: dacl_only
    with live.connect(
        server.url, user=ACCOUNT, password=PASSWORD, ca_file=server.certificate, authentication="simple"
    ) as directory:
        return take(directory, store, None, None, beside)


def opened(snapshot: Snapshot) -> tuple[Mapping[str, DataFrame], DataFrame]:
    """The tables of a snapshot, and what in them was not seen."""
    return snapshot.tables, snapshot.visibility


def watched() -> dict[str, dict[str, float]]:
    """Where each rule and derived table writes its CPU seconds from now on, without those of derived tables it waited for."""
    spent: dict[str, dict[str, float]] = {"rules": {}, "derived tables": {}}
    waited = [0.0]

    def timed(owner: Any, name: str, told: Callable[..., tuple[str, str]]) -> None:
        inner = getattr(owner, name)

        def outer(*arguments: Any) -> Any:
            waited.append(0.0)
            result, seconds = measured(partial(inner, *arguments))
            own = seconds - waited.pop()
            waited[-1] += seconds
            kind, what = told(*arguments)
            spent[kind][what] = max(spent[kind].get(what, 0.0), own)
            return result

        setattr(owner, name, outer)

    timed(assess, "judge", lambda rule, *_: ("rules", rule.code))
    timed(View, "_build", lambda _, table: ("derived tables", table.name))
    return spent


if __name__ == "__main__":
    main()
