"""A tenant of Microsoft 365, as far as Teams cmdlets change it: users as they are synchronized, and their numbers."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field

from applier.active_directory import Entry
from applier.values import HERE, ONLINE, VOICE

NAMESPACE = uuid.UUID("5c0f3b52-0000-4000-8000-00000000000f")

POLICIES = ("OnlineVoiceRoutingPolicy", "TenantDialPlan", "TeamsCallingPolicy", "TeamsUpgradePolicy")
"""Properties of Get-CsOnlineUser that show what was granted."""


@dataclass
class Account:
    """A user there: `line` is a number that Teams itself assigned, with its type, `policies` are names by the property."""

    object_id: str
    upn: str
    voice: bool
    line: str | None = None
    line_type: str = ""
    policies: dict[str, str] = field(default_factory=dict)
    voicemail: bool = False


@dataclass
class Tenant:
    """Accounts by the objectGUID of the user that was synchronized; whoever is asked for is there."""

    accounts: dict[str, Account] = field(default_factory=dict)

    def account(self, user: Entry) -> Account:
        """The account of a user, made at the first look at it."""
        if user.guid not in self.accounts:
            object_id = str(uuid.uuid5(NAMESPACE, user.guid))
            self.accounts[user.guid] = Account(object_id, user.one("userPrincipalName") or "", moved_voice(user))
        return self.accounts[user.guid]

    def guid(self, identity: str) -> str | None:
        """The objectGUID of the user with this object identifier or sign-in name."""
        key = identity.lower()
        return next((guid for guid, one in self.accounts.items() if key in (one.object_id, one.upn.lower())), None)

    def line(self, user: Entry) -> str | None:
        """The number in the cloud: that of the directory, as long as one is there that is a number."""
        line = user.one("msRTCSIP-Line") or ""
        return line if re.fullmatch(r"tel:\+[0-9]+(;ext=[0-9]+)?", line) else self.account(user).line


def moved_voice(user: Entry) -> bool:
    """Enterprise Voice as the move takes it over."""
    return home(user) == ONLINE and bool(user.number("msRTCSIP-OptionFlags") & VOICE)


def home(user: Entry) -> str | None:
    """Where the cloud says a user is homed: nowhere, before there is a SIP address."""
    return user.one("msRTCSIP-DeploymentLocator") if user.one("msRTCSIP-PrimaryUserAddress") else None


def kind(user: Entry) -> str:
    """How the cloud classifies a user."""
    return {"": "DirSyncNoService", HERE: "HybridOnprem"}.get((home(user) or "").upper(), "HybridOnline")
