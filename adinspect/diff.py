"""Two moments of a forest held against each other, object by object: what changed, and what nobody can tell."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from pandas import DataFrame, Series, Timestamp

from adinspect import distinguished_name, frames, query, same
from adinspect.directory.decode import NAMESPACE
from adinspect.errors import ConfigurationError
from adinspect.query import FROM_DN, IDENTITY, Column, Query, Table, Type
from adinspect.same import Names
from adinspect.snapshot import Snapshot
from adinspect.visibility import State, Unseen


class Kind(StrEnum):
    """What became of an object; `moved` is also renamed."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"


FACTS: Mapping[str, str] = {
    "server": "what has not replicated between them shows as a change",
    "account": "what only one of them may see is not compared",
    "adinspect": "what only one of them asks for is not compared",
    "state": "what a partial snapshot lacks is not taken for removed",
}
"""What of two snapshots may differ, and what a reader must know where it does."""


@dataclass(frozen=True)
class Read:
    """What one query read: its filter, and the keys of the naming contexts that it read to the end."""

    filter: str
    contexts: frozenset[str]


@dataclass(frozen=True, eq=False)
class Moment:
    """The tables of one moment, what of them was not seen, how each query was asked, and what else tells of FACTS."""

    tables: Mapping[str, DataFrame]
    unseen: Unseen
    read: Mapping[str, Read] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot) -> Moment:
        """The moment of a snapshot.

        Raises:
            StorageError: a file of it is missing or is not what its manifest says.
        """
        manifest = snapshot.manifest
        asked: dict[str, list[Mapping[str, Any]]] = {}
        for one in manifest["queries"]:
            asked.setdefault(one["query"], []).append(one)
        read = {name: Read(searched[0]["filter"], _complete(searched)) for name, searched in asked.items()}
        account = manifest["account"]
        facts = {"server": manifest["source"] if account else "", "account": account or "an export"}
        facts |= {name: manifest[name] for name in ("adinspect", "state")}
        return cls(snapshot.tables, Unseen.of(snapshot.visibility), read, facts)

    def of_objects(self, name: str) -> DataFrame | None:
        """A table with one row an object; None where there is no such table."""
        return self.tables[name].drop_duplicates("guid") if name in self.tables else None


