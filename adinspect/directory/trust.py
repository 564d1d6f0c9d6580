"""TLS whose certificates are verified, chain and name, and failures that say what is wrong with them."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adinspect.directory.client import ldap3
from adinspect.errors import ConfigurationError

_CA = "Give the certificate of the CA that issued it (PEM): --ca FILE. Windows: certutil -ca.cert, then certutil -encode."
_PORT = "Is this a TLS port? LDAPS is 636. A domain controller without a certificate has no TLS at all."
_RENEW = "Renew the certificate on the domain controller."
_NAME = "Connect under a name that is in the certificate (the domain controller's DNS name), or issue one for this name."
_REISSUE = "Issue that certificate anew and give it with --ca FILE, or use Negotiate on ldap://, which needs no certificate."

_FAULTS: Mapping[int, tuple[str, str]] = {
    2: ("the CA that issued the server's certificate is unknown", _CA),
    9: ("the server's certificate, or its CA's, is not valid yet", "Look at the clocks of both machines."),
    10: ("the server's certificate, or its CA's, has expired", _RENEW),
    18: ("the server's certificate is self-signed and not known here", _CA),
    19: ("a self-signed CA that is not known here issued the server's certificate", _CA),
    20: ("the CA that issued the server's certificate is unknown", _CA),
    21: ("the CA that issued the server's certificate is unknown", _CA),
    24: ("the certificate that issued the server's is not one of a CA", _CA),
    26: ("the server's certificate is not meant for servers", "Issue one with the extended key usage serverAuth."),
    62: ("the server's certificate is for another name", _NAME),
    64: ("the server's certificate is not for this IP address", _NAME),
    79: ("the CA certificate is not what RFC 5280 asks for, and Python 3.13 and later refuse it", _REISSUE),
    85: ("the certificate says no authority key identifier, and Python 3.13 and later refuse it", _REISSUE),
    86: ("the CA certificate says no subject key identifier, and Python 3.13 and later refuse it", _REISSUE),
    89: ("the CA certificate's basic constraints are not critical, and Python 3.13 and later refuse it", _REISSUE),
    92: ("the CA certificate says no key usage, and Python 3.13 and later refuse it", _REISSUE),
}
"""X509_V_ERR_* of OpenSSL (x509_vfy.h): what is wrong, and what to do."""


def context(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or later with verified certificates; `ca_file` (PEM) stands in for the system's CAs.

    Raises:
        ConfigurationError: the file cannot be read or holds no certificate.
    """
    try:
        made = ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        what = "the file of CA certificates cannot be read, or holds none"
        raise ConfigurationError(what, where=str(ca_file), next_step="--ca takes a file of certificates in PEM.") from None
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


class VerifiedTls(ldap3.Tls):  # type: ignore[misc]  # ldap3 ships no type information
    """ldap3's hook for TLS, verified by Python: ldap3 does not compare IP addresses, and by default verifies nothing.

    `failure` says what was wrong with the last handshake, and what to do: ldap3 keeps the text of an exception alone.
    """

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.context = context
        self.host = host
        self.failure: tuple[str, str] | None = None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Put TLS around ldap3's socket; with StartTLS that one is a TimedSocket already."""
        timed = getattr(connection.socket, "inner", None)
        self.failure = None
        try:
            tls = self.context.wrap_socket(timed or connection.socket, server_hostname=self.host)
        except OSError as error:
            self.failure = explain(error)
            raise
        if timed:
            connection.socket.inner = tls
        else:
            connection.socket = tls


def explain(error: OSError) -> tuple[str, str]:
    """What is wrong with a failed handshake, and what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _FAULTS.get(error.verify_code, (f"the server's certificate was refused: {error.verify_message}", _CA))
    if isinstance(error, TimeoutError):
        return "the server did not answer the TLS handshake in time", _PORT
    return f"no TLS with this server: {error.strerror or error}", _PORT
