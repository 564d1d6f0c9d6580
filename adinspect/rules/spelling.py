"""Rules about how addresses and numbers are written: forms that are invalid, characters that break things or cannot be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, topology, voice
from adinspect.finding import Severity, Target, Wave
from adinspect.membership import among
from adinspect.rule import Need, rule
from adinspect.wording import told

RESERVED = "&=+$,;?/()"
"""Characters that RFC 3261 lets stand in a user part, but that separate parts of a URI elsewhere."""

_HIDDEN = "\u0001-\u001f\u007f-\u00a0\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""Control characters, the no-break space, and what takes no room: zero-width characters, soft hyphen, marks of direction."""

_OTHER_DIGIT = r"[^\P{Nd}0-9]"
"""A decimal digit of another script, or of another width."""


@rule("CNS-011", Severity.HIGH, source="L-SIP, SCHEMA", wave=Wave.BLOCK)
def sip_address_invalid(users: Annotated[DataFrame, "sip_address"]) -> DataFrame:
    """SIP address {sip_address} of {identity} is invalid: {fault}.

    Lync takes a part of what RFC 3261 allows: sip:, a name without accents, spaces and most signs, @ and a DNS domain, at most
    454 characters in all.

    Remediation: Correct the address.
    Cmdlet: Set-CsUser -SipAddress
    """
    judged = users[users["sip_address"].notna()]
    fault = told(_faults(judged["sip_address"]), judged)
    return judged.assign(fault=fault)[fault != ""]


@rule("CNS-012", Severity.MEDIUM, source="L-SIP", wave=Wave.ORGANIZATION)
def sip_address_risky(users: Annotated[DataFrame, "sip_address"]) -> DataFrame:
    """SIP address {sip_address} of {identity} holds {characters}, which is allowed but has a meaning of its own in SIP.

    An address with & has stopped front ends of Lync Server 2013 (Microsoft knowledge base, 2912334).

    Remediation: Change the address.
    Cmdlet: Set-CsUser -SipAddress
    """
    held = users[users["sip_address"].notna()]
    # an invalid address is a fault of its own
    valid = held[told(_faults(held["sip_address"]), held) == ""]
    name = addresses.parts(valid["sip_address"], r"[^:]*:(?P<name>[^@]*)@(?s:.*)")["name"]
    risky = name.str.replace(f"[^{re.escape(RESERVED)}]", "", regex=True)
    found = valid.assign(characters=risky)[risky != ""]
    return found.assign(characters=[" and ".join(sorted(set(characters))) for characters in found["characters"]])


@rule("CNS-022", Severity.HIGH, Target.UM_LYNC, source="X-EUM", wave=Wave.FIX, csv="32_mailbox_eum", needs=Need.EXCHANGE)
def eum_address_invalid(
    users: Annotated[DataFrame, "object_class"],
    proxy_addresses: Annotated[DataFrame, "address"],
) -> DataFrame:
    """{identity} has {fault}: {eum}.

    Exchange UM reads an EUM address as EUM: or eum:, the address, ;phone-context= and the phone context, and takes the one in
    capitals for the primary one.

    Remediation: Write the addresses again, one of them primary.
    Cmdlet: Set-Mailbox -EmailAddresses
    """
    judged = users[~voice.mailbox_elsewhere(users)]
    held = proxy_addresses[addresses.is_eum(proxy_addresses["address"])]
    invalid = addresses.eum(held["address"])["kind"].isna()
    primary = held["address"].str.startswith("EUM:").astype(bool)
    several = primary & among(held["guid"], held.loc[primary & held["guid"].where(primary).duplicated(), "guid"])
    faults = {
        "an EUM address of invalid form": among(judged["guid"], held.loc[invalid, "guid"]),
        "more than one primary EUM address": among(judged["guid"], held.loc[several, "guid"]),
    }
    fault = told(faults, judged)
    eum = topology.listed(held[invalid | several], "address", judged["guid"])
    return judged.assign(fault=fault, eum=eum, evidence_eum=eum)[fault != ""]


@rule("CNS-023", Severity.HIGH, source="practice, IDFIX", wave=Wave.DECIDE)
def character_hidden(
    users: Annotated[DataFrame, "sip_address", "upn", "telephone_number"],
    proxy_addresses: Annotated[DataFrame, "address"],
) -> DataFrame:
    """{identity} has characters that cannot be seen, or digits that are none, in {places}.

    They come with what is copied from a web page, Outlook or Excel. The value looks right and matches nothing.

    Remediation: Write the value again by hand.
    Cmdlet: Set-CsUser; Set-Mailbox; Set-ADUser
    """
    # a line with such a character is malformed, which is a fault of its own
    scheme = proxy_addresses["address"].str.slice(stop=len("eum:")).str.lower()
    eum, sip = proxy_addresses[scheme == "eum:"], proxy_addresses[scheme == "sip:"]
    extension = ~eum["address"].str.contains("@", regex=False).astype(bool)
    places = pd.concat(
        [
            _strays(users, "sip_address", "the SIP address"),
            _strays(users, "upn", "the user principal name"),
            _strays(users, "telephone_number", "the telephone number", number=True),
            _strays(sip, "address", "a sip: proxy address"),
            _strays(eum[~extension], "address", "an EUM address"),
            _strays(eum[extension], "address", "an EUM address", number=True),
        ]
    )
    found = topology.listed(places, "place", users["guid"])
    return users.assign(places=found, evidence_places=found)[found.notna()]


def _faults(sip: Series) -> Mapping[str, Series]:
    """What is wrong with SIP addresses, none of them missing."""
    parts = addresses.parts(sip, r"(?:[Ss][Ii][Pp]:)?(?P<name>(?s:.*))@(?P<domain>[^@]*)")
    name, domain = parts["name"], parts["domain"]
    return {
        "it does not begin with sip:": ~sip.str.lower().str.startswith("sip:").astype(bool),
        "it has no @": name.isna(),
        "its name is empty or holds characters that are not allowed": name.notna()
        & ~addresses.matches("sip:" + name + "@contoso.com", addresses.SIP_ADDRESS),
        "its name begins or ends with a dot": addresses.matches(name, r"\.(?s:.*)|(?s:.*)\."),
        "its domain is no DNS name": name.notna() & ~addresses.matches("sip:a@" + domain, addresses.SIP_ADDRESS),
        f"it is longer than {addresses.SIP_ADDRESS_LENGTH} characters": sip.str.len() > addresses.SIP_ADDRESS_LENGTH,
    }


def _strays(rows: DataFrame, column: str, place: str, *, number: bool = False) -> DataFrame:
    """The rows whose value has a character that is not what it seems: `guid`, and `place` with the characters' code points.

    That is a space at an end, a hidden character anywhere, and in a number a digit other than 0 to 9.
    """
    stray = rf"[{_HIDDEN}]|{_OTHER_DIGIT}" if number else f"[{_HIDDEN}]"
    found = rows[addresses.matches(rows[column], rf" (?s:.*)|(?s:.*) |(?s:.*)(?:{stray})(?s:.*)")]
    return DataFrame({"guid": found["guid"], "place": [f"{place} ({_named(value, number)})" for value in found[column]]})


def _named(value: str, number: bool) -> str:
    strays = {one for one in value if re.match(f"[{_HIDDEN}]", one) or (number and one.isdecimal() and not one.isascii())}
    ends = ["a space at an end"] if value != value.strip(" ") else []
    return ", ".join([*(f"U+{ord(one):04X}" for one in sorted(strays)), *ends])
