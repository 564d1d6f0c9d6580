from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import browser
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import NARROW, WIDE, Opened, opened
from playwright.sync_api import Browser, expect
from sample_page import finding, paths, runs, sample
from sample_report import BLNS, SPECIAL

from adinspect.cell_text import visible
from adinspect.export import html_page
from adinspect.page import Page

CORPORA = Path(__file__).parents[1] / "data/corpora"
MANY = 450


def _lines(name: str) -> list[str]:
    return (CORPORA / name).read_bytes().decode("utf-8", "replace").splitlines()


NAUGHTY = list(
    dict.fromkeys(
        [
            *filter(None, BLNS),
            *SPECIAL,
            *(chr(octet) for octet in range(1, 256)),
            *(
                "\u2028",
                "\u2029",
                "\u202e\u2066x",
                "</script><script>alert(1)</script>",
                "<!--<script>",
                "]]>",
                "{{ 7 * 7 }}",
                "\ufeffx",
            ),
            *(
                line
                for name in sorted(CORPORA.glob("[clu]*/*.txt"))
                for line in _lines(str(name.relative_to(CORPORA)))
                if line.strip()
            ),
        ]
    )
)
"""Texts that have broken readers, each once."""

SOME = [
    finding("Ada", "USR-001", "critical", site="Paris"),
    finding("Bea", "USR-009", "high", site="London", message="Line URI tel:12 is not E.164.", evidence={"line_uri": "tel:12"}),
    finding("Cid", "CNS-001", "high", targets=("teams-phone",)),
    finding("Redmond", "DP-002", "medium", table="dial_plans", waived="Ada, until 2027-01-01: agreed"),
    finding("Ada", "CNS-003", "low", site="Paris", message="Number +14255550100 is held twice.", because="(3 of 4)"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.browser() as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages that are opened, each written once."""
    folder = tmp_path_factory.mktemp("pages")
    html_page.write(sample(SOME), folder / "some.html")
    html_page.write(sample([finding(f"user{number:03}") for number in range(MANY)]), folder / "many.html")
    html_page.write(naughty(), folder / "naughty.html")
    html_page.write(sample([], trend=runs()), folder / "none.html")
    return folder


@pytest.fixture(scope="module")
def tab(chromium: Browser, folder: Path) -> Iterator[Opened]:
    """One tab for many tests: a new one takes longer than all that most of them do."""
    with opened(chromium, folder / "some.html") as one:
        yield one


@pytest.fixture
def some(tab: Opened, folder: Path) -> Iterator[Opened]:
    """The page of SOME, just loaded; that it did nothing it must not is looked at in the end."""
    tab.misdeeds.clear()
    tab.page.goto("about:blank")
    tab.page.set_viewport_size({"width": WIDE, "height": 900})
    tab.page.emulate_media(color_scheme="light")
    tab.load(folder / "some.html")
    yield tab
    assert tab.all_misdeeds() == []


def naughty() -> Page:
    """A page that shows each text in every place that a directory's text can come to."""
    rows = [finding(text, message=text, because=text, site=text, cmdlet=text, waived=text) for text in NAUGHTY]
    whole = finding("Ada", "DP-001", "critical", evidence={str(number): text for number, text in enumerate(NAUGHTY)})
    some = [text for text in NAUGHTY if "<" in text or '"' in text][:6]
    return sample([whole, *rows], forest=NAUGHTY[0], paths=paths(*some))


def objects(one: Opened) -> list[str]:
    return one.page.locator("#rows tbody .object").all_text_contents()


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_a_page_is_accessible_and_does_nothing_it_must_not(some: Opened, width: int, scheme: Literal["light", "dark"]) -> None:
    some.page.set_viewport_size({"width": width, "height": 900})
    some.page.emulate_media(color_scheme=scheme)
    some.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = axe(some)
    some.page.locator("#rows tbody a").first.click()
    found += axe(some, "dialog")
    assert found == []
    assert some.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_without_a_finding_says_so(chromium: Browser, folder: Path) -> None:
    with opened(chromium, folder / "none.html", NARROW) as one:
        assert "Nothing was found that stands" in one.page.inner_text("main")
        assert one.page.text_content("#count") == "Showing none."
        assert "No earlier runs" in one.page.inner_text("main")
        assert one.all_misdeeds() == []


def axe(one: Opened, within: str = "html") -> list[str]:
    """What axe-core finds wrong with a page, or a part of it, as it stands."""
    violations: list[dict[str, Any]] = Axe().run(one.page, context=within).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in violations for node in each["nodes"]]


def test_the_policy_refuses_what_is_not_the_pages_own(some: Opened) -> None:
    attempts = """() => {
        const script = document.createElement("script");
        try { script.textContent = "window.ran = 1"; document.body.append(script); } catch { /* a type that is not trusted */ }
        try { document.body.innerHTML += "<p>x"; } catch { window.refusedMarkup = true; }
        const style = document.createElement("style");
        style.textContent = "body { display: none }";
        document.head.append(style);
        const image = new Image();
        image.src = "https://contoso.example/x.png";
    }"""
    some.page.evaluate(attempts)
    some.page.evaluate("new Promise((done) => setTimeout(done, 100))")
    assert some.page.evaluate("[window.ran ?? 0, window.refusedMarkup, getComputedStyle(document.body).display]") == [
        0,
        True,
        "block",
    ]
    refused = {entry.split()[0] for entry in some.page.evaluate("window.refused")}
    assert {"style-src-elem", "img-src", "require-trusted-types-for"} <= refused
    assert not [misdeed for misdeed in some.misdeeds if misdeed.startswith(("dialog", "error"))]
    some.misdeeds.clear()
    some.page.evaluate("window.refused = []")


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("text", "line uri", ["Bea"]),
        ("text", "TEL:12 high", []),
        ("text", "guid of ada", ["Ada", "Ada"]),
        ("text", "CNS-003", ["Ada"]),
        ("family", "UM dial plans", ["Redmond"]),
        ("target", "teams-phone", ["Ada", "Cid", "Bea", "Redmond", "Ada"]),
        ("target", "Any target", ["Ada", "Cid", "Bea", "Redmond", "Ada"]),
        ("site", "Paris", ["Ada", "Ada"]),
        ("site", "No site", ["Redmond"]),
    ],
)
def test_filters_leave_what_matches_and_say_how_many(some: Opened, field: str, value: str, left: list[str]) -> None:
    assert objects(some) == ["Ada", "Bea", "Redmond", "Ada"]
    if field == "text":
        some.page.fill("#text", value)
    else:
        some.page.select_option(f"#{field}", label=value)
    assert sorted(objects(some)) == sorted(left)
    assert some.page.locator("#count").get_attribute("data-matching") == str(len(left))
    some.page.click("#everything")
    expect(some.page.locator("#rows tbody tr")).to_have_count(4)


