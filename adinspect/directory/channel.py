"""LDAP messages over one connection: requests go out, and what comes in is sorted by the request it answers."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import Protocol

from adinspect.directory import ber, requests, results
from adinspect.directory.ber import Element, MalformedError
from adinspect.directory.entries import ENTRY
from adinspect.directory.requests import Request
from adinspect.directory.results import Result

DONE = 0x65
"""[APPLICATION 5] SearchResultDone."""

REFERENCE = 0x73
"""[APPLICATION 19] SearchResultReference."""

EXTENDED = 0x78
"""[APPLICATION 24] ExtendedResponse, which is what a server sends unasked (RFC 4511, 4.4)."""

RECEIVE = 1 << 18
"""Octets that are received at once."""

LONGEST_MESSAGE = 1 << 28
"""Octets of the largest message that is accepted, far above any entry of a directory."""

FULL = 1 << 25
"""Octets of entries that are handed on before the end of their page, so that no page fills the memory."""


class EndedError(Exception):
    """The server ended an operation, or the connection, before the answer was complete."""

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step


class Transport(Protocol):
    """What carries the messages: a TimedSocket, or one that seals them."""

    expires: float

    def recv_into(self, buffer: memoryview) -> int:
        """Receive into a buffer; the number of octets, 0 when the other side has closed."""
        ...

    def sendall(self, octets: bytes) -> None:
        """Send everything."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


@dataclass
class Answer:
    """What has come in for one search: entries one after another, references left out, and the result.

    `starts` is where each entry begins; it reaches to the next one, and holds what its message held after the message id.
    """

    octets: bytearray = field(default_factory=bytearray)
    starts: list[int] = field(default_factory=list)
    references: int = 0
    result: Result | None = None


class Channel:
    """A signed-in connection. Several searches may be under way at once; each is answered by itself."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._octets = bytearray(RECEIVE)
        self._filled = 0
        self._last = 0
        self._answers: dict[int, Answer] = {}
        self._abandoned: set[int] = set()
        self._same: tuple[bytes, Answer] | None = None  # how an entry of the answer that is coming in begins
        self._lost = ""

    def ask(self, request: Request, seconds: float) -> int:
        """Send a search; the number it is answered under.

        Raises:
            EndedError: the connection is lost.
        """
        number = self._send(request, seconds)
        self._answers[number] = Answer()
        return number

    def answer(self, number: int, seconds: float) -> Answer:
        """Wait for the answer to a search: whole with its result, or a part of it (no result yet) once many entries have come in.

        Raises:
            EndedError: the connection is lost, the server sent something else, or nothing more came within `seconds`.
        """
        self._transport.expires = time.monotonic() + seconds
        answer = self._answers[number]
        while answer.result is None and len(answer.octets) < FULL:
            self._usable()
            self._receive()
        self._same = None
        if answer.result is None:
            self._answers[number] = Answer()
        else:
            del self._answers[number]
        return answer

    def abandon(self, number: int) -> None:
        """Stop waiting for an answer; what still comes of it is thrown away."""
        if self._answers.pop(number, None) is not None and not self._lost:
            self._same = None
            self._abandoned.add(number)
            with contextlib.suppress(EndedError):
                self._send(requests.abandon(number), seconds=5)

    def close(self) -> None:
        """End the session."""
        if not self._lost:
            with contextlib.suppress(EndedError):
                self._send(requests.unbind(), seconds=5)
            self._lost = "the connection has been closed"
        self._transport.close()

    def _usable(self) -> None:
        if self._lost:
            raise EndedError(self._lost, "Run it again.")

    def _send(self, request: Request, seconds: float) -> int:
        self._usable()
        self._last += 1
        self._transport.expires = time.monotonic() + seconds
        try:
            self._transport.sendall(request(self._last))
        except OSError as error:
            raise self._lose(f"the connection broke: {_reason(error)}") from None
        return self._last

    def _lose(self, what: str) -> EndedError:
        self._lost = what
        return EndedError(what, "Run it again; if it happens again, look at the network and the server's event log.")

    def _receive(self) -> None:
        try:
            with memoryview(self._octets) as octets:
                received = self._transport.recv_into(octets[self._filled :])
            self._filled += received
            self._sort()
        except TimeoutError:
            raise EndedError("the server did not answer within the time limit", results.LATER) from None
        except OSError as error:
            raise self._lose(f"the connection broke: {_reason(error)}") from None
        except MalformedError as error:
            raise self._lose(f"the server sent what is no answer to the search: {error}") from None
        if not received:
            raise self._lose("the server closed the connection in the middle of an answer")

    def _sort(self) -> None:
        """Give every message that is whole to the search it answers, and keep the rest."""
        at = 0
        while (message := ber.peek(self._octets, at, self._filled)) is not None:
            if message.tag != ber.SEQUENCE:
                raise MalformedError(f"tag 0x{message.tag:02x} where a message belongs")
            if message.end - at > LONGEST_MESSAGE:
                raise MalformedError(f"a message of {message.end - at:,} octets")
            if message.end > self._filled:
                break
            self._deliver(message)
            at = message.end
        self._octets[: self._filled - at] = self._octets[at : self._filled]
        self._filled -= at
        if self._filled == len(self._octets):
            self._octets += bytes(self._filled)

    def _deliver(self, message: Element) -> None:
        octets = self._octets
        if self._same and octets.startswith(self._same[0], message.start, message.end):
            _append(self._same[1], octets[message.start + len(self._same[0]) - 1 : message.end])
            return
        self._same = None
        number = ber.element(octets, message.start, message.end, ber.INTEGER)
        operation = ber.element(octets, number.end, message.end)
        request = ber.integer(octets, number)
        answer = self._answers.get(request)
        if answer is None:
            self._stray(octets, request, number.end, message.end)
        elif answer.result is not None:
            raise MalformedError("more comes after the end of an answer")
        elif operation.tag == ENTRY:
            _append(answer, octets[number.end : message.end])
            self._same = (bytes(octets[message.start : number.end + 1]), answer)
        elif operation.tag == REFERENCE:
            answer.references += 1
        else:
            answer.result = results.parse(octets, number.end, message.end, DONE)

    def _stray(self, octets: bytearray, request: int, at: int, end: int) -> None:
        """A message that answers no search: of one that nobody waits for any more, or sent unasked."""
        if request == 0:
            raise self._lose(f"the server ended the session: {results.parse(octets, at, end, EXTENDED).explained}")
        if request not in self._abandoned:
            raise MalformedError(f"it answers request {request}, which was not made")


def _append(answer: Answer, entry: bytearray) -> None:
    answer.starts.append(len(answer.octets))
    answer.octets += entry


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
