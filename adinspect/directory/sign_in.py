"""From a URL and a password to a signed-in connection; ldap3 opens, secures and binds, and what it raises never gets out.

An exception of ldap3 or pyspnego holds frames with the password. So failures come back as values, and are raised where no exception is being handled.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from spnego.exceptions import SpnegoError

from adinspect.directory import results, sealing
from adinspect.directory.channel import Transport
from adinspect.directory.client import LDAPExceptionError, ldap3, send_sasl_negotiation
from adinspect.directory.results import Result
from adinspect.directory.timed_socket import TimedSocket
from adinspect.directory.trust import VerifiedTls
from adinspect.errors import ConfigurationError, ConnectError

ALLOWANCE = 1 << 20
"""Octets a server may send before the sign-in is done: until then ldap3 reads, which accepts a message of any length."""

PORTS: Mapping[str, int] = {"ldap": 389, "ldaps": 636}

GLOBAL_CATALOG = (3268, 3269)
"""Ports that show a part of the attributes as if the others had no value."""

LONGEST_EXCHANGE = 10
"""Round trips of one Negotiate exchange; Kerberos and NTLM need two."""

_UNREACHED = "Is this an LDAP server, and does a firewall stand between?"

_SUB_CODE = re.compile(r"\bdata ([0-9a-f]{1,8})\b", re.IGNORECASE)
_REASONS: Mapping[str, tuple[str, str]] = {
    "525": ("there is no such user", "Give the name as name@domain or DOMAIN\\name."),
    "52e": ("the user name or the password is wrong", "Try the password elsewhere before you try again: a few more mistakes may lock the account."),
    "530": ("the account may not sign in at this time", "Look at the account's logon hours."),
    "531": ("the account may not sign in from this machine", "Look at the account's logon workstations."),
    "532": ("the password has expired", "Change it, and run again."),
    "533": ("the account is disabled", "Enable it, or sign in with another."),
    "534": ("the account may not sign in this way", "Look at the user rights on the domain controller."),
    "701": ("the account has expired", "Extend it, or sign in with another."),
    "773": ("the password must be changed before the first sign-in", "Change it, and run again."),
    "775": ("the account is locked", "Unlock it, or wait until the lockout is over."),
    "80090346": ("the channel binding is wrong or missing", "Nothing between here and the server may end the TLS connection."),
}
"""The Windows error in Active Directory's diagnostic message ([MS-ERREF]), in hexadecimal."""

_BIND_STEPS: Mapping[int, str] = {
    7: "The server does not know this way to sign in. Try ldaps://, or --authentication negotiate.",
    8: "The server wants signing or TLS. Use ldaps://, or Negotiate on ldap://; inside TLS it may refuse Negotiate, then use --authentication simple.",
    48: "The server does not allow this way to sign in. Try ldaps://, or --authentication negotiate.",
    53: "The server refuses this way to sign in. Try ldaps://, or --authentication negotiate.",
}


class Method(StrEnum):
    """How the account proves who it is."""

    NEGOTIATE = "negotiate"
    SIMPLE = "simple"


@dataclass(frozen=True)
class Credentials:
    """Who signs in."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens, and whether TLS is there from the start."""

    url: str
    host: str
    port: int
    tls: bool


class _Refused(Exception):
    """Why a connection did not come about: what, and what to do next."""

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step


class _Server(ldap3.Server):  # type: ignore[misc]  # ldap3 ships no type information
    """ldap3's server, which by itself leaves open the sockets of addresses that did not answer."""

    connection: Any = None

    def update_availability(self, address: Any, available: bool) -> None:
        if not available and self.connection.socket is not None:
            self.connection.socket.close()
        super().update_availability(address, available)


class _Connection(ldap3.Connection):  # type: ignore[misc]  # ldap3 ships no type information
    """ldap3's connection, whose own repr shows the password."""

    def __repr__(self) -> str:
        return f"<connection to {self.server.name}>"

    __str__ = __repr__


