"""POL: policies that no user can have, and policies that allow weak PINs."""

import pytest

from adinspect import visibility
from adinspect.rule import Skipped
from adinspect.rules.mailbox_policies import mailbox_policy_orphaned, pin_policy_weak
from adinspect.testing import findings, offenders, outcome, table
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


SHORT = "PINs may have fewer than 6 digits"
NEVER = "PINs never expire"
UNSET = "no lifetime of PINs is set, which may mean that they never expire"
COMMON = "common patterns may be allowed, if 1 is the value that refuses them"


@pytest.mark.parametrize(
    ("policy", "certainty", "because"),
    [
        ("6 | 5184000 | 1", "", ""),
        ("24 | 1 | 1", "", ""),
        ("- | 5184000 | 1", "", ""),
        ("5 | 5184000 | 1", "certain", SHORT),
        ("6 | 0 | 1", "certain", NEVER),
        ("6 | - | 1", "likely", UNSET),
        ("6 | 5184000 | 0", "likely", COMMON),
        ("6 | 5184000 | -", "likely", COMMON),
        ("4 | 0 | 0", "certain", f"{SHORT}; {NEVER}; {COMMON}"),
        ("- | - | -", "likely", f"{UNSET}; {COMMON}"),
    ],
)
def test_a_policy_asks_for_pins_that_are_long_enough_expire_and_follow_no_pattern(
    policy: str, certainty: str, because: str
) -> None:
    policies = table(f"identity | min_pin_length | pin_lifetime | pin_no_common_patterns\nLondon | {policy}")
    found = [(row.certainty, row.because) for row in findings(pin_policy_weak, mailbox_policies=policies).itertuples()]
    assert found == ([(certainty, because)] if because else [])


def test_the_shortest_pin_and_what_refuses_common_patterns_are_settings() -> None:
    policies = table("""
        identity | min_pin_length | pin_lifetime | pin_no_common_patterns
        Seven    | 7              | 5184000      | 0
        Unset    | 8              | 5184000      | -
        Allowing | 8              | 5184000      | 1
    """)
    found = findings(pin_policy_weak, mailbox_policies=policies, shortest=8, patterns_refused=0)
    assert {row.identity: row.because for row in found.itertuples()} == {
        "Seven": "PINs may have fewer than 8 digits",
        "Allowing": "common patterns may be allowed, if 0 is the value that refuses them",
    }
