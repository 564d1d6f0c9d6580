from __future__ import annotations

from dataclasses import replace

import pytest

from adinspect.sites import AddressFrom, SipAddresses
from adinspect.testing import EVERYONE, look, table
from adinspect.visibility import State, rows

USERS = table("""
    identity | given_name | surname  | sam_account_name
    plain    | Ada        | Byron    | ada
    accents  | Zo\u00eb        | L\u00e9v\u00eaque  | zoe
    apart    | Rene\u0301      | O'Brien  | rene
    hyphen   | Jean-Luc   | St.Clair | jl
    spaces   | Ada        | van Berg | vb
    letters  | S\u00f8ren      | Stra\u00dfe   | ss
    slavic   | \u0141ukasz     | Fir      | lf
    greek    | \u0391da        | Elm      | ae
    markup   | <Ada>      | Elm      | me
    missing  | -          | Oak      | mo
""")


def made(template: str, **options: object) -> dict[str, str | None]:
    sip = SipAddresses(AddressFrom.TEMPLATE, template) if template else SipAddresses()
    found = look("templated_addresses", "sip_address", users=USERS, profile=replace(EVERYONE, sip=sip), **options)  # type: ignore[arg-type]  # a table of keywords
    return dict(
        zip(found["identity"], found["sip_address"].astype(object).where(found["sip_address"].notna(), None), strict=True)
    )


def test_accents_are_folded_and_an_address_that_had_to_be_cut_is_not_made() -> None:
    assert {name: address for name, address in made("{given_name}.{surname}@contoso.com").items() if address} == {
        "plain": "Ada.Byron@contoso.com",
        "accents": "Zoe.Leveque@contoso.com",
        "apart": "Rene.O'Brien@contoso.com",
        "hyphen": "Jean-Luc.St.Clair@contoso.com",
    }


@pytest.mark.parametrize(("template", "number"), [("", 0), ("{sam_account_name}@contoso.com", len(USERS))])
def test_only_what_the_template_names_has_to_be_there(template: str, number: int) -> None:
    assert sum(address is not None for address in made(template).values()) == number


def test_a_user_of_whom_a_name_was_not_seen_has_no_row() -> None:
    hidden = rows(("users", "surname", "users-0", State.UNREADABLE, "closed"))
    assert "plain" not in made("{given_name}.{surname}@contoso.com", visibility=hidden)
