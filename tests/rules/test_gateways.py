"""GW: which pool lacks a gateway, and which dial plan lacks, or has too many, for outgoing calls."""

import pytest

from adinspect import visibility
from adinspect.rule import Rule, Skipped
from adinspect.rules.gateways import gateway_unlinked, outgoing_calls_impossible, outgoing_calls_scattered, pool_without_gateway
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
