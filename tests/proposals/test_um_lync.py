from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from adinspect import step
from adinspect.visibility import State, rows

Split = Callable[..., Any]
Person = Mapping[str, str]

ENABLE, VOICE, MAILBOX = "20_cs_user_enable", "21_cs_user_voice", "30_um_mailbox_enable"
PLAN = "CN=HQ,OU=Staff,DC=contoso,DC=example"
PLANS = "identity | uri_type | phone_context | extension_digits"
OTHER_PLAN = "CN=Lab,OU=Staff,DC=contoso,DC=example"

LYNC = {"sip_domains": "domain\ncontoso.com\nFabrikam.com", "pools": "identity | fqdn\nPool | pool01.contoso.example"}
EXCHANGE = {
    "servers": "identity | legacy_dn | version_major | version_minor\nEX16 | /cn=EX16 | 15 | 1\nEX19 | /cn=EX19 | 15 | 2",
    "dial_plans": f"{PLANS}\nHQ | 3 | HQ.contoso.example | 5\nLab | 1 | Lab.example | 4",
    "dial_plan_equivalents": "dn | guid | identity | phone_context\n" + f"{PLAN} | x | HQ | Old.contoso.example",
    "mailbox_policies": f"identity | dial_plan\nHQ Policy | {PLAN}\nLab Policy | {OTHER_PLAN}",
}


def text(*people: Person) -> str:
    """A table of people who need not all say the same things."""
    names = list(dict.fromkeys(name for person in people for name in person))
    return "\n".join(" | ".join(line) for line in [names, *([person.get(name, "-") for name in names] for person in people)])


def sent(csv: str, rule: str, *identities: str) -> str:
    return "identity | rule | csv\n" + "\n".join(f"{identity} | {rule} | {csv}" for identity in identities)


def proxies(*pairs: tuple[str, str]) -> str:
    return "identity | address\n" + "\n".join(" | ".join(pair) for pair in pairs)


# ---- 20_cs_user_enable

ADA = {"identity": "Ada", "upn": "Ada.L@contoso.com", "mail": "ada@contoso.com", "recipient_type": "1"}
BOB = {"identity": "Bob", "upn": "bob@contoso.com", "recipient_type": "1"}


@pytest.mark.parametrize(
    ("changes", "addresses", "expected"),
    [
        pytest.param({}, [], "sip:Ada.L@contoso.com", id="the user principal name, in its case"),
        pytest.param({"upn": "ada@FABRIKAM.com"}, [], "sip:ada@FABRIKAM.com", id="a SIP domain is one whatever its case"),
        pytest.param({"upn": "o'neil@contoso.com"}, [], "sip:o'neil@contoso.com", id="an apostrophe is fit"),
        pytest.param({"upn": "ada@contoso.example"}, [], "sip:ada@contoso.com", id="no SIP domain: the mail address"),
        pytest.param({"upn": "ada@a.contoso.com"}, [], "sip:ada@contoso.com", id="a subdomain is another domain"),
        pytest.param({"upn": "ada@lyon@contoso.com"}, [], "sip:ada@contoso.com", id="two at signs"),
        pytest.param({"upn": "-"}, [], "sip:ada@contoso.com", id="no user principal name: the mail address"),
        pytest.param({"upn": "ad\u00e1@contoso.com"}, [], "sip:ada@contoso.com", id="an accent is not valid"),
        pytest.param({"upn": "ada&co@contoso.com"}, [], "sip:ada@contoso.com", id="a reserved character is not given to anybody"),
        pytest.param({"upn": ".ada@contoso.com"}, [], "sip:ada@contoso.com", id="a dot at the start is not valid"),
        pytest.param({"upn": "ada.@contoso.com"}, [], "sip:ada@contoso.com", id="a dot before the at sign is not valid"),
        pytest.param({"upn": f"{'a' * 439}@contoso.com"}, [], "sip:ada@contoso.com", id="455 characters are one too many"),
        pytest.param({"upn": f"{'a' * 438}@contoso.com"}, [], f"sip:{'a' * 438}@contoso.com", id="454 characters are not"),
        pytest.param(
            {"upn": "-"}, ["SMTP:First@contoso.com", "smtp:b@contoso.com"], "sip:First@contoso.com", id="the primary one"
        ),
        pytest.param({"upn": "-"}, ["smtp:second@contoso.com"], "sip:ada@contoso.com", id="a secondary address is not it"),
    ],
)
def test_a_new_sip_address_is_the_user_principal_name_or_the_primary_mail_address(
    split: Split, changes: Person, addresses: list[str], expected: str
) -> None:
    told = proxies(("Bob", "SMTP:bob@contoso.com"), *(("Ada", address) for address in addresses))
    users = text({**ADA, **changes}, BOB)
    row = split(ENABLE, sent(ENABLE, "USR-001", "Ada"), users=users, proxy_addresses=told, **LYNC).kept["Ada"]
    assert row["SipAddress"] == expected
    assert (row["Identity"], row["RegistrarPool"]) == ("CN=Ada,OU=Staff,DC=contoso,DC=example", "pool01.contoso.example")
    assert (row["_Previous_SipAddress"], row["_Previous_RegistrarPool"]) == ("", "")


