from __future__ import annotations

from adinspect import visibility
from adinspect.testing import look, table
from adinspect.visibility import State

USERS = table("""
    identity | owner_urn                              | application_options | recipient_type | sip_enabled
    ada      | -                                      | -                   | 1              | yes
    room     | -                                      | -                   | 16             | yes
    cloud    | -                                      | -                   | 8589934592     | yes
    quiet    | -                                      | -                   | 16             | -
    off      | -                                      | -                   | 16             | no
    app      | urn:trustedonlineplatformapplication:1 | -                   | -              | -
    options  | -                                      | 0                   | -              | -
""")
CONTACTS = table("identity | owner_urn | application_options\nqueue | urn:application:RGS | -\nmail | - | -\nhybrid | - | 256")


def test_what_stands_for_no_person_is_an_endpoint_and_so_is_a_room_in_lync() -> None:
    rows = look("endpoints", "owner_urn", "application_options", "room", users=USERS, contacts=CONTACTS)
    told = {(row["table"], row["identity"]): row["room"] for row in rows.to_dict("records")}
    assert told == {
        ("users", "room"): True,
        ("users", "cloud"): True,
        ("users", "app"): False,
        ("users", "options"): False,
        ("contacts", "queue"): False,
        ("contacts", "hybrid"): False,
    }


def test_an_object_whose_owner_was_not_seen_is_left_out_alone() -> None:
    hidden = visibility.rows(("contacts", "owner_urn", "contacts-0", State.UNREADABLE, "may not be read"))
    rows = look("endpoints", "owner_urn", users=USERS, contacts=CONTACTS, visibility=hidden)
    assert "queue" not in set(rows["identity"])
    assert {"hybrid", "room"} <= set(rows["identity"])
