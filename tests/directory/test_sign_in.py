"""Who cannot be reached, trusted or signed in to is named; the password never shows; nothing secret goes out in clear text."""

from __future__ import annotations

import hashlib
import logging
import socket
import ssl
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
import spnego
from ldap3.utils.log import EXTENDED
from spnego.channel_bindings import GssChannelBindings
from wire import Authority, FakeServer, Person, tlv
from wire.messages import result
from wire.server import DOMAIN, ROOT_DSE

from adinspect.directory import Contexts, Root, live, sign_in
from adinspect.directory.live import LiveDirectory
from adinspect.errors import AdinspectError, ConfigurationError, ConnectError

USER, PASSWORD = "ada@contoso.example", "S3cret-Pässword\N{NO-BREAK SPACE}1"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"), "Fabrikam Root CA")


@pytest.fixture(scope="module")
def tls(authority: Authority) -> ssl.SSLContext:
    return authority.server("127.0.0.1", "dc1.contoso.example")


def connect(url: str, authority: Authority, **options: Any) -> LiveDirectory:
    settings: dict[str, Any] = {"user": USER, "password": PASSWORD, "ca_file": authority.file, "time_limit": 10} | options
    return live.connect(url, **settings)


def refused(url: str, authority: Authority, **options: Any) -> ConnectError:
    """How a connection fails; and that neither the error nor what hangs on it shows the password."""
    with pytest.raises(ConnectError) as raised:
        connect(url, authority, **options)
    assert_hidden(raised.value)
    assert raised.value.where == url
    assert raised.value.exit_code == 4
    return raised.value


def assert_hidden(error: BaseException) -> None:
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = [str(error), repr(error), *traceback.format_exception(error)]
    shown += [repr(value) for frame in frames(error.__traceback__) for value in frame.items()]
    for text in shown:
        assert PASSWORD not in text
        assert repr(PASSWORD.encode())[2:-1] not in text


def frames(at: TracebackType | None) -> Iterator[dict[str, Any]]:
    """The variables of every frame of the product that an error passed through."""
    while at is not None:
        if "adinspect" in at.tb_frame.f_code.co_filename and "tests" not in at.tb_frame.f_code.co_filename:
            yield at.tb_frame.f_locals
        at = at.tb_next


@pytest.mark.parametrize("start_tls", [False, True])
def test_signed_in_by_a_simple_bind_inside_tls(authority: Authority, tls: ssl.SSLContext, start_tls: bool) -> None:
    with (
        FakeServer([Person(f"CN=Ada,{DOMAIN}", {})], tls=tls, start_tls=start_tls) as server,
        connect(server.url, authority, start_tls=start_tls) as directory,
    ):
        assert directory.root == Root(
            forest="contoso.example",
            source=server.url,
            contexts=Contexts(
                f"CN=Configuration,{DOMAIN}",
                f"CN=Schema,CN=Configuration,{DOMAIN}",
                DOMAIN,
                (DOMAIN,),
            ),
            account=USER,
            now=directory.root.now,
            highest_usn=4711,
            token_sids=frozenset({"S-1-5-11"}),
        )
        assert PASSWORD not in repr(vars(directory))
    assert server.passwords == [PASSWORD.encode()]


def test_the_certificate_may_name_the_host(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: lookup("127.0.0.1", *rest, **more))
    with FakeServer(tls=authority.server("dc1.contoso.example")) as server:
        url = f"ldaps://dc1.contoso.example:{server.port}"
        with connect(url, authority):
            pass
        assert "for another name" in refused(f"ldaps://dc2.contoso.example:{server.port}", authority).what


@pytest.mark.parametrize(
    ("certificate", "what", "next_step"),
    [
        (lambda own, other: own.server("127.0.0.1", until=-DAY), "has expired", "Renew"),
        (lambda own, other: own.server("127.0.0.1", since=DAY), "is not valid yet", "clocks"),
        (lambda own, other: own.server("127.0.0.2"), "is not for this IP address", "a name that is in the certificate"),
        (lambda own, other: own.server("dc1.contoso.example"), "is not for this IP address", "a name that is in the certificate"),
        (lambda own, other: other.server("127.0.0.1"), "the CA that issued the server's certificate is unknown", "--ca FILE"),
        (lambda own, other: own.self_signed("127.0.0.1"), "is self-signed and not known here", "--ca FILE"),
    ],
)
@pytest.mark.parametrize("start_tls", [False, True])
def test_a_certificate_that_is_not_to_be_trusted(
    certificate: Callable[[Authority, Authority], ssl.SSLContext],
    what: str,
    next_step: str,
    start_tls: bool,
    authority: Authority,
    stranger: Authority,
) -> None:
    with FakeServer(tls=certificate(authority, stranger), start_tls=start_tls) as server:
        error = refused(server.url, authority, start_tls=start_tls)
    assert what in error.what
    assert next_step in error.next_step
    assert server.passwords == []


def test_without_a_ca_file_the_systems_cas_decide(tls: ssl.SSLContext, authority: Authority) -> None:
    with FakeServer(tls=tls) as server:
        assert "--ca FILE" in refused(server.url, authority, ca_file=None).next_step
    assert server.passwords == []


