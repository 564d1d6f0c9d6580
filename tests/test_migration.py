"""The migration report's tables: of tables written as text, and of the forest that ships with the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cli_runs import adinspect, shipped
from openpyxl import load_workbook
from pandas import DataFrame
from sample_report import MANIFEST

from adinspect import assess, migration, report, rules, services, summary, testing
from adinspect.cli._judged import judge
from adinspect.finding import Target
from adinspect.profile import Profile
from adinspect.services import BECOMES, Kind
from adinspect.sites import NumberRange, Owner, Ranges
from adinspect.testing import TODAY, table
from adinspect.visibility import State, nothing_hidden, rows

ORGANIZATION = table("identity\nContoso")


def made(
    visibility: DataFrame | None = None, profile: Profile | None = None, codes: Sequence[str] | None = None, **written: DataFrame
) -> dict[str, DataFrame]:
    """The tables for teams-phone, of what these rules (all of them) found in these tables."""
    unseen, wishes = nothing_hidden() if visibility is None else visibility, profile or Profile(region="US")
    whole = testing.tables(**{"organization": ORGANIZATION, **written})
    context: dict[str, Any] = {"target": Target.TEAMS_PHONE, "profile": wishes}
    catalogue = None if codes is None else [rules.shipped()[code] for code in codes]
    found = assess.assess(whole, unseen, today=TODAY, catalogue=catalogue, **context)
    view = assess.with_found(assess.view_of(whole, unseen, today=TODAY, **context), found)
    return migration.tables(view, found, summary.tables(MANIFEST, whole, unseen, found, **context))


def lines(found: DataFrame, *columns: str) -> list[list[object]]:
    chosen = found[list(columns)].astype(object)
    told: list[list[object]] = chosen.where(chosen.notna(), None).to_numpy().tolist()
    return told


def pairs(found: DataFrame, key: str, value: str) -> dict[object, object]:
    return {one: other for one, other in lines(found, key, value)}  # noqa: C416 - dict() wants pairs that are no lists


def facts(found: Mapping[str, DataFrame]) -> dict[str, str]:
    return dict(zip(found["migration_facts"]["fact"], found["migration_facts"]["value"], strict=True))


PEOPLE = table("""
    identity | recipient_type | sip_address       | sip_enabled | enterprise_voice | line_uri         | account_disabled
    ada      | 1              | sip:ada@x.example | yes         | yes              | tel:+14255550100 | -
    bo       | 1              | sip:bo@x.example  | yes         | yes              | tel:+14255550101 | -
    cy       | 1              | sip:cy@x.example  | yes         | yes              | tel:+14255550102 | -
    di       | 1              | sip:di@x.example  | yes         | yes              | tel:+14255550103 | yes
    ed       | 4              | -                 | -           | -                | tel:+14255550104 | yes
    flo      | 16             | sip:flo@x.example | yes         | -                | -                | yes
    gus      | 2              | -                 | -           | -                | tel:+14255550106 | yes
    hal      | 4              | -                 | -           | -                | -                | -
