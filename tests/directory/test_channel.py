"""Messages are put together from what comes in, given to the search they answer, and refused where they are none."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator

import pytest
from wire import done, entry, message, reference
from wire.messages import notice, operation, result, tlv

from adinspect.directory import Scope, Search, channel, requests
from adinspect.directory.channel import Answer, Channel, EndedError
from adinspect.directory.entries import decode
from adinspect.directory.timed_socket import TimedSocket
from adinspect.search_filter import parse

ASK = requests.search(Search("DC=contoso,DC=example", parse("(cn=*)"), ("cn",), Scope.SUBTREE), 10)
SECONDS = 10.0


class Pair:
    """A channel, and the server's end of its connection."""

    def __init__(self) -> None:
        client, self.server = socket.socketpair()
        self.channel = Channel(TimedSocket(client, time.monotonic() + SECONDS))

    def answered(self, *octets: bytes, close: bool = False) -> Answer:
        """What the channel makes of this answer to its first search."""
        number = self.channel.ask(ASK, SECONDS)
        self.server.sendall(b"".join(octets))
        if close:
            self.server.shutdown(socket.SHUT_WR)
        return self.channel.answer(number, SECONDS)


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.channel.close()
    made.server.close()


def dns(answer: Answer) -> list[bytes]:
    batch = decode(answer.octets, answer.starts, ("cn",)).batch
    return [dn.as_py() for dn in batch.column("dn")]


def test_an_answer_is_its_entries_and_its_result(pair: Pair) -> None:
    answer = pair.answered(entry(1, "CN=Ada", {}), reference(1), entry(1, "CN=Bob", {}), done(1, cookie=b"next"))
    assert dns(answer) == [b"CN=Ada", b"CN=Bob"]
    assert answer.references == 1
    assert answer.result is not None
    assert answer.result.cookie() == b"next"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_messages_are_put_together_from_any_pieces(pair: Pair, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "RECEIVE", size)
    small = Pair()
    sent = [entry(1, f"CN={at}", {"cn": [b"x" * 50]}) for at in range(30)]
    assert len(dns(small.answered(*sent, done(1)))) == 30
    small.channel.close()
    small.server.close()


def test_a_long_length_and_a_long_number_are_read(pair: Pair) -> None:
    number = tlv(0x02, b"\0\0\0\1")
    octets = tlv(0x30, number, operation("CN=Ada", {}, long=True), long=True)
    assert dns(pair.answered(octets, done(1))) == [b"CN=Ada"]


def test_several_searches_are_answered_in_any_order(pair: Pair) -> None:
    first, second = pair.channel.ask(ASK, SECONDS), pair.channel.ask(ASK, SECONDS)
    dice = random.Random(1)  # noqa: S311 - a repeatable test, not a secret
    numbers = [dice.choice((first, second)) for _ in range(200)]
    pair.server.sendall(b"".join(entry(number, f"CN={number}", {}) for number in numbers) + done(second) + done(first))
    for number in (first, second):
        answer = pair.channel.answer(number, SECONDS)
        assert dns(answer) == [b"CN=%d" % number] * numbers.count(number)


def test_what_comes_of_an_abandoned_search_is_thrown_away(pair: Pair) -> None:
    first = pair.channel.ask(ASK, SECONDS)
    pair.channel.abandon(first)
    second = pair.channel.ask(ASK, SECONDS)
    pair.server.sendall(entry(first, "CN=late", {}) + done(first) + entry(second, "CN=Ada", {}) + done(second))
    assert dns(pair.channel.answer(second, SECONDS)) == [b"CN=Ada"]


