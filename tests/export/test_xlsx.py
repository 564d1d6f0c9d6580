from __future__ import annotations

import gc
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.escape import unescape
from pandas import DataFrame
from sample_report import NAUGHTY, SPECIAL, TAKEN, block, every_type, report, sheet, texts

from adinspect import cell_text
from adinspect.cell_text import cut, fitted
from adinspect.errors import StorageError
from adinspect.export import xlsx
from adinspect.export.xlsx_cells import COLOURS, height_of, lines_of, width_of
from adinspect.finding import Severity
from adinspect.frames import SEVERITIES
from adinspect.report import Block, Report, Sheet


def written(tmp_path: Path, one: Report) -> Any:
    xlsx.write(one, tmp_path / "a.xlsx")
    return openpyxl.load_workbook(tmp_path / "a.xlsx")


def column(worksheet: Any, letter: str = "A") -> list[Any]:
    """The values below the header, as Excel reads them (openpyxl leaves _xHHHH_ escapes as they are)."""
    found = [cell.value for cell in worksheet[letter][1:]]
    return [unescape(value) if isinstance(value, str) else value for value in found]


def xml(tmp_path: Path) -> dict[str, str]:
    with ZipFile(tmp_path / "a.xlsx") as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def stack(*blocks: Block) -> Sheet:
    return Sheet("Summary", blocks, stacked=True)


def alerts(*messages: str, severity: str = "critical") -> Block:
    rows = DataFrame(
        {"severity": pd.Series([severity] * len(messages), dtype=SEVERITIES), "message": pd.Series(messages, dtype=object)}
    )
    return Block("attention", {"severity": "", "message": ""}, rows, alert=True)


def test_naughty_texts_stay_text_wherever_they_stand(tmp_path: Path) -> None:
    rows = texts(NAUGHTY)
    headers = DataFrame({f"c{place}": [1] for place in range(len(NAUGHTY))})
    workbook = written(
        tmp_path,
        report(
            stack(alerts(*NAUGHTY), Block("overview", {"identity": ""}, rows)),
            sheet(rows, "Table", wrap=("identity",)),
            Sheet("Headers", (Block("headers", dict(zip(headers, NAUGHTY, strict=True)), headers, blank=("=1",)),)),
            sheet(rows, "Spare", name="spare"),
            Sheet("Titles", tuple(block(texts(["x"]), title=text) for text in NAUGHTY), stacked=True),
            *(sheet(texts(["x"]), text, name=f"t{place}") for place, text in enumerate(SPECIAL)),
        ),
    )
    shown = [cell_text.visible(text) for text in NAUGHTY]
    assert column(workbook["Table"]) == column(workbook["Spare"]) == shown
    assert [unescape(cell.value) for cell in workbook["Headers"][1]] == [*shown, "=1"]
    assert column(workbook["Summary"], "B")[: len(shown)] == shown
    assert column(workbook["Summary"])[-len(shown) :] == shown
    assert [title for title in column(workbook["Titles"]) if title not in (None, "identity", "x")] == shown
    assert {cell.data_type for worksheet in workbook for row in worksheet for cell in row} <= {"s", "n"}
    for name, content in xml(tmp_path).items():
        if name.startswith("xl/worksheets"):
            assert not re.search("<f[ >]|<hyperlink|<dataValidation|<legacyDrawing", content), name
            assert not re.search('TargetMode="External"', content), name


def test_every_type_has_its_cell(tmp_path: Path) -> None:
    worksheet = written(tmp_path, report(sheet(every_type())))["Users"]
    first, second = ([cell.value for cell in worksheet[row]] for row in (2, 3))
    assert first == [
        *("Ada", "critical", 12, 4, str(2**60), "yes", "no", datetime(2026, 1, 2, 3, 4, 5)),  # noqa: DTZ001 - Excel has no time zones
        *("20_a, 21_b", "line: tel:+1; n: ", 3),
    ]
    assert second == [None, None, 0, None, None, "no", None, None, "", "", "(unreadable)"]
    assert {cell.number_format for cell in worksheet[2] if isinstance(cell.value, str)} == {"@"}
    assert worksheet["H2"].number_format == "yyyy-mm-dd hh:mm"
    assert [worksheet.column_dimensions[letter].width for letter in "AH"] == pytest.approx([11.7, 21.7], abs=0.1)


@pytest.mark.parametrize("moment", ["1601-01-01", "1899-12-31"])
def test_a_time_that_excel_cannot_count_is_text(tmp_path: Path, moment: str) -> None:
    rows = DataFrame({"created": pd.Series([pd.Timestamp(moment, tz="UTC")]).astype("datetime64[us, UTC]")})
    assert column(written(tmp_path, report(sheet(rows)))["Users"]) == [f"{moment} 00:00:00"]


