"""Negotiate through pyspnego: bound to a TLS connection, or a socket that signs and seals by itself."""

from __future__ import annotations

import ssl
import struct
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import spnego
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from spnego.channel_bindings import GssChannelBindings
from spnego.exceptions import SpnegoError

from adinspect.directory.ber import MalformedError
from adinspect.directory.timed_socket import TimedSocket

LARGEST_BUFFER = 0xFFFFFF
"""Octets of the largest SASL buffer that is accepted: the most that a security layer can negotiate (RFC 4752, 3.1)."""

RECEIVE = 1 << 18
"""Octets that are received at once."""

KEY_EXCHANGE = 0x4000_0000
"""NTLMSSP_NEGOTIATE_KEY_EXCH ([MS-NLMP] 2.2.2.5)."""

_MUTUAL = spnego.ContextReq.mutual_auth
_SEALED = spnego.ContextReq.integrity | spnego.ContextReq.confidentiality


class SealedSocket:
    """Wraps each buffer that goes out and unwraps each that comes in (RFC 4422, 3.7); a message may span several."""

    def __init__(self, inner: TimedSocket, context: spnego.ContextProxy) -> None:
        self._inner = inner
        self._context = context
        self._sealed = bytearray()
        self._plain = memoryview(b"")

    @property
    def expires(self) -> float:
        """When every wait ends, on time.monotonic's clock."""
        return self._inner.expires

    @expires.setter
    def expires(self, moment: float) -> None:
        self._inner.expires = moment

    def sendall(self, octets: bytes) -> None:
        """Seal and send."""
        sealed = self._context.wrap(octets, encrypt=True).data
        self._inner.sendall(struct.pack(">I", len(sealed)) + sealed)

    def recv_into(self, buffer: memoryview) -> int:
        """Receive unsealed octets into a buffer; their number, 0 when the other side has closed.

        Raises:
            MalformedError: a buffer is too large, or its seal is broken.
        """
        while not self._plain:
            if not self._open():
                received = self._inner.recv(RECEIVE)
                if not received:
                    return 0
                self._sealed += received
        size = min(len(buffer), len(self._plain))
        buffer[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size

    def close(self) -> None:
        """Close the socket."""
        self._inner.close()

    def _open(self) -> bool:
        """Unseal the first buffer if all of it has come in."""
        if len(self._sealed) < 4:
            return False
        size = int.from_bytes(self._sealed[:4])
        if size > LARGEST_BUFFER:
            raise MalformedError(f"a sealed buffer of {size:,} octets")
        if len(self._sealed) < 4 + size:
            return False
        sealed = bytes(self._sealed[4 : 4 + size])
        del self._sealed[: 4 + size]
        try:
            self._plain = memoryview(self._context.unwrap(sealed).data)
        except (SpnegoError, ValueError, struct.error):
            raise MalformedError("a buffer whose seal is broken") from None
        return True


def client(user: str, password: str, host: str, tls: ssl.SSLSocket | None) -> tuple[spnego.ContextProxy, bytes | None]:
    """The client's side of Negotiate and its first token: bound to TLS, or asking for sign and seal where there is none.

    Raises:
        SpnegoError: no mechanism is to be had for these credentials.
    """
    options: dict[str, Any] = {"username": principal(user), "password": password, "hostname": host, "service": "ldap"}
    if tls is None:
        context = spnego.client(**options, context_req=_MUTUAL | _SEALED)
        return context, context.step()
    # inside TLS a domain controller refuses a second layer, which Kerberos would agree on by itself
    options |= {"context_req": _MUTUAL | spnego.ContextReq.no_integrity, "channel_bindings": endpoint_binding(tls)}
    if find_spec("sspilib"):
        context = spnego.client(**options)
        return context, context.step()
    return _kerberos_or_ntlm(options)


def _kerberos_or_ntlm(options: dict[str, Any]) -> tuple[spnego.ContextProxy, bytes | None]:
    """One mechanism without SPNEGO around it (Samba takes that), since pyspnego lets nobody set the flags of the NTLM within."""
    if find_spec("gssapi"):
        with suppress(Exception):  # without a ticket pyspnego raises what the Kerberos library raised
            context = spnego.client(**options, protocol="kerberos")
            return context, context.step()
    context = spnego.client(**options, protocol="ntlm")
    # pyspnego 0.12 asks for a key exchange even without a layer, and then sends a key of one octet, which Samba refuses
    context._context_req &= ~KEY_EXCHANGE
    return context, context.step()


def principal(user: str) -> str:
    """The user as Kerberos writes it, whose realms are in capitals; NTLM takes either. DOMAIN\\name stays as it is."""
    name, at, realm = user.rpartition("@")
    return f"{name}{at}{realm.upper()}" if at else user


def sealed(context: spnego.ContextProxy) -> bool:
    """Whether both sides agreed to sign and to seal."""
    return (context.context_attr & _SEALED) == _SEALED


def endpoint_binding(tls: ssl.SSLSocket) -> GssChannelBindings:
    """What binds a sign-in to this TLS connection: tls-server-end-point (RFC 5929, 4)."""
    certificate = tls.getpeercert(binary_form=True)
    assert certificate is not None, "the handshake is over and the server's certificate was verified"  # noqa: S101 - narrows a type
    digest = hashes.Hash(_digest(certificate))
    digest.update(certificate)
    return GssChannelBindings(application_data=b"tls-server-end-point:" + digest.finalize())


def _digest(certificate: bytes) -> hashes.HashAlgorithm:
    """The hash of the certificate's signature; SHA-256 in place of MD5, SHA-1 and of none (RFC 5929, 4.1)."""
    try:
        algorithm: Any = x509.load_der_x509_certificate(certificate).signature_hash_algorithm
    except UnsupportedAlgorithm:
        algorithm = None
    return hashes.SHA256() if algorithm is None or algorithm.name in ("md5", "sha1") else algorithm
