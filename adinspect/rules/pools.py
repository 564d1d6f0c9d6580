"""What Lync needs besides a pool to reach the telephone network: a Mediation Server and a gateway."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect.finding import Certainty, Severity, Target
from adinspect.rule import Need, rule

MEDIATION_SERVER, GATEWAY = "mediationserver", "gateway"
"""Values of msRTCSIP-TrustedServiceType, in lower case (Lync Server 2013, "Active Directory schema attributes")."""


@rule(
    "POOL-001",
    Severity.HIGH,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="SEED, L-SCHEMA",
    needs=Need.POOL,
)
def mediation_server_missing(
    forest: Annotated[DataFrame, "identity"],
    trusted_services: Annotated[DataFrame, "service_type"],
) -> DataFrame:
    """No Mediation Server is declared to Lync in forest {identity}.

    Without one, Lync exchanges no call with a gateway and so with the telephone network.

    Remediation: Deploy a Mediation Server and publish the topology.
    Cmdlet: Publish-CsTopology; Enable-CsTopology
    """
    return _without(forest, trusted_services, MEDIATION_SERVER)


@rule(
    "POOL-002",
    Severity.MEDIUM,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="SEED, L-SCHEMA",
    needs=Need.POOL,
)
def pstn_gateway_missing(
    forest: Annotated[DataFrame, "identity"],
    trusted_services: Annotated[DataFrame, "service_type"],
) -> DataFrame:
    """No gateway to the telephone network is declared to Lync in forest {identity}.

    Calls leave and enter Lync through a media gateway or session border controller that it trusts.

    Remediation: Declare the gateway and its trunk, and publish the topology.
    Cmdlet: Publish-CsTopology; New-CsTrunkConfiguration
    """
    return _without(forest, trusted_services, GATEWAY).assign(
        certainty=Certainty.LIKELY.value,
        because="that Active Directory names every media gateway is not confirmed: see Get-CsService -PstnGateway",
    )


def _without(forest: DataFrame, trusted_services: DataFrame, kind: str) -> DataFrame:
    there = trusted_services["service_type"].str.lower().eq(kind).any()
    return (forest.iloc[:0] if there else forest).assign(evidence_trusted_services=len(trusted_services))
