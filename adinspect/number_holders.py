"""Numbers whose holders are not the users who move: to be reclaimed, to be given another home; and how full ranges are."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, number_ranges, recipients
from adinspect.asking import Asking
from adinspect.derived import all_numbers as kinds
from adinspect.derived.numbers import LINE, PRIVATE_LINE
from adinspect.profile import Profile
from adinspect.waves import Move
from adinspect.wording import told

UNUSED_DAYS = 90
"""After so many days without a sign-in a holder is asked after.

Common practice in clearing numbers: longer than holidays, and than the 14 days that lastLogonTimestamp may lag behind (Active
Directory schema, ms-DS-Logon-Time-Sync-Interval).
"""

RECLAIM = ("number", "value", "source", "identity", "why", "last_logon", "dn", "guid")
REHOME = ("number", "value", "source", "table", "identity", "why", "dn", "guid")
RANGES = ("start", "end", "owner", "number_type", "port_date", "site", "size", "used", "free", "gaps")


def reclaim(asking: Asking) -> DataFrame:
    """Lines of users who have not signed in for UNUSED_DAYS, or whose account is disabled (RECLAIM).

    Accounts of linked, shared, room and equipment mailboxes are disabled by design. Whom no sign-in is known of is not named.
    """
    return asking.rows("reclaim", _reclaimed, RECLAIM)


def _reclaimed(
    users: Annotated[DataFrame, "line_uri?", "private_line?", "last_logon?", "account_disabled", "recipient_type"],
    all_numbers: Annotated[DataFrame, "source", "value", "number"],
    today: datetime,
) -> DataFrame:
    days = (pd.Timestamp(today) - users["last_logon"]).dt.days
    by_design = recipients.of_type(users, recipients.RecipientType.LINKED, *recipients.IMPERSONAL)
    disabled = users["account_disabled"] & ~by_design
    unused = (days > UNUSED_DAYS).fillna(False).astype(bool)
    why = told({"the account is disabled": disabled, f"no sign-in for more than {UNUSED_DAYS} days": unused}, users)
    holders = users[["guid", "last_logon"]].assign(why=why)[why != ""]
    lines = all_numbers[all_numbers["source"].isin([LINE, PRIVATE_LINE])]
    return lines.merge(holders, on="guid").sort_values(["number", "value", "identity"], kind="stable")


def rehome(asking: Asking, moving: DataFrame, every: DataFrame) -> DataFrame:
    """Assigned numbers that no user of the waves W1 to W5 takes along: their ranges are not complete before (REHOME).

    `moving` is what waves.of gives, `every` is numbering's `all_numbers`. Users outside the population are named although they
    move: whose number it is has to be settled first.
    """
    held = every[~every["source"].isin([kinds.TELEPHONE, kinds.EXTENSION])]
    users = moving.set_index("guid")
    of_users = held["table"] == "users"
    excluded = held["guid"].map(users["wave"]).eq(Move.EXCLUDED.value)
    outside = held["guid"].map(users["expected"]).eq(False)
    because = held["guid"].map(users["because"]).astype("str").fillna("")
    kind = held["guid"].map(asking.view.tables["users"].set_index("guid")["recipient_type"]).map(_KINDS)
    why = Series("held by no user: settle what it becomes", held.index, dtype="str").mask(of_users, "")
    why = why.mask(of_users & outside, "not in the population" + (": " + kind.astype("str")).fillna(""))
    why = why.mask(of_users & excluded & (because != ""), "does not move: " + because.str.replace("|", ", "))
    return held.assign(why=why)[why != ""].reindex(columns=list(REHOME)).reset_index(drop=True)


_KINDS = {
    **dict.fromkeys([recipients.RecipientType.SHARED, recipients.RecipientType.REMOTE_SHARED], "a shared mailbox"),
    **dict.fromkeys([recipients.RecipientType.ROOM, recipients.RecipientType.REMOTE_ROOM], "the mailbox of a room"),
    **dict.fromkeys([recipients.RecipientType.EQUIPMENT, recipients.RecipientType.REMOTE_EQUIPMENT], "the mailbox of equipment"),
}
"""What holders are called that are no persons."""


def ranges(profile: Profile, every: DataFrame) -> DataFrame:
    """Each range of the profile with whose it is and how far it is used by assigned numbers (RANGES)."""
    told = DataFrame(
        [
            (
                one.start,
                one.end,
                one.owner,
                one.number_type or profile.number_type,
                one.port_date and one.port_date.isoformat(),
                one.site,
            )
            for one in profile.ranges
        ],
        columns=list(RANGES[:6]),
        dtype="str",
    )
    start, end = addresses.international(told["start"]), addresses.international(told["end"])
    assigned = every[addresses.matches(every["base"], addresses.E164) & (every["source"] != kinds.TELEPHONE)]
    return told.assign(**number_ranges.filled(start, end, assigned["base"])).sort_values(["start"], ignore_index=True)
