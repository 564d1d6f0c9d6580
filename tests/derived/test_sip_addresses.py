from __future__ import annotations

import pandas as pd

from adinspect.testing import look, table


def test_addresses_of_users_and_contacts_are_compared_in_one_form() -> None:
    users = table("identity | sip_address\nada | sip:Ada@contoso.com\nbo | sip:bo@contoso.com\ncy | -")
    contacts = table("identity | sip_address\nDesk | SIP:ada@CONTOSO.com\nMail | -")
    found = look("sip_addresses", "sip_address", "address", "others", users=users, contacts=contacts)
    told = found[["table", "identity", "sip_address", "address", "others"]].astype(object)
    assert told.where(told.notna(), None).to_numpy().tolist() == [
        ["users", "ada", "sip:Ada@contoso.com", "ada@contoso.com", "Desk (contact)"],
        ["users", "bo", "sip:bo@contoso.com", "bo@contoso.com", None],
        ["contacts", "Desk", "SIP:ada@CONTOSO.com", "ada@contoso.com", "ada"],
    ]


def test_of_nobody_there_is_an_empty_table() -> None:
    assert look("sip_addresses", "others").empty
    assert pd.isna(
        look("sip_addresses", "others", users=table("identity | sip_address\nada | sip:a@contoso.com"))["others"]
    ).all()
