"""The contacts through which Lync reaches subscriber access and auto attendants: whether each number has one."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, distinguished_name, topology, voice
from adinspect.finding import Certainty, Severity, Target
from adinspect.rule import Need, rule
from adinspect.wording import told


@rule("CON-001", Severity.HIGH, Target.UM_LYNC, source="SEED, L-L2UM", needs=(Need.EXCHANGE, Need.POOL))
def subscriber_access_contact_missing(
    dial_plans: Annotated[DataFrame, "uri_type", "phone_context"],
    dial_plan_numbers: Annotated[DataFrame, "number"],
    um_contacts: Annotated[DataFrame, "number", "source_object"],
    contact_ip_phones: Annotated[DataFrame, "ip_phone"],
) -> DataFrame:
    """No Lync contact stands for the Outlook Voice Access numbers of SIP URI UM dial plan {identity}.

    Lync can route a call to subscriber access only through a contact that OcsUmUtil makes for the number.

    Remediation: Run OcsUmUtil on a Lync server.
    Cmdlet: OcsUmUtil.exe, or New-CsExUmContact
    """
    found = _without_contact(topology.sip_uri_plans(dial_plans), dial_plan_numbers, um_contacts)
    values = contact_ip_phones.loc[contact_ip_phones["guid"].isin(um_contacts["guid"]), "ip_phone"].str.lower().tolist()
    contexts = found["phone_context"].str.lower().fillna("")
    named = [bool(context) and any(context in value for value in values) for context in contexts]
    return found[~np.array(named, dtype=bool)]


@rule("CON-002", Severity.HIGH, Target.UM_LYNC, source="SEED, L-L2UM", needs=(Need.EXCHANGE, Need.POOL))
def auto_attendant_contact_missing(
    auto_attendants: Annotated[DataFrame, "dial_plan"],
    auto_attendant_numbers: Annotated[DataFrame, "number"],
    dial_plans: Annotated[DataFrame, "uri_type"],
    um_contacts: Annotated[DataFrame, "number", "source_object"],
) -> DataFrame:
    """No Lync contact stands for UM auto attendant {identity}.

    Lync can route a call to an auto attendant only through a contact that OcsUmUtil makes for its number.

    Remediation: Run OcsUmUtil on a Lync server.
    Cmdlet: OcsUmUtil.exe, or New-CsExUmContact -AutoAttendant $true
    """
    reachable = auto_attendants[auto_attendants["dial_plan"].isin(topology.sip_uri_plans(dial_plans)["dn"])]
    return _without_contact(reachable, auto_attendant_numbers, um_contacts)


def _without_contact(holders: DataFrame, numbers: DataFrame, um_contacts: DataFrame) -> DataFrame:
    """The holders of valid numbers that no contact has one of, and none was made for; `because` names the numbers.

    Without a valid number there is nothing a contact could have: that fault is the number's.
    """
    valid = numbers[addresses.matches(numbers["number"], addresses.E164)]
    answered = valid[addresses.digits(valid["number"]).isin(um_contacts["number"])]
    named = holders["dn"].map(distinguished_name.key).isin(um_contacts["source_object"])
    found = holders[holders["guid"].isin(valid["guid"]) & ~holders["guid"].isin(answered["guid"]) & ~named]
    numbers_of = topology.listed(valid, "number", found["guid"])
    return found.assign(because="no contact has " + numbers_of, evidence_numbers=numbers_of)


@rule(
    "CON-003",
    Severity.MEDIUM,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="practice",
    needs=(Need.EXCHANGE, Need.POOL),
)
def um_contact_stale(
    um_contacts: Annotated[DataFrame, "number", "source_object"],
    contact_ip_phones: Annotated[DataFrame, "ip_phone"],
    dial_plans: Annotated[DataFrame, "dn", "phone_context"],
    dial_plan_numbers: Annotated[DataFrame, "number"],
    dial_plan_equivalents: Annotated[DataFrame, "phone_context?"],
    auto_attendants: Annotated[DataFrame, "dn"],
    auto_attendant_numbers: Annotated[DataFrame, "number"],
) -> DataFrame:
    """Lync contact {identity} stands for no UM dial plan and no auto attendant that exists.

    It keeps a number that Lync sends to nobody.

    Remediation: Find out whose number it is; if it is nobody's, remove the contact.
    Cmdlet: Remove-CsExUmContact
    """
    contexts = pd.concat([dial_plans["phone_context"], dial_plan_equivalents["phone_context"]]).dropna().str.lower().unique()
    values = contact_ip_phones.assign(value=contact_ip_phones["ip_phone"].str.lower()).dropna(subset="value")
    by_context = values[np.array([any(context in value for context in contexts) for value in values["value"]], dtype=bool)]
    numbers = pd.concat([dial_plan_numbers["number"], auto_attendant_numbers["number"]])
    objects = pd.concat([dial_plans["dn"], auto_attendants["dn"]]).map(distinguished_name.key)
    matched = (
        um_contacts["number"].isin(addresses.digits(numbers).dropna())
        | um_contacts["source_object"].isin(objects)
        | um_contacts["guid"].isin(by_context["guid"])
    )
    # What OcsUmUtil made says so in one of two places; a number alone may as well belong to something else in Lync.
    says = um_contacts["source_object"].notna() | um_contacts["guid"].isin(values["guid"])
    return um_contacts.assign(
        certainty=np.where(says, Certainty.CERTAIN.value, Certainty.LIKELY.value),
        because=np.where(says, "", "its number alone does not tell that it was made for Exchange UM"),
    )[(says | um_contacts["number"].notna()) & ~matched]


@rule(
    "CON-004",
    Severity.HIGH,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="L-L2UM",
    needs=(Need.EXCHANGE, Need.POOL),
)
def um_contact_unreachable(
    um_contacts: Annotated[DataFrame, "source_object"],
    contacts: Annotated[DataFrame, "line_uri", "pool_service", "deployment_locator?"],
    contact_ip_phones: Annotated[DataFrame, "ip_phone"],
    pool_services: Annotated[DataFrame, "dn", "pool"],
    dial_plan_contacts: Annotated[DataFrame | None, "dial_plan"],
    dial_plan_pools: Annotated[DataFrame | None, "dn", "pool", "pool_name"],
) -> DataFrame:
    """Lync contact {identity}, through which Exchange UM is called, {fault}.

    Lync routes by E.164 numbers, and hands a call to the contact's own pool: best that of the users. It is named where more than
    half of the users of the one UM dial plan that the contact belongs to are homed on another pool.

    Remediation: Give the contact its E.164 number, or move it to the pool of the users it serves.
    Cmdlet: Set-CsExUmContact -DisplayNumber; Move-CsExUmContact -Target
    """
    rows = um_contacts.merge(contacts[["guid", "line_uri", "pool_service", "deployment_locator"]], on="guid")
    line = rows["line_uri"]
    # A contact with neither a number nor a word on what it was made for need not be one of Exchange UM.
    made = rows["source_object"].notna() | rows["guid"].isin(contact_ip_phones.loc[contact_ip_phones["ip_phone"].notna(), "guid"])
    faults = {
        "has no number": made & line.isna(),
        "has a number that is not E.164": line.notna() & ~addresses.matches(line, addresses.E164_URI),
        "is homed on no pool that exists": (made | line.notna())
        & ~rows["pool_service"].isin(pool_services["dn"])
        & ~voice.online(rows),
    }
    fault = told(faults, rows)
    users = _pool_of_users(rows, pool_services, dial_plan_contacts, dial_plan_pools)
    severity = np.where(fault != "", Severity.HIGH.value, Severity.LOW.value)
    fault = fault.mask(fault == "", ("is not homed where most users of its UM dial plan are, on " + users).fillna(""))
    found = rows.assign(fault=fault, severity=severity)
    return found.assign(evidence_line_uri=line, evidence_pool_service=rows["pool_service"])[fault != ""]


def _pool_of_users(
    contacts: DataFrame, pool_services: DataFrame, dial_plan_contacts: DataFrame | None, dial_plan_pools: DataFrame | None
) -> Series:
    """The pool of most users of each contact's UM dial plan, by name, where it is another than the contact's; else missing."""
    if dial_plan_contacts is None or dial_plan_pools is None:
        return Series(None, contacts.index, dtype=contacts["dn"].dtype)
    plans = contacts["guid"].map(dial_plan_contacts.set_index("guid")["dial_plan"])
    pool = plans.map(dial_plan_pools.set_index("dn")["pool"])
    name = plans.map(dial_plan_pools.set_index("dn")["pool_name"])
    own = contacts["pool_service"].map(pool_services.set_index("dn")["pool"])
    return name.where(own.notna() & ~voice.online(contacts) & (own != pool)).astype(contacts["dn"].dtype)
