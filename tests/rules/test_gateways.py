"""GW: which pool lacks a gateway, and which dial plan lacks, or has too many, for outgoing calls."""

import pytest

from adinspect import visibility
from adinspect.rule import Rule, Skipped
from adinspect.rules.gateways import (
    encrypted_gateway_addressed_by_ip,
    encrypted_gateway_on_other_port,
    gateway_address_shared,
    gateway_takes_no_calls,
    gateway_unknown_to_lync,
    gateway_unlinked,
    outgoing_calls_impossible,
    outgoing_calls_scattered,
    pool_without_gateway,
)
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State

POOLS = table("""
    identity           | dn        | fqdn
    pool01.contoso.com | CN=pool01 | pool01.contoso.com
    pool02.contoso.com | CN=pool02 | pool02.contoso.com
    3:1                | CN=3:1    | -
""")
SERVICES = table("""
    identity    | dn                       | pool
    Lc Services | CN=Lc Services,CN=pool01 | CN=pool01
    Lc Services | CN=Lc Services,CN=pool02 | CN=pool02
    Lc Services | CN=Lc Services,CN=3:1    | CN=3:1
""")
HEADER = "identity | object_class | pool_service | sip_enabled | enterprise_voice | um_enabled | deployment_locator\n"
HOME = "CN=Lc Services,CN=pool01"


def lacking(users: str, gateways: str = "identity | address\nOther | sbc.contoso.com") -> list[str]:
    return offenders(
        pool_without_gateway, pools=POOLS, pool_services=SERVICES, users=table(HEADER + users), gateways=table(gateways)
    )


@pytest.mark.parametrize(
    ("user", "counts"),
    [
        (f"on-premises | user | {HOME} | yes | yes | yes | SRV:", True),
        (f"without a locator | user | {HOME} | yes | yes | yes | -", True),
        (f"inetOrgPerson | inetOrgPerson | {HOME} | yes | yes | yes | srv:", True),
        (f"online | user | {HOME} | yes | yes | yes | sipfed.online.lync.com", False),
        (f"disabled for Lync | user | {HOME} | no | yes | yes | SRV:", False),
        (f"never enabled for Lync | user | {HOME} | - | yes | yes | SRV:", False),
        (f"no Enterprise Voice | user | {HOME} | yes | no | yes | SRV:", False),
        (f"hosted voice mail | user | {HOME} | yes | yes | no | SRV:", False),
        (f"of another forest | contact | {HOME} | yes | yes | yes | SRV:", False),
        ("homeless | user | - | yes | yes | yes | SRV:", False),
        ("of a deleted pool | user | CN=Lc Services\\0ADEL:1,CN=Deleted Objects | yes | yes | yes | SRV:", False),
        ("of a pool without an FQDN | user | CN=Lc Services,CN=3:1 | yes | yes | yes | SRV:", False),
    ],
)
def test_a_pool_needs_a_gateway_for_users_on_it_with_enterprise_voice_and_um(user: str, counts: bool) -> None:
    assert lacking(user) == (["pool01.contoso.com"] if counts else [])


@pytest.mark.parametrize(
    ("address", "found"),
    [("pool01.contoso.com", []), ("POOL01.Contoso.com", []), ("pool02.contoso.com", ["pool01.contoso.com"])],
)
def test_a_gateway_is_the_pools_by_its_address_alone_without_regard_to_case(address: str, found: list[str]) -> None:
    assert lacking(f"ada | user | {HOME} | yes | yes | yes | SRV:", f"identity | address\nGateway | {address}") == found


def test_the_pool_is_the_object_and_its_users_are_counted() -> None:
    users = table(HEADER + "\n".join(f"{name} | user | {HOME} | yes | yes | yes | SRV:" for name in ("ada", "grace")))
    (found,) = findings(pool_without_gateway, pools=POOLS, pool_services=SERVICES, users=users).to_dict("records")
    assert (found["table"], found["dn"], found["severity"]) == ("pools", "CN=pool01", "critical")
    assert found["evidence"] == {"fqdn": "pool01.contoso.com", "users": 2}
    assert "deletes and recreates the hunt groups of all Lync gateways and resets outgoing calls" in found["remediation"]


def test_gateways_that_were_not_seen_never_make_a_pool_lack_one() -> None:
    hidden = visibility.rows(("gateways", "", None, State.INCOMPLETE, "may not be listed"))
    assert outcome(pool_without_gateway, pools=POOLS, visibility=hidden) == Skipped("gateways: may not be listed")


def test_a_schema_without_the_locator_has_nobody_online() -> None:
    unknown = visibility.rows(("users", "deployment_locator", None, State.NO_SCHEMA, "not in the schema"))
    users = table(HEADER + f"ada | user | {HOME} | yes | yes | yes | -")
    verdict = outcome(pool_without_gateway, pools=POOLS, pool_services=SERVICES, users=users, visibility=unknown)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["pool01.contoso.com"]


