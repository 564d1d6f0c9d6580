"""The one place where octets become typed columns: Arrow `list<binary>` in, the tables of a query out, vectorised.

What cannot be decoded is kept as octets and said (`Undecoded`), never guessed.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adinspect import distinguished_name, frames, security_identifier
from adinspect.query import Column, Query, Table, Type

NAMESPACE = uuid.UUID("6f1d7b52-2c5e-5d0e-9d3c-0a4d6e1f7c11")
"""Namespace of the UUIDv5 an entry without objectGUID gets from its DN."""

FILETIME_EPOCH = 11_644_473_600_000_000
"""Microseconds from 1601-01-01 to 1970-01-01 ([MS-DTYP] 2.3.3)."""

YEAR_10000 = 253_402_300_800_000_000
"""Microseconds from 1970-01-01 to the end of the calendar that other programs can show."""

NEVER = (0, 0x7FFF_FFFF_FFFF_FFFF)
"""FILETIME values that stand for no time at all."""

EXCHANGE_BUILD_OFFSET = 30_000
"""What Exchange adds to the build in serialNumber (major versions from 8 on)."""


@dataclass(frozen=True)
class Undecoded:
    """A value that is not what its column's type says: where it stands, and its octets."""

    table: str
    column: str
    guid: str
    octets: bytes


@dataclass(frozen=True)
class Decoded:
    """The rows of one batch by table, what could not be decoded, and how many entries had no objectGUID."""

    tables: Mapping[str, pa.Table]
    undecoded: tuple[Undecoded, ...]
    without_guid: int


@dataclass(frozen=True)
class Values:
    """One value a row: `values` typed, `bad` the rows whose octets could not be decoded (bool)."""

    values: pa.Array
    bad: np.ndarray


def decode(query: Query, batch: pa.RecordBatch, present: Mapping[str, pa.Array]) -> Decoded:
    """Turn a page of entries into rows of the query's tables (frames.schema).

    `present` maps a `present` column to the DNs (binary, as sent) of the entries that have a value.
    """
    dns = _dn_text(batch.column("dn"))
    guids, without = _guids(batch, dns)
    undecoded: list[Undecoded] = []
    columns: dict[str, pa.Array] = {}
    for column in query.table.columns:
        if column.type is Type.PRESENT:
            columns[column.name] = pc.is_in(batch.column("dn"), value_set=present[column.name])
            continue
        octets = None if column.type in (Type.PARENT, Type.DOMAIN) else _single(batch, column)
        found = _read(column, dns if octets is None else octets)
        columns[column.name] = _filled(column, found)
        if octets is not None:
            undecoded += _said(query.table, column, guids, octets, found.bad)
    who = {"guid": guids, "dn": dns, "identity": _identity(query, columns, dns)}
    main = pa.table([*who.values(), *columns.values()], schema=_nullable(frames.schema(query.table)))
    tables = {query.name: _exploded(query.table, batch, main, undecoded) if query.table.each else main}
    for child in query.tables[1:]:
        tables[child.name] = _exploded(child, batch, pa.table(who), undecoded)
    return Decoded(tables, tuple(undecoded), without)


def _nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in schema])


def _dn_text(dns: pa.Array) -> pa.Array:
    try:
        return dns.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([_escaped(dn) for dn in dns.to_pylist()], pa.string())


def _escaped(dn: bytes) -> str:
    """Octets that are no UTF-8 as RFC 4514 hex pairs, which lose nothing."""
    text = dn.decode("utf-8", "surrogateescape")
    return "".join(f"\\{ord(character) - 0xDC00:02X}" if 0xDC80 <= ord(character) <= 0xDCFF else character for character in text)


def _guids(batch: pa.RecordBatch, dns: pa.Array) -> tuple[pa.Array, int]:
    octets = _pick(batch.column("objectGUID"), last=False)
    found = _guid(octets)
    missing = np.flatnonzero(found.values.is_null())
    if not len(missing):
        return found.values, 0
    guids = found.values.to_pylist()
    for row in missing:
        guids[row] = str(uuid.uuid5(NAMESPACE, distinguished_name.key(dns[int(row)].as_py())))
    return pa.array(guids, pa.string()), len(missing)


def _single(batch: pa.RecordBatch, column: Column) -> pa.Array:
    lists = batch.column(column.attribute)
    if column.type is Type.CLASS:  # the one attribute whose values are in an order: the most specific class comes last
        return _pick(lists, last=True)
    several = pc.fill_null(pc.greater(pc.list_value_length(lists), 1), False)
    first = _pick(lists, last=False)
    return pc.if_else(several, _least(lists, several), first) if pc.any(several).as_py() else first


