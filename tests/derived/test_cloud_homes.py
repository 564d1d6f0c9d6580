from __future__ import annotations

from adinspect.derived.cloud_homes import MAILBOX, ONLINE
from adinspect.testing import look, table


def test_who_is_homed_online_and_whose_mailbox_is_there_is_told_for_each() -> None:
    users = table("""
        identity | deployment_locator       | recipient_type
        here     | SRV:                     | 1
        lower    | srv:                     | 2
        neither  | -                        | -
        teams    | sipfed.online.lync.com   | 1
        mail     | -                        | 2147483648
        both     | SIPFED.online.lync.com   | 34359738368
    """)
    found = look("cloud_homes", "home", users=users)
    assert found[["identity", "home"]].to_numpy().tolist() == [
        ["teams", ONLINE],
        ["both", ONLINE],
        ["mail", MAILBOX],
        ["both", MAILBOX],
    ]
    assert set(found["table"]) == {"users"}


def test_of_nobody_there_is_an_empty_table() -> None:
    assert look("cloud_homes", "home").empty
