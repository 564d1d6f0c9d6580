"""Who else holds a value: for values that only one object may hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from pandas import DataFrame, Series

NAMED = 100
"""So many other holders are named; where even more hold one value, naming all of them at each would fill the memory."""

SERVICE, CONTACT = "service", "contact"
"""Sides of a pair that is meant to hold the same value: what Exchange UM answers for, and the contact Lync reaches it through."""


def others(rows: DataFrame) -> Series:
    """The other objects that hold the value of each row, named in one text; missing where there are none.

    `rows` has one row for each value of an object: `guid`, `value` (missing: not compared), `label` (what a reader calls the
    holder) and `side` (SERVICE, CONTACT or empty text; a service and a contact do not count as others of each other). An object
    that holds a value twice is no other of itself.
    """
    compared = rows.dropna(subset="value").drop_duplicates(["value", "guid"])
    shared = compared[compared.duplicated("value", keep=False)].sort_values(["value", "label", "guid"])
    named = {
        (value, guid): text
        for value, holders in shared.groupby("value", sort=False)
        for guid, text in _named(list(holders[["guid", "label", "side"]].itertuples(index=False, name=None)))
    }
    pairs = zip(rows["value"], rows["guid"], strict=True)
    return Series([named.get(pair) for pair in pairs], rows.index, dtype=rows["label"].dtype)


def label(rows: DataFrame) -> Series:
    """What a reader calls each holder, told by `identity` and `table`: a contact says that it is one."""
    return rows["identity"].where(rows["table"] == "users", rows["identity"] + " (contact)")


def _named(holders: list[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    sides = [side for _, _, side in holders]
    expected = {SERVICE: (CONTACT, sides.count(CONTACT)), CONTACT: (SERVICE, sides.count(SERVICE))}
    for guid, _, side in holders:
        pair, so_many = expected.get(side, ("nobody", 0))
        count = len(holders) - 1 - so_many
        if count:
            labels = (label for other, label, of_side in holders if other != guid and of_side != pair)
            named = ", ".join(islice(labels, NAMED))
            yield guid, named if count <= NAMED else f"{named} and {count - NAMED} more"
