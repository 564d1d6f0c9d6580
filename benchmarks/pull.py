"""How fast users are read: ldapsearch, plain ldap3 and adinspect side by side against OpenLDAP's slapd on this machine.

python benchmarks/pull.py [--users 20000] [--rounds 3]

Every client asks for the same entries and attributes in pages of 1,000, in turns; the medians of the rounds are printed, and the
values that ldap3 and adinspect read are compared. It needs slapd, slapadd, ldapsearch and
openssl (Debian: slapd, ldap-utils, openssl).
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import ldap3
import pandas as pd
import pyarrow as pa
from forest import BASE, SLAPADD, SLAPD, USERS, people, slapd

from adinspect import frames
from adinspect.directory import Search, channel, entries
from adinspect.directory.channel import Channel
from adinspect.directory.decode import decode
from adinspect.directory.paging import Searcher
from adinspect.directory.timed_socket import TimedSocket

PAGE = 1000
SEARCH = Search(BASE, USERS.filter, USERS.attributes)


@dataclass(frozen=True)
class Run:
    """One client's round: entries, wall-clock and CPU seconds of the client."""

    entries: int
    seconds: float
    cpu: float


def main() -> None:
    """Start slapd, compare the values, run the clients in turns and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--users", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    if missing := [name for name in (SLAPD, SLAPADD, "ldapsearch", "openssl") if not shutil.which(name)]:
        sys.exit(f"Not installed: {', '.join(missing)}. Debian: apt-get install slapd ldap-utils openssl")
    with slapd(people(options.users)) as server:
        compare(server.port)
        rounds = [{name: measured(client, server.port) for name, client in CLIENTS.items()} for _ in range(options.rounds)]
        report(rounds)
        where_the_time_goes(server.port)


def ldapsearch(port: int) -> int:
    """OpenLDAP's own client, its output thrown away; counts nothing."""
    options = ("-x", "-LLL", "-o", "ldif_wrap=no", "-E", f"pr={PAGE}/noprompt")
    command = ["ldapsearch", *options, "-H", f"ldap://127.0.0.1:{port}", "-b", BASE, USERS.filter.text, *USERS.attributes]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return 0


def connected(port: int) -> ldap3.Connection:
    """An anonymous connection of ldap3's."""
    server = ldap3.Server("127.0.0.1", port, get_info=ldap3.NONE)
    return ldap3.Connection(server, auto_bind=True, check_names=False, return_empty_attributes=False)


def paged(connection: ldap3.Connection) -> Iterator[dict[str, Any]]:
    """ldap3's own paged search."""
    found: Iterator[dict[str, Any]] = connection.extend.standard.paged_search(
        BASE, USERS.filter.text, attributes=list(USERS.attributes), paged_size=PAGE, generator=True
    )
    return found


def plain(port: int) -> int:
    """ldap3 as its documentation shows it, into a DataFrame."""
    with connected(port) as connection:
        return len(pd.DataFrame([{"dn": entry["dn"], **entry["attributes"]} for entry in paged(connection)]))


def batches(port: int) -> Iterator[pa.RecordBatch]:
    """adinspect's searches on a connection that ldap3 opened: what the live directory does after the sign-in."""
    connection = connected(port)
    signed_in = Channel(TimedSocket(connection.socket, time.monotonic() + 60))
    try:
        yield from Searcher(signed_in, "slapd", page_size=PAGE, time_limit=60).search(SEARCH)
    finally:
        signed_in.close()


def into_arrow(port: int) -> int:
    """adinspect into Arrow: lists of octets."""
    return len(pa.Table.from_batches(batches(port)))


def read(port: int) -> dict[str, pd.DataFrame]:
    """The users in the DataFrames that rules see: typed columns, and a table for each attribute of many values."""
    absent = {column.name: pa.array([], pa.binary()) for column in USERS.presences}
    pages = [decode(USERS, batch, absent).tables for batch in batches(port)]
    return {shape.name: frames.frame(pa.concat_tables([page[shape.name] for page in pages])) for shape in USERS.tables}


def into_dataframes(port: int) -> int:
    """adinspect into DataFrames."""
    return len(read(port)[USERS.name])


CLIENTS: dict[str, Callable[[int], int]] = {
    "ldapsearch to /dev/null": ldapsearch,
    "plain ldap3 into a DataFrame": plain,
    "adinspect into Arrow": into_arrow,
    "adinspect into typed DataFrames": into_dataframes,
}


def measured(client: Callable[[int], int], port: int) -> Run:
    """One client's round."""

    def cpu() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    before, started = cpu(), time.perf_counter()
    found = client(port)
    return Run(found, time.perf_counter() - started, cpu() - before)


def report(rounds: list[dict[str, Run]]) -> None:
    """Print the medians and their ratio to plain ldap3."""
    count = max(run.entries for run in rounds[0].values())
    speed = {name: count / statistics.median(one[name].seconds for one in rounds) for name in CLIENTS}
    cpu = {name: statistics.median(one[name].cpu for one in rounds) for name in CLIENTS}
    reference = speed["plain ldap3 into a DataFrame"]
    print(f"\n{count:,} users, {len(USERS.attributes)} attributes, medians of {len(rounds)} rounds\n")
    print(f"{'':34}{'entries/s':>12}{'to plain ldap3':>16}{'CPU s':>10}{'CPU s / 100k':>14}")
    for name in CLIENTS:
        times = f"{speed[name] / reference:.1f}x"
        print(f"{name:34}{speed[name]:>12,.0f}{times:>16}{cpu[name]:>10.2f}{cpu[name] / count * 100_000:>14.2f}")


def compare(port: int) -> None:
    """Stop unless ldap3 and adinspect read the same values of the same entries."""
    ours = pa.Table.from_batches(batches(port)).sort_by("dn")
    with connected(port) as connection:
        theirs = sorted(((entry["raw_dn"], entry["raw_attributes"]) for entry in paged(connection)), key=itemgetter(0))
    if ours["dn"].to_pylist() != [dn for dn, _ in theirs]:
        sys.exit("ldap3 and adinspect read different entries")
    for name in USERS.attributes:
        if ours[name].to_pylist() != [values.get(name) for _, values in theirs]:
            sys.exit(f"ldap3 and adinspect read different values of {name}")
    print(f"ldap3 and adinspect read the same values of {len(ours):,} entries.")


def where_the_time_goes(port: int) -> None:
    """One more round into Arrow, with a stopwatch around each step."""
    spent: dict[str, float] = {}

    def timed(step: str, owner: Any, name: str) -> None:
        inner = getattr(owner, name)

        def outer(*arguments: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return inner(*arguments, **options)
            finally:
                spent[step] = spent.get(step, 0.0) + time.perf_counter() - started

        setattr(owner, name, outer)

    timed("waiting and receiving", TimedSocket, "recv_into")
    timed("framing", channel.Channel, "_sort")
    timed("decoding", entries, "decode")
    timed("taking values", entries._Page, "gather")
    started = time.perf_counter()
    into_arrow(port)
    total = time.perf_counter() - started
    spent["decoding"] -= spent["taking values"]
    spent["everything else"] = total - sum(spent.values())
    print(f"\nWhere the time of adinspect into Arrow goes ({total:.2f} s)\n")
    for step, seconds in spent.items():
        print(f"{step:34}{seconds:>12.2f} s{seconds / total:>10.0%}")


if __name__ == "__main__":
    main()