@pytest.mark.parametrize(
    ("changes", "addresses", "reason"),
    [
        pytest.param({"upn": "-", "mail": "-"}, [], "neither the user principal name nor", id="no source at all"),
        pytest.param({"upn": "a@contoso.example", "mail": "-"}, [], "(contoso.com, fabrikam.com)", id="no SIP domain"),
        pytest.param({"upn": "-"}, ["SMTP:a@contoso.com", "SMTP:b@contoso.com"], "neither the user", id="two primary addresses"),
        pytest.param({"upn": "-"}, ["SMTP:a@contoso.example"], "neither the user", id="the primary address goes before mail"),
        pytest.param({"deployment_locator": "sipfed.online.lync.com"}, [], "is homed online", id="homed online"),
        pytest.param({"sip_address": "sip:ada@contoso.com"}, [], "has a place in Lync already", id="has an address"),
        pytest.param({"sip_enabled": "no"}, [], "has a place in Lync already", id="is disabled in Lync, configuration kept"),
        pytest.param({"pool_service": "CN=Lc"}, [], "has a place in Lync already", id="is homed already"),
        pytest.param({"account_disabled": "yes"}, [], "the account is disabled", id="disabled account"),
        pytest.param({"account_disabled": "yes", "recipient_type": "2"}, [], "msRTCSIP-OriginatorSid", id="linked mailbox"),
        pytest.param({"dn": "CN=A*,DC=contoso,DC=example"}, [], "Identity is not what the column allows", id="a wildcard"),
        pytest.param(
            {"dn": "CN=Ada\\0ACNF:0f,DC=contoso,DC=example"}, [], "Identity is not what", id="a conflict object of replication"
        ),
        pytest.param({"guid": "ada00000-0000-5000-8000-000000000000"}, [], "objectGUID is not known", id="a GUID made of the DN"),
    ],
)
def test_who_is_not_enabled_and_why(split: Split, changes: Person, addresses: list[str], reason: str) -> None:
    told = {"proxy_addresses": proxies(*(("Ada", address) for address in addresses))} if addresses else {}
    ada = {"dn": "CN=Ada,OU=Staff,DC=contoso,DC=example", **ADA, **changes}
    # a user homed online makes the forest hybrid as well
    found = split(ENABLE, sent(ENABLE, "USR-001", "Ada"), users=text(ada, {"dn": "CN=Bob,DC=x", **BOB}), **told, **LYNC)
    assert not found.kept
    assert reason in found.why("Ada")


@pytest.mark.parametrize(
    ("holder", "named"),
    [
        pytest.param({"users": text(ADA, {**BOB, "sip_address": "sip:ADA.l@contoso.com"})}, "Bob", id="a user's SIP address"),
        pytest.param({"contacts": "identity | sip_address\nDesk | SIP:ada.L@contoso.com"}, "Desk (contact)", id="a contact's"),
        pytest.param({"proxy_addresses": proxies(("Bob", "sip:ada.l@contoso.com"))}, "Bob", id="a user's proxy address"),
        pytest.param(
            {"contacts": "identity\nDesk", "contact_proxy_addresses": proxies(("Desk", "SIP:ada.l@contoso.com"))},
            "Desk (contact)",
            id="a contact's proxy address",
        ),
    ],
)
def test_a_sip_address_that_another_object_holds_is_not_given_again(split: Split, holder: dict[str, str], named: str) -> None:
    found = split(ENABLE, sent(ENABLE, "USR-001", "Ada"), **{"users": text(ADA, BOB), **holder}, **LYNC)
    assert found.why("Ada") == f"the SIP address is taken: sip:Ada.L@contoso.com by {named}"
    assert found.rejected["Ada"]["SipAddress"] == step.REVIEW


