"""SearchResultEntry messages straight into Arrow: the entries of a page advance together, one NumPy step an element.

Nothing is compiled and no value passes through Python. Each step first proves that every element lies inside the one around it
(RFC 4511, 4.5.2), so octets that are no entry give one error and never a wrong row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from adinspect.directory import ber
from adinspect.directory.ber import MalformedError, Octets
from adinspect.directory.ranges import base_name, range_of

ENTRY = 0x64
"""[APPLICATION 4] SearchResultEntry."""

CONTROLS = 0xA0
"""[0] Controls, after the operation of any message."""

SLACK = 8
"""Octets behind the last entry: every header is read as one word of this many."""

FEW = 24
"""So few elements are cheaper walked one at a time than together: a NumPy step costs the same for one as for a hundred."""

VALUES = pa.list_(pa.binary())

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Partial:
    """An attribute of which the server keeps more values than it gave: column, row, and the number of the next value."""

    column: str
    row: int
    following: int


@dataclass(frozen=True)
class Entries:
    """A page: column `dn`, then list<binary> for each attribute asked; and the attributes that have more values."""

    batch: pa.RecordBatch
    partial: tuple[Partial, ...]


@dataclass(frozen=True)
class _Elements:
    """Elements: the number of the one each is in (`owner`), its tag, and where its content starts and ends."""

    owner: Ints
    tag: Ints
    start: Ints
    end: Ints

    def take(self, which: Any) -> _Elements:
        return _Elements(self.owner[which], self.tag[which], self.start[which], self.end[which])

    def expect(self, tag: int) -> _Elements:
        if (self.tag != tag).any():
            raise MalformedError(f"an element of an entry bears another tag than 0x{tag:02x}")
        return self


def decode(octets: bytearray, starts: Sequence[int], asked: Sequence[str]) -> Entries:
    """Decode entries that follow one another: each begins at one of `starts` and reaches, with its controls, to the next.

    Attributes that were not asked for are left out; names are compared without regard to case. Options other than a range
    do not set an attribute apart; what an entry says of one attribute several times is put together.

    Raises:
        MalformedError: the octets are not entries.
    """
    at = np.array(starts, np.int64)
    stops, rows = np.append(at[1:], len(octets))[: len(at)], len(at)
    octets += bytes(SLACK)
    page = _Page(octets)
    entry = page.headers(at, stops).expect(ENTRY)
    for late in np.flatnonzero(entry.end != stops):
        if ber.element(octets, int(entry.end[late]), int(stops[late]), CONTROLS).end != stops[late]:
            raise MalformedError("something follows the controls of an entry")
    named = page.headers(entry.start, entry.end).expect(ber.OCTET_STRING)
    inside = page.headers(named.end, entry.end).expect(ber.SEQUENCE)
    _same(inside.end, entry.end)
    held = page.children(inside).expect(ber.SEQUENCE)
    name = page.headers(held.start, held.end).expect(ber.OCTET_STRING)
    values = page.headers(name.end, held.end).expect(ber.SET)
    _same(values.end, held.end)
    columns, partial = _columns(page, rows, _Attributes(held.owner, name, values), asked)
    arrays = [page.gather(named.start, named.end), *(columns[name.lower()] for name in asked)]
    return Entries(pa.RecordBatch.from_arrays(arrays, ["dn", *asked]), partial)


def dn(octets: Octets, at: int) -> bytes:
    """The DN of the entry that begins at `at`.

    Raises:
        MalformedError: it is no entry.
    """
    entry = ber.element(octets, at, len(octets), ENTRY)
    name = ber.element(octets, entry.start, entry.end, ber.OCTET_STRING)
    return bytes(octets[name.start : name.end])


def attributes(octets: Octets) -> list[tuple[str, list[bytes]]]:
    """The lower-cased attribute descriptions and values of one entry, for those that are read by themselves.

    Raises:
        MalformedError: it is no entry.
    """
    entry = ber.element(octets, 0, len(octets), ENTRY)
    name = ber.element(octets, entry.start, entry.end, ber.OCTET_STRING)
    inside = ber.element(octets, name.end, entry.end, ber.SEQUENCE)
    held = []
    for attribute in ber.elements(octets, inside.start, inside.end):
        description = ber.element(octets, attribute.start, attribute.end, ber.OCTET_STRING)
        values = ber.element(octets, description.end, attribute.end, ber.SET)
        found = [bytes(octets[value.start : value.end]) for value in ber.elements(octets, values.start, values.end)]
        held.append((_text(bytes(octets[description.start : description.end])), found))
    return held


@dataclass(frozen=True)
class _Attributes:
    """The attributes of all entries: the row each belongs to, its name and its set of values."""

    row: Ints
    name: _Elements
    values: _Elements


def _columns(page: _Page, rows: int, held: _Attributes, asked: Sequence[str]) -> tuple[dict[str, pa.Array], tuple[Partial, ...]]:
    """One list<binary> array for each attribute asked, by lower-cased name."""
    place = {name: number for number, name in enumerate(dict.fromkeys(name.lower() for name in asked))}
    names = page.gather(held.name.start, held.name.end).dictionary_encode()
    spelt, spelling = [_text(name) for name in names.dictionary.to_pylist()], names.indices.to_numpy()
    column = np.array([place.get(base_name(name), -1) for name in spelt], np.int16)[spelling]

    # column by column, and row by row within each
    order = np.argsort(column, kind="stable")
    order = order[np.searchsorted(column[order], 0) :]
    column, row = column[order], held.row[order]
    values = page.children(held.values.take(order)).expect(ber.OCTET_STRING)
    counts = np.bincount(values.owner, minlength=len(order))
    bounds, upto = np.searchsorted(column, np.arange(len(place) + 1)), np.concatenate([[0], np.cumsum(counts)])
    columns = {}
    for name, number in place.items():
        first, last = bounds[number], bounds[number + 1]
        own = slice(upto[first], upto[last])
        columns[name] = _lists(rows, row[first:last], counts[first:last], page.gather(values.start[own], values.end[own]))
    return columns, _partial(spelt, spelling[order], row, counts)


def _partial(spelt: Sequence[str], spelling: Ints, row: Ints, counts: Ints) -> tuple[Partial, ...]:
    """The attributes whose range does not reach the last value; `spelling`, `row` and `counts` are of one attribute each."""
    ranges = {number: found for number, name in enumerate(spelt) if (found := range_of(name))}
    given = {}
    for at in np.flatnonzero(np.isin(spelling, list(ranges))) if ranges else ():
        found, name = ranges[int(spelling[at])], base_name(spelt[spelling[at]])
        found.check(0, int(counts[at]))
        if (name, int(row[at])) in given:
            raise MalformedError("an entry gives two ranges of one attribute")
        given[name, int(row[at])] = found
    return tuple(Partial(name, at, found.high + 1) for (name, at), found in given.items() if found.high is not None)


def _lists(rows: int, row: Ints, counts: Ints, values: pa.Array) -> pa.Array:
    """The values of one attribute as a list a row; null where the entry does not show it."""
    if not len(row):
        return pa.nulls(rows, VALUES)
    absent = np.ones(rows, bool)
    absent[row] = False
    offsets = np.zeros(rows + 1, np.int32)
    np.cumsum(np.bincount(row, counts, rows).astype(np.int32), out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(absent))


def _text(name: bytes) -> str:
    """An attribute description: ASCII (RFC 4512, 2.5); what is not can be no attribute that was asked for."""
    return name.decode("ascii", "replace").lower()


def _same(ends: Ints, outer: Ints) -> None:
    if (ends != outer).any():
        raise MalformedError("something follows the last element of an entry or attribute")


class _Page:
    """The octets of a page, and the steps that are taken over all of it at once."""

    def __init__(self, octets: bytearray) -> None:
        self.octets = octets
        self.buffer = pa.py_buffer(octets)
        # every offset's eight octets as one big-endian number, without a copy
        self.words = np.ndarray((len(octets) - SLACK + 1,), ">i8", octets, strides=(1,))

    def headers(self, at: Ints, limit: Ints) -> _Elements:
        """The elements that start at `at`, each proved to end at `limit` at the latest."""
        word = self.words[at].astype(np.int64)
        length, start = (word >> 48) & 0xFF, at + 2
        long = length >= 0x80
        if long.any():
            octets = np.where(long, length & 0x7F, 0)
            if ((octets > ber.LENGTH_OCTETS) | (length == 0x80)).any():
                raise MalformedError("a length of indefinite form or of absurd size")
            spelt = (word >> (48 - 8 * octets)) & ((1 << 8 * octets) - 1)
            length, start = np.where(long, spelt, length), start + octets
        end = start + length
        if (end > limit).any():
            raise MalformedError("an element reaches beyond the one it is in")
        return _Elements(np.arange(len(at)), (word >> 56) & 0xFF, start, end)

    def children(self, parents: _Elements) -> _Elements:
        """The elements that fill each of `parents` exactly, in the order of the octets."""
        steps: list[_Elements] = []
        owner = np.flatnonzero(parents.start < parents.end)
        at, limit = parents.start[owner], parents.end[owner]
        while len(owner) > FEW:
            found = self.headers(at, limit)
            steps.append(_Elements(owner, found.tag, found.start, found.end))
            more = np.flatnonzero(found.end < limit)
            owner, at, limit = owner[more], found.end[more], limit[more]
        steps.append(self._one_at_a_time(owner, at, limit))
        owner = np.concatenate([step.owner for step in steps])
        order = np.argsort(owner, kind="stable")  # steps run along each chain, so this is the order of the octets
        fields = ([step.tag for step in steps], [step.start for step in steps], [step.end for step in steps])
        return _Elements(owner, *map(np.concatenate, fields)).take(order)

    def _one_at_a_time(self, owner: Ints, at: Ints, limit: Ints) -> _Elements:
        found = [
            (parent, *element)
            for parent, start, end in zip(owner.tolist(), at.tolist(), limit.tolist(), strict=True)
            for element in ber.elements(self.octets, start, end)
        ]
        return _Elements(*np.array(found, np.int64).reshape(-1, 4).T)

    def gather(self, start: Ints, end: Ints) -> pa.Array:
        """The octets between each start and end, in rising order, as a binary array of its own."""
        if not len(start):
            return pa.array([], pa.binary())
        # values and the gaps between them are one Arrow array over the page; taking every other one copies the values out
        offsets = np.empty(2 * len(start), np.int32)
        offsets[0::2], offsets[1::2] = start, end
        both = pa.Array.from_buffers(pa.binary(), len(offsets) - 1, [None, pa.py_buffer(offsets), self.buffer])
        return both.take(pa.array(np.arange(0, len(offsets), 2, dtype=np.int32)))
