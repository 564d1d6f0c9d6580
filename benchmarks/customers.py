"""Users as customers have them before a target is reached: in order, but for a share that a first plan is about.

For `um-lync` everybody is in Lync and in Exchange UM, with the policies of the site; each of the share has one to three faults.
For `sfb-cloudvoicemail` and `teams-phone` the others were moved in earlier waves, and the share is the next one: still in
Exchange UM; out of it and still homed on-premises, or moved without the number. What Lync and Teams would export of everybody
goes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from uuid import UUID

from forest import BUILDINGS, Entry, people

from adinspect.finding import Target

POOL, ONLINE = "pool1.contoso.example", "sipfed.online.lync.com"

SITES = {"Paris": range(13), "Redmond": range(13, 26), "London": range(26, BUILDINGS)}
"""The buildings of each site."""


@dataclass
class Customer:
    """A user: what the directory holds (attributes by name), and what Lync and Teams show beside it (columns of side tables)."""

    dn: str
    entry: dict[str, list[bytes]]
    lync: dict[str, str]
    teams: dict[str, str]

    def text(self, name: str) -> str:
        """The first value of an attribute."""
        return self.entry[name][0].decode() if name in self.entry else ""

    def without(self, *beginnings: str) -> None:
        """Take away the attributes whose names begin so."""
        for name in [name for name in self.entry if name.startswith(beginnings)]:
            del self.entry[name]

    def put(self, **values: str) -> None:
        """Give attributes of Lync another value."""
        self.entry |= {f"msRTCSIP-{name}": [value.encode()] for name, value in values.items()}

    def respell(self, change: Callable[[str], str]) -> None:
        """Give proxy addresses another text; an empty one goes."""
        told = (change(address.decode()) for address in self.entry["proxyAddresses"])
        self.entry["proxyAddresses"] = [address.encode() for address in told if address]

    def leave_lync(self) -> None:
        """No SIP address and nothing else of Lync."""
        self.without("msRTCSIP-")
        self.respell(lambda address: "" if address.startswith("sip:") else address)

    def leave_um(self) -> None:
        """Not enabled for Exchange UM."""
        self.without("msExchUM")
        self.respell(lambda address: "" if address.casefold().startswith("eum:") else address)

    def leave_enterprise_voice(self) -> None:
        """In Lync, without voice and number."""
        if "msRTCSIP-OptionFlags" in self.entry:
            self.put(OptionFlags="257")
            self.without("msRTCSIP-Line")

    def misdial(self) -> None:
        """Another extension on the line than in Exchange UM."""
        if "msRTCSIP-Line" in self.entry:
            self.put(Line=self.text("msRTCSIP-Line").replace(";ext=", ";ext=9"))

    def misspell(self) -> None:
        """An EUM address with another SIP address than the user's."""
        self.respell(lambda address: address.replace("@contoso.example;", "@fabrikam.example;"))

    def hide(self) -> None:
        """A character that cannot be seen in the telephone number."""
        self.entry["telephoneNumber"] = [self.text("telephoneNumber").encode() + "\N{ZERO WIDTH SPACE}".encode()]

    def fax(self) -> None:
        """May receive faxes."""
        if "msExchUMEnabledFlags" in self.entry:
            self.entry["msExchUMEnabledFlags"] = [b"831"]

    def lose_policies(self) -> None:
        """Without the policies of the site."""
        self.lync.update(dial_plan="", voice_policy="")

    def stay_in_um(self) -> None:
        """Voice mail in Exchange UM still."""
        self.lync.update(hosted_voice_mail_policy="")

    def move_voice_mail(self) -> None:
        """Voice mail in the cloud."""
        self.leave_um()
        self.entry["msExchUCVoiceMailSettings"] = [b"ExchangeHostedVoiceMail=0", b"CsHostedVoiceMail=1"]

    def move(self) -> None:
        """Homed online, the number assigned there."""
        self.leave_um()
        self.put(DeploymentLocator=ONLINE)
        line = self.text("msRTCSIP-Line")
        self.without("msRTCSIP-Line", "msRTCSIP-PrimaryHomeServer")
        self.teams.update(hosting_provider=ONLINE, line_uri=line, enterprise_voice="True", upgrade_mode="TeamsOnly")

    def forget_number(self) -> None:
        """Homed online, the number still in the directory."""
        line = self.entry["msRTCSIP-Line"]
        self.move()
        self.entry["msRTCSIP-Line"] = line
        self.teams.update(line_uri="")

    def wait_to_move(self) -> None:
        """Homed on-premises, without policies in Teams; Exchange UM, which nobody takes along, was left."""
        self.leave_um()
        self.teams.update(routing_policy="", tenant_dial_plan="", calling_policy="")


