"""The CSV about UM IP gateways: by which one Exchange UM places its calls, and what TLS needs of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import topology, voice
from adinspect.proposals import proposes, reviewed, sent
from adinspect.proposals.um_hunt_groups import missing
from adinspect.readings.um_topology import CALLS, SECURE
from adinspect.step import KEY, REVIEW, RULES, WHY

SET = "10_um_ipgateway_set"

NONE_ALLOWS, SEVERAL_ALLOW, BY_ADDRESS, OTHER_PORT = "GW-002", "GW-003", "GW-005", "GW-006"
"""The rules that find UM dial plans without and with several outgoing gateways, and gateways that TLS does not suit."""

REGISTRAR, HOMES = "registrar:", "userserver:"
"""How services of a pool begin (Get-CsPool), in lower case: a Director or branch pool registers users and is home of none."""


@dataclass(frozen=True)
class Choice:
    """The gateway (objectGUID) that places the calls of all SIP URI UM dial plans, or why it is a person's choice."""

    guid: str = ""
    name: str = ""
    why_not: str = ""


@proposes(SET, unasked=True)
def um_ipgateway_set(
    gateways: Annotated[DataFrame, "address", "port", "outgoing_calls_allowed", "status"],
    findings: Annotated[DataFrame, "guid", "rule", "csv", "waived"],
    dial_plan_gateways: Annotated[DataFrame, "dial_plan"],
    hunt_groups: Annotated[DataFrame, "gateway", "dial_plan"],
    dial_plans: Annotated[DataFrame, "name", "uri_type", "phone_context", "voip_security"],
    pools: Annotated[DataFrame, "fqdn"],
    pool_services: Annotated[DataFrame, "pool"],
    users: Annotated[DataFrame, "pool_service", "enterprise_voice", "um_enabled", "deployment_locator?", ...],
    cs_pools: Annotated[DataFrame | None, "fqdn", "services"],
) -> DataFrame:
    """One choice over all SIP URI UM dial plans of who places outgoing calls; 5061 as port of gateways that need TLS.

    Nothing is turned off before the one that is chosen allows calls, and no UM dial plan is left without one that does. No port
    is changed on which calls of a UM dial plan without encryption come or, once file 11 was run, would come.
    """
    plans = topology.sip_uri_plans(dial_plans)
    links = {str(plan): set(those) for plan, those in dial_plan_gateways.groupby("dial_plan")["guid"]}
    none, several = (plans.loc[sent(plans, findings, SET, rule), "dn"] for rule in (NONE_ALLOWS, SEVERAL_ALLOW))
    lync = topology.lync_gateways(gateways, pools)
    choice = _choice(lync, [links[dn] for dn in plans["dn"] if dn in links], _ranked(lync, pools, pool_services, users, cs_pools))
    beside = set().union(*(links.get(dn, set()) for dn in several))
    rows = gateways.assign(
        on=(gateways["guid"] == choice.guid) & ~gateways["outgoing_calls_allowed"] & (len(none) + len(several) > 0),
        off=gateways["guid"].isin(beside - {choice.guid}) & gateways["outgoing_calls_allowed"] & (len(several) > 0),
        asked=(len(none) > 0) & (choice.guid == "") & gateways["guid"].isin(set().union(*(links.get(dn, set()) for dn in none))),
        tls=sent(gateways, findings, SET, OTHER_PORT),
        named=sent(gateways, findings, SET, BY_ADDRESS),
        alone=_left_alone(gateways, links, beside - {choice.guid}, dial_plans),
    )
    tls = rows[rows["tls"] | rows["named"]].reset_index(drop=True)
    calls = rows[rows["on"] | rows["off"] | rows["asked"]].reset_index(drop=True)
    coming = missing(gateways, findings, pools, hunt_groups, dial_plans).rename(columns={"plan_dn": "dial_plan"})
    led = pd.concat([those[["guid", "dial_plan"]] for those in (dial_plan_gateways, coming)], ignore_index=True)
    told = [_calls(calls, choice, lync), _tls(tls, lync, _unencrypted(tls, led, dial_plans))]
    return pd.concat(told, ignore_index=True)


def _row(rows: DataFrame, key: str) -> DataFrame:
    """A row for each gateway, nothing changed yet."""
    cells = dict.fromkeys(("OutcallsAllowed", "Port", "Address", WHY))
    return rows[["guid"]].assign(Identity=rows["guid"], **cells, **{KEY: key, RULES: [()] * len(rows)}).astype(object)


def _calls(rows: DataFrame, choice: Choice, lync: DataFrame) -> DataFrame:
    """Outgoing calls on by the gateway that is chosen, and off by the others."""
    allows = choice.guid in set(lync.loc[lync["outgoing_calls_allowed"], "guid"])
    waits = rows["off"] & (not allows and choice.guid != "")
    calls = rows["on"].astype(object)
    told = _row(rows, CALLS).assign(
        OutcallsAllowed=calls.mask(rows["asked"], REVIEW),
        **{
            RULES: [tuple(_rules(*flags)) for flags in zip(rows["on"] | rows["asked"], rows["off"], strict=True)],
            WHY: f"{choice.name} places the outgoing calls." if choice.guid else None,
        },
    )
    doubts = {
        f"{choice.why_not}": (rows["off"] | rows["asked"]) & (choice.guid == ""),
        f"first {choice.name} has to allow outgoing calls: run its row, collect again, then turn this one off": waits,
        "without it no gateway would place outgoing calls of UM dial plan ": rows["alone"].where(rows["off"]),
    }
    return reviewed(told, {"OutcallsAllowed": doubts})


