"""CSVs about users of Lync / Skype for Business Server: their place in it, Enterprise Voice, and the line."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from pandas import DataFrame, Series

from adinspect import addresses, recipients, voice
from adinspect.allocation import Source
from adinspect.derived import cloud_homes as homes
from adinspect.derived import numbers as lines
from adinspect.derived import taken_addresses as taken
from adinspect.membership import among
from adinspect.profile import Profile
from adinspect.proposals import everybody, found, proposes, reviewed, sent
from adinspect.proposals.holding import held_by
from adinspect.sites import AddressFrom, NumbersManaged, NumberType, SipAddresses
from adinspect.step import NULL, RULES, WHY

ENABLE, VOICE = "20_cs_user_enable", "21_cs_user_voice"

NOWHERE, VOICELESS = "USR-001", "USR-006"
"""The rules that find who lacks a place in Lync, and Enterprise Voice there."""

NOT_SUPPLIED = "what was granted is not in the directory: supply cs-users.csv"
"""Why a policy that a user has is not known."""

RESERVED = r".*[&=+$,;?/()].*@.*|sip:\..*|.*\.@.*"
"""SIP addresses no user is given: reserved characters have stopped front ends (KB 2912334); a dot at either end is not valid."""


@proposes(ENABLE)
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
        "object_class",
    ],
    proxy_addresses: Annotated[DataFrame, "address"],
    templated_addresses: Annotated[DataFrame | None, "sip_address"],
    taken_addresses: Annotated[DataFrame, "scheme", "address"],
    placements: Annotated[DataFrame, "home_pool", "problem"],
    teams_homes: Annotated[DataFrame | None, "teams_home", "teams_type"],
    cloud_homes: Annotated[DataFrame, "home"],
    sip_domains: Annotated[DataFrame, "domain"],
    pools: Annotated[DataFrame, "fqdn"],
    profile: Profile,
) -> DataFrame:
    """The SIP address that the profile's rule makes, in a SIP domain; the home pool of the user's site, else the only one."""
    declared = set(sip_domains["domain"].dropna().str.lower())
    domains = declared & set(profile.sip.domains) if profile.sip.domains else declared
    address = _new_sip_address(users, proxy_addresses, templated_addresses, profile.sip, domains)
    pool, homeless = _home_pool(users, placements, pools)
    known = taken_addresses[taken_addresses["scheme"] == taken.SIP]
    name = {
        _unfit(profile.sip, domains): address.isna(),
        "the SIP address is taken: ": held_by(users, address, addresses.without_scheme(address), known),
    }
    home = {**_home_doubts(users, cloud_homes, teams_homes), "the home is a choice: ": homeless}
    rows = users[["guid"]].assign(Identity=users["dn"], RegistrarPool=pool, SipAddress=address)
    return reviewed(rows, {"RegistrarPool": home, "SipAddress": name})


def _home_pool(users: DataFrame, placements: DataFrame, pools: DataFrame) -> tuple[Series, Series]:
    """The FQDN of each user's home pool, and why there is none where there is none."""
    at = placements.set_index("guid")
    pool = users["guid"].map(at["home_pool"]).astype(object)
    if len(pools) == 1:
        pool = pool.fillna(pools["fqdn"].iloc[0])
    of = f"the forest has {len(pools)} pools ({pools['fqdn'].notna().sum()} with an FQDN)"
    problem = users["guid"].map(at["problem"]).astype(object)
    why = of + ", and " + problem.fillna("the profile says none for the user (home_pool of a [[site]])")
    return pool, why.where(pool.isna())


def _home_doubts(users: DataFrame, cloud_homes: DataFrame, teams_homes: DataFrame | None) -> dict[str, Series]:
    linked = recipients.of_type(users, recipients.RecipientType.LINKED)
    # the deployment locator is what Disable-CsUser leaves, and no trace of a user
    known = users[["sip_address", "sip_enabled", "pool_service"]].notna().any(axis=1)
    counts = ", ".join(f"{(cloud_homes['home'] == home).sum()} in {home}" for home in (homes.ONLINE, homes.MAILBOX))
    hybrid = everybody(users, not cloud_homes.empty) & ~_without_cloud_home(users, teams_homes)
    return {
        "is homed online": voice.online(users),
        "has a place in Lync already (SIP address, state or home)": known,
        "is a contact for a user of another forest: what it needs comes from there": voice.mailbox_elsewhere(users),
        "is a linked mailbox: its account is one of another forest, and needs msRTCSIP-OriginatorSid to sign in": linked,
        "the account is disabled": users["account_disabled"] & ~linked,
        f"the forest is hybrid ({counts}): Enable-CsUser would home on-premises whoever has a home in Teams, and teams-users.csv "
        "does not show that this user has none": hybrid,
    }


