"""Domain controllers are found through DNS, in the order to try them, or the reason is said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import dns.exception
import dns.name
import dns.rdata
import dns.resolver
import pytest

from adinspect.directory.discovery import locate
from adinspect.errors import ConnectError


@dataclass
class Resolver:
    """Answers one question with these records, or fails."""

    records: tuple[str, ...] = ()
    failure: type[Exception] | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def resolve(self, qname: str, rdtype: str) -> Any:
        self.asked.append((qname, rdtype))
        if self.failure:
            raise self.failure
        return [dns.rdata.from_text("IN", "SRV", record) for record in self.records]


def test_by_priority_then_weight() -> None:
    resolver = Resolver(
        ("10 100 389 dc3.contoso.com.", "0 50 389 dc2.contoso.com.", "0 100 1389 dc1.contoso.com.", "0 50 389 dc1b.contoso.com.")
    )
    assert locate("contoso.com.", resolver) == ["dc1.contoso.com:1389", "dc1b.contoso.com", "dc2.contoso.com", "dc3.contoso.com"]
    assert resolver.asked == [("_ldap._tcp.dc._msdcs.contoso.com", "SRV")]


def test_names_that_are_no_hosts_are_left_out() -> None:
    resolver = Resolver(("0 0 0 .", r"0 100 389 a\@b\/c.contoso.com.", "1 1 389 dc1.contoso.com."))
    assert locate("contoso.com", resolver) == ["dc1.contoso.com"]


@pytest.mark.parametrize(
    ("resolver", "what"),
    [
        (Resolver(failure=dns.resolver.NXDOMAIN), "there is no such name"),
        (Resolver(failure=dns.resolver.NoAnswer), "the name has no SRV record"),
        (Resolver(failure=dns.exception.Timeout), "no DNS server answered"),
        (Resolver(failure=dns.resolver.NoNameservers), "no DNS server answered"),
        (Resolver(failure=dns.resolver.NoResolverConfiguration), "no DNS server answered"),
        (Resolver(failure=dns.name.EmptyLabel), "this is no DNS name"),
        (Resolver(failure=dns.name.LabelTooLong), "this is no DNS name"),
        (Resolver(("0 0 0 .",)), "the records name no host"),
        (Resolver(), "the records name no host"),
    ],
)
def test_what_goes_wrong_is_said(resolver: Resolver, what: str) -> None:
    with pytest.raises(ConnectError) as raised:
        locate("contoso.com", resolver)
    assert raised.value.what == f"DNS leads to no domain controller of contoso.com: {what}"
    assert raised.value.where == "_ldap._tcp.dc._msdcs.contoso.com"
    assert "--server" in raised.value.next_step


def test_without_a_resolver_the_system_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: Resolver(("0 0 389 dc1.contoso.com.",)))
    assert locate("contoso.com") == ["dc1.contoso.com"]
