"""How an LDAP operation ended (RFC 4511, 4.1.9): the code, what the server says of it, and the controls that came along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adinspect.directory import ber
from adinspect.directory.ber import MalformedError, Octets
from adinspect.directory.client import RESULT_CODES

SUCCESS = 0
SASL_BIND_IN_PROGRESS = 14
NO_SUCH_OBJECT = 32

CONTROLS = 0xA0
"""[0] Controls, after the operation of any message."""

PAGED_RESULTS = "1.2.840.113556.1.4.319"
"""Simple paged results (RFC 2696)."""

LONGEST_SAYING = 300

LATER = "Run it again later, or against another domain controller."
"""What to do about a server that does not answer as it should."""

_NEXT_STEPS: Mapping[int, str] = {
    3: f"The server's own time limit (Active Directory: MaxQueryDuration) ended the search. {LATER}",
    4: "The server limits how many entries it returns (Active Directory: MaxPageSize). Ask for smaller pages.",
    8: "Use ldaps://, or Negotiate on ldap://.",
    10: "Referrals are never followed. Connect to a domain controller of the domain that holds the search base.",
    11: f"The server's administrative limits ended the search. {LATER}",
    12: "The server does not page its answers. Connect to an Active Directory domain controller.",
    50: "The account may not search here. Sign in with an account that may.",
    51: LATER,
    52: LATER,
}


@dataclass(frozen=True)
class Result:
    """The end of an operation. `saying` is the server's diagnostic message, fit for a terminal; `controls` are values by OID."""

    code: int
    saying: str = ""
    controls: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The code as people look it up: `sizeLimitExceeded (4)`."""
        return f"{RESULT_CODES.get(self.code, 'unknown result code')} ({self.code})"

    @property
    def explained(self) -> str:
        """The code, and what the server says."""
        return f"{self.name}: {self.saying}" if self.saying else self.name

    @property
    def next_step(self) -> str:
        """What to do about an error; empty where there is nothing to say."""
        return _NEXT_STEPS.get(self.code, "")

    def cookie(self) -> bytes | None:
        """Where the next page starts: empty after the last one, None where the server did not page its answer.

        Raises:
            MalformedError: the control holds something else.
        """
        value = self.controls.get(PAGED_RESULTS)
        if value is None:
            return None
        whole = ber.element(value, 0, len(value), ber.SEQUENCE)
        size = ber.element(value, whole.start, whole.end, ber.INTEGER)
        cookie = ber.element(value, size.end, whole.end, ber.OCTET_STRING)
        return value[cookie.start : cookie.end]


def parse(octets: Octets, at: int, end: int, tag: int) -> Result:
    """The result whose operation starts at `at` in a message that ends at `end`.

    Raises:
        MalformedError: it is no LDAPResult.
    """
    operation = ber.element(octets, at, end, tag)
    code = ber.element(octets, operation.start, operation.end, ber.ENUMERATED)
    matched = ber.element(octets, code.end, operation.end, ber.OCTET_STRING)
    diagnostic = ber.element(octets, matched.end, operation.end, ber.OCTET_STRING)
    controls = _controls(octets, operation.end, end) if operation.end < end else {}
    return Result(ber.integer(octets, code), printable(octets[diagnostic.start : diagnostic.end]), controls)


def printable(octets: Octets) -> str:
    """Text of a server, shortened and without anything that could steer a terminal."""
    text = bytes(octets).decode("utf-8", "replace").strip("\0 \r\n")
    shown = "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST_SAYING])
    return shown + "..." if len(text) > LONGEST_SAYING else shown


def _controls(octets: Octets, at: int, end: int) -> dict[str, bytes]:
    controls = {}
    whole = ber.element(octets, at, end, CONTROLS)
    if whole.end != end:
        raise MalformedError("something follows the controls of a message")
    for control in ber.elements(octets, whole.start, whole.end):
        oid = ber.element(octets, control.start, control.end, ber.OCTET_STRING)
        rest = ber.elements(octets, oid.end, control.end)
        values = [bytes(octets[part.start : part.end]) for part in rest if part.tag == ber.OCTET_STRING]
        controls[octets[oid.start : oid.end].decode("ascii", "replace")] = b"".join(values)
    return controls
