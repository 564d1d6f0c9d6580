"""POOL: a forest whose Lync has no way to the telephone network."""

import pytest

from adinspect import visibility
from adinspect.rule import Rule, Skipped
from adinspect.rules.pools import mediation_server_missing, pstn_gateway_missing
from adinspect.testing import findings, outcome, table
from adinspect.visibility import State

SERVICES = table("name | service_type\n1 | MediationServer\n2 | Gateway\n3 | MRAS\n4 | -")


def without(*kinds: str) -> object:
    return SERVICES[~SERVICES["service_type"].isin(kinds)]


@pytest.mark.parametrize(
    ("rule", "kind", "severity", "certainty"),
    [(mediation_server_missing, "MediationServer", "high", "certain"), (pstn_gateway_missing, "Gateway", "medium", "likely")],
)
def test_a_forest_with_lync_declares_a_mediation_server_and_a_gateway(
    rule: Rule, kind: str, severity: str, certainty: str
) -> None:
    assert findings(rule, trusted_services=SERVICES).empty
    assert findings(rule, trusted_services=table(f"name | service_type\n1 | {kind.upper()}")).empty
    (found,) = findings(rule, trusted_services=without(kind)).to_dict("records")
    assert (found["table"], found["severity"], found["certainty"]) == ("forest", severity, certainty)
    assert found["evidence"] == {"trusted_services": 3}


@pytest.mark.parametrize("rule", [mediation_server_missing, pstn_gateway_missing])
def test_a_type_that_only_begins_like_it_is_another(rule: Rule) -> None:
    assert len(findings(rule, trusted_services=table("name | service_type\n1 | MediationServer2\n2 | GatewayApp"))) == 1


@pytest.mark.parametrize("rule", [mediation_server_missing, pstn_gateway_missing])
@pytest.mark.parametrize("column", ["", "service_type"])
def test_a_trusted_service_that_was_not_seen_is_not_missing(rule: Rule, column: str) -> None:
    hidden = visibility.rows(("trusted_services", column, "trusted_services-0" if column else None, State.UNREADABLE, "not seen"))
    assert outcome(rule, trusted_services=SERVICES, visibility=hidden) == Skipped("trusted_services: not seen")


@pytest.mark.parametrize("rule", [mediation_server_missing, pstn_gateway_missing])
def test_without_a_pool_there_is_no_lync_that_could_lack_them(rule: Rule) -> None:
    verdict = outcome(rule, needs=True)
    assert isinstance(verdict, Skipped)
    assert verdict.reason.startswith("no Lync / Skype for Business pool is in sight")
