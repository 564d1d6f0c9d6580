"""A live domain controller as a Directory: signed in once, then only read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Self

from pyarrow import RecordBatch

from adinspect.directory import Root, Search, requests, root_dse
from adinspect.directory.channel import Channel
from adinspect.directory.discovery import locate
from adinspect.directory.endpoint import Authentication, Security, endpoint
from adinspect.directory.paging import Searcher
from adinspect.directory.sign_in import Credentials, sign_in
from adinspect.directory.trust import VerifiedTls, context
from adinspect.errors import ConfigurationError

__all__ = ["Authentication", "LiveDirectory", "connect", "locate"]

TIME_LIMIT = 120.0
"""Seconds for the sign-in and for each page: Active Directory's own limit (MaxQueryDuration) of a search."""


class LiveDirectory:
    """A Directory over LDAP (RFC 4511); a context manager that signs out."""

    def __init__(self, channel: Channel, searcher: Searcher, root: Root) -> None:
        self._channel = channel
        self._searcher = searcher
        self._root = root

    @property
    def root(self) -> Root:
        """What the domain controller says of itself."""
        return self._root

    @property
    def references(self) -> int:
        """How many references to other servers were left out so far; none is ever followed."""
        return self._searcher.references

    @property
    def dropped(self) -> Mapping[str, int]:
        """Secret attributes that came nevertheless, with their number of values: none, for none is asked for."""
        return {}

    def search(self, search: Search) -> Iterator[RecordBatch]:
        """Yield entries a page at a time (Directory.search); several searches may be under way at once.

        Raises:
            ValueError: an attribute is secret, or is no attribute's name.
            ConfigurationError: the base does not exist.
            IncompleteError: the server ended the search before its end. What was yielded before stays valid.
        """
        return self._searcher.search(search)

    def unasked(self, attributes: Collection[str], base: str) -> frozenset[str]:
        """None: every attribute of a search is asked for."""
        return frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self._channel.close()


def connect(
    url: str,
    *,
    user: str,
    password: str,
    ca_file: Path | str | None = None,
    authentication: Authentication = "auto",
    start_tls: bool = False,
    page_size: int = 1000,
    time_limit: float = TIME_LIMIT,
) -> LiveDirectory:
    """Sign in to a domain controller.

    `url` is ldaps://host[:port] or ldap://host[:port]. Negotiate signs and seals, or is bound to the TLS connection where there
    is one. `ca_file` (PEM) stands in for the system's CAs. `time_limit` is in seconds, for the sign-in and for each page.

    Raises:
        ConfigurationError: the URL, the CA file or the combination is wrong; nothing was sent.
        ConnectError: the server was not reached, not trusted, is no domain controller, or refused the account.
    """
    credentials = Credentials(user, password)
    del password  # a traceback that shows the variables of its frames would show it
    server = endpoint(url, authentication, start_tls=start_tls)
    if not credentials.user or not credentials.password:
        # a server takes a simple bind without a password for an anonymous one, and lets it in (RFC 4513, 5.1.2)
        raise ConfigurationError("the user name or the password is empty", where=url)
    tls = None if server.security is Security.NONE else VerifiedTls(context(Path(ca_file) if ca_file else None), server.host)
    channel = Channel(sign_in(server, credentials, tls, time_limit))
    try:
        asking = Searcher(channel, url, page_size=page_size, time_limit=time_limit)
        values = root_dse.read(asking, url)
        root = root_dse.root(asking, values, url, user)
    except BaseException:
        channel.close()
        raise
    known = root_dse.knows(values, requests.DOMAIN_SCOPE)
    return LiveDirectory(channel, Searcher(channel, url, page_size=page_size, time_limit=time_limit, domain_scope=known), root)
