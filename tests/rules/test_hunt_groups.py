"""HG: hunt groups that lead nowhere, answer to the wrong name, or lead Lync to a plan that is no SIP URI one."""

import pytest

from adinspect.rules.hunt_groups import hunt_group_orphaned, lync_gateway_astray, pilot_not_dialled, pilot_shared
from adinspect.testing import findings, offenders, table

POOLS = table("identity | fqdn\npool01 | pool01.CONTOSO.com\n2:1 | -")
PLANS = table("""
    name    | dn         | uri_type | phone_context
    London  | CN=London  | 3        | LDN.contoso.com
    Silent  | CN=Silent  | 3        | -
    Factory | CN=Factory | 1        | Factory.contoso.com
    E164    | CN=E164    | 2        | E164.contoso.com
    No type | CN=No type | -        | No.contoso.com
""")


def test_every_hunt_group_without_a_live_dial_plan_is_named() -> None:
    hunt_groups = table(r"""
        identity | gateway                         | dial_plan
        Live     | CN=pool01,CN=UM IPGateway       | CN=London
        Nothing  | CN=pool01,CN=UM IPGateway       | -
        Gone     | CN=pool01,CN=UM IPGateway       | CN=Never there
        Deleted  | CN=sbc\, Oslo,CN=UM IPGateway   | CN=Closed\0ADEL:5c0f3b52,CN=Deleted Objects
    """)
    found = findings(hunt_group_orphaned, hunt_groups=hunt_groups, dial_plans=PLANS)
    assert list(found["identity"]) == ["Nothing", "Gone", "Deleted"]
    assert found["message"][2] == "UM hunt group Deleted of UM IP gateway sbc, Oslo leads to no UM dial plan that exists."
    assert found["csv"][0] == ("09_um_huntgroup_remove", "11_um_huntgroup_new")


GATEWAYS = table("""
    identity | dn        | address
    pool01   | CN=pool01 | Pool01.Contoso.com
    sbc      | CN=sbc    | sbc.contoso.com
""")


@pytest.mark.parametrize(
    ("hunt_group", "dialled"),
    [
        ("London | CN=pool01 | LDN | CN=London", True),
        ("London | CN=pool01 | ldn | CN=London", True),
        ("London | CN=pool01 | LDN.contoso.com | CN=London", True),
        ("London | CN=pool01 | LONDON | CN=London", True),
        ("ldn | CN=pool01 | - | CN=London", True),
        ("Default | CN=pool01 | - | CN=London", False),
        ("London | CN=pool01 | 50000 | CN=London", False),
        ("London | CN=pool01 | LDN.contoso | CN=London", False),
        ("Silent | CN=pool01 | silent | CN=Silent", True),
        ("Silent | CN=pool01 | 50000 | CN=Silent", False),
        ("not a pool | CN=sbc | 50000 | CN=London", True),
        ("not SIP URI | CN=pool01 | 50000 | CN=Factory", True),
        ("no dial plan | CN=pool01 | 50000 | -", True),
        ("dead dial plan | CN=pool01 | 50000 | CN=Never there", True),
    ],
)
def test_lync_dials_the_plan_by_its_phone_context_or_name_without_regard_to_case(hunt_group: str, dialled: bool) -> None:
    hunt_groups = table(f"name | gateway | pilot | dial_plan\n{hunt_group}")
    found = offenders(pilot_not_dialled, hunt_groups=hunt_groups, gateways=GATEWAYS, pools=POOLS, dial_plans=PLANS)
    assert (found == []) is dialled


def test_what_lync_dials_is_told() -> None:
    hunt_groups = table(
        "name | gateway | pilot | dial_plan\nDefault | CN=pool01 | - | CN=London\nOther | CN=pool01 | 5 | CN=Silent"
    )
    found = findings(pilot_not_dialled, hunt_groups=hunt_groups, gateways=GATEWAYS, pools=POOLS, dial_plans=PLANS)
    assert list(found["because"]) == ["Lync dials LDN", "Lync dials Silent"]
    assert found["message"][0] == (
        "Pilot identifier Default of UM hunt group Default on UM IP gateway pool01 is not what Lync dials."
    )
    assert list(found["severity"]) == ["low", "low"]


