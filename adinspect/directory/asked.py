"""Which attributes an export shows to have been asked for: only of those is an attribute that an entry lacks absent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

SHOWN_BY_ALL = frozenset({"instancetype", "usncreated"})
"""Attributes that every object has and nobody lists by hand: an export that shows them was made of all attributes."""

_CONSTRUCTED = """
    allowedAttributes allowedAttributesEffective allowedChildClasses allowedChildClassesEffective canonicalName createTimeStamp
    entryTTL fromEntry modifyTimeStamp parentGUID possibleInferiors primaryGroupToken sDRightsEffective structuralObjectClass
    subSchemaSubEntry tokenGroups tokenGroupsGlobalAndUniversal tokenGroupsNoGCAcceptable
    msDS-Approx-Immed-Subordinates msDS-Auxiliary-Classes msDS-IsDomainFor msDS-IsFullReplicaFor msDS-isGC
    msDS-IsPartialReplicaFor msDS-isRODC msDS-IsUserCachableAtRodc msDS-KeyVersionNumber msDS-LocalEffectiveDeletionTime
    msDS-LocalEffectiveRecycleTime msDS-ManagedPassword msDS-memberOfTransitive msDS-memberTransitive msDS-NCReplCursors
    msDS-NCReplInboundNeighbors msDS-NCReplOutboundNeighbors msDS-parentdistname msDS-PrincipalName msDS-QuotaEffective
    msDS-QuotaUsed msDS-ReplAttributeMetaData msDS-ReplValueMetaData msDS-ResultantPSO msDS-RevealedList msDS-SiteName
    msDS-TokenGroupNames msDS-TokenGroupNamesGlobalAndUniversal msDS-TokenGroupNamesNoGCAcceptable msDS-TopQuotaUsage
    msDS-User-Account-Control-Computed ms-DS-UserAccountAutoLocked msDS-UserPasswordExpired
    msDS-UserPasswordExpiryTimeComputed
"""
_BACK_LINKS = "directReports isPrivilegeHolder managedObjects masteredBy memberOf"

ONLY_BY_NAME = frozenset(f"{_CONSTRUCTED} {_BACK_LINKS} nTSecurityDescriptor".lower().split())
"""What an export of all attributes may lack: constructed ones ([MS-ADTS] 3.1.1.4.5), back links and access lists."""


@dataclass(eq=False)
class Export:
    """The entries of one naming context that came of one search, as far as they tell what it asked for (names lower-cased).

    `requested` is what ldapsearch says of it; `shown` what any of the entries shows; `classed` counts the entries that
    show their class, `full` those of them that show SHOWN_BY_ALL too.
    """

    requested: frozenset[str]
    shown: set[str] = field(default_factory=set)
    classed: int = 0
    full: int = 0

    def add(self, names: Collection[str]) -> None:
        """Take note of an entry that shows these attributes.

        One that does not even show its class tells nothing: the account that made the export may not read it.
        """
        self.shown.update(names)
        if "objectclass" in names:
            self.classed += 1
            self.full += set(names) >= SHOWN_BY_ALL

    def asked(self, attribute: str) -> bool:
        """Whether the search is known to have asked for an attribute."""
        if attribute in self.shown or attribute in self.requested:
            return True
        everything = bool(self.requested & {"all", "*"}) or 0 < self.classed == self.full
        return everything and attribute not in ONLY_BY_NAME and not attribute.endswith("bl")
