"""The rows of a table as Python's own values."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from adinspect import frames


def test_records_are_what_pandas_gives_of_every_kind_of_column() -> None:
    rows = DataFrame(
        {
            "text": Series(["Ada", None], dtype=frames.TEXT),
            "number": Series([1, None], dtype="Int64"),
            "truth": [True, False],
            "moment": pd.to_datetime(["2026-11-24", None], utc=True),
            "cell": Series([np.bool_(True), ("a", "b")], dtype=object),
        }
    )
    records = frames.records(rows)
    assert str(records) == str(rows.to_dict("records"))
    assert [type(value) for record in records for value in record.values()] == [
        *(str, int, bool, pd.Timestamp, bool),
        *(float, type(None), bool, type(pd.NaT), tuple),
    ]
    assert frames.records(rows.iloc[:0]) == []
