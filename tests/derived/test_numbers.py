from __future__ import annotations

import pytest
from pandas import DataFrame

from adinspect.testing import look, table

PLANS = {"dial_plans": table("identity\nHQ\nLab"), "auto_attendants": table("identity\nMenu\nNight")}
NUMBER = "+14255550100"


def conflicts(**written: DataFrame) -> dict[str, str]:
    found = look("numbers", "others", **PLANS | written)
    found = found[found["others"].notna()]
    return dict(zip(found["identity"], found["others"], strict=True))


def users(*lines: str) -> DataFrame:
    return table("\n".join(("identity | line_uri | private_line", *lines)))


def contacts(*lines: str) -> DataFrame:
    return table("\n".join(("identity | line_uri | private_line | owner_urn", *lines)))


def plan(*lines: str) -> DataFrame:
    return table("\n".join(("identity | number", *lines)))


def test_every_number_is_told_with_its_holder_and_source() -> None:
    found = look(
        "numbers",
        "source",
        "value",
        "base",
        "extension",
        "number",
        **PLANS,
        users=users(f"ada | tel:{NUMBER};ext=12 | tel:+14255550101", "bo | sip:bo@pbx.contoso.com | -"),
        contacts=contacts("RGS | tel:+14255550102 | - | urn:application:RGS"),
        dial_plan_numbers=plan("HQ | 5000"),
        auto_attendant_numbers=plan("Menu | +14255550103"),
    )
    told = found[["table", "identity", "source", "value", "base", "extension", "number"]].astype(object)
    assert told.where(told.notna(), None).to_numpy().tolist() == [
        ["users", "ada", "line URI", f"tel:{NUMBER};ext=12", NUMBER, "12", f"{NUMBER};ext=12"],
        ["users", "bo", "line URI", "sip:bo@pbx.contoso.com", None, None, None],
        ["users", "ada", "private line", "tel:+14255550101", "+14255550101", "", "+14255550101"],
        ["contacts", "RGS", "line URI", "tel:+14255550102", "+14255550102", "", "+14255550102"],
        ["dial_plans", "HQ", "Outlook Voice Access number", "5000", "5000", "", "5000"],
        ["auto_attendants", "Menu", "auto attendant number", "+14255550103", "+14255550103", "", "+14255550103"],
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (f"tel:{NUMBER}", f"tel:{NUMBER}", True),
        (f"tel:{NUMBER}", f"TEL:{NUMBER}", True),
        (f"tel:{NUMBER};ext=1", f"tel:{NUMBER};EXT=1", True),
        ("tel:5000", "tel:5000", True),
        (f"tel:{NUMBER}", f"tel:{NUMBER};ext=1", False),
        (f"tel:{NUMBER};ext=1", f"tel:{NUMBER};ext=2", False),
        (f"tel:{NUMBER}", "tel:14255550100", False),
        ("sip:desk@pbx.contoso.com", "sip:desk@pbx.contoso.com", False),
        ("-", "-", False),
    ],
)
def test_two_lines_are_the_same_number_or_not(one: str, other: str, same: bool) -> None:
    found = conflicts(users=users(f"ada | {one} | -", f"bo | {other} | -"))
    assert found == ({"ada": "bo (line URI)", "bo": "ada (line URI)"} if same else {})


def test_a_private_line_counts_and_one_object_may_hold_its_number_twice() -> None:
    assert conflicts(users=users(f"ada | tel:{NUMBER} | tel:{NUMBER}")) == {}
    assert conflicts(users=users(f"ada | tel:{NUMBER} | -", f"bo | - | tel:{NUMBER}")) == {
        "ada": "bo (private line)",
        "bo": "ada (line URI)",
    }


def test_users_and_applications_share_no_number() -> None:
    held = contacts(f"RGS | tel:{NUMBER} | - | urn:application:RGS")
    assert conflicts(users=users(f"ada | tel:{NUMBER} | -"), contacts=held) == {
        "ada": "RGS (line URI)",
        "RGS": "ada (line URI)",
    }


