"""CSVs that move users to Microsoft Teams and their numbers after them: the move, the SBC, and the assignment."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect import addresses, topology, voice
from adinspect.derived import numbers as lines
from adinspect.finding import Wave
from adinspect.membership import among
from adinspect.profile import Profile
from adinspect.proposals import everybody, proposes, reviewed, sent
from adinspect.proposals.lync_users import PORTED
from adinspect.proposals.teams import (
    Identities,
    Waves,
    moving,
    number_types,
    of_direct_routing,
    questions,
    rows_of,
    unsure,
    without_identity,
)
from adinspect.sites import NumbersManaged, NumberType, Owner
from adinspect.step import AFTER, PREVIOUS, RULES, WHY

MOVE, CLEAR, NUMBER = "40_cs_user_move", "26_cs_line_clear", "41_teams_number"

LATER = frozenset({CLEAR, NUMBER})
"""What only a user who was moved gets: a finding that these put right stands until then, and keeps nobody from moving."""

ONLINE = "sipfed.online.lync.com"
"""Where Move-CsUser sends users who go to Teams."""

TAKEN_ALONG = (
    "has Unified Messaging or EUM addresses: in Teams these are a decision (MIG-010), and until it is made no file clears the "
    "line, assigns the number or turns on voice mail. Disable-UMMailbox first, or approve"
)
"""Why a move waits for a person: no CSV of users here holds them once they are homed online."""

TEAMS = "Teams"
"""What an SBC is told to send the calls of a number to, in the list for those who set it up."""

Findings = Annotated[DataFrame, "rule", "csv", "wave", "waived", "message"]


@proposes(MOVE, unasked=True)
def cs_user_move(
    users: Annotated[DataFrame, "pool_service", "deployment_locator?", "object_class", "um_enabled?"],
    proxy_addresses: Annotated[DataFrame, "address"],
    findings: Findings,
    waves: Waves,
) -> DataFrame:
    """To Teams, once everything that CSVs can put right was put right; licences that are lacking are told beside it.

    Who takes Unified Messaging along is asked about: there it is a decision, and until it is made the user gets no number.
    """
    chosen = moving(users, waves, sent(users, findings, MOVE) & ~voice.online(users))
    rows = chosen[["guid"]].assign(Identity=chosen["dn"], Target=ONLINE)
    standing = findings[findings["waived"].isna()]
    before = standing[standing["wave"] == Wave.PREREQUISITE]
    later = Series([bool(csv) and {*_files(csv)} <= LATER for csv in standing["csv"]], standing.index, dtype=bool)
    first = standing[(standing["wave"] == Wave.FIX) & ~later]
    rows[WHY] = ("Before the move: " + topology.listed(before, "message", rows["guid"])).astype(object)
    rows[RULES] = [tuple(of_it) for of_it in _by_guid(before, rows["guid"])]
    doubts = {
        "names no home pool, so that nobody could move the user back": chosen["pool_service"].isna(),
        "is a contact for a user of another forest, whose account and licence are there": voice.mailbox_elsewhere(chosen),
    }
    fixes = "is to be put right first: " + topology.listed(first, "rule", rows["guid"])
    with_um = chosen["um_enabled"] | among(
        chosen["guid"], proxy_addresses.loc[addresses.is_eum(proxy_addresses["address"]), "guid"]
    )
    taken_along = Series(TAKEN_ALONG, rows.index, dtype=object).where(with_um)
    return questions(reviewed(rows, {"Target": doubts}), fixes.astype(object), taken_along, unsure(rows, waves))


def _files(csv: str | tuple[str, ...]) -> tuple[str, ...]:
    return (csv,) if isinstance(csv, str) else csv


def _by_guid(findings: DataFrame, guids: Series) -> list[list[str]]:
    told: dict[str, list[str]] = {}
    for guid, rule in zip(findings["guid"], findings["rule"], strict=True):
        told.setdefault(guid, []).append(rule)
    return [told.get(guid, []) for guid in guids]


@proposes("48_sbc_numbers", unasked=True)
def sbc_numbers(
    users: Annotated[DataFrame, "line_uri", "pool_service", "deployment_locator?"],
    findings: Findings,
    waves: Waves,
    line_ranges: Annotated[DataFrame, "number_type"],
    pool_services: Annotated[DataFrame, "dn", "pool"],
    pools: Annotated[DataFrame, "dn", "fqdn"],
    profile: Profile,
) -> DataFrame:
    """Where calls to a number of Direct Routing go once its user was moved, and where they went before."""
    moved = moving(users, waves, sent(users, findings, MOVE) & users["line_uri"].notna() & ~voice.online(users))
    chosen, kind = of_direct_routing(moved, line_ranges, profile)
    parts = addresses.number(chosen["line_uri"])
    pool = chosen["pool_service"].map(pool_services.set_index("dn")["pool"]).map(pools.set_index("dn")["fqdn"])
    rows = chosen[["guid"]].assign(
        E164=parts["base"].astype(object).where(parts["base"].notna(), None),
        Extension=parts["extension"].astype(object).where(parts["extension"].fillna("") != "", None),
        Destination=TEAMS,
        **{PREVIOUS + "Destination": pool.astype(object)},
    )
    rows[AFTER] = [(MOVE,)] * len(rows)
    rows[WHY] = "Its user moves to Teams."
    wrong = ~addresses.matches(chosen["line_uri"], addresses.E164_URI)
    doubts = {
        "E164": {"the line is not tel: and an international number (E.164): ": chosen["line_uri"].astype(object).where(wrong)},
        "Destination": {
            "the profile does not say of which type the number is then (number_type)": kind.isna(),
            "the home pool is not known, which calls go to now": pool.isna(),
        },
    }
    return reviewed(rows, doubts)


@proposes(NUMBER, unasked=True)
def teams_number(
    users: Annotated[DataFrame, "line_uri", "deployment_locator?"],
    waves: Waves,
    teams_identities: Identities,
    numbers: Annotated[DataFrame, "source", "others"],
    line_ranges: Annotated[DataFrame, "start", "owner", "number_type"],
    placements: Annotated[DataFrame, "location"],
    teams_numbers: Annotated[DataFrame | None, "number", "number_type", "status", "target"],
    teams_users: Annotated[DataFrame | None, "user", "line_uri"],
    teams_homes: Annotated[DataFrame | None, "teams_user"],
    profile: Profile,
) -> DataFrame:
    """The number that the user's line was, once the line was cleared: one that Teams shows as free, or one of Direct Routing."""
    managed = everybody(users, profile.numbers_managed is NumbersManaged.TEAMS)
    chosen = moving(users, waves, managed & users["line_uri"].notna() & voice.online(users))
    kind = number_types(chosen, line_ranges, profile)
    ported = kind.isin([one.value for one in PORTED])
    parts = addresses.number(chosen["line_uri"].where(addresses.matches(chosen["line_uri"], addresses.E164_URI)))
    extension = parts["extension"].fillna("")
    number = parts["base"].astype(object) + (";ext=" + extension).where(extension != "", "")
    location = chosen["guid"].map(placements.set_index("guid")["location"]).astype(object)
    rows = rows_of(chosen, teams_identities).assign(
        PhoneNumber=number, PhoneNumberType=kind, LocationId=location.where(ported & location.notna(), None)
    )
    rows[AFTER] = [(CLEAR,)] * len(rows)
    rows[WHY] = "Its number is to be managed in Teams."
    at = line_ranges.drop_duplicates("guid").set_index("guid")
    owner, start = (chosen["guid"].map(at[one]).astype(object) for one in ("owner", "start"))
    others = chosen["guid"].map(numbers[numbers["source"] == lines.LINE].set_index("guid")["others"]).astype(object)
    doubts = {
        "the line is held in the directory too by ": others,
        "the line is not tel: and an international number (E.164): ": chosen["line_uri"].astype(object).where(number.isna()),
        "only a number of Direct Routing has an extension": ported & (extension != ""),
        "calls to it arrive at a PBX (owner), in the range from ": start.where(owner == Owner.PBX.value),
        **_not_free(chosen, number, kind, ported, teams_numbers, teams_users, teams_homes),
    }
    untyped = {"the profile does not say of which type the number is then (number_type)": kind.isna()}
    names = without_identity(rows, teams_identities)
    rows = reviewed(rows, {"Identity": names, "PhoneNumber": doubts, "PhoneNumberType": untyped})
    return questions(rows, unsure(rows, waves))


