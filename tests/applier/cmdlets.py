"""The cmdlets that change something: one function a cmdlet, which writes what that cmdlet is known to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from applier import topology
from applier.active_directory import Entry
from applier.estate import CmdletError, Estate
from applier.tenant import Account, moved_voice
from applier.values import E164, FAX, HERE, MISSED_CALLS, ONLINE, POLICIES, SIP_URI, UNIFIED_MESSAGING, VOICE

ENHANCED_PRESENCE, PUBLIC = 256, 1
"""Bits that Enable-CsUser sets."""

FEATURES = 828
"""The features of Unified Messaging that a user has at first."""

LEFT = object()
"""Stands for a parameter that was left out."""

OF_LYNC = (
    "msRTCSIP-PrimaryUserAddress",
    "msRTCSIP-UserEnabled",
    "msRTCSIP-PrimaryHomeServer",
    "msRTCSIP-OptionFlags",
    "msRTCSIP-UserRoutingGroupId",
    "msRTCSIP-UserPolicies",
    "msRTCSIP-Line",
    "msRTCSIP-PrivateLine",
    "msRTCSIP-LineServer",
    "msRTCSIP-FederationEnabled",
    "msRTCSIP-InternetAccessEnabled",
    "msRTCSIP-ArchivingEnabled",
)
"""What Disable-CsUser takes away; msRTCSIP-DeploymentLocator stays."""


def enable_cs_user(estate: Estate, *, Identity: str, RegistrarPool: str, SipAddress: str) -> None:
    user = estate.user(Identity)
    if user.one("msRTCSIP-PrimaryUserAddress"):
        raise CmdletError(f"{Identity} is enabled already")
    if estate.directory.find(f"(msRTCSIP-PrimaryUserAddress={SipAddress})"):
        raise CmdletError(f"{SipAddress} is somebody else's")
    estate.directory.change(
        user,
        {
            "msRTCSIP-PrimaryUserAddress": [SipAddress],
            "msRTCSIP-UserEnabled": ["TRUE"],
            "msRTCSIP-PrimaryHomeServer": [estate.pool_service(RegistrarPool)],
            "msRTCSIP-DeploymentLocator": [HERE],
            "msRTCSIP-OptionFlags": [str(ENHANCED_PRESENCE | PUBLIC)],
            "msRTCSIP-UserRoutingGroupId": [b"routing group 01"],
            "proxyAddresses": [*user.all("proxyAddresses"), SipAddress],
        },
    )


def disable_cs_user(estate: Estate, *, Identity: str) -> None:
    user = estate.user(Identity)
    others = [one for one in user.all("proxyAddresses") if not one.lower().startswith("sip:")]
    estate.directory.change(user, {**dict.fromkeys(OF_LYNC, ()), "proxyAddresses": others})
    estate.granted.pop(user.guid, None)


def set_cs_user(
    estate: Estate,
    *,
    Identity: str,
    EnterpriseVoiceEnabled: Any = LEFT,
    LineURI: Any = LEFT,
    HostedVoiceMail: Any = LEFT,
) -> None:
    user = _lync_user(estate, Identity)
    changes: dict[str, list[str]] = {}
    if EnterpriseVoiceEnabled is not LEFT:
        flags = user.number("msRTCSIP-OptionFlags")
        changes["msRTCSIP-OptionFlags"] = [str(flags | VOICE if EnterpriseVoiceEnabled else flags & ~VOICE)]
    if LineURI is not LEFT:
        if LineURI and (others := estate.directory.find(f"(&(msRTCSIP-Line={LineURI})(!(cn={user.one('cn')})))")):
            raise CmdletError(f"{LineURI} is that of {others[0].dn}")
        changes["msRTCSIP-Line"] = [LineURI] if LineURI else []
    if HostedVoiceMail is not LEFT:
        applies = "HostedVoicemailPolicy" in estate.granted.get(user.guid, {})
        if applies is not bool(HostedVoiceMail) and HostedVoiceMail is not None:
            raise CmdletError("a hosted voice mail policy has to apply first" if HostedVoiceMail else "a policy still applies")
        others_ = [one for one in user.all("msExchUCVoiceMailSettings") if not one.lower().startswith("cshostedvoicemail=")]
        told = [] if HostedVoiceMail is None else [f"CsHostedVoiceMail={int(HostedVoiceMail)}"]
        changes["msExchUCVoiceMailSettings"] = [*others_, *told]
    estate.directory.change(user, changes)


def _lync_user(estate: Estate, identity: str) -> Entry:
    user = estate.user(identity)
    if not user.one("msRTCSIP-PrimaryUserAddress"):
        raise CmdletError(f"{identity} is not enabled")
    return user


def _grant(kind: str) -> Callable[..., None]:
    def grant(estate: Estate, *, Identity: str, PolicyName: str | None) -> None:
        user = _lync_user(estate, Identity)
        if PolicyName is not None and PolicyName not in estate.policies[kind]:
            raise CmdletError(f"there is no {kind} {PolicyName}")
        others = [one for one in user.all("msRTCSIP-UserPolicies") if not one.startswith(f"{POLICIES[kind]}=")]
        granted = estate.granted.setdefault(user.guid, {})
        granted.pop(kind, None)
        if PolicyName is not None:
            granted[kind] = PolicyName
            others.append(f"{POLICIES[kind]}={estate.policies[kind].index(PolicyName) + 1}")
        estate.directory.change(user, {"msRTCSIP-UserPolicies": others})

    return grant


def enable_um_mailbox(
    estate: Estate,
    *,
    Identity: str,
    UMMailboxPolicy: str,
    Extensions: Sequence[str] = (),
    SIPResourceIdentifier: str | None = None,
    PINExpired: bool = True,
    NotifyEmail: str = "",
) -> None:
    """Refuses a mailbox that is enabled, and addresses that are not the plan's or somebody else's. The PIN is in the mailbox."""
    assert not NotifyEmail
    user, policy = estate.user(Identity), estate.directory.object(UMMailboxPolicy)
    flags = user.number("msExchUMEnabledFlags")
    if not user.one("homeMDB") or flags & UNIFIED_MESSAGING:
        raise CmdletError(f"{Identity} has no mailbox, or is enabled already")
    link = policy.one("msExchUMMailboxPolicyDialPlanLink")
    plan = estate.directory.get(link) if link else None
    if not plan or not Extensions:
        raise CmdletError(f"{policy.dn} leads to no UM dial plan, or the telephone number would be taken for the extension")
    digits, context = plan.number("msExchUMNumberingPlanDigits"), plan.one("msExchUMPhoneContext")
    if wrong := [one for one in Extensions if len(one) != digits]:
        raise CmdletError(f"{wrong} have not {digits} digits")
    named = plan.number("msExchUMDialPlanURIType") in (SIP_URI, E164)
    if named != bool(SIPResourceIdentifier):
        raise CmdletError("a SIP URI or E.164 dial plan needs an identifier, and no other takes one")
    first, *others = [SIPResourceIdentifier, *Extensions] if named else Extensions
    addresses = [f"EUM:{first};phone-context={context}", *(f"eum:{one};phone-context={context}" for one in others)]
    if taken := {holder for one in addresses for holder in estate.holders(one)} - {user.dn}:
        raise CmdletError(f"an address is that of {taken}")
    estate.directory.change(
        user,
        {
            "msExchUMEnabledFlags": [str((flags or FEATURES) | UNIFIED_MESSAGING)],
            "msExchUMRecipientDialPlanLink": [plan.dn],
            "msExchUMTemplateLink": [policy.dn],
            "msExchUMServerWritableFlags": [user.one("msExchUMServerWritableFlags") or str(MISSED_CALLS)],
            "msExchUMListInDirectorySearch": ["1"],
            "msExchUMDtmfMap": user.all("msExchUMDtmfMap") or ["emailAddress:222"],
            "msExchUMPinChecksum": [b"PIN " + str(PINExpired).encode()],
            "msExchUCVoiceMailSettings": [],
            "proxyAddresses": [*_without_eum(user), *addresses],
        },
    )


def _without_eum(user: Entry) -> list[str]:
    return [one for one in user.all("proxyAddresses") if not one.lower().startswith("eum:")]


def disable_um_mailbox(estate: Estate, *, Identity: str, KeepProperties: bool) -> None:
    user = _um_user(estate, Identity)
    kept = user.number("msExchUMEnabledFlags") & ~UNIFIED_MESSAGING
    estate.directory.change(
        user,
        {
            "msExchUMEnabledFlags": [str(kept if KeepProperties else 0)],
            "msExchUMRecipientDialPlanLink": [],
            "msExchUMTemplateLink": [],
            "msExchUMPinChecksum": [],
            "msExchUCVoiceMailSettings": [],
            "proxyAddresses": _without_eum(user),
        },
    )


def _um_user(estate: Estate, identity: str) -> Entry:
    user = estate.user(identity)
    if not user.number("msExchUMEnabledFlags") & UNIFIED_MESSAGING:
        raise CmdletError(f"{identity} is not enabled for Unified Messaging")
    return user


def set_um_mailbox(
    estate: Estate,
    *,
    Identity: str,
    UMMailboxPolicy: Any = LEFT,
    FaxEnabled: Any = LEFT,
    MissedCallNotificationEnabled: Any = LEFT,
) -> None:
    user = _um_user(estate, Identity)
    changes: dict[str, list[str]] = {}
    if UMMailboxPolicy is not LEFT:
        policy, plan = estate.directory.object(UMMailboxPolicy), estate.dial_plan_of(user)
        if not plan or policy.one("msExchUMMailboxPolicyDialPlanLink") != plan.dn:
            raise CmdletError(f"{policy.dn} is of another UM dial plan")
        changes["msExchUMTemplateLink"] = [policy.dn]
    for parameter, attribute, bit in (
        (FaxEnabled, "msExchUMEnabledFlags", FAX),
        (MissedCallNotificationEnabled, "msExchUMServerWritableFlags", MISSED_CALLS),
    ):
        if parameter is not LEFT:
            flags = user.number(attribute)
            changes[attribute] = [str(flags | bit if parameter else flags & ~bit)]
    estate.directory.change(user, changes)


def set_mailbox(estate: Estate, *, Identity: str, EmailAddresses: Mapping[str, Sequence[str]]) -> None:
    """The addresses it removes go first; one that is there in another case is another one, and one that is not there no error."""
    user = estate.user(Identity)
    added = EmailAddresses.get("Add", ())
    if taken := {holder for one in added for holder in estate.holders(one)} - {user.dn}:
        raise CmdletError(f"an address is that of {taken}")
    left = [one for one in user.all("proxyAddresses") if one not in EmailAddresses.get("Remove", ())]
    left += [one for one in added if one not in left]
    if len([one for one in left if one.startswith("SMTP:")]) != 1:
        raise CmdletError("there has to be one primary e-mail address")
    estate.directory.change(user, {"proxyAddresses": left})


def move_cs_user(estate: Estate, *, Identity: str, Target: str) -> None:
    """To a pool, or to Teams: whether the home pool stays in the directory then is not known; here it does not."""
    user = _lync_user(estate, Identity)
    home = [] if Target == ONLINE else [estate.pool_service(Target)]
    locator = ONLINE if Target == ONLINE else HERE
    estate.directory.change(user, {"msRTCSIP-DeploymentLocator": [locator], "msRTCSIP-PrimaryHomeServer": home})
    estate.tenant.account(user).voice = moved_voice(estate.user(Identity))


def set_cs_phone_number_assignment(
    estate: Estate,
    *,
    Identity: str,
    PhoneNumber: str = "",
    PhoneNumberType: str = "",
    LocationId: str = "",
    EnterpriseVoiceEnabled: bool | None = None,
) -> None:
    """Refuses a number while one is synchronized from the directory, and one that somebody else has."""
    user, account = _online_user(estate, Identity)
    if EnterpriseVoiceEnabled is not None:
        account.voice = EnterpriseVoiceEnabled
        return
    if user.one("msRTCSIP-Line"):
        raise CmdletError("the number is synchronized from the directory")
    line = f"tel:{PhoneNumber}"
    if any(other.line == line and other is not account for other in estate.tenant.accounts.values()):
        raise CmdletError(f"{PhoneNumber} is somebody else's")
    account.line, account.line_type, account.voice = line, PhoneNumberType, True


def remove_cs_phone_number_assignment(estate: Estate, *, Identity: str, PhoneNumber: str, PhoneNumberType: str) -> None:
    _, account = _online_user(estate, Identity)
    if (account.line, account.line_type) != (f"tel:{PhoneNumber}", PhoneNumberType):
        raise CmdletError(f"{PhoneNumber} is not assigned")
    account.line, account.line_type, account.voice = None, "", False


def set_cs_online_voicemail_user_settings(
    estate: Estate, *, Identity: str, VoicemailEnabled: bool, PromptLanguage: str = "", CallAnswerRule: str = ""
) -> None:
    _, account = _online_user(estate, Identity)
    assert not PromptLanguage
    assert not CallAnswerRule
    account.voicemail = VoicemailEnabled


def _online_user(estate: Estate, identity: str) -> tuple[Entry, Account]:
    user, account = _tenant_user(estate, identity)
    if user.one("msRTCSIP-DeploymentLocator") != ONLINE:
        raise CmdletError(f"{identity} is not homed online")
    return user, account


def _tenant_user(estate: Estate, identity: str) -> tuple[Entry, Account]:
    guid = estate.tenant.guid(identity)
    if not guid:
        raise CmdletError(f"{identity} was not found")
    return estate.directory.object(guid), estate.tenant.accounts[guid]


def _grant_in_teams(kind: str) -> Callable[..., None]:
    def grant(estate: Estate, *, Identity: str, PolicyName: str | None) -> None:
        user, account = _tenant_user(estate, Identity)
        if kind == "TeamsUpgradePolicy" and user.one("msRTCSIP-UserEnabled"):
            raise CmdletError(f"{Identity} is enabled on-premises")
        account.policies.pop(kind, None)
        if PolicyName is not None:
            account.policies[kind] = PolicyName

    return grant


CMDLETS: Mapping[str, Callable[..., None]] = {
    **topology.CMDLETS,
    "Enable-CsUser": enable_cs_user,
    "Disable-CsUser": disable_cs_user,
    "Set-CsUser": set_cs_user,
    "Grant-CsDialPlan": _grant("DialPlan"),
    "Grant-CsVoicePolicy": _grant("VoicePolicy"),
    "Grant-CsHostedVoicemailPolicy": _grant("HostedVoicemailPolicy"),
    "Enable-UMMailbox": enable_um_mailbox,
    "Disable-UMMailbox": disable_um_mailbox,
    "Set-UMMailbox": set_um_mailbox,
    "Set-Mailbox": set_mailbox,
    "Move-CsUser": move_cs_user,
    "Set-CsPhoneNumberAssignment": set_cs_phone_number_assignment,
    "Remove-CsPhoneNumberAssignment": remove_cs_phone_number_assignment,
    "Set-CsOnlineVoicemailUserSettings": set_cs_online_voicemail_user_settings,
    "Grant-CsOnlineVoiceRoutingPolicy": _grant_in_teams("OnlineVoiceRoutingPolicy"),
    "Grant-CsTenantDialPlan": _grant_in_teams("TenantDialPlan"),
    "Grant-CsTeamsCallingPolicy": _grant_in_teams("TeamsCallingPolicy"),
    "Grant-CsTeamsUpgradePolicy": _grant_in_teams("TeamsUpgradePolicy"),
}
