"""DP: one table a rule, offenders beside what comes close to them."""

import pytest
from pandas import DataFrame

from adinspect import visibility
from adinspect.rule import Rule, Skipped
from adinspect.rules.dial_plans import (
    access_number_unusable,
    dial_plan_short_of_servers,
    dial_plan_without_hunt_group,
    dial_plan_without_policy,
    extension_length_invalid,
    phone_context_ambiguous,
    sip_dial_plan_missing,
    sip_dial_plan_unsecured,
)
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State, Unseen


def told(rule: Rule, **tables: DataFrame) -> dict[str, tuple[str, str, str]]:
    """What a rule says of each offender: {identity: (severity, certainty, because)}."""
    found = findings(rule, **tables)
    return {row.identity: (row.severity, row.certainty, row.because) for row in found.itertuples()}


FOREST = table("name | dn\ncontoso.com | DC=contoso,DC=com")


@pytest.mark.parametrize(
    ("uri_types", "found"),
    [
        ([], ["contoso.com"]),
        (["1", "2"], ["contoso.com"]),
        (["-"], ["contoso.com"]),
        (["1", "3"], []),
    ],
)
def test_a_forest_needs_one_sip_uri_dial_plan(uri_types: list[str], found: list[str]) -> None:
    plans = table("identity | uri_type\n" + "\n".join(f"Plan {uri_type} | {uri_type}" for uri_type in uri_types))
    assert offenders(sip_dial_plan_missing, forest=FOREST, dial_plans=plans) == found


def test_a_dial_plan_of_unseen_type_may_be_the_sip_uri_one() -> None:
    plans = table("identity | uri_type\nHidden | -\nPBX | 1")
    hidden = visibility.rows(("dial_plans", "uri_type", "dial_plans-0", State.UNREADABLE, "may not be read"))
    verdict = outcome(sip_dial_plan_missing, forest=FOREST, dial_plans=plans, visibility=hidden)
    assert verdict == Skipped("dial_plans: may not be read")


def test_a_sip_uri_dial_plan_is_secured_or_sip_secured() -> None:
    plans = table("""
        identity    | uri_type | voip_security
        SIP secured | 3        | 1
        Unsecured   | 3        | 2
        Secured     | 3        | 3
        Silent      | 3        | -
        PBX         | 1        | 2
        Silent PBX  | 1        | -
        No type     | -        | 2
    """)
    assert told(sip_dial_plan_unsecured, dial_plans=plans) == {
        "Unsecured": ("high", "certain", ""),
        "Silent": ("high", "likely", "msExchUMDialPlanVoipSecurity is not set; Exchange's default is Unsecured"),
    }


PLANS = table("identity | dn | uri_type\nLondon | CN=London | 3\nParis | CN=Paris | 3\nPBX | CN=PBX | 1")


def test_a_dial_plan_of_any_type_needs_a_policy() -> None:
    policies = table("identity | dial_plan\nLondon Policy | CN=London\nLost | -")
    assert offenders(dial_plan_without_policy, dial_plans=PLANS, mailbox_policies=policies) == ["Paris", "PBX"]


def test_a_dial_plan_of_any_type_needs_a_hunt_group() -> None:
    hunt_groups = table("identity | dial_plan\nLondon | CN=London\nLost | -")
    assert offenders(dial_plan_without_hunt_group, dial_plans=PLANS, hunt_groups=hunt_groups) == ["Paris", "PBX"]


@pytest.mark.parametrize(
    ("rule", "unseen"), [(dial_plan_without_policy, "mailbox_policies"), (dial_plan_without_hunt_group, "hunt_groups")]
)
@pytest.mark.parametrize("column", ["", "dial_plan"])
def test_what_could_not_be_seen_never_makes_a_dial_plan_lack_it(rule: Rule, unseen: str, column: str) -> None:
    hidden = visibility.rows((unseen, column, None if not column else f"{unseen}-0", State.UNREADABLE, "not seen"))
    linked = {unseen: table("identity | dial_plan\nHidden | -")}
    assert outcome(rule, dial_plans=PLANS, visibility=hidden, **linked) == Skipped(f"{unseen}: not seen")


SERVERS = table("""
    identity | um_role | version_major | version_minor
    EX10     | yes     | 14            | 3
    EX13     | yes     | 15            | 0
    EX16     | yes     | 15            | 1
    EX19     | yes     | 15            | 2
    CAS13    | no      | 15            | 0
    NEW      | yes     | -             | -
""")


