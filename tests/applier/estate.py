"""What cmdlets can change: the directory, what Lync keeps beside it in a database of its own, and the tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from applier.active_directory import ActiveDirectory, Entry
from applier.tenant import Tenant


class CmdletError(Exception):
    """What a cmdlet says when it changes nothing."""


@dataclass
class Estate:
    """`policies` are the names of those that can be granted; `granted` maps users to the property and name of those they have."""

    directory: ActiveDirectory
    policies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    granted: dict[str, dict[str, str]] = field(default_factory=dict)
    tenant: Tenant = field(default_factory=Tenant)

    def user(self, identity: str) -> Entry:
        """The user with this DN or objectGUID."""
        found = self.directory.get(identity)
        if not found:
            raise CmdletError(f"{identity} was not found")
        return found

    def pool_of(self, user: Entry) -> str | None:
        """The FQDN of a user's home pool."""
        service = user.one("msRTCSIP-PrimaryHomeServer")
        pool = self.directory.get(service.split(",", 2)[2]) if service else None
        return pool.one("dNSHostName") if pool else None

    def pool_service(self, fqdn: str) -> str:
        """The DN that users of a pool are homed on."""
        pools = self.directory.find(f"(&(objectClass=msRTCSIP-Pool)(dNSHostName={fqdn}))", self.directory.configuration)
        if len(pools) != 1:
            raise CmdletError(f"there are {len(pools)} pools {fqdn}")
        return f"CN=Lc Services,CN=Microsoft,{pools[0].dn}"

    def dial_plan_of(self, user: Entry) -> Entry | None:
        """A user's UM dial plan: the user's own link, else that of the UM mailbox policy."""
        own, policy = user.one("msExchUMRecipientDialPlanLink"), user.one("msExchUMTemplateLink")
        link = own or (self.directory.object(policy).one("msExchUMMailboxPolicyDialPlanLink") if policy else None)
        return self.directory.get(link) if link else None

    def holders(self, address: str) -> set[str]:
        """The DNs of those that have a proxy address, in whatever case."""
        escaped = address.replace("\\", "\\5c").replace("(", "\\28").replace(")", "\\29").replace("*", "\\2a")
        return {one.dn for one in self.directory.find(f"(proxyAddresses={escaped})")}


def hosted(user: Entry) -> bool | None:
    """Whether hosted voice mail is on; None where it was never set."""
    settings = [one.lower() for one in user.all("msExchUCVoiceMailSettings") if one.lower().startswith("cshostedvoicemail=")]
    return settings[0].endswith("=1") if settings else None