def test_a_ca_certificate_that_python_3_13_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path, key_usage=False)
    default = ssl.create_default_context

    def strict(**options: Any) -> ssl.SSLContext:
        context = default(**options)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(ssl, "create_default_context", strict)
    with FakeServer(tls=authority.server("127.0.0.1")) as server:
        error = refused(server.url, authority)
    assert error.what == "the CA certificate says no key usage, and Python 3.13 and later refuse it"
    assert "--ca FILE" in error.next_step


def test_an_old_tls_is_refused(authority: Authority) -> None:
    old = authority.server("127.0.0.1")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with FakeServer(tls=old) as server:
        assert "no TLS with this server" in refused(server.url, authority).what


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_ca_file_that_is_none_is_a_wrong_setting(content: str | None, tmp_path: Path, authority: Authority) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigurationError, match="the file of CA certificates") as raised:
        connect("ldaps://127.0.0.1", authority, ca_file=path)
    assert raised.value.where == str(path)


@pytest.mark.parametrize("empty", [{"user": ""}, {"password": ""}])
def test_an_empty_name_or_password_is_not_an_anonymous_bind(
    empty: dict[str, str], tls: ssl.SSLContext, authority: Authority
) -> None:
    with FakeServer(tls=tls) as server, pytest.raises(ConfigurationError, match="is empty"):
        connect(server.url, authority, **empty)
    assert server.passwords == []


@pytest.mark.parametrize("authentication", ["auto", "simple"])
def test_a_password_never_goes_out_in_clear_text(authentication: str, authority: Authority) -> None:
    with FakeServer() as server, pytest.raises(AdinspectError):
        connect(server.url, authority, authentication=authentication)
    assert not any(PASSWORD.encode() in sent for sent in server.passwords)


def test_a_server_without_starttls_gets_no_password(authority: Authority) -> None:
    with FakeServer() as server:
        error = refused(server.url, authority, start_tls=True)
    assert "StartTLS failed" in error.what
    assert server.passwords == []


def windows(code: str) -> str:
    return f"80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data {code}, v3839\0"


@pytest.mark.parametrize(
    ("code", "saying", "what"),
    [
        (49, windows("525"), "there is no such user"),
        (49, windows("52e"), "the user name or the password is wrong"),
        (49, windows("490"), "the user name or the password is wrong"),
        (49, windows("530"), "the account may not sign in at this time"),
        (49, windows("531"), "the account may not sign in from this machine"),
        (49, windows("532"), "the password has expired"),
        (49, windows("533"), "the account is disabled"),
        (49, windows("701"), "the account has expired"),
        (49, windows("773"), "the password must be changed before the first sign-in"),
        (49, windows("775"), "the account is locked"),
        (49, windows("80090346"), "the channel binding is wrong or missing"),
        (49, "80090346: LdapErr: DSID-0C090597, comment: AcceptSecurityContext error, data 80090346", "the channel binding"),
        (49, windows("1"), "invalidCredentials (49): 80090308: LdapErr"),
        (49, "", "invalidCredentials (49)"),
        (8, "BindSimple: Transport encryption required.", "strongerAuthRequired (8): BindSimple: Transport encryption required."),
        (53, "", "unwillingToPerform (53)"),
        (51, "", "busy (51)"),
    ],
)
def test_a_refused_sign_in_is_explained(code: int, saying: str, what: str, tls: ssl.SSLContext, authority: Authority) -> None:
    with FakeServer(tls=tls, bind=result(code, saying, tag=0x61)) as server:
        error = refused(server.url, authority)
    assert error.what.startswith(f"the server refused the sign-in: {what}")


@pytest.mark.parametrize(
    ("bind", "what"),
    [
        (tlv(0x61), "cannot be read"),
        (tlv(0x65), "cannot be read"),
        (b"\x61\x84\x7f\xff\xff\xff", "cannot be read"),
        (b"", "cannot be read"),
        (result(0, tag=0x78), "answered the sign-in with something else"),
        (result(0), "answered the sign-in with something else"),
    ],
)
def test_an_answer_that_is_none_is_a_refusal(bind: bytes, what: str, tls: ssl.SSLContext, authority: Authority) -> None:
    with FakeServer(tls=tls, bind=bind) as server:
        assert what in refused(server.url, authority).what


def test_an_endless_answer_to_the_sign_in_is_cut_off(tls: ssl.SSLContext, authority: Authority) -> None:
    endless = b"\x30\x84\x7f\xff\xff\xff" + bytes(2 * sign_in.ALLOWANCE)
    with FakeServer(tls=tls, greeting=endless) as server:
        assert "more than belongs to a sign-in" in refused(server.url, authority).what


def test_a_server_that_ends_the_negotiation_at_once_is_refused(authority: Authority) -> None:
    with FakeServer() as server:
        assert "did not end the sign-in as Negotiate asks" in refused(server.url, authority).what


def test_a_server_that_goes_on_negotiating_is_left(authority: Authority) -> None:
    with FakeServer(bind=result(14, tag=0x61)) as server:
        assert "did not end the sign-in as Negotiate asks" in refused(server.url, authority).what
    assert len(server.passwords) == sign_in.LONGEST_EXCHANGE


