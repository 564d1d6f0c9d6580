from __future__ import annotations

from typing import Any

import pytest
from directories import (
    ACCOUNT,
    CONFIGURATION,
    DOMAIN,
    ORGANIZATION,
    PLANS,
    Entry,
    Failing,
    access_list,
    descriptor,
    entry,
    forest,
    schema,
    schema_guid,
    sid_octets,
    user,
)

from adinspect import doctor, query
from adinspect.collect import collect
from adinspect.directory.memory import MemoryDirectory
from adinspect.observe import observe

READ, LIST = 0x10, 0x4
ALL = (True, READ | LIST, None)
WRITE, INHERITED, ONLY_INHERITED = 0x20, 0x2, 0xA
READERS, BARRED = "S-1-5-21-1-2-3-1105", "S-1-5-21-1-2-3-1106"
GROUPS = {READERS: "Readers", BARRED: "Barred"}
DENIED = f"an entry denies it to {ACCOUNT}, and while that stands no membership shows it"


def guarded(one: Entry, *aces: Any) -> Entry:
    dn, attributes = one
    return dn, {**attributes, "nTSecurityDescriptor": [descriptor(*aces)]}


def group(sid: str, *members: str) -> Entry:
    named = f"CN={GROUPS[sid]},OU=Staff,{DOMAIN}"
    return entry(named, "group", sAMAccountName=GROUPS[sid], objectSid=sid_octets(sid), member=members)


def allowing(one: Entry, *lists: tuple[str, int], denying: str = "", flags: int = 0) -> Entry:
    """An entry that allows groups rights, after it has denied them to another."""
    dn, attributes = one
    aces = [(sid, True, mask, None) for sid, mask in lists]
    denied = [(denying, False, LIST | READ, None)] if denying else []
    return dn, {**attributes, "nTSecurityDescriptor": [access_list(*denied, *aces, flags=flags)]}


