from __future__ import annotations

import json
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
from sample_report import NAUGHTY
from web_servers import Heard, web

from adinspect import definitions, notify
from adinspect.errors import ConfigurationError, InputError
from adinspect.notify import Notified, State, settings, webhook
from adinspect.notify.settings import When
from adinspect.notify.webhook import Webhook

HOST = "localhost"
ROOT = pki.authority("Contoso Root")
SECRET = "T0pSecret"
RUN = run_json.run(run_json.forest("contoso", run_json.target("um-lync", run_json.WORST, new=1)), run_json.unreached())
MESSAGE = notify.message(RUN)


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_bytes(ROOT.pem)
    return path


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    return tls_hosts.context(tmp_path, pki.server(HOST, ROOT, HOST))


def to(port: int, scheme: str = "http", **more: Any) -> Webhook:
    return Webhook(**{"url": f"{scheme}://{HOST}:{port}/hooks/{SECRET}", "timeout": 30, **more})


def failed(why: str) -> Notified:
    return Notified("webhook", HOST, State.FAILED, why)


def test_a_webhook_gets_the_run_as_json_over_tls_with_its_token(ca: Path, tls: ssl.SSLContext, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("abc123\nnever this\n")
    heard = Heard()
    with web(heard, tls) as port:
        told = webhook.send(MESSAGE, to(port, "https", ca=ca, token_file=token, details=True))
    assert told == Notified("webhook", HOST, State.SENT)
    ((method, path, headers, body),) = heard.requests
    assert (method, path) == ("POST", f"/hooks/{SECRET}")
    assert (headers["content-type"], headers["authorization"]) == ("application/json", "Bearer abc123")
    assert json.loads(body) == MESSAGE.payload
    assert json.loads(body)["forests"][0]["targets"][0]["worst"] == [run_json.WORST]


def test_without_details_nothing_of_the_directory_or_of_a_server_leaves() -> None:
    heard = Heard()
    with web(heard) as port:
        assert webhook.send(MESSAGE, to(port)).state is State.SENT
    body = heard.requests[0][3]
    told = json.loads(body)
    assert told["schema"] == 1
    assert told["text"].startswith("adinspect: fabrikam failed; 1 new (contoso)\n")
    assert told["forests"][0]["targets"][0]["lives"]["new"] == 1
    assert told["forests"][1]["exit"] == 4
    assert b"ada@contoso.com" not in body
    assert b"dc1.fabrikam.com" not in body


def test_texts_of_a_directory_arrive_as_they_were() -> None:
    worst = [{**run_json.WORST, "identity": text} for text in NAUGHTY]
    heard = Heard()
    with web(heard) as port:
        message = notify.message(run_json.run(run_json.forest("contoso", run_json.target("um-lync", *worst, new=len(worst)))))
        assert webhook.send(message, to(port, details=True)).state is State.SENT
    told = json.loads(heard.requests[0][3])
    assert [one["identity"] for one in told["forests"][0]["targets"][0]["worst"]] == NAUGHTY


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(status: int) -> None:
    elsewhere = Heard()
    with web(elsewhere) as other:
        heard = Heard(status, f"http://{HOST}:{other}/stolen")
        with web(heard) as port:
            told = webhook.send(MESSAGE, to(port))
    assert told == failed(f"the server answered {status} So\\u0007 be it; it was not followed")
    assert len(heard.requests) == 1
    assert elsewhere.requests == []


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_a_refusal_is_told(status: int) -> None:
    with web(Heard(status)) as port:
        assert webhook.send(MESSAGE, to(port)) == failed(f"the server answered {status} So\\u0007 be it")


@pytest.mark.parametrize(
    ("served", "why"),
    [
        (lambda: pki.server(HOST, pki.authority("Another Root"), HOST), "the CA that issued the server's certificate is unknown"),
        (lambda: pki.server("hook", ROOT, "hooks.contoso.com"), "the server's certificate is for another name"),
    ],
)
def test_a_server_whose_certificate_is_wrong_gets_nothing(ca: Path, tmp_path: Path, served: Any, why: str) -> None:
    heard = Heard()
    with web(heard, tls_hosts.context(tmp_path, served())) as port:
        assert webhook.send(MESSAGE, to(port, "https", ca=ca)) == failed(why)
    assert heard.requests == []


def test_a_server_that_is_down_or_does_not_answer_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert webhook.send(MESSAGE, to(port)) == failed("the server cannot be reached: Connection refused")
    with web(Heard(wait=threading.Event())) as port:
        assert webhook.send(MESSAGE, to(port, timeout=1)) == failed("the server did not answer within 1 seconds")


def test_a_server_that_never_comes_to_an_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    left = threading.Event()

    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not left.wait(0.05):
            connection.sendall(b"x")

    monkeypatch.setattr(settings, "ANSWERS", 1)
    with tls_hosts.serving(trickle) as endpoint:
        told = webhook.send(MESSAGE, to(endpoint.port, timeout=1))
        left.set()
    assert told == failed("the server did not answer within 1 seconds")


def test_what_is_no_http_is_told() -> None:
    with tls_hosts.serving(lambda connection: connection.sendall(b"220 hello\r\n")) as endpoint:
        told = webhook.send(MESSAGE, to(endpoint.port))
    assert told.state is State.FAILED
    assert SECRET not in told.why


@pytest.mark.parametrize("content", ["", "abc\x00\r\ndef", "Zoë\N{SNOWMAN}"])
def test_a_token_that_cannot_be_sent_is_told_and_never_shown(tmp_path: Path, content: str) -> None:
    token = tmp_path / "token"
    token.write_text(content, encoding="utf-8", newline="")
    heard = Heard()
    with web(heard) as port:
        told = webhook.send(MESSAGE, to(port, token_file=token))
    assert told.state is State.FAILED
    assert not content or content[:3] not in told.why
    assert heard.requests == []


def test_without_news_nobody_is_told_unless_always() -> None:
    calm, heard = replace(MESSAGE, news=False), Heard()
    with web(heard) as port:
        assert webhook.send(calm, to(port)) == Notified("webhook", HOST, State.SKIPPED, "nothing is new")
        assert heard.requests == []
        assert webhook.send(calm, to(port, when=When.ALWAYS)).state is State.SENT


def test_a_url_is_never_shown() -> None:
    one = Webhook(f"https://hooks.contoso.com/{SECRET}")
    assert one.host == "hooks.contoso.com"
    assert SECRET not in repr(one)


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("ftp://hooks.contoso.com/x", "is no address"),
        ("file:///etc/passwd", "is no address"),
        ("https:///x", "is no address"),
        ("https://hooks.contoso.com:99999/x", "is no address"),
        ("https://hooks.contoso.com/x y", "is no address"),
        ("https://hooks.contoso.com/x\r\nHost: y", "is no address"),
        ("https://[::1/x", "is no address"),
        (f"https://user:{SECRET}@hooks.contoso.com/", "no user and no password"),
        (f"http://hooks.contoso.com/{SECRET}", "in clear text"),
        ("http://localhost.contoso.com/", "in clear text"),
    ],
)
def test_what_is_no_url_to_post_to_is_refused_and_not_shown(url: str, what: str) -> None:
    with pytest.raises(ConfigurationError, match=what) as raised:
        Webhook(url)
    assert url not in str(raised.value)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/x", "http://[::1]/x", "http://localhost/x"])
