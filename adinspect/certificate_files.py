"""Reads certificates from files: PEM, DER and PKCS#7, one or many; a private key among them is never kept."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.utils import CryptographyDeprecationWarning

from adinspect.certificates import Bundle, load
from adinspect.errors import InputError

LARGEST = 10_000_000
"""Octets of the largest file that is read: a trust bundle of a whole operating system has a fiftieth."""

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_MARK = b"-----BEGIN "
_PFX = re.compile(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..|\x83...|\x84....|\x80)\x02\x01\x03\x30", re.DOTALL)
"""How a PKCS#12 file begins: a sequence of version 3 and a sequence (RFC 7292, section 4)."""

_EXPORT = "Export the certificate without its private key: .cer (PEM or DER) or .p7b (with its chain)."


def read(path: Path, host: str = "") -> Bundle:
    """Read the certificates of a file: PEM, DER or PKCS#7, one or many. Of private keys in it only the number is kept.

    Raises:
        InputError: the file cannot be read, or something in it is no certificate; says what.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST + 1)
            written = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except OSError as error:
        raise _rejected(path, f"the file of certificates cannot be read: {error.strerror}", "Is this the right path?") from None
    if len(octets) > LARGEST:
        raise _rejected(path, f"the file has more than {LARGEST:,} octets: no file of certificates is so large")
    text = _octets_of_text(octets)
    blocks = [(label.decode("ascii"), body) for label, body in _BLOCK.findall(text)]
    if text.count(_MARK) != len(blocks):
        raise _rejected(path, "a PEM block in it has no end: the file was cut off, or put together wrongly")
    keys = sum(label.endswith("PRIVATE KEY") for label, _ in blocks)
    found = list(_certificates(path, octets, [block for block in blocks if not block[0].endswith("PRIVATE KEY")], keys))
    if not found:
        what = "it holds a private key alone" if keys else "it holds no certificate"
        raise _rejected(path, what)
    origin = {
        "file": path.name,
        "sha256": hashlib.sha256(octets).hexdigest(),
        "host": host,
        "certificates": len(found),
        "private_keys_not_kept": keys,
    }
    return Bundle(tuple(dict.fromkeys(found)), origin, host, looked_at=written)


def _octets_of_text(octets: bytes) -> bytes:
    """PEM as ASCII: PowerShell's redirection writes UTF-16."""
    return octets.decode("utf-16", "replace").encode("ascii", "replace") if octets[:2] in (b"\xff\xfe", b"\xfe\xff") else octets


def _certificates(path: Path, octets: bytes, blocks: list[tuple[str, bytes]], keys: int) -> Iterator[x509.Certificate]:
    if not blocks and not keys:
        yield from _of_der(path, octets, "it")
        return
    for number, (label, body) in enumerate(blocks, start=1):
        try:
            der = base64.b64decode(b"".join(body.split()), validate=True)
        except binascii.Error:
            raise _rejected(path, f"PEM block {number} ({label}) is not base64") from None
        yield from _of_der(path, der, f"PEM block {number} ({label})")


def _of_der(path: Path, der: bytes, what: str) -> Iterator[x509.Certificate]:
    """One certificate, or those of a PKCS#7 structure: certutil -encode writes either under the same label."""
    for load_all in (_single, _chain):
        try:
            found = load_all(der)
        except (ValueError, UnsupportedAlgorithm):
            continue
        yield from found
        return
    if _PFX.match(der):
        raise _rejected(path, f"{what} is a PKCS#12 (.pfx) file, which is made to carry a private key")
    raise _rejected(path, f"{what} is no certificate that can be read, neither X.509 nor PKCS#7")


def _single(der: bytes) -> list[x509.Certificate]:
    return [load(der)]


def _chain(der: bytes) -> list[x509.Certificate]:
    with warnings.catch_warnings(action="ignore", category=CryptographyDeprecationWarning):
        found = pkcs7.load_der_pkcs7_certificates(der)
    return [load(one.public_bytes(Encoding.DER)) for one in found]


def _rejected(path: Path, what: str, next_step: str = _EXPORT) -> InputError:
    return InputError(what, where=str(path), safe="Nothing was collected or written.", next_step=next_step)
