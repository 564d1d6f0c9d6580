"""Ranges of international numbers: which numbers of each are free, and which lie outside all of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from pandas import DataFrame, Series

NAMED = 100
"""So many gaps of a range are named."""

Range = tuple[int, int]


def filled(start: Series, end: Series, held: Series) -> DataFrame:
    """How far each range is used, on the index of `start`: `size`, `used`, `free` (Int64) and `gaps`, the free numbers as text.

    All are E.164 text. Everything is missing where a range is none: an end is missing, before the start, or of another length.
    """
    taken = _whole(held)
    lines: list[tuple[int | None, int | None, int | None, str | None]] = []
    for one in map(_range, start, end):
        if one is None:
            lines.append((None, None, None, None))
            continue
        first, last = one
        used = taken[bisect_left(taken, first) : bisect_right(taken, last)]
        size = last - first + 1
        lines.append((size, len(used), size - len(used), _told(_gaps(one, used))))
    typed = {"size": "Int64", "used": "Int64", "free": "Int64", "gaps": "str"}
    return DataFrame(lines, index=start.index, columns=list(typed)).astype(typed)


def inside(start: Series, end: Series, held: Series) -> Series:
    """Whether each E.164 number lies in one of the ranges (bool; a missing one does not)."""
    ranges = sorted(one for one in map(_range, start, end) if one)
    starts, furthest, reach = [first for first, _ in ranges], [], 0
    for _, last in ranges:
        reach = max(reach, last)
        furthest.append(reach)

    def lies(number: str) -> bool:
        place = bisect_right(starts, int(number)) - 1
        return place >= 0 and furthest[place] >= int(number)

    return Series([isinstance(number, str) and lies(number) for number in held], held.index, dtype=bool)


def covered(start: Series, end: Series, by: DataFrame) -> Series:
    """How many numbers of each range lie in a range of `by` (`start`, `end`; all E.164 text); of what is no range, none."""
    ranges = sorted(one for one in map(_range, by["start"], by["end"]) if one)
    apart: list[Range] = []
    for first, last in ranges:
        # only what lies beyond the ranges before it is counted
        reach = apart[-1][1] if apart else first - 1
        if last > reach:
            apart.append((max(first, reach + 1), last))
    held = [one or (0, -1) for one in map(_range, start, end)]
    counts = [sum(max(0, min(high, last) - max(low, first) + 1) for first, last in apart) for low, high in held]
    return Series(counts, start.index, dtype="Int64")


def _range(start: object, end: object) -> Range | None:
    if not (isinstance(start, str) and isinstance(end, str)) or len(start) != len(end):
        return None
    return (int(start), int(end)) if int(start) <= int(end) else None


def _whole(held: Series) -> Sequence[int]:
    return sorted(map(int, held.dropna().unique()))


def _gaps(of: Range, used: Sequence[int]) -> Iterator[Range]:
    bounds = (of[0] - 1, *used, of[1] + 1)
    return ((before + 1, after - 1) for before, after in pairwise(bounds) if after - before > 1)


def _told(gaps: Iterator[Range]) -> str | None:
    named = [f"+{first}" if first == last else f"+{first} to +{last}" for first, last in islice(gaps, NAMED)]
    more = sum(1 for _ in gaps)
    if more:
        named.append(f"and {more} more")
    return ", ".join(named) if named else None
