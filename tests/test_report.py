from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from pandas import DataFrame

from adinspect import definitions, report, testing
from adinspect.errors import ConfigurationError
from adinspect.frames import SEVERITIES
from adinspect.report import Report

TAKEN = datetime(2026, 11, 24, 8, tzinfo=UTC)

FINDINGS = DataFrame(
    {
        "rule": ["USR-001", "DP-001", "USR-002", "USR-001"],
        "severity": pd.Series(["high", "critical", "low", "high"], dtype=SEVERITIES),
        "identity": ["Zoe", "contoso.com", "Ada", "Bob"],
    }
)


def built(text: str, **tables: DataFrame) -> Report:
    return report.build(report.load(definitions.parse(text, "r.toml")), {"findings": FINDINGS, **tables}, taken=TAKEN)


def test_a_sheet_shows_its_columns_sorted_under_their_headers() -> None:
    (sheet,) = built("""
        title = "R"
        [[sheet]]
        title = "To do"
        table = "findings"
        sort = ["severity", "rule", "identity"]
        columns = { identity = "Object", rule = "Rule" }
        blank = ["Owner"]
        wrap = ["identity"]
    """).sheets
    (block,) = sheet.blocks
    assert (sheet.title, sheet.stacked, sheet.spare, block.blank, block.wrap) == (
        "To do",
        False,
        False,
        ("Owner",),
        ("identity",),
    )
    assert block.columns == {"identity": "Object", "rule": "Rule"}
    assert list(block.rows.itertuples(index=False, name=None)) == [
        ("contoso.com", "DP-001"),
        ("Bob", "USR-001"),
        ("Zoe", "USR-001"),
        ("Ada", "USR-002"),
    ]
    assert FINDINGS["identity"][0] == "Zoe", "the table itself keeps its order"


def test_a_stack_has_its_blocks_in_order() -> None:
    (sheet,) = built(
        """
        title = "R"
        [[sheet]]
        title = "Summary"
        [[sheet.block]]
        table = "attention"
        columns = { severity = "", message = "" }
        alert = true
        [[sheet.block]]
        title = "Findings"
        table = "findings"
        link = "rule"
        """,
        attention=DataFrame({"severity": ["critical"], "message": ["partial"]}),
    ).sheets
    assert sheet.stacked
    assert [(block.title, block.table, block.alert, block.link) for block in sheet.blocks] == [
        ("", "attention", True, ""),
        ("Findings", "findings", False, "rule"),
    ]


def test_texts_among_numbers_can_be_sorted() -> None:
    rows = DataFrame({"n": pd.Series([3, "(unreadable)", None, 1], dtype=object)})
    (sheet,) = built('title = "R"\n[[sheet]]\ntitle = "A"\ntable = "t"\nsort = ["n"]', t=rows).sheets
    assert sheet.blocks[0].rows["n"].iloc[:3].tolist() == ["(unreadable)", 1, 3]


EACH = 'title = "R"\n[[sheet]]\ntables = {tables}\nwithout = {without}\n'


@pytest.mark.parametrize(
    ("tables", "without", "first"),
    [
        (["users", "*"], [], ["users", "proxy_addresses", "voice_mail_settings", "user_policies", "auto_attendants"]),
        (["users", "*"], ["proxy_addresses", "user_policies"], ["users", "voice_mail_settings", "auto_attendants"]),
        (["pools"], [], ["pools"]),
        (["proxy_addresses", "users"], [], ["proxy_addresses", "users", "voice_mail_settings", "user_policies"]),
        (["numbers_of_a_site"], [], ["numbers_of_a_site"]),
    ],
)
def test_each_table_can_have_a_sheet(tables: list[str], without: list[str], first: list[str]) -> None:
    text = EACH.format(tables=tables, without=without)
    whole = built(text, **testing.tables(), numbers_of_a_site=DataFrame({"dn": []}))
    assert [sheet.blocks[0].table for sheet in whole.sheets][: len(first)] == first
    assert all(sheet.spare and not sheet.stacked for sheet in whole.sheets)


def test_a_sheet_of_its_own_is_titled_as_its_query_says() -> None:
    whole = built(EACH.format(tables=["pools", "numbers_of_a_site"], without=[]), **testing.tables(), numbers_of_a_site=FINDINGS)
    assert [sheet.title for sheet in whole.sheets] == ["Lync / Skype for Business pools", "Numbers of a site"]


def test_every_table_of_the_queries_has_a_sheet_once() -> None:
    tables = testing.tables()
    shown = [sheet.blocks[0].table for sheet in built(EACH.format(tables=["users", "*", "pools"], without=[]), **tables).sheets]
    assert sorted(shown) == sorted(tables)
    assert shown[-1] == "pools"


