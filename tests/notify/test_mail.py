from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pki
import pytest
import run_json
import tls_hosts
from mail_servers import HOST, PASSWORD, USER, Taken, smtp
from sample_report import NAUGHTY

from adinspect import definitions, notify
from adinspect.errors import ConfigurationError
from adinspect.notify import Message, Notified, State, mail, settings
from adinspect.notify.mail import Attach, Mail, Security
from adinspect.notify.settings import When

ROOT = pki.authority("Contoso Root")
SENDER, ADA, BOB = "adinspect@contoso.com", "ada@contoso.com", "bob@contoso.com"
WORKBOOK = bytes(range(256)) * 40


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_bytes(ROOT.pem)
    return path


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    return tls_hosts.context(tmp_path, pki.server(HOST, ROOT, HOST))


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return path


@pytest.fixture
def message(tmp_path: Path) -> Message:
    """News, with a workbook."""
    (tmp_path / "contoso").mkdir()
    (tmp_path / "contoso" / "remediation.xlsx").write_bytes(WORKBOOK)
    one = run_json.forest("contoso", run_json.target("um-lync", run_json.WORST, new=1), files=["contoso/remediation.xlsx"])
    return notify.message(run_json.run(one), tmp_path)


def to(port: int, ca: Path | None, **more: Any) -> Mail:
    return Mail(**{"server": HOST, "sender": SENDER, "to": (ADA,), "port": port, "ca": ca, "timeout": 30, **more})


def failed(why: str, who: str = ADA) -> Notified:
    return Notified("mail", who, State.FAILED, why)


def test_a_mail_goes_through_starttls_and_a_sign_in_with_its_workbook(
    message: Message, ca: Path, tls: ssl.SSLContext, password_file: Path
) -> None:
    taken = Taken()
    with smtp(taken, starttls=tls, sign_in=True) as port:
        one = to(port, ca, user=USER, password_file=password_file, attach=Attach.WORKBOOK, to=(ADA, BOB))
        assert mail.send(message, one) == Notified("mail", f"{ADA}, {BOB}", State.SENT)
    assert (taken.secured, taken.signed_in, taken.receivers) == ([True], [USER], [[ADA, BOB]])
    letter = taken.mail()
    assert (letter["Subject"], letter["From"], letter["To"]) == (message.subject, SENDER, f"{ADA}, {BOB}")
    assert letter["Auto-Submitted"] == "auto-generated"
    body, attached = letter.get_body(), list(letter.iter_attachments())
    assert body
    assert body.get_content().replace("\r\n", "\n").rstrip() == message.text.rstrip()
    assert [(one.get_filename(), one.get_content()) for one in attached] == [("contoso-remediation.xlsx", WORKBOOK)]
    assert attached[0].get_content_subtype() == "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_a_mail_goes_through_tls_from_the_first_octet(message: Message, ca: Path, tls: ssl.SSLContext) -> None:
    taken = Taken()
    with smtp(taken, tls=tls) as port:
        assert mail.send(message, to(port, ca, security=Security.TLS)).state is State.SENT
    assert len(taken.mails) == 1


def test_a_relay_without_tls_is_used_when_that_is_said(message: Message) -> None:
    taken = Taken()
    with smtp(taken) as port:
        assert mail.send(message, to(port, None, security=Security.NONE)).state is State.SENT
    assert list(taken.mail().iter_attachments()) == []


def test_a_server_without_starttls_gets_nothing(message: Message, ca: Path, password_file: Path) -> None:
    taken = Taken()
    with smtp(taken, sign_in=True, auth_require_tls=False) as port:
        told = mail.send(message, to(port, ca, user=USER, password_file=password_file))
    assert told == failed("the server does not offer what is needed: STARTTLS extension not supported by server.")
    assert (taken.mails, taken.signed_in) == ([], [])


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize(
    ("served", "why"),
    [
        (lambda: pki.server(HOST, pki.authority("Another Root"), HOST), "the CA that issued the server's certificate is unknown"),
        (lambda: pki.server("mail", ROOT, "mail.contoso.com"), "the server's certificate is for another name"),
        (lambda: pki.server(HOST, ROOT, HOST, until=-pki.YEAR / 4), "the server's certificate, or its CA's, has expired"),
        (lambda: pki.server(HOST, None, HOST), "the server's certificate is self-signed and not known here"),
    ],
)
def test_a_server_whose_certificate_is_wrong_gets_nothing(
    message: Message, ca: Path, tmp_path: Path, password_file: Path, served: Any, why: str, security: Security
) -> None:
    taken = Taken()
    context = tls_hosts.context(tmp_path, served())
    offered: dict[str, Any] = {"starttls" if security is Security.STARTTLS else "tls": context}
    with smtp(taken, sign_in=True, **offered) as port:
        assert mail.send(message, to(port, ca, security=security, user=USER, password_file=password_file)) == failed(why)
    assert (taken.mails, taken.signed_in) == ([], [])


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Wrong horse 2", "the server refused the sign-in of job@contoso.com: 535 5.7.8 Authentication credentials invalid"),
        (
            "Wröng horse 3",
            "the user name or the password holds characters that are not ASCII: this client cannot sign in with them",
        ),
        ("", "the first line of the file is empty"),
    ],
)
def test_a_password_that_does_not_do_is_told_and_never_shown(
    message: Message, ca: Path, tls: ssl.SSLContext, password_file: Path, password: str, why: str, caplog: Any, capfd: Any
) -> None:
    password_file.write_text(password, encoding="utf-8")
    with smtp(Taken(), starttls=tls, sign_in=True) as port:
        told = mail.send(message, to(port, ca, user=USER, password_file=password_file))
    assert told.state is State.FAILED
    assert told.why.removesuffix(f" ({password_file})") == why
    said = "".join([*caplog.messages, *capfd.readouterr()])
    assert not password or password not in told.why + said


