"""The findings of a judged snapshot in their public JSON form, for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adinspect import atomic

if TYPE_CHECKING:  # pandas takes half a second, and `adinspect assess --help` needs none of it
    from pandas import DataFrame

    from adinspect.judging import Judged


def write_json(judged: Judged, path: Path) -> None:
    """Write the assessment in its public JSON form to a file."""
    with atomic.replacing(path) as file:
        file.write(json.dumps(as_json(judged), ensure_ascii=False, indent=1).encode())


def as_json(judged: Judged) -> dict[str, Any]:
    """The assessment in its public JSON form, schema 1."""
    snapshot, assessment = judged.snapshot, judged.assessment
    findings = plain_findings(assessment.findings)
    given = assessment.waivers.to_dict("records")
    coverage = {row.rule: {"judged": row.judged, "of": row.of} for row in assessment.coverage.itertuples()}
    return {
        "schema": 1,
        "snapshot": str(snapshot.path),
        "target": judged.target.value,
        "taken": snapshot.manifest["taken"],
        "findings": findings,
        "skipped": assessment.skipped.to_dict("records"),
        "coverage": coverage,
        "counts": {str(rule): int(count) for rule, count in assessment.findings["rule"].value_counts().sort_index().items()},
        "waivers": [{**row, "object": row["object"] or None, "key": row["key"] or None} for row in given],
    }


def plain_findings(findings: DataFrame) -> list[dict[str, Any]]:
    """Findings as the public JSON forms hold them."""
    return [{**row, "csv": list(row["csv"])} for row in findings.to_dict("records")]