def test_a_table_can_be_filtered_scrolled_and_printed(tmp_path: Path) -> None:
    rows = DataFrame(
        {"rule": ["USR-001"] * 3, "identity": ["Ada", "Bob", "Zoe"], "message": ["x " * 200] * 3, "dn": ["CN=" + "y" * 100] * 3}
    )
    worksheet = written(tmp_path, report(sheet(rows, blank=("Owner", "Due"), wrap=("message",))))["Users"]
    assert worksheet.auto_filter.ref == "A1:F4"
    assert worksheet.freeze_panes == "C2", "the header, and all up to what the row is about"
    assert (worksheet.print_title_rows, worksheet.print_title_cols) == ("$1:$1", "$A:$B")
    printed = worksheet.page_setup
    assert (printed.orientation, printed.fitToWidth or 1, printed.fitToHeight) == ("landscape", 1, 0)
    assert worksheet.sheet_properties.pageSetUpPr.fitToPage
    assert worksheet["C2"].alignment.wrap_text
    assert worksheet.row_dimensions[2].height > 100
    assert not worksheet["D2"].alignment.wrap_text
    assert [worksheet[cell].value for cell in ("E1", "F1", "E2")] == ["Owner", "Due", None]
    assert worksheet["F2"].number_format == "General", "a date typed there is a date"
    assert worksheet["E2"].fill.fgColor.rgb == "FFFFF9E5"


def test_a_wide_table_is_printed_over_several_pages(tmp_path: Path) -> None:
    rows = DataFrame({f"c{place}": ["x" * 40] for place in range(30)})
    assert written(tmp_path, report(sheet(rows)))["Users"].page_setup.fitToWidth == 6


def test_severities_are_coloured(tmp_path: Path) -> None:
    rows = DataFrame({"severity": pd.Series(list(Severity), dtype=SEVERITIES), "message": list(Severity)})
    worksheet = written(tmp_path, report(sheet(rows)))["Users"]
    grounds = [cell.fill.fgColor.rgb for cell in worksheet["A"][1:]]
    assert grounds == [f"FF{COLOURS[severity][1][1:]}" for severity in Severity]
    assert {cell.fill.fill_type for cell in worksheet["B"][1:]} == {None}, "the same words in another column are not"


def test_what_must_not_be_overlooked_stands_first_and_in_colour_from_edge_to_edge(tmp_path: Path) -> None:
    overview = block(
        DataFrame({"fact": ["Forest"], "value": ["contoso.com"], "more": ["x"]}), "overview", title="What was looked at"
    )
    worksheet = written(tmp_path, report(stack(alerts("DOMAIN NOT READ"), overview)))["Summary"]
    assert [cell.value for cell in worksheet["A"]] == [
        "What to put right",
        "critical",
        None,
        "What was looked at",
        "fact",
        "Forest",
    ]
    assert worksheet["B2"].value == "DOMAIN NOT READ"
    assert {worksheet[cell].fill.fgColor.rgb for cell in ("A2", "B2")} == {"FFC00000"}
    assert [merged.coord for merged in worksheet.merged_cells.ranges] == ["B2:C2"]


def test_a_stack_says_where_a_block_is_empty_but_not_that_nothing_alarms(tmp_path: Path) -> None:
    empty = block(texts([]), "not_looked_at", title="Not looked at")
    worksheet = written(tmp_path, report(stack(alerts(), empty)))["Summary"]
    assert [cell.value for cell in worksheet["A"]] == ["What to put right", "Not looked at", "identity", "none"]


def test_the_contents_lead_to_the_sheets_and_nowhere_else(tmp_path: Path) -> None:
    contents = block(DataFrame({"table": ["users", "pools", "groups"]}), "contents", link="table")
    sheets = (sheet(texts(["x"]), "It's: users"), sheet(texts([]), "Pools", name="pools"))
    spare = Sheet(sheets[1].title, sheets[1].blocks, spare=True)
    workbook = written(tmp_path, report(stack(contents), sheets[0], spare))
    assert workbook.sheetnames == ["Summary", "It's users"], "a spare sheet without a row is left out"
    links = {cell.value: cell.hyperlink.location for row in workbook["Summary"] for cell in row if cell.hyperlink}
    assert links == {"users": "'It''s users'!A1"}
    assert "External" not in "".join(xml(tmp_path).values())


def test_a_sheet_without_a_row_that_is_not_spare_says_so(tmp_path: Path) -> None:
    assert column(written(tmp_path, report(sheet(texts([]), "To do")))["To do"]) == ["none"]


