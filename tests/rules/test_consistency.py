"""CNS-001 to 010: values that must agree or be unique."""

from typing import Any

import pytest
from pandas import DataFrame

from adinspect import rules
from adinspect.assess import assess
from adinspect.finding import Target
from adinspect.rule import Need, Rule, Skipped
from adinspect.rules.consistency import (
    address_shared,
    base_number_shared,
    eum_phone_context_foreign,
    eum_sip_address_different,
    extension_shared,
    number_shared,
    sip_address_shared,
    sip_address_unlike_mail,
    sip_address_unlike_upn,
    um_policy_of_other_plan,
)
from adinspect.testing import TODAY, findings, offenders, outcome, table, tables
from adinspect.visibility import State
from adinspect.visibility import rows as unseen

ONLINE = "sipfed.online.lync.com"


def test_each_holder_of_a_shared_sip_address_is_named_with_all_the_others() -> None:
    users = table("""
        identity | sip_address
        ada      | sip:ada@contoso.com
        bo       | SIP:Ada@Contoso.com
        cy       | sip:cy@contoso.com
        di       | -
        ed       | -
    """)
    contacts = table("identity | sip_address\nDesk | sip:ADA@contoso.com")
    found = findings(sip_address_shared, users=users, contacts=contacts)
    assert found[["table", "identity", "severity", "message"]].to_numpy().tolist() == [
        ["users", "ada", "critical", "SIP address sip:ada@contoso.com of ada is also the address of Desk (contact), bo."],
        ["users", "bo", "critical", "SIP address SIP:Ada@Contoso.com of bo is also the address of Desk (contact), ada."],
        ["contacts", "Desk", "critical", "SIP address sip:ADA@contoso.com of Desk is also the address of ada, bo."],
    ]


