"""Rules that need side inputs; without one each names the file it misses."""

from __future__ import annotations

from typing import Any

import pytest
from pandas import DataFrame

from adinspect import rules
from adinspect.finding import Target
from adinspect.profile import Elsewhere
from adinspect.rule import Skipped
from adinspect.rules.side_inputs import (
    build_too_old_to_move,
    cloud_disagrees,
    emergency_location_missing,
    licence_missing,
    lync_dial_plan_missing,
    lync_dial_plan_not_granted,
    sip_domain_not_verified,
    voice_policy_not_granted,
    voice_routing_incomplete,
)
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State, rows

TEAMS = Target.TEAMS_PHONE


def several(text: str) -> DataFrame:
    """A table in whose cells a plus sign stands between several values."""
    return table(text).replace(r"\+", "|", regex=True)


PLANS = table("""
    identity | uri_type | phone_context
    HQ       | 3        | HQ.contoso.com
    Branch   | 3        | Branch.contoso.com
    PBX      | 1        | PBX.contoso.com
""")
NEW = table("identity | um_role | version_major | version_minor\nEX16 | yes | 15 | 1\nEX10SP1 | yes | 14 | 1\nCAS07 | no | 8 | 0")
OLD = table("identity | um_role | version_major | version_minor\nEX16 | yes | 15 | 1\nEX10 | yes | 14 | 0")


@pytest.mark.parametrize(
    ("names", "servers", "found"),
    [
        (["HQ.contoso.com"], NEW, [("Branch", "medium", "likely")]),
        (["Default"], NEW, [("HQ", "medium", "likely"), ("Branch", "medium", "likely")]),
        (["Default", "Paris"], NEW, []),
        (["hq.contoso.com"], NEW, [("Branch", "medium", "likely")]),
        (["Default", "Paris", "hq.CONTOSO.com"], OLD, [("Branch", "high", "certain")]),
        (["HQ.contoso.com", "Branch.contoso.com"], OLD, []),
    ],
)
def test_too_few_lync_dial_plans_are_told_and_names_matter_to_old_exchange_alone(
    names: list[str], servers: DataFrame, found: list[tuple[str, str, str]]
) -> None:
    lync = table("scope | simple_name\n" + "\n".join(f"Tag:{name} | {name}" for name in names))
    told = findings(lync_dial_plan_missing, dial_plans=PLANS, cs_dialplans=lync, servers=servers)
    assert list(told[["identity", "severity", "certainty"]].itertuples(index=False, name=None)) == found


def test_a_server_that_was_not_seen_takes_no_missing_lync_dial_plan_away() -> None:
    hidden = rows(("servers", "", None, State.INCOMPLETE, "a container may not be listed"))
    verdict = outcome(
        lync_dial_plan_missing,
        visibility=hidden,
        dial_plans=PLANS,
        cs_dialplans=table("scope | simple_name\nGlobal | HQ.contoso.com"),
        servers=NEW,
    )
    assert not isinstance(verdict, Skipped)
    assert verdict.findings["identity"].to_list() == ["Branch"]


@pytest.mark.parametrize(
    ("policies", "routes", "faults"),
    [
        ("Global | Local+Long", "All | LOCAL+Long | PstnGateway:gw1", []),
        ("Global | -", "All | Local | gw1", ["no voice policy allows a PSTN usage"]),
        ("Global | -\nTag:a | Local", "All | Local | gw1", []),
        ("Global | Local+Long", "All | Local | gw1", ["no route serves the PSTN usage Long"]),
        ("Global | Local", "All | Local | gw1\nSpare | - | -", ["the route Spare has no gateway"]),
        ("Global | Local\nTag:a | local", "", ["no route serves the PSTN usage Local"]),
    ],
)
def test_the_chain_from_policy_to_gateway_is_whole(policies: str, routes: str, faults: list[str]) -> None:
    told = findings(
        voice_routing_incomplete,
        cs_voicepolicies=several(f"scope | usages\n{policies}"),
        cs_voiceroutes=several(f"route | usages | gateways\n{routes}"),
    )
    assert [evidence["fault"] for evidence in told["evidence"]] == faults
    assert told["key"].is_unique


