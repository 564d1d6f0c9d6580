"""CSVs about the services that answer for Exchange UM: UM on Exchange servers, and the call routers before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, TypeAlias

import pandas as pd
from pandas import DataFrame, Series

from adinspect import certificates as x509
from adinspect import topology
from adinspect.membership import among
from adinspect.proposals import proposes, reasons, sent
from adinspect.readings.um_topology import MODE, MODES, PLANS
from adinspect.step import KEY, REASON, REVIEW, RULES, WHY

SERVICE, ROUTER = "12_um_service_set", "13_um_callrouter_set"

SERVER_LACKS, ROUTER_LACKS, TOO_FEW, NOT_THEIRS, NO_TLS = "SRV-001", "SRV-002", "DP-007", "DP-013", "SRV-003"
"""The rules that find which service lacks a UM dial plan, serves one it need not, and does not listen for TLS."""

UNPROVED = (
    "no certificate is seen that is valid, of a CA, and names the server: supply ex-certs.csv, or look at the server "
    "(--probe, --certificate); in TCP mode the directory names none"
)

OLD = "runs Exchange 2010 or earlier, or its version is not known: such a server is changed with its own Set-UMServer"

TCP = "ncacn_ip_tcp:"
"""What a network address of an Exchange server begins with where it is its FQDN."""

Findings: TypeAlias = Annotated[DataFrame, "guid", "rule", "csv", "waived"]
Names: TypeAlias = Annotated[DataFrame, "address"]
Hosts: TypeAlias = Annotated[DataFrame | None, "host", "server", "thumbprint"]
Shown: TypeAlias = Annotated[
    DataFrame | None, "host", "position", "thumbprint", "not_before", "not_after", "verified", "self_signed"
]
Listed: TypeAlias = Annotated[DataFrame | None, "server", "thumbprint", "subject", "names", "not_after", "self_signed"]


@proposes(SERVICE, unasked=True)
def um_service_set(
    servers: Annotated[DataFrame, "name", "um_role", "version_major", "version_minor"],
    findings: Findings,
    server_dial_plans: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "uri_type"],
    server_addresses: Names,
    host_certificates: Hosts,
    certificates: Shown,
    ex_certs: Listed,
    today: datetime,
) -> DataFrame:
    """All SIP URI UM dial plans added that are missing, others removed that are not theirs; Dual mode where it is proved."""
    plans, others = topology.sip_uri_plans(dial_plans), topology.other_plans(dial_plans)
    old = ~(servers["version_major"] >= topology.EXCHANGE_2013).fillna(False).astype(bool)
    lacking = servers[sent(servers, findings, SERVICE, SERVER_LACKS)]
    few = plans[sent(plans, findings, SERVICE, TOO_FEW)]
    theirs = others[sent(others, findings, SERVICE, NOT_THEIRS)]
    add = [
        _pairs(lacking, server_dial_plans, plans, SERVER_LACKS, served=False),
        _pairs(topology.um_servers(servers[~old]), server_dial_plans, few, TOO_FEW, served=False),
    ]
    remove = _pairs(servers[~old], server_dial_plans, theirs, NOT_THEIRS, served=True)
    rows = _plan_rows(servers, pd.concat(add), remove).assign(Identity=servers["guid"])
    asked = sent(servers, findings, SERVICE, NO_TLS)
    proof = _proof(servers["guid"], servers, server_addresses, host_certificates, certificates, ex_certs, today)
    modes = _mode_rows(servers, proof).assign(Identity=servers["guid"])
    told = _together(rows, modes[asked])
    return _doubted(told, {OLD: among(told["guid"], servers.loc[old, "guid"])})


@proposes(ROUTER, unasked=True)
def um_callrouter_set(
    call_routers: Annotated[DataFrame, "server"],
    findings: Findings,
    call_router_dial_plans: Annotated[DataFrame, "dial_plan"],
    servers: Annotated[DataFrame, "name"],
    dial_plans: Annotated[DataFrame, "uri_type"],
    server_addresses: Names,
    host_certificates: Hosts,
    certificates: Shown,
    ex_certs: Listed,
    today: datetime,
) -> DataFrame:
    """All SIP URI UM dial plans added that are missing; Dual mode where a certificate proves that TLS will work."""
    server = call_routers["server"].map(servers.set_index("dn")["guid"])
    lacking = call_routers[sent(call_routers, findings, ROUTER, ROUTER_LACKS)]
    plans = topology.sip_uri_plans(dial_plans)
    add = _pairs(lacking, call_router_dial_plans, plans, ROUTER_LACKS, served=False)
    rows = _plan_rows(call_routers, add, add.iloc[:0]).assign(Server=server)
    asked = sent(call_routers, findings, ROUTER, NO_TLS)
    proof = _proof(server, servers, server_addresses, host_certificates, certificates, ex_certs, today)
    modes = _mode_rows(call_routers, proof).assign(Server=server)
    told = _together(rows, modes[asked])
    told = _doubted(told, {"the Exchange server it belongs to is not seen": told["Server"].isna()})
    return told.assign(Server=told["Server"].astype(object).where(told["Server"].notna(), REVIEW))


def _together(rows: DataFrame, modes: DataFrame) -> DataFrame:
    """The rows that a rule asks for to change UM dial plans, and those to change the mode."""
    return pd.concat([rows[rows[RULES].map(bool).astype(bool)], modes], ignore_index=True)


def _doubted(told: DataFrame, doubts: Mapping[str, Series]) -> DataFrame:
    """Rows with these doubts (proposals.reasons) beside the reasons that they have already."""
    return told.assign(**{REASON: reasons(told, {"": told[REASON].where(told[REASON] != ""), **doubts})})


def _pairs(hosts: DataFrame, links: DataFrame, plans: DataFrame, rule: str, *, served: bool) -> DataFrame:
    """Each host and plan that a link joins, or that none does: `guid`, `plan_guid`, `plan_name` and the rule that found it."""
    joined = set(zip(links["guid"], links["dial_plan"], strict=True))
    told = [
        (guid, plan, name, rule)
        for guid in hosts["guid"]
        for plan, dn, name in zip(plans["guid"], plans["dn"], plans["identity"], strict=True)
        if ((guid, dn) in joined) is served
    ]
    return DataFrame(told, columns=["guid", "plan_guid", "plan_name", "rule"], dtype=object)


def _plan_rows(hosts: DataFrame, add: DataFrame, remove: DataFrame) -> DataFrame:
    """A row a host for its UM dial plans; without RULES where nothing of them changes."""
    told = []
    for guid in hosts["guid"]:
        more, less = (pairs[pairs["guid"] == guid] for pairs in (add, remove))
        named = [
            f"{verb}: {', '.join(sorted(set(pairs['plan_name'])))}."
            for verb, pairs in (("Added", more), ("Removed", less))
            if len(pairs)
        ]
        told.append(
            {
                "guid": guid,
                KEY: PLANS,
                "DialPlansAdd": tuple(sorted(set(more["plan_guid"]))) or None,
                "DialPlansRemove": tuple(sorted(set(less["plan_guid"]))) or None,
                "UMStartupMode": None,
                RULES: tuple(sorted({*more["rule"], *less["rule"]})),
                WHY: " ".join(named) or None,
                REASON: "",
            }
        )
    return DataFrame(told, index=hosts.index, columns=COLUMNS, dtype=object)


COLUMNS = ["guid", KEY, "DialPlansAdd", "DialPlansRemove", "UMStartupMode", RULES, WHY, REASON]


def _mode_rows(hosts: DataFrame, proof: Series) -> DataFrame:
    """A row a host for its startup mode: Dual where there is a proof, which WHY names."""
    proved = proof.notna()
    nothing = {"DialPlansAdd": None, "DialPlansRemove": None}
    rows = hosts[["guid"]].assign(**nothing, **{KEY: MODE, RULES: [(NO_TLS,)] * len(hosts)})
    mode = Series(MODES[topology.DUAL], hosts.index, dtype=object).where(proved, REVIEW)
    why = ("Certificate " + proof.astype(object) + " is valid, of a CA, and names the server.").where(proved, None)
    reason = Series("", hosts.index, dtype=object).where(proved, UNPROVED)
    return rows.assign(UMStartupMode=mode, **{WHY: why, REASON: reason})[COLUMNS].astype(object)


def _proof(
    server: Series,
    servers: DataFrame,
    server_addresses: DataFrame,
    host_certificates: DataFrame | None,
    certificates: DataFrame | None,
    ex_certs: DataFrame | None,
    today: datetime,
) -> Series:
    """The thumbprint of a certificate for each server (objectGUID) that is valid, of a CA, and names it; else missing.

    It may be one that the server presented or a file has for it, or one that Exchange lists among the server's own.
    """
    found: dict[str, str] = {}
    fqdns = _fqdns(servers, server_addresses)
    if ex_certs is not None:
        found |= _listed(ex_certs, fqdns, servers, today)
    if host_certificates is not None and certificates is not None:
        found |= _shown(host_certificates, certificates, servers, today)
    return server.map(found).astype(object)


def _fqdns(servers: DataFrame, server_addresses: DataFrame) -> dict[str, frozenset[str]]:
    """The FQDNs of each server (objectGUID), in lower case, as networkAddress has them."""
    told = server_addresses["address"].str.lower()
    named = server_addresses[["guid"]].assign(value=told.str.removeprefix(TCP))
    named = named[told.str.startswith(TCP, na=False) & named["value"].str.contains(".", regex=False, na=False)]
    return {str(guid): frozenset(those) for guid, those in named.groupby("guid")["value"]}


def _listed(ex_certs: DataFrame, fqdns: Mapping[str, frozenset[str]], servers: DataFrame, today: datetime) -> dict[str, str]:
    names = {name.lower(): guid for name, guid in zip(servers["name"], servers["guid"], strict=True)}
    valid = ex_certs[ex_certs["self_signed"].eq(False).fillna(False).astype(bool) & (ex_certs["not_after"] > today)]
    lines = zip(valid["server"], valid["names"].fillna(""), valid["subject"].fillna(""), valid["thumbprint"], strict=True)
    found = {}
    for server, san, subject, thumbprint in lines:
        guid = names.get(server.lower().partition(".")[0])
        told = {*san.lower().split("|"), subject.lower().partition(",")[0].removeprefix("cn=")}
        if guid and fqdns.get(guid, frozenset()) & told:
            found[guid] = thumbprint
    return found


def _shown(host_certificates: DataFrame, certificates: DataFrame, servers: DataFrame, today: datetime) -> dict[str, str]:
    leaves = certificates[(certificates["position"] == x509.LEAF) & certificates["verified"] & ~certificates["self_signed"]]
    leaves = leaves[(leaves["not_after"] > today) & (leaves["not_before"] <= today)][["host", "thumbprint"]].drop_duplicates()
    of_servers = host_certificates.dropna(subset="server")[["host", "thumbprint", "server"]].merge(
        leaves, on=["host", "thumbprint"]
    )
    guids = of_servers["server"].map(servers.set_index("dn")["guid"])
    return dict(zip(guids.dropna(), of_servers.loc[guids.notna(), "thumbprint"], strict=True))