def endpoint(url: str) -> Endpoint:
    """Read an LDAP URL: ldap:// or ldaps://, a host and perhaps a port.

    Raises:
        ConfigurationError: it is something else, holds more, or leads to a global catalog.
    """
    if "@" in url:
        raise ConfigurationError("a server's URL holds no user and no password", next_step="Say --user NAME, and give the password at the prompt or with --password-file.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in PORTS or not host or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ConfigurationError(f"{url!r} is no LDAP URL", next_step="Write ldaps://dc1.contoso.com or ldap://dc1.contoso.com, with :PORT where it is not 636 or 389.")
    port = PORTS[parts.scheme] if port is None else port
    if port in GLOBAL_CATALOG:
        raise ConfigurationError(
            f"port {port} is the global catalog, which shows a part of the attributes as if the others had no value",
            where=url,
            next_step="Connect to the domain controller itself: ldaps://host or ldap://host without a port.",
        )
    return Endpoint(url, host, port, parts.scheme == "ldaps")


def sign_in(server: Endpoint, credentials: Credentials, method: Method, tls: VerifiedTls | None, *, start_tls: bool, seconds: float) -> Transport:
    """Open, secure and bind a connection, all within `seconds`. What is returned seals what it carries unless TLS does.

    Raises:
        ConnectError: the server was not reached, not trusted, or refused the account.
    """
    try:
        return _signed_in(server, credentials, method, tls, start_tls, time.monotonic() + seconds)
    except _Refused as refused:
        what, next_step = refused.what, refused.next_step
    # outside of the handler, so that the error has no context: the frames of ldap3 and pyspnego hold the password
    raise ConnectError(what, where=server.url, next_step=next_step)


def _signed_in(server: Endpoint, credentials: Credentials, method: Method, tls: VerifiedTls | None, start_tls: bool, expires: float) -> Transport:
    connection = _connection(server, credentials, tls, max(1.0, expires - time.monotonic()))
    try:
        _open(connection, expires)
        if start_tls:
            with _dealing(connection, "StartTLS failed"):
                connection.start_tls(read_server_info=False)
        transport = _simple(connection) if method is Method.SIMPLE else _negotiate(connection, credentials, server.host)
    except BaseException:
        if connection.socket is not None:
            connection.socket.close()
        raise
    finally:
        connection.password = None
    connection.socket.allowance = None
    return transport


def _connection(server: Endpoint, credentials: Credentials, tls: VerifiedTls | None, seconds: float) -> _Connection:
    try:
        socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _Refused(f"the name {server.host} leads to no address", "Look at the spelling and at DNS; or give the server's IP address.") from None
    target = _Server(server.host, server.port, use_ssl=server.tls, get_info=ldap3.NONE, tls=tls, connect_timeout=seconds)
    target.connection = _Connection(
        target,
        user=credentials.user,
        password=credentials.password.encode(),  # octets go out as they are: ldap3 would change a str (RFC 4013)
        authentication=ldap3.SIMPLE,
        check_names=False,
        auto_referrals=False,
        return_empty_attributes=False,
    )
    return target.connection


def _open(connection: _Connection, expires: float) -> None:
    with _dealing(connection, "cannot connect"):
        connection.open(read_server_info=False)
    connection.socket = TimedSocket(connection.socket, expires, ALLOWANCE)


def _simple(connection: _Connection) -> Transport:
    with _dealing(connection, "the sign-in failed"):
        connection.bind(read_server_info=False)
        answer = connection.result
    _accepted(answer)
    transport: TimedSocket = connection.socket
    return transport


def _negotiate(connection: _Connection, credentials: Credentials, host: str) -> Transport:
    inner = connection.socket.inner
    tls = inner if isinstance(inner, ssl.SSLSocket) else None
    connection.sasl_mechanism = "GSS-SPNEGO"
    with _dealing(connection, "Negotiate failed"):
        context = sealing.client(credentials.user, credentials.password, host, tls)
        token = context.step()
    for _ in range(LONGEST_EXCHANGE):
        with _dealing(connection, "the sign-in failed"):
            answer = send_sasl_negotiation(connection, None, token)
        _accepted(answer, results.SUCCESS, results.SASL_BIND_IN_PROGRESS)
        with _dealing(connection, "Negotiate failed"):
            token = None if context.complete else context.step(answer["saslCreds"])
        if answer["result"] == results.SUCCESS:
            break
    if not context.complete or answer["result"] != results.SUCCESS:
        raise _Refused("the server did not end the sign-in as Negotiate asks", "Connect with ldaps:// and --authentication simple.")
    if tls:
        return connection.socket
    if not sealing.sealed(context):
        raise _Refused("the server does not sign and seal the connection", "Connect with ldaps://.")
    return sealing.SealedSocket(connection.socket, context)


def _accepted(answer: Mapping[str, Any], *codes: int) -> None:
    """Explain a bind that was refused."""
    result = Result(answer["result"], results.printable((answer["message"] or "").encode()))
    if result.code in (codes or (results.SUCCESS,)):
        return
    sub_code = _SUB_CODE.search(result.saying)
    if sub_code and sub_code[1].lower() in _REASONS:
        what, next_step = _REASONS[sub_code[1].lower()]
        raise _Refused(f"the server refused the sign-in: {what}", next_step)
    raise _Refused(f"the server refused the sign-in: {result.explained}", _BIND_STEPS.get(result.code, ""))


@contextmanager
def _dealing(connection: _Connection, doing: str) -> Iterator[None]:
    """Whatever ldap3 and pyspnego raise, they refuse; on the octets of a server gone wrong that is any exception at all."""
    try:
        yield
    except (LDAPExceptionError, SpnegoError) as error:
        tls = connection.server.tls
        if tls is not None and tls.failure:
            raise _Refused(*tls.failure) from None
        raise _Refused(f"{doing}: {results.printable(str(error).encode())}", _UNREACHED) from None
    except Exception as error:
        raise _Refused(f"{doing}: the server's answer cannot be read ({type(error).__name__})", _UNREACHED) from None