def _not_free(
    users: DataFrame,
    number: Series,
    kind: Series,
    ported: Series,
    teams_numbers: DataFrame | None,
    teams_users: DataFrame | None,
    teams_homes: DataFrame | None,
) -> dict[str, Series]:
    """Why a number cannot be assigned, or is not known to be free: told by what Teams has, and to whom it was given there."""
    mine = Series(None, users.index, dtype=object)
    if teams_homes is not None:
        mine = users["guid"].map(teams_homes.set_index("guid")["teams_user"]).astype(object).str.lower()
    key = _key(number)
    doubts = {"the line is held by another account in Teams: ": _elsewhere(key, mine, teams_users)}
    if teams_numbers is None:
        return {**doubts, "whether Teams has the number, and free, is not known: supply teams-numbers.csv": ported}
    listed = teams_numbers.assign(key=_key(teams_numbers["number"])).dropna(subset="key")
    told = listed.drop_duplicates("key").set_index("key")
    known = key.isin(told.index)
    status, target, type_there = (key.map(told[one]).astype(object) for one in ("status", "target", "number_type"))
    free = status.str.lower().eq("unassigned").fillna(False).astype(bool) & target.isna()
    own = target.str.lower().eq(mine).fillna(False).astype(bool)
    other_type = known & (type_there.str.lower() != kind.astype("str").str.lower())
    return {
        **doubts,
        "teams-numbers.csv has it more than once": key.isin(listed.loc[listed["key"].duplicated(), "key"]),
        "teams-numbers.csv does not show that Teams has the number": ported & ~known,
        "teams-numbers.csv shows it as a number of type ": type_there.where(other_type & kind.notna()),
        "teams-numbers.csv does not show it as unassigned": known & ported & ~free,
        "teams-numbers.csv shows it assigned to ": target.where(known & ~ported & ~own),
    }