def test_duplicates_among_those_seen_are_told_although_others_were_not_seen() -> None:
    users = table("identity | sip_address\nada | sip:ada@contoso.com\nbo | sip:ada@contoso.com\ncy | -")
    hidden = unseen(
        ("users", "sip_address", "users-2", State.UNREADABLE, "may not be read on one user"),
        ("contacts", "sip_address", None, State.UNREADABLE, "may not be read on any contact"),
    )
    verdict = outcome(sip_address_shared, users=users, contacts=table("identity\nDesk"), visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["ada", "bo"]
    assert "may not be read on one user" in verdict.note
    assert "may not be read on any contact" in verdict.note


def lines(*users: str, contacts: str = "") -> DataFrame:
    held = table(f"identity | line_uri | private_line | owner_urn\n{contacts}") if contacts else table("identity")
    return findings(number_shared, users=table("\n".join(("identity | line_uri | private_line", *users))), contacts=held)


def test_each_holder_of_a_shared_number_is_named_once_a_number() -> None:
    found = lines(
        "ada | tel:+14255550100 | tel:+14255550101",
        "bo | TEL:+14255550100 | -",
        "cy | tel:+14255550101 | tel:+14255550101",
        "di | tel:+14255550100;ext=5 | -",
    )
    assert sorted(found["key"]) == [
        "CNS-003/users-0/+14255550100",
        "CNS-003/users-0/+14255550101",
        "CNS-003/users-1/+14255550100",
        "CNS-003/users-2/+14255550101",
    ]
    messages = dict(zip(found["key"], found["message"], strict=True))
    assert messages["CNS-003/users-2/+14255550101"] == (
        "Number +14255550101 of cy (line URI) is also assigned to ada (private line)."
    )


def test_an_application_is_named_in_its_own_table() -> None:
    found = lines("ada | tel:+14255550100 | -", contacts="RGS | tel:+14255550100 | - | urn:application:RGS")
    assert sorted(found["table"]) == ["contacts", "users"]


def test_an_auto_attendant_and_a_plan_are_named_by_their_own_name() -> None:
    number = "+14255550100"
    found = findings(
        number_shared,
        dial_plans=table("identity\nHQ\nLab"),
        dial_plan_numbers=table(f"identity | number\nHQ | {number}"),
        auto_attendants=table("identity\nMenu"),
        auto_attendant_numbers=table(f"identity | number\nMenu | {number}"),
        contacts=table(f"identity | line_uri\nWay in | tel:{number}"),
    )
    assert sorted(zip(found["table"], found["identity"], strict=True)) == [("auto_attendants", "Menu"), ("dial_plans", "HQ")]


PLANS: dict[str, DataFrame] = {
    "dial_plans": table("""
        identity | dn      | uri_type | phone_context
        HQ       | CN=HQ   | 3        | HQ.contoso.com
        Ext      | CN=Ext  | 1        | Ext.contoso.com
        Mute     | CN=Mute | 3        | -
    """),
    "mailbox_policies": table("""
        identity | dn        | dial_plan
        HQ P     | CN=HQ P   | CN=HQ
        Ext P    | CN=Ext P  | CN=Ext
        Orphan   | CN=Orphan | CN=HQ\\0ADEL:1,CN=Deleted Objects
        Empty    | CN=Empty  | -
    """),
    "dial_plan_equivalents": table("identity | phone_context\nHQ | Legacy.contoso.com"),
}
UM = "identity | um_enabled | um_dial_plan | um_mailbox_policy | sip_address | deployment_locator | object_class"
ADA = "ada | yes | CN=HQ | CN=HQ P | sip:ada@contoso.com | - | user"


def proxies(*addresses: str) -> DataFrame:
    return table(
        "\n".join(("identity | address", "bo | EUM:x@contoso.com;phone-context=x", *(f"ada | {one}" for one in addresses)))
    )


def users(ada: str) -> DataFrame:
    return table(f"{UM}\n{ada}\nbo | no | CN=HQ | CN=HQ P | sip:bo@contoso.com | - | user")


@pytest.mark.parametrize(
    ("ada", "addresses", "named"),
    [
        (ADA, ["EUM:ada@contoso.com;phone-context=HQ.contoso.com"], False),
        (ADA, ["EUM:Ada@Contoso.com;phone-context=hq.contoso.com"], False),
        (ADA, ["EUM:ada.byron@contoso.com;phone-context=HQ.contoso.com"], True),
        (ADA, ["EUM:ada.byron@contoso.com;phone-context=Legacy.contoso.com"], True),
        (ADA, ["EUM:b@contoso.com;phone-context=HQ.contoso.com", "EUM:ada@contoso.com;phone-context=HQ.contoso.com"], False),
        (ADA, ["EUM:b@contoso.com;phone-context=HQ.contoso.com", "eum:ada@contoso.com;phone-context=HQ.contoso.com"], True),
        (ADA, ["EUM:ada.byron@contoso.com;phone-context=Gone.contoso.com"], False),
        (ADA, ["EUM:51234;phone-context=HQ.contoso.com"], False),
        (ADA, ["eum:ada.byron@contoso.com;phone-context=HQ.contoso.com"], False),
        (ADA, [], False),
        (ADA.replace("sip:ada@contoso.com", "-"), ["EUM:ada@contoso.com;phone-context=HQ.contoso.com"], False),
        (ADA.replace("CN=HQ |", "CN=Ext |"), ["EUM:b@contoso.com;phone-context=Ext.contoso.com"], False),
        (ADA.replace("CN=HQ |", "CN=Gone |").replace("CN=HQ P", "-"), ["EUM:b@contoso.com;phone-context=HQ.contoso.com"], False),
        (ADA.replace("CN=HQ |", "- |"), ["EUM:b@contoso.com;phone-context=HQ.contoso.com"], True),
        (ADA.replace("CN=HQ |", "CN=Mute |"), ["EUM:b@contoso.com;phone-context=HQ.contoso.com"], True),
        (ADA.replace("yes", "no"), ["EUM:b@contoso.com;phone-context=HQ.contoso.com"], False),
        (ADA.replace("- | user", f"{ONLINE} | user"), ["EUM:b@contoso.com;phone-context=HQ.contoso.com"], False),
        (ADA.replace("user", "contact"), ["EUM:b@contoso.com;phone-context=HQ.contoso.com"], False),
    ],
)
def test_the_primary_eum_address_of_a_sip_uri_plan_holds_the_sip_address(ada: str, addresses: list[str], named: bool) -> None:
    found = findings(eum_sip_address_different, users=users(ada), proxy_addresses=proxies(*addresses), **PLANS)
    assert list(found["identity"]) == (["ada"] if named else [])
    assert all(evidence == {"eum_address": addresses[0], "sip_address": "sip:ada@contoso.com"} for evidence in found["evidence"])


@pytest.mark.parametrize(
    ("ada", "addresses", "named"),
    [
        (ADA, ["EUM:ada@contoso.com;phone-context=HQ.contoso.com"], False),
        (ADA, ["EUM:ada@contoso.com;phone-context=hq.CONTOSO.com"], False),
        (ADA, ["EUM:ada@contoso.com;phone-context=legacy.contoso.com"], False),
        (ADA, ["EUM:ada@contoso.com;phone-context=Gone.contoso.com"], True),
        (ADA, ["EUM:51234;phone-context=Gone.contoso.com"], True),
        (ADA, ["EUM:ada@contoso.com;phone-context=HQ.contoso.com", "eum:51234;phone-context=Gone.contoso.com"], False),
        (ADA, ["EUM:ada@contoso.com;phone-context=HQ.contoso.com", "EUM:51234;phone-context=Gone.contoso.com"], False),
        (ADA, ["eum:ada@contoso.com;phone-context=Gone.contoso.com"], False),
        (ADA, ["EUM:ada@contoso.com"], False),
        (ADA, [], False),
        (ADA.replace("CN=HQ |", "CN=Ext |"), ["EUM:1234;phone-context=HQ.contoso.com"], True),
        (ADA.replace("CN=HQ |", "CN=Ext |"), ["EUM:1234;phone-context=Legacy.contoso.com"], True),
        (ADA.replace("CN=HQ |", "- |"), ["EUM:ada@contoso.com;phone-context=Gone.contoso.com"], True),
        (ADA.replace("CN=HQ |", "CN=Mute |"), ["EUM:ada@contoso.com;phone-context=Gone.contoso.com"], False),
        (ADA.replace("CN=HQ |", "- |").replace("CN=HQ P", "CN=Empty"), ["EUM:ada@contoso.com;phone-context=Gone"], False),
        (ADA.replace("yes", "no"), ["EUM:ada@contoso.com;phone-context=Gone.contoso.com"], False),
        (ADA.replace("- | user", f"{ONLINE} | user"), ["EUM:ada@contoso.com;phone-context=Gone.contoso.com"], False),
        (ADA.replace("user", "contact"), ["EUM:ada@contoso.com;phone-context=Gone.contoso.com"], False),
    ],
)
def test_the_phone_context_is_that_of_the_users_plan(ada: str, addresses: list[str], named: bool) -> None:
    found = offenders(eum_phone_context_foreign, users=users(ada), proxy_addresses=proxies(*addresses), **PLANS)
    assert found == (["ada"] if named else [])


@pytest.mark.parametrize(
    ("ada", "named"),
    [
        (ADA, False),
        (ADA.replace("CN=HQ P", "CN=Ext P"), True),
        (ADA.replace("CN=HQ |", "- |").replace("CN=HQ P", "CN=Ext P"), False),
        (ADA.replace("CN=HQ |", "CN=Gone |").replace("CN=HQ P", "CN=Ext P"), False),
        (ADA.replace("CN=HQ P", "CN=Orphan"), False),
        (ADA.replace("CN=HQ P", "CN=Empty"), False),
        (ADA.replace("CN=HQ P", "CN=NoSuch"), False),
        (ADA.replace("CN=HQ P", "-"), False),
        (ADA.replace("CN=HQ P", "CN=Ext P").replace("yes", "no"), False),
        (ADA.replace("CN=HQ P", "CN=Ext P").replace("- | user", f"{ONLINE} | user"), False),
        (ADA.replace("CN=HQ P", "CN=Ext P").replace("user", "contact"), False),
    ],
)
def test_the_policy_is_one_of_the_users_own_plan(ada: str, named: bool) -> None:
    found = findings(um_policy_of_other_plan, users=users(ada), **PLANS)
    said = "UM mailbox policy Ext P of ada is of UM dial plan Ext, not of the user's own, HQ."
    assert list(found["message"]) == ([said] if named else [])


@pytest.mark.parametrize("code", ["CNS-005", "CNS-006", "CNS-007", "CNS-008"])
def test_without_exchange_in_sight_a_users_um_is_not_judged(code: str) -> None:
    rule = rules.shipped()[code]
    assert rule.needs == (Need.EXCHANGE,)
    verdict = outcome(rule, users=users(ADA), needs=True)
    assert isinstance(verdict, Skipped)
    assert verdict.reason.startswith("no Exchange organization is in sight")


@pytest.mark.parametrize(
    "rule", [sip_address_shared, address_shared, number_shared, base_number_shared], ids=lambda rule: rule.code
)
def test_what_must_be_unique_is_judged_wherever_exchange_and_lync_live(rule: Rule) -> None:
    assert rule.needs == ()


def test_each_holder_of_a_shared_proxy_address_is_named_with_all_the_others() -> None:
    found = findings(
        address_shared,
        users=table("identity | sip_address\nada | sip:ada@contoso.com\nbo | -\ncy | -"),
        contacts=table("identity\nDesk"),
        proxy_addresses=table("""
            identity | address
            ada      | SMTP:info@contoso.com
            ada      | sip:ada@contoso.com
            bo       | smtp:Info@contoso.com
            bo       | eum:51234;phone-context=HQ.contoso.com
            cy       | SIP:ADA@contoso.com
        """),
        contact_proxy_addresses=table("identity | address\nDesk | SMTP:INFO@contoso.com"),
    )
    assert sorted(found[["key", "table", "message"]].to_numpy().tolist()) == [
        [
            "CNS-002/contacts-0/smtp:info@contoso.com",
            "contacts",
            "Address smtp:info@contoso.com of Desk is also an address of ada, bo.",
        ],
        [
            "CNS-002/users-0/sip:ada@contoso.com",
            "users",
            "Address sip:ada@contoso.com of ada is also an address of cy.",
        ],
        [
            "CNS-002/users-0/smtp:info@contoso.com",
            "users",
            "Address smtp:info@contoso.com of ada is also an address of Desk (contact), bo.",
        ],
        [
            "CNS-002/users-1/smtp:info@contoso.com",
            "users",
            "Address smtp:info@contoso.com of bo is also an address of Desk (contact), ada.",
        ],
        [
            "CNS-002/users-2/sip:ada@contoso.com",
            "users",
            "Address sip:ada@contoso.com of cy is also an address of ada.",
        ],
    ]


def test_addresses_shared_among_those_seen_are_told_although_others_were_not_seen() -> None:
    users = table("identity\nada\nbo\ncy")
    proxies = table("identity | address\nada | SMTP:a@contoso.com\nbo | smtp:a@contoso.com\ncy | smtp:b@contoso.com")
    hidden = unseen(
        ("proxy_addresses", "address", "users-2", State.UNREADABLE, "may not be read on one user"),
        ("contact_proxy_addresses", "address", None, State.UNREADABLE, "may not be read on any contact"),
    )
    verdict = outcome(address_shared, users=users, proxy_addresses=proxies, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["ada", "bo"]
    assert "may not be read on one user" in verdict.note
    assert "may not be read on any contact" in verdict.note


@pytest.mark.parametrize(
    ("held", "um_lync", "teams"),
    [
        (["tel:+14255550100", "tel:+14255550100;ext=1"], ("medium", "B"), ("high", "B")),
        (["TEL:+14255550100", "tel:+14255550100;EXT=1"], ("medium", "B"), ("high", "B")),
        (["tel:+14255550100;ext=1", "tel:+14255550100;ext=2"], None, ("info", "-")),
        (["tel:+14255550100", "tel:+14255550100"], None, None),
        (["tel:+14255550100;ext=1", "tel:+14255550100;ext=1"], None, None),
        (["tel:+14255550100", "tel:+14255550101;ext=1"], None, None),
        (["tel:14255550100", "tel:14255550100;ext=1"], None, None),
        (["tel:100", "tel:100;ext=1"], None, None),
        (["sip:a@pbx.contoso.com", "sip:a@pbx.contoso.com;ext=1"], None, None),
    ],
)
def test_a_base_number_stands_with_or_without_extensions(
    held: list[str], um_lync: tuple[str, str] | None, teams: tuple[str, str] | None
) -> None:
    users = table(f"identity | line_uri\nada | {held[0]}\nbo | {held[1]}")
    for target, expected in ((Target.UM_LYNC, um_lync), (Target.SFB_CLOUD_VOICEMAIL, um_lync), (Target.TEAMS_PHONE, teams)):
        found = findings(base_number_shared, users=users, target=target)
        rows = found[["identity", "severity", "wave"]].to_numpy().tolist()
        assert rows == ([["ada", *expected], ["bo", *expected]] if expected else [])


def test_each_holder_of_a_base_number_is_named_once_with_the_numbers_of_the_others() -> None:
    users = table("""
        identity | line_uri                | private_line
        ada      | tel:+14255550100        | tel:+14255550100;ext=9
        bo       | tel:+14255550100;ext=1  | -
        cy       | tel:+14255550102        | tel:+14255550102;ext=1
    """)
    found = findings(base_number_shared, users=users)
    assert found[["key", "message"]].to_numpy().tolist() == [
        [
            "CNS-004/users-0/+14255550100",
            "Base number +14255550100 of ada (line URI) is held with another extension, or without one,"
            " by bo (line URI +14255550100;ext=1).",
        ],
        [
            "CNS-004/users-1/+14255550100",
            "Base number +14255550100 of bo (line URI) is held with another extension, or without one,"
            " by ada (line URI +14255550100).",
        ],
    ]


def test_each_holder_of_a_shared_extension_is_named() -> None:
    proxies = table("""
        identity | address
        ada      | eum:51234;phone-context=HQ.contoso.com
        bo       | EUM:51234;phone-context=hq.contoso.com
        cy       | eum:51234;phone-context=Lab.contoso.com
    """)
    found = findings(extension_shared, users=table("identity\nada\nbo\ncy"), proxy_addresses=proxies)
    assert found[["key", "table", "message"]].to_numpy().tolist() == [
        [
            f"CNS-005/users-{row}/51234;phone-context=hq.contoso.com",
            "users",
            f"Extension 51234 of {one} in phone context hq.contoso.com is also that of {other}.",
        ]
        for row, (one, other) in enumerate((("ada", "bo"), ("bo", "ada")))
    ]


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ("sip:ada@contoso.com | ada@contoso.com | user", False),
        ("SIP:Ada@Contoso.com | ADA@contoso.com | user", False),
        ("sip:ada@contoso.com | abyron@contoso.com | user", True),
        ("sip:ada@contoso.com | ada@fabrikam.com | inetOrgPerson", True),
        ("sip:ada@contoso.com | - | user", False),
        ("- | ada@contoso.com | user", False),
        ("sip:ada@contoso.com | abyron@contoso.com | contact", False),
    ],
)
@pytest.mark.parametrize("target", list(Target))
def test_sip_address_and_user_principal_name_are_one(user: str, named: bool, target: Target) -> None:
    users = table(f"identity | sip_address | upn | object_class\nada | {user}")
    assert bool(offenders(sip_address_unlike_upn, users=users, target=target)) is named


