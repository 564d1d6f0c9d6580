"""CON: subscriber access and auto attendants without a Lync contact, and contacts that stand for none or are not reached."""

import pytest

from adinspect import visibility
from adinspect.rule import Rule, Skipped
from adinspect.rules.contacts import (
    auto_attendant_contact_missing,
    subscriber_access_contact_missing,
    um_contact_stale,
    um_contact_unreachable,
)
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State

PLAN = table("identity | dn | uri_type | phone_context\nLondon | CN=London, CN=Plans | 3 | London.contoso.com")
NUMBERS = table("identity | number\nLondon | +14255550100\nLondon | +14255550101\nLondon | 5000")
HEADER = "name | sip_enabled | line_uri | owner_urn | originator_sid | source_object\n"


def lacks_contact(contact: str, ip_phones: str = "identity | ip_phone") -> bool:
    return offenders(
        subscriber_access_contact_missing,
        dial_plans=PLAN,
        dial_plan_numbers=NUMBERS,
        contacts=table(HEADER + contact),
        contact_ip_phones=table(ip_phones),
    ) == ["London"]


@pytest.mark.parametrize(
    ("contact", "lacking"),
    [
        ("the number | yes | tel:+14255550100 | - | - | -", False),
        ("the other number | yes | tel:+14255550101 | - | - | -", False),
        ("other spelling | yes | TEL:+1 (425) 555-0101;ext=0101 | - | - | -", False),
        ("no scheme | yes | +14255550100 | - | - | -", False),
        ("made for the plan | yes | tel:+14255550199 | - | - | cn=london,cn=plans", False),
        ("another number | yes | tel:+14255550199 | - | - | -", True),
        ("an invalid number of the plan | yes | tel:5000 | - | - | -", True),
        ("made for another | yes | - | - | - | CN=Paris,CN=Plans", True),
        ("disabled | no | tel:+14255550100 | - | - | CN=London,CN=Plans", True),
        ("never enabled | - | tel:+14255550100 | - | - | CN=London,CN=Plans", True),
        ("an application | yes | tel:+14255550100 | urn:application:RGS | - | -", True),
        ("a user of another forest | yes | tel:+14255550100 | - | S-1-5-21-1-2-3-1001 | -", True),
    ],
)
def test_a_contact_stands_for_subscriber_access_by_number_or_source(contact: str, lacking: bool) -> None:
    assert lacks_contact(contact) is lacking


@pytest.mark.parametrize(
    ("ip_phone", "lacking"),
    [
        ("London.contoso.com", False),
        ("sa;phone-context=LONDON.CONTOSO.COM", False),
        ("Paris.contoso.com", True),
        ("London", True),
    ],
)
@pytest.mark.parametrize("enabled", ["yes", "no"])
def test_a_contact_stands_for_subscriber_access_by_any_ip_telephone_value_with_the_phone_context(
    ip_phone: str, lacking: bool, enabled: str
) -> None:
    values = f"identity | ip_phone\nOther | 1234\nOther | {ip_phone}"
    assert lacks_contact(f"Other | {enabled} | - | - | - | -", values) is (lacking or enabled == "no")


def test_a_dial_plan_without_a_phone_context_is_not_named_by_every_contact() -> None:
    found = findings(
        subscriber_access_contact_missing,
        dial_plans=table("identity | uri_type | phone_context\nLondon | 3 | -"),
        dial_plan_numbers=NUMBERS,
        contacts=table(HEADER + "Other | yes | - | - | - | -"),
        contact_ip_phones=table("identity | ip_phone\nOther | Paris.contoso.com"),
    )
    assert list(found["because"]) == ["no contact has +14255550100, +14255550101"]


def test_a_dial_plan_without_a_valid_number_or_of_another_type_needs_no_contact() -> None:
    plans = table("identity | uri_type\nNone | 3\nInvalid | 3\nPBX | 1\nSilent | -")
    numbers = table("identity | number\nInvalid | 5000\nPBX | +14255550100\nSilent | +14255550101")
    assert offenders(subscriber_access_contact_missing, dial_plans=plans, dial_plan_numbers=numbers) == []


