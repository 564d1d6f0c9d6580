"""Proxy addresses and extensions that several objects hold, although each can lead to one alone."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame

from adinspect import addresses, voice
from adinspect.derived import derived, holders
from adinspect.membership import among

_COMPARED = r"(?i:smtp|sip|eum):(?s:.+)"


@derived(union=True, sparse=True)
def shared_addresses(
    users: Annotated[DataFrame, "sip_address"],
    contacts: Annotated[DataFrame, "sip_address"],
    proxy_addresses: Annotated[DataFrame, "address"],
    contact_proxy_addresses: Annotated[DataFrame, "address"],
) -> DataFrame:
    """One row for each SMTP, SIP or EUM address that an object shares with others; `table` says what the object is.

    `address` is in lower case, with its scheme; `others` names all the other holders in one text. What Lync has as SIP address
    counts beside the proxy addresses; where it is shared in Lync alone, and no proxy address holds it, there is no row.
    """
    lync = [_held(users, "users", "sip_address"), _held(contacts, "contacts", "sip_address")]
    lync = [rows.assign(address="sip:" + addresses.without_scheme(rows["address"])) for rows in lync]
    proxies = [_held(proxy_addresses, "users", "address"), _held(contact_proxy_addresses, "contacts", "address")]
    proxies = [rows[addresses.matches(rows["address"], _COMPARED)] for rows in proxies]
    held = pd.concat(proxies)["address"]
    lync = [rows[among(rows["address"], held)] for rows in lync]
    rows = pd.concat([*proxies, *lync], ignore_index=True)
    rows = rows[rows.duplicated("address", keep=False)].drop_duplicates(["guid", "address"])
    compared = DataFrame({"guid": rows["guid"], "value": rows["address"], "label": holders.label(rows), "side": ""})
    shared = rows.assign(others=holders.others(compared))
    return shared[shared["others"].notna()]


@derived(union=True, sparse=True)
def shared_extensions(
    users: Annotated[DataFrame, "object_class"],
    proxy_addresses: Annotated[DataFrame, "address"],
) -> DataFrame:
    """One row for each extension, in one phone context, that a user shares with others.

    `extension` is digits, `context` the phone context in lower case; `others` names all the other holders in one text. A contact
    that stands for a user of another forest has its extension in a UM dial plan there, and is left out.
    """
    here = users.loc[~voice.mailbox_elsewhere(users), "guid"]
    proxies = proxy_addresses[among(proxy_addresses["guid"], here) & addresses.is_eum(proxy_addresses["address"])]
    parts = addresses.eum(proxies["address"])
    rows = proxies[["guid", "dn", "identity"]].assign(table="users", extension=parts["address"])
    rows = rows.assign(context=parts["context"].str.lower())[parts["kind"] == "extension"]
    rows = rows.drop_duplicates(["guid", "extension", "context"])
    value = rows["extension"] + ";phone-context=" + rows["context"]
    compared = DataFrame({"guid": rows["guid"], "value": value, "label": rows["identity"], "side": ""})
    shared = rows.assign(others=holders.others(compared))
    return shared[shared["others"].notna()]


def _held(holding: DataFrame, table: str, column: str) -> DataFrame:
    rows = holding[holding[column].notna()]
    return rows[["guid", "dn", "identity"]].assign(table=table, address=rows[column].str.lower())
