"""The words a finding is told in: how bad, how sure, for which target, in which wave."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How bad: the call path of a plan, pool or organization broken; a user or number that cannot work; down to inventory."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return tuple(Severity).index(self)


class Certainty(StrEnum):
    """How sure: `likely` depends on a default or on something LDAP cannot show, and says on which."""

    CERTAIN = "certain"
    LIKELY = "likely"


class Target(StrEnum):
    """What the forest is measured against."""

    UM_LYNC = "um-lync"
    SFB_CLOUD_VOICEMAIL = "sfb-cloudvoicemail"
    TEAMS_PHONE = "teams-phone"


class Wave(StrEnum):
    """What a finding does to the wave its object moves in."""

    FIX = "F"
    DECIDE = "D"
    ORGANIZATION = "O"
    BLOCK = "B"
    GATE = "G"
    PREREQUISITE = "P"
    EXCLUDE = "X"
    NONE = "-"


FINDING_COLUMNS = (
    "key",
    "rule",
    "severity",
    "certainty",
    "table",
    "guid",
    "dn",
    "identity",
    "message",
    "because",
    "remediation",
    "cmdlet",
    "wave",
    "csv",
    "waived",
    "evidence",
)
"""The columns of table `findings`: text, but for `severity` (frames.SEVERITIES), `csv` (tuple of names), `waived` (None, or a
dict of owner, reason and until) and `evidence` (dict)."""
