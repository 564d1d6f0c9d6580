"""BER as LDAP restricts it (RFC 4511, 5.1): one-octet tags, definite lengths, and no element larger than the one around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

BOOLEAN = 0x01
INTEGER = 0x02
OCTET_STRING = 0x04
ENUMERATED = 0x0A
SEQUENCE = 0x30
SET = 0x31

LENGTH_OCTETS = 4
"""The longest length of a length that is read; four octets reach further than any message that is accepted."""

Octets = bytes | bytearray


class MalformedError(Exception):
    """The octets are not the LDAP message they should be."""


class Element(NamedTuple):
    """One element: its tag, and where its content starts and ends."""

    tag: int
    start: int
    end: int


def peek(data: Octets, at: int, limit: int) -> Element | None:
    """The element at `at`, which may reach beyond `limit`; None while not even its length has been received.

    Raises:
        MalformedError: an indefinite length, or one of more than LENGTH_OCTETS octets.
    """
    if limit - at < 2:
        return None
    length, start = data[at + 1], at + 2
    if length >= 0x80:
        octets = length & 0x7F
        if not 0 < octets <= LENGTH_OCTETS:
            raise MalformedError("a length of indefinite form or of absurd size")
        start += octets
        if start > limit:
            return None
        length = int.from_bytes(data[at + 2 : start])
    return Element(data[at], start, start + length)


def element(data: Octets, at: int, limit: int, *tags: int) -> Element:
    """The element at `at`, which ends at `limit` at the latest and bears one of `tags` (none given: any).

    Raises:
        MalformedError: it does not fit, or bears another tag.
    """
    found = peek(data, at, limit)
    if found is None or found.end > limit:
        raise MalformedError("an element reaches beyond the one it is in")
    if tags and found.tag not in tags:
        raise MalformedError(f"tag 0x{found.tag:02x} where 0x{tags[0]:02x} belongs")
    return found


def elements(data: Octets, start: int, end: int) -> Iterator[Element]:
    """The elements that fill `start` to `end` exactly.

    Raises:
        MalformedError: one of them does not fit.
    """
    while start < end:
        found = element(data, start, end)
        yield found
        start = found.end


def integer(data: Octets, found: Element) -> int:
    """The number in an INTEGER or ENUMERATED of at most 4 octets: LDAP's own go up to maxInt (RFC 4511, 4.1.1).

    Raises:
        MalformedError: it is empty or longer.
    """
    if not 0 < found.end - found.start <= 4:
        raise MalformedError("a number of no or too many octets")
    return int.from_bytes(data[found.start : found.end], signed=True)
