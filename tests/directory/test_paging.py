"""A search is whole, or it says that it is not: against a server that misbehaves on purpose."""

from __future__ import annotations

import random
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pyarrow as pa
import pytest
from wire import Asked, FakeServer, Line, Person, done, entry, message, reference, tlv
from wire.messages import PAGED, Values, notice, result
from wire.server import DOMAIN, Script

from adinspect.directory import Search, channel, paging
from adinspect.directory.channel import Channel
from adinspect.directory.paging import Searcher
from adinspect.directory.timed_socket import TimedSocket
from adinspect.errors import ConfigurationError, IncompleteError
from adinspect.search_filter import parse

Answer = Callable[[int], bytes]
"""What is sent in place of a page, given the number of the request."""


def instead(answer: Answer, page: int) -> Script:
    """Answers this page with something else."""

    def script(line: Line, asked: Asked, current: int) -> bool:
        if current == page:
            line.send(answer(asked.number))
        return current == page

    return script


def two(number: int, *last: bytes) -> bytes:
    """Two entries, and what comes after them."""
    return b"".join([*(entry(number, f"CN={at}", {"cn": [b"%d" % at]}) for at in (100, 101)), *last])


PEOPLE = [Person(f"CN={at},{DOMAIN}", {"cn": [b"%d" % at], "mail": [b"%d@contoso.example" % at]}) for at in range(25)]
SECONDS = 10.0


def search(*attributes: str, base: str = DOMAIN) -> Search:
    return Search(base, parse("(objectClass=user)"), attributes or ("cn", "mail"))


@contextmanager
def searcher(server: FakeServer, *, time_limit: float = SECONDS, page_size: int = 10, **options: Any) -> Iterator[Searcher]:
    connection = socket.create_connection(("127.0.0.1", server.port))
    signed_in = Channel(TimedSocket(connection, time.monotonic() + SECONDS))
    try:
        yield Searcher(signed_in, server.url, page_size=page_size, time_limit=time_limit, **options)
    finally:
        signed_in.close()


def read(batches: Iterator[pa.RecordBatch]) -> list[bytes]:
    return [value for batch in batches for [value] in batch.column("cn").to_pylist()]


def names(server: FakeServer, **options: Any) -> list[bytes]:
    with searcher(server, **options) as one:
        return read(one.search(search()))


@pytest.mark.parametrize("many", [0, 1, 9, 10, 11, 25])
@pytest.mark.parametrize("page_cap", [3, 1000])
def test_every_entry_of_every_page_is_read(many: int, page_cap: int) -> None:
    with FakeServer(PEOPLE[:many], page_cap=page_cap) as server:
        assert names(server) == [b"%d" % at for at in range(many)]
    assert [asked.cookie for asked in server.asked] == [
        b"",
        *(b"%d" % at for at in range(min(10, page_cap), many, min(10, page_cap))),
    ]


def test_the_next_page_is_asked_for_before_the_last_one_is_handed_out() -> None:
    with FakeServer(PEOPLE) as server, searcher(server) as one:
        batches = one.search(search())
        assert len(next(batches)) == 10
        while len(server.asked) < 2:
            time.sleep(0.001)
        assert sum(map(len, batches)) == 15


def test_two_searches_at_once_stay_apart() -> None:
    with FakeServer(PEOPLE) as server, searcher(server) as one:
        pairs = zip(one.search(search()), one.search(search("mail")), strict=True)
        assert [(len(first), second.column("mail")[0].as_py()) for first, second in pairs] == [
            (10, [b"0@contoso.example"]),
            (10, [b"10@contoso.example"]),
            (5, [b"20@contoso.example"]),
        ]


def test_a_search_that_is_left_early_is_abandoned_and_the_next_one_works() -> None:
    with FakeServer(PEOPLE) as server, searcher(server) as one:
        batches = one.search(search())
        next(batches)
        batches.close()  # type: ignore[attr-defined]  # what leaving a loop does to a generator
        assert len(read(one.search(search()))) == 25
    assert len(server.abandoned) == 1


