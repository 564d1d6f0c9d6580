"""Tells people and programs how a run ended: a message made of run.json, which `mail` and `webhook` send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from adinspect.notify import wording

SCHEMA = 1
"""Version of the payload."""

WORKBOOK = ".xlsx"
"""How names of files end that may be attached."""


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to a message, what it is called there, and where it stands below the folder for output."""

    name: str
    path: Path
    place: str


@dataclass(frozen=True)
class Message:
    """What is told of a run. `subject` is one line; `payload` is what a program gets, JSON's types alone (docs/notifications.md).

    `news` says whether somebody has to look: a finding is new, back or accepted no more, or something failed, be it a message
    before.
    """

    subject: str
    text: str
    payload: Mapping[str, Any]
    attachments: tuple[Attachment, ...]
    news: bool


class State(StrEnum):
    """What became of a message."""

    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Notified:
    """What became of a message on one way; `why` where it is not sent. No secret is in any of it."""

    how: str
    to: str
    state: State
    why: str = ""


def message(run: Mapping[str, Any], output: Path = Path()) -> Message:
    """Make the message of a run (run.json); relative paths of files in it are relative to `output`."""
    news = (
        wording.failed(run)
        or bool(run.get("untold"))
        or any(wording.failed(one) or any(wording.anew(one)[life] for life in wording.ANEW) for one in run["forests"])
    )
    files = [(one["name"], Path(file)) for one in run["forests"] for file in one["files"] if file.lower().endswith(WORKBOOK)]
    return Message(
        wording.subject(run), wording.text(run), _payload(run, news), tuple(_attachment(*file, output) for file in files), news
    )


def _attachment(forest: str, file: Path, output: Path) -> Attachment:
    path = output / file
    place = path.relative_to(output) if path.is_relative_to(output) else Path(forest, file.name)
    return Attachment(f"{forest}-{file.name}", path, place.as_posix())


def _payload(run: Mapping[str, Any], news: bool) -> Mapping[str, Any]:
    kept = ("name", "forest", "exit", "error", "taken", "state", "last_complete", "targets", "changes")
    return {
        "schema": SCHEMA,
        "adinspect": run["adinspect"],
        "text": wording.brief(run),
        "news": news,
        "started": run["started"],
        "ended": run["ended"],
        "exit": run["exit"],
        "forests": [{key: one.get(key) for key in kept} for one in run["forests"]],
    }
