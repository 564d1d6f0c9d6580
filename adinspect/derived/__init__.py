"""Tables made of tables: joins, unions and normal forms that several rules or reports need; a function's name is its table's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any, overload

import pandas as pd
from pandas import DataFrame

from adinspect import definitions
from adinspect.rule import Signature


@dataclass(frozen=True)
class Derived:
    """A derived table.

    `holder` is the table its rows are about (empty: the frame has a column `table` that says so row by row). In a `union` every
    input gives rows of its own, so that a row not seen takes away only itself; otherwise the first input gives the rows and
    every other input must be whole. A `sparse` table has rows of what is wrong alone, so that how many could be judged is told of
    the objects behind it.
    """

    name: str
    holder: str
    union: bool
    signature: Signature
    build: Callable[..., DataFrame]
    sparse: bool = False


@overload
def derived(build: Callable[..., DataFrame], /) -> Derived: ...
@overload
def derived(*, holder: str = "", union: bool = False, sparse: bool = False) -> Callable[[Callable[..., DataFrame]], Derived]: ...
def derived(
    build: Callable[..., DataFrame] | None = None, /, *, holder: str = "", union: bool = False, sparse: bool = False
) -> Any:
    """Make a derived table of a function with a rule's signature; it returns rows with guid, dn and identity of their holder."""

    def make(build: Callable[..., DataFrame]) -> Derived:
        signature = Signature.of(build)
        return Derived(build.__name__, holder or ("" if union else signature.inputs[0].table), union, signature, build, sparse)

    return make(build) if build else make


@cache
def shipped() -> Mapping[str, Derived]:
    """Every derived table in the modules of this package, by name."""
    return {table.name: table for table in definitions.found(__name__, Derived)}


def joined(rows: DataFrame, *others: DataFrame) -> DataFrame:
    """Rows with the columns of other tables about the same objects, each with one row an object."""
    return reduce(_beside, (other.drop(columns=["dn", "identity"]) for other in others), rows)


def _beside(rows: DataFrame, other: DataFrame) -> DataFrame:
    if rows["guid"].equals(other["guid"]):  # most tables about users have all of them, in one order
        return pd.concat([rows, other.drop(columns="guid")], axis="columns")
    return rows.merge(other, on="guid", validate="one_to_one")