def test_a_users_own_proxy_address_and_a_mail_address_take_no_sip_address_away(split: Split) -> None:
    own = proxies(("Ada", "sip:ada.l@contoso.com"), ("Bob", "smtp:ada.l@contoso.com"))
    found = split(ENABLE, sent(ENABLE, "USR-001", "Ada"), users=text(ADA, BOB), proxy_addresses=own, **LYNC)
    assert list(found.kept) == ["Ada"]


def test_two_users_who_would_get_one_sip_address_both_get_none(split: Split) -> None:
    bob = {**BOB, "upn": "bob@contoso.example", "mail": "ADA.L@contoso.com"}
    cyd = {**BOB, "identity": "Cyd", "upn": "cyd@contoso.com"}
    found = split(ENABLE, sent(ENABLE, "USR-001", "Ada", "Bob", "Cyd"), users=text(ADA, bob, cyd), **LYNC)
    assert list(found.kept) == ["Cyd"]
    assert found.why("Ada") == "the SIP address is taken: sip:Ada.L@contoso.com by Bob (proposed here too)"
    assert found.why("Bob") == "the SIP address is taken: sip:ADA.L@contoso.com by Ada (proposed here too)"


@pytest.mark.parametrize(
    "pools",
    [
        pytest.param("identity | fqdn\nOne | a.example\nTwo | b.example", id="two"),
        pytest.param("identity | fqdn\nOne | a.example\nTwo | -", id="a second without FQDN"),
        pytest.param("identity | fqdn\nOne | -", id="one without FQDN"),
        pytest.param("identity | fqdn", id="none"),
    ],
)
def test_the_home_pool_is_a_choice_unless_there_is_exactly_one(split: Split, pools: str) -> None:
    found = split(ENABLE, sent(ENABLE, "USR-001", "Ada"), users=text(ADA), **{**LYNC, "pools": pools})
    assert found.rejected["Ada"]["RegistrarPool"] == step.REVIEW
    assert "the home is a choice" in found.why("Ada")


@pytest.mark.parametrize(
    ("somebody", "hybrid"),
    [
        pytest.param({"deployment_locator": "SIPFED.online.lync.com"}, True, id="a user homed online"),
        pytest.param({"recipient_type": "2147483648"}, True, id="a remote mailbox"),
        pytest.param({"recipient_type": "34359738368"}, True, id="a remote shared mailbox"),
        pytest.param({"deployment_locator": "srv:"}, False, id="only users homed here"),
    ],
)
def test_in_a_hybrid_forest_nobody_is_enabled_unseen(split: Split, somebody: Person, hybrid: bool) -> None:
    found = split(ENABLE, sent(ENABLE, "USR-001", "Ada"), users=text(ADA, {**BOB, **somebody}), **LYNC)
    assert bool(found.kept) is not hybrid
    if hybrid:
        assert found.rejected["Ada"]["RegistrarPool"] == step.REVIEW
        assert "the forest is hybrid" in found.why("Ada")


# ---- 21_cs_user_voice

CAL = {"identity": "Cal", "sip_address": "sip:cal@contoso.com", "line_uri": "tel:+14255550101", "deployment_locator": "SRV:"}


def test_enterprise_voice_is_turned_on_with_the_line_a_user_holds(split: Split) -> None:
    users = text(CAL, {**CAL, "identity": "Dee", "line_uri": "TEL:+14255550102;EXT=50102"})
    # whoever holds a line without Enterprise Voice is found by two rules at once
    findings = sent(VOICE, "USR-006", "Cal", "Dee") + f"\nCal | USR-008 | {VOICE}"
    found = split(VOICE, findings, users=users)
    assert {identity: row["LineURI"] for identity, row in found.kept.items()} == {
        "Cal": "tel:+14255550101",
        "Dee": "TEL:+14255550102;EXT=50102",
    }
    cal = found.kept["Cal"]
    assert (cal["EnterpriseVoiceEnabled"], cal["_Previous_EnterpriseVoiceEnabled"]) == ("True", "False")
    assert (cal["_Previous_LineURI"], cal["_Rules"]) == ("tel:+14255550101", "USR-006|USR-008")