USERS = table("""
    identity | dn                          | enterprise_voice
    ada      | CN=Ada,OU=Paris,DC=contoso  | yes
    bo       | CN=Bo,OU=Paris,DC=contoso   | yes
    cy       | CN=Cy,OU=Paris,DC=contoso   | no
    di       | CN=Di,OU=Paris,DC=contoso   | yes
""")
LYNC = table("""
    user                         | dial_plan | voice_policy
    cn=ada, ou=PARIS, dc=contoso | -         | -
    CN=Bo,OU=Paris,DC=contoso    | Paris     | Paris
    CN=Cy,OU=Paris,DC=contoso    | -         | -
""")


@pytest.mark.parametrize("rule", [lync_dial_plan_not_granted, voice_policy_not_granted], ids=lambda rule: rule.code)
def test_users_with_enterprise_voice_to_whom_nothing_was_granted_are_named(rule: Any) -> None:
    assert offenders(rule, users=USERS, cs_users=LYNC) == ["ada"]


@pytest.mark.parametrize(
    ("plans", "severity", "because"),
    [
        ("Global | 0\nTag:Paris | 3", "high", "no normalization rule has any of Global"),
        ("Global | 0\nSite:Paris | 0", "high", "no normalization rule has any of Global, Site:Paris"),
        ("Global | 0\nService:Registrar:pool | 1", "info", ""),
        ("Global | 1", "info", ""),
        ("Global | -", "info", ""),
        ("Tag:Paris | 0", "info", ""),
    ],
)
def test_that_no_dial_plan_was_granted_is_a_fault_only_where_none_that_applies_has_a_rule(
    plans: str, severity: str, because: str
) -> None:
    found = findings(lync_dial_plan_not_granted, users=USERS, cs_users=LYNC, cs_dialplans=table(f"scope | rules\n{plans}"))
    assert list(found[["severity", "because"]].itertuples(index=False, name=None)) == [(severity, because)]


def test_a_user_of_whom_lync_does_not_tell_is_not_judged() -> None:
    verdict = outcome(lync_dial_plan_not_granted, users=USERS, cs_users=LYNC)
    assert not isinstance(verdict, Skipped)
    assert (verdict.judged, verdict.of) == (3, 3)


@pytest.mark.parametrize(
    ("domains", "found"),
    [
        ("contoso.com | yes\nfabrikam.com | yes", []),
        ("CONTOSO.com | yes", ["fabrikam.com"]),
        ("contoso.com | no\nfabrikam.com | -", ["contoso.com"]),
        ("", ["contoso.com", "fabrikam.com"]),
    ],
)
def test_sip_domains_that_the_tenant_has_not_verified_are_named_once(domains: str, found: list[str]) -> None:
    users = table("""
        identity | sip_address
        ada      | sip:ada@contoso.com
        bo       | SIP:bo@Contoso.com
        cy       | sip:cy@fabrikam.com
        di       | -
        ed       | sip:nonsense
        fay      | sip:fay@northwind.com;x
    """)
    told = findings(sip_domain_not_verified, target=TEAMS, users=users, tenant_domains=table(f"domain | verified\n{domains}"))
    assert [evidence["domain"] for evidence in told["evidence"]] == found


TEAMS1, PHONE = "57FF2DA0-773e-42df-b2af-ffb7a2317929", "4828c8ec-dc2e-4779-b502-87ac9ce28ab7"


@pytest.mark.parametrize(
    ("location", "plans", "lacking"),
    [
        ("FR", f"{TEAMS1}+{PHONE}+other", None),
        ("FR", f"{PHONE}", "no Teams plan"),
        ("FR", f"{TEAMS1}", "no Phone System plan"),
        ("-", f"{PHONE}+{TEAMS1}", "no usage location"),
        ("-", "-", "no Teams plan, no Phone System plan, no usage location"),
    ],
)
def test_what_an_account_lacks_in_the_tenant_is_told(location: str, plans: str, lacking: str | None) -> None:
    users = table("identity | upn | enterprise_voice\nada | Ada@contoso.com | yes")
    accounts = several(f"user | upn | usage_location | plans\n1 | ada@contoso.com | {location} | {plans}")
    told = findings(licence_missing, target=TEAMS, users=users, m365_users=accounts)
    assert list(told["message"]) == ([f"In the tenant ada has {lacking}."] if lacking else [])


