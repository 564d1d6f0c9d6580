"""Forests made at random from a seed, small and full of traps, and the plan of each: what safety rules are held against."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from pandas import DataFrame

from adinspect import assess, delivery, plan, rules
from adinspect.finding import Target, Wave
from adinspect.plan import Plan
from adinspect.profile import Population, Profile
from adinspect.rule import Rule
from adinspect.sites import NumberRange, NumbersManaged, NumberType, Owner, Ranges, Site
from adinspect.testing import TODAY, tables
from adinspect.view import View
from adinspect.visibility import nothing_hidden
from adinspect.waivers import Waiver, Waivers

ROOT = "DC=contoso,DC=example"
ONLINE = "sipfed.online.lync.com"
SITES = ("Paris", "Lyon")
PLANS = ("HQ", "Lab", "Old")
NAMES = tuple(
    f"{name}{row}"
    for row in (1, 2)
    for name in "Ada Bob Cal Dee Eve Fay Gus Hal Ida Jon Kay Leo Mia Ned Ola Pat Quy Ron Sue Tom".split()
)
ACCEPTED = ("CNS-001", "CNS-002", "CNS-003", "CNS-004", "CNS-018", "USR-003", "CNS-019", "USR-012")
"""Rules whose findings somebody may have accepted on everybody."""

Row = Mapping[str, str | None]


@dataclass(frozen=True, eq=False)
class Planned:
    """A forest, what a plan of a target proposes there, and what of it is delivered."""

    view: View
    plan: Plan
    settled: Mapping[str, delivery.Settled]

    def kept(self, *files: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The rows that are run, each behind the name of its CSV: of all, or of CSVs whose number is given."""
        for name, one in self.settled.items():
            if not files or name[:2] in files:
                for row in one.kept.to_dict("records"):
                    yield name, {str(column): cell for column, cell in row.items()}


@cache
def planned(seed: int, target: Target, turned: int = 0, *, crossed: bool = False) -> Planned:
    """The plan of a forest, judged by every rule that could have a part in it.

    `turned` mixes the rows of its tables; the gateways of a `crossed` one are CROSSED.
    """
    pick = random.Random(seed)  # noqa: S311 - the same forests in every run
    whole, profile = _forest(pick, crossed), _profile(pick)
    if turned:
        whole = {name: rows.sample(frac=1, random_state=turned).reset_index(drop=True) for name, rows in whole.items()}
    judging: dict[str, Any] = {"target": target, "today": TODAY, "profile": profile}
    seen = assess.view_of(whole, nothing_hidden(), **judging)
    view = assess.with_found(seen, assess.assess_seen(seen, catalogue=_catalogue(), accepted=_accepted(pick)))
    made = plan.make(view, target)
    return Planned(view, made, {one.definition.name: one for one in delivery.settle(made)})


@cache
def _catalogue() -> tuple[Rule, ...]:
    # CNS-021 says of each object which file puts it right
    return tuple(rule for rule in rules.shipped().values() if rule.csv or rule.wave is not Wave.NONE or rule.code == "CNS-021")


def _accepted(pick: random.Random) -> Waivers:
    until = TODAY.date() + timedelta(days=30)
    codes, dns = pick.sample(ACCEPTED, pick.choice((0, 0, 3))), map(_dn, NAMES)
    return Waivers(tuple(Waiver(code, "Ada", "it is so", until, object=dn) for dn in dns for code in codes))


