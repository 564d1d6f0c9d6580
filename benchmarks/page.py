"""What a page of many findings costs its reader: seconds until it is drawn, and until a filter has done its work.

python benchmarks/page.py [--findings 20000] [--keep FILE]

The page is that of invented users with the findings of the sample of the tests, dealt out to a hundred sites. It is opened in
headless Chromium from the disk, as a reader opens it: drawn is when the first rows stand in the table and a frame was shown.
Each filter is timed in the page, from the key or choice to the frame after it: the slowest of five times, for the first makes
ready what the others find. Opening is the median of five.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from browser import browser
from playwright.sync_api import Browser
from sample_page import finding, sample

from adinspect.export import html_page
from adinspect.page import Page

TIMES = 5

KINDS = (
    ("USR-001", "critical", "{who} has a mailbox and no SIP address."),
    ("USR-006", "high", "{who} is enabled for Lync / Skype for Business but not for Enterprise Voice."),
    ("CNS-003", "high", "Number +1425555{number:04} of {who} (line URI) is also assigned to {next} (line URI)."),
    ("USR-009", "medium", "Line URI tel:{number} is not a tel: URI with an E.164 number."),
    ("CNS-018", "low", "{who} has an EUM address that is not its SIP address."),
)

FILTERS = {
    "search one word": "set('text', 'user00123')",
    "search two words": "set('text', 'line uri')",
    "a family": "set('family', '1')",
    "a site": "set('site', '7')",
    "group by object": "set('group', 'object')",
    "sort by message": "document.querySelector('[data-sort=message] button').click()",
    "sort by object": "document.querySelector('[data-sort=object] button').click()",
}

TIMED = """async (act) => {
    const set = (id, value) => {
        const field = document.getElementById(id);
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    document.getElementById("filters").reset();
    await frame();
    await frame();
    const started = performance.now();
    new Function("set", act)(set);
    await frame();
    return (performance.now() - started) / 1000;
}"""


def main() -> None:
    """Make the page, open it some times, filter it, print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--findings", type=int, default=20_000)
    arguments.add_argument("--keep", type=Path, help="leave the page in this file")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="adinspect-page-") as folder, browser() as started:
        file = options.keep or Path(folder) / "page.html"
        page = large(options.findings)
        began = time.perf_counter()
        html_page.write(page, file)
        print(
            f"{options.findings:,} findings, {file.stat().st_size / 1e6:.1f} MB, written in {time.perf_counter() - began:.1f} s\n"
        )
        print(f"{'opened and drawn':24}{median(opening(started, file) for _ in range(TIMES)):8.2f} s")
        for name, act in FILTERS.items():
            print(f"{name:24}{max(filtering(started, file, act)):8.2f} s")


def large(count: int) -> Page:
    """A page of so many findings, five for each invented user."""
    rows = []
    for number in range(count):
        user, (rule, severity, message) = number // len(KINDS), KINDS[number % len(KINDS)]
        who = f"user{user:05}@contoso.example"
        words = {"who": who, "next": f"user{user + 1:05}@contoso.example", "number": user % 10_000}
        evidence = {"line_uri": f"tel:+1425555{user % 10_000:04}", "sip_address": None, "others": words["next"]}
        more = {"message": message.format(**words), "evidence": evidence, "site": f"Site {user % 100:02}"}
        rows.append(finding(who, rule, severity, guid=f"{user:032x}", **more))
    rows.sort(key=lambda row: [kind[0] for kind in KINDS].index(row["rule"]))
    return sample(rows)


def opening(browser: Browser, file: Path) -> float:
    """Seconds until a page is drawn."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    began = time.perf_counter()
    page.goto(file.resolve().as_uri(), wait_until="commit")
    page.locator("#count[data-matching]").wait_for()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    spent = time.perf_counter() - began
    page.context.close()
    return spent


def filtering(browser: Browser, file: Path, act: str) -> list[float]:
    """Seconds of a filter, each time; the first one includes what it makes ready."""
    # the page's own policy would refuse the code that is timed here
    page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    page.goto(file.resolve().as_uri())
    spent: list[float] = [page.evaluate(TIMED, act) for _ in range(TIMES)]
    page.context.close()
    return spent


if __name__ == "__main__":
    main()
