"""Reads planted.toml and the files of single targets beside it: every finding that the lab's forest must give."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
TARGETS = ("um-lync", "sfb-cloudvoicemail", "teams-phone")


@dataclass(frozen=True)
class Planted:
    """A finding that must be there: its rule, object, severity and certainty."""

    rule: str
    object: str
    severity: str
    certainty: str = "certain"

    @property
    def filtered(self) -> bool:
        """Whether it stands for each object that an LDAP filter finds."""
        return self.object.startswith("(")

    def names(self, dn: str) -> bool:
        """Whether this is the object with that distinguished name."""
        wanted = tuple(self.object.split(" < "))
        return rdn_values(dn)[: len(wanted)] == wanted


def planted(target: str) -> tuple[Planted, ...]:
    """Every finding planted for a target, in the order of the files. What a target's own file says of a rule goes."""
    rules = {**_read("planted")["planted"], **_of_target(target).get("planted", {})}
    return tuple(Planted(rule, *finding) for rule, findings in rules.items() for finding in findings)


def own_rules(target: str) -> set[str]:
    """The rules of which a target's own file says what they find."""
    return set(_of_target(target).get("planted", {}))


def settings(target: str) -> Mapping[str, Mapping[str, Any]]:
    """What the profile says to the rules for a target, by rule: those that judge nothing without it."""
    rules: Mapping[str, Mapping[str, Any]] = _of_target(target).get("settings", {})
    return rules


def each(expected: tuple[Planted, ...], found_by: Callable[[str], list[str]]) -> Iterator[Planted]:
    """The findings with every LDAP filter replaced by the objects it finds (their distinguished names)."""
    for one in expected:
        if one.filtered:
            yield from (replace(one, object=" < ".join(rdn_values(dn))) for dn in found_by(one.object))
        else:
            yield one


def _of_target(target: str) -> dict[str, Any]:
    return _read(f"planted-{target}") if (FOLDER / f"planted-{target}.toml").exists() else {}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def rdn_values(dn: str) -> tuple[str, ...]:
    r"""The values of a distinguished name's RDNs, unescaped: of `CN=Vance\, Adele,OU=Staff` `Vance, Adele` and `Staff`."""
    rdns = re.findall(r"(?:\\.|[^,\\])+", dn)
    return tuple(_unescaped(rdn.partition("=")[2]) for rdn in rdns)


def _unescaped(value: str) -> str:
    return re.sub(rb"\\([0-9A-Fa-f]{2}|.)", _octet, value.encode()).decode()


def _octet(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[1].decode()) if len(escape[1]) == 2 else escape[1]
