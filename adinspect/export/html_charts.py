"""The charts of a page as numbers: how far a gauge is filled, where the parts of a bar stand, how high a trend is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pandas import DataFrame

from adinspect.finding import Severity
from adinspect.page import Readiness

RADIUS = 50
RUNS = 30
"""So many runs a trend shows, the last ones."""

LEFT, WIDTH, HEIGHT, TOP, FOOT = 48, 860, 220, 22, 28


@dataclass(frozen=True)
class Gauge:
    """A ring: its radius, its whole length, and how much of that is filled."""

    radius: int
    length: float
    filled: float


def gauge(part: int, of: int) -> Gauge:
    """The ring of a share; one that is not nothing is never too thin to see."""
    length = 2 * math.pi * RADIUS
    filled = max(length * part / of, 2.0) if part else 0.0
    return Gauge(RADIUS, round(length, 2), round(filled, 2))


def share(part: int, of: int) -> str:
    """A share in words: neither all nor nothing by rounding alone."""
    if not of:
        return "none"
    rounded = round(100 * part / of)
    if (rounded == 100 and part < of) or (rounded == 0 and part):
        return ">99%" if rounded else "<1%"
    return f"{rounded}%"


def segments(readiness: Readiness) -> Iterator[Mapping[str, Any]]:
    """The parts of a bar 1,000 wide: name (a wave's, in small letters), start and width."""
    start, total = 0.0, readiness.total or 1
    for row in readiness.counts.itertuples():
        width = 1000 * row.users / total
        if width:
            yield {"name": wave_name(row.wave), "start": round(start, 2), "width": round(width, 2)}
        start += width


def wave_name(wave: str) -> str:
    """What the style calls a wave; `confirm` for those that something unseen may put in a later one."""
    return wave.lower() or "confirm"


def trend(runs: DataFrame, told: str) -> Mapping[str, Any]:
    """Bars of the last RUNS runs, the worst findings at the foot; `runs` has history.RUN_COLUMNS."""
    last = runs.tail(RUNS)
    severities = [severity.value for severity in Severity]
    most = max((int(sum(getattr(row, name) for name in severities)) for row in last.itertuples()), default=0)
    limit = _ceiling(most)
    slot = (WIDTH - LEFT) / max(len(last), 8)
    labelled = range(0, len(last), math.ceil(len(last) / 8) or 1)
    return {
        "bars": [_bar(row, place, slot, limit, place in labelled) for place, row in enumerate(last.itertuples())],
        "ticks": [{"value": limit * step // 4, "y": round(_y(limit * step // 4, limit), 2)} for step in range(5)],
        "left": LEFT,
        "width": WIDTH,
        "height": HEIGHT,
        "partial": bool((last["state"] != "complete").any()),
        "severities": [name for name in severities if last[name].sum()],
        "told": told,
    }


def _bar(row: Any, place: int, slot: float, limit: int, labelled: bool) -> Mapping[str, Any]:
    parts, below = [], 0
    for severity in Severity:
        count = int(getattr(row, severity.value))
        if count:
            top, foot = _y(below + count, limit), _y(below, limit)
            parts.append({"name": severity.value, "y": round(top, 2), "height": round(foot - top, 2)})
        below += count
    taken: datetime = row.taken
    return {
        "x": round(LEFT + place * slot + slot * 0.18, 2),
        "width": round(min(slot * 0.64, 44), 2),
        "top": round(_y(below, limit), 2),
        "parts": parts,
        "partial": row.state != "complete",
        "label": f"{taken:%d %b}" if labelled else "",
    }


def _y(count: float, limit: int) -> float:
    return HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * count / limit


def _ceiling(most: int) -> int:
    """A round number that is not less, and a multiple of four: an axis has four steps."""
    step = int(10 ** max(len(str(most)) - 2, 0))
    return max(4, math.ceil(most / (4 * step)) * 4 * step)
