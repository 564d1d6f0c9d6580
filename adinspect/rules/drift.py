"""DRF: what changed since an earlier snapshot and is seldom meant: numbers, voice, homes, security, outgoing calls, deletions."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect import addresses
from adinspect.finding import Severity
from adinspect.rule import rule

LINES = ("line_uri", "private_line")

SAFER = {"2": 0, "1": 1, "3": 2}
"""VoIP security of a UM dial plan, the safest last: unsecured, SIP secured, secured (signalling and media)."""

VOIP_SECURITY = {"1": "SIP secured", "2": "unsecured", "3": "secured"}

CONFIGURED = (
    "dial_plans",
    "gateways",
    "hunt_groups",
    "auto_attendants",
    "mailbox_policies",
    "call_routers",
    "pools",
    "pool_services",
    "trusted_services",
    "sip_domains",
    "lync_servers",
)
"""Tables whose objects administrators make and delete, and calls depend on."""


@rule("DRF-001", Severity.MEDIUM, source="practice")
def number_reassigned(changes: Annotated[DataFrame, "kind", "table", "column", "old", "new"]) -> DataFrame:
    """{identity} has the number {new} now, which {before} had before.

    Callers who know the number reach somebody else, and voice mail that waits for the first one is not passed on.

    Remediation: Ask who gave the number away. If nobody meant it, give it back and find what wrote it.
    Cmdlet: Set-CsUser -LineURI
    """
    lines = _changed(changes, "users", *LINES)
    given, taken = lines.dropna(subset="new"), lines.dropna(subset="old")
    had = taken.assign(number=_number(taken["old"]))[["number", "guid", "identity"]].sort_values(["number", "identity"])
    now = given.assign(number=_number(given["new"])).reset_index()
    pairs = now.dropna(subset="number").merge(had, on="number", suffixes=("", "_before"))
    pairs = pairs[pairs["guid"] != pairs["guid_before"]]
    before = pairs.groupby("index")["identity_before"].agg(", ".join)
    found = given.loc[before.index]
    return found.assign(before=before, key=found["column"], evidence_number=found["new"], evidence_before=before)


@rule("DRF-002", Severity.HIGH, source="practice")
def enterprise_voice_switched_off(changes: Annotated[DataFrame, "kind", "table", "column", "new"]) -> DataFrame:
    """Enterprise Voice of {identity} was switched off.

    The user can neither call nor be called outside the organization.

    Remediation: Ask who switched it off. If nobody meant it, switch it on again and find what wrote it.
    Cmdlet: Set-CsUser -EnterpriseVoiceEnabled $true
    """
    voice = _changed(changes, "users", "enterprise_voice")
    return voice[voice["new"] == "false"]


@rule("DRF-003", Severity.LOW, source="practice")
def home_pool_changed(changes: Annotated[DataFrame, "kind", "table", "column", "old", "new"]) -> DataFrame:
    """{identity} moved from pool service {old} to {new}.

    Exchange UM calls a user through the gateway of the home pool; a move that nobody planned is often half of one.

    Remediation: See that the pool is meant, and that a UM IP gateway for it exists.
    Cmdlet: Get-CsUser; Move-CsUser
    """
    homes = _changed(changes, "users", "pool_service")
    return homes[homes["old"].notna() & homes["new"].notna()]


@rule("DRF-004", Severity.HIGH, source="practice, X-DP")
def security_lowered(changes: Annotated[DataFrame, "kind", "table", "column", "old", "new"]) -> DataFrame:
    """VoIP security of UM dial plan {identity} was lowered from {before} to {after}.

    Calls of the plan's users go over the network less protected than before, and a peer that asks for more is refused.

    Remediation: Ask who lowered it. If nobody meant it, set it again, after the startup mode of the plan's servers allows it.
    Cmdlet: Set-UMDialPlan -VoIPSecurity
    """
    plans = _changed(changes, "dial_plans", "voip_security")
    plans = plans[plans["old"].map(SAFER) > plans["new"].map(SAFER)]
    return plans.assign(before=plans["old"].map(VOIP_SECURITY), after=plans["new"].map(VOIP_SECURITY))


@rule("DRF-005", Severity.MEDIUM, source="practice, L-UMX")
def outgoing_calls_switched(changes: Annotated[DataFrame, "kind", "table", "column", "new"]) -> DataFrame:
    """Outgoing calls through UM IP gateway {identity} were switched {switched}.

    Exchange UM is to place its calls through one gateway. A run of ExchUcUtil.ps1 allows them on every pool again.

    Remediation: Keep them allowed on one gateway: apply 10_um_ipgateway_set again where ExchUcUtil ran, which deletes and
    recreates the hunt groups of all Lync gateways and resets outgoing calls.
    Cmdlet: Set-UMIPGateway -OutcallsAllowed
    """
    gateways = _changed(changes, "gateways", "outgoing_calls_allowed")
    return gateways.assign(switched=gateways["new"].map({"true": "on", "false": "off"}))


@rule("DRF-006", Severity.HIGH, source="practice")
def configuration_deleted(changes: Annotated[DataFrame, "kind", "table"]) -> DataFrame:
    """{identity} ({what}) was deleted.

    What linked to it leads nowhere now, and calls that took that way end.

    Remediation: Ask who deleted it. If nobody meant it, make it again, and set what linked to it.
    Cmdlet: New-UMDialPlan; New-UMIPGateway; New-UMHuntGroup; New-UMAutoAttendant; New-UMMailboxPolicy; Publish-CsTopology
    """
    gone = changes[(changes["kind"] == "removed") & changes["table"].isin(CONFIGURED)]
    return gone.assign(what=gone["table"].str.replace("_", " ").str.removesuffix("s"), evidence_dn=gone["dn"])


def _number(lines: Series) -> Series:
    """Lines as they are compared: the number and its extension, however spelt; missing for what is no number."""
    parts = addresses.number(lines)
    return parts["base"] + ";" + parts["extension"]


def _changed(changes: DataFrame, table: str, *columns: str) -> DataFrame:
    return changes[(changes["kind"] == "changed") & (changes["table"] == table) & changes["column"].isin(columns)]
