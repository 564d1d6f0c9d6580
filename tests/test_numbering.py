from __future__ import annotations

from dataclasses import replace

from pandas import DataFrame

from adinspect import assess, numbering, testing
from adinspect.finding import Target
from adinspect.testing import table
from adinspect.visibility import State, nothing_hidden, rows

USERS = table("""
    identity | line_uri                  | telephone_number
    bo       | tel:+33199001234          | 01 99 00 12 34
    ada      | tel:+33199001234          | -
    cy       | tel:+33199001236;ext=1    | -
    di       | tel:+33199001236          | -
    ed       | tel:+33199001299          | +33 1 99 00 12 36
""")
RANGES = table("""
    start        | end          | carrier | type | port_date
    +33199001239 | +33199001230 | Other   | -    | -
    +33199001230 | +33199001239 | Contoso | DID  | 2026-12-01
""")


def made(visibility: DataFrame | None = None, region: str = "FR", **written: DataFrame) -> dict[str, DataFrame]:
    unseen = nothing_hidden() if visibility is None else visibility
    profile = replace(testing.EVERYONE, region=region)
    view = assess.view_of(testing.tables(**written), unseen, target=Target.UM_LYNC, today=testing.TODAY, profile=profile)
    return numbering.tables(view)


def lines(found: DataFrame, *columns: str) -> list[list[object]]:
    chosen = found[list(columns)].astype(object)
    told: list[list[object]] = chosen.where(chosen.notna(), None).to_numpy().tolist()
    return told


def test_all_numbers_are_sorted_by_number_and_holder() -> None:
    assert lines(made(users=USERS)["all_numbers"], "number", "identity", "source") == [
        ["+33199001234", "bo", "telephone number"],
        ["+33199001234", "ada", "line URI"],
        ["+33199001234", "bo", "line URI"],
        ["+33199001236", "ed", "telephone number"],
        ["+33199001236", "di", "line URI"],
        ["+33199001236;ext=1", "cy", "line URI"],
        ["+33199001299", "ed", "line URI"],
    ]


def test_a_number_of_several_is_told_once_with_all_its_holders() -> None:
    assert lines(made(users=USERS)["duplicate_numbers"], "number", "conflict", "holders", "held_by") == [
        ["+33199001234", "duplicate", 2, "ada (line URI), bo (line URI), bo (telephone number)"],
        ["+33199001236", "address book", 2, "di (line URI), ed (telephone number)"],
    ]


def test_of_very_many_holders_the_first_are_named() -> None:
    many = table("\n".join(["identity | line_uri", *(f"u{number:03} | tel:+33199001234" for number in range(103))]))
    ((holders, held_by),) = lines(made(users=many)["duplicate_numbers"], "holders", "held_by")
    assert holders == 103
    assert str(held_by).endswith("u099 (line URI) and 3 more")


def test_base_numbers_in_conflict_are_told_apart() -> None:
    assert lines(made(users=USERS)["base_conflicts"], "identity", "number", "conflict") == [
        ["di", "+33199001236", "address book, base/extension"],
        ["cy", "+33199001236;ext=1", "base/extension"],
    ]


def test_ranges_are_held_against_the_numbers_that_are_assigned() -> None:
    found = made(users=USERS, carrier_numbers=RANGES)
    assert lines(found["number_ranges"], "start", "carrier", "size", "used", "free", "gaps") == [
        ["+33199001230", "Contoso", 10, 2, 8, "+33199001230 to +33199001233, +33199001235, +33199001237 to +33199001239"],
        ["+33199001239", "Other", None, None, None, None],
    ]
    assert lines(found["number_ranges"], "problem") == [[None], ["it does not go from one E.164 number to a later one"]]
    assert lines(found["outside_ranges"], "identity", "base") == [["ed", "+33199001299"]]
    assert found["number_limits"].empty


def test_without_ranges_and_region_that_is_said() -> None:
    found = made(region="", users=USERS)
    assert found["number_ranges"].empty
    assert found["outside_ranges"].empty
    limits = lines(found["number_limits"], "table", "why")
    assert [table for table, _ in limits] == ["all_numbers", "number_ranges", "outside_ranges"]
    assert "names no region" in str(limits[0][1])
    assert "carrier-numbers.csv" in str(limits[1][1])


def test_what_could_not_be_seen_is_said_and_free_numbers_are_doubted() -> None:
    hidden = rows(("users", "line_uri", "users-0", State.UNREADABLE, "msRTCSIP-Line may not be read"))
    found = made(hidden, users=USERS, carrier_numbers=RANGES)
    assert lines(found["number_limits"], "table", "why") == [
        ["all_numbers", "msRTCSIP-Line may not be read"],
        ["number_ranges", "a number called free may be held where all_numbers could not look"],
    ]
    assert ("bo", "line URI") not in set(found["all_numbers"][["identity", "source"]].itertuples(index=False, name=None))


def test_where_nothing_was_seen_the_tables_are_empty_and_say_why() -> None:
    columns = [
        *((owner, column) for owner in ("users", "contacts") for column in ("line_uri", "telephone_number", "sip_address")),
        *((owner, "number") for owner in ("dial_plan_numbers", "auto_attendant_numbers")),
        *((owner, "address") for owner in ("proxy_addresses", "contact_proxy_addresses")),
        ("users", "object_class"),
    ]
    hidden = rows(*((*one, None, State.UNREADABLE, "not allowed") for one in columns))
    found = made(hidden, users=USERS, carrier_numbers=RANGES)
    assert set(found) == set(numbering.TABLES)
    assert all(found[name].empty for name in ("all_numbers", "duplicate_numbers", "base_conflicts", "outside_ranges"))
    assert "not allowed" in found["number_limits"]["why"].iloc[0]