def _profile(pick: random.Random) -> Profile:
    settings: list[dict[str, Any]] = [
        {
            "home_pool": "one.contoso.com",
            "um_dial_plan": pick.choice(("", *PLANS)),
            "lync_dial_plan": "FR",
            "voice_policy": "National",
        },
        {"home_pool": pick.choice(("", "two.contoso.com")), "um_mailbox_policy": pick.choice(("", "HQ Policy", "Lab Policy"))},
    ]
    teams: dict[str, Any] = {
        "routing_policy": "FR",
        "tenant_dial_plan": "FR",
        "calling_policy": "Staff",
        "hosted_voicemail_policy": "Cloud",
    }
    kind = pick.choice((None, *NumberType))
    ranges = [
        NumberRange("+14255550100", "+14255550159", Owner.LYNC, site="Paris", number_type=kind, port_date=date(2026, 11, 1)),
        NumberRange("+14255550160", "+14255550189", pick.choice(tuple(Owner)), port_date=pick.choice((None, date(2027, 1, 1)))),
        NumberRange("+442079460100", "+442079460159", Owner.LYNC, site="Lyon"),
    ]
    managed = pick.choice((NumbersManaged.TEAMS, *NumbersManaged))
    return Profile(
        population=Population(base_dns=(ROOT,)),
        sites=tuple(Site(name, offices=(name,), **teams, **of_it) for name, of_it in zip(SITES, settings, strict=True)),
        ranges=Ranges(tuple(ranges)),
        numbers_managed=managed,
        number_type=pick.choice((NumberType.DIRECT_ROUTING, NumberType.DIRECT_ROUTING, *NumberType)),
        region="US",
        decisions=dict.fromkeys(("CNS-009", "CNS-010", "CNS-012", "CNS-017"), "as it is"),
        gates=pick.choice(((), ("MIG-006", "MIG-021", "TOP-004"))),
        rules={"MIG-002": {"numbers_managed": managed.value}},
    )


def _forest(pick: random.Random, crossed: bool) -> dict[str, DataFrame]:
    people: list[Row] = [_person(pick, name) for name in NAMES]
    given: dict[str, list[Row]] = {
        "users": people,
        "proxy_addresses": [row for person in people for row in _proxies(pick, person)],
        "voice_mail_settings": [
            {"identity": one["identity"], "setting": pick.choice(("CsHostedVoiceMail=1", "CsHostedVoiceMail=0"))}
            for one in people
            if one["sip_address"] and pick.random() < 0.15
        ],
        **_topology(pick),
        **_exchange(pick, crossed),
        **_exports(pick, people),
    }
    return tables(**{name: DataFrame(rows, dtype="str") for name, rows in given.items() if rows})


def _dn(name: str) -> str:
    return f"CN={name},{ROOT}"


def _guid(table: str, row: int) -> str:
    return f"{sum(map(ord, table)):08x}-0000-4000-8000-{row:012x}"


def _object(table: str, name: str, row: int, /, **cells: str | None) -> Row:
    return {"identity": name, "name": name, "guid": _guid(table, row), "dn": _dn(name), **cells}


def _person(pick: random.Random, name: str) -> dict[str, str | None]:
    low, place = name.lower(), NAMES.index(name)
    start = pick.choice(("+1425555", "+4420794"))
    number = f"{start}{pick.choice(('6', '0') if start.startswith('+44') else ('0',))}{pick.randrange(100, 190):03}"
    lync, um = pick.random() < 0.7, pick.random() < 0.5
    at = pick.choice(PLANS)
    clash = pick.choice(NAMES).lower()
    return {
        **_object("users", name, place),
        "upn": f"{clash if pick.random() < 0.04 else low}@contoso.com",
        "mail": f"{clash if pick.random() < 0.04 else low}@contoso.com",
        "sam_account_name": low,
        "object_class": "contact" if pick.random() < 0.05 else "user",
        "account_disabled": "yes" if pick.random() < 0.05 else "no",
        "recipient_type": pick.choice(("1", "1", "1", "1", "1", "2", "4", "16", "2147483648")),
        "mailbox_database": "CN=DB" if pick.random() < 0.9 else None,
        "home_server": pick.choice(("/cn=ex16", "/cn=ex16", "/cn=ex19", "/cn=gone")),
        "office": pick.choice((*SITES, None)),
        "telephone_number": pick.choice((number, number, None)),
        "sip_address": f"sip:{clash if pick.random() < 0.03 else low}@contoso.com" if lync else None,
        "sip_enabled": "yes" if lync else None,
        "enterprise_voice": pick.choice(("yes", "yes", "no")) if lync else "no",
        "line_uri": pick.choice((f"tel:{number}", f"tel:{number};ext={number[-4:]}", None)) if lync else None,
        "pool_service": pick.choice(("CN=Lc1", "CN=Lc2")) if lync else None,
        "deployment_locator": pick.choice(("SRV:", "srv:", None, ONLINE)) if lync else pick.choice((None, None, None, ONLINE)),
        "remote_call_control": "yes" if pick.random() < 0.05 else "no",
        "um_enabled": "yes" if um else "no",
        "um_fax": pick.choice(("yes", "no")),
        "um_dial_plan": _dn(at) if um and pick.random() < 0.9 else None,
        "um_mailbox_policy": _dn(f"{at if pick.random() < 0.9 else pick.choice(PLANS)} Policy") if um else None,
    }


