"""Certificates: what one says, its chain built up to the root, and the table they fill."""

from __future__ import annotations

import base64
import hashlib
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from adinspect import frames
from adinspect.query import Column, Table, Type

FILE, PROBE = "file", "probe"
"""Where a certificate was got: column `source`."""

LEAF, CHAIN = "leaf", "chain"
"""What a certificate is for: column `position`. A leaf is a service's own, the chain holds those of the CAs above it."""

NOT_SUPPLIED = "no certificates were supplied (--certificate, --probe)"
"""Why the table may be absent from a snapshot."""

LONGEST = 10
"""Certificates of the longest chain that is followed."""

Facts = Mapping[str, Any]


def _column(name: str, source: str, says: str, kind: Type = Type.STR) -> Column:
    return Column(name, source, kind, says, False if kind is Type.BOOL else None)


TABLE = Table(
    "certificates",
    "Certificates",
    "Certificates that hosts presented (--probe) or that were supplied in files (--certificate), and the probes that failed. "
    "They are no objects of the directory: guid and dn are empty, identity is the host, or the subject where no host was named.",
    (
        _column("host", "--certificate HOST=FILE, --probe HOST", "Whose it is, in lower case; missing where that was not said."),
        _column("port", "--probe HOST:PORT", "The port it was presented on.", Type.INT),
        _column("source", "--certificate, --probe", "file or probe."),
        _column("position", "basicConstraints", "leaf: a service's own; chain: a CA's. Missing where a probe brought none."),
        _column("subject", "subject", "Distinguished name of its holder."),
        _column("subject_cn", "subject", "Common name of its holder, which Windows shows as Issued to."),
        _column("san", "subjectAltName", "DNS names and IP addresses it is for, joined by |."),
        _column("issuer", "issuer", "Distinguished name of the CA that signed it."),
        _column("root", "the chain", "SHA-256 of the root its chain ends at; missing where the chain is not known to its end."),
        _column("root_key", "authorityKeyIdentifier", "Key identifier of that root, or of the first CA that is not known."),
        _column("system_root", "the chain", "The machine that collected, or its --ca file, trusts that root.", Type.BOOL),
        _column("serial", "serialNumber", "Serial number (hexadecimal)."),
        _column("not_before", "validity", "Valid from.", Type.TIME),
        _column("not_after", "validity", "Valid until.", Type.TIME),
        _column("key_type", "subjectPublicKeyInfo", "RSA, EC, DSA or another."),
        _column("key_bits", "subjectPublicKeyInfo", "Length of the key.", Type.INT),
        _column("signature_hash", "signatureAlgorithm", "Hash that was signed, such as sha256."),
        _column("self_signed", "signatureValue", "It names itself as issuer, and its own key signed it.", Type.BOOL),
        _column("server_auth", "extendedKeyUsage", "Says that it is for servers.", Type.BOOL),
        _column("client_auth", "extendedKeyUsage", "Says that it is for clients.", Type.BOOL),
        _column("has_crl", "cRLDistributionPoints", "Says where its CA tells what it revoked.", Type.BOOL),
        _column(
            "thumbprint", "the certificate", "SHA-1 of the certificate, in capitals, as Exchange and Active Directory spell it."
        ),
        _column("sha256", "the certificate", "SHA-256 of the certificate."),
        _column(
            "verified",
            "the chain",
            "Of a leaf: its chain ends at a trusted root, it is valid on that day, and it names its host.",
            Type.BOOL,
        ),
        _column("looked_at", "--certificate, --probe", "When the host presented it, or its file was written.", Type.TIME),
        _column("problem", "the chain, the probe", "Why it was not verified, or why the probe brought nothing."),
        _column("certificate", "the certificate", "The certificate (DER, base64)."),
    ),
)
"""The table `certificates`; the field of the certificate that each column comes from stands for its attribute."""