def test_many_entries_are_handed_on_before_the_end_of_their_page(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "FULL", 1)
    number = pair.channel.ask(ASK, SECONDS)
    pair.server.sendall(entry(number, "CN=Ada", {}))
    first = pair.channel.answer(number, SECONDS)
    pair.server.sendall(done(number))
    second = pair.channel.answer(number, SECONDS)
    assert (len(first.starts), first.result, len(second.starts)) == (1, None, 0)
    assert second.result is not None


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "tag 0x48"),
        (b"\x30\x80\x02\x01\x01", "indefinite form"),
        (b"\x30\x85\x00\x00\x00\x00\x10", "absurd size"),
        (b"\x30\x84\x7f\xff\xff\xff\x02\x01\x01", "a message of 2,147,483,65"),
        (message(2, result(0)), "answers request 2"),
        (message(-1, result(0)), "answers request -1"),
        (message(1, result(0, tag=0x61)), "tag 0x61 where 0x65"),
        (message(1, result(0, tag=0x78)), "tag 0x78 where 0x65"),
        (message(1, tlv(0x79)), "tag 0x79 where 0x65"),
        (message(1, tlv(0x65, tlv(0x0A, b""), tlv(0x04), tlv(0x04))), "no or too many octets"),
        (message(1, tlv(0x65, tlv(0x0A, b"\0" * 5), tlv(0x04), tlv(0x04))), "no or too many octets"),
        (tlv(0x30, tlv(0x02), result(0)), "no or too many octets"),
        (message(1, result(0)) + message(1, result(0)), "more comes after the end"),
        (entry(1, "CN=Ada", {}) + done(1) + entry(1, "CN=Bob", {}), "more comes after the end"),
        (message(1, result(0), tlv(0xA0) + b"\0\0"), "something follows the controls"),
        (message(1, result(0), tlv(0xA0, tlv(0x30))), "reaches beyond"),
        (tlv(0x30), "reaches beyond"),
        (tlv(0x30, tlv(0x02, b"\1")), "reaches beyond"),
        (tlv(0x30, tlv(0x02, b"\1"), b"\x64\x7f"), "reaches beyond"),
        (tlv(0x30, tlv(0x04, b"\1"), result(0)), "tag 0x04 where 0x02"),
        (notice(52, "shutting\0 \x1b[31mdown"), r"unavailable \(52\): shutting  {1,2}\[31mdown"),
    ],
)
def test_what_is_no_answer_ends_the_connection(pair: Pair, octets: bytes, what: str) -> None:
    with pytest.raises(EndedError, match=what):
        pair.answered(octets, done(1))
    with pytest.raises(EndedError, match=what):
        pair.channel.ask(ASK, SECONDS)


def test_a_connection_that_is_cut_is_said(pair: Pair) -> None:
    with pytest.raises(EndedError, match="closed the connection in the middle"):
        pair.answered(entry(1, "CN=Ada", {})[:-1], close=True)


def test_a_connection_that_breaks_is_said(pair: Pair) -> None:
    number = pair.channel.ask(ASK, SECONDS)
    pair.server.close()  # with octets unread, which resets the connection
    with pytest.raises(EndedError, match="the connection broke"):
        pair.channel.answer(number, SECONDS)
    with pytest.raises(EndedError, match="the connection broke"):
        pair.channel.ask(ASK, SECONDS)


def test_a_request_that_cannot_be_sent_is_said(pair: Pair) -> None:
    pair.server.close()
    with pytest.raises(EndedError, match="the connection broke: Broken pipe"):
        pair.channel.ask(ASK, SECONDS)


def test_nothing_within_the_time_limit_leaves_the_connection_usable(pair: Pair) -> None:
    number = pair.channel.ask(ASK, SECONDS)
    with pytest.raises(EndedError, match="within the time limit"):
        pair.channel.answer(number, 0.01)
    pair.server.sendall(done(number))
    assert pair.channel.answer(number, SECONDS).result is not None


def test_a_closed_channel_takes_nothing_more(pair: Pair) -> None:
    pair.channel.close()
    with pytest.raises(EndedError, match="has been closed"):
        pair.channel.ask(ASK, SECONDS)
    pair.channel.close()


def test_octets_now_and_then_do_not_extend_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((0.0, 1.0, 2.0, 3.1))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    client, server = socket.socketpair()
    timed = TimedSocket(client, expires=time.monotonic() + 3)
    server.sendall(b"abc")
    assert timed.recv(1) + timed.recv(1) == b"ab"
    with pytest.raises(TimeoutError):
        timed.recv(1)
    client.close()
    server.close()


def test_more_than_the_allowance_is_refused() -> None:
    client, server = socket.socketpair()
    timed = TimedSocket(client, time.monotonic() + SECONDS, allowance=3)
    server.sendall(b"abcd")
    assert timed.recv(3) == b"abc"
    with pytest.raises(OSError, match="more than belongs to a sign-in"):
        timed.recv_into(memoryview(bytearray(3)))
    client.close()
    server.close()
