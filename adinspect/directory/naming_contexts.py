"""Which naming contexts entries belong to, told from their names: configuration, schema, domains, and the forest's root."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adinspect import distinguished_name
from adinspect.directory import Contexts
from adinspect.errors import ConfigurationError, InputError
from adinspect.search_filter import Entry

DNS_PARTITION = re.compile(r"(?:^|,)dc=(?:domain|forest)dnszones,")
"""The application partitions of the forest's own DNS zones; the crossRef objects tell of others ([MS-ADTS] 6.1.1.1.5)."""

_CONFIGURATION = "cn=configuration,"
_SCHEMA = "cn=schema," + _CONFIGURATION


@dataclass(frozen=True)
class Forest:
    """The naming contexts of a set of entries, and the DNS name of their forest.

    `homes` maps the tail of an entry's key to the key of its naming context; empty for an application partition.
    """

    name: str
    contexts: Contexts
    homes: Mapping[str, str]

    def context_of(self, dn_key: str) -> str:
        """Return the key of the naming context that an object belongs to; empty where it is none of these."""
        return self.homes.get(tail(dn_key), "")


def tail(dn_key: str) -> str:
    """Return the end of a key that tells the naming context: its last `dc=` components, after `cn=configuration` or the schema.

    Empty for a name that does not end in `dc=`.
    """
    components = dn_key.split(",")
    start = len(components)
    while start and components[start - 1].startswith("dc="):
        start -= 1
    if start == len(components):
        return ""
    for context in (_SCHEMA, _CONFIGURATION):
        before = start - context.count(",")
        if before >= 0 and ",".join(components[before:start]) + "," == context:
            start = before
            break
    return ",".join(components[start:])


def spelt(dn: str, dn_key: str, of: str) -> str:
    """Return the end of a name, as spelt in it, whose key is `of`."""
    return dn if dn_key == of else ",".join(distinguished_name.components(dn)[-len(of.split(",")) :])


def partitions(entries: Iterable[Entry]) -> Mapping[str, bool]:
    """What crossRef objects say: the key of each naming context, and whether it is a domain.

    That is the flag FLAG_CR_NTDS_DOMAIN of systemFlags ([MS-ADTS] 2.2.10).
    """
    found: dict[str, bool] = {}
    for entry in entries:
        if any(value.lower() == b"crossref" for value in entry.get("objectclass", ())):
            for name in entry.get("ncname", ()):
                flags = entry.get("systemflags", (b"0",))[0]
                key = distinguished_name.key(name.decode("utf-8", "surrogateescape"))
                found[key] = re.fullmatch(rb"-?\d{1,19}", flags) is not None and bool(int(flags) & 2)
    return found


def infer(tails: Mapping[str, str], cross_references: Mapping[str, bool], root_forest: str | None = None) -> Forest:
    """Tell the naming contexts from the tails of entries (key and spelling) and from what crossRef objects say (partitions).

    `root_forest`, the DNS name of the forest root domain, is for entries of a child domain alone.

    Raises:
        InputError: the entries are of no Active Directory, or of several forests.
        ConfigurationError: `root_forest` is not the forest of these entries.
    """
    homes = {end: _home(end, cross_references) for end in tails if end}
    if not any(homes.values()):
        raise InputError(
            "no entry belongs to an Active Directory: no name ends in a domain (DC=...)",
            next_step="Export from a domain controller: its domain, its configuration and its schema.",
        )
    configuration = _single(end for end in homes.values() if end.startswith(_CONFIGURATION))
    schema = _single(end for end in homes.values() if end.startswith(_SCHEMA))
    domains = sorted({end for end in homes.values() if end.startswith("dc=")}, key=lambda end: (end.count(","), end))
    roots = {end.removeprefix(_SCHEMA).removeprefix(_CONFIGURATION) for end in (configuration, schema) if end}
    _single(roots)
    root = _root(roots, domains, root_forest)
    spelling = {home: tails.get(home) or _respelt(home, tails) for home in homes.values() if home}
    contexts = Contexts(
        configuration=spelling.get(configuration),
        schema=spelling.get(schema),
        root_domain=spelling.get(root),
        domains=tuple(spelling[domain] for domain in domains),
    )
    return Forest(distinguished_name.dns_name(root), contexts, homes)


def _home(end: str, cross_references: Mapping[str, bool]) -> str:
    if end.startswith("cn="):
        return end
    known = max((name for name in cross_references if distinguished_name.under(end, name)), key=len, default=None)
    if known is not None:
        return known if cross_references[known] else ""
    return "" if DNS_PARTITION.search(end) else end


def _single(ends: Iterable[str]) -> str:
    found = sorted(set(ends))
    if len(found) > 1:
        raise InputError(
            "the entries are of several forests",
            where=", ".join(found),
            next_step="Collect each forest by itself, into its own snapshot.",
        )
    return found[0] if found else ""


def _root(roots: set[str], domains: list[str], root_forest: str | None) -> str:
    stated = ",".join(f"dc={label.lower()}" for label in root_forest.strip(".").split(".")) if root_forest else ""
    if stated and roots and stated not in roots:
        raise ConfigurationError(
            f"the entries are of the forest {distinguished_name.dns_name(min(roots))}, not of {root_forest}",
            next_step="Leave out the forest's name, or name the right one.",
        )
    return min(roots) if roots else stated or domains[0]


def _respelt(home: str, tails: Mapping[str, str]) -> str:
    longer = next(end for end in tails if distinguished_name.under(end, home))
    return spelt(tails[longer], longer, home)
