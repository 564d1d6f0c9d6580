"""From a server and a password to a signed-in connection. ldap3 opens, secures and binds, and nothing it raises gets out.

The exceptions of ldap3 and pyspnego hold frames with the password in them. So no error of ours has one as its cause or context.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from spnego.exceptions import SpnegoError

from adinspect.directory import results, sealing
from adinspect.directory.channel import Transport
from adinspect.directory.client import LDAPExceptionError, ldap3, send_sasl_negotiation
from adinspect.directory.endpoint import Endpoint, Security
from adinspect.directory.results import Result
from adinspect.directory.timed_socket import TimedSocket
from adinspect.directory.trust import VerifiedTls
from adinspect.errors import ConnectError

ALLOWANCE = 1 << 20
"""Octets a server may send before the sign-in is done: until then ldap3 reads, which accepts a message of any length."""

LONGEST_EXCHANGE = 10
"""Round trips of one Negotiate exchange; Kerberos and NTLM need two."""

_SUB_CODE = re.compile(r"^(80090346)\b|\bdata ([0-9a-f]{1,8})\b", re.IGNORECASE)
_WRONG = ("the user name or the password is wrong", "Be sure of the password first: a few more mistakes may lock the account.")
_REASONS: Mapping[str, tuple[str, str]] = {
    "490": _WRONG,  # Samba's answer to a wrong password of name@domain
    "525": ("there is no such user", "Give the name as name@domain or DOMAIN\\name."),
    "52e": _WRONG,
    "530": ("the account may not sign in at this time", "Look at the account's logon hours."),
    "531": ("the account may not sign in from this machine", "Look at the account's logon workstations."),
    "532": ("the password has expired", "Change it, and run again."),
    "533": ("the account is disabled", "Enable it, or sign in with another."),
    "534": ("the account may not sign in this way", "Look at the user rights on the domain controller."),
    "701": ("the account has expired", "Extend it, or sign in with another."),
    "773": ("the password must be changed before the first sign-in", "Change it, and run again."),
    "775": ("the account is locked", "Unlock it, or wait until the lockout is over."),
    "80090346": (
        "the channel binding is wrong or missing",
        "Use --authentication negotiate, and nothing in between that ends TLS.",
    ),
}
"""The Windows error in Active Directory's diagnostic message ([MS-ERREF] 2.2), in hexadecimal."""

_OTHER_WAY = "Use ldaps://, or --authentication negotiate."
_BIND_STEPS: Mapping[int, str] = {
    7: _OTHER_WAY,
    8: "Use Negotiate on ldap://, which signs and seals, or a simple bind on ldaps://.",
    48: _OTHER_WAY,
    53: _OTHER_WAY,
}
_UNREACHED = "Is this an LDAP server, and does a firewall stand between?"


@dataclass(frozen=True)
class Credentials:
    """Who signs in."""

    user: str
    password: str = field(repr=False)


class _RefusedError(Exception):
    """Why a connection did not come about: what, and what to do next."""

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step


class _Server(ldap3.Server):  # type: ignore[misc]  # ldap3 ships no type information
    """ldap3's server, which by itself leaves open the sockets of addresses that did not answer."""

    connection: _Connection

    def update_availability(self, address: Any, available: bool) -> None:
        if not available and self.connection.socket is not None:
            self.connection.socket.close()
        super().update_availability(address, available)


class _Connection(ldap3.Connection):  # type: ignore[misc]  # ldap3 ships no type information
    """ldap3's connection, whose own repr shows the password."""

    def __repr__(self) -> str:
        return f"<connection to {self.server.name}>"

    __str__ = __repr__


def sign_in(server: Endpoint, credentials: Credentials, tls: VerifiedTls | None, seconds: float) -> Transport:
    """Open, secure and bind a connection, all within `seconds`. What is returned seals what it carries unless TLS does.

    Raises:
        ConnectError: the server was not reached, not trusted, or refused the account.
    """
    try:
        return _signed_in(server, credentials, tls, seconds)
    except _RefusedError as refused:
        what, next_step = refused.what, refused.next_step
    raise ConnectError(what, where=server.url, next_step=next_step)  # outside of the handler: without a context


