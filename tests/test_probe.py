from __future__ import annotations

import socket
import ssl
import threading
import warnings
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pki
import pytest
from tls_hosts import HEARD, HOST, Serve, context, serving, tls

from adinspect import probe
from adinspect.certificates import Bundle
from adinspect.errors import ConfigurationError
from adinspect.probe import Endpoint

ROOT = pki.authority("Contoso Root CA")
ISSUING = pki.authority("Contoso Issuing CA", ROOT)
SOUND = pki.server(HOST, ISSUING, HOST)
OWN = pki.server(HOST, None, HOST)


def presented(endpoint: Endpoint, *roots: pki.Issued, seconds: float = 10) -> Bundle:
    (bundle,) = probe.probe_all([endpoint], None, [one.certificate for one in roots], seconds)
    return bundle


def chain(bundle: Bundle) -> list[str]:
    return [one.subject.rfc4514_string() for one in bundle.certificates]


def test_a_certificate_that_verifies_is_brought_with_its_chain_up_to_the_root(tmp_path: Path) -> None:
    with serving(tls(context(tmp_path, SOUND, ISSUING))) as endpoint:
        bundle = presented(endpoint, ROOT)
    assert (bundle.verified, bundle.problem) == (True, "")
    assert chain(bundle) == ["CN=localhost", "CN=Contoso Issuing CA", "CN=Contoso Root CA"]
    assert (bundle.host, bundle.port, bundle.source) == (HOST, endpoint.port, "probe")
    assert [one.subject for one in bundle.leaves] == [SOUND.certificate.subject]


UNSOUND: dict[str, tuple[pki.Issued, tuple[pki.Issued, ...], str]] = {
    "an expired one": (pki.server(HOST, ROOT, HOST, until=-timedelta(days=1)), (), "expired"),
    "one that is not valid yet": (pki.server(HOST, ROOT, HOST, since=timedelta(days=1)), (), "not valid yet"),
    "one for another name": (pki.server("ex1.contoso.com", ROOT, "ex1.contoso.com"), (), "for another name"),
    "a self-signed one": (OWN, (), "self-signed"),
    "one whose chain is not sent": (SOUND, (), "the CA that issued the server's certificate is unknown"),
    "one of a root nobody trusts": (
        pki.server(HOST, pki.authority("Fabrikam Root CA"), HOST),
        (pki.authority("Fabrikam Root CA"),),
        "a self-signed CA that is not known here",
    ),
    "one with a weak key": (pki.server(HOST, ROOT, HOST, own=pki.rsa_key(1024)), (), "too weak"),
}


@pytest.mark.parametrize("case", UNSOUND)
def test_a_certificate_that_does_not_verify_is_read_all_the_same_and_says_why(tmp_path: Path, case: str) -> None:
    one, sent, said = UNSOUND[case]
    with serving(tls(context(tmp_path, one, *sent))) as endpoint:
        bundle = presented(endpoint, ROOT)
    assert bundle.verified is False
    assert said in bundle.problem
    assert bundle.certificates[0] == one.certificate
    assert len(bundle.certificates) == 1 + len(sent)
    assert bundle.origin["problem"] == bundle.problem


def test_nothing_is_ever_sent_inside_tls(tmp_path: Path) -> None:
    HEARD.clear()
    for one in (pki.server(HOST, ROOT, HOST), OWN):
        with serving(tls(context(tmp_path, one))) as endpoint:
            presented(endpoint, ROOT)
    assert set(HEARD) <= {b""}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(("one", "verifies"), [(pki.server(HOST, ROOT, HOST), True), (OWN, False)], ids=["sound", "self-signed"])
def test_a_host_that_asks_for_a_certificate_of_ours_has_presented_its_own(
    tmp_path: Path, one: pki.Issued, verifies: bool, version: ssl.TLSVersion
) -> None:
    mutual = context(tmp_path, one)
    mutual.maximum_version = version
    mutual.verify_mode = ssl.CERT_REQUIRED
    with serving(tls(mutual)) as endpoint:
        bundle = presented(endpoint, ROOT)
    assert bundle.certificates[0] == one.certificate
    assert bundle.verified is verifies
    if version is ssl.TLSVersion.TLSv1_2:
        assert ("mutual TLS" in bundle.problem) is verifies


