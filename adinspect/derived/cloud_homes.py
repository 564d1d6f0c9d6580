"""Who is at home in the cloud already: what makes a forest a hybrid one."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame

from adinspect import recipients, voice
from adinspect.derived import derived

ONLINE, MAILBOX = "Teams or Skype for Business Online", "Exchange Online"
"""What is there."""


@derived(union=True)
def cloud_homes(users: Annotated[DataFrame, "deployment_locator?", "recipient_type"]) -> DataFrame:
    """One row for each user that is homed online (`home` is ONLINE), and one for each whose mailbox is there (`home` is MAILBOX).

    A union of one table: it is whole only where all users were seen, so that no row proves that the forest is not hybrid.
    Mailboxes are told by their type alone, which every mailbox that was made for or moved to Exchange Online has: what else marks
    them is shown by nobody in a forest without any, and an export of it could never prove that there is none.
    """
    homes = ((ONLINE, voice.online(users)), (MAILBOX, recipients.of_type(users, *recipients.REMOTE)))
    rows = [users.loc[there, ["guid", "dn", "identity"]].assign(table="users", home=home) for home, there in homes]
    return pd.concat(rows, ignore_index=True)
