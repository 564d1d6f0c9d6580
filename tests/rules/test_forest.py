"""TOP: whether Lync is there at all, and what must never pass for its absence."""

import base64
import struct

import pytest
from pandas import DataFrame

from adinspect import visibility
from adinspect.finding import Target
from adinspect.profile import Elsewhere
from adinspect.rule import Skipped
from adinspect.rules.forest import (
    lync_schema_missing,
    mandatory_attribute_hidden,
    pool_missing,
    sip_domain_undeclared,
    um_hidden_from_lync,
)
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State

FOREST = table("name | dn\ncontoso.com | DC=contoso,DC=com")
POOL = table("fqdn\npool01.contoso.com")


@pytest.mark.parametrize("target", [Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL])
def test_a_forest_without_a_pool_is_named_by_its_root_domain(target: Target) -> None:
    (found,) = findings(pool_missing, forest=FOREST, target=target).to_dict("records")
    assert (found["table"], found["dn"], found["identity"], found["severity"]) == (
        "forest",
        "DC=contoso,DC=com",
        "contoso.com",
        "critical",
    )


def test_one_pool_is_enough() -> None:
    assert offenders(pool_missing, forest=FOREST, pools=POOL) == []


@pytest.mark.parametrize(("lync_forest", "certainty"), [(Elsewhere.UNKNOWN, "likely"), (Elsewhere.THIS, "certain")])
def test_no_pool_is_certain_only_where_the_profile_says_that_lync_lives_here(lync_forest: Elsewhere, certainty: str) -> None:
    (found,) = findings(pool_missing, forest=FOREST, lync_forest=lync_forest).to_dict("records")
    assert found["certainty"] == certainty
    assert bool(found["because"]) is (certainty == "likely")


def test_no_pool_is_no_fault_where_lync_lives_in_another_forest() -> None:
    verdict = outcome(pool_missing, forest=FOREST, lync_forest=Elsewhere.OTHER, needs=True)
    assert verdict == Skipped("the profile says that Lync lives in another forest")


def test_pools_that_may_not_be_listed_never_pass_for_none() -> None:
    hidden = visibility.rows(("pools", "", None, State.INCOMPLETE, "this account may not list CN=Pools"))
    assert outcome(pool_missing, forest=FOREST, visibility=hidden) == Skipped("pools: this account may not list CN=Pools")


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        (["mail", "msRTCSIP-LineServer"], ["contoso.com"]),
        (["mail", "msRTCSIP-Line"], []),
        (["mail", "MSRTCSIP-LINE"], []),
    ],
)
def test_the_schema_is_known_by_the_attribute_of_the_line_without_regard_to_case(attributes: list[str], found: list[str]) -> None:
    assert offenders(lync_schema_missing, forest=FOREST, schema_attributes=table("attribute\n" + "\n".join(attributes))) == found


@pytest.mark.parametrize(
    ("lync_forest", "severity"),
    [(Elsewhere.UNKNOWN, "critical"), (Elsewhere.THIS, "critical"), (Elsewhere.OTHER, "info")],
)
@pytest.mark.parametrize("target", list(Target))
def test_a_schema_without_lync_only_informs_where_lync_lives_in_another_forest(
    target: Target, lync_forest: Elsewhere, severity: str
) -> None:
    schema = table("attribute\nmail")
    (found,) = findings(
        lync_schema_missing, forest=FOREST, schema_attributes=schema, lync_forest=lync_forest, target=target
    ).to_dict("records")
    assert (found["severity"], found["certainty"]) == (severity, "certain")


def test_a_schema_that_is_not_in_the_export_proves_nothing() -> None:
    reason = "the naming context schema is not in this export"
    hidden = visibility.rows(("schema_attributes", "", None, State.INCOMPLETE, reason))
    assert outcome(lync_schema_missing, forest=FOREST, visibility=hidden) == Skipped(f"schema_attributes: {reason}")


def test_a_schema_without_a_single_attribute_was_not_read() -> None:
    assert isinstance(outcome(lync_schema_missing, forest=FOREST), Skipped)


DOMAINS = table("identity | domain\ncontoso.com | Contoso.com\nfabrikam.example | fabrikam.example\nUnnamed | -")


