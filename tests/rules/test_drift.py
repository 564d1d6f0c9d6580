"""DRF: what changed since an earlier snapshot and is seldom meant."""

from __future__ import annotations

import pytest

from adinspect.rule import Rule, Skipped
from adinspect.rules.drift import (
    configuration_deleted,
    enterprise_voice_switched_off,
    home_pool_changed,
    number_reassigned,
    outgoing_calls_switched,
    security_lowered,
)
from adinspect.testing import findings, offenders, outcome, table

HEADER = "identity | kind | table | column | old | new\n"


def drift(rule: Rule, *lines: str) -> list[str]:
    return offenders(rule, changes=table(HEADER + "\n".join(lines)))


@pytest.mark.parametrize(
    ("ada", "bob", "offending"),
    [
        ("line_uri | - | tel:+14255550100", "line_uri | TEL:+14255550100 | -", ["Ada"]),
        ("line_uri | tel:+14255550101 | tel:+14255550100", "line_uri | tel:+14255550100 | tel:+14255550101", ["Ada", "Bob"]),
        ("line_uri | - | tel:+14255550100", "private_line | tel:+14255550100 | -", ["Ada"]),
        ("line_uri | - | tel:+14255550100", "line_uri | tel:+14255550101 | -", []),
        ("line_uri | - | tel:+14255550100;ext=1", "line_uri | tel:+14255550100;ext=2 | -", []),
        ("line_uri | - | none", "line_uri | none | -", []),
    ],
)
def test_a_number_that_somebody_else_had_is_named(ada: str, bob: str, offending: list[str]) -> None:
    assert drift(number_reassigned, f"Ada | changed | users | {ada}", f"Bob | changed | users | {bob}") == offending


def test_a_number_that_its_holder_put_elsewhere_is_nobody_elses() -> None:
    lines = (
        "Ada | a | changed | users | line_uri | - | tel:+14255550100",
        "Ada | a | changed | users | private_line | tel:+14255550100 | -",
    )
    changes = table(HEADER.replace("identity", "identity | guid", 1) + "\n".join(lines))
    assert offenders(number_reassigned, changes=changes) == []


def test_who_had_the_number_is_told() -> None:
    lines = "Ada | changed | users | line_uri | - | tel:+14255550100\nBob | changed | users | line_uri | tel:+14255550100 | -"
    (found,) = findings(number_reassigned, changes=table(HEADER + lines)).to_dict("records")
    assert found["message"] == "Ada has the number tel:+14255550100 now, which Bob had before."
    assert (found["table"], found["key"]) == ("users", "DRF-001/changes-0/line_uri")


@pytest.mark.parametrize(
    ("rule", "offender", "near_miss"),
    [
        (
            enterprise_voice_switched_off,
            "A | changed | users | enterprise_voice | true | false",
            "A | changed | users | enterprise_voice | false | true",
        ),
        (home_pool_changed, "A | changed | users | pool_service | CN=1 | CN=2", "A | changed | users | pool_service | - | CN=2"),
        (
            security_lowered,
            "A | changed | dial_plans | voip_security | 3 | 1",
            "A | changed | dial_plans | voip_security | 1 | 3",
        ),
        (
            security_lowered,
            "A | changed | dial_plans | voip_security | 1 | 2",
            "A | changed | dial_plans | voip_security | - | 2",
        ),
        (
            outgoing_calls_switched,
            "A | changed | gateways | outgoing_calls_allowed | true | false",
            "A | changed | gateways | status | 0 | 1",
        ),
        (configuration_deleted, "A | removed | dial_plans | - | - | -", "A | added | dial_plans | - | - | -"),
        (configuration_deleted, "A | removed | pools | - | - | -", "A | removed | users | - | - | -"),
    ],
)
def test_a_change_that_is_seldom_meant_is_named(rule: Rule, offender: str, near_miss: str) -> None:
    assert drift(rule, offender) == ["A"]
    assert drift(rule, near_miss) == []


def test_without_an_earlier_snapshot_nothing_is_judged() -> None:
    assert outcome(security_lowered) == Skipped("no earlier snapshot was supplied (--baseline)")
