"""What Get-CsOnlineUser and Get-CsOnlineVoicemailUserSettings would show, from exports written as text."""

from __future__ import annotations

from typing import Any

import pytest
from teams_people import ADA, guid, in_teams, look, object_id, other

from adinspect import readings
from adinspect.readings import Present
from adinspect.step import UNKNOWN

BOB = other("Bob", ADA)
POLICIES = {"OnlineVoiceRoutingPolicy": None, "TenantDialPlan": None, "TeamsCallingPolicy": None, "TeamsUpgradePolicy": None}


def shown(cmdlet: str, *people: Any, **texts: Any) -> Present:
    return readings.present(cmdlet, look(*(people or (ADA, BOB)), codes=(), **texts))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, {"LineUri": "tel:+14255550101", "EnterpriseVoiceEnabled": False}),
        ({"line_uri": "-", "enterprise_voice": "yes"}, {"LineUri": None, "EnterpriseVoiceEnabled": True}),
        ({"enterprise_voice": "-"}, {"EnterpriseVoiceEnabled": UNKNOWN}),
        (
            {"routing_policy": "A", "tenant_dial_plan": "B", "calling_policy": "C", "upgrade_policy": "Islands"},
            {"OnlineVoiceRoutingPolicy": "A", "TenantDialPlan": "B", "TeamsCallingPolicy": "C", "TeamsUpgradePolicy": "Islands"},
        ),
    ],
)
def test_get_cs_online_user_finds_whom_teams_knows_by_the_sign_in_name(cells: dict[str, str], expected: dict[str, Any]) -> None:
    found = shown("Get-CsOnlineUser", teams_users=in_teams({**ADA, "upn": "ADA@contoso.com"}, **cells)).found
    assert set(found) == {(guid("Ada"), "")}
    told = found[guid("Ada"), ""]
    assert {**POLICIES, **told} == told
    assert {name: told[name] for name in expected} == expected


def test_of_two_users_with_one_sign_in_name_none_is_found() -> None:
    assert not shown("Get-CsOnlineUser", ADA, {**BOB, "upn": ADA["upn"]}, teams_users=in_teams(ADA)).found


@pytest.mark.parametrize(
    ("cmdlet", "file"), [("Get-CsOnlineUser", "teams-users.csv"), ("Get-CsOnlineVoicemailUserSettings", "teams-users.csv")]
)
def test_without_an_export_nothing_is_known(cmdlet: str, file: str) -> None:
    assert shown(cmdlet).why_unknown(guid("Ada")) == f"no {file} was supplied (--side)"


def test_voice_mail_is_told_of_accounts_by_their_object_identifier() -> None:
    header = "user | voicemail_on | prompt_language | call_answer_rule"
    told = f"{header}\n{object_id('Ada').upper()} | yes | fr-FR | RegularVoicemail\n{object_id('Bob')} | - | - | -"
    found = shown("Get-CsOnlineVoicemailUserSettings", teams_users=in_teams(ADA, BOB), teams_voicemail=told).found
    assert found == {
        (guid("Ada"), ""): {"VoicemailEnabled": True, "PromptLanguage": "fr-FR", "CallAnswerRule": "RegularVoicemail"},
        (guid("Bob"), ""): {"VoicemailEnabled": UNKNOWN, "PromptLanguage": None, "CallAnswerRule": None},
    }
