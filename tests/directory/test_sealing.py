"""What Negotiate seals goes out and comes in whole, whatever the sizes of buffers and messages."""

from __future__ import annotations

import hashlib
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import spnego
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from spnego import ContextReq

from adinspect.directory import sealing
from adinspect.directory.ber import MalformedError
from adinspect.directory.sealing import SealedSocket, endpoint_binding, principal, sealed
from adinspect.directory.timed_socket import TimedSocket

USER, PASSWORD = "CONTOSO\\ada", "Passw0rd.Ada1"


@dataclass
class Pair:
    """A sealed socket, and the server's end of its connection with the server's side of the seal."""

    client: SealedSocket
    server: socket.socket
    context: spnego.ContextProxy

    def seal(self, octets: bytes) -> bytes:
        whole = self.context.wrap(octets).data
        return struct.pack(">I", len(whole)) + whole

    def received(self, size: int = 1 << 16) -> bytes:
        buffer = bytearray(size)
        return bytes(buffer[: self.client.recv_into(memoryview(buffer))])


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    accounts = tmp_path / "accounts"
    accounts.write_text(USER.replace("\\", ":") + f":{PASSWORD}")
    monkeypatch.setenv("NTLM_USER_FILE", str(accounts))
    client, token = sealing.client(USER, PASSWORD, "dc1.contoso.example", None)
    server = spnego.server(options=spnego.NegotiateOptions.use_negotiate)
    while not (client.complete and server.complete):
        token = server.step(token)
        token = client.step(token) if token is not None else None
    assert sealed(client)
    near, far = socket.socketpair()
    made = Pair(SealedSocket(TimedSocket(near, time.monotonic() + 10), client), far, server)
    yield made
    made.client.close()
    far.close()


def test_what_goes_out_is_sealed(pair: Pair) -> None:
    pair.client.sendall(b"who may read this?")
    received = pair.server.recv(1000)
    assert b"who" not in received
    assert struct.unpack(">I", received[:4]) == (len(received) - 4,)
    assert pair.context.unwrap(received[4:]).data == b"who may read this?"


@pytest.mark.parametrize("piece", [1, 3, 50, 10_000])
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_buffers_are_put_together_and_taken_apart(pair: Pair, piece: int, size: int) -> None:
    message = bytes(range(256)) * 4
    pair.server.sendall(b"".join(pair.seal(message[at : at + piece]) for at in range(0, len(message), piece)))
    received = b""
    while len(received) < len(message):
        received += pair.received(size)
    assert received == message


def test_a_buffer_that_comes_in_drops_is_waited_for(pair: Pair) -> None:
    octets = pair.seal(b"Ada")
    pair.server.sendall(octets[:3])
    pair.client.expires = time.monotonic() + 0.01
    with pytest.raises(TimeoutError):
        pair.received()
    assert pair.client.expires < time.monotonic()
    pair.client.expires = time.monotonic() + 10
    pair.server.sendall(octets[3:])
    assert pair.received() == b"Ada"


def test_an_empty_buffer_is_not_the_end(pair: Pair) -> None:
    pair.server.sendall(pair.seal(b"") + pair.seal(b"Ada"))
    assert pair.received() == b"Ada"


def test_the_end_is_the_end(pair: Pair) -> None:
    pair.server.sendall(pair.seal(b"Ada")[:-1])
    pair.server.close()
    assert pair.received() == b""


def test_a_buffer_larger_than_any_is_refused_at_once(pair: Pair) -> None:
    pair.server.sendall(b"\x01\0\0\0")
    with pytest.raises(MalformedError, match="a sealed buffer of 16,777,216 octets"):
        pair.received()


@pytest.mark.parametrize("place", [4, 8, -1])
def test_a_broken_seal_is_refused(pair: Pair, place: int) -> None:
    octets = bytearray(pair.seal(b"Ada"))
    octets[place] ^= 1
    pair.server.sendall(octets)
    with pytest.raises(MalformedError, match="whose seal is broken"):
        pair.received()


@pytest.mark.parametrize("octets", [b"", b"short", bytes(16)])
def test_what_is_no_sealed_buffer_is_refused(pair: Pair, octets: bytes) -> None:
    pair.server.sendall(struct.pack(">I", len(octets)) + octets)
    with pytest.raises(MalformedError, match="whose seal is broken"):
        pair.received()


