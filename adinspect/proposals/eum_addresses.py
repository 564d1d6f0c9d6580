"""The CSV that puts right by which EUM and SIP addresses Lync and callers reach a mailbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import pandas as pd
from pandas import DataFrame, Series

from adinspect import topology
from adinspect.membership import among
from adinspect.proposals import proposes, reasons, sent
from adinspect.proposals.holding import held_by
from adinspect.proposals.um_addresses import Users, extension_of_number, kept
from adinspect.proposals.um_mailboxes import (
    DISABLE,
    ENABLE,
    Equivalents,
    Findings,
    Plans,
    Policies,
    Services,
    Taken,
    extensions_in,
    sip_doubts,
)
from adinspect.proposals.um_places import contexts, in_plans, in_service, places
from adinspect.step import AFTER, REASON, REVIEW, WHY

ADDRESSES = "32_mailbox_eum"

SIP_RULE = "USR-019"
"""The rule that finds who has another sip: proxy address than the SIP address."""

EUM_RULES = ("USR-011", "USR-012", "CNS-006", "CNS-022")
"""The rules that find wrong EUM addresses."""


@dataclass(frozen=True)
class Address:
    """An EUM address of a user: as stored and in parts; `own` where it is of the user's UM dial plan."""

    stored: str
    primary: bool
    address: str
    context: str
    kind: str
    own: bool
    foreign: bool


@dataclass
class Change:
    """What is added to a mailbox's addresses and removed from them, and why a person has to look at it first."""

    add: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """What the EUM addresses of a user are to hold: the SIP address without scheme, or an extension where none is right yet.

    Where one of them is missing or cannot be used, `no_sip` and `no_extension` say why. `uri_type`, `context` and `digits` are
    those of the user's UM dial plan; `context` is empty where that is not known.
    """

    sip: str
    no_sip: str
    extension: str
    no_extension: str
    uri_type: int
    context: str
    digits: int


@proposes(ADDRESSES, unasked=True)
def mailbox_eum(
    users: Users,
    findings: Findings,
    um_users: Annotated[DataFrame, "um_here", "dial_plan", "dial_plan_name", "uri_type", "phone_context", "extension_digits"],
    eum_addresses: Annotated[DataFrame, "eum", "primary", "address", "context", "kind", "own", "foreign"],
    proxy_addresses: Annotated[DataFrame, "address"],
    placements: Annotated[DataFrame, "um_mailbox_policy", "um_dial_plan", "problem"],
    mailbox_policies: Policies,
    dial_plans: Plans,
    dial_plan_equivalents: Equivalents,
    extension_plans: Services,
    proposed_numbers: Annotated[DataFrame | None, "extension"],
    taken_addresses: Taken,
) -> DataFrame:
    """The SIP address as primary EUM address, an extension of the right length beside it, one sip: address.

    Who is disabled and enabled in another UM dial plan gets the addresses of secondary ones again, which that takes away.
    """
    moving = sent(users, findings, DISABLE) & sent(users, findings, ENABLE)
    asked = users[sent(users, findings, ADDRESSES) | moving].reset_index(drop=True)
    of_plans = contexts(dial_plans, dial_plan_equivalents)
    at = places(asked, placements, mailbox_policies, dial_plans)
    again = _stored(kept(asked, at, eum_addresses, of_plans))
    known = asked[["guid"]].merge(um_users, on="guid", validate="one_to_one").set_axis(asked.index)
    taken = in_plans(taken_addresses, of_plans)
    enabled = users[sent(users, findings, ENABLE)].reset_index(drop=True)
    disabled = sent(enabled, findings, DISABLE)
    coming = _coming(
        enabled, disabled, places(enabled, placements, mailbox_policies, dial_plans), of_plans, eum_addresses, proposed_numbers
    )
    wanted = _wanted(asked, known, of_plans, extension_plans, proposed_numbers, taken_addresses, pd.concat([taken, coming]))
    held, sips = _held(asked, eum_addresses), _sip_addresses(asked, proxy_addresses)
    rules = {code: sent(asked, findings, ADDRESSES, code) for code in (SIP_RULE, *EUM_RULES)}
    moves = among(asked["guid"], users.loc[moving, "guid"])
    told = []
    for place, guid in asked["guid"].items():
        change = Change()
        after: tuple[str, ...] = ()
        if rules[SIP_RULE][place]:
            _put_sip_right(change, wanted[place], sips.get(guid, []))
        elif moves[place] and guid in again:
            change.add, after = again[guid], (ENABLE,)
        if not moves[place] and any(rules[code][place] for code in EUM_RULES):
            _put_eum_right(change, wanted[place], held.get(guid, []), here=known["um_here"][place])
        asks = not moves[place] or bool(after) or rules[SIP_RULE][place]
        told += [_row(guid, change, after)] if asks else []
    return DataFrame(told, columns=["guid", "Identity", "Add", "Remove", AFTER, WHY, REASON], dtype=object)


