"""Users beside what other systems say of them: Lync's own view, the tenant's accounts, and Teams' view."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect import distinguished_name
from adinspect.derived import derived
from adinspect.profile import SignIn

OBJECT = ["guid", "dn", "identity"]


@derived
def lync_users(
    users: Annotated[DataFrame, "enterprise_voice"],
    cs_users: Annotated[DataFrame, "user", "dial_plan", "voice_policy", "hosted_voice_mail", "hosted_voice_mail_policy"],
) -> DataFrame:
    """One row for each user of whom Lync told (`cs_users`), found by DN.

    `enterprise_voice` is the directory's; `dial_plan`, `voice_policy` and `hosted_voice_mail_policy` are what was granted to the
    user, else missing; `hosted_voice_mail` (true, false or missing) is Lync's.
    """
    columns = ["dial_plan", "voice_policy", "hosted_voice_mail", "hosted_voice_mail_policy"]
    told = cs_users[columns].assign(key=distinguished_name.keys(cs_users["user"]))
    mine = users[[*OBJECT, "enterprise_voice"]].assign(key=distinguished_name.keys(users["dn"]))
    return mine.merge(told.drop_duplicates("key", keep=False), on="key").drop(columns="key")


@derived
def tenant_users(
    users: Annotated[DataFrame, "upn", "mail", "enterprise_voice"],
    m365_users: Annotated[DataFrame, "upn", "usage_location", "plans"],
    sign_in: SignIn,
) -> DataFrame:
    """One row for each user with an account in the tenant: one account, and no other user, has the user's sign-in name.

    `enterprise_voice` is the directory's; `usage_location` and `plans` (identifiers of service plans, | between) the tenant's.
    """
    told = m365_users[["usage_location", "plans"]].assign(key=m365_users["upn"].str.lower())
    return _joined(users, ["enterprise_voice"], told, sign_in)


@derived
def teams_homes(
    users: Annotated[DataFrame, "upn", "mail", "enterprise_voice", "line_uri", "deployment_locator?"],
    teams_users: Annotated[
        DataFrame,
        "user",
        "upn",
        "line_uri",
        "enterprise_voice",
        "hosting_provider",
        "interpreted_type",
        "routing_policy",
        "tenant_dial_plan",
        "calling_policy",
        "upgrade_policy",
        "upgrade_mode",
    ],
    sign_in: SignIn,
) -> DataFrame:
    """One row for each user whom Teams knows, found like those of `tenant_users`.

    `enterprise_voice`, `line_uri` and `deployment_locator` are the directory's, `teams_line`, `teams_voice` (true, false or
    missing), `teams_home` and `teams_type` (how the cloud classifies the user), `teams_routing_policy`, `teams_dial_plan`,
    `teams_calling_policy`, `teams_upgrade_policy` and `teams_mode` the cloud's; `teams_user` is the object identifier there.
    """
    renamed = {
        "line_uri": "teams_line",
        "enterprise_voice": "teams_voice",
        "hosting_provider": "teams_home",
        "interpreted_type": "teams_type",
        "user": "teams_user",
        "routing_policy": "teams_routing_policy",
        "tenant_dial_plan": "teams_dial_plan",
        "calling_policy": "teams_calling_policy",
        "upgrade_policy": "teams_upgrade_policy",
        "upgrade_mode": "teams_mode",
    }
    told = teams_users[list(renamed)].rename(columns=renamed).assign(key=teams_users["upn"].str.lower())
    return _joined(users, ["enterprise_voice", "line_uri", "deployment_locator"], told, sign_in)


@derived
def teams_voicemails(
    teams_homes: Annotated[DataFrame, "teams_user"],
    teams_voicemail: Annotated[DataFrame, "user", "voicemail_on", "prompt_language", "call_answer_rule"],
) -> DataFrame:
    """One row for each user of `teams_homes` of whose Cloud Voicemail the tenant told: `voicemail_on` and the settings."""
    columns = ["voicemail_on", "prompt_language", "call_answer_rule"]
    told = teams_voicemail[columns].assign(key=teams_voicemail["user"].str.lower())
    mine = teams_homes[OBJECT].assign(key=teams_homes["teams_user"].str.lower())
    return mine.merge(told, on="key").drop(columns="key")


def _joined(users: DataFrame, columns: list[str], told: DataFrame, sign_in: SignIn) -> DataFrame:
    names: dict[SignIn, Series] = {SignIn.UPN: users["upn"], SignIn.MAIL: users["mail"]}
    # whose account a shared name is, nobody can tell: no row is better than another's; the tenant allows no name twice
    mine = users[[*OBJECT, *columns]].assign(key=names[sign_in].str.lower()).dropna(subset="key")
    accounts = told.dropna(subset="key").drop_duplicates("key", keep=False)
    return mine.drop_duplicates("key", keep=False).merge(accounts, on="key").drop(columns="key")
