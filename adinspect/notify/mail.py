"""Sends a message as mail: over TLS that is verified or not at all, unless a relay without sign-in is said to have none."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

from adinspect.definitions import NUMBER, TEXT, TEXTS, Kind, Toml
from adinspect.directory import trust
from adinspect.errors import AdinspectError
from adinspect.notify import Attachment, Message, Notified, State, settings
from adinspect.notify.settings import SettingError, When
from adinspect.one_line import one_line
from adinspect.sites import word

HOW = "mail"
MEGABYTE = 1_000_000
LONGEST_REPLY = 300
WORKBOOK_TYPE = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class Security(StrEnum):
    """How a connection is secured: STARTTLS (RFC 3207), TLS from the first octet (RFC 8314), or not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Attach(StrEnum):
    """What becomes of the workbooks of a run: attached, a link to each in the text, or neither."""

    WORKBOOK = "workbook"
    LINK = "link"
    NONE = "none"


PORTS: Mapping[Security, int] = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
"""The port of each, unless one is said."""


@dataclass(frozen=True)
class Mail:
    """Whom a run is told by mail, and through which server.

    `password_file` holds the password in its first line; there is one where there is a `user`. `ca` (PEM) stands in for the
    system's CAs. `link` is the address that the folder for output is found at by those who read the mail. `attach_limit` is in
    megabytes (10^6) of all workbooks together, `timeout` in seconds for each answer of the server.

    Raises:
        SettingError: a setting is wrong, or does not go with another one.
    """

    server: str
    sender: str
    to: tuple[str, ...]
    port: int = PORTS[Security.STARTTLS]
    security: Security = Security.STARTTLS
    user: str = ""
    password_file: Path | None = None
    ca: Path | None = None
    attach: Attach = Attach.NONE
    attach_limit: int = 10
    link: str = ""
    when: When = When.NEW
    timeout: int = settings.TIMEOUT

    def __post_init__(self) -> None:
        for key, address in (("sender", self.sender), *(("to", one) for one in self.to)):
            _check_address(key, address)
        settings.check_timeout(self.timeout)
        for key, wrong in self._faults():
            raise SettingError(wrong, key)

    def _faults(self) -> Iterator[tuple[str, str]]:
        if not self.to:
            yield "to", "nobody gets the mail"
        if not 1 <= self.port <= 65535:
            yield "port", f"port is {self.port}: say 1 to 65535"
        if bool(self.user) != bool(self.password_file):
            yield "user", "user and password_file go together"
        if self.user and self.security is Security.NONE:
            yield "security", 'with security "none" the password would go out in clear text'
        if bool(self.link) != (self.attach is Attach.LINK):
            yield "attach", 'attach = "link" and link go together'
        if self.link and not self.link.startswith(("https://", "http://", "file://")):
            yield "link", "link is an address that begins with https://, http:// or file://"
        if not 1 <= self.attach_limit <= 100:
            yield "attach_limit", f"attach_limit is {self.attach_limit}: say 1 to 100 megabytes"


_REQUIRED: Mapping[str, Kind] = {"server": TEXT, "sender": TEXT, "to": TEXTS}
_OPTIONAL: Mapping[str, Kind] = {
    **settings.KEYS,
    **dict.fromkeys(("security", "user", "password_file", "attach", "link"), TEXT),
    **dict.fromkeys(("port", "attach_limit"), NUMBER),
}
KEYS = {**_REQUIRED, **_OPTIONAL}
"""The keys of [mail]."""

_WORDS: Mapping[str, type[StrEnum]] = {"security": Security, "attach": Attach, "when": When}


def read(toml: Toml) -> Mail | None:
    """Read the table [mail] of a configuration; None where it has none.

    Raises:
        ConfigurationError: a wrong key or value; says the line.
    """
    if "mail" not in toml.content:
        return None
    content = toml.content["mail"]
    toml.check(content, _REQUIRED, _OPTIONAL, "mail")
    words: dict[str, Any] = {key: word(toml, _WORDS[key], content[key], "mail", key) for key in _WORDS if key in content}
    said = {**settings.with_paths(toml, content), **words, "to": tuple(content["to"])}
    said.setdefault("port", PORTS[words.get("security", Security.STARTTLS)])
    try:
        return Mail(**said)
    except SettingError as error:
        raise toml.wrong(error.what, "mail", error.key) from None


def send(message: Message, mail: Mail) -> Notified:
    """Send a message; whatever goes wrong is told, never raised."""
    to = ", ".join(mail.to)
    if mail.when is When.NEW and not message.news:
        return Notified(HOW, to, State.SKIPPED, "nothing is new")
    try:
        letter = _letter(message, mail)
        refused = settings.within(mail.timeout, lambda: _deliver(letter, mail))
    except (AdinspectError, smtplib.SMTPException, OSError, ValueError) as error:
        return Notified(HOW, to, State.FAILED, _why(error, mail))
    if refused:
        return Notified(HOW, to, State.FAILED, f"sent, but not to {_refusals(refused)}")
    return Notified(HOW, to, State.SENT)


