"""Which values could not be seen, object by object: from the schema, the export, the access lists, and what cannot be decoded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas import DataFrame

from adinspect import access
from adinspect.collect import Collected, Pages
from adinspect.query import FROM_DN, Column, Query, Table, Type
from adinspect.visibility import State, rows

FAMILIES = {"msRTCSIP-": ("pools", "a Lync / Skype for Business pool"), "msExch": ("organization", "an Exchange organization")}
"""Attributes by the start of their name, and the table (and what is in it) that makes it odd when not one user shows any."""

CANARIES = frozenset(
    {
        ("dial_plans", "phone_context"),
        ("dial_plans", "uri_type"),
        ("users", "sam_account_name"),
        ("users", "sid"),
    }
)
"""Columns that no object of the class lacks: Exchange writes both into every UM dial plan, and [MS-ADSC] makes the other two
mandatory of security principals (contacts in `users` are none). Where none is shown, none was let be read."""

CLASSES = {
    "user": UUID("bf967aba-0de6-11d0-a285-00aa003049e2"),
    "inetOrgPerson": UUID("4828cc14-1437-45bc-9b07-ad6f015e5f28"),
    "contact": UUID("5cb41ed0-0e4c-11d0-a286-00aa003049e2"),
    "group": UUID("bf967a9c-0de6-11d0-a285-00aa003049e2"),
    "computer": UUID("bf967a86-0de6-11d0-a285-00aa003049e2"),
    "organizationalUnit": UUID("bf967aa5-0de6-11d0-a285-00aa003049e2"),
    "domainDNS": UUID("19195a5b-6da0-11d0-afd3-00c04fd930c9"),
    "container": UUID("bf967a8b-0de6-11d0-a285-00aa003049e2"),
}
"""What access lists call the classes of every forest ([MS-ADSC]): an entry that names one speaks of the whole object."""

OF_ONE_CLASS = {"contacts": "contact", "groups": "group", "forest": "domainDNS"}
"""The class of all the rows of a table that has no column for it."""


def unseen_values(collected: Collected) -> Iterator[DataFrame]:
    """Visibility rows (visibility.VISIBILITY_COLUMNS) about columns and cells; a column of which nothing was seen is one row."""
    known, lacking = known_attributes(collected)
    if lacking:
        reason = f"entries show {lacking}, which it lacks: it was not read whole"
        yield rows(("schema_attributes", "", None, State.INCOMPLETE, reason))
    once = _written_once(collected)
    for pages in collected.pages.values():
        readable, sample = _readable(collected, pages, known), _sample(collected, pages, once)
        for table, column in _read_columns(pages.query):
            yield from _column(collected, pages, table, column, known, readable, sample)
    if not collected.live:
        yield from _silent_families(collected, known)
    yield from _undecoded(collected)


Known = Mapping[str, access.Attribute]
Readable = Mapping[str, np.ndarray]
"""Whether the account may read an attribute (access.Attribute.name), a value an entry; false where it cannot be told."""


Once = Mapping[str, Collection[str]]
"""The guids of sampled objects on which an attribute (lower-cased name) was written once (_written_once)."""


@dataclass(frozen=True)
class Sample:
    """Places of the objects of a query whose replication metadata was looked at, and what was written once on them."""

    places: np.ndarray
    once: Once


def _column(
    collected: Collected, pages: Pages, table: Table, column: Column, known: Known, readable: Readable | None, sample: Sample
) -> Iterator[DataFrame]:
    guids, shown, unasked = _looked_at(collected, pages, table, column)
    if not shown.any() and known and column.attribute.lower() not in known:
        yield rows((table.name, column.name, None, State.NO_SCHEMA, f"{column.attribute} is not in the forest's schema"))
        return
    hidden = unasked & ~shown
    if hidden.any():
        told = f"{column.attribute} is not shown on {{}}, and nothing tells that it was exported"
        yield _hidden(table, column, guids[hidden], len(guids), State.UNASKED, told)
    carrying = _carries(collected, table, column, guids)
    if not collected.live and carrying.any() and not (shown & carrying).any():
        told = f"no object shows {column.attribute}, which all of them carry: who made the export may not read it on {{}}"
        yield _hidden(table, column, guids[carrying & ~unasked], len(guids), State.UNREADABLE, told)
    if collected.live and (table.owner or not table.each):
        seen = _seen(readable, known, column, len(guids))
        unread = ~shown & ~seen
        if unread.any():
            told = f"{column.attribute} may not be read on {{}}"
            yield _hidden(table, column, guids[unread], len(guids), State.UNREADABLE, told)
        if set_unseen := _set_unseen(sample, column, guids, shown, seen):
            told = (
                f"no object of a sample shows {column.attribute}, though access lists let it be read and by replication metadata"
                f" {set_unseen} of them have it: it cannot be told on {{}}"
            )
            yield _hidden(table, column, guids[~shown & seen], len(guids), State.UNREADABLE, told)


def _sample(collected: Collected, pages: Pages, once: Once) -> Sample:
    """The objects of a query whose replication metadata was looked at."""
    guids = pa.concat_arrays([pa.array([], pa.string()), *pages.guids])
    found = pc.is_in(guids, value_set=pa.array(sorted(collected.written), pa.string()))
    return Sample(np.flatnonzero(found.to_numpy(zero_copy_only=False)), once)


def _set_unseen(sample: Sample, column: Column, guids: np.ndarray, shown: np.ndarray, seen: np.ndarray) -> int:
    """On how many objects of the sample a value stands that access lists let be read, where not one of them shows any.

    What was written once was set then, and never cleared. Later versions tell nothing.
    """
    once, places = sample.once.get(column.attribute.lower(), ()), sample.places
    if not once or shown[places].any():
        return 0
    return sum(guid in once for guid in guids[places[seen[places]]])


def _written_once(collected: Collected) -> Mapping[str, Collection[str]]:
    """The guids of sampled objects on which an attribute was written once, by its lower-cased name.

    Attributes that the schema gives no number of its own for replication are left out.
    """
    if not collected.written or "schema_attributes" not in collected.tables:
        return {}
    read = collected.tables["schema_attributes"].select(["attribute", "replication_id"]).to_pylist()
    numbers = {row["replication_id"] & 0xFFFFFFFF: row["attribute"].lower() for row in read if row["replication_id"] is not None}
    found: dict[str, set[str]] = {}
    for guid, versions in collected.written.items():
        for number, version in versions.items():
            if version == 1 and number in numbers:
                found.setdefault(numbers[number], set()).add(guid)
    return found


def _looked_at(collected: Collected, pages: Pages, table: Table, column: Column) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The guids of the entries that were read, which of them show the attribute, and of which nobody may have asked for it."""
    guids, name = _joined(pages.guids, pa.string()), column.attribute
    if column.type is Type.PRESENT:
        read = collected.tables[table.name]
        held = read.filter(read[column.name])["guid"].to_pylist()
        doubtful = name in collected.unasked.get(pages.query.name, frozenset())
        return guids, np.isin(guids.astype(str), held), np.full(len(guids), doubtful)
    shown, unasked = pages.shown.get(name, []), pages.unasked.get(name, [])
    return guids, _joined(shown, pa.bool_()).astype(bool), _joined(unasked, pa.bool_()).astype(bool)