@pytest.mark.parametrize(
    ("user", "undeclared"),
    [
        ("sip:ada@adatum.com | yes", ["adatum.com"]),
        ("SIP:ada@ADATUM.com | yes", ["adatum.com"]),
        ("sip:ada@emea.contoso.com | yes", ["emea.contoso.com"]),
        ("sip:ada@CONTOSO.com | yes", []),
        ("sip:ada@fabrikam.example | yes", []),
        ("sip:ada@adatum.com | no", []),
        ("sip:ada@adatum.com | -", []),
        ("- | yes", []),
        ("sip:ada@adatum | yes", []),
        ("ada@adatum.com | yes", []),
        ("sip:ada@contoso.com@adatum.com | yes", []),
        ("sip:ada@adatum.com, | yes", []),
    ],
)
def test_every_sip_domain_of_users_enabled_for_lync_is_declared(user: str, undeclared: list[str]) -> None:
    found = findings(
        sip_domain_undeclared, users=table(f"identity | sip_address | sip_enabled\nada | {user}"), sip_domains=DOMAINS
    )
    assert [evidence["sip_domain"] for evidence in found["evidence"]] == undeclared


def test_an_undeclared_sip_domain_is_one_finding_of_the_forest_with_the_number_of_its_users_whoever_they_are() -> None:
    users = table("""
        identity | object_class | sip_address         | sip_enabled | deployment_locator
        ada      | user         | sip:ada@adatum.com  | yes         | SRV:
        online   | user         | sip:on@Adatum.com   | yes         | sipfed.online.lync.com
        guest    | contact      | sip:gu@treyresearch.example | yes | SRV:
        fine     | user         | sip:fi@contoso.com  | yes         | SRV:
    """)
    found = findings(sip_domain_undeclared, forest=FOREST, users=users, sip_domains=DOMAINS)
    assert [(row.table, row.identity, row.key, row.wave) for row in found.itertuples()] == [
        ("forest", "contoso.com", f"TOP-004/{found['guid'][0]}/adatum.com", "G"),
        ("forest", "contoso.com", f"TOP-004/{found['guid'][0]}/treyresearch.example", "G"),
    ]
    assert [evidence["users"] for evidence in found["evidence"]] == [2, 1]


@pytest.mark.parametrize("domains", ["identity | domain", "identity | domain\nUnnamed | -"])
def test_a_forest_that_keeps_no_sip_domain_says_nothing_of_those_in_use(domains: str) -> None:
    users = table("identity | sip_address | sip_enabled\nada | sip:ada@adatum.com | yes")
    verdict = outcome(sip_domain_undeclared, users=users, sip_domains=table(domains))
    assert verdict == Skipped("no SIP domain of Lync is kept in this directory")


@pytest.mark.parametrize("column", ["", "domain"])
def test_a_sip_domain_that_was_not_seen_is_not_undeclared(column: str) -> None:
    hidden = visibility.rows(("sip_domains", column, "sip_domains-0" if column else None, State.UNREADABLE, "not seen"))
    assert outcome(sip_domain_undeclared, sip_domains=DOMAINS, visibility=hidden) == Skipped("sip_domains: not seen")


def test_a_user_that_was_not_seen_takes_no_finding_away() -> None:
    verdict = outcome(
        sip_domain_undeclared,
        users=table("identity | sip_address | sip_enabled\nhidden | - | yes\nada | sip:ada@adatum.com | yes"),
        sip_domains=DOMAINS,
        visibility=visibility.rows(("users", "sip_address", "users-0", State.UNREADABLE, "not seen")),
    )
    assert not isinstance(verdict, Skipped)
    assert (len(verdict.findings), verdict.note) == (1, "not seen")


ADMINS, SERVICES, EVERYONE, SIGNED_IN = "S-1-5-21-1-2-3-1101", "S-1-5-21-1-2-3-1102", "S-1-1-0", "S-1-5-11"
LIST, READ = 0x4, 0x14
ALLOW, DENY, TO_INHERIT, INHERITED = 0, 1, 0x0A, 0x12
Ace = tuple[int, str, int, int]


def dacl(*aces: Ace) -> str:
    """An access list as the directory gives it, of entries (rights, SID, type, flags) ([MS-DTYP] 2.4.4.2, 2.4.5, 2.4.6)."""
    entries = b""
    for rights, sid, kind, flags in aces:
        authority, *rest = (int(part) for part in sid.split("-")[2:])
        packed = struct.pack(">BB", 1, len(rest)) + authority.to_bytes(6, "big") + struct.pack(f"<{len(rest)}I", *rest)
        entries += struct.pack("<BBHI", kind, flags, 8 + len(packed), rights) + packed
    whole = struct.pack("<BxHIIII", 1, 0x8004, 0, 0, 0, 20) + struct.pack("<BxHHxx", 2, 8 + len(entries), len(aces)) + entries
    return base64.b64encode(whole).decode()