def test_a_table_is_shown_with_all_its_columns_what_people_call_it_first() -> None:
    users = testing.tables()["users"].assign(expected=True)
    (sheet,) = built(EACH.format(tables=["users"], without=[]), users=users).sheets
    headers = list(sheet.blocks[0].columns.values())
    assert headers[:3] == ["Identity", "Name", "Display name"]
    assert headers[-3:] == ["Expected", "DN", "GUID"]
    assert {"SIP address", "UPN", "Line URI", "UM dial plan", "Created (UTC)", "Last logon (UTC)"} <= set(headers)
    assert set(sheet.blocks[0].columns) == set(users.columns)


TOP = 'title = "R"\n'
SHEET = '[[sheet]]\ntitle = "A"\n'
TABLE = 'table = "findings"\n'
BLOCK = "[[sheet.block]]\n"

MISTAKES: Mapping[str, tuple[str, str, int]] = {
    "no title": (SHEET + TABLE, "the key 'title' is missing", 1),
    "no sheet": (TOP, "the key 'sheet' is missing", 1),
    "sheets that are none": (TOP + 'sheet = "x"', "sheet is a list of tables, not 'x'", 2),
    "an unknown key": (TOP + SHEET + TABLE + 'colour = "red"', "unknown key 'colour'", 5),
    "an unknown key at the top": (TOP + "colour = 1\n" + SHEET + TABLE, "unknown key 'colour'", 2),
    "a wrong kind": (TOP + SHEET + TABLE + 'sort = "rule"', "sort is a list of texts, not 'rule'", 5),
    "a header that is no text": (TOP + SHEET + TABLE + "[sheet.columns]\nrule = 1", "columns is a table of", 5),
    "an unknown table": (TOP + SHEET + 'table = "finding"', "there is no table 'finding'", 4),
    "an unknown column": (
        TOP + SHEET + TABLE + '[sheet.columns]\nrule = "R"\nrul = "R"',
        "table findings has no column 'rul'",
        7,
    ),
    "a mistake in the second sheet": (
        TOP + SHEET + TABLE + 'sort = ["rule"]\n' + SHEET + TABLE + 'sort = ["rul"]',
        "table findings has no column 'rul'",
        9,
    ),
    "wrapping what is not shown": (
        TOP + SHEET + TABLE + 'columns = { rule = "R" }\nwrap = ["identity"]',
        "table findings shows no column 'identity'",
        6,
    ),
    "a mistake in the second block": (
        TOP + SHEET + BLOCK + TABLE + BLOCK + 'table = "nothing"',
        "there is no table 'nothing'",
        7,
    ),
    "a table twice on a sheet": (
        TOP + SHEET + BLOCK + TABLE + BLOCK + TABLE,
        "table findings stands twice on this sheet",
        7,
    ),
    "an alert that does not say how bad": (
        TOP + SHEET + BLOCK + TABLE + 'columns = { rule = "" }\nalert = true',
        "table findings shows no column 'severity'",
        7,
    ),
    "a stack of nothing": (TOP + SHEET + "block = []", "block is a list of tables, not []", 4),
    "a sheet for an unknown table": (TOP + '[[sheet]]\ntables = ["findings", "user"]', "there is no table 'user'", 3),
    "leaving out an unknown table": (TOP + '[[sheet]]\ntables = ["*"]\nwithout = ["user"]', "there is no table 'user'", 4),
    "a title for many sheets": (TOP + SHEET + 'tables = ["*"]', "unknown key 'title'", 3),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line(mistake: str) -> None:
    text, what, line = MISTAKES[mistake]
    with pytest.raises(ConfigurationError) as caught:
        built(text)
    assert what in caught.value.what
    assert caught.value.where == f"r.toml, line {line}"


def test_a_report_is_found_by_its_name_or_its_path(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('title = "Own"\n[[sheet]]\ntitle = "A"\ntable = "findings"', encoding="utf-8")
    assert report.find(str(path)).title == "Own"
    assert report.find("remediation").toml.name == "reports/remediation.toml"
    with pytest.raises(ConfigurationError, match=r"there is no report 'own': known are .*remediation"):
        report.find("own")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("sip_address", "SIP address"),
        ("um_dial_plan", "UM dial plan"),
        ("voip_security", "VoIP security"),
        ("line_uri", "Line URI"),
        ("dn", "DN"),
    ],
)
def test_a_header_is_spelt_as_people_write_it(name: str, written: str) -> None:
    assert report.header(name) == written