def test_what_is_sent_along() -> None:
    with FakeServer(PEOPLE) as server, searcher(server, domain_scope=True) as one:
        list(one.search(search("cn", "NTSecurityDescriptor")))
        list(one.search(search()))
    described, plain = server.asked[0], server.asked[-1]
    assert described.controls == {
        "1.2.840.113556.1.4.319": (True, b"\x30\x05\x02\x01\x0a\x04\x00"),
        "1.2.840.113556.1.4.1339": (False, b""),
        "1.2.840.113556.1.4.801": (True, b"\x30\x03\x02\x01\x04"),
    }
    assert plain.controls.keys() == described.controls.keys() - {"1.2.840.113556.1.4.801"}
    assert described.attributes == ("cn", "NTSecurityDescriptor")


def test_no_attribute_is_not_every_attribute() -> None:
    with FakeServer(PEOPLE) as server, searcher(server) as one:
        list(one.search(Search(DOMAIN, parse("(cn=*)"), ())))
    assert server.asked[0].attributes == ("1.1",)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("unicodePwd", "secret"),
        ("UNICODEPWD", "secret"),
        ("msRTCSIP-AcpInfo", "secret"),
        ("unicodePwd;binary", "no attribute's name"),
        ("1.2.840.113556.1.4.90", "no attribute's name"),
        ("*", "no attribute's name"),
        ("+", "no attribute's name"),
        ("", "no attribute's name"),
    ],
)
def test_secret_attributes_and_what_might_be_one_are_never_asked_for(name: str, what: str) -> None:
    with FakeServer(PEOPLE) as server, searcher(server) as one, pytest.raises(ValueError, match=what):
        one.search(search("cn", name))
    assert server.asked == []


def test_references_are_counted_and_not_followed() -> None:
    def script(line: Line, asked: Asked, page: int) -> bool:
        elsewhere = reference(asked.number)
        line.send(elsewhere, entry(asked.number, "CN=Ada", {"cn": [b"Ada"]}), elsewhere, done(asked.number))
        return True

    with FakeServer(script=script) as server, searcher(server) as one:
        assert read(one.search(search())) == [b"Ada"]
        assert one.references == 2


@pytest.mark.parametrize("page", [1, 2])
def test_a_base_that_does_not_exist_is_a_wrong_setting(page: int) -> None:
    gone = instead(lambda number: done(number, 32, "no such object"), page)
    with FakeServer(PEOPLE, script=gone) as server, searcher(server) as one, pytest.raises(ConfigurationError) as raised:
        list(one.search(search()))
    assert raised.value.what == f"the search base {DOMAIN} does not exist, or the account may not see it"


@pytest.mark.parametrize(
    ("code", "what", "next_step"),
    [
        (1, "operationsError (1)", ""),
        (3, "timeLimitExceeded (3)", "MaxQueryDuration"),
        (4, "sizeLimitExceeded (4)", "MaxPageSize"),
        (8, "strongerAuthRequired (8)", "ldaps://"),
        (10, "referral (10)", "never followed"),
        (11, "adminLimitExceeded (11)", "another domain controller"),
        (12, "unavailableCriticalExtension (12)", "Active Directory"),
        (14, "saslBindInProgress (14)", ""),
        (50, "insufficientAccessRights (50)", "account"),
        (51, "busy (51)", "later"),
        (52, "unavailable (52)", "later"),
        (4711, "unknown result code (4711)", ""),
    ],
)
@pytest.mark.parametrize("page", [1, 2])
def test_an_error_ends_a_search_and_says_its_name(code: int, what: str, next_step: str, page: int) -> None:
    failing = instead(lambda number: two(number, done(number, code, "\0it\x1b[31m is so\0", cookie=b"more")), page)
    with FakeServer(PEOPLE, script=failing) as server, searcher(server) as one:
        kept, error = ended(one)
        assert len(read(one.search(search()))) == 25, "the connection serves the next search"
    assert error.what == f"the server ended the search: {what}: it [31m is so"
    assert next_step in error.next_step
    assert error.where == f"{server.url}, under {DOMAIN}"
    assert error.safe
    assert kept == [10] * (page - 1) + [2]


