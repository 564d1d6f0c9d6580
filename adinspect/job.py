"""The scheduled job: every forest takes its turn, whatever befell the others; then people are told, and run.json is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from adinspect import atomic, metrics, notify, store
from adinspect.errors import ConnectError, StorageError
from adinspect.job_file import Forest, Job
from adinspect.notify import Notified, mail, webhook
from adinspect.run_log import Log, stamp
from adinspect.turn import EXIT_FINDINGS, Turn, let_read, told_of

SCHEMA = 1
"""Version of run.json."""

FILE = "run.json"

BEGUN = ".begun"
"""Beside it while a run lasts: when that began, for the next run to know of one that was killed before it told anybody."""

COMMAND = "adinspect run"
"""What holds the lock of the store."""

WORST_FIRST = (1, 7, 8, 4, 9, 2, 6, 5, EXIT_FINDINGS, 0)
"""Exit codes, the worst first: defects and disks, then what left a forest without a report, then what left it with one."""


def run(job: Job, forests: Sequence[Forest], log: Log, *, accept_shrink: bool = False) -> Mapping[str, Any]:
    """Do the job for these forests, and return what run.json says of it (docs/run.md).

    What befalls one forest stops no other. A run over some of the job's forests leaves the metrics of all as they are.

    Raises:
        BusyError: another run holds the store; nothing was written.
        StorageError: the store or the folder for reports cannot be written.
    """
    with store.writing(job.store, COMMAND):
        atomic.folder(job.output)
        let_read(job, job.output)
        log.say("started", forests=",".join(forest.name for forest in forests))
        started, read = datetime.now(UTC), dict[str, str]()
        known, untold = _left(job.output)
        with suppress(StorageError), atomic.replacing(job.output / BEGUN) as file:  # people hear of a full disk by what comes
            file.write((untold or stamp(started)).encode())
        told = [Turn(job, forest, log, read, accept_shrink).take(known.get(forest.name)) for forest in forests]
        record: dict[str, Any] = {
            "schema": SCHEMA,
            "adinspect": version("adinspect"),
            "started": stamp(started),
            "ended": stamp(datetime.now(UTC)),
            "exit": worst(one["exit"] for one in told),
            "forests": told,
            "error": None,
            "untold": untold,
            "notified": [],
        }
        measured = job.metrics if len(forests) == len(job.forests) else None
        _measure(measured, record, log)
        before = record["exit"]
        _tell(job, record, log)
        if record["exit"] != before:
            _measure(measured, record, log)
        with atomic.replacing(job.output / FILE) as file:
            file.write(json.dumps(record, indent=1).encode())
        let_read(job, job.output / FILE)
        with suppress(OSError):
            (job.output / BEGUN).unlink()
        log.say("ended", exit=record["exit"])
    return record


def worst(codes: Iterable[int]) -> int:
    """The worst of some exit codes (WORST_FIRST)."""
    return min(codes, key=WORST_FIRST.index)


def _left(output: Path) -> tuple[dict[str, str], str | None]:
    """What the run before left: the DNS name of each forest by what it is called, for a server that is down does not tell it;
    and when the first of those runs began whose message did not get out, up to that one."""
    begun = _moment(output / BEGUN)
    try:
        before = json.loads((output / FILE).read_bytes())
        known = {str(one["name"]): str(one["forest"]) for one in before["forests"] if one["forest"]}
        failed = any(one["state"] == notify.State.FAILED for one in before["notified"])
        failed_since = stamp(datetime.fromisoformat(before.get("untold") or before["started"])) if failed else None
    except (OSError, ValueError, KeyError, TypeError):
        return {}, begun
    return known, begun or failed_since


def _moment(file: Path) -> str | None:
    """The moment that a file holds; None where there is none."""
    try:
        return stamp(datetime.fromisoformat(file.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return None


def _tell(job: Job, record: dict[str, Any], log: Log) -> None:
    """Notify; a message that did not get out makes the exit code worse, for nobody would know."""
    try:
        for one in _notified(job, record):
            log.say("notified", how=one.how, to=one.to, state=one.state.value, why=one.why or None)
            record["notified"].append(asdict(one))
            if one.state is notify.State.FAILED:
                record["exit"] = worst([record["exit"], ConnectError.exit_code])
    except Exception as error:  # run.json is written, whatever befalls who tells of it
        _failed(record, error, log)


def _failed(record: dict[str, Any], error: Exception, log: Log) -> None:
    """Note what befell the run itself, not one of its forests."""
    told = told_of(error, log)
    record.update(exit=worst([record["exit"], told["exit"]]), error=told["error"])


def _notified(job: Job, record: Mapping[str, Any]) -> Iterator[Notified]:
    if job.mail or job.webhooks:
        message = notify.message(record, job.output)
        if job.mail:
            yield mail.send(message, job.mail)
        for one in job.webhooks:
            yield webhook.send(message, one)


def _measure(path: Path | None, record: dict[str, Any], log: Log) -> None:
    """Write the metrics; before people are told, so that they hear where that failed."""
    try:
        if path:
            metrics.write(record, path)
    except StorageError as error:
        _failed(record, error, log)
