"""Who else holds a value: for values that only one object may hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import numpy as np
from pandas import DataFrame, Series

NAMED = 100
"""So many other holders are named; where even more hold one value, naming all of them at each would fill the memory."""

SERVICE, CONTACT = "service", "contact"
"""Sides of a pair that is meant to hold the same value: what Exchange UM answers for, and the contact Lync reaches it through."""

_PAIRED = {SERVICE: CONTACT, CONTACT: SERVICE}


def others(rows: DataFrame) -> Series:
    """The other objects that hold the value of each row, named in one text; missing where there are none.

    `rows` has one row for each value of an object: `guid`, `value` (missing: not compared), `label` (what a reader calls the
    holder) and `side` (SERVICE, CONTACT or empty text; a service and a contact do not count as others of each other). An object
    that holds a value twice is no other of itself.

    The texts are Python's (dtype object): they may be long, and most who hold one value are told the same one.
    """
    repeated = (rows["value"].notna() & rows.duplicated("value", keep=False)).to_numpy()
    compared = rows[repeated].drop_duplicates(["value", "guid"])
    shared = compared[compared.duplicated("value", keep=False)].sort_values(["value", "label", "guid"])
    records = zip(*(shared[name].tolist() for name in ("value", "guid", "label", "side")), strict=True)
    named = {
        (value, guid): text
        for value, held in groupby(records, itemgetter(0))
        for guid, text in _named([(guid, label, side) for _, guid, label, side in held])
    }
    told = np.full(len(rows), None, object)
    pairs = zip(rows["value"][repeated].tolist(), rows["guid"][repeated].tolist(), strict=True)
    told[repeated] = [named.get(pair) for pair in pairs]
    return Series(told, rows.index, dtype=object)


def label(rows: DataFrame) -> Series:
    """What a reader calls each holder, told by `identity` and `table`: a contact says that it is one."""
    return rows["identity"].where(rows["table"] == "users", rows["identity"] + " (contact)")


def _named(held: list[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """For each of the holders of one value (guid, label, side) that has others: its guid, and the others in one text."""
    for side in {side for _, _, side in held}:
        counted = [(guid, label) for guid, label, of in held if of != _PAIRED.get(side)]
        first, more = [label for _, label in counted[: NAMED + 1]], len(counted) - 1 - NAMED
        rest = f" and {more} more" if more > 0 else ""
        # whoever stands behind the first ones is told the same
        far = ", ".join(first[:NAMED]) + rest
        places = {guid: place for place, (guid, _) in enumerate(counted[: NAMED + 1])}
        for guid, _, of in held:
            if of == side and len(counted) > 1:
                place = places.get(guid, NAMED)
                yield guid, far if place >= NAMED else ", ".join(first[:place] + first[place + 1 :]) + rest
