"""Makes the pages of this folder that a machine can make; a test fails when they are stale."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from adinspect import certificates, documentation, query, rules, side
from adinspect.cli import adinspect


def pages() -> Mapping[str, str]:
    """Each made page by its file name."""
    return {
        "rules.md": documentation.rules_page(rules.shipped().values()),
        "tables.md": documentation.tables_page(query.shipped().values(), [certificates.TABLE], side.shipped().values()),
        "commands.md": documentation.commands_page(adinspect),
    }


if __name__ == "__main__":
    for name, text in pages().items():
        Path(__file__).with_name(name).write_text(text, encoding="utf-8")