def _complete(searched: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    ended = (one["context"] for one in searched if one["context"] and one["state"] == "complete")
    return frozenset(map(distinguished_name.key, ended))


@dataclass(frozen=True)
class Change:
    """One change. `dn` and `identity` are those of the newer moment, of a removed object the last known.

    `column` and `attribute` are missing of what was added or removed; `old` and `new` are values, lists of a child table.
    """

    kind: str
    table: str
    guid: str
    dn: str
    identity: str
    column: str | None = None
    attribute: str | None = None
    old: Any = None
    new: Any = None


@dataclass(frozen=True)
class Gap:
    """What was not compared and why: of a table its rows (no `column`), or a column of some (`objects`) or all objects."""

    table: str
    column: str
    objects: int | None
    reason: str


CHANGE_COLUMNS = tuple(Change.__dataclass_fields__)
"""The columns of the table `changes`: text, but for `old` and `new`, which are values as JSON knows them."""

TABLE = Table(
    "changes",
    "Changes",
    "What changed since an earlier snapshot (`adinspect diff`, `adinspect assess --baseline`), which rules on drift judge. "
    "guid, dn and identity are those of the object.",
    (
        Column("kind", "--baseline", Type.STR, "added, removed, moved (or renamed) or changed."),
        Column("table", "--baseline", Type.STR, "The table it is in."),
        Column("column", "--baseline", Type.STR, "The column that changed; missing of what was added or removed."),
        Column("attribute", "--baseline", Type.STR, "The attribute behind it."),
        Column("old", "--baseline", Type.STR, "What it was: a truth is true or false, the values of a list are joined by |."),
        Column("new", "--baseline", Type.STR, "What it is."),
    ),
)
"""Changes as a table that rules can ask for, all text."""

NOT_SUPPLIED = "no earlier snapshot was supplied (--baseline)"
"""Why there are no changes."""

GAP_COLUMNS = tuple(Gap.__dataclass_fields__)


@dataclass(frozen=True)
class Compared:
    """What two moments came to: `changes` (CHANGE_COLUMNS) and `gaps` (GAP_COLUMNS)."""

    changes: DataFrame
    gaps: DataFrame


def check(old: Snapshot, new: Snapshot) -> None:
    """Refuse two snapshots that tell of no change.

    Raises:
        ConfigurationError: they are of two forests, or the first one is the newer.
    """
    forests = [one.manifest["forest"] for one in (old, new)]
    if forests[0].casefold() != forests[1].casefold():
        raise ConfigurationError(
            f"the older snapshot is of the forest {forests[0]}, the newer one of {forests[1]}",
            where=str(new.path),
            safe="Nothing was compared.",
            next_step="Name two snapshots of one forest; `adinspect snapshots list STORE` shows them.",
        )
    if old.taken > new.taken:
        raise ConfigurationError(
            f"the snapshot that should be the older one was taken at {old.taken:%Y-%m-%d %H:%M} UTC, after the other one "
            f"({new.taken:%Y-%m-%d %H:%M} UTC)",
            where=str(old.path),
            safe="Nothing was compared.",
            next_step="Name the older one first.",
        )


def changes(old: Moment, new: Moment) -> DataFrame:
    """What changed between two moments (CHANGE_COLUMNS), in the order of the tables, the kinds and the names; see `compare`."""
    return compare(old, new).changes


def compare(old: Moment, new: Moment) -> Compared:
    """Hold two moments against each other by objectGUID.

    Values are compared as the directory and the product understand them (module `same`); links by the object they name. What was
    not seen on either side is never a change, and an object is removed (added) only where its table was seen whole in the newer
    (older) moment: what was left out for that is told in `gaps`.
    """
    both = _Both(old, new, Names.of(old.tables), Names.of(new.tables))
    told = [*_facts(old, new), *(one for each in query.shipped().values() for one in both.query(each))]
    tables, kinds = [table.name for table in query.tables()], list(Kind)
    found = sorted(
        (one for one in told if isinstance(one, Change)),
        key=lambda one: (tables.index(one.table), kinds.index(Kind(one.kind)), one.dn, one.guid, one.column or ""),
    )
    return Compared(
        _frame(found, CHANGE_COLUMNS),
        _frame([one for one in told if isinstance(one, Gap)], GAP_COLUMNS).astype({"objects": "Int64"}),
    )


def as_table(changes: DataFrame) -> DataFrame:
    """Changes (CHANGE_COLUMNS) as the table that rules ask for (TABLE)."""
    shape = frames.empty(TABLE)
    texts = changes.assign(**{name: [_text(value) for value in changes[name]] for name in ("old", "new")})
    return texts[list(shape.columns)].astype(dict(shape.dtypes))


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return "|".join(value)
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


def _frame(told: Sequence[Any], columns: tuple[str, ...]) -> DataFrame:
    return DataFrame([[getattr(one, name) for name in columns] for one in told], columns=list(columns), dtype="object")


def _facts(old: Moment, new: Moment) -> Iterator[Gap]:
    for name, consequence in FACTS.items():
        before, after = old.facts.get(name, ""), new.facts.get(name, "")
        if before and after and before != after:
            yield Gap("", "", None, f"{name}: {before} in the older snapshot, {after} in the newer one; {consequence}")


Told = Iterator[Change | Gap]
Who = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class _Both:
    """Two moments, and the objects that names stand for in each."""

    old: Moment
    new: Moment
    before: Names
    after: Names

    @cached_property
    def reborn(self) -> bool:
        """Whether a name stands for one object in one moment and for another in the other."""
        return any(self.after.behind.get(key, guid) != guid for key, guid in self.before.behind.items())

    def query(self, one: Query) -> Told:
        """What became of the objects of one query."""
        old, new = self.old.of_objects(one.name), self.new.of_objects(one.name)
        if old is None or new is None:
            yield Gap(one.name, "", None, f"the {'older' if old is None else 'newer'} snapshot has no such table")
            return
        yield from self._gone(one.name, Kind.REMOVED, old, new)
        yield from self._gone(one.name, Kind.ADDED, new, old)
        shared = new["guid"][new["guid"].isin(old["guid"])]
        if shared.empty:
            return
        was, now = (frame.set_index("guid").loc[shared].reset_index() for frame in (old, new))
        who = list(now[list(IDENTITY)].itertuples(index=False, name=None))
        yield from _moved(one.name, was["dn"].tolist(), who)
        for table in one.tables:
            for column in table.columns:
                if column.type not in FROM_DN and column.attribute not in same.IGNORED:
                    yield from self._column(table, column, was, now, who)

    def _gone(self, table: str, kind: Kind, there: DataFrame, here: DataFrame) -> Told:
        """Objects that one moment has in a table (`there`), and the other one (`here`) has not."""
        removed = kind is Kind.REMOVED
        moment, other, side = (self.new, self.old, "newer") if removed else (self.old, self.new, "older")
        rows = there[~there["guid"].isin(here["guid"])]
        if rows.empty:
            return
        if why := _not_whole(table, moment, other):
            yield Gap(table, "", len(rows), f"not told as {kind}: the {side} snapshot does not show all of them ({why})")
            return
        nameless = _known_by_name(rows) | _known_by_name(here[~here["guid"].isin(there["guid"])])
        elsewhere = rows["guid"].isin((self.after if removed else self.before).guids)
        unclear = distinguished_name.keys(rows["dn"].astype("str")).isin(nameless) & ~elsewhere
        for left_out, reason in (
            (elsewhere, f"the {side} snapshot has them in another table"),
            (unclear, "without an objectGUID they are known by their name alone, and may just have another one"),
        ):
            if left_out.any():
                yield Gap(table, "", int(left_out.sum()), f"not told as {kind}: {reason}")
        told = rows[~elsewhere & ~unclear]
        yield from (Change(kind.value, table, *cells) for cells in told[["guid", "dn", "identity"]].itertuples(index=False))

    def _column(self, table: Table, column: Column, was: DataFrame, now: DataFrame, who: list[Who]) -> Told:
        """Changes of one column of the objects that both moments have."""
        if why := self._column_unseen(table.name, column.name):
            yield Gap(table.name, column.name, None, why)
            return
        sides = (self.old, self.new)
        hidden = [one.unseen.cells.get((table.name, column.name), frozenset()) for one in sides]
        left_out = now["guid"].isin(hidden[0] | hidden[1]).tolist()
        if any(left_out):
            reasons = (one.unseen.reasons.get((table.name, column.name)) for one in sides)
            yield Gap(table.name, column.name, sum(left_out), "; ".join(dict.fromkeys(filter(None, reasons))))
        if table.each and column.attribute == table.each:
            before, after = (_lists(one.tables[table.name], column.name, now["guid"]) for one in sides)
        else:
            before, after = (_cells(frame[column.name]) for frame in (was, now))
        unclear = 0
        for whose, old, new, skip in zip(who, before, after, left_out, strict=True):
            if skip or (old == new and not (column.links and self.reborn)):
                continue
            one = same.compare(column, old, new, self.before, self.after)
            unclear += one is None
            if one is False:
                yield Change(Kind.CHANGED.value, table.name, *whose, column.name, column.attribute, old, new)
        if unclear:
            yield Gap(table.name, column.name, unclear, "only one snapshot shows what they name: it may just have another name")

    def _column_unseen(self, table: str, column: str) -> str:
        """Why a whole column cannot be compared; empty where it can. What the schema lacks, nobody has: that is known."""
        for side, one in (("older", self.old), ("newer", self.new)):
            if column not in one.tables.get(table, ()):
                return f"the {side} snapshot has no such column"
            state, reason = one.unseen.columns.get((table, column), (State.NO_SCHEMA, ""))
            if state is not State.NO_SCHEMA:
                return f"the {side} snapshot: {reason}"
        return ""


def _not_whole(table: str, here: Moment, there: Moment) -> str:
    """Why an object that one moment lacks (`here`) may be there all the same."""
    if table in here.unseen.tables:
        return here.unseen.tables[table]
    one, other = here.read.get(table), there.read.get(table)
    if not one or not other:
        return ""
    if one.filter != other.filter:
        return "it asked for other objects"
    unread = sorted(other.contexts - one.contexts)
    return f"it did not read {', '.join(unread)}" if unread else ""


def _known_by_name(rows: DataFrame) -> set[str]:
    """The keys of the names of objects whose guid was made of their name, for want of an objectGUID."""
    keys = distinguished_name.keys(rows["dn"].astype("str"))
    return {key for key, guid in zip(keys, rows["guid"], strict=True) if str(uuid.uuid5(NAMESPACE, key)) == guid}


def _moved(table: str, was: list[str], who: list[Who]) -> Iterator[Change]:
    """Objects with another name or in another place."""
    for old, (guid, dn, identity) in zip(was, who, strict=True):
        if old != dn and distinguished_name.key(old) != distinguished_name.key(dn):
            yield Change(Kind.MOVED.value, table, guid, dn, identity, "dn", "distinguishedName", old, dn)


def _cells(column: Series) -> list[Any]:
    """A column's values as JSON knows them, None where there is none."""
    values = (None if missing else value for value, missing in zip(column.tolist(), column.isna().tolist(), strict=True))
    return [value.isoformat() if isinstance(value, Timestamp) else value for value in values]


def _lists(rows: DataFrame, column: str, guids: Series) -> list[list[Any]]:
    """The values of each object in a column that has a row a value, sorted."""
    found: dict[str, list[Any]] = {}
    for guid, value in zip(rows["guid"], _cells(rows[column]), strict=True):
        if value is not None:
            found.setdefault(guid, []).append(value)
    return [sorted(found.get(guid, ())) for guid in guids]
