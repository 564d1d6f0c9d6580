"""AA: auto attendants that no call from Lync can reach."""

from collections.abc import Mapping

import pytest

from adinspect import visibility
from adinspect.profile import Elsewhere
from adinspect.rule import Rule, Skipped
from adinspect.rules.auto_attendants import (
    auto_attendant_name_with_space,
    auto_attendant_number_unusable,
    auto_attendant_unreachable,
    dial_plan_without_auto_attendant,
)
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State

PLANS = table("""
    identity | dn        | uri_type
    London   | CN=London | 3
    PBX      | CN=PBX    | 1
    Depot    | CN=Depot  | 2
    Silent   | CN=Silent | -
""")
MENUS = table(r"""
    identity | dial_plan
    Main     | CN=London
    Loose    | -
    Lost     | CN=Never there
    Deleted  | CN=Closed\0ADEL:1,CN=Deleted Objects
    Workshop | CN=PBX
    Goods In | CN=Depot
    Quiet    | CN=Silent
""")
DANGLING = {
    "Loose": "it names no UM dial plan",
    "Lost": "its UM dial plan does not exist",
    "Deleted": "its UM dial plan does not exist",
}
NOT_SIP_URI = dict.fromkeys(["Workshop", "Goods In"], "its UM dial plan is not a SIP URI one")


@pytest.mark.parametrize(
    ("pools", "lync_forest", "expected"),
    [
        ("fqdn\npool01.contoso.com", Elsewhere.UNKNOWN, DANGLING | NOT_SIP_URI),
        ("fqdn", Elsewhere.OTHER, DANGLING | NOT_SIP_URI),
        ("fqdn", Elsewhere.UNKNOWN, DANGLING),
        ("fqdn", Elsewhere.THIS, DANGLING),
    ],
)
def test_an_auto_attendant_needs_a_dial_plan_and_beside_lync_a_sip_uri_one(
    pools: str, lync_forest: Elsewhere, expected: Mapping[str, str]
) -> None:
    found = findings(
        auto_attendant_unreachable, auto_attendants=MENUS, dial_plans=PLANS, pools=table(pools), lync_forest=lync_forest
    )
    assert dict(zip(found["identity"], found["because"], strict=True)) == expected
    assert set(found["severity"]) == {"medium"}


def test_a_number_in_a_sip_uri_dial_plan_is_e164_and_none_at_all_only_informs() -> None:
    menus = table("""
        identity | dial_plan
        Main     | CN=London
        Billing  | CN=London
        Keys     | CN=London
        PBX menu | CN=PBX
        PBX keys | CN=PBX
        Lost     | CN=Never there
    """)
    numbers = table("""
        identity | number
        Main     | +14255550100
        Billing  | +14255550101
        Billing  | 50195
        Billing  | (425) 555-0102
        PBX menu | 5000
        Lost     | 5001
    """)
    found = findings(auto_attendant_number_unusable, auto_attendants=menus, auto_attendant_numbers=numbers, dial_plans=PLANS)
    assert [tuple(row) for row in found[["identity", "severity", "because", "message"]].to_numpy()] == [
        ("Billing", "high", "not E.164: (425) 555-0102, 50195", "UM auto attendant Billing has a number that is not E.164."),
        ("Keys", "info", "", "UM auto attendant Keys has no number."),
        ("PBX keys", "info", "", "UM auto attendant PBX keys has no number."),
    ]


@pytest.mark.parametrize(
    ("name", "plan", "found"),
    [
        ("After Hours", "CN=London", ["Menu"]),
        ("After\u00a0Hours", "CN=London", ["Menu"]),
        ("After Hours", "-", ["Menu"]),
        ("After Hours", "CN=Never there", ["Menu"]),
        ("After Hours", "CN=Silent", ["Menu"]),
        ("After Hours", "CN=PBX", []),
        ("After Hours", "CN=Depot", []),
        ("After-Hours_1", "CN=London", []),
    ],
)
def test_an_auto_attendant_that_lync_may_call_has_no_space_in_its_name(name: str, plan: str, found: list[str]) -> None:
    menus = table(f"identity | name | dial_plan\nMenu | {name} | {plan}")
    assert offenders(auto_attendant_name_with_space, auto_attendants=menus, dial_plans=PLANS) == found


def test_every_sip_uri_dial_plan_without_an_auto_attendant_is_named() -> None:
    plans = table(
        "identity | dn | uri_type\nLondon | CN=London | 3\nOslo | CN=Oslo | 3\nPBX | CN=PBX | 1\nSilent | CN=Silent | -"
    )
    found = findings(dial_plan_without_auto_attendant, auto_attendants=MENUS, dial_plans=plans)
    assert [(row.identity, row.severity) for row in found.itertuples()] == [("Oslo", "info")]


@pytest.mark.parametrize(
    ("rule", "unseen", "column"),
    [
        (auto_attendant_name_with_space, "dial_plans", "uri_type"),
        (dial_plan_without_auto_attendant, "auto_attendants", "dial_plan"),
        (dial_plan_without_auto_attendant, "auto_attendants", ""),
    ],
)
def test_what_was_not_seen_accuses_nobody(rule: Rule, unseen: str, column: str) -> None:
    hidden = visibility.rows((unseen, column, f"{unseen}-0" if column else None, State.UNREADABLE, "not seen"))
    verdict = outcome(rule, auto_attendants=MENUS, dial_plans=PLANS, visibility=hidden)
    assert verdict == Skipped(f"{unseen}: not seen")
