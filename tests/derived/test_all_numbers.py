from __future__ import annotations

import pytest
from pandas import DataFrame

from adinspect.testing import look, table
from adinspect.visibility import State, rows

PLANS = {"dial_plans": table("identity\nHQ\nLab"), "auto_attendants": table("identity\nMenu")}
NUMBER = "+33199001234"
COLUMNS = ("source", "value", "base", "extension", "e164", "number", "others", "base_others", "conflict")


def every(region: str = "FR", visibility: DataFrame | None = None, **written: DataFrame) -> DataFrame:
    return look("all_numbers", *COLUMNS, region=region, visibility=visibility, **PLANS | written)


def conflicts(region: str = "FR", **written: DataFrame) -> dict[tuple[str, str], tuple[str, str]]:
    found = every(region, **written)
    found = found[found["conflict"].notna()].astype(object)
    found = found.where(found.notna(), None)
    return {(row.identity, row.source): (row.conflict, row.others or row.base_others) for row in found.itertuples()}


def users(*lines: str) -> DataFrame:
    return table("\n".join(("identity | line_uri | private_line | telephone_number | object_class", *lines)))


def contacts(*lines: str) -> DataFrame:
    return table("\n".join(("identity | line_uri | telephone_number | owner_urn", *lines)))


def held(*lines: str) -> DataFrame:
    return table("\n".join(("identity | number", *lines)))


def proxies(*lines: str) -> DataFrame:
    return table("\n".join(("identity | address", *lines)))


WHOLE = {
    "users": users(f"ada | tel:{NUMBER};ext=34 | tel:5000 | 01 99 00 12 35 | user", "bo | - | - | front desk | user"),
    "proxy_addresses": proxies(
        "ada | EUM:ada@contoso.com;phone-context=hq.contoso.com",
        "ada | eum:1234567;phone-context=HQ.contoso.com",
        f"bo | EUM:{NUMBER};phone-context=hq.contoso.com",
        "bo | eum:;phone-context=hq.contoso.com",
        "bo | smtp:bo@contoso.com",
    ),
    "contacts": contacts("Way in | tel:+33199001236 | +33 1 99 00 12 37 | -"),
    "dial_plan_numbers": held("HQ | 0199001236"),
    "auto_attendant_numbers": held("Menu | 5001"),
}


def test_every_place_of_a_number_is_told() -> None:
    found = every(**WHOLE)[["identity", "source", "value", "base", "extension", "e164", "number"]].astype(object)
    assert sorted(found.where(found.notna(), None).to_numpy().tolist(), key=lambda row: row[:3]) == [
        ["HQ", "Outlook Voice Access number", "0199001236", "+33199001236", "", "+33199001236", "+33199001236"],
        ["Menu", "auto attendant number", "5001", "5001", "", None, "5001"],
        ["Way in", "line URI", "tel:+33199001236", "+33199001236", "", "+33199001236", "+33199001236"],
        ["Way in", "telephone number", "+33 1 99 00 12 37", "+33199001237", "", "+33199001237", "+33199001237"],
        [
            *("ada", "EUM address", "eum:1234567;phone-context=HQ.contoso.com"),
            *(None, "1234567", None, "1234567;phone-context=hq.contoso.com"),
        ],
        ["ada", "line URI", f"tel:{NUMBER};ext=34", NUMBER, "34", NUMBER, f"{NUMBER};ext=34"],
        ["ada", "private line", "tel:5000", "5000", "", None, "5000"],
        ["ada", "telephone number", "01 99 00 12 35", "+33199001235", "", "+33199001235", "+33199001235"],
        ["bo", "EUM address", f"EUM:{NUMBER};phone-context=hq.contoso.com", NUMBER, "", NUMBER, NUMBER],
        ["bo", "telephone number", "front desk", None, None, None, None],
    ]


