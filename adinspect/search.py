"""One LDAP search: where it starts, how deep it goes, which entries match, and which attributes are returned."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from adinspect.search_filter import Filter


class Scope(StrEnum):
    """The depth of a search (RFC 4511, 4.5.1.2)."""

    BASE = "base"
    SUBTREE = "subtree"


@dataclass(frozen=True)
class Search:
    """Entries under `base` that match, and the attributes to return (never `*`, never a secret one)."""

    base: str
    filter: Filter
    attributes: tuple[str, ...]
    scope: Scope = Scope.SUBTREE
