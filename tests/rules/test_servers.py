"""SRV: servers and call routers in every SIP URI dial plan, in Dual mode, with a certificate, and of a release that has UM."""

import pytest

from adinspect import visibility
from adinspect.finding import Target
from adinspect.rule import Skipped
from adinspect.rules.servers import (
    call_router_missing_from_dial_plan,
    certificate_unassigned,
    server_missing_from_dial_plan,
    server_without_um_in_use,
    startup_mode_not_dual,
)
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


@pytest.mark.parametrize(
    ("server", "mode"),
    [
        ("yes | 15 | 1 | 2 | -", "Dual"),
        ("yes | 15 | 0 | 1 | -", "TLS"),
        ("yes | 14 | 3 | 1 | -", "TLS"),
        ("yes | 15 | 1 | 0 | -", ""),
        ("yes | 15 | 1 | - | -", ""),
        ("yes | 15 | 1 | 2 | 0B7C3A5D", ""),
        ("no | 15 | 1 | 2 | -", ""),
        ("yes | 15 | 2 | 2 | -", ""),
    ],
)
def test_a_um_service_that_takes_tls_has_a_certificate(server: str, mode: str) -> None:
    servers = table(f"identity | um_role | version_major | version_minor | startup_mode | certificate_thumbprint\nEX | {server}")
    message = f"The UM service of Exchange server EX starts in {mode} mode, and no certificate is assigned to it."
    assert list(findings(certificate_unassigned, servers=servers)["message"]) == ([message] if mode else [])


def test_a_call_router_needs_a_certificate_of_its_own_and_is_named_by_its_server() -> None:
    routers = table("""
        identity | dn          | server  | startup_mode | certificate_thumbprint
        router16 | CN=router16 | CN=EX16 | 2            | -
        router13 | CN=router13 | CN=EX13 | 2            | 1C8D4B6E
        router10 | CN=router10 | CN=EX10 | 0            | -
        router19 | CN=router19 | CN=EX19 | 2            | -
    """)
    servers = SERVERS.assign(certificate_thumbprint="0B7C3A5D")
    (found,) = findings(certificate_unassigned, servers=servers, call_routers=routers).to_dict("records")
    assert (found["table"], found["dn"]) == ("call_routers", "CN=router16")
    assert (
        found["message"]
        == "The UM call router of Exchange server EX16 starts in Dual mode, and no certificate is assigned to it."
    )
    assert found["evidence"] == {"startup_mode": 2, "certificate_thumbprint": None}


def test_a_certificate_that_nobody_looked_for_is_not_missing_and_leaves_the_startup_mode_to_be_judged() -> None:
    hidden = visibility.rows(
        *((name, "certificate_thumbprint", None, State.UNASKED, "not exported") for name in ("servers", "call_routers"))
    )
    assert isinstance(outcome(certificate_unassigned, servers=SERVERS, visibility=hidden), Skipped)
    links = table("identity | dial_plan\nEX10 | CN=London")
    verdict = outcome(startup_mode_not_dual, servers=SERVERS, server_dial_plans=links, dial_plans=PLANS, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["EX10"]


RELEASES = table("""
    identity | dn      | legacy_dn    | version_major | version_minor
    EX16     | CN=EX16 | /o=C/cn=EX16 | 15            | 1
    EX19     | CN=EX19 | /o=C/cn=EX19 | 15            | 2
    EXSE     | CN=EXSE | /o=C/cn=EXSE | 15            | 2
    IDLE     | CN=IDLE | /o=C/cn=IDLE | 15            | 2
    EX??     | CN=EX?? | /o=C/cn=EX?? | -             | -
""")
USED = {
    "servers": RELEASES,
    "databases": table("identity | dn | owning_server\nDB | CN=DB | CN=EXSE"),
    "server_dial_plans": table(r"""
        identity | dial_plan
        EX16     | CN=London,CN=UM DialPlan Container
        EX19     | CN=Paris,CN=UM DialPlan Container
        EX19     | CN=London\, new,CN=UM DialPlan Container
        EX??     | CN=Paris,CN=UM DialPlan Container
        IDLE     | CN=Closed\0ADEL:1,CN=Deleted Objects
    """),
    "users": table("""
        identity | um_enabled | home_server  | mailbox_database | deployment_locator
        ada      | yes        | /O=c/CN=exse | -                | SRV:
        bo       | yes        | -            | CN=DB            | -
        cy       | yes        | /o=C/cn=EX19 | CN=DB            | sipfed.online.lync.com
        di       | no         | /o=C/cn=IDLE | CN=DB            | SRV:
        ed       | yes        | /o=C/cn=EX16 | CN=DB            | SRV:
        fay      | yes        | /o=C/cn=EX?? | -                | SRV:
        gus      | yes        | /o=C/cn=Gone | CN=DB            | SRV:
    """),
}


def test_a_server_of_a_release_without_um_serves_no_dial_plan_and_is_home_of_no_um_user() -> None:
    found = findings(server_without_um_in_use, **USED)
    assert [(row.identity, row.severity, row.wave) for row in found.itertuples()] == [
        ("EX19", "high", "B"),
        ("EXSE", "high", "B"),
    ]
    assert list(found["message"].str.partition("Messaging, and ")[2]) == [
        "serves UM dial plans: London, new, Paris; it is the home of users enabled for UM: 1.",
        "is the home of users enabled for UM: 2.",
    ]


@pytest.mark.parametrize("target", list(Target))
def test_a_server_without_um_matters_for_every_target(target: Target) -> None:
    assert target in server_without_um_in_use.targets
    assert offenders(server_without_um_in_use, target=target, **USED) == ["EX19", "EXSE"]


@pytest.mark.parametrize(("table_name", "column"), [("users", "um_enabled"), ("users", "home_server")])
def test_a_user_whose_home_or_um_was_not_seen_is_not_counted(table_name: str, column: str) -> None:
    hidden = visibility.rows((table_name, column, "users-0", State.UNREADABLE, "not seen"))
    verdict = outcome(server_without_um_in_use, visibility=hidden, **USED)
    assert not isinstance(verdict, Skipped)
    assert verdict.findings["evidence"][1]["um_users"] == 1
    assert verdict.note == "not seen"
