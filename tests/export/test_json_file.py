from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sample_report import NAUGHTY, block, every_type, report, sheet, texts

from adinspect.export import json_file
from adinspect.report import Report, Sheet


def written(tmp_path: Path, one: Report) -> dict[str, Any]:
    json_file.write(one, tmp_path / "a.json")
    told: dict[str, Any] = json.loads((tmp_path / "a.json").read_text("utf-8"))
    return told


def test_sheets_hold_tables_of_objects_keyed_by_column(tmp_path: Path) -> None:
    stack = Sheet("Summary", (block(texts(["x"]), "overview"), block(texts([]), "attention")), stacked=True)
    assert written(tmp_path, report(stack, sheet(texts(["Ada", "Bob"]), "To do", name="findings", blank=("Owner",)))) == {
        "schema": 1,
        "title": "What to put right",
        "taken": "2026-11-24T08:00:00Z",
        "sheets": [
            {"title": "Summary", "tables": {"overview": [{"identity": "x"}], "attention": []}},
            {"title": "To do", "tables": {"findings": [{"identity": "Ada"}, {"identity": "Bob"}]}},
        ],
    }


def test_every_type_has_its_value_and_missing_is_null(tmp_path: Path) -> None:
    first, second = written(tmp_path, report(sheet(every_type())))["sheets"][0]["tables"]["users"]
    assert first == {
        "identity": "Ada",
        "severity": "critical",
        "rows": 12,
        "digits": 4,
        "large": 2**60,
        "voice": True,
        "sip_enabled": False,
        "created": "2026-01-02T03:04:05Z",
        "csv": ["20_a", "21_b"],
        "evidence": {"line": "tel:+1", "n": None},
        "mixed": 3,
    }
    assert second == {
        **dict.fromkeys(("identity", "severity", "digits", "large", "sip_enabled", "created")),
        "rows": 0,
        "voice": False,
        "csv": [],
        "evidence": {},
        "mixed": "(unreadable)",
    }


def test_naughty_texts_come_back(tmp_path: Path) -> None:
    rows = written(tmp_path, report(sheet(texts(NAUGHTY))))["sheets"][0]["tables"]["users"]
    assert [row["identity"] for row in rows] == NAUGHTY