def _row(guid: str, change: Change, after: tuple[str, ...]) -> dict[str, Any]:
    nothing = not change.add and not change.remove
    unknown = ["nothing is known here that this file could change"] if nothing and not change.doubts else []
    return {
        "guid": guid,
        "Identity": guid,
        "Add": REVIEW if nothing else tuple(change.add) or None,
        "Remove": tuple(change.remove) or None,
        AFTER: after,
        WHY: "Its secondary UM dial plans are given back." if after else None,
        REASON: "; ".join(change.doubts + unknown),
    }


def _put_sip_right(change: Change, wanted: Wanted, sips: list[str]) -> None:
    """One sip: address, the SIP address."""
    others = [one for one in sips if one.casefold() != f"sip:{wanted.sip}".casefold()]
    if wanted.no_sip:
        change.doubts.append(wanted.no_sip)
        return
    change.remove += others
    change.add += [f"sip:{wanted.sip}"] if len(others) == len(sips) else []


def _put_eum_right(change: Change, wanted: Wanted, held: list[Address], *, here: bool) -> None:
    """EUM addresses of valid form, exactly one of them primary, and those of the user's UM dial plan complete."""
    primaries = [one.stored for one in held if one.stored.startswith("EUM:")]
    if len(primaries) > 1:
        told = f"has several primary EUM addresses ({', '.join(primaries)}), and nobody knows which one Exchange takes"
        change.doubts.append(f"{told}: leave one of them in capitals by hand")
        return
    invalid = [one.stored for one in held if not one.kind]
    change.remove += invalid
    if invalid:
        change.doubts.append(f"{', '.join(invalid)} is of a form that Exchange does not take, and no rollback could put it back")
    if not here:
        return
    if not wanted.context:
        change.doubts.append("its UM dial plan is not known, or has no phone context")
        return
    valid = [one for one in held if one.kind]
    if wanted.uri_type == topology.SIP_URI:
        _put_primary_right(change, wanted, valid)
    elif wanted.uri_type == topology.E164 and not any(one.kind == "e164" for one in valid):
        change.doubts.append("in an E.164 dial plan the primary address is the number: add it by hand")
    _put_extension_right(change, wanted, valid)


def _put_primary_right(change: Change, wanted: Wanted, held: list[Address]) -> None:
    """The SIP address as primary EUM address."""
    primary = next((one for one in held if one.primary), None)
    if primary and primary.foreign:
        change.doubts.append(f"{primary.stored} is of another UM dial plan, which takes disabling and enabling (29, 30)")
        return
    old = primary if primary and primary.kind == "sip" else None
    if old and old.address.casefold() == wanted.sip.casefold():
        return
    if wanted.no_sip:
        change.doubts.append(wanted.no_sip)
        return
    same = [one.stored for one in held if one.own and one.address.casefold() == wanted.sip.casefold()]
    if same:
        told = f"{same[0]} is there as a secondary address: make it the primary one by hand"
        change.doubts.append(f"{told}, for Exchange takes addresses that differ in case alone for one")
        return
    change.add.append(f"EUM:{wanted.sip};phone-context={old.context if old else wanted.context}")
    change.remove += [old.stored] if old else []