def test_no_password_file_is_told(message: Message, ca: Path, tls: ssl.SSLContext, tmp_path: Path) -> None:
    with smtp(Taken(), starttls=tls, sign_in=True) as port:
        told = mail.send(message, to(port, ca, user=USER, password_file=tmp_path / "none"))
    assert told == failed(f"the file cannot be read ({tmp_path / 'none'})")


def test_a_sign_in_that_is_not_offered_is_told(message: Message, ca: Path, tls: ssl.SSLContext, password_file: Path) -> None:
    with smtp(Taken(), starttls=tls, auth_exclude_mechanism=["LOGIN", "PLAIN"]) as port:
        told = mail.send(message, to(port, ca, user=USER, password_file=password_file))
    assert told.state is State.FAILED
    assert told.why.startswith("the server does not offer what is needed: ")


def test_receivers_that_are_refused_are_named(message: Message) -> None:
    relay: dict[str, Any] = {"security": Security.NONE, "to": (ADA, BOB)}
    some = Taken(refused=frozenset({BOB}))
    with smtp(some) as port:
        told = mail.send(message, to(port, None, **relay))
    assert told == failed(f"sent, but not to {BOB}: 550 5.1.1 no such\\u0007 mailbox", f"{ADA}, {BOB}")
    assert some.receivers == [[ADA]]
    with smtp(Taken(refused=frozenset({ADA, BOB}))) as port:
        told = mail.send(message, to(port, None, **relay))
    assert told.why.startswith(f"the server refused {ADA}: 550 5.1.1")


def test_a_mail_that_the_server_finds_too_large_is_told(message: Message) -> None:
    with smtp(Taken(), data_size_limit=500) as port:
        told = mail.send(message, to(port, None, security=Security.NONE))
    assert told.why.startswith("the server refused the mail: 552 ")