@pytest.mark.parametrize(
    ("rules", "changes", "column", "reason"),
    [
        pytest.param(["USR-006"], {"line_uri": "-"}, "LineURI", "has no line URI: the profile has no [[range]]", id="no line"),
        pytest.param(
            ["USR-007"],
            {"line_uri": "-", "enterprise_voice": "yes"},
            "LineURI",
            "turn it off, or assign a number: ",
            id="voice without a line",
        ),
        pytest.param(["USR-008"], {}, "EnterpriseVoiceEnabled", "with this line, or clear the line", id="idle line"),
        pytest.param(["USR-006", "USR-009"], {"line_uri": "tel:4255550101"}, "LineURI", "(E.164): tel:4", id="no plus sign"),
        pytest.param(["USR-006", "USR-009"], {"line_uri": "tel:+1 425 555 0101"}, "LineURI", "(E.164): ", id="spaces"),
        pytest.param(
            ["USR-009"], {"line_uri": "+14255550101", "enterprise_voice": "yes"}, "LineURI", "(E.164): ", id="no scheme"
        ),
        pytest.param(
            ["USR-006"], {"remote_call_control": "yes"}, "EnterpriseVoiceEnabled", "is under remote call control", id="RCC"
        ),
        pytest.param(
            ["USR-006"],
            {"remote_call_dual": "yes"},
            "EnterpriseVoiceEnabled",
            "is under remote call control",
            id="RCC beside Lync",
        ),
        pytest.param(
            ["USR-009"],
            {"deployment_locator": "sipfed.online.lync.com", "line_uri": "tel:1"},
            "EnterpriseVoiceEnabled",
            "is homed online",
            id="homed online",
        ),
        pytest.param(
            ["USR-008"],
            {"deployment_locator": "sipfed.online.lync.de"},
            "EnterpriseVoiceEnabled",
            "is homed online",
            id="homed in another cloud",
        ),
        pytest.param(
            ["SITE-1"], {"enterprise_voice": "yes"}, "EnterpriseVoiceEnabled", "nothing is known here", id="a rule of the site"
        ),
        pytest.param(
            ["USR-006"], {"line_uri": "tel:+14255550101;ext=" + "1" * 21}, "LineURI", "", id="an extension of 21 digits"
        ),
    ],
)
def test_whose_voice_is_not_changed_and_why(split: Split, rules: list[str], changes: Person, column: str, reason: str) -> None:
    findings = "identity | rule | csv\n" + "\n".join(f"Cal | {rule} | {VOICE}" for rule in rules)
    found = split(VOICE, findings, users=text({**CAL, **changes}))
    assert not found.kept
    assert reason in found.why("Cal")
    assert found.rejected["Cal"][column] == step.REVIEW or not reason
    assert found.rejected["Cal"]["_Rules"] == "|".join(sorted(rules))


HOLDERS = [
    pytest.param({"users": text(CAL, {**CAL, "identity": "Dee"})}, "Dee (line URI)", id="another user"),
    pytest.param(
        {"users": text(CAL, {"identity": "Dee", "private_line": "TEL:+14255550101"})}, "Dee (private line)", id="a private line"
    ),
    pytest.param({"contacts": "identity | line_uri\nDesk | tel:+14255550101"}, "Desk (line URI)", id="a contact"),
    pytest.param(
        {
            "auto_attendants": "identity\nWelcome",
            "auto_attendant_numbers": "identity | number\nWelcome | +14255550101",
        },
        "Welcome (auto attendant number)",
        id="an auto attendant",
    ),
]


@pytest.mark.parametrize(("holder", "named"), HOLDERS)
def test_a_line_that_another_object_holds_is_not_used(split: Split, holder: dict[str, str], named: str) -> None:
    found = split(VOICE, sent(VOICE, "USR-006", "Cal"), **{"users": text(CAL), **holder})
    assert found.why("Cal") == f"the line is held by others too: tel:+14255550101 by {named}"


