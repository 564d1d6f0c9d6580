"""What is enabled in Lync and is no person: applications, devices and meeting rooms."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame

from adinspect import recipients
from adinspect.derived import derived
from adinspect.recipients import RecipientType


@derived(union=True)
def endpoints(
    users: Annotated[DataFrame, "owner_urn", "application_options?", "line_uri?", "recipient_type", "sip_enabled"],
    contacts: Annotated[DataFrame, "owner_urn", "application_options?", "line_uri?"],
) -> DataFrame:
    """One row a user or contact that stands for an application or device, or is a meeting room in Lync; `table` says which.

    `owner_urn` is what it stands for, as stored, and `application_options` its options (Int64); each may be missing. `room`
    (bool): the mailbox of a room, here or in Exchange Online, that is enabled for Lync.
    """
    columns = ["guid", "dn", "identity", "owner_urn", "application_options", "line_uri"]
    of_room = recipients.of_type(users, RecipientType.ROOM, RecipientType.REMOTE_ROOM)
    kinds = [
        users[columns].assign(table="users", room=of_room & users["sip_enabled"].fillna(False).astype(bool)),
        contacts[columns].assign(table="contacts", room=False),
    ]
    rows = pd.concat(kinds, ignore_index=True)
    return rows[rows["owner_urn"].notna() | rows["application_options"].notna() | rows["room"]]
