"""Makes the forest that ships with the package: an LDIF export, as ldifde writes one, of 300 plainly invented users.

`python tests/demo_forest.py` writes the files of adinspect/demo/ again; a test holds them against this module.
"""

from __future__ import annotations

import base64
import struct
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from adinspect import query

FOLDER = Path(__file__).parents[1] / "adinspect" / "demo"
FILE, NEXT_DAY = FOLDER / "forest.ldif", FOLDER / "next-day.ldif"
ROOT = "DC=contoso,DC=com"
CONFIGURATION = f"CN=Configuration,{ROOT}"
SCHEMA = f"CN=Schema,{CONFIGURATION}"
ORGANIZATION = f"CN=Contoso,CN=Microsoft Exchange,CN=Services,{CONFIGURATION}"
ADMIN_GROUP = f"CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups,{ORGANIZATION}"
RTC = f"CN=RTC Service,CN=Services,{CONFIGURATION}"
SIP_PLAN = f"CN=Redmond,CN=UM DialPlan Container,{ORGANIZATION}"
OLD_PLAN = f"CN=Legacy PBX,CN=UM DialPlan Container,{ORGANIZATION}"
SIP_POLICY = f"CN=Redmond Default Policy,CN=UM Mailbox Policies,{ORGANIZATION}"
OLD_POLICY = f"CN=Legacy PBX Default Policy,CN=UM Mailbox Policies,{ORGANIZATION}"
GATEWAYS = f"CN=UM IPGateway Container,{ORGANIZATION}"
DATABASE = f"CN=DB01,CN=Databases,{ADMIN_GROUP}"
POOL = f"CN=1:1,CN=Pools,{RTC}"
POOL_SERVICE = f"CN=Lc Services,CN=Microsoft,{POOL}"
CONTEXT = "Redmond.contoso.com"

GIVEN = tuple(
    "Adele Alex Diego Grady Henrietta Isaiah Johanna Joni Lee Lidia "  # one string is easier to read than twenty
    "Lynne Megan Miriam Nestor Patti Pradeep Renée Søren Zoë Łukasz".split()
)
FAMILY = tuple("Alder Birch Cypress Dogwood Elm Fir Gorse Hazel Ivy Juniper Kapok Larch Maple Nutmeg Oak Palm".split())
OFFICES = ("Redmond", "Paris", "London")

Entry = tuple[str, Mapping[str, Sequence[str]]]


def entries() -> Iterator[Entry]:
    """Every entry, parents first."""
    yield (
        ROOT,
        {
            "objectClass": ["top", "domain", "domainDNS"],
            "dc": ["contoso"],
            "name": ["contoso"],
            "msDS-Behavior-Version": ["7"],
            "whenCreated": ["20090615080000.0Z"],
        },
    )
    yield from _schema()
    yield from _exchange()
    yield from _lync()
    for name in ("Staff", "Rooms", "Service"):
        yield f"OU={name},{ROOT}", {"objectClass": ["top", "organizationalUnit"], "name": [name], "ou": [name]}
    for office in OFFICES:
        yield f"OU={office},OU=Staff,{ROOT}", {"objectClass": ["top", "organizationalUnit"], "name": [office], "ou": [office]}
    for number in range(300):
        yield _user(number)
    yield from _contacts()


def _schema() -> Iterator[Entry]:
    yield CONFIGURATION, {"objectClass": ["top", "configuration"], "cn": ["Configuration"]}
    yield SCHEMA, {"objectClass": ["top", "dMD"], "cn": ["Schema"]}
    partition = {
        "objectClass": ["top", "crossRef"],
        "cn": ["CONTOSO"],
        "nCName": [ROOT],
        "dnsRoot": ["contoso.com"],
        "systemFlags": ["3"],
    }
    yield f"CN=CONTOSO,CN=Partitions,{CONFIGURATION}", partition
    columns = (column for one in query.shipped().values() for table in one.tables for column in table.columns)
    for name in sorted({column.attribute for column in columns if column.attribute} | {"objectGUID"}, key=str.lower):
        yield (
            f"CN={name},{SCHEMA}",
            {
                "objectClass": ["top", "attributeSchema"],
                "cn": [name],
                "lDAPDisplayName": [name],
                "searchFlags": ["0"],
                "isSingleValued": ["FALSE"],
            },
        )


