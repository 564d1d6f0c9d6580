"""CNS-013, 014, 025: the account behind a voice user, disabled or of another forest."""

import pytest

from adinspect import rules
from adinspect.finding import Target
from adinspect.rule import Need, Rule, Skipped
from adinspect.rules.accounts import disabled_account_in_lync, disabled_account_in_um, forest_link_incomplete
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State, rows

OTHER_FOREST, ANOTHER, SELF = "S-1-5-21-1-2-3-1113", "S-1-5-21-1-2-3-1114", "S-1-5-10"
ONLINE = "sipfed.online.lync.com"

ACCOUNT = "identity | account_disabled | recipient_type | master_account_sid | originator_sid | owner_urn | object_class"


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ("a leaver | yes | 1 | - | - | - | user", True),
        ("a leaver without a mailbox | yes | - | - | - | - | inetOrgPerson", True),
        ("a leaver whose mailbox is online | yes | 2147483648 | - | - | - | user", True),
        (f"a leaver whose mailbox once was shared | yes | 1 | {SELF} | - | - | user", True),
        ("enabled | no | 1 | - | - | - | user", False),
        (f"a linked mailbox | yes | 2 | {OTHER_FOREST} | {OTHER_FOREST} | - | user", False),
        ("a linked mailbox that says no more | yes | 2 | - | - | - | user", False),
        (f"an account for another forest's | yes | - | {OTHER_FOREST} | - | - | user", False),
        (f"a Lync account for another forest's | yes | - | - | {OTHER_FOREST} | - | user", False),
        (f"a shared mailbox | yes | 4 | {SELF} | - | - | user", False),
        (f"a room | yes | 16 | {SELF} | - | - | user", False),
        ("a room in Exchange Online | yes | 8589934592 | - | - | - | user", False),
        ("equipment | yes | 32 | - | - | - | user", False),
        ("a meeting room device | yes | 1 | - | - | urn:device:roomsystem | user", False),
    ],
)
def test_a_disabled_account_of_a_person_keeps_neither_lync_nor_um(user: str, named: bool) -> None:
    users = table(f"{ACCOUNT} | sip_enabled | um_enabled\n{user} | yes | yes")
    assert bool(offenders(disabled_account_in_lync, users=users)) is named
    assert bool(offenders(disabled_account_in_um, users=users)) is named


@pytest.mark.parametrize(
    ("voice", "in_lync", "in_um"),
    [("yes | no", True, False), ("no | yes", False, True), ("- | no", False, False)],
)
def test_a_disabled_account_is_named_where_it_is_enabled_still(voice: str, in_lync: bool, in_um: bool) -> None:
    users = table(f"{ACCOUNT} | sip_enabled | um_enabled\nada | yes | 1 | - | - | - | user | {voice}")
    assert bool(offenders(disabled_account_in_lync, users=users)) is in_lync
    assert bool(offenders(disabled_account_in_um, users=users)) is in_um


@pytest.mark.parametrize("rule", [disabled_account_in_lync, disabled_account_in_um], ids=lambda rule: rule.code)
@pytest.mark.parametrize("column", ["recipient_type", "originator_sid", "owner_urn"])
def test_what_may_excuse_an_account_and_was_not_seen_holds_the_user_back(rule: Rule, column: str) -> None:
    ada, bo = "ada | yes | - | - | - | - | user | yes | yes", "bo | no | - | - | - | - | user | - | no"
    users = table(f"{ACCOUNT} | sip_enabled | um_enabled\n{ada}\n{bo}")
    hidden = rows(("users", column, "users-0", State.UNREADABLE, "may not be read"))
    verdict = outcome(rule, users=users, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert (verdict.findings.empty, verdict.judged, verdict.of) == (True, 1, 2)


def test_a_forest_without_the_excuses_in_its_schema_is_judged() -> None:
    hidden = rows(
        *(("users", column, None, State.NO_SCHEMA, "no") for column in ("owner_urn", "originator_sid", "recipient_type"))
    )
    users = table("identity | account_disabled | sip_enabled\nada | yes | yes")
    verdict = outcome(disabled_account_in_lync, users=users, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["ada"]


def test_um_of_accounts_is_judged_only_where_exchange_is_seen() -> None:
    assert rules.shipped()["CNS-014"].needs == (Need.EXCHANGE,)


LINK = "identity | account_disabled | recipient_type | master_account_sid | originator_sid | mailbox_database | sip_enabled"


@pytest.mark.parametrize(
    ("user", "certainty"),
    [
        (f"yes | 2 | {OTHER_FOREST} | - | CN=DB16 | yes", "certain"),
        (f"yes | 2 | {OTHER_FOREST} | {ANOTHER} | CN=DB16 | yes", "certain"),
        (f"yes | - | {OTHER_FOREST} | - | - | yes", "certain"),
        ("yes | 2 | - | - | CN=DB16 | yes", "certain"),
        (f"yes | 2 | {OTHER_FOREST} | - | CN=DB16 | -", "likely"),
        (f"yes | 2 | {OTHER_FOREST} | - | CN=DB16 | no", "likely"),
        (f"yes | 2 | {OTHER_FOREST} | {OTHER_FOREST} | CN=DB16 | yes", None),
        (f"yes | 2 | - | {OTHER_FOREST} | CN=DB16 | yes", None),
        (f"no | 2 | {OTHER_FOREST} | - | CN=DB16 | yes", None),
        (f"yes | - | {OTHER_FOREST} | - | - | no", None),
        (f"yes | 1 | {SELF} | - | CN=DB16 | yes", None),
        (f"yes | 4 | {SELF} | - | CN=DB16 | yes", None),
        (f"yes | 4 | {OTHER_FOREST} | - | CN=DB16 | yes", None),
        (f"yes | 16 | {SELF} | - | CN=DB16 | yes", None),
        ("yes | 1 | - | - | CN=DB16 | yes", None),
    ],
)
@pytest.mark.parametrize("target", [Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL])
def test_a_linked_account_names_its_account_to_lync_as_to_exchange(user: str, certainty: str | None, target: Target) -> None:
    found = findings(forest_link_incomplete, users=table(f"{LINK}\nada | {user}"), target=target)
    assert list(found["certainty"]) == ([certainty] if certainty else [])
