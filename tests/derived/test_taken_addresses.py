from __future__ import annotations

from adinspect.testing import look, table


def test_sip_and_eum_addresses_of_users_and_contacts_are_told_in_the_form_they_are_compared_in() -> None:
    found = look(
        "taken_addresses",
        "scheme",
        "stored",
        "address",
        "context",
        users=table("identity | sip_address\nada | sip:Ada@contoso.com\nbo | -"),
        contacts=table("identity | sip_address\nDesk | SIP:Desk@contoso.com"),
        proxy_addresses=table("""
            identity | address
            ada      | SMTP:ada@contoso.com
            ada      | sip:ada@contoso.com
            ada      | EUM:Ada@contoso.com;phone-context=HQ.Contoso.example
            bo       | eum:50101;PHONE-CONTEXT=HQ.contoso.example
            bo       | eum:broken
        """),
        contact_proxy_addresses=table("identity | address\nDesk | eum:50102;phone-context=Lab"),
    )
    told = found[["table", "identity", "scheme", "stored", "address", "context"]].astype(object)
    assert told.where(told.notna(), None).to_numpy().tolist() == [
        ["users", "ada", "sip", "sip:Ada@contoso.com", "ada@contoso.com", None],
        ["contacts", "Desk", "sip", "SIP:Desk@contoso.com", "desk@contoso.com", None],
        ["users", "ada", "sip", "sip:ada@contoso.com", "ada@contoso.com", None],
        ["users", "ada", "eum", "EUM:Ada@contoso.com;phone-context=HQ.Contoso.example", "ada@contoso.com", "hq.contoso.example"],
        ["users", "bo", "eum", "eum:50101;PHONE-CONTEXT=HQ.contoso.example", "50101", "hq.contoso.example"],
        ["users", "bo", "eum", "eum:broken", None, None],
        ["contacts", "Desk", "eum", "eum:50102;phone-context=Lab", "50102", "lab"],
    ]


def test_of_nobody_there_is_an_empty_table() -> None:
    assert look("taken_addresses", "address").empty
