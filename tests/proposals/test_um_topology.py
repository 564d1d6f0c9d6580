"""Files 09 to 14: hunt groups, gateways, services and dial plans of Exchange Unified Messaging."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
import pytest
from pandas import DataFrame

from adinspect import assess, bulk, plan, proposals, readings, rollback, step
from adinspect.bulk_csv import Kind
from adinspect.finding import FINDING_COLUMNS, Target
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.visibility import State, nothing_hidden, rows

REMOVE, GATEWAY, NEW = "09_um_huntgroup_remove", "10_um_ipgateway_set", "11_um_huntgroup_new"
SERVICE, ROUTER, PLAN = "12_um_service_set", "13_um_callrouter_set", "14_um_dialplan_set"
TABLES = ("gateways", "hunt_groups", "dial_plans", "servers", "call_routers", "pools", "pool_services", "users")
Rows = dict[tuple[str, str], dict[str, Any]]

FOREST = {
    "gateways": """
        identity | address          | port | outgoing_calls_allowed | status
        One      | one.contoso.com  | 5061 | yes                    | 0
        Two      | TWO.contoso.com  | -    | no                     | 0
        PBX      | 10.0.0.9         | 5060 | yes                    | 0
    """,
    "pools": "identity | fqdn\none | one.contoso.com\ntwo | two.contoso.com",
    "pool_services": "identity | pool\nLc1 | one\nLc2 | two",
    "dial_plans": """
        identity | name | uri_type | phone_context  | voip_security
        HQ       | HQ   | 3        | HQ.contoso.com | 3
        Old      | Old  | 1        | Old.example    | 2
    """,
    "hunt_groups": """
        identity | name | gateway | pilot | dial_plan
        One HQ   | HQ   | One     | HQ    | HQ
        Two HQ   | HQ   | Two     | HQ    | HQ
        PBX Old  | Old  | PBX     | 7000  | Old
    """,
    "servers": """
        identity | name | um_role | version_major | version_minor | startup_mode | certificate_thumbprint
        EX1      | EX1  | yes     | 15            | 1             | 2            | AA
        EX2      | EX2  | yes     | 15            | 1             | 2            | BB
    """,
    "server_dial_plans": "identity | dial_plan\nEX1 | HQ\nEX2 | HQ",
    "server_addresses": """
        identity | address
        EX1      | ncacn_ip_tcp:ex1.contoso.com
        EX1      | netbios:EX1
        EX2      | ncacn_ip_tcp:ex2.contoso.com
    """,
    "call_routers": "identity | server | startup_mode | certificate_thumbprint\nR1 | EX1 | 2 | AA\nR2 | EX2 | 2 | BB",
    "call_router_dial_plans": "identity | dial_plan\nR1 | HQ\nR2 | HQ",
}
"""A sound forest. An object's DN is its name here."""


def guid(name: str, row: int) -> str:
    return f"{sum(map(ord, name)):08x}-0000-4000-8000-{row:012x}"


def written(name: str, text: str) -> DataFrame:
    told = table(text)
    if name in TABLES and "guid" not in told:
        told = told.assign(guid=pd.Series([guid(name, row) for row in range(len(told))], dtype="str"))
    return told


def proposed(csv: str, *findings: str, visibility: DataFrame | None = None, **given: str) -> Rows:
    """The rows of a file, by name of the object and KEY.

    A finding is `rule/object`, with `/waived` behind it where it is; `rule>file/object` sends it to another file.
    """
    whole = tables(**{name: written(name, text) for name, text in {**FOREST, **given}.items()})
    found = [finding(whole, csv, *told.split("/")) for told in findings]
    unseen = nothing_hidden() if visibility is None else visibility
    view = assess.view_of(whole, unseen, target=Target.UM_LYNC, today=TODAY, profile=EVERYONE)
    judged = assess.Assessment(DataFrame(found, columns=list(FINDING_COLUMNS)), DataFrame(), DataFrame())
    definition = bulk.shipped()[csv]
    seen = assess.with_found(view, judged)
    answers = proposals.rows(proposals.shipped()[csv], seen)
    shown = readings.present(definition.reads, seen)
    told = plan.proposed(definition, plan.Ground({}, frozenset()), shown, answers).to_dict("records")
    lines = [{**row, step.REASON: bulk.why_not(definition, row)} for row in told]
    by_name = {(row[step.OBJECT], row[step.KEY]): row for row in lines}
    assert len(by_name) == len(lines)
    return by_name


def finding(whole: dict[str, DataFrame], csv: str, rule: str, name: str, waived: str = "") -> dict[str, Any]:
    held = next(
        (frame, place, key) for key, frame in whole.items() if key in TABLES for place in frame.index[frame["identity"] == name]
    )
    row = held[0].loc[held[1]]
    rule, _, other = rule.partition(">")
    told = {
        "rule": rule,
        "csv": (other or csv,),
        "guid": row["guid"],
        "dn": row["dn"],
        "identity": name,
        "message": f"{rule} said so.",
    }
    return {
        **told,
        "table": held[2],
        "certainty": "certain",
        "because": "",
        "wave": "F",
        "waived": {"owner": "Adele", "reason": "so"} if waived else None,
    }


