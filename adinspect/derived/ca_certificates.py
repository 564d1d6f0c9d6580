"""The CA certificates that Active Directory holds, decoded: which roots the forest trusts, and until when each CA can sign."""

from __future__ import annotations

import base64
import hashlib
from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import certificates
from adinspect.derived import derived

ENTERPRISE_ROOTS, AUTHORITIES, SIGN_IN = "Certification Authorities", "AIA", "NTAuthCertificates"
"""Stores of CN=Public Key Services: roots every member trusts, CAs of the forest, and those whose certificates sign people in."""


@derived
def ca_certificates(certification_authorities: Annotated[DataFrame, "container", "certificate"]) -> DataFrame:
    """One row a CA certificate; guid, dn and identity are those of the object that holds it.

    `store` is the container it stands in (NTAuthCertificates is an object itself), `sha256` its fingerprint. `subject`, `key`
    (its public key's identifier) and `not_after` are missing where it cannot be read.
    """
    held = certification_authorities
    decoded = certificates.decoded(held["certificate"])
    text = held["dn"].dtype
    said = [certificates.describe(one) if one else {} for one in decoded]
    return held[["guid", "dn", "identity"]].assign(
        store=_stores(held),
        sha256=Series([_fingerprint(one) for one in held["certificate"]], held.index, dtype=text),
        subject=Series([one.get("subject") for one in said], held.index, dtype=text),
        key=Series([certificates.key_identifier(one) if one else None for one in decoded], held.index, dtype=text),
        not_after=pd.to_datetime(Series([one.get("not_after") for one in said], held.index, dtype=object), utc=True).astype(
            "datetime64[us, UTC]"
        ),
    )


def _stores(held: DataFrame) -> Series:
    """The names of the stores, spelt alike whoever wrote them."""
    where = held["container"].where(~held["dn"].str.upper().str.startswith("CN=NTAUTHCERTIFICATES,", na=False), held["dn"])
    known = {f"cn={name.lower()}": name for name in (ENTERPRISE_ROOTS, AUTHORITIES, SIGN_IN)}
    first = where.str.split(",").str[0].str.lower()
    return first.map(known).fillna("another").astype(held["dn"].dtype)


def _fingerprint(certificate: str) -> str:
    return hashlib.sha256(base64.b64decode(certificate)).hexdigest()
