"""An invented forest in OpenLDAP's slapd, as a domain controller shows it: users, what stands around them, who may read what.

Each naming context is a database of its own, the schema names every attribute, and the rootDSE says what a domain controller's
does. What stands around the users is the shipped forest, under the names that the invented users have for it.

Where rights are asked for, every object has an access list as nTSecurityDescriptor: 50 different ones of 40 entries and 2.2 kB,
dealt out to the users in turn. In a real forest the users of an organizational unit share what they inherit, and an
administrator or an application gives some of them more. The account that signs in may read everything: each list says so of its
group.
"""

from __future__ import annotations

import base64
import socket
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from adinspect import access, definitions, distinguished_name, query
from adinspect.directory import ldif_records

SLAPD, SLAPADD = "/usr/sbin/slapd", "/usr/sbin/slapadd"
BASE = "DC=contoso,DC=example"
CONFIGURATION = f"CN=Configuration,{BASE}"
SCHEMA = f"CN=Schema,{CONFIGURATION}"
CONTEXTS = (SCHEMA, CONFIGURATION, BASE)
USERS = query.shipped()["users"]

RENAMED = {
    "DC=contoso,DC=com": BASE,
    "contoso.com": "contoso.example",
    "Redmond": "HQ",
    "CN=Databases,CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups": "CN=Databases",
    "ou=Exchange Administrative Group (FYDIBOHF23SPDLT)": "ou=First",
    "EX16-1": "EX1",
    "EX13-1": "EX0",
    "msExchUMNumberingPlanDigits: 4": "msExchUMNumberingPlanDigits: 6",
}
"""What the shipped forest calls its domain, UM dial plan, databases and servers, and what the invented users call them."""

DATABASES, BUILDINGS = 20, 40
DESCRIPTORS = 50

ACCOUNT, PASSWORD = f"CN=Reader,{BASE}", "not a secret"
"""Who signs in, and may read everything."""

TOKEN = ("S-1-5-21-1-2-3-1105", "S-1-5-21-1-2-3-1200")
"""The SIDs of the account and of its group, whom every access list lets read everything."""

_BUILT_IN = {"cn", "name", "objectclass", "distinguishedname", "description", "namingcontexts", "supportedcontrol"}
"""Attributes slapd knows without a schema file, in lower case."""

_INHERITED = 0x10

_ROOT = {
    "configurationNamingContext": CONFIGURATION,
    "schemaNamingContext": SCHEMA,
    "rootDomainNamingContext": BASE,
    "defaultNamingContext": BASE,
    "currentTime": "20261124080000.0Z",
    "highestCommittedUSN": "123456",
}

Entry = tuple[str, Mapping[str, list[bytes]]]
"""A DN, and attributes by name."""


def two_in_three(number: int) -> bool:
    """Whether the user of this number is enabled for voice, if nothing else is said."""
    return number % 3 > 0


def people(count: int, has_voice: Callable[[int], bool] = two_in_three) -> Iterator[Entry]:
    """Invented users, those of these numbers enabled for voice: the attributes an entry would have in a real forest."""
    lync = "CN=Lc Services,CN=Microsoft,CN=1:1,CN=Pools,CN=RTC Service,CN=Services," + CONFIGURATION
    exchange = "CN=Contoso,CN=Microsoft Exchange,CN=Services," + CONFIGURATION
    for number in range(count):
        name, digits = f"user{number:06}", f"{number % 100:02}"
        person = {
            "objectClass": "user",
            "objectCategory": "person",
            "cn": name,
            "displayName": f"User {number}",
            "userPrincipalName": f"{name}@contoso.example",
            "mail": f"{name}@contoso.example",
            "sAMAccountName": name,
            "userAccountControl": "512",
            "telephoneNumber": f"+1 425 555 01{digits}",
            "physicalDeliveryOfficeName": f"Building {number % BUILDINGS}",
            "department": "Zoë & Söhne",
            "l": "Redmond",
            "c": "US",
            "manager": f"CN=user{number // 10:06},CN=Staff,{BASE}",
            "whenCreated": "20201124080000.0Z",
            "lastLogonTimestamp": str(132_500_000_000_000_000 + number),
            "homeMDB": f"CN=DB{number % DATABASES:02},CN=Databases,{exchange}",
            "msExchHomeServerName": f"/o=Contoso/ou=First/cn=Configuration/cn=Servers/cn=EX{number % 2}",
            "msExchRecipientTypeDetails": "1",
        }
        voice = {
            "msExchUMEnabledFlags": "831",
            "msExchUMEnabledFlags2": "-1",
            "msExchUMRecipientDialPlanLink": f"CN=HQ,CN=UM DialPlan Container,{exchange}",
            "msExchUMTemplateLink": f"CN=HQ Default Policy,CN=UM Mailbox Policies,{exchange}",
            "msRTCSIP-PrimaryUserAddress": f"sip:{name}@contoso.example",
            "msRTCSIP-UserEnabled": "TRUE",
            "msRTCSIP-OptionFlags": "385",
            "msRTCSIP-Line": f"tel:+142555501{digits};ext={number:06}",
            "msRTCSIP-PrimaryHomeServer": lync,
            "msRTCSIP-DeploymentLocator": "SRV:",
        }
        enabled = has_voice(number)
        entry = {key: [value.encode()] for key, value in (person | (voice if enabled else {})).items()}
        # random, as those of a directory are: one of version 5 is taken for that of an export without any
        identity = uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_DNS, name).bytes, version=4).bytes_le
        entry["objectGUID"] = entry["msExchMailboxGuid"] = [identity]
        entry["objectSid"] = [b"\1\5\0\0\0\0\0\5\x15\0\0\0" + identity]
        addresses = [f"SMTP:{name}@contoso.example", f"smtp:{name}@contoso.com"]
        if enabled:
            context = "phone-context=HQ.contoso.example"
            addresses += [f"sip:{name}@contoso.example", f"EUM:{name}@contoso.example;{context}", f"eum:{number:06};{context}"]
            entry["msExchUCVoiceMailSettings"] = [b"ExchangeHostedVoiceMail=0", b"CsHostedVoiceMail=0"]
            entry["msRTCSIP-UserPolicies"] = [b"0=1", b"7=6", b"9=2"]
        entry["proxyAddresses"] = [address.encode() for address in addresses]
        yield f"CN={name},CN=Staff,{BASE}", entry