@pytest.mark.parametrize("owner_urn", ["-", "urn:application:Caa"])
@pytest.mark.parametrize(
    ("table_name", "holder", "source"),
    [("dial_plan_numbers", "HQ", "Outlook Voice Access number"), ("auto_attendant_numbers", "Menu", "auto attendant number")],
)
def test_only_a_contact_without_owner_is_the_way_to_a_plan_or_auto_attendant(
    owner_urn: str, table_name: str, holder: str, source: str
) -> None:
    found = conflicts(contacts=contacts(f"Way in | tel:{NUMBER} | - | {owner_urn}"), **{table_name: plan(f"{holder} | {NUMBER}")})
    assert found == ({} if owner_urn == "-" else {holder: "Way in (line URI)", "Way in": f"{holder} ({source})"})


def test_a_user_on_an_access_number_conflicts_with_the_plan_and_with_its_contact() -> None:
    found = conflicts(
        users=users(f"ada | tel:{NUMBER} | -"),
        contacts=contacts(f"OVA | tel:{NUMBER} | - | -"),
        dial_plan_numbers=plan(f"HQ | {NUMBER}"),
    )
    assert found == {
        "ada": "HQ (Outlook Voice Access number), OVA (line URI)",
        "HQ": "ada (line URI)",
        "OVA": "ada (line URI)",
    }


@pytest.mark.parametrize(("number", "same"), [(NUMBER, True), ("5000", False), ("14255550100", False)])
def test_plans_and_auto_attendants_share_only_what_is_international(number: str, same: bool) -> None:
    two_plans = conflicts(dial_plan_numbers=plan(f"HQ | {number}", f"Lab | {number}"))
    plan_and_menu = conflicts(dial_plan_numbers=plan(f"HQ | {number}"), auto_attendant_numbers=plan(f"Menu | {number}"))
    line_and_menu = conflicts(users=users(f"ada | tel:{number} | -"), auto_attendant_numbers=plan(f"Menu | {number}"))
    assert [bool(found) for found in (two_plans, plan_and_menu, line_and_menu)] == [same] * 3


def test_a_plan_that_lists_a_number_twice_does_not_share_it() -> None:
    assert conflicts(dial_plan_numbers=plan(f"HQ | {NUMBER}", f"HQ | tel:{NUMBER}")) == {}


def bases(**written: DataFrame) -> dict[str, tuple[str, bool]]:
    found = look("numbers", "base_others", "base_plain", **PLANS | written)
    found = found[found["base_others"].notna()]
    return {row.identity: (row.base_others, row.base_plain) for row in found.itertuples()}


def test_a_base_number_of_several_is_told_with_the_numbers_of_the_others() -> None:
    found = bases(users=users(f"ada | tel:{NUMBER} | -", f"bo | tel:{NUMBER};ext=1 | -", f"cy | - | tel:{NUMBER};ext=2"))
    assert found == {
        "ada": (f"bo (line URI {NUMBER};ext=1), cy (private line {NUMBER};ext=2)", True),
        "bo": (f"ada (line URI {NUMBER}), cy (private line {NUMBER};ext=2)", True),
        "cy": (f"ada (line URI {NUMBER}), bo (line URI {NUMBER};ext=1)", True),
    }


def test_nobody_may_have_the_base_number_itself() -> None:
    found = bases(users=users(f"ada | tel:{NUMBER};ext=1 | -", f"bo | tel:{NUMBER};ext=2 | -"))
    assert {plain for _, plain in found.values()} == {False}


@pytest.mark.parametrize("owner_urn", ["-", "urn:application:Caa"])
def test_an_auto_attendant_and_its_contact_share_a_base_number(owner_urn: str) -> None:
    written = {
        "contacts": contacts(f"Way in | tel:{NUMBER};ext=1 | - | {owner_urn}"),
        "auto_attendant_numbers": plan(f"Menu | {NUMBER}"),
    }
    assert sorted(bases(**written)) == ([] if owner_urn == "-" else ["Menu", "Way in"])
    with_user = bases(**written, users=users(f"ada | tel:{NUMBER};ext=2 | -"))
    assert sorted(with_user) == ["Menu", "Way in", "ada"]
    assert with_user["ada"] == (f"Menu (auto attendant number {NUMBER}), Way in (line URI {NUMBER};ext=1)", True)
