"""MIG-023: the carrier's ranges against the numbers of the forest, whole or not at all."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pandas import DataFrame

from adinspect import visibility
from adinspect.assess import assess
from adinspect.finding import Target
from adinspect.rule import Skipped
from adinspect.rules.carrier_ranges import ELSEWHERE, number_inventory_incomplete
from adinspect.sites import NumberRange, Owner, Ranges
from adinspect.testing import EVERYONE, TODAY, findings, outcome, table, tables
from adinspect.visibility import State

HELD = {
    "users": table("""
        identity | line_uri                 | private_line
        ada      | tel:+14255550100;ext=100 | -
        bo       | TEL:+14255550102         | tel:+14255550103
        cy       | -                        | -
    """),
    "contacts": table("identity | line_uri\nqueue | tel:+14255550104"),
    "dial_plans": table("identity | uri_type\nHQ | 3"),
    "dial_plan_numbers": table("identity | number\nHQ | +14255550105"),
    "auto_attendants": table("identity | dial_plan\nMain | HQ"),
    "auto_attendant_numbers": table("identity | number\nMain | +14255550106"),
}


def told(carrier: str, **given: Any) -> dict[str, tuple[str, str]]:
    """What is found of these ranges: {key: (what, because)}."""
    found = findings(
        number_inventory_incomplete,
        target=Target.TEAMS_PHONE,
        carrier_numbers=table(f"start | end\n{carrier}"),
        **(HELD | given),
    )
    assert [row.certainty == "likely" for row in found.itertuples()] == [row.because != "" for row in found.itertuples()]
    return {row.key.split("/")[-1]: (row.evidence["gap"], row.because) for row in found.itertuples()}


def test_numbers_that_nobody_holds_are_free() -> None:
    free = "nobody is assigned 1 of the 7 numbers from +14255550100 to +14255550106 (+14255550101)"
    assert told("+14255550100 | +14255550106") == {"+14255550100": (free, ELSEWHERE)}


def test_a_range_that_is_used_up_and_holds_every_number_is_in_order() -> None:
    assert told("+14255550100 | +14255550100\n+1 425 555 0102 | 0014255550106") == {}


def test_what_teams_has_assigned_is_not_free() -> None:
    cloud = table("user | upn | line_uri\n1 | ada@contoso.com | tel:+14255550101\n2 | cy@contoso.com | -")
    assert told("+14255550100 | +14255550106", teams_users=cloud) == {}


def test_a_number_that_is_held_and_in_no_range_is_named() -> None:
    outside = "assigned numbers lie in no range (+14255550105, +14255550106)"
    assert told("+14255550100 | +14255550100\n+14255550102 | +14255550104") == {"outside": (outside, "")}


@pytest.mark.parametrize(
    ("end", "words"), [("-", "no end"), ("+14255550099", "the end +14255550099"), ("+142555501060", "the end +142555501060")]
)
def test_a_range_without_a_later_end_of_its_length_is_incomplete_and_makes_what_lies_outside_uncertain(
    end: str, words: str
) -> None:
    assert told(f"+14255550100 | +14255550100\n+14255550102 | +14255550105\n+14255550106 | {end}") == {
        "+14255550106": (f"the range from +14255550106 on is incomplete, for it has {words}", ""),
        "outside": (
            "assigned numbers lie in no range (+14255550106)",
            "a range whose end is not known may hold them (from +14255550106)",
        ),
    }


def test_a_number_of_no_known_country_may_be_one_of_the_free_ones() -> None:
    users = table("identity | line_uri\nada | tel:5550101\nbo | sip:desk@pbx.contoso.com")
    because = told("+14255550104 | +14255550107", users=users)["+14255550104"][1]
    assert because == f"{ELSEWHERE}; 2 numbers of the forest are not international, and may be among these"


@pytest.mark.parametrize(
    ("carrier", "had", "because"),
    [
        ("+14255550110 | +14255550119", None, ""),
        ("+14255550110 | +14255550114\n+14255550112 | +14255550119", None, ""),
        ("+14255550100 | +14255550112", 3, ""),
        ("+14255550110 | +14255550112\n+14255550111 | +14255550113\n+14255550119 | +14255550130", 5, ""),
        ("+14255550112 | +14255550112\n+14255550113 | -", 1, "a range whose end is not known may hold them (from +14255550113)"),
        # another carrier's
        ("+14255550100 | +14255550109", None, ""),
    ],
)
def test_a_range_to_be_ported_of_which_the_carrier_lacks_numbers_is_incomplete(
    carrier: str, had: int | None, because: str
) -> None:
    ported = NumberRange("+14255550110", "+14255550119", Owner.LYNC, port_date=date(2027, 1, 31))
    kept = NumberRange("+14255550130", "+14255550139", Owner.LYNC)
    found = assess(
        tables(carrier_numbers=table(f"start | end\n{carrier}")),
        visibility.nothing_hidden(),
        target=Target.TEAMS_PHONE,
        today=TODAY,
        profile=replace(EVERYONE, ranges=Ranges((ported, kept))),
        catalogue=[number_inventory_incomplete],
    ).findings
    told = [row for row in found.itertuples() if row.key.endswith("/ported/+14255550110")]
    ten = "of the 10 numbers from +14255550110 to +14255550119, which are ported on 2027-01-31"
    said = f"{ten}, the carrier's ranges have only {had}"
    assert [(row.evidence["gap"], row.because) for row in told] == ([(said, because)] if had else [])


def test_without_ranges_there_is_nothing_to_lie_outside_of() -> None:
    none = DataFrame(columns=["start", "end"], dtype="str")
    assert findings(number_inventory_incomplete, target=Target.TEAMS_PHONE, carrier_numbers=none, **HELD).empty


@pytest.mark.parametrize(
    "hidden",
    [
        ("users", "line_uri", "users-0", State.UNREADABLE, "the line may not be read"),
        ("contacts", "", None, State.INCOMPLETE, "a domain was not read"),
        ("dial_plan_numbers", "number", None, State.UNREADABLE, "numbers may not be read"),
    ],
)
def test_nothing_is_called_free_where_not_every_number_was_seen(hidden: tuple[str, str, str | None, State, str]) -> None:
    verdict = outcome(
        number_inventory_incomplete,
        target=Target.TEAMS_PHONE,
        carrier_numbers=table("start | end\n+14255550100 | +14255550106"),
        visibility=visibility.rows(hidden),
        **HELD,
    )
    assert isinstance(verdict, Skipped)
    assert hidden[4] in verdict.reason


def test_without_the_ranges_it_says_which_file_it_lacks() -> None:
    verdict = outcome(number_inventory_incomplete, target=Target.TEAMS_PHONE, **HELD)
    assert verdict == Skipped("no carrier-numbers.csv was supplied (--side)")