def test_clear_text_stays_on_this_machine_unless_it_is_allowed(url: str) -> None:
    assert Webhook(url).url == url
    assert Webhook("http://hooks.contoso.com/x", clear_text=True).host == "hooks.contoso.com"


def test_a_configuration_is_read(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("https://chat.contoso.com/x\n")
    text = (
        '[[webhook]]\nurl = "https://hooks.contoso.com/x"\ntoken_file = "token"\ndetails = true\ntimeout = 9\n'
        '[[webhook]]\nurl_file = "url"\nwhen = "always"\n'
    )
    assert webhook.read(definitions.parse(text, str(tmp_path / "adinspect.toml"))) == (
        Webhook("https://hooks.contoso.com/x", token_file=tmp_path / "token", details=True, timeout=9),
        Webhook("https://chat.contoso.com/x", when=When.ALWAYS),
    )
    assert webhook.read(definitions.parse("", "adinspect.toml")) == ()


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ('[webhook]\nurl = "https://x"', "below [[webhook]]", 1),
        (f'webhook = "https://x/{SECRET}"', "below [[webhook]]", 1),
        (f'webhook = ["https://x/{SECRET}"]', "below [[webhook]]", 1),
        (f'[[webhook]]\nurl = ["https://x/{SECRET}"]', "url is a text", 2),
        ("[[webhook]]\ndetails = true", "either url or url_file", 1),
        ('[[webhook]]\nurl = "https://x"\nurl_file = "x"', "either url or url_file", 1),
        ('[[webhook]]\nurl = "https://x"\n[[webhook]]\nurl = "https://y"\nwhen = "never"', "when is 'never'", 5),
        ('[[webhook]]\nurl = "https://x"\n\ntimeout = 601', "timeout is 601", 4),
        ('[[webhook]]\ntoken = "x"\nurl = "https://x"', "unknown key 'token'", 2),
        ('[[webhook]]\n\nurl = "http://x"', "in clear text", 3),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(text: str, what: str, line: int) -> None:
    with pytest.raises(ConfigurationError) as raised:
        webhook.read(definitions.parse(text, "adinspect.toml"))
    assert what in raised.value.what
    assert SECRET not in str(raised.value)
    assert raised.value.where == f"adinspect.toml, line {line}"


def test_a_url_in_a_file_of_its_own_may_be_wrong_or_missing_too(tmp_path: Path) -> None:
    toml = definitions.parse('[[webhook]]\nurl_file = "url"', str(tmp_path / "adinspect.toml"))
    with pytest.raises(InputError, match="cannot be read"):
        webhook.read(toml)
    (tmp_path / "url").write_text(SECRET)
    with pytest.raises(ConfigurationError, match="is no address") as raised:
        webhook.read(toml)
    assert SECRET not in str(raised.value)
    assert raised.value.where.endswith("line 2")
