from __future__ import annotations

from collections.abc import Mapping

import pytest
from pandas import DataFrame

from adinspect import assess, explain, rules, testing
from adinspect.explain import Explanation, Judgement, Outcome
from adinspect.finding import Target
from adinspect.testing import EVERYONE, TODAY, table
from adinspect.visibility import State, nothing_hidden, rows

ADA, BOB = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
PLAN = "16fd2706-8baf-433b-82eb-8c7fada847da"

WRITTEN = {
    "users": table(f"""
        identity | guid  | dn                           | upn             | sip_address       | sam_account_name | line_uri
        ada      | {ADA} | CN=Ada,DC=contoso,DC=example | ada@contoso.com | sip:a@contoso.com | ada              | tel:1
        Desk     | {BOB} | CN=Bob,DC=contoso,DC=example | bob@contoso.com | sip:b@contoso.com | desk             | -
    """).assign(sip_enabled="yes", recipient_type="1"),
    "proxy_addresses": table("identity | address\nada | SMTP:ada@contoso.com\nada | sip:a@contoso.com"),
    "dial_plans": table(f"name | guid\nDesk | {PLAN}"),
}


@pytest.mark.parametrize(
    ("called", "guids"),
    [
        (ADA, [ADA]),
        ("{" + ADA.upper() + "}", [ADA]),
        ("cn=ada, dc=CONTOSO,dc=example", [ADA]),
        ("ADA@contoso.com", [ADA]),
        ("sip:A@contoso.com", [ADA]),
        ("a@contoso.com", [ADA]),
        ("ada", [ADA]),
        ("bob@contoso.com", [BOB]),
        ("desk", [PLAN, BOB]),
        ("nobody", []),
        ("*", []),
        ("", []),
        ("00000000-0000-0000-0000-000000000000", []),
    ],
)
def test_an_object_is_found_by_what_people_call_it(called: str, guids: list[str]) -> None:
    assert set(explain.find(testing.tables(**WRITTEN), called)["guid"]) == set(guids)


def test_an_object_that_stands_in_several_tables_is_one() -> None:
    domain = table(f"dn | guid | name\nDC=contoso,DC=example | {ADA} | contoso")
    found = explain.find(testing.tables(forest=domain, containers=domain), "DC=contoso,DC=example")
    assert found[["guid", "tables"]].values.tolist() == [[ADA, ("containers", "forest")]]


def explained(guid: str, unseen: DataFrame | None = None, *, written: Mapping[str, DataFrame] = WRITTEN) -> Explanation:
    seen = nothing_hidden() if unseen is None else unseen
    read = testing.tables(**written)
    judged = assess.assess(read, seen, target=Target.UM_LYNC, today=TODAY, profile=EVERYONE)
    view = assess.view_of(read, seen, target=Target.UM_LYNC, today=TODAY, profile=EVERYONE)
    catalogue = [rule for rule in rules.shipped().values() if Target.UM_LYNC in rule.targets]
    return explain.explain(guid, view, judged, catalogue)


def of_rule(one: Explanation, code: str) -> Judgement:
    (judgement,) = [judgement for judgement in one.rules if judgement.rule == code]
    return judgement


def test_every_value_of_an_object_is_told_those_of_its_child_tables_too() -> None:
    values = {(value.table, value.column): value.value for value in explained(ADA).values}
    assert values["users", "line_uri"] == "tel:1"
    assert values["users", "private_line"] is None
    assert values["users", "sip_enabled"] is True
    assert values["proxy_addresses", "address"] == ["SMTP:ada@contoso.com", "sip:a@contoso.com"]
    assert values["voice_mail_settings", "setting"] == []


def test_a_value_that_was_not_seen_says_why() -> None:
    unseen = rows(
        ("users", "line_uri", ADA, State.UNREADABLE, "may not be read on 1 of 2 users"),
        ("proxy_addresses", "address", None, State.UNASKED, "was not exported"),
        ("users", "ip_phone", None, State.NO_SCHEMA, "is not in the schema"),
    )
    states = {(value.table, value.column): (value.state, value.reason) for value in explained(ADA, unseen).values}
    assert states["users", "line_uri"] == ("not seen", "may not be read on 1 of 2 users")
    assert states["proxy_addresses", "address"] == ("not exported", "was not exported")
    assert states["users", "ip_phone"] == ("not in the schema", "is not in the schema")
    assert states["users", "sip_address"] == ("", "")
    of_bob = {(value.table, value.column): value.state for value in explained(BOB, unseen).values}
    assert of_bob["users", "line_uri"] == ""


def test_a_rule_that_found_something_shows_what_and_on_which_values() -> None:
    judgement = of_rule(explained(ADA), "USR-009")
    assert (judgement.outcome, len(judgement.findings)) == (Outcome.FINDING, 1)
    assert ("users", "line_uri", "tel:1") in [(value.table, value.column, value.value) for value in judgement.reads]


def test_a_rule_that_found_nothing_passed() -> None:
    assert of_rule(explained(BOB), "USR-009").outcome is Outcome.PASSED


def test_a_rule_that_could_not_see_a_column_of_the_object_does_not_know_and_says_which() -> None:
    unseen = rows(("users", "line_uri", ADA, State.UNREADABLE, "may not be read on 1 of 2 users"))
    judgement = of_rule(explained(ADA, unseen), "USR-009")
    assert judgement.outcome is Outcome.UNKNOWN
    assert judgement.reason == "users.line_uri: may not be read on 1 of 2 users"
    assert of_rule(explained(BOB, unseen), "USR-009").outcome is Outcome.PASSED


def test_what_a_derived_table_could_not_see_is_traced_to_its_columns() -> None:
    unseen = rows(("users", "sip_address", ADA, State.UNREADABLE, "may not be read on 1 of 2 users"))
    judgement = of_rule(explained(ADA, unseen), "CNS-001")
    assert (judgement.outcome, judgement.reason) == (Outcome.UNKNOWN, "users.sip_address: may not be read on 1 of 2 users")


def test_a_skipped_rule_says_why() -> None:
    unseen = rows(("users", "line_uri", None, State.UNASKED, "nothing tells that it was exported"))
    judgement = of_rule(explained(ADA, unseen), "USR-009")
    assert judgement.outcome is Outcome.SKIPPED
    assert "nothing tells that it was exported" in judgement.reason


def test_only_rules_that_could_judge_the_object_are_told() -> None:
    of_plan = {judgement.rule for judgement in explained(PLAN).rules}
    assert of_plan
    assert not {code for code in of_plan if code.startswith(("USR", "SRV", "TOP"))}
    of_ada = {judgement.rule for judgement in explained(ADA).rules}
    assert not {code for code in of_ada if code.startswith(("DP", "GW", "HG", "AA", "POL", "SRV"))}


def test_findings_come_first_and_what_passed_last() -> None:
    order = [judgement.outcome for judgement in explained(ADA).rules]
    assert order == sorted(order, key=list(Outcome).index)


def test_every_rule_says_of_an_object_what_the_assessment_says() -> None:
    read, seen = testing.tables(**WRITTEN), nothing_hidden()
    found = assess.assess(read, seen, target=Target.UM_LYNC, today=TODAY, profile=EVERYONE).findings
    for guid in (ADA, BOB, PLAN):
        told = {judgement.rule for judgement in explained(guid).rules if judgement.outcome is Outcome.FINDING}
        assert told == set(found.loc[found["guid"] == guid, "rule"])
