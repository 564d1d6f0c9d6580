"""A run (run.json) as a file for Prometheus: the text format 0.0.4, for the textfile collector of node_exporter.

The file has mode 0644, where every other file has 0600: node_exporter runs as another account. So it holds counts, times, and
names of forests, targets and tables alone; nothing of an object. What was not judged or not read has no line, and no zero.
<https://prometheus.io/docs/instrumenting/exposition_formats/>
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adinspect.atomic import replacing

Run = Mapping[str, Any]
Labels = Mapping[str, str]
Sample = tuple[Labels, float]

READABLE = 0o644


@dataclass(frozen=True)
class Metric:
    """A gauge: its name, what it says, and how its samples are taken from a run."""

    name: str
    help: str
    samples: Callable[[Run], Iterable[Sample]]


def text(run: Run) -> str:
    """The metrics of a run, in an order of their own."""
    return "".join(line for one in METRICS for line in _lines(one, run))


def write(run: Run, path: Path) -> None:
    """Write the metrics of a run to a file (mode 0644), whole or not at all. node_exporter reads those whose name ends in .prom.

    Raises:
        StorageError: it cannot be written; what stood there is untouched.
    """
    with replacing(path) as file:
        file.write(text(run).encode())
        if os.name == "posix":  # on Windows it inherits its folder's list
            os.fchmod(file.fileno(), READABLE)


def _of_forests(labels: Callable[[Any], Iterable[Sample]]) -> Callable[[Run], Iterator[Sample]]:
    """The samples of each forest, with its name."""
    return lambda run: (
        ({"forest": one["name"], **more}, value)
        for one in sorted(run["forests"], key=lambda one: str(one["name"]))
        for more, value in labels(one)
    )


def _of_targets(counted: str, label: str, *, of_partial: bool = True) -> Callable[[Run], Iterator[Sample]]:
    """The counts of each target of each forest; with those of a partial snapshot, or without."""
    return _of_forests(
        lambda one: (
            ({"target": target["target"], label: name}, count)
            for target in sorted(one["targets"], key=lambda target: str(target["target"]))
            for name, count in target[counted].items()
            if of_partial or _whole(one)
        )
    )


def _objects(forest: Any) -> Iterator[Sample]:
    """The rows of each table; of none that a partial snapshot shows no row of."""
    for table, count in sorted(forest["objects"].items()):
        if count or _whole(forest):
            yield {"table": table}, count


def _whole(forest: Any) -> bool:
    return bool(forest["state"] == "complete")


def _last_complete(forest: Any) -> Iterator[Sample]:
    if forest.get("last_complete"):
        yield {}, _seconds(forest["last_complete"])


def _seconds(moment: str) -> float:
    """Seconds since 1970 (UTC)."""
    return datetime.fromisoformat(moment).timestamp()


METRICS = (
    Metric("adinspect_run_exit_code", "Exit code of the last run.", lambda run: [({}, run["exit"])]),
    Metric("adinspect_run_timestamp_seconds", "When the last run ended.", lambda run: [({}, _seconds(run["ended"]))]),
    Metric(
        "adinspect_run_duration_seconds",
        "How long the last run took.",
        lambda run: [({}, _seconds(run["ended"]) - _seconds(run["started"]))],
    ),
    Metric("adinspect_forest_exit_code", "What the last run came to for a forest.", _of_forests(lambda one: [({}, one["exit"])])),
    Metric("adinspect_forest_duration_seconds", "How long a forest took.", _of_forests(lambda one: [({}, one["seconds"])])),
    Metric(
        "adinspect_last_complete_snapshot_timestamp_seconds",
        "When the last complete snapshot of a forest was taken.",
        _of_forests(_last_complete),
    ),
    Metric(
        "adinspect_objects",
        "Rows of a table of the snapshot.",
        _of_forests(_objects),
    ),
    Metric(
        "adinspect_findings", "Findings that stand and are not waived.", _of_targets("findings", "severity", of_partial=False)
    ),
    Metric("adinspect_findings_by_life", "Findings by what became of them since the run before.", _of_targets("lives", "life")),
)
"""All of them; docs/notifications.md tells of each."""


def _lines(metric: Metric, run: Run) -> Iterator[str]:
    samples = list(metric.samples(run))
    if samples:
        yield f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} gauge\n"
    for labels, value in samples:
        told = ",".join(f'{name}="{_escaped(said)}"' for name, said in labels.items())
        yield f"{metric.name}{f'{{{told}}}' if told else ''} {value}\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