def ended(one: Searcher) -> tuple[list[int], IncompleteError]:
    """The sizes of the batches that came before the search ended early, and how it ended."""
    kept: list[int] = []
    with pytest.raises(IncompleteError) as raised:
        kept.extend(len(batch) for batch in one.search(search()))
    assert raised.value.__cause__ is None
    return kept, raised.value


def test_what_the_server_says_is_shortened() -> None:
    with FakeServer(script=instead(lambda number: done(number, 1, "x" * 5000), 1)) as server, searcher(server) as one:
        assert ended(one)[1].what == f"the server ended the search: operationsError (1): {'x' * 300}..."


@pytest.mark.parametrize(
    "end",
    [
        lambda number: done(number, cookie=None),
        lambda number: message(number, result(0), tlv(0xA0)),
        lambda number: message(number, result(0), tlv(0xA0, tlv(0x30, tlv(0x04, b"1.2.3")))),
    ],
)
@pytest.mark.parametrize("page", [1, 2])
def test_a_page_without_the_paging_control_may_not_be_the_last(end: Answer, page: int) -> None:
    unpaged = instead(lambda number: two(number, end(number)), page)
    with FakeServer(PEOPLE, script=unpaged) as server, searcher(server) as one:
        kept, error = ended(one)
    assert "without paging" in error.what
    assert kept == [10] * (page - 1) + [2]


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (lambda number: done(number + 1), r"answers request \d+, which was not made"),
        (lambda number: message(number, result(0, tag=0x61)), "tag 0x61"),
        (lambda number: message(number, tlv(0x79)), "tag 0x79"),
        (lambda number: b"\x30\x84\x7f\xff\xff\xff", "a message of 2,147,483,653 octets"),
        (lambda number: b"\x30\x80", "indefinite"),
        (lambda number: nested(10_000), "tag 0x30 where 0x02"),
        (lambda number: message(number, nested(10_000)), "tag 0x30 where 0x65"),
        (lambda number: b"HTTP/1.1 500 Internal Server Error\r\n\r\n", "tag 0x48"),
        (lambda number: notice(52, "shutting down"), r"ended the session: unavailable \(52\): shutting down"),
    ],
)
@pytest.mark.parametrize("page", [1, 2])
def test_octets_that_are_no_answer_end_the_search_and_the_connection(answer: Answer, what: str, page: int) -> None:
    broken = instead(lambda number: two(number, answer(number)), page)
    with FakeServer(PEOPLE, script=broken) as server, searcher(server) as one:
        kept, error = ended(one)
        assert re.search(what, error.what)
        assert kept == [10] * (page - 1)
        assert re.search(what, ended(one)[1].what), "nothing more is read from this server"


def nested(depth: int) -> bytes:
    octets = b""
    for _ in range(depth):
        octets = tlv(0x30, octets)
    return octets


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (lambda number: message(number, tlv(0x64, tlv(0x04, b"CN=x"), tlv(0x31))), "an element of an entry bears another tag"),
        (lambda number: message(number, tlv(0x64)), "reaches beyond"),
        (lambda number: entry(number, "CN=x", {"cn;range=1-2": [b"a", b"b"]}), "the range 1 to 2"),
    ],
)
def test_entries_that_are_none_end_the_search_alone(answer: Answer, what: str) -> None:
    broken = instead(lambda number: two(number, answer(number), done(number)), 2)
    with FakeServer(PEOPLE, script=broken) as server, searcher(server) as one:
        kept, error = ended(one)
        assert len(read(one.search(search()))) == 25
    assert "what is no entry" in error.what
    assert what in error.what
    assert kept == [10]


def test_a_paging_control_that_is_none_ends_the_search() -> None:
    control = tlv(0xA0, tlv(0x30, tlv(0x04, PAGED.encode()), tlv(0x04, b"\x30\x05\x02\x01\x00")))
    with (
        FakeServer(PEOPLE, script=instead(lambda number: message(number, result(0), control), 2)) as server,
        searcher(server) as one,
    ):
        assert "reaches beyond" in ended(one)[1].what


