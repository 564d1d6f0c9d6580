"""What judging users costs beside reading them: CPU seconds of all rules, and of collecting the same users over LDAP.

python benchmarks/judge.py [--users 100000]

Users invented by pull.py are read from its slapd into the DataFrames that rules see, without asking what the account may read and
without writing a snapshot, so that collecting is not made to look dear. Servers, pools, UM dial plans and whatever else stands
around users are those of the forest that ships with the package, under the names that the invented users have for them; there are
no side inputs and no certificates. Needs what pull.py needs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pandas import DataFrame
from pull import BASE, read, slapd

from adinspect import assess, definitions, frames, query
from adinspect.collect import collect
from adinspect.directory.ldif_files import open_files
from adinspect.finding import Target
from adinspect.view import View
from adinspect.visibility import nothing_hidden

TODAY = datetime(2026, 11, 24, tzinfo=UTC)

SLOWEST = 10

RENAMED = {
    "DC=contoso,DC=com": BASE,
    "contoso.com": "contoso.example",
    "Redmond": "HQ",
    "CN=Databases,CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups": "CN=Databases",
    "ou=Exchange Administrative Group (FYDIBOHF23SPDLT)": "ou=First",
    "EX16-1": "EX1",
    "msExchUMNumberingPlanDigits: 4": "msExchUMNumberingPlanDigits: 6",
}
"""What the shipped forest calls its domain, UM dial plan, databases and server, and what the invented users call them."""


def main() -> None:
    """Read the users, judge them for each target, print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--users", type=int, default=100_000)
    options = arguments.parse_args()
    with slapd(options.users) as port:
        users, collecting = measured(partial(read, port))
    tables = {**surroundings(), **users}
    print(f"{len(tables['users']):,} users, {sum(map(len, tables.values())):,} rows in {len(tables)} tables\n")
    print(f"{'':34}{'rules':>8}{'findings':>12}{'CPU s':>10}{'to collecting':>16}")
    print(f"{'collecting over LDAP':34}{'':>8}{'':>12}{collecting:>10.2f}")
    spent = watched()
    for target in Target:
        judged, judging = measured(partial(assess.assess, tables, nothing_hidden(), target=target, today=TODAY))
        line = f"{f'all rules of {target.value}':34}{len(judged.coverage):>8}{len(judged.findings):>12,}{judging:>10.2f}"
        print(f"{line}{judging / collecting:>15.2f}x")
    for kind, seconds in spent.items():
        print(f"\nThe {SLOWEST} slowest {kind}, each in its slowest target\n")
        for name in sorted(seconds, key=seconds.__getitem__, reverse=True)[:SLOWEST]:
            print(f"{name:54}{seconds[name]:>10.2f}{seconds[name] / collecting:>15.2f}x")


def measured(work: Callable[[], Any]) -> tuple[Any, float]:
    """What a piece of work gives, and the CPU seconds of this process, threads included."""
    before = time.process_time()
    return work(), time.process_time() - before


def surroundings() -> Mapping[str, DataFrame]:
    """The tables of the shipped forest, made to be that of the invented users."""
    text = (definitions.folder("demo") / "forest.ldif").read_text(encoding="utf-8")
    for theirs, ours in RENAMED.items():
        text = text.replace(theirs, ours)
    with tempfile.TemporaryDirectory(prefix="adinspect-judge-") as folder:
        export = Path(folder) / "forest.ldif"
        export.write_text(text, encoding="utf-8")
        collected = collect(open_files((export,)), list(query.shipped().values()))
    return {name: frames.frame(table) for name, table in collected.tables.items()}


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
