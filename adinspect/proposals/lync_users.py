"""CSVs about users of Lync / Skype for Business Server."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect import addresses, recipients, voice
from adinspect.derived import cloud_homes as homes
from adinspect.derived import numbers as lines
from adinspect.derived import taken_addresses as taken
from adinspect.proposals import everybody, found, proposes, reviewed
from adinspect.proposals.holding import held_by

RESERVED = r".*[&=+$,;?/()].*@.*|sip:\..*|.*\.@.*"
"""SIP addresses no user is given: reserved characters have stopped front ends (KB 2912334); a dot at either end is not valid."""


@proposes("20_cs_user_enable")
def cs_user_enable(
    users: Annotated[
        DataFrame,
        "upn",
        "mail",
        "sip_address",
        "sip_enabled",
        "pool_service",
        "deployment_locator?",
        "account_disabled",
        "recipient_type",
    ],
    proxy_addresses: Annotated[DataFrame, "address"],
    taken_addresses: Annotated[DataFrame, "scheme", "address"],
    cloud_homes: Annotated[DataFrame, "home"],
    sip_domains: Annotated[DataFrame, "domain"],
    pools: Annotated[DataFrame, "fqdn"],
) -> DataFrame:
    """The user principal name as SIP address, else the primary e-mail address; the only pool of the forest as home."""
    address = _new_sip_address(users, proxy_addresses, sip_domains)
    rows = users[["guid"]].assign(
        Identity=users["dn"],
        RegistrarPool=pools["fqdn"].iloc[0] if len(pools) == 1 else None,
        SipAddress=address,
    )
    domains = ", ".join(sorted(sip_domains["domain"].dropna())) or "none is declared"
    unfit = f"neither the user principal name nor the primary e-mail address can be used in a SIP domain ({domains})"
    known = taken_addresses[taken_addresses["scheme"] == taken.SIP]
    name = {
        unfit: address.isna(),
        "the SIP address is taken: ": held_by(users, address, addresses.without_scheme(address), known),
    }
    return reviewed(rows, {"RegistrarPool": _home_doubts(users, cloud_homes, pools), "SipAddress": name})


def _home_doubts(users: DataFrame, cloud_homes: DataFrame, pools: DataFrame) -> dict[str, Series]:
    linked = recipients.of_type(users, recipients.RecipientType.LINKED)
    # the deployment locator is what Disable-CsUser leaves, and no trace of a user
    known = users[["sip_address", "sip_enabled", "pool_service"]].notna().any(axis=1)
    counts = ", ".join(f"{(cloud_homes['home'] == home).sum()} in {home}" for home in (homes.ONLINE, homes.MAILBOX))
    return {
        "is homed online": voice.online(users),
        "has a place in Lync already (SIP address, state or home)": known,
        "is a linked mailbox: its account is one of another forest, and needs msRTCSIP-OriginatorSid to sign in": linked,
        "the account is disabled": users["account_disabled"] & ~linked,
        f"the forest is hybrid ({counts}): Enable-CsUser would home on-premises whoever has a home in Teams": everybody(
            users, not cloud_homes.empty
        ),
        f"the home is a choice: the forest has {len(pools)} pools ({pools['fqdn'].notna().sum()} with an FQDN)": everybody(
            users, len(pools) != 1 or pools["fqdn"].isna().any()
        ),
    }


def _new_sip_address(users: DataFrame, proxy_addresses: DataFrame, sip_domains: DataFrame) -> Series:
    """The SIP address for each user, spelt as its source is; missing where neither source is fit."""
    primary = proxy_addresses[proxy_addresses["address"].str.startswith("SMTP:", na=False)]
    # of two primary addresses, which is a fault, neither is known to be the one
    only = primary.drop_duplicates("guid", keep=False).set_index("guid")["address"].str.removeprefix("SMTP:")
    mail = users["guid"].map(only).astype(users["mail"].dtype).where(users["guid"].isin(primary["guid"]), users["mail"])
    first, second = (_fit(source, sip_domains) for source in (users["upn"], mail))
    return first.where(first.notna(), second)


def _fit(source: Series, sip_domains: DataFrame) -> Series:
    address = "sip:" + source
    valid = addresses.matches(address, addresses.SIP_ADDRESS) & (address.str.len() <= addresses.SIP_ADDRESS_LENGTH)
    declared = source.str.lower().str.replace(r"^.*@", "", regex=True).isin(sip_domains["domain"].dropna().str.lower())
    return address.where(valid & declared & ~addresses.matches(address, RESERVED))


@proposes("21_cs_user_voice")
def cs_user_voice(
    users: Annotated[DataFrame, "enterprise_voice", "line_uri", "remote_call_control", "remote_call_dual", "deployment_locator?"],
    findings: Annotated[DataFrame, "rule"],
    numbers: Annotated[DataFrame, "source", "others"],
) -> DataFrame:
    """Enterprise Voice for whoever is expected to have it, with the line each holds; no number range is known yet."""
    rows = users[["guid"]].assign(
        Identity=users["dn"],
        EnterpriseVoiceEnabled=True,
        LineURI=users["line_uri"],
    )
    expected, on, line = found(users, findings, "USR-006"), users["enterprise_voice"], users["line_uri"]
    malformed = line.notna() & ~addresses.matches(line, addresses.E164_URI)
    controlled = voice.remote_call_control(users)
    # a line without Enterprise Voice is a decision, which the population has taken for everybody it expects to have voice
    idle = line.notna() & ~on & ~controlled & ~expected
    switch = {
        "is homed online": voice.online(users),
        "is under remote call control: that or Enterprise Voice is a decision": controlled,
        "holds a line without Enterprise Voice: turn it on with this line, or clear the line": idle,
        "nothing is known here that this file could change": ~expected & ~idle & ~malformed & (on == line.notna()),
    }
    return reviewed(rows, {"EnterpriseVoiceEnabled": switch, "LineURI": _line_doubts(users, malformed, findings, numbers)})


def _line_doubts(users: DataFrame, malformed: Series, findings: DataFrame, numbers: DataFrame) -> dict[str, Series]:
    line, on = users["line_uri"], users["enterprise_voice"]
    others = users["guid"].map(numbers[numbers["source"] == lines.LINE].set_index("guid")["others"]).astype(object)
    unranged = "has no line URI and the profile gives no number range"
    return {
        unranged: line.isna() & ~on,
        f"{unranged}: assign a number, or turn Enterprise Voice off": line.isna() & on,
        "the line is not tel: and an international number (E.164): ": line.where(malformed),
        "the line is held by others too: ": line.astype(object) + " by " + others,
        "one of its numbers is held by others too (CNS-003)": found(users, findings, "CNS-003") & others.isna(),
    }
