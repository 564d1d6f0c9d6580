"""What the Get cmdlets of Microsoft Teams would show of users, as the exports of the tenant tell."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect.readings import reads
from adinspect.step import UNKNOWN

POLICIES = {
    "OnlineVoiceRoutingPolicy": "teams_routing_policy",
    "TenantDialPlan": "teams_dial_plan",
    "TeamsCallingPolicy": "teams_calling_policy",
    "TeamsUpgradePolicy": "teams_upgrade_policy",
}
"""What Get-CsOnlineUser calls each policy, and the column of `teams_homes` that has it."""


@reads("Get-CsOnlineUser")
def get_cs_online_user(
    teams_homes: Annotated[
        DataFrame,
        "teams_line",
        "teams_voice",
        "teams_routing_policy",
        "teams_dial_plan",
        "teams_calling_policy",
        "teams_upgrade_policy",
    ],
) -> DataFrame:
    """Every user whom Teams knows by the sign-in name: line, Enterprise Voice, and the policies that are in force."""
    return teams_homes[["guid"]].assign(
        LineUri=teams_homes["teams_line"],
        EnterpriseVoiceEnabled=_known(teams_homes["teams_voice"]),
        **{name: teams_homes[column] for name, column in POLICIES.items()},
    )


@reads("Get-CsOnlineVoicemailUserSettings")
def get_cs_online_voicemail_user_settings(
    teams_voicemails: Annotated[DataFrame, "voicemail_on", "prompt_language", "call_answer_rule"],
) -> DataFrame:
    """Every user of whom the export tells: whether Cloud Voicemail is on, in which language it speaks, and how it answers."""
    return teams_voicemails[["guid"]].assign(
        VoicemailEnabled=_known(teams_voicemails["voicemail_on"]),
        PromptLanguage=teams_voicemails["prompt_language"],
        CallAnswerRule=teams_voicemails["call_answer_rule"],
    )


def _known(truths: Series) -> Series:
    """True and False, and UNKNOWN where the export left the cell empty."""
    return truths.astype(object).where(truths.notna(), UNKNOWN)