@dataclass(frozen=True)
class Bundle:
    """Certificates that came together, in a file or from a host.

    `host` says whose the leaf is (empty: not said). `port` and `verified` are what a probe came to (None: a file), `problem` why
    it did not verify or brought nothing. `origin` is what the snapshot's manifest says of it; `looked_at` is when the host
    presented them, or the file was written.
    """

    certificates: tuple[x509.Certificate, ...]
    origin: Mapping[str, Any]
    host: str = ""
    port: int | None = None
    verified: bool | None = None
    problem: str = ""
    looked_at: datetime | None = None

    @property
    def source(self) -> str:
        """FILE or PROBE."""
        return FILE if self.verified is None else PROBE

    @property
    def leaves(self) -> tuple[x509.Certificate, ...]:
        """The services' own certificates: the first that a host sends; of a file, those that no other of it was issued by.

        In a file that belongs to a host, a CA certificate is a leaf where no other is; in a file without a host, never: that is
        how trusted roots are supplied.
        """
        if self.source == PROBE:
            return self.certificates[:1]
        ends = tuple(one for one in self.certificates if not is_authority(one))
        if ends or not self.host:
            return ends
        others = self.certificates
        return tuple(one for one in others if not any(signed_by(other, one) for other in others if other != one))

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """The roots that a file without a host supplies: they count as trusted."""
        return () if self.host or self.source == PROBE else tuple(one for one in self.certificates if is_root(one))


def load(der: bytes) -> x509.Certificate:
    """A certificate from DER, all of it readable.

    Raises:
        ValueError: a part of it cannot be read.
    """
    with warnings.catch_warnings(action="ignore", category=CryptographyDeprecationWarning):  # old roots have serial number 0
        one = x509.load_der_x509_certificate(der)
        describe(one)
    return one


def describe(one: x509.Certificate) -> Facts:
    """What a certificate says by itself, by column of the table.

    Raises:
        ValueError: a part of it cannot be read.
    """
    key_type, key_bits = _key(one)
    usages = _extension(one, x509.ExtendedKeyUsage) or ()
    any_usage = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in usages
    names = one.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    der = one.public_bytes(Encoding.DER)
    serial = f"{one.serial_number:x}"
    return {
        "subject": one.subject.rfc4514_string() or None,
        "subject_cn": str(names[-1].value) if names else None,
        "san": "|".join(_names(one)) or None,
        "issuer": one.issuer.rfc4514_string() or None,
        "serial": serial.zfill(len(serial) + len(serial) % 2),
        "not_before": one.not_valid_before_utc,
        "not_after": one.not_valid_after_utc,
        "key_type": key_type,
        "key_bits": key_bits,
        "signature_hash": _hash(one),
        "self_signed": is_root(one),
        "server_auth": any_usage or ExtendedKeyUsageOID.SERVER_AUTH in usages,
        "client_auth": any_usage or ExtendedKeyUsageOID.CLIENT_AUTH in usages,
        "has_crl": bool(_extension(one, x509.CRLDistributionPoints)),
        "thumbprint": hashlib.sha1(der, usedforsecurity=False).hexdigest().upper(),
        "sha256": fingerprint(one),
        "certificate": base64.b64encode(der).decode("ascii"),
    }


def fingerprint(one: x509.Certificate) -> str:
    """SHA-256 of a certificate, in lower case."""
    return hashlib.sha256(one.public_bytes(Encoding.DER)).hexdigest()


def is_authority(one: x509.Certificate) -> bool:
    """Whether it is a CA's. A certificate of version 1, which cannot say so, is one where it is a root."""
    limits = _extension(one, x509.BasicConstraints)
    return bool(limits.ca) if limits else one.version is x509.Version.v1 and is_root(one)


def is_root(one: x509.Certificate) -> bool:
    """Whether it names itself as issuer and its own key signed it."""
    return signed_by(one, one)