def kept(found: Rows) -> list[tuple[str, str]]:
    return [key for key, row in found.items() if not row[step.REASON]]


def cells(csv: str, row: dict[str, Any]) -> dict[str, Any]:
    """The cells of a row that change something."""
    definition = bulk.shipped()[csv]
    return {one.name: row[one.name] for one in definition.parameters if one.name != definition.key and row[one.name] is not None}


IDS = {name: guid("dial_plans", place) for place, name in enumerate(("HQ", "Old"))}
GATEWAYS = {name: guid("gateways", place) for place, name in enumerate(("One", "Two", "PBX"))}

# ---- 09 and 11: hunt groups

ORPHAN = FOREST["hunt_groups"] + "        Lost     | Lost | Two     | 9     | {}\n"


@pytest.mark.parametrize("link", ["-", "CN=Gone"])
def test_a_hunt_group_that_leads_nowhere_is_removed_and_remembered(link: str) -> None:
    found = proposed(REMOVE, "HG-001/Lost", hunt_groups=ORPHAN.format(link))
    row = found["Lost", ""]
    assert kept(found) == [("Lost", "")]
    assert row["Identity"] == row["_ObjectGuid"]
    assert (row["_Previous_Name"], row["_Previous_UMIPGateway"], row["_Previous_PilotIdentifier"]) == (
        "Lost",
        GATEWAYS["Two"],
        "9",
    )
    (back,) = rollback.rows(bulk.shipped()[REMOVE], DataFrame([row], dtype="object"))
    assert (back["Name"], back["UMIPGateway"], back["UMDialPlan"]) == ("Lost", GATEWAYS["Two"], step.REVIEW)


def test_a_hunt_group_that_leads_somewhere_is_removed_by_nobody_but_a_person() -> None:
    found = proposed(REMOVE, "SITE-1/Two HQ")
    assert "calls may come by it" in found["Two HQ", ""][step.REASON]
    (back,) = rollback.rows(bulk.shipped()[REMOVE], DataFrame([found["Two HQ", ""]], dtype="object"))
    assert back["UMDialPlan"] == IDS["HQ"]
    assert not proposed(REMOVE)


ONE_ONLY = "identity | name | gateway | pilot | dial_plan\nOne HQ | HQ | One | HQ | HQ"
NO_GROUP = "identity | name | gateway | pilot | dial_plan"


@pytest.mark.parametrize(
    ("findings", "hunt_groups", "gateways"),
    [
        pytest.param(["DP-006/HQ"], NO_GROUP, ["One", "Two"], id="a plan without hunt groups: every Lync gateway"),
        pytest.param(["HG-003/Two"], ONE_ONLY, ["Two"], id="a Lync gateway without one"),
        pytest.param(
            ["HG-001/Lost"], f"{ONE_ONLY}\nLost | HQ | Two | HQ | -", ["Two"], id="after one that led nowhere, same name"
        ),
        pytest.param(["HG-001/Lost"], f"{ONE_ONLY}\nLost | Lost | PBX | 7 | -", [], id="a gateway of another system"),
        pytest.param(["HG-003/One"], FOREST["hunt_groups"], [], id="there is one already"),
        pytest.param(["DP-006/Old"], ONE_ONLY, [], id="a plan of another type"),
        pytest.param(["DP-006/HQ/waived"], NO_GROUP, [], id="what was accepted"),
        pytest.param(["HG-003/Two/waived", "DP-006/HQ"], NO_GROUP, ["One"], id="a gateway for which it was accepted"),
        pytest.param([], NO_GROUP, [], id="no finding"),
    ],
)
def test_lync_gateways_lead_to_sip_uri_dial_plans(findings: list[str], hunt_groups: str, gateways: list[str]) -> None:
    asked = [told for told in findings if told.startswith("HG-001")]
    found = proposed(NEW, *findings, hunt_groups=hunt_groups) if not asked else both(hunt_groups)
    assert kept(found) == [(name, IDS["HQ"]) for name in gateways]
    for name in gateways:
        row = found[name, IDS["HQ"]]
        assert cells(NEW, row) == {"UMDialPlan": IDS["HQ"], "UMIPGateway": GATEWAYS[name], "PilotIdentifier": "HQ"}
        assert (row["Name"], row["_ObjectGuid"]) == ("HQ", GATEWAYS[name])


