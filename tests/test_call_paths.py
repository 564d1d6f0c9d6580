from __future__ import annotations

from dataclasses import replace

import pytest
from pandas import DataFrame

from adinspect import assess, call_paths, testing
from adinspect.call_paths import CallPaths, Joint
from adinspect.finding import FINDING_COLUMNS, Target
from adinspect.profile import Profile
from adinspect.testing import TODAY, table
from adinspect.visibility import State, nothing_hidden, rows

WRITTEN = {
    "pools": table("dn | identity | fqdn\nCN=P | Pool | pool.contoso.com\nCN=Q | Alone | other.contoso.com"),
    "gateways": table("dn | identity | guid | address\nCN=G | Lync | g | POOL.contoso.com\nCN=X | PBX | x | 192.0.2.1"),
    "hunt_groups": table("""
        dn    | identity | gateway | dial_plan
        CN=H1 | Good     | CN=G    | CN=D
        CN=H2 | Astray   | CN=X    | CN=Gone
        CN=H3 | Bare     | CN=X    | -
    """),
    "dial_plans": table("dn | identity\nCN=D | Redmond"),
    "servers": table("""
        dn    | identity | guid | um_role
        CN=S1 | EX1      | s1   | yes
        CN=S2 | EX2      | s2   | -
        CN=S3 | EX3      | s3   | -
    """),
    "server_dial_plans": table("guid | dn | identity | dial_plan\ns1 | CN=S1 | EX1 | CN=D"),
    "call_routers": table("dn | identity | guid | server\nCN=R1 | R1 | r1 | CN=S1\nCN=R2 | R2 | r2 | CN=S2"),
    "call_router_dial_plans": table("guid | dn | identity | dial_plan\nr1 | CN=R1 | R1 | CN=D\nr2 | CN=R2 | R2 | CN=Gone"),
}
"""A pool whose gateway leads to a UM dial plan that a server and its call router serve; and much that leads nowhere."""


def drawn(hidden: DataFrame | None = None, *found: tuple[str, str, str, str]) -> CallPaths:
    """The paths of WRITTEN; findings are told by rule, table, guid and severity."""
    visibility = nothing_hidden() if hidden is None else hidden
    view = assess.view_of(testing.tables(**WRITTEN), visibility, target=Target.UM_LYNC, today=TODAY, profile=Profile())
    findings = DataFrame(
        [dict(zip(("rule", "table", "guid", "severity"), one, strict=True)) for one in found], columns=list(FINDING_COLUMNS)
    )
    return call_paths.of(replace(view, tables={**view.tables, "findings": findings.astype({"waived": object})}))


def links(paths: CallPaths) -> set[tuple[str, str, str]]:
    names = {stop.key: stop.identity for stop in paths.stops}
    return {(names[link.start], names[link.end], link.joint.value) for link in paths.links}


def test_a_call_is_followed_from_the_pool_to_the_servers() -> None:
    assert links(drawn()) == {
        ("Pool", "Lync", "linked"),
        ("Lync", "Good", "linked"),
        ("PBX", "Astray", "linked"),
        ("PBX", "Bare", "linked"),
        ("Good", "Redmond", "linked"),
        ("Astray", "Gone", "broken"),
        ("Bare", "(no UM dial plan)", "broken"),
        ("Redmond", "EX1", "linked"),
        ("Gone", "EX2", "broken"),
    }


def test_what_only_a_link_names_is_missing_and_servers_without_um_are_left_out() -> None:
    stops = {stop.identity: stop for stop in drawn().stops}
    assert {name for name, stop in stops.items() if stop.missing} == {"Gone", "(no UM dial plan)"}
    assert (stops["Gone"].layer, "Alone" in stops, "EX3" in stops) == ("dial_plans", True, False)


def test_a_link_tells_all_that_it_stands_for() -> None:
    told = {(link.start, link.end): link.told for link in drawn().links}
    assert told["CN=D", "CN=S1"] == "served by its UM service and UM call router"
    assert told["CN=Gone", "CN=S2"] == "served by its UM call router"


@pytest.mark.parametrize(
    ("table", "column", "guid", "astray", "bare"),
    [
        ("dial_plans", "", None, Joint.UNSEEN, Joint.BROKEN),
        ("hunt_groups", "dial_plan", None, Joint.UNSEEN, Joint.UNSEEN),
        ("hunt_groups", "dial_plan", "hunt_groups-2", Joint.BROKEN, Joint.UNSEEN),
    ],
)
def test_what_was_not_seen_is_never_broken(table: str, column: str, guid: str | None, astray: Joint, bare: Joint) -> None:
    paths = drawn(rows((table, column, guid, State.UNREADABLE, "may not be read")))
    joints = {link.start: link.joint for link in paths.links if link.told == "leads to the UM dial plan"}
    assert (joints["CN=H2"], joints["CN=H3"]) == (astray, bare)
    assert paths.limits == (() if table == "dial_plans" else ("hunt groups: may not be read",))


def test_an_object_shows_its_worst_finding_and_a_server_that_of_its_call_router() -> None:
    found = [
        ("GW-004", "gateways", "x", "high"),
        ("GW-005", "gateways", "x", "critical"),
        ("SRV-002", "call_routers", "r1", "low"),
    ]
    stops = {stop.identity: stop for stop in drawn(None, *found).stops}
    assert (stops["PBX"].severity, stops["PBX"].findings, stops["PBX"].lacks) == ("critical", 2, "leads to no UM dial plan")
    assert (stops["EX1"].severity, stops["EX1"].findings, stops["EX2"].findings) == ("low", 1, 0)