def test_other_plans_may_count_as_phone_system() -> None:
    users = table("identity | upn | enterprise_voice\nada | ada@contoso.com | yes")
    accounts = several(f"user | upn | usage_location | plans\n1 | ada@contoso.com | FR | {TEAMS1}+mine")
    assert offenders(licence_missing, target=TEAMS, phone_plans=("MINE",), users=users, m365_users=accounts) == []


def test_accounts_that_nobody_can_tell_apart_and_users_without_one_are_not_judged() -> None:
    users = table("""
        identity | upn              | enterprise_voice
        ada      | same@contoso.com | yes
        bo       | SAME@contoso.com | yes
        cy       | cy@contoso.com   | yes
        di       | -                | yes
        ed       | ed@contoso.com   | no
    """)
    accounts = table("user | upn | usage_location | plans\n1 | same@contoso.com | - | -\n2 | ed@contoso.com | - | -")
    assert offenders(licence_missing, target=TEAMS, users=users, m365_users=accounts) == []


@pytest.mark.parametrize(
    ("component", "version", "old"),
    [
        ("Skype for Business Server 2019, Core Components", "7.0.2046.385", False),
        ("Skype for Business Server 2019, Core Components", "7.0.2046.384", True),
        ("Skype for Business Server 2015, Core Components", "6.0.9319.1000", False),
        ("Skype for Business Server 2015, core components", "6.0.9319.618", True),
        ("Microsoft Lync Server 2013, Core Components", "5.0.8308.1182", False),
        ("Microsoft Lync Server 2013, Core Components", "5.0.8308.99", True),
        ("Microsoft Lync Server 2010, Core Components", "4.0.7577.726", True),
        ("Skype for Business Server vNext, Core Components", "8.0.0.1", False),
    ],
)
def test_a_build_is_compared_with_the_oldest_of_its_product(component: str, version: str, old: bool) -> None:
    builds = table(f"computer | component | version\nfe1.contoso.com | {component} | {version}")
    told = findings(build_too_old_to_move, target=TEAMS, cs_serverversion=builds)
    assert list(told["key"].str.endswith(f"/fe1.contoso.com/{version}")) == [True] * old


CORE, RECENT, AGED = "Skype for Business Server 2015, Core Components", "6.0.9319.619", "6.0.9319.618"


@pytest.mark.parametrize(
    ("builds", "reason"),
    [
        pytest.param(
            [("Skype for Business Server 2015, Mobility Service", "6.0.9319.0")], "no Core Components", id="nothing to judge by"
        ),
        pytest.param([(CORE, "unknown")], "no build of the Core Components that can be read, of fe0", id="no build"),
        pytest.param(
            [(CORE, RECENT), (CORE, "-")], "no build of the Core Components that can be read, of fe1", id="one is lacking"
        ),
        pytest.param([(CORE, AGED), (CORE, "-")], "", id="one is lacking, and another is old"),
        pytest.param([(CORE, RECENT), (CORE, RECENT)], "", id="all are there"),
    ],
)
def test_builds_that_cannot_be_read_are_not_taken_for_new_ones(builds: list[tuple[str, str]], reason: str) -> None:
    lines = [f"fe{number} | {component} | {version}" for number, (component, version) in enumerate(builds)]
    told = outcome(
        build_too_old_to_move, target=TEAMS, cs_serverversion=table("\n".join(["computer | component | version", *lines]))
    )
    assert isinstance(told, Skipped) is bool(reason)
    assert not isinstance(told, Skipped) or reason in told.reason


PEOPLE = """
    identity | upn              | enterprise_voice | line_uri               | deployment_locator
    ada      | ada@contoso.com  | {voice}          | {line}                 | {home}
"""