def _tls(rows: DataFrame, lync: DataFrame, unencrypted: Series) -> DataFrame:
    """The port on which a gateway of a Lync pool listens for TLS; by which name another has to be called a person says."""
    told = _row(rows, SECURE)
    told = told.assign(
        Port=told["Port"].mask(rows["tls"], str(topology.TLS_PORT)), Address=told["Address"].mask(rows["named"], REVIEW)
    )
    other = "is no gateway of a Lync pool, so that the port on which it listens for TLS is not known"
    doubts = {
        "Port": {
            other: rows["tls"] & ~rows["guid"].isin(lync["guid"]),
            "leads to UM dial plans that are not encrypted too, whose calls would end: ": unencrypted.where(rows["tls"]),
        },
        "Address": {"the directory does not tell the FQDN that its certificate names: say it": rows["named"]},
    }
    return reviewed(told, doubts)


def _rules(on: bool, off: bool) -> list[str]:
    return [*([NONE_ALLOWS] if on else []), *([SEVERAL_ALLOW] if off else [])]


def _choice(lync: DataFrame, linked: list[set[str]], ranked: list[Ranked]) -> Choice:
    """The first of the ranked gateways that takes calls and leads to every one of the plans."""
    enabled = set(lync.loc[lync["status"].fillna(0) == 0, "guid"])
    fit = [one for one in ranked if one.guid in enabled and all(one.guid in those for those in linked)]
    if not fit:
        return Choice(
            why_not="no gateway of a Lync pool that takes calls leads to every SIP URI UM dial plan: which one is a choice"
        )
    if len(fit) > 1 and not fit[0].users and not fit[0].hosting:
        told = (
            "which pool is the busiest, and no Director or branch pool, cannot be told (cs-pools.csv): which gateway is a choice"
        )
        return Choice(why_not=told)
    return Choice(fit[0].guid, fit[0].name)


@dataclass(frozen=True)
class Ranked:
    """A gateway of a Lync pool: how many users with Enterprise Voice and UM the pool is home of, and whether it is one at all.

    `hosting` is None where nothing says whether the pool is a home, False for a Director or branch pool.
    """

    guid: str
    name: str
    users: int
    hosting: bool | None


def _ranked(
    lync: DataFrame, pools: DataFrame, pool_services: DataFrame, users: DataFrame, cs_pools: DataFrame | None
) -> list[Ranked]:
    """The gateways of Lync pools, that of the busiest first; of Director and branch pools last."""
    calling = users[users["enterprise_voice"] & users["um_enabled"] & ~voice.online(users)]
    homed = calling["pool_service"].map(pool_services.set_index("dn")["pool"]).value_counts()
    busy = dict(zip(pools["fqdn"].str.lower(), pools["dn"].map(homed).fillna(0), strict=True))
    hosting = _hosting(cs_pools)
    told = [
        (Ranked(guid, name, int(busy.get(address, 0)), hosting.get(address)), bool(allowed))
        for guid, name, address, allowed in zip(
            lync["guid"], lync["identity"], lync["address"].str.lower(), lync["outgoing_calls_allowed"], strict=True
        )
    ]
    order = sorted(told, key=lambda one: (one[0].hosting is False, -one[0].users, not one[1], one[0].name, one[0].guid))
    return [one for one, _ in order]


def _hosting(cs_pools: DataFrame | None) -> dict[str, bool]:
    """Whether each pool that registers users (FQDN in lower case) is the home of any."""
    if cs_pools is None:
        return {}
    services = cs_pools["services"].str.lower()
    registers, hosts = (services.str.contains(one, regex=False, na=False).astype(bool) for one in (REGISTRAR, HOMES))
    known = cs_pools[registers]
    return dict(zip(known["fqdn"].str.lower(), hosts[registers].tolist(), strict=True))


def _left_alone(gateways: DataFrame, links: dict[str, set[str]], off: set[str], dial_plans: DataFrame) -> Series:
    """The UM dial plans that would be left without an outgoing gateway if these were turned off, at each of the gateways."""
    allowed = set(gateways.loc[gateways["outgoing_calls_allowed"], "guid"])
    enabled = set(gateways.loc[gateways["status"].fillna(0) == 0, "guid"])
    names = dict(zip(dial_plans["dn"], dial_plans["identity"], strict=True))
    alone: dict[str, list[str]] = {}
    for plan, those in links.items():
        if those & allowed & off and not those & allowed & enabled - off:
            for guid in those & off:
                alone.setdefault(guid, []).append(names[plan])
    return gateways["guid"].map({guid: ", ".join(sorted(those)) for guid, those in alone.items()}).astype(object)


def _unencrypted(rows: DataFrame, led: DataFrame, dial_plans: DataFrame) -> Series:
    """The UM dial plans without encryption that each gateway (`guid`) is `led` to, in words; missing where there are none."""
    plain = dial_plans[~dial_plans["dn"].isin(topology.encrypted_plans(dial_plans)["dn"])]
    named = led.merge(plain[["dn", "identity"]].set_axis(["dial_plan", "plan_name"], axis="columns"), on="dial_plan")
    return topology.listed(named, "plan_name", rows["guid"])
