"""What Get-UMMailbox and Get-Mailbox would show."""

from __future__ import annotations

from typing import Any

import pytest

from adinspect import assess, readings, step
from adinspect.finding import Target
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.visibility import nothing_hidden

PLANS = """
identity | uri_type | phone_context | extension_digits
HQ       | 3        | HQ.example    | 5
World    | 2        | World.example | 5
Lab      | 1        | Lab.example   | 5
"""
POLICIES = "identity | dial_plan\nHQ Policy | HQ"
EVE, WORLD, LAB = "EUM:eve@contoso.com;phone-context=hq.example", "EUM:+14255550101;phone-context=World.example", "EUM:50101"
USER = {
    "identity": "Eve",
    "mailbox_database": "DB1",
    "um_enabled": "yes",
    "um_dial_plan": "HQ",
    "um_mailbox_policy": "HQ Policy",
    "um_fax": "yes",
}


def shown(cmdlet: str, *addresses: str, **user: str) -> Any:
    """What a Get cmdlet shows of Eve; None where it does not find her."""
    told = {**USER, **user}
    users = "\n".join((" | ".join(told), " | ".join(told.values())))
    proxies = "\n".join(("identity | address", *(f"Eve | {one}" for one in addresses)))
    written = {"users": users, "proxy_addresses": proxies, "dial_plans": PLANS, "mailbox_policies": POLICIES}
    whole = tables(**{name: table(text) for name, text in written.items()})
    view = assess.view_of(whole, nothing_hidden(), target=Target.UM_LYNC, today=TODAY, profile=EVERYONE)
    return readings.present(cmdlet, view).found.get(("users-0", ""))


def test_what_is_shown_of_some_is_what_is_shown_of_all_of_them() -> None:
    users = "identity | mailbox_database\nEve | DB1\nBob | DB1\nUna | DB1"
    proxies = "identity | address\nEve | SMTP:eve@contoso.com\nUna | SMTP:una@contoso.com\nUna | smtp:u@contoso.com"
    whole = tables(users=table(users), proxy_addresses=table(proxies))
    view = assess.view_of(whole, nothing_hidden(), target=Target.UM_LYNC, today=TODAY, profile=EVERYONE)
    everybody = readings.present("Get-Mailbox", view).found
    some = [("users-0", ""), ("users-1", "")]
    assert readings.present("Get-Mailbox", view, ["users-0", "users-1"]).found == {at: everybody[at] for at in some}
    assert len(everybody) == 3


@pytest.mark.parametrize(
    ("user", "addresses", "expected"),
    [
        pytest.param({}, [EVE], "eve@contoso.com", id="the primary address of a SIP URI plan"),
        pytest.param({}, [EVE.lower()], None, id="a secondary one is none"),
        pytest.param({}, ["EUM:50101;phone-context=Gone"], "50101", id="whatever it is"),
        pytest.param({}, [EVE, "EUM:50101;phone-context=HQ.example"], step.UNKNOWN, id="two: nobody knows which"),
        pytest.param({"um_dial_plan": "World"}, [WORLD], "+14255550101", id="of an E.164 plan"),
        pytest.param({"um_dial_plan": "Lab"}, [f"{LAB};phone-context=Lab.example"], None, id="a plan of extensions has none"),
        pytest.param({"um_dial_plan": "-"}, [EVE], None, id="no plan of one's own"),
    ],
)
def test_the_sip_resource_identifier_is_the_primary_address(user: dict[str, str], addresses: list[str], expected: Any) -> None:
    assert shown("Get-UMMailbox", *addresses, **user)["SIPResourceIdentifier"] == expected


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        pytest.param(
            [EVE, "eum:50102;phone-context=HQ.example", "eum:50101;phone-context=HQ.example"], ("50101", "50102"), id="all"
        ),
        pytest.param([EVE, "eum:50101;phone-context=hq.example", "eum:7;phone-context=Lab.example"], ("50101",), id="the own"),
        pytest.param(["EUM:7;phone-context=Gone", "eum:8;phone-context=Gone"], ("7", "8"), id="else those of another plan"),
        pytest.param([EVE, "eum:broken"], None, id="none"),
    ],
)
def test_extensions_are_those_of_the_own_plan_else_all(addresses: list[str], expected: Any) -> None:
    assert shown("Get-UMMailbox", *addresses)["Extensions"] == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("HQ Policy", "mailbox_policies-0"), ("-", None), ("CN=Hidden", step.UNKNOWN)],
)
def test_a_policy_that_was_not_seen_is_not_none(policy: str, expected: Any) -> None:
    assert shown("Get-UMMailbox", um_mailbox_policy=policy)["UMMailboxPolicy"] == expected


def test_what_no_table_says_is_unknown_and_who_has_no_unified_messaging_is_not_found() -> None:
    row = shown("Get-UMMailbox")
    assert (row["FaxEnabled"], row["MissedCallNotificationEnabled"]) == (True, step.UNKNOWN)
    assert shown("Get-UMMailbox", um_enabled="no") is None
    assert shown("Get-UMMailbox", mailbox_database="-") is None  # what was left of Unified Messaging when the mailbox was moved


def test_a_mailbox_shows_every_address_it_has() -> None:
    held = ["smtp:b@contoso.com", EVE, "SMTP:a@contoso.com", "sip:eve@contoso.com"]
    assert shown("Get-Mailbox", *held, mailbox_database="DB") == {"EmailAddresses": tuple(sorted(held))}
    assert shown("Get-Mailbox", mailbox_database="DB") == {"EmailAddresses": None}
    assert shown("Get-Mailbox", *held, mailbox_database="-") is None
