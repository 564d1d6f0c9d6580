"""POL: policies that no user can have."""

from adinspect import visibility
from adinspect.rule import Skipped
from adinspect.rules.mailbox_policies import mailbox_policy_orphaned
from adinspect.testing import offenders, outcome, table
from adinspect.visibility import State

PLANS = table("identity | dn\nLondon | CN=London")
POLICIES = table(r"""
    identity | dial_plan
    London   | CN=London
    Unbound  | -
    Lost     | CN=Never there
    Deleted  | CN=Closed\0ADEL:1,CN=Deleted Objects
""")


def test_every_policy_without_a_live_dial_plan_is_named() -> None:
    assert offenders(mailbox_policy_orphaned, mailbox_policies=POLICIES, dial_plans=PLANS) == ["Unbound", "Lost", "Deleted"]


def test_a_dial_plan_that_was_not_seen_is_no_deleted_one() -> None:
    hidden = visibility.rows(("dial_plans", "", None, State.INCOMPLETE, "not all were seen"))
    verdict = outcome(mailbox_policy_orphaned, mailbox_policies=POLICIES, dial_plans=PLANS, visibility=hidden)
    assert verdict == Skipped("dial_plans: not all were seen")


def test_only_the_policy_whose_link_was_not_seen_is_held_back() -> None:
    hidden = visibility.rows(("mailbox_policies", "dial_plan", "mailbox_policies-1", State.UNREADABLE, "may not be read"))
    verdict = outcome(mailbox_policy_orphaned, mailbox_policies=POLICIES, dial_plans=PLANS, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["Lost", "Deleted"]
    assert (verdict.judged, verdict.of) == (3, 4)
