from __future__ import annotations

from typing import Any

import pytest
from plan_books import ENABLE, MAILBOX, POLICY, VOICE, guid, made, row

from adinspect import assess, stale, step
from adinspect.finding import Target
from adinspect.plan import Plan
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.view import View
from adinspect.visibility import State, nothing_hidden, rows

ADDRESSES = "32_mailbox_eum"
ALSO = POLICY.replace("a", "b")
USERS = "identity | dn | guid | sip_address | sip_enabled | line_uri | deployment_locator | um_enabled | mailbox_database"


def user(identity: str, *cells: str) -> str:
    """A user as a snapshot holds one: SIP address, whether enabled, line, locator, whether UM is on."""
    return " | ".join((identity, f"CN={identity}", guid(identity), *cells, *["-"] * (5 - len(cells)), "CN=DB"))


EXCHANGE = {
    "dial_plans": "identity | name | dn | guid | phone_context | extension_digits\nHQ | HQ | CN=HQ | 7 | HQ.contoso.com | 5",
    "dial_plan_equivalents": "identity | dn | guid | phone_context\nHQ | CN=HQ | 7 | Old.contoso.com",
    "mailbox_policies": f"identity | guid | dial_plan\nHQ Policy | {POLICY} | CN=HQ\nAlso HQ | {ALSO} | CN=HQ",
}
"""A UM dial plan with an equivalent phone context, and two UM mailbox policies that lead to it."""


def seen(*users: str, unseen: Any = None, **written: str) -> View:
    written = {**EXCHANGE, **written}
    whole = tables(users=table("\n".join((USERS, *users))), **{name: table(text) for name, text in written.items()})
    hidden = nothing_hidden() if unseen is None else unseen
    return assess.view_of(whole, hidden, target=Target.UM_LYNC, today=TODAY, profile=EVERYONE)


def kept(one: Plan, view: View) -> str:
    """Why the only row of a plan is stale; empty where it is not."""
    after, count = stale.without(one, view)
    (told,) = [line for table in after.rows.values() for line in table.to_dict("records") if line[step.OBJECT] == "Ada"]
    assert count == bool(told[step.REASON])
    assert after.steps["reason"].iloc[0] == told[step.REASON]
    return str(told[step.REASON])


NEW = made({ENABLE: [row(ENABLE, "Ada")]})
LINE = made({VOICE: [row(VOICE, "Ada")]})
WAITING = made({VOICE: [row(VOICE, "Ada", **{step.AFTER: step.name(ENABLE, guid("Ada"))})]})
BOX = made({MAILBOX: [row(MAILBOX, "Ada")]})


@pytest.mark.parametrize(
    ("one", "users", "why"),
    [
        pytest.param(NEW, [user("Ada")], "", id="as it was"),
        pytest.param(NEW, [user("Bob")], "is stale: the object is not there any more", id="gone"),
        pytest.param(NEW, [user("Ada", "sip:ada@contoso.com")], "SipAddress was (none) when the plan was made", id="set"),
        pytest.param(NEW, [user("Ada", "-", "-", "-", "sipfed.online.lync.com")], "is stale: is homed online", id="moved online"),
        pytest.param(
            NEW,
            [user("Ada"), user("Bob", "SIP:Ada@contoso.com", "yes")],
            "the SIP address ada@contoso.com is held by Bob now",
            id="address taken",
        ),
        pytest.param(LINE, [user("Ada", "sip:ada@contoso.com", "yes")], "", id="a line as it was"),
        pytest.param(
            LINE,
            [user("Ada", "sip:ada@contoso.com", "yes"), user("Bob", "-", "-", "tel:+14255550100")],
            "the number +14255550100 is held by Bob now",
            id="number taken",
        ),
        pytest.param(LINE, [user("Ada")], "Get-CsUser would not find it", id="not found any more"),
        pytest.param(WAITING, [user("Ada")], "", id="waits for what makes it found"),
        pytest.param(
            WAITING, [user("Ada", "-", "-", "-", "sipfed.online.lync.com")], "is homed online", id="waits, and moved online"
        ),
        pytest.param(BOX, [user("Ada")], "", id="a mailbox as it was"),
        pytest.param(BOX, [user("Ada", "-", "-", "-", "-", "yes")], "Get-UMMailbox finds it already", id="enabled since"),
    ],
)
def test_what_is_not_as_it_was_is_kept_out_and_says_why(one: Plan, users: list[str], why: str) -> None:
    assert (why in kept(one, seen(*users))) if why else not kept(one, seen(*users))


def test_what_nobody_can_see_any_more_is_kept_out() -> None:
    hidden = rows(("users", "sip_address", guid("Ada"), State.UNREADABLE, "no right"))
    assert "is stale: users: no right" in kept(NEW, seen(user("Ada"), unseen=hidden))


def test_where_holders_are_not_all_seen_nothing_new_is_given() -> None:
    hidden = rows(("contacts", "", None, State.INCOMPLETE, "the search was cut"))
    assert "nobody can tell who holds the SIP address ada@contoso.com: " in kept(NEW, seen(user("Ada"), unseen=hidden))


