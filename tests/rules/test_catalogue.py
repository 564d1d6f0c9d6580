"""What holds for every rule: it is as catalogued, tells what it found, reads what it names, and judges row by row."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas import DataFrame

from adinspect import derived, query, rules
from adinspect.assess import assess, judge, view_of
from adinspect.finding import Target
from adinspect.profile import Population, Profile
from adinspect.query import IDENTITY
from adinspect.rule import Partly, Rule, Signature, Skipped
from adinspect.sites import NumberRange, NumberType, Owner, Ranges
from adinspect.testing import TODAY, table, tables
from adinspect.view import Handed, View
from adinspect.visibility import nothing_hidden

DATA = Path(__file__).parents[1] / "data"

SHIPPED = (
    "CRT-001 CRT-002 CRT-003 CRT-004 CRT-005 CRT-006 CRT-007 CRT-008 CRT-009 CRT-010 CRT-011 CRT-012 CRT-013 CRT-014"
    " TOP-001 TOP-002 DP-001 DP-002 DP-005 DP-006 DP-007 DP-008 DP-010 DP-011 GW-001 GW-002 GW-003 GW-004 HG-001 HG-002 HG-003"
    " AA-002 AA-003 POL-001 SRV-001 SRV-002 SRV-003 CON-001 CON-002 USR-001 USR-002 USR-003 USR-004 USR-005 USR-006 USR-007"
    " USR-008 USR-009 USR-010 USR-011 USR-012 USR-015 USR-016 USR-017 USR-018 USR-019 USR-020 CNS-001 CNS-002 CNS-003 CNS-004"
    " CNS-005 CNS-006 CNS-007 CNS-008 CNS-009 CNS-010 CNS-011 CNS-012 CNS-013 CNS-014 CNS-015 CNS-016 CNS-017 CNS-018 CNS-019"
    " CNS-020 CNS-021 CNS-022 CNS-023 CNS-024 CNS-025 CNS-026"
    " MIG-001 MIG-002 MIG-003 MIG-004 MIG-005 MIG-007 MIG-009 MIG-010 MIG-011 MIG-012 MIG-013 MIG-014 MIG-015 MIG-016 MIG-017"
    " MIG-018 MIG-019 MIG-020"
    " DP-003 DP-004 DP-009 DP-012 DP-013 DP-014 DP-016 GW-005 GW-006 GW-007 GW-008 GW-009"
    " TOP-003 TOP-004 TOP-005 HG-004 AA-001 AA-004 POL-002 SRV-004 SRV-005 POOL-001 POOL-002 CON-003 CON-004"
    " DRF-001 DRF-002 DRF-003 DRF-004 DRF-005 DRF-006"
    " DP-015 POOL-003 USR-013 USR-014 MIG-006 MIG-008 MIG-021 MIG-022 MIG-023 MIG-024"
).split()

CATALOGUE: Mapping[str, Mapping[str, Any]] = {
    rule["id"]: rule for rule in json.loads((DATA / "catalogue.json").read_text("utf-8"))
}

RULES = [pytest.param(rule, id=code) for code, rule in rules.shipped().items()]

SETTINGS: Mapping[str, Mapping[str, str | int]] = {
    "DP-012": {"most_gateways": 1},
    "MIG-002": {"numbers_managed": "teams"},
    "MIG-007": {"number_type": "CallingPlan"},
    "MIG-009": {"home_version": "sfb-2015"},
}
"""What a profile must say for a rule to judge at all, or to find its fault in a forest of this size."""

TYPED = NumberRange("+14255550106", "+14255550106", Owner.LYNC, number_type=NumberType.CALLING_PLAN)
PROFILE = Profile(population=Population(base_dns=("DC=contoso,DC=example",)), ranges=Ranges((TYPED,)))


def faulty() -> dict[str, DataFrame]:
    """A forest in which nearly everything is wrong with somebody or something."""
    return tables(**{path.stem: table(path.read_text("utf-8")) for path in (DATA / "faulty").glob("*.txt")})


def bare() -> dict[str, DataFrame]:
    """A forest with Exchange but without UM dial plans and Lync, its Client Access and Mailbox servers apart."""
    return tables(
        organization=table("identity\nContoso"),
        schema_attributes=table("attribute\nmsExchUMDialPlanURIType"),
        servers=table(
            "identity | dn | um_role | version_major | version_minor\nCAS | CN=CAS | no | 15 | 0\nMBX | CN=MBX | yes | 15 | 0"
        ),
        call_routers=table("identity | server\nUMCallRouterSettings | CN=CAS"),
        certificates=table("host | position | thumbprint\ncas | leaf | C1\nmbx | leaf | 3B"),
    )


def forests() -> dict[str, dict[str, DataFrame]]:
    """The two forests, each in another order of rows too, and the users of the first in two parts."""
    whole = {"faulty": faulty(), "bare": bare()}
    shuffled = {
        f"{name}, shuffled": {table: frame.sample(frac=1, random_state=7) for table, frame in forest.items()}
        for name, forest in whole.items()
    }
    users = whole["faulty"]["users"]
    parts = {f"part {part}": whole["faulty"] | {"users": users.iloc[part::2]} for part in (0, 1)}
    return whole | shuffled | parts


FORESTS = forests()
WHOLE = ("faulty", "bare")


@cache
def seen(forest: str, target: Target = Target.UM_LYNC) -> View:
    return view_of(FORESTS[forest], nothing_hidden(), target=target, today=TODAY, profile=PROFILE)


@cache
def found(rule: str, forest: str, target: Target) -> DataFrame:
    verdict = judge(rules.shipped()[rule], seen(forest, target), SETTINGS.get(rule, {}))
    return DataFrame({"key": []}) if isinstance(verdict, Skipped) else verdict.findings


def told(findings: DataFrame) -> list[str]:
    """The findings as texts, in an order of their own."""
    return sorted(json.dumps(one, sort_keys=True, default=str) for one in findings.to_dict("records"))


def targets_of(rule: Rule) -> list[Target]:
    return [target for target in Target if target in rule.targets]


def test_the_rules_of_this_release_are_all_there_and_no_other() -> None:
    assert sorted(rules.shipped()) == sorted(SHIPPED)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_what_the_catalogue_says(rule: Rule) -> None:
    entry = CATALOGUE[rule.code]
    assert rule.severity == entry["severity"]
    assert sorted(rule.targets) == sorted(entry["targets"])
    assert rule.wave == entry["wave"]
    assert rule.csv == csv_names(entry["csv"])
    assert rule.source == entry["source"]


def csv_names(text: str) -> tuple[str, ...]:
    """The files named in a text such as `30_um_mailbox_enable (um-lync); 24_cs_hostedvm_grant, 25_cs_hostedvm_set (...)`."""
    words = text.replace(",", " ").replace(";", " ").split()
    return tuple(word for word in words if word[:2].isdigit())


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_why_and_what_to_do(rule: Rule) -> None:
    assert rule.message.endswith(".")
    assert all((rule.why, rule.remediation, rule.cmdlet, rule.source))
    assert "Create-ExchangeCertificate" not in rule.cmdlet + rule.remediation
    assert "-Verify" not in rule.cmdlet + rule.remediation
    if "ExchUcUtil" in rule.remediation:
        assert "deletes and recreates the hunt groups" in rule.remediation
        assert "resets outgoing calls" in rule.remediation


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_its_fault_and_every_word_of_its_message_is_filled_in(rule: Rule) -> None:
    for target in targets_of(rule):
        all_found = pd.concat([found(rule.code, forest, target) for forest in WHOLE])
        assert len(all_found), f"{rule.code} finds nothing for {target}: plant its fault in tests/data/faulty"
        for finding in all_found.to_dict("records"):
            assert not set("{}") & set(finding["message"])
            assert "nan" not in (finding["message"] + " " + finding["because"]).lower().split()
            assert finding["certainty"] in ("certain", "likely")
            assert finding["certainty"] == "certain" or finding["because"]
            assert finding["table"] in {*query.shipped(), "certificates"}
            assert finding["evidence"]


@pytest.mark.parametrize("target", list(Target))
@pytest.mark.parametrize("forest", WHOLE)
def test_no_two_findings_have_one_key(forest: str, target: Target) -> None:
    found = assess(FORESTS[forest], nothing_hidden(), target=target, today=TODAY, profile=PROFILE).findings
    assert len(found)
    assert found["key"].is_unique


def handed(signature: Signature, *, union: bool = False) -> list[Handed]:
    """What a rule or derived table is handed of each forest that lets it."""
    settings = {setting.name: setting.default for setting in signature.settings}
    every = [seen(forest).hand(signature, settings, union=union) for forest in WHOLE]
    return [one for one in every if isinstance(one, Handed)]


def unread(signature: Signature, select: Any, *, union: bool = False) -> list[str]:
    """The columns that a function names and does not miss when they are gone."""
    given = handed(signature, union=union)
    named = [(one.table, column) for one in signature.inputs for column in one.columns]
    return [f"{name}.{column}" for name, column in named if not any(misses(select, one, name, column) for one in given)]


def misses(select: Any, given: Handed, name: str, column: str) -> bool:
    whole = select(**given.arguments)
    # it proves nothing of what the rule reads where it does apply, or where it has the table
    if isinstance(whole, Skipped) or given.arguments[name] is None:
        return False
    try:
        without = select(**{**given.arguments, name: given.arguments[name].drop(columns=column)})
    except KeyError as error:
        return column in str(error)
    return not _but(rows_of(without), column).equals(_but(rows_of(whole), column))


def rows_of(selected: DataFrame | Partly) -> DataFrame:
    return selected.found if isinstance(selected, Partly) else selected


def _but(frame: DataFrame, column: str) -> DataFrame:
    return frame.drop(columns=column, errors="ignore")


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_reads_or_tells_every_column_it_names(rule: Rule) -> None:
    told = {f"{rule.judged.table}.{column}" for column in rule.placeholders}
    assert set(unread(rule.signature, rule.select)) <= told


@pytest.mark.parametrize("made", derived.shipped().values(), ids=lambda made: made.name)
def test_a_derived_table_reads_every_column_it_names(made: derived.Derived) -> None:
    assert unread(made.signature, made.build, union=made.union) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_not_handed_a_table_that_lacks_a_column_it_names(rule: Rule) -> None:
    view = seen("faulty")
    for one in rule.signature.inputs:
        for column in set(one.columns) - set(IDENTITY):
            if one.table in view.tables:
                tables = {**view.tables, one.table: view.tables[one.table].drop(columns=column)}
                with pytest.raises(KeyError, match=column):
                    judge(rule, replace(view, tables=tables, _built={}), SETTINGS.get(rule.code, {}))


def judges_users(rule: Rule) -> bool:
    made = derived.shipped().get(rule.judged.table)
    return rule.judged.table == "users" or bool(made and made.holder == "users" and not made.union)


@pytest.mark.parametrize("rule", [param for param in RULES if judges_users(rules.shipped()[str(param.id)])])
def test_users_are_judged_one_by_one(rule: Rule) -> None:
    for target in targets_of(rule):
        parts = pd.concat([found(rule.code, part, target) for part in ("part 0", "part 1")])
        assert told(parts) == told(found(rule.code, "faulty", target))


@pytest.mark.parametrize("rule", RULES)
def test_the_order_of_rows_does_not_matter(rule: Rule) -> None:
    for target in targets_of(rule):
        for forest in WHOLE:
            assert told(found(rule.code, f"{forest}, shuffled", target)) == told(found(rule.code, forest, target))


@pytest.mark.parametrize("function", [*RULES, *(pytest.param(made, id=name) for name, made in derived.shipped().items())])
def test_nothing_handed_is_changed(function: Rule | derived.Derived) -> None:
    select, union = (function.select, False) if isinstance(function, Rule) else (function.build, function.union)
    for given in handed(function.signature, union=union):
        before = {name: frame.copy() for name, frame in given.arguments.items() if isinstance(frame, DataFrame)}
        select(**given.arguments)
        for name, frame in before.items():
            pd.testing.assert_frame_equal(given.arguments[name], frame)