def test_a_number_found_shared_is_not_used_whichever_of_the_users_it_is(split: Split) -> None:
    findings = sent(VOICE, "USR-006", "Cal") + "\nCal | CNS-003 | -"
    assert "CNS-003" in split(VOICE, findings, users=text(CAL)).why("Cal")


def test_a_number_with_and_one_without_extension_are_two(split: Split) -> None:
    users = text(CAL, {**CAL, "identity": "Dee", "line_uri": "tel:+14255550101;ext=7"})
    assert list(split(VOICE, sent(VOICE, "USR-006", "Cal", "Dee"), users=users).kept) == ["Cal", "Dee"]


# ---- 30_um_mailbox_enable

EVE = {
    "identity": "Eve",
    "sip_address": "sip:Eve@contoso.com",
    "line_uri": "tel:+14255550101",
    "mailbox_database": "CN=DB",
    "home_server": "/cn=ex16",
    "recipient_type": "1",
    "object_class": "user",
}
FAY = {**EVE, "identity": "Fay", "sip_address": "sip:fay@contoso.com", "line_uri": "tel:+14255550102"}


def test_a_mailbox_is_enabled_in_the_only_policy_of_a_sip_uri_plan(split: Split) -> None:
    row = split(MAILBOX, sent(MAILBOX, "USR-003", "Eve"), users=text(EVE), **EXCHANGE).kept["Eve"]
    assert row["Identity"] == row["_ObjectGuid"]
    assert (row["Extensions"], row["SIPResourceIdentifier"]) == ("50101", "Eve@contoso.com")
    assert (row["PINExpired"], row["NotifyEmail"]) == ("True", "")
    assert row["_Why"] == "USR-003 said so. UM mailbox policy HQ Policy, UM dial plan HQ."
    assert [name for name in row if name.startswith(step.PREVIOUS) and row[name]] == []


@pytest.mark.parametrize(
    ("changes", "extension"),
    [
        pytest.param({}, "50101", id="the last digits of the line"),
        pytest.param({"line_uri": "tel:+14255550101;ext=77777"}, "77777", id="an extension of the plan's length"),
        pytest.param({"line_uri": "tel:+14255550101;ext=101"}, "50101", id="a shorter one that the number ends with"),
        pytest.param({"line_uri": "tel:+14255550101;ext=250101"}, "-", id="a longer one that the number does not end with"),
        pytest.param({"line_uri": "tel:+14255550101;ext=999"}, "-", id="a shorter one of another numbering"),
        pytest.param({"line_uri": "-", "telephone_number": "+1 (425) 555-0177"}, "50177", id="no line: the telephone number"),
        pytest.param({"line_uri": "-", "telephone_number": "(425) 555-0177"}, "-", id="a national telephone number"),
        pytest.param({"line_uri": "-", "telephone_number": "+1 425 555 0177 x 12"}, "-", id="a telephone number with words"),
        pytest.param({"line_uri": "tel:50101", "telephone_number": "+1 425 555 0177"}, "-", id="a line that is no E.164 number"),
        pytest.param({"line_uri": "tel:+1425"}, "-", id="a number shorter than an extension"),
        pytest.param({"line_uri": "-"}, "-", id="no number at all"),
    ],
)
def test_the_extension_is_what_the_number_ends_with(split: Split, changes: Person, extension: str) -> None:
    found = split(MAILBOX, sent(MAILBOX, "USR-003", "Eve"), users=text({**EVE, **changes}), **EXCHANGE)
    if extension == "-":
        assert found.rejected["Eve"]["Extensions"] == step.REVIEW
        assert found.why("Eve") == "neither line URI nor telephone number tells an extension of 5 digits"
    else:
        assert found.kept["Eve"]["Extensions"] == extension