def _signed_in(server: Endpoint, credentials: Credentials, tls: VerifiedTls | None, seconds: float) -> Transport:
    expires = time.monotonic() + seconds
    connection = _connection(server, credentials, tls, seconds)
    try:
        with _dealing(connection, "cannot connect"):
            connection.open(read_server_info=False)
        connection.socket = TimedSocket(connection.socket, expires, ALLOWANCE)
        if server.security is Security.START_TLS:
            with _dealing(connection, "StartTLS failed"):
                connection.start_tls(read_server_info=False)
        timed: TimedSocket = connection.socket
        transport = _negotiate(connection, timed, credentials, server.host) if server.negotiate else _simple(connection, timed)
    except BaseException:
        if connection.socket is not None:
            connection.socket.close()
        raise
    finally:
        connection.password = None
    timed.allowance = None
    return transport


def _connection(server: Endpoint, credentials: Credentials, tls: VerifiedTls | None, seconds: float) -> _Connection:
    try:
        socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        what = f"the name {server.host} leads to no address"
        raise _RefusedError(what, "Look at the spelling and at DNS, or give the server's IP address.") from None
    target = _Server(
        server.host,
        server.port,
        use_ssl=server.security is Security.TLS,
        get_info=ldap3.NONE,
        tls=tls,
        connect_timeout=seconds,
    )
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


def _simple(connection: _Connection, timed: TimedSocket) -> Transport:
    with _dealing(connection, "the sign-in failed"):
        connection.bind(read_server_info=False)
        _accepted(connection.result)
    return timed


def _negotiate(connection: _Connection, timed: TimedSocket, credentials: Credentials, host: str) -> Transport:
    tls = timed.inner if isinstance(timed.inner, ssl.SSLSocket) else None
    connection.sasl_mechanism = "GSS-SPNEGO"
    with _dealing(connection, "Negotiate failed"):
        context, token = sealing.client(credentials.user, credentials.password, host, tls)
        code = results.SASL_BIND_IN_PROGRESS
        for _ in range(LONGEST_EXCHANGE):
            answer = send_sasl_negotiation(connection, None, token)
            code = _accepted(answer, results.SASL_BIND_IN_PROGRESS)
            token = None if context.complete else context.step(answer["saslCreds"])
            if code == results.SUCCESS:
                break
    if code != results.SUCCESS or not context.complete:
        raise _RefusedError("the server did not end the sign-in as Negotiate asks", "Use ldaps:// and --authentication simple.")
    if tls:
        return timed
    if not sealing.sealed(context):
        raise _RefusedError("the server does not sign and seal the connection", "Use ldaps://.")
    return sealing.SealedSocket(timed, context)


def _accepted(answer: Mapping[str, Any], *codes: int) -> int:
    """The result code of a bind, or why it was refused."""
    if answer["type"] != "bindResponse":
        raise _RefusedError("the server answered the sign-in with something else", _UNREACHED)
    result = Result(answer["result"], results.printable((answer["message"] or "").encode()))
    if result.code in (results.SUCCESS, *codes):
        return result.code
    sub_code = _SUB_CODE.search(result.saying)
    reason = _REASONS.get((sub_code[1] or sub_code[2]).lower()) if sub_code else None
    if reason:
        raise _RefusedError(f"the server refused the sign-in: {reason[0]}", reason[1])
    raise _RefusedError(f"the server refused the sign-in: {result.explained}", _BIND_STEPS.get(result.code, ""))


@contextmanager
def _dealing(connection: _Connection, doing: str) -> Iterator[None]:
    """Whatever ldap3 and pyspnego raise, they refuse: on octets that are no answer ldap3 raises any exception at all."""
    try:
        yield
    except _RefusedError:
        raise
    except (LDAPExceptionError, SpnegoError) as error:
        tls: VerifiedTls | None = connection.server.tls
        if tls and tls.failure:
            raise _RefusedError(*tls.failure) from None
        raise _RefusedError(f"{doing}: {results.printable(str(error).encode())}", _UNREACHED) from None
    except Exception as error:
        raise _RefusedError(f"{doing}: the server's answer cannot be read ({type(error).__name__})", _UNREACHED) from None