def _without_cloud_home(users: DataFrame, teams_homes: DataFrame | None) -> Series:
    """Whether Teams itself shows each user, and no home online (bool): of whom it does not tell nothing is known."""
    if teams_homes is None:
        return everybody(users, False)
    online = teams_homes["teams_type"].str.contains("online", case=False, na=False).astype(bool)
    elsewhere = teams_homes["teams_home"].notna() & (teams_homes["teams_home"].str.lower() != "srv:")
    return among(users["guid"], teams_homes.loc[~online & ~elsewhere, "guid"])


def _new_sip_address(
    users: DataFrame,
    proxy_addresses: DataFrame,
    templated_addresses: DataFrame | None,
    sip: SipAddresses,
    domains: Collection[str],
) -> Series:
    """The SIP address for each user, spelt as its source is; missing where no source is fit."""
    if sip.address is AddressFrom.TEMPLATE:
        if templated_addresses is None:
            return Series(None, users.index, dtype=users["upn"].dtype)
        made = users["guid"].map(templated_addresses.set_index("guid")["sip_address"]).astype(users["upn"].dtype)
        return _fit(made, domains)
    primary = proxy_addresses[proxy_addresses["address"].str.startswith("SMTP:", na=False)]
    # of two primary addresses, which is a fault, neither is known to be the one
    only = primary.drop_duplicates("guid", keep=False).set_index("guid")["address"].str.removeprefix("SMTP:")
    mail = users["guid"].map(only).astype(users["mail"].dtype).where(among(users["guid"], primary["guid"]), users["mail"])
    sources = {AddressFrom.UPN: users["upn"], AddressFrom.MAIL: mail}
    first, second = (_fit(sources[sip.address or one], domains) for one in sources)
    return first.where(first.notna(), second)


def _fit(source: Series, domains: Collection[str]) -> Series:
    address = "sip:" + source
    valid = addresses.matches(address, addresses.SIP_ADDRESS) & (address.str.len() <= addresses.SIP_ADDRESS_LENGTH)
    declared = source.str.lower().str.replace(r"^.*@", "", regex=True).isin(list(domains))
    return address.where(valid & declared & ~addresses.matches(address, RESERVED))


def _unfit(sip: SipAddresses, domains: Collection[str]) -> str:
    which = {
        None: "neither the user principal name nor the primary e-mail address can",
        AddressFrom.UPN: "the user principal name cannot",
        AddressFrom.MAIL: "the primary e-mail address cannot",
        AddressFrom.TEMPLATE: f"what the template {sip.template} makes of the user's values, if they are all there, cannot",
    }[sip.address]
    wanted = "that is declared and among the domains of the profile" if sip.domains else "that is declared"
    return f"{which} be used in a SIP domain {wanted} ({', '.join(sorted(domains)) or 'there is none'})"


@proposes(VOICE, unasked=True)
def cs_user_voice(
    users: Annotated[DataFrame, "enterprise_voice", "line_uri", "remote_call_control", "remote_call_dual", "deployment_locator?"],
    findings: Annotated[DataFrame, "rule", "csv", "waived"],
    numbers: Annotated[DataFrame, "source", "others"],
    proposed_numbers: Annotated[DataFrame | None, "line_uri", "source", "line_problem"],
) -> DataFrame:
    """Enterprise Voice for who is expected to have it, also once file 20 was run, with the line each holds or a proposed one."""
    new = sent(users, findings, ENABLE, NOWHERE)
    users = users[new | sent(users, findings, VOICE)].reset_index(drop=True)
    new = sent(users, findings, ENABLE, NOWHERE)
    numbered = users[["guid"]].merge(_numbered(proposed_numbers), on="guid", how="left").set_axis(users.index)
    line, on = users["line_uri"].fillna(numbered["line_uri"]), users["enterprise_voice"]
    rows = users[["guid"]].assign(Identity=users["dn"], EnterpriseVoiceEnabled=True, LineURI=line)
    rows[RULES] = [(NOWHERE,) if one else () for one in new]
    given = users["line_uri"].isna() & numbered["line_uri"].notna()
    whence = numbered["source"].map(
        {Source.TELEPHONE.value: "is the telephone number", Source.RANGE.value: "is free in its range"}
    )
    rows[WHY] = ("The line " + whence.astype(object) + ".").where(given)
    expected = new | found(users, findings, VOICELESS)
    malformed = users["line_uri"].notna() & ~addresses.matches(users["line_uri"], addresses.E164_URI)
    controlled = voice.remote_call_control(users)
    # a line without Enterprise Voice is a decision, which the population has taken for everybody it expects to have voice
    idle = users["line_uri"].notna() & ~on & ~controlled & ~expected
    switch = {
        "is homed online": voice.online(users),
        "is under remote call control: that or Enterprise Voice is a decision": controlled,
        "holds a line without Enterprise Voice: turn it on with this line, or clear the line": idle,
        "nothing is known here that this file could change": (~expected & ~idle & ~malformed & (on == users["line_uri"].notna())),
    }
    doubts = {**_unnumbered(users, line, numbered["line_problem"]), **_line_doubts(users, malformed, findings, numbers)}
    return reviewed(rows, {"EnterpriseVoiceEnabled": switch, "LineURI": doubts})


