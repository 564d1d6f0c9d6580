"""What each Get cmdlet would show: one function a cmdlet, which reads it from the tables of a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pandas import DataFrame, Series

from adinspect import definitions, frames
from adinspect.membership import among
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


def present(cmdlet: str, view: View, guids: Collection[str] | None = None) -> Present:
    """What a Get cmdlet would show of what was read, perhaps of these objects alone; nothing where there is no cmdlet.

    What is hidden, and why nothing is known, is told of everybody.
    """
    if not cmdlet:
        return Present()
    reading = shipped()[cmdlet]
    handed = view.hand(reading.signature, {})
    if isinstance(handed, Skipped):
        return Present(unknown=handed.reason)
    rows = reading.read(**(handed.arguments if guids is None else _narrowed(handed.arguments, view, guids)))
    keys = rows[KEY].fillna("") if KEY in rows else [""] * len(rows)
    shown = frames.records(rows.drop(columns=KEY, errors="ignore"))
    return Present({(str(row["guid"]), key): _plain(row) for key, row in zip(keys, shown, strict=True)}, handed.hidden)


def _narrowed(arguments: Mapping[str, Any], view: View, guids: Collection[str]) -> dict[str, Any]:
    """What a reading is handed, of users only these: there are many, and what is shown of one depends on no other."""
    wanted = Series(list(guids), dtype="str")
    of_users = {name for name, given in arguments.items() if isinstance(given, DataFrame) and view.about(name) == {"users"}}
    return {
        name: given[among(given["guid"], wanted)].reset_index(drop=True) if name in of_users else given
        for name, given in arguments.items()
    }


def _plain(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    """The properties of a row, every kind of missing value None."""
    return {str(name): None if value != value or value is None else value for name, value in row.items() if name != "guid"}