def _exchange() -> Iterator[Entry]:
    yield _named(f"CN=Microsoft Exchange,CN=Services,{CONFIGURATION}", "msExchConfigurationContainer")
    yield _named(ORGANIZATION, "msExchOrganizationContainer", objectVersion="16223")
    for name in ("UM DialPlan Container", "UM IPGateway Container", "UM AutoAttendant Container", "UM Mailbox Policies"):
        yield _named(f"CN={name},{ORGANIZATION}", "msExchContainer")
    plan = {"msExchUMDialPlanVoipSecurity": "3", "msExchUMNumberingPlanDigits": "4", "msExchUMCountryCode": "44"}
    yield _named(
        SIP_PLAN,
        "msExchUMDialPlan",
        msExchUMDialPlanURIType="3",
        msExchUMPhoneContext=CONTEXT,
        msExchUMVoiceMailPilotNumbers="+442079460999",
        **plan,
    )
    yield _named(
        OLD_PLAN,
        "msExchUMDialPlan",
        msExchUMDialPlanURIType="1",
        msExchUMPhoneContext="Legacy PBX.contoso.com",
        **{**plan, "msExchUMDialPlanVoipSecurity": "2"},
    )
    yield _named(
        SIP_POLICY,
        "msExchUMRecipientTemplate",
        msExchUMMailboxPolicyDialPlanLink=SIP_PLAN,
        msExchUMPinPolicyMinPasswordLength="6",
    )
    yield _named(
        OLD_POLICY,
        "msExchUMRecipientTemplate",
        msExchUMMailboxPolicyDialPlanLink=OLD_PLAN,
        msExchUMPinPolicyMinPasswordLength="4",
    )
    for name, address, outgoing in (("pool1", "pool1.contoso.com", "TRUE"), ("pbx-east", "192.0.2.10", "TRUE")):
        yield _named(
            f"CN={name},{GATEWAYS}", "msExchUMIPGateway", msExchUMIPGatewayAddress=address, msExchUMOutcallsAllowed=outgoing
        )
        yield _named(
            f"CN={name} hunt group,CN={name},{GATEWAYS}",
            "msExchUMHuntGroup",
            msExchUMPilotIdentifier="Redmond",
            msExchUMHuntGroupDialPlanLink=SIP_PLAN,
        )
    yield _named(
        f"CN=Reception,CN=UM AutoAttendant Container,{ORGANIZATION}",
        "msExchUMAutoAttendant",
        msExchUMAutoAttendantDialPlanLink=SIP_PLAN,
        msExchUMAutoAttendantDialedNumbers="+442079460998",
    )
    yield _named(f"CN=Administrative Groups,{ORGANIZATION}", "msExchAdminGroupContainer")
    yield _named(ADMIN_GROUP, "msExchAdminGroup")
    yield _named(f"CN=Servers,{ADMIN_GROUP}", "msExchServersContainer")
    yield from _server("EX16-1", "Version 15.1 (Build 32507.6)", "2", linked=True)
    yield from _server("EX13-1", "Version 15.0 (Build 31497.2)", "0", linked=False)
    yield _named(DATABASE, "msExchPrivateMDB", "msExchMDB", msExchOwningServer=f"CN=EX16-1,CN=Servers,{ADMIN_GROUP}")


def _server(name: str, serial: str, mode: str, *, linked: bool) -> Iterator[Entry]:
    dn = f"CN={name},CN=Servers,{ADMIN_GROUP}"
    um = {"msExchUMStartupMode": mode, **({"msExchUMServerDialPlanLink": SIP_PLAN} if linked else {})}
    legacy = f"/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Configuration/cn=Servers/cn={name}"
    yield _named(
        dn,
        "msExchExchangeServer",
        serialNumber=serial,
        legacyExchangeDN=legacy,
        msExchCurrentServerRoles="16439",
        networkAddress=f"ncacn_ip_tcp:{name.lower()}.contoso.com",
        **um,
    )
    yield _named(f"CN=UMCallRouterSettings,CN=SIP,CN=Protocols,{dn}", "msExchProtocolCfgSIPFEServer", **um)


def _lync() -> Iterator[Entry]:
    yield _named(RTC, "msRTCSIP-Service")
    yield _named(f"CN=Pools,{RTC}", "msRTCSIP-Pools")
    yield _named(f"CN=Global Settings,{RTC}", "msRTCSIP-GlobalContainer")
    yield _named(f"CN=Trusted Services,{RTC}", "msRTCSIP-TrustedServices")
    yield _named(
        POOL,
        "msRTCSIP-Pool",
        **{
            "dNSHostName": "pool1.contoso.com",
            "msRTCSIP-PoolDisplayName": "pool1",
            "msRTCSIP-PoolVersion": "6",
            "msRTCSIP-PoolType": "10",
        },
    )
    yield _named(POOL_SERVICE, "msRTCSIP-PoolService")
    yield _named(
        f"CN=1,CN=Global Settings,{RTC}", "msRTCSIP-Domain", **{"msRTCSIP-DomainName": "contoso.com", "msRTCSIP-Default": "TRUE"}
    )
    for number, (kind, fqdn) in enumerate((("MediationServer", "pool1.contoso.com"), ("Gateway", "sbc1.contoso.com"))):
        attributes = {
            "msRTCSIP-TrustedServiceType": kind,
            "msRTCSIP-TrustedServerFQDN": fqdn,
            "msRTCSIP-TrustedServicePort": "5061",
        }
        yield _named(f"CN=service{number},CN=Trusted Services,{RTC}", "msRTCSIP-TrustedService", **attributes)


