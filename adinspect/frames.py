"""What a column of Arrow or a TOML type is in pandas: few dtypes, and a missing value never drops a row from a mask unseen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series

from adinspect.finding import Severity
from adinspect.query import IDENTITY, Column, Table, Type

TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
"""Text whose comparisons give plain bools: a missing value equals nothing."""

SEVERITIES = pd.CategoricalDtype([severity.value for severity in Severity], ordered=True)
"""Dtype of a column of severities: the worst sorts first."""

ARROW_TYPES: Mapping[Type, pa.DataType] = {
    **dict.fromkeys(Type, pa.string()),
    Type.INT: pa.int64(),
    Type.VERSION: pa.int64(),
    Type.BOOL: pa.bool_(),
    Type.BIT: pa.bool_(),
    Type.PRESENT: pa.bool_(),
    Type.FILETIME: pa.timestamp("us", "UTC"),
    Type.TIME: pa.timestamp("us", "UTC"),
}
"""What a column of each type is in Arrow, and so in a snapshot's Parquet."""


def field(column: Column) -> pa.Field:
    """The Arrow field of a column; it may be null unless the query says what absent means."""
    nullable = column.absent is None and column.type is not Type.PRESENT
    return pa.field(column.name, ARROW_TYPES[column.type], nullable=nullable)


def schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table: guid, dn, identity and its columns."""
    return pa.schema([*(pa.field(name, pa.string(), nullable=False) for name in IDENTITY), *map(field, table.columns)])


def frame(table: pa.Table) -> DataFrame:
    """An Arrow table as a DataFrame: str, Int64, datetime64[us, UTC]; bool where a field is never null, else boolean."""
    types = {pa.string(): TEXT, pa.large_string(): TEXT, pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    whole = table.to_pandas(types_mapper=types.get, date_as_object=False)
    plain = [field.name for field in table.schema if pa.types.is_boolean(field.type) and not field.nullable]
    return whole.astype(dict.fromkeys(plain, bool))


def records(rows: DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, each as a dict of Python's own values; what DataFrame.to_dict gives, made column by column."""
    names = [str(name) for name in rows.columns]
    columns = (_values(column) for _, column in rows.items())
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _values(column: Series) -> list[Any]:
    values: list[Any] = column.tolist()
    if column.dtype == object:
        return [value.item() if isinstance(value, np.generic) else value for value in values]
    return [None if value is pd.NA else value for value in values] if column.hasnans else values


@cache
def empty(table: Table) -> DataFrame:
    """A table without a row, its dtypes as they would be; the same object each time, not to be changed."""
    return frame(schema(table).empty_table())
