"""Writes a plan as the folder that is handed over: every bulk CSV, in the order it is run."""

from __future__ import annotations

from pathlib import Path

from adinspect import atomic, bulk
from adinspect.bulk import Written
from adinspect.plan import Plan


def write(plan: Plan, folder: Path) -> list[Written]:
    """Write every bulk CSV of a plan, in its order, into a folder; files of an earlier run are replaced, rows or not.

    Raises:
        StorageError: a file cannot be written; those before it are whole.
    """
    atomic.folder(folder)
    return [bulk.write(bulk.shipped()[name], rows, folder) for name, rows in plan.rows.items()]
