from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from adinspect.profile import Profile
from adinspect.sites import NumberRange, NumberType, Owner, Ranges
from adinspect.testing import EVERYONE, look, table
from adinspect.visibility import State, rows

PARIS = NumberRange(
    "+33199001000", "+33199001099", Owner.LYNC, number_type=NumberType.DIRECT_ROUTING, port_date=date(2027, 1, 31)
)
WISHES = replace(EVERYONE, ranges=Ranges((PARIS, NumberRange("+14255550100", "+14255550199", Owner.PBX))))
USERS = table("""
    identity | line_uri
    first    | tel:+33199001000
    last     | TEL:+33199001099;ext=9
    beyond   | tel:+33199001100
    other    | tel:+14255550100
    national | tel:0199001001
    written  | tel:+33 1 99 00 10 01
    none     | -
""")
COLUMNS = ("number", "start", "owner", "number_type", "port_date")


@pytest.mark.parametrize(
    ("wishes", "otherwise"), [(WISHES, None), (replace(WISHES, number_type=NumberType.CALLING_PLAN), "CallingPlan")]
)
def test_each_line_in_a_range_has_what_the_range_says(wishes: Profile, otherwise: str | None) -> None:
    found = look("line_ranges", *COLUMNS, users=USERS, profile=wishes)
    told = found.astype(object).where(found.notna(), None).set_index("identity")[list(COLUMNS)]
    paris = ["+33199001000", "lync", "DirectRouting", "2027-01-31"]
    assert {name: list(row.values()) for name, row in told.to_dict("index").items()} == {
        "first": ["+33199001000", *paris],
        "last": ["+33199001099", *paris],
        "other": ["+14255550100", "+14255550100", "pbx", otherwise, None],
    }


def test_without_ranges_or_lines_there_is_no_row() -> None:
    assert look("line_ranges", *COLUMNS, users=USERS).empty
    assert look("line_ranges", *COLUMNS, users=USERS[-1:], profile=WISHES).empty


def test_a_line_that_was_not_seen_is_in_no_range() -> None:
    hidden = rows(("users", "line_uri", "users-0", State.UNREADABLE, "closed"))
    assert list(look("line_ranges", *COLUMNS, users=USERS, profile=WISHES, visibility=hidden)["identity"]) == ["last", "other"]
