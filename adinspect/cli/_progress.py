"""Progress of a collection on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

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