def both(hunt_groups: str) -> Rows:
    """What 11 holds where HG-001 sends a hunt group to 09 and 11."""
    whole = tables(**{name: written(name, text) for name, text in {**FOREST, "hunt_groups": hunt_groups}.items()})
    one = {**finding(whole, NEW, "HG-001", "Lost"), "csv": (REMOVE, NEW)}
    view = assess.view_of(whole, nothing_hidden(), target=Target.UM_LYNC, today=TODAY, profile=EVERYONE)
    judged = assess.Assessment(DataFrame([one], columns=list(FINDING_COLUMNS)), DataFrame(), DataFrame())
    seen, definition = assess.with_found(view, judged), bulk.shipped()[NEW]
    answers = proposals.rows(proposals.shipped()[NEW], seen)
    told = plan.proposed(definition, plan.Ground({}, frozenset()), readings.present(definition.reads, seen), answers)
    return {
        (row[step.OBJECT], row[step.KEY]): {**row, step.REASON: bulk.why_not(definition, row)} for row in told.to_dict("records")
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param(
            {"hunt_groups": f"{ONE_ONLY}\nDesk | Desk | Two | hq | Old"},
            "that of another hunt group on the gateway: Desk",
            id="pilot",
        ),
        pytest.param({"hunt_groups": f"{ONE_ONLY}\nDesk | hq | Two | 7 | Old"}, "has that name already: Desk", id="name"),
        pytest.param(
            {"dial_plans": "identity | name | uri_type | phone_context\nHQ | HQ | 3 | -", "hunt_groups": ONE_ONLY},
            "has no phone context",
            id="no phone context",
        ),
        pytest.param(
            {
                "dial_plans": "identity | name | uri_type | phone_context\nHQ | HQ | 3 | HQ.a.com\nHQ2 | HQ2 | 3 | HQ.b.com",
                "hunt_groups": ONE_ONLY,
            },
            "on the gateway: HQ2 (proposed here too)",
            id="two plans of one label",
        ),
        pytest.param(
            {"dial_plans": "identity | name | uri_type | phone_context\nHQ | A/B | 3 | HQ.a.com", "hunt_groups": ONE_ONLY},
            "Name is not what the column allows",
            id="a name that Exchange refuses",
        ),
    ],
)
def test_what_would_not_be_told_apart_is_not_created(changes: dict[str, str], reason: str) -> None:
    assert reason in proposed(NEW, "HG-003/Two", **changes)["Two", IDS["HQ"]][step.REASON]


def test_what_was_created_is_found_by_what_it_joins_and_removed_by_its_own_guid() -> None:
    definition = bulk.shipped()[NEW]
    back = rollback.definition(definition)
    assert (definition.match, definition.own_guid, definition.found_before) == (("UMDialPlan", "UMIPGateway"), False, False)
    assert (back.cmdlet, back.from_found, back.parameters) == ("Remove-UMHuntGroup", {"Identity": "Guid"}, ())


# ---- 10: gateways

BUSY = {
    "users": """
        identity | pool_service | enterprise_voice | um_enabled
        Ada      | Lc2          | yes              | yes
        Bob      | Lc2          | yes              | yes
        Cyd      | Lc1          | yes              | yes
    """
}
GW = "identity | address | port | outgoing_calls_allowed | status"


def test_outgoing_calls_stay_on_the_gateway_of_the_busiest_pool() -> None:
    gateways = f"{GW}\nOne | one.contoso.com | 5061 | yes | 0\nTwo | two.contoso.com | 5061 | yes | 0"
    found = proposed(GATEWAY, "GW-003/HQ", gateways=gateways, hunt_groups=SIP_ONLY, **BUSY)
    assert kept(found) == [("One", "")]
    assert cells(GATEWAY, found["One", ""]) == {"OutcallsAllowed": False}
    assert (found["One", ""]["_Previous_OutcallsAllowed"], found["One", ""]["_Rules"]) == (True, "GW-003")


SIP_ONLY = "identity | name | gateway | pilot | dial_plan\nOne HQ | HQ | One | HQ | HQ\nTwo HQ | HQ | Two | HQ | HQ"