NOWHERE = "no hunt group of it leads to a SIP URI UM dial plan"


@pytest.mark.parametrize(
    ("address", "plans", "because"),
    [
        ("pool01.contoso.com", ["London"], None),
        ("POOL01.contoso.com", ["London", "Silent"], None),
        ("pool01.contoso.com", ["London", "No type"], None),
        ("pool01.contoso.com", [], NOWHERE),
        ("pool01.contoso.com", ["Never there"], NOWHERE),
        ("pool01.contoso.com", ["No type"], NOWHERE),
        ("pool01.contoso.com", ["London", "Factory", "E164"], "it leads to other UM dial plans: E164, Factory"),
        ("pool01.contoso.com", ["Factory"], "it leads to other UM dial plans: Factory"),
        ("sbc.contoso.com", ["Factory"], None),
        ("sbc.contoso.com", [], None),
    ],
)
def test_the_gateway_of_a_pool_leads_to_sip_uri_dial_plans_alone(address: str, plans: list[str], because: str | None) -> None:
    rows = "\n".join(f"{plan} | CN=gateway | CN={plan}" for plan in plans)
    found = findings(
        lync_gateway_astray,
        gateways=table(f"identity | dn | address\nGateway | CN=gateway | {address}"),
        pools=POOLS,
        hunt_groups=table(f"identity | gateway | dial_plan\n{rows}"),
        dial_plans=PLANS,
    )
    assert list(found["because"]) == ([because] if because else [])
    assert set(found["table"]) <= {"gateways"}


NOT_TOLD = ": each may answer to its own name alone"


def test_hunt_groups_of_one_gateway_have_pilot_identifiers_of_their_own_without_regard_to_case() -> None:
    hunt_groups = table("""
        identity | gateway   | pilot
        One      | CN=pool01 | London
        Two      | CN=pool01 | LONDON
        Three    | CN=pool01 | Paris
        Else     | CN=pool02 | London
        Bare     | CN=pool02 | -
        Empty    | CN=sbc    | -
        Blank    | CN=sbc    | -
    """)
    found = findings(pilot_shared, hunt_groups=hunt_groups)
    assert [tuple(row) for row in found[["identity", "severity", "certainty", "because"]].to_numpy()] == [
        ("One", "high", "certain", "it has the pilot identifier of Two"),
        ("Two", "high", "certain", "it has the pilot identifier of One"),
        ("Empty", "high", "likely", "it has no pilot identifier, nor has Blank" + NOT_TOLD),
        ("Blank", "high", "likely", "it has no pilot identifier, nor has Empty" + NOT_TOLD),
    ]
    assert found["message"][0].startswith("Hunt group One on UM IP gateway pool01 ")


@pytest.mark.parametrize("character", list('"/\\[]:;=,+*?<>'))
def test_a_hunt_group_has_no_name_that_exchange_refuses(character: str) -> None:
    hunt_groups = table(f"identity | name | gateway | pilot\nHQ | Head{character}quarters | CN=pool01 | HQ")
    (found,) = findings(pilot_shared, hunt_groups=hunt_groups).to_dict("records")
    assert (found["certainty"], found["because"]) == ("certain", "a character of its name is not allowed")


def test_both_faults_of_a_hunt_group_are_told_at_once() -> None:
    hunt_groups = table("identity | name | gateway\nOne | Head*quarters | CN=pool01\nTwo | Oslo trunk (4700) | CN=pool01")
    assert {
        row.identity: (row.certainty, row.because) for row in findings(pilot_shared, hunt_groups=hunt_groups).itertuples()
    } == {
        "One": ("certain", "it has no pilot identifier, nor has Two; a character of its name is not allowed"),
        "Two": ("likely", "it has no pilot identifier, nor has One" + NOT_TOLD),
    }


def test_other_characters_and_long_names_are_allowed() -> None:
    names = ["Oslo trunk (4700)", "Köln-1_2.3 & Co's!", "x" * 64]
    rows = "\n".join(f"{name} | CN=pool01 | {name[:3]}" for name in names)
    assert offenders(pilot_shared, hunt_groups=table("name | gateway | pilot\n" + rows)) == []