def lines(*more: Entry, without: str = "") -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What an account sees of the forest, which lets it read everything but what the given entries say; by kind and what."""
    entries = {dn: (dn, attributes) for dn, attributes in (*forest(), *schema(*without.split()), *more)}
    told = [one if "nTSecurityDescriptor" in one[1] else guarded(one, ALL) for one in entries.values()]
    collected = collect(Failing(MemoryDirectory(told), {}, frozenset({ACCOUNT}), live=True), list(query.shipped().values()))
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in doctor.sight(collected, observe(collected)).to_dict("records"):
        found.setdefault((line["kind"], line["what"].split(" (")[0]), []).append(line)
    return found


def test_who_sees_everything_needs_nothing() -> None:
    seen = lines(user("adele"))
    assert not [line for group in seen.values() for line in group if line["needs"]]
    (plans,) = seen["container", "UM DialPlan Container"]
    assert (plans["seen"], plans["of"], plans["visible"]) == (1, 1, "1 of 1 may be listed")
    assert seen["table", "dial_plans"][0]["visible"] == "whole"
    (lync,) = seen["attributes", "users: Lync / Skype for Business"]
    assert lync["visible"] == "all attributes on 1 of 1 objects"


def test_a_container_that_may_not_be_listed_is_told_with_its_tables_and_what_would_show_it() -> None:
    seen = lines(guarded(entry(PLANS, "msExchContainer"), (False, LIST, None), ALL))
    (plans,) = seen["container", "UM DialPlan Container"]
    assert (plans["seen"], plans["of"]) == (0, 1)
    assert plans["why"] == f"may not be listed: {PLANS}"
    assert plans["needs"] == DENIED
    (table,) = seen["table", "dial_plans"]
    assert (table["visible"], table["why"]) == ("not whole", f"this account may not list {PLANS}")
    assert "dial_plans" in plans["what"]
    assert seen["table", "gateways"][0]["visible"] == "whole"


def test_a_container_that_is_not_in_sight_is_doubted_only_where_what_it_holds_is() -> None:
    seen = lines(guarded(entry(ORGANIZATION, "msExchOrganizationContainer"), (False, LIST, None), ALL))
    (gateways,) = seen["container", "UM IPGateway Container"]
    assert (gateways["visible"], bool(gateways["needs"])) == ("none in sight", True)
    (pools,) = seen["container", "msRTCSIP-Pools"]
    assert (pools["visible"], pools["needs"]) == ("none in sight", "")


def test_a_container_whose_rights_are_not_shown_is_not_taken_for_one_that_may_be_listed() -> None:
    name = f"CN=RTC Service,CN=Services,{CONFIGURATION}"
    dn, attributes = entry(name, "msRTCSIP-Service")
    (service,) = lines((dn, {**attributes, "nTSecurityDescriptor": [b"cut off"]}))["container", "msRTCSIP-Service"]
    assert (service["seen"], service["of"], service["why"]) == (0, 1, f"cannot be told: {name}")
    assert service["needs"].startswith("no access list that is in sight tells; by Microsoft's pages RTCUniversalReadOnlyAdmins")


def test_attributes_that_are_hidden_on_some_objects_are_counted() -> None:
    hidden = guarded(user("adele"), (False, READ, schema_guid("msRTCSIP-Line")), ALL)
    whole, part = lines(hidden, user("alex"))["attributes", "users: Lync / Skype for Business"]
    assert (whole["visible"].split(" attributes")[1], whole["needs"]) == (" on 2 of 2 objects", "")
    assert (part["seen"], part["of"], part["visible"]) == (1, 2, "msRTCSIP-Line: on 1 of 2 objects")
    assert part["needs"] == DENIED


@pytest.mark.parametrize(
    ("plans", "said"),
    [
        ({"lists": [(READERS, LIST)]}, "membership of Readers"),
        ({"lists": [(READERS, LIST), (BARRED, LIST)]}, "membership of Barred, or Readers"),
        ({"lists": [(READERS, LIST | WRITE)]}, "membership of Readers, which may do more than read"),
        ({"lists": [(READERS, LIST), (BARRED, LIST | WRITE)]}, "membership of Readers"),
        ({"lists": [(READERS, LIST)], "denying": ACCOUNT}, DENIED),
        ({"lists": [(READERS, LIST)], "flags": ONLY_INHERITED}, "no access list that is in sight tells; by Microsoft's pages "),
        ({"lists": [("S-1-5-21-9-9-9-1", LIST)]}, "no access list that is in sight tells; by Microsoft's pages "),
    ],
)
def test_the_groups_that_would_show_a_container_are_told_from_its_access_list(plans: dict[str, Any], said: str) -> None:
    container = allowing(entry(PLANS, "msExchContainer"), *plans.pop("lists"), **plans)
    seen = lines(container, group(READERS), group(BARRED))
    (line,) = seen["container", "UM DialPlan Container"]
    assert line["needs"].startswith(said) if said.endswith(" ") else line["needs"] == said
    (table,) = seen["table", "dial_plans"]
    assert table["needs"] == line["needs"]


def test_a_membership_counts_with_all_that_it_brings() -> None:
    container = allowing(entry(PLANS, "msExchContainer"), (READERS, LIST), denying=BARRED)
    readers = group(READERS)
    assert lines(container, readers, group(BARRED))["table", "dial_plans"][0]["needs"] == "membership of Readers"
    nested = lines(container, readers, group(BARRED, readers[0]))["table", "dial_plans"][0]["needs"]
    assert nested.startswith("no access list that is in sight tells")


def test_what_is_not_in_sight_is_told_from_what_the_containers_around_it_pass_on() -> None:
    organization = entry(ORGANIZATION, "msExchOrganizationContainer")
    closed = allowing(organization, (ACCOUNT, READ), (READERS, READ | LIST), flags=INHERITED)
    (gateways,) = lines(closed, group(READERS))["container", "UM IPGateway Container"]
    assert (gateways["visible"], gateways["needs"]) == ("none in sight", "membership of Readers")
    beside = allowing(organization, (ACCOUNT, LIST | READ), (READERS, READ | LIST), flags=0)
    hidden = guarded(entry(PLANS, "msExchContainer"), (False, LIST, None), ALL)
    assert lines(beside, hidden, group(READERS))["table", "dial_plans"][0]["needs"] == DENIED


def test_a_membership_that_shows_an_attribute_on_some_objects_says_on_how_many() -> None:
    line, both = schema_guid("msRTCSIP-Line"), [user("adele"), user("alex")]
    shown = [(dn, {**one, "nTSecurityDescriptor": [descriptor((True, READ, line), trustee=READERS)]}) for dn, one in both[:1]]
    hidden = [allowing(both[1], (BARRED, READ))]
    seen = lines(*shown, *hidden, group(READERS), group(BARRED))
    needs = {one["visible"].split(":")[0]: one["needs"] for one in seen["attributes", "users: Lync / Skype for Business"]}
    assert "membership of Barred (shows 1 of 2)" in needs.values()


def test_attributes_that_are_hidden_on_all_objects_are_named() -> None:
    hidden = [guarded(user(name), (False, READ, schema_guid("msExchUCVoiceMailSettings")), ALL) for name in ("adele", "alex")]
    (settings,) = lines(*hidden)["attributes", "voice_mail_settings: Exchange"]
    assert (settings["seen"], settings["of"], settings["visible"]) == (0, 2, "msExchUCVoiceMailSettings: on 0 of 2 objects")
    assert settings["needs"]


def test_no_membership_shows_what_the_schema_lacks_or_what_cannot_be_decoded() -> None:
    seen = lines(user("adele", msRTCSIP_Line=b"tel:\xff"), without="msRTCSIP-PrivateLine")
    whole, lacking = seen["attributes", "users: Lync / Skype for Business"]
    assert (lacking["visible"], lacking["needs"]) == ("msRTCSIP-PrivateLine: not in the schema", "")
    assert whole["needs"] == ""


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("msRTCSIP-Line", "Lync / Skype for Business"),
        ("msExchUMEnabledFlags", "Exchange"),
        ("homeMDB", "Exchange"),
        ("mail", "Active Directory"),
        ("domainDNS", "Active Directory"),
    ],
)
def test_attributes_and_classes_belong_to_a_product(name: str, product: str) -> None:
    assert doctor.family(name).name == product


def test_every_membership_has_its_source() -> None:
    assert all(one.people and one.configuration and one.source.startswith("Microsoft") for one in doctor.FAMILIES)