def test_a_row_that_was_not_approved_keeps_its_reason() -> None:
    one = made({ENABLE: [row(ENABLE, "Ada", **{step.REASON: "not approved"})]})
    after, count = stale.without(one, seen())
    assert (after.rows[ENABLE][step.REASON][0], count) == ("not approved", 0)


def addresses(*held: tuple[str, str]) -> dict[str, str]:
    """Proxy addresses of people and of contacts (whose names begin with a plus sign)."""
    of = {table: [pair for pair in held if (pair[0][0] == "+") is (table != "proxy_addresses")] for table in HOLDING}
    header = "identity | guid | address\n"
    told = {table: "\n".join(f"{name} | {guid(name)} | {one}" for name, one in pairs) for table, pairs in of.items()}
    return {table: header + lines for table, lines in told.items() if lines}


HOLDING = ("proxy_addresses", "contact_proxy_addresses")
IN_HQ = "eum:00123;phone-context=HQ.contoso.com"
ADDED = made(
    {ADDRESSES: [adding := {**row(ADDRESSES, "Ada", Add=("eum:00123;phone-context=hq.Contoso.com",)), "Identity": guid("Ada")}]}
)


@pytest.mark.parametrize(
    ("one", "written", "why"),
    [
        pytest.param(
            BOX, addresses(("Bob", IN_HQ)), "the extension 00123 is held by Bob now", id="an extension of the dial plan"
        ),
        pytest.param(
            BOX, addresses(("Bob", IN_HQ.replace("HQ", "oLD"))), "extension 00123 is held by Bob", id="an equivalent context"
        ),
        pytest.param(BOX, addresses(("+Desk", IN_HQ)), "extension 00123 is held by +Desk", id="of a contact"),
        pytest.param(BOX, addresses(("Bob", IN_HQ.replace("HQ", "Lab"))), "", id="of another dial plan"),
        pytest.param(BOX, addresses(("Ada", IN_HQ)), "", id="of the user"),
        pytest.param(
            BOX,
            addresses(("Bob", "EUM:ada@contoso.com;phone-context=HQ.contoso.com")),
            "the EUM address ada@contoso.com is held by Bob now",
            id="the SIP address as an EUM address of the dial plan",
        ),
        pytest.param(
            BOX, addresses(("Bob", "sip:ada@contoso.com")), "the SIP address ada@contoso.com is held by Bob", id="of Lync"
        ),
        pytest.param(
            BOX,
            {"dial_plan_numbers": "identity | dn | guid | number\nHQ | CN=HQ | 7 | 00124"},
            "the extension 00124 is held by a service of HQ now",
            id="an access number",
        ),
        pytest.param(
            BOX,
            {"mailbox_policies": f"identity | guid | dial_plan\nHQ Policy | {POLICY} | CN=Gone"},
            "who holds the extension 00123: its UM mailbox policy is none that leads to a UM dial plan",
            id="in no dial plan",
        ),
        pytest.param(ADDED, addresses(("Bob", IN_HQ)), "the EUM address 00123 is held by Bob now", id="an EUM address"),
        pytest.param(
            ADDED, addresses(("Bob", IN_HQ.replace("HQ", "Old"))), "EUM address 00123 is held by Bob", id="an equivalent one"
        ),
        pytest.param(
            ADDED, {"dial_plans": "identity\n-", **addresses(("Bob", IN_HQ))}, "held by Bob", id="a context of no dial plan"
        ),
        pytest.param(ADDED, addresses(("Bob", IN_HQ.replace("23", "24"))), "", id="another one"),
    ],
)
def test_whoever_holds_an_address_keeps_it_from_others(one: Plan, written: dict[str, str], why: str) -> None:
    told = kept(one, seen(user("Ada", "sip:ada@contoso.com"), user("Bob"), **written))
    assert (why in told) if why else not told


def test_a_plan_gives_an_extension_to_one_alone_by_whatever_policy_and_file() -> None:
    zoe = {**row(MAILBOX, "Zoe", UMMailboxPolicy=ALSO, Extensions=("00123",))}
    for other in (made({MAILBOX: [row(MAILBOX, "Ada"), zoe]}), made({MAILBOX: [zoe], ADDRESSES: [adding]})):
        told, count = stale.without(other, seen(user("Ada"), user("Zoe")))
        reasons = [line[step.REASON] for table in told.rows.values() for line in table.to_dict("records")]
        assert count == 2
        assert all("00123 would be that of " in reason for reason in reasons), reasons


def test_a_sip_address_that_is_added_to_a_mailbox_is_compared_as_one() -> None:
    one = made({ADDRESSES: [{**adding, "Add": ("sip:New@contoso.com",)}]})
    assert "the SIP address new@contoso.com is held by Bob" in kept(one, seen(user("Ada"), user("Bob", "sip:new@contoso.com")))
