"""Lines and extensions for the users who lack them, from their telephone numbers and the ranges of the profile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, allocation, topology, voice
from adinspect.allocation import Extensions, Given, Numbers, Want
from adinspect.derived import derived
from adinspect.derived import taken_addresses as taken
from adinspect.derived.all_numbers import EXTENSION
from adinspect.frames import TEXT
from adinspect.profile import Profile
from adinspect.sites import NumberRange, Owner

UNSEEN = "not everything that could hold it was seen, so that {} cannot be called free: collect with an account that may read it"
"""What stands against a proposal while a table that would prove it free is not whole."""

COLUMNS = ("line_uri", "source", "extension", "problem", "line_problem", "extension_problem")


@derived
def extension_plans(
    dial_plans: Annotated[DataFrame, "dn", "name", "phone_context", "extension_digits", "operator_extension"],
    dial_plan_equivalents: Annotated[DataFrame, "phone_context?"],
    dial_plan_numbers: Annotated[DataFrame, "number"],
    auto_attendants: Annotated[DataFrame, "dial_plan"],
    auto_attendant_numbers: Annotated[DataFrame, "number"],
) -> DataFrame:
    """One row for each phone context of a UM dial plan, its own and equivalent ones, and each number that its services answer.

    `plan` is the name of the UM dial plan, `digits` (Int64) how many an extension has. `context` is in lower case; `number` is
    digits, of an Outlook Voice Access number, an auto attendant or the operator. One of the two is missing.
    """
    plans = dial_plans[["guid", "dn", "identity"]].assign(plan=dial_plans["name"], digits=dial_plans["extension_digits"])
    own = plans.assign(context=dial_plans["phone_context"].str.lower())
    equal = plans.merge(dial_plan_equivalents[["guid", "phone_context"]], on="guid")
    equal = equal.assign(context=equal["phone_context"].str.lower())
    attendants = auto_attendant_numbers[["guid", "number"]].merge(auto_attendants[["guid", "dial_plan"]], on="guid")
    answered = pd.concat(
        [
            plans.merge(dial_plan_numbers[["guid", "number"]], on="guid"),
            plans.merge(attendants[["dial_plan", "number"]], left_on="dn", right_on="dial_plan"),
            plans.assign(number=dial_plans["operator_extension"]),
        ]
    )
    answered = answered[addresses.matches(answered["number"], r"[0-9]+")]
    rows = pd.concat([own, equal, answered], ignore_index=True)
    return rows.reindex(columns=["guid", "dn", "identity", "plan", "digits", "context", "number"]).astype(
        {"plan": TEXT, "digits": "Int64", "context": TEXT, "number": TEXT}
    )


@derived
def proposed_numbers(
    users: Annotated[
        DataFrame,
        "expected",
        "object_class",
        "line_uri?",
        "private_line?",
        "telephone_number",
        "enterprise_voice?",
        "deployment_locator?",
        "mailbox_database",
    ],
    placements: Annotated[DataFrame, "site", "problem", "um_dial_plan", "um_mailbox_policy"],
    um_users: Annotated[DataFrame | None, "dial_plan_name"],
    mailbox_policies: Annotated[DataFrame | None, "name", "dial_plan"],
    dial_plans: Annotated[DataFrame | None, "dn", "name", "uri_type"],
    extension_plans: Annotated[DataFrame | None, "plan", "digits", "context", "number"],
    taken_addresses: Annotated[DataFrame | None, "scheme", "address", "context"],
    all_numbers: Annotated[DataFrame | None, "source", "value", "base", "e164"],
    supplied_numbers: Annotated[DataFrame, "value", "number", ...],
    carrier_numbers: Annotated[DataFrame | None, "start", "end"],
    cs_callpark: Annotated[DataFrame | None, "start", "end"],
    region: str,
    profile: Profile,
) -> DataFrame:
    """One row for each user who lacks a line or, in the UM dial plan they are to be in, an extension.

    A line is wanted by who is expected to have voice or has Enterprise Voice, and has neither line nor private line; an extension
    by who is expected to have voice and has a mailbox here, in the UM dial plan of their site, else their own, else that of the
    only UM mailbox policy that leads to a SIP URI dial plan. Nobody who is homed online wants either.

    `line_uri` is `tel:` and an E.164 number, `source` where it comes from (allocation.Source), `extension` digits; missing where
    it is not wanted, or where `line_problem` or `extension_problem` say why it cannot be told and what to do. `problem` is both
    of these in one text. All are text.
    """
    rows = users.merge(placements.drop(columns=["dn", "identity"]), on="guid", validate="one_to_one")
    here = ~voice.online(rows) & ~voice.mailbox_elsewhere(rows)
    unlined = here & rows["line_uri"].isna() & rows["private_line"].isna()
    rows = rows.assign(
        wants_line=unlined & (rows["expected"] | rows["enterprise_voice"]),
        plan=_plans(rows, um_users, mailbox_policies, dial_plans),
    )
    plans = _extensions(extension_plans, taken_addresses)
    holders = {(name, guid) for name, plan in plans.items() for guid in _holders(plan)}
    lacking = [pair not in holders for pair in zip(rows["plan"].tolist(), rows["guid"].tolist(), strict=True)]
    um = dial_plans is None or not dial_plans.empty
    mailbox = rows["expected"] & rows["mailbox_database"].notna() & um
    rows = rows.assign(wants_extension=here & mailbox & Series(lacking, rows.index, dtype=bool))
    rows = rows[rows["wants_line"] | rows["wants_extension"]]
    if rows.empty:
        return _told(rows, {})
    placed = placements.dropna(subset="site")
    sites = dict(zip(placed["guid"].tolist(), placed["site"].tolist(), strict=True))
    numbers = _numbers(all_numbers, supplied_numbers, carrier_numbers, cs_callpark, sites)
    plans_seen = extension_plans is not None and taken_addresses is not None
    wants = _wants(rows, plans, region, profile, seen=all_numbers is not None, plans_seen=plans_seen)
    given = allocation.allocate(wants, profile.ranges, numbers)
    return _told(rows, given)


def _told(rows: DataFrame, given: Mapping[str, Given]) -> DataFrame:
    lines = [given[guid] for guid in rows["guid"]]
    cells = [
        (
            f"tel:{one.number}" if one.number else None,
            one.source,
            one.extension or None,
            "; ".join(filter(None, (one.line_problem, one.extension_problem))) or None,
            one.line_problem or None,
            one.extension_problem or None,
        )
        for one in lines
    ]
    told = DataFrame(cells, index=rows.index, columns=list(COLUMNS)).astype(TEXT)
    return rows[["guid", "dn", "identity"]].join(told).reset_index(drop=True)


def _plans(
    rows: DataFrame, um_users: DataFrame | None, mailbox_policies: DataFrame | None, dial_plans: DataFrame | None
) -> Series:
    """The name of the UM dial plan each user is to be in; missing where that is not known."""
    wished, nothing = rows["um_dial_plan"], Series(None, rows.index, dtype=TEXT)
    if mailbox_policies is None or dial_plans is None or um_users is None:
        return wished
    names = dial_plans.set_index("dn")["name"]
    of_policies = mailbox_policies.assign(plan=mailbox_policies["dial_plan"].map(names)).dropna(subset=["name", "plan"])
    by_policy = rows["um_mailbox_policy"].map(of_policies.drop_duplicates("name", keep=False).set_index("name")["plan"])
    own = rows["guid"].map(um_users.set_index("guid")["dial_plan_name"])
    sip_uri = of_policies[of_policies["dial_plan"].isin(topology.sip_uri_plans(dial_plans)["dn"])]
    only = nothing.fillna(sip_uri["plan"].iloc[0]) if len(sip_uri) == 1 else nothing
    return wished.fillna(by_policy.astype(TEXT)).fillna(own.astype(TEXT)).fillna(only)


def _extensions(extension_plans: DataFrame | None, taken_addresses: DataFrame | None) -> dict[str, Extensions]:
    """The extensions of each UM dial plan by its name; none where not all that are in use were seen."""
    if extension_plans is None or taken_addresses is None:
        return {}
    held = taken_addresses[(taken_addresses["scheme"] == taken.EUM) & taken_addresses["address"].notna()]
    names = dict(zip(held["guid"].tolist(), held["identity"].tolist(), strict=True))
    by_context: dict[str, dict[str, set[str]]] = {}
    for guid, address, context in zip(*(held[name].tolist() for name in ("guid", "address", "context")), strict=True):
        by_context.setdefault(context, {}).setdefault(address, set()).add(guid)
    plans = {}
    for (plan, digits), lines in extension_plans.dropna(subset=["plan", "digits"]).groupby(["plan", "digits"]):
        contexts = lines["context"].dropna()
        if contexts.empty:
            continue
        extensions: dict[str, set[str]] = {number: {"a service of the plan"} for number in lines["number"].dropna()}
        for context in contexts:
            for address, guids in by_context.get(context, {}).items():
                extensions[address] = extensions.get(address, set()) | guids
        plans[str(plan)] = Extensions(str(plan), int(digits), extensions, names)
    return plans


def _holders(plan: Extensions) -> Iterable[str]:
    """Who has an extension of the plan that is one: as many digits as it asks for."""
    return chain.from_iterable(guids for text, guids in plan.held.items() if len(text) == plan.digits and text.isdecimal())


def _wants(
    rows: DataFrame, plans: Mapping[str, Extensions], region: str, profile: Profile, *, seen: bool, plans_seen: bool
) -> Iterable[Want]:
    lines = addresses.number(rows["line_uri"].where(addresses.matches(rows["line_uri"], addresses.E164_URI))).fillna("")
    telephones = addresses.telephone(rows["telephone_number"], region)
    for row, line, telephone in zip(
        rows.to_dict("records"), lines.to_dict("records"), telephones.fillna("").to_dict("records"), strict=True
    ):
        site = row["site"] if isinstance(row["site"], str) else ""
        plan = row["plan"] if isinstance(row["plan"], str) else ""
        ranges = _ranges(profile, site) if row["expected"] else ()
        yield Want(
            guid=row["guid"],
            identity=row["identity"],
            site=site,
            wants_line=row["wants_line"],
            wants_extension=row["wants_extension"],
            line=line["base"],
            line_extension=line["extension"],
            telephone=telephone["e164"] if not telephone["extension"] else "",
            no_telephone=_no_telephone(row["telephone_number"], telephone["e164"]) if seen else UNSEEN.format("no number"),
            ranges=ranges,
            no_range=_no_range(row, site, profile),
            extensions=plans.get(plan),
            no_plan=_no_plan(plan) if plans_seen else UNSEEN.format("no extension"),
        )


def _ranges(profile: Profile, site: str) -> tuple[NumberRange, ...]:
    """The ranges whose free numbers a site may use: its own; without sites the profile has one place, and all are its."""
    return tuple(
        sorted(
            (one for one in profile.ranges if one.owner is Owner.LYNC and (one.site == site != "" or not profile.sites)),
            key=lambda one: (len(one.start), one.start),
        )
    )


def _no_range(row: Mapping[str, object], site: str, profile: Profile) -> str:
    if not row["expected"]:
        return "is not in the population, so that no range gives a number: say the number"
    if isinstance(row["problem"], str):
        return row["problem"]
    if profile.sites and not site:
        return (
            "is at no site of the profile, so that no range gives a number: add a [[site]] that holds the user, or say the number"
        )
    if not _ranges(profile, site):
        of = f" of site {site}" if site else ""
        return f"the profile has no [[range]]{of} with owner lync: add one, or say the number"
    return ""


def _no_telephone(written: object, e164: str) -> str:
    """Why a number that a user shows cannot be told apart from others; empty where there is none, or an internal one alone."""
    if e164 or not isinstance(written, str) or max(map(len, _digits(written)), default=0) < allocation.SHORT:
        return ""
    return (
        f"the telephone number {written} is no number that could be called from abroad: correct it, or say region in the profile"
    )


def _no_plan(plan: str) -> str:
    if plan:
        return f"UM dial plan {plan} is not in the forest, or does not say its phone context and how many digits an extension has"
    return "the UM dial plan is a choice: say um_dial_plan of the user's [[site]] in the profile, or say the extension"


def _numbers(
    all_numbers: DataFrame | None,
    supplied: DataFrame,
    carrier: DataFrame | None,
    orbits: DataFrame | None,
    sites: Mapping[str, str],
) -> Numbers:
    held: dict[str, set[str]] = {}
    endings: dict[str, set[str]] = {}
    if all_numbers is not None:
        columns = (all_numbers[name].tolist() for name in ("guid", "source", "value", "base", "e164"))
        for guid, source, value, base, e164 in zip(*columns, strict=True):
            if isinstance(e164, str):
                held.setdefault(e164, set()).add(guid)
            if isinstance(base, str) and base.startswith("+"):
                held.setdefault(base, set()).add(guid)
            if not isinstance(e164, str) and source != EXTENSION:
                for digits in _digits(value):
                    endings.setdefault(digits, set()).add(guid)
    known = frozenset(supplied["number"].dropna())
    for value in supplied.loc[supplied["number"].isna(), "value"]:
        for digits in _digits(value):
            endings.setdefault(digits, set()).add("")
    spans = _spans(orbits) if orbits is not None else ()
    return Numbers(held, endings, sites, known, spans, _spans(carrier) if carrier is not None else None)


def _spans(ranges: DataFrame) -> tuple[tuple[str, str], ...]:
    ends = zip(addresses.international(ranges["start"]), addresses.international(ranges["end"]), strict=True)
    return tuple((start, end) for start, end in ends if isinstance(start, str) and isinstance(end, str))


def _digits(written: str) -> list[str]:
    """The digits of each number in a text, without what is dialled before a number of the country or another one."""
    parts = (re.sub(r"[^0-9]", "", part).lstrip("0") for part in re.split(r"[^0-9+().\-\s]+", written.replace("\u00a0", " ")))
    return [part for part in parts if len(part) >= allocation.SHORTEST]
