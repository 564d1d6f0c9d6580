"""SRV: servers and call routers in every SIP URI dial plan, and in Dual mode."""

import pytest

from adinspect import visibility
from adinspect.rule import Skipped
from adinspect.rules.servers import call_router_missing_from_dial_plan, server_missing_from_dial_plan, startup_mode_not_dual
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State

PLANS = table("""
    identity | dn        | uri_type
    London   | CN=London | 3
    Paris    | CN=Paris  | 3
    PBX      | CN=PBX    | 1
""")
SERVERS = table("""
    identity | dn      | um_role | version_major | version_minor | startup_mode
    EX10     | CN=EX10 | yes     | 14            | 3             | -
    EX13     | CN=EX13 | yes     | 15            | 0             | 2
    EX16     | CN=EX16 | yes     | 15            | 1             | 2
    EX19     | CN=EX19 | yes     | 15            | 2             | 0
    CAS13    | CN=CAS13 | no     | 15            | 0             | -
    NEW      | CN=NEW  | yes     | -             | -             | 2
""")


def test_a_server_with_um_serves_every_sip_uri_dial_plan_and_all_it_lacks_are_named_at_once() -> None:
    links = table(r"""
        identity | dial_plan
        EX10     | CN=PBX
        EX13     | CN=London
        EX13     | CN=Closed\0ADEL:1,CN=Deleted Objects
        EX16     | CN=London
        EX16     | CN=Paris
        NEW      | CN=Paris
    """)
    found = findings(server_missing_from_dial_plan, servers=SERVERS, server_dial_plans=links, dial_plans=PLANS)
    assert [tuple(row) for row in found[["identity", "severity", "certainty", "because"]].to_numpy()] == [
        ("EX10", "high", "certain", "it does not serve London, Paris"),
        ("EX13", "high", "certain", "it does not serve Paris"),
        ("NEW", "high", "likely", "it does not serve London; its version is not known, and Exchange 2019 has no UM"),
    ]
    assert found["evidence"][0] == {"missing_dial_plans": ["CN=London", "CN=Paris"]}


def test_a_forest_without_a_sip_uri_dial_plan_has_none_to_serve() -> None:
    assert offenders(server_missing_from_dial_plan, servers=SERVERS, dial_plans=table("identity | uri_type\nPBX | 1")) == []


def test_only_the_server_whose_dial_plans_were_not_seen_is_held_back() -> None:
    hidden = visibility.rows(("server_dial_plans", "dial_plan", "servers-0", State.UNREADABLE, "may not be read"))
    verdict = outcome(server_missing_from_dial_plan, servers=SERVERS, dial_plans=PLANS, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["EX13", "EX16", "NEW"]
    assert (verdict.judged, verdict.of) == (5, 6)


ROUTERS = table(r"""
    identity    | dn                                 | server                 | startup_mode
    router EX13 | CN=UMCallRouterSettings,CN=EX13    | CN=EX13                | 2
    router EX16 | CN=UMCallRouterSettings,CN=EX16    | CN=EX16                | -
    router EX19 | CN=UMCallRouterSettings,CN=EX19    | CN=EX19                | -
    router EX21 | CN=UMCallRouterSettings,CN=EX\,21  | CN=EX\,21,CN=Servers   | 1
""")
ROUTER_LINKS = table("""
    identity    | dial_plan
    router EX13 | CN=London
    router EX13 | CN=Paris
    router EX16 | CN=PBX
    router EX21 | CN=London
""")


def test_a_call_router_serves_every_sip_uri_dial_plan_and_is_named_by_its_server() -> None:
    found = findings(
        call_router_missing_from_dial_plan,
        call_routers=ROUTERS,
        call_router_dial_plans=ROUTER_LINKS,
        servers=SERVERS,
        dial_plans=PLANS,
    )
    assert [tuple(row) for row in found[["table", "identity", "because"]].to_numpy()] == [
        ("call_routers", "router EX16", "it does not serve London, Paris"),
        ("call_routers", "router EX21", "it does not serve Paris"),
    ]
    assert list(found["message"]) == [
        "The UM call router of Exchange server EX16 does not serve every SIP URI UM dial plan.",
        "The UM call router of Exchange server EX,21 does not serve every SIP URI UM dial plan.",
    ]


SERVER_CSV, ROUTER_CSV = ("12_um_service_set",), ("13_um_callrouter_set",)
UNSET = "msExchUMStartupMode is not set; Exchange's default is TCP"


@pytest.mark.parametrize(
    ("mode", "severity", "certainty", "because", "word"),
    [
        ("0", "high", "certain", "", "TCP"),
        ("-", "high", "likely", UNSET, "TCP"),
        ("1", "low", "certain", "", "TLS"),
        ("7", "high", "certain", "", "an unknown"),
    ],
)
@pytest.mark.parametrize("kind", ["servers", "call_routers"])
def test_what_serves_a_sip_uri_dial_plan_starts_in_dual_mode(
    kind: str, mode: str, severity: str, certainty: str, because: str, word: str
) -> None:
    server_mode, router_mode = (mode, "2") if kind == "servers" else ("2", mode)
    hosts = {
        "servers": table(
            f"""
            identity | dn      | um_role | version_major | version_minor | startup_mode
            EX16     | CN=EX16 | yes     | 15            | 1             | {server_mode}
            """
        ),
        "call_routers": table(
            f"""
            identity             | dn        | server  | startup_mode
            UMCallRouterSettings | CN=router | CN=EX16 | {router_mode}
            """
        ),
    }
    links = {
        "server_dial_plans": table("identity | dial_plan\nEX16 | CN=London\nEX16 | CN=Paris"),
        "call_router_dial_plans": table("identity | dial_plan\nUMCallRouterSettings | CN=London"),
    }
    (found,) = findings(startup_mode_not_dual, dial_plans=PLANS, **hosts, **links).to_dict("records")
    service = "UM service" if kind == "servers" else "UM call router"
    assert found["message"] == f"The {service} of Exchange server EX16 starts in {word} mode, not in Dual mode."
    assert (found["severity"], found["certainty"], found["because"]) == (severity, certainty, because)
    assert (found["table"], found["csv"]) == (kind, SERVER_CSV if kind == "servers" else ROUTER_CSV)
    assert found["evidence"] == {"startup_mode": None if mode == "-" else int(mode)}


def test_what_serves_no_sip_uri_dial_plan_or_has_no_um_may_start_as_it_likes() -> None:
    found = offenders(
        startup_mode_not_dual,
        servers=SERVERS,
        server_dial_plans=table("identity | dial_plan\nEX10 | CN=PBX\nEX16 | CN=London\nEX19 | CN=London"),
        call_routers=ROUTERS,
        call_router_dial_plans=table(
            "identity | dial_plan\nrouter EX13 | CN=London\nrouter EX16 | CN=PBX\nrouter EX19 | CN=Paris"
        ),
        dial_plans=PLANS,
    )
    assert found == []


def test_only_the_host_whose_dial_plans_were_not_seen_is_held_back() -> None:
    hidden = visibility.rows(("call_router_dial_plans", "dial_plan", "call_routers-1", State.UNREADABLE, "may not be read"))
    verdict = outcome(
        startup_mode_not_dual,
        servers=SERVERS,
        server_dial_plans=table("identity | dial_plan\nEX10 | CN=London"),
        call_routers=ROUTERS,
        call_router_dial_plans=ROUTER_LINKS,
        dial_plans=PLANS,
        visibility=hidden,
    )
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["EX10", "router EX21"]
    assert (verdict.judged, verdict.of, verdict.note) == (7, 8, "may not be read")
