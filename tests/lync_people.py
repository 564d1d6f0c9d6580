"""People of Lync and the forests they live in, written as text, for the tests of the files about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adinspect.finding import Target
from adinspect.sites import NumberRange, NumbersManaged, NumberType, Owner, Ranges, Site
from adinspect.testing import EVERYONE

Person = Mapping[str, str]

ENABLE, VOICE = "20_cs_user_enable", "21_cs_user_voice"
DIAL_PLAN, POLICY = "22_cs_dialplan_grant", "23_cs_voicepolicy_grant"
GRANT, HOSTED, CLEAR = "24_cs_hostedvm_grant", "25_cs_hostedvm_set", "26_cs_line_clear"
CLOUD, TEAMS = Target.SFB_CLOUD_VOICEMAIL, Target.TEAMS_PHONE

LYNC = {"sip_domains": "domain\ncontoso.com\nfabrikam.com", "pools": "identity | fqdn\nPool | pool01.contoso.example"}
TWO_POOLS = {**LYNC, "pools": "identity | fqdn\nOne | one.contoso.example\nTwo | two.contoso.example"}
ONLINE = "sipfed.online.lync.com"

PARIS = Site(
    "Paris",
    ous=("OU=Staff,DC=contoso,DC=example",),
    home_pool="two.contoso.example",
    lync_dial_plan="Paris",
    voice_policy="National",
    hosted_voicemail_policy="Cloud",
)
AT_PARIS = replace(EVERYONE, sites=(PARIS,))
RANGES = Ranges(
    (
        NumberRange("+14255550100", "+14255550109", Owner.LYNC),
        NumberRange("+14255550110", "+14255550119", Owner.PBX),
    )
)
IN_RANGES = replace(EVERYONE, ranges=RANGES)

ADA = {"identity": "Ada", "upn": "ada@contoso.com", "recipient_type": "1", "object_class": "user"}
BOB = {**ADA, "identity": "Bob", "upn": "bob@contoso.com"}
CAL = {
    "identity": "Cal",
    "sip_address": "sip:cal@contoso.com",
    "sip_enabled": "yes",
    "enterprise_voice": "yes",
    "line_uri": "tel:+14255550101",
    "deployment_locator": "SRV:",
    "object_class": "user",
    "recipient_type": "1",
}
DEE = {**CAL, "identity": "Dee", "sip_address": "sip:dee@contoso.com", "line_uri": "tel:+14255550102"}


def text(*people: Person) -> str:
    """A table of people who need not all say the same things."""
    names = list(dict.fromkeys(name for person in people for name in person))
    return "\n".join(" | ".join(line) for line in [names, *([person.get(name, "-") for name in names] for person in people)])


def sent(*sendings: tuple[str, str, str]) -> str:
    """Findings: who, by which rule, and to which CSV."""
    return "identity | rule | csv\n" + "\n".join(" | ".join(one) for one in sendings)


def granted(*people: tuple[str, str, str, str]) -> str:
    """cs-users.csv: who, and the dial plan, voice policy and hosted voice mail policy granted."""
    lines = (f"CN={name},OU=staff,DC=contoso,DC=example | {' | '.join(policies)}" for name, *policies in people)
    return "user | dial_plan | voice_policy | hosted_voice_mail_policy\n" + "\n".join(lines)


GONE = {**CAL, "deployment_locator": ONLINE}
MANAGED = replace(EVERYONE, numbers_managed=NumbersManaged.TEAMS)
DIRECT = replace(MANAGED, number_type=NumberType.DIRECT_ROUTING)
LEADS = "exap.um.outlook.com | contoso.com"
LISTED = f"scope | destination | organization\nTag:Cloud | {LEADS}\nTag:Old | um.example | contoso.com"
NEW = sent(("Ada", "USR-001", ENABLE))
