"""Where users are at home, of tables written as text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pandas import DataFrame

from adinspect import assess, homes, testing
from adinspect.finding import Target
from adinspect.sites import NumberRange, Owner, Ranges, Site
from adinspect.testing import EVERYONE, TODAY, table
from adinspect.visibility import State, nothing_hidden, rows

USERS = table("""
    identity | mailbox_database | home_server | recipient_type | object_class | pool_service | deployment_locator
    ada      | DB               | /cn=EX16    | 1              | user         | CN=Lc        | SRV:
    bo       | DB               | /cn=Gone    | 1              | user         | CN=Lc        | -
    cy       | -                | -           | 2147483648     | user         | -            | sipfed.online.lync.com
    di       | -                | -           | -              | user         | CN=Gone      | -
    ed       | -                | -           | -              | contact      | CN=Bare      | SRV:
    flo      | -                | -           | -              | user         | -            | -
""").assign(um_enabled=["yes", "yes", *[None] * 4], um_dial_plan=["CN=HQ", "CN=Gone", *[None] * 4])
TOPOLOGY = {
    "servers": table("dn | legacy_dn | version_major | version_minor | version_build\nCN=EX16 | /cn=EX16 | 15 | 1 | 2507"),
    "databases": table("dn\nDB"),
    "pool_services": table("dn | pool\nCN=Lc | CN=Pool\nCN=Bare | CN=Nameless"),
    "pools": table("dn | fqdn\nCN=Pool | pool1.contoso.example\nCN=Nameless | -"),
    "dial_plans": table("dn | name\nCN=HQ | HQ"),
}


def told(column: str, visibility: DataFrame | None = None, **written: DataFrame) -> list[str | None]:
    unseen = nothing_hidden() if visibility is None else visibility
    whole = testing.tables(users=USERS, **{**TOPOLOGY, **written})
    found = homes.of(assess.view_of(whole, unseen, target=Target.UM_LYNC, today=TODAY, profile=EVERYONE))
    assert list(found["guid"]) == [f"users-{number}" for number in range(len(USERS))]
    return list(found[column].astype(object).where(found[column].notna(), None))


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("pool", ["pool1.contoso.example", "pool1.contoso.example", None, "(not known)", "(not known)", None]),
        ("homed", ["on-premises", "on-premises", "online", "on-premises", "on-premises", "not homed"]),
        (
            "mailbox",
            ["Exchange Server 2016", homes.HERE, "Exchange Online", "no mailbox", "another forest", "no mailbox"],
        ),
        ("um_dial_plan", ["CN=HQ", "(not known)", None, None, None, None]),
        ("site", [None] * 6),
        ("number_range", [None] * 6),
    ],
)
def test_homes_are_told_in_words(column: str, expected: list[str | None]) -> None:
    assert told(column) == expected


@pytest.mark.parametrize(
    ("hidden", "column", "expected"),
    [
        (("users", "pool_service", "users-0"), "pool", "(not known)"),
        (("users", "pool_service", None), "pool", "(not known)"),
        (("users", "deployment_locator", "users-0"), "homed", "(not known)"),
        (("users", "mailbox_database", "users-0"), "mailbox", "(not known)"),
        (("users", "recipient_type", None), "mailbox", "(not known)"),
        (("pools", "", None), "pool", "pool1.contoso.example"),
        (("servers", "", None), "mailbox", homes.HERE),
        (("dial_plans", "", None), "um_dial_plan", "(not known)"),
        (("users", "telephone_number", "users-0"), "pool", "pool1.contoso.example"),
    ],
)
def test_what_was_not_seen_is_not_told_as_absent(hidden: tuple[str, str, str | None], column: str, expected: str) -> None:
    table_name, name, guid = hidden
    assert told(column, rows((table_name, name, guid, State.UNREADABLE, "not allowed")))[0] == expected


def test_the_hidden_home_of_one_hides_nobody_elses() -> None:
    hidden = rows(("users", "pool_service", "users-0", State.UNREADABLE, "not allowed"))
    assert told("pool", hidden)[1:3] == ["pool1.contoso.example", None]


def test_a_schema_without_lync_leaves_nobody_homed() -> None:
    hidden = rows(("users", "pool_service", None, State.NO_SCHEMA, "not in the schema"))
    assert told("pool", hidden) == [None] * 6


def test_sites_and_number_ranges_are_those_of_the_profile() -> None:
    profile = replace(
        EVERYONE,
        sites=(Site("Paris", offices=("Paris",)),),
        ranges=Ranges((NumberRange("+14255550100", "+14255550149", Owner.LYNC),)),
    )
    users = table("""
        identity | office | line_uri
        ada      | Paris  | tel:+14255550101
        bo       | Lyon   | tel:+14255550150
    """)
    hidden = rows(("users", "line_uri", "users-1", State.UNREADABLE, "not allowed"))
    seen = [nothing_hidden(), hidden]
    views = [
        assess.view_of(testing.tables(users=users), one, target=Target.UM_LYNC, today=TODAY, profile=profile) for one in seen
    ]
    found, partly = map(homes.of, views)
    assert found["site"].fillna("none").tolist() == ["Paris", "none"]
    assert found["number_range"].fillna("none").tolist() == ["+14255550100", "none"]
    assert partly["number_range"].tolist() == ["+14255550100", "(not known)"]
