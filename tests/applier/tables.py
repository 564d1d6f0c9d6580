"""Lays two snapshots side by side: which values of which objects are not the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pandas import DataFrame

from adinspect import query, side
from adinspect.snapshot import Snapshot

OF_THE_READER = {"forest", "undecoded"}
"""Tables that tell of the reading itself."""


class Cell(NamedTuple):
    """A value of an object: `guid` is the row's key in a side input, `column` empty where a table has many rows an object."""

    table: str
    guid: str
    column: str


def changed(one: Mapping[Cell, Any], other: Mapping[Cell, Any]) -> set[Cell]:
    """What is not the same in both."""
    return {cell for cell in one.keys() | other.keys() if one.get(cell) != other.get(cell)}


def cells(snapshot: Snapshot) -> dict[Cell, Any]:
    """Every value of a snapshot; what is missing is None, and of many rows an object they are the value, in order."""
    children = query.owners()
    return {
        cell: value
        for name, table in snapshot.tables.items()
        if name not in OF_THE_READER
        for cell, value in (_many(name, table) if name in children else _one(name, table))
    }


def _one(name: str, table: DataFrame) -> Iterator[tuple[Cell, Any]]:
    key = _key(name, table)
    for row in table.to_dict("records"):
        for column, value in row.items():
            yield Cell(name, str(row[key]), str(column)), None if value is None or value != value else value


def _many(name: str, table: DataFrame) -> Iterator[tuple[Cell, Any]]:
    values = [column for column in table.columns if column not in ("guid", "dn", "identity")]
    for guid, rows in table.groupby("guid"):
        yield Cell(name, str(guid), ""), sorted(map(str, rows[values].to_numpy().tolist()))


def _key(name: str, table: DataFrame) -> str:
    if name not in side.shipped():
        return "guid"
    return side.shipped()[name].key[0]