def surroundings() -> Iterator[Entry]:
    """The shipped forest without its users, made to be that of the invented users; no object lacks what it stands in."""
    seen: set[str] = set()
    for dn, attributes in (*_shipped(), (f"CN=Staff,{BASE}", {"objectclass": [b"container"]})):
        for name in [*reversed(list(_above(dn))), dn]:
            if name not in seen:
                seen.add(name)
                own = attributes if name == dn else {"objectclass": [b"container"]}
                common = {"cn": [distinguished_name.rdn_value(name).encode()], "objectguid": [_named(name).bytes_le]}
                known = [_named(f"attribute {one.decode()}").bytes_le for one in own.get("ldapdisplayname", [])]
                yield name, {"objectcategory": own["objectclass"][-1:], "schemaidguid": known} | common | dict(own)


def _shipped() -> list[Entry]:
    text = (definitions.folder("demo") / "forest.ldif").read_text(encoding="utf-8").replace("changetype: add\n", "")
    for theirs, ours in RENAMED.items():
        text = text.replace(theirs, ours)
    with tempfile.TemporaryDirectory(prefix="adinspect-forest-") as folder:
        export = Path(folder) / "forest.ldif"
        export.write_text(text, encoding="utf-8")
        records = [record for record in ldif_records.read(export) if isinstance(record, ldif_records.Record)]
    entries = [(record.dn.decode(), record.attributes) for record in records if b"user" not in record.attributes["objectclass"]]
    [(dn, database)] = [entry for entry in entries if b"msExchMDB" in entry[1]["objectclass"]]
    kept = {name: values for name, values in database.items() if name not in ("cn", "objectguid")}
    names = [dn.replace("CN=DB01,", f"CN=DB{number:02},") for number in range(DATABASES)]
    return [*(entry for entry in entries if entry[0] != dn), *((name, kept) for name in names)]


def _above(dn: str) -> Iterator[str]:
    while dn != BASE:
        dn = distinguished_name.parent(dn)
        yield dn


def _named(name: str) -> uuid.UUID:
    """The identifier of an object, an attribute or a property set of the invented forest."""
    return uuid.uuid5(uuid.NAMESPACE_X500, name)


def descriptors() -> list[bytes]:
    """Security descriptors with nothing but a DACL ([MS-DTYP] 2.4.6), as a domain controller sends them."""
    return [_descriptor(number) for number in range(DESCRIPTORS)]


def _descriptor(number: int) -> bytes:
    everybody, oneself, operators, administrators = "S-1-5-11", "S-1-5-10", "S-1-5-32-548", "S-1-5-21-1-2-3-512"
    sets = [_named(f"property set {name}") for name in range(8)]
    delegated = [_named(f"attribute {name}") for name in sorted(USERS.attributes)[:12]]
    entries = [
        *(_ace(sid, access.EVERYTHING) for sid in ("S-1-5-18", operators, administrators)),
        *(_ace(sid, access.READ_PROPERTY, what) for sid in (everybody, oneself) for what in sets),
        *(_ace(f"S-1-5-21-1-2-3-{2000 + number}", access.READ_PROPERTY, what, _INHERITED) for what in delegated),
        *(_ace(f"S-1-5-21-1-2-3-{3000 + place}", access.READ_PROPERTY | 0x20, None, _INHERITED) for place in range(8)),
        _ace(TOKEN[1], access.READ_PROPERTY | access.LIST_CONTENTS | access.CONTROL_ACCESS, None, _INHERITED),
    ]
    body = b"".join(entries)
    return struct.pack("<BxHIIIIBxHHxx", 1, 0x8404, 0, 0, 0, 20, 4, 8 + len(body), len(entries)) + body


