"""Directory synchronization: whether the people who are to have voice reach Entra ID, under a name that works there.

These rules judge whoever is to have voice or has any of it now, and leave the other accounts of a forest alone.
"""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect import addresses, distinguished_name, recipients, topology, voice
from adinspect.finding import Certainty, Severity, Target, Wave
from adinspect.profile import SignIn
from adinspect.recipients import RecipientType
from adinspect.rule import rule
from adinspect.rules.side_inputs import verified_domains
from adinspect.wording import told

Voice = Annotated[
    DataFrame,
    "expected",
    "line_uri?",
    "private_line?",
    "sip_enabled?",
    "enterprise_voice?",
    "remote_call_control?",
    "remote_call_dual?",
    "um_enabled?",
]
"""Users, with the columns that tell who is to have voice or has any of it."""

SIGN_IN_WORDS = {SignIn.UPN: "user principal name", SignIn.MAIL: "e-mail address"}


@rule("MIG-004", Severity.HIGH, Target.TEAMS_PHONE, source="IDFIX", wave=Wave.BLOCK)
def sign_in_name_unusable(
    users: Annotated[Voice, "upn", "mail"],
    tenant_domains: Annotated[DataFrame | None, "domain", "verified"],
    m365_users: Annotated[DataFrame | None, "upn"],
    sign_in: SignIn,
    unroutable: tuple[str, ...] = addresses.UNROUTABLE,
) -> DataFrame:
    """The {attribute} of {identity}, {value}, cannot be a sign-in name in Entra ID: {fault}.

    The account gets a name in onmicrosoft.com instead, which differs from its SIP address: policies by SIP address fail. Which
    domains the tenant has verified is not in the directory: without the tenant's list only one that nobody can verify is named.
    A name that an account of the tenant bears is usable. A user without a value is not judged: what synchronization makes of it
    depends on its rules.

    Remediation: Add a UPN suffix that can be verified, and correct the name.
    Cmdlet: Set-ADUser -UserPrincipalName
    """
    value = {SignIn.UPN: users["upn"], SignIn.MAIL: users["mail"]}[sign_in]
    faults = addresses.sign_in_faults(value, [suffix.lower().lstrip(".") for suffix in unroutable])
    if tenant_domains is not None and len(tenant_domains):
        domain = addresses.domain(value)
        foreign = domain.notna() & ~domain.isin(verified_domains(tenant_domains)).astype(bool)
        faults = {**faults, "the tenant has not verified its domain": foreign & ~faults[addresses.UNVERIFIABLE]}
    borne = Series(False, users.index) if m365_users is None else value.str.lower().isin(m365_users["upn"].dropna().str.lower())
    fault = told(faults, users)
    judged = (users["expected"] | voice.in_estate(users)) & (fault != "") & ~borne.astype(bool)
    return users.assign(attribute=SIGN_IN_WORDS[sign_in], value=value, fault=fault, evidence_name=value)[judged]


@rule("MIG-005", Severity.HIGH, Target.TEAMS_PHONE, source="IDFIX", wave=Wave.BLOCK)
def proxy_address_refused(users: Voice, proxy_addresses: Annotated[DataFrame, "address"]) -> DataFrame:
    """Directory synchronization refuses the proxy address {addresses} of {identity}.

    An object with an error in synchronization gets no policies and no number. SMTP and SIP addresses may hold no white space and
    none of < > ( ) ; , [ ] ", and none may be longer than 256 characters.

    Remediation: Correct or remove the address.
    Cmdlet: Set-Mailbox -EmailAddresses
    """
    refused = proxy_addresses[addresses.refused_by_sync(proxy_addresses["address"])]
    named = topology.listed(refused, "address", users["guid"])
    judged = (users["expected"] | voice.in_estate(users)) & named.notna()
    return users.assign(addresses=named, evidence_addresses=named)[judged]


@rule("MIG-019", Severity.MEDIUM, Target.TEAMS_PHONE, source="H-AAD", wave=Wave.BLOCK)
def outside_synchronization(
    users: Annotated[Voice, "admin_description?", "recipient_type"],
    excluded_dns: tuple[str, ...] = (),
) -> DataFrame:
    """{identity} is probably left out of directory synchronization.

    Without a user in the cloud there is nobody to move to Teams. `excluded_dns` lists the organizational units that
    synchronization leaves out; it is certain of what lies below them, and goes by the default rules for the rest.

    Remediation: Take the object into the scope of synchronization.
    Cmdlet: (configuration of Entra Connect)
    """
    excluded = distinguished_name.below(distinguished_name.keys(users["dn"]), excluded_dns)
    because = told(
        {
            "it lies below an organizational unit that the profile says is excluded": excluded,
            "adminDescription begins with User_, which the default rules leave out": users["admin_description"]
            .str.lower()
            .str.startswith("user_", na=False)
            .astype(bool),
            "it is a system mailbox, which the default rules leave out": recipients.of_type(
                users, RecipientType.ARBITRATION, RecipientType.DISCOVERY
            ),
        },
        users,
    )
    judged = (users["expected"] | voice.in_estate(users)) & (because != "")
    certainty = excluded.map({True: Certainty.CERTAIN.value, False: Certainty.LIKELY.value})
    return users.assign(
        because=because,
        certainty=certainty,
        evidence_admin_description=users["admin_description"],
        evidence_recipient_type=users["recipient_type"],
    )[judged]
