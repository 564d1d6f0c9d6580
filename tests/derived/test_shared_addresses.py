from __future__ import annotations

import pytest
from pandas import DataFrame

from adinspect.testing import look, table


def shared(**written: DataFrame) -> dict[tuple[str, str], str]:
    found = look("shared_addresses", "address", "others", **written)
    return {(row.identity, row.address): row.others for row in found.itertuples()}


def users(*addresses: str) -> DataFrame:
    return table("\n".join(("identity | sip_address", *addresses)))


def proxies(*held: str) -> DataFrame:
    return table("\n".join(("identity | address", *held)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("SMTP:info@contoso.com", "smtp:INFO@contoso.com", True),
        ("sip:info@contoso.com", "SIP:info@contoso.com", True),
        ("EUM:info@contoso.com;phone-context=HQ", "eum:INFO@contoso.com;phone-context=hq", True),
        ("SMTP:info@contoso.com", "sip:info@contoso.com", False),
        ("smtp:a@contoso.com", "smtp:b@contoso.com", False),
        ("x500:/o=C/cn=info", "x500:/o=C/cn=info", False),
        ("X400:C=US;A= ;P=Contoso", "X400:C=US;A= ;P=Contoso", False),
        ("smtp:", "smtp:", False),
    ],
)
def test_two_proxy_addresses_are_the_same_or_not(one: str, other: str, same: bool) -> None:
    found = shared(users=users("ada | -", "bo | -"), proxy_addresses=proxies(f"ada | {one}", f"bo | {other}"))
    assert found == ({("ada", one.lower()): "bo", ("bo", one.lower()): "ada"} if same else {})


@pytest.mark.parametrize("stored", ["sip:ada@contoso.com", "SIP:Ada@Contoso.com", "ada@contoso.com"])
def test_the_sip_address_of_one_among_the_proxy_addresses_of_another_is_shared(stored: str) -> None:
    found = shared(users=users(f"ada | {stored}", "bo | -"), proxy_addresses=proxies("bo | sip:ada@contoso.com"))
    assert found == {("ada", "sip:ada@contoso.com"): "bo", ("bo", "sip:ada@contoso.com"): "ada"}


def test_what_lync_has_stands_among_the_proxy_addresses_of_the_same_user() -> None:
    held = users("ada | sip:ada@contoso.com", "bo | -")
    assert shared(users=held, proxy_addresses=proxies("ada | SIP:ada@contoso.com", "ada | sip:ada@contoso.com")) == {}


def test_a_sip_address_shared_in_lync_alone_is_no_proxy_address() -> None:
    assert shared(users=users("ada | sip:ada@contoso.com", "bo | sip:ada@contoso.com")) == {}


def test_contacts_hold_addresses_too_and_are_told_as_what_they_are() -> None:
    found = look(
        "shared_addresses",
        "address",
        users=users("ada | -"),
        contacts=table("identity | sip_address\nDesk | sip:ada@contoso.com"),
        proxy_addresses=proxies("ada | sip:ada@contoso.com"),
    )
    assert found[["table", "identity"]].to_numpy().tolist() == [["users", "ada"], ["contacts", "Desk"]]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("eum:51234;phone-context=HQ.contoso.com", "EUM:51234;phone-context=hq.contoso.com", True),
        ("eum:51234;phone-context=HQ.contoso.com", "eum:51234;phone-context=Lab.contoso.com", False),
        ("eum:51234;phone-context=HQ.contoso.com", "eum:051234;phone-context=HQ.contoso.com", False),
        ("eum:51234", "eum:51234", False),
        ("eum:info@contoso.com;phone-context=HQ", "eum:info@contoso.com;phone-context=HQ", False),
        ("eum:+14255550100;phone-context=HQ", "eum:+14255550100;phone-context=HQ", False),
    ],
)
def test_two_users_have_one_extension_or_not(one: str, other: str, same: bool) -> None:
    held = proxies(f"ada | {one}", f"bo | {other}", f"ada | {one.upper()}")
    found = look("shared_extensions", "others", users=users("ada | -", "bo | -"), proxy_addresses=held)
    assert found[["identity", "others"]].to_numpy().tolist() == ([["ada", "bo"], ["bo", "ada"]] if same else [])


def test_the_extension_of_another_forests_user_is_of_another_forests_plan() -> None:
    held = proxies("ada | eum:51234;phone-context=HQ", "bo | eum:51234;phone-context=HQ")
    two = table("identity | object_class\nada | user\nbo | contact")
    assert look("shared_extensions", "others", users=two, proxy_addresses=held).empty
