"""Addresses that a new Lync or UM user cannot have any more, because an object of the forest holds them."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame

from adinspect import addresses
from adinspect.derived import derived

SIP, EUM = "sip", "eum"
"""What an address is for: Lync, or Exchange UM."""


@derived(union=True)
def taken_addresses(
    users: Annotated[DataFrame, "sip_address"],
    contacts: Annotated[DataFrame, "sip_address"],
    proxy_addresses: Annotated[DataFrame, "address"],
    contact_proxy_addresses: Annotated[DataFrame, "address"],
) -> DataFrame:
    """One row for each SIP or EUM address of a user or contact, be it the address in Lync or a proxy address; `table` says whose.

    `scheme` is SIP or EUM, `stored` the value as stored. `address` is what is compared, in lower case: the SIP address without
    scheme, or what stands before the phone context; `context` is the phone context of an EUM address, in lower case too. Both are
    missing where an EUM address is of invalid form. An object may hold an address twice: what Lync has stands among its proxy
    addresses as well.
    """
    rows = pd.concat(
        [
            _sip(users, "users", "sip_address"),
            _sip(contacts, "contacts", "sip_address"),
            _sip(proxy_addresses, "users", "address", proxy=True),
            _sip(contact_proxy_addresses, "contacts", "address", proxy=True),
            _eum(proxy_addresses, "users"),
            _eum(contact_proxy_addresses, "contacts"),
        ],
        ignore_index=True,
    )
    return rows[["table", "guid", "dn", "identity", "scheme", "stored", "address", "context"]]


def _sip(holding: DataFrame, table: str, column: str, *, proxy: bool = False) -> DataFrame:
    values = holding[column]
    held = holding[values.str.lower().str.startswith("sip:", na=False) if proxy else values.notna()]
    return _rows(held, table, SIP, column).assign(address=addresses.without_scheme(held[column]), context=None)


def _eum(holding: DataFrame, table: str) -> DataFrame:
    held = holding[addresses.is_eum(holding["address"])]
    parts = addresses.eum(held["address"])
    return _rows(held, table, EUM, "address").assign(address=parts["address"].str.lower(), context=parts["context"].str.lower())


def _rows(held: DataFrame, table: str, scheme: str, column: str) -> DataFrame:
    return held[["guid", "dn", "identity"]].assign(table=table, scheme=scheme, stored=held[column])
