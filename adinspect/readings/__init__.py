"""What each Get cmdlet would show: one function a cmdlet, which reads it from the tables of a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pandas import DataFrame

from adinspect import definitions, frames
from adinspect.rule import Signature, Skipped
from adinspect.step import KEY
from adinspect.view import View


@dataclass(frozen=True)
class Reading:
    """The function that reads what a Get cmdlet would show, and the tables it reads.

    Its signature is a rule's. It returns a row for each object that the cmdlet would find: `guid`, perhaps KEY, and a column for
    each property that some bulk CSV sets, named as the cmdlet names it: text, a bool, a tuple of texts; None where it is
    empty, step.UNKNOWN where it is not known.
    """

    cmdlet: str
    signature: Signature
    read: Callable[..., DataFrame]


@dataclass(frozen=True)
class Present:
    """What a Get cmdlet would show now: `found` maps guid and KEY to the values of its properties.

    `hidden` are objects of which something it reads was not seen; `unknown` says why nothing of any is known (else empty).
    """

    found: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    unknown: str = ""

    def why_unknown(self, guid: str) -> str:
        """Why it is not known what there is of an object; empty where it is."""
        return self.unknown or ("what is there now was not seen" if guid in self.hidden else "")


def reads(cmdlet: str) -> Callable[[Callable[..., DataFrame]], Reading]:
    """Make the reading of this Get cmdlet of a function with a rule's signature."""

    def make(read: Callable[..., DataFrame]) -> Reading:
        return Reading(cmdlet, Signature.of(read), read)

    return make


@cache
def shipped() -> Mapping[str, Reading]:
    """Every reading in the modules of this package, by its cmdlet."""
    return {reading.cmdlet: reading for reading in definitions.found(__name__, Reading)}


def present(cmdlet: str, view: View) -> Present:
    """What a Get cmdlet would show of the forest that was read; nothing where there is none to ask."""
    if not cmdlet:
        return Present()
    reading = shipped()[cmdlet]
    handed = view.hand(reading.signature, {})
    if isinstance(handed, Skipped):
        return Present(unknown=handed.reason)
    rows = reading.read(**handed.arguments)
    keys = rows[KEY].fillna("") if KEY in rows else [""] * len(rows)
    shown = frames.records(rows.drop(columns=KEY, errors="ignore"))
    return Present({(str(row["guid"]), key): _plain(row) for key, row in zip(keys, shown, strict=True)}, handed.hidden)


def _plain(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    """The properties of a row, every kind of missing value None."""
    return {str(name): None if value != value or value is None else value for name, value in row.items() if name != "guid"}
