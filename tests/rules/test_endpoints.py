"""MIG-013 to MIG-017: applications, devices and rooms of Lync, by what they stand for."""

import pytest

from adinspect import visibility
from adinspect.finding import Target
from adinspect.rule import Rule, Skipped
from adinspect.rules.endpoints import (
    analog_device,
    application_endpoint,
    common_area_phone,
    hybrid_application_endpoint,
    meeting_room,
)
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State

CONTACTS = table("""
    identity | owner_urn                                         | application_options | line_uri
    queue    | urn:application:RGS                               | -                   | tel:+14255550101
    CAA      | URN:Application:Caa                               | -                   | -
    lobby    | urn:device:commonareaphone                        | -                   | tel:+14255550102
    LOBBY    | URN:DEVICE:CommonAreaPhone                        | -                   | -
    phone    | urn:device:analogphone                            | -                   | -
    fax      | Urn:Device:AnalogFax                              | -                   | -
    meeting  | urn:device:roomsystem                             | -                   | -
    hybrid   | urn:TrustedOnlinePlatformApplication:11cd3e2e     | -                   | -
    options  | -                                                 | 256                 | -
    others   | urn:application:RGS                               | 257                 | -
    unknown  | urn:device:other                                  | 0                   | -
    um       | -                                                 | -                   | tel:+14255550103
    mention  | x-urn:application:RGS                             | -                   | -
""")


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (application_endpoint, ["queue", "CAA", "others"]),
        (common_area_phone, ["lobby", "LOBBY"]),
        (analog_device, ["phone", "fax"]),
        (meeting_room, ["meeting"]),
        (hybrid_application_endpoint, ["hybrid", "options"]),
    ],
)
def test_an_endpoint_is_named_by_what_it_stands_for_in_whatever_case(rule: Rule, named: list[str]) -> None:
    assert sorted(offenders(rule, contacts=CONTACTS, target=Target.TEAMS_PHONE)) == sorted(named)


def test_an_application_is_told_with_its_line() -> None:
    found = findings(application_endpoint, contacts=CONTACTS).set_index("identity")
    assert found.loc["queue", "message"].startswith("queue is an application of Lync (urn:application:RGS) with the line tel:+1")
    assert found.loc["CAA", "message"].startswith("CAA is an application of Lync (URN:Application:Caa) with the line (none)")


USERS = table("""
    identity | recipient_type | sip_enabled | owner_urn             | account_disabled
    enabled  | 16             | yes         | -                     | yes
    cloud    | 8589934592     | yes         | -                     | yes
    plain    | 16             | -           | -                     | yes
    off      | 16             | no          | -                     | yes
    shared   | 4              | yes         | -                     | yes
    person   | 1              | yes         | -                     | no
    system   | 1              | no          | urn:device:roomsystem | no
""")


def test_a_room_is_one_by_its_device_or_by_its_mailbox_where_lync_is_enabled() -> None:
    found = findings(meeting_room, users=USERS, target=Target.TEAMS_PHONE)
    assert dict(found[["identity", "because"]].itertuples(index=False, name=None)) == {
        "enabled": "it is the mailbox of a room, enabled for Lync",
        "cloud": "it is the mailbox of a room, enabled for Lync",
        "system": "it is a room system",
    }
    assert set(found["table"]) == {"users"}


def test_a_resource_account_may_be_a_user() -> None:
    users = table("identity | owner_urn\napp | urn:trustedonlineplatformapplication:1\nada | -")
    (found,) = findings(hybrid_application_endpoint, users=users, target=Target.TEAMS_PHONE).to_dict("records")
    assert (found["table"], found["identity"]) == ("users", "app")


def test_a_schema_without_application_options_is_judged_by_the_owner_alone() -> None:
    unknown = visibility.rows(
        *((name, "application_options", None, State.NO_SCHEMA, "not in the schema") for name in ("users", "contacts"))
    )
    verdict = outcome(hybrid_application_endpoint, contacts=CONTACTS.drop(columns="application_options"), visibility=unknown)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["hybrid"]


@pytest.mark.parametrize("state", [State.NO_SCHEMA, State.UNREADABLE])
def test_where_no_owner_can_be_seen_no_endpoint_is_said_not_to_exist(state: State) -> None:
    hidden = visibility.rows(*((name, "owner_urn", None, state, "not seen") for name in ("users", "contacts")))
    verdict = outcome(application_endpoint, contacts=CONTACTS, visibility=hidden)
    assert isinstance(verdict, Skipped)
    assert "not seen" in verdict.reason