def both(rights: int, kind: int = ALLOW, flags: int = 0) -> tuple[Ace, ...]:
    return (rights, ADMINS, kind, flags), (rights, SERVICES, kind, flags)


GROUPS = table(f"""
    identity | sam_account_name              | sid
    Admins   | rtcuniversalserveradmins      | {ADMINS}
    Services | RTCComponentUniversalServices | {SERVICES}
    Others   | RTCUniversalUserAdmins        | S-1-5-21-1-2-3-1103
""")
ORGANIZATION = table("identity | dn\nContoso | CN=Contoso")
GIVEN = {
    "Contoso": dacl(*both(LIST)),
    "UM DialPlan Container": dacl(*both(READ)),
    "UM AutoAttendant Container": dacl(*both(READ)),
    "Administrative Groups": dacl(*both(READ, ALLOW, INHERITED)),
    "UM IPGateway Container": dacl(),
}


def containers(**changed: str) -> DataFrame:
    lists = GIVEN | {name.replace("_", " "): text for name, text in changed.items()}
    below = {name: "-" if name == "Contoso" else "CN=Contoso" for name in lists}
    dns = {name: "CN=Contoso" if name == "Contoso" else f"CN={name},CN=Contoso" for name in lists}
    lines = [f"{name} | {dns[name]} | {name} | {below[name]} | {lists[name]}" for name in lists]
    elsewhere = f"UM DialPlan Container | CN=Elsewhere | UM DialPlan Container | CN=Other | {dacl()}"
    return table("\n".join(["identity | dn | name | container | dacl", *lines, elsewhere]))


def permitted(**changed: str) -> list[tuple[str, str]]:
    found = findings(
        um_hidden_from_lync, forest=FOREST, organization=ORGANIZATION, containers=containers(**changed), groups=GROUPS
    )
    return [(row.certainty, row.because.removeprefix("no permission of its own has ")) for row in found.itertuples()]


PLANS_OF_BOTH = "RTCUniversalServerAdmins on UM DialPlan Container, RTCComponentUniversalServices on UM DialPlan Container"
OPEN = "; everybody who signs in has it there, and Lync's servers with them"


def test_what_exchucutil_gives_is_all_that_lync_needs() -> None:
    assert permitted() == []


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ((), [("certain", PLANS_OF_BOTH)]),
        (both(LIST), [("certain", PLANS_OF_BOTH)]),
        (both(READ - LIST), [("certain", PLANS_OF_BOTH)]),
        (both(READ, DENY), [("certain", PLANS_OF_BOTH)]),
        (both(READ, ALLOW, TO_INHERIT), [("certain", PLANS_OF_BOTH)]),
        (((READ, ADMINS, ALLOW, 0),), [("certain", "RTCComponentUniversalServices on UM DialPlan Container")]),
        (((READ, SIGNED_IN, ALLOW, 0),), [("likely", PLANS_OF_BOTH + OPEN)]),
        (((READ, EVERYONE, ALLOW, 0),), [("likely", PLANS_OF_BOTH + OPEN)]),
        ((*both(LIST), *both(READ - LIST)), []),
        (both(0x10000000), []),
        (both(0x80000000), []),
    ],
)
def test_each_group_may_list_and_read_the_container_of_the_dial_plans(
    entries: tuple[Ace, ...], told: list[tuple[str, str]]
) -> None:
    assert permitted(UM_DialPlan_Container=dacl(*entries)) == told


@pytest.mark.parametrize("container", ["UM_AutoAttendant_Container", "Administrative_Groups", "Contoso"])
def test_each_of_the_other_containers_matters_too(container: str) -> None:
    name = container.replace("_", " ")
    assert permitted(**{container: dacl((READ, SERVICES, ALLOW, 0))}) == [("certain", f"RTCUniversalServerAdmins on {name}")]


def test_without_a_list_everybody_may_do_everything() -> None:
    nothing = base64.b64encode(struct.pack("<BxHIIII", 1, 0x8004, 0, 0, 0, 0)).decode()
    assert permitted(UM_DialPlan_Container=nothing) == []