def _check_address(key: str, address: str) -> None:
    try:
        sound = bool(Address(addr_spec=address).domain)
    except (ValueError, IndexError, HeaderParseError):  # of an address that ends too early the parser knows no better
        sound = False
    if not sound or one_line(address) != address:
        raise SettingError(f"{one_line(address)} is no address such as voice@contoso.com", key)


def _letter(message: Message, mail: Mail) -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = one_line(message.subject)
    letter["From"] = mail.sender
    letter["To"] = ", ".join(mail.to)
    letter["Date"] = localtime()
    letter["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's out-of-office answers it
    attached, notes = _attached(message.attachments, mail)
    letter.set_content("\n".join([message.text, *notes]), cte="quoted-printable")
    for name, octets in attached:
        letter.add_attachment(octets, *WORKBOOK_TYPE, filename=name)
    return letter


def _attached(files: Sequence[Attachment], mail: Mail) -> tuple[list[tuple[str, bytes]], list[str]]:
    """The name and the octets of each file that goes along, and what is said of the others."""
    if mail.attach is Attach.LINK:
        return [], [f"Link: {mail.link.rstrip('/')}/{quote(one.place)}" for one in files]
    if mail.attach is Attach.NONE:
        return [], []
    attached, notes, room = [], [], mail.attach_limit * MEGABYTE
    for one in files:
        try:
            octets = one.path.read_bytes()
        except OSError as error:
            notes.append(f"Not attached: {one_line(one.name)} cannot be read: {error.strerror}")
            continue
        if len(octets) > room:
            size = f"{len(octets) / MEGABYTE:.1f} MB"
            notes.append(f"Not attached: {one_line(one.name)} ({size}); workbooks up to {mail.attach_limit} MB in all are.")
            continue
        room -= len(octets)
        attached.append((one_line(one.name), octets))
    return attached, notes


def _deliver(letter: EmailMessage, mail: Mail) -> Mapping[str, tuple[int, bytes]]:
    """Hand a letter over; return who of its receivers was refused, and with what reply."""
    tls = trust.context(mail.ca)
    if mail.security is Security.TLS:
        made: smtplib.SMTP = smtplib.SMTP_SSL(mail.server, mail.port, timeout=mail.timeout, context=tls)
    else:
        made = smtplib.SMTP(mail.server, mail.port, timeout=mail.timeout)
    with made as server:
        if mail.security is Security.STARTTLS:
            server.starttls(context=tls)  # raises where the server does not offer it
        if mail.password_file:
            server.login(mail.user, settings.secret(mail.password_file))
        return server.send_message(letter)


def _why(error: Exception, mail: Mail) -> str:
    """What went wrong, in words that hold no secret: of the exception only what a server said, or the system."""
    match error:
        case smtplib.SMTPException():
            return _said(error, mail)
        case AdinspectError():
            return f"{error.what} ({error.where})" if error.where else error.what
        case TimeoutError():
            return f"the server did not answer within {mail.timeout} seconds"
        case ssl.SSLError():
            return trust.explain(error)[0]
        case OSError():
            return f"the server cannot be reached: {one_line(error.strerror or str(error), LONGEST_REPLY)}"
        case UnicodeError():  # its text would show the password
            return "the user name or the password holds characters that are not ASCII: this client cannot sign in with them"
    return f"the mail cannot be sent ({type(error).__name__})"


def _said(error: smtplib.SMTPException, mail: Mail) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"the server refused the sign-in of {one_line(mail.user)}: {_reply(error.smtp_code, error.smtp_error)}"
        case smtplib.SMTPRecipientsRefused():
            return f"the server refused {_refusals(error.recipients)}"
        case smtplib.SMTPResponseException():
            return f"the server refused the mail: {_reply(error.smtp_code, error.smtp_error)}"
        case smtplib.SMTPServerDisconnected():
            return f"the server ended the connection, or did not answer within {mail.timeout} seconds"
    return f"the server does not offer what is needed: {one_line(str(error), LONGEST_REPLY)}"


def _refusals(refused: Mapping[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{one_line(who)}: {_reply(*reply)}" for who, reply in refused.items())


def _reply(code: int, said: bytes | str) -> str:
    """What a server said; it may be anything."""
    words = said if isinstance(said, str) else said.decode("utf-8", "replace")
    return one_line(f"{code} {' '.join(words.split())}", LONGEST_REPLY)
