"""Which texts of a column are among many others: the same question as pandas' isin, for other columns of any length."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from pandas import Series


def among(column: Series, others: Series) -> Series:
    """Whether each text is one of the others (plain bool; a missing one is not).

    pandas' isin makes each of the others a Python object first: of a hundred thousand, that costs half a second.
    """
    found = pc.is_in(_arrow(column), value_set=_arrow(others), skip_nulls=True)
    return Series(found.to_numpy(zero_copy_only=False), column.index, dtype=bool)


def _arrow(column: Series) -> pa.Array | pa.ChunkedArray:
    return pa.array(column, pa.large_string(), from_pandas=True)
