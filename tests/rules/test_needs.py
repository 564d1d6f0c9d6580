"""Exchange and Lync may live in different forests: what a rule needs to be in sight, and what it says where it is not."""

import pytest

from adinspect import rules, visibility
from adinspect.rule import Need, Rule, Skipped
from adinspect.testing import outcome, table
from adinspect.visibility import State

TOPOLOGY = ("DP-", "GW-", "HG-", "AA-", "POL-", "SRV-", "CON-")
BESIDE_LYNC = {"GW-001", "GW-007", "HG-002", "HG-003", "CON-001", "CON-002", "CON-003", "CON-004"}
OF_EXCHANGE = [rule for rule in rules.shipped().values() if rule.code.startswith(TOPOLOGY)]


@pytest.mark.parametrize("rule", OF_EXCHANGE, ids=lambda rule: rule.code)
def test_the_topology_of_um_is_judged_only_where_exchange_is_seen_and_lyncs_part_of_it_where_a_pool_is(rule: Rule) -> None:
    assert Need.EXCHANGE in rule.needs
    assert (Need.POOL in rule.needs) is (rule.code in BESIDE_LYNC)


@pytest.mark.parametrize("rule", OF_EXCHANGE, ids=lambda rule: rule.code)
@pytest.mark.parametrize(
    ("hidden", "why"),
    [
        ([], "the directory shows none to this account"),
        (["the naming context configuration is not in this export"], "the naming context configuration is not in this export"),
    ],
)
def test_not_visible_and_not_in_the_export_are_told_apart(rule: Rule, hidden: list[str], why: str) -> None:
    seen = visibility.rows(*(("organization", "", None, State.INCOMPLETE, reason) for reason in hidden))
    assert outcome(rule, needs=True, visibility=seen) == Skipped(f"no Exchange organization is in sight: {why}")


@pytest.mark.parametrize("code", sorted(BESIDE_LYNC))
def test_without_a_pool_what_lync_needs_is_not_judged(code: str) -> None:
    verdict = outcome(rules.shipped()[code], needs=True, organization=table("name\nContoso"))
    assert isinstance(verdict, Skipped)
    assert verdict.reason.startswith("no Lync / Skype for Business pool is in sight")