PLANS = table("identity | dn | uri_type | phone_context\nLondon | CN=London | 3 | London.contoso.com\nPBX | CN=PBX | 1 | -")
MENUS = table(r"""
    identity  | dn           | dial_plan
    By number | CN=By number | CN=London
    By source | CN=By source | CN=London
    Lacking   | CN=Lacking   | CN=London
    By plan   | CN=By plan   | CN=London
    Invalid   | CN=Invalid   | CN=London
    Without   | CN=Without   | CN=London
    Workshop  | CN=Workshop  | CN=PBX
    Lost      | CN=Lost      | CN=Closed\0ADEL:1,CN=Deleted Objects
""")
MENU_NUMBERS = table("""
    identity  | number
    By number | +14255550110
    By source | +14255550111
    Lacking   | +14255550112
    By plan   | +14255550113
    Invalid   | 5000
    Workshop  | +14255550114
    Lost      | +14255550115
""")


def test_an_auto_attendant_of_a_sip_uri_plan_needs_a_contact_of_its_own() -> None:
    contacts = table(
        HEADER
        + """
        Reception | yes | tel:+14255550110 | - | - | -
        Menu      | yes | tel:+14255550199 | - | - | cn=by source
        London    | yes | tel:+14255550198 | - | - | CN=London
    """
    )
    found = findings(
        auto_attendant_contact_missing,
        auto_attendants=MENUS,
        auto_attendant_numbers=MENU_NUMBERS,
        dial_plans=PLANS,
        contacts=contacts,
        contact_ip_phones=table("identity | ip_phone\nLondon | London.contoso.com"),
    )
    assert list(found["identity"]) == ["Lacking", "By plan"]
    assert list(found["because"]) == ["no contact has +14255550112", "no contact has +14255550113"]


@pytest.mark.parametrize("rule", [subscriber_access_contact_missing, auto_attendant_contact_missing])
@pytest.mark.parametrize("column", ["", "line_uri"])
def test_a_contact_that_was_not_seen_never_makes_a_number_lack_it(rule: Rule, column: str) -> None:
    hidden = visibility.rows(("contacts", column, "contacts-0" if column else None, State.UNREADABLE, "not seen"))
    verdict = outcome(
        rule,
        dial_plans=PLAN,
        dial_plan_numbers=NUMBERS,
        auto_attendants=MENUS,
        auto_attendant_numbers=MENU_NUMBERS,
        contacts=table(HEADER + "Hidden | yes | - | - | - | -\nSeen | yes | - | - | - | -"),
        visibility=hidden,
    )
    assert verdict == Skipped("um_contacts: not seen")


@pytest.mark.parametrize("column", ["owner_urn", "originator_sid", "source_object"])
def test_a_schema_without_what_only_tells_contacts_apart_is_judged(column: str) -> None:
    unknown = visibility.rows(("contacts", column, None, State.NO_SCHEMA, "not in the schema"))
    verdict = outcome(subscriber_access_contact_missing, dial_plans=PLAN, dial_plan_numbers=NUMBERS, visibility=unknown)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["London"]


def stale(contact: str, *ip_phones: str) -> list[tuple[str, str]]:
    found = findings(
        um_contact_stale,
        dial_plans=PLANS,
        dial_plan_numbers=table("identity | number\nLondon | +14255550100\nPBX | 5000"),
        dial_plan_equivalents=table("identity | phone_context\nLondon | Reading.contoso.com"),
        auto_attendants=MENUS,
        auto_attendant_numbers=MENU_NUMBERS,
        contacts=table(HEADER + "Contact | " + contact),
        contact_ip_phones=table("identity | ip_phone\n" + "\n".join(f"Contact | {value}" for value in ip_phones)),
    )
    return [(row.identity, row.certainty) for row in found.itertuples()]


