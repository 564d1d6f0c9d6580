from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sample_page import runs, sample
from sample_report import NAUGHTY, block, every_type, report, sheet, texts

from adinspect.cell_text import visible
from adinspect.export import html, html_charts, html_page
from adinspect.finding import Target
from adinspect.page import Readiness
from adinspect.report import Sheet


class Cells(HTMLParser):
    """The texts of the cells of a page's tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.inside = tag == "td"
        if self.inside:
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.cells[-1] += data


def test_sheets_are_tables_whose_texts_are_what_they_were(tmp_path: Path) -> None:
    html.write(report(sheet(texts(NAUGHTY))), tmp_path / "a.html")
    assert Cells((tmp_path / "a.html").read_text(encoding="utf-8")).cells == [visible(text) for text in NAUGHTY]


def test_every_type_is_shown_as_a_cell_shows_it(tmp_path: Path) -> None:
    html.write(report(sheet(every_type())), tmp_path / "a.html")
    first = Cells((tmp_path / "a.html").read_text(encoding="utf-8")).cells[: len(every_type().columns)]
    assert first[:7] == ["Ada", "critical", "12", "4", f"{2**60:,}", "yes", "no"]
    assert first[7:] == ["2026-01-02 03:04:05", "20_a, 21_b", "line: tel:+1; n: ", "3"]


def test_a_long_table_is_cut_and_says_so_and_a_spare_sheet_without_a_row_is_left_out(tmp_path: Path) -> None:
    many = texts([f"user{number}" for number in range(html.ROWS + 1)])
    html.write(
        report(sheet(many), Sheet("Nobody", (block(texts([])),), spare=True), sheet(texts([]), "Empty")), tmp_path / "a.html"
    )
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert len(Cells(text).cells) == html.ROWS
    assert "Showing the first 1,000 of 1,001 rows. A workbook (.xlsx) of the same report has all." in text
    assert re.findall("<h2[^>]*>(.*?)</h2>", text) == ["Users", "Empty"]


def test_the_policy_names_the_hashes_of_what_stands_in_the_page() -> None:
    text = html_page.text(sample([]))
    policy = re.search('http-equiv="Content-Security-Policy" content="(.*?)"', text)
    assert policy
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        own = re.search(f"(?s)<{tag}>(.*?)</{tag}>", text)
        assert own
        digest = base64.b64encode(hashlib.sha256(own[1].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy[1]
    assert policy[1].startswith("default-src 'none';")
    assert "unsafe" not in policy[1]


@pytest.mark.parametrize(
    ("part", "of", "share"), [(0, 0, "none"), (0, 9, "0%"), (9, 9, "100%"), (1, 1000, "<1%"), (999, 1000, ">99%"), (1, 3, "33%")]
)
def test_a_share_is_neither_all_nor_nothing_by_rounding_alone(part: int, of: int, share: str) -> None:
    assert html_charts.share(part, of) == share
    assert html_charts.gauge(part, of).filled <= html_charts.gauge(part, of).length
    assert bool(html_charts.gauge(part, of).filled) == bool(part)


def test_the_parts_of_a_bar_fill_it() -> None:
    [*_, last] = html_charts.segments(sample([]).readiness[0])
    assert (last["name"], round(last["start"] + last["width"])) == ("confirm", 1000)
    nobody = Readiness(Target.UM_LYNC, sample([]).readiness[0].counts.assign(users=0))
    assert list(html_charts.segments(nobody)) == []


@pytest.mark.parametrize("most", [0, 1, 4, 99, 100, 101, 12_345])
def test_a_trend_is_as_high_as_its_most_and_marks_what_is_not_complete(most: int) -> None:
    trend = html_charts.trend(runs(*[most] * 40, most // 2), "told")
    assert len(trend["bars"]) == html_charts.RUNS
    assert trend["ticks"][-1]["value"] >= most
    assert all(bar["top"] >= trend["ticks"][-1]["y"] for bar in trend["bars"])
    assert trend["partial"] is False
    assert html_charts.trend(runs(1, 2), "told")["bars"][1]["partial"] is True


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({}, "Nothing was found that stands in the way of um-lync, in what could be seen."),
        (
            {"low": 1},
            "1 finding stands, none of them critical or high.",
        ),
        (
            {"critical": 2, "high": 1000},
            "1,002 findings stand, of which 2 critical and 1,000 high.",
        ),
    ],
)
def test_the_verdict_is_told_in_words(counts: dict[str, int], told: str) -> None:
    page = sample([])
    severities = page.severities.assign(findings=[counts.get(name, 0) for name in page.severities["severity"]])
    users = " 10 of 63 users can move as they are. Of 3 not enough was seen to tell." if counts else ""
    assert html_page.verdict(sample([], severities=severities)) == told + users


def test_of_users_that_were_not_all_seen_the_verdict_says_so() -> None:
    page = sample([])
    readiness = tuple(replace(one, limits=("not every user was seen",)) for one in page.readiness)
    told = html_page.verdict(sample([], severities=page.severities.assign(findings=1), readiness=readiness))
    assert " 10 of 63 users seen can move as they are." in told
