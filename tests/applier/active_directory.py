"""The applier's own look at the directory, and its hand on it: neither reads as the product does, nor through its code."""

from __future__ import annotations

import ssl
import uuid
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import ldap3
from lab import Lab

BASE, SUBTREE = ldap3.BASE, ldap3.SUBTREE


@dataclass(frozen=True)
class Entry:
    """An object as it is now: its values by the lower-case name of the attribute, octets as they are stored."""

    dn: str
    guid: str
    values: Mapping[str, tuple[bytes, ...]]

    def all(self, attribute: str) -> tuple[str, ...]:
        """Every value, as text."""
        return tuple(value.decode() for value in self.values.get(attribute.lower(), ()))

    def one(self, attribute: str) -> str | None:
        """The value, if there is one."""
        return next(iter(self.all(attribute)), None)

    def number(self, attribute: str) -> int:
        """The value as a number; 0 where nothing is said."""
        return int(self.one(attribute) or 0)


@dataclass(frozen=True)
class ActiveDirectory:
    """A directory that may be changed."""

    connection: ldap3.Connection
    domain: str
    configuration: str

    def find(self, expression: str, base: str = "") -> list[Entry]:
        """What an LDAP filter finds below a base (the domain, where none is said)."""
        return list(self._search(base or self.domain, expression, SUBTREE))

    def get(self, identity: str) -> Entry | None:
        """The object with this DN or objectGUID, if there is one."""
        try:
            octets = uuid.UUID(identity).bytes_le
        except ValueError:
            return next(self._search(identity, "(objectClass=*)", BASE), None)
        escaped = "".join(f"\\{octet:02x}" for octet in octets)
        found = (
            one for base in (self.domain, self.configuration) for one in self._search(base, f"(objectGUID={escaped})", SUBTREE)
        )
        return next(found, None)

    def object(self, identity: str) -> Entry:
        """As `get`; that there is none is a mistake of who asks."""
        found = self.get(identity)
        assert found, identity
        return found

    def change(self, entry: Entry, values: Mapping[str, Iterable[str | bytes]]) -> None:
        """Give attributes these values in the place of what they have; none takes them away."""
        changes = {name: [(ldap3.MODIFY_REPLACE, list(told))] for name, told in values.items()}
        self.connection.modify(entry.dn, changes)

    def add(self, dn: str, values: Mapping[str, Iterable[str | bytes]]) -> None:
        """Make an object."""
        self.connection.add(dn, attributes={name: list(told) for name, told in values.items() if told})

    def remove(self, entry: Entry) -> None:
        """Delete an object."""
        self.connection.delete(entry.dn)

    def _search(self, base: str, expression: str, scope: str) -> Iterator[Entry]:
        try:
            self.connection.search(base, expression, scope, attributes=["*"])
        except ldap3.core.exceptions.LDAPNoSuchObjectResult:
            return
        for one in self.connection.response:
            if one["type"] == "searchResEntry":
                values = {name.lower(): tuple(told) for name, told in one["raw_attributes"].items()}
                yield Entry(one["dn"], str(uuid.UUID(bytes_le=values["objectguid"][0])), values)


@contextmanager
def connected(lab: Lab) -> Iterator[ActiveDirectory]:
    """A running lab of one's own, as its administrator."""
    trust = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(lab.ca_file), valid_names=[lab.address])
    server = ldap3.Server(lab.address, port=636, use_ssl=True, tls=trust, get_info=ldap3.NONE)
    connection = ldap3.Connection(server, lab.administrator.user, lab.administrator.password, raise_exceptions=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ssl.match_hostname", DeprecationWarning)  # ldap3 2.9.1 asks it whose certificate it is
        connection.bind()
    try:
        yield ActiveDirectory(connection, lab.domain, lab.configuration)
    finally:
        connection.unbind()
