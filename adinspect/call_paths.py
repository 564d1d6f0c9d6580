"""The call path of Exchange UM as objects and links: Lync pools, UM IP gateways, hunt groups, UM dial plans, Exchange servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pandas import DataFrame

from adinspect import distinguished_name, topology, waivers
from adinspect.finding import Severity
from adinspect.view import View
from adinspect.visibility import State

LAYERS: Mapping[str, str] = {
    "pools": "Lync pools",
    "gateways": "UM IP gateways",
    "hunt_groups": "Hunt groups",
    "dial_plans": "UM dial plans",
    "servers": "Exchange servers",
}
"""The tables whose objects stand in the path, as a call meets them, and what people call them."""

LACKING: Mapping[str, str] = {
    "GW-001": "no UM IP gateway stands for it",
    "GW-004": "leads to no UM dial plan",
    "DP-006": "no hunt group leads to it",
}
"""Rules that find an object from which the path does not go on, and what it lacks."""


class Joint(StrEnum):
    """What a link is: it holds, it names nothing that exists, or what it names was not seen."""

    HOLDS = "linked"
    BROKEN = "broken"
    UNSEEN = "not seen"


@dataclass(frozen=True)
class Stop:
    """An object of the path: `key` is its DN, `layer` one of LAYERS; a `missing` one is only named by a link.

    `severity` is that of the worst of its `findings` that stand, those of a server's call router among them; empty without any.
    """

    key: str
    layer: str
    identity: str
    guid: str = ""
    lacks: str = ""
    severity: str = ""
    findings: int = 0
    missing: bool = False


@dataclass(frozen=True)
class Link:
    """What joins two stops, by key, from the left to the right; `told` says what it is."""

    start: str
    end: str
    joint: Joint
    told: str


@dataclass(frozen=True)
class CallPaths:
    """All of the path, layer by layer; `limits` says what of it was not seen."""

    stops: tuple[Stop, ...]
    links: tuple[Link, ...]
    limits: tuple[str, ...] = ()


def of(view: View) -> CallPaths:
    """The call path of the tables of a forest.

    `view` has what was found (assess.with_found). A link that names nothing counts as broken only where all of what it could
    name was seen.
    """
    tables = view.tables
    lacks, found = _lacks(tables["findings"]), _found(view)
    stops = {
        row.dn: Stop(row.dn, layer, row.identity, row.guid, lacks.get(row.guid, ""), *found.get(row.guid, ("", 0)))
        for layer in LAYERS
        for row in (_exchange(view) if layer == "servers" else tables[layer]).itertuples()
    }
    links = [*_into_gateways(view), *_into_hunt_groups(view), *_into_dial_plans(view), *_into_servers(view)]
    for link in links:
        for key, layer in ((link.start, _before(link, stops)), (link.end, "dial_plans")):
            if key not in stops:
                stops[key] = Stop(key, layer, _called(key), missing=True)
    return CallPaths(tuple(stops.values()), tuple(links), tuple(_limits(view)))


def _before(link: Link, stops: Mapping[str, Stop]) -> str:
    """The layer of what a link starts at, told by where it ends."""
    names = list(LAYERS)
    return names[max(names.index(stops[link.end].layer) - 1, 0)] if link.end in stops else "hunt_groups"


def _called(key: str) -> str:
    return distinguished_name.rdn_value(key) if "=" in key else key


def _lacks(findings: DataFrame) -> Mapping[str, str]:
    mine = findings[findings["rule"].isin(list(LACKING)) & findings["waived"].isna() & findings["guid"].notna()]
    return {row.guid: LACKING[row.rule] for row in mine.itertuples()}


def _found(view: View) -> Mapping[str, tuple[str, int]]:
    """The worst severity of each object's findings, and how many there are."""
    servers = dict(zip(view.tables["servers"]["dn"], view.tables["servers"]["guid"], strict=True))
    of_router = {row.guid: servers[row.server] for row in view.tables["call_routers"].itertuples() if row.server in servers}
    told: dict[str, list[str]] = {}
    for row in waivers.standing(view.tables["findings"]).itertuples():
        if isinstance(row.guid, str) and row.table in (*LAYERS, "call_routers"):
            told.setdefault(of_router.get(row.guid, row.guid), []).append(row.severity)
    return {guid: (min(severities, key=lambda one: Severity(one).rank), len(severities)) for guid, severities in told.items()}


