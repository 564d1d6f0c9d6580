"""What needs more than the directory: Lync's routing and policies, and the tenant's domains, licences and numbers."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, topology, voice
from adinspect.finding import Certainty, Severity, Target, Wave
from adinspect.rule import Need, Skipped, rule
from adinspect.side import JOINED
from adinspect.wording import told

OLD_EXCHANGE = (14, 1)
"""Exchange 2010 SP1: Exchange servers before it find the Lync dial plan by its name (Lync Server 2010, "Configure Lync Server
2010 to Work with Unified Messaging on Microsoft Exchange Server")."""

OLDEST_BUILDS = ("7.0.2046.385", "6.0.9319.619", "5.0.8308.1182")
"""The oldest builds of Skype for Business Server 2019, 2015 and Lync Server 2013 that move users to Teams (Move-CsUser)."""

TEAMS_PLANS = ("57ff2da0-773e-42df-b2af-ffb7a2317929", "304767db-7d23-49e8-a945-4a7eb65f9f28")
"""TEAMS1 and TEAMS_GOV (Microsoft, "Product names and service plan identifiers for licensing")."""

PHONE_PLANS = ("4828c8ec-dc2e-4779-b502-87ac9ce28ab7", "db23fce2-a974-42ef-9002-d78dd42a0f22")
"""MCOEV and MCOEV_GOV, Phone System (the same page)."""

ONLINE = "sipfed.online.lync.com"
ON_PREMISES = "srv:"


@rule("DP-015", Severity.MEDIUM, Target.UM_LYNC, source="SEED, L-UMX", needs=Need.EXCHANGE)
def lync_dial_plan_missing(
    dial_plans: Annotated[DataFrame, "uri_type", "phone_context"],
    cs_dialplans: Annotated[DataFrame, "simple_name"],
    servers: Annotated[DataFrame, "um_role", "version_major", "version_minor", ...],
) -> DataFrame:
    """No Lync dial plan has the name {phone_context}, for SIP URI UM dial plan {identity}.

    Lync normalizes numbers by a dial plan (location profile) of its own for each UM dial plan. Exchange before 2010 SP1 finds it
    by its name. Since then any name will do, so that where no such server is left only too few Lync dial plans tell that one
    is missing.

    Remediation: Create the Lync dial plan.
    Cmdlet: New-CsDialPlan; New-CsVoiceNormalizationRule
    """
    plans = topology.sip_uri_plans(dial_plans)
    names = cs_dialplans["simple_name"].str.lower()
    unnamed = plans[plans["phone_context"].notna() & ~plans["phone_context"].str.lower().isin(names)]
    major, minor = servers["version_major"], servers["version_minor"]
    old = servers["um_role"] & ((major < OLD_EXCHANGE[0]) | ((major == OLD_EXCHANGE[0]) & (minor < OLD_EXCHANGE[1]))).fillna(
        False
    )
    if old.astype(bool).any():
        return unnamed.assign(severity=Severity.HIGH.value)
    because = f"names need not match; there are {len(plans)} SIP URI UM dial plans and {len(names)} Lync dial plans"
    return unnamed.iloc[: len(unnamed) if len(names) < len(plans) else 0].assign(
        certainty=Certainty.LIKELY.value, because=because
    )


@rule("POOL-003", Severity.HIGH, Target.UM_LYNC, source="SEED, L-ADDS", needs=Need.POOL)
def voice_routing_incomplete(
    forest: Annotated[DataFrame, "identity"],
    cs_voicepolicies: Annotated[DataFrame, "usages"],
    cs_voiceroutes: Annotated[DataFrame, "usages", "gateways"],
) -> DataFrame:
    """Calls cannot leave Lync in forest {identity}: {fault}.

    A voice policy allows PSTN usages, a route serves usages and names gateways; where the chain
    breaks, nobody can call out that way.

    Remediation: Create what is missing, or take it out of the policy.
    Cmdlet: New-CsPstnUsage; New-CsVoicePolicy; New-CsVoiceRoute
    """
    allowed, served = _values(cs_voicepolicies["usages"]), _values(cs_voiceroutes["usages"])
    routeless = allowed[~allowed.str.lower().isin(served.str.lower())].sort_values()
    routeless = routeless[~routeless.str.lower().duplicated()]
    without_gateway = cs_voiceroutes.loc[cs_voiceroutes["gateways"].isna(), "identity"].sort_values()
    faults = [
        *(["no voice policy allows a PSTN usage"] if allowed.empty else []),
        *(f"no route serves the PSTN usage {usage}" for usage in routeless),
        *(f"the route {route} has no gateway" for route in without_gateway),
    ]
    found = forest.merge(Series(faults, name="fault", dtype="str"), how="cross")
    return found.assign(key=found["fault"], evidence_fault=found["fault"])


@rule(
    "USR-013",
    Severity.INFO,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="CMDLET Grant-CsDialPlan, L-ADDS",
    csv="22_cs_dialplan_grant",
)
def lync_dial_plan_not_granted(
    lync_users: Annotated[DataFrame, "enterprise_voice", "dial_plan"],
    cs_dialplans: Annotated[DataFrame | None, "scope", "rules"],
) -> DataFrame:
    """No Lync dial plan was granted to {identity}: that of the pool, the site or the organization applies.

    This is no defect. Lync always has a dial plan for the organization, which can be changed and never removed. Only where the
    dial plans were supplied, and none that could apply has a single normalization rule, no number is understood as it is dialled.

    Remediation: Grant one where what applies is wrong for the user.
    Cmdlet: Grant-CsDialPlan -PolicyName
    """
    found = lync_users[lync_users["enterprise_voice"] & lync_users["dial_plan"].isna()]
    if cs_dialplans is None:
        return found
    # a list without any of these is not whole: that of the organization cannot be removed
    applying = cs_dialplans[~cs_dialplans["scope"].str.lower().str.startswith("tag:").astype(bool)]
    if applying.empty or not applying["rules"].eq(0).fillna(False).all():
        return found
    named = ", ".join(sorted(applying["scope"]))
    return found.assign(severity=Severity.HIGH.value, because=f"no normalization rule has any of {named}")


@rule("USR-014", Severity.INFO, Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL, source="SEED", csv="23_cs_voicepolicy_grant")
def voice_policy_not_granted(lync_users: Annotated[DataFrame, "enterprise_voice", "voice_policy"]) -> DataFrame:
    """No voice policy was granted to {identity}: that of the site or the organization applies.

    A voice policy is what a user may call.

    Remediation: Grant one where what applies is wrong for the user.
    Cmdlet: Grant-CsVoicePolicy -PolicyName
    """
    return lync_users[lync_users["enterprise_voice"] & lync_users["voice_policy"].isna()]


@rule("MIG-006", Severity.HIGH, Target.TEAMS_PHONE, source="H-PRE", wave=Wave.GATE)
def sip_domain_not_verified(
    forest: Annotated[DataFrame, "identity"],
    users: Annotated[DataFrame, "sip_address", ...],
    tenant_domains: Annotated[DataFrame, "domain", "verified"],
) -> DataFrame:
    """The SIP domain {domain} of {holders} users is not among the verified domains of the tenant of {identity}.

    A user can only be moved to Teams with a SIP address in a domain that the tenant has proved to own.

    Remediation: Verify the domain.
    Cmdlet: New-MgDomain; Confirm-MgDomain
    """
    # an address of invalid form is another fault, and what it ends in need not be its domain
    domains = addresses.domain(users["sip_address"][addresses.matches(users["sip_address"], addresses.SIP_ADDRESS)])
    counts = domains[~domains.isin(verified_domains(tenant_domains))].value_counts().sort_index()
    found = forest.merge(DataFrame({"domain": counts.index, "holders": counts.to_numpy()}), how="cross")
    return found.assign(key=found["domain"], evidence_domain=found["domain"])


@rule("MIG-008", Severity.HIGH, Target.TEAMS_PHONE, source="T-UPG", wave=Wave.PREREQUISITE)
def licence_missing(
    tenant_users: Annotated[DataFrame, "enterprise_voice", "usage_location", "plans"],
    teams_plans: tuple[str, ...] = TEAMS_PLANS,
    phone_plans: tuple[str, ...] = PHONE_PLANS,
) -> DataFrame:
    """In the tenant {identity} has {lacking}.

    Without licences before the move, Enterprise Voice is not turned on in Teams. Users with Enterprise Voice are judged; one
    without an account in the tenant is not.

    Remediation: Set the usage location and assign the licences before the move.
    Cmdlet: Set-MgUserLicense; Update-MgUser -UsageLocation
    """
    plans = tenant_users["plans"].fillna("").str.lower()
    lacking = {
        "no Teams plan": ~_holds(plans, teams_plans),
        "no Phone System plan": ~_holds(plans, phone_plans),
        "no usage location": tenant_users["usage_location"].isna(),
    }
    words = told(lacking, tenant_users, ", ")
    return tenant_users.assign(lacking=words)[tenant_users["enterprise_voice"] & (words != "")]


@rule("MIG-021", Severity.HIGH, Target.TEAMS_PHONE, source="CMDLET Move-CsUser", wave=Wave.GATE)
def build_too_old_to_move(
    forest: Annotated[DataFrame, "identity"],
    cs_serverversion: Annotated[DataFrame, "computer", "component", "version"],
    oldest_builds: tuple[str, ...] = OLDEST_BUILDS,
) -> DataFrame | Skipped:
    """Server {computer} of forest {identity} has build {version}, too old to move users to Teams.

    Since 31 July 2022 only servers with a recent cumulative update can move users. Each product is compared with its own oldest
    build. A server that did not answer is not in the export and not judged; nor is anything where no build is old and some, or
    all, cannot be read.

    Remediation: Install the latest cumulative update.
    Cmdlet: none; the cumulative update of the product
    """
    core = cs_serverversion[cs_serverversion["component"].str.contains("Core Components", case=False, na=False).astype(bool)]
    oldest = {build[0]: build for build in map(_build, oldest_builds) if build}
    builds = list(map(_build, core["version"].fillna("")))
    old = [bool(build and build < oldest.get(build[0], min(oldest.values()))) for build in builds]
    if not any(old) and not all(builds):
        unread = ", ".join(sorted({name for name, build in zip(core["computer"], builds, strict=True) if not build}))
        return Skipped(f"cs-serverversion.csv has no build of the Core Components that can be read, of {unread}")
    if core.empty:
        return Skipped("cs-serverversion.csv has no Core Components, whose build is that of the server")
    wrong = core.loc[old, ["computer", "version"]].drop_duplicates().sort_values(["computer", "version"])
    found = forest.merge(wrong, how="cross")
    return found.assign(
        key=found["computer"] + "/" + found["version"],
        evidence_version=found["version"],
        certainty=Certainty.LIKELY.value,
        because="the build of the Core Components is taken for that of the server",
    )


@rule("MIG-022", Severity.MEDIUM, Target.TEAMS_PHONE, source="GH-9432, H-CONS", wave=Wave.BLOCK)
def cloud_disagrees(
    teams_homes: Annotated[
        DataFrame, "enterprise_voice", "line_uri", "deployment_locator?", "teams_line", "teams_voice", "teams_home"
    ],
    teams_users: Annotated[DataFrame, "line_uri"],
) -> DataFrame:
    """Active Directory and Teams disagree about {identity}: {difference}.

    Such a user gets no number, or one that looks assigned and does not ring. Only what is told on both sides is
    compared: a line that the directory no longer has, and Enterprise Voice of a user who is not homed online in both, are as they
    should be.

    Remediation: Let synchronization run and export again; repair what still differs.
    Cmdlet: Get-CsOnlineUser; Remove-CsPhoneNumberAssignment
    """
    line, theirs = _number(teams_homes["line_uri"]), _number(teams_homes["teams_line"])
    here, there = voice.online(teams_homes), teams_homes["teams_home"].str.lower() == ONLINE
    told_here, told_there = (
        teams_homes["deployment_locator"].notna(),
        there | (teams_homes["teams_home"].str.lower() == ON_PREMISES),
    )
    held = teams_users.assign(number=_number(teams_users["line_uri"])).dropna(subset="number")
    alone = held.drop_duplicates("number", keep=False).set_index("number")["identity"]
    elsewhere = line.isin(held["number"]) & (theirs.isna() | (theirs != line))
    differences = {
        "one homes the user online, the other on-premises": told_here & told_there & (here != there),
        "their lines differ": line.notna() & theirs.notna() & (line != theirs),
        "the line is held by another account in Teams": elsewhere,
        "Enterprise Voice is off in Teams": here
        & there
        & teams_homes["enterprise_voice"]
        & teams_homes["teams_voice"].eq(False).fillna(False).astype(bool),
    }
    difference = told(differences, teams_homes, ", ")
    return teams_homes.assign(
        difference=difference,
        certainty=Certainty.LIKELY.value,
        because="the directory and the export were read at different times, and synchronization may lie between them",
        evidence_teams_line=teams_homes["teams_line"],
        evidence_teams_home=teams_homes["teams_home"],
        evidence_holder=line.map(alone),
    )[difference != ""]


@rule("MIG-024", Severity.MEDIUM, Target.TEAMS_PHONE, source="CMDLET Set-CsPhoneNumberAssignment", wave=Wave.PREREQUISITE)
def emergency_location_missing(
    users: Annotated[DataFrame, "line_uri"],
    teams_numbers: Annotated[DataFrame, "number", "number_type", "location"],
) -> DataFrame:
    """The number {line_uri} of {identity} has no emergency location in Teams, where it is of type {number_type}.

    Calling Plan and Operator Connect numbers need one before they can be assigned, in some countries. Numbers that the directory
    gives users are judged.

    Remediation: Create the location and assign the number with it.
    Cmdlet: New-CsOnlineLisCivicAddress; Set-CsPhoneNumberAssignment -LocationId
    """
    numbers = teams_numbers.assign(key=_number(teams_numbers["number"])).dropna(subset="key")
    needing = numbers[numbers["number_type"].str.lower().isin(["callingplan", "operatorconnect"]) & numbers["location"].isna()]
    types = needing.drop_duplicates("key").set_index("key")["number_type"]
    number_type = _number(users["line_uri"]).map(types)
    return users.assign(
        number_type=number_type,
        certainty=Certainty.LIKELY.value,
        because="whether a number needs an emergency location depends on its country",
    )[number_type.notna()]


def verified_domains(tenant_domains: DataFrame) -> Series:
    """The domains, in lower case, that a tenant does not say it has not verified (needs `domain`, `verified`)."""
    refused = tenant_domains["verified"].eq(False).fillna(False).astype(bool)
    return tenant_domains.loc[~refused, "domain"].str.lower()


def _values(joined: Series) -> Series:
    """The values of cells that hold several."""
    values = pd.Series(joined.dropna().str.split(JOINED).explode(), dtype="str").str.strip()
    return values[values != ""]


def _number(values: Series) -> Series:
    """Numbers as they are compared, with their extension; missing for what is none."""
    parts = addresses.number(values)
    return parts["base"].str.removeprefix("+") + ";" + parts["extension"]


def _holds(joined: Series, wanted: tuple[str, ...]) -> Series:
    """Whether each cell, in lower case, holds one of the values."""
    held = joined.str.split(JOINED).explode().str.strip().isin([value.lower() for value in wanted])
    return held.groupby(level=0).any().reindex(joined.index).astype(bool)


def _build(text: str) -> tuple[int, ...] | None:
    """The numbers of a build, so that builds compare; None for what is none."""
    parts = text.split(".")
    return tuple(map(int, parts)) if len(parts) == 4 and all(part.isdecimal() and part.isascii() for part in parts) else None
