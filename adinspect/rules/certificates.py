"""Certificates of Exchange UM, Lync and their gateways, one by one: valid, for the right name, strong, and made by a CA."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from adinspect import certificates as x509
from adinspect.derived.host_certificates import EXCHANGE
from adinspect.finding import Certainty, Severity, Target
from adinspect.rule import Skipped, rule

ON_PREMISES = (Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL)

NO_HOST = (
    "no certificate was supplied or presented whose host is an Exchange server or Lync pool of this forest"
    " (--certificate HOST=FILE, --probe HOST)"
)


def leaves(held: DataFrame) -> DataFrame:
    """The services' own certificates, once for each host however often they were got.

    One whose host was not said is judged once more only where no host has it, and as likely: it may be in use nowhere.
    """
    own = held[held["position"] == x509.LEAF]
    again = own["host"].isna() & own["thumbprint"].isin(own.loc[own["host"].notna(), "thumbprint"])
    return _named(own[~again])


def _named(held: DataFrame) -> DataFrame:
    """Rows once for each host, with the key of a finding, and whether it is certain that the certificate is in use."""
    once = held.drop_duplicates(["host", "thumbprint"])
    return once.assign(
        key=key(once),
        certainty=np.where(once["host"].isna(), Certainty.LIKELY.value, Certainty.CERTAIN.value),
        because=np.where(once["host"].isna(), "the host that uses it was not said (--certificate HOST=FILE)", ""),
    )


def key(rows: DataFrame) -> Series:
    """What tells the findings about a host's certificates apart."""
    return rows["thumbprint"]


def _day(moments: Series) -> Series:
    return moments.dt.strftime("%Y-%m-%d")


@rule("CRT-001", Severity.CRITICAL, *ON_PREMISES, source="SEED")
def certificate_not_valid(
    certificates: Annotated[DataFrame, "host", "position", "thumbprint", "not_before", "not_after", "looked_at"], today: datetime
) -> DataFrame:
    """Certificate {thumbprint} of {identity} is not valid: it {fault}.

    Calls over TLS need a valid certificate on both sides.

    Remediation: Renew it, assign the new one and restart the services that use it.
    Cmdlet: New-ExchangeCertificate; Enable-ExchangeCertificate
    """
    # who connects may find another way to a root than over a CA certificate that the host sends, so that one is only likely
    above = _named(certificates[(certificates["position"] == x509.CHAIN) & certificates["host"].notna()])
    above = above.assign(
        certainty=Certainty.LIKELY.value, because="it is a CA certificate that the host sends; there may be another way to a root"
    )
    judged = pd.concat([leaves(certificates), above])
    # one that was added to a snapshot may have been issued since the directory was read
    expired, early = judged["not_after"] < today, (judged["not_before"] > today) & ~(judged["not_before"] <= judged["looked_at"])
    fault = ("expired on " + _day(judged["not_after"])).where(expired, "is valid only from " + _day(judged["not_before"]))
    return judged.assign(fault=fault)[expired | early]


@rule("CRT-002", Severity.MEDIUM, *ON_PREMISES, source="practice")
def certificate_expires_soon(
    certificates: Annotated[DataFrame, "host", "position", "thumbprint", "not_after"],
    today: datetime,
    high_days: int = 30,
    medium_days: int = 90,
) -> DataFrame:
    """Certificate {thumbprint} of {identity} expires on {day}.

    When it has expired, no call over TLS is accepted any more. The days are practice: a request to a CA takes a week or two.

    Remediation: Renew it, assign the new one and restart the services that use it.
    Cmdlet: New-ExchangeCertificate; Enable-ExchangeCertificate
    """
    judged = leaves(certificates)
    left = judged["not_after"] - today
    judged = judged.assign(
        day=_day(judged["not_after"]),
        severity=np.where(left < pd.Timedelta(days=high_days), Severity.HIGH.value, Severity.MEDIUM.value),
    )
    return judged[(left >= pd.Timedelta(0)) & (left < pd.Timedelta(days=medium_days))]


