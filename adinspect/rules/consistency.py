"""Rules about values that must agree or be unique: SIP addresses, numbers, EUM addresses and the links of a user."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame

from adinspect import addresses, topology, voice
from adinspect.derived import joined
from adinspect.finding import Severity, Target, Wave
from adinspect.membership import among
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


@rule("CNS-002", Severity.HIGH, source="IDFIX", wave=Wave.BLOCK)
def address_shared(shared_addresses: Annotated[DataFrame, "address", "others"]) -> DataFrame:
    """Address {address} of {identity} is also an address of {others}.

    Mail and calls for it reach one of them or none, and directory synchronization refuses the second. A SIP address of Lync
    counts as well where it is a proxy address of somebody else.

    Remediation: Leave the address to one of them.
    Cmdlet: Set-Mailbox -EmailAddresses @{Remove="..."}
    """
    return shared_addresses.assign(key=shared_addresses["address"])


@rule("CNS-004", Severity.MEDIUM, source="T-NUM, GH-8905", wave=Wave.BLOCK)
def base_number_shared(numbers: Annotated[DataFrame, "base", "source", "base_others", "base_plain"], target: Target) -> DataFrame:
    """Base number {base} of {identity} ({source}) is held with another extension, or without one, by {base_others}.

    Lync takes a number with and without an extension for two numbers and warns of nothing; Teams refuses the one beside the
    other. Different extensions of one base number may stand side by side in Teams.

    Remediation: Give all but one of them another number, or each an extension of its own.
    Cmdlet: Set-CsUser -LineURI
    """
    teams = target is Target.TEAMS_PHONE
    found = numbers[numbers["base_others"].notna() & (numbers["base_plain"] | teams)].sort_values("source", kind="stable")
    found = found.drop_duplicates(["guid", "base"])
    conflict = Severity.HIGH if teams else Severity.MEDIUM
    return found.assign(
        key=found["base"],
        severity=found["base_plain"].map({True: conflict.value, False: Severity.INFO.value}),
        wave=found["base_plain"].map({True: Wave.BLOCK.value, False: Wave.NONE.value}),
    )


@rule("CNS-005", Severity.HIGH, Target.UM_LYNC, source="X-DP", wave=Wave.BLOCK, needs=Need.EXCHANGE)
def extension_shared(shared_extensions: Annotated[DataFrame, "extension", "context", "others"]) -> DataFrame:
    """Extension {extension} of {identity} in phone context {context} is also that of {others}.

    An extension must be unique in its UM dial plan: Exchange UM finds the mailbox by it, and the caller's name too.

    Remediation: Give all but one of them another extension.
    Cmdlet: Set-Mailbox -EmailAddresses
    """
    return shared_extensions.assign(key=shared_extensions["extension"] + ";phone-context=" + shared_extensions["context"])


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
    found = judged[among(judged["guid"], pairs["guid"]) & ~among(judged["guid"], right["guid"])]
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
    foreign = primary[primary["foreign"] & ~among(primary["guid"], primary.loc[~primary["foreign"], "guid"])]
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


@rule("CNS-009", Severity.MEDIUM, source="H-CONS, GH-5500", wave=Wave.ORGANIZATION)
def sip_address_unlike_upn(users: Annotated[DataFrame, "sip_address", "upn", "object_class"]) -> DataFrame:
    """SIP address {sip_address} of {identity} is not its user principal name {upn}.

    Where they are equal, nobody is asked for a second name when signing in, and lists of users for Teams need one column less.

    Remediation: Make the one like the other, for the whole organization alike.
    Cmdlet: Set-CsUser -SipAddress | Set-ADUser -UserPrincipalName
    """
    # a contact stands for a user of another forest, whose user principal name is there; without one there is nothing to compare
    both = users[users["sip_address"].notna() & users["upn"].notna() & ~voice.mailbox_elsewhere(users)]
    return both[addresses.without_scheme(both["sip_address"]) != both["upn"].str.lower()]


@rule("CNS-010", Severity.MEDIUM, source="practice", wave=Wave.ORGANIZATION)
def sip_address_unlike_mail(
    users: Annotated[DataFrame, "sip_address", "mail", "object_class"],
    proxy_addresses: Annotated[DataFrame, "address"],
) -> DataFrame:
    """SIP address {sip_address} of {identity} is not its primary e-mail address {primary}.

    Outlook finds a colleague's presence by e-mail address, and so does Exchange when it works with Lync. The primary address is
    the SMTP: proxy address; of a user without any, the e-mail attribute.

    Remediation: Make the one like the other, for the whole organization alike.
    Cmdlet: Set-CsUser -SipAddress
    """
    # a contact stands for a user of another forest, whose mailbox is there
    judged = users[users["sip_address"].notna() & ~voice.mailbox_elsewhere(users)]
    smtp = proxy_addresses[proxy_addresses["address"].str.startswith("SMTP:", na=False).astype(bool)]
    smtp = smtp[["guid"]].assign(primary=smtp["address"].str.removeprefix("SMTP:"))
    mail = judged.loc[~among(judged["guid"], smtp["guid"]) & judged["mail"].notna(), ["guid", "mail"]]
    primary = pd.concat([smtp, mail.rename(columns={"mail": "primary"})])
    pairs = primary.merge(judged[["guid", "sip_address"]], on="guid")
    same = pairs.loc[pairs["primary"].str.lower() == addresses.without_scheme(pairs["sip_address"]), "guid"]
    found = judged[among(judged["guid"], pairs["guid"]) & ~among(judged["guid"], same)]
    named = topology.listed(primary, "primary", found["guid"])
    return found.assign(primary=named, evidence_sip_address=found["sip_address"], evidence_primary=named)
