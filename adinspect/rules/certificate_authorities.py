"""The CAs behind the certificates: the same root on both sides, trusted, and not about to expire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from adinspect import certificates as x509
from adinspect import topology
from adinspect.derived.ca_certificates import AUTHORITIES, ENTERPRISE_ROOTS, SIGN_IN
from adinspect.derived.host_certificates import EXCHANGE, LYNC, MEDIATION
from adinspect.finding import Certainty, Severity, Target
from adinspect.profile import Elsewhere
from adinspect.rule import Need, Partly, Skipped, rule
from adinspect.rules.certificates import NO_HOST, ON_PREMISES, key, leaves


@rule("CRT-007", Severity.CRITICAL, *ON_PREMISES, source="SEED", needs=Need.POOL)
def roots_differ(
    host_certificates: Annotated[DataFrame, "host", "thumbprint", "role", "root", "root_key"],
    dial_plans: Annotated[DataFrame, "uri_type"],
) -> Partly | Skipped:
    """Certificate {thumbprint} of Exchange server {identity} has another root CA than the certificates of Lync.

    With SIP URI UM dial plans, Exchange UM and Lync have to have certificates of the same root. A root that was renewed with its
    key is the same. Certificates whose root is not known are not compared; supply those of their CAs too.

    Remediation: Have one CA issue both.
    Cmdlet: New-ExchangeCertificate -GenerateRequest; Request-CsCertificate
    """
    if topology.sip_uri_plans(dial_plans).empty:
        return Skipped("there is no SIP URI UM dial plan: Exchange UM and Lync are not connected")
    exchange, lync = (_of_role(host_certificates, role) for role in (EXCHANGE, LYNC))
    for side, held in (("an Exchange server", exchange), ("a Lync pool or server", lync)):
        if held.empty:
            return Skipped(f"no certificate of {side} was supplied or presented (--certificate HOST=FILE, --probe HOST)")
    # where pools have certificates of several roots, one that is shared with Exchange shows that it is trusted on both sides
    found = exchange[_comparable(exchange, lync) & ~_same_root(exchange, lync)]
    unknown = _unknown(lync)
    told = found.assign(
        key=key(found),
        certainty=(Certainty.LIKELY if unknown else Certainty.CERTAIN).value,
        because=unknown,
        evidence_root=found["root"],
        evidence_lync_roots=[sorted(set(lync["root"].dropna()))] * len(found),
    )
    ours = host_certificates["role"] == EXCHANGE
    sides = host_certificates[ours], host_certificates[~ours]
    compared = [_comparable(side, other) for side, other in (sides, sides[::-1])]
    return Partly(told, sum(int((~one).sum()) for one in compared), UNKNOWN_ROOTS)


UNKNOWN_ROOTS = "the roots are not known: supply the certificates of the CAs too (--certificate)"


def _comparable(rows: DataFrame, others: DataFrame) -> Series:
    """Whether it can be told of each certificate that it ends at a root of the others, or that it does not."""
    return _same_root(rows, others) | (rows["root"].notna() & others["root"].notna().any())


def _unknown(rows: DataFrame) -> str:
    """Of whose certificates the root is not known; empty where all are."""
    hosts = ", ".join(sorted(set(rows.loc[rows["root"].isna(), "host"])))
    return f"the root of the certificate of {hosts} is not known" if hosts else ""


def _of_role(host_certificates: DataFrame, role: str) -> DataFrame:
    return host_certificates[host_certificates["role"] == role].drop_duplicates(["host", "thumbprint"])


def _same_root(rows: DataFrame, others: DataFrame) -> Series:
    """Whether a certificate ends at a root of the others, told by fingerprint or by the identifier of its key."""
    return rows["root"].isin(others["root"].dropna()) | rows["root_key"].isin(others["root_key"].dropna())


@rule("CRT-008", Severity.HIGH, *ON_PREMISES, source="SEED")
def root_not_trusted(
    certificates: Annotated[
        DataFrame, "host", "position", "thumbprint", "sha256", "root", "root_key", "system_root", "self_signed"
    ],
    ca_certificates: Annotated[DataFrame, "store", "sha256", "key"],
) -> Partly | Skipped:
    """The root CA of certificate {thumbprint} of {identity} is not among the roots that the forest publishes.

    Exchange and Lync have to trust it. Roots count that stand in Certification Authorities of Public Key Services, that were
    supplied (--certificate without a host), or that the machine which collected trusts. A self-signed certificate is not judged
    here.

    Remediation: Publish the root in Active Directory, or distribute it by group policy.
    Cmdlet: certutil -dspublish -f root.cer RootCA
    """
    judged = leaves(certificates)
    published = ca_certificates[ca_certificates["store"] == ENTERPRISE_ROOTS]
    supplied = certificates[certificates["host"].isna() & certificates["self_signed"] & (certificates["position"] == x509.CHAIN)]
    trusted = (
        judged["system_root"]
        | judged["root"].isin([*published["sha256"], *supplied["sha256"]])
        | judged["root_key"].isin(published["key"].dropna())
    )
    known = judged["root"].notna() | judged["self_signed"] | trusted
    if len(judged) and not known.any():
        return Skipped(UNKNOWN_ROOTS)
    found = judged[known & ~judged["self_signed"] & ~trusted]
    why = "servers may trust it all the same, by group policy or as a public CA"
    told = found.assign(
        certainty=Certainty.LIKELY.value, because=found["because"] + np.where(found["because"] == "", "", "; ") + why
    )
    return Partly(told, int((~known).sum()), UNKNOWN_ROOTS)


@rule("CRT-009", Severity.HIGH, Target.UM_LYNC, source="SEED")
def client_access_certificate_differs(
    host_certificates: Annotated[DataFrame, "host", "thumbprint", "role", "server", "sip"],
    servers: Annotated[DataFrame, "um_role", "version_major", "version_minor"],
    call_routers: Annotated[DataFrame, "server"],
    pools: Annotated[DataFrame, "dn"],
    dial_plans: Annotated[DataFrame, "uri_type"],
    lync_forest: Elsewhere,
) -> DataFrame | Skipped:
    """Certificate {thumbprint} of Mailbox server {identity} is not the one of {other}.

    Without Lync, a Client Access server hands each call on to a Mailbox server: their certificates have to match. Where both are
    one server, one certificate serves both. Whether gateways trust it is told by its root.

    Remediation: Export the certificate with its private key, import it on the other servers and assign it there.
    Cmdlet: Export-ExchangeCertificate; Import-ExchangeCertificate; Enable-ExchangeCertificate
    """
    if lync_forest is Elsewhere.OTHER or not pools["dn"].empty or not topology.sip_uri_plans(dial_plans).empty:
        return Skipped("there is Lync, or a SIP URI UM dial plan: another rule compares the roots of both sides")
    held = _of_role(host_certificates, EXCHANGE)
    mailbox = held["server"].isin(topology.um_servers(servers)["dn"])
    client_access = held["server"].isin(call_routers["server"])
    if not client_access.any() or not mailbox.any():
        return Skipped("no certificates of both a Client Access and a Mailbox server were supplied or presented")
    apart = held[mailbox & ~client_access & ~held["thumbprint"].isin(held.loc[client_access, "thumbprint"])]
    # two files of one server may be for different services; what it presents on two ports of UM is not
    presented = held[mailbox & client_access & held["sip"]]
    both = presented[presented.groupby("server")["thumbprint"].transform("nunique") > 1]
    found = pd.concat(
        [apart.assign(other="a Client Access server"), both.assign(other="the call router, or of UM, on the same server")]
    )
    return found.assign(key=key(found))


@rule("CRT-010", Severity.HIGH, *ON_PREMISES, source="practice")
def certificate_not_assigned(
    servers: Annotated[DataFrame, "certificate_thumbprint"],
    call_routers: Annotated[DataFrame, "server", "certificate_thumbprint"],
    host_certificates: Annotated[DataFrame, "server", "thumbprint", "source", "sip"],
) -> DataFrame | Skipped:
    """Exchange server {identity} uses certificate {used}; Active Directory says that {assigned} is assigned to UM.

    After a renewal the old certificate stays in use until the new one is assigned and the services are restarted. A server passes
    that uses the one of UM or the one of its call router; one to which none is assigned is not judged.

    Remediation: Assign the certificate again and restart MSExchangeUM and MSExchangeUMCR.
    Cmdlet: Enable-ExchangeCertificate -Services UM,UMCallRouter; Restart-Service
    """
    if host_certificates["server"].isna().all():
        return Skipped(NO_HOST)
    said = [servers.assign(server=servers["dn"]), call_routers]
    assigned = pd.concat([one[["server", "certificate_thumbprint"]] for one in said]).dropna()
    assigned = assigned.assign(thumbprint=_plain(assigned["certificate_thumbprint"])).drop(columns="certificate_thumbprint")
    assigned = assigned[assigned["thumbprint"] != ""]
    used = host_certificates[host_certificates["server"].isin(assigned["server"])]
    used = used[used["sip"] | (used["source"] == x509.FILE)].merge(
        assigned.drop_duplicates(), how="left", on=["server", "thumbprint"], indicator="found"
    )
    right = used["found"] == "both"
    presented = used[used["sip"]]
    wrong = presented[~right[presented.index]]
    # what was supplied in a file may be another certificate of the server than the one in use
    files = used[~used["sip"] & ~used["server"].isin([*presented["server"], *used.loc[right, "server"]])]
    found = servers[servers["dn"].isin([*wrong["server"], *files["server"]])]
    certain = found["dn"].isin(wrong["server"])
    shown = topology.listed(pd.concat([wrong, files]), "thumbprint", found["dn"], "server")
    return found.assign(
        used=shown,
        assigned=topology.listed(assigned, "thumbprint", found["dn"], "server"),
        certainty=np.where(certain, Certainty.CERTAIN.value, Certainty.LIKELY.value),
        because=np.where(certain, "", "the file that was supplied for the server may not be the certificate in use"),
        evidence_used=shown,
        evidence_certificate_thumbprint=found["certificate_thumbprint"],
    )


def _plain(thumbprints: Series) -> Series:
    return thumbprints.str.replace(r"[^0-9A-Fa-f]", "", regex=True).str.upper()


@rule("CRT-013", Severity.HIGH, *ON_PREMISES, source="SEED")
def mediation_root_differs(
    gateway_certificates: Annotated[DataFrame, "host", "thumbprint", "kind", "root", "root_key"],
    host_certificates: Annotated[DataFrame, "host", "root", "root_key"],
) -> Partly | Skipped:
    """Certificate {thumbprint} of {kind} {identity} has another root CA than the certificates of Exchange and Lync.

    A Mediation Server has to have a certificate of the CA that issued those of the Lync servers. A gateway may have one of any CA
    that the servers trust, so there it is only likely that something is wrong. Certificates whose root is not known are not
    compared.

    Remediation: Have the same CA issue it, and assign it.
    Cmdlet: Request-CsCertificate; Import-CsCertificate; Set-CsCertificate
    """
    if gateway_certificates.empty:
        return Skipped("no certificate of a Mediation Server or gateway was supplied or presented")
    if host_certificates["root"].isna().all():
        return Skipped("no certificate of Exchange or Lync was supplied or presented whose root is known")
    once = gateway_certificates.drop_duplicates(["host", "thumbprint"])
    found = once[once["root"].notna() & ~_same_root(once, host_certificates)]
    because = np.where(found["kind"] == MEDIATION, _unknown(host_certificates), "a gateway may use any CA that the servers trust")
    told = found.assign(
        key=key(found),
        certainty=np.where(because == "", Certainty.CERTAIN.value, Certainty.LIKELY.value),
        because=because,
    )
    return Partly(told, int((~_comparable(gateway_certificates, host_certificates)).sum()), UNKNOWN_ROOTS)


STORES = (ENTERPRISE_ROOTS, AUTHORITIES, SIGN_IN)
"""In which store a CA is named whose certificate stands in several."""


@rule("CRT-014", Severity.MEDIUM, source="practice")
def authority_expires(
    ca_certificates: Annotated[DataFrame, "store", "sha256", "subject", "not_after"], today: datetime, days: int = 180
) -> DataFrame:
    """The certificate of the CA {subject} in Active Directory has expired or is about to: it {fault}.

    Every certificate that the CA has issued falls with it. The days are practice: its successor has to reach every server before
    the certificates it issues can be trusted. Of a CA whose certificate was renewed, the one that is valid longest is judged.

    Remediation: Renew the CA's certificate; or, where the CA is gone, remove what it left in Active Directory.
    Cmdlet: certutil -renewCert; certutil -dspublish
    """
    rank = ca_certificates["store"].map({store: place for place, store in enumerate(STORES)}).fillna(len(STORES))
    known = ca_certificates.assign(rank=rank).dropna(subset=["subject", "not_after"])
    newest = known.sort_values(["not_after", "rank", "dn", "sha256"], ascending=[False, True, True, True]).drop_duplicates(
        "subject"
    )
    found = newest[newest["not_after"] < pd.Timestamp(today) + pd.Timedelta(days=days)]
    expired = found["not_after"] < today
    day = found["not_after"].dt.strftime("%Y-%m-%d")
    return found.assign(fault=("expired on " + day).where(expired, "expires on " + day), key=found["sha256"]).drop(columns="rank")
