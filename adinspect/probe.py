"""Looks at the certificate a host presents on a TLS port, also where it does not verify; nothing is ever sent inside TLS."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from adinspect.certificates import Bundle, load
from adinspect.directory import trust
from adinspect.errors import ConfigurationError

PORT = 5061
"""SIP over TLS (RFC 3261, section 19.1.2), which Lync, Exchange UM and its call router listen on."""

SECONDS = 10.0
"""How long one probe may take, its two handshakes together, unless the user says otherwise."""

AT_A_TIME = 8

HANDSHAKE = b"\x16"
"""How a record of the handshake begins; an alert begins otherwise (RFC 8446, section 5.1)."""

DER = 2
"""What the certificates of OpenSSL's bindings call the encoding DER (ENCODING_DER)."""


@dataclass(frozen=True)
class Endpoint:
    """A host, in lower case, and the port to look at."""

    host: str
    port: int = PORT

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """Read HOST or HOST:PORT; an IPv6 address with a port stands in brackets.

        Raises:
            ConfigurationError: it is neither.
        """
        match = re.fullmatch(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:/\[\]@]+))(?::(?P<port>[0-9]{1,5}))?", text.strip())
        port = int(match["port"]) if match and match["port"] else PORT
        if not match or not 0 < port < 65536:
            raise ConfigurationError(
                f"{text!r} is no host to probe",
                next_step="Write --probe HOST or --probe HOST:PORT, such as --probe ex1.contoso.com:5061.",
            )
        return cls((match["six"] or match["host"]).lower().rstrip("."), port)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def system_roots(ca_file: Path | None) -> tuple[x509.Certificate, ...]:
    """The roots that this machine trusts, or those of a file in their place; ones that cannot be read are left out.

    Raises:
        ConfigurationError: the file cannot be read or holds no certificate.
    """
    found = []
    for octets in trust.context(ca_file).get_ca_certs(binary_form=True):
        with contextlib.suppress(ValueError):
            found.append(load(octets))
    return tuple(found)


def verifying(ca_file: Path | None, roots: Sequence[x509.Certificate]) -> ssl.SSLContext:
    """TLS 1.2 or later that trusts this machine's roots, or those of a file in their place, and these too.

    Raises:
        ConfigurationError: the file cannot be read or holds no certificate.
    """
    context = trust.context(ca_file)
    # Python 3.13 refuses what RFC 5280 frowns upon and takes any CA it knows for a root; Lync and Exchange do neither
    context.verify_flags &= ~(ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN)
    for root in roots:
        with contextlib.suppress(ssl.SSLError):  # OpenSSL does not take what it cannot read
            context.load_verify_locations(cadata=root.public_bytes(Encoding.DER))
    return context


def _reading() -> ssl.SSLContext:
    """TLS of any version that verifies nothing: only to read the chain of a host that did not verify."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:!aNULL:@SECLEVEL=0")  # a weak certificate must be told, so it must be readable
    return context


def probe_all(
    endpoints: Sequence[Endpoint], ca_file: Path | None, roots: Sequence[x509.Certificate], seconds: float = SECONDS
) -> list[Bundle]:
    """What each host presents, in the order they are given; some are probed at the same time.

    A probe that fails is an answer too (`problem`), never an error. A host that does not verify is asked once more, to read its
    chain alone.

    Raises:
        ConfigurationError: the file of CA certificates cannot be read or holds none.
    """
    context = verifying(ca_file, roots)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        presented = list(pool.map(lambda endpoint: _probe(endpoint, context, time.monotonic() + seconds), endpoints))
    return [_bundle(endpoint, shaken) for endpoint, shaken in zip(endpoints, presented, strict=True)]


@dataclass(frozen=True)
class _Shaken:
    """How a handshake ended: the chain in DER as sent, or up to the root where it verified."""

    verified: bool
    chain: tuple[bytes, ...] = ()
    problem: str = ""
    connected: bool = True


def _probe(endpoint: Endpoint, context: ssl.SSLContext, expires: float) -> _Shaken:
    first = _shake(endpoint, context, expires)
    if first.verified or not first.connected:
        return first
    second = _shake(endpoint, _reading(), expires)
    return replace(first, chain=second.chain or first.chain)


def _shake(endpoint: Endpoint, context: ssl.SSLContext, expires: float) -> _Shaken:
    try:
        connection = _connected(endpoint, expires)
    except (OSError, UnicodeError) as error:
        return _Shaken(False, problem=f"no connection to {endpoint}: {_why(error)}", connected=False)
    with connection:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname=endpoint.host)
        answered = False
        try:
            while not _finished(tls):
                flight = outgoing.read()
                answered = answered or (flight[:1] == HANDSHAKE and bool(_sent(tls)))
                _exchange(connection, flight, incoming, expires)
            connection.sendall(outgoing.read())
        except OSError as error:
            return _broken_off(tls, error, verified=answered and context.verify_mode == ssl.CERT_REQUIRED)
    verified = context.verify_mode == ssl.CERT_REQUIRED
    return _Shaken(verified, _sent(tls, verified=verified))


def _broken_off(tls: ssl.SSLObject, error: OSError, *, verified: bool) -> _Shaken:
    """A handshake without an end. It has verified where we had answered the host: that comes after its certificate was found good
    and it had proved to hold the key."""
    problem = trust.explain(error)[0]
    if verified and not isinstance(error, TimeoutError):
        problem = "the host ended the handshake when we had no certificate to show, as one does that asks for it (mutual TLS)"
    return _Shaken(verified, _sent(tls, verified=verified), problem)


def _finished(tls: ssl.SSLObject) -> bool:
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def _exchange(connection: socket.socket, flight: bytes, incoming: ssl.MemoryBIO, expires: float) -> None:
    """Send our part of a handshake and wait for the next piece of the host's."""
    connection.settimeout(_left(expires))
    connection.sendall(flight)
    octets = connection.recv(65536)
    if octets:
        incoming.write(octets)
    else:
        incoming.write_eof()


def _sent(tls: ssl.SSLObject, *, verified: bool = False) -> tuple[bytes, ...]:
    """The chain the host sent, or the one that verified, in DER.

    Asked of the object behind: before Python 3.13 the object itself tells the first certificate only, and never that of a
    handshake which the host ended.
    """
    behind: Any = getattr(tls, "_sslobj", None)
    read = getattr(behind, "get_verified_chain" if verified else "get_unverified_chain", None)
    certificates = (read() if read else None) or ()
    return tuple(one.public_bytes(DER) for one in certificates)


def _connected(endpoint: Endpoint, expires: float) -> socket.socket:
    """A connection to the first address of the host that answers before the time is over."""
    last: OSError = OSError("it has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(_left(expires))
            connection.connect(address)
        except OSError as error:
            connection.close()
            last = error
        else:
            return connection
    raise last


def _left(expires: float) -> float:
    left = expires - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _bundle(endpoint: Endpoint, shaken: _Shaken) -> Bundle:
    verified, problem = shaken.verified, shaken.problem
    try:
        certificates = tuple(dict.fromkeys(map(load, shaken.chain)))
    except ValueError as error:
        certificates, verified, problem = (), False, f"the host presents a certificate that cannot be read: {error}"
    origin = {"probe": str(endpoint), "certificates": len(certificates), "verified": verified, "problem": problem}
    return Bundle(certificates, origin, endpoint.host, endpoint.port, verified, problem, datetime.now(UTC))
