"""Stops conclusions from a snapshot that lacks too much of what an earlier one held: deleted, or just not shown any more?"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from io import BytesIO

import pyarrow.parquet as pq

from adinspect import query
from adinspect.errors import SafetyError
from adinspect.snapshot import Snapshot
from adinspect.visibility import Unseen

MOST = 500
"""So many objects of all tables together may be gone."""

SHARE = 0.05
"""So great a part of a table may be gone, if it held at least COUNTED objects."""

COUNTED = 200

NAMED = 5
"""Tables that the error names."""


@dataclass(frozen=True)
class Fall:
    """A table that lost objects: how many it held, holds now, and how many of the former are in no table any more."""

    table: str
    before: int
    after: int
    gone: int

    @property
    def too_great(self) -> bool:
        """Whether the table alone says stop: it is empty now, or lost more than SHARE."""
        return not self.after or (self.before >= COUNTED and self.gone > SHARE * self.before)


def falls(before: Mapping[str, Set[str]], after: Mapping[str, Set[str]]) -> list[Fall]:
    """The tables (name to guids of objects) that lost objects, the greatest loss first, if that is too much; else none.

    Objects are counted as gone that no table holds any more: as many new ones do not make up for them.
    """
    there = frozenset[str]().union(*after.values())
    lost = {table: held - there for table, held in before.items()}
    told = [Fall(table, len(held), len(after[table]), len(lost[table])) for table, held in before.items() if lost[table]]
    too_many = len(frozenset[str]().union(*lost.values())) > MOST
    return sorted(told, key=lambda fall: -fall.gone) if too_many or any(fall.too_great for fall in told) else []


def check(older: Snapshot, newer: Snapshot) -> None:
    """Refuse a snapshot that lost too many objects since an older one. Objects are those of the queries; values and what was
    supplied beside the directory do not count. Why they are gone is not asked: a directory does not show what may not be seen.

    Raises:
        SafetyError: more than MOST objects are gone, more than SHARE of a table of COUNTED or more, or a table is empty now.
        StorageError: a file of one of them is missing or is not what its manifest says.
    """
    tables = [name for name in query.shipped() if name in older.manifest["tables"] and name in newer.manifest["tables"]]
    before, after = ({name: _guids(one, name) for name in tables} for one in (older, newer))
    if not (lost := falls(before, after)):
        return
    unseen = Unseen.of(newer.visibility).tables
    told = "; ".join(_told(fall, unseen.get(fall.table, "")) for fall in lost[:NAMED])
    more = f"; and {len(lost) - NAMED} more tables" if len(lost) > NAMED else ""
    raise SafetyError(
        f"too much is gone since the snapshot of {older.taken:%Y-%m-%d %H:%M} UTC: {told}{more}",
        where=f"{newer.path}, held against {older.path}",
        safe="No plan and no CSV was written, nothing was called resolved; both snapshots are as they were.",
        next_step="If all that was deleted, say --accept-shrink. If not, the account lost rights, or the server or export shows "
        "less: `adinspect doctor` says what is seen; then collect again.",
    )


def _told(fall: Fall, unseen: str) -> str:
    why = f", not read whole: {unseen}" if unseen else ""
    return f"{fall.table}: {fall.gone:,} of {fall.before:,} gone, {fall.after:,} now{why}"


def _guids(one: Snapshot, table: str) -> frozenset[str]:
    octets = one.octets(f"{table}.parquet")
    return frozenset(pq.read_table(BytesIO(octets), columns=["guid"])["guid"].to_pylist())
