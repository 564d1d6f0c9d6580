"""Certificates in use on the hosts that Active Directory knows: Exchange servers, Lync pools and servers, and gateways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import pandas as pd
from pandas import DataFrame

from adinspect import certificates, distinguished_name
from adinspect.derived import derived
from adinspect.query import IDENTITY

EXCHANGE, LYNC = "Exchange server", "Lync or Skype for Business host"
"""What a host is, in the words a reader is told."""

MEDIATION, MEDIA_GATEWAY, UM_GATEWAY = "Mediation Server", "media gateway", "UM IP gateway"

TRUSTED = {"mediationserver": MEDIATION, "gateway": MEDIA_GATEWAY}
"""Types of trusted services (msRTCSIP-TrustedServiceType) whose certificates are judged."""


@dataclass(frozen=True)
class Host:
    """A host of the forest: what it is, and the FQDNs that its certificate is to name (one of them)."""

    role: str
    fqdns: tuple[str, ...]
    server: str | None = None


@derived
def host_certificates(
    certificates: Annotated[
        DataFrame, "host", "port", "source", "position", "subject_cn", "san", "root", "root_key", "thumbprint"
    ],
    servers: Annotated[DataFrame, "dn"],
    server_addresses: Annotated[DataFrame, "address"],
    pools: Annotated[DataFrame, "dn", "fqdn"],
    pool_services: Annotated[DataFrame, "dn", "pool"],
    lync_servers: Annotated[DataFrame, "computer", "service"],
) -> DataFrame:
    """One row for each leaf certificate of an Exchange server, a Lync pool or a Lync server.

    `role` is EXCHANGE or LYNC, `server` the DN of the Exchange server. `fqdns` are the names, joined by |, of which the
    certificate is to bear one: of an Exchange server its FQDN (what networkAddress says, else the host as it was given), of a
    Lync pool the pool's, of a Lync server the pool's or its own; missing where none is known. `of_a_server` says whether the
    subject is an Exchange server, as that of a certificate is which several share. `sip` says whether it was presented on a port
    that Exchange UM or a Lync pool takes calls on.
    """
    known = dict([*_exchange(servers, server_addresses), *_lync(pools, pool_services, lync_servers)])
    exchange = {name for host in known.values() if host.role == EXCHANGE for name in host.fqdns}
    leaves = _leaves(certificates)
    hosts = [_found(known, host) for host in leaves["host"]]
    text = certificates["dn"].dtype
    found = leaves.assign(
        role=pd.Series([host.role if host else None for host in hosts], leaves.index, dtype=text),
        server=pd.Series([host.server if host else None for host in hosts], leaves.index, dtype=text),
        fqdns=pd.Series(["|".join(host.fqdns) or None if host else None for host in hosts], leaves.index, dtype=text),
        of_a_server=leaves["subject_cn"].str.lower().isin(exchange),
        sip=leaves["port"].isin(UM_PORTS).astype(bool),
    )
    columns = [
        "host",
        "source",
        "subject_cn",
        "san",
        "root",
        "root_key",
        "thumbprint",
        "role",
        "server",
        "fqdns",
        "of_a_server",
        "sip",
    ]
    return found.loc[found["role"].notna(), [*IDENTITY, *columns]]


UM_PORTS = (5061, 5063)
"""TLS ports that Exchange UM takes calls on: 5061 the call router, or UM itself before 2013; 5063 UM behind a call router."""


@derived
def gateway_certificates(
    certificates: Annotated[DataFrame, "host", "position", "root", "root_key", "thumbprint"],
    trusted_services: Annotated[DataFrame, "fqdn", "service_type"],
    gateways: Annotated[DataFrame, "address"],
) -> DataFrame:
    """One row for each leaf certificate of a Mediation Server, a media gateway or a UM IP gateway; `kind` says of which."""
    kinds = {address.lower(): UM_GATEWAY for address in gateways["address"].dropna()}
    services = trusted_services.dropna(subset=["fqdn", "service_type"])
    named = {
        name.lower(): TRUSTED.get(kind.lower()) for name, kind in zip(services["fqdn"], services["service_type"], strict=True)
    }
    kinds |= {name: kind for name, kind in sorted(named.items()) if kind}
    leaves = _leaves(certificates)
    found = leaves.assign(kind=leaves["host"].map(kinds).astype(certificates["dn"].dtype))
    return found.loc[found["kind"].notna(), [*IDENTITY, "host", "root", "root_key", "thumbprint", "kind"]]


def _leaves(held: DataFrame) -> DataFrame:
    return held[(held["position"] == certificates.LEAF) & held["host"].notna()]


def _exchange(servers: DataFrame, server_addresses: DataFrame) -> Iterator[tuple[str, Host]]:
    """The names an Exchange server may be given by: its FQDN, NetBIOS name, or name."""
    for guid, dn, name in zip(servers["guid"], servers["dn"], servers["identity"], strict=True):
        said = server_addresses.loc[server_addresses["guid"] == guid, "address"].dropna().str.lower()
        parts = [address.partition(":")[::2] for address in said]
        fqdns = tuple(sorted({value for protocol, value in parts if protocol == "ncacn_ip_tcp" and "." in value}))
        short = [value for protocol, value in parts if protocol == "netbios"]
        for one in {*fqdns, *short, name.lower()}:
            yield one, Host(EXCHANGE, fqdns, dn)


def _lync(pools: DataFrame, pool_services: DataFrame, lync_servers: DataFrame) -> Iterator[tuple[str, Host]]:
    """Lync servers, by the FQDN that a computer has unless its DNS suffix was changed, and pools, which win over a server."""
    fqdn_of = pools.dropna(subset="fqdn").set_index("dn")["fqdn"].str.lower()
    pool_of = pool_services.set_index("dn")["pool"].map(fqdn_of)
    known = lync_servers.dropna(subset="computer")
    for computer, service in zip(known["computer"], known["service"], strict=True):
        own = f"{distinguished_name.rdn_value(computer)}.{distinguished_name.dns_name(computer)}".lower()
        pool = pool_of.get(service)
        yield own, Host(LYNC, (own, pool) if isinstance(pool, str) and pool != own else (own,))
    for fqdn in fqdn_of:
        yield fqdn, Host(LYNC, (fqdn,))


def _found(known: dict[str, Host], host: str) -> Host | None:
    """The host of that name; by its first label where Active Directory tells no FQDN of it: then that is the name as given."""
    if "." not in host or re.fullmatch(r"[0-9.]+", host):
        return known.get(host)
    short = known.get(host.partition(".")[0])
    found = known.get(host) or (short if short and not short.fqdns else None)
    return replace(found, fqdns=found.fqdns or (host,)) if found else None
