"""Finds the domain controllers of a domain through DNS ([MS-ADTS] 6.3.2.3: SRV records)."""

from __future__ import annotations

import re
from typing import Any, Protocol

import dns.exception
import dns.resolver

from adinspect.errors import ConnectError

LDAP_PORT = 389

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")


class Resolver(Protocol):
    """The part of dns.resolver.Resolver that is used."""

    def resolve(self, qname: str, rdtype: str) -> Any:
        """The records of a type that a name has."""
        ...


def locate(domain: str, resolver: Resolver | None = None) -> list[str]:
    """Host names of a domain's controllers (with :port where it is not 389), the one to try first at the front.

    By priority, then weight: RFC 2782 draws lots among weights to spread many clients; one reader needs the same answer twice.

    Raises:
        ConnectError: DNS does not answer, or knows no domain controller of this domain.
    """
    name = f"_ldap._tcp.dc._msdcs.{domain.rstrip('.')}"
    try:
        records = list((resolver or dns.resolver.Resolver()).resolve(name, "SRV"))
    except dns.exception.DNSException as error:
        reason = _reason(error)
    else:
        ordered = sorted(records, key=lambda record: (record.priority, -record.weight, str(record.target)))
        hosts = [(str(record.target).rstrip("."), record.port) for record in ordered]
        found = [host if port == LDAP_PORT else f"{host}:{port}" for host, port in hosts if _HOST.fullmatch(host)]
        if found:
            return found
        reason = "the records name no host"
    raise ConnectError(
        f"DNS leads to no domain controller of {domain}: {reason}",
        where=name,
        next_step="Look at the spelling and at the DNS server this machine asks; or give a domain controller with --server.",
    )


def _reason(error: dns.exception.DNSException) -> str:
    if isinstance(error, dns.resolver.NXDOMAIN):
        return "there is no such name"
    if isinstance(error, dns.resolver.NoAnswer):
        return "the name has no SRV record"
    if isinstance(error, dns.exception.Timeout | dns.resolver.NoNameservers | dns.resolver.NoResolverConfiguration):
        return "no DNS server answered"
    return "this is no DNS name"