""").assign(
    last_logon=["2026-11-20", "2026-08-25", "2026-08-26", "2026-11-20", None, "2026-01-01", None, None],
    private_line=[*[None] * 5, "tel:+14255550105", None, None],
)


@cache
def of_people() -> dict[str, DataFrame]:
    """What is told of PEOPLE, all of whom were seen."""
    return made(users=PEOPLE)


def test_lines_may_be_reclaimed_from_who_is_gone_or_does_not_sign_in() -> None:
    assert lines(of_people()["reclaim"], "number", "identity", "why") == [
        ["+14255550101", "bo", "no sign-in for more than 90 days"],
        ["+14255550103", "di", "the account is disabled"],
        ["+14255550105", "flo", "no sign-in for more than 90 days"],
    ]


def test_a_last_sign_in_that_was_not_seen_is_not_an_old_one() -> None:
    hidden = rows(("users", "last_logon", "users-1", State.UNREADABLE, "lastLogonTimestamp may not be read"))
    found = made(hidden, users=PEOPLE, codes=())
    assert "bo" not in set(found["reclaim"]["identity"])
    assert ["reclaim", "lastLogonTimestamp may not be read"] in lines(found["migration_limits"], "table", "why")


def test_numbers_of_who_does_not_move_and_of_no_user_need_another_home() -> None:
    contacts = table("identity | line_uri | owner_urn\nLobby | tel:+14255550110 | urn:device:commonareaphone")
    attendants = {
        "auto_attendants": table("identity\nMenu"),
        "auto_attendant_numbers": table("identity | number\nMenu | +14255550111"),
    }
    found = made(users=PEOPLE, contacts=contacts, codes=["CNS-013"], **attendants)["rehome"]
    assert lines(found, "number", "identity", "table", "why") == [
        ["+14255550103", "di", "users", "does not move: CNS-013"],
        ["+14255550104", "ed", "users", "not in the population: a shared mailbox"],
        ["+14255550105", "flo", "users", "not in the population: the mailbox of a room"],
        ["+14255550110", "Lobby", "contacts", "held by no user: settle what it becomes"],
        ["+14255550111", "Menu", "auto_attendants", "held by no user: settle what it becomes"],
    ]


def test_each_range_of_the_profile_says_whose_it_is_and_how_full() -> None:
    ranges = Ranges(
        (
            NumberRange("+14255550110", "+14255550111", Owner.TEAMS, port_date=date(2027, 1, 8)),
            NumberRange("+14255550100", "+14255550105", Owner.LYNC, site="HQ"),
        )
    )
    found = made(profile=replace(Profile(region="US"), ranges=ranges), users=PEOPLE.head(3), codes=())
    assert lines(found["profile_ranges"], "start", "owner", "site", "port_date", "used", "free", "gaps") == [
        ["+14255550100", "lync", "HQ", None, 3, 3, "+14255550103 to +14255550105"],
        ["+14255550110", "teams", "", "2027-01-08", 0, 2, "+14255550110 to +14255550111"],
    ]
    assert facts(found)["Numbers free in the ranges of the profile"] == "5"
    assert facts(found)["Numbers free in the carrier's ranges"] == "not known"


def test_users_are_counted_by_wave_population_and_estate_together() -> None:
    found = of_people()
    counted = {
        wave: (users, voice) for wave, users, voice in found["readiness"][["wave", "users", "voice"]].itertuples(index=False)
    }
    assert sum(users for users, _ in counted.values()) == 7, "hal has no voice and is not to have any"
    assert counted["WX"] == (1, 1)
    assert facts(found)["Users with voice today"] == "7"
    assert int(found["places"]["users"].sum()) == 7
    assert int(found["migration_waves"]["users"].sum()) == 7
    assert "hal" not in set(found["migration_users"]["identity"])


def test_a_user_is_told_in_one_line() -> None:
    ((wave, state, line, mailbox, blockers),) = lines(
        made(users=PEOPLE.query("identity == 'di'"), codes=["CNS-013"])["migration_users"],
        "wave",
        "state",
        "line_uri",
        "mailbox",
        "blockers",
    )
    assert (wave, state, line, mailbox) == ("WX", "Lync, Enterprise Voice, account disabled", "tel:+14255550103", "no mailbox")
    assert "CNS-013" in str(blockers)


def test_what_was_not_seen_of_a_user_is_told_as_that_and_keeps_the_wave_to_be_confirmed() -> None:
    hidden = rows(
        *(("users", column, "users-0", State.UNREADABLE, "no") for column in ("line_uri", "enterprise_voice", "pool_service"))
    )
    found = made(hidden, users=PEOPLE)
    (ada,) = found["migration_users"].query("identity == 'ada'").to_dict("records")
    assert ada["wave"].endswith("(to confirm)")
    assert ada["line_uri"] == "(unreadable)"
    assert ada["state"] == "Lync, Enterprise Voice?"
    assert ada["pool"] == "(not known)"
    assert ada["unknown"]
    assert facts(found)["Users to confirm"] == "1"


def test_users_whose_place_was_not_seen_are_counted_as_such() -> None:
    hidden = rows(("users", "line_uri", "users-7", State.UNREADABLE, "no"))
    found = made(hidden, users=PEOPLE, codes=())
    assert "of 1 users it was not seen" in " ".join(found["migration_limits"]["why"])
    assert found["migration_users"].query("identity == 'hal'")["wave"].tolist() == ["WX (to confirm)"]


ENDPOINTS = table("""
    identity | owner_urn                       | application_options | line_uri         | sip_enabled
    Queue    | urn:application:rgs             | -                   | tel:+14255550120 | yes
    Lobby    | urn:device:commonareaphone      | -                   | tel:+14255550121 | yes
    Fax      | urn:device:analogfax            | -                   | -                | yes
    Desk     | urn:device:analogphone          | -                   | tel:+14255550122 | yes
    Board    | urn:device:roomsystem           | -                   | -                | yes
    Bot      | urn:trustedonlineplatformapplication:x | 256          | tel:+14255550123 | yes
    Menu     | -                               | -                   | tel:+14255550124 | yes
    Ann      | -                               | -                   | -                | -
