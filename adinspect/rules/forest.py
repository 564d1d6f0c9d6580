"""The forest as a whole: whether Lync is there at all."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect.finding import Certainty, Severity, Target
from adinspect.profile import Elsewhere
from adinspect.rule import Need, Skipped, rule


@rule(
    "TOP-001",
    Severity.CRITICAL,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="SEED",
    needs=Need.LYNC_NOT_ELSEWHERE,
)
def pool_missing(
    forest: Annotated[DataFrame, "identity"],
    pools: Annotated[DataFrame, "dn"],
    lync_forest: Elsewhere,
) -> DataFrame:
    """Forest {identity} has no Lync or Skype for Business pool.

    At least one pool must exist before Exchange UM can be integrated with it.

    Remediation: Deploy a pool and publish the topology.
    Cmdlet: Publish-CsTopology; Enable-CsTopology
    """
    missing = (forest if pools["dn"].empty else forest.iloc[:0]).assign(evidence_pools=0)
    if lync_forest is Elsewhere.THIS:
        return missing
    return missing.assign(
        certainty=Certainty.LIKELY.value,
        because="Lync may live in another forest: lync_forest of the profile does not say that it is this one",
    )


@rule("TOP-002", Severity.CRITICAL, source="SEED")
def lync_schema_missing(
    forest: Annotated[DataFrame, "identity"],
    schema_attributes: Annotated[DataFrame, "attribute"],
    lync_forest: Elsewhere,
) -> DataFrame | Skipped:
    """The schema of forest {identity} lacks msRTCSIP-Line: it was never extended for Lync or Skype for Business.

    Without that attribute Exchange UM cannot put a name to a caller of another UM dial plan, unless users who are not enabled
    for UM have EUM proxy addresses.

    Remediation: Extend the schema, or add EUM proxy addresses to the users who have no UM extension.
    Cmdlet: Install-CsAdServerSchema; Set-Mailbox -SecondaryAddress -SecondaryDialPlan
    """
    known = schema_attributes["attribute"].str.lower()
    if known.empty:
        return Skipped("no attribute of the schema was read, and every schema has some")
    missing = forest.iloc[:0] if known.eq("msrtcsip-line").any() else forest
    severity = Severity.INFO if lync_forest is Elsewhere.OTHER else Severity.CRITICAL
    return missing.assign(severity=severity.value, evidence_missing="msRTCSIP-Line")