@pytest.mark.parametrize(
    ("user", "addresses", "primary"),
    [
        ("sip:ada@contoso.com | other@contoso.com | user", ["SMTP:Ada@Contoso.com", "smtp:b@contoso.com"], None),
        ("sip:ada@contoso.com | other@contoso.com | user", ["SMTP:b@contoso.com", "SMTP:ada@contoso.com"], None),
        ("sip:ada@contoso.com | ADA@contoso.com | user", ["smtp:b@contoso.com"], None),
        ("sip:ada@contoso.com | - | user", ["smtp:b@contoso.com"], None),
        ("- | b@contoso.com | user", ["SMTP:b@contoso.com"], None),
        ("sip:ada@contoso.com | b@contoso.com | contact", ["SMTP:b@contoso.com"], None),
        ("sip:ada@contoso.com | ada@contoso.com | user", ["SMTP:b@contoso.com", "smtp:ada@contoso.com"], "b@contoso.com"),
        ("sip:ada@contoso.com | b@contoso.com | user", [], "b@contoso.com"),
        ("sip:ada@contoso.com | b@contoso.com | user", ["smtp:ada@contoso.com"], "b@contoso.com"),
    ],
)
def test_sip_address_and_primary_mail_address_are_one(user: str, addresses: list[str], primary: str | None) -> None:
    held = table(f"identity | sip_address | mail | object_class\nada | {user}")
    written = table("\n".join(("identity | address", *(f"ada | {one}" for one in addresses))))
    found = findings(sip_address_unlike_mail, users=held, proxy_addresses=written)
    said = f"SIP address sip:ada@contoso.com of ada is not its primary e-mail address {primary}."
    assert list(found["message"]) == ([said] if primary else [])


