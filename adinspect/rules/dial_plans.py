"""UM dial plans: whether there is a SIP URI one, and whether each can take calls, serve users and be told apart."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pandas import DataFrame, Series

from adinspect import addresses, topology
from adinspect.finding import Certainty, Severity, Target
from adinspect.membership import among
from adinspect.rule import Need, rule

MOST_GATEWAYS = 200
"""Gateways of one UM dial plan with which the UM service still starts (Exchange 2013 help, "Create a UM IP gateway")."""

REQUIRED, REFUSED = "requireencryption", "donotsupportencryption"
"""Levels of media encryption in Lync, in lower case (Set-CsMediaConfiguration, EncryptionLevel)."""


@rule("DP-001", Severity.CRITICAL, Target.UM_LYNC, source="SEED", needs=Need.EXCHANGE)
def sip_dial_plan_missing(
    forest: Annotated[DataFrame, "identity"],
    dial_plans: Annotated[DataFrame, "uri_type"],
) -> DataFrame:
    """Forest {identity} has no SIP URI UM dial plan.

    Lync reaches Exchange UM through SIP URI dial plans only.

    Remediation: Create one SIP URI UM dial plan for each Lync dial plan (location profile).
    Cmdlet: New-UMDialPlan -URIType SipName -VoIPSecurity Secured
    """
    missing = forest if topology.sip_uri_plans(dial_plans).empty else forest.iloc[:0]
    return missing.assign(evidence_other_um_dial_plans=len(dial_plans))


@rule("DP-002", Severity.HIGH, Target.UM_LYNC, source="SEED, X-DP", csv="14_um_dialplan_set", needs=Need.EXCHANGE)
def sip_dial_plan_unsecured(dial_plans: Annotated[DataFrame, "uri_type", "voip_security"]) -> DataFrame:
    """SIP URI UM dial plan {identity} is unsecured.

    Lync talks to Exchange UM over TLS: the dial plan must be SIP secured or secured, and Exchange creates it unsecured.

    Remediation: Set VoIPSecurity to Secured, once every server and call router of the dial plan has a certificate and starts in
    Dual mode.
    Cmdlet: Set-UMDialPlan -VoIPSecurity Secured
    """
    plans = topology.sip_uri_plans(dial_plans)
    unset = plans["voip_security"].isna()
    return plans.assign(
        certainty=np.where(unset, Certainty.LIKELY.value, Certainty.CERTAIN.value),
        because=np.where(unset, "msExchUMDialPlanVoipSecurity is not set; Exchange's default is Unsecured", ""),
    )[plans["voip_security"].fillna(topology.UNSECURED) == topology.UNSECURED]


@rule("DP-003", Severity.CRITICAL, Target.UM_LYNC, source="SEED", csv="14_um_dialplan_set", needs=Need.EXCHANGE)
def sip_secured_dial_plan_refused(
    dial_plans: Annotated[DataFrame, "uri_type", "voip_security"],
    cs_media: Annotated[DataFrame | None, "scope", "encryption_level"],
) -> DataFrame:
    """SIP URI UM dial plan {identity} is SIP secured: a Lync pool that requires encryption refuses its media.

    SIP secured encrypts the signalling alone. With a pool that requires encryption, every call from it to Exchange UM fails with
    "Incompatible security setting"; Lync Phone Edition needs secured.

    Remediation: Set VoIPSecurity to Secured, or let the pool support encryption rather than require it.
    Cmdlet: Set-UMDialPlan -VoIPSecurity Secured; Set-CsMediaConfiguration -EncryptionLevel SupportEncryption
    """
    plans = topology.sip_uri_plans(dial_plans)
    plans = plans[plans["voip_security"].eq(topology.SIP_SECURED).fillna(False).astype(bool)]
    levels = _levels(cs_media)
    if levels.empty:
        because = "the directory does not tell what the pools require; RequireEncryption is Lync's default"
        return plans.assign(severity=Severity.HIGH.value, certainty=Certainty.LIKELY.value, because=because)
    severity = Severity.CRITICAL if levels.eq(REQUIRED).all() else Severity.HIGH
    return _demanded(plans, levels, REQUIRED).assign(severity=severity.value)


@rule("DP-004", Severity.HIGH, Target.UM_LYNC, source="SEED", csv="14_um_dialplan_set", needs=Need.EXCHANGE)
def secured_dial_plan_refused(
    dial_plans: Annotated[DataFrame, "uri_type", "voip_security"],
    cs_media: Annotated[DataFrame, "scope", "encryption_level"],
) -> DataFrame:
    """SIP URI UM dial plan {identity} is secured, but Lync does not encrypt media.

    A secured dial plan takes encrypted media alone: calls from Lync to Exchange UM fail.

    Remediation: Let Lync support encryption, or set VoIPSecurity to SIPSecured.
    Cmdlet: Set-CsMediaConfiguration -EncryptionLevel SupportEncryption | Set-UMDialPlan -VoIPSecurity SIPSecured
    """
    plans = topology.sip_uri_plans(dial_plans)
    secured = plans["voip_security"].eq(topology.SECURED).fillna(False).astype(bool)
    return _demanded(plans[secured], _levels(cs_media), REFUSED)


def _levels(cs_media: DataFrame | None) -> Series:
    """What each scope of Lync that says so demands of media, in lower case, by scope; empty where nothing is known."""
    if cs_media is None:
        return Series(dtype="str")
    return cs_media.set_index("scope")["encryption_level"].str.lower().dropna()


def _demanded(plans: DataFrame, levels: Series, level: str) -> DataFrame:
    """The plans, if a scope demands that level; certain where every scope does, for which pools a scope is for is not known."""
    scopes = sorted(levels.index[levels == level])
    every = len(scopes) == len(levels)
    because = f"so it is in {', '.join(scopes)}" + ("" if every else ", but not in every scope of Lync's media configuration")
    return plans.iloc[: len(plans) if scopes else 0].assign(
        certainty=(Certainty.CERTAIN if every else Certainty.LIKELY).value, because=because, evidence_scopes=", ".join(scopes)
    )


@rule("DP-005", Severity.HIGH, Target.UM_LYNC, source="X-POL", needs=Need.EXCHANGE)
def dial_plan_without_policy(
    dial_plans: Annotated[DataFrame, "dn"],
    mailbox_policies: Annotated[DataFrame, "dial_plan"],
) -> DataFrame:
    """UM dial plan {identity} has no UM mailbox policy.

    No user can be enabled for UM in it: Enable-UMMailbox takes a policy of the dial plan.

    Remediation: Create a UM mailbox policy for the dial plan.
    Cmdlet: New-UMMailboxPolicy -UMDialPlan
    """
    return dial_plans[~dial_plans["dn"].isin(mailbox_policies["dial_plan"])]


@rule("DP-006", Severity.CRITICAL, Target.UM_LYNC, source="SEED, X-HG", csv="11_um_huntgroup_new", needs=Need.EXCHANGE)
def dial_plan_without_hunt_group(
    dial_plans: Annotated[DataFrame, "dn"],
    hunt_groups: Annotated[DataFrame, "dial_plan"],
) -> DataFrame:
    """UM dial plan {identity} has no UM hunt group, so it can receive no calls.

    Only a hunt group links a UM IP gateway to a dial plan.

    Remediation: Create the hunt group, or run ExchUcUtil.ps1, which deletes and recreates the hunt groups of all Lync gateways
    and resets outgoing calls: apply 10_um_ipgateway_set again afterwards.
    Cmdlet: New-UMHuntGroup
    """
    return dial_plans[~dial_plans["dn"].isin(hunt_groups["dial_plan"])]


@rule("DP-007", Severity.CRITICAL, Target.UM_LYNC, source="SEED, L-GUIDE", csv="12_um_service_set", needs=Need.EXCHANGE)
def dial_plan_short_of_servers(
    dial_plans: Annotated[DataFrame, "uri_type"],
    servers: Annotated[DataFrame, "um_role", "version_major", "version_minor"],
    server_dial_plans: Annotated[DataFrame, "dial_plan"],
) -> DataFrame:
    """Too few Exchange servers serve SIP URI UM dial plan {identity}: {um_servers}.

    Without a server no call is answered; with a single one, none is while it is down. Two or more are recommended.

    Remediation: Add the Exchange servers that carry UM to the dial plan.
    Cmdlet: Set-UMService -DialPlans @{Add=...}
    """
    able = server_dial_plans["guid"].isin(topology.um_servers(servers)["guid"])
    links = server_dial_plans[able].drop_duplicates(["guid", "dial_plan"])
    plans = topology.sip_uri_plans(dial_plans)
    count = plans["dn"].map(links["dial_plan"].value_counts()).fillna(0).astype(int)
    severity = np.where(count == 0, Severity.CRITICAL.value, Severity.MEDIUM.value)
    return plans.assign(um_servers=count, severity=severity, evidence_um_servers=count)[count < 2]


@rule(
    "DP-008",
    Severity.MEDIUM,
    Target.UM_LYNC,
    source="L-L2UM, X-OVA, SCHEMA",
    csv="14_um_dialplan_set",
    needs=Need.EXCHANGE,
)
def access_number_unusable(
    dial_plans: Annotated[DataFrame, "uri_type"],
    dial_plan_numbers: Annotated[DataFrame, "number"],
) -> DataFrame:
    """SIP URI UM dial plan {identity} lacks an Outlook Voice Access number, or has one that is not E.164.

    Lync routes a call to the contact of subscriber access by an E.164 number.

    Remediation: Set an E.164 access number, then run OcsUmUtil.
    Cmdlet: Set-UMDialPlan -AccessTelephoneNumbers @{Add=...;Remove=...}; OcsUmUtil.exe
    """
    # The schema allows 20 characters, which an E.164 number never reaches.
    invalid = ~addresses.matches(dial_plan_numbers["number"], addresses.E164)
    plans = topology.sip_uri_plans(dial_plans)
    wrong = topology.listed(dial_plan_numbers[invalid], "number", plans["guid"])
    without = ~plans["guid"].isin(dial_plan_numbers["guid"])
    because = ("not E.164: " + wrong).mask(without, "it has no access number")
    return plans.assign(because=because, evidence_wrong_numbers=wrong)[without | wrong.notna()]


@rule("DP-009", Severity.HIGH, Target.UM_LYNC, source="X-OVA", needs=Need.EXCHANGE)
def access_number_shared(
    dial_plans: Annotated[DataFrame, "identity"],
    dial_plan_numbers: Annotated[DataFrame, "number"],
) -> DataFrame:
    """An Outlook Voice Access number of UM dial plan {identity} stands on another UM dial plan as well.

    One number leads into one dial plan: the subscribers of the other do not reach their mailboxes by it.

    Remediation: Give each dial plan a number of its own.
    Cmdlet: Set-UMDialPlan -AccessTelephoneNumbers @{Add=...;Remove=...}
    """
    bare = dial_plan_numbers["number"].str.replace(r"^(?i:tel:)", "", regex=True)
    international = addresses.international(bare)
    value = international.fillna(addresses.digits(bare))
    held = dial_plan_numbers.assign(value=value, international=international.notna()).dropna(subset="value")
    pairs = held.merge(held[["guid", "identity", "value"]], on="value", suffixes=("", "_of_other"))
    pairs = pairs[pairs["guid"] != pairs["guid_of_other"]]
    texts = topology.listed(pairs.assign(text=pairs["value"] + " of " + pairs["identity_of_other"]), "text", dial_plans["guid"])
    # A number that is not international means something to its own PBX alone: two of them may each have a 5000.
    sure = dial_plans["guid"].isin(pairs.loc[pairs["international"], "guid"])
    local = "; behind different PBXs, each may have one number that is not international"
    return dial_plans.assign(
        certainty=np.where(sure, Certainty.CERTAIN.value, Certainty.LIKELY.value),
        because="it has also " + texts + np.where(sure, "", local),
        evidence_shared_numbers=texts,
    )[texts.notna()]


@rule("DP-010", Severity.HIGH, Target.UM_LYNC, source="X-DP, SCHEMA", needs=Need.EXCHANGE)
def extension_length_invalid(dial_plans: Annotated[DataFrame, "extension_digits"]) -> DataFrame:
    """The extension length of UM dial plan {identity} is not a number from 1 to 20: {extension_digits}.

    Every extension in the dial plan must have exactly that many digits.

    Remediation: Create the dial plan again: the number of digits is fixed when it is made.
    Cmdlet: New-UMDialPlan -NumberOfDigitsInExtension
    """
    return dial_plans[~dial_plans["extension_digits"].between(1, 20).fillna(False).astype(bool)]


@rule("DP-011", Severity.HIGH, Target.UM_LYNC, source="SEED (FQDN of the plan), X-EUM", needs=Need.EXCHANGE)
def phone_context_ambiguous(
    dial_plans: Annotated[DataFrame, "phone_context"],
    dial_plan_equivalents: Annotated[DataFrame, "phone_context?"],
) -> DataFrame:
    """The phone context of UM dial plan {identity} is empty, or another UM dial plan has it too: {phone_context}.

    EUM proxy addresses and Lync name a dial plan by its phone context. A shared one is usual where a dial plan was renamed, or
    exists in two forests.

    Remediation: Create one of the dial plans again, or declare equivalent phone contexts.
    Cmdlet: Set-UMDialPlan -EquivalentDialPlanPhoneContexts
    """
    context = dial_plans["phone_context"].fillna("").str.strip().str.lower()
    empty = context == ""
    named = dial_plans[["guid", "identity"]].assign(context=context)[~empty]
    pairs = named.merge(named, on="context", suffixes=("", "_of_other"))
    others = topology.listed(pairs[pairs["guid"] != pairs["guid_of_other"]], "identity_of_other", dial_plans["guid"])
    equivalents = topology.listed(dial_plan_equivalents, "phone_context", dial_plans["guid"])
    shared = ("shared with " + others).fillna("it has none")
    because = shared + ("; its equivalent phone contexts: " + equivalents).fillna("")
    return dial_plans.assign(because=because)[empty | others.notna()]


@rule("DP-012", Severity.CRITICAL, Target.UM_LYNC, source="X-GW", needs=Need.EXCHANGE)
def dial_plan_gateways_too_many(
    dial_plans: Annotated[DataFrame, "dn"],
    dial_plan_gateways: Annotated[DataFrame, "dial_plan", ...],
    most_gateways: int = MOST_GATEWAYS,
) -> DataFrame:
    """{um_gateways} UM IP gateways lead to UM dial plan {identity}, more than the {most_gateways} that Exchange UM takes.

    Beyond that number the UM service does not start.

    Remediation: Split the dial plan, or delete the hunt groups of gateways that it does not need.
    Cmdlet: Remove-UMHuntGroup; New-UMDialPlan
    """
    count = dial_plans["dn"].map(dial_plan_gateways["dial_plan"].value_counts()).fillna(0).astype(int)
    return dial_plans.assign(um_gateways=count, evidence_um_gateways=count)[count > most_gateways]


@rule("DP-013", Severity.MEDIUM, Target.UM_LYNC, source="X-DP", csv="12_um_service_set", needs=Need.EXCHANGE)
def dial_plan_on_wrong_servers(
    dial_plans: Annotated[DataFrame, "uri_type"],
    servers: Annotated[DataFrame, "version_major", ...],
    server_dial_plans: Annotated[DataFrame, "dial_plan", ...],
) -> DataFrame:
    """UM dial plan {identity} is no SIP URI one, and is assigned to Exchange servers that take SIP URI ones alone.

    Exchange 2013 and later servers answer for every other dial plan without being added to it.

    Remediation: Remove the dial plan from these servers.
    Cmdlet: Set-UMService -DialPlans @{Remove=...}
    """
    recent = servers.loc[(servers["version_major"] >= topology.EXCHANGE_2013).fillna(False).astype(bool), "guid"]
    plans = topology.other_plans(dial_plans)
    names = topology.listed(server_dial_plans[server_dial_plans["guid"].isin(recent)], "identity", plans["dn"], by="dial_plan")
    return plans.assign(because="it is assigned to " + names, evidence_servers=names)[names.notna()]


@rule("DP-014", Severity.LOW, Target.UM_LYNC, source="SEED", csv="14_um_dialplan_set", needs=Need.EXCHANGE)
def fax_enabled(
    dial_plans: Annotated[DataFrame, "uri_type", "fax_enabled"],
    mailbox_policies: Annotated[DataFrame, "dial_plan", "fax_server", ...],
) -> DataFrame:
    """SIP URI UM dial plan {identity} allows faxes, and UM mailbox policies of it name a fax server.

    Its users cannot receive any: the Mediation Server carries no fax.

    Remediation: Turn faxes off in the dial plan, and keep a fax solution elsewhere.
    Cmdlet: Set-UMDialPlan -FaxEnabled $false
    """
    plans = topology.sip_uri_plans(dial_plans)
    with_server = mailbox_policies[mailbox_policies["fax_server"].notna()]
    names = topology.listed(with_server, "identity", plans["dn"], by="dial_plan")
    return plans.assign(because="a fax server is named by " + names)[plans["fax_enabled"] & names.notna()]


@rule("DP-016", Severity.INFO, source="practice", needs=Need.EXCHANGE)
def dial_plan_empty(
    dial_plans: Annotated[DataFrame, "dn"],
    users: Annotated[DataFrame, "um_dial_plan", "um_mailbox_policy"],
    mailbox_policies: Annotated[DataFrame, "dn", "dial_plan"],
    auto_attendants: Annotated[DataFrame, "dial_plan"],
) -> DataFrame:
    """UM dial plan {identity} has no user and no auto attendant.

    Each dial plan is work in a migration: one that serves nobody need not be moved.

    Remediation: Retire it.
    Cmdlet: Remove-UMDialPlan
    """
    # Users of Exchange 2007 and 2010 may belong to a dial plan by their policy alone.
    held = mailbox_policies.loc[among(mailbox_policies["dn"], users["um_mailbox_policy"]), "dial_plan"]
    used = [users["um_dial_plan"], held, auto_attendants["dial_plan"]]
    return dial_plans[~np.logical_or.reduce([among(dial_plans["dn"], links) for links in used])]
