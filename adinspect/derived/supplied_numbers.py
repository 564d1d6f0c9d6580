"""The numbers that side inputs say are in use, wherever the directory says nothing of them."""

from __future__ import annotations

from itertools import chain
from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses
from adinspect.derived import derived
from adinspect.frames import TEXT


@derived(holder="forest")
def supplied_numbers(
    forest: Annotated[DataFrame, "dn"],
    cs_users: Annotated[DataFrame | None, "line_uri", "private_line"],
    cs_rgs: Annotated[DataFrame | None, "line_uri", "display_number"],
    cs_exumcontacts: Annotated[DataFrame | None, "line_uri", "display_number"],
    cs_analog: Annotated[DataFrame | None, "line_uri", "display_number"],
    cs_cap: Annotated[DataFrame | None, "line_uri", "display_number"],
    teams_users: Annotated[DataFrame | None, "line_uri"],
    teams_numbers: Annotated[DataFrame | None, "number"],
    region: str,
) -> DataFrame:
    """One row for each value of a side input that stands for a number somebody or something has, or that the tenant owns.

    `value` is the text as supplied, `number` what it is as E.164, missing where that is not certain. Rows are about the forest.
    """
    supplied = (cs_users, cs_rgs, cs_exumcontacts, cs_analog, cs_cap, teams_users, teams_numbers)
    columns = ("line_uri", "private_line", "display_number", "number")
    given = chain.from_iterable([one[column] for column in columns if column in one] for one in supplied if one is not None)
    values = pd.concat([Series(dtype=TEXT), *given], ignore_index=True).dropna().drop_duplicates().reset_index(drop=True)
    plain = addresses.number(values)["base"]
    number = addresses.telephone(values, region)["e164"].fillna(plain.where(addresses.matches(plain, addresses.E164)))
    about = forest[["guid", "dn", "identity"]].iloc[[0] * len(values)].reset_index(drop=True)
    return about.assign(value=values.astype(TEXT), number=number.astype(TEXT))