def _ace(sid: str, mask: int, attribute: uuid.UUID | None = None, flags: int = 0) -> bytes:
    """An allowing entry; one for an attribute or property set names the class of users as well, as inherited ones do."""
    what = struct.pack("<I16s16s", 3, attribute.bytes_le, _named("class user").bytes_le) if attribute else b""
    octets = what + _sid(sid)
    return struct.pack("<BBHI", 5 if attribute else 0, flags, 8 + len(octets), mask) + octets


def _sid(text: str) -> bytes:
    parts = [int(part) for part in text.split("-")[3:]]
    return struct.pack(f"<BB6s{len(parts)}I", 1, len(parts), (5).to_bytes(6, "big"), *parts)


@dataclass(frozen=True)
class Server:
    """A slapd on the loopback interface: the port in clear, the URL over TLS and the certificate file to trust there."""

    port: int
    url: str
    certificate: Path


@contextmanager
def slapd(users: Iterable[Entry], *, rights: bool = False) -> Iterator[Server]:
    """A slapd that holds the forest of these users while the block runs; with `rights`, every object has an access list."""
    with tempfile.TemporaryDirectory(prefix="adinspect-forest-") as name:
        folder = Path(name)
        settings = _configured(folder)
        _certified(folder)
        _filled(folder, settings, users, descriptors() if rights else [])
        port, secure = _free_ports()
        urls = f"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{secure}"
        server = subprocess.Popen([SLAPD, "-f", settings, "-h", urls, "-d", "0"])
        try:
            _wait(port, server)
            yield Server(port, f"ldaps://127.0.0.1:{secure}", folder / "certificate.pem")
        finally:
            server.terminate()
            server.wait()


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def _configured(folder: Path) -> Path:
    """Write slapd's settings: a schema that takes any octets for any attribute, and no limits."""
    around = list(surroundings())
    shown = {name for _, attributes in around for name in attributes}
    asked = {name.lower() for one in query.shipped().values() for name in (*one.attributes, *one.filter.attributes)}
    added = {"dc", "ou", "schemaidguid", "ntsecuritydescriptor", "tokengroups"}
    names = sorted({*shown, *asked, *added, *map(str.lower, _ROOT)} - _BUILT_IN)
    classes = sorted({value.decode() for _, attributes in around for value in attributes["objectclass"]} - {"top"} | {"user"})
    octets = "EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40"
    root = {name: [value.encode()] for name, value in _ROOT.items()} | {"tokenGroups": [*map(_sid, TOKEN)]}
    (folder / "root.ldif").write_text(_ldif("", root))
    lines = [
        *(f"attributetype ( 1.1.2.{number} NAME '{name}' {octets} )" for number, name in enumerate(names)),
        *(f"objectclass ( 1.1.3.{number} NAME '{name}' SUP top AUXILIARY )" for number, name in enumerate(classes)),
        "moduleload back_mdb",
        f"pidfile {folder}/slapd.pid",
        f"rootDSE {folder}/root.ldif",
        f"TLSCertificateFile {folder}/certificate.pem",
        f"TLSCertificateKeyFile {folder}/key.pem",
        "sizelimit unlimited",
    ]
    for number, context in enumerate(CONTEXTS):
        (folder / str(number)).mkdir()
        lines += ["database mdb", f'suffix "{context}"', f"directory {folder}/{number}", f"maxsize {1 << 32}"]
        lines += ["index objectClass,objectCategory eq"]
    lines += [f'rootdn "{ACCOUNT}"', f'rootpw "{PASSWORD}"']  # of the database that is written last
    path = folder / "slapd.conf"
    path.write_text("\n".join(lines) + "\n")
    return path


def _certified(folder: Path) -> None:
    """Make a certificate for the loopback address that is its own CA."""
    request = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=slapd", "-days", "2")
    files = ("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem")
    subprocess.run([*request, *files], check=True, stderr=subprocess.DEVNULL)


def _filled(folder: Path, settings: Path, users: Iterable[Entry], lists: list[bytes]) -> None:
    """Load the forest, each naming context into its own database."""
    everything = chain(surroundings(), users)
    with ExitStack() as stack:
        files = {context: stack.enter_context((folder / f"{place}.ldif").open("w")) for place, context in enumerate(CONTEXTS)}
        for place, (dn, attributes) in enumerate(everything):
            added = {"nTSecurityDescriptor": [lists[place % len(lists)]]} if lists else {}
            own = next(context for context in CONTEXTS if dn.endswith(context))
            files[own].write(_ldif(dn, {**attributes, **added}))
    for context, file in files.items():
        # an object of a real forest has several structural classes, which slapd would not let in
        subprocess.run([SLAPADD, "-q", "-s", "-b", context, "-f", settings, "-l", file.name], check=True)
        Path(file.name).unlink()


def _ldif(dn: str, attributes: Mapping[str, list[bytes]]) -> str:
    lines = [f"{name}:: {base64.b64encode(value).decode()}" for name, values in attributes.items() for value in values]
    return "\n".join([f"dn:: {base64.b64encode(dn.encode()).decode()}" if dn else "dn:", *lines, "", ""])


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until slapd accepts connections."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if server.poll() is not None:
                sys.exit("slapd did not start")
            time.sleep(0.02)
        else:
            return
