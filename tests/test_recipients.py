from __future__ import annotations

import pytest

from adinspect import recipients
from adinspect.testing import table, tables


@pytest.mark.parametrize(
    ("recipient_type", "remote_recipient_type", "target_address", "database", "remote", "has"),
    [
        ("1", "-", "-", "CN=DB1", False, True),
        ("2147483648", "1", "SMTP:ada@contoso.mail.example", "-", True, True),
        ("34359738368", "-", "-", "-", True, True),
        ("-", "4", "SMTP:ada@contoso.mail.example", "-", True, True),
        ("-", "4", "-", "-", False, False),
        ("128", "-", "SMTP:ada@fabrikam.com", "-", False, False),
        ("-", "-", "-", "-", False, False),
    ],
)
def test_a_mailbox_is_here_or_in_exchange_online(
    recipient_type: str, remote_recipient_type: str, target_address: str, database: str, remote: bool, has: bool
) -> None:
    header = "identity | recipient_type | remote_recipient_type | target_address | mailbox_database"
    row = f"ada | {recipient_type} | {remote_recipient_type} | {target_address} | {database}"
    users = tables(users=table(f"{header}\n{row}"))["users"]
    assert recipients.remote_mailbox(users).to_list() == [remote]
    assert recipients.has_mailbox(users).to_list() == [has]


def test_every_recipient_type_is_a_persons_or_not() -> None:
    kinds = set(recipients.RecipientType)
    assert set(recipients.PERSONAL) | set(recipients.IMPERSONAL) == kinds
    assert {kind.name for kind in kinds - set(recipients.PERSONAL)} >= {"ROOM", "EQUIPMENT", "SHARED", "ARBITRATION", "DISCOVERY"}
    assert {kind.name for kind in recipients.REMOTE} == {"REMOTE_USER", "REMOTE_ROOM", "REMOTE_EQUIPMENT", "REMOTE_SHARED"}
