"""Reports and what they are made of, for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from pandas import DataFrame

from adinspect.frames import SEVERITIES
from adinspect.report import Block, Report, Sheet

TAKEN = datetime(2026, 11, 24, 8, tzinfo=UTC)

MANIFEST: Mapping[str, Any] = {
    "forest": "contoso.com",
    "taken": "2026-11-24T08:00:00Z",
    "source": "ldaps://dc1.contoso.com",
    "account": "reader@contoso.com",
    "adinspect": "0.1.0",
    "contexts": {"domains": ["DC=contoso,DC=com", "DC=emea,DC=contoso,DC=com"]},
    "queries": [],
    "unread_domains": [],
    "undecoded": 0,
    "without_guid": 0,
    "dropped": {},
}
"""What a snapshot says of itself, all of it read."""

SPECIAL = [
    *("=1+1", "{=1+1}", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://contoso.example","x")', "'=1", " =1"),
    *("\N{FULLWIDTH EQUALS SIGN}1", "x;=1+1", "x\t=1", "x\n=1", 'x";=1', "=1;=1"),
    *("+14255550100", "00123", "12345678901234567890", "1e5", "TRUE", "2026-11-24", "1:1", "#N/A", "_x0041_"),
    *(
        "http://contoso.example/",
        "mailto:ada@contoso.example",
        "internal:Users!A1",
        "external:c:/x.xlsx",
        "file:///x",
        "\\\\host\\share",
    ),
    *("a\tb", "a\nb", " a ", "\x00", "\x1b[31m", "\x7f", "a\r\nb", "a\rb", "\ufffe", "\ud800"),
    *("&amp;", "<c><f>1</f></c>", "]]>", "&P&N", "<r></r>", "<r>"),
    '<r><t>x</t></r></is></c><c r="B2"><f>1+1</f><v>2</v></c><c r="C2" t="inlineStr"><is><r><t>y</t></r>',
]
"""Text that a spreadsheet or the library that writes it might take for something else."""

BLNS: list[str] = json.loads((Path(__file__).parent / "data/corpora/blns/blns.json").read_text("utf-8"))

NAUGHTY = [*filter(None, BLNS), *SPECIAL]


def texts(values: list[str]) -> DataFrame:
    """A table of texts; of dtype object, since Arrow refuses what is no Unicode text."""
    return DataFrame({"identity": values}, dtype=object)


def block(rows: DataFrame, name: str = "users", **more: Any) -> Block:
    """A block that shows every column under its own name."""
    return Block(name, {column: str(column) for column in rows.columns}, rows, **more)


def report(*sheets: Sheet) -> Report:
    return Report("What to put right", TAKEN, sheets)


def sheet(rows: DataFrame, title: str = "Users", **more: Any) -> Sheet:
    return Sheet(title, (block(rows, **more),))


def every_type() -> DataFrame:
    """A value and a missing value of each type a table has."""
    return DataFrame(
        {
            "identity": pd.Series(["Ada", None], dtype="str"),
            "severity": pd.Series(["critical", None], dtype=SEVERITIES),
            "rows": pd.Series([12, 0], dtype="int64"),
            "digits": pd.Series([4, None], dtype="Int64"),
            "large": pd.Series([2**60, None], dtype="Int64"),
            "voice": pd.Series([True, False], dtype="bool"),
            "sip_enabled": pd.Series([False, None], dtype="boolean"),
            "created": pd.Series(pd.to_datetime(["2026-01-02T03:04:05Z", None], utc=True)).astype("datetime64[us, UTC]"),
            "csv": pd.Series([("20_a", "21_b"), ()], dtype=object),
            "evidence": pd.Series([{"line": "tel:+1", "n": None}, {}], dtype=object),
            "mixed": pd.Series([3, "(unreadable)"], dtype=object),
        }
    )
