"""Entries come out of the octets as they are, and octets that are no entries never come out as some."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pyarrow as pa
import pytest
from wire.messages import Values, attribute, operation, tlv

from adinspect.directory import entries
from adinspect.directory.ber import MalformedError
from adinspect.directory.entries import FEW, VALUES, Entries, Partial, decode

DN = "CN=Ada,DC=contoso,DC=example"
ASKED = ("cn", "proxyAddresses", "objectGUID")
CONTROLS = tlv(0xA0, tlv(0x30, tlv(0x04, b"1.2.3")))

Row = tuple[bytes, dict[str, list[bytes] | None]]


def decoded(*operations: bytes, asked: Sequence[str] = ASKED) -> Entries:
    octets, starts = bytearray(), []
    for one in operations:
        starts.append(len(octets))
        octets += one
    page = decode(octets, starts, asked)
    page.batch.validate(full=True)
    return page


def rows(page: Entries) -> list[Row]:
    return [(row.pop("dn"), row) for row in page.batch.to_pylist()]


def shown(attributes: Values, asked: Sequence[str] = ASKED) -> dict[str, list[bytes] | None]:
    """The one row of a page with one entry."""
    [(dn, row)] = rows(decoded(operation(DN, attributes), asked=asked))
    assert dn == DN.encode()
    return row


@pytest.mark.parametrize(
    ("attributes", "row"),
    [
        ({}, {}),
        ({"cn": [b"Ada"]}, {"cn": [b"Ada"]}),
        ({"CN": [b"Ada"], "PROXYaddresses": [b"a", b"b"]}, {"cn": [b"Ada"], "proxyAddresses": [b"a", b"b"]}),
        ({"cn": [b""]}, {"cn": [b""]}),
        ({"cn": []}, {"cn": []}),
        ({"cn": [b"x" * 127], "objectGUID": [b"y" * 128]}, {"cn": [b"x" * 127], "objectGUID": [b"y" * 128]}),
        ({"cn": [b"x" * 70_000]}, {"cn": [b"x" * 70_000]}),
        ({"cn": [b"x" * 5_000_000, b"y"]}, {"cn": [b"x" * 5_000_000, b"y"]}),
        ({"objectGUID": [bytes(range(256))]}, {"objectGUID": [bytes(range(256))]}),
        ({"description": [b"not asked"], "cn": [b"Ada"]}, {"cn": [b"Ada"]}),
        ({"cnx": [b"longer"], "c": [b"shorter"], "proxyXddresses": [b"same ends"]}, {}),
        ({"objectGUID;binary": [b"g"]}, {"objectGUID": [b"g"]}),
        ({"proxyAddresses": [b"a"], "proxyaddresses": [b"b"]}, {"proxyAddresses": [b"a", b"b"]}),
        ({"proxyAddresses": [], "proxyAddresses;range=0-*": [b"a"]}, {"proxyAddresses": [b"a"]}),
        ({"proxyAddresses": [b"%d" % at for at in range(3000)]}, {"proxyAddresses": [b"%d" % at for at in range(3000)]}),
        ({f"other{at}": [b"x"] for at in range(300)} | {"cn": [b"Ada"]}, {"cn": [b"Ada"]}),
        ({"c\xc3n": [b"not ASCII"]}, {}),
    ],
)
def test_one_entry(attributes: Values, row: dict[str, list[bytes]]) -> None:
    assert shown(attributes) == dict.fromkeys(ASKED) | row


def test_a_page_has_the_types_and_the_order_that_were_asked() -> None:
    batch = decoded(operation(DN, {"cn": [b"Ada"]})).batch
    assert batch.schema == pa.schema([("dn", pa.binary()), *((name, VALUES) for name in ASKED)])


def test_an_attribute_asked_twice_is_there_twice() -> None:
    page = decoded(operation(DN, {"cn": [b"Ada"]}), asked=("cn", "CN"))
    assert [page.batch.column(at).to_pylist() for at in (1, 2)] == [[[b"Ada"]], [[b"Ada"]]]


def test_nothing_asked_leaves_the_dns() -> None:
    assert decoded(operation(DN, {}), operation("", {"cn": [b"x"]}), asked=()).batch.to_pydict() == {"dn": [DN.encode(), b""]}


def test_an_empty_page_has_no_rows() -> None:
    assert decoded().batch.num_rows == 0


def test_controls_of_an_entry_are_passed_over() -> None:
    page = decoded(operation(DN, {"cn": [b"Ada"]}) + CONTROLS, operation("CN=Bob", {"cn": [b"Bob"]}))
    assert [row["cn"] for _, row in rows(page)] == [[b"Ada"], [b"Bob"]]


@pytest.mark.parametrize("many", [1, FEW, FEW + 1, 1000])
@pytest.mark.parametrize("long", [False, True])
def test_rows_stay_apart(many: int, long: bool) -> None:
    written = [(f"CN={at}", {"cn": [b"%d" % at] * (at % 4), "objectGUID": [b"g%d" % at]}) for at in range(many)]
    page = decoded(*(operation(dn, held, long=long) for dn, held in written))
    assert rows(page) == [(dn.encode(), dict.fromkeys(ASKED) | held) for dn, held in written]


@pytest.mark.parametrize(
    ("attributes", "following"),
    [
        ({"proxyAddresses;range=0-1": [b"a", b"b"]}, 2),
        ({"ProxyAddresses;Range=0-0": [b"a"], "proxyAddresses": []}, 1),
        ({"proxyAddresses;range=0-*": [b"a", b"b"]}, None),
        ({"proxyAddresses;range=0-*": []}, None),
        ({"description;range=0-1": [b"a", b"b"]}, None),
    ],
)
def test_a_range_that_ends_before_the_last_value_is_told(attributes: Values, following: int | None) -> None:
    page = decoded(operation("CN=first", {}), operation(DN, attributes))
    assert page.partial == (() if following is None else (Partial("proxyaddresses", 1, following),))


@pytest.mark.parametrize(
    "wrong",
    [
        {"cn;range=1-2": [b"a", b"b"]},
        {"cn;range=0-2": [b"a", b"b"]},
        {"cn;range=0-0": [b"a", b"b"]},
        {"cn;range=2-*": [b"a"]},
        {"cn;range=": [b"a"]},
        {"cn;range=0-": [b"a"]},
        {"cn;range=a-b": [b"a"]},
        {"cn;range=0-9999999999": [b"a"]},
        {"cn;range=0-0": [b"a"], "CN;range=0-0": [b"b"]},
    ],
)
def test_a_range_that_loses_or_doubles_values_is_refused(wrong: Values) -> None:
    with pytest.raises(MalformedError):
        decoded(operation(DN, wrong))


def held(*attributes: bytes) -> bytes:
    return tlv(0x64, tlv(0x04, DN.encode()), tlv(0x30, *attributes))


@pytest.mark.parametrize(
    "wrong",
    [
        tlv(0x65, tlv(0x04, DN.encode()), tlv(0x30)),
        tlv(0x64),
        tlv(0x64, tlv(0x30, DN.encode()), tlv(0x30)),
        tlv(0x64, tlv(0x04, DN.encode())),
        tlv(0x64, tlv(0x04, DN.encode()), tlv(0x31)),
        tlv(0x64, tlv(0x04, DN.encode()), tlv(0x30), tlv(0x30)),
        operation(DN, {})[:-1],
        operation(DN, {}) + b"\0",
        operation(DN, {}) + CONTROLS + b"\0",
        operation(DN, {}) + tlv(0xA1),
        held(tlv(0x31)),
        held(tlv(0x30)),
        held(tlv(0x30, tlv(0x04, b"cn"))),
        held(tlv(0x30, tlv(0x04, b"cn"), tlv(0x30))),
        held(tlv(0x30, tlv(0x02, b"cn"), tlv(0x31))),
        held(tlv(0x30, tlv(0x04, b"cn"), tlv(0x31), tlv(0x31))),
        held(tlv(0x30, tlv(0x04, b"cn"), tlv(0x31, tlv(0x0C, b"Ada")))),
        held(tlv(0x30, tlv(0x04, b"cn"), b"\x31\x80\0\0")),
        held(tlv(0x30, tlv(0x04, b"cn"), b"\x31\x85\0\0\0\0\0")),
        held(tlv(0x30, tlv(0x04, b"cn"), b"\x31\xff")),
        held(tlv(0x30, tlv(0x04, b"cn"), tlv(0x31, b"\x04\x84\x7f\xff\xff\xff"))),
        held(tlv(0x30, tlv(0x04, b"cn"), tlv(0x31, b"\x04\x84\xff\xff\xff\xff"))),
        held(tlv(0x30, tlv(0x04, b"cn"), tlv(0x31, b"\x04\x05Ada"))),
        held(tlv(0x30, tlv(0x04, b"cn"), tlv(0x31, b"\x04"))),
        held(b"\x30\x7f\x04\x02cn\x31\x00"),
    ],
)
@pytest.mark.parametrize("before", [0, FEW + 1])
def test_what_is_no_entry_is_refused(wrong: bytes, before: int) -> None:
    with pytest.raises(MalformedError):
        decoded(*[operation(DN, {"cn": [b"Ada"]})] * before, wrong)


def test_one_entry_read_by_itself() -> None:
    octets = operation(DN, {"member;range=0-1": [b"a", b"b"], "CN": [b"Ada"], "empty": []})
    assert entries.dn(octets, 0) == DN.encode()
    assert entries.attributes(octets) == [("member;range=0-1", [b"a", b"b"]), ("cn", [b"Ada"]), ("empty", [])]


def test_a_thousand_nested_elements_are_refused_like_any_other() -> None:
    nested = b""
    for _ in range(10_000):
        nested = tlv(0x30, nested)
    with pytest.raises(MalformedError):
        decoded(nested)


class Plain:
    """A decoder of one entry as RFC 4511 words it, as plain as can be: what the fast one is held to."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    def row(self, asked: Sequence[str]) -> Row:
        at, end = self.header(0, len(self.octets), 0x64)
        if end != len(self.octets):
            assert self.header(end, len(self.octets), 0xA0)[1] == len(self.octets)
        name, name_end = self.header(at, end, 0x04)
        at, inside_end = self.header(name_end, end, 0x30)
        assert inside_end == end
        found: dict[str, list[bytes] | None] = dict.fromkeys(asked)
        wanted = {one.lower(): one for one in asked}
        while at < end:
            inner, next_at = self.header(at, end, 0x30)
            key, key_end = self.header(inner, next_at, 0x04)
            value, set_end = self.header(key_end, next_at, 0x31)
            assert set_end == next_at
            spelt = self.octets[key:key_end].decode("ascii", "replace").lower()
            column = wanted.get(spelt.partition(";")[0])
            if column:
                assert ";range=" not in spelt
                values = found[column] or []
                while value < set_end:
                    start, value = self.header(value, set_end, 0x04)
                    values.append(self.octets[start:value])
                found[column] = values
            at = next_at
        return self.octets[name:name_end], found

    def header(self, at: int, limit: int, tag: int) -> tuple[int, int]:
        assert at + 2 <= limit
        assert self.octets[at] == tag
        size, start = self.octets[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            assert 1 <= count <= 4
            assert start + count <= limit
            size = int.from_bytes(self.octets[start : start + count])
            start += count
        assert start + size <= limit
        return start, start + size


def plain(operations: Sequence[bytes]) -> list[Row] | None:
    try:
        return [Plain(one).row(ASKED) for one in operations]
    except AssertionError:
        return None


def fast(operations: Sequence[bytes]) -> list[Row] | None:
    try:
        return rows(decoded(*operations))
    except MalformedError:
        return None


def random_entry(dice: random.Random) -> bytes:
    names = ("cn", "CN", "proxyAddresses", "objectGUID;binary", "description", "x" * dice.choice((1, 8, 200)))
    pieces = [
        attribute(
            dice.choice(names),
            [dice.randbytes(dice.choice((0, 1, 5, 127, 128, 300))) for _ in range(dice.choice((0, 1, 1, 1, 2, 40)))],
            long=dice.random() < 0.5,
        )
        for _ in range(dice.choice((0, 1, 3, 10)))
    ]
    body = tlv(0x64, tlv(0x04, dice.randbytes(dice.choice((0, 20)))), tlv(0x30, *pieces), long=dice.random() < 0.5)
    return body + (CONTROLS if dice.random() < 0.1 else b"")


def mutated(dice: random.Random, octets: bytes) -> bytes:
    changed = bytearray(octets)
    for _ in range(dice.choice((1, 1, 2, 5))):
        at = dice.randrange(len(changed))
        kind = dice.random()
        if kind < 0.6:
            changed[at] = dice.choice((0, 1, 4, 0x30, 0x31, 0x64, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFF, dice.randrange(256)))
        elif kind < 0.8:
            changed[at] = (changed[at] + dice.choice((-1, 1))) % 256
        elif kind < 0.9 and len(changed) > 1:
            del changed[at]
        else:
            changed.insert(at, dice.randrange(256))
    return bytes(changed)


@pytest.mark.parametrize("seed", range(40))
def test_random_pages_come_out_as_a_plain_decoder_reads_them(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a repeatable test, not a secret
    page = [random_entry(dice) for _ in range(dice.choice((1, 3, FEW + 1, 60)))]
    expected = plain(page)
    assert expected is not None
    assert fast(page) == expected


@pytest.mark.parametrize("seed", range(40))
def test_of_mutated_pages_both_decoders_say_the_same(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a repeatable test, not a secret
    for _ in range(20):
        page = [random_entry(dice) for _ in range(dice.choice((1, 1, 3, FEW + 2)))]
        place = dice.randrange(len(page))
        page[place] = mutated(dice, page[place])
        assert fast(page) == plain(page)
