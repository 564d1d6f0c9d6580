"""Sends a message to a webhook: one POST of JSON over verified TLS, which follows no redirect."""

from __future__ import annotations

import ipaddress
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from adinspect.definitions import TEXT, TRUTH, Kind, Toml
from adinspect.directory import trust
from adinspect.errors import AdinspectError, InputError
from adinspect.notify import Message, Notified, State, settings
from adinspect.notify.settings import SettingError, When
from adinspect.one_line import one_line
from adinspect.sites import word

HOW = "webhook"
LONGEST_REASON = 300


@dataclass(frozen=True)
class Webhook:
    """Where a run is told to a program. `url` may be a secret: only its host is ever shown.

    The first line of `token_file` goes along as `Authorization: Bearer`. `ca` (PEM) stands in for the system's CAs. Without
    `details`, nothing of the directory leaves: counts, and names of the configuration. `clear_text` allows http:// to a host that
    is not this one. `timeout` is in seconds, for connecting and for each answer.

    Raises:
        SettingError: a setting is wrong, or does not go with another one.
    """

    url: str = field(repr=False)
    token_file: Path | None = None
    ca: Path | None = None
    details: bool = False
    clear_text: bool = False
    when: When = When.NEW
    timeout: int = settings.TIMEOUT

    def __post_init__(self) -> None:
        settings.check_timeout(self.timeout)
        parts = _split(self.url)
        if parts.username is not None or parts.password is not None:
            raise SettingError("url holds no user and no password: say token_file", "url")
        if parts.scheme == "http" and not self.clear_text and not _here(parts.hostname or ""):
            raise SettingError("with http:// all would go out in clear text: say https://, or clear_text = true", "url")

    @property
    def host(self) -> str:
        """The host of the URL, which is all of it that may be shown."""
        return one_line(_split(self.url).hostname or "")


KEYS: Mapping[str, Kind] = {
    **settings.KEYS,
    "url": Kind("a text", lambda value: True),  # an error would show another value, which may be a secret nevertheless
    **dict.fromkeys(("url_file", "token_file"), TEXT),
    **dict.fromkeys(("details", "clear_text"), TRUTH),
}
"""The keys of [[webhook]]."""


def read(toml: Toml) -> tuple[Webhook, ...]:
    """Read the tables [[webhook]] of a configuration; a URL stands there (url), or in a file of its own (url_file).

    Raises:
        ConfigurationError: a wrong key or value; says the line.
        InputError: the file of a URL cannot be read.
    """
    given = toml.content.get("webhook", [])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise toml.wrong("a webhook stands below [[webhook]], with two brackets", "webhook")
    return tuple(_webhook(toml, content, place) for place, content in enumerate(given))


def _webhook(toml: Toml, content: Mapping[str, Any], place: int) -> Webhook:
    path = ("webhook", place)
    toml.check(content, {}, KEYS, *path)
    if not isinstance(content.get("url", ""), str):
        raise toml.wrong("url is a text", *path, "url")
    if ("url" in content) == ("url_file" in content):
        raise toml.wrong("a webhook has either url or url_file", *path)
    said = settings.with_paths(toml, content)
    if "url_file" in said:
        said["url"] = settings.secret(said.pop("url_file"))
    if "when" in said:
        said["when"] = word(toml, When, said["when"], *path, "when")
    try:
        return Webhook(**said)
    except SettingError as error:
        raise toml.wrong(error.what, *path, "url_file" if error.key not in content else error.key) from None


def send(message: Message, webhook: Webhook) -> Notified:
    """Send a message; whatever goes wrong is told, never raised."""
    if webhook.when is When.NEW and not message.news:
        return Notified(HOW, webhook.host, State.SKIPPED, "nothing is new")
    try:
        settings.within(webhook.timeout, lambda: _post(_body(message, webhook), webhook))
    except (AdinspectError, HTTPException, OSError, ValueError) as error:
        return Notified(HOW, webhook.host, State.FAILED, _why(error, webhook))
    return Notified(HOW, webhook.host, State.SENT)


def _split(url: str) -> SplitResult:
    """The parts of a URL.

    Raises:
        SettingError: it is none to post to; the text does not show it.
    """
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not url.isascii() or any(character <= " " for character in url):
        raise SettingError("url is no address such as https://hooks.contoso.com/voice", "url")
    return parts


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _NoRedirects(HTTPRedirectHandler):
    """Follows none: what is posted, and the token, are for the host that was named."""

    def redirect_request(self, *request: object) -> None:
        """Nothing takes the place of the request, so that the redirect is an error."""


def _post(body: bytes, webhook: Webhook) -> None:
    headers = {"Content-Type": "application/json", "User-Agent": "adinspect"}
    if webhook.token_file:
        headers["Authorization"] = f"Bearer {_token(webhook.token_file)}"
    request = Request(webhook.url, data=body, headers=headers, method="POST")  # noqa: S310 - the scheme was looked at
    opener = build_opener(_NoRedirects, HTTPSHandler(context=trust.context(webhook.ca)))
    try:
        opener.open(request, timeout=webhook.timeout).close()
    except HTTPError as refused:
        refused.close()
        raise


def _token(file: Path) -> str:
    token = settings.secret(file)
    if not token.isascii() or not token.isprintable():
        raise InputError("the token holds characters that no header takes", where=str(file))
    return token


def _body(message: Message, webhook: Webhook) -> bytes:
    told = dict(message.payload)
    if not webhook.details:
        told["forests"] = [_counted(one) for one in told["forests"]]
    return json.dumps(told).encode("ascii")


def _counted(forest: Mapping[str, Any]) -> Mapping[str, Any]:
    """A forest without texts of the directory or of a server."""
    targets = [{key: value for key, value in target.items() if key != "worst"} for target in forest["targets"]]
    return {**{key: value for key, value in forest.items() if key != "error"}, "targets": targets}


def _why(error: Exception, webhook: Webhook) -> str:
    """What went wrong, in words that hold no secret: nothing of the exception's own text, which may show the URL."""
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, Exception) else error
    match cause:
        case HTTPError():
            where = "; it was not followed" if 300 <= cause.code < 400 else ""
            return one_line(f"the server answered {cause.code} {cause.msg}{where}", LONGEST_REASON)
        case AdinspectError():
            return f"{cause.what} ({cause.where})" if cause.where else cause.what
        case TimeoutError():
            return f"the server did not answer within {webhook.timeout} seconds"
        case ssl.SSLError():
            return trust.explain(cause)[0]
        case OSError() if cause.strerror:
            return f"the server cannot be reached: {one_line(cause.strerror, LONGEST_REASON)}"
    return f"the request failed ({type(cause).__name__})"