FAULTS: Mapping[Target, tuple[Callable[[Customer], None], ...]] = {
    Target.UM_LYNC: (
        Customer.leave_lync,
        Customer.leave_um,
        Customer.leave_enterprise_voice,
        Customer.misdial,
        Customer.misspell,
        Customer.hide,
        Customer.fax,
        Customer.lose_policies,
    ),
    Target.SFB_CLOUD_VOICEMAIL: (Customer.stay_in_um,),
    Target.TEAMS_PHONE: (Customer.wait_to_move, Customer.forget_number),
}
"""What may be wrong with a user, or still to be done."""

DONE: Mapping[Target, Callable[[Customer], None]] = {
    Target.UM_LYNC: lambda _: None,
    Target.SFB_CLOUD_VOICEMAIL: Customer.move_voice_mail,
    Target.TEAMS_PHONE: Customer.move,
}
"""What was done with everybody else."""

MOST = {Target.UM_LYNC: 3, Target.SFB_CLOUD_VOICEMAIL: 1, Target.TEAMS_PHONE: 1}
"""How many faults a user has at most."""


def customers(count: int, target: Target, faulty: float) -> Iterator[Customer]:
    """Users of whom this share is not in order for a target; the same ones in every run."""
    chance = Random(count)  # noqa: S311 - the same in every run
    for number, (dn, entry) in enumerate(people(count, has_voice=lambda _: True)):
        one = _in_order(number, dn, entry)
        if chance.random() >= faulty:
            DONE[target](one)
        else:
            for fault in chance.sample(FAULTS[target], chance.randint(1, MOST[target])):
                fault(one)
        yield one


def _in_order(number: int, dn: str, entry: Mapping[str, list[bytes]]) -> Customer:
    """A user in Lync and Exchange UM who lacks nothing."""
    site = next(name for name, buildings in SITES.items() if number % BUILDINGS in buildings)
    upn = entry["userPrincipalName"][0].decode()
    lync = {"user": dn, "upn": upn, "dial_plan": site, "voice_policy": site, "hosted_voice_mail_policy": "Cloud", "pool": POOL}
    teams = {
        "user": str(UUID(bytes_le=entry["objectGUID"][0])),
        "upn": upn,
        "sip_address": f"sip:{upn}",
        "hosting_provider": "SRV:",
    }
    policies = {"routing_policy": site, "tenant_dial_plan": site, "calling_policy": "Staff"}
    server = b"/o=Contoso/ou=First/cn=Configuration/cn=Servers/cn=EX1"  # Cloud Voicemail serves no mailbox of the older one
    whole = {**entry, "msExchUMEnabledFlags": [b"829"], "msExchHomeServerName": [server]}
    return Customer(dn, whole, {**lync, "hosting_provider": "SRV:"}, teams | policies)


def entries(users: list[Customer]) -> Iterator[Entry]:
    """What the directory holds of them."""
    yield from ((one.dn, one.entry) for one in users)


def exports(users: list[Customer]) -> dict[str, list[dict[str, str]]]:
    """What Lync and Teams would export of them, by side table."""
    lync = [
        {
            **one.lync,
            "sip_address": one.text("msRTCSIP-PrimaryUserAddress"),
            "line_uri": one.text("msRTCSIP-Line"),
            "enterprise_voice": str(one.text("msRTCSIP-OptionFlags") == "385"),
            "enabled": "True",
        }
        for one in users
        if one.text("msRTCSIP-DeploymentLocator") == "SRV:"
    ]
    voice = [{"scope": "Global", "usages": "Local"}, *({"scope": f"Tag:{site}", "usages": "Local|National"} for site in SITES)]
    hosted = [{"scope": "Tag:Cloud", "destination": "exap.um.outlook.com", "organization": "contoso.example"}]
    answered = [{"user": one.teams["user"], "voicemail_on": "True"} for one in users if one.teams["hosting_provider"] == ONLINE]
    teams = {"teams_users": [one.teams for one in users], "teams_voicemail": answered}
    return {"cs_users": lync, **teams, "cs_voicepolicies": voice, "cs_hostedvm": hosted}