def _exchange(view: View) -> DataFrame:
    """The Exchange servers that have to do with UM: by their role, or because they serve a UM dial plan."""
    servers, served = view.tables["servers"], view.tables["server_dial_plans"]
    routed = _routed(view)
    return servers[servers["um_role"] | servers["guid"].isin(served["guid"]) | servers["dn"].isin(list(routed))]


def _routed(view: View) -> Mapping[str, list[str]]:
    """The UM dial plans of each Exchange server's call router."""
    routers = view.tables["call_routers"].set_index("guid")["server"]
    told: dict[str, list[str]] = {}
    for row in view.tables["call_router_dial_plans"].itertuples():
        told.setdefault(routers.get(row.guid, ""), []).append(row.dial_plan)
    return told


def _into_gateways(view: View) -> Iterator[Link]:
    """A UM IP gateway stands for a pool where its address is the pool's FQDN."""
    pools = view.tables["pools"].dropna(subset=["fqdn"])
    by_name = dict(zip(pools["fqdn"].str.lower(), pools["dn"], strict=True))
    for row in topology.lync_gateways(view.tables["gateways"], pools).itertuples():
        yield Link(by_name[row.address.lower()], row.dn, Joint.HOLDS, "stands for the pool")


def _into_hunt_groups(view: View) -> Iterator[Link]:
    gateways = set(view.tables["gateways"]["dn"])
    for row in view.tables["hunt_groups"].itertuples():
        if isinstance(row.gateway, str):
            yield Link(row.gateway, row.dn, _joint(view, "gateways", row.gateway in gateways), "holds the hunt group")


def _into_dial_plans(view: View) -> Iterator[Link]:
    plans = set(view.tables["dial_plans"]["dn"])
    for row in view.tables["hunt_groups"].itertuples():
        hidden = _hidden(view, "hunt_groups", "dial_plan", row.guid)
        there = isinstance(row.dial_plan, str)
        end = row.dial_plan if there else "(not seen)" if hidden else "(no UM dial plan)"
        joint = Joint.UNSEEN if hidden else _joint(view, "dial_plans", end in plans) if there else Joint.BROKEN
        yield Link(row.dn, end, joint, "leads to the UM dial plan")


def _into_servers(view: View) -> Iterator[Link]:
    plans, exchange = set(view.tables["dial_plans"]["dn"]), view.tables["servers"]
    servers = dict(zip(exchange["guid"], exchange["dn"], strict=True))
    known = set(servers.values())
    told: dict[tuple[str, str], list[str]] = {}
    for row in view.tables["server_dial_plans"].itertuples():
        told.setdefault((row.dial_plan, servers.get(row.guid, "")), []).append("UM service")
    for server, linked in _routed(view).items():
        for plan in linked:
            told.setdefault((plan, server), []).append("UM call router")
    for (plan, server), by in told.items():
        if server in known:
            yield Link(plan, server, _joint(view, "dial_plans", plan in plans), f"served by its {' and '.join(by)}")


def _joint(view: View, table: str, exists: bool) -> Joint:
    return Joint.HOLDS if exists else Joint.UNSEEN if table in view.unseen.tables else Joint.BROKEN


def _hidden(view: View, table: str, column: str, guid: str) -> bool:
    state, _ = view.unseen.columns.get((table, column), (State.NO_SCHEMA, ""))
    return state is not State.NO_SCHEMA or guid in view.unseen.cells.get((table, column), ())


def _limits(view: View) -> Iterator[str]:
    read: Iterable[tuple[str, str]] = (
        ("pools", "fqdn"),
        ("gateways", "address"),
        ("hunt_groups", "dial_plan"),
        ("server_dial_plans", "dial_plan"),
        ("call_router_dial_plans", "dial_plan"),
    )
    for table, column in read:
        reasons = (view.unseen.tables.get(table, ""), view.unseen.columns.get((table, column), ("", ""))[1])
        for reason in dict.fromkeys((*reasons, view.unseen.reasons.get((table, column), ""))):
            if reason:
                yield f"{table.replace('_', ' ')}: {reason}"
