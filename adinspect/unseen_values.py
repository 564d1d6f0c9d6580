"""Which values could not be seen, object by object: from the schema, the export, the access lists, and what cannot be decoded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def unseen_values(collected: Collected) -> Iterator[DataFrame]:
    """Visibility rows (visibility.VISIBILITY_COLUMNS) about columns and cells; a column of which nothing was seen is one row."""
    known, lacking = _schema(collected)
    if lacking:
        reason = f"entries show {lacking}, which it lacks: it was not read whole"
        yield rows(("schema_attributes", "", None, State.INCOMPLETE, reason))
    for pages in collected.pages.values():
        readable = _readable(collected, pages, known)
        for table, column in _read_columns(pages.query):
            yield from _column(collected, pages, table, column, known, readable)
    if not collected.live:
        yield from _silent_families(collected, known)
    yield from _undecoded(collected)


Known = Mapping[str, access.Attribute]


def _column(
    collected: Collected, pages: Pages, table: Table, column: Column, known: Known, readable: access.Readability | None
) -> Iterator[DataFrame]:
    guids, shown, unasked = _looked_at(collected, pages, table, column)
    if not shown.any() and known and column.attribute.lower() not in known:
        yield rows((table.name, column.name, None, State.NO_SCHEMA, f"{column.attribute} is not in the forest's schema"))
        return
    hidden = unasked & ~shown
    if hidden.any():
        told = f"{column.attribute} is not shown on {{}}, and nothing tells that it was exported"
        yield _hidden(table, column, guids[hidden], len(guids), State.UNASKED, told)
    if collected.live and (table.owner or not table.each):
        unread = ~shown & ~_seen(readable, known, column, len(guids))
        if unread.any():
            told = f"{column.attribute} may not be read on {{}}"
            yield _hidden(table, column, guids[unread], len(guids), State.UNREADABLE, told)


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


def _readable(collected: Collected, pages: Pages, known: Known) -> access.Readability | None:
    """What the access lists let the account read; None where that cannot be evaluated."""
    if not (collected.token_sids and known and pages.descriptors):
        return None
    names = (*pages.query.attributes, *(column.attribute for column in pages.query.presences))
    attributes = [known[name.lower()] for name in names if name.lower() in known]
    return access.readability(pa.chunked_array(pages.descriptors), attributes, collected.token_sids)


def _seen(readable: access.Readability | None, known: Known, column: Column, rows_read: int) -> np.ndarray:
    """Where a value would have been shown if there were one: nowhere, if the rights of the account cannot be told."""
    attribute = known.get(column.attribute.lower())
    if readable is None or attribute is None:
        return np.zeros(rows_read, bool)
    seen: np.ndarray = pc.fill_null(readable.of(attribute.name), False).to_numpy(zero_copy_only=False)
    return seen


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


def _schema(collected: Collected) -> tuple[Known, str]:
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
