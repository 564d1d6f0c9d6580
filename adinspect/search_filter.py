"""LDAP search filters (RFC 4515): the subset that query files may use, parsed once and evaluated on entries the way AD does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Entry = Mapping[str, Sequence[bytes]]
"""An entry's attributes by lower-cased name, with their values as octets."""


@dataclass(frozen=True)
class Filter:
    """A parsed filter; `text` is what goes to a server."""

    text: str
