"""UM hunt groups: whether each leads a call from its gateway to the right UM dial plan, by the name that Lync dials."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pandas import DataFrame, Series

from adinspect import addresses, distinguished_name, topology
from adinspect.finding import Certainty, Severity, Target
from adinspect.rule import Need, rule
from adinspect.wording import told

INVALID_NAME = r"""(?s:.*)["/\\\[\]:;|=,+*?<>](?s:.*)"""
"""A name with a character that a hunt group's may not have (Exchange 2013 help, "Create a UM hunt group")."""


@rule(
    "HG-001",
    Severity.HIGH,
    Target.UM_LYNC,
    source="SEED, X-HG",
    csv=("09_um_huntgroup_remove", "11_um_huntgroup_new"),
    needs=Need.EXCHANGE,
)
def hunt_group_orphaned(
    hunt_groups: Annotated[DataFrame, "gateway", "dial_plan"],
    dial_plans: Annotated[DataFrame, "dn"],
) -> DataFrame:
    """UM hunt group {identity} of UM IP gateway {gateway_name} leads to no UM dial plan that exists.

    A call that reaches the gateway for its pilot identifier has nowhere to go. A hunt group cannot be edited.

    Remediation: Delete the hunt group and create it again on the SIP URI UM dial plan.
    Cmdlet: Remove-UMHuntGroup; New-UMHuntGroup
    """
    orphaned = hunt_groups[~hunt_groups["dial_plan"].isin(dial_plans["dn"])]
    return orphaned.assign(gateway_name=_gateway_names(orphaned))


@rule("HG-002", Severity.LOW, Target.UM_LYNC, source="SEED", needs=(Need.EXCHANGE, Need.POOL))
def pilot_not_dialled(
    hunt_groups: Annotated[DataFrame, "name", "gateway", "pilot", "dial_plan"],
    gateways: Annotated[DataFrame, "address"],
    pools: Annotated[DataFrame, "fqdn", ...],
    dial_plans: Annotated[DataFrame, "name", "uri_type", "phone_context"],
) -> DataFrame:
    """Pilot identifier {answered} of UM hunt group {identity} on UM IP gateway {gateway_name} is not what Lync dials.

    Lync calls Exchange UM by the name of the UM dial plan at its creation, the first label of its phone context.

    Remediation: Delete the hunt group and create it again with the pilot identifier that Lync dials.
    Cmdlet: Remove-UMHuntGroup; New-UMHuntGroup -PilotIdentifier
    """
    lync = hunt_groups[hunt_groups["gateway"].isin(topology.lync_gateways(gateways, pools)["dn"])]
    plans = topology.sip_uri_plans(dial_plans)[["dn", "name", "phone_context"]]
    linked = lync.merge(plans.rename(columns={"dn": "dial_plan", "name": "dial_plan_name"}), on="dial_plan")
    label = linked["phone_context"].str.replace(r"\.(?s:.*)", "", regex=True)
    # A hunt group without a pilot identifier answers to its own name.
    answered = linked["pilot"].fillna(linked["name"])
    dialled = [answered.str.lower() == name.str.lower() for name in (label, linked["phone_context"], linked["dial_plan_name"])]
    wrong = ~(dialled[0] | dialled[1] | dialled[2])
    because = "Lync dials " + label.fillna(linked["dial_plan_name"])
    return linked.assign(answered=answered, gateway_name=_gateway_names(linked), because=because)[wrong]


def _gateway_names(hunt_groups: DataFrame) -> Series:
    """The name of each hunt group's gateway, for hunt groups of different gateways are all named after their dial plan."""
    return hunt_groups["gateway"].map(distinguished_name.rdn_value, na_action="ignore")


@rule(
    "HG-003",
    Severity.HIGH,
    Target.UM_LYNC,
    source="SEED",
    csv="11_um_huntgroup_new",
    needs=(Need.EXCHANGE, Need.POOL),
)
def lync_gateway_astray(
    gateways: Annotated[DataFrame, "address"],
    pools: Annotated[DataFrame, "fqdn", ...],
    dial_plan_gateways: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "uri_type"],
) -> DataFrame:
    """UM IP gateway {identity}, which stands for Lync pool {address}, does not lead to SIP URI UM dial plans alone.

    The gateway of a Lync pool needs a hunt group on the SIP URI dial plan, and none on a dial plan of another type.

    Remediation: Create the hunt group on the SIP URI UM dial plan, and delete those on other dial plans.
    Cmdlet: New-UMHuntGroup; Remove-UMHuntGroup
    """
    lync = topology.lync_gateways(gateways, pools)
    sip = dial_plan_gateways["dial_plan"].isin(topology.sip_uri_plans(dial_plans)["dn"])
    right = lync["guid"].isin(dial_plan_gateways.loc[sip, "guid"])
    others = topology.other_plans(dial_plans)[["dn", "identity"]]
    astray = dial_plan_gateways.merge(others.rename(columns={"dn": "dial_plan", "identity": "name"}), on="dial_plan")
    names = topology.listed(astray, "name", lync["guid"])
    because = ("it leads to other UM dial plans: " + names).fillna("no hunt group of it leads to a SIP URI UM dial plan")
    return lync.assign(because=because)[~right | names.notna()]


@rule("HG-004", Severity.HIGH, Target.UM_LYNC, source="X-HG", needs=Need.EXCHANGE)
def pilot_shared(hunt_groups: Annotated[DataFrame, "name", "gateway", "pilot"]) -> DataFrame:
    """Hunt group {identity} on UM IP gateway {gateway_name} cannot be told from others, or has a name that Exchange refuses.

    A pilot identifier is how the calls of one gateway are told apart: of two hunt groups with the same one, either may answer.

    Remediation: Delete the hunt group and create it again, with a pilot identifier of its own and a valid name.
    Cmdlet: Remove-UMHuntGroup; New-UMHuntGroup
    """
    group = ["gateway", "answered"]
    answered = hunt_groups.assign(answered=hunt_groups["pilot"].str.lower().fillna(""))[hunt_groups["gateway"].notna()]
    pairs = answered.merge(answered, on=group, suffixes=("", "_of_other"))
    others = topology.listed(pairs[pairs["guid"] != pairs["guid_of_other"]], "identity_of_other", hunt_groups["guid"])
    named, bare = others.notna() & hunt_groups["pilot"].notna(), others.notna() & hunt_groups["pilot"].isna()
    invalid = addresses.matches(hunt_groups["name"], INVALID_NAME)
    faults = {
        "it has the pilot identifier of ": named,
        "it has no pilot identifier, nor has ": bare,
    }
    shared = told(faults, hunt_groups) + others.fillna("")
    because = (
        shared + np.where((shared != "") & invalid, "; ", "") + np.where(invalid, "a character of its name is not allowed", "")
    )
    # Without a pilot identifier, a hunt group may answer to its own name alone: then the two are told apart after all.
    unsure = bare & ~invalid
    return hunt_groups.assign(
        gateway_name=_gateway_names(hunt_groups),
        certainty=np.where(unsure, Certainty.LIKELY.value, Certainty.CERTAIN.value),
        because=because + np.where(unsure, ": each may answer to its own name alone", ""),
    )[others.notna() | invalid]