def test_a_gateway_that_is_to_place_the_calls_is_turned_on_and_the_others_off_in_a_later_run() -> None:
    gateways = (
        f"{GW}\nOne | one.contoso.com | - | yes | 0\nTwo | two.contoso.com | - | no | 0\nThree | x.contoso.com | - | yes | 0"
    )
    hunt_groups = f"{SIP_ONLY}\nThree HQ | HQ | Three | HQ | HQ"
    found = proposed(GATEWAY, "GW-003/HQ", gateways=gateways, hunt_groups=hunt_groups, **BUSY)
    assert kept(found) == [("Two", "")]
    assert cells(GATEWAY, found["Two", ""]) == {"OutcallsAllowed": True}
    for name in ("One", "Three"):
        assert found[name, ""][step.REASON].startswith("first Two has to allow outgoing calls")


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        pytest.param({}, "Two", id="the busiest"),
        pytest.param(
            {"cs_pools": "pool | fqdn | services\ntwo | two.contoso.com | Registrar:a"}, "One", id="no branch or Director"
        ),
        pytest.param(
            {"cs_pools": "pool | fqdn | services\ntwo | TWO.contoso.com | Registrar:a\\UserServer:b"}, "Two", id="a pool of users"
        ),
        pytest.param(
            {"gateways": f"{GW}\nOne | one.contoso.com | - | no | 0\nTwo | two.contoso.com | - | no | 1"},
            "One",
            id="one that is off",
        ),
    ],
)
def test_which_gateway_is_chosen(given: dict[str, str], chosen: str) -> None:
    gateways = f"{GW}\nOne | one.contoso.com | - | no | 0\nTwo | two.contoso.com | - | no | 0"
    found = proposed(GATEWAY, "GW-002/HQ", **{"gateways": gateways, "hunt_groups": SIP_ONLY, **BUSY, **given})
    assert kept(found) == [(chosen, "")]
    assert cells(GATEWAY, found[chosen, ""]) == {"OutcallsAllowed": True}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param({"users": "identity | pool_service"}, "which pool is the busiest", id="nobody is homed anywhere"),
        pytest.param(
            {
                "dial_plans": "identity | name | uri_type\nHQ | HQ | 3\nLab | Lab | 3",
                "hunt_groups": f"{SIP_ONLY}\nOne Lab | Lab | One | Lab | Lab",
                "gateways": f"{GW}\nOne | one.contoso.com | - | yes | 1\nTwo | two.contoso.com | - | yes | 0",
            },
            "leads to every SIP URI UM dial plan",
            id="none leads everywhere and takes calls",
        ),
        pytest.param({"pools": "identity | fqdn"}, "no gateway of a Lync pool", id="no Lync gateway"),
    ],
)
def test_which_gateway_is_a_persons_choice(given: dict[str, str], reason: str) -> None:
    gateways = f"{GW}\nOne | one.contoso.com | - | yes | 0\nTwo | two.contoso.com | - | yes | 0"
    found = proposed(GATEWAY, "GW-003/HQ", **{"gateways": gateways, "hunt_groups": SIP_ONLY, **BUSY, **given})
    assert found
    assert not kept(found)
    for row in found.values():
        assert (row["OutcallsAllowed"], reason in row[step.REASON]) == (step.REVIEW, True)


def test_a_gateway_that_another_dial_plan_needs_is_not_turned_off() -> None:
    gateways = f"{GW}\nOne | one.contoso.com | - | yes | 0\nTwo | two.contoso.com | - | yes | 0"
    hunt_groups = f"{SIP_ONLY}\nOne Old | Old | One | 7 | Old"
    found = proposed(GATEWAY, "GW-003/HQ", gateways=gateways, hunt_groups=hunt_groups, **BUSY)
    assert (
        found["One", ""][step.REASON]
        == ("without it no gateway would place outgoing calls of UM dial plan Old; OutcallsAllowed is for a person to decide")
        or "UM dial plan Old" in found["One", ""][step.REASON]
    )
    assert found["One", ""]["OutcallsAllowed"] == step.REVIEW


def test_whatever_the_forest_no_dial_plan_is_left_without_an_outgoing_gateway() -> None:
    chance = random.Random(11)  # noqa: S311 - which forests are tried is no secret
    changed = 0
    for _ in range(15):
        names = [f"G{number}" for number in range(chance.randint(1, 4))]
        plans = [f"P{number}" for number in range(chance.randint(1, 3))]
        allowed = {name: chance.random() < 0.7 for name in names}
        links = [(name, one) for name in names for one in plans if chance.random() < 0.6]
        given = {
            "pools": "identity | fqdn\n" + "\n".join(f"{name} | {name}.contoso.com" for name in names),
            "pool_services": "identity | pool\n" + "\n".join(f"Lc {name} | {name}" for name in names),
            "users": "identity | pool_service | enterprise_voice | um_enabled\n"
            + "\n".join(f"U{place} | Lc {chance.choice(names)} | yes | yes" for place in range(4)),
            "gateways": f"{GW}\n"
            + "\n".join(
                f"{name} | {name if chance.random() < 0.8 else 'pbx-' + name}.contoso.com | - | {'yes' if on else 'no'} | "
                f"{int(chance.random() < 0.2)}"
                for name, on in allowed.items()
            ),
            "dial_plans": "identity | name | uri_type\n"
            + "\n".join(f"{one} | {one} | {chance.choice([3, 3, 1])}" for one in plans),
            "hunt_groups": "identity | name | gateway | pilot | dial_plan\n"
            + "\n".join(f"{name} {one} | {one} | {name} | {one} | {one}" for name, one in links),
        }
        found = proposed(GATEWAY, *(f"{rule}/{one}" for one in plans for rule in ("GW-002", "GW-003")), **given)
        run = [key for key in kept(found) if chance.random() < 0.8]
        after = {**allowed, **{name: found[name, key]["OutcallsAllowed"] for name, key in run}}
        changed += len(run)
        for one in plans:
            linked = {name for name, linked in links if linked == one}
            assert any(after[name] for name in linked) or not any(allowed[name] for name in linked)
    assert changed