def test_a_host_that_speaks_an_old_tls_alone_is_read_and_not_verified(tmp_path: Path) -> None:
    old = context(tmp_path, pki.server(HOST, ROOT, HOST))
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    with serving(tls(old)) as endpoint:
        bundle = presented(endpoint, ROOT)
    assert bundle.verified is False
    assert bundle.problem.startswith("no TLS with this server")
    assert chain(bundle) == ["CN=localhost"]


def test_a_host_that_breaks_the_handshake_off_after_its_certificate_proves_nothing_of_its_key(tmp_path: Path) -> None:
    """A certificate is public: whoever shows one without the proof that the key is his has not been verified."""

    def answer(connection: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = context(tmp_path, pki.server(HOST, ROOT, HOST))
        server.maximum_version = ssl.TLSVersion.TLSv1_2
        engine = server.wrap_bio(incoming, outgoing, server_side=True)
        incoming.write(connection.recv(65536))
        with suppress(ssl.SSLWantReadError):
            engine.do_handshake()
        flight = outgoing.read()
        end = 0
        for _ in range(2):  # the records of ServerHello and Certificate, and not the one with the proof
            end += 5 + int.from_bytes(flight[end + 3 : end + 5], "big")
        connection.sendall(flight[:end])

    with serving(answer) as endpoint:
        bundle = presented(endpoint, ROOT)
    assert bundle.verified is False
    assert bundle.problem


def stalls(connection: socket.socket) -> None:
    connection.recv(65536)
    with suppress(OSError):
        while connection.recv(65536):  # until the other side has had enough
            pass


def drips(connection: socket.socket) -> None:
    """Sends the beginning of an answer octet by octet, for longer than a probe may take."""
    for octet in b"\x16\x03\x03\x3f\xff" + bytes(1000):
        connection.sendall(bytes([octet]))
        threading.Event().wait(0.01)


SILENT: dict[str, tuple[Serve, str]] = {
    "a server that is not TLS": (lambda connection: connection.sendall(b"SIP/2.0 400 Bad Request\r\n\r\n"), "no TLS with this"),
    "a server that closes at once": (lambda connection: None, "no TLS with this server"),
    "a server that stalls": (stalls, "in time"),
    "a server that sends an octet now and then": (drips, "in time"),
}


@pytest.mark.parametrize("case", SILENT)
def test_a_probe_that_fails_says_why_and_is_no_error(case: str) -> None:
    answer, said = SILENT[case]
    with serving(answer) as endpoint:
        bundle = presented(endpoint, seconds=0.5 if "time" in said else 10)
    assert (bundle.certificates, bundle.verified) == ((), False)
    assert said in bundle.problem


def test_nobody_listens_and_a_name_that_does_not_exist_are_no_errors() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = Endpoint("127.0.0.1", listener.getsockname()[1])
    for endpoint in (closed, Endpoint("no-such-host.invalid")):
        bundle = presented(endpoint)
        assert (bundle.certificates, bundle.verified) == ((), False)
        assert bundle.problem.startswith(f"no connection to {endpoint}: ")


def test_several_hosts_are_told_in_the_order_they_are_given(tmp_path: Path) -> None:
    with serving(tls(context(tmp_path, SOUND, ISSUING))) as sound, serving(stalls) as silent:
        bundles = probe.probe_all([silent, sound, silent], None, [ROOT.certificate], 0.5)
    assert [bundle.verified for bundle in bundles] == [False, True, False]


def test_the_roots_of_a_file_stand_in_for_those_of_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(ROOT.pem)
    assert probe.system_roots(file) == (ROOT.certificate,)
    assert ROOT.certificate not in probe.system_roots(None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EX1.contoso.com", Endpoint("ex1.contoso.com", 5061)),
        ("ex1.contoso.com.:443", Endpoint("ex1.contoso.com", 443)),
        ("10.0.0.1:5063", Endpoint("10.0.0.1", 5063)),
        ("[2001:db8::1]:5061", Endpoint("2001:db8::1", 5061)),
        ("[2001:db8::1]", Endpoint("2001:db8::1", 5061)),
    ],
)
def test_a_host_is_read_with_or_without_its_port(text: str, expected: Endpoint) -> None:
    assert Endpoint.parse(text) == expected
    assert Endpoint.parse(str(expected)) == expected


@pytest.mark.parametrize("text", ["", ":5061", "host:", "host:0", "host:65536", "host:sip", "sip:me@host", "https://host", "a b"])
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="no host to probe"):
        Endpoint.parse(text)