def test_a_server_that_is_down_is_told(message: Message, ca: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert mail.send(message, to(port, ca)) == failed("the server cannot be reached: Connection refused")


def test_a_server_that_says_nothing_is_not_waited_for(message: Message, ca: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told = mail.send(message, to(silent.getsockname()[1], ca, timeout=1))
    assert told.state is State.FAILED
    assert "did not answer within 1 seconds" in told.why


def test_a_server_that_stops_halfway_is_not_waited_for(message: Message) -> None:
    with smtp(Taken(slow=2)) as port:
        told = mail.send(message, to(port, None, security=Security.NONE, timeout=1))
    assert told == failed("the server ended the connection, or did not answer within 1 seconds")


def test_a_server_that_never_comes_to_an_end_is_left(message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    left = threading.Event()

    def trickle(connection: socket.socket) -> None:
        while not left.wait(0.05):
            connection.sendall(b"220-and\r\n")

    monkeypatch.setattr(settings, "ANSWERS", 1)
    with tls_hosts.serving(trickle) as endpoint:
        told = mail.send(message, to(endpoint.port, None, security=Security.NONE, timeout=1))
        left.set()
    assert told == failed("the server did not answer within 1 seconds")


def test_without_news_nobody_is_told_unless_always(message: Message) -> None:
    calm = replace(message, news=False)
    taken = Taken()
    with smtp(taken) as port:
        one = to(port, None, security=Security.NONE)
        assert mail.send(calm, one) == Notified("mail", ADA, State.SKIPPED, "nothing is new")
        assert taken.mails == []
        assert mail.send(calm, replace(one, when=When.ALWAYS)).state is State.SENT


def test_no_text_of_a_directory_becomes_a_header_or_leaves_its_line() -> None:
    taken = Taken()
    naughty = [*NAUGHTY, "x\r\nBcc: eve@fabrikam.com", "x\n\n.\nQUIT", ".", "\N{RIGHT-TO-LEFT OVERRIDE}moc"]
    worst = [{**run_json.WORST, "identity": text, "message": text} for text in naughty]
    forests = [
        run_json.forest(
            f"contoso{place}\r\nBcc: eve@fabrikam.com", run_json.target("um-lync", *worst[place : place + 10], new=10)
        )
        for place in range(0, len(worst), 10)
    ]
    message = notify.message(run_json.run(*forests))
    with smtp(taken) as port:
        assert mail.send(message, to(port, None, security=Security.NONE)).state is State.SENT
    letter = taken.mail()
    assert "Bcc" not in letter
    assert letter.defects == []
    assert taken.receivers == [[ADA]]
    body = letter.get_body()
    assert body
    assert body.get_content().replace("\r\n", "\n").rstrip() == message.text.rstrip()
    subject = str(letter["Subject"])
    assert subject.startswith("adinspect: ")
    assert subject.isprintable()


def attached(message: Message, **more: Any) -> tuple[list[str | None], str]:
    """The names of what was attached, and what was said below the text."""
    taken = Taken()
    with smtp(taken) as port:
        assert mail.send(message, to(port, None, security=Security.NONE, **more)).state is State.SENT
    body = taken.mail().get_body()
    assert body
    told = body.get_content().replace("\r\n", "\n")
    return [one.get_filename() for one in taken.mail().iter_attachments()], told.removeprefix(message.text).strip()


def test_a_workbook_that_is_too_large_is_said_instead_of_sent(message: Message) -> None:
    message.attachments[0].path.write_bytes(b"x" * 1_500_000)
    names, said = attached(message, attach=Attach.WORKBOOK, attach_limit=1)
    assert names == []
    assert said == "Not attached: contoso-remediation.xlsx (1.5 MB); workbooks up to 1 MB in all are."


def test_a_workbook_that_is_gone_is_said(message: Message) -> None:
    message.attachments[0].path.unlink()
    names, said = attached(message, attach=Attach.WORKBOOK)
    assert names == []
    assert said == "Not attached: contoso-remediation.xlsx cannot be read: No such file or directory"


def test_a_link_leads_to_the_workbook_where_its_readers_find_it(message: Message) -> None:
    spaced = replace(message, attachments=(replace(message.attachments[0], place="contoso/to do#1.xlsx"),))
    names, said = attached(spaced, attach=Attach.LINK, link="https://files.contoso.com/voice/")
    assert names == []
    assert said == "Link: https://files.contoso.com/voice/contoso/to%20do%231.xlsx"


MAIL = '[mail]\nserver = "mail.contoso.com"\nsender = "adinspect@contoso.com"\nto = ["ada@contoso.com"]\n'


def test_a_configuration_is_read(tmp_path: Path) -> None:
    text = MAIL + 'security = "tls"\nuser = "job"\npassword_file = "mail.password"\nca = "/etc/ca.pem"\nwhen = "always"\n'
    assert mail.read(definitions.parse(text, str(tmp_path / "adinspect.toml"))) == Mail(
        "mail.contoso.com",
        SENDER,
        (ADA,),
        port=465,
        security=Security.TLS,
        user="job",
        password_file=tmp_path / "mail.password",
        ca=Path("/etc/ca.pem"),
        when=When.ALWAYS,
    )
    assert mail.read(definitions.parse("", "adinspect.toml")) is None


def test_what_is_not_said_is_the_safer_way() -> None:
    one = mail.read(definitions.parse(MAIL, "adinspect.toml"))
    assert one
    assert (one.security, one.port, one.attach, one.when) == (Security.STARTTLS, 587, Attach.NONE, When.NEW)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('password = "x"', "unknown key 'password'"),
        ('security = "ssl"', "security is 'ssl': say one of starttls, tls, none"),
        ('security = "none"\nuser = "job"\npassword_file = "p"', "the password would go out in clear text"),
        ('user = "job"', "user and password_file go together"),
        ('password_file = "p"', "user and password_file go together"),
        ("port = 0", "port is 0"),
        ("timeout = 0", "timeout is 0: say 1 to 600 seconds"),
        ("attach_limit = 0", "attach_limit is 0"),
        ('attach = "link"', 'attach = "link" and link go together'),
        ('link = "https://files.contoso.com"', 'attach = "link" and link go together'),
        ('attach = "link"\nlink = "javascript:x"', "link is an address that begins with"),
        ('when = "never"', "when is 'never': say one of new, always"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(line: str, what: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        mail.read(definitions.parse(MAIL + line, "adinspect.toml"))
    assert what in raised.value.what
    assert raised.value.where.startswith("adinspect.toml, line ")


@pytest.mark.parametrize(
    "address",
    ["", "ada", "ada@", "@contoso.com", "a@b, c@d", "Ada <ada@contoso.com>", "a@contoso.com\r\nBcc: e@x", "a b@contoso.com"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="is no address"):
        Mail("mail.contoso.com", SENDER, (address,))
    with pytest.raises(ConfigurationError, match="is no address"):
        Mail("mail.contoso.com", address, (ADA,))
    with pytest.raises(ConfigurationError, match="nobody gets the mail"):
        Mail("mail.contoso.com", SENDER, ())