@pytest.mark.parametrize(
    ("contact", "ip_phones", "certainty"),
    [
        ("yes | tel:+14255550199 | - | - | -", (), "likely"),
        ("yes | tel:+14255550199 | - | - | CN=Gone,CN=UM DialPlan Container", (), "certain"),
        ("yes | - | - | - | CN=Gone,CN=UM DialPlan Container", (), "certain"),
        ("yes | tel:+14255550199 | - | - | -", ("Gone.contoso.com",), "certain"),
        ("yes | - | - | - | -", ("1234", "Gone.contoso.com"), "certain"),
        ("yes | tel:+14255550100 | - | - | -", (), None),
        ("yes | TEL:+1 (425) 555-0100;ext=100 | - | - | CN=Gone", (), None),
        ("yes | tel:5000 | - | - | -", (), None),
        ("yes | tel:+14255550112 | - | - | -", (), None),
        ("yes | tel:+14255550199 | - | - | cn=london", (), None),
        ("yes | tel:+14255550199 | - | - | CN=by SOURCE", (), None),
        ("yes | tel:+14255550199 | - | - | -", ("1234", "sa;LONDON.contoso.com"), None),
        ("yes | tel:+14255550199 | - | - | -", ("reading.CONTOSO.com",), None),
        ("yes | - | - | - | -", (), None),
        ("no | tel:+14255550199 | - | - | -", (), None),
        ("- | tel:+14255550199 | - | - | -", (), None),
        ("yes | tel:+14255550199 | urn:application:RGS | - | -", (), None),
        ("yes | tel:+14255550199 | - | S-1-5-21-1-2-3-1001 | -", (), None),
    ],
)
def test_a_contact_that_stands_for_nothing_is_stale_for_certain_where_it_says_what_it_was_made_for(
    contact: str, ip_phones: tuple[str, ...], certainty: str | None
) -> None:
    assert stale(contact, *ip_phones) == ([("Contact", certainty)] if certainty else [])


@pytest.mark.parametrize(
    ("unseen", "column"),
    [
        ("dial_plans", "phone_context"),
        ("dial_plans", ""),
        ("dial_plan_numbers", "number"),
        ("dial_plan_equivalents", "phone_context"),
        ("auto_attendants", ""),
        ("auto_attendant_numbers", "number"),
    ],
)
def test_what_was_not_seen_of_exchange_makes_no_contact_stale(unseen: str, column: str) -> None:
    hidden = visibility.rows((unseen, column, "dial_plans-0" if column else None, State.UNREADABLE, "not seen"))
    verdict = outcome(
        um_contact_stale,
        dial_plans=PLANS,
        contacts=table(HEADER + "Contact | yes | tel:+14255550199 | - | - | -"),
        visibility=hidden,
    )
    assert verdict == Skipped(f"{unseen}: not seen")


def test_a_contact_whose_ip_telephone_values_were_not_seen_is_held_back() -> None:
    verdict = outcome(
        um_contact_stale,
        contacts=table(HEADER + "Hidden | yes | tel:+14255550199 | - | - | -\nSeen | yes | tel:+14255550198 | - | - | -"),
        visibility=visibility.rows(("contact_ip_phones", "ip_phone", "contacts-0", State.UNREADABLE, "not seen")),
    )
    assert not isinstance(verdict, Skipped)
    assert (list(verdict.findings["identity"]), verdict.judged, verdict.of) == (["Seen"], 1, 2)


POOLED = "CN=Lc Services,CN=1:1"
DELETED = r"CN=Lc Services\0ADEL:1,CN=Deleted Objects"


