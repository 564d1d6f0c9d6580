"""What could not be seen: a table of the snapshot (table, column, guid, state, reason), and the one way to read it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd
from pandas import DataFrame

VISIBILITY_COLUMNS = ("table", "column", "guid", "state", "reason")
"""All text. An empty `column` speaks of the table's rows, a missing `guid` of every row."""


_NOTHING_HIDDEN = DataFrame({column: pd.Series(dtype="str") for column in VISIBILITY_COLUMNS})


class State(StrEnum):
    """Why a value, a column or rows were not seen; what is not listed was."""

    NO_SCHEMA = "not in the schema"
    UNREADABLE = "unreadable"
    UNASKED = "not exported"
    UNDECODABLE = "undecodable"
    INCOMPLETE = "incomplete"


def nothing_hidden() -> DataFrame:
    """A visibility table without a row: all was seen."""
    return _NOTHING_HIDDEN.copy()


def rows(*entries: tuple[str, str, str | None, State, str]) -> DataFrame:
    """A visibility table of these rows."""
    return DataFrame(entries, columns=list(VISIBILITY_COLUMNS), dtype="str") if entries else nothing_hidden()


@dataclass(frozen=True)
class Unseen:
    """A visibility table, ready to be asked.

    `tables` maps a table to why rows may be missing; `columns` a (table, column) to the state and reason of the whole column;
    `cells` a (table, column) to the guids of the rows whose value was not seen, `reasons` to why.
    """

    tables: Mapping[str, str]
    columns: Mapping[tuple[str, str], tuple[State, str]]
    cells: Mapping[tuple[str, str], Set[str]]
    reasons: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, visibility: DataFrame) -> Unseen:
        """Read a visibility table (columns of VISIBILITY_COLUMNS)."""
        if visibility.empty:
            return cls({}, {}, {}, {})
        whole = visibility[visibility["guid"].isna()]
        of_rows, of_columns = whole[whole["column"] == ""], whole[whole["column"] != ""]
        single = visibility[visibility["guid"].notna()].groupby(["table", "column"], sort=False)
        tables = of_rows.groupby("table", sort=False)["reason"].agg(lambda reasons: "; ".join(dict.fromkeys(reasons)))
        return cls(
            {str(table): str(reason) for table, reason in tables.items()},
            {(row.table, row.column): (State(row.state), row.reason) for row in of_columns.itertuples()},
            {(str(table), str(column)): frozenset(group["guid"]) for (table, column), group in single},
            {(str(table), str(column)): group["reason"].iloc[0] for (table, column), group in single},
        )
