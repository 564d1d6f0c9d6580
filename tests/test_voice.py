from __future__ import annotations

import pytest

from adinspect import voice
from adinspect.testing import table, tables


@pytest.mark.parametrize(
    ("locator", "pool_service", "online", "on_premises"),
    [
        ("SRV:", "-", False, True),
        ("srv:", "-", False, True),
        ("sipfed.online.lync.com", "CN=Lc Services", True, False),
        ("sipfed.online.gov.lync.example", "-", True, False),
        ("-", "CN=Lc Services", False, True),
        ("-", "-", False, False),
    ],
)
def test_a_user_is_homed_online_on_premises_or_nowhere(locator: str, pool_service: str, online: bool, on_premises: bool) -> None:
    users = tables(users=table(f"identity | deployment_locator | pool_service\nada | {locator} | {pool_service}"))["users"]
    assert voice.online(users).to_list() == [online]
    assert voice.on_premises(users).to_list() == [on_premises]


def test_the_mailbox_of_a_contact_among_the_users_lives_elsewhere() -> None:
    users = tables(users=table("identity | object_class\nada | user\nbo | inetOrgPerson\ncy | contact\ndi | -"))["users"]
    assert voice.mailbox_elsewhere(users).to_list() == [False, False, True, False]


def test_remote_call_control_comes_alone_or_beside_lync_calls() -> None:
    users = tables(users=table("identity | remote_call_control | remote_call_dual\nada | yes | -\nbo | - | yes\ncy | - | -"))[
        "users"
    ]
    assert voice.remote_call_control(users).to_list() == [True, True, False]


@pytest.mark.parametrize(
    ("setting", "hosted"),
    [
        ("ExchangeHostedVoiceMail=1", True),
        ("cshostedvoicemail=1", True),
        ("CsHostedVoiceMail=0", False),
        ("SomethingElse=1", False),
    ],
)
def test_hosted_voice_mail_is_on_by_either_product(setting: str, hosted: bool) -> None:
    given = tables(users=table("identity\nada\nbo"), voice_mail_settings=table(f"identity | setting\nada | {setting}"))
    assert voice.hosted_voice_mail(given["users"], given["voice_mail_settings"]).to_list() == [hosted, False]


@pytest.mark.parametrize("column", ["line_uri", "private_line"])
def test_who_holds_a_number_is_in_the_estate(column: str) -> None:
    users = tables(users=table(f"identity | {column}\nada | tel:+14255550100\nbo | -"))["users"]
    assert list(voice.in_estate(users)) == [True, False]


@pytest.mark.parametrize("column", ["sip_enabled", "enterprise_voice", "remote_call_control", "remote_call_dual", "um_enabled"])
def test_who_is_part_of_lync_or_um_is_in_the_estate(column: str) -> None:
    users = tables(users=table(f"identity | {column}\nada | yes\nbo | no\ncy | -"))["users"]
    assert list(voice.in_estate(users)) == [True, False, False]
