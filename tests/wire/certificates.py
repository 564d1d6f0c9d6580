"""A certification authority for tests, and the certificates it gets wrong on purpose."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Authority:
    """A CA whose certificate is in `file`; `key_usage` is what Python 3.13 insists on."""

    folder: Path
    name: str = "Contoso Root CA"
    key_usage: bool = True

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.pem"

    @property
    def last(self) -> Path:
        """The certificate it issued last."""
        return self.folder / "server.pem"

    def __post_init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(self.name, self.name, key, -YEAR, YEAR).add_extension(x509.BasicConstraints(True, None), True)
        if self.key_usage:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, True)
        _write(self.file, builder.sign(key, hashes.SHA256()), key)

    def server(self, *names: str, since: timedelta = -YEAR, until: timedelta = YEAR) -> ssl.SSLContext:
        """A server's side of TLS, with a certificate for these DNS names and IP addresses."""
        issuer_key = serialization.load_pem_private_key(self.file.with_suffix(".key").read_bytes(), None)
        assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        builder = _builder("dc1.contoso.example", self.name, key, since, until)
        builder = builder.add_extension(_names(names), False).add_extension(identifier, False)
        _write(self.last, builder.sign(issuer_key, hashes.SHA256()), key)
        return _context(self.last)

    def self_signed(self, *names: str) -> ssl.SSLContext:
        """A server's side of TLS, with a certificate no CA issued."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder("dc1.contoso.example", "dc1.contoso.example", key, -YEAR, YEAR).add_extension(_names(names), False)
        path = self.folder / "self-signed.pem"
        _write(path, builder.sign(key, hashes.SHA256()), key)
        return _context(path)


def _builder(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, since: timedelta, until: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + since)
        .not_valid_after(now + until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )


def _names(names: tuple[str, ...]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names]
    )


def _write(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path.write_bytes(certificate.public_bytes(encoding))
    path.with_suffix(".key").write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain))


def _context(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, path.with_suffix(".key"))
    return context
