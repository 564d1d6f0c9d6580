"""Lays a call path out from left to right: a box an object, a column a layer, and curves between them, with few crossings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from adinspect.call_paths import LAYERS, CallPaths, Joint, Link, Stop
from adinspect.finding import Severity

MOST = 16
"""Boxes of a column: more of them are no picture any more."""

WIDTH, HEIGHT = 190, 50
GAP, STEP = 62, 70
MARGIN, HEAD = 12, 44
SWEEPS = 4


@dataclass(frozen=True)
class Box:
    """A stop and where its upper left corner stands."""

    stop: Stop
    x: int
    y: int


@dataclass(frozen=True)
class Curve:
    """A link and the commands of its SVG path; `x` and `y` are its middle."""

    link: Link
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """A picture in pixels: `columns` maps a title to where its boxes stand. It shows some of the `of` stops that there are."""

    width: int
    height: int
    columns: Mapping[str, int]
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    of: int


def draw(paths: CallPaths, most: int = MOST) -> Drawing:
    """Lay a call path out; where a layer has more than so many stops, the broken ones and what they are linked to come first."""
    chosen = _chosen(paths, most)
    links = [link for link in paths.links if link.start in chosen and link.end in chosen]
    columns = _ordered([[stop for stop in chosen.values() if stop.layer == layer] for layer in LAYERS], links)
    tallest = max((len(column) for column in columns), default=0)
    boxes = {
        stop.key: Box(stop, MARGIN + place * (WIDTH + GAP), HEAD + row * STEP + (tallest - len(column)) * STEP // 2)
        for place, column in enumerate(columns)
        for row, stop in enumerate(column)
    }
    return Drawing(
        width=2 * MARGIN + len(LAYERS) * (WIDTH + GAP) - GAP,
        height=HEAD + max(tallest, 1) * STEP,
        columns={title: MARGIN + place * (WIDTH + GAP) for place, title in enumerate(LAYERS.values())},
        boxes=tuple(boxes.values()),
        curves=tuple(_curve(link, boxes[link.start], boxes[link.end]) for link in links),
        of=len(paths.stops),
    )


def _chosen(paths: CallPaths, most: int) -> dict[str, Stop]:
    """The stops that are shown, by key: the gravest first, each with what it is linked to, while its layer has room."""
    broken = {key for link in paths.links if link.joint is Joint.BROKEN for key in (link.start, link.end)}
    beside: dict[str, list[str]] = {}
    for link in paths.links:
        beside.setdefault(link.start, []).append(link.end)
        beside.setdefault(link.end, []).append(link.start)
    known = {stop.key: stop for stop in paths.stops}
    room = dict.fromkeys(LAYERS, most)
    chosen: dict[str, Stop] = {}

    def gravity(stop: Stop) -> tuple[bool, int, str]:
        rank = Severity(stop.severity).rank if stop.severity else len(Severity)
        return not (stop.key in broken or stop.lacks), rank, stop.identity

    for stop in sorted(paths.stops, key=gravity):
        for key in (stop.key, *beside.get(stop.key, ())):
            if key not in chosen and room[known[key].layer]:
                chosen[key] = known[key]
                room[known[key].layer] -= 1
    return chosen


def _ordered(columns: Sequence[list[Stop]], links: Sequence[Link]) -> list[list[Stop]]:
    """Each column in the order in which links cross little: stops near the middle of what they are linked to."""
    beside: dict[str, list[str]] = {}
    for link in links:
        beside.setdefault(link.start, []).append(link.end)
        beside.setdefault(link.end, []).append(link.start)
    ordered = [sorted(column, key=lambda stop: (stop.missing, stop.identity.casefold())) for column in columns]
    for sweep in range(SWEEPS):
        rows = {stop.key: row - (len(column) - 1) / 2 for column in ordered for row, stop in enumerate(column)}
        for column in ordered if sweep % 2 == 0 else reversed(ordered):
            middles = {stop.key: _middle(stop.key, beside, rows) for stop in column}
            column.sort(key=lambda stop: middles[stop.key])
            rows |= {stop.key: row - (len(column) - 1) / 2 for row, stop in enumerate(column)}
    return ordered


def _middle(key: str, beside: Mapping[str, list[str]], rows: Mapping[str, float]) -> float:
    return fmean([rows[other] for other in beside[key]]) if key in beside else rows[key]


def _curve(link: Link, start: Box, end: Box) -> Curve:
    x, y, to_x, to_y = start.x + WIDTH, start.y + HEIGHT // 2, end.x, end.y + HEIGHT // 2
    bend = max((to_x - x) // 2, 24)
    return Curve(link, f"M{x} {y} C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}", (x + to_x) // 2, (y + to_y) // 2)