@pytest.mark.parametrize("descriptor", ["-", base64.b64encode(struct.pack("<BxHIIII", 1, 0x8000, 0, 0, 0, 0)).decode(), "AQAE"])
def test_an_access_list_that_was_not_shown_or_is_malformed_lacks_nothing(descriptor: str) -> None:
    assert permitted(UM_DialPlan_Container=descriptor) == []


def judged(groups: DataFrame = GROUPS, hidden: DataFrame | None = None, **written: DataFrame) -> object:
    tables = {"organization": ORGANIZATION, "containers": containers(Contoso=dacl()), "groups": groups} | written
    return outcome(um_hidden_from_lync, visibility=hidden, **tables)


def test_groups_of_another_forest_are_not_told_by_name() -> None:
    other = table("identity | sam_account_name | sid\nUsers | Domain Users | S-1-5-21-1-2-3-513")
    reason = "the server groups of Lync are not in this forest: those of another one cannot be told by name"
    assert judged(other) == Skipped(reason)


def test_a_forest_that_shows_no_access_list_is_not_judged() -> None:
    bare = containers().assign(dacl=None)
    assert judged(containers=bare) == Skipped("the access list of no container of Exchange UM was seen")


def test_groups_that_were_not_seen_are_not_the_ones_that_lack_permission() -> None:
    hidden = visibility.rows(("groups", "", None, State.INCOMPLETE, "a domain was not read"))
    assert judged(hidden=hidden) == Skipped("groups: a domain was not read")


PLAN = "identity | phone_context | uri_type\nLondon | London.contoso.com | 3\nHalf made | - | -"
PEOPLE = "identity | object_class | sam_account_name | sid\nada | user | ada | S-1-5-21-1-2-3-1001\nguest | contact | - | -"


def concealed(plans: str = PLAN, people: str = PEOPLE, *hidden: tuple[str, str, str | None, State, str]) -> list[str]:
    verdict = outcome(
        mandatory_attribute_hidden,
        forest=FOREST,
        dial_plans=table(plans),
        users=table(people),
        visibility=visibility.rows(*hidden),
    )
    assert not isinstance(verdict, Skipped), verdict.reason
    return list(verdict.findings["message"])


def hides(seen: int, what: str, attribute: str) -> str:
    return f"Of {seen} {what} seen in forest contoso.com not one shows {attribute}, which each of them must have."


def test_one_object_that_shows_an_attribute_is_enough_to_know_that_it_can_be_read() -> None:
    assert concealed() == []


def test_an_attribute_that_no_object_shows_although_each_must_have_it_cannot_be_read() -> None:
    assert concealed("identity\nLondon\nParis", "identity | object_class\nada | user\nguest | contact") == [
        hides(2, "UM dial plans", "msExchUMPhoneContext"),
        hides(2, "UM dial plans", "msExchUMDialPlanURIType"),
        hides(1, "users", "sAMAccountName"),
        hides(1, "users", "objectSid"),
    ]


@pytest.mark.parametrize("state", [State.UNREADABLE, State.UNASKED])
def test_that_nobody_may_read_an_attribute_is_the_finding_and_no_reason_to_skip(state: State) -> None:
    plans = "identity | uri_type\nLondon | 3\nParis | 3"
    unread = ("dial_plans", "phone_context", None, state, "not seen")
    assert concealed(plans, PEOPLE, unread) == [hides(2, "UM dial plans", "msExchUMPhoneContext")]


def test_a_value_that_was_not_seen_is_none_that_was() -> None:
    plans = "identity | phone_context | uri_type\nLondon | - | 3\nParis | - | 3"
    hidden = ("dial_plans", "phone_context", "dial_plans-0", State.UNREADABLE, "not seen")
    assert concealed(plans, PEOPLE, hidden) == [hides(2, "UM dial plans", "msExchUMPhoneContext")]
    assert concealed(plans.replace("Paris | -", "Paris | Paris.contoso.com"), PEOPLE, hidden) == []


@pytest.mark.parametrize("people", ["identity | object_class", "identity | object_class\nguest | contact"])
def test_where_no_object_was_seen_none_lacks_anything(people: str) -> None:
    assert concealed("identity | phone_context", people) == []


def test_an_attribute_that_the_schema_lacks_is_not_hidden() -> None:
    unknown = visibility.rows(("dial_plans", "uri_type", None, State.NO_SCHEMA, "not in the schema"))
    verdict = outcome(mandatory_attribute_hidden, dial_plans=table("identity\nLondon"), visibility=unknown)
    assert verdict == Skipped("dial_plans.uri_type: not in the schema")