@pytest.mark.parametrize(
    ("contact", "fault"),
    [
        (f"tel:+14255550100 | - | {POOLED} | SRV:", ""),
        (f"TEL:+14255550100;ext=100 | - | {POOLED} | -", ""),
        (f"tel:50184 | - | {POOLED} | SRV:", "has a number that is not E.164"),
        (f"+14255550100 | - | {POOLED} | SRV:", "has a number that is not E.164"),
        (f"tel:+1 425 555 0100 | - | {POOLED} | SRV:", "has a number that is not E.164"),
        (f"tel:+04255550100 | - | {POOLED} | SRV:", "has a number that is not E.164"),
        (f"- | CN=London | {POOLED} | SRV:", "has no number"),
        ("tel:+14255550100 | - | - | SRV:", "is homed on no pool that exists"),
        (f"tel:+14255550100 | - | {DELETED} | -", "is homed on no pool that exists"),
        ("tel:+14255550100 | - | CN=Never there | SRV:", "is homed on no pool that exists"),
        ("tel:50184 | - | CN=Never there | SRV:", "has a number that is not E.164 and is homed on no pool that exists"),
        ("tel:+14255550100 | - | - | sipfed.online.lync.com", ""),
        ("- | - | CN=Never there | SRV:", ""),
    ],
)
def test_a_contact_of_exchange_um_has_an_e164_number_and_a_pool_that_exists(contact: str, fault: str) -> None:
    found = findings(
        um_contact_unreachable,
        contacts=table(
            f"name | line_uri | source_object | pool_service | deployment_locator | sip_enabled\nDesk | {contact} | yes"
        ),
        pool_services=table(f"identity | dn\nLc Services | {POOLED}"),
    )
    message = f"Lync contact Desk, through which Exchange UM is called, {fault}."
    assert list(found["message"]) == ([message] if fault else [])


def test_an_ip_telephone_value_too_tells_a_contact_of_exchange_um_that_lacks_its_number() -> None:
    found = findings(
        um_contact_unreachable,
        contacts=table(f"name | sip_enabled | pool_service\nDesk | yes | {POOLED}\nOther | yes | {POOLED}"),
        contact_ip_phones=table("identity | ip_phone\nDesk | London.contoso.com"),
        pool_services=table(f"identity | dn\nLc Services | {POOLED}"),
    )
    assert [(row.table, row.identity) for row in found.itertuples()] == [("contacts", "Desk")]


@pytest.mark.parametrize(
    "contact",
    [
        "no | - | -",
        "- | - | -",
        "yes | urn:application:RGS | -",
        "yes | - | S-1-5-21-1-2-3-1001",
    ],
)
def test_other_contacts_may_have_other_numbers(contact: str) -> None:
    contacts = table(f"name | line_uri | sip_enabled | owner_urn | originator_sid\nDesk | tel:100 | {contact}")
    assert offenders(um_contact_unreachable, contacts=contacts) == []


def test_a_pool_that_was_not_seen_is_not_missing() -> None:
    hidden = visibility.rows(("pool_services", "", None, State.INCOMPLETE, "not seen"))
    contacts = table("name | line_uri | sip_enabled | pool_service\nDesk | tel:+14255550100 | yes | CN=Hidden")
    assert outcome(um_contact_unreachable, contacts=contacts, visibility=hidden) == Skipped("pool_services: not seen")


SERVED = {
    "dial_plans": table("""
        identity | dn        | uri_type | phone_context
        London   | CN=London | 3        | London.contoso.com
        Paris    | CN=Paris  | 3        | -
    """),
    "dial_plan_numbers": table("identity | number\nLondon | +14255550100\nParis | +14255550101"),
    "auto_attendants": table("identity | dn | dial_plan\nMain | CN=Main | CN=London\nLost | CN=Lost | -"),
    "auto_attendant_numbers": table("identity | number\nMain | +14255550102\nMain | +14255550101"),
    "pools": table("identity | dn | fqdn\npool1 | CN=1:1 | pool1.contoso.com\npool2 | CN=1:2 | pool2.contoso.com"),
    "pool_services": table("identity | dn | pool\nS1 | CN=S1 | CN=1:1\nS2 | CN=S2 | CN=1:2"),
    "users": table("""
        identity | um_enabled | um_dial_plan | pool_service | deployment_locator     | object_class
        ada      | yes        | CN=London    | CN=S1        | SRV:                   | user
        bo       | yes        | CN=London    | CN=S1        | -                      | user
        cy       | yes        | CN=London    | CN=S2        | srv:                   | user
        online1  | yes        | CN=London    | CN=S2        | sipfed.online.lync.com | user
        online2  | yes        | CN=London    | CN=S2        | sipfed.online.lync.com | user
        off1     | no         | CN=London    | CN=S2        | SRV:                   | user
        off2     | no         | CN=London    | CN=S2        | SRV:                   | user
        gone     | yes        | CN=London    | CN=Gone      | SRV:                   | user
        central  | yes        | CN=London    | CN=S2        | SRV:                   | contact
        di       | yes        | CN=Paris     | CN=S1        | SRV:                   | user
        ed       | yes        | CN=Paris     | CN=S2        | SRV:                   | user
    """),
}
AWAY = ("low", "is not homed where most users of its UM dial plan are, on pool1")