@pytest.mark.parametrize(
    ("rule", "changes", "reason"),
    [
        pytest.param("USR-003", {"sip_address": "-"}, "has no SIP address", id="no SIP address"),
        pytest.param("USR-003", {"sip_address": "sip:eve"}, "is not a valid SIP address: sip:eve", id="no valid SIP address"),
        pytest.param("USR-003", {"um_enabled": "yes"}, "is enabled for Unified Messaging already", id="enabled already"),
        pytest.param("USR-010", {"deployment_locator": "sipfed.online.lync.com"}, "is homed online", id="homed online"),
        pytest.param("USR-003", {"object_class": "contact"}, "is a contact", id="a contact of another forest's user"),
        pytest.param("USR-010", {"mailbox_database": "-"}, "has no mailbox on a server", id="a mailbox elsewhere"),
        pytest.param("USR-010", {"home_server": "/cn=EX19"}, "its home server has no Unified Messaging", id="Exchange 2019"),
        pytest.param("USR-010", {"home_server": "/cn=Gone"}, "the release of its home server is not known", id="unknown server"),
        pytest.param("USR-010", {"account_disabled": "yes"}, "the account is disabled", id="disabled account"),
        pytest.param("USR-003", {"guid": "ada00000-0000-5000-8000-000000000000"}, "objectGUID is not known", id="a GUID made up"),
    ],
)
def test_whose_mailbox_is_not_enabled_and_why(split: Split, rule: str, changes: Person, reason: str) -> None:
    found = split(MAILBOX, sent(MAILBOX, rule, "Eve"), users=text({**EVE, **changes}), **EXCHANGE)
    assert not found.kept
    assert reason in found.why("Eve")


def test_a_linked_mailbox_whose_account_is_disabled_as_it_must_be_is_enabled(split: Split) -> None:
    users = text({**EVE, "account_disabled": "yes", "recipient_type": "2"})
    assert list(split(MAILBOX, sent(MAILBOX, "USR-003", "Eve"), users=users, **EXCHANGE).kept) == ["Eve"]


@pytest.mark.parametrize("setting", ["CsHostedVoiceMail=1", "exchangehostedvoicemail=1"])
def test_hosted_voice_mail_that_is_on_is_not_cleared_by_the_way(split: Split, setting: str) -> None:
    settings = f"identity | setting\nEve | {setting}\nFay | CsHostedVoiceMail=0"
    findings = sent(MAILBOX, "USR-003", "Eve", "Fay")
    found = split(MAILBOX, findings, users=text(EVE, FAY), voice_mail_settings=settings, **EXCHANGE)
    assert list(found.kept) == ["Fay"]
    assert "hosted voice mail is on" in found.why("Eve")


@pytest.mark.parametrize("address", ["eum:50101;phone-context=HQ.contoso.example", "EUM:x@y;phone-context=Gone", "eum:broken"])
def test_eum_addresses_that_enabling_would_remove_are_named(split: Split, address: str) -> None:
    users = text(EVE, {"identity": "Gus"})
    held = proxies(("Eve", address), ("Eve", "SMTP:eve@contoso.com"))
    found = split(MAILBOX, sent(MAILBOX, "USR-003", "Eve"), users=users, proxy_addresses=held, **EXCHANGE)
    assert found.why("Eve") == f"Enable-UMMailbox would remove its EUM addresses: {address}"


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        pytest.param("eum:50101;phone-context=HQ.contoso.example", True, id="in the plan"),
        pytest.param("EUM:50101;PHONE-CONTEXT=hq.CONTOSO.example", True, id="in the plan, whatever the case"),
        pytest.param("eum:50101;phone-context=old.contoso.example", True, id="in a context that is equivalent"),
        pytest.param("eum:50101;phone-context=Lab.example", False, id="in another plan"),
        pytest.param("eum:50102;phone-context=HQ.contoso.example", False, id="another extension"),
    ],
)
@pytest.mark.parametrize("holder", ["Gus", "Desk"])
def test_an_extension_that_is_held_in_the_plan_is_not_given_again(split: Split, address: str, taken: bool, holder: str) -> None:
    tables = {"users": text(EVE, {"identity": "Gus"}), "contacts": "identity\nDesk", **EXCHANGE}
    tables["proxy_addresses" if holder == "Gus" else "contact_proxy_addresses"] = proxies((holder, address))
    found = split(MAILBOX, sent(MAILBOX, "USR-003", "Eve"), **tables)
    assert bool(found.kept) is not taken
    if taken:
        label = "Gus" if holder == "Gus" else "Desk (contact)"
        assert found.why("Eve") == f"the extension is taken in UM dial plan HQ: 50101 by {label}"