@rule("CRT-003", Severity.HIGH, *ON_PREMISES, source="SEED")
def host_not_named(
    host_certificates: Annotated[DataFrame, "host", "thumbprint", "subject_cn", "san", "role", "fqdns", "of_a_server"],
) -> DataFrame | Skipped:
    """Certificate {thumbprint} of {identity} does not name its host as it has to: it {fault} {expected_names}.

    Exchange UM and Lync take the subject for proof that the other is a trusted SIP peer: an Exchange server's FQDN is to stand in
    the subject, or, where one certificate is shared by several, among the alternative names. On the Lync side the pool's FQDN is
    to be named; a Lync server's own is enough to pass. A certificate with a wildcard subject is not judged here.

    Remediation: Issue it again, with the FQDN as subject and among the alternative names.
    Cmdlet: New-ExchangeCertificate -SubjectName "CN=<fqdn>" -DomainName <fqdn>
    """
    if host_certificates.empty:
        return Skipped(NO_HOST)
    judged = host_certificates[host_certificates["fqdns"].notna() & ~_wildcard(host_certificates)].drop_duplicates(
        ["host", "thumbprint"]
    )
    in_subject, in_san = _covered(judged, "subject_cn"), _covered(judged, "san")
    shared = judged["of_a_server"] | (judged.groupby("thumbprint")["fqdns"].transform("nunique") > 1)
    by_san_alone = in_san & ~in_subject & ~shared & (judged["role"] == EXCHANGE)
    nowhere = ~in_san & ~in_subject
    return judged.assign(
        key=key(judged),
        fault=np.where(nowhere, "does not name", "has only among its alternative names, and not as subject,"),
        expected_names=judged["fqdns"].str.replace("|", " or ", regex=False),
        severity=np.where(nowhere, Severity.CRITICAL.value, Severity.HIGH.value),
    )[nowhere | by_san_alone]


def _covered(judged: DataFrame, column: str) -> Series:
    """Whether one of the row's FQDNs is among the names of a column."""
    pairs = zip(judged["fqdns"], judged[column], strict=True)
    return Series([_covers_any(names, fqdns.split("|")) for fqdns, names in pairs], judged.index, dtype=bool)


def _covers_any(names: object, fqdns: Iterable[str]) -> bool:
    return isinstance(names, str) and any(x509.covers(names, fqdn) for fqdn in fqdns)


def _wildcard(judged: DataFrame) -> Series:
    return judged["subject_cn"].str.startswith("*.", na=False).astype(bool)


@rule("CRT-004", Severity.CRITICAL, *ON_PREMISES, source="SEED")
def subject_is_wildcard(certificates: Annotated[DataFrame, "host", "position", "thumbprint", "subject_cn"]) -> DataFrame:
    """Certificate {thumbprint} of {identity} has a wildcard as subject: {subject_cn}.

    Exchange UM with Lync does not support it: the subject is how each recognises the other. A wildcard among the alternative
    names is allowed.

    Remediation: Issue it again with the FQDN of the host as subject.
    Cmdlet: New-ExchangeCertificate
    """
    judged = leaves(certificates)
    return judged[_wildcard(judged)]


@rule("CRT-005", Severity.HIGH, *ON_PREMISES, source="SEED")
def shared_certificate_incomplete(
    host_certificates: Annotated[DataFrame, "host", "thumbprint", "san", "role", "fqdns"],
) -> DataFrame | Skipped:
    """Certificate {thumbprint}, which several Exchange servers share, does not list {missing}.

    One certificate for all is fine if its alternative names list the FQDN of every server that uses it. Only the servers that are
    known to use it count.

    Remediation: Issue it again with the FQDNs of all servers that use it, and import it on each of them.
    Cmdlet: New-ExchangeCertificate -DomainName a,b,c
    """
    servers = host_certificates[(host_certificates["role"] == EXCHANGE) & host_certificates["fqdns"].notna()]
    if servers.empty:
        return Skipped(NO_HOST)
    once = servers.sort_values("host").drop_duplicates(["fqdns", "thumbprint"])
    shared = once[once.groupby("thumbprint")["fqdns"].transform("size") > 1]
    lacking = shared[~_covered(shared, "san")]
    names = lacking.groupby("thumbprint")["fqdns"].agg(lambda fqdns: ", ".join(sorted(fqdns)).replace("|", " or "))
    users = shared.groupby("thumbprint")["host"].agg(sorted)
    found = shared[shared["thumbprint"].isin(names.index)].drop_duplicates("thumbprint")
    return found.assign(
        key=found["thumbprint"],
        missing=found["thumbprint"].map(names),
        evidence_hosts=found["thumbprint"].map(users),
        evidence_san=found["san"],
    )


