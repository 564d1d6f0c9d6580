"""Stops conclusions from a snapshot that lacks too much of what an earlier one held: is it gone, or just not shown any more?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adinspect import query
from adinspect.errors import SafetyError
from adinspect.query import IDENTITY
from adinspect.snapshot import Snapshot
from adinspect.visibility import Unseen

MOST = 500
"""So many objects of all tables together may be gone."""

SHARE = 0.05
"""So great a part of a table may be gone, if it held at least COUNTED objects."""

COUNTED = 200

CLEARED = 0.5
"""So great a part of the values of a column may be gone from objects that are there, if at least COUNTED of them held one. Waves
of a migration clear many; an account that may not read an attribute any more shows none."""

NAMED = 5
"""Tables and columns that the error names."""


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
    """Refuse a snapshot that lost too many objects or values since an older one. Objects are those of the queries; what was
    supplied beside the directory does not count. Why they are gone is not asked: a directory does not show what may not be seen.
    Values that the snapshot itself says it could not see do not count: no rule takes them for missing.

    Raises:
        SafetyError: more than MOST objects are gone, more than SHARE of a table of COUNTED or more, or a table is empty now; or
            more than CLEARED of the values of a column.
        StorageError: a file of one of them is missing or is not what its manifest says.
    """
    tables = [name for name in query.shipped() if name in older.manifest["tables"] and name in newer.manifest["tables"]]
    before, after = ({name: _guids(one, name) for name in tables} for one in (older, newer))
    unseen = Unseen.of(newer.visibility)
    lost = [_told(fall, unseen.tables.get(fall.table, "")) for fall in falls(before, after)]
    lost += _cleared(older, newer, after, unseen)
    if not lost:
        return
    told = "; ".join(lost[:NAMED])
    more = f"; and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
    raise SafetyError(
        f"too much is gone since the snapshot of {older.taken:%Y-%m-%d %H:%M} UTC: {told}{more}",
        where=f"{newer.path}, held against {older.path}",
        safe="No plan and no CSV was written, nothing was called resolved; both snapshots are as they were.",
        next_step="If all that was deleted or cleared, say --accept-shrink. If not, the account lost rights, or the server or "
        "export shows less: `adinspect doctor` says what is seen; then collect again.",
    )


def cleared(table: str, before: pa.Table, after: pa.Table, there: Set[str], unseen: Unseen) -> Iterator[str]:
    """Those columns of a table of which too many objects that are still `there` (guids) lost all values, each in words.

    What the newer snapshot says it did not see of a column is left out.
    """
    for column in set(before.column_names) & set(after.column_names) - set(IDENTITY):
        held, shown = _holders(before, column), _holders(after, column)
        if (table, column) in unseen.columns or len(held) < COUNTED or len(shown) >= len(held):
            continue
        here = there & set(held.to_pylist())
        gone = here - set(shown.to_pylist()) - unseen.cells.get((table, column), frozenset())
        if len(here) >= COUNTED and len(gone) > CLEARED * len(here):
            yield f"{table}.{column}: gone from {len(gone):,} of {len(here):,} objects"


def _holders(rows: pa.Table, column: str) -> pa.Array:
    """The guids of the objects that have a value in a column."""
    return pc.unique(rows["guid"].filter(rows[column].is_valid()))


def _cleared(older: Snapshot, newer: Snapshot, there: Mapping[str, Set[str]], unseen: Unseen) -> Iterator[str]:
    """The same of all tables of the queries."""
    owners = query.owners()
    for name in (*there, *(child for child, owner in owners.items() if owner in there)):
        sizes = [one.manifest["tables"].get(name) for one in (older, newer)]
        if sizes[0] and sizes[0] >= COUNTED and sizes[1] is not None:
            before, after = (pq.read_table(BytesIO(one.octets(f"{name}.parquet"))) for one in (older, newer))
            yield from sorted(cleared(name, before, after, there[owners.get(name, name)], unseen))


def _told(fall: Fall, unseen: str) -> str:
    why = f", not read whole: {unseen}" if unseen else ""
    return f"{fall.table}: {fall.gone:,} of {fall.before:,} gone, {fall.after:,} now{why}"


def _guids(one: Snapshot, table: str) -> frozenset[str]:
    octets = one.octets(f"{table}.parquet")
    return frozenset(pq.read_table(BytesIO(octets), columns=["guid"])["guid"].to_pylist())
