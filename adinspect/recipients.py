"""What kind of mailbox a user has, told from its columns; predicates that the population and several rules share."""

from __future__ import annotations

from enum import IntEnum

from pandas import DataFrame, Series


class RecipientType(IntEnum):
    """Values of msExchRecipientTypeDetails (Exchange PowerShell, "Filterable properties": RecipientTypeDetails)."""

    USER = 1
    LINKED = 2
    SHARED = 4
    ROOM = 16
    EQUIPMENT = 32
    ARBITRATION = 8388608
    DISCOVERY = 536870912
    REMOTE_USER = 2147483648
    REMOTE_ROOM = 8589934592
    REMOTE_EQUIPMENT = 17179869184
    REMOTE_SHARED = 34359738368


PERSONAL = (RecipientType.USER, RecipientType.LINKED, RecipientType.REMOTE_USER)
"""The mailboxes of people."""

IMPERSONAL = tuple(kind for kind in RecipientType if kind not in PERSONAL)
"""Mailboxes of rooms, equipment, teams and Exchange itself: nobody's voice is missed there."""

REMOTE = tuple(kind for kind in RecipientType if kind.name.startswith("REMOTE"))
"""Mailboxes in Exchange Online."""


def of_type(users: DataFrame, *types: int) -> Series:
    """Whether each user is a recipient of one of these types (bool; needs `recipient_type`)."""
    return users["recipient_type"].isin([int(kind) for kind in types]).astype(bool)


def remote_mailbox(users: DataFrame) -> Series:
    """Whether each mailbox is in Exchange Online (bool; needs `recipient_type`, `remote_recipient_type`, `target_address`)."""
    return of_type(users, *REMOTE) | (users["remote_recipient_type"].notna() & users["target_address"].notna())


def has_mailbox(users: DataFrame) -> Series:
    """Whether each user has a mailbox, here or in Exchange Online (bool; needs `mailbox_database`, and see `remote_mailbox`)."""
    return users["mailbox_database"].notna() | remote_mailbox(users)