def _contacts() -> Iterator[Entry]:
    for name, number in (("Outlook Voice Access", "+442079460999"), ("Reception", "+442079460998")):
        lync = {
            "msRTCSIP-UserEnabled": "TRUE",
            "msRTCSIP-Line": f"tel:{number}",
            "msRTCSIP-PrimaryUserAddress": f"sip:{name.split()[0].lower()}-um@contoso.com",
            "msRTCSIP-PrimaryHomeServer": POOL_SERVICE,
        }
        yield _named(f"CN={name} (UM),OU=Service,{ROOT}", "contact", displayName=f"{name} (UM)", otherIpPhone=CONTEXT, **lync)


def _user(number: int) -> Entry:
    """User `number`; the remainder of its number decides what is wrong with it, so that every count can be told in advance."""
    given, family = GIVEN[number % len(GIVEN)], FAMILY[number // len(GIVEN)]
    name, sign_in = f"{given} {family}", f"{_plain(given)}.{family}".lower()
    values: dict[str, Sequence[str]] = {
        "objectClass": ["top", "person", "organizationalPerson", "user"],
        "objectCategory": [f"CN=Person,{SCHEMA}"],
        "cn": [name],
        "displayName": [name],
        "givenName": [given],
        "sn": [family],
        "userPrincipalName": [f"{sign_in}@contoso.com"],
        "sAMAccountName": [sign_in[:20]],
        "objectSid": [_sid(1100 + number)],
        "mail": [f"{sign_in}@contoso.com"],
        "userAccountControl": ["512"],
        "telephoneNumber": [f"+44 20 7946 {number:04d}"],
        "physicalDeliveryOfficeName": [OFFICES[number % 3]],
        "whenCreated": ["20150302090000.0Z"],
        "homeMDB": [DATABASE],
        "msExchHomeServerName": [
            "/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Configuration/cn=Servers/cn=EX16-1"
        ],
        "msExchMailboxGuid": [
            base64.b64encode(uuid.uuid5(uuid.NAMESPACE_DNS, f"mailbox.{sign_in}.contoso.com").bytes_le).decode()
        ],
        "msExchRecipientTypeDetails": ["1"],
    }
    values |= _voice(number, sign_in) | FAULTS.get(number % 60, {})
    sip = [f"sip:{sign_in}@contoso.com"] if values["msRTCSIP-PrimaryUserAddress"] else []
    proxies = [f"SMTP:{sign_in}@contoso.com", *sip, *values.get("proxyAddresses", ())]
    kept = {key: list(value) for key, value in {**values, "proxyAddresses": proxies}.items() if value}
    return f"CN={name},OU={OFFICES[number % 3]},OU=Staff,{ROOT}", kept


def _sid(relative: int) -> str:
    """A SID of the invented domain, in base64."""
    octets = struct.pack("<BB6s5I", 1, 5, (5).to_bytes(6, "big"), 21, 1111111111, 2222222222, 3333333333, relative)
    return base64.b64encode(octets).decode()


def _voice(number: int, sign_in: str) -> dict[str, Sequence[str]]:
    extension = f"{number:04d}"
    return {
        "msRTCSIP-PrimaryUserAddress": [f"sip:{sign_in}@contoso.com"],
        "msRTCSIP-UserEnabled": ["TRUE"],
        "msRTCSIP-OptionFlags": ["385"],
        "msRTCSIP-Line": [f"tel:+44207946{extension}"],
        "msRTCSIP-PrimaryHomeServer": [POOL_SERVICE],
        "msRTCSIP-DeploymentLocator": ["SRV:"],
        "msExchUMEnabledFlags": ["829"],
        "msExchUMRecipientDialPlanLink": [SIP_PLAN],
        "msExchUMTemplateLink": [SIP_POLICY],
        "proxyAddresses": [
            f"EUM:{sign_in}@contoso.com;phone-context={CONTEXT}",
            f"eum:{extension};phone-context={CONTEXT}",
        ],
    }


UM = ("msExchUMEnabledFlags", "msExchUMRecipientDialPlanLink", "msExchUMTemplateLink", "proxyAddresses")
LYNC = tuple(
    f"msRTCSIP-{name}"
    for name in ("PrimaryUserAddress", "UserEnabled", "OptionFlags", "Line", "PrimaryHomeServer", "DeploymentLocator")
)
NO_UM: dict[str, Sequence[str]] = dict.fromkeys(UM, ())
NO_LYNC: dict[str, Sequence[str]] = dict.fromkeys(LYNC, ())
FAULTS: Mapping[int, dict[str, Sequence[str]]] = {
    1: {**NO_LYNC, **NO_UM},
    2: {**NO_LYNC, **NO_UM},
    3: NO_UM,
    4: NO_UM,
    5: NO_UM,
    6: {"msRTCSIP-OptionFlags": ["257"]},
    7: {"msRTCSIP-OptionFlags": ["257"]},
    8: {"msRTCSIP-OptionFlags": ["257"], "msRTCSIP-Line": ()},
    9: {"msRTCSIP-Line": ()},
    10: {"msRTCSIP-Line": ["tel:+44 20 7946 0100"]},
    11: {"msRTCSIP-Line": ["tel:+442079460150"]},
    12: {"msExchUMRecipientDialPlanLink": [OLD_PLAN], "msExchUMTemplateLink": [OLD_POLICY]},
    13: {"msExchUMTemplateLink": [OLD_POLICY]},
    14: {"msRTCSIP-UserEnabled": ["FALSE"]},
    15: {"userAccountControl": ["514"]},
    16: {"msRTCSIP-PrimaryUserAddress": ["sip:switchboard@contoso.com"]},
}
"""What is wrong with the users whose number leaves this remainder by 60; every other user is as the target wants."""

NEXT_DAYS_USERS: Mapping[int, dict[str, Sequence[str]]] = {
    6: {"msRTCSIP-OptionFlags": ["385"]},
    9: {"msRTCSIP-Line": ["tel:+442079460009"]},
    20: {"msRTCSIP-OptionFlags": ["257"]},
    23: {"msRTCSIP-Line": ["tel:+442079460400"]},
    24: {"msRTCSIP-Line": ["tel:+442079460023"]},
}
"""What was done to users by the day after: voice turned on and off, a line given, a number handed on to somebody else."""


def _plain(given: str) -> str:
    return given.translate(str.maketrans("éøëŁ", "eoeL"))


def _named(dn: str, object_class: str, *more: str, **attributes: str) -> Entry:
    name = dn.split(",")[0].partition("=")[2]
    return dn, {
        "objectClass": ["top", *more, object_class],
        "cn": [name],
        "name": [name],
        **{key: [value] for key, value in attributes.items()},
    }


def text() -> str:
    """The export as one text."""
    return "".join(_record(number, dn, attributes) for number, (dn, attributes) in enumerate(entries(), start=8000))


def next_day() -> str:
    """What is another way on the day after, as an export of those objects alone."""
    first = dict(entries())
    changed = {_user(number)[0]: values for number, values in NEXT_DAYS_USERS.items()}
    changed[SIP_PLAN] = {"msExchUMDialPlanVoipSecurity": ["1"]}
    changed[f"CN=pbx-east,{GATEWAYS}"] = {"msExchUMOutcallsAllowed": ["FALSE"]}
    hired, values = _user(300)
    changed[hired] = {name: held for name, held in values.items() if name not in LYNC and name not in UM}
    told = [(dn, {**first.get(dn, {}), **values}) for dn, values in changed.items()]
    return "".join(_record(number, dn, attributes) for number, (dn, attributes) in enumerate(told, start=9000))


def _record(usn: int, dn: str, attributes: Mapping[str, Sequence[str]]) -> str:
    guid = base64.b64encode(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_OID, dn).bytes, version=4).bytes_le).decode()
    lines = [_line("dn", dn), "changetype: add", *(_line(name, value) for name, values in attributes.items() for value in values)]
    return "\n".join([*lines, f"objectGUID:: {guid}", "instanceType: 4", f"uSNCreated: {usn}", "", ""])


def _line(name: str, value: str) -> str:
    if name in ("msExchMailboxGuid", "objectSid"):
        return f"{name}:: {value}"
    safe = value.isascii() and value[:1] not in (" ", ":", "<") and not value.endswith(" ")
    return f"{name}: {value}" if safe else f"{name}:: {base64.b64encode(value.encode()).decode()}"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8", newline="\n")
    NEXT_DAY.write_text(next_day(), encoding="utf-8", newline="\n")
