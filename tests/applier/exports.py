"""The side inputs that an administrator would export: what Lync keeps beside the directory, and what the tenant says."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from applier.active_directory import Entry
from applier.estate import Estate
from applier.getting import GET
from applier.tenant import POLICIES as TEAMS_POLICIES
from applier.tenant import home, kind
from applier.values import POLICIES

CLOUD_VOICEMAIL = "exap.um.outlook.com"

OF_USERS = (
    *("Identity", "SamAccountName", "UserPrincipalName", "SipAddress", "Enabled", "EnterpriseVoiceEnabled", "LineURI"),
    *("PrivateLine", *POLICIES, "HostedVoiceMail", "RegistrarPool", "HostingProvider"),
)


def write(estate: Estate, folder: Path) -> Path:
    """Export everything into a folder, in the place of what is there."""
    folder.mkdir(exist_ok=True)
    users = estate.directory.find("(msRTCSIP-PrimaryUserAddress=*)")
    shown = [(user, next(GET["Get-CsUser"](estate, user.dn))) for user in users if user.one("sAMAccountName")]
    rows = [
        {
            **one,
            "Identity": user.dn,
            "SamAccountName": user.one("sAMAccountName"),
            "UserPrincipalName": user.one("userPrincipalName"),
            "Enabled": user.one("msRTCSIP-UserEnabled") == "TRUE",
            "PrivateLine": user.one("msRTCSIP-PrivateLine"),
            "HostingProvider": user.one("msRTCSIP-DeploymentLocator"),
        }
        for user, one in shown
    ]
    _write(folder / "cs-users.csv", OF_USERS, rows)
    _write(
        folder / "cs-dialplans.csv",
        ("Identity", "SimpleName", "DialinConferencingRegion", "Rules"),
        [{"Identity": scope, "Rules": 1} for scope in ("Global", *_tagged(estate, "DialPlan"))],
    )
    _write(
        folder / "cs-voicepolicies.csv",
        ("Identity", "PstnUsages"),
        [{"Identity": scope, "PstnUsages": "Local"} for scope in ("Global", *_tagged(estate, "VoicePolicy"))],
    )
    _write(
        folder / "cs-hostedvm.csv",
        ("Identity", "Destination", "Organization"),
        [{"Identity": "Global"}]
        + [
            {"Identity": scope, "Destination": CLOUD_VOICEMAIL, "Organization": "contoso.onmicrosoft.com"}
            for scope in _tagged(estate, "HostedVoicemailPolicy")
        ],
    )
    _write(
        folder / "ex-certs.csv",
        ("Server", "Thumbprint", "Subject", "San", "Issuer", "NotAfter", "Services", "IsSelfSigned"),
        [_certificate(server) for server in ("EX13", "EX16A", "EX16B")],
    )
    _write_tenant(estate, folder)
    return folder


def _certificate(server: str) -> Mapping[str, object]:
    name = f"{server.lower()}.contoso.com"
    whose = {"Server": server, "Thumbprint": f"{server:0>40}", "Subject": f"CN={name}", "San": name}
    return {**whose, "Issuer": "CN=Contoso Root CA", "NotAfter": "2099-01-01T00:00:00Z", "Services": "UM", "IsSelfSigned": False}


OF_TEAMS = (
    *("Identity", "UserPrincipalName", "SipAddress", "LineUri", "EnterpriseVoiceEnabled", "HostingProvider"),
    *("InterpretedUserType", *TEAMS_POLICIES, "TeamsUpgradeEffectiveMode"),
)


def _write_tenant(estate: Estate, folder: Path) -> None:
    people = estate.directory.find("(&(objectClass=user)(userPrincipalName=*))")
    accounts = [estate.tenant.account(user) for user in people]
    _write(folder / "teams-users.csv", OF_TEAMS, [_in_teams(estate, user) for user in people])
    _write(
        folder / "m365-users.csv",
        ("Id", "UserPrincipalName", "UsageLocation", "Plans"),
        [{"Id": one.object_id, "UserPrincipalName": one.upn, "UsageLocation": "US", "Plans": PLANS} for one in accounts],
    )
    _write(
        folder / "teams-numbers.csv",
        ("TelephoneNumber", "NumberType", "PstnAssignmentStatus", "AssignedPstnTargetId", "LocationId"),
        [
            {
                "TelephoneNumber": one.line.removeprefix("tel:"),
                "NumberType": one.line_type,
                "PstnAssignmentStatus": "UserAssigned",
                "AssignedPstnTargetId": one.object_id,
            }
            for one in accounts
            if one.line
        ],
    )
    _write(
        folder / "teams-voicemail.csv",
        ("User", "VoicemailEnabled", "PromptLanguage", "CallAnswerRule"),
        [{"User": one.object_id, "VoicemailEnabled": one.voicemail} for one in accounts if one.voice],
    )
    _write(folder / "tenant-domains.csv", ("Id", "IsVerified"), [{"Id": one, "IsVerified": True} for one in DOMAINS])
    _write(
        folder / "cs-serverversion.csv",
        ("Computer", "ComponentName", "Version"),
        [
            {
                "Computer": "fe01.contoso.com",
                "ComponentName": "Skype for Business Server 2019, Core Components",
                "Version": "7.0.2046.530",
            }
        ],
    )


CORE = "Skype for Business Server 2019, Core Components"

DOMAINS = ("contoso.com", "fabrikam.com", "northwind.example")

PLANS = "57ff2da0-773e-42df-b2af-ffb7a2317929|4828c8ec-dc2e-4779-b502-87ac9ce28ab7"
"""The service plans of Teams and of a telephone there (Microsoft, "Product names and service plan identifiers")."""


def _in_teams(estate: Estate, user: Entry) -> Mapping[str, object]:
    account = estate.tenant.account(user)
    return {
        "Identity": account.object_id,
        "UserPrincipalName": account.upn,
        "SipAddress": user.one("msRTCSIP-PrimaryUserAddress"),
        "LineUri": estate.tenant.line(user),
        "EnterpriseVoiceEnabled": account.voice,
        "HostingProvider": home(user),
        "InterpretedUserType": kind(user),
        **account.policies,
        "TeamsUpgradeEffectiveMode": "TeamsOnly" if "TeamsUpgradePolicy" in account.policies else "Islands",
    }


def _tagged(estate: Estate, kind: str) -> list[str]:
    return [f"Tag:{name}" for name in estate.policies[kind]]


def _write(path: Path, header: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, header, quoting=csv.QUOTE_ALL, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