@pytest.mark.parametrize(
    ("attached", "severity"),
    [
        ([], "critical"),
        (["EX19"], "critical"),
        (["CAS13"], "critical"),
        (["EX10"], "medium"),
        (["EX16", "EX16"], "medium"),
        (["EX16", "EX19"], "medium"),
        (["EX13", "EX16"], None),
        (["EX10", "EX13", "EX16"], None),
        (["EX16", "NEW"], None),
    ],
)
def test_a_sip_uri_dial_plan_needs_two_servers_that_have_um(attached: list[str], severity: str | None) -> None:
    links = table("identity | dial_plan\n" + "\n".join(f"{server} | CN=London" for server in attached))
    found = told(
        dial_plan_short_of_servers,
        dial_plans=table("identity | dn | uri_type\nLondon | CN=London | 3\nPBX | CN=PBX | 1"),
        servers=SERVERS,
        server_dial_plans=links,
    )
    assert found == ({"London": (severity, "certain", "")} if severity else {})


def test_the_number_of_servers_is_told() -> None:
    links = table("identity | dial_plan\nEX16 | CN=London")
    (found, *_) = findings(dial_plan_short_of_servers, dial_plans=PLANS, servers=SERVERS, server_dial_plans=links).to_dict(
        "records"
    )
    assert found["message"] == "Too few Exchange servers serve SIP URI UM dial plan London: 1."
    assert found["evidence"] == {"um_servers": 1}


def test_access_numbers_of_a_sip_uri_dial_plan_are_all_e164() -> None:
    plans = table("""
        identity | uri_type
        Good     | 3
        None     | 3
        Mixed    | 3
        Long     | 3
        Arabic   | 3
        PBX      | 1
        Silent   | -
    """)
    numbers = table("""
        identity | number
        Good     | +14255550100
        Good     | +14255550101
        Mixed    | 50190
        Mixed    | +14255550102
        Mixed    | +04255550103
        Long     | +1425555010000000
        Arabic   | +1425555\u0660\u0661\u0660\u0660
        PBX      | 5000
    """)
    assert told(access_number_unusable, dial_plans=plans, dial_plan_numbers=numbers) == {
        "None": ("medium", "certain", "it has no access number"),
        "Mixed": ("medium", "certain", "not E.164: +04255550103, 50190"),
        "Long": ("medium", "certain", "not E.164: +1425555010000000"),
        "Arabic": ("medium", "certain", "not E.164: +1425555\u0660\u0661\u0660\u0660"),
    }


def test_only_the_dial_plan_whose_numbers_were_not_seen_is_held_back() -> None:
    plans = table("identity | uri_type\nHidden | 3\nNone | 3")
    hidden = visibility.rows(("dial_plan_numbers", "number", "dial_plans-0", State.UNREADABLE, "may not be read"))
    verdict = outcome(access_number_unusable, dial_plans=plans, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert (list(verdict.findings["identity"]), verdict.judged, verdict.of) == (["None"], 1, 2)


def test_the_extension_length_is_a_number_from_1_to_20() -> None:
    plans = table("""
        identity | extension_digits | uri_type
        Absent   | -                | 3
        Zero     | 0                | 3
        One      | 1                | 3
        Twenty   | 20               | 1
        Longer   | 21               | 1
    """)
    assert offenders(extension_length_invalid, dial_plans=plans) == ["Absent", "Zero", "Longer"]


def test_each_dial_plan_has_a_phone_context_of_its_own() -> None:
    plans = table("""
        identity | phone_context
        Absent   | -
        London   | London.contoso.com
        Zurich   | Zurich.contoso.com
        Zug      | ZURICH.contoso.com
        Old      | zurich.contoso.com
        Near     | Zurich2.contoso.com
    """)
    equivalents = table("""
        identity | phone_context
        Zug      | Zug.contoso.com
        Zug      | Baar.contoso.com
        London   | Zurich2.contoso.com
    """)
    assert told(phone_context_ambiguous, dial_plans=plans, dial_plan_equivalents=equivalents) == {
        "Absent": ("high", "certain", "it has none"),
        "Zurich": ("high", "certain", "shared with Old, Zug"),
        "Zug": ("high", "certain", "shared with Old, Zurich; its equivalent phone contexts: Baar.contoso.com, Zug.contoso.com"),
        "Old": ("high", "certain", "shared with Zug, Zurich"),
    }


def test_two_dial_plans_without_a_phone_context_share_nothing() -> None:
    plans = table("identity | phone_context\nOne | -\nOther | -")
    assert {because for _, _, because in told(phone_context_ambiguous, dial_plans=plans).values()} == {"it has none"}


def test_a_forest_whose_schema_knows_no_equivalent_contexts_is_judged() -> None:
    plans = table("identity | phone_context\nAbsent | -")
    unknown = visibility.rows(("dial_plan_equivalents", "phone_context", None, State.NO_SCHEMA, "not in the schema"))
    assert Unseen.of(unknown).columns
    verdict = outcome(phone_context_ambiguous, dial_plans=plans, visibility=unknown)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["Absent"]
