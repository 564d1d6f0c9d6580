"""Progress on a terminal: of a collection, and of judging earlier snapshots again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.text import Text

from adinspect.cli._options import printable
from adinspect.collect import Progress as Report


@contextmanager
def terminal() -> Iterator[Report]:
    """Show the query at work and the rows it has brought, on stderr."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,} rows"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        def report(name: str, rows: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=None)
            bars.update(tasks[name], completed=rows)

        yield report


@contextmanager
def looking_back() -> Iterator[Callable[[str], None]]:
    """Show, on stderr, which earlier snapshot is judged again."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda name: None
        return
    with console.status("Looking back") as status:
        yield lambda name: status.update(Text(f"Looking back: {printable(name)}"))
