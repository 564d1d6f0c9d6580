"""Writes one report of a judged snapshot; the suffix of the path says in which format."""

from __future__ import annotations

from pathlib import Path

from adinspect import export, migration, numbering, report, summary
from adinspect.judging import Judged


def write(judged: Judged, name: str, output: Path) -> None:
    """Write the report of this name that ships with the package, or that a TOML file of the user lays out.

    Raises:
        ConfigurationError: there is no such report, its definition is wrong, or no format has the suffix.
        StorageError: it cannot be written; what stood there is untouched.
    """
    one = judged.snapshot
    definition = report.find(name)
    tables = summary.tables(
        one.manifest, one.tables, one.visibility, judged.assessment, target=judged.target, profile=judged.profile
    )
    if definition.named.intersection(migration.TABLES):
        tables |= migration.tables(judged.view(), judged.assessment, tables)
    elif definition.named.intersection(numbering.TABLES):  # reading every number takes its time
        tables |= numbering.tables(judged.view())
    export.write(report.build(definition, tables, taken=one.taken), output)