PLANS = table("""
    identity | dn        | uri_type
    London   | CN=London | 3
    Paris    | CN=Paris  | 3
    Oslo     | CN=Oslo   | 3
    Lonely   | CN=Lonely | 3
    PBX      | CN=PBX    | 1
""")
GATEWAYS = table("""
    identity | dn        | outgoing_calls_allowed
    pool01   | CN=pool01 | yes
    pool02   | CN=pool02 | no
    sbc      | CN=sbc    | -
    spare    | CN=spare  | yes
    dead     | CN=dead   | yes
    pbx      | CN=pbx    | no
""")
HUNT_GROUPS = table(r"""
    identity     | gateway   | dial_plan
    London       | CN=pool01 | CN=London
    London again | CN=pool01 | CN=London
    London off   | CN=pool02 | CN=London
    Paris        | CN=pool02 | CN=Paris
    Oslo         | CN=pool01 | CN=Oslo
    Oslo SBC     | CN=sbc    | CN=Oslo
    Oslo off     | CN=pool02 | CN=Oslo
    PBX          | CN=pbx    | CN=PBX
    Nothing      | CN=dead   | -
    Deleted      | CN=dead   | CN=Gone\0ADEL:1,CN=Deleted Objects
    Unknown      | CN=dead   | CN=Never there
""")
TOPOLOGY = {"dial_plans": PLANS, "gateways": GATEWAYS, "hunt_groups": HUNT_GROUPS}


def test_a_sip_uri_dial_plan_without_a_gateway_for_outgoing_calls_is_named_unless_it_has_no_gateway_at_all() -> None:
    assert offenders(outgoing_calls_impossible, **TOPOLOGY) == ["Paris"]


def test_more_than_one_gateway_for_outgoing_calls_is_told_with_their_names_where_nothing_said_means_allowed() -> None:
    (found,) = findings(outgoing_calls_scattered, **TOPOLOGY).to_dict("records")
    assert (found["identity"], found["because"]) == ("Oslo", "allowed on pool01, sbc")
    assert found["message"] == "2 UM IP gateways of SIP URI UM dial plan Oslo allow outgoing calls, instead of one."


def test_a_gateway_without_a_hunt_group_to_a_live_dial_plan_is_named() -> None:
    assert offenders(gateway_unlinked, **TOPOLOGY) == ["spare", "dead"]


@pytest.mark.parametrize("rule", [outgoing_calls_impossible, outgoing_calls_scattered, gateway_unlinked])
@pytest.mark.parametrize("unseen", ["hunt_groups", "dial_plans"])
def test_hunt_groups_and_dial_plans_that_were_not_seen_never_unlink_a_gateway(rule: Rule, unseen: str) -> None:
    hidden = visibility.rows((unseen, "", None, State.INCOMPLETE, "may not be listed"))
    assert isinstance(outcome(rule, visibility=hidden, **TOPOLOGY), Skipped)


SECURITY = table("""
    identity    | dn             | uri_type | voip_security
    SIP secured | CN=SIP secured | 3        | 1
    Unsecured   | CN=Unsecured   | 3        | 2
    Secured     | CN=Secured     | 3        | 3
    Unsaid      | CN=Unsaid      | 3        | -
    PBX secured | CN=PBX secured | 1        | 3
""")


def encrypted(rule: Rule, gateway: str, *plans: str) -> list[str]:
    links = "\n".join(f"{plan} | CN=gw | CN={plan}" for plan in plans)
    found = findings(
        rule,
        dial_plans=SECURITY,
        gateways=table(f"identity | dn | address | port\ngw | CN=gw | {gateway}"),
        hunt_groups=table("identity | gateway | dial_plan\n" + links),
    )
    return list(found["because"])


@pytest.mark.parametrize(
    ("address", "by_ip"),
    [
        ("192.0.2.10", True),
        ("2001:db8::10", True),
        ("[2001:db8::10]", True),
        ("2001:DB8:0:0:0:0:0:10", True),
        ("pool01.contoso.com", False),
        ("192.0.2.10.contoso.com", False),
        ("192", False),
        ("192.0.2.999", False),
        ("-", False),
    ],
)
def test_a_gateway_of_a_secured_dial_plan_is_not_addressed_by_ip(address: str, by_ip: bool) -> None:
    found = encrypted(encrypted_gateway_addressed_by_ip, f"{address} | -", "Secured", "Unsecured")
    assert found == (["secured are Secured"] if by_ip else [])


@pytest.mark.parametrize(("port", "wrong"), [("5060", True), ("5062", True), ("5061", False), ("0", False), ("-", False)])
def test_a_gateway_of_a_secured_dial_plan_uses_the_port_of_tls_or_says_none(port: str, wrong: bool) -> None:
    found = encrypted(encrypted_gateway_on_other_port, f"sbc.contoso.com | {port}", "Secured", "Unsecured")
    assert found == (["secured are Secured"] if wrong else [])


