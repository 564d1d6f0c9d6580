"""UM auto attendants: whether each SIP URI UM dial plan has one, and whether Lync can reach each."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pandas import DataFrame

from adinspect import addresses, topology
from adinspect.finding import Severity, Target
from adinspect.profile import Elsewhere
from adinspect.rule import Need, rule


@rule("AA-001", Severity.HIGH, Target.UM_LYNC, source="L-UMX", needs=Need.EXCHANGE)
def auto_attendant_name_with_space(
    auto_attendants: Annotated[DataFrame, "name", "dial_plan"],
    dial_plans: Annotated[DataFrame, "uri_type"],
) -> DataFrame:
    """The name of UM auto attendant {identity} contains a space.

    Lync takes the auto attendant's name for a part of an address: it must have no space. Auto attendants of UM dial plans that
    Lync does not reach may have any name.

    Remediation: Create the auto attendant again under a name without spaces, and delete this one.
    Cmdlet: New-UMAutoAttendant; Remove-UMAutoAttendant
    """
    elsewhere = auto_attendants["dial_plan"].isin(topology.other_plans(dial_plans)["dn"])
    return auto_attendants[addresses.matches(auto_attendants["name"], r"(?s:.*)[\s\p{Z}](?s:.*)") & ~elsewhere]


@rule("AA-002", Severity.MEDIUM, Target.UM_LYNC, source="L-L2UM", needs=Need.EXCHANGE)
def auto_attendant_unreachable(
    auto_attendants: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "uri_type"],
    pools: Annotated[DataFrame, "dn", ...],
    lync_forest: Elsewhere,
) -> DataFrame:
    """UM auto attendant {identity} belongs to no UM dial plan through which Lync could reach it.

    Calls from Lync arrive through SIP URI UM dial plans only.

    Remediation: Create the auto attendant again on the SIP URI UM dial plan.
    Cmdlet: New-UMAutoAttendant -UMDialPlan
    """
    with_lync = not pools["dn"].empty or lync_forest is Elsewhere.OTHER
    plan = auto_attendants["dial_plan"]
    because = np.select(
        [plan.isna(), ~plan.isin(dial_plans["dn"]), plan.isin(topology.other_plans(dial_plans)["dn"]) & with_lync],
        ["it names no UM dial plan", "its UM dial plan does not exist", "its UM dial plan is not a SIP URI one"],
        default="",
    )
    return auto_attendants.assign(because=because)[because != ""]


@rule("AA-003", Severity.HIGH, Target.UM_LYNC, source="L-L2UM", needs=Need.EXCHANGE)
def auto_attendant_number_unusable(
    auto_attendants: Annotated[DataFrame, "dial_plan"],
    auto_attendant_numbers: Annotated[DataFrame, "number"],
    dial_plans: Annotated[DataFrame, "uri_type"],
) -> DataFrame:
    """UM auto attendant {identity} has {fault}.

    OcsUmUtil makes the contact that Lync dials from an E.164 number. An auto attendant that only others lead to, such as a
    sub-menu, needs no number.

    Remediation: Set an E.164 number.
    Cmdlet: Set-UMAutoAttendant -PilotIdentifierList
    """
    invalid = ~addresses.matches(auto_attendant_numbers["number"], addresses.E164)
    wrong = topology.listed(auto_attendant_numbers[invalid], "number", auto_attendants["guid"])
    without = ~auto_attendants["guid"].isin(auto_attendant_numbers["guid"])
    sip = auto_attendants["dial_plan"].isin(topology.sip_uri_plans(dial_plans)["dn"])
    return auto_attendants.assign(
        fault=np.where(without, "no number", "a number that is not E.164"),
        severity=np.where(without, Severity.INFO.value, Severity.HIGH.value),
        because="not E.164: " + wrong,
        evidence_wrong_numbers=wrong,
    )[without | (sip & wrong.notna())]


@rule("AA-004", Severity.INFO, Target.UM_LYNC, source="SEED", needs=Need.EXCHANGE)
def dial_plan_without_auto_attendant(
    dial_plans: Annotated[DataFrame, "uri_type"],
    auto_attendants: Annotated[DataFrame, "dial_plan"],
) -> DataFrame:
    """SIP URI UM dial plan {identity} has no auto attendant.

    Nobody answers callers of a main number there. Exchange creates an auto attendant disabled: one that exists need not be on.

    Remediation: Create and enable one, if it is wanted.
    Cmdlet: New-UMAutoAttendant; Enable-UMAutoAttendant
    """
    plans = topology.sip_uri_plans(dial_plans)
    return plans[~plans["dn"].isin(auto_attendants["dial_plan"])]