@pytest.mark.parametrize(
    ("finding", "given", "told"),
    [
        pytest.param("GW-006/Two", {}, {"Port": "5061"}, id="the gateway of a Lync pool"),
        pytest.param("GW-006/PBX", {}, "the port on which it listens for TLS is not known", id="another system"),
        pytest.param(
            "GW-006/Two",
            {"hunt_groups": f"{SIP_ONLY}\nTwo Old | Old | Two | 7 | Old"},
            "are not encrypted too, whose calls would end: Old",
            id="a plan without encryption",
        ),
        pytest.param("GW-005/PBX", {}, "the directory does not tell the FQDN", id="an IP address"),
    ],
)
def test_what_tls_needs_of_a_gateway(finding: str, given: dict[str, str], told: dict[str, str] | str) -> None:
    gateways = f"{GW}\nTwo | two.contoso.com | 5060 | no | 0\nPBX | 10.0.0.9 | 5060 | no | 0"
    found = proposed(GATEWAY, finding, **{"gateways": gateways, "hunt_groups": SIP_ONLY.replace("One", "PBX"), **given})
    (row,) = found.values()
    if isinstance(told, dict):
        assert (cells(GATEWAY, row), row["_Previous_Port"]) == (told, "5060")
        assert not row[step.REASON]
    else:
        assert told in row[step.REASON]


@pytest.mark.parametrize(
    ("security", "finding", "reason"),
    [
        pytest.param("2", f"DP-006>{NEW}/Lab", "not encrypted too, whose calls would end: Lab", id="led into a plan without any"),
        pytest.param("3", f"DP-006>{NEW}/Lab", "", id="led into one that is encrypted"),
        pytest.param("2", f"DP-006>{NEW}/Lab/waived", "", id="led nowhere, for that was accepted"),
        pytest.param("2", "GW-006/Two", "", id="led nowhere"),
    ],
)
def test_no_port_is_changed_on_which_calls_without_encryption_will_come(security: str, finding: str, reason: str) -> None:
    plans = FOREST["dial_plans"] + f"        Lab      | Lab  | 3        | Lab.contoso.com | {security}\n"
    gateways = f"{GW}\nTwo | two.contoso.com | 5060 | no | 0"
    found = proposed(GATEWAY, "GW-006/Two", finding, gateways=gateways, hunt_groups=SIP_ONLY, dial_plans=plans)
    (row,) = (row for row in found.values() if row["Port"])
    assert reason in row[step.REASON]
    assert (row["Port"], bool(row[step.REASON])) == ((step.REVIEW, True) if reason else ("5061", False))


# ---- 12 and 13: services

THREE = {
    "servers": FOREST["servers"] + "        EX3      | EX3  | yes     | 15            | 1             | 0            | -\n",
    "server_addresses": FOREST["server_addresses"] + "EX3 | ncacn_ip_tcp:EX3.contoso.com",
    "call_routers": FOREST["call_routers"] + "\nR3 | EX3 | - | -",
    "dial_plans": FOREST["dial_plans"] + "        Lab      | Lab  | 3        | Lab.contoso.com | 3\n",
}
LAB = guid("dial_plans", 2)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        pytest.param(["SRV-001/EX1"], {"EX1": (LAB,)}, id="all that a server lacks"),
        pytest.param(["SRV-001/EX3"], {"EX3": tuple(sorted((IDS["HQ"], LAB)))}, id="several"),
        pytest.param(["DP-007/Lab"], dict.fromkeys(("EX1", "EX2", "EX3"), (LAB,)), id="a plan that too few serve"),
        pytest.param(["DP-007/Lab", "SRV-001/EX2/waived"], dict.fromkeys(("EX1", "EX3"), (LAB,)), id="but for who is let off"),
        pytest.param(["DP-007/Old"], {}, id="a plan of another type"),
    ],
)
def test_missing_dial_plans_are_added_and_none_is_overwritten(findings: list[str], expected: dict[str, Any]) -> None:
    found = proposed(SERVICE, *findings, **THREE)
    assert {name: row["DialPlansAdd"] for (name, _), row in found.items()} == expected
    assert kept(found) == [(name, "") for name in expected]
    assert all(cells(SERVICE, row).keys() == {"DialPlansAdd"} for row in found.values())


def test_what_was_there_stays_and_the_rollback_removes_what_was_added() -> None:
    row = proposed(SERVICE, "SRV-001/EX1", **THREE)["EX1", ""]
    assert row["_Previous_DialPlansAdd"] == (IDS["HQ"],)
    (back,) = rollback.rows(bulk.shipped()[SERVICE], DataFrame([row], dtype="object"))
    assert (back["DialPlansAdd"], back["DialPlansRemove"]) == (None, (LAB,))
    kinds = {one.kind for name in (SERVICE, ROUTER) for one in bulk.shipped()[name].columns if one.argument() == "DialPlans"}
    assert kinds == {Kind.ADD, Kind.REMOVE}


def test_a_dial_plan_of_another_type_is_taken_from_recent_servers() -> None:
    given = {"server_dial_plans": f"{FOREST['server_dial_plans']}\nEX1 | Old"}
    found = proposed(SERVICE, "DP-013/Old", **given)
    assert cells(SERVICE, found["EX1", ""]) == {"DialPlansRemove": (IDS["Old"],)}
    assert kept(found) == [("EX1", "")]