@pytest.mark.parametrize("rule", [encrypted_gateway_addressed_by_ip, encrypted_gateway_on_other_port])
@pytest.mark.parametrize(
    ("plans", "because"),
    [
        (("SIP secured", "Secured"), ["secured are SIP secured, Secured"]),
        (("PBX secured",), ["secured are PBX secured"]),
        (("Unsecured", "Unsaid"), []),
        (("Gone",), []),
        ((), []),
    ],
)
def test_only_a_secured_or_sip_secured_dial_plan_asks_for_tls(rule: Rule, plans: tuple[str, ...], because: list[str]) -> None:
    assert encrypted(rule, "192.0.2.10 | 5060", *plans) == because


TRUSTED = table("name | fqdn\n1 | sbc.contoso.com\n2 | -")


@pytest.mark.parametrize(
    ("address", "plans", "unknown"),
    [
        ("pbx.contoso.com", ("CN=London",), True),
        ("192.0.2.10", ("CN=London", "CN=Paris"), True),
        ("pool01.contoso.com", ("CN=London",), False),
        ("POOL01.Contoso.com", ("CN=London",), False),
        ("SBC.contoso.com", ("CN=London",), False),
        ("pbx.contoso.com", ("CN=London", "CN=PBX"), False),
        ("pbx.contoso.com", ("CN=London", "CN=Silent"), False),
        ("pbx.contoso.com", ("CN=Gone",), False),
        ("pbx.contoso.com", (), False),
        ("-", ("CN=London",), False),
    ],
)
def test_a_gateway_of_sip_uri_dial_plans_alone_is_a_pool_or_trusted_by_lync(
    address: str, plans: tuple[str, ...], unknown: bool
) -> None:
    links = "\n".join(f"{plan} | CN=gw | {plan}" for plan in plans)
    found = offenders(
        gateway_unknown_to_lync,
        dial_plans=table("identity | dn | uri_type\nL | CN=London | 3\nP | CN=Paris | 3\nX | CN=PBX | 1\nS | CN=Silent | -"),
        gateways=table(f"identity | dn | address\ngw | CN=gw | {address}"),
        hunt_groups=table("identity | gateway | dial_plan\n" + links),
        pools=POOLS,
        trusted_services=TRUSTED,
    )
    assert found == (["gw"] if unknown else [])


@pytest.mark.parametrize(
    ("unseen", "column"), [("trusted_services", ""), ("trusted_services", "fqdn"), ("pools", "fqdn"), ("hunt_groups", "")]
)
def test_what_was_not_seen_of_lync_never_makes_a_gateway_unknown(unseen: str, column: str) -> None:
    hidden = visibility.rows((unseen, column, f"{unseen}-0" if column else None, State.UNREADABLE, "not seen"))
    verdict = outcome(gateway_unknown_to_lync, pools=POOLS, trusted_services=TRUSTED, visibility=hidden, **TOPOLOGY)
    assert isinstance(verdict, Skipped)
    assert verdict.reason.endswith("not seen")


def test_a_gateway_without_an_address_is_not_compared_even_where_every_pool_has_its_name() -> None:
    found = offenders(
        gateway_unknown_to_lync,
        dial_plans=table("identity | dn | uri_type\nL | CN=London | 3"),
        gateways=table("identity | dn | address\nbare | CN=bare | -"),
        hunt_groups=table("identity | gateway | dial_plan\nL | CN=bare | CN=London"),
        pools=table("fqdn\npool01.contoso.com"),
    )
    assert found == []


def test_a_dial_plan_of_a_type_that_was_not_seen_never_makes_a_gateway_unknown() -> None:
    verdict = outcome(
        gateway_unknown_to_lync,
        dial_plans=table("identity | dn | uri_type\nLondon | CN=London | 3\nHidden | CN=Hidden | 3"),
        gateways=table("identity | dn | address\ngw | CN=gw | pbx.contoso.com\nseen | CN=seen | pbx.contoso.com"),
        hunt_groups=table(
            "identity | gateway | dial_plan\na | CN=gw | CN=London\nb | CN=gw | CN=Hidden\nc | CN=seen | CN=London"
        ),
        visibility=visibility.rows(("dial_plans", "uri_type", "dial_plans-1", State.UNREADABLE, "not seen")),
    )
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["seen"]


def test_a_gateway_that_is_disabled_or_takes_no_new_calls_is_told_which() -> None:
    gateways = table("identity | status\nOn | 0\nOff | 1\nFull | 2\nUnsaid | -\nOdd | 3")
    found = findings(gateway_takes_no_calls, gateways=gateways)
    assert list(found["message"]) == ["UM IP gateway Off is disabled.", "UM IP gateway Full is accepting no new calls."]


def test_gateways_of_one_address_name_each_other_without_regard_to_case() -> None:
    gateways = table("""
        identity | address
        One      | PBX.contoso.com
        Two      | pbx.contoso.com
        Three    | pbx.contoso.com
        Other    | pbx2.contoso.com
        Bare     | -
        Empty    | -
    """)
    found = findings(gateway_address_shared, gateways=gateways)
    assert {row.identity: row.message.partition(":")[0] for row in found.itertuples()} == {
        "One": "UM IP gateway One has the address of Three, Two as well",
        "Two": "UM IP gateway Two has the address of One, Three as well",
        "Three": "UM IP gateway Three has the address of One, Two as well",
    }
