"""File 31: settings of mailboxes in Unified Messaging."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adinspect import step
from adinspect.sites import Site
from adinspect.testing import EVERYONE
from adinspect.visibility import State, rows

Split = Callable[..., Any]

SET, DISABLE = "31_um_mailbox_set", "29_um_mailbox_disable"
HERE = ",OU=Staff,DC=contoso,DC=example"
USER = {
    "identity": "Eve",
    "mailbox_database": "DB1",
    "um_enabled": "yes",
    "um_fax": "yes",
    "um_dial_plan": "HQ",
    "um_mailbox_policy": "Lab Policy",
}
POLICIES = [("HQ Policy", "HQ", "-"), ("Lab Policy", "Lab", "-")]


def policies(*lines: tuple[str, str, str]) -> str:
    """Names of UM mailbox policies, those of their dial plans, and fax servers."""
    told = [(name, name, f"CN={name}", f"CN={plan}", fax) for name, plan, fax in lines]
    return "identity | name | dn | dial_plan | fax_server\n" + "\n".join(" | ".join(line) for line in told)


def asked(split: Split, *rules: str, policy: str = "", lines: Any = POLICIES, **changes: str) -> Any:
    user = {**USER, **changes}
    told = {**user, "um_dial_plan": f"CN={user['um_dial_plan']}", "um_mailbox_policy": f"CN={user['um_mailbox_policy']}"}
    findings = "identity | rule | csv\n" + "\n".join(f"Eve | {rule} | {SET}" for rule in rules)
    profile = replace(EVERYONE, sites=(Site("All", ous=(HERE.removeprefix(","),), um_mailbox_policy=policy),))
    tables = {
        "users": "\n".join((" | ".join(told), " | ".join(told.values()))),
        "mailbox_policies": policies(*lines),
        "dial_plans": "identity | dn | uri_type\nHQ | CN=HQ | 3\nLab | CN=Lab | 1",
    }
    return split(SET, findings, profile=profile if policy else EVERYONE, **tables)


def test_the_policy_becomes_the_only_one_of_the_users_own_dial_plan(split: Split) -> None:
    row = asked(split, "CNS-008").kept["Eve"]
    assert row["Identity"] == row["_ObjectGuid"]
    assert row["_Why"] == "CNS-008 said so. UM mailbox policy HQ Policy."
    assert row["UMMailboxPolicy"] != row["_Previous_UMMailboxPolicy"] != ""
    assert (row["FaxEnabled"], row["MissedCallNotificationEnabled"]) == ("", "")


STRICT = [*POLICIES, ("Strict", "HQ", "-")]


@pytest.mark.parametrize(
    ("lines", "policy", "told"),
    [
        pytest.param(STRICT, "Strict", "UM mailbox policy Strict.", id="that of the site"),
        pytest.param(POLICIES, "Lab Policy", "UM mailbox policy HQ Policy.", id="never one of another dial plan"),
        pytest.param(STRICT, "", "the policy is a choice: 2 UM mailbox policies belong", id="two"),
        pytest.param(STRICT, "Lab Policy", "the policy is a choice: 2 UM mailbox policies belong", id="two, and another's"),
        pytest.param(POLICIES[1:], "", "0 UM mailbox policies belong to the user's own UM dial plan (none)", id="none"),
    ],
)
def test_of_several_policies_the_profile_says_which(split: Split, lines: Any, policy: str, told: str) -> None:
    found = asked(split, "CNS-008", lines=lines, policy=policy)
    if found.kept:
        assert told in found.kept["Eve"]["_Why"]
    else:
        assert told in found.why("Eve")
        assert found.rejected["Eve"]["UMMailboxPolicy"] == step.REVIEW


def test_faxes_are_turned_off_and_nothing_else_is_touched(split: Split) -> None:
    row = asked(split, "USR-016", um_mailbox_policy="HQ Policy").kept["Eve"]
    assert (row["FaxEnabled"], row["_Previous_FaxEnabled"]) == ("False", "True")
    assert (row["UMMailboxPolicy"], row["MissedCallNotificationEnabled"]) == ("", "")


@pytest.mark.parametrize(
    ("lines", "changes"),
    [
        pytest.param([("HQ Policy", "HQ", "sip:fax.example")], {"um_mailbox_policy": "HQ Policy"}, id="a fax server"),
        pytest.param(POLICIES, {"um_fax_id": "7"}, id="a fax identity"),
    ],
)
def test_where_somebody_counts_on_faxes_a_person_decides(split: Split, lines: Any, changes: dict[str, str]) -> None:
    found = asked(split, "USR-016", lines=lines, **changes)
    assert "somebody counts on faxes" in found.why("Eve")
    assert found.rejected["Eve"]["FaxEnabled"] == step.REVIEW


@pytest.mark.parametrize(
    ("rules", "changes", "reason"),
    [
        (["SITE-1"], {}, "nothing is known here that this file could change"),
        (["CNS-008"], {"deployment_locator": "sipfed.online.lync.com"}, "is homed online"),
        (["CNS-008"], {"um_enabled": "no"}, "Get-UMMailbox would not find it"),
    ],
)
def test_who_is_left_alone_and_why(split: Split, rules: list[str], changes: dict[str, str], reason: str) -> None:
    found = asked(split, *rules, **changes)
    assert not found.kept
    assert reason in found.why("Eve")


def test_a_policy_that_was_not_seen_is_not_taken_away(split: Split) -> None:
    assert asked(split, "CNS-008", um_mailbox_policy="Hidden").why("Eve") == "the present UMMailboxPolicy is not known"


@pytest.mark.parametrize(("table", "state"), [("mailbox_policies", State.INCOMPLETE), ("users", State.INCOMPLETE)])
def test_while_policies_are_not_seen_whole_nobody_gets_another_one(split: Split, table: str, state: State) -> None:
    unseen = rows((table, "", None, state, "the domain eu.contoso.example was not read"))
    found = split(
        SET,
        f"identity | rule | csv\nEve | CNS-008 | {SET}",
        visibility=unseen if table == "mailbox_policies" else None,
        users="identity | um_enabled\nEve | yes",
        mailbox_policies=policies(*POLICIES),
    )
    assert not found.kept
