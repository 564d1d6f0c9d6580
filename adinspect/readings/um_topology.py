"""What the Get cmdlets of Exchange would show of Unified Messaging itself: hunt groups, gateways, services, dial plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import topology
from adinspect.frames import TEXT
from adinspect.readings import reads
from adinspect.step import KEY, UNKNOWN

MODES = {topology.TCP: "TCP", topology.TLS: "TLS", topology.DUAL: "Dual"}
"""Startup modes as the cmdlets of Exchange show and take them."""

SECURITY = {topology.SIP_SECURED: "SIPSecured", topology.UNSECURED: "Unsecured", topology.SECURED: "Secured"}
"""VoIP security as the cmdlets of Exchange show and take it."""

PLANS, MODE = "", "mode"
"""KEY of the two rows of a service: its UM dial plans, and its startup mode."""

CALLS, SECURE = "", "tls"
"""KEY of the two rows of a gateway: its outgoing calls, and what TLS needs."""

ENCRYPTION, NUMBERS, FAXES = "security", "numbers", "faxes"
"""KEY of the three rows of a UM dial plan."""


@reads("Get-UMHuntGroup")
def get_um_hunt_group(
    hunt_groups: Annotated[DataFrame, "name", "gateway", "pilot", "dial_plan"],
    gateways: Annotated[DataFrame, "dn"],
    dial_plans: Annotated[DataFrame, "dn"],
) -> DataFrame:
    """Every UM hunt group: Name, UMDialPlan and UMIPGateway (objectGUID), PilotIdentifier.

    Each has a row of its own, and one of its gateway's objectGUID whose KEY is the UM dial plan's: the hunt group between them.
    """
    rows = hunt_groups[["guid"]].assign(
        Name=hunt_groups["name"],
        UMDialPlan=hunt_groups["dial_plan"].map(dial_plans.set_index("dn")["guid"]).astype(TEXT),
        UMIPGateway=hunt_groups["gateway"].map(gateways.set_index("dn")["guid"]).astype(TEXT),
        PilotIdentifier=hunt_groups["pilot"],
    )
    between = rows.dropna(subset=["UMDialPlan", "UMIPGateway"])
    between = between.assign(**{"guid": between["UMIPGateway"], KEY: between["UMDialPlan"]})
    told = pd.concat([rows.assign(**{KEY: ""}), between.drop_duplicates(["guid", KEY])], ignore_index=True)
    return told.assign(UMIPGateway=told["UMIPGateway"].astype(object).mask(told["UMIPGateway"].isna(), UNKNOWN))


@reads("Get-UMIPGateway")
def get_um_ip_gateway(
    gateways: Annotated[DataFrame, "address", "port", "outgoing_calls_allowed"],
) -> DataFrame:
    """Every UM IP gateway: OutcallsAllowed, Port (0 where nothing is set, as Exchange shows it) and Address, for each KEY."""
    rows = gateways[["guid"]].assign(
        OutcallsAllowed=gateways["outgoing_calls_allowed"],
        Port=gateways["port"].fillna(0).astype("str"),
        Address=gateways["address"],
    )
    return keyed(rows, CALLS, SECURE)


@reads("Get-UMService")
def get_um_service(
    servers: Annotated[DataFrame, "um_role", "startup_mode"],
    server_dial_plans: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "dn"],
) -> DataFrame:
    """Every Exchange server with the UM role: DialPlans (objectGUIDs) and UMStartupMode, once for each KEY."""
    return _services(servers[servers["um_role"]], server_dial_plans, dial_plans)


@reads("Get-UMCallRouterSettings")
def get_um_call_router_settings(
    call_routers: Annotated[DataFrame, "startup_mode"],
    call_router_dial_plans: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "dn"],
) -> DataFrame:
    """Every UM call router: DialPlans (objectGUIDs) and UMStartupMode, once for each KEY."""
    return _services(call_routers, call_router_dial_plans, dial_plans)


def _services(hosts: DataFrame, links: DataFrame, dial_plans: DataFrame) -> DataFrame:
    known = dict(zip(dial_plans["dn"], dial_plans["guid"], strict=True))
    served: dict[str, list[str]] = {}
    for guid, plan in zip(links["guid"], links["dial_plan"], strict=True):
        served.setdefault(guid, []).append(known.get(plan, UNKNOWN))
    rows = hosts[["guid"]].assign(
        DialPlans=Series([_listed(served.get(guid, ())) for guid in hosts["guid"]], hosts.index, dtype=object),
        UMStartupMode=_named(hosts["startup_mode"], MODES, topology.TCP),
    )
    return keyed(rows, PLANS, MODE)


def _listed(values: list[str] | tuple[()]) -> tuple[str, ...] | str | None:
    """A list, sorted; UNKNOWN where a part of it is."""
    return UNKNOWN if UNKNOWN in values else tuple(sorted(set(values))) or None


def _named(values: Series, names: Mapping[int, str], absent: int) -> Series:
    """Numbers as the cmdlets name them; what is not set is their default, what has no name UNKNOWN."""
    return values.fillna(absent).map(names).astype(object).fillna(UNKNOWN)


@reads("Get-UMDialPlan")
def get_um_dial_plan(
    dial_plans: Annotated[DataFrame, "voip_security", "fax_enabled"],
    dial_plan_numbers: Annotated[DataFrame, "number"],
) -> DataFrame:
    """Every UM dial plan: VoIPSecurity, AccessTelephoneNumbers and FaxEnabled, once for each KEY."""
    numbers = dial_plan_numbers.groupby("guid")["number"].agg(lambda told: tuple(sorted(told))).to_dict()
    rows = dial_plans[["guid"]].assign(
        VoIPSecurity=_named(dial_plans["voip_security"], SECURITY, topology.UNSECURED),
        AccessTelephoneNumbers=Series([numbers.get(guid) for guid in dial_plans["guid"]], dial_plans.index, dtype=object),
        FaxEnabled=dial_plans["fax_enabled"],
    )
    return keyed(rows, ENCRYPTION, NUMBERS, FAXES)


def keyed(rows: DataFrame, *keys: str) -> DataFrame:
    """The same rows once for each KEY: an object whose settings are changed in rows of their own."""
    return pd.concat([rows.assign(**{KEY: key}) for key in keys], ignore_index=True)
