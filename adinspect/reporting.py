"""Writes one report of a judged snapshot; the suffix of the path says in which format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pandas import DataFrame

from adinspect import export, history, judging, migration, numbering, page, report, store, summary
from adinspect.export import html_page
from adinspect.finding import Target
from adinspect.judging import Judged
from adinspect.lives import Judgement

PAGE = "remediation"
"""The report that is a page of its own as HTML; of all others a browser is shown the sheets."""


def write(judged: Judged, name: str, output: Path) -> None:
    """Write the report of this name that ships with the package, or that a TOML file of the user lays out.

    Raises:
        ConfigurationError: there is no such report, its definition is wrong, or no format has the suffix.
        StorageError: it cannot be written, and what stood there is untouched; or the history that a page shows is damaged.
    """
    one = judged.snapshot
    definition = report.find(name)
    tables = summary.tables(
        one.manifest, one.tables, one.visibility, judged.assessment, target=judged.target, profile=judged.profile
    )
    if name == PAGE and output.suffix.lower() == ".html":
        html_page.write(_page(judged, tables), output)
        return
    if definition.named.intersection(migration.TABLES):
        tables |= migration.tables(judged.view(), judged.assessment, tables)
    elif definition.named.intersection(numbering.TABLES):  # reading every number takes its time
        tables |= numbering.tables(judged.view())
    export.write(report.build(definition, tables, taken=one.taken), output)


def _page(judged: Judged, tables: Mapping[str, DataFrame]) -> page.Page:
    """The page of a snapshot: judged for every target, for it shows who is ready for each."""
    others = (judging.for_target(judged, target) for target in Target if target is not judged.target)
    return page.of([Judgement(one.assessment, one.view()) for one in (judged, *others)], tables, _runs(judged))


def _runs(judged: Judged) -> DataFrame:
    """The runs of the scheduled job up to this snapshot, where the store it stands in keeps a history of them."""
    one, where = judged.snapshot, store.of(judged.snapshot)
    kept = history.load(where, one.manifest["forest"], judged.target) if where else history.History()
    return kept.runs[kept.runs["taken"] <= one.taken]
