"""CNS-011, 012, 022, 023: how addresses and numbers are written."""

import pytest
from pandas import DataFrame

from adinspect import rules
from adinspect.finding import Target
from adinspect.rule import Need, Skipped
from adinspect.rules.spelling import character_hidden, eum_address_invalid, sip_address_invalid, sip_address_risky
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State, rows

SCHEME, STRUCTURE = "it does not begin with sip:", "it has no @"
NAME, DOT = "its name is empty or holds characters that are not allowed", "its name begins or ends with a dot"
DOMAIN, LENGTH = "its domain is no DNS name", "it is longer than 454 characters"


def sip(address: str | None) -> DataFrame:
    return table("identity | sip_address\nada | x").assign(sip_address=address)


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("sip:ada@contoso.com", None),
        ("SIP:Ada.O'Byron_1-2!~*@sub.contoso.com", None),
        ("sip:a&b=c+d$e,f;g?h/i(j)@contoso.com", None),
        ("sip:ada@xn--bcher-kva.example", None),
        (f"sip:{'a' * 438}@contoso.com", None),
        (f"sip:{'a' * 439}@contoso.com", LENGTH),
        (None, None),
        ("ada@contoso.com", SCHEME),
        ("tel:+14255550100", f"{SCHEME} and {STRUCTURE}"),
        ("sip:ada", STRUCTURE),
        ("sip:@contoso.com", NAME),
        ("sip:ad\u00e1@contoso.com", NAME),
        ("sip:ada\u200b@contoso.com", NAME),
        ("sip:ada byron@contoso.com", NAME),
        (" sip:ada@contoso.com", f"{SCHEME} and {NAME}"),
        ("sip:ada@byron@contoso.com", NAME),
        ("sip:ada#1@contoso.com", NAME),
        ("sip:ada%41@contoso.com", NAME),
        ("sip:.ada@contoso.com", DOT),
        ("sip:ada.@contoso.com", DOT),
        ("sip:ada@", DOMAIN),
        ("sip:ada@contoso", DOMAIN),
        ("sip:ada@contoso..com", DOMAIN),
        ("sip:ada@-contoso.com", DOMAIN),
        ("sip:ada@contoso.com ", DOMAIN),
        ("sip:ada@c\u00f6ntoso.com", DOMAIN),
        ("sip:ada@contoso.com\n", DOMAIN),
    ],
)
@pytest.mark.parametrize("target", list(Target))
def test_a_sip_address_is_of_the_form_lync_takes(address: str | None, fault: str | None, target: Target) -> None:
    found = findings(sip_address_invalid, users=sip(address), target=target)
    assert list(found["message"]) == ([f"SIP address {address} of ada is invalid: {fault}."] if fault else [])


@pytest.mark.parametrize(
    ("address", "characters"),
    [
        ("sip:a&b@contoso.com", "&"),
        ("SIP:a(b)&c&@contoso.com", "& and ( and )"),
        ("sip:a=b@contoso.com", "="),
        ("sip:a/b?c;d,e$f+g@contoso.com", "$ and + and , and / and ; and ?"),
        ("sip:o'byron@contoso.com", None),
        ("sip:ada-byron_1.2!~*@contoso.com", None),
        ("sip:\u00e1&b@contoso.com", None),
        ("a&b@contoso.com", None),
        (None, None),
    ],
)
def test_a_sip_address_has_no_character_with_a_meaning_of_its_own(address: str | None, characters: str | None) -> None:
    found = findings(sip_address_risky, users=sip(address))
    said = f"SIP address {address} of ada holds {characters}, which is allowed but has a meaning of its own in SIP."
    assert list(found["message"]) == ([said] if characters else [])


SOUND, SECOND = "EUM:ada@contoso.com;phone-context=HQ.contoso.com", "EUM:ada@contoso.com;phone-context=Lab.contoso.com"
INVALID, MANY = "an EUM address of invalid form", "more than one primary EUM address"


@pytest.mark.parametrize(
    ("given", "fault", "named"),
    [
        ([SOUND, "eum:51234;phone-context=HQ.contoso.com"], None, None),
        (["eum:51234;PHONE-CONTEXT=HQ.contoso.com", "Eum:x@contoso.com;phone-context=HQ.contoso.com"], None, None),
        (["SMTP:ada@contoso.com", "SMTP:b@contoso.com"], None, None),
        ([], None, None),
        (["eum:51234"], INVALID, "eum:51234"),
        ([SOUND, "eum:;phone-context=HQ"], INVALID, "eum:;phone-context=HQ"),
        (["eum:51234;phone-context="], INVALID, "eum:51234;phone-context="),
        (["eum:51234;phone-context=HQ;ext=1"], INVALID, "eum:51234;phone-context=HQ;ext=1"),
        ([SOUND, SECOND], MANY, f"{SOUND}, {SECOND}"),
        ([SOUND, SECOND, "eum:9;phone-context=HQ"], MANY, f"{SOUND}, {SECOND}"),
        (["EUM:1", "EUM:2"], f"{INVALID} and {MANY}", "EUM:1, EUM:2"),
    ],
)
@pytest.mark.parametrize("um_enabled", ["yes", "no"])
def test_eum_addresses_can_be_read_and_one_is_primary(
    given: list[str], fault: str | None, named: str | None, um_enabled: str
) -> None:
    users = table(f"identity | um_enabled | object_class\nada | {um_enabled} | user\nbo | no | user")
    proxies = table("\n".join(("identity | address", f"bo | {SECOND}", *(f"ada | {one}" for one in given))))
    found = findings(eum_address_invalid, users=users, proxy_addresses=proxies)
    assert list(found["message"]) == ([f"ada has {fault}: {named}."] if fault else [])


