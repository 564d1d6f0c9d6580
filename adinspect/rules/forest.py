"""The forest as a whole: whether it can be read, whether Lync is there, and whether Lync and Exchange UM know of each other."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Annotated

from pandas import DataFrame

from adinspect import access, addresses, voice
from adinspect.finding import Certainty, Severity, Target, Wave
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


@rule("TOP-003", Severity.HIGH, source="method rule")
def mandatory_attribute_hidden(
    forest: Annotated[DataFrame, "identity"],
    dial_plans: Annotated[DataFrame, "phone_context!", "uri_type!", ...],
    users: Annotated[DataFrame, "object_class", "sam_account_name!", "sid!", ...],
) -> DataFrame:
    """Of {seen} {what} seen in forest {identity} not one shows {attribute}, which each of them must have.

    A directory leaves out, without an error, what an account may not read: where a value that must be there is not, nothing that
    is absent beside it can be trusted to be.

    Remediation: Collect with an account that may read the configuration of Exchange and the UM and Lync attributes of users; have
    the attribute exported too, where it is an export.
    Cmdlet: Add-ADGroupMember "Delegated Setup"; Add-ADGroupMember RTCUniversalReadOnlyAdmins
    """
    accounts = users[~voice.mailbox_elsewhere(users)]
    looked_at = [
        ("UM dial plans", "msExchUMPhoneContext", dial_plans["phone_context"]),
        ("UM dial plans", "msExchUMDialPlanURIType", dial_plans["uri_type"]),
        ("users", "sAMAccountName", accounts["sam_account_name"]),
        ("users", "objectSid", accounts["sid"]),
    ]
    hidden = [(what, attribute, len(values)) for what, attribute, values in looked_at if len(values) and values.isna().all()]
    found = forest.merge(DataFrame(hidden, columns=["what", "attribute", "seen"]), how="cross")
    return found.assign(key=found["attribute"], evidence_attribute=found["attribute"], evidence_seen=found["seen"])


@rule("TOP-004", Severity.HIGH, source="L-SCHEMA", wave=Wave.GATE, needs=Need.POOL)
def sip_domain_undeclared(
    forest: Annotated[DataFrame, "identity"],
    users: Annotated[DataFrame, "sip_address", "sip_enabled", ...],
    sip_domains: Annotated[DataFrame, "domain"],
) -> DataFrame | Skipped:
    """SIP domain {sip_domain}, in which {users} Lync users have their address, is not declared to Lync in forest {identity}.

    A user whose SIP domain is not declared cannot register.

    Remediation: Declare the SIP domain, or give these users addresses in one that is.
    Cmdlet: New-CsSipDomain; Enable-CsTopology; Set-CsUser -SipAddress
    """
    declared = sip_domains["domain"].dropna().str.strip().str.lower()
    if declared.empty:
        return Skipped("no SIP domain of Lync is kept in this directory")
    enabled = users.loc[users["sip_enabled"].fillna(False).astype(bool), "sip_address"]
    # An address of invalid form is another fault, and what it ends in need not be its domain.
    domains = enabled[addresses.matches(enabled, addresses.SIP_ADDRESS)].str.lower().str.replace(r"^[^@]*@", "", regex=True)
    count = domains[~domains.isin(declared)].value_counts().rename_axis("sip_domain").rename("users").reset_index()
    found = forest.merge(count.sort_values("sip_domain"), how="cross")
    return found.assign(key=found["sip_domain"], evidence_sip_domain=found["sip_domain"], evidence_users=found["users"])


LYNC_GROUPS = ("RTCUniversalServerAdmins", "RTCComponentUniversalServices")
"""The groups that ExchUcUtil.ps1 lets read the containers of Exchange UM (sAMAccountName)."""

UM_CONTAINERS = ("UM DialPlan Container", "UM AutoAttendant Container", "Administrative Groups")
"""Containers of the organization whose contents those groups are let list and read (ExchUcUtil.ps1)."""

EVERYBODY = ("S-1-1-0", "S-1-5-11")
"""Everyone and Authenticated Users ([MS-DTYP] 2.4.2.4)."""


@rule(
    "TOP-005",
    Severity.HIGH,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="SEED",
    needs=(Need.EXCHANGE, Need.POOL, Need.LYNC_NOT_ELSEWHERE),
)
def um_hidden_from_lync(
    forest: Annotated[DataFrame, "identity"],
    organization: Annotated[DataFrame, "dn"],
    containers: Annotated[DataFrame, "name", "container", "dacl", ...],
    groups: Annotated[DataFrame, "sam_account_name", "sid"],
) -> DataFrame | Skipped:
    """Not every permission that Lync's server groups need on the containers of Exchange UM is given in forest {identity}.

    ExchUcUtil.ps1 gives them. Without them, Lync does not find the UM dial plans and auto attendants it is to call.

    Remediation: Run ExchUcUtil.ps1, which deletes and recreates the hunt groups of all Lync gateways and resets outgoing calls:
    apply 10_um_ipgateway_set again afterwards. Then restart the Lync Front-End service (rtcsrv).
    Cmdlet: ExchUcUtil.ps1
    """
    known = {
        name: list(groups.loc[groups["sam_account_name"].str.lower() == name.lower(), "sid"].dropna()) for name in LYNC_GROUPS
    }
    if not any(known.values()):
        return Skipped("the server groups of Lync are not in this forest: those of another one cannot be told by name")
    needed = list(_needed(organization, containers))
    if not needed:
        return Skipped("the access list of no container of Exchange UM was seen")
    lacking = [
        (f"{name} on {container}", all(_lacks(dacl, sid, rights) for sid in EVERYBODY))
        for container, dacl, rights in needed
        for name, sids in known.items()
        if sids and all(_lacks(dacl, sid, rights) for sid in sids)
    ]
    texts = ", ".join(text for text, _ in lacking)
    # What everybody may read those groups may read too, whether or not ExchUcUtil.ps1 ever ran.
    certain = any(alone for _, alone in lacking)
    open_to_all = "" if certain else "; everybody who signs in has it there, and Lync's servers with them"
    return (forest if lacking else forest.iloc[:0]).assign(
        certainty=(Certainty.CERTAIN if certain else Certainty.LIKELY).value,
        because=f"no permission of its own has {texts}{open_to_all}",
        evidence_without_permission=texts,
    )


def _needed(organization: DataFrame, containers: DataFrame) -> Iterator[tuple[str, access.Dacl, int]]:
    """The containers whose access list can be read: name, list, and the rights that are needed on it."""
    below = containers["container"].isin(organization["dn"]) & containers["name"].str.lower().isin(_lower(UM_CONTAINERS))
    listed, read = access.LIST_CONTENTS, access.LIST_CONTENTS | access.READ_PROPERTY
    parts = [(containers[containers["dn"].isin(organization["dn"])], listed), (containers[below], read)]
    for rows, rights in parts:
        for name, descriptor in zip(rows["name"], rows["dacl"], strict=True):
            if isinstance(descriptor, str):
                try:
                    yield name, access.parse_dacl(base64.b64decode(descriptor)), rights
                except ValueError:
                    continue


def _lower(names: tuple[str, ...]) -> list[str]:
    return [name.lower() for name in names]


def _lacks(dacl: access.Dacl, sid: str, rights: int) -> bool:
    return access.grants(dacl, sid) & rights != rights
