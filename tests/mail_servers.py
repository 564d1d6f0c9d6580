"""A real SMTP server on loopback, which takes, refuses and waits as it is told to."""

from __future__ import annotations

import asyncio
import email.policy
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

HOST = "localhost"
USER, PASSWORD = "job@contoso.com", "Correct horse 1"


@dataclass
class Taken:
    """What a server heard: mails as they came, for whom, and whether their connection was TLS."""

    mails: list[bytes] = field(default_factory=list)
    receivers: list[list[str]] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    slow: float = 0

    def mail(self) -> EmailMessage:
        """The only mail."""
        (octets,) = self.mails
        return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(octets)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names its hooks by their command
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 no such\x07 mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.slow)
        self.mails.append(envelope.original_content)
        self.receivers.append(envelope.rcpt_tos)
        self.secured.append(session.ssl is not None)
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: LoginPassword) -> AuthResult:
        sound = given.login.decode() == USER and given.password.decode() == PASSWORD
        self.signed_in.append(given.login.decode())
        return AuthResult(success=sound, handled=sound)


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd types it not


@contextmanager
def smtp(
    taken: Taken, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, sign_in: bool = False, **more: Any
) -> Iterator[int]:
    """A server; its port."""
    login: dict[str, Any] = {"authenticator": taken.authenticate, "auth_require_tls": not tls} if sign_in else {}
    server = _AnyPort(
        taken,
        hostname="127.0.0.1",
        port=0,
        tls_context=starttls,
        require_starttls=bool(starttls),
        ssl_context=tls,
        **{**login, **more},
    )
    server.start()
    try:
        yield server.port
    finally:
        server.stop()