@rule("CRT-006", Severity.CRITICAL, *ON_PREMISES, source="SEED")
def certificate_self_signed(certificates: Annotated[DataFrame, "host", "position", "thumbprint", "self_signed"]) -> DataFrame:
    """Certificate {thumbprint} of {identity} is self-signed.

    Exchange UM and Lync must both trust it: a private or public CA that both sides trust has to have signed it.

    Remediation: Have a CA issue one that Exchange and Lync trust, and assign it.
    Cmdlet: New-ExchangeCertificate -GenerateRequest
    """
    judged = leaves(certificates)
    return judged[judged["self_signed"]]


WEAK_HASHES = ("md5", "sha1")
"""Hashes that no signature may rest on (NIST SP 800-131A Rev. 2, table 8; Microsoft TechNet 32288, end of SHA-1)."""


@rule("CRT-011", Severity.HIGH, *ON_PREMISES, source="L-CRT")
def certificate_weak(
    certificates: Annotated[DataFrame, "host", "position", "thumbprint", "key_type", "key_bits", "signature_hash"],
    rsa_bits: int = 2048,
    weak_hashes: tuple[str, ...] = WEAK_HASHES,
) -> DataFrame:
    """Certificate {thumbprint} of {identity} is weak: {fault}.

    Windows refuses such certificates, or will with an update. Lync Server 2013, "Certificate infrastructure requirements",
    recommends keys of 2048 bits and more; keys on elliptic curves are not judged.

    Remediation: Issue it again with a longer key and a signature over SHA-256.
    Cmdlet: New-ExchangeCertificate -KeySize 2048
    """
    judged = leaves(certificates)
    short = (judged["key_type"] == "RSA") & (judged["key_bits"] < rsa_bits).fillna(False).astype(bool)
    weak = judged["signature_hash"].str.lower().isin([name.lower() for name in weak_hashes])
    by_key = "its RSA key has " + judged["key_bits"].astype("str").fillna("") + " bits"
    by_hash = "it is signed over " + judged["signature_hash"].fillna("")
    fault = by_key.where(short, by_hash).where(~(short & weak), by_key + ", and " + by_hash)
    return judged.assign(fault=fault)[short | weak]


@rule("CRT-012", Severity.HIGH, *ON_PREMISES, source="L-CRT")
def usage_or_revocation_missing(
    certificates: Annotated[DataFrame, "host", "position", "thumbprint", "self_signed", "server_auth", "client_auth", "has_crl"],
) -> DataFrame:
    """Certificate {thumbprint} of {identity} does not say {fault}.

    Lync asks of every server's certificate that it is for servers, and that it says where revoked ones are listed. Where a server
    opens a connection to another itself, it shows the same certificate as a client. What a self-signed certificate lacks beside
    a CA is not told here.

    Remediation: Issue it again from a template for servers, with the CA's distribution points.
    Cmdlet: Request-CsCertificate
    """
    judged = leaves(certificates)
    signed = judged[~judged["self_signed"]]
    faults = [
        (judged[~judged["server_auth"]], "that it is for servers (Server Authentication)", "server", Severity.HIGH),
        (signed[~signed["has_crl"]], "where its CA lists what it revoked (CRL distribution point)", "crl", Severity.MEDIUM),
    ]
    told = [
        rows.assign(fault=fault, key=rows["key"] + f"/{name}", severity=severity.value) for rows, fault, name, severity in faults
    ]
    client = signed[~signed["client_auth"] & signed["server_auth"] & signed["host"].notna()]
    told.append(
        client.assign(
            fault="that it is for clients (Client Authentication)",
            key=client["key"] + "/client",
            severity=Severity.INFO.value,
            certainty=Certainty.LIKELY.value,
            because="whether mutual TLS between SIP servers fails without it is not documented; public CAs issue none any more",
        )
    )
    return pd.concat(told)
