"""Certification authorities and certificates for tests, sound and unsound; all have the same few keys, which is fast."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

NOW = datetime.now(UTC).replace(microsecond=0)
YEAR = timedelta(days=365)
BOTH = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


@cache
def key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, and the one above it (None: a root)."""

    certificate: x509.Certificate
    key: Key
    above: Issued | None = None

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def sha256(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def thumbprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 - what Windows names certificates by

    def chain_file(self, folder: Path, *above: Issued) -> Path:
        """A file for a server: its certificate, those it sends along, and its key."""
        path = folder / "server.pem"
        path.write_bytes(self.pem + b"".join(one.pem for one in above) + self.key_pem)
        return path


def name(common: str | Sequence[str]) -> x509.Name:
    commons = [common] if isinstance(common, str) else common
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one) for one in commons])


def authority(common: str, above: Issued | None = None, *, since: timedelta = -YEAR, until: timedelta = YEAR) -> Issued:
    """A root, or an intermediate CA below another."""
    own = key(common)
    builder = _builder(common, above, own, since, until).add_extension(x509.BasicConstraints(True, None), True)
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return _signed(builder.add_extension(usage, True), own, above)


def server(
    common: str | Sequence[str],
    above: Issued | None,
    *san: str,
    since: timedelta = -YEAR / 2,
    until: timedelta = YEAR / 2,
    usages: Sequence[x509.ObjectIdentifier] = BOTH,
    crl: bool = True,
    own: Key | None = None,
) -> Issued:
    """A server's certificate; without a CA above it signs itself."""
    own = own or key("server")
    builder = _builder(common, above, own, since, until)
    if san:
        names = [x509.IPAddress(ipaddress.ip_address(one)) if one[0].isdigit() else x509.DNSName(one) for one in san]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), False)
    if crl:
        where = [x509.UniformResourceIdentifier("http://pki.contoso.example/root.crl")]
        builder = builder.add_extension(x509.CRLDistributionPoints([x509.DistributionPoint(where, None, None, None)]), False)
    return _signed(builder, own, above)


def _builder(
    common: str | Sequence[str], above: Issued | None, own: Key, since: timedelta, until: timedelta
) -> x509.CertificateBuilder:
    issuer = above.certificate.subject if above else name(common)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(issuer)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + since)
        .not_valid_after(NOW + until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False)
    )
    if above:
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key()), False)
    return builder


def _signed(builder: x509.CertificateBuilder, own: Key, above: Issued | None) -> Issued:
    return Issued(builder.sign(above.key if above else own, hashes.SHA256()), own, above)


def encrypted(one: Issued) -> bytes:
    """Its key in PEM, encrypted."""
    return one.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"Secret.1"))
