"""The migration of a forest as tables for a report: who moves when, what stands in the way, what is to be built anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import gates, number_holders, numbering, products, rules, services, side, summary, topology, waves
from adinspect.asking import Asking
from adinspect.assess import Assessment
from adinspect.derived import all_numbers as kinds
from adinspect.finding import Severity, Wave
from adinspect.gates import Gate
from adinspect.view import View
from adinspect.waves import Move

TABLES = (
    "migration_facts",
    "readiness",
    "rebuild",
    "unsupported",
    "main_risks",
    "gates",
    "side_inputs",
    "migration_waves",
    "prerequisites",
    "migration_users",
    "exceptions",
    "user_mapping",
    "target_mapping",
    "reclaim",
    "rehome",
    "profile_ranges",
    "places",
    "decisions",
    "risks",
    "migration_limits",
)
"""What `tables` makes, beside those of numbering."""

RISKS = 3
"""So many risks stand in the summary."""

NOBODY, BLOCKING = "(none)", (Wave.BLOCK, Wave.DECIDE, Wave.ORGANIZATION, Wave.EXCLUDE)

UNSUPPORTED = ("product", "servers", "supported_until", "told")
PLACES = ("pool", "homed", "um_dial_plan", "mailbox")
GROUPS = ("wave", "site", "pool", "number_range", "mailbox")


def tables(view: View, assessment: Assessment, read: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    """TABLES and numbering's, of what could be seen, population and estate together.

    `view` has what was found (assess.with_found), `read` the tables of summary.tables, in which what was not seen says so.
    `migration_limits` (table, why) says what the other tables may lack.
    """
    asking = Asking(view)
    numbers = numbering.tables(view)
    every, moving = numbers["all_numbers"], waves.of(view)
    concerned = moving[moving["expected"] | moving["estate"] | moving["to_confirm"]].assign(shown=waves.shown)
    mapped, ranges = services.mapping(asking), number_holders.ranges(view.context["profile"], every)
    asking.limits += _doubts(view, moving, numbers["number_limits"])
    made = {
        "readiness": _readiness(concerned, view.tables["users"]),
        "rebuild": services.rebuild(asking, mapped),
        "user_mapping": services.people(asking),
        "unsupported": asking.rows("unsupported", _unsupported, UNSUPPORTED),
        "main_risks": _main_risks(assessment),
        "gates": _gates(view),
        "side_inputs": _side_inputs(view),
        "migration_waves": _groups(concerned),
        "prerequisites": _by_rule(assessment, Wave.PREREQUISITE),
        "migration_users": _users(asking, concerned, assessment, read["users"]),
        "exceptions": services.exceptions(asking),
        "target_mapping": mapped,
        "reclaim": number_holders.reclaim(asking),
        "rehome": number_holders.rehome(asking, moving, every),
        "profile_ranges": ranges,
        "places": _places(concerned),
        "decisions": _decisions(view, assessment),
        "risks": _by_rule(assessment, Wave.BLOCK, Wave.GATE),
    }
    facts = DataFrame(_facts(read["overview"], concerned, numbers, made), columns=["fact", "value", "note"], dtype="str")
    return {**numbers, **made, "migration_facts": facts, "migration_limits": asking.told()}


def _doubts(view: View, moving: DataFrame, lacking: DataFrame) -> Iterator[tuple[str, str]]:
    """What the tables may lack that are made of waves and numbers."""
    if unplaced := int(moving["guid"].isin(waves.unplaced(view)).sum()):
        why = f"of {unplaced:,} users it was not seen whether they should have voice, or have any: they may be missing"
        yield from ((name, why) for name in ("readiness", "migration_waves", "places"))
    yield from lacking.itertuples(index=False, name=None)
    for why in lacking.loc[lacking["table"] == "all_numbers", "why"]:
        yield from ((name, why) for name in ("rehome", "profile_ranges"))


def _facts(
    overview: DataFrame, concerned: DataFrame, numbers: Mapping[str, DataFrame], made: Mapping[str, DataFrame]
) -> Iterator[tuple[str, str, str]]:
    should = overview.set_index("fact")["value"]["Users who should have voice"]
    limited = numbers["number_limits"]["table"].eq("all_numbers").any()
    more = "; not every number could be read: see Looked at" if limited else ""
    every = numbers["all_numbers"]
    used = every.loc[~every["source"].isin([kinds.TELEPHONE, kinds.EXTENSION]), "number"].nunique()
    several = (numbers["duplicate_numbers"]["conflict"] == kinds.DUPLICATE).sum()
    yield "Users with voice today", f"{made['readiness']['voice'].sum():,}", "a line, Enterprise Voice, remote call control or UM"
    yield "Users who should have voice", should, "the population of the profile"
    yield "Users to confirm", f"{concerned['to_confirm'].sum():,}", "something that was not seen could put them in a later wave"
    yield "Numbers used", f"{used:,}", f"lines, and numbers of auto attendants and Outlook Voice Access{more}"
    for name, what in (("number_ranges", "the carrier's ranges"), ("profile_ranges", "the ranges of the profile")):
        of_it = {**numbers, **made}[name]
        free = f"{int(of_it['free'].sum()):,}" if len(of_it) else "not known"
        yield f"Numbers free in {what}", free, more.removeprefix("; ") if len(of_it) else "no ranges were given"
    yield "Numbers of several holders", f"{several:,}", f"each reaches one of them only{more}"
    yield "Numbers to rehome", f"{made['rehome']['number'].nunique():,}", f"held by nobody who moves: see the sheet{more}"
    yield (
        "Numbers to reclaim",
        f"{made['reclaim']['number'].nunique():,}",
        f"holders are gone or do not sign in: ask before{more}",
    )
    yield "Outage", "not told", "how long a user cannot be called while the number is switched is measured in the pilot"


def _readiness(concerned: DataFrame, users: DataFrame) -> DataFrame:
    """Users of each wave (wave, meaning, users, voice, to_confirm); `voice` are those of them who have voice today."""
    lines = users["line_uri"].notna() | users["private_line"].notna()
    controlled = users["remote_call_control"] | users["remote_call_dual"]
    has = users.loc[lines | users["enterprise_voice"] | controlled | users["um_enabled"], "guid"]
    told = []
    for move, meaning in waves.MEANINGS.items():
        of_it = concerned[concerned["wave"] == move]
        told.append((move.value, meaning, len(of_it), int(of_it["guid"].isin(has).sum()), int(of_it["to_confirm"].sum())))
    return DataFrame(told, columns=["wave", "meaning", "users", "voice", "to_confirm"]).astype({"wave": "str", "meaning": "str"})


def _unsupported(server_products: Annotated[DataFrame, "product", "edge"], today: datetime) -> DataFrame:
    """Products that Microsoft does not support any more, and servers whose product the directory does not tell."""
    ends = {one.name: one for one in products.shipped() if one.supported_until and one.supported_until < today.date()}
    told: list[tuple[str, int, str | None, str]] = []
    for product, servers in server_products.groupby(server_products["product"].fillna("")):
        names = ", ".join(sorted(servers["identity"].astype("str")))
        if not product:
            note = "the directory does not tell the product: Lync Server 2013 and all later ones look the same"
            told.append(("(not known)", len(servers), None, f"{names}; {note}"))
        elif product in ends:
            bought = ends[product].updates_until
            note = f"; security updates could be bought until {bought}" if bought else ""
            told.append((str(product), len(servers), str(ends[product].supported_until), names + note))
    return DataFrame(told, columns=list(UNSUPPORTED))


def _main_risks(assessment: Assessment) -> DataFrame:
    """The RISKS gravest things that were found: rule, severity, objects, told."""
    counted = summary.counts_by_rule(assessment)
    grave = counted[(counted["findings"] > counted["waived"]) & counted["severity"].isin([Severity.CRITICAL, Severity.HIGH])]
    first = grave.head(RISKS)
    known = rules.shipped()
    remedies = Series([known[code].remediation for code in first["rule"]], first.index, dtype="str")
    return first[["rule", "severity"]].assign(objects=first["findings"] - first["waived"], told=first["title"] + " " + remedies)


def _gates(view: View) -> DataFrame:
    """Each gate of the target: rule, state (gates.Gate) and why."""
    titles = {code: summary.title(rule.message) for code, rule in rules.shipped().items()}
    words = {Gate.STANDS: "{why}", Gate.OPEN: "Not found: {title}"}
    told = [
        (gate.rule, gate.state, words.get(gate.state, "{title} Not judged: {why}").format(title=titles[gate.rule], why=gate.why))
        for gate in gates.of(view).itertuples()
    ]
    return DataFrame(told, columns=["rule", "state", "why"], dtype="str")


def _side_inputs(view: View) -> DataFrame:
    """Each side input (file, title, state): what was not supplied was not looked at."""
    told = []
    for one in side.shipped().values():
        rows = view.tables.get(one.name)
        told.append((one.file, one.title, "not supplied" if rows is None else f"{len(rows):,} rows"))
    return DataFrame(told, columns=["file", "title", "state"], dtype="str")


def _named(cells: Series) -> Series:
    return cells.fillna(NOBODY)


def _groups(concerned: DataFrame) -> DataFrame:
    """How many users of a wave share site, pool, number range and mailbox location: what can be moved together."""
    keys = {name: _named(concerned[name]) for name in GROUPS[1:]}
    grouped = concerned[["guid"]].assign(wave=concerned["shown"], **keys)
    return grouped.groupby(list(GROUPS), sort=True)["guid"].count().rename("users").reset_index()


def _places(concerned: DataFrame) -> DataFrame:
    """Users by pool, home, UM dial plan and mailbox location: how many there are of each combination, and of each wave."""
    keys = {name: _named(concerned[name]) for name in PLACES}
    flags = {move.value: concerned["wave"].eq(move.value).astype("int64") for move in Move}
    rows = DataFrame({**keys, "users": 1, **flags})
    return rows.groupby(list(PLACES), sort=True).sum().reset_index()


def _by_rule(assessment: Assessment, *of: Wave) -> DataFrame:
    """The rules of some waves that found something: rule, severity, title, objects, remediation; the gravest first."""
    findings = assessment.findings[assessment.findings["waived"].isna() & assessment.findings["wave"].isin(list(of))]
    known = rules.shipped()
    told = [
        (code, rows["severity"].min(), summary.title(known[code].message), rows["guid"].nunique(), known[code].remediation)
        for code, rows in findings.groupby("rule", sort=False)
        if code in known
    ]
    return DataFrame(told, columns=["rule", "severity", "title", "objects", "remediation"])


def _decisions(view: View, assessment: Assessment) -> DataFrame:
    """What somebody has to decide: code, question, objects, answer, remediation; what the profile answers, with its answer."""
    answers = view.context["profile"].decisions
    found = _by_rule(assessment, Wave.DECIDE, Wave.ORGANIZATION)
    asked = [(row.rule, row.title, row.objects, answers.get(row.rule), row.remediation) for row in found.itertuples(index=False)]
    chosen = view.context["profile"].rules
    for rule in rules.shipped().values():
        unset = [one.name for one in rule.signature.settings if one.required and one.name not in chosen.get(rule.code, {})]
        if unset and view.context["target"] in rule.targets:
            said = f"The profile does not say {', '.join(unset)}, and the rule was not judged: {summary.title(rule.message)}"
            asked.append((rule.code, said, None, None, f"Say {', '.join(unset)} in the profile."))
    columns = ["rule", "question", "objects", "answer", "remediation"]
    return DataFrame(asked, columns=columns).astype({"objects": "Int64", "answer": "str"})


FLAGS = {
    "sip_enabled": "Lync",
    "enterprise_voice": "Enterprise Voice",
    "remote_call_control": "remote call control",
    "um_enabled": "UM",
    "um_fax": "UM fax",
    "account_disabled": "account disabled",
}
"""Columns of `users` that make up a user's state, in words."""