def test_without_a_region_no_country_is_guessed() -> None:
    found = every("", **WHOLE).set_index(["identity", "source"])["e164"]
    assert found[("ada", "line URI")] == NUMBER
    assert found[[("ada", "telephone number"), ("HQ", "Outlook Voice Access number")]].isna().all()


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        (f"tel:{NUMBER} | - | -", f"tel:{NUMBER} | - | -", "duplicate"),
        (f"tel:{NUMBER} | - | -", "tel:0199001234 | - | -", "duplicate"),
        (f"tel:{NUMBER} | - | -", f"- | tel:{NUMBER} | -", "duplicate"),
        ("tel:5000 | - | -", "tel:5000 | - | -", "duplicate"),
        (f"tel:{NUMBER} | - | -", "- | - | 01.99.00.12.34", "address book"),
        ("- | - | 0199001234", "- | - | +33 (0)1 99 00 12 34", "address book"),
        ("tel:5000 | - | -", "- | - | 5000", None),
        ("- | - | 5000", "- | - | 5000", None),
        ("- | - | desk", "- | - | desk", None),
        (f"tel:{NUMBER} | - | -", f"tel:{NUMBER};ext=4 | - | -", "base/extension"),
        (f"tel:{NUMBER};ext=3 | - | -", "tel:0199001234;ext=4 | - | -", "several extensions"),
        (f"tel:{NUMBER} | - | -", f"- | - | {NUMBER} ext 4", None),
        (f"tel:{NUMBER} | - | -", "tel:+33199001235 | - | -", None),
    ],
)
def test_two_holders_are_in_conflict_of_a_kind(one: str, other: str, conflict: str | None) -> None:
    found = conflicts(users=users(f"ada | {one} | user", f"bo | {other} | user"))
    assert {kind for kind, _ in found.values()} == ({conflict} if conflict else set())
    assert sorted({identity for identity, _ in found}) == (["ada", "bo"] if conflict else [])


def test_who_shows_its_own_number_is_in_no_conflict() -> None:
    mine = users(f"ada | tel:{NUMBER} | tel:{NUMBER} | 01 99 00 12 34 | user")
    assert conflicts(users=mine, proxy_addresses=proxies(f"ada | EUM:{NUMBER};phone-context=hq")) == {}


def test_a_number_can_be_a_duplicate_and_have_a_base_of_others() -> None:
    found = conflicts(
        users=users(*(f"{name} | tel:{NUMBER}{ext} | - | - | user" for name, ext in zip("abc", ["", "", ";ext=4"], strict=True)))
    )
    assert found == {
        ("a", "line URI"): ("duplicate, base/extension", "b (line URI)"),
        ("b", "line URI"): ("duplicate, base/extension", "a (line URI)"),
        ("c", "line URI"): ("base/extension", f"a (line URI {NUMBER}), b (line URI {NUMBER})"),
    }


@pytest.mark.parametrize("owner", ["-", "urn:application:Caa"])
def test_a_plan_and_the_contact_that_leads_to_it_share_a_number(owner: str) -> None:
    found = conflicts(contacts=contacts(f"Way in | tel:{NUMBER} | - | {owner}"), dial_plan_numbers=held("HQ | 0199001234"))
    assert sorted(identity for identity, _ in found) == ([] if owner == "-" else ["HQ", "Way in"])


@pytest.mark.parametrize(
    ("context", "conflict"), [("HQ.contoso.com", True), ("hq.contoso.com", True), ("lab.contoso.com", False)]
)
def test_extensions_are_compared_in_their_phone_context(context: str, conflict: bool) -> None:
    found = conflicts(
        users=users("ada | - | - | - | user", "bo | - | - | - | user"),
        proxy_addresses=proxies("ada | eum:5000;phone-context=hq.contoso.com", f"bo | EUM:5000;phone-context={context}"),
    )
    told = {("ada", "EUM address"): ("duplicate", "bo"), ("bo", "EUM address"): ("duplicate", "ada")}
    assert found == (told if conflict else {})


@pytest.mark.parametrize("column", ["telephone_number", "line_uri"])
def test_a_column_that_was_not_seen_takes_away_only_its_own_numbers(column: str) -> None:
    unseen = rows(*((owner, column, None, State.UNREADABLE, "not allowed") for owner in ("users", "contacts")))
    found = every(visibility=unseen, **WHOLE)
    lines = found["source"].isin(["line URI", "private line"])
    assert lines.any() == (column == "telephone_number")
    assert (found["source"] == "telephone number").any() == (column == "line_uri")
    assert (found["source"] == "EUM address").any()


def test_where_all_numbers_of_lync_and_um_are_hidden_the_telephone_numbers_are_left() -> None:
    hidden = [
        ("users", "line_uri"),
        ("contacts", "line_uri"),
        ("dial_plan_numbers", "number"),
        ("auto_attendant_numbers", "number"),
    ]
    found = every(visibility=rows(*((*one, None, State.UNREADABLE, "not allowed") for one in hidden)), **WHOLE)
    assert set(found["source"]) == {"telephone number", "EUM address"}