@pytest.mark.parametrize("version", ["14", "-"])
def test_an_older_server_is_changed_with_its_own_cmdlet(version: str) -> None:
    servers = f"identity | name | um_role | version_major | version_minor\nEX1 | EX1 | yes | {version} | 3"
    found = proposed(
        SERVICE, "SRV-001/EX1", servers=servers, server_dial_plans="identity | dial_plan", call_routers="identity | server"
    )
    assert "Set-UMServer" in found["EX1", ""][step.REASON]


LISTED = "server | thumbprint | subject | names | issuer | not_after | services | self_signed"
SIGNED = "EX3 | CC | CN=EX3.contoso.com, O=Contoso | {} | CN=CA | {} | None | {}"


@pytest.mark.parametrize(
    ("line", "proved"),
    [
        pytest.param(SIGNED.format("ex3.contoso.com\\x", "2027-06-01", "no"), True, id="valid, of a CA, for the server"),
        pytest.param(SIGNED.format("-", "2027-06-01", "no"), True, id="by its subject"),
        pytest.param(SIGNED.format("-", "2026-06-01", "no"), False, id="expired"),
        pytest.param(SIGNED.format("-", "2027-06-01", "yes"), False, id="self-signed"),
        pytest.param(SIGNED.format("-", "2027-06-01", "-"), False, id="not said whether self-signed"),
        pytest.param(SIGNED.replace("CN=EX3.", "CN=mail.").format("*.contoso.com", "2027-06-01", "no"), False, id="another name"),
        pytest.param(SIGNED.replace("EX3 |", "EX2 |").format("-", "2027-06-01", "no"), False, id="on another server"),
        pytest.param("", False, id="none"),
    ],
)
def test_dual_mode_waits_for_a_certificate_that_proves_it(line: str, proved: bool) -> None:
    found = proposed(SERVICE, "SRV-003/EX3", "SRV-001/EX3", ex_certs=f"{LISTED}\n{line}".replace("\\x", ""), **THREE)
    row = found["EX3", "mode"]
    assert (row["UMStartupMode"], row["_Previous_UMStartupMode"]) == ("Dual" if proved else step.REVIEW, "TCP")
    assert ("Certificate CC is valid" in row["_Why"]) is proved
    assert ("no certificate is seen" in row[step.REASON]) is not proved
    assert ("EX3", "") in kept(found), "what plans it lacks is another row"


CERT = "host | position | source | thumbprint | subject_cn | san | not_before | not_after | verified | self_signed"


@pytest.mark.parametrize(
    ("line", "proved"),
    [
        ("ex3.contoso.com | leaf | probe | CC | ex3.contoso.com | ex3.contoso.com | 2026-01-01 | 2027-06-01 | yes | no", True),
        ("ex3.contoso.com | leaf | probe | CC | ex3.contoso.com | ex3.contoso.com | 2026-01-01 | 2027-06-01 | no | no", False),
        ("ex3.contoso.com | leaf | file | CC | ex3.contoso.com | ex3.contoso.com | 2026-01-01 | 2027-06-01 | yes | yes", False),
        ("ex3.contoso.com | leaf | file | CC | ex3.contoso.com | ex3.contoso.com | 2026-01-01 | 2026-06-01 | yes | no", False),
        ("ex3.contoso.com | leaf | file | CC | ex3.contoso.com | ex3.contoso.com | 2027-01-01 | 2028-06-01 | yes | no", False),
        ("ex2.contoso.com | leaf | probe | CC | ex2.contoso.com | ex2.contoso.com | 2026-01-01 | 2027-06-01 | yes | no", False),
    ],
)
def test_a_certificate_that_the_server_presents_proves_it_too(line: str, proved: bool) -> None:
    row = proposed(ROUTER, "SRV-003/R3", certificates=f"{CERT}\n{line}", **THREE)["R3", "mode"]
    assert row["UMStartupMode"] == ("Dual" if proved else step.REVIEW)
    assert (row["Server"], row["_ObjectGuid"]) == (guid("servers", 2), guid("call_routers", 2))


def test_a_call_router_is_named_by_its_server_and_gets_the_dial_plans_it_lacks() -> None:
    found = proposed(ROUTER, "SRV-002/R3", **THREE)
    row = found["R3", ""]
    assert (row["Server"], row["_ObjectGuid"]) == (guid("servers", 2), guid("call_routers", 2))
    assert cells(ROUTER, row) == {"DialPlansAdd": tuple(sorted((IDS["HQ"], LAB)))}
    assert kept(found) == [("R3", "")]


def test_a_call_router_of_a_server_that_is_not_seen_is_left_alone() -> None:
    given = {
        **THREE,
        "call_routers": "identity | server | startup_mode\nR3 | CN=Gone | -",
        "call_router_dial_plans": "identity | dial_plan",
    }
    row = proposed(ROUTER, "SRV-002/R3", **given)["R3", ""]
    assert (row["Server"], "is not seen" in row[step.REASON]) == (step.REVIEW, True)


# ---- 14: dial plans

OPEN = {
    "dial_plans": FOREST["dial_plans"].replace("HQ.contoso.com | 3", "HQ.contoso.com | 2"),
    "gateways": f"{GW}\nOne | one.contoso.com | 5061 | yes | 0\nTwo | two.contoso.com | 0 | no | 0",
    "hunt_groups": SIP_ONLY,
}


