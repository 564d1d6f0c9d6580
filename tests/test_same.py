"""When two values of a column are one."""

from __future__ import annotations

from typing import Any

import pytest

from adinspect import query
from adinspect.query import Column
from adinspect.same import IGNORED, Names, compare
from adinspect.testing import table, tables

BEFORE = Names.of(tables(dial_plans=table("name | dn | guid\nHQ | CN=HQ | one\nLab | CN=Lab | two")))
AFTER = Names.of(tables(dial_plans=table("name | dn | guid\nHQ2 | CN=HQ2 | one\nHQ | CN=HQ | new")))


def column(of: str, name: str) -> Column:
    (found,) = (one for table in query.tables() if table.name == of for one in table.columns if one.name == name)
    return found


@pytest.mark.parametrize(
    ("of", "name", "old", "new", "same"),
    [
        ("users", "sip_address", "sip:Adele@contoso.com", "SIP:adele@contoso.com", True),
        ("users", "sip_address", "sip:adele@contoso.com", "sip:adele@fabrikam.com", False),
        ("users", "display_name", "Straße", "STRASSE", False),
        ("users", "office", None, "", True),
        ("users", "office", None, "  ", True),
        ("users", "office", "Paris", "Paris ", False),
        ("users", "office", "Paris", None, False),
        ("users", "line_uri", "tel:+14255550100", "TEL:+14255550100", True),
        ("users", "line_uri", "tel:+14255550100", "tel:+1 (425) 555-0100", True),
        ("users", "line_uri", "tel:+14255550100;ext=100", "tel:+14255550100;EXT=100", True),
        ("users", "line_uri", "tel:+14255550100;ext=100", "tel:+14255550100;ext=101", False),
        ("users", "line_uri", "tel:+14255550100", "tel:+14255550100;ext=100", False),
        ("users", "line_uri", "tel:+14255550100", "+14255550100", False),
        ("users", "telephone_number", "+1 425 555 0100", "+14255550100", False),
        ("users", "um_flags2", None, -1, True),
        ("users", "um_flags2", -1, 3, False),
        ("users", "um_flags", None, -1, False),
        ("users", "enterprise_voice", False, True, False),
        ("users", "sip_enabled", False, None, False),
        ("containers", "dacl", "AQAB", "aqab", False),
        ("proxy_addresses", "address", ["SMTP:a@b.c", "smtp:d@b.c"], ["smtp:D@b.c", "SMTP:A@b.c"], True),
        ("proxy_addresses", "address", ["SMTP:a@b.c", "smtp:d@b.c"], ["smtp:a@b.c", "SMTP:d@b.c"], False),
        ("proxy_addresses", "address", ["SMTP:a@b.c", ""], ["SMTP:a@b.c"], True),
    ],
)
def test_values_are_compared_as_they_are_understood(of: str, name: str, old: Any, new: Any, same: bool) -> None:
    assert compare(column(of, name), old, new, BEFORE, AFTER) is same
    assert compare(column(of, name), new, old, BEFORE, AFTER) is same


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("CN=HQ", "CN=HQ2", True),
        ("CN=HQ", "cn=hq2", True),
        ("CN=HQ", "CN=HQ", False),
        ("CN=Lab", "CN=HQ2", False),
        ("CN=HQ", None, False),
        ("CN=Elsewhere", "cn=elsewhere", True),
        ("CN=Elsewhere", "CN=Away", False),
        ("CN=Lab", "CN=Lab", True),
        ("CN=Lab", "CN=Lab renamed", None),
        ("CN=Elsewhere", "CN=HQ", None),
        ("CN=HQ", "CN=Lab renamed", False),
    ],
)
def test_links_are_compared_by_the_object_they_name(old: str | None, new: str | None, same: bool | None) -> None:
    assert compare(column("users", "um_dial_plan"), old, new, BEFORE, AFTER) is same


def test_a_link_to_what_was_deleted_names_the_same_object() -> None:
    guid = "0f2c1f6e-9f0f-4b55-8f2f-2f6f1e5b7a11"
    before = Names.of(tables(dial_plans=table(f"name | dn | guid\nA | CN=A,DC=contoso,DC=com | {guid}")))
    deleted = f"CN=A\\0ADEL:{guid},CN=Deleted Objects,DC=contoso,DC=com"
    assert compare(column("users", "um_dial_plan"), "CN=A,DC=contoso,DC=com", deleted, before, AFTER) is True
    assert compare(column("users", "um_dial_plan"), "CN=A,DC=contoso,DC=com", deleted, BEFORE, AFTER) is None


def test_the_objects_of_many_links_are_compared_without_their_order() -> None:
    plans = column("server_dial_plans", "dial_plan")
    assert compare(plans, ["CN=HQ", "CN=Elsewhere"], ["CN=Elsewhere", "CN=HQ2"], BEFORE, AFTER) is True
    assert compare(plans, ["CN=HQ", "CN=Lab"], ["CN=HQ2"], BEFORE, AFTER) is False
    assert compare(plans, ["CN=HQ", "CN=Lab"], ["CN=HQ2", "CN=Unseen"], BEFORE, AFTER) is None


def test_every_attribute_that_is_no_news_says_why() -> None:
    assert all(reason.endswith(".") for reason in IGNORED.values())