def test_severities_are_left_out_one_by_one_and_counted(some: Opened) -> None:
    boxes = some.page.locator("#severities label")
    assert boxes.all_text_contents() == ["critical 1", "high 1", "medium 1", "low 1", "info 0"]
    boxes.nth(0).click()
    boxes.nth(2).click()
    assert objects(some) == ["Bea", "Ada"]
    assert some.page.text_content("#count") == "2 of 4 findings match. Showing all 2 findings."


def test_headers_sort_both_ways_and_say_so(some: Opened) -> None:
    header = some.page.locator("#rows th", has_text="Object")
    header.get_by_role("button").click()
    assert (header.get_attribute("aria-sort"), objects(some)) == ("ascending", ["Ada", "Ada", "Bea", "Redmond"])
    header.get_by_role("button").press("Enter")
    assert (header.get_attribute("aria-sort"), objects(some)) == ("descending", ["Redmond", "Bea", "Ada", "Ada"])
    assert some.page.locator("#rows th[aria-sort]").count() == 1


def test_groups_fold_and_the_worst_stands_first(some: Opened) -> None:
    some.page.select_option("#group", label="Object")
    groups = some.page.locator("#rows .group")
    assert groups.locator("button").all_text_contents() == ["Ada", "Bea", "Redmond"]
    assert some.page.text_content("#count") == "Showing all 3 groups."
    groups.first.get_by_role("button").press("Enter")
    assert groups.first.get_by_role("button").get_attribute("aria-expanded") == "true"
    assert objects(some) == ["Ada", "Ada"]
    assert some.page.evaluate("document.activeElement.textContent") == "Ada"


def test_an_object_shows_all_its_findings_with_their_evidence(some: Opened) -> None:
    some.page.locator("#rows tbody a", has_text="Bea").press("Enter")
    dialog = some.page.get_by_role("dialog", name="Bea")
    said = dialog.inner_text()
    for part in (
        "CN=Bea,DC=contoso,DC=com",
        "guid of Bea",
        "Line URI\ttel:12",
        "Give it one.",
        "Set-CsUser",
        "20_cs_user_enable",
        "London",
    ):
        assert part in said
    some.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert some.page.evaluate("document.activeElement.textContent") == "Bea"
    some.page.goto(some.page.url.partition("#")[0] + "#object-guid%20of%20Ada")
    some.page.reload()
    assert some.page.get_by_role("dialog", name="Ada").locator("article").count() == 2


def test_a_rule_of_the_summary_leads_to_its_findings(some: Opened) -> None:
    some.page.locator(".first").get_by_role("button", name="USR-009").click()
    expect(some.page.locator("#rows tbody .object")).to_have_text(["Bea"])
    assert some.page.input_value("#text") == "USR-009"


