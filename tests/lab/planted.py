"""Reads planted.toml: every finding that the lab's forest must give."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "planted.toml"


@dataclass(frozen=True)
class Planted:
    """A finding that must be there: its rule, object, severity and certainty."""

    rule: str
    object: str
    severity: str
    certainty: str = "certain"

    def names(self, dn: str) -> bool:
        """Whether this is the object with that distinguished name."""
        wanted = tuple(self.object.split(" < "))
        return rdn_values(dn)[: len(wanted)] == wanted


def planted() -> tuple[Planted, ...]:
    """Every planted finding, in the order of the file."""
    rules = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(Planted(rule, *finding) for rule, findings in rules.items() for finding in findings)


@cache
def rdn_values(dn: str) -> tuple[str, ...]:
    r"""The values of a distinguished name's RDNs, unescaped: of `CN=Vance\, Adele,OU=Staff` `Vance, Adele` and `Staff`."""
    rdns = re.findall(r"(?:\\.|[^,\\])+", dn)
    return tuple(_unescaped(rdn.partition("=")[2]) for rdn in rdns)


def _unescaped(value: str) -> str:
    return re.sub(rb"\\([0-9A-Fa-f]{2}|.)", _octet, value.encode()).decode()


def _octet(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[1].decode()) if len(escape[1]) == 2 else escape[1]