def _joined(arrays: list[pa.Array], kind: pa.DataType) -> np.ndarray:
    joined: np.ndarray = pa.concat_arrays([pa.array([], kind), *arrays]).to_numpy(zero_copy_only=False)
    return joined


def _readable(collected: Collected, pages: Pages, known: Known) -> Readable | None:
    """What the access lists let the account read, by attribute; None where that cannot be evaluated."""
    if not (collected.token_sids and known and pages.descriptors):
        return None
    names = (*pages.query.attributes, *(column.attribute for column in pages.query.presences))
    attributes = [known[name.lower()] for name in names if name.lower() in known]
    lists, guids = pa.chunked_array(pages.descriptors), pa.concat_arrays(pages.guids)
    if len(guids) != len(lists):  # a table of values: its entries are no objects that rules judge
        return None
    sids, classes = told_of(collected, pages, guids, "sid"), told_of(collected, pages, guids, "object_class")
    readable = {attribute.name: np.zeros(len(lists), bool) for attribute in attributes}
    for name in pc.unique(classes).to_pylist():
        here = pc.equal(classes, name) if name else pc.is_null(classes)
        guid = CLASSES.get(name or OF_ONE_CLASS.get(pages.query.name, ""))
        rights = access.readability(
            lists.filter(here), attributes, collected.token_sids, own_sids=sids.filter(here), object_class=guid
        )
        for attribute in attributes:
            seen = pc.fill_null(rights.of(attribute.name), False)
            readable[attribute.name][here.to_numpy(zero_copy_only=False)] = seen.to_numpy(zero_copy_only=False)
    return readable


