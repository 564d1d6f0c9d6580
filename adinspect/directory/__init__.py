"""Where entries come from: one Protocol, one module a source; everything they yield is Arrow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from pyarrow import RecordBatch

from adinspect.search import Scope as Scope  # part of what a source must know
from adinspect.search import Search as Search
from adinspect.secret_attributes import SECRET_ATTRIBUTES as SECRET_ATTRIBUTES  # every source refuses them

UNASKED = "unasked"
"""Name of the column in which an export says what it cannot tell of an entry (Directory.search)."""


@dataclass(frozen=True)
class Contexts:
    """The naming contexts a directory holds, as DNs in the directory's own spelling; None or empty: not held here."""

    configuration: str | None
    schema: str | None
    root_domain: str | None
    domains: tuple[str, ...]


@dataclass(frozen=True)
class Root:
    """What a directory says of itself before anything is searched.

    `forest` is the DNS name of the forest root domain. `source` is what a person calls the directory (an LDAP URL,
    file names); `account` is who asked (empty for files). `now` is the server's clock in UTC; `token_sids` are
    the SIDs of the account and its groups.
    """

    forest: str
    source: str
    contexts: Contexts
    account: str = ""
    now: datetime | None = None
    highest_usn: int | None = None
    invocation_id: str | None = None
    token_sids: frozenset[str] = frozenset()


class Directory(Protocol):
    """A source of entries that is only ever read."""

    @property
    def root(self) -> Root:
        """What the directory says of itself."""
        ...

    @property
    def dropped(self) -> Mapping[str, int]:
        """How many values of secret attributes it was given although nobody asked, and dropped at once, by attribute."""
        ...

    def search(self, search: Search) -> Iterator[RecordBatch]:
        """Yield entries a page at a time: column `dn` (binary, as sent), then `list<binary>` per attribute, in the order asked.

        A null list means the entry shows no such attribute; attribute names are matched without regard to case. Every
        value of a multi-valued attribute is there (range retrieval is the directory's work). An export may add the column
        UNASKED: the attributes (as spelt here, list<string>) that nobody is known to have asked the server for on that entry.

        Raises:
            ConfigurationError: the base does not exist.
            IncompleteError: the directory ended the search before its end (cut connection, error result, missing
                paging control, time limit). What was yielded before stays valid.
        """
        ...

    def unasked(self, attributes: Collection[str], base: str) -> frozenset[str]:
        """Which of these attributes (as spelt here) entries of the naming context `base` may lack because nobody asked for them.

        A live directory answers the empty set. An export answers an attribute if some entry of the context was exported only
        where neither an entry of the context shows the attribute nor anything tells that it was asked for.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *reason: object) -> None: ...