def _least(lists: pa.ListArray, several: pa.BooleanArray) -> pa.Array:
    """The least value of each list that has several, which a directory gives in any order (RFC 4511, 4.1.7)."""
    values = zip(lists.to_pylist(), several.to_pylist(), strict=True)
    return pa.array([min(of_it) if many else None for of_it, many in values], lists.type.value_type)


def _pick(lists: pa.ListArray, *, last: bool) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    starts = lists.offsets.to_numpy()[:-1]
    rows = starts + lengths - 1 if last else starts
    return lists.values.take(pa.array(rows, pa.int32(), mask=lengths == 0))


def _read(column: Column, octets: pa.Array) -> Values:
    return _READERS[column.type](column, octets)


def _filled(column: Column, found: Values) -> pa.Array:
    return found.values if column.absent is None else pc.fill_null(found.values, pa.scalar(column.absent, found.values.type))


def _said(table: Table, column: Column, guids: pa.Array, octets: pa.Array, bad: np.ndarray) -> list[Undecoded]:
    return [Undecoded(table.name, column.name, guids[row].as_py(), octets[row].as_py()) for row in map(int, np.flatnonzero(bad))]


def _identity(query: Query, columns: Mapping[str, pa.Array], dns: pa.Array) -> pa.Array:
    return pc.coalesce(*(columns[name] for name in query.identity), dns)


def _exploded(table: Table, batch: pa.RecordBatch, rows: pa.Table, undecoded: list[Undecoded]) -> pa.Table:
    """One row a value of the attribute `each`: the columns made of it are read value by value, the others repeated."""
    lists = batch.column(table.each)
    owners = pc.list_parent_indices(lists)
    octets = pc.list_flatten(lists)
    repeated = rows.take(owners)
    keep = np.ones(len(octets), bool)
    for column in table.columns:
        if column.attribute == table.each:
            found = _read(column, octets)
            undecoded += _said(table, column, repeated.column("guid").combine_chunks(), octets, found.bad)
            keep &= ~found.bad
            place = repeated.schema.get_field_index(column.name)
            repeated = (
                repeated.append_column(column.name, found.values)
                if place < 0
                else repeated.set_column(place, column.name, found.values)
            )
    return repeated.filter(pa.array(keep)).cast(_nullable(frames.schema(table)))


def _none_bad(values: pa.Array) -> Values:
    return Values(values, np.zeros(len(values), bool))


def _each(octets: pa.Array, read: Callable[[bytes], Any], kind: pa.DataType) -> Values:
    """Read value by value, where there is no vectorised way or it met a bad value; ValueError marks a bad one."""
    values, bad = [], np.zeros(len(octets), bool)
    for row, value in enumerate(octets.to_pylist()):
        try:
            values.append(None if value is None else read(value))
        except ValueError:
            values.append(None)
            bad[row] = True
    return Values(pa.array(values, kind), bad)


def _text(column: Column, octets: pa.Array) -> Values:
    try:
        return _none_bad(octets.cast(pa.string()))
    except pa.ArrowInvalid:
        return _each(octets, lambda value: value.decode("utf-8"), pa.string())


def _whole(column: Column, octets: pa.Array) -> Values:
    try:
        return _none_bad(octets.cast(pa.string()).cast(pa.int64()))
    except pa.ArrowInvalid:
        return _each(octets, _integer, pa.int64())


def _integer(value: bytes) -> int:
    number = int(value) if re.fullmatch(rb"-?[0-9]{1,19}", value) else None
    if number is None or not -(2**63) <= number < 2**63:
        raise ValueError(value)
    return number


def _truth(column: Column, octets: pa.Array) -> Values:
    known = pc.is_in(octets, value_set=pa.array([b"TRUE", b"FALSE"], octets.type))
    bad = pc.and_(pc.invert(known), octets.is_valid()).to_numpy(zero_copy_only=False)
    return Values(pc.if_else(known, pc.equal(octets, b"TRUE"), pa.scalar(None, pa.bool_())), bad)


def _bit(column: Column, octets: pa.Array) -> Values:
    numbers = _whole(column, octets)
    return Values(pc.not_equal(pc.bit_wise_and(numbers.values, column.bit), 0), numbers.bad)


