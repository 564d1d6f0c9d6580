"""People who move to Teams, the forest and the tenant they live in, and what a plan holds for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lync_people import ONLINE, text
from pandas import DataFrame

from adinspect import assess, delivery, plan, proposals, readings, rules, step, voice, waves
from adinspect.finding import Target
from adinspect.profile import Profile
from adinspect.sites import NumberRange, NumbersManaged, NumberType, Owner, Ranges, Site
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.view import View
from adinspect.visibility import nothing_hidden

TEAMS = Target.TEAMS_PHONE
MOVE, NUMBER, CLEAR, SBC = "40_cs_user_move", "41_teams_number", "26_cs_line_clear", "48_sbc_numbers"
ROUTING, DIAL_PLAN, CALLING = "42_teams_ovrp", "43_teams_tenantdialplan", "44_teams_callingpolicy"
UPGRADE, VOICEMAIL, VOICE = "45_teams_upgradepolicy", "46_teams_voicemail", "47_teams_ev"
GRANTS = (ROUTING, DIAL_PLAN, CALLING)

ADA = {
    "identity": "Ada",
    "upn": "ada@contoso.com",
    "mail": "ada@contoso.com",
    "sip_address": "sip:ada@contoso.com",
    "sip_enabled": "yes",
    "enterprise_voice": "yes",
    "line_uri": "tel:+14255550101",
    "deployment_locator": "SRV:",
    "pool_service": "CN=Lc",
    "object_class": "user",
    "recipient_type": "1",
    "account_disabled": "no",
}
GONE = {**ADA, "deployment_locator": ONLINE}
"""Who was moved; the line is still in the directory."""

NEW = {name: ADA[name] for name in ("identity", "upn", "mail", "object_class", "recipient_type")}
"""Who never had a place in Lync."""


def other(name: str, person: Mapping[str, str], **cells: str) -> dict[str, str]:
    """Somebody like a person, of another name and another number, which no two names of one length share."""
    low = name.lower()
    number = f"tel:+1425555{int(low.encode().hex(), 16) % 10000:04}"
    told = {
        "upn": f"{low}@contoso.com",
        "mail": f"{low}@contoso.com",
        "sip_address": f"sip:{low}@contoso.com",
        "line_uri": number,
    }
    return {**person, "identity": name, **{key: value for key, value in told.items() if key in person}, **cells}


def object_id(name: str) -> str:
    """The object identifier of an account."""
    return f"00000000-0000-4000-9000-{name.lower().encode().hex():0>12}"


FOREST = {
    "pools": "identity | dn | fqdn\nPool | CN=Pool | pool01.contoso.example",
    "pool_services": "identity | dn | pool\nRegistrar | CN=Lc | CN=Pool",
    "sip_domains": "domain\ncontoso.com",
    "tenant_domains": "domain | verified\ncontoso.com | yes\nfabrikam.com | yes",
    "cs_serverversion": "computer | component | version\nfe1 | SfB 2015, Core Components | 6.0.9319.619",
}
"""What leaves every gate open."""

PARIS = Site(
    "Paris",
    ous=("OU=Staff,DC=contoso,DC=example",),
    routing_policy="FR national",
    tenant_dial_plan="FR",
    calling_policy="Staff",
    location="9c0a4a1c-53b9-4bb0-8f3f-1b4f6a2f0c11",
)
DIRECT = replace(EVERYONE, sites=(PARIS,), number_type=NumberType.DIRECT_ROUTING, gates=("MIG-006", "MIG-021", "TOP-004"))
MANAGED = replace(DIRECT, numbers_managed=NumbersManaged.TEAMS, rules={"MIG-002": {"numbers_managed": "teams"}})
KEPT = replace(DIRECT, numbers_managed=NumbersManaged.DIRECTORY)


def ranged(owner: Owner = Owner.LYNC, **range_of: Any) -> Profile:
    """Numbers managed in Teams, in a range of their own."""
    return replace(MANAGED, ranges=Ranges((NumberRange("+14255550100", "+14255550199", owner, **range_of),)))


def in_teams(*people: Mapping[str, str], **cells: str) -> str:
    """teams-users.csv: people by sign-in name, with the line of the directory and what else they have there."""
    told = [
        {
            "user": object_id(one["identity"]),
            "upn": one["upn"],
            "sip_address": one.get("sip_address", "-"),
            "line_uri": one.get("line_uri", "-"),
            "enterprise_voice": "no",
            "hosting_provider": "-",
            **cells,
        }
        for one in people
    ]
    return text(*told)


GATES = ("MIG-006", "MIG-021", "TOP-004")
SENDING = ("MIG-002", "MIG-003")
CATALOGUE = (*SENDING, *GATES, "MIG-004", "MIG-008", "MIG-019", "USR-009", "CNS-020")
"""Rules that concern the move; SENDING are those that send users to a file of it."""


def guid(name: str) -> str:
    """The objectGUID of a user."""
    return f"00000000-0000-4000-8000-{name.encode().hex():0>12}"


def look(
    *people: Mapping[str, str],
    profile: Profile = DIRECT,
    visibility: DataFrame | None = None,
    codes: Sequence[str] = SENDING,
    **texts: str | None,
) -> View:
    """A forest as a plan sees it, judged by some rules."""
    given = {name: one for name, one in {**FOREST, **texts}.items() if one is not None}
    users = table(text(*people))
    names = users["identity"]
    dn = "CN=" + names + ",OU=Staff,DC=contoso,DC=example"
    users = users.assign(guid=[guid(name) for name in names], dn=users["dn"].fillna(dn) if "dn" in users else dn)
    whole = tables(users=users, **{name: table(one) for name, one in given.items()})
    unseen = nothing_hidden() if visibility is None else visibility
    judging: dict[str, Any] = {"target": TEAMS, "today": TODAY, "profile": profile}
    found = assess.assess(whole, unseen, catalogue=[rules.shipped()[code] for code in codes], **judging)
    return assess.with_found(assess.view_of(whole, unseen, **judging), found)


@dataclass(frozen=True)
class Held:
    """The rows of a CSV as they are delivered, by the name of their object."""

    kept: Mapping[str, Mapping[str, Any]]
    rejected: Mapping[str, Mapping[str, Any]]

    def why(self, name: str = "Ada") -> str:
        """Why a row is not run."""
        return str(self.rejected[name][step.REASON])

    @property
    def nobody(self) -> bool:
        """Whether the CSV has no row at all."""
        return not self.kept and not self.rejected


FORERUNNERS = {NUMBER: CLEAR, SBC: MOVE}
"""The file that another one counts on."""


def held(csv: str, view: View) -> Held:
    """What the plan of a forest delivers in a CSV."""
    moving = waves.told(view)
    seen = waves.beside(view, moving)
    ground = plan.Ground(dict(zip(moving["guid"], moving["wave"], strict=True)), online(view))
    chosen = [one for one in plan.files(TEAMS) if one.name in (csv, FORERUNNERS.get(csv))]
    rows = {}
    for one in chosen:
        answers = proposals.rows(proposals.shipped()[one.name], seen)
        rows[one.name] = plan.proposed(one, ground, readings.present(one.reads, view), answers)
        ground.count_on(one, rows[one.name])
    made = plan.Plan(TEAMS, TODAY, DataFrame(), rows, moving, plan.standing(view, chosen))
    (settled,) = (one for one in delivery.settle(made) if one.definition.name == csv)
    return Held(*({row["_Object"]: row for row in part.to_dict("records")} for part in (settled.kept, settled.rejected)))


def online(view: View) -> frozenset[str]:
    """Who is homed online."""
    users = view.tables["users"]
    return frozenset(users.loc[voice.online(users), "guid"])
