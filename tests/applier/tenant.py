"""A tenant of Microsoft 365, as far as Teams cmdlets change it: users as they are synchronized, and their numbers."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field

from applier.active_directory import Entry
from applier.values import HERE, ONLINE, VOICE

NAMESPACE = uuid.UUID("5c0f3b52-0000-4000-8000-00000000000f")


@dataclass
class Account:
    """A user there: `line` is a number that Teams itself assigned, `policies` are names by the property that shows them."""

    object_id: str
    voice: bool = False
    line: str | None = None
    policies: dict[str, str] = field(default_factory=dict)


@dataclass
class Tenant:
    """Accounts by the objectGUID of the user that was synchronized; whoever is asked for is there."""

    accounts: dict[str, Account] = field(default_factory=dict)

    def account(self, user: Entry) -> Account:
        """The account of a user, made at the first look at it."""
        return self.accounts.setdefault(user.guid, Account(str(uuid.uuid5(NAMESPACE, user.guid))))

    def line(self, user: Entry) -> str | None:
        """The number in the cloud: that of the directory, as long as one is there that is a number."""
        line = user.one("msRTCSIP-Line") or ""
        return line if re.fullmatch(r"tel:\+[0-9]+(;ext=[0-9]+)?", line) else self.account(user).line

    def voice(self, user: Entry) -> bool:
        """Enterprise Voice in the cloud: taken over with the move of a user who had it."""
        return self.account(user).voice or (home(user) == ONLINE and bool(user.number("msRTCSIP-OptionFlags") & VOICE))


def home(user: Entry) -> str | None:
    """Where the cloud says a user is homed: nowhere, before there is a SIP address."""
    return user.one("msRTCSIP-DeploymentLocator") if user.one("msRTCSIP-PrimaryUserAddress") else None


def kind(user: Entry) -> str:
    """How the cloud classifies a user."""
    return {None: "DirSyncNoService", HERE: "HybridOnprem"}.get(home(user), "HybridOnline")
