"""The contacts through which Lync reaches subscriber access and auto attendants, as OcsUmUtil makes them."""

from __future__ import annotations

from typing import Annotated

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
