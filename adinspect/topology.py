"""The topology of Exchange UM, told from its tables: what rules, derived tables and bulk CSVs alike ask of it."""

from __future__ import annotations

import pandas as pd
from pandas import DataFrame, Series

from adinspect import distinguished_name
from adinspect.membership import among

TELEPHONE_EXTENSION, E164, SIP_URI = 1, 2, 3
"""URI types of a UM dial plan (New-UMDialPlan, URIType; msExchUMDialPlanURIType)."""

SIP_SECURED, UNSECURED, SECURED = 1, 2, 3
"""VoIP security of a UM dial plan (New-UMDialPlan, VoIPSecurity; msExchUMDialPlanVoipSecurity)."""

GATEWAY_STATUSES = {1: "disabled", 2: "accepting no new calls"}
"""Statuses in which a UM IP gateway takes no call (Enable-UMIPGateway, Disable-UMIPGateway; msExchUMIPGatewayStatus)."""

EXCHANGE_2013 = 15
"""Major version from which on servers are assigned to SIP URI dial plans alone (Exchange 2013 help, "UM dial plans")."""

TLS_PORT = 5061
"""Where Exchange UM and Lync listen for SIP over TLS (RFC 3261, 19.1.2)."""

TCP, TLS, DUAL = 0, 1, 2
"""Startup modes of UM and of its call router (Set-UMService, UMStartupMode; msExchUMStartupMode)."""


def sip_uri_plans(dial_plans: DataFrame) -> DataFrame:
    """The SIP URI UM dial plans (needs `uri_type`)."""
    return dial_plans[dial_plans["uri_type"].eq(SIP_URI).fillna(False).astype(bool)]


def other_plans(dial_plans: DataFrame) -> DataFrame:
    """The UM dial plans that say they are of another type (needs `uri_type`); one that says nothing is in neither."""
    return dial_plans[dial_plans["uri_type"].isin([TELEPHONE_EXTENSION, E164]).astype(bool)]


def encrypted_plans(dial_plans: DataFrame) -> DataFrame:
    """The UM dial plans whose signalling is encrypted, SIP secured or secured (needs `voip_security`)."""
    return dial_plans[dial_plans["voip_security"].isin([SIP_SECURED, SECURED]).astype(bool)]


def has_um(servers: DataFrame) -> Series:
    """Whether the release of each Exchange server has Unified Messaging (bool; needs `version_major`, `version_minor`).

    Version 15.2, which is Exchange 2019 and Subscription Edition, has none (Exchange Server, "Discontinued features"). A server
    whose version is not known counts as one that has it.
    """
    major, minor = servers["version_major"], servers["version_minor"]
    without = (major > 15) | ((major == 15) & (minor >= 2))
    return ~without.fillna(False).astype(bool)


def um_servers(servers: DataFrame) -> DataFrame:
    """The Exchange servers that can serve a UM dial plan: UM role, and a release that has UM (needs `um_role` too)."""
    return servers[servers["um_role"] & has_um(servers)]


def server_names(call_routers: DataFrame, servers: DataFrame) -> Series:
    """What people call the Exchange server of each call router, whose own name never tells (text; needs `server`).

    Where the server is not among `servers`, it is the name in its DN.
    """
    links = call_routers["server"]
    known = links.map(servers.set_index("dn")["identity"])
    return known.where(known.notna(), links.map(distinguished_name.rdn_value, na_action="ignore")).astype(links.dtype)


def lync_gateways(gateways: DataFrame, pools: DataFrame) -> DataFrame:
    """The UM IP gateways that stand for a Lync pool: their address is its FQDN (needs `address`, and `fqdn` of the pools)."""
    return gateways[gateways["address"].str.lower().isin(pools["fqdn"].dropna().str.lower())]


def listed(rows: DataFrame, column: str, keys: Series, by: str = "guid") -> Series:
    """For each key the different values of a column in its rows, sorted, as text (`London, Paris`); else missing."""
    values = rows.loc[among(rows[by], keys), [by, column]].dropna().drop_duplicates().sort_values(column)
    several = values.duplicated(by, keep=False)
    together = values[several].groupby(by, sort=False)[column].agg(", ".join).astype(values[column].dtype)
    # nearly all have one value, and joining it to nothing would cost as much as all the rest
    return keys.map(pd.concat([values[~several].set_index(by)[column], together])).astype(keys.dtype)
