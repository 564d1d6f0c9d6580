"""UM IP gateways: one for each pool whose users need it, joined to a UM dial plan, and one of them for outgoing calls."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect import topology, voice
from adinspect.finding import Severity, Target
from adinspect.rule import Need, rule


@rule("GW-001", Severity.CRITICAL, Target.UM_LYNC, source="SEED", needs=(Need.EXCHANGE, Need.POOL))
def pool_without_gateway(
    pools: Annotated[DataFrame, "fqdn"],
    pool_services: Annotated[DataFrame, "pool"],
    users: Annotated[
        DataFrame, "object_class", "pool_service", "sip_enabled", "enterprise_voice", "um_enabled", "deployment_locator?", ...
    ],
    gateways: Annotated[DataFrame, "address"],
) -> DataFrame:
    """Lync pool {fqdn} has no UM IP gateway, and is home of users with Enterprise Voice and UM: {users}.

    Exchange UM takes calls from, and gives them to, the gateways it knows: each pool or Standard Edition server that hosts
    Enterprise Voice users needs one.

    Remediation: Create the gateway and its hunt group, or run ExchUcUtil.ps1, which deletes and recreates the hunt groups of
    all Lync gateways and resets outgoing calls: apply 10_um_ipgateway_set again afterwards.
    Cmdlet: New-UMIPGateway; New-UMHuntGroup, or ExchUcUtil.ps1
    """
    here = users["sip_enabled"].fillna(False).astype(bool) & ~voice.online(users) & ~voice.mailbox_elsewhere(users)
    calling = users[here & users["enterprise_voice"] & users["um_enabled"]]
    homes = calling["pool_service"].map(pool_services.set_index("dn")["pool"])
    count = pools["dn"].map(homes.value_counts()).fillna(0).astype(int)
    # A pool without an FQDN cannot be compared with an address; that is another fault than a missing gateway.
    reached = pools["fqdn"].isna() | pools["fqdn"].str.lower().isin(gateways["address"].str.lower())
    return pools.assign(users=count, evidence_fqdn=pools["fqdn"], evidence_users=count)[(count > 0) & ~reached]


@rule("GW-002", Severity.HIGH, Target.UM_LYNC, source="SEED, L-UMX", csv="10_um_ipgateway_set", needs=Need.EXCHANGE)
def outgoing_calls_impossible(
    dial_plans: Annotated[DataFrame, "uri_type"],
    dial_plan_gateways: Annotated[DataFrame, "dial_plan"],
    gateways: Annotated[DataFrame, "outgoing_calls_allowed"],
) -> DataFrame:
    """No UM IP gateway of SIP URI UM dial plan {identity} allows outgoing calls.

    Exchange UM places its calls, such as Play on Phone, through a gateway that allows them. One must; a single one must too.

    Remediation: Allow outgoing calls on the chosen gateway.
    Cmdlet: Set-UMIPGateway -OutcallsAllowed $true
    """
    plans = topology.sip_uri_plans(dial_plans)
    linked = plans["dn"].isin(dial_plan_gateways["dial_plan"])
    return plans[linked & ~plans["dn"].isin(_allowing(dial_plan_gateways, gateways)["dial_plan"])]


@rule("GW-003", Severity.HIGH, Target.UM_LYNC, source="SEED, L-UMX", csv="10_um_ipgateway_set", needs=Need.EXCHANGE)
def outgoing_calls_scattered(
    dial_plans: Annotated[DataFrame, "uri_type"],
    dial_plan_gateways: Annotated[DataFrame, "dial_plan"],
    gateways: Annotated[DataFrame, "outgoing_calls_allowed"],
) -> DataFrame:
    """{outgoing} UM IP gateways of SIP URI UM dial plan {identity} allow outgoing calls, instead of one.

    Beside Lync, outgoing calls are to be off on every gateway but one, those made before ExchUcUtil ran included.

    Remediation: Keep one, that of the busiest pool and never a Director or a remote or branch pool; disallow outgoing calls on
    the others.
    Cmdlet: Set-UMIPGateway -OutcallsAllowed $false
    """
    plans = topology.sip_uri_plans(dial_plans)
    allowing = _allowing(dial_plan_gateways, gateways)
    count = plans["dn"].map(allowing["dial_plan"].value_counts()).fillna(0).astype(int)
    names = topology.listed(allowing, "identity", plans["dn"], by="dial_plan")
    return plans.assign(outgoing=count, because="allowed on " + names, evidence_outgoing=names)[count > 1]


def _allowing(dial_plan_gateways: DataFrame, gateways: DataFrame) -> DataFrame:
    return dial_plan_gateways[dial_plan_gateways["guid"].isin(gateways.loc[gateways["outgoing_calls_allowed"], "guid"])]


@rule("GW-004", Severity.MEDIUM, Target.UM_LYNC, source="X-GW", needs=Need.EXCHANGE)
def gateway_unlinked(
    gateways: Annotated[DataFrame, "dn"],
    dial_plan_gateways: Annotated[DataFrame, "dn"],
) -> DataFrame:
    """UM IP gateway {identity} leads to no UM dial plan.

    It is a dead object, yet its setting for outgoing calls still counts.

    Remediation: Create a hunt group on it, or remove the gateway.
    Cmdlet: New-UMHuntGroup, or Remove-UMIPGateway
    """
    return gateways[~gateways["dn"].isin(dial_plan_gateways["dn"])]