def test_a_connection_cut_in_the_middle_of_a_page_ends_the_search() -> None:
    def script(line: Line, asked: Asked, page: int) -> bool:
        if page == 2:
            line.send(two(asked.number)[:-1])
            line.cut()
        return page == 2

    with FakeServer(PEOPLE, script=script) as server, searcher(server) as one:
        kept, error = ended(one)
    assert "closed the connection in the middle of an answer" in error.what
    assert kept == [10]


def test_octets_now_and_then_do_not_hold_anybody_up() -> None:
    def script(line: Line, asked: Asked, page: int) -> bool:
        with suppress(OSError):
            for octet in two(asked.number) * 100:
                line.send(bytes([octet]))
                time.sleep(0.02)
        return True

    with FakeServer(PEOPLE, script=script) as server, searcher(server, time_limit=0.2) as one:
        assert "within the time limit" in ended(one)[1].what


@pytest.mark.parametrize(
    ("page", "what"),
    [
        (lambda number: two(number, done(number, cookie=b"same")), "the same page again"),
        (lambda number: two(number, done(number, cookie=b"%d" % number)), "the same page again"),
        (lambda number: done(number, cookie=b"same"), "empty pages without an end"),
        (lambda number: done(number, cookie=b"%d" % number), "empty pages without an end"),
    ],
)
def test_pages_without_an_end_end(page: Answer, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "EMPTY_PAGES", 5)

    def script(line: Line, asked: Asked, current: int) -> bool:
        line.send(page(asked.number))
        return True

    with FakeServer(script=script) as server, searcher(server) as one:
        assert what in ended(one)[1].what
    assert len(server.asked) <= 7


@pytest.mark.parametrize("seed", range(30))
def test_a_page_of_any_octets_is_read_or_ends_the_search(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a repeatable test, not a secret

    def script(line: Line, asked: Asked, page: int) -> bool:
        octets = bytearray(two(asked.number, reference(asked.number), done(asked.number, dice.choice((0, 0, 4)), "what")))
        for _ in range(dice.choice((1, 1, 2, 5))):
            octets[dice.randrange(len(octets))] = dice.choice((0, 1, 4, 0x30, 0x64, 0x65, 0x7F, 0x80, 0x84, dice.randrange(256)))
        with suppress(OSError):
            line.send(bytes(octets))
        line.cut()
        return True

    with FakeServer(script=script) as server:
        for _ in range(10):
            with searcher(server) as one, suppress(IncompleteError, ConfigurationError):
                assert sum(map(len, one.search(search()))) <= 2


def test_one_cookie_for_all_pages_is_well() -> None:
    """Samba does so."""

    def script(line: Line, asked: Asked, page: int) -> bool:
        line.send(
            entry(asked.number, f"CN={page}", {"cn": [b"%d" % page]}), done(asked.number, cookie=b"1\0" if page < 4 else b"")
        )
        return True

    with FakeServer(script=script) as server:
        assert names(server) == [b"1", b"2", b"3", b"4"]


def test_a_few_empty_pages_are_well() -> None:
    def script(line: Line, asked: Asked, page: int) -> bool:
        last = entry(asked.number, "CN=Ada", {"cn": [b"Ada"]}) if page == 4 else b""
        line.send(last, done(asked.number, cookie=b"%d" % page if page < 4 else b""))
        return True

    with FakeServer(script=script) as server:
        assert names(server) == [b"Ada"]


MEMBERS = [b"CN=%d,DC=contoso,DC=example" % at for at in range(3211)]
GROUPS = [
    Person(f"CN=small,{DOMAIN}", {"cn": [b"small"], "member": MEMBERS[:3]}),
    Person(f"CN=large,{DOMAIN}", {"cn": [b"large"], "member": MEMBERS, "memberOf": MEMBERS[::-1]}),
    Person(f"CN=empty,{DOMAIN}", {"cn": [b"empty"]}),
    Person(f"CN=just,{DOMAIN}", {"cn": [b"just"], "member": MEMBERS[:1500]}),
    Person(f"CN=one more,{DOMAIN}", {"cn": [b"one more"], "member": MEMBERS[:1501]}),
]


@pytest.mark.parametrize("page_size", [1, 2, 10])
@pytest.mark.parametrize("range_cap", [1, 1500, 5000])
def test_every_value_of_an_attribute_with_many_is_read(page_size: int, range_cap: int) -> None:
    groups = [Person(one.dn, {name: values[: 40 * range_cap] for name, values in one.attributes.items()}) for one in GROUPS]
    with FakeServer(groups, range_cap=range_cap) as server, searcher(server, page_size=page_size) as one:
        asked = ("cn", "member", "memberOf", "MEMBER")
        found = pa.Table.from_batches(list(one.search(search(*asked)))).drop_columns("dn").to_pylist()
    values = ({"MEMBER": one.attributes.get("member"), **one.attributes} for one in groups)
    assert found == [{name: held.get(name) for name in asked} for held in values]
    assert "MEMBER" in server.asked[0].attributes
    assert "member" not in server.asked[0].attributes, "asked once, or a server might answer twice"


@pytest.mark.parametrize(
    ("shown", "what"),
    [
        ({"member;range=0-1": [b"a", b"b"]}, "the values from 2 on belong"),
        ({"member;range=1-*": [b"b"]}, "the values from 2 on belong"),
        ({"member;range=3-*": [b"d"]}, "the values from 2 on belong"),
        ({"member;range=2-9": [b"c"]}, "1 values in the range 2 to 9"),
        ({"member;range=2-1": []}, "0 values in the range 2 to 1"),
        ({"member": [b"c"]}, "did not show the values of member from number 2 on"),
        ({}, "did not show the values of member from number 2 on"),
        ({"member;range=2-*": [b"c"], "MEMBER;range=2-*": [b"c"]}, "did not show the values of member from number 2 on"),
    ],
)
def test_a_range_that_does_not_move_on_ends_the_search(shown: Values, what: str) -> None:
    assert what in ranged(lambda number: entry(number, "CN=a", shown) + done(number, cookie=None)).what


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (lambda number: done(number, 32, cookie=None), "refused a single entry: noSuchObject (32)"),
        (lambda number: done(number, 50, "no", cookie=None), "refused a single entry: insufficientAccessRights (50): no"),
        (lambda number: done(number, cookie=None), "showed 0 entries for one DN"),
        (lambda number: entry(number, "CN=a", {}) * 2 + done(number, cookie=None), "showed 2 entries for one DN"),
        (lambda number: message(number, tlv(0x64)) + done(number, cookie=None), "reaches beyond"),
        (lambda number: b"\x30\x80", "indefinite"),
    ],
)
def test_a_follow_up_that_fails_ends_the_search(answer: Answer, what: str) -> None:
    assert what in ranged(answer).what


