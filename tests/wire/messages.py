"""LDAP messages as a server writes them, put together by hand so that any part can be wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PAGED = "1.2.840.113556.1.4.319"
NOTICE_OF_DISCONNECTION = "1.3.6.1.4.1.1466.20036"

Values = Mapping[str, Sequence[bytes]]


def tlv(tag: int, *content: bytes, long: bool = False) -> bytes:
    """One element; `long` writes its length in four octets, as Active Directory does."""
    whole = b"".join(content)
    size = len(whole)
    if long:
        return bytes([tag, 0x84]) + size.to_bytes(4) + whole
    if size < 0x80:
        return bytes([tag, size]) + whole
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + whole


def number(value: int, tag: int = 0x02) -> bytes:
    """An INTEGER, or another type of number."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def message(request: int, operation: bytes, controls: bytes = b"") -> bytes:
    """A message that answers a request."""
    return tlv(0x30, number(request), operation, controls)


def attribute(description: str, values: Sequence[bytes], *, long: bool = False) -> bytes:
    """A PartialAttribute."""
    kept = tlv(0x31, *(tlv(0x04, value) for value in values), long=long)
    return tlv(0x30, tlv(0x04, description.encode()), kept, long=long)


def operation(dn: str | bytes, attributes: Values, *, long: bool = False) -> bytes:
    """A SearchResultEntry without the message around it."""
    name = dn.encode() if isinstance(dn, str) else dn
    held = tlv(0x30, *(attribute(key, values, long=long) for key, values in attributes.items()), long=long)
    return tlv(0x64, tlv(0x04, name), held, long=long)


def entry(request: int, dn: str | bytes, attributes: Values) -> bytes:
    """A message with an entry."""
    return message(request, operation(dn, attributes))


def reference(request: int) -> bytes:
    """A message with a reference to another server."""
    return message(request, tlv(0x73, tlv(0x04, b"ldap://fabrikam.com/DC=fabrikam,DC=com")))


def result(code: int, saying: str = "", tag: int = 0x65, rest: bytes = b"") -> bytes:
    """An LDAPResult of some kind."""
    return tlv(tag, number(code, 0x0A), tlv(0x04), tlv(0x04, saying.encode()), rest)


def paged(cookie: bytes, size: int = 0) -> bytes:
    """Controls that hold the paging control alone."""
    return tlv(0xA0, tlv(0x30, tlv(0x04, PAGED.encode()), tlv(0x04, tlv(0x30, number(size), tlv(0x04, cookie)))))


def done(request: int, code: int = 0, saying: str = "", cookie: bytes | None = b"") -> bytes:
    """The end of a page, with the paging control unless `cookie` is None."""
    return message(request, result(code, saying), b"" if cookie is None else paged(cookie))


def notice(code: int, saying: str) -> bytes:
    """A notice of disconnection (RFC 4511, 4.4.1)."""
    return message(0, result(code, saying, 0x78, tlv(0x8A, NOTICE_OF_DISCONNECTION.encode())))