def test_a_dial_plan_is_secured_once_everything_that_serves_it_is_ready() -> None:
    found = proposed(PLAN, "DP-002/HQ", **OPEN)
    assert kept(found) == [("HQ", "security")]
    assert cells(PLAN, found["HQ", "security"]) == {"VoIPSecurity": "Secured"}
    assert found["HQ", "security"]["_Previous_VoIPSecurity"] == "Unsecured"


SERVERS, ROUTERS = FOREST["servers"], FOREST["call_routers"]


@pytest.mark.parametrize(
    ("finding", "given", "reason"),
    [
        pytest.param(
            "DP-002", {"servers": SERVERS.replace("| 2            | BB", "| 0            | -")}, "(12, 13): EX2", id="TCP"
        ),
        pytest.param(
            "DP-003", {"servers": SERVERS.replace("| 2            | BB", "| 1            | BB")}, "(12, 13): EX2", id="TLS"
        ),
        pytest.param("DP-002", {"servers": SERVERS.replace("| BB", "| -")}, "(12, 13): EX2", id="no certificate"),
        pytest.param("DP-002", {"call_routers": ROUTERS.replace("2 | BB", "- | -")}, "(12, 13): R2", id="a call router"),
        pytest.param("DP-002", {"server_dial_plans": "identity | dial_plan"}, "no Exchange server serves it", id="nobody"),
        pytest.param(
            "DP-002",
            {"gateways": OPEN["gateways"].replace("two.contoso.com", "sbc.contoso.com")},
            "other systems than Lync, and is never changed unseen: Two",
            id="a gateway that is no pool",
        ),
        pytest.param(
            "DP-002", {"gateways": OPEN["gateways"].replace("5061", "5060")}, "another port than 5061 (10): One", id="port"
        ),
        pytest.param(
            "DP-002",
            {"gateways": OPEN["gateways"].replace("two.contoso.com", "10.0.0.9"), "pools": f"{FOREST['pools']}\nx | 10.0.0.9"},
            "addressed by an IP address",
            id="an IP address",
        ),
        pytest.param(
            "DP-002",
            {"cs_media": "scope | encryption_level\nGlobal | RequireEncryption\nSite:x | DoNotSupportEncryption"},
            "Lync does not encrypt media somewhere",
            id="Lync refuses",
        ),
        pytest.param("DP-004", {}, "is a decision", id="secured although Lync refuses"),
    ],
)
def test_a_dial_plan_is_not_secured_before(finding: str, given: dict[str, str], reason: str) -> None:
    row = proposed(PLAN, f"{finding}/HQ", **{**OPEN, **given})["HQ", "security"]
    assert row["VoIPSecurity"] == step.REVIEW
    assert reason in row[step.REASON]


DEAF = {
    "servers": SERVERS.replace("| 2            | BB", "| 0            | -"),
    "server_dial_plans": "identity | dial_plan\nEX1 | HQ",
}
DEAF_ROUTER = {
    "call_routers": ROUTERS.replace("2 | BB", "0 | -"),
    "call_router_dial_plans": "identity | dial_plan\nR1 | HQ",
}
ONE_LEADS = {
    "hunt_groups": "identity | name | gateway | pilot | dial_plan\nOne HQ | HQ | One | HQ | HQ",
    "gateways": OPEN["gateways"].replace("| 0 ", "| 5060 ", 1),
}


@pytest.mark.parametrize(
    ("other", "given", "reason"),
    [
        pytest.param(f"SRV-001>{SERVICE}/EX2", DEAF, "(12, 13): EX2", id="a server that lacks it"),
        pytest.param(f"DP-007>{SERVICE}/HQ", DEAF, "(12, 13): EX2", id="servers, of which it has too few"),
        pytest.param(f"SRV-002>{ROUTER}/R2", DEAF_ROUTER, "(12, 13): R2", id="a call router"),
        pytest.param(f"HG-003>{NEW}/Two", ONE_LEADS, "another port than 5061 (10): Two", id="a gateway"),
    ],
)
def test_a_dial_plan_is_not_secured_that_an_earlier_file_leads_to_what_has_no_tls(
    other: str, given: dict[str, str], reason: str
) -> None:
    now, waived, then = (
        proposed(PLAN, "DP-002/HQ", *more, **{**OPEN, **given})["HQ", "security"] for more in ((), (f"{other}/waived",), (other,))
    )
    assert (now[step.REASON], waived[step.REASON], now["VoIPSecurity"]) == ("", "", "Secured")
    assert reason in then[step.REASON]
    assert then["VoIPSecurity"] == step.REVIEW


