"""A headless Chromium of the distribution, and a page in it that notes all it does that a page must not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Dialog, Page, Request, sync_playwright

PROGRAM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, NARROW = 1440, 390

WATCH = """
window.refused = [];
addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective + " " + event.blockedURI));
"""


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser for as long as the block runs; that it cannot be started is an error."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=PROGRAM, args=list(FLAGS))
        try:
            yield started
        finally:
            started.close()


class Opened:
    """A file opened in a tab of its own; `misdeeds` are console messages, errors, dialogs and requests for anything else."""

    def __init__(self, browser: Browser, file: Path, **context: Any) -> None:
        self.misdeeds: list[str] = []
        self.page: Page = browser.new_page(**context)
        self.address = ""
        self.page.on("console", lambda message: self.misdeeds.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.misdeeds.append(f"error: {error}"))
        self.page.on("dialog", self._dismiss)
        self.page.on("request", self._requested)
        self.page.add_init_script(WATCH)
        self.load(file)

    def load(self, file: Path) -> None:
        """Load a file."""
        self.address = file.resolve().as_uri()
        self.page.goto(self.address)

    def _requested(self, request: Request) -> None:
        if request.url != self.address:
            self.misdeeds.append(f"request: {request.url}")

    def _dismiss(self, dialog: Dialog) -> None:
        self.misdeeds.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def all_misdeeds(self) -> list[str]:
        """What it did, and what the policy refused it."""
        refused: list[str] = self.page.evaluate("window.refused")
        return self.misdeeds + refused


@contextmanager
def opened(
    browser: Browser, file: Path, width: int = WIDE, scheme: Literal["light", "dark"] = "light", **context: Any
) -> Iterator[Opened]:
    """A file opened for as long as the block runs."""
    one = Opened(browser, file, viewport={"width": width, "height": 900}, color_scheme=scheme, **context)
    try:
        yield one
    finally:
        one.page.context.close()
