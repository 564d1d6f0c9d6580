from __future__ import annotations

import csv
import re
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from pandas import DataFrame
from sample_report import NAUGHTY, block, every_type, report, sheet, texts

from adinspect import formulas
from adinspect.export import cells, csv_files
from adinspect.report import Block, Sheet


def read(path: Path) -> list[list[str]]:
    return list(csv.reader(StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))


def test_a_sheet_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = DataFrame(
        {"identity": ['Zoë "Z"', None], "number": ["+14255550100", "a,b"], "digits": pd.Series([-1, None], dtype="Int64")}
    )
    csv_files.write(report(sheet(rows, blank=("Owner",))), path)
    assert path.read_bytes().decode("utf-8") == (
        "\ufeff"
        '"identity","number","digits","Owner"\r\n'
        '"Zoë ""Z""","\'+14255550100","-1",""\r\n'
        '"","a,b","",""\r\n'
    )  # fmt: skip


def test_every_type_has_its_text(tmp_path: Path) -> None:
    csv_files.write(report(sheet(every_type())), tmp_path / "a.csv")
    assert read(tmp_path / "a.csv")[1:] == [
        ["Ada", "critical", "12", "4", str(2**60), "yes", "no", "2026-01-02 03:04:05", "20_a, 21_b", "line: tel:+1; n: ", "3"],
        ["", "", "0", "", "", "no", "", "", "", "", "(unreadable)"],
    ]


def test_blocks_of_a_stack_stand_apart(tmp_path: Path) -> None:
    first = block(DataFrame({"severity": ["critical"], "message": ["=partial"]}), "attention")
    silent = Block("attention", {"severity": "", "message": ""}, first.rows)
    stack = Sheet("Summary", (silent, block(texts(["Ada"]), title="=Users")), stacked=True)
    csv_files.write(report(stack), tmp_path / "a.csv")
    assert read(tmp_path / "a.csv") == [["critical", "'=partial"], [], ["'=Users"], ["identity"], ["Ada"]]


def test_a_folder_gets_a_file_a_sheet_named_after_its_table(tmp_path: Path) -> None:
    sheets = (
        Sheet("Summary", (block(texts(["x"])),), stacked=True),
        sheet(texts(["Ada"]), "To do", name="findings"),
        sheet(texts([]), "Pools", name="pools"),
        sheet(texts(["Bob"]), "More", name="findings"),
        Sheet("Con", (block(texts(["x"])),), stacked=True),
        Sheet("../../etc/x", (block(texts(["x"])),), stacked=True),
        Sheet("...", (block(texts(["x"])),), stacked=True),
    )
    csv_files.write_folder(report(*sheets), tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("con_.csv", "etc_x.csv", "findings.csv", "findings_2.csv", "pools.csv", "sheet.csv", "summary.csv"),
    ]
    assert read(tmp_path / "out" / "pools.csv") == [["identity"]], "an empty table replaces the file of an earlier report"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        *(("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"), ("\nx", "'\nx"), (" =1", "' =1")),
        *(("＝1", "'＝1"), ("＋1", "'＋1"), ("－1", "'－1"), ("＠x", "'＠x")),  # noqa: RUF001
        *(("'=1", "''=1"), ("'s-Gravenhage", "'s-Gravenhage"), ("a=1", "a=1"), ("a+b", "a+b"), ("", ""), ("'", "'")),
        *(("x;=1", "x;'=1"), ("x\t=1", "x\t'=1"), ("x\n=1", "x\n'=1"), ("x; =1", "x;' =1"), ("=1;=1", "'=1;'=1")),
        *((text, text) for text in ("x;y", "CN=Ada,OU=Staff", "EUM:1;phone-context=hq", "tel:+1;ext=1")),
    ],
)  # fmt: skip
def test_no_value_begins_as_a_formula(value: str, written: str) -> None:
    assert formulas.defused(value) == written


def test_naughty_texts_come_back_and_none_is_a_formula_wherever_a_spreadsheet_splits(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    csv_files.write(report(sheet(texts(NAUGHTY), "=Sheet"), sheet(texts(["x"]))), path)
    written = [row[0] for row in read(path)[1:]]
    assert [_without_apostrophes(text) for text in written] == [cells.text(text) for text in NAUGHTY]
    for text in written:
        assert not [piece for piece in re.split("[;\t\n]", text) if piece.lstrip()[:1] in tuple("=+-@＝＋－＠")]  # noqa: RUF001


def _without_apostrophes(text: str) -> str:
    return re.sub("(^|(?<=[;\t\n]))'(?=['\\s]*[=+\\-@＝＋－＠]|'*[\t\n])", "", text)  # noqa: RUF001


def test_a_text_that_is_no_unicode_is_written_all_the_same(tmp_path: Path) -> None:
    csv_files.write(report(sheet(texts(["a\ud800b"]))), tmp_path / "a.csv")
    assert read(tmp_path / "a.csv")[1] == ["a�b"]
