"""Rows for people: each on one line, which a terminal's edge cuts, with colours only where they carry meaning."""

from __future__ import annotations

from collections.abc import Sequence

from adinspect.cli._options import printable

COLOURS = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "new": "red",
    "regressed": "bold red",
    "expired": "red",
    "resolved": "green",
}
"""What of a row is coloured: how bad it is, and whether it got better or worse."""


def print_lines(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of the same number of cells to stdout, their columns aligned; a file or a pipe gets them uncut."""
    from rich.cells import cell_len, set_cell_size
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    told = [list(map(printable, row)) for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*told, strict=True)]
    for row in told:
        line = Text("  ")
        for cell, width in zip(row[:-1], widths, strict=False):
            line.append(set_cell_size(cell, width) + "  ", style=COLOURS.get(cell, ""))
        line.append(row[-1])
        line.rstrip()
        if console.is_terminal:
            line.truncate(console.width, overflow="ellipsis")
        console.print(line, soft_wrap=True)