def test_a_buffer_sent_twice_is_refused(pair: Pair) -> None:
    octets = pair.seal(b"Ada")
    pair.server.sendall(octets * 2)
    assert pair.received() == b"Ada"
    with pytest.raises(MalformedError, match="whose seal is broken"):
        pair.received()


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("ada@contoso.com", "ada@CONTOSO.COM"),
        ("a@b@contoso.com", "a@b@CONTOSO.COM"),
        ("CONTOSO\\ada", "CONTOSO\\ada"),
        ("ada", "ada"),
    ],
)
def test_a_realm_is_in_capitals(user: str, expected: str) -> None:
    assert principal(user) == expected


class Peer:
    """The client's side of a TLS connection to a server with this certificate."""

    def __init__(self, certificate: bytes) -> None:
        self.certificate = certificate

    def getpeercert(self, binary_form: bool) -> bytes:
        assert binary_form
        return self.certificate


ECDSA_WITH_SHA256, ECDSA_WITH_WHAT = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d04037f")


@pytest.mark.parametrize(
    ("key", "algorithm", "digest"),
    [
        (ec.generate_private_key(ec.SECP256R1()), hashes.SHA256(), "sha256"),
        (ec.generate_private_key(ec.SECP256R1()), hashes.SHA384(), "sha384"),
        (ed25519.Ed25519PrivateKey.generate(), None, "sha256"),
    ],
)
def test_a_connection_is_bound_to_the_hash_of_its_certificate(key: Any, algorithm: Any, digest: str) -> None:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "dc1.contoso.example")])
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, moment, moment)
    certificate = builder.sign(key, algorithm).public_bytes(serialization.Encoding.DER)
    for octets in (certificate, certificate.replace(ECDSA_WITH_SHA256, ECDSA_WITH_WHAT)):
        binding = endpoint_binding(cast("ssl.SSLSocket", Peer(octets)))
        assert binding.application_data == b"tls-server-end-point:" + hashlib.new(digest, octets).digest()


@dataclass
class Made:
    """Stands for a context that pyspnego made: what was asked of it, and whether it can be had."""

    protocol: str
    context_req: int
    channel_bindings: object
    fails: bool = False
    _context_req: int = sealing.KEY_EXCHANGE | 1

    def step(self) -> bytes:
        if self.fails:
            raise RuntimeError("no ticket")
        return self.protocol.encode()


@pytest.mark.parametrize(
    ("installed", "without_ticket", "protocol", "exchanges_keys"),
    [
        (None, False, "ntlm", False),
        ("gssapi", False, "kerberos", True),
        ("gssapi", True, "ntlm", False),
        ("sspilib", False, "negotiate", True),
    ],
)
def test_inside_tls_kerberos_comes_first(
    installed: str | None, without_ticket: bool, protocol: str, exchanges_keys: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(*, protocol: str = "negotiate", context_req: int, channel_bindings: object, **who: str) -> Made:
        assert who == {"username": USER, "password": PASSWORD, "hostname": "dc1.contoso.example", "service": "ldap"}
        return Made(protocol, context_req, channel_bindings, fails=without_ticket and protocol == "kerberos")

    monkeypatch.setattr(sealing, "find_spec", lambda name: name == installed)
    monkeypatch.setattr(sealing, "endpoint_binding", lambda tls: "binding")
    monkeypatch.setattr(spnego, "client", made)
    context, token = sealing.client(USER, PASSWORD, "dc1.contoso.example", cast("ssl.SSLSocket", Peer(b"")))
    assert token == protocol.encode()
    assert isinstance(context, Made)
    assert context.channel_bindings == "binding"
    assert not context.context_req & (ContextReq.integrity | ContextReq.confidentiality)
    assert bool(context._context_req & sealing.KEY_EXCHANGE) is exchanges_keys


@pytest.mark.parametrize(
    ("agreed", "is_sealed"),
    [
        (ContextReq.integrity | ContextReq.confidentiality, True),
        (ContextReq.integrity, False),
        (ContextReq.confidentiality, False),
        (ContextReq.none, False),
    ],
)
def test_a_connection_is_sealed_only_when_both_are_agreed(
    agreed: ContextReq, is_sealed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, _ = sealing.client(USER, PASSWORD, "dc1.contoso.example", None)
    monkeypatch.setattr(type(context), "context_attr", agreed)
    assert sealed(context) is is_sealed