def _put_extension_right(change: Change, wanted: Wanted, held: list[Address]) -> None:
    """Extensions of the right length alone, and at least one."""
    extensions = [one for one in held if one.kind == "extension"]
    wrong = [one for one in extensions if _in_context(one, wanted) and wanted.digits and len(one.address) != wanted.digits]
    change.remove += [one.stored for one in wrong]
    if len(wrong) < len(extensions):
        return
    if wanted.no_extension:
        change.doubts.append(wanted.no_extension)
        return
    primary = any(one.primary and one not in wrong for one in held) or wanted.uri_type != topology.TELEPHONE_EXTENSION
    change.add.append(f"{'eum' if primary else 'EUM'}:{wanted.extension};phone-context={wanted.context}")


def _in_context(one: Address, wanted: Wanted) -> bool:
    return one.context.casefold() == wanted.context.casefold()


def _coming(
    users: DataFrame,
    disabled: Series,
    at: DataFrame,
    of_plans: Mapping[str, frozenset[str]],
    eum_addresses: DataFrame,
    proposed_numbers: DataFrame | None,
) -> DataFrame:
    """The extensions that 30_um_mailbox_enable gives to these users, as um_places.in_plans tells those that are taken.

    `disabled` (bool) are those that are disabled before it.
    """
    stays = kept(users, at, eum_addresses, of_plans)
    given = extensions_in(users, at, disabled, stays, eum_addresses, proposed_numbers)
    rows = users[["guid", "identity"]].assign(extension=given, plan=at["plan_dn"]).explode("extension").dropna()
    label = rows["identity"] + f" ({ENABLE})"
    return DataFrame(
        {"guid": rows["guid"], "table": "users", "identity": label, "address": rows["extension"] + ";" + rows["plan"]}
    )


def _wanted(
    users: DataFrame,
    known: DataFrame,
    of_plans: Mapping[str, frozenset[str]],
    extension_plans: DataFrame,
    proposed_numbers: DataFrame | None,
    taken_addresses: DataFrame,
    taken_extensions: DataFrame,
) -> list[Wanted]:
    """What the EUM addresses of each user are to hold; `known` are the rows of um_users."""
    digits = known["extension_digits"].fillna(0).astype(int)
    extension = extension_of_number(users, digits, proposed_numbers)
    taken = held_by(users, extension, extension + ";" + known["dial_plan"], taken_extensions)
    served = in_service(extension, known["dial_plan_name"], extension_plans)
    untold = "neither line URI nor telephone number tells an extension of " + digits.astype("str") + " digits"
    doubts = {
        "": untold.where(extension.isna()),
        "the extension is taken: ": taken,
        "the extension is one that services of the UM dial plan answer: ": extension.where(served),
    }
    sip = users["sip_address"].str.replace(r"^[Ss][Ii][Pp]:", "", regex=True).fillna("")
    lines = zip(
        sip,
        reasons(users, sip_doubts(users, of_plans, taken_addresses)),
        extension.fillna(""),
        reasons(users, doubts),
        known["uri_type"].fillna(0).astype(int),
        known["phone_context"].fillna(""),
        digits,
        strict=True,
    )
    return [Wanted(*line) for line in lines]


def _held(users: DataFrame, eum_addresses: DataFrame) -> dict[str, list[Address]]:
    rows = eum_addresses[among(eum_addresses["guid"], users["guid"])].sort_values("eum")
    texts = rows[["address", "context", "kind"]].fillna("")
    held: dict[str, list[Address]] = {}
    for guid, stored, primary, own, foreign, *parts in zip(
        rows["guid"],
        rows["eum"],
        rows["primary"],
        rows["own"],
        rows["foreign"],
        texts["address"],
        texts["context"],
        texts["kind"],
        strict=True,
    ):
        address, context, kind = parts
        held.setdefault(guid, []).append(Address(stored, primary, address, context, kind, own, foreign))
    return held


def _sip_addresses(users: DataFrame, proxy_addresses: DataFrame) -> dict[str, list[str]]:
    rows = proxy_addresses[proxy_addresses["address"].str.lower().str.startswith("sip:", na=False).astype(bool)]
    return _stored(rows[among(rows["guid"], users["guid"])].rename(columns={"address": "eum"}))


def _stored(rows: DataFrame) -> dict[str, list[str]]:
    """The addresses of each user, sorted."""
    stored: dict[str, list[str]] = {}
    for guid, address in sorted(zip(rows["guid"], rows["eum"], strict=True)):
        stored.setdefault(guid, []).append(address)
    return stored