def _proxies(pick: random.Random, person: Row) -> Iterator[Row]:
    name = str(person["identity"])
    yield {"identity": name, "address": f"SMTP:{name.lower()}@contoso.com"}
    sip = person["sip_address"]
    if sip and pick.random() < 0.9:
        yield {"identity": name, "address": sip}
    if sip and pick.random() < 0.1:
        yield {"identity": name, "address": f"sip:{name.lower()}@fabrikam.com"}
    if person["um_enabled"] == "yes" or pick.random() < 0.1:
        at = (person["um_dial_plan"] or _dn("HQ"))[3:].partition(",")[0]
        for scheme in ("EUM", "eum"):
            kind, context = pick.choice(("sip", "extension", "extension", "")), pick.choice((at, at, at, *PLANS))
            said = {
                "sip": (sip or "sip:nobody@contoso.com")[4:],
                "extension": pick.choice(("101", f"{pick.randrange(100, 190):04}", f"{pick.randrange(100, 190):04}", "5550101")),
            }
            if kind:
                yield {"identity": name, "address": f"{scheme}:{said[kind]};phone-context={context}.contoso.com"}


def _topology(pick: random.Random) -> dict[str, list[Row]]:
    pools = ("one", "two")
    return {
        "pools": [_object("pools", pool, row, fqdn=f"{pool}.contoso.com") for row, pool in enumerate(pools)],
        "pool_services": [
            _object("pool_services", f"Lc{row + 1}", row, dn=f"CN=Lc{row + 1}", pool=_dn(pool)) for row, pool in enumerate(pools)
        ],
        "sip_domains": [{"name": "contoso.com", "domain": "contoso.com"}],
        "contacts": [
            _object("contacts", f"Contact{row}", row, sip_address=f"sip:{pick.choice(NAMES).lower()}@contoso.com")
            for row in range(2)
        ],
    }


CROSSED = (("HQ", "one"), ("HQ", "two"), ("Lab", "one"), ("Old", "two"))
"""Gateways that both lead to the SIP URI UM dial plan, and each alone to another one, whose calls nobody else could place."""


def _exchange(pick: random.Random, crossed: bool) -> dict[str, list[Row]]:
    kinds = {"HQ": "3", "Lab": pick.choice(("3", "3", "1")), "Old": pick.choice(("1", "3"))}
    kinds = {"HQ": "3", "Lab": "1", "Old": "1"} if crossed else kinds
    gateways = ("one", "two", "pbx")
    servers = ("EX16", "EX16b", "EX19")
    modes = [pick.choice(("0", "2", "2", None)) for _ in servers]
    named = [(plan_of, gateway) for plan_of in PLANS for gateway in gateways if pick.random() < 0.6]
    named = list(CROSSED) if crossed else named
    calling: Row = {"outgoing_calls_allowed": "yes", "status": "0"} if crossed else {}
    return {
        "organization": [_object("organization", "Contoso", 0)],
        "dial_plans": [
            _object(
                "dial_plans",
                one,
                row,
                uri_type=kinds[one],
                voip_security=pick.choice(("1", "2", "3")),
                extension_digits=pick.choice(("4", "4", "4", "3")),
                phone_context=f"{one}.contoso.com",
                fax_enabled=pick.choice(("yes", "no")),
            )
            for row, one in enumerate(PLANS)
        ],
        "dial_plan_numbers": [
            {"identity": one, "number": pick.choice(("+14255550199", "(425) 555-0198", "7000"))} for one in PLANS
        ],
        "mailbox_policies": [
            _object("mailbox_policies", f"{one} Policy", row, dial_plan=_dn(one)) for row, one in enumerate(PLANS)
        ],
        "gateways": [
            _object(
                "gateways",
                gateway,
                row,
                dn=f"CN=gw {gateway},{ROOT}",
                address=f"{gateway}.contoso.com" if pick.random() < 0.8 or crossed else f"10.0.0.{row}",
                **{
                    "port": pick.choice(("5061", "5060", "0", None)),
                    "outgoing_calls_allowed": pick.choice(("yes", "yes", "no")),
                    "status": pick.choice(("0", "0", "0", "1", "2")),
                    **calling,
                },
            )
            for row, gateway in enumerate(gateways)
        ],
        "hunt_groups": [
            _object(
                "hunt_groups",
                f"{gateway} {plan_of}",
                row,
                name=plan_of,
                gateway=f"CN=gw {gateway},{ROOT}",
                pilot=plan_of,
                dial_plan=_dn(plan_of) if pick.random() < 0.9 or crossed else pick.choice((None, _dn("Gone"))),
            )
            for row, (plan_of, gateway) in enumerate(named)
        ],
        "servers": [
            _object(
                "servers",
                server,
                row,
                legacy_dn=f"/cn={server.lower()}",
                version_major="15",
                version_minor="2" if server == "EX19" else "1",
                version_build="1000",
                um_role="no" if server == "EX19" else "yes",
                startup_mode=modes[row],
                certificate_thumbprint=pick.choice(("AA", "BB", None)),
            )
            for row, server in enumerate(servers)
        ],
        "server_dial_plans": [
            {"identity": server, "dial_plan": _dn(one)} for server in servers[:2] for one in PLANS if pick.random() < 0.6
        ],
        "call_routers": [
            _object(
                "call_routers",
                f"Router {server}",
                row,
                server=_dn(server),
                startup_mode=pick.choice(("0", "2", "2")),
                certificate_thumbprint=pick.choice(("AA", None)),
            )
            for row, server in enumerate(servers[:2])
        ],
        "call_router_dial_plans": [
            {"identity": f"Router {server}", "dial_plan": _dn(one)}
            for server in servers[:2]
            for one in PLANS
            if pick.random() < 0.6
        ],
    }


