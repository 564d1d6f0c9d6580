"""Every number of the forest that a caller can reach somebody or something by, and who else holds it."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses
from adinspect.derived import derived, holders

LINE, PRIVATE_LINE, ACCESS, PILOT = "line URI", "private line", "Outlook Voice Access number", "auto attendant number"
"""Where a number stands, in the words a reader is told."""


@derived(union=True)
def numbers(
    users: Annotated[DataFrame, "line_uri", "private_line?"],
    contacts: Annotated[DataFrame, "line_uri", "private_line?", "owner_urn?"],
    dial_plan_numbers: Annotated[DataFrame, "number"],
    auto_attendant_numbers: Annotated[DataFrame, "number"],
) -> DataFrame:
    """One row for each place where an object holds a number; `table` says what the object is.

    `source` is the place (LINE, PRIVATE_LINE, ACCESS, PILOT), `value` the text as stored, `base` (plus sign kept) and `extension`
    its parts (addresses.number; missing where it is no number), `number` both in one normal form. `others` names, in one text,
    all the other objects that hold the same number although it can lead to one alone; missing where there are none.

    - An object that holds a number twice, as line and private line, is no other of itself.
    - An Outlook Voice Access or auto attendant number and a contact without owner are a pair: Lync reaches the one through the
      other. Contacts with an owner are applications and devices.
    - A number of a UM dial plan or auto attendant is compared only when it is international (+): any other means something
      within its own UM dial plan alone, and two plans may both have a 5000. That two UM dial plans share an international
      number is a duplicate like any other: a call to it reaches one of them only.

    `side` is that of holders.others.

    `base_others` names the other objects that hold the same international base number where it is held with different
    extensions, or with and without one; missing where it is not. `base_plain` (bool) says that one of its holders has none.
    """
    owned = contacts["owner_urn"].notna()
    rows = pd.concat(
        [
            *_lines(users, "users", ""),
            *_lines(contacts[owned], "contacts", ""),
            *_lines(contacts[~owned], "contacts", holders.CONTACT),
            _rows(dial_plan_numbers, "dial_plans", ACCESS, "number", holders.SERVICE),
            _rows(auto_attendant_numbers, "auto_attendants", PILOT, "number", holders.SERVICE),
        ],
        ignore_index=True,
    )
    parts = addresses.number(rows["value"])
    rows = rows.assign(**parts, number=_normal(parts))
    lync = rows["side"] != holders.SERVICE
    compared = rows["number"].where(lync | parts["base"].str.startswith("+", na=False))
    label = rows["identity"] + " (" + rows["source"] + ")"
    others = holders.others(DataFrame({"guid": rows["guid"], "value": compared, "label": label, "side": rows["side"]}))
    return rows.assign(others=others, **by_base(rows))


def by_base(rows: DataFrame) -> dict[str, Series]:
    """Columns `base_others` and `base_plain` of `numbers`, for rows with its other columns."""
    base = rows["base"].where(addresses.matches(rows["base"], addresses.E164))
    differing = rows["number"].groupby(base).nunique()
    compared = base.where(base.isin(differing.index[differing > 1]))
    label = rows["identity"] + " (" + rows["source"] + " " + rows["number"] + ")"
    held = DataFrame({"guid": rows["guid"], "value": compared, "label": label, "side": rows["side"]})
    return {"base_others": holders.others(held), "base_plain": compared.isin(compared[rows["extension"] == ""].dropna())}


def _lines(holding: DataFrame, table: str, side: str) -> list[DataFrame]:
    return [_rows(holding, table, LINE, "line_uri", side), _rows(holding, table, PRIVATE_LINE, "private_line", side)]


def _rows(holding: DataFrame, table: str, source: str, column: str, side: str) -> DataFrame:
    held = holding[holding[column].notna()]
    return held[["guid", "dn", "identity"]].assign(table=table, source=source, value=held[column], side=side)


def _normal(parts: DataFrame) -> Series:
    extension = parts["extension"]
    return (parts["base"] + (";ext=" + extension).where(extension != "", "")).where(parts["base"].notna())