def told_of(collected: Collected, pages: Pages, guids: pa.Array, column: str) -> pa.Array:
    """What a column of the query's table says of these objects, null where it says nothing or there is no such column."""
    table = collected.tables[pages.query.name]
    if column not in table.column_names:
        return pa.nulls(len(guids), pa.string())
    return table[column].combine_chunks().take(pc.index_in(guids, value_set=table["guid"].combine_chunks()))


def _seen(readable: Readable | None, known: Known, column: Column, rows_read: int) -> np.ndarray:
    """Where a value would have been shown if there were one: nowhere, if the rights of the account cannot be told."""
    attribute = known.get(column.attribute.lower())
    return np.zeros(rows_read, bool) if readable is None or attribute is None else readable[attribute.name]


def _carries(collected: Collected, table: Table, column: Column, guids: np.ndarray) -> np.ndarray:
    """Which objects cannot be without a value in a column."""
    if (table.name, column.name) not in CANARIES:
        return np.zeros(len(guids), bool)
    read = collected.tables[table.name]
    others = (
        read.filter(pc.equal(read["object_class"], "contact"))["guid"]
        if "object_class" in read.column_names
        else read["guid"][:0]
    )
    return ~np.isin(guids.astype(str), others.to_pylist())


def _hidden(table: Table, column: Column, guids: np.ndarray, of: int, state: State, told: str) -> DataFrame:
    whole = len(guids) == of
    reason = told.format(f"{'any' if whole else len(guids)} of {of} {table.owner or table.name}")
    who = pd.Series([None] if whole else guids, dtype="str")
    texts = {"table": table.name, "column": column.name, "guid": who, "state": state.value, "reason": reason}
    return DataFrame(texts, index=who.index).astype("str")


def _silent_families(collected: Collected, known: Known) -> Iterator[DataFrame]:
    """An export where no user shows any attribute of a product that is there: who made it may not read them."""
    for start, (proof, what) in FAMILIES.items():
        if not len(collected.tables.get(proof, ())) or "users" not in collected.pages:
            continue
        pages = collected.pages["users"]
        family = ((table, column) for table, column in _read_columns(pages.query) if column.attribute.startswith(start))
        columns = [(table, column) for table, column in family if not known or column.attribute.lower() in known]
        if len(collected.tables["users"]) and not any(_looked_at(collected, pages, *one)[1].any() for one in columns):
            reason = f"no user shows any {start} attribute although there is {what}: who made the export may not read them"
            yield rows(*((table.name, column.name, None, State.UNREADABLE, reason) for table, column in columns))


def _undecoded(collected: Collected) -> Iterator[DataFrame]:
    found = [one for pages in collected.pages.values() for one in pages.undecoded]
    reasons = (f"{one.table}.{one.column} holds octets that cannot be decoded" for one in found)
    cells = ((one.table, one.column, one.guid, State.UNDECODABLE, reason) for one, reason in zip(found, reasons, strict=True))
    yield rows(*cells)


def known_attributes(collected: Collected) -> tuple[Known, str]:
    """The forest's attributes by lower-cased name, and an attribute entries show that they lack; not a part for the whole."""
    states = [searched.state for searched in collected.searched if searched.query == "schema_attributes"]
    if not states or set(states) != {"complete"}:
        return {}, ""
    read = collected.tables["schema_attributes"].select(["attribute", "schema_guid", "property_set", "confidential"]).to_pylist()
    known = {
        row["attribute"].lower(): access.Attribute(
            row["attribute"].lower(), _uuid(row["schema_guid"]), _uuid(row["property_set"]), row["confidential"]
        )
        for row in read
        if row["attribute"]
    }
    looked_at = ((name, arrays) for pages in collected.pages.values() for name, arrays in pages.shown.items())
    foreign = (name for name, arrays in looked_at if name.lower() not in known and _joined(arrays, pa.bool_()).any())
    lacking = next(foreign, "") if known else ""
    return ({}, lacking) if lacking else (known, "")


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _read_columns(query: Query) -> Iterator[tuple[Table, Column]]:
    return ((table, column) for table in query.tables for column in table.columns if column.type not in FROM_DN)