def test_eum_addresses_are_judged_where_the_mailbox_is() -> None:
    users = table("identity | object_class\nada | contact")
    assert offenders(eum_address_invalid, users=users, proxy_addresses=table("identity | address\nada | eum:1")) == []
    assert rules.shipped()["CNS-022"].needs == (Need.EXCHANGE,)


SIP, UPN, TELEPHONE = "the SIP address", "the user principal name", "the telephone number"
SIP_PROXY, EUM = "a sip: proxy address", "an EUM address"


@pytest.mark.parametrize(
    ("column", "value", "places"),
    [
        ("upn", "ada@contoso.com", None),
        ("upn", "ad\u00e1@contoso.com", None),
        ("upn", "ada byron@contoso.com", None),
        ("upn", "ada\u0661@contoso.com", None),
        ("upn", None, None),
        ("upn", "ada@contoso.com ", f"{UPN} (a space at an end)"),
        ("upn", "\u200eada@contoso.com", f"{UPN} (U+200E)"),
        ("upn", "a\u00adda@contoso.com\u200b", f"{UPN} (U+00AD, U+200B)"),
        ("sip_address", "sip:ad\u00e1@contoso.com", None),
        ("sip_address", "sip:ada@contoso.com\ufeff", f"{SIP} (U+FEFF)"),
        ("sip_address", "sip:ada\u202e@contoso.com", f"{SIP} (U+202E)"),
        ("telephone_number", "+1 (425) 555-0100", None),
        ("telephone_number", "ext. 12, caf\u00e9", None),
        ("telephone_number", "+33 1\u202f99\u202f00\u202f11\u202f04", None),
        ("telephone_number", "+1\u00a0425 555 0100", f"{TELEPHONE} (U+00A0)"),
        ("telephone_number", "\u202a+1 425 555 0100\u202c", f"{TELEPHONE} (U+202A, U+202C)"),
        ("telephone_number", "+1 425 555 010\uff10", f"{TELEPHONE} (U+FF10)"),
        ("telephone_number", "+1 425 555 010\u0660", f"{TELEPHONE} (U+0660)"),
        ("telephone_number", " +1 425 555 0100\t", f"{TELEPHONE} (U+0009, a space at an end)"),
        ("telephone_number", "+1 425 555 0100\n", f"{TELEPHONE} (U+000A)"),
    ],
)
@pytest.mark.parametrize("target", list(Target))
def test_nothing_hidden_stands_in_names_and_numbers(column: str, value: str | None, places: str | None, target: Target) -> None:
    users = table(f"identity | {column}\nada | x\nbo | sound").assign(**{column: [value, "sound"]})
    found = findings(character_hidden, users=users, target=target)
    said = f"ada has characters that cannot be seen, or digits that are none, in {places}."
    assert list(found["message"]) == ([said] if places else [])


@pytest.mark.parametrize(
    ("address", "places"),
    [
        ("SMTP:ada\u200b@contoso.com", None),
        ("sip:ada@contoso.com", None),
        ("sip:ada\uff11@contoso.com", None),
        ("eum:51234;phone-context=HQ.contoso.com", None),
        ("EUM:ada\uff11@contoso.com;phone-context=HQ.contoso.com", None),
        ("SIP:ada@contoso.com\u200b", f"{SIP_PROXY} (U+200B)"),
        ("eum:5123\uff14;phone-context=HQ.contoso.com", f"{EUM} (U+FF14)"),
        ("EUM:ada@contoso.com;phone-context=HQ.contoso.com\u00a0", f"{EUM} (U+00A0)"),
        ("eum:51234\u2060", f"{EUM} (U+2060)"),
    ],
)
def test_nothing_hidden_stands_in_proxy_addresses_of_voice(address: str, places: str | None) -> None:
    proxies = table("identity | address\nada | x").assign(address=address)
    found = findings(character_hidden, users=table("identity\nada"), proxy_addresses=proxies)
    assert list(found["evidence"]) == ([{"places": places}] if places else [])


def test_each_place_is_named_once() -> None:
    users = table("identity | upn\nada | x").assign(upn="ada\u200b@contoso.com")
    proxies = table("identity | address\nada | 1\nada | 2").assign(address=["eum:1\u200b", "eum:2\u200b"])
    found = findings(character_hidden, users=users, proxy_addresses=proxies)
    assert list(found["evidence"]) == [{"places": f"{EUM} (U+200B), {UPN} (U+200B)"}]


@pytest.mark.parametrize(
    "hidden",
    [("users", "telephone_number", "users-0"), ("users", "upn", "users-0"), ("proxy_addresses", "address", "users-0")],
)
def test_a_user_one_of_whose_values_was_not_seen_is_held_back(hidden: tuple[str, str, str]) -> None:
    users = table("identity | upn\nada | x\nbo | y").assign(upn="ada\u200b@contoso.com")
    verdict = outcome(character_hidden, users=users, visibility=rows((*hidden, State.UNREADABLE, "may not be read")))
    assert not isinstance(verdict, Skipped)
    assert (list(verdict.findings["identity"]), verdict.judged, verdict.of) == (["bo"], 1, 2)
