"""The contacts through which Lync reaches subscriber access and auto attendants: whether each number has one."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pandas import DataFrame

from adinspect import addresses, distinguished_name, topology
from adinspect.finding import Severity, Target
from adinspect.rule import Need, rule


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
    told = contact_ip_phones.loc[contact_ip_phones["guid"].isin(um_contacts["guid"]), "ip_phone"].str.lower().tolist()
    contexts = found["phone_context"].str.lower().fillna("")
    named = [bool(context) and any(context in value for value in told) for context in contexts]
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
