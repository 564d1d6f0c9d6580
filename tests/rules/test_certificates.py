"""CRT: certificates of Exchange UM, Lync and their gateways, made by CAs of the test's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pki
import pytest
from pandas import DataFrame

from adinspect import certificates, frames
from adinspect.certificates import Bundle, Trust
from adinspect.finding import Target
from adinspect.profile import Elsewhere
from adinspect.rule import Rule, Skipped
from adinspect.rules import certificate_authorities as authorities
from adinspect.rules import certificates as crt
from adinspect.testing import findings, offenders, outcome, table

ROOT = pki.authority("Contoso Root CA")
ISSUING = pki.authority("Contoso Issuing CA", ROOT)
OTHER = pki.authority("Fabrikam Root CA")
DAY = timedelta(days=1)

FOREST = {
    "servers": table("""
        identity | dn      | um_role | version_major | version_minor
        EX1      | CN=EX1  | yes     | 15            | 1
        EX2      | CN=EX2  | yes     | 15            | 1
        EXN      | CN=EXN  | yes     | 15            | 1
        exd.contoso.com | CN=EXD | yes | 15 | 1
    """),
    "server_addresses": table("""
        identity | address
        EX1      | ncacn_ip_tcp:EX1.contoso.com
        EX1      | netbios:EX1
        EX2      | ncacn_ip_tcp:ex2.contoso.com
    """),
    "pools": table("identity | dn | fqdn\npool01 | CN=1:1 | Pool01.contoso.com"),
    "pool_services": table("identity | dn | pool\nLc | CN=Lc,CN=1:1 | CN=1:1"),
    "lync_servers": table("identity | computer | service\nFE1 | CN=FE1,CN=Computers,DC=contoso,DC=com | CN=Lc,CN=1:1"),
}
SIP_PLAN = table("identity | uri_type\nHQ | 3")


def of(host: str, *many: pki.Issued, port: int | None = None) -> Bundle:
    """A bundle as it came from a file of a host, or from a probe of a port."""
    chain = tuple(one.certificate for one in many)
    return Bundle(chain, {}, host, port, None if port is None else True)


def held(*bundles: Bundle, **trusted: Any) -> DataFrame:
    return frames.frame(certificates.table(bundles, Trust(**trusted), pki.NOW))


def found(rule: Rule, *bundles: Bundle, trusted: dict[str, Any] | None = None, **more: Any) -> DataFrame:
    written = {**FOREST, **more}
    return findings(rule, certificates=held(*bundles, **(trusted or {})), today=pki.NOW, **written)


def skipped(rule: Rule, *bundles: Bundle, **more: Any) -> str:
    verdict = outcome(rule, certificates=held(*bundles), today=pki.NOW, **{**FOREST, **more})
    assert isinstance(verdict, Skipped)
    return verdict.reason


def server(name: str, above: pki.Issued | None = ROOT, *san: str, **more: Any) -> pki.Issued:
    return pki.server(name, above, *(san or (name,)), **more)


EX1, EX2 = server("ex1.contoso.com"), server("ex2.contoso.com")
POOL = server("pool01.contoso.com", ROOT, "pool01.contoso.com", "fe1.contoso.com")
SHARED = server("mail.contoso.com", ROOT, "mail.contoso.com", "ex1.contoso.com", "ex2.contoso.com")


@pytest.mark.parametrize("code", range(1, 14))
def test_without_certificates_the_rules_say_that_none_were_supplied(code: int) -> None:
    rule = next(
        one for module in (crt, authorities) for one in vars(module).values() if getattr(one, "code", "") == f"CRT-{code:03}"
    )
    verdict = outcome(rule, today=pki.NOW, **FOREST)
    assert isinstance(verdict, Skipped)
    assert verdict.reason == "no certificates were supplied (--certificate, --probe)"


@pytest.mark.parametrize(
    ("since", "until", "fault"),
    [
        (-9 * DAY, -1 * DAY, "expired on"),
        (1 * DAY, 9 * DAY, "is valid only from"),
        (-9 * DAY, 1 * DAY, None),
        (0 * DAY, 0 * DAY, None),
    ],
)
def test_a_certificate_is_valid_on_the_day_of_the_snapshot(since: timedelta, until: timedelta, fault: str | None) -> None:
    told = found(crt.certificate_not_valid, of("ex1.contoso.com", server("ex1.contoso.com", since=since, until=until)))
    assert [(fault or "none") in message for message in told["message"]] == ([True] if fault else [])
    assert list(told["certainty"]) == (["certain"] if fault else [])


def test_an_expired_ca_certificate_that_a_host_sends_is_likely_and_one_that_nobody_sends_is_not_told() -> None:
    old = pki.authority("Contoso Issuing CA", ROOT, until=-DAY)
    told = found(crt.certificate_not_valid, of("ex1.contoso.com", EX1, old, port=5061), of("", old))
    assert list(told[["identity", "certainty"]].itertuples(index=False, name=None)) == [("ex1.contoso.com", "likely")]


def test_a_certificate_whose_host_was_not_said_is_judged_as_likely_and_once() -> None:
    old = server("ex1.contoso.com", until=-DAY)
    (one,) = found(crt.certificate_not_valid, of("", old)).to_dict("records")
    assert (one["certainty"], one["identity"]) == ("likely", "CN=ex1.contoso.com")
    (one,) = found(crt.certificate_not_valid, of("", old), of("ex1", old), of("ex1", old, port=5061)).to_dict("records")
    assert (one["certainty"], one["identity"]) == ("certain", "ex1")


@pytest.mark.parametrize(
    ("left", "settings", "severity"),
    [
        (29, {}, "high"),
        (31, {}, "medium"),
        (89, {}, "medium"),
        (91, {}, None),
        (-1, {}, None),
        (91, {"medium_days": 120}, "medium"),
        (31, {"high_days": 40}, "high"),
    ],
)
def test_a_certificate_that_expires_soon_is_worse_the_sooner_it_is(
    left: int, settings: dict[str, Any], severity: str | None
) -> None:
    told = found(crt.certificate_expires_soon, of("ex1", server("ex1", until=left * DAY)), **settings)
    assert list(told["severity"].astype(str)) == ([severity] if severity else [])


NAMES: dict[str, tuple[list[Bundle], list[tuple[str, str]]]] = {
    "the FQDN as subject, in another case": ([of("ex1.contoso.com", server("EX1.Contoso.COM"))], []),
    "the host by its NetBIOS name": ([of("ex1", EX1)], []),
    "the FQDN as subject and no alternative names": ([of("ex1", pki.server("ex1.contoso.com", ROOT))], []),
    "the FQDN nowhere": ([of("ex1", server("mail.contoso.com"))], [("ex1", "critical")]),
    "the NetBIOS name is no FQDN": ([of("ex1", server("ex1"))], [("ex1", "critical")]),
    "the FQDN as alternative name only": ([of("ex1", SHARED)], [("ex1", "high")]),
    "a wildcard as alternative name only": ([of("ex1", server("mail.contoso.com", ROOT, "*.contoso.com"))], [("ex1", "high")]),
    "a wildcard as subject is another rule's": ([of("ex1", server("*.contoso.com"))], []),
    "one certificate that two servers share": ([of("ex1", SHARED), of("ex2", SHARED)], []),
    "the same server twice does not share": (
        [of("ex1", SHARED), of("ex1.contoso.com", SHARED)],
        [("ex1", "high"), ("ex1.contoso.com", "high")],
    ),
    "one with the subject of another server": ([of("ex1", server("ex2.contoso.com", ROOT, "ex1.contoso.com"))], []),
    "a server of which no FQDN is known": ([of("exn", server("mail.contoso.com"))], []),
    "a server whose FQDN is known from the host": (
        [of("exn.contoso.com", server("mail.contoso.com"))],
        [("exn.contoso.com", "critical")],
    ),
    "an FQDN in another domain than the server's is no name of it": (
        [of("ex1.fabrikam.com", server("mail.contoso.com")), of("ex1", EX1)],
        [],
    ),
    "a server whose own name is an FQDN": (
        [of("exd.contoso.com", server("mail.contoso.com")), of("ex1", EX1)],
        [("exd.contoso.com", "critical")],
    ),
    "a pool": ([of("pool01.contoso.com", POOL)], []),
    "a pool that is an alternative name only": ([of("pool01.contoso.com", server("x.example", ROOT, "pool01.contoso.com"))], []),
    "a pool that is not named": ([of("pool01.contoso.com", EX1)], [("pool01.contoso.com", "critical")]),
    "a Lync server whose pool is named": ([of("fe1.contoso.com", server("pool01.contoso.com"))], []),
    "a Lync server that is named itself": ([of("fe1.contoso.com", server("fe1.contoso.com"))], []),
    "a Lync server of which nothing is named": ([of("fe1.contoso.com", EX1)], [("fe1.contoso.com", "critical")]),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_certificate_names_its_host(case: str) -> None:
    bundles, expected = NAMES[case]
    told = found(crt.host_not_named, *bundles)
    assert list(told[["identity", "severity"]].astype(str).itertuples(index=False, name=None)) == expected
    assert told["key"].is_unique


@pytest.mark.parametrize("rule", [crt.host_not_named, crt.shared_certificate_incomplete, authorities.certificate_not_assigned])
def test_rules_about_hosts_say_when_none_of_them_is_of_the_forest(rule: Rule) -> None:
    assert skipped(rule, of("web.contoso.com", EX1), of("", EX1)) == crt.NO_HOST


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (server("*.contoso.com"), ["ex1"]),
        (server("ex1.contoso.com", ROOT, "*.contoso.com"), []),
        (pki.server([], ROOT, "*.contoso.com"), []),
    ],
)
def test_a_wildcard_is_allowed_among_the_alternative_names_and_not_as_subject(one: pki.Issued, expected: list[str]) -> None:
    assert list(found(crt.subject_is_wildcard, of("ex1", one))["identity"]) == expected


SHARING: dict[str, tuple[list[Bundle], list[str]]] = {
    "all that use it are listed": ([of("ex1", SHARED), of("ex2", SHARED)], []),
    "a wildcard lists them": ([of("ex1", wild := server("m.example", ROOT, "*.contoso.com")), of("ex2", wild)], []),
    "one is not listed": ([of("ex1", EX1), of("ex2", EX1)], ["ex2.contoso.com"]),
    "none is listed": ([of("ex1", POOL), of("ex2", POOL)], ["ex1.contoso.com, ex2.contoso.com"]),
    "each has its own": ([of("ex1", EX1), of("ex2", EX2)], []),
    "a server that does not use it need not be listed": ([of("ex1", EX1)], []),
    "one server by two names": ([of("ex1", POOL), of("ex1.contoso.com", POOL)], []),
    "a pool is no Exchange server": ([of("ex1", EX1), of("pool01.contoso.com", EX1)], []),
}


@pytest.mark.parametrize("case", SHARING)
def test_a_shared_certificate_lists_every_server_that_uses_it(case: str) -> None:
    bundles, missing = SHARING[case]
    told = found(crt.shared_certificate_incomplete, *bundles)
    assert [message.partition("does not list ")[2] for message in told["message"]] == [f"{names}." for names in missing]


def test_a_self_signed_certificate_is_told_and_the_root_of_a_chain_is_not() -> None:
    own = pki.server("ex1.contoso.com", None, "ex1.contoso.com")
    bundles = of("ex1", own), of("ex2", EX2, ROOT, port=5061), of("", ROOT)
    assert list(found(crt.certificate_self_signed, *bundles)["identity"]) == ["ex1"]


FOREIGN = server("pool01.contoso.com", OTHER)
ROOTS: dict[str, tuple[list[Bundle], list[tuple[str, str]]]] = {
    "the same root": ([of("ex1", EX1, ROOT), of("pool01.contoso.com", POOL)], []),
    "the same root, over an intermediate": (
        [of("ex1", server("ex1.contoso.com", ISSUING), ISSUING, ROOT), of("fe1.contoso.com", POOL)],
        [],
    ),
    "another root": ([of("ex1", EX1), of("pool01.contoso.com", FOREIGN), of("", ROOT, OTHER)], [("ex1", "certain")]),
    "a renewed root with the same key": (
        [of("ex1", EX1, pki.authority("Contoso Root CA", until=2 * pki.YEAR)), of("pool01.contoso.com", POOL)],
        [],
    ),
    "one pool of several shares it": (
        [of("ex1", EX1, ROOT), of("pool01.contoso.com", POOL), of("fe1.contoso.com", FOREIGN, OTHER)],
        [],
    ),
    "the root of Exchange is not known": (
        [of("ex1", EX1), of("ex2", server("ex2.contoso.com", OTHER), OTHER), of("pool01.contoso.com", FOREIGN)],
        [],
    ),
    "no root is known, and the CA is the same": ([of("ex1", EX1), of("pool01.contoso.com", POOL)], []),
    "of one pool the root is not known": (
        [
            of("ex1", EX1, ROOT),
            of("pool01.contoso.com", FOREIGN, OTHER),
            of("fe1.contoso.com", server("fe1.contoso.com", pki.authority("Third"))),
        ],
        [("ex1", "likely")],
    ),
}


@pytest.mark.parametrize("case", ROOTS)
def test_exchange_and_lync_have_certificates_of_one_root(case: str) -> None:
    bundles, expected = ROOTS[case]
    told = found(authorities.roots_differ, *bundles, dial_plans=SIP_PLAN)
    assert list(told[["identity", "certainty"]].itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize(
    ("bundles", "plans", "reason"),
    [
        ([of("ex1", EX1), of("pool01.contoso.com", FOREIGN)], table("identity | uri_type\nPBX | 1"), "no SIP URI UM dial plan"),
        ([of("ex1", EX1)], SIP_PLAN, "no certificate of a Lync pool or server"),
        ([of("pool01.contoso.com", POOL)], SIP_PLAN, "no certificate of an Exchange server"),
        ([of("ex1", EX1, ROOT), of("pool01.contoso.com", FOREIGN)], SIP_PLAN, "the roots are not known"),
        ([of("ex1", EX1), of("pool01.contoso.com", FOREIGN, OTHER)], SIP_PLAN, "the roots are not known"),
    ],
)
def test_roots_that_cannot_be_compared_are_not_judged(bundles: list[Bundle], plans: DataFrame, reason: str) -> None:
    assert reason in skipped(authorities.roots_differ, *bundles, dial_plans=plans)


def test_roots_are_compared_only_where_a_pool_is_in_sight() -> None:
    given = {**FOREST, "pools": table("identity | dn"), "dial_plans": SIP_PLAN, "certificates": held(of("ex1", EX1))}
    verdict = outcome(authorities.roots_differ, needs=True, **given)
    assert isinstance(verdict, Skipped)
    assert "no Lync / Skype for Business pool" in verdict.reason


def published(*many: pki.Issued, store: str = "Certification Authorities") -> DataFrame:
    rows = [f"{one.certificate.subject.rfc4514_string()} | CN={store},CN=Public Key Services | {_base64(one)}" for one in many]
    return table("\n".join(["identity | container | certificate", *rows]))


def _base64(one: pki.Issued) -> str:
    return str(held(of("x", one))["certificate"][0])


TRUST: dict[str, tuple[list[Bundle], DataFrame, dict[str, Any], list[str]]] = {
    "published": ([of("ex1", EX1, ROOT)], published(ROOT), {}, []),
    "not published": ([of("ex1", EX1, ROOT)], published(OTHER), {}, ["ex1"]),
    "published as an issuing CA only": ([of("ex1", EX1, ROOT)], published(ROOT, store="AIA"), {}, ["ex1"]),
    "published under another spelling of the store": (
        [of("ex1", EX1, ROOT)],
        published(ROOT, store="certification authorities"),
        {},
        [],
    ),
    "published before it was renewed": (
        [of("ex1", EX1, pki.authority("Contoso Root CA", until=2 * pki.YEAR))],
        published(ROOT),
        {},
        [],
    ),
    "supplied": ([of("ex1", EX1), of("", ROOT)], published(OTHER), {}, []),
    "trusted by the machine": ([of("ex1", EX1)], published(OTHER), {"system": (ROOT.certificate,)}, []),
    "not known, beside one that is": (
        [of("ex1", EX1), of("ex2", server("ex2.contoso.com", OTHER), OTHER)],
        published(OTHER),
        {},
        [],
    ),
    "self-signed": ([of("ex1", pki.server("ex1.contoso.com", None))], published(OTHER), {}, []),
}


@pytest.mark.parametrize("case", TRUST)
def test_a_root_is_published_in_the_forest(case: str) -> None:
    bundles, roots, trusted, expected = TRUST[case]
    told = found(authorities.root_not_trusted, *bundles, certification_authorities=roots, trusted=trusted)
    assert list(told["identity"]) == expected
    assert set(told["certainty"]) <= {"likely"}


THIRD = pki.authority("Third")
UNKNOWN: dict[str, tuple[Rule, list[Bundle], tuple[int, int]]] = {
    "of Exchange": (
        authorities.roots_differ,
        [of("ex1", server("ex1.contoso.com", THIRD)), of("ex2", EX2, ROOT), of("pool01.contoso.com", POOL)],
        (2, 3),
    ),
    "of Lync": (
        authorities.roots_differ,
        [of("ex1", EX1, ROOT), of("pool01.contoso.com", POOL), of("fe1.contoso.com", server("fe1.contoso.com", THIRD))],
        (2, 3),
    ),
    "of both, where the issuer tells": (authorities.roots_differ, [of("ex1", EX1), of("pool01.contoso.com", POOL)], (2, 2)),
    "of a certificate": (
        authorities.root_not_trusted,
        [of("ex1", server("ex1.contoso.com", THIRD)), of("ex2", EX2, ROOT)],
        (2, 3),
    ),
    "of none": (authorities.root_not_trusted, [of("ex2", EX2, ROOT)], (2, 2)),
    "of a Mediation Server": (
        authorities.mediation_root_differs,
        [
            of("pool01.contoso.com", POOL, ROOT),
            of("med.contoso.com", server("med.contoso.com", THIRD)),
            of("gw.contoso.com", server("gw.contoso.com"), ROOT),
        ],
        (1, 2),
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_a_certificate_whose_root_is_not_known_counts_as_one_that_could_not_be_judged(case: str) -> None:
    rule, bundles, (judged, of) = UNKNOWN[case]
    given = {**FOREST, **GATEWAYS, "dial_plans": SIP_PLAN, "certification_authorities": published(ROOT)}
    verdict = outcome(rule, certificates=held(*bundles), today=pki.NOW, **given)
    assert not isinstance(verdict, Skipped)
    assert (verdict.judged, verdict.of, list(verdict.findings["identity"])) == (judged, of, [])
    assert ("the roots are not known" in verdict.note) == (judged < of)


def test_where_no_root_is_known_none_is_called_untrusted_or_trusted() -> None:
    bundles = of("ex1", EX1, server("m.example", THIRD)), of("ex2", server("ex2.contoso.com", THIRD))
    reason = skipped(authorities.root_not_trusted, *bundles, certification_authorities=published(OTHER))
    assert "the roots are not known" in reason


APART = {"call_routers": table("identity | server\nUMCallRouterSettings | CN=EX1"), "pools": table("identity | dn")}
TOGETHER = {**APART, "call_routers": table("identity | server\nA | CN=EX1\nB | CN=EX2")}
MATCHING: dict[str, tuple[list[Bundle], dict[str, DataFrame], list[str]]] = {
    "the same on both": ([of("ex1", SHARED), of("ex2", SHARED)], APART, []),
    "another on the Mailbox server": ([of("ex1", EX1), of("ex2", EX2)], APART, ["ex2"]),
    "one for both on one server": ([of("ex1", EX1, port=5061), of("ex1", EX1, port=5063)], TOGETHER, []),
    "two on one server": ([of("ex1", EX1, port=5061), of("ex1", SHARED, port=5063)], TOGETHER, ["ex1", "ex1"]),
    "two files of one server may be for other services": ([of("ex1", EX1), of("ex1", SHARED)], TOGETHER, []),
    "another on the web's port": ([of("ex1", EX1, port=5061), of("ex1", SHARED, port=443)], TOGETHER, []),
}


@pytest.mark.parametrize("case", MATCHING)
def test_without_lync_client_access_and_mailbox_have_one_certificate(case: str) -> None:
    bundles, forest, expected = MATCHING[case]
    told = found(authorities.client_access_certificate_differs, *bundles, **forest)
    assert list(told["identity"]) == expected
    assert told["key"].is_unique


@pytest.mark.parametrize(
    ("forest", "reason"),
    [
        ({"call_routers": APART["call_routers"]}, "there is Lync"),
        ({**APART, "dial_plans": SIP_PLAN}, "there is Lync"),
        ({**APART, "lync_forest": Elsewhere.OTHER}, "there is Lync"),
        ({**APART, "call_routers": table("identity | server")}, "both a Client Access and a Mailbox server"),
    ],
)
def test_with_lync_or_with_one_side_alone_they_are_not_compared(forest: dict[str, Any], reason: str) -> None:
    assert reason in skipped(authorities.client_access_certificate_differs, of("ex1", EX1), of("ex2", EX2), **forest)


def assigned(ex1: str, router: str = "-") -> dict[str, DataFrame]:
    servers = FOREST["servers"].assign(certificate_thumbprint=[ex1 if ex1 != "-" else None, None, None, None])
    return {
        "servers": servers,
        "call_routers": table(f"identity | server | certificate_thumbprint\nUMCallRouterSettings | CN=EX1 | {router}"),
    }


SPACED = " ".join(EX1.thumbprint[place : place + 2].lower() for place in range(0, 40, 2))
ASSIGNED: dict[str, tuple[list[Bundle], dict[str, DataFrame], list[tuple[str, str]]]] = {
    "the one assigned to UM": ([of("ex1", EX1, port=5061)], assigned(EX1.thumbprint), []),
    "the one assigned to the call router": ([of("ex1", EX1, port=5061)], assigned(EX2.thumbprint, EX1.thumbprint), []),
    "the one assigned, spelt otherwise": ([of("ex1", EX1, port=5061)], assigned(SPACED), []),
    "another": ([of("ex1", EX1, port=5061)], assigned(EX2.thumbprint), [("EX1", "certain")]),
    "another on the web's port": ([of("ex1", EX1, port=443)], assigned(EX2.thumbprint), []),
    "none is assigned": ([of("ex1", EX1, port=5061)], assigned("-"), []),
    "another in a file": ([of("ex1", EX1)], assigned(EX2.thumbprint), [("EX1", "likely")]),
    "the right one in one of the files": ([of("ex1", EX1), of("ex1", EX2)], assigned(EX2.thumbprint), []),
    "the right one on the port, another in a file": ([of("ex1", EX1, port=5061), of("ex1", EX2)], assigned(EX1.thumbprint), []),
    "another server's": ([of("ex2", EX2, port=5061)], assigned(EX1.thumbprint), []),
}


@pytest.mark.parametrize("case", ASSIGNED)
def test_a_server_uses_the_certificate_that_is_assigned_to_it(case: str) -> None:
    bundles, forest, expected = ASSIGNED[case]
    told = found(authorities.certificate_not_assigned, *bundles, **forest)
    assert list(told[["identity", "certainty"]].itertuples(index=False, name=None)) == expected
    assert list(told["table"]) == ["servers"] * len(expected)
    for finding in told.to_dict("records"):
        assert EX1.thumbprint in finding["message"]
        assert EX2.thumbprint in finding["message"]


@pytest.mark.parametrize(
    ("written", "settings", "fault"),
    [
        ("RSA | 1024 | sha256", {}, "its RSA key has 1024 bits."),
        ("RSA | 2048 | sha256", {}, None),
        ("RSA | 2048 | sha256", {"rsa_bits": 3072}, "its RSA key has 2048 bits."),
        ("RSA | 2048 | sha1", {}, "it is signed over sha1."),
        ("RSA | 1024 | MD5", {}, "its RSA key has 1024 bits, and it is signed over MD5."),
        ("EC | 256 | sha256", {}, None),
        ("another | - | -", {}, None),
    ],
)
def test_a_weak_key_or_signature_is_told(written: str, settings: dict[str, Any], fault: str | None) -> None:
    one = table(f"host | position | thumbprint | key_type | key_bits | signature_hash\nex1 | leaf | A1 | {written}")
    told = findings(crt.certificate_weak, certificates=one, **settings)
    assert [message.partition("is weak: ")[2] for message in told["message"]] == ([fault] if fault else [])


SERVER, CLIENT = pki.BOTH
USAGE: dict[str, tuple[pki.Issued, list[tuple[str, str]]]] = {
    "all there": (EX1, []),
    "no usage at all": (server("ex1", usages=()), [("high", "servers")]),
    "for clients alone": (server("ex1", usages=[CLIENT]), [("high", "servers")]),
    "for servers alone": (server("ex1", usages=[SERVER]), [("info", "clients")]),
    "no distribution point": (server("ex1", crl=False), [("medium", "revoked")]),
    "neither": (server("ex1", usages=(), crl=False), [("high", "servers"), ("medium", "revoked")]),
    "self-signed needs no distribution point": (pki.server("ex1", None, crl=False), []),
}


@pytest.mark.parametrize("case", USAGE)
def test_a_certificate_is_for_servers_and_says_where_revoked_ones_are_listed(case: str) -> None:
    one, expected = USAGE[case]
    told = found(crt.usage_or_revocation_missing, of("ex1", one))
    assert [severity for severity, _ in expected] == list(told["severity"].astype(str))
    assert all(word in message for (_, word), message in zip(expected, told["message"], strict=True))
    assert told["key"].is_unique


GATEWAYS = {
    "trusted_services": table("""
        identity | fqdn            | service_type
        MED      | Med.contoso.com | MediationServer
        GW       | gw.contoso.com  | Gateway
        QOS      | qos.contoso.com | QoSM
    """),
    "gateways": table("identity | address\nSBC | sbc.contoso.com"),
}
MEDIATION: dict[str, tuple[list[Bundle], list[tuple[str, str]]]] = {
    "the same root": ([of("med.contoso.com", server("med.contoso.com"), ROOT)], []),
    "another root": ([of("med.contoso.com", server("med.contoso.com", OTHER), OTHER)], [("med.contoso.com", "certain")]),
    "another root of a media gateway": (
        [of("gw.contoso.com", server("gw.contoso.com", OTHER), OTHER)],
        [("gw.contoso.com", "likely")],
    ),
    "another root of a UM IP gateway": (
        [of("sbc.contoso.com", server("sbc.contoso.com", OTHER), OTHER)],
        [("sbc.contoso.com", "likely")],
    ),
    "a root that is not known, beside one that is": (
        [of("med.contoso.com", server("med.contoso.com", OTHER)), of("gw.contoso.com", server("gw.contoso.com"), ROOT)],
        [],
    ),
    "another root than those that are known": (
        [
            of("med.contoso.com", server("med.contoso.com", OTHER), OTHER),
            of("ex1", server("ex1.contoso.com", pki.authority("Third"))),
        ],
        [("med.contoso.com", "likely")],
    ),
}


@pytest.mark.parametrize("case", MEDIATION)
def test_mediation_servers_have_certificates_of_the_same_root(case: str) -> None:
    bundles, expected = MEDIATION[case]
    told = found(authorities.mediation_root_differs, of("pool01.contoso.com", POOL, ROOT), *bundles, **GATEWAYS)
    assert list(told[["identity", "certainty"]].itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize(
    ("bundles", "reason"),
    [
        ([of("pool01.contoso.com", POOL, ROOT), of("qos.contoso.com", EX1)], "no certificate of a Mediation Server"),
        ([of("pool01.contoso.com", POOL), of("med.contoso.com", server("m.example", OTHER), OTHER)], "whose root is known"),
        ([of("pool01.contoso.com", POOL, ROOT), of("med.contoso.com", server("m.example", OTHER))], "the roots are not known"),
    ],
)
def test_mediation_roots_that_cannot_be_compared_are_not_judged(bundles: list[Bundle], reason: str) -> None:
    assert reason in skipped(authorities.mediation_root_differs, *bundles, **GATEWAYS)


def until(days: int, name: str = "Contoso Root CA") -> pki.Issued:
    return pki.authority(name, until=days * DAY)


EXPIRY: dict[str, tuple[DataFrame, dict[str, Any], list[str]]] = {
    "valid for long": (published(until(181)), {}, []),
    "close to its end": (published(until(179)), {}, ["CN=Contoso Root CA"]),
    "close to its end by the site's measure": (published(until(300)), {"days": 365}, ["CN=Contoso Root CA"]),
    "expired": (published(until(-1)), {}, ["CN=Contoso Root CA"]),
    "renewed, and the old one is still there": (published(until(-1), until(400)), {}, []),
    "one of two": (published(until(10, "A"), until(400, "B")), {}, ["CN=A"]),
    "an issuing CA": (published(until(10, "A"), store="AIA"), {}, ["CN=A"]),
    "what is no certificate": (table("identity | container | certificate\nX | CN=AIA,CN=Public Key Services | AA=="), {}, []),
}


@pytest.mark.parametrize("case", EXPIRY)
@pytest.mark.parametrize("target", list(Target))
def test_a_ca_of_the_forest_is_valid_for_long(case: str, target: Target) -> None:
    held_there, settings, expected = EXPIRY[case]
    named = offenders(
        authorities.authority_expires, certification_authorities=held_there, today=pki.NOW, target=target, **settings
    )
    assert named == expected


def test_a_ca_that_stands_in_several_stores_is_told_once_where_it_is_trusted() -> None:
    stores = ["CN=AIA,CN=Public Key Services", "CN=Certification Authorities,CN=Public Key Services", "CN=Public Key Services"]
    names = ["CN=A,CN=AIA", "CN=A,CN=Certification Authorities", "CN=NTAuthCertificates,CN=Public Key Services"]
    rows = [f"A | {dn} | {store} | {_base64(until(10, 'A'))}" for dn, store in zip(names, stores, strict=True)]
    told = findings(
        authorities.authority_expires,
        certification_authorities=table("\n".join(["identity | dn | container | certificate", *rows])),
        today=pki.NOW,
    )
    assert list(told["dn"]) == ["CN=A,CN=Certification Authorities"]
    assert "expires on" in told["message"][0]