def test_two_users_who_would_get_one_extension_both_get_none(split: Split) -> None:
    users = text(EVE, {**FAY, "line_uri": "tel:+442079450101"}, {**FAY, "identity": "Gus", "sip_address": "sip:gus@contoso.com"})
    found = split(MAILBOX, sent(MAILBOX, "USR-003", "Eve", "Fay", "Gus"), users=users, **EXCHANGE)
    assert list(found.kept) == ["Gus"]
    assert found.why("Eve") == "the extension is taken in UM dial plan HQ: 50101 by Fay (proposed here too)"
    assert found.why("Fay") == "the extension is taken in UM dial plan HQ: 50101 by Eve (proposed here too)"


@pytest.mark.parametrize(
    "tables",
    [
        pytest.param({"contacts": "identity | sip_address\nDesk | sip:EVE@contoso.com"}, id="as SIP address"),
        pytest.param(
            {
                "contacts": "identity\nDesk",
                "contact_proxy_addresses": proxies(("Desk", "EUM:eve@contoso.com;phone-context=HQ.contoso.example")),
            },
            id="as EUM address in the plan",
        ),
    ],
)
def test_a_sip_address_that_another_object_holds_enables_no_mailbox(split: Split, tables: dict[str, str]) -> None:
    found = split(MAILBOX, sent(MAILBOX, "USR-003", "Eve"), users=text(EVE), **tables, **EXCHANGE)
    assert found.why("Eve") == "the SIP address is held by others too: sip:Eve@contoso.com by Desk (contact)"


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        pytest.param({"mailbox_policies": f"identity | dial_plan\nLab | {OTHER_PLAN}"}, "0 UM mailbox policies", id="none fits"),
        pytest.param(
            {"mailbox_policies": f"identity | dial_plan\nA | {PLAN}\nB | {PLAN}"}, "2 UM mailbox policies", id="two fit"
        ),
        pytest.param(
            {"mailbox_policies": "identity | dial_plan\nA | CN=Gone\nB | -"}, "0 UM mailbox policies", id="no live plan"
        ),
        pytest.param(
            {"dial_plans": f"{PLANS}\nHQ | - | HQ.contoso.example | 5"},
            "0 UM mailbox policies",
            id="a plan that does not say its type",
        ),
        pytest.param(
            {"dial_plans": f"{PLANS}\nHQ | 3 | HQ.contoso.example | -"},
            "does not say how many digits",
            id="a plan without digits",
        ),
        pytest.param(
            {"dial_plans": f"{PLANS}\nHQ | 3 | - | 5", "dial_plan_equivalents": "identity | phone_context"},
            "has no phone context",
            id="a plan without phone context",
        ),
        pytest.param(
            {"mailbox_policies": f"identity | dial_plan | guid\nA | {PLAN} | ada00000-0000-5000-8000-000000000000"},
            "UMMailboxPolicy is not what the column allows",
            id="a policy whose GUID was made up",
        ),
    ],
)
def test_policy_and_extension_are_a_choice_where_the_plan_does_not_tell_them(
    split: Split, tables: dict[str, str], reason: str
) -> None:
    found = split(MAILBOX, sent(MAILBOX, "USR-003", "Eve"), users=text(EVE), **{**EXCHANGE, **tables})
    assert reason in found.why("Eve")


# ---- all of them

FORESTS: dict[str, dict[str, str]] = {
    ENABLE: {"users": text(ADA, BOB), **LYNC},
    VOICE: {"users": text({**CAL, "identity": "Ada"}, {**CAL, "identity": "Bob", "line_uri": "tel:+14255550102"})},
    MAILBOX: {"users": text({**EVE, "identity": "Ada"}, {**FAY, "identity": "Bob"}), **EXCHANGE},
}
RULE = {ENABLE: "USR-001", VOICE: "USR-006", MAILBOX: "USR-003"}
EVERY_CSV = pytest.mark.parametrize("csv", FORESTS)
BOTH = "Ada", "Bob"


@EVERY_CSV
def test_a_sound_forest_has_a_row_for_everybody(split: Split, csv: str) -> None:
    assert list(split(csv, sent(csv, RULE[csv], *BOTH), **FORESTS[csv]).kept) == ["Ada", "Bob"]


