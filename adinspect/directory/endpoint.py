"""Where a server listens and how to sign in there, decided and checked before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from adinspect.errors import ConfigurationError

Authentication = Literal["auto", "negotiate", "simple"]
"""How the account proves who it is; `auto` is a simple bind inside TLS, and Negotiate without."""

PORTS: Mapping[str, int] = {"ldap": 389, "ldaps": 636}

GLOBAL_CATALOG = (3268, 3269)
"""Ports that show a part of the attributes as if the others had no value."""


class Security(StrEnum):
    """What protects the connection beside the sign-in itself."""

    NONE = "none"
    TLS = "tls"
    START_TLS = "start_tls"


@dataclass(frozen=True)
class Endpoint:
    """A server, and how to sign in. `negotiate` is false for a simple bind, which is never without TLS."""

    url: str
    host: str
    port: int
    security: Security
    negotiate: bool


def endpoint(url: str, authentication: Authentication, *, start_tls: bool) -> Endpoint:
    """Read an LDAP URL (ldap:// or ldaps://, a host and perhaps a port) and settle how to sign in.

    Raises:
        ConfigurationError: it is no such URL, leads to a global catalog, or the password would be in it or go out in clear text.
    """
    scheme, host, port = _parts(url)
    if port in GLOBAL_CATALOG:
        raise ConfigurationError(
            f"port {port} is the global catalog, which shows a part of the attributes as if the others had no value",
            where=url,
            next_step="Connect to the domain controller itself: ldaps://host or ldap://host without a port.",
        )
    if start_tls and scheme == "ldaps":
        raise ConfigurationError("StartTLS is for ldap://; ldaps:// has TLS from the start", where=url)
    if authentication not in ("auto", "negotiate", "simple"):
        raise ConfigurationError(f"{authentication!r} is no way to sign in", next_step="Say auto, negotiate or simple.")
    security = Security.TLS if scheme == "ldaps" else Security.START_TLS if start_tls else Security.NONE
    if authentication == "simple" and security is Security.NONE:
        raise ConfigurationError(
            "a simple bind without TLS would send the password in clear text",
            where=url,
            next_step="Use ldaps://, --start-tls, or --authentication negotiate.",
        )
    negotiate = authentication == "negotiate" or security is Security.NONE
    return Endpoint(url, host, port, security, negotiate)


def _parts(url: str) -> tuple[str, str, int]:
    """Scheme, host and port."""
    if "@" in url:  # not shown: it may hold a password
        raise ConfigurationError(
            "a server's URL holds no user and no password",
            next_step="Say --user NAME, and give the password at the prompt or with --password-file.",
        )
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        parts, port = urlsplit(""), None
    if not port or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigurationError(
            f"{url!r} is no LDAP URL",
            next_step="Write ldaps://dc1.contoso.com or ldap://dc1.contoso.com, with :PORT where it is not 636 or 389.",
        )
    if parts.scheme not in PORTS:
        raise ConfigurationError(f"{url!r} is no LDAP URL", next_step="It starts with ldaps:// or ldap://.")
    return parts.scheme, parts.hostname, port