def signed_by(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether a certificate names another as its issuer and that one's key signed it."""
    if one.issuer != issuer.subject:
        return False
    try:
        one.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return _signed_by_old_hash(one, issuer)
    return True


def _signed_by_old_hash(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    """The same for SHA-1 and MD5, which cryptography refuses to verify: what is weak must be told, not taken for unsigned."""
    try:
        key, used = issuer.public_key(), one.signature_hash_algorithm
        if isinstance(key, rsa.RSAPublicKey) and used is not None:
            key.verify(one.signature, one.tbs_certificate_bytes, padding.PKCS1v15(), used)
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and used is not None:
            key.verify(one.signature, one.tbs_certificate_bytes, ec.ECDSA(used))
            return True
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        pass
    return False


def _extension(one: x509.Certificate, kind: type[Any]) -> Any:
    try:
        return one.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
    except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise ValueError(str(error)) from None


def _names(one: x509.Certificate) -> Iterator[str]:
    for name in _extension(one, x509.SubjectAlternativeName) or ():
        if isinstance(name, (x509.DNSName, x509.IPAddress)):
            yield str(name.value).replace("|", "%7C")


def _key(one: x509.Certificate) -> tuple[str, int | None]:
    try:
        key = one.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return "unknown", None
    kinds = {rsa.RSAPublicKey: "RSA", ec.EllipticCurvePublicKey: "EC", dsa.DSAPublicKey: "DSA"}
    named = next((name for kind, name in kinds.items() if isinstance(key, kind)), "another")
    return named, getattr(key, "key_size", None)


def _hash(one: x509.Certificate) -> str | None:
    try:
        used = one.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return "unknown"
    return used.name if used else None


def key_identifier(one: x509.Certificate) -> str:
    """The key identifier that those it issues name it by: what it says, else SHA-1 of its public key (RFC 5280, 4.2.1.2)."""
    said = _extension(one, x509.SubjectKeyIdentifier)
    if said:
        return str(said.digest.hex())
    try:
        return x509.SubjectKeyIdentifier.from_public_key(one.public_key()).digest.hex()
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return hashlib.sha1(one.subject.public_bytes(), usedforsecurity=False).hexdigest()


def covers(names: str | None, fqdn: str) -> bool:
    """Whether one of the names joined by | is this FQDN, without regard to case; `*.` stands for one label (RFC 6125)."""
    wanted = fqdn.lower().rstrip(".")
    above = wanted.partition(".")[2]
    held = {name.lower().rstrip(".") for name in (names or "").split("|")}
    return bool(wanted) and (wanted in held or (bool(above) and f"*.{above}" in held))


@dataclass(frozen=True)
class Trust:
    """Roots that count as trusted: the system's (and those of --ca), the forest's enterprise roots, and supplied ones.

    `others` are CA certificates that help to find the way to a root, and trust nobody.
    """

    system: tuple[x509.Certificate, ...] = ()
    enterprise: tuple[x509.Certificate, ...] = ()
    supplied: tuple[x509.Certificate, ...] = ()
    others: tuple[x509.Certificate, ...] = ()

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """All that are trusted."""
        return (*self.supplied, *self.enterprise, *self.system)


def chain(leaf: x509.Certificate, known: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """The way from a certificate up to its root, as far as the known certificates lead; the root is last where it was found.

    Where several could have issued one (a CA whose certificate was renewed or cross-signed), a root is taken first, then the one
    that is valid longest.
    """
    way = [leaf]
    everything = list(dict.fromkeys(known))
    while len(way) < LONGEST and not is_root(way[-1]):
        above = [one for one in everything if one not in way and signed_by(way[-1], one)]
        if not above:
            break
        way.append(max(above, key=lambda one: (is_root(one), one.not_valid_after_utc, fingerprint(one))))
    return way


def table(bundles: Sequence[Bundle], trust: Trust, moment: datetime, before: Sequence[Facts] = ()) -> pa.Table:
    """The table `certificates`: one row for each certificate of each bundle, and one for each probe that brought none.

    `moment` is when the certificates of files are looked at; of a host's, its handshake has said whether they verify. `before`
    are rows of a snapshot's table that are kept: what the new certificates tell of their roots is told of them too.
    """
    earlier = [one for one in decoded(row["certificate"] for row in before) if one]
    known = (*trust.roots, *trust.others, *(one for bundle in bundles for one in bundle.certificates), *earlier)
    kept = (_again(row, trust, known, moment) for row in before)
    rows = [*kept, *(row for bundle in bundles for row in _rows(bundle, trust, known, moment))]
    return pa.Table.from_pylist(rows, frames.schema(TABLE))


def _again(row: Facts, trust: Trust, known: Collection[x509.Certificate], moment: datetime) -> Facts:
    """A row that a snapshot has, its root and the verdict on a file looked at anew; what a handshake said stands."""
    one = _decoded(row["certificate"])
    if one is None:
        return row
    way = chain(one, known)
    end = _end(way, trust)
    end["system_root"] = end["system_root"] or (row["system_root"] and row["root"] == end["root"])
    file = Bundle((one,), {}, row["host"] or "", looked_at=row.get("looked_at"))
    verdict = _verdict(file, way, trust, moment) if (row["source"], row["position"]) == (FILE, LEAF) else {}
    return {**row, **end, **verdict}


def _rows(bundle: Bundle, trust: Trust, known: Collection[x509.Certificate], moment: datetime) -> Iterator[dict[str, Any]]:
    absent = {column.name: column.absent for column in TABLE.columns}
    whose = {"host": bundle.host or None, "port": bundle.port, "source": bundle.source, "looked_at": bundle.looked_at}
    shared: dict[str, Any] = {**absent, "guid": "", "dn": "", **whose}
    if not bundle.certificates:
        yield {**shared, "identity": bundle.host, "problem": bundle.problem}
    leaves = bundle.leaves
    for one in bundle.certificates:
        way = chain(one, known)
        facts = {**describe(one), **_end(way, trust)}
        identity = bundle.host or facts["subject"] or facts["sha256"]
        verdict: dict[str, Any] = {"position": CHAIN}
        if one in leaves:
            verdict = {"position": LEAF, **_verdict(bundle, way, trust, moment)}
        yield {**shared, **facts, **verdict, "identity": identity}


def _end(way: Sequence[x509.Certificate], trust: Trust) -> dict[str, Any]:
    """What is known of the root at the end of a way."""
    last = way[-1]
    if is_root(last):
        return {"root": fingerprint(last), "root_key": key_identifier(last), "system_root": last in trust.system}
    named = _extension(last, x509.AuthorityKeyIdentifier)
    unknown = named.key_identifier.hex() if named and named.key_identifier else None
    return {"root": None, "root_key": unknown, "system_root": False}


def _verdict(bundle: Bundle, way: Sequence[x509.Certificate], trust: Trust, moment: datetime) -> dict[str, Any]:
    if bundle.source == PROBE:
        return {"verified": bool(bundle.verified), "problem": bundle.problem or None}
    problems = list(_problems(bundle, way, trust, moment))
    return {"verified": not problems, "problem": "; ".join(problems) or None}


def _problems(bundle: Bundle, way: Sequence[x509.Certificate], trust: Trust, moment: datetime) -> Iterator[str]:
    """Why a certificate of a file would not be accepted; a name is looked at where the host is known."""
    latest = max(moment, bundle.looked_at or moment)  # the file may be newer than the directory's snapshot
    for place, one in enumerate(way):
        whose = "the certificate" if place == 0 else f"the CA certificate {one.subject.rfc4514_string()}"
        if moment > one.not_valid_after_utc:
            yield f"{whose} has expired"
        elif latest < one.not_valid_before_utc:
            yield f"{whose} is not valid yet"
        if place and not is_authority(one):
            yield f"{whose} is not one of a CA"
    if not is_root(way[-1]):
        yield f"the CA that issued {way[-1].subject.rfc4514_string()} is not known"
    elif way[-1] not in trust.roots:
        yield "the certificate is self-signed" if len(way) == 1 else "its root is not trusted here"
    facts = describe(way[0])
    if bundle.host and not covers(facts["san"] or facts["subject_cn"], bundle.host):
        yield f"the certificate is not for {bundle.host}"


def decoded(certificates: Iterable[str | None]) -> list[x509.Certificate | None]:
    """Certificates from base64 DER, as `certification_authorities` and `certificates` hold them; None for what is none."""
    return [_decoded(text) for text in certificates]


def _decoded(text: str | None) -> x509.Certificate | None:
    try:
        return load(base64.b64decode(text or ""))
    except ValueError:
        return None