def _guid(octets: pa.Array) -> Values:
    """The text form of 16 octets, the first three groups little-endian ([MS-DTYP] 2.3.4)."""
    right = pc.fill_null(pc.equal(pc.binary_length(octets), 16), False).to_numpy(zero_copy_only=False)
    raw = np.frombuffer(b"".join(octets.filter(pa.array(right)).to_pylist()), np.uint8).reshape(-1, 16)
    ordered = raw[:, [3, 2, 1, 0, 5, 4, 7, 6, *range(8, 16)]]
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    text = np.full((len(raw), 36), ord("-"), np.uint8)
    places = [place for place in range(36) if place not in (8, 13, 18, 23)]
    text[:, places[0::2]], text[:, places[1::2]] = digits[ordered >> 4], digits[ordered & 15]
    made = pa.array(text.reshape(-1).view("S36").astype("U36") if len(raw) else [], pa.string())
    rows = np.cumsum(right) - 1
    bad = octets.is_valid().to_numpy(zero_copy_only=False) & ~right
    return Values(made.take(pa.array(rows, pa.int64(), mask=~right)), bad)


def _filetime(column: Column, octets: pa.Array) -> Values:
    ticks = _whole(column, octets)
    never = pc.is_in(ticks.values, value_set=pa.array(NEVER, pa.int64()))
    microseconds = pc.if_else(never, pa.scalar(None, pa.int64()), pc.subtract(pc.divide(ticks.values, 10), FILETIME_EPOCH))
    return _calendar(Values(microseconds, ticks.bad))


def _calendar(moments: Values) -> Values:
    """Microseconds since 1970 as times; what lies before 1601 or after 9999 is no time of a directory's object."""
    inside = pc.and_(pc.greater_equal(moments.values, -FILETIME_EPOCH), pc.less(moments.values, YEAR_10000))
    shown = pc.if_else(inside, moments.values, pa.scalar(None, pa.int64())).cast(pa.timestamp("us", "UTC"))
    return Values(shown, moments.bad | pc.fill_null(pc.invert(inside), False).to_numpy(zero_copy_only=False))


def _time(column: Column, octets: pa.Array) -> Values:
    """Generalized time in UTC, as AD writes it (RFC 4517, 3.3.13): whole seconds and Z."""
    text = _text(column, octets)
    right = pc.fill_null(pc.match_substring_regex(text.values, r"^[0-9]{14}(\.[0-9]+)?Z$"), False)
    bare = pc.if_else(right, pc.utf8_slice_codeunits(text.values, 0, 14), pa.scalar(None, pa.string()))
    moment = pc.strptime(bare, format="%Y%m%d%H%M%S", unit="us", error_is_null=True).cast(pa.int64())
    bad = octets.is_valid().to_numpy(zero_copy_only=False) & moment.is_null().to_numpy(zero_copy_only=False)
    return _calendar(Values(moment, bad))


def _version(column: Column, octets: pa.Array) -> Values:
    """A part of `Version 15.1 (Build 32507.6)`."""
    part = ("major", "minor", "build").index(column.part)

    def read(value: bytes) -> int:
        found = re.match(rb"Version (\d{1,4})\.(\d{1,4}) \(Build (\d{1,9})", value)
        if not found:
            raise ValueError(value)
        number = int(found[part + 1])
        return number - EXCHANGE_BUILD_OFFSET if part == 2 and number >= EXCHANGE_BUILD_OFFSET else number

    return _each(octets, read, pa.int64())


def _parent(column: Column, dns: pa.Array) -> Values:
    for _ in range(column.up):
        dns = distinguished_name.parents(dns)
    return _none_bad(dns)


def _domain(column: Column, dns: pa.Array) -> Values:
    return _none_bad(pa.array([distinguished_name.dns_name(dn) for dn in dns.to_pylist()], pa.string()))


_READERS: Mapping[Type, Callable[[Column, pa.Array], Values]] = {
    Type.STR: _text,
    Type.DN: _text,
    Type.CLASS: _text,
    Type.INT: _whole,
    Type.BOOL: _truth,
    Type.BIT: _bit,
    Type.GUID: lambda column, octets: _guid(octets),
    Type.SID: lambda column, octets: _each(octets, security_identifier.whole, pa.string()),
    Type.PARENT: _parent,
    Type.DOMAIN: _domain,
    Type.FILETIME: _filetime,
    Type.TIME: _time,
    Type.VERSION: _version,
    Type.BASE64: lambda column, octets: _each(octets, lambda value: base64.b64encode(value).decode("ascii"), pa.string()),
}
