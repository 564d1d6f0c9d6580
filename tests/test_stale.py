from __future__ import annotations

from typing import Any

import pytest
from plan_books import ENABLE, MAILBOX, VOICE, guid, made, row

from adinspect import assess, stale, step
from adinspect.finding import Target
from adinspect.plan import Plan
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.view import View
from adinspect.visibility import State, nothing_hidden, rows

USERS = "identity | dn | guid | sip_address | sip_enabled | line_uri | deployment_locator | um_enabled | mailbox_database"


def user(identity: str, *cells: str) -> str:
    """A user as a snapshot holds one: SIP address, whether enabled, line, locator, whether UM is on."""
    return " | ".join((identity, f"CN={identity}", guid(identity), *cells, *["-"] * (5 - len(cells)), "CN=DB"))


def seen(*users: str, unseen: Any = None, **written: str) -> View:
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