""")
ODD = table("""
    identity | um_enabled | um_fax | remote_call_control | line_server       | account_disabled | sip_enabled | recipient_type
    fay      | yes        | yes    | -                   | -                 | -                | -           | 1
    guy      | -          | yes    | -                   | -                 | -                | -           | 1
    hue      | -          | -      | yes                 | -                 | -                | yes         | 1
    ian      | -          | -      | -                   | sip:pbx@x.example | -                | yes         | 1
    kim      | -          | -      | -                   | -                 | yes              | yes         | 1
    lou      | yes        | -      | -                   | -                 | yes              | -           | 1
    mia      | -          | -      | -                   | -                 | yes              | yes         | 2
    room     | -          | -      | -                   | -                 | yes              | yes         | 16
    shared   | yes        | -      | -                   | -                 | yes              | -           | 4
    joy      | -          | -      | -                   | -                 | -                | yes         | 1
""").assign(private_line=[*[None] * 9, "tel:+14255550130"])


def test_whatever_is_no_plain_user_is_an_exception_of_its_kind() -> None:
    found = made(users=ODD, contacts=ENDPOINTS, codes=())["exceptions"]
    by_kind: dict[object, list[object]] = {}
    for kind, identity in lines(found, "kind", "identity"):
        by_kind.setdefault(kind, []).append(identity)
    assert by_kind == {
        Kind.FAX: ["fay"],
        Kind.ANALOG: ["Desk", "Fax"],
        Kind.COMMON_AREA: ["Lobby"],
        Kind.ROOM: ["Board", "room"],
        Kind.APPLICATION: ["Queue"],
        Kind.UM_CONTACT: ["Menu"],
        Kind.REMOTE_CALL_CONTROL: ["hue", "ian"],
        Kind.PRIVATE_LINE: ["joy"],
        Kind.HYBRID: ["Bot"],
        Kind.DISABLED: ["kim", "lou"],
    }
    assert all(tomorrow == BECOMES[Kind(str(kind))].tomorrow for kind, tomorrow in lines(found, "kind", "tomorrow"))


UM: Mapping[str, DataFrame] = {
    "dial_plans": table("dn | name | phone_context\nCN=HQ | HQ | HQ.x.example"),
    "dial_plan_numbers": table("identity | number\nCN=HQ | +14255550140"),
    "auto_attendants": table("identity | operator_extension\nMenu | 5000\nBare | -"),
    "auto_attendant_numbers": table("identity | number\nMenu | +14255550141"),
    "auto_attendant_holidays": table("identity | holiday\nMenu | May 1\nMenu | Dec 25"),
    "hunt_groups": table("identity | pilot\nHunt | HQ"),
    "gateways": table("identity | address\nGate | pool1.x.example"),
    "mailbox_policies": table("identity | dial_plan\nPolicy | CN=HQ"),
}


def test_objects_of_exchange_um_are_mapped_to_what_they_become() -> None:
    found = made(codes=(), **{**UM, "contacts": ENDPOINTS.head(1)})["target_mapping"]
    assert lines(found, "kind", "identity", "value") == [
        [Kind.APPLICATION, "Queue", "tel:+14255550120 (urn:application:rgs)"],
        [Kind.AUTO_ATTENDANT, "Bare", "no number; holidays: 0"],
        [Kind.AUTO_ATTENDANT, "Menu", "+14255550141; holidays: 2; operator: 5000"],
        [Kind.ACCESS, "CN=HQ", "+14255550140"],
        [Kind.DIAL_PLAN, "CN=HQ", "HQ.x.example"],
        [Kind.HUNT_GROUP, "Hunt", "HQ"],
        [Kind.GATEWAY, "Gate", "pool1.x.example"],
        [Kind.POLICY, "Policy", "CN=HQ"],
    ]


def test_side_inputs_tell_of_what_the_directory_does_not_hold() -> None:
    workflows = table("workflow | name | line_uri\nservice/1 | Help | tel:+14255550150")
    found = made(cs_rgs=workflows, codes=())
    assert lines(found["target_mapping"], "kind", "value") == [[Kind.WORKFLOW, "tel:+14255550150"]]
    counts = pairs(found["rebuild"], "kind", "objects")
    assert counts[Kind.WORKFLOW] == 1
    states = pairs(found["side_inputs"], "file", "state")
    assert (states["cs-rgs.csv"], states["cs-cap.csv"]) == ("1 rows", "not supplied")


def test_of_what_was_not_supplied_or_seen_no_number_is_told() -> None:
    hidden = rows(
        ("auto_attendants", "", None, State.INCOMPLETE, "may not be listed"),
        ("contacts", "owner_urn", None, State.UNREADABLE, "no"),
    )
    found = made(hidden, users=PEOPLE, codes=())
    told = {kind: (objects, tomorrow) for kind, objects, tomorrow in lines(found["rebuild"], "kind", "objects", "tomorrow")}
    assert told[Kind.AUTO_ATTENDANT][0] is None
    assert "may not be listed" in str(told[Kind.AUTO_ATTENDANT][1])
    assert told[Kind.COMMON_AREA][0] is None
    assert told[Kind.WORKFLOW][0] is None
    assert "cs-rgs.csv" in str(told[Kind.WORKFLOW][1])


def test_what_users_have_is_counted_and_what_nobody_can_see_is_said() -> None:
    counts = pairs(of_people()["user_mapping"], "today", "objects")
    assert counts["Enterprise Voice, homed on-premises"] == 4
    assert counts["Delegates, team calls, forwarding"] is None


def test_products_out_of_support_are_told_with_the_last_day_and_unknown_ones_as_unknown() -> None:
    servers = table("""
        identity | version_major | version_minor | version_build
        old      | 14            | 3             | 1
        new      | 15            | 2             | 2600
        mid      | 15            | 1             | 1
        alt      | 14            | 3             | 2
    """)
    lync = table("identity | version\nfe1 | 6\nfe0 | 5")
    assert lines(
        made(servers=servers, lync_servers=lync, codes=())["unsupported"], "product", "servers", "supported_until", "told"
    ) == [
        [
            "(not known)",
            1,
            None,
            "fe1; the directory does not tell the product: Lync Server 2013 and all later ones look the same",
        ],
        ["Exchange Server 2010", 2, "2020-10-13", "alt, old"],
        ["Exchange Server 2016", 1, "2025-10-14", "mid; security updates could be bought until 2026-10-31"],
        ["Lync Server 2010", 1, "2021-04-13", "fe0"],
    ]


@pytest.mark.parametrize(
    ("gates", "domains", "state"),
    [
        ((), None, "stands unjudged"),
        (("MIG-006",), None, "accepted unjudged"),
        ((), "x.example", "open"),
        ((), "y.example", "stands"),
        (("MIG-006",), "y.example", "stands"),
    ],
)
def test_a_gate_that_could_not_be_judged_stands_unless_it_is_accepted(
    gates: tuple[str, ...], domains: str | None, state: str
) -> None:
    tenant = {"tenant_domains": table(f"domain | verified\n{domains} | yes")} if domains else {}
    found = made(profile=Profile(gates=gates), users=PEOPLE.head(3), codes=["MIG-006"], **tenant)["gates"]
    assert pairs(found, "rule", "state")["MIG-006"] == state


def test_the_gravest_three_are_the_main_risks() -> None:
    shared = PEOPLE.assign(line_uri="tel:+14255550100", sip_address="sip:one@x.example", sip_enabled="yes")
    found = made(users=shared, codes=["CNS-001", "CNS-003", "CNS-013", "CNS-018", "MIG-003"])["main_risks"]
    assert len(found) == migration.RISKS
    assert found["severity"].astype("str").tolist() == ["critical", "high", "high"]
    assert "another address" in found["told"].iloc[0]


ASKING = ("CNS-009", "MIG-002")


def test_questions_stand_with_the_answers_of_the_profile_and_what_it_does_not_say() -> None:
    users = PEOPLE.head(1).assign(upn="other@x.example")
    told = made(users=users, codes=ASKING)["decisions"]
    asked = {rule: (objects, answer) for rule, objects, answer in lines(told, "rule", "objects", "answer")}
    assert asked["CNS-009"] == (1, None)
    assert asked["MIG-002"] == (None, None)
    answered = Profile(decisions={"CNS-009": "as it is"}, rules={"MIG-002": {"numbers_managed": "teams"}})
    found = pairs(made(profile=answered, users=users, codes=ASKING)["decisions"], "rule", "answer")
    assert found["CNS-009"] == "as it is"
    assert "MIG-002" not in found


def test_every_kind_becomes_something() -> None:
    assert set(BECOMES) == set(Kind)
    assert set(services.REBUILD) <= set(Kind)


def test_without_anything_every_table_is_there() -> None:
    assert set(migration.TABLES) <= set(made(codes=()))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migration")
    return folder / shipped(folder)


def test_the_demo_is_reported_as_a_workbook(demo: Path, tmp_path: Path) -> None:
    run = adinspect(
        "report", demo, "--report", "migration", "--target", "teams-phone", "-o", tmp_path / "m.xlsx", folder=tmp_path
    )
    assert run.code == 0, run.err
    workbook = load_workbook(tmp_path / "m.xlsx")
    assert workbook.sheetnames == [sheet.title for sheet in report.find("migration").sheets]
    assert workbook["Users"].max_row == 301


@pytest.mark.parametrize("target", [Target.UM_LYNC, Target.TEAMS_PHONE])
def test_the_figures_of_the_demo_agree_with_each_other(demo: Path, target: Target) -> None:
    judged = judge(demo, target=target.value, profile=None, waivers=None, accept_partial=False)
    one = judged.snapshot
    read = summary.tables(one.manifest, one.tables, one.visibility, judged.assessment, target=target, profile=judged.profile)
    found = migration.tables(judged.view(), judged.assessment, read)
    assert int(found["readiness"]["users"].sum()) == 300
    assert int(found["places"]["users"].sum()) == int(found["migration_waves"]["users"].sum()) == len(found["migration_users"])
    assert facts(found)["Numbers to reclaim"] == str(found["reclaim"]["number"].nunique()) == "5"
    excluded = found["migration_users"]["wave"].eq("WX").sum()
    assert excluded == 5, "the disabled accounts"