def test_colours_can_be_chosen_and_nothing_is_stored(some: Opened) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    before = some.page.evaluate(ground)
    some.page.get_by_role("button", name="Dark colours").click()
    assert some.page.evaluate(ground) != before
    some.page.get_by_role("button", name="Light colours").click()
    assert some.page.evaluate(ground) == before
    assert some.page.context.storage_state() == {"cookies": [], "origins": []}


def test_a_long_list_comes_a_part_at_a_time_and_says_so(chromium: Browser, folder: Path) -> None:
    with opened(chromium, folder / "many.html") as one:
        assert one.page.locator("#rows tbody tr").count() == 200
        assert one.page.text_content("#count") == "Showing 200 of 450 findings."
        one.page.get_by_role("button", name="Show 200 more").click()
        one.page.get_by_role("button", name="Show 50 more").click()
        assert one.page.locator("#rows tbody tr").count() == MANY
        assert one.page.text_content("#count") == "Showing all 450 findings."
        assert one.page.evaluate("document.activeElement.textContent") == "user400"
        assert one.all_misdeeds() == []


def test_without_a_script_summary_and_first_findings_are_there(chromium: Browser, folder: Path) -> None:
    with opened(chromium, folder / "many.html", java_script_enabled=False) as one:
        assert one.page.get_by_role("heading", level=1).inner_text() == "contoso.com"
        assert one.page.locator("#rows tbody tr").count() == html_page.FIRST_ROWS
        assert one.page.locator("#count").inner_text() == "Showing 100 of 450 findings."
        assert not one.page.locator("#filters").is_visible()


def test_a_page_prints_with_what_was_folded(chromium: Browser, folder: Path) -> None:
    with opened(chromium, folder / "some.html", scheme="dark") as one:
        assert one.page.pdf(format="A4").startswith(b"%PDF-")
        one.page.emulate_media(media="print")
        assert one.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not one.page.locator("#filters").is_visible()
        one.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert one.page.locator("details:not([open])").count() == 0


def test_broken_links_stand_out_in_picture_and_table(some: Opened) -> None:
    picture = some.page.locator("svg.drawing")
    assert "1 of 6 links is broken. 1 object lacks one." in (picture.get_attribute("aria-label") or "")
    look = "(path) => { const style = getComputedStyle(path); return [style.stroke, style.strokeDasharray]; }"
    assert picture.locator("path.broken").evaluate(look) == ["rgb(191, 18, 56)", "7px, 5px"]
    assert picture.locator("path.linked").first.evaluate(look) != picture.locator("path.broken").evaluate(look)
    lines = some.page.locator("table", has_text="Links of the topology").locator("tbody tr").all_inner_texts()
    assert [line.split("\t")[-1].strip() for line in lines] == ["lacking", "broken", "not seen", *["linked"] * 4]


def test_every_naughty_text_is_shown_as_text_and_none_does_anything(chromium: Browser, folder: Path) -> None:
    shown = [visible(text) for text in NAUGHTY]
    with opened(chromium, folder / "naughty.html") as one:
        while one.page.locator("#more").is_visible():
            one.page.locator("#more").click()
        rows = one.page.evaluate(
            "[...document.querySelectorAll('#rows tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
        )
        told = {row[1]: row for row in rows}
        assert set(told) == {*shown, "Ada"}
        assert all(told[text][2] == f"{text} {text} accepted" and told[text][4] == text for text in shown)
        one.page.locator("#rows tbody a", has_text="Ada").first.click()
        values = one.page.evaluate("[...document.querySelectorAll('dialog .evidence td')].map((cell) => cell.textContent)")
        assert values == shown
        options = one.page.evaluate("[...document.querySelectorAll('#site option')].map((option) => option.textContent)")
        assert set(shown) <= set(options)
        assert one.all_misdeeds() == []


def test_the_rows_without_a_script_are_the_same_text(chromium: Browser, folder: Path) -> None:
    with opened(chromium, folder / "naughty.html", java_script_enabled=False) as one:
        served = objects(one)
    assert served == [visible(text) for text in ["Ada", *NAUGHTY][: html_page.FIRST_ROWS]]


def test_a_page_holds_no_markup_but_its_own(folder: Path) -> None:
    text = (folder / "naughty.html").read_text(encoding="utf-8")
    assert len(re.findall("<script", text)) == len(re.findall("</script", text)) == 2
    assert not re.search(
        r"\son\w+\s*=|\sstyle\s*=|javascript:|<(?:iframe|object|embed|img|link|base)\b",
        re.sub(r"(?s)<script.*?</script>", "", text).split("<svg")[0].split("<tbody>")[0],
    )
    data = re.search(r'(?s)<script type="application/json" id="island">(.*?)</script>', text)
    assert data
    assert data[1].isascii()
    assert not set("<>&") & set(data[1])
    assert json.loads(data[1])["target"] == "um-lync"


def test_the_same_page_gives_the_same_bytes_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        html_page.write(sample(SOME), tmp_path / name)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
