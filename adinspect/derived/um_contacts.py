"""The contacts through which Lync reaches subscriber access and auto attendants, as OcsUmUtil makes them."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame

from adinspect import addresses, distinguished_name
from adinspect.derived import derived


@derived
def um_contacts(
    contacts: Annotated[DataFrame, "sip_enabled", "line_uri", "owner_urn?", "originator_sid?", "source_object?"],
) -> DataFrame:
    """Contacts enabled for Lync that stand for no application, device or user of another forest; one row a contact.

    `number` is the line as digits alone, `source_object` the DN of what the contact was made for in normal form
    (distinguished_name.key). Either may be missing.
    """
    free = contacts["owner_urn"].isna() & contacts["originator_sid"].isna()
    found = contacts[contacts["sip_enabled"].fillna(False).astype(bool) & free]
    return found[["guid", "dn", "identity"]].assign(
        number=addresses.digits(found["line_uri"]),
        source_object=found["source_object"].map(distinguished_name.key, na_action="ignore"),
    )


@derived
def dial_plan_contacts(
    um_contacts: Annotated[DataFrame, "number", "source_object"],
    contact_ip_phones: Annotated[DataFrame, "ip_phone"],
    dial_plans: Annotated[DataFrame, "dn", "phone_context"],
    dial_plan_numbers: Annotated[DataFrame, "number"],
    auto_attendants: Annotated[DataFrame, "dn", "dial_plan"],
    auto_attendant_numbers: Annotated[DataFrame, "number"],
) -> DataFrame:
    """One row for each contact that belongs to one UM dial plan alone: `dial_plan` is its DN.

    A contact belongs to the dial plan that it was made for, or whose auto attendant it was made for; to those that have its
    number, or whose auto attendant has; and to those whose phone context stands in its IP telephone values.
    """
    plan_of = dict(zip(auto_attendants["dn"].map(distinguished_name.key), auto_attendants["dial_plan"], strict=True))
    plan_of |= dict(zip(dial_plans["dn"].map(distinguished_name.key), dial_plans["dn"], strict=True))
    made_for = um_contacts[["guid"]].assign(dial_plan=um_contacts["source_object"].map(plan_of))
    of_attendant = auto_attendants.set_index("guid")["dial_plan"]
    numbered = pd.concat(
        [
            dial_plan_numbers[["number"]].assign(dial_plan=dial_plan_numbers["dn"]),
            auto_attendant_numbers[["number"]].assign(dial_plan=auto_attendant_numbers["guid"].map(of_attendant)),
        ]
    )
    numbered = numbered.assign(number=addresses.digits(numbered["number"])).dropna()
    by_number = um_contacts[["guid", "number"]].merge(numbered, on="number")
    contexts = dial_plans.loc[dial_plans["phone_context"].notna(), ["dn", "phone_context"]].itertuples(index=False, name=None)
    values = contact_ip_phones["ip_phone"].str.lower()
    named = ((values.str.contains(context.lower(), regex=False, na=False), dn) for dn, context in contexts)
    by_context = [contact_ip_phones.loc[here.astype(bool), ["guid"]].assign(dial_plan=dn) for here, dn in named]
    pairs = pd.concat([made_for, by_number, *by_context])[["guid", "dial_plan"]].dropna().drop_duplicates()
    pairs = pairs[pairs["dial_plan"].isin(dial_plans["dn"])]
    return um_contacts[["guid", "dn", "identity"]].merge(pairs.drop_duplicates("guid", keep=False), on="guid")
