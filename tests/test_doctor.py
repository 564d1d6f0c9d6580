from __future__ import annotations

from typing import Any

import pytest
from directories import (
    ACCOUNT,
    CONFIGURATION,
    ORGANIZATION,
    PLANS,
    Entry,
    Failing,
    descriptor,
    entry,
    forest,
    schema,
    schema_guid,
    user,
)

from adinspect import doctor, query
from adinspect.collect import collect
from adinspect.directory.memory import MemoryDirectory
from adinspect.observe import observe

READ, LIST = 0x10, 0x4
ALL = (True, READ | LIST, None)


def guarded(one: Entry, *aces: Any) -> Entry:
    dn, attributes = one
    return dn, {**attributes, "nTSecurityDescriptor": [descriptor(*aces)]}


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
    assert plans["needs"].startswith("View-Only Organization Management")
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
    assert service["needs"].startswith("RTCUniversalReadOnlyAdmins")


def test_attributes_that_are_hidden_on_some_objects_are_counted() -> None:
    hidden = guarded(user("adele"), (False, READ, schema_guid("msRTCSIP-Line")), ALL)
    whole, part = lines(hidden, user("alex"))["attributes", "users: Lync / Skype for Business"]
    assert (whole["visible"].split(" attributes")[1], whole["needs"]) == (" on 2 of 2 objects", "")
    assert (part["seen"], part["of"], part["visible"]) == (1, 2, "msRTCSIP-Line: on 1 of 2 objects")
    assert part["needs"] == "RTCUniversalReadOnlyAdmins, or RTCUniversalUserReadOnlyGroup"


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
