"""Small snapshots in stores, and the harm that can be done to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from adinspect import frames, query, snapshot
from adinspect.collect import Collected, Pages, Searched
from adinspect.directory import Contexts, Root
from adinspect.visibility import State, rows

TAKEN = datetime(2026, 11, 24, 8, tzinfo=UTC)
ROOT = Root(
    "contoso.com", "forest.ldf", Contexts("CN=Configuration,DC=contoso,DC=com", None, "DC=contoso,DC=com", ("DC=contoso,DC=com",))
)
WHOLE = Searched("users", "domains", "DC=contoso,DC=com", "(objectClass=user)", ("cn",), 1, 1, "complete", "")
CUT = replace(WHOLE, state="partial", reason="the server cut the connection")


@dataclass(frozen=True)
class Local(snapshot.Snapshot):
    """A snapshot in a local store."""

    path: Path


HIDDEN = rows(("users", "line_uri", "g1", State.UNREADABLE, "may not be read"))


def collected(*searched: Searched) -> Collected:
    """A forest of one user."""
    shape = query.shipped()["users"].table
    row = {"guid": "g1", "dn": "CN=Zoë,DC=contoso,DC=com", "identity": "zoe@contoso.com"}
    filled = {column.name: False for column in shape.columns if not frames.field(column).nullable}
    table = frames.schema(shape).empty_table().from_pylist([row | filled], frames.schema(shape))
    return Collected({"users": table}, searched or (WHOLE,), (), {}, {"users": Pages(query.shipped()["users"])}, frozenset())


def save(store: Path, *searched: Searched, forest: str = "contoso.com", taken: datetime = TAKEN, day: int | None = None) -> Local:
    """Save it: taken at a time, or on a day of November 2026 at 8:00."""
    moment = taken if day is None else taken.replace(day=day)
    saved = snapshot.save(collected(*searched), HIDDEN, replace(ROOT, forest=forest), store, taken=moment)
    assert isinstance(saved.path, Path)
    return Local(saved.path, saved.manifest)


def flip(file: Path, place: int) -> None:
    """Flip one bit of the octet at a place."""
    octets = bytearray(file.read_bytes())
    octets[place] ^= 1 << place % 8
    file.write_bytes(octets)