def _elsewhere(key: Series, mine: Series, teams_users: DataFrame | None) -> Series:
    """Which other accounts in Teams have each number as their line; missing where none has."""
    holders: dict[str, list[str]] = {}
    if teams_users is not None:
        held = teams_users.assign(key=_key(teams_users["line_uri"])).dropna(subset="key")
        for number, user in zip(held["key"].tolist(), held["user"].str.lower().tolist(), strict=True):
            holders.setdefault(number, []).append(user)
    pairs = zip(key.tolist(), mine.tolist(), strict=True)
    others = [", ".join(sorted(one for one in holders.get(number, ()) if one != user)) or None for number, user in pairs]
    return Series(others, key.index, dtype=object)


def _key(numbers: Series) -> Series:
    """Numbers as they are compared, with their extension; missing for what is none."""
    parts = addresses.number(numbers.astype("str"))
    return parts["base"].str.removeprefix("+") + ";" + parts["extension"]


@proposes("47_teams_ev", unasked=True)
def teams_ev(
    users: Annotated[DataFrame, "expected", "enterprise_voice", "line_uri", "deployment_locator?"],
    waves: Waves,
    teams_identities: Identities,
    line_ranges: Annotated[DataFrame, "number_type"],
    teams_homes: Annotated[DataFrame | None, "teams_voice"],
    profile: Profile,
) -> DataFrame:
    """Enterprise Voice in Teams for users whose number stays in the directory (Direct Routing), and who do not have it."""
    stays = everybody(users, profile.numbers_managed is NumbersManaged.DIRECTORY)
    wanted = stays & users["line_uri"].notna() & (users["expected"] | users["enterprise_voice"]) & voice.online(users)
    chosen = moving(users, waves, wanted)
    if teams_homes is not None:
        on = teams_homes["teams_voice"].eq(True).fillna(False).astype(bool)
        chosen = chosen[~among(chosen["guid"], teams_homes.loc[on, "guid"])].reset_index(drop=True)
    kind = number_types(chosen, line_ranges, profile)
    rows = rows_of(chosen, teams_identities).assign(EnterpriseVoiceEnabled=True)
    rows[WHY] = "Its number stays in the directory, and Teams does not show Enterprise Voice."
    doubts = {
        "the profile does not say of which type the number is then (number_type)": kind.isna(),
        "only a number of Direct Routing can stay in the directory, and it is to be of type ": kind.where(
            kind != NumberType.DIRECT_ROUTING.value
        ),
    }
    rows = reviewed(rows, {"Identity": without_identity(rows, teams_identities), "EnterpriseVoiceEnabled": doubts})
    return questions(rows, unsure(rows, waves))
