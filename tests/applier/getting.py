"""What the Get cmdlets show of an object, by the applier's own look at it: one function a cmdlet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from applier import topology
from applier.active_directory import Entry
from applier.estate import Estate, hosted
from applier.tenant import POLICIES as TEAMS_POLICIES
from applier.values import E164, FAX, MISSED_CALLS, POLICIES, SIP_URI, UNIFIED_MESSAGING, VOICE

Shown = Mapping[str, Any]


def get_cs_ad_user(estate: Estate, identity: str) -> Iterator[Shown]:
    user = estate.directory.get(identity)
    if user:
        yield {"Guid": user.guid, "SipAddress": user.one("msRTCSIP-PrimaryUserAddress"), "RegistrarPool": estate.pool_of(user)}


def get_cs_user(estate: Estate, identity: str) -> Iterator[Shown]:
    user = estate.directory.get(identity)
    if user and (user.one("msRTCSIP-PrimaryUserAddress") or user.one("msRTCSIP-UserEnabled")):
        granted = estate.granted.get(user.guid, {})
        yield {
            "Guid": user.guid,
            "SipAddress": user.one("msRTCSIP-PrimaryUserAddress"),
            "RegistrarPool": estate.pool_of(user),
            "EnterpriseVoiceEnabled": bool(user.number("msRTCSIP-OptionFlags") & VOICE),
            "LineURI": user.one("msRTCSIP-Line"),
            "HostingProvider": user.one("msRTCSIP-DeploymentLocator"),
            "HostedVoiceMail": hosted(user),
            **{name: granted.get(name) for name in POLICIES},
        }


def get_um_mailbox(estate: Estate, identity: str) -> Iterator[Shown]:
    """A policy is shown by its objectGUID: the runner looks up what Exchange shows by name."""
    user = estate.directory.get(identity)
    if user and user.one("homeMDB") and user.number("msExchUMEnabledFlags") & UNIFIED_MESSAGING:
        policy = user.one("msExchUMTemplateLink")
        yield {
            "Guid": user.guid,
            "UMMailboxPolicy": estate.directory.object(policy).guid if policy else None,
            "FaxEnabled": bool(user.number("msExchUMEnabledFlags") & FAX),
            "MissedCallNotificationEnabled": bool(user.number("msExchUMServerWritableFlags") & MISSED_CALLS),
            "SIPResourceIdentifier": _resource_identifier(estate, user),
            "Extensions": [one.split(":", 1)[1] for one in user.all("proxyAddresses") if one.lower().startswith("eum:")],
        }


def _resource_identifier(estate: Estate, user: Entry) -> str | None:
    """The primary EUM address, of a user with a UM dial plan of their own where there is such an identifier."""
    link = user.one("msExchUMRecipientDialPlanLink")
    plan = estate.directory.get(link) if link else None
    if not plan or plan.number("msExchUMDialPlanURIType") not in (SIP_URI, E164):
        return None
    primary = (one for one in user.all("proxyAddresses") if one.startswith("EUM:"))
    return next((one.removeprefix("EUM:").split(";", 1)[0] for one in primary), None)


def get_mailbox(estate: Estate, identity: str) -> Iterator[Shown]:
    user = estate.directory.get(identity)
    if user and user.one("homeMDB"):
        yield {"Guid": user.guid, "EmailAddresses": user.all("proxyAddresses")}


def get_cs_online_user(estate: Estate, identity: str) -> Iterator[Shown]:
    if guid := estate.tenant.guid(identity):
        user = estate.directory.object(guid)
        account = estate.tenant.account(user)
        yield {
            "Identity": account.object_id,
            "UserPrincipalName": account.upn,
            "LineUri": estate.tenant.line(user),
            "EnterpriseVoiceEnabled": account.voice,
            **{name: account.policies.get(name) for name in TEAMS_POLICIES},
        }


def get_cs_online_voicemail_user_settings(estate: Estate, identity: str) -> Iterator[Shown]:
    if guid := estate.tenant.guid(identity):
        yield {"VoicemailEnabled": estate.tenant.accounts[guid].voicemail, "PromptLanguage": None, "CallAnswerRule": None}


GET: Mapping[str, Callable[[Estate, str], Iterator[Shown]]] = {
    **topology.GET,
    "Get-CsAdUser": get_cs_ad_user,
    "Get-CsUser": get_cs_user,
    "Get-UMMailbox": get_um_mailbox,
    "Get-Mailbox": get_mailbox,
    "Get-CsOnlineUser": get_cs_online_user,
    "Get-CsOnlineVoicemailUserSettings": get_cs_online_voicemail_user_settings,
}
"""The Get cmdlets; an empty identity finds all, where a cmdlet is asked so."""
