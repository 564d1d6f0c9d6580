"""MIG-002, MIG-003, MIG-007, MIG-018: what of a user's place in Lync stands in the way of the move."""

from dataclasses import replace
from typing import Any

import pytest

from adinspect import assess, visibility
from adinspect.finding import Target
from adinspect.rule import Rule, Skipped
from adinspect.rules.migration import (
    conferencing_provider_left,
    extension_not_assignable,
    homed_on_premises,
    line_uri_blocks_assignment,
)
from adinspect.sites import NumberRange, NumberType, Owner, Ranges
from adinspect.testing import EVERYONE, TODAY, findings, offenders, outcome, table, tables
from adinspect.visibility import State

LINES = table("""
    identity | line_uri                 | deployment_locator
    plain    | tel:+14255550100         | SRV:
    ext      | tel:+14255550101;ext=101 | SRV:
    EXT      | TEL:+14255550102;EXT=102 | -
    online   | tel:+14255550103;ext=3   | sipfed.online.lync.com
    pbx      | sip:fax@pbx.contoso.com  | SRV:
    none     | -                        | SRV:
""")


def judged(rule: Rule, **given: Any) -> list[str]:
    return offenders(rule, target=Target.TEAMS_PHONE, **given)


def test_every_line_blocks_an_assignment_where_numbers_are_to_be_managed_in_teams() -> None:
    named = judged(line_uri_blocks_assignment, users=LINES, numbers_managed="teams")
    assert sorted(named) == ["EXT", "ext", "online", "pbx", "plain"]


def test_no_line_blocks_anything_where_numbers_stay_managed_in_the_directory() -> None:
    assert judged(line_uri_blocks_assignment, users=LINES, numbers_managed="directory") == []


@pytest.mark.parametrize(
    ("number_type", "named"),
    [("CallingPlan", {"ext", "EXT", "online"}), ("OperatorConnect", {"ext", "EXT", "online"}), ("DirectRouting", set())],
)
def test_only_direct_routing_takes_an_extension(number_type: str, named: set[str]) -> None:
    found = findings(extension_not_assignable, users=LINES, number_type=number_type, target=Target.TEAMS_PHONE)
    assert set(found["identity"]) == named
    assert all(number_type in message for message in found["message"])


CALLING_PLAN = NumberRange("+14255550101", "+14255550101", Owner.LYNC, number_type=NumberType.CALLING_PLAN)
DIRECT_ROUTING = NumberRange("+14255550103", "+14255550103", Owner.LYNC, number_type=NumberType.DIRECT_ROUTING)
UNTYPED = NumberRange("+14255550102", "+14255550102", Owner.LYNC)


@pytest.mark.parametrize(
    ("number_type", "named"),
    [
        ("CallingPlan", {"ext": "certain", "EXT": "certain"}),
        ("DirectRouting", {"ext": "certain"}),
        (None, {"ext": "certain", "EXT": "likely"}),
    ],
)
def test_a_number_is_of_the_type_that_its_range_says(number_type: str | None, named: dict[str, str]) -> None:
    whole = NumberType(number_type) if number_type else None
    wishes = replace(EVERYONE, ranges=Ranges((CALLING_PLAN, UNTYPED, DIRECT_ROUTING)), number_type=whole)
    judging: dict[str, Any] = {"target": Target.TEAMS_PHONE, "today": TODAY, "profile": wishes}
    view = assess.view_of(tables(users=LINES), visibility.nothing_hidden(), **judging)
    verdict = assess.judge(extension_not_assignable, view, {"number_type": number_type} if number_type else {})
    assert not isinstance(verdict, Skipped)
    found = verdict.findings
    assert dict(zip(found["identity"], found["certainty"], strict=True)) == named
    assert "a number of type CallingPlan cannot have" in found.set_index("identity")["message"]["ext"]


@pytest.mark.parametrize(
    ("rule", "setting"), [(line_uri_blocks_assignment, "numbers_managed"), (extension_not_assignable, "number_type")]
)
def test_what_depends_on_the_plan_for_numbers_is_not_judged_until_the_profile_says_it(rule: Rule, setting: str) -> None:
    verdict = outcome(rule, users=LINES, target=Target.TEAMS_PHONE)
    assert isinstance(verdict, Skipped)
    assert verdict.reason.startswith(f"the profile does not say {setting} ([rules.{rule.code}])")


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ("yes | SRV: | -", True),
        ("yes | srv: | -", True),
        ("yes | - | CN=Lc Services", True),
        ("yes | - | -", False),
        ("yes | sipfed.online.lync.com | CN=Lc Services", False),
        ("no | SRV: | CN=Lc Services", False),
        ("- | SRV: | CN=Lc Services", False),
    ],
)
def test_only_an_enabled_user_whose_home_is_a_pool_is_still_homed_on_premises(user: str, named: bool) -> None:
    users = table("identity | sip_enabled | deployment_locator | pool_service\nada | " + user)
    assert judged(homed_on_premises, users=users) == (["ada"] if named else [])


def test_conferencing_data_of_a_third_party_is_told_by_its_presence() -> None:
    users = table("identity | conferencing_provider\nada | yes\nbo | no\ncy | -")
    assert judged(conferencing_provider_left, users=users) == ["ada"]


@pytest.mark.parametrize(
    ("rule", "column", "settings"),
    [
        (line_uri_blocks_assignment, "line_uri", {"numbers_managed": "teams"}),
        (extension_not_assignable, "line_uri", {"number_type": "CallingPlan"}),
        (homed_on_premises, "sip_enabled", {}),
        (conferencing_provider_left, "conferencing_provider", {}),
    ],
)
def test_a_user_whose_column_was_not_seen_is_held_back_and_counted(rule: Rule, column: str, settings: dict[str, Any]) -> None:
    users = table(
        "identity | line_uri | sip_enabled | conferencing_provider | deployment_locator\n"
        + "\n".join(f"{name} | tel:+14255550100;ext=1 | yes | yes | SRV:" for name in ("hidden", "seen"))
    )
    unseen = visibility.rows(("users", column, "users-0", State.UNREADABLE, "may not be read"))
    verdict = outcome(rule, users=users, visibility=unseen, target=Target.TEAMS_PHONE, **settings)
    assert not isinstance(verdict, Skipped)
    assert (list(verdict.findings["identity"]), verdict.judged, verdict.of) == (["seen"], 1, 2)
