"""Takes a snapshot: a directory or an export, and what is supplied beside it, into a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from adinspect import observe, query, snapshot
from adinspect.collect import Progress, collect
from adinspect.directory import Directory
from adinspect.directory.ldif_files import LdifDirectory, open_files
from adinspect.remote import Place
from adinspect.side import Side
from adinspect.snapshot import Snapshot, Supplied
from adinspect.wanted_certificates import Wanted


def export(files: Sequence[Path]) -> LdifDirectory:
    """Open LDIF exports, keeping only what the queries read.

    Raises:
        InputError: a file cannot be read or is no LDIF.
    """
    queries = query.shipped().values()
    wanted = {name.lower() for one in queries for name in (*one.attributes, *one.filter.attributes)}
    return open_files(files, attributes=frozenset(wanted))


def supplied(read: Side) -> Supplied:
    """Side inputs as a snapshot keeps them."""
    return Supplied(read.tables, {"side": [one.provenance for one in read.exports]})


def take(
    directory: Directory,
    store: Place,
    taken: datetime | None = None,
    wanted: Wanted | None = None,
    beside: Supplied | None = None,
    progress: Progress = lambda name, rows: None,
) -> Snapshot:
    """Collect everything, certificates too where any are wanted, and save it with what else is supplied.

    Without `taken` it is of the directory's own time, of an export the clock's.

    Raises:
        StorageError: it cannot be saved.
    """
    collected = collect(directory, list(query.shipped().values()), progress)
    moment = taken or directory.root.now or datetime.now(UTC)
    certificates = wanted.got(collected.tables["certification_authorities"].to_pylist(), moment) if wanted else None
    both = certificates.and_also(beside) if certificates and beside else certificates or beside
    unseen = observe.observe(collected)
    return snapshot.save(collected, unseen, directory.root, store, taken=moment, dropped=directory.dropped, supplied=both)
