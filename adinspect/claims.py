"""What the rows of a plan give to an object that one alone may hold, and who else holds it or gets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, bulk, frames
from adinspect.bulk_csv import BulkCsv
from adinspect.decisions import EUM, EXTENSION, HELD_ONCE, NUMBER, POLICY, SIP, compared
from adinspect.derived import taken_addresses as taken
from adinspect.plan import Plan
from adinspect.proposals.um_places import contexts
from adinspect.rule import Signature, Skipped
from adinspect.step import GUID, OBJECT, PREVIOUS, REASON, text
from adinspect.view import View

Forest: TypeAlias = Annotated[DataFrame, "dn"]
Plans: TypeAlias = Annotated[DataFrame, "phone_context"]
Equivalents: TypeAlias = Annotated[DataFrame, "phone_context?"]

Holders = Mapping[str, Mapping[str, str]]
"""Who holds each value, as it is compared: identity by guid."""


@dataclass(frozen=True)
class Claim:
    """A value that a row gives to its object alone: what it is (decisions.HELD_ONCE), as it is told, and where it counts.

    An extension or EUM address counts within a UM dial plan (`place` is its DN), equivalent phone contexts included, or within a
    phone context that belongs to none; `place` is empty where nothing tells which, and None for what counts everywhere.
    """

    kind: str
    value: str
    place: str | None = None

    @property
    def among(self) -> str:
        """Among which values it is compared: an extension is one of the EUM addresses."""
        return EUM if self.kind == EXTENSION else self.kind

    @property
    def key(self) -> str:
        """What is looked up there."""
        return self.value if self.place is None else f"{self.value};{self.place}"


@dataclass(frozen=True, eq=False)
class Claims:
    """Who holds what a plan gives away, in the directory and by the plan itself.

    `plans` are the DNs of the UM dial plans of each UM mailbox policy (by GUID) and of each phone context. `given` is what the
    plan gives, `held` who holds it now, both by Claim.among and Claim.key; or why nobody can tell.
    """

    plans: Mapping[str, frozenset[str]]
    given: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    held: dict[str, Holders | str] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan, view: View) -> Claims:
        """Of a plan that people decided, in the forest that a snapshot shows."""
        told = cls(_plans(view))
        for name, rows in plan.rows.items():
            definition = bulk.shipped()[name]
            if any(column.name in HELD_ONCE for column in definition.parameters):
                for row in (row for row in frames.records(rows) if not row[REASON]):
                    for claim in told.made(definition, row):
                        told.given.setdefault(claim.among, {}).setdefault(claim.key, {})[row[GUID]] = text(row[OBJECT])
        told.held.update({among: _held(view, _HOLDERS[among], keys) for among, keys in told.given.items()})
        return told

    def made(self, definition: BulkCsv, row: Mapping[Any, Any]) -> Iterator[Claim]:
        """What a row gives to its object, but for what that has already."""
        for column in definition.parameters:
            if kind := HELD_ONCE.get(column.name):
                had = set(compared(row.get(PREVIOUS + column.name)))
                for value in (value for value in compared(row[column.name]) if value not in had):
                    yield from self._claims(kind, value, row)

    def _claims(self, kind: str, value: str, row: Mapping[Any, Any]) -> Iterator[Claim]:
        if kind == EUM:
            yield from self._of_address(value)
            return
        if kind != EXTENSION:
            yield Claim(kind, value)
        if POLICY in row:
            plans = self.plans.get(text(row[POLICY]), ("",))
            yield from (Claim(EXTENSION if kind == EXTENSION else EUM, value, plan) for plan in plans)

    def _of_address(self, stored: str) -> Iterator[Claim]:
        """Of a proxy address: one that is no EUM address is a SIP address, for no CSV takes another."""
        parts = addresses.eum(Series([stored], dtype="str")).iloc[0]
        if pd.isna(parts["address"]):
            yield Claim(SIP, stored)
        else:
            yield from (Claim(EUM, str(parts["address"]), one) for one in _places(str(parts["context"]), self.plans))

    def against(self, definition: BulkCsv, row: Mapping[Any, Any]) -> Iterator[str]:
        """Why what a row gives to its object is, or may be, another one's."""
        for claim in self.made(definition, row):
            held, lead = self.held[claim.among], f"the {claim.kind} {claim.value}"
            if claim.place == "":
                yield f"nobody can tell who holds {lead}: its UM mailbox policy is none that leads to a UM dial plan"
            elif isinstance(held, str):
                yield f"nobody can tell who holds {lead}: {held}"
            elif others := _others(held.get(claim.key, {}), row[GUID]):
                yield f"{lead} is held by {others} now"
            elif others := _others(self.given[claim.among][claim.key], row[GUID]):
                yield f"{lead} would be that of {others} too"


