"""Rules about values that must agree or be unique: SIP addresses, numbers, EUM addresses and the links of a user."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect import addresses, topology
from adinspect.derived import joined
from adinspect.finding import Severity, Target, Wave
from adinspect.rule import Need, rule


@rule("CNS-001", Severity.CRITICAL, source="L-SIP", wave=Wave.BLOCK)
def sip_address_shared(sip_addresses: Annotated[DataFrame, "sip_address", "others"]) -> DataFrame:
    """SIP address {sip_address} of {identity} is also the address of {others}.

    A SIP address must be unique in the forest, whatever its case: with two holders, calls and sign-ins reach either or neither.

    Remediation: Give all but one of them another address.
    Cmdlet: Set-CsUser -SipAddress
    """
    return sip_addresses[sip_addresses["others"].notna()]


@rule("CNS-003", Severity.HIGH, source="CMDLET Set-CsUser (LineURI)", wave=Wave.BLOCK)
def number_shared(numbers: Annotated[DataFrame, "number", "source", "others"]) -> DataFrame:
    """Number {number} of {identity} ({source}) is also assigned to {others}.

    A number routes to one object.

    Remediation: Give all but one of them another number.
    Cmdlet: Set-CsUser -LineURI
    """
    shared = numbers[numbers["others"].notna()].sort_values("source", kind="stable")
    return shared.drop_duplicates(["guid", "number"]).assign(key=lambda rows: rows["number"])


@rule("CNS-006", Severity.HIGH, Target.UM_LYNC, source="L-UMX, X-EUM", wave=Wave.FIX, csv="32_mailbox_eum", needs=Need.EXCHANGE)
def eum_sip_address_different(
    um_users: Annotated[DataFrame, "um_here", "sip_uri"],
    users: Annotated[DataFrame, "sip_address"],
    eum_addresses: Annotated[DataFrame, "eum", "primary", "address", "kind", "foreign"],
) -> DataFrame:
    """EUM address {eum_address} of {identity} does not hold its SIP address {sip_address}.

    Lync hands a call to Exchange UM with the SIP address, and Exchange looks for it among the EUM addresses.

    Remediation: Replace the primary EUM address with one that holds the SIP address.
    Cmdlet: Set-Mailbox -EmailAddresses @{Add="EUM:..."; Remove="EUM:..."}
    """
    both = joined(um_users, users)
    judged = both[both["um_here"] & both["sip_uri"] & both["sip_address"].notna()]
    # an address of another UM dial plan is wrong as such; putting that right puts the SIP address right too
    primary = eum_addresses[eum_addresses["primary"] & (eum_addresses["kind"] == "sip") & ~eum_addresses["foreign"]]
    pairs = primary.merge(judged[["guid", "sip_address"]], on="guid")
    right = pairs[pairs["address"].str.lower() == addresses.without_scheme(pairs["sip_address"])]
    found = judged[judged["guid"].isin(pairs["guid"]) & ~judged["guid"].isin(right["guid"])]
    eum_address = topology.listed(primary, "eum", found["guid"])
    return found.assign(eum_address=eum_address, evidence_eum_address=eum_address, evidence_sip_address=found["sip_address"])


@rule(
    "CNS-007",
    Severity.HIGH,
    Target.UM_LYNC,
    source="X-EUM",
    wave=Wave.FIX,
    csv=("29_um_mailbox_disable", "30_um_mailbox_enable"),
    needs=Need.EXCHANGE,
)
def eum_phone_context_foreign(
    um_users: Annotated[DataFrame, "um_here", "dial_plan_name", "phone_context"],
    eum_addresses: Annotated[DataFrame, "eum", "primary", "foreign"],
) -> DataFrame:
    """EUM address {eum_address} of {identity} lacks the phone context {phone_context} of its UM dial plan {dial_plan_name}.

    The address belongs to another UM dial plan, or to one that is gone: changing a user's plan takes disabling and enabling,
    not an edited address.

    Remediation: Disable Unified Messaging for the user and enable it again in the right UM mailbox policy.
    Cmdlet: Disable-UMMailbox; Enable-UMMailbox
    """
    primary = eum_addresses[eum_addresses["primary"]]
    foreign = primary[primary["foreign"] & ~primary["guid"].isin(primary.loc[~primary["foreign"], "guid"])]
    eum_address = topology.listed(foreign, "eum", um_users["guid"])
    found = um_users.assign(eum_address=eum_address)[um_users["um_here"] & eum_address.notna()]
    return found.assign(evidence_eum_address=found["eum_address"], evidence_phone_context=found["phone_context"])


@rule("CNS-008", Severity.HIGH, Target.UM_LYNC, source="X-CHG", wave=Wave.FIX, csv="31_um_mailbox_set", needs=Need.EXCHANGE)
def um_policy_of_other_plan(
    um_users: Annotated[
        DataFrame, "um_here", "um_dial_plan", "plan_found", "dial_plan_name", "policy", "policy_plan", "policy_plan_name"
    ],
) -> DataFrame:
    """UM mailbox policy {policy} of {identity} is of UM dial plan {policy_plan_name}, not of the user's own, {dial_plan_name}.

    The user's settings come from one plan and the calls from another.

    Remediation: Assign a UM mailbox policy of the user's own UM dial plan.
    Cmdlet: Set-UMMailbox -UMMailboxPolicy
    """
    other = um_users["policy_plan"].notna() & (um_users["policy_plan"] != um_users["um_dial_plan"])
    return um_users[um_users["um_here"] & um_users["plan_found"] & other]