SHOWN = ("upn", "sip_address", "mail", "line_uri")
USERS = (
    "wave",
    "identity",
    "state",
    *SHOWN,
    "um_dial_plan",
    "um_mailbox_policy",
    "extensions",
    "number_range",
    "site",
    "pool",
    "homed",
)


def _users(asking: Asking, concerned: DataFrame, assessment: Assessment, shown: DataFrame) -> DataFrame:
    """One line each user: the wave as people are shown it, state, addresses, places, and every rule that stands in the way."""
    users = concerned[["guid", "dn", "identity"]].merge(shown[["guid", *SHOWN, *FLAGS]], on="guid", validate="one_to_one")
    standing = assessment.findings[assessment.findings["waived"].isna()]
    blocking = standing[standing["wave"].isin(list(BLOCKING))]
    blockers = topology.listed(blocking, "rule", users["guid"])
    um = asking.rows("migration_users", _um, ["guid", "um_mailbox_policy", "extensions"]).set_index("guid")
    places = concerned.reset_index(drop=True)
    told = users.assign(
        wave=places["shown"],
        state=_state(users),
        blockers=blockers,
        unknown=places["unknown"].str.replace("|", ", "),
        **{name: users["guid"].map(um[name]).astype("str") for name in um},
        **{name: places[name] for name in ("um_dial_plan", "number_range", "site", "pool", "homed", "mailbox")},
    )
    order = ["wave", "identity", "guid"]
    columns = [*USERS, "mailbox", "blockers", "unknown", "dn", "guid"]
    return told[columns].sort_values(order, kind="stable", ignore_index=True)


def _state(users: DataFrame) -> Series:
    """What is on for each user, joined; with a question mark where that was not seen."""
    words = [
        [label + ("?" if isinstance(cell, str) else "") for label, cell in zip(FLAGS.values(), row, strict=True) if _on(cell)]
        for row in users[list(FLAGS)].itertuples(index=False, name=None)
    ]
    return Series([", ".join(one) for one in words], users.index, dtype="str")


def _on(cell: object) -> bool:
    return isinstance(cell, str) or (not pd.isna(cell) and bool(cell))


def _um(um_users: Annotated[DataFrame, "policy"], eum_addresses: Annotated[DataFrame, "own", "kind", "address"]) -> DataFrame:
    own = eum_addresses[eum_addresses["own"] & (eum_addresses["kind"] == "extension")]
    extensions = topology.listed(own, "address", um_users["guid"])
    return um_users[["guid"]].assign(um_mailbox_policy=um_users["policy"], extensions=extensions)
