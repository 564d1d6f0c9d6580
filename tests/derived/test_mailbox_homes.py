from __future__ import annotations

import pandas as pd
import pytest

from adinspect.testing import look, table

SERVERS = table("""
    identity | dn       | legacy_dn          | version_major | version_minor
    EX16     | CN=EX16  | /o=C/cn=EX16       | 15            | 1
    EX19     | CN=EX19  | /o=C/cn=EX19       | 15            | 2
    MUTE     | CN=MUTE  | /o=C/cn=MUTE       | -             | -
    BARE     | CN=BARE  | -                  | 15            | 0
""")
DATABASES = table("""
    identity | dn      | owning_server
    DB16     | CN=DB16 | CN=EX16
    DB19     | CN=DB19 | CN=EX19
    LOST     | CN=LOST | CN=Gone
    FREE     | CN=FREE | -
""")


@pytest.mark.parametrize(
    ("home_server", "database", "server", "minor", "resolved"),
    [
        ("/o=C/cn=EX16", "-", "EX16", 1, True),
        ("/O=C/CN=ex16", "-", "EX16", 1, True),
        ("/o=C/cn=EX16", "CN=DB19", "EX16", 1, True),
        ("-", "CN=DB19", "EX19", 2, True),
        ("/o=C/cn=GONE", "CN=DB16", None, None, False),
        ("-", "CN=LOST", None, None, False),
        ("-", "CN=FREE", None, None, False),
        ("-", "CN=NoSuch", None, None, False),
        ("/o=C/cn=MUTE", "-", "MUTE", None, False),
        ("-", "-", None, None, False),
    ],
)
def test_the_home_server_is_the_one_named_else_the_one_that_owns_the_database(
    home_server: str, database: str, server: str | None, minor: int | None, resolved: bool
) -> None:
    users = table(f"identity | home_server | mailbox_database\nada | {home_server} | {database}")
    homes = look(
        "mailbox_homes", "server_name", "version_minor", "resolved", users=users, servers=SERVERS, databases=DATABASES
    ).iloc[0]
    assert (None if pd.isna(homes["server_name"]) else homes["server_name"]) == server
    assert (None if pd.isna(homes["version_minor"]) else homes["version_minor"]) == minor
    assert homes["resolved"] == resolved


def test_there_is_one_row_a_user_with_the_same_types_whoever_is_there() -> None:
    users = table("identity | home_server\nada | /o=C/cn=EX16\nbo | -")
    columns = ("server", "server_name", "version_major", "version_minor", "resolved")
    homes = look("mailbox_homes", *columns, users=users, servers=SERVERS)
    assert list(homes["identity"]) == ["ada", "bo"]
    nobody = look("mailbox_homes", *columns, users=table("identity\nada"))
    assert list(nobody.dtypes) == list(homes.dtypes)


def test_the_version_of_the_home_server_goes_down_to_the_build() -> None:
    servers = table(
        "identity | dn | legacy_dn | version_major | version_minor | version_build\nEX16 | CN=EX16 | /o=C/cn=EX16 | 15 | 1 | 544"
    )
    users = table("identity | home_server\nada | /o=C/cn=EX16\nbo | /o=C/cn=GONE")
    rows = look("mailbox_homes", "version_major", "version_minor", "version_build", servers=servers, users=users)
    versions = rows[["version_major", "version_minor", "version_build"]].astype(object).values.tolist()
    assert versions == [[15, 1, 544], [pd.NA, pd.NA, pd.NA]]
