"""CSVs that set users up in Microsoft Teams: the policies of their site, their mode, and voice mail."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect import addresses, voice
from adinspect.derived.teams_identities import OBJECT_ID
from adinspect.membership import among
from adinspect.profile import Profile
from adinspect.proposals import proposes, reviewed
from adinspect.proposals.lync_policies import named
from adinspect.sites import NumberType
from adinspect.step import REASON, WHY

UPGRADED, TEAMS_ONLY = "UpgradeToTeams", "teamsonly"
"""The policy that gives a user to Teams alone, and the mode that it makes, in lower case (Grant-CsTeamsUpgradePolicy)."""

Waves = Annotated[DataFrame, "moves", "doubt"]
Identities = Annotated[DataFrame, "teams_identity", "teams_problem"]
Voiced = Annotated[DataFrame, "expected", "enterprise_voice", "line_uri"]


def moving(users: DataFrame, waves: DataFrame, chosen: Series) -> DataFrame:
    """The chosen users whose wave may move, in their order."""
    return users[chosen & among(users["guid"], waves.loc[waves["moves"], "guid"])].reset_index(drop=True)


def with_voice(users: DataFrame) -> Series:
    """Who has voice or is to have it, here or there (bool)."""
    return users["expected"] | users["enterprise_voice"] | users["line_uri"].notna()


def rows_of(users: DataFrame, teams_identities: DataFrame) -> DataFrame:
    """A row for each user with the Identity that Teams cmdlets take; missing where there is none."""
    identity = users["guid"].map(teams_identities.set_index("guid")["teams_identity"]).astype(object)
    return users[["guid"]].assign(Identity=identity)


def without_identity(rows: DataFrame, teams_identities: DataFrame) -> dict[str, Series]:
    """Why there is none, as `reviewed` takes it."""
    return {"": rows["guid"].map(teams_identities.set_index("guid")["teams_problem"]).astype(object)}


def questions(rows: DataFrame, *doubts: Series) -> DataFrame:
    """The rows with more reasons against them (text; missing: none) that leave the cells as they are, for a person to approve."""
    told = [
        "; ".join(one for one in reasons if isinstance(one, str) and one) for reasons in zip(rows[REASON], *doubts, strict=True)
    ]
    return rows.assign(**{REASON: Series(told, rows.index, dtype=object)})


def unsure(rows: DataFrame, waves: DataFrame) -> Series:
    """Why each user may be in a later wave; missing where the wave is certain."""
    return rows["guid"].map(waves.set_index("guid")["doubt"]).astype(object)


def number_types(users: DataFrame, line_ranges: DataFrame, profile: Profile) -> Series:
    """Of which type each user's number will be: that of its range, else the profile's; missing where neither says."""
    ranged = line_ranges.drop_duplicates("guid").set_index("guid")["number_type"]
    told = users["guid"].map(ranged).astype(object)
    return told.where(among(users["guid"], line_ranges["guid"]), profile.number_type and profile.number_type.value)


def of_direct_routing(users: DataFrame, line_ranges: DataFrame, profile: Profile) -> tuple[DataFrame, Series]:
    """The users whose numbers will be of Direct Routing, or of a type that nothing tells, and that type (missing: not told)."""
    kind = number_types(users, line_ranges, profile)
    routed = (kind == NumberType.DIRECT_ROUTING.value) | kind.isna()
    return users[routed].reset_index(drop=True), kind[routed].reset_index(drop=True)


def _granted(
    users: DataFrame, placements: DataFrame, setting: str, teams_homes: DataFrame | None, column: str, rows: DataFrame
) -> DataFrame:
    """The rows of users whom the profile gives a policy, but for those known to have it; `granted` is what is known of it."""
    at = placements.set_index("guid")
    wish, site = (users["guid"].map(at[one]).astype(object) for one in (setting, "site"))
    granted = None if teams_homes is None else users["guid"].map(teams_homes.set_index("guid")[column])
    told = rows.assign(
        PolicyName=wish,
        granted=Series(granted, users.index, dtype=object),
        **{WHY: "The profile gives " + wish + " at site " + site + "."},
    )
    return told[wish.notna() & ~(named(told["granted"]) == named(wish))].reset_index(drop=True)


def _of_site(
    users: DataFrame,
    placements: DataFrame,
    setting: str,
    teams_homes: DataFrame | None,
    column: str,
    teams_identities: DataFrame,
) -> DataFrame:
    """The rows of users whom the profile gives a policy; a question where an identity is lacking."""
    rows = _granted(users, placements, setting, teams_homes, column, rows_of(users, teams_identities))
    return reviewed(rows, {"Identity": without_identity(rows, teams_identities)})


def _another(rows: DataFrame, users: DataFrame) -> Series:
    """Why what a site gives is a question: it may allow what was not allowed on purpose; missing where it is none."""
    named_before = "was granted " + rows["granted"] + ", and whether that of the site allows more is not in the exports"
    unexpected = ~among(rows["guid"], users.loc[users["expected"], "guid"])
    outside = "is not in the population, and the policy of a site would let it do what it may not do now"
    return named_before.where(~unexpected, outside)


@proposes("42_teams_ovrp", unasked=True)
def teams_ovrp(
    users: Voiced,
    waves: Waves,
    teams_identities: Identities,
    placements: Annotated[DataFrame, "site", "routing_policy"],
    line_ranges: Annotated[DataFrame, "number_type"],
    teams_homes: Annotated[DataFrame | None, "teams_routing_policy"],
    profile: Profile,
) -> DataFrame:
    """The online voice routing policy of the site, for numbers of Direct Routing alone: others are routed elsewhere."""
    chosen, kind = of_direct_routing(moving(users, waves, with_voice(users)), line_ranges, profile)
    rows = rows_of(chosen, teams_identities).assign(kind=kind)
    rows = _granted(chosen, placements, "routing_policy", teams_homes, "teams_routing_policy", rows)
    untold = {"the profile does not say of which type the number is then (number_type)": rows["kind"].isna()}
    rows = reviewed(rows, {"Identity": without_identity(rows, teams_identities), "PolicyName": untold})
    return questions(rows, _another(rows, users), unsure(rows, waves))


@proposes("43_teams_tenantdialplan", unasked=True)
def teams_tenant_dial_plan(
    users: Voiced,
    waves: Waves,
    teams_identities: Identities,
    placements: Annotated[DataFrame, "site", "tenant_dial_plan"],
    teams_homes: Annotated[DataFrame | None, "teams_dial_plan"],
) -> DataFrame:
    """The tenant dial plan of the site."""
    chosen = moving(users, waves, with_voice(users))
    rows = _of_site(chosen, placements, "tenant_dial_plan", teams_homes, "teams_dial_plan", teams_identities)
    return questions(rows, unsure(rows, waves))


@proposes("44_teams_callingpolicy", unasked=True)
def teams_calling_policy(
    users: Voiced,
    waves: Waves,
    teams_identities: Identities,
    placements: Annotated[DataFrame, "site", "calling_policy"],
    teams_homes: Annotated[DataFrame | None, "teams_calling_policy"],
) -> DataFrame:
    """The calling policy of the site."""
    chosen = moving(users, waves, with_voice(users))
    rows = _of_site(chosen, placements, "calling_policy", teams_homes, "teams_calling_policy", teams_identities)
    return questions(rows, _another(rows, users), unsure(rows, waves))


@proposes("45_teams_upgradepolicy", unasked=True)
def teams_upgrade_policy(
    users: Annotated[
        DataFrame, "expected", "sip_address", "sip_enabled", "pool_service", "line_uri", "enterprise_voice", "deployment_locator?"
    ],
    waves: Waves,
    teams_identities: Identities,
    teams_homes: Annotated[DataFrame | None, "teams_mode"],
) -> DataFrame:
    """Teams alone, for users who are to have voice and never had a place in Lync: the move does it for all others."""
    traces = users[["sip_address", "sip_enabled", "pool_service", "line_uri", "deployment_locator"]].notna().any(axis=1)
    chosen = moving(users, waves, users["expected"] & ~traces & ~users["enterprise_voice"])
    rows = rows_of(chosen, teams_identities).assign(PolicyName=UPGRADED)
    if teams_homes is not None:
        there = teams_homes.loc[teams_homes["teams_mode"].str.lower() == TEAMS_ONLY, "guid"]
        rows = rows[~among(rows["guid"], there)].reset_index(drop=True)
    rows[WHY] = "Never had a place in Lync / Skype for Business, which a move would bring to Teams."
    rows = reviewed(rows, {"Identity": without_identity(rows, teams_identities)})
    return questions(rows, unsure(rows, waves))


@proposes("46_teams_voicemail", unasked=True)
def teams_voicemail(
    users: Annotated[DataFrame, "expected", "enterprise_voice", "deployment_locator?"],
    waves: Waves,
    teams_identities: Identities,
    teams_voicemails: Annotated[DataFrame | None, "voicemail_on"],
) -> DataFrame:
    """Cloud Voicemail on, for users in Teams who are to have voice and of whom it is not known to be on."""
    chosen = moving(users, waves, users["expected"] & users["enterprise_voice"] & voice.online(users))
    rows = rows_of(chosen, teams_identities).assign(VoicemailEnabled=True, PromptLanguage=None, CallAnswerRule=None)
    if teams_voicemails is not None:
        on = teams_voicemails["voicemail_on"].eq(True).fillna(False).astype(bool)
        rows = rows[~among(rows["guid"], teams_voicemails.loc[on, "guid"])].reset_index(drop=True)
    rows[WHY] = "Is to have voice, and voice mail with it."
    unnamed = rows["Identity"].notna() & ~addresses.matches(rows["Identity"].astype("str"), OBJECT_ID)
    no_identifier = {"the cmdlet takes an object identifier, which no export of the tenant (m365-users.csv) shows": unnamed}
    rows = reviewed(rows, {"Identity": {**without_identity(rows, teams_identities), **no_identifier}})
    return questions(rows, unsure(rows, waves))