def unreachable(contact: str, ip_phone: str = "-") -> list[tuple[str, str]]:
    """What is found of one contact: its severity and fault."""
    contacts = table(f"name | sip_enabled | line_uri | source_object | pool_service | deployment_locator\nDesk | yes | {contact}")
    phones = table(f"identity | ip_phone\nDesk | {ip_phone}")
    found = findings(um_contact_unreachable, contacts=contacts, contact_ip_phones=phones, **SERVED)
    return [(row.severity, row.message.removesuffix(".").split(", ", 2)[2]) for row in found.itertuples()]


@pytest.mark.parametrize(
    ("contact", "ip_phone", "away"),
    [
        ("tel:+14255550100 | - | CN=S2 | SRV:", "-", True),
        ("tel:+14255550100 | - | CN=S1 | SRV:", "-", False),
        ("tel:+14255550102 | - | CN=S2 | -", "-", True),
        ("tel:+14255550109 | cn=london | CN=S2 | SRV:", "-", True),
        ("tel:+14255550109 | CN=Main | CN=S2 | SRV:", "-", True),
        ("tel:+14255550109 | - | CN=S2 | SRV:", "x LONDON.contoso.com", True),
        ("tel:+14255550109 | - | CN=S2 | SRV:", "Berlin.contoso.com", False),
        ("tel:+14255550109 | CN=Lost | CN=S2 | SRV:", "-", False),
        ("tel:+14255550109 | - | CN=S2 | SRV:", "-", False),
        # the number of two dial plans: it belongs to neither alone
        ("tel:+14255550101 | - | CN=S2 | SRV:", "-", False),
        ("tel:+14255550109 | CN=Paris | CN=S2 | SRV:", "-", False),
        ("tel:+14255550100 | - | CN=S2 | sipfed.online.lync.com", "-", False),
    ],
)
def test_a_contact_is_best_homed_on_the_pool_of_most_users_of_its_dial_plan(contact: str, ip_phone: str, away: bool) -> None:
    assert unreachable(contact, ip_phone) == ([AWAY] if away else [])


def test_a_contact_that_cannot_be_reached_is_told_that_alone() -> None:
    assert unreachable("tel:100 | CN=London | CN=S2 | SRV:") == [("high", "has a number that is not E.164")]


@pytest.mark.parametrize(
    ("column", "told"), [("um_dial_plan", "um_users"), ("pool_service", "users"), ("deployment_locator", "um_users")]
)
def test_where_not_all_users_were_seen_nobody_knows_where_most_are_and_the_numbers_are_judged(column: str, told: str) -> None:
    verdict = outcome(
        um_contact_unreachable,
        contacts=table(
            "name | sip_enabled | line_uri | pool_service\nDesk | yes | tel:+14255550100 | CN=S2\nBad | yes | tel:9 | CN=S2"
        ),
        visibility=visibility.rows(("users", column, "users-0", State.UNREADABLE, "not seen")),
        **SERVED,
    )
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["Bad"]
    assert verdict.note == f"without dial_plan_pools: {told}: not seen"
