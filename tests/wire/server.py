"""A directory server on loopback that pages and ranges as Active Directory does, and misbehaves where it is told to."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import spnego
from spnego.exceptions import SpnegoError

from wire.messages import PAGED, Values, done, entry, message, result, tlv

SASL = 0xA3
BIND, UNBIND, SEARCH, ABANDON, EXTENDED = 0x60, 0x42, 0x63, 0x50, 0x77
DOMAIN = "DC=contoso,DC=example"
ROOT_DSE: Mapping[str, Sequence[bytes]] = {
    "defaultNamingContext": [DOMAIN.encode()],
    "configurationNamingContext": [f"CN=Configuration,{DOMAIN}".encode()],
    "schemaNamingContext": [f"CN=Schema,CN=Configuration,{DOMAIN}".encode()],
    "rootDomainNamingContext": [DOMAIN.encode()],
    "namingContexts": [DOMAIN.encode(), f"CN=Configuration,{DOMAIN}".encode()],
    "currentTime": [b"20261124080000.0Z"],
    "highestCommittedUSN": [b"4711"],
    "supportedControl": [PAGED.encode(), b"1.2.840.113556.1.4.1339"],
    "tokenGroups": [bytes([1, 1, 0, 0, 0, 0, 0, 5, 11, 0, 0, 0])],
}

Element = tuple[int, bytes]


@dataclass(frozen=True)
class Person:
    """An entry of the server."""

    dn: str
    attributes: Values


@dataclass(frozen=True)
class Asked:
    """A search as it came in. `cookie` is None where no page was asked for; `controls` are criticality and value by OID."""

    number: int
    base: str
    attributes: tuple[str, ...]
    size: int
    cookie: bytes | None
    controls: Mapping[str, tuple[bool, bytes]]


class Line:
    """One client's connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.context: spnego.ContextProxy | None = None

    def send(self, *octets: bytes) -> None:
        self.connection.sendall(b"".join(octets))

    def cut(self) -> None:
        """End the connection for both sides at once."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def messages(self) -> Iterator[list[Element]]:
        """The messages that come in, until the client goes."""
        received = b""
        while octets := self.connection.recv(65536):
            received += octets
            while (size := _size(received)) and size <= len(received):
                yield elements(elements(received[:size])[0][1])
                received = received[size:]


Script = Callable[[Line, Asked, int], bool]
"""What to do about a search, whose page is counted from 1; False leaves it to the server."""


@dataclass
class FakeServer:
    """Listens while the block runs. `asked` and `passwords` are what came in.

    `page_cap` and `range_cap` are the most entries and values it returns at once (MaxPageSize, MaxValRange). `bind` is the result
    of a simple bind, `tls` its certificate, used at once or, with `start_tls`, when asked. `acceptor` makes the server's side of
    Negotiate.
    """

    people: Sequence[Person] = ()
    script: Script = lambda line, asked, page: False
    page_cap: int = 1000
    range_cap: int = 1500
    bind: bytes = result(0, tag=0x61)
    acceptor: Callable[[], spnego.ContextProxy] | None = None
    root_dse: Values = field(default_factory=lambda: ROOT_DSE)
    tls: ssl.SSLContext | None = None
    start_tls: bool = False
    greeting: bytes = b""
    asked: list[Asked] = field(default_factory=list)
    passwords: list[bytes] = field(default_factory=list)
    abandoned: list[int] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = [threading.Thread(target=self._accept)]
        self._lines: list[Line] = []
        self._threads[0].start()
        return self

    def __exit__(self, *reason: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        for line in self._lines:
            line.cut()
        for thread in self._threads:
            thread.join()

    @property
    def url(self) -> str:
        scheme = "ldaps" if self.tls and not self.start_tls else "ldap"
        return f"{scheme}://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line = Line(self._listener.accept()[0])
                self._lines.append(line)
                thread = threading.Thread(target=self._serve, args=(line,))
                thread.start()
                self._threads.append(thread)

    def _serve(self, line: Line) -> None:
        with suppress(OSError):
            if self.tls and not self.start_tls:
                line.connection = self.tls.wrap_socket(line.connection, server_side=True)
            if self.greeting:
                line.send(self.greeting)
            pages = 0
            for (_, number), operation, *controls in line.messages():
                request = int.from_bytes(number)
                if operation[0] == SEARCH:
                    asked = _search(request, operation[1], controls)
                    self.asked.append(asked)
                    pages += asked.cookie is not None
                    if not self.script(line, asked, pages):
                        self._answer(line, asked)
                elif operation[0] == UNBIND:
                    break
                else:
                    self._obey(line, request, *operation)
        line.cut()

    def _obey(self, line: Line, request: int, tag: int, operation: bytes) -> None:
        """Everything but a search."""
        if tag == BIND:
            choice, proof = elements(operation)[2]
            self.passwords.append(proof)
            line.send(message(request, self._negotiated(line, proof) if self.acceptor and choice == SASL else self.bind))
        elif tag == EXTENDED:
            line.send(message(request, result(0 if self.tls else 52, "no TLS here", tag=0x78)))
            if self.tls:
                line.connection = self.tls.wrap_socket(line.connection, server_side=True)
        elif tag == ABANDON:
            self.abandoned.append(int.from_bytes(operation))

    def _negotiated(self, line: Line, proof: bytes) -> bytes:
        assert self.acceptor
        line.context = line.context or self.acceptor()
        try:
            token = line.context.step(elements(proof)[1][1])
        except SpnegoError as error:
            return result(49, f"80090346: {error}", tag=0x61)
        return result(0 if line.context.complete else 14, tag=0x61, rest=tlv(0x87, token) if token else b"")

    def _answer(self, line: Line, asked: Asked) -> None:
        if not asked.base:
            line.send(entry(asked.number, "", self.root_dse), done(asked.number, cookie=None))
            return
        found = [one for one in self.people if asked.cookie is not None or one.dn == asked.base]
        first = int(asked.cookie or b"0")
        last = first + min(asked.size, self.page_cap)
        cookie = str(last).encode() if last < len(found) else b""
        sent = (entry(asked.number, one.dn, self._shown(one, asked)) for one in found[first:last])
        line.send(*sent, done(asked.number, cookie=None if asked.cookie is None else cookie))

    def _shown(self, one: Person, asked: Asked) -> Values:
        """The attributes asked for; of one with many values a range, as Active Directory does."""
        shown: dict[str, Sequence[bytes]] = {}
        for description in asked.attributes:
            name, _, option = description.partition(";range=")
            values = next((held for key, held in one.attributes.items() if key.lower() == name.lower()), ())
            low = int(option.partition("-")[0]) if option else 0
            high = low + self.range_cap
            if option or len(values) > high:
                upto = "*" if high >= len(values) else str(high - 1)
                shown[f"{name};range={low}-{upto}"] = values[low:high]
            elif values:
                shown[name] = values
        return shown


def elements(octets: bytes) -> list[Element]:
    """The elements in a row: tag and content."""
    found = []
    while octets:
        size, start = octets[1], 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(octets[2:start])
        found.append((octets[0], octets[start : start + size]))
        octets = octets[start + size :]
    return found


def _size(octets: bytes) -> int:
    """How long the first message is; 0 while that has not come in."""
    if len(octets) < 6:
        return 0
    size = octets[1]
    return size + 2 if size < 0x80 else int.from_bytes(octets[2 : 2 + (size & 0x7F)]) + 2 + (size & 0x7F)


def _search(request: int, operation: bytes, controls: Sequence[Element]) -> Asked:
    base, *_, attributes = elements(operation)
    sent = {}
    for _, control in elements(controls[0][1]) if controls else ():
        (_, oid), *rest = elements(control)
        values = dict(rest)
        sent[oid.decode()] = (bool(values.get(0x01)), values.get(0x04, b""))
    size, cookie = 1 << 30, None
    if PAGED in sent:
        ((_, content),) = elements(sent[PAGED][1])
        (_, octets), (_, cookie) = elements(content)
        size = int.from_bytes(octets)
    names = tuple(name.decode() for _, name in elements(attributes[1]))
    return Asked(request, base[1].decode(), names, size, cookie, sent)
