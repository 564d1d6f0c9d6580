"""The side inputs that an administrator would export: what Lync keeps beside the directory, and what the tenant says."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from applier.active_directory import Entry
from applier.estate import Estate
from applier.getting import GET
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
    people = estate.directory.find("(&(objectClass=user)(userPrincipalName=*))")
    _write(folder / "teams-users.csv", OF_TEAMS, [_in_teams(estate, user) for user in people])
    return folder


OF_TEAMS = (
    *("Identity", "UserPrincipalName", "SipAddress", "LineUri", "EnterpriseVoiceEnabled", "HostingProvider"),
    "InterpretedUserType",
)


def _in_teams(estate: Estate, user: Entry) -> Mapping[str, object]:
    return {
        "Identity": estate.tenant.account(user).object_id,
        "UserPrincipalName": user.one("userPrincipalName"),
        "SipAddress": user.one("msRTCSIP-PrimaryUserAddress"),
        "LineUri": estate.tenant.line(user),
        "EnterpriseVoiceEnabled": estate.tenant.voice(user),
        "HostingProvider": home(user),
        "InterpretedUserType": kind(user),
    }


def _tagged(estate: Estate, kind: str) -> list[str]:
    return [f"Tag:{name}" for name in estate.policies[kind]]


def _write(path: Path, header: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, header, quoting=csv.QUOTE_ALL, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
