"""Files 40, 41 and 48: who is moved to Teams, and what becomes of the number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pandas import DataFrame
from teams_people import (
    ADA,
    CALLING,
    CATALOGUE,
    CLEAR,
    DIAL_PLAN,
    DIRECT,
    GATES,
    GONE,
    KEPT,
    MANAGED,
    MOVE,
    NUMBER,
    ROUTING,
    SBC,
    SENDING,
    TEAMS,
    held,
    in_teams,
    look,
    object_id,
    other,
    ranged,
)

from adinspect import bulk, delivery, plan, rollback, step, verify
from adinspect.sites import NumberType, Owner
from adinspect.visibility import State, rows

LINE = "tel:+14255550101"
PORTED: dict[str, Any] = {"number_type": NumberType.CALLING_PLAN, "port_date": date(2026, 11, 24)}
CALLING_PLAN = ranged(**PORTED)
ADAS = object_id("Ada")


# ---- 40_cs_user_move


@pytest.mark.parametrize("profile", [DIRECT, MANAGED, KEPT])
def test_who_is_homed_on_a_pool_is_moved_and_could_be_moved_back(profile: Any) -> None:
    row = held(MOVE, look(ADA, profile=profile)).kept["Ada"]
    assert (row["Identity"], row["Target"]) == ("CN=Ada,OU=Staff,DC=contoso,DC=example", "sipfed.online.lync.com")
    (back,) = rollback.rows(bulk.shipped()[MOVE], DataFrame([row]))
    assert (back["Identity"], back["Target"]) == (row["Identity"], "pool01.contoso.example")
    assert back["_Previous_Target"] == "sipfed.online.lync.com", "only who is in Teams is moved back"
    assert back["_Previous_LineURI"] == ADA["line_uri"], "and has no number from Teams since, for which the line is cleared"


@pytest.mark.parametrize(
    ("person", "outcome"),
    [
        pytest.param(GONE, "", id="homed online"),
        pytest.param({**ADA, "sip_enabled": "no"}, "", id="not enabled: a decision"),
        pytest.param({**ADA, "upn": "ada@contoso.local"}, "", id="blocked"),
        pytest.param({**ADA, "line_uri": "tel:5101"}, "is to be put right first: USR-009", id="something to put right"),
        pytest.param({**ADA, "pool_service": "-"}, "names no home pool", id="no pool"),
        pytest.param({**ADA, "object_class": "contact"}, "is a contact for a user of another forest", id="of another forest"),
        pytest.param({**ADA, "pool_service": "CN=Stray"}, "the present RegistrarPool is not known", id="a pool that is none"),
    ],
)
def test_who_is_not_ready_is_not_moved(person: dict[str, str], outcome: str) -> None:
    found = held(MOVE, look(person, codes=CATALOGUE))
    assert not found.kept
    assert outcome in found.why() if outcome else found.nobody


@pytest.mark.parametrize(
    ("person", "proxies"),
    [
        pytest.param({**ADA, "um_enabled": "yes"}, {}, id="on"),
        pytest.param(ADA, {"proxy_addresses": "identity | address\nAda | eum:101;phone-context=HQ"}, id="addresses alone"),
    ],
)
def test_who_would_take_unified_messaging_to_teams_is_asked_about_for_no_number_is_assigned_there(
    person: dict[str, str], proxies: dict[str, str]
) -> None:
    codes, home = (*SENDING, "MIG-010"), {"organization": "identity\nContoso"}
    found = held(MOVE, look(person, profile=MANAGED, codes=codes, **proxies, **home))
    assert "has Unified Messaging or EUM addresses: in Teams these are a decision (MIG-010)" in found.why()
    assert found.rejected["Ada"]["Target"] == "sipfed.online.lync.com", "a person may approve it"
    moved = look({**person, "deployment_locator": GONE["deployment_locator"]}, profile=MANAGED, codes=codes, **proxies, **home)
    assert held(NUMBER, moved).nobody
    steps = plan.make(moved, TEAMS).steps.set_index("csv")
    assert NUMBER not in steps.index
    assert steps.loc[CLEAR, "status"] == step.Status.REVIEW


def test_where_there_is_no_exchange_nobody_has_unified_messaging_to_take_along() -> None:
    no_exchange = rows(("users", "um_enabled", None, State.NO_SCHEMA, "the schema has no msExchUMEnabledFlags"))
    assert list(held(MOVE, look(ADA, visibility=no_exchange)).kept) == ["Ada"]


def test_a_line_that_is_cleared_after_the_move_holds_nobody_back() -> None:
    row = held(MOVE, look(ADA, profile=MANAGED)).kept["Ada"]
    assert row["_Wave"] == "W2"


def test_who_may_be_in_a_later_wave_is_asked_about() -> None:
    unseen = rows(("users", "admin_description", None, State.UNREADABLE, "nobody may read it"))
    assert (
        "may be in a later wave, because this could not be judged: MIG-019"
        in held(MOVE, look(ADA, visibility=unseen, codes=CATALOGUE)).why()
    )


def test_a_licence_that_is_lacking_is_told_beside_the_move() -> None:
    account = f"user | upn | usage_location | plans\n{ADAS} | ada@contoso.com | - | -"
    row = held(MOVE, look(ADA, m365_users=account, codes=CATALOGUE)).kept["Ada"]
    assert "Before the move: In the tenant Ada has no Teams plan" in row["_Why"]
    assert row["_Rules"] == "MIG-003|MIG-008"


STANDING: list[tuple[str, dict[str, Any]]] = [
    ("MIG-006", {"tenant_domains": "domain | verified\ncontoso.com | no\nfabrikam.com | yes"}),
    ("MIG-006", {"tenant_domains": None}),
    ("MIG-021", {"cs_serverversion": "computer | component | version\nfe1 | SfB 2015, Core Components | 6.0.9319.1"}),
    ("MIG-021", {"cs_serverversion": None}),
    ("TOP-004", {"sip_domains": "domain\nfabrikam.com"}),
    ("TOP-004", {"sip_domains": None}),
]


@pytest.mark.parametrize(("code", "texts"), STANDING)
def test_while_a_gate_stands_nobody_is_moved_and_the_manifest_says_why(code: str, texts: dict[str, Any], tmp_path: Path) -> None:
    person, strict = {**ADA, "upn": "ada@fabrikam.com"}, replace(DIRECT, gates=())
    made = plan.make(look(person, profile=strict, codes=(*SENDING, *GATES), **texts), TEAMS)
    delivery.write(made, tmp_path)
    assert not (tmp_path / f"{MOVE}.csv").exists()
    assert not (tmp_path / f"{MOVE}.userlist.txt").exists()
    assert f'"rule": "{code}"' in (tmp_path / delivery.MANIFEST).read_text(encoding="utf-8")
    assert f"{code} stands: " in (tmp_path / f"{MOVE}.rejected.csv").read_text(encoding="utf-8-sig")
    assert set(made.steps.loc[made.steps["csv"] == MOVE, "status"]) == {step.Status.HELD.value}
    assert (tmp_path / f"{SBC}.csv").read_bytes().count(b"\r\n") == 1, "no number is switched whose user is not moved"


def test_with_open_gates_the_file_and_its_user_list_are_written_for_each_wave(tmp_path: Path) -> None:
    people = (ADA, other("Bob", ADA, line_uri="tel:5101"))
    made = plan.make(look(*people, profile=replace(DIRECT, gates=()), codes=(*SENDING, *GATES, "USR-009")), TEAMS)
    delivery.write(made, tmp_path, wave="W1")
    assert (tmp_path / f"{MOVE}.csv").read_bytes().count(b"\r\n") == 2
    assert (tmp_path / f"{MOVE}.userlist.txt").read_bytes() == b"sip:ada@contoso.com"


# ---- 48_sbc_numbers


@pytest.mark.parametrize(
    ("line", "extension"),
    [(LINE, None), ("TEL:+14255550101;ext=101", "101")],
)
def test_calls_to_a_number_go_to_teams_once_its_user_is_there(line: str, extension: str | None) -> None:
    row = held(SBC, look({**ADA, "line_uri": line})).kept["Ada"]
    assert (row["E164"], row["Extension"], row["Destination"]) == ("+14255550101", extension, "Teams")
    (back,) = rollback.rows(bulk.shipped()[SBC], DataFrame([row]))
    assert (back["E164"], back["Extension"], back["Destination"]) == ("+14255550101", extension, "pool01.contoso.example")
    assert row["_After"].startswith(f"{MOVE}/")


@pytest.mark.parametrize(
    ("person", "profile", "outcome"),
    [
        pytest.param({**ADA, "line_uri": "-"}, DIRECT, "", id="no line"),
        pytest.param(GONE, DIRECT, "", id="moved before"),
        pytest.param(ADA, replace(DIRECT, number_type=NumberType.CALLING_PLAN), "", id="no number of Direct Routing"),
        pytest.param(ADA, replace(DIRECT, number_type=None), "does not say of which type", id="of no type"),
        pytest.param({**ADA, "line_uri": "tel:5101"}, DIRECT, "is not tel: and an international number", id="no number"),
        pytest.param({**ADA, "pool_service": "CN=Stray"}, DIRECT, "the home pool is not known", id="no pool"),
    ],
)
def test_other_numbers_are_not_switched(person: dict[str, str], profile: Any, outcome: str) -> None:
    found = held(SBC, look(person, profile=profile))
    assert not found.kept
    assert outcome in found.why() if outcome else found.nobody


# ---- 41_teams_number


def number(person: Any = GONE, profile: Any = MANAGED, numbers: str | None = None, **cells: Any) -> Any:
    told: dict[str, Any] = {} if numbers is None else {"teams_numbers": f"number | number_type | status | target\n{numbers}"}
    users = cells.pop("teams_users", in_teams(person, line_uri=person["line_uri"]))
    return held(NUMBER, look(person, profile=profile, teams_users=users, **told, **cells))


def test_a_number_is_assigned_once_its_line_was_cleared() -> None:
    view = look(GONE, profile=MANAGED, teams_users=in_teams(GONE, line_uri=LINE))
    row = held(NUMBER, view).kept["Ada"]
    assert (row["Identity"], row["PhoneNumber"], row["PhoneNumberType"]) == (ADAS, "+14255550101", "DirectRouting")
    assert row["LocationId"] is None
    assert row["_Previous_PhoneNumber"] is None, "file 26 has cleared it"
    assert row["_After"].startswith(f"{CLEAR}/")
    assert list(held(CLEAR, view).kept) == ["Ada"]
    (back,) = rollback.rows(bulk.shipped()[NUMBER], DataFrame([row]))
    definition = rollback.definition(bulk.shipped()[NUMBER])
    assert definition.cmdlet == "Remove-CsPhoneNumberAssignment"
    assert (back["Identity"], back["PhoneNumber"], back["_Previous_PhoneNumber"]) == (ADAS, "+14255550101", "+14255550101")


FREE = "+14255550101 | CallingPlan | Unassigned | -"


@pytest.mark.parametrize(
    ("person", "profile", "numbers", "outcome"),
    [
        pytest.param({}, MANAGED, None, "", id="of Direct Routing, whatever Teams has"),
        pytest.param(
            {}, MANAGED, "+14255550101 | DirectRouting | UserAssigned | {ada}", "", id="of the user already, from the directory"
        ),
        pytest.param(
            {}, MANAGED, "+14255550101 | DirectRouting | UserAssigned | {eve}", "shows it assigned to ", id="somebody else's"
        ),
        pytest.param({}, MANAGED, FREE, "shows it as a number of type CallingPlan", id="of another type"),
        pytest.param(
            {},
            MANAGED,
            "+14255550101 | DirectRouting | - | -\n14255550101 | DirectRouting | - | {eve}",
            "has it more than once",
            id="there twice",
        ),
        pytest.param({}, CALLING_PLAN, FREE, "", id="of a Calling Plan, and free"),
        pytest.param({}, CALLING_PLAN, None, "supply teams-numbers.csv", id="of which nothing is known"),
        pytest.param(
            {},
            CALLING_PLAN,
            "+14255550102 | CallingPlan | Unassigned | -",
            "does not show that Teams has the number",
            id="not there",
        ),
        pytest.param(
            {}, CALLING_PLAN, "+14255550101 | CallingPlan | UserAssigned | {ada}", "not show it as unassigned", id="assigned"
        ),
        pytest.param({}, CALLING_PLAN, "+14255550101 | CallingPlan | - | -", "not show it as unassigned", id="of no status"),
        pytest.param(
            {}, CALLING_PLAN, "+14255550101 | OperatorConnect | Unassigned | -", "of type OperatorConnect", id="of an operator"
        ),
        pytest.param({"line_uri": f"{LINE};ext=101"}, MANAGED, None, "", id="an extension"),
        pytest.param(
            {"line_uri": f"{LINE};ext=101"},
            CALLING_PLAN,
            FREE,
            "only a number of Direct Routing has an extension",
            id="where there is none",
        ),
        pytest.param(
            {"line_uri": "tel:+14255550101"},
            ranged(Owner.PBX, number_type=NumberType.DIRECT_ROUTING),
            None,
            "arrive at a PBX",
            id="of a PBX",
        ),
        pytest.param(
            {"line_uri": "tel:+14255550101"},
            replace(MANAGED, number_type=None),
            None,
            "does not say of which type",
            id="of no type",
        ),
        pytest.param(
            {},
            ranged(number_type=NumberType.CALLING_PLAN, port_date=date(2026, 11, 25)),
            FREE,
            f"waits for its row in {CLEAR}",
            id="ported tomorrow",
        ),
    ],
)
def test_only_a_number_that_is_free_is_assigned(person: dict[str, str], profile: Any, numbers: str | None, outcome: str) -> None:
    told = numbers.format(ada=ADAS.upper(), eve=object_id("Eve")) if numbers else None
    found = number({**GONE, **person}, profile, told)
    assert bool(found.kept) is not bool(outcome)
    assert not outcome or outcome in found.why()


def test_a_calling_plan_number_gets_the_emergency_location_of_the_site() -> None:
    row = number(profile=CALLING_PLAN, numbers=FREE).kept["Ada"]
    assert (row["LocationId"], row["PhoneNumber"]) == ("9c0a4a1c-53b9-4bb0-8f3f-1b4f6a2f0c11", "+14255550101")


def test_an_extension_is_part_of_the_number() -> None:
    assert number({**GONE, "line_uri": f"{LINE};ext=101"}).kept["Ada"]["PhoneNumber"] == "+14255550101;ext=101"


def test_a_number_that_another_account_has_is_not_assigned() -> None:
    both = in_teams(GONE, other("Eve", GONE), line_uri=LINE)
    assert f"held by another account in Teams: {object_id('Eve')}" in number(teams_users=both).why()


@pytest.mark.parametrize(
    ("person", "profile"),
    [(ADA, MANAGED), (GONE, KEPT), (GONE, DIRECT), ({**GONE, "line_uri": "-"}, MANAGED)],
)
def test_nobody_else_gets_a_number(person: dict[str, str], profile: Any) -> None:
    assert number(person, profile).nobody


@pytest.mark.parametrize("line", [ADA["line_uri"], "TEL:+14255550101"])
def test_a_number_that_two_hold_goes_to_neither(line: str) -> None:
    bob = other("Bob", GONE, line_uri=line)
    view = look(GONE, bob, profile=MANAGED, teams_users=in_teams(GONE, bob, line_uri="-"))
    found = held(NUMBER, view)
    assert {name: found.why(name).partition(";")[0] for name in found.rejected} == {
        "Ada": "the line is held in the directory too by Bob (line URI)",
        "Bob": "the line is held in the directory too by Ada (line URI)",
    }
    steps = plan.make(view, TEAMS).steps
    assert set(steps.loc[steps["csv"] == CLEAR, "status"]) == {"review"}, "nobody loses a line for nothing"


# ---- afterwards


def landed(before: Any, after: Any) -> dict[str, str]:
    """What became of each step of the plan of one snapshot, in a newer one."""
    told = verify.steps(plan.make(before, TEAMS), after)
    return dict(zip(told["csv"], told["outcome"], strict=True))


def test_a_newer_snapshot_shows_who_was_moved_and_nothing_of_the_list_for_people() -> None:
    before = look(ADA, teams_users=in_teams(ADA))
    after = look(
        {**GONE, "pool_service": "-"},
        teams_users=in_teams(ADA, routing_policy="Tag:FR national", tenant_dial_plan="fr", calling_policy="Old"),
    )
    found = landed(before, after)
    assert SBC not in found
    assert [found[name] for name in (MOVE, ROUTING, DIAL_PLAN, CALLING)] == [
        "landed",
        "landed",
        "landed",
        "changed to something else",
    ]
    assert set(landed(before, before).values()) == {"not landed"}


def test_a_newer_snapshot_shows_which_numbers_were_assigned() -> None:
    before = look(GONE, profile=MANAGED, teams_users=in_teams(GONE))
    after = look({**GONE, "line_uri": "-"}, profile=MANAGED, teams_users=in_teams(GONE))
    assert [landed(before, after)[name] for name in (CLEAR, NUMBER)] == ["landed", "landed"]
    cleared = look({**GONE, "line_uri": "-"}, profile=MANAGED, teams_users=in_teams(GONE, line_uri="-"))
    assert [landed(before, cleared)[name] for name in (CLEAR, NUMBER)] == ["landed", "not landed"]