@EVERY_CSV
def test_nobody_whom_no_finding_names_gets_a_row(split: Split, csv: str) -> None:
    other = "24_cs_hostedvm_grant"
    found = split(csv, sent(csv, RULE[csv], "Ada") + f"\nBob | USR-010 | {other}\nBob | USR-002 | -", **FORESTS[csv])
    assert (list(found.kept), list(found.rejected)) == (["Ada"], [])


@EVERY_CSV
def test_a_finding_that_is_only_likely_changes_nothing(split: Split, csv: str) -> None:
    rule = RULE[csv]
    findings = (
        f"identity | rule | csv | certainty | because\nAda | {rule} | {csv} | likely | nobody knows\nBob | {rule} | {csv} | - | -"
    )
    found = split(csv, findings, **FORESTS[csv])
    assert list(found.kept) == ["Bob"]
    assert found.why("Ada") == f"{rule} is only likely: nobody knows"


HIDDEN = [
    (ENABLE, "users", "upn"),
    (ENABLE, "users", "recipient_type"),
    (ENABLE, "users", "deployment_locator"),
    (ENABLE, "proxy_addresses", "address"),
    (VOICE, "users", "line_uri"),
    (VOICE, "users", "remote_call_control"),
    (MAILBOX, "users", "telephone_number"),
    (MAILBOX, "users", "home_server"),
    (MAILBOX, "users", "um_enabled"),
    (MAILBOX, "voice_mail_settings", "setting"),
]
OF_ALL = [(ENABLE, "recipient_type"), (ENABLE, "deployment_locator"), (ENABLE, "address"), (VOICE, "line_uri")]
"""What has to be seen of every user before anybody gets a row: it proves what nobody else holds, or that nobody is online."""


@pytest.mark.parametrize(("csv", "table", "column"), HIDDEN)
def test_who_was_not_seen_whole_gets_no_row_but_the_reason(split: Split, csv: str, table: str, column: str) -> None:
    forest = {**FORESTS[csv], "users": FORESTS[csv]["users"].replace("\n", " | guid\n", 1)}
    header, ada, bob = forest["users"].splitlines()
    hidden = "ada00000-0000-4000-8000-000000000001"
    forest["users"] = f"{header}\n{ada} | {hidden}\n{bob} | -"
    unseen = rows((table, column, hidden, State.UNREADABLE, "the account may not read it"))
    found = split(csv, sent(csv, RULE[csv], *BOTH), visibility=unseen, **forest)
    assert list(found.kept) == ([] if (csv, column) in OF_ALL else ["Bob"])
    assert "the account may not read it" in found.why("Ada")
    assert found.rejected["Ada"]["Identity"] == step.REVIEW


WHOLE = [
    (ENABLE, "users"),
    (ENABLE, "contacts"),
    (ENABLE, "contact_proxy_addresses"),
    (ENABLE, "proxy_addresses"),
    (ENABLE, "sip_domains"),
    (ENABLE, "pools"),
    (VOICE, "users"),
    (VOICE, "contacts"),
    (VOICE, "auto_attendant_numbers"),
    (MAILBOX, "users"),
    (MAILBOX, "contact_proxy_addresses"),
    (MAILBOX, "dial_plans"),
    (MAILBOX, "mailbox_policies"),
    (MAILBOX, "dial_plan_equivalents"),
    (MAILBOX, "servers"),
]


@pytest.mark.parametrize(("csv", "table"), WHOLE)
def test_while_a_table_that_proves_something_is_not_whole_nobody_gets_a_row(split: Split, csv: str, table: str) -> None:
    unseen = rows((table, "", None, State.INCOMPLETE, "the domain eu.contoso.example was not read"))
    found = split(csv, sent(csv, RULE[csv], *BOTH), visibility=unseen, **FORESTS[csv])
    assert not found.kept
    for identity in BOTH:
        assert "the domain eu.contoso.example was not read" in found.why(identity)
        assert found.rejected[identity]["Identity"] == step.REVIEW


def test_a_locator_that_the_schema_lacks_keeps_nobody_back(split: Split) -> None:
    unseen = rows(("users", "deployment_locator", None, State.NO_SCHEMA, "it is not in the schema"))
    assert list(split(VOICE, sent(VOICE, "USR-006", *BOTH), visibility=unseen, **FORESTS[VOICE]).kept) == ["Ada", "Bob"]
