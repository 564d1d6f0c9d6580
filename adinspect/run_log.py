"""The log of a run that nobody watches: one line an event, as text or as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

from adinspect.job_file import LogFormat
from adinspect.one_line import one_line

_PLAIN = re.compile(r"[\w./:@+,-]+", re.ASCII)
"""Values that need no quotes."""


@dataclass(frozen=True)
class Log:
    """Writes events to a stream; no text of a directory can end a line, or drive the terminal that shows it."""

    stream: TextIO
    format: LogFormat = LogFormat.TEXT

    def say(self, event: str, forest: str = "", **told: Any) -> None:
        """Write what happened, to which forest of the configuration, and what is to be told of it; what is None is left out."""
        said = {key: value for key, value in told.items() if value is not None}
        line = _json if self.format is LogFormat.JSON else _text
        self.stream.write(line(stamp(datetime.now(UTC)), event, forest, said) + "\n")
        self.stream.flush()


def stamp(moment: datetime) -> str:
    """A moment in UTC, to the second, as the log and run.json write it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _json(time: str, event: str, forest: str, told: dict[str, Any]) -> str:
    return json.dumps({"time": time, "forest": forest or None, "event": event, **told}, default=str)


def _text(time: str, event: str, forest: str, told: dict[str, Any]) -> str:
    return " ".join((time, forest or "-", event, *(f"{key}={_value(value)}" for key, value in told.items())))


def _value(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{one_line(escaped)}"'
