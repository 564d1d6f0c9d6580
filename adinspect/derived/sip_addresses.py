"""Every SIP address of the forest, and who else holds it."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame

from adinspect import addresses
from adinspect.derived import derived, holders


@derived(union=True)
def sip_addresses(
    users: Annotated[DataFrame, "sip_address"],
    contacts: Annotated[DataFrame, "sip_address"],
) -> DataFrame:
    """One row a user or contact that has a SIP address; `table` says which.

    `sip_address` is the address as stored, `address` its normal form (lower case, no scheme), `others` all the other objects
    with the same normal form, named in one text (missing where there are none).
    """
    rows = pd.concat([users.assign(table="users"), contacts.assign(table="contacts")], ignore_index=True)
    rows = rows[rows["sip_address"].notna()]
    rows = rows.assign(address=addresses.without_scheme(rows["sip_address"]))
    held = DataFrame({"guid": rows["guid"], "value": rows["address"], "label": holders.label(rows), "side": ""})
    return rows.assign(others=holders.others(held))