def test_a_token_that_is_none_is_a_refusal(authority: Authority) -> None:
    with FakeServer(bind=result(14, tag=0x61, rest=tlv(0x87, b"no token"))) as server:
        assert "Negotiate failed" in refused(server.url, authority).what


def test_negotiate_without_a_seal_is_left(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    class Weak:
        complete = True
        context_attr = 0

        def step(self, token: bytes | None = None) -> bytes:
            return b"token"

    monkeypatch.setattr("adinspect.directory.sealing.client", lambda *anything: (Weak(), b"token"))
    with FakeServer() as server:
        assert "does not sign and seal" in refused(server.url, authority).what


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one account that the server's side of NTLM knows."""
    accounts = tmp_path / "accounts"
    accounts.write_text(f"CONTOSO:ada:{PASSWORD}")
    monkeypatch.setenv("NTLM_USER_FILE", str(accounts))


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("start_tls", [False, True])
def test_negotiate_inside_tls_is_bound_to_the_certificate(start_tls: bool, authority: Authority) -> None:
    tls = authority.server("127.0.0.1")
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(authority.last.read_text())).digest()

    def accepting(binding: bytes) -> Callable[[], spnego.ContextProxy]:
        return lambda: spnego.server(protocol="ntlm", channel_bindings=GssChannelBindings(application_data=binding))

    options: dict[str, Any] = {"user": "CONTOSO\\ada", "authentication": "negotiate", "start_tls": start_tls}
    settings: dict[str, Any] = {"tls": tls, "start_tls": start_tls}
    with (
        FakeServer(acceptor=accepting(b"tls-server-end-point:" + digest), **settings) as server,
        connect(server.url, authority, **options) as directory,
    ):
        assert directory.root.forest == "contoso.example"
    with FakeServer(acceptor=accepting(b"tls-server-end-point:" + bytes(32)), **settings) as server:
        assert "the channel binding is wrong or missing" in refused(server.url, authority, **options).what


def test_nobody_listens(authority: Authority) -> None:
    with FakeServer() as server:
        pass
    error = refused(server.url, authority)
    assert error.what.startswith("cannot connect: ")
    assert "refused" in error.what


@pytest.mark.parametrize(
    ("scheme", "options", "what"),
    [
        ("ldaps", {}, "did not answer the TLS handshake in time"),
        ("ldap", {}, "timed out"),
        ("ldap", {"start_tls": True}, "timed out"),
    ],
)
def test_nobody_answers(
    scheme: str, options: dict[str, Any], what: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert what in refused(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}", authority, time_limit=0.2, **options).what


def test_no_such_name(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*anything: Any, **more: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "dc9.contoso.example leads to no address" in refused("ldaps://dc9.contoso.example", authority).what


def test_addresses_that_do_not_answer_are_passed_over(
    tls: ssl.SSLContext, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeServer(tls=tls) as server:
        found = socket.getaddrinfo("127.0.0.1", server.port, type=socket.SOCK_STREAM)
        deaf = socket.getaddrinfo("127.0.0.9", server.port, type=socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *anything, **more: deaf + found)
        with connect(server.url, authority) as directory:
            assert directory.root.forest == "contoso.example"


@pytest.mark.parametrize(
    ("root_dse", "what"),
    [
        ({"namingContexts": [b"o=contoso"]}, "this is not an Active Directory domain controller"),
        ({**ROOT_DSE, "configurationNamingContext": []}, "this is not an Active Directory domain controller"),
        ({}, "this is not an Active Directory domain controller"),
    ],
)
def test_another_directory_is_refused(
    root_dse: dict[str, list[bytes]], what: str, tls: ssl.SSLContext, authority: Authority
) -> None:
    with FakeServer(tls=tls, root_dse=root_dse) as server:
        assert what in refused(server.url, authority).what


def test_a_root_dse_that_is_not_shown_is_said(tls: ssl.SSLContext, authority: Authority) -> None:
    def script(line: Any, asked: Any, page: int) -> bool:
        line.cut()
        return True

    with FakeServer(tls=tls, script=script) as server:
        assert "does not say what it is: the server closed the connection" in refused(server.url, authority).what


def test_no_log_holds_the_password(
    tls: ssl.SSLContext, authority: Authority, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("ldap3.utils.log._logging_level", logging.DEBUG)
    monkeypatch.setattr("ldap3.utils.log._detail_level", EXTENDED)
    with FakeServer(tls=tls) as server, connect(server.url, authority):
        pass
    with FakeServer() as server:
        refused(server.url, authority)
    assert "BIND" in caplog.text
    assert PASSWORD not in caplog.text
    assert repr(PASSWORD.encode())[2:-1] not in caplog.text


def test_an_interrupted_sign_in_leaves_nothing_open(
    tls: ssl.SSLContext, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*anything: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("adinspect.directory.root_dse.read", interrupted)
    with FakeServer(tls=tls) as server, pytest.raises(KeyboardInterrupt):
        connect(server.url, authority)