def test_more_rows_than_a_worksheet_takes_go_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "ROWS", 6)
    rows = texts([f"user{number}" for number in range(10)])
    workbook = written(tmp_path, report(sheet(rows), sheet(rows.iloc[:5], "Exactly", name="pools")))
    assert {worksheet.title: column(worksheet) for worksheet in workbook} == {
        "Users": ["user0", "user1", "user2", "user3", "Goes on in worksheet Users (2)"],
        "Users (2)": ["user4", "user5", "user6", "user7", "Goes on in worksheet Users (3)"],
        "Users (3)": ["user8", "user9"],
        "Exactly": ["user0", "user1", "user2", "user3", "user4"],
    }
    assert [worksheet.auto_filter.ref for worksheet in workbook] == ["A1:A5", "A1:A5", "A1:A3", "A1:A6"]


NAMES = {
    "Hunt groups that name a UM dial plan": "Hunt groups that name a UM dia…",
    "Lync / Skype [old]: a*b?\\c": "Lync Skype old a b c",
    "'quoted'": "quoted",
    "History": "History (2)",
    "users": "users",
    "USERS": "USERS (2)",
    "": "Sheet",
    "///": "Sheet (2)",
    "😀" * 20: "😀" * 15 + "…",
    "😀" * 21: "😀" * 13 + "… (2)",
    "a\x00b": "a␀b",
}


def test_worksheets_have_names_that_excel_takes(tmp_path: Path) -> None:
    sheets = (sheet(texts(["x"]), title, name=f"t{place}") for place, title in enumerate(NAMES))
    assert written(tmp_path, report(*sheets)).sheetnames == list(NAMES.values())


@pytest.mark.parametrize(
    ("text", "length", "end"),
    [
        ("x" * 32_767, 32_767, "x"),
        ("x" * 32_768, 32_767, " … [cut: 32,768 characters in all]"),
        ("😀" * 16_383, 16_383, "😀"),
        ("😀" * 16_384, 16_400, " … [cut: 16,384 characters in all]"),
    ],
)
def test_a_text_too_long_for_a_cell_is_cut_and_says_so(tmp_path: Path, text: str, length: int, end: str) -> None:
    (kept,) = column(written(tmp_path, report(sheet(texts([text]))))["Users"])
    assert kept == fitted(text)
    assert kept.endswith(end)
    assert len(kept.encode("utf-16-le")) // 2 <= 32_767
    assert len(kept) == pytest.approx(length, abs=1)


def test_a_cut_never_leaves_half_a_character() -> None:
    assert [cut("a😀😀", units, "…") for units in (5, 4, 3)] == ["a😀😀", "a😀…", "a…"]


def test_the_same_report_gives_the_same_bytes_at_any_time_and_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = report(stack(alerts("x")), sheet(every_type()))
    made = []
    for zone in ("UTC", "Pacific/Auckland"):
        monkeypatch.setenv("TZ", zone)
        xlsx.write(one, tmp_path / f"{zone[:3]}.xlsx")
        made.append((tmp_path / f"{zone[:3]}.xlsx").read_bytes())
    assert made[0] == made[1]


def test_the_workbook_is_dated_by_the_snapshot(tmp_path: Path) -> None:
    properties = written(tmp_path, report(sheet(texts(["x"])))).properties
    assert properties.title == "What to put right"
    assert properties.created.replace(tzinfo=UTC) == properties.modified.replace(tzinfo=UTC) == TAKEN


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # XlsxWriter leaves them where it fails
def test_a_disk_that_fills_up_leaves_the_earlier_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"earlier")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xlsxwriter.workbook.ZipFile", full)
    with pytest.raises(StorageError, match="No space left on device"):
        xlsx.write(report(sheet(texts(["x"]))), path)
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]
    gc.collect()


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("", 10, 1),
        ("ten digits", 10, 1),
        ("eleven digits", 10, 2),
        ("a b c d e f g", 5, 3),
        ("x" * 25, 10, 3),
        ("a " + "x" * 25, 10, 4),
        ("a\nb\n\nc", 10, 4),
        ("x" * 10 + " y", 10, 2),
    ],
)
def test_lines_of_a_wrapped_text_are_told_in_advance(text: str, room: int, lines: int) -> None:
    assert lines_of(text, room) == lines


def test_a_row_is_as_high_as_its_longest_text_and_excel_allow() -> None:
    assert [height_of([("a", 12), ("a\nb\nc", 12)]), height_of([]), height_of([("a\n" * 100, 12)])] == [45, 15, 409]


@pytest.mark.parametrize(
    ("values", "width"), [([], 11), (["Ada"], 11), (["x" * 20, None], 22), (["a\n" + "b" * 30], 32), ([12], 11)]
)
def test_a_column_is_as_wide_as_its_longest_line(values: list[Any], width: int) -> None:
    assert width_of(values) == width