def test_the_mail_attribute_does_not_stand_in_for_proxy_addresses_that_were_not_seen() -> None:
    users = table("identity | sip_address | mail\nada | sip:ada@contoso.com | b@contoso.com")
    hidden = unseen(("proxy_addresses", "address", "users-0", State.UNREADABLE, "proxyAddresses may not be read"))
    assert isinstance(outcome(sip_address_unlike_mail, users=users, visibility=hidden), Skipped)


SHARERS = {
    "users": table("identity | sip_address\nada | -\nbo | -\ncy | -"),
    "contacts": table("identity | sip_address\nDesk | -\nPhone | -"),
    "proxy_addresses": table("""
        identity | address
        ada      | eum:50100;phone-context=HQ.contoso.com
        bo       | EUM:50100;phone-context=hq.contoso.com
        ada      | smtp:one@contoso.com
        bo       | SMTP:One@contoso.com
    """),
    "contact_proxy_addresses": table("identity | address\nDesk | smtp:two@contoso.com\nPhone | SMTP:two@contoso.com"),
}
NO_ADDRESSES = {"proxy_addresses": SHARERS["proxy_addresses"].iloc[:0]}
EVERYBODY = ("proxy_addresses", "address", None, State.UNREADABLE, "not seen")


@pytest.mark.parametrize(
    ("rule", "given", "hidden", "expected"),
    [
        (address_shared, {}, (), (["Desk", "Phone", "ada", "ada", "bo", "bo"], 5, 5, "")),
        (extension_shared, {}, (), (["ada", "bo"], 3, 3, "")),
        # a user whose addresses were not seen takes away only itself, though nobody else has a fault
        (extension_shared, {}, ("proxy_addresses", "address", "users-0", State.UNREADABLE, "not seen"), ([], 2, 3, "not seen")),
        # nobody's addresses were seen, and so there is not even a row of which that could be said
        (address_shared, NO_ADDRESSES, EVERYBODY, (["Desk", "Phone"], 2, 5, "proxy_addresses.address: not seen")),
        (extension_shared, NO_ADDRESSES, EVERYBODY, "shared_extensions: proxy_addresses.address: not seen"),
        (
            extension_shared,
            {},
            ("users", "object_class", None, State.UNREADABLE, "not seen"),
            "shared_extensions: users.object_class: not seen",
        ),
        (
            address_shared,
            {},
            ("contacts", "sip_address", None, State.UNREADABLE, "not seen"),
            (["Desk", "Phone", "ada", "ada", "bo", "bo"], 3, 5, "contacts.sip_address: not seen"),
        ),
    ],
)
def test_addresses_that_were_not_seen_are_never_taken_for_unshared(
    rule: Rule, given: dict[str, DataFrame], hidden: tuple[Any, ...], expected: object
) -> None:
    verdict = outcome(rule, visibility=unseen(hidden) if hidden else unseen(), **(SHARERS | given))
    if isinstance(verdict, Skipped):
        assert verdict.reason == expected
    else:
        assert (sorted(verdict.findings["identity"]), verdict.judged, verdict.of, verdict.note) == expected


def test_a_finding_about_shared_addresses_says_of_how_many_objects() -> None:
    found = assess(
        tables(**SHARERS),
        unseen(("proxy_addresses", "address", "users-2", State.UNREADABLE, "not seen")),
        target=Target.TEAMS_PHONE,
        today=TODAY,
        catalogue=[address_shared],
    ).findings
    assert set(found["because"]) == {"(4 of 5 objects could be judged)"}
