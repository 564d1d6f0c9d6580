"""Small directories for tests: a forest in memory whose searches can fail, and whose access lists say who may read."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import NAMESPACE_OID, UUID, uuid5

import pyarrow as pa

from adinspect import query
from adinspect.directory import Root, Search
from adinspect.directory.memory import MemoryDirectory
from adinspect.errors import IncompleteError

DOMAIN = "DC=contoso,DC=example"
CONFIGURATION = f"CN=Configuration,{DOMAIN}"
SCHEMA = f"CN=Schema,{CONFIGURATION}"
ORGANIZATION = f"CN=Contoso,CN=Microsoft Exchange,CN=Services,{CONFIGURATION}"
PLANS = f"CN=UM DialPlan Container,{ORGANIZATION}"
ACCOUNT = "S-1-5-21-1-2-3-1104"

Entry = tuple[str, Mapping[str, Sequence[bytes | str]]]


def entry(dn: str, *classes: str, **attributes: str | bytes | Sequence[str]) -> Entry:
    """An entry with a GUID of its own; underscores in names of attributes stand for hyphens."""
    values = {name.replace("_", "-"): [value] if isinstance(value, (str, bytes)) else value for name, value in attributes.items()}
    name = dn.split(",")[0].partition("=")[2]
    guid = UUID(bytes=uuid5(NAMESPACE_OID, dn).bytes, version=4).bytes_le
    category = f"CN={classes[-1]},{SCHEMA}"
    own: dict[str, list[bytes | str]] = {"cn": [name], "name": [name], "objectGUID": [guid], "objectCategory": [category]}
    return dn, {"objectClass": ["top", *classes], **own, **values}


def user(name: str, **attributes: str | bytes | Sequence[str]) -> Entry:
    person = {"objectCategory": f"CN=Person,{SCHEMA}", "sAMAccountName": name, "userAccountControl": "512"}
    return entry(f"CN={name},OU=Staff,{DOMAIN}", "person", "user", **{**person, **attributes})


def schema(*without: str) -> list[Entry]:
    """The attributes that the queries ask for, but for these; each with a schemaIDGUID made of its name."""
    columns = [column for one in query.shipped().values() for table in one.tables for column in table.columns]
    names = {column.attribute for column in columns if column.attribute} | {"objectGUID"}
    return [
        entry(f"CN={name},{SCHEMA}", "attributeSchema", lDAPDisplayName=name, schemaIDGUID=schema_guid(name).bytes_le)
        for name in sorted(names - set(without))
    ]


def schema_guid(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name.lower())


def forest(*more: Entry) -> list[Entry]:
    """A forest with an Exchange organization, a UM dial plan in its container, an organizational unit, and these entries."""
    return [
        entry(DOMAIN, "domainDNS", dc="contoso"),
        entry(CONFIGURATION, "configuration"),
        entry(f"CN=Microsoft Exchange,CN=Services,{CONFIGURATION}", "msExchConfigurationContainer"),
        entry(ORGANIZATION, "msExchOrganizationContainer"),
        entry(PLANS, "msExchContainer"),
        entry(f"CN=HQ,{PLANS}", "msExchUMDialPlan", msExchUMDialPlanURIType="3"),
        entry(f"OU=Staff,{DOMAIN}", "organizationalUnit"),
        *more,
    ]


def sid_octets(text: str) -> bytes:
    subauthorities = [int(part) for part in text.split("-")[3:]]
    return struct.pack(f"<BB6s{len(subauthorities)}I", 1, len(subauthorities), (5).to_bytes(6, "big"), *subauthorities)


def descriptor(*aces: tuple[bool, int, UUID | None], trustee: str = ACCOUNT) -> bytes:
    """A security descriptor whose DACL allows or denies a trustee rights on the whole object or what a UUID names, in order."""
    return access_list(*((trustee, *ace) for ace in aces))


def access_list(*aces: tuple[str, bool, int, UUID | None], flags: int = 0) -> bytes:
    """The same for several trustees; `flags` are those of every entry."""
    packed = []
    for trustee, allow, mask, attribute in aces:
        sid = sid_octets(trustee)
        what = struct.pack("<I16s", 1, attribute.bytes_le) if attribute else b""
        kind = (0 if allow else 1) + (5 if attribute else 0)
        packed.append(struct.pack("<BBHI", kind, flags, 8 + len(what) + len(sid), mask) + what + sid)
    body = b"".join(packed)
    return struct.pack("<BxHIIIIBxHHxx", 1, 0x8004, 0, 0, 0, 20, 4, 8 + len(body), len(packed)) + body


@dataclass
class Failing:
    """A directory some of whose searches end early: after so many pages where the filter starts with a text of `cut`."""

    inner: MemoryDirectory
    cut: Mapping[str, int] = field(default_factory=dict)
    token_sids: frozenset[str] = frozenset()
    without: Collection[str] = ()
    live: bool = False

    @property
    def root(self) -> Root:
        account = "reader@contoso.example" if self.live else ""
        root = replace(self.inner.root, token_sids=self.token_sids, account=account)
        return replace(root, contexts=replace(root.contexts, **dict.fromkeys(self.without)))  # type: ignore[arg-type] # names of contexts

    @property
    def dropped(self) -> Mapping[str, int]:
        return self.inner.dropped

    def search(self, search: Search) -> Iterator[pa.RecordBatch]:
        limit = next((pages for text, pages in self.cut.items() if search.filter.text.startswith(text)), None)
        for number, batch in enumerate(self.inner.search(search)):
            if number == limit:
                break
            yield batch
        if limit is not None:
            raise IncompleteError("the server cut the connection")

    def unasked(self, attributes: Collection[str], base: str) -> frozenset[str]:
        return self.inner.unasked(attributes, base)

    def __enter__(self) -> Failing:
        return self

    def __exit__(self, *reason: object) -> None:
        return None
