"""UM IP gateways: one for each pool whose users need it, that Lync knows, fit for its UM dial plan and for outgoing calls."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

import numpy as np
from pandas import DataFrame, Series

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


@rule("GW-005", Severity.HIGH, Target.UM_LYNC, source="X-GW", csv="10_um_ipgateway_set", needs=Need.EXCHANGE)
def encrypted_gateway_addressed_by_ip(
    gateways: Annotated[DataFrame, "address"],
    dial_plan_gateways: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "voip_security", ...],
) -> DataFrame:
    """UM IP gateway {identity} of a secured UM dial plan is addressed by the IP address {address}.

    With TLS the peer is known by the FQDN in its certificate.

    Remediation: Address the gateway by its FQDN.
    Cmdlet: Set-UMIPGateway -Address
    """
    plans = _encrypted(gateways, dial_plan_gateways, dial_plans)
    by_ip = np.array([isinstance(address, str) and is_ip(address) for address in gateways["address"]], dtype=bool)
    return gateways.assign(because="secured are " + plans)[by_ip & plans.notna()]


@rule("GW-006", Severity.HIGH, Target.UM_LYNC, source="X-GW", csv="10_um_ipgateway_set", needs=Need.EXCHANGE)
def encrypted_gateway_on_other_port(
    gateways: Annotated[DataFrame, "port"],
    dial_plan_gateways: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "voip_security", ...],
) -> DataFrame:
    """UM IP gateway {identity} of a secured UM dial plan uses port {port}, not 5061.

    SIP over TLS is listened for on 5061. Where no port is said, as ExchUcUtil leaves it, the transport's own is taken.

    Remediation: Set the port.
    Cmdlet: Set-UMIPGateway -Port 5061
    """
    plans = _encrypted(gateways, dial_plan_gateways, dial_plans)
    right = gateways["port"].fillna(0).isin([0, topology.TLS_PORT]).astype(bool)
    return gateways.assign(because="secured are " + plans)[~right & plans.notna()]


def _encrypted(gateways: DataFrame, dial_plan_gateways: DataFrame, dial_plans: DataFrame) -> Series:
    """The names of the secured and SIP secured dial plans that each gateway leads to; missing where there are none."""
    plans = topology.encrypted_plans(dial_plans)[["dn", "identity"]].set_axis(["dial_plan", "plan_name"], axis="columns")
    return topology.listed(dial_plan_gateways.merge(plans, on="dial_plan"), "plan_name", gateways["guid"])


def is_ip(address: str) -> bool:
    """Whether an address is an IP address, in brackets or not."""
    try:
        ip_address(address.strip().strip("[]"))
    except ValueError:
        return False
    return True


@rule(
    "GW-007",
    Severity.MEDIUM,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="practice",
    needs=(Need.EXCHANGE, Need.POOL),
)
def gateway_unknown_to_lync(
    gateways: Annotated[DataFrame, "address"],
    dial_plan_gateways: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "uri_type", ...],
    pools: Annotated[DataFrame, "fqdn"],
    trusted_services: Annotated[DataFrame, "fqdn"],
) -> DataFrame:
    """UM IP gateway {identity} leads to SIP URI UM dial plans alone, but {address} is no Lync pool or trusted server.

    It is left over from a pool that is gone, or it is a PBX on a dial plan of the wrong type.

    Remediation: Find out what answers at the address; if nothing does, remove the gateway with its hunt groups.
    Cmdlet: Remove-UMHuntGroup; Remove-UMIPGateway
    """
    sip = dial_plan_gateways["dial_plan"].isin(topology.sip_uri_plans(dial_plans)["dn"])
    linked = gateways["guid"].isin(dial_plan_gateways["guid"]) & ~gateways["guid"].isin(dial_plan_gateways.loc[~sip, "guid"])
    address = gateways["address"].str.lower()
    known = address.isin(pools["fqdn"].str.lower()) | address.isin(trusted_services["fqdn"].str.lower())
    return gateways[linked & address.notna() & ~known]


@rule("GW-008", Severity.MEDIUM, Target.UM_LYNC, source="CMDLET Set-UMIPGateway", needs=Need.EXCHANGE)
def gateway_takes_no_calls(gateways: Annotated[DataFrame, "status"]) -> DataFrame:
    """UM IP gateway {identity} is {condition}.

    Whoever reaches Exchange UM through it has no voice mail.

    Remediation: Enable the gateway, or remove it where it is no longer used.
    Cmdlet: Enable-UMIPGateway
    """
    condition = gateways["status"].map(topology.GATEWAY_STATUSES)
    return gateways.assign(condition=condition)[condition.notna()]


@rule("GW-009", Severity.LOW, Target.UM_LYNC, source="practice", needs=Need.EXCHANGE)
def gateway_address_shared(gateways: Annotated[DataFrame, "address"]) -> DataFrame:
    """UM IP gateway {identity} has the address of {others} as well: {address}.

    Which of them a call belongs to cannot be told.

    Remediation: Keep one of them, and move the hunt groups of the others to it.
    Cmdlet: New-UMHuntGroup; Remove-UMHuntGroup; Remove-UMIPGateway
    """
    held = gateways[["guid", "identity"]].assign(address=gateways["address"].str.lower()).dropna(subset="address")
    pairs = held.merge(held, on="address", suffixes=("", "_of_other"))
    others = topology.listed(pairs[pairs["guid"] != pairs["guid_of_other"]], "identity_of_other", gateways["guid"])
    return gateways.assign(others=others)[others.notna()]