def object_id(name: str) -> str:
    """The object identifier of an account."""
    return f"{sum(map(ord, name)):08x}-0000-4000-9000-000000000000"


def _exports(pick: random.Random, people: list[Row]) -> dict[str, list[Row]]:
    """What side inputs say; each may not be supplied."""
    cloud: list[Row] = [
        {
            "user": object_id(str(one["identity"])),
            "upn": one["upn"],
            "sip_address": f"sip:{pick.choice(NAMES).lower()}@contoso.com" if pick.random() < 0.1 else one["sip_address"],
            "line_uri": pick.choice((*(None,) * 6, one["line_uri"], pick.choice(people)["line_uri"])),
            "enterprise_voice": pick.choice(("yes", "no")),
            "hosting_provider": one["deployment_locator"],
            "interpreted_type": pick.choice(("HybridOnpremSfBUser", "PureOnlineTeamsOnlyUser", None)),
        }
        for one in people
        if pick.random() < 0.85
    ]
    numbers = {(one["line_uri"] or "").removeprefix("tel:").partition(";")[0] for one in people} - {""}
    told: dict[str, list[Row]] = {
        "teams_users": cloud,
        "m365_users": [{"user": one["user"], "upn": one["upn"]} for one in cloud if pick.random() < 0.7],
        "teams_numbers": [
            {
                "number": number,
                "number_type": pick.choice(tuple(NumberType)).value,
                "status": pick.choice(("Unassigned", "Unassigned", "UserAssigned")),
                "target": pick.choice((None, None, object_id("Ada"))),
            }
            for number in sorted(numbers)
            if pick.random() < 0.7
        ],
        "cs_users": [
            {"user": one["dn"], "dial_plan": pick.choice((None, "Tag:FR")), "voice_policy": pick.choice((None, "Tag:Local"))}
            for one in people
            if one["sip_address"]
        ],
        "cs_hostedvm": [{"scope": "Tag:Cloud", "destination": "exap.um.outlook.com", "organization": "contoso.com"}],
        "tenant_domains": [{"domain": "contoso.com", "verified": "yes"}],
        "cs_serverversion": [
            {"computer": "fe1", "component": "SfB 2015, Core Components", "version": pick.choice(("6.0.9319.619", "6.0.9319.0"))}
        ],
        "teams_voicemail": [{"user": one["user"], "voicemail_on": pick.choice(("yes", "no", None))} for one in cloud],
    }
    return {name: rows for name, rows in told.items() if pick.random() < 0.75}