def with_voice(users: DataFrame, findings: DataFrame) -> Series:
    """Who has Enterprise Voice here, or is to get it by this plan (bool).

    Needs `enterprise_voice`, `deployment_locator`; findings `rule`, `csv` and `waived`.
    """
    getting = sent(users, findings, VOICE, VOICELESS) | sent(users, findings, ENABLE, NOWHERE)
    return (users["enterprise_voice"] | getting) & ~voice.online(users)


def _numbered(proposed_numbers: DataFrame | None) -> DataFrame:
    columns = ["guid", "line_uri", "source", "line_problem"]
    return DataFrame(columns=columns, dtype="str") if proposed_numbers is None else proposed_numbers[columns]


def _unnumbered(users: DataFrame, line: Series, problem: Series) -> dict[str, Series]:
    """Why there is no line for some users."""
    none, on = line.isna(), users["enterprise_voice"]
    told = problem.astype(object).fillna("none is proposed")
    return {
        "has no line URI: ": told.where(none & ~on),
        "has Enterprise Voice without a line: turn it off, or assign a number: ": told.where(none & on),
    }


def _line_doubts(users: DataFrame, malformed: Series, findings: DataFrame, numbers: DataFrame) -> dict[str, Series]:
    line = users["line_uri"]
    others = users["guid"].map(numbers[numbers["source"] == lines.LINE].set_index("guid")["others"]).astype(object)
    return {
        "the line is not tel: and an international number (E.164): ": line.where(malformed),
        "the line is held by others too: ": line.astype(object) + " by " + others,
        "one of its numbers is held by others too (CNS-003)": found(users, findings, "CNS-003") & others.isna(),
    }


PORTED = (NumberType.CALLING_PLAN, NumberType.OPERATOR_CONNECT)
"""Types of numbers that leave the old carrier on one day: before it, their calls still arrive on-premises."""


@proposes("26_cs_line_clear")
def cs_line_clear(
    users: Annotated[DataFrame, "line_uri", "remote_call_control", "remote_call_dual"],
    line_ranges: Annotated[DataFrame, "start", "number_type", "port_date"],
    profile: Profile,
    today: datetime,
) -> DataFrame:
    """No line any more, so that Teams can assign the number; on the day it is ported, where it is. Enterprise Voice stays on."""
    at = users[["guid"]].merge(line_ranges.drop(columns=["dn", "identity"]), on="guid", how="left").set_axis(users.index)
    kind = at["number_type"].where(at["start"].notna(), profile.number_type)
    ported, date = kind.isin(PORTED), at["port_date"]
    outside = "the line lies in no [[range]] of the profile, so that the day its number is ported is not known"
    return reviewed(
        users[["guid"]].assign(Identity=users["dn"], LineURI=NULL),
        {
            "LineURI": {
                "has no line URI": users["line_uri"].isna(),
                "the profile does not say that numbers are managed in Teams (numbers_managed)": everybody(
                    users, profile.numbers_managed is not NumbersManaged.TEAMS
                ),
                "is under remote call control, which this line belongs to": voice.remote_call_control(users),
                "the profile does not say of which type the number is then (number_type)": kind.isna(),
                outside: ported & at["start"].isna(),
                "the profile does not say when its range is ported (port_date), from ": at["start"].where(ported & date.isna()),
                "the number is ported later, and its calls would end: clear the line on ": date.where(
                    ported & (date > today.date().isoformat())
                ),
            }
        },
    )