@pytest.mark.parametrize(
    ("numbers", "add", "remove", "reason"),
    [
        pytest.param(["+1 (425) 555-0100"], ("+14255550100",), ("+1 (425) 555-0100",), "", id="written otherwise"),
        pytest.param(["+14255550100", "+1 425 555 0100"], None, ("+1 425 555 0100",), "", id="twice"),
        pytest.param(["5000"], step.REVIEW, None, "cannot be told of 5000", id="an extension"),
        pytest.param([], step.REVIEW, None, "has no access number", id="none"),
        pytest.param(["+1 425 555 0199"], step.REVIEW, None, "another UM dial plan or auto attendant", id="somebody else's"),
    ],
)
def test_access_numbers_become_international_numbers(numbers: list[str], add: Any, remove: Any, reason: str) -> None:
    given = {
        "dial_plan_numbers": "identity | number\n" + "\n".join(f"HQ | {one}" for one in numbers),
        "auto_attendants": "identity\nWelcome",
        "auto_attendant_numbers": "identity | number\nWelcome | +14255550199",
    }
    row = proposed(PLAN, "DP-008/HQ", **given)["HQ", "numbers"]
    assert (row["AccessTelephoneNumbersAdd"], row["AccessTelephoneNumbersRemove"]) == (add, remove)
    assert reason in row[step.REASON]
    assert bool(reason) is bool(row[step.REASON])
    assert row["_Previous_AccessTelephoneNumbersAdd"] == (tuple(sorted(numbers)) or None)


def test_faxes_are_turned_off_by_who_says_so() -> None:
    row = proposed(PLAN, "DP-014/HQ")["HQ", "faxes"]
    assert (row["FaxEnabled"], row["_Previous_FaxEnabled"]) == (False, True)
    assert "somebody counts on faxes" in row[step.REASON]


def test_what_tls_needs_keeps_no_gateway_from_being_turned_off() -> None:
    gateways = f"{GW}\nOne | 10.0.0.9 | 5060 | yes | 0\nTwo | two.contoso.com | - | yes | 0"
    found = proposed(GATEWAY, "GW-003/HQ", "GW-005/One", gateways=gateways, hunt_groups=SIP_ONLY, **BUSY)
    assert kept(found) == [("One", "")]
    assert cells(GATEWAY, found["One", ""]) == {"OutcallsAllowed": False}
    assert cells(GATEWAY, found["One", "tls"]) == {"Address": step.REVIEW}


def test_each_concern_of_a_dial_plan_is_a_row_of_its_own() -> None:
    found = proposed(PLAN, "DP-002/HQ", "DP-014/HQ", "DP-008/HQ", **OPEN)
    assert set(found) == {("HQ", "security"), ("HQ", "numbers"), ("HQ", "faxes")}
    assert len({row[step.STEP] for row in found.values()}) == 3


# ---- what was not seen, and what is never said

ASKED = {
    REMOVE: ("HG-001/Lost", {"hunt_groups": ORPHAN.format("-")}, "hunt_groups", "dial_plan"),
    GATEWAY: ("GW-006/One", {}, "gateways", "port"),
    NEW: ("HG-003/Two", {"hunt_groups": ONE_ONLY}, "gateways", "address"),
    SERVICE: ("SRV-001/EX1", THREE, "servers", "um_role"),
    ROUTER: ("SRV-002/R3", THREE, "call_routers", "server"),
    PLAN: ("DP-002/HQ", OPEN, "dial_plans", "voip_security"),
}


@pytest.mark.parametrize("csv", ASKED)
def test_what_was_not_seen_whole_gets_no_row_but_the_reason(csv: str) -> None:
    told, given, name, column = ASKED[csv]
    unseen = rows((name, column, None, State.UNREADABLE, "the account may not read it"))
    found = proposed(csv, told, visibility=unseen, **given)
    assert found
    assert not kept(found)
    assert any("the account may not read it" in row[step.REASON] for row in found.values())


@pytest.mark.parametrize(
    ("csv", "name"),
    [
        (REMOVE, "dial_plans"),
        (GATEWAY, "hunt_groups"),
        (GATEWAY, "pools"),
        (NEW, "hunt_groups"),
        (NEW, "dial_plans"),
        (NEW, "pools"),
        (SERVICE, "dial_plans"),
        (ROUTER, "servers"),
        (PLAN, "servers"),
        (PLAN, "call_routers"),
        (PLAN, "gateways"),
        (PLAN, "hunt_groups"),
    ],
)
def test_while_a_table_that_proves_something_is_not_whole_nothing_is_changed(csv: str, name: str) -> None:
    told, given, *_ = ASKED[csv]
    unseen = rows((name, "", None, State.INCOMPLETE, "part of the configuration was not read"))
    assert not kept(proposed(csv, told, visibility=unseen, **given))


def test_files_are_run_in_the_order_that_keeps_calls_alive() -> None:
    order = sorted((REMOVE, NEW, GATEWAY, SERVICE, ROUTER, PLAN), key=lambda csv: bulk.shipped()[csv].order[Target.UM_LYNC])
    assert order == [REMOVE, NEW, GATEWAY, SERVICE, ROUTER, PLAN]


def test_every_identity_is_an_object_guid() -> None:
    for csv in (REMOVE, GATEWAY, SERVICE, ROUTER, PLAN):
        definition = bulk.shipped()[csv]
        key = next(column for column in definition.columns if column.name == definition.key)
        assert key.pattern == bulk.OBJECT_GUID
