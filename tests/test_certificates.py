from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pki
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7, pkcs12
from cryptography.hazmat.primitives.serialization import NoEncryption as Plain

from adinspect import certificate_files, certificates
from adinspect.certificates import Bundle, Trust
from adinspect.errors import InputError

ROOT = pki.authority("Contoso Root CA")
ISSUING = pki.authority("Contoso Issuing CA", ROOT)
OTHER = pki.authority("Fabrikam Root CA")
LEAF = pki.server("ex1.contoso.com", ISSUING, "ex1.contoso.com", "10.0.0.1")
OWN = pki.server("ex2.contoso.com", None, "ex2.contoso.com")

SHA1_SIGNED = """-----BEGIN CERTIFICATE-----
MIICEDCCAXmgAwIBAgIUGW2v8fquutIcAvYSkACAlr8oCeQwDQYJKoZIhvcNAQEF
BQAwGjEYMBYGA1UEAwwPb2xkLmNvbnRvc28uY29tMB4XDTI2MTEyNDEyMzAxNVoX
DTM2MTEyMTEyMzAxNVowGjEYMBYGA1UEAwwPb2xkLmNvbnRvc28uY29tMIGfMA0G
CSqGSIb3DQEBAQUAA4GNADCBiQKBgQCxILZIKNN3GQuiRh5D9qAqELsHajDV6IWP
4NntM9JOoKpLCyCoWUjVZhRBTL4RmiKnriAGe9P7XYoPZYCPrwsD4/KVHO5/rFZP
Md5MoqZHjVB1YfYInRyDAR2pBS5x2Tmc/0P9GPrqCmgGP6vi6Nu6mowDsXWwdQdr
8sP13O2h9QIDAQABo1MwUTAdBgNVHQ4EFgQUIgLR9AXcvzfJkrAVInp+HfD//Bww
HwYDVR0jBBgwFoAUIgLR9AXcvzfJkrAVInp+HfD//BwwDwYDVR0TAQH/BAUwAwEB
/zANBgkqhkiG9w0BAQUFAAOBgQBO+NXOEYXyddY9HESy4Ld59iIfOD+X4HlPWNYB
nR5wNYHkHfbo7xGTY8VwtV328xspTJxjwqJqZLrrcf51aUpX2DqeT8CuqECDa+25
GbEu7pGgX7uOl0IgvWQ7h40pVG/3r/B3kl3jvc+CFWXlR+YabcLPjo+nZw0MFGAA
cs+pVA==
-----END CERTIFICATE-----
"""


def written(folder: Path, octets: bytes, name: str = "any.cer") -> Path:
    path = folder / name
    path.write_bytes(octets)
    return path


def p7b(*many: pki.Issued, encoding: Encoding = Encoding.DER) -> bytes:
    return pkcs7.serialize_certificates([one.certificate for one in many], encoding)


FILES = {
    "PEM": (LEAF.pem, [LEAF], 0),
    "PEM with text around, as openssl s_client writes it": (b"depth=1 ...\r\n" + LEAF.pem + b"---\r\n", [LEAF], 0),
    "PEM that PowerShell wrote": (LEAF.pem.decode().encode("utf-16"), [LEAF], 0),
    "PEM with a byte order mark": (b"\xef\xbb\xbf" + LEAF.pem, [LEAF], 0),
    "DER": (LEAF.der, [LEAF], 0),
    "many in PEM, one of them twice": (LEAF.pem + ISSUING.pem + ROOT.pem + LEAF.pem, [LEAF, ISSUING, ROOT], 0),
    "a chain in PKCS#7": (p7b(LEAF, ISSUING, ROOT), [LEAF, ISSUING, ROOT], 0),
    "a chain in PKCS#7, as PEM": (p7b(LEAF, ROOT, encoding=Encoding.PEM), [LEAF, ROOT], 0),
    "a chain in PKCS#7, as certutil -encode writes it": (
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(p7b(LEAF, ROOT)) + b"-----END CERTIFICATE-----\n",
        [LEAF, ROOT],
        0,
    ),
    "a private key beside it": (LEAF.key_pem + LEAF.pem, [LEAF], 1),
    "an encrypted private key beside it": (LEAF.pem + pki.encrypted(LEAF), [LEAF], 1),
}


@pytest.mark.parametrize("case", FILES)
def test_certificates_are_read_however_they_are_written(tmp_path: Path, case: str) -> None:
    octets, expected, keys = FILES[case]
    bundle = certificate_files.read(written(tmp_path, octets), "ex1.contoso.com")
    assert set(bundle.certificates) == {one.certificate for one in expected}
    assert bundle.origin["file"] == "any.cer"
    assert bundle.origin["certificates"] >= len(expected)
    assert bundle.origin["private_keys_not_kept"] == keys
    assert b"PRIVATE" not in repr(bundle).encode()


