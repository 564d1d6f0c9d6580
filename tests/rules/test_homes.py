"""CNS-015, 016: the pool a user or contact is homed on."""

from typing import Any

import pytest

from adinspect.profile import Elsewhere
from adinspect.rule import Skipped
from adinspect.rules.homes import home_pool_missing, move_unfinished
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State, rows

ONLINE = "sipfed.online.lync.com"
POOLS: dict[str, Any] = {
    "pools": table("dn | fqdn\nCN=1:1 | pool01.contoso.com\nCN=1:2 | -"),
    "pool_services": table("""
        dn                    | pool
        CN=Lc Services,CN=1:1 | CN=1:1
        CN=Lc Services,CN=1:2 | CN=1:2
        CN=Lc Services,CN=Odd | CN=Odd
    """),
}


@pytest.mark.parametrize(
    ("home", "fault"),
    [
        ("CN=Lc Services,CN=1:1 | SRV:", None),
        ("CN=Lc Services,CN=1:1 | -", None),
        ("CN=Lc Services,CN=1:2 | SRV:", "its pool has no FQDN"),
        ("CN=Lc Services,CN=9:9 | srv:", "there is no such pool service"),
        ("CN=Lc Services\\0ADEL:1,CN=Deleted Objects | SRV:", "that pool is deleted"),
        ("CN=Lc Services,CN=1:3\\0ADEL:1,CN=Deleted Objects | -", "that pool is deleted"),
        ("CN=Lc Services,CN=Odd | SRV:", None),
        ("- | SRV:", None),
        (f"CN=Lc Services,CN=9:9 | {ONLINE}", None),
    ],
)
@pytest.mark.parametrize("holder", ["users", "contacts"])
def test_users_and_contacts_are_homed_on_a_pool_that_exists(home: str, fault: str | None, holder: str) -> None:
    held = {holder: table(f"identity | pool_service | deployment_locator\nada | {home}")}
    found = findings(home_pool_missing, **held, **POOLS)
    said = f"ada is homed on {home.split(' | ')[0]}, but {fault}."
    assert found[["table", "message"]].to_numpy().tolist() == ([[holder, said]] if fault else [])
    assert "Disable-CsUser" not in home_pool_missing.cmdlet + home_pool_missing.remediation


USERS = table("identity | pool_service\nada | CN=Lc Services,CN=9:9")


@pytest.mark.parametrize(
    ("lync_forest", "skipped"), [(Elsewhere.UNKNOWN, True), (Elsewhere.OTHER, True), (Elsewhere.THIS, False)]
)
def test_without_any_pool_homes_are_judged_only_where_lync_is_said_to_be_here(lync_forest: Elsewhere, skipped: bool) -> None:
    verdict = outcome(home_pool_missing, users=USERS, lync_forest=lync_forest, needs=True)
    assert isinstance(verdict, Skipped) is skipped


@pytest.mark.parametrize(
    "hidden",
    [
        ("pool_services", "", None, State.INCOMPLETE, "the containers of Lync may not be listed"),
        ("pools", "", None, State.INCOMPLETE, "the containers of Lync may not be listed"),
        ("pools", "fqdn", "pools-1", State.UNREADABLE, "dNSHostName may not be read on one pool"),
    ],
)
def test_a_pool_that_was_not_seen_is_not_missing(hidden: tuple[str, str, str | None, State, str]) -> None:
    assert isinstance(outcome(home_pool_missing, users=USERS, visibility=rows(hidden), **POOLS), Skipped)


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ("CN=Lc Services,CN=1:2 | CN=Lc Services,CN=1:1 | SRV:", True),
        ("CN=Lc Services,CN=1:2 | - | -", True),
        ("CN=Lc Services,CN=1:1 | CN=Lc Services,CN=1:1 | SRV:", False),
        ("CN=Lc Services,CN=1:1 | cn=LC Services, cn=1:1 | SRV:", False),
        ("- | CN=Lc Services,CN=1:1 | SRV:", False),
        (f"CN=Lc Services,CN=1:2 | CN=Lc Services,CN=1:1 | {ONLINE}", False),
    ],
)
def test_a_move_has_come_to_its_end(user: str, named: bool) -> None:
    users = table(f"identity | target_pool_service | pool_service | deployment_locator\nada | {user}")
    assert bool(offenders(move_unfinished, users=users)) is named