@pytest.mark.parametrize(
    ("here", "there", "difference"),
    [
        (("yes", "tel:+14255550100", "SRV:"), ("tel:+14255550100", "no", "SRV:"), None),
        (("yes", "tel:+14255550100", "SRV:"), ("14255550100", "no", "srv:"), None),
        (("yes", "tel:+14255550100", "SRV:"), ("-", "no", "SRV:"), None),
        (("yes", "-", "sipfed.online.lync.com"), ("tel:+14255550100", "yes", "sipfed.online.lync.com"), None),
        (("no", "-", "sipfed.online.lync.com"), ("-", "yes", "sipfed.online.lync.com"), None),
        (("yes", "-", "SRV:"), ("-", "-", "-"), None),
        (("no", "-", "-"), ("-", "no", "sipfed.online.lync.com"), None),
        (
            ("yes", "-", "SRV:"),
            ("-", "yes", "sipfed.online.lync.com"),
            "one homes the user online, the other on-premises",
        ),
        (("yes", "tel:+14255550100", "SRV:"), ("tel:+14255550101", "no", "SRV:"), "their lines differ"),
        (("yes", "tel:+14255550100;ext=1", "SRV:"), ("tel:+14255550100;ext=2", "no", "SRV:"), "their lines differ"),
        (
            ("yes", "-", "sipfed.online.lync.com"),
            ("-", "no", "sipfed.online.lync.com"),
            "Enterprise Voice is off in Teams",
        ),
    ],
)
def test_only_what_is_told_on_both_sides_is_compared(
    here: tuple[str, str, str], there: tuple[str, str, str], difference: str | None
) -> None:
    users = table(PEOPLE.format(voice=here[0], line=here[1], home=here[2]))
    cloud = table("user | upn | line_uri | enterprise_voice | hosting_provider\n1 | ADA@contoso.com | " + " | ".join(there))
    told = findings(cloud_disagrees, target=TEAMS, users=users, teams_users=cloud)
    assert list(told["message"]) == ([f"Active Directory and Teams disagree about ada: {difference}."] if difference else [])
    assert set(told["certainty"]) <= {"likely"}


@pytest.mark.parametrize(("line", "holder"), [("tel:+14255550100", "2"), ("tel:+14255550100;ext=5", None), ("tel:100", None)])
def test_a_line_that_another_account_holds_in_teams_is_told(line: str, holder: str | None) -> None:
    users = table(PEOPLE.format(voice="yes", line=line, home="SRV:"))
    cloud = table("""
        user | upn             | line_uri               | enterprise_voice | hosting_provider
        1    | ada@contoso.com | -                      | no               | SRV:
        2    | bo@contoso.com  | tel:+14255550100       | yes              | sipfed.online.lync.com
        3    | cy@contoso.com  | tel:+14255550100;ext=9 | yes              | sipfed.online.lync.com
    """)
    told = findings(cloud_disagrees, target=TEAMS, users=users, teams_users=cloud)
    assert [evidence["holder"] for evidence in told["evidence"]] == ([holder] if holder else [])


@pytest.mark.parametrize(
    ("number", "kind", "location", "found"),
    [
        ("+14255550100", "CallingPlan", "-", True),
        ("14255550100", "operatorconnect", "-", True),
        ("+14255550100", "CallingPlan", "5c1d", False),
        ("+14255550100", "DirectRouting", "-", False),
        ("+14255550101", "CallingPlan", "-", False),
    ],
)
def test_numbers_that_may_need_an_emergency_location_are_told(number: str, kind: str, location: str, found: bool) -> None:
    users = table("identity | line_uri\nada | tel:+14255550100\nbo | -")
    numbers = table(f"number | number_type | location\n{number} | {kind} | {location}")
    told = findings(emergency_location_missing, target=TEAMS, users=users, teams_numbers=numbers)
    assert list(told["identity"]) == ["ada"] * found
    assert set(told["certainty"]) <= {"likely"}


FILES = {
    "DP-015": "cs-dialplans.csv",
    "POOL-003": "cs-voicepolicies.csv",
    "USR-013": "cs-users.csv",
    "USR-014": "cs-users.csv",
    "MIG-006": "tenant-domains.csv",
    "MIG-008": "m365-users.csv",
    "MIG-021": "cs-serverversion.csv",
    "MIG-022": "teams-users.csv",
    "MIG-024": "teams-numbers.csv",
}


@pytest.mark.parametrize(("code", "file"), FILES.items())
def test_without_its_side_input_a_rule_is_skipped_and_names_the_file(code: str, file: str) -> None:
    verdict = outcome(rules.shipped()[code], target=TEAMS)
    assert verdict == Skipped(f"no {file} was supplied (--side)")


@pytest.mark.parametrize("code", ["DP-015", "POOL-003"])
def test_where_exchange_or_lync_is_out_of_sight_its_rule_says_so(code: str) -> None:
    verdict = outcome(rules.shipped()[code], needs=True, lync_forest=Elsewhere.OTHER)
    assert isinstance(verdict, Skipped)
    assert "is in sight" in verdict.reason