REJECTED = {
    "nothing": (b"", "no certificate"),
    "text": (b"hello", "neither X.509 nor PKCS#7"),
    "a private key alone": (LEAF.key_pem, "a private key alone"),
    "a PFX": (pkcs12.serialize_key_and_certificates(b"x", LEAF.key, LEAF.certificate, None, Plain()), "PKCS#12"),
    "a PEM that was cut off": (LEAF.pem[:-30], "cut off"),
    "a PEM that is not base64": (b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", "not base64"),
    "a damaged certificate among good ones": (
        LEAF.pem + b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(LEAF.der[:-9]) + b"-----END CERTIFICATE-----\n",
        "PEM block 2 (CERTIFICATE)",
    ),
    "a request": (
        b"-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n",
        "PEM block 1 (CERTIFICATE REQUEST)",
    ),
    "far too much": (b"\0" * (certificate_files.LARGEST + 1), "so large"),
}


@pytest.mark.parametrize("case", REJECTED)
def test_a_file_that_is_none_is_rejected_and_says_why(tmp_path: Path, case: str) -> None:
    octets, said = REJECTED[case]
    path = written(tmp_path, octets)
    with pytest.raises(InputError, match=r".") as rejected:
        certificate_files.read(path)
    assert said in rejected.value.what
    assert rejected.value.where == str(path)
    assert rejected.value.next_step
    assert rejected.value.exit_code == 9


@pytest.mark.parametrize("name", ["missing.pem", "."])
def test_a_file_that_cannot_be_opened_is_rejected(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        certificate_files.read(tmp_path / name)


def rows(*bundles: Bundle, **trusted: Any) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = certificates.table(bundles, Trust(**trusted), pki.NOW).to_pylist()
    return read


def of_file(*many: pki.Issued, host: str = "") -> Bundle:
    return Bundle(tuple(one.certificate for one in many), {}, host)


def test_a_certificate_says_what_it_says() -> None:
    (row,) = rows(of_file(LEAF, host="ex1.contoso.com"))
    assert (row["guid"], row["dn"], row["identity"], row["host"], row["source"]) == (
        ("", "", "ex1.contoso.com", "ex1.contoso.com", "file")
    )
    assert (row["subject"], row["subject_cn"], row["issuer"]) == (
        "CN=ex1.contoso.com",
        "ex1.contoso.com",
        "CN=Contoso Issuing CA",
    )
    assert row["san"] == "ex1.contoso.com|10.0.0.1"
    assert (row["key_type"], row["key_bits"], row["signature_hash"]) == ("EC", 256, "sha256")
    assert (row["not_before"], row["not_after"]) == (pki.NOW - pki.YEAR / 2, pki.NOW + pki.YEAR / 2)
    assert (row["thumbprint"], row["sha256"]) == (LEAF.thumbprint, LEAF.sha256)
    assert [row[name] for name in ("self_signed", "server_auth", "client_auth", "has_crl")] == [False, True, True, True]
    assert base64.b64decode(row["certificate"]) == LEAF.der
    assert int(row["serial"], 16) == LEAF.certificate.serial_number


def test_what_a_certificate_does_not_say_is_not_there() -> None:
    bare = pki.server([], ROOT, usages=(), crl=False, own=pki.rsa_key(2048))
    (row,) = rows(of_file(bare))
    assert (row["subject"], row["subject_cn"], row["san"]) == (None, None, None)
    assert [row[name] for name in ("server_auth", "client_auth", "has_crl")] == [False, False, False]
    assert (row["key_type"], row["key_bits"]) == ("RSA", 2048)
    assert row["identity"] == bare.sha256


POSITIONS = {
    "a leaf with its chain, in any order": ((ROOT, LEAF, ISSUING), "ex1.contoso.com", [LEAF]),
    "a leaf alone": ((LEAF,), "", [LEAF]),
    "trusted roots": ((ROOT, OTHER), "", []),
    "a self-signed server": ((OWN,), "", [OWN]),
    "a CA certificate that a host really uses": ((ROOT,), "ex1.contoso.com", [ROOT]),
    "the lower of two CA certificates that a host uses": ((ROOT, ISSUING), "ex1.contoso.com", [ISSUING]),
}


@pytest.mark.parametrize("case", POSITIONS)
def test_a_leaf_is_told_from_its_chain(case: str) -> None:
    given, host, leaves = POSITIONS[case]
    found = {row["sha256"] for row in rows(of_file(*given, host=host)) if row["position"] == "leaf"}
    assert found == {one.sha256 for one in leaves}


def test_a_host_does_not_vouch_for_its_own_root() -> None:
    assert of_file(ROOT, ISSUING, LEAF).roots == (ROOT.certificate,)
    assert of_file(ROOT, LEAF, host="ex1.contoso.com").roots == ()
    assert Bundle((LEAF.certificate, ROOT.certificate), {}, "", 5061, False).roots == ()


def test_the_root_is_found_over_all_that_was_supplied() -> None:
    leaf, *_ = rows(of_file(LEAF), of_file(ISSUING), enterprise=(ROOT.certificate,))
    assert (leaf["root"], leaf["verified"], leaf["problem"]) == (ROOT.sha256, True, None)
    assert not leaf["system_root"]
    (leaf,) = rows(of_file(LEAF), system=(ROOT.certificate,), others=(ISSUING.certificate,))
    assert (leaf["root"], leaf["system_root"]) == (ROOT.sha256, True)


def test_a_chain_that_ends_early_names_the_key_it_lacks() -> None:
    (leaf,) = rows(of_file(LEAF))
    assert leaf["root"] is None
    assert leaf["root_key"] == certificates.key_identifier(ISSUING.certificate)
    assert "the CA that issued CN=ex1.contoso.com is not known" in leaf["problem"]


def test_of_a_renewed_root_the_key_stays_and_the_one_valid_longest_is_taken() -> None:
    renewed = pki.authority("Contoso Root CA", until=3 * pki.YEAR)
    leaf = pki.server("ex1.contoso.com", ROOT, "ex1.contoso.com")
    (row,) = rows(of_file(leaf), enterprise=(renewed.certificate, ROOT.certificate))
    assert row["root"] == renewed.sha256
    (before,) = rows(of_file(leaf), enterprise=(ROOT.certificate,))
    assert row["root_key"] == before["root_key"]


def test_a_chain_that_leads_in_a_circle_ends() -> None:
    one, two = pki.authority("A", pki.authority("B")), pki.authority("B", pki.authority("A"))
    leaf = pki.server("ex1.contoso.com", one)
    assert len(certificates.chain(leaf.certificate, [one.certificate, two.certificate])) == 3


PROBLEMS = {
    "expired": (pki.server("a.example", ROOT, "a.example", until=-timedelta(days=1)), "the certificate has expired"),
    "not valid yet": (pki.server("a.example", ROOT, "a.example", since=timedelta(days=1)), "the certificate is not valid yet"),
    "of another host": (pki.server("b.example", ROOT, "b.example"), "the certificate is not for a.example"),
    "of another host, by its common name": (pki.server("b.example", ROOT), "the certificate is not for a.example"),
    "self-signed": (pki.server("a.example", None, "a.example"), "the certificate is self-signed"),
    "of a root nobody trusts": (pki.server("a.example", OTHER, "a.example"), "its root is not trusted here"),
    "of a CA that is none": (
        pki.server("a.example", pki.server("Not a CA", ROOT), "a.example"),
        "the CA certificate CN=Not a CA is not one of a CA",
    ),
    "sound": (pki.server("a.example", ROOT, "*.example"), None),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_a_certificate_of_a_file_that_does_not_verify_says_why(case: str) -> None:
    leaf, said = PROBLEMS[case]
    above = [one.certificate for one in (leaf.above, OTHER) if one]
    (row,) = rows(of_file(leaf, host="a.example"), enterprise=(ROOT.certificate,), others=tuple(above))
    assert (row["problem"], row["verified"]) == (said, said is None)


def test_a_probe_that_brought_nothing_is_a_row() -> None:
    (row,) = rows(Bundle((), {}, "a.example", 5061, False, "no connection"))
    assert (row["identity"], row["port"], row["source"], row["position"]) == ("a.example", 5061, "probe", None)
    assert (row["verified"], row["problem"], row["certificate"]) == (False, "no connection", None)


@pytest.mark.parametrize(
    ("names", "fqdn", "expected"),
    [
        ("ex1.contoso.com", "EX1.Contoso.com.", True),
        ("a.example|*.contoso.com", "ex1.contoso.com", True),
        ("*.contoso.com", "ex1.emea.contoso.com", False),
        ("*.contoso.com", "contoso.com", False),
        ("*", "localhost", False),
        ("", "", False),
        (None, "ex1.contoso.com", False),
    ],
)
def test_a_wildcard_stands_for_one_label(names: str | None, fqdn: str, expected: bool) -> None:
    assert certificates.covers(names, fqdn) is expected


def test_a_signature_over_sha1_is_told_and_not_taken_for_none(tmp_path: Path) -> None:
    bundle = certificate_files.read(written(tmp_path, SHA1_SIGNED.encode()))
    (row,) = rows(bundle)
    assert (row["signature_hash"], row["key_bits"], row["self_signed"]) == ("sha1", 1024, True)
    altered = bytearray(base64.b64decode(row["certificate"]))
    altered[-1] ^= 1
    (forged,) = certificates.decoded([base64.b64encode(altered).decode()])
    assert forged
    assert not certificates.is_root(forged)


def test_what_is_no_certificate_is_decoded_to_none() -> None:
    assert certificates.decoded([None, "", "AA==", base64.b64encode(ROOT.der).decode()]) == [None, None, None, ROOT.certificate]