def ranged(follow_up: Answer, dn: str | bytes = "CN=a") -> IncompleteError:
    """How a search ends whose one entry keeps values back and answers the request for them so."""

    def script(line: Line, asked: Asked, page: int) -> bool:
        if asked.cookie is None:
            line.send(follow_up(asked.number))
        else:
            line.send(entry(asked.number, dn, {"member;range=0-1": [b"a", b"b"]}), done(asked.number))
        return True

    with FakeServer(script=script) as server, searcher(server) as one:
        kept: list[object] = []
        with pytest.raises(IncompleteError) as raised:
            kept.extend(one.search(search("member")))
        assert kept == [], "no list that is cut short is ever handed out"
    return raised.value


def test_values_that_cannot_be_asked_for_end_the_search() -> None:
    assert "a DN that is not UTF-8" in ranged(lambda number: b"", dn=b"CN=\xff").what


def test_values_without_an_end_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "LARGEST_ATTRIBUTE", 10)
    endless = {"member;range=2-3": [b"x" * 6] * 2}
    assert "more than 10 octets" in ranged(lambda number: entry(number, "CN=a", endless) + done(number, cookie=None)).what


def test_an_answer_for_one_entry_that_never_ends_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "FULL", 1)
    assert "it never ends" in ranged(lambda number: entry(number, "CN=a", {})).what


def test_a_large_page_is_handed_on_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "FULL", 100)
    monkeypatch.setattr(channel, "RECEIVE", 100)
    with FakeServer(PEOPLE) as server, searcher(server, page_size=20) as one:
        batches = list(one.search(search()))
    assert read(iter(batches)) == [b"%d" % at for at in range(25)]
    assert len(batches) > 2