def _others(holders: Mapping[str, str], guid: str) -> str:
    return ", ".join(identity for other, identity in holders.items() if other != guid)


def _places(context: str, plans: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return plans.get(context, frozenset({context}))


def _told(view: View, read: Callable[..., Any]) -> Any:
    """What a function with a rule's signature reads, or why something that it reads was not seen whole."""
    handed = view.hand(Signature.of(read), {})
    return handed.reason if isinstance(handed, Skipped) else read(**handed.arguments)


def _plans(view: View) -> Mapping[str, frozenset[str]]:
    """The UM dial plans of each UM mailbox policy and of each phone context; nothing where not all were seen."""
    told = _told(view, _read_plans)
    return {} if isinstance(told, str) else told


def _read_plans(
    forest: Forest,
    mailbox_policies: Annotated[DataFrame, "dial_plan"],
    dial_plans: Plans,
    dial_plan_equivalents: Equivalents,
) -> Mapping[str, frozenset[str]]:
    led = mailbox_policies[mailbox_policies["dial_plan"].isin(dial_plans["dn"])]
    of_policies = {guid: frozenset({plan}) for guid, plan in zip(led["guid"], led["dial_plan"], strict=True)}
    return of_policies | _by_context(dial_plans, dial_plan_equivalents)


def _by_context(dial_plans: DataFrame, dial_plan_equivalents: DataFrame) -> dict[str, frozenset[str]]:
    """The DNs of the UM dial plans of each phone context."""
    told: dict[str, frozenset[str]] = {}
    for dn, held in contexts(dial_plans, dial_plan_equivalents).items():
        told |= {context: told.get(context, frozenset()) | {dn} for context in held}
    return told


def _held(view: View, read: Callable[..., Any], keys: Mapping[str, object]) -> Holders | str:
    """Who holds these values, or why nobody can tell."""
    rows = _told(view, read)
    if isinstance(rows, str):
        return rows
    held: dict[str, dict[str, str]] = {}
    for key, guid, identity in rows.loc[rows["key"].isin(list(keys)), ["key", "guid", "identity"]].itertuples(index=False):
        held.setdefault(str(key), {})[str(guid)] = str(identity)
    return held


def _sip_addresses(forest: Forest, taken_addresses: Annotated[DataFrame, "scheme", "address"]) -> DataFrame:
    rows = taken_addresses[taken_addresses["scheme"] == taken.SIP]
    return rows.assign(key=rows["address"].str.lower())


def _numbers(forest: Forest, numbers: Annotated[DataFrame, "number"]) -> DataFrame:
    return numbers.assign(key=numbers["number"].str.lower())


def _eum_addresses(
    forest: Forest,
    taken_addresses: Annotated[DataFrame, "scheme", "address", "context"],
    extension_plans: Annotated[DataFrame, "number"],
    dial_plans: Plans,
    dial_plan_equivalents: Equivalents,
) -> DataFrame:
    """EUM addresses within each UM dial plan, or the phone context of none; and the numbers that services of one answer."""
    of_context = _by_context(dial_plans, dial_plan_equivalents)
    rows = taken_addresses[taken_addresses["scheme"] == taken.EUM].dropna(subset=["address", "context"])
    rows = rows.assign(place=[sorted(_places(one, of_context)) for one in rows["context"]]).explode("place")
    services = extension_plans.dropna(subset="number")
    services = services.assign(key=services["number"] + ";" + services["dn"], identity="a service of " + services["identity"])
    keyed = rows.assign(key=rows["address"] + ";" + rows["place"].astype("str"))
    return pd.concat([one[["key", "guid", "identity"]] for one in (keyed, services)], ignore_index=True)


_HOLDERS: Mapping[str, Callable[..., DataFrame]] = {SIP: _sip_addresses, NUMBER: _numbers, EUM: _eum_addresses}
"""What reads who holds values (`key`, `guid` and `identity`), by Claim.among."""
