"""Who holds a value that a proposal would give to somebody else."""

from __future__ import annotations

import pandas as pd
from pandas import DataFrame, Series

from adinspect.derived import holders
from adinspect.membership import among


def held_by(users: DataFrame, proposed: Series, compared: Series, taken_addresses: DataFrame) -> Series:
    """`proposed` and who else holds it or is to get it in the same file; missing where nobody does or nothing is proposed."""
    wanted = users.assign(value=compared, label=users["identity"] + " (proposed here too)")
    held = taken_addresses.assign(value=taken_addresses["address"])
    held = held[among(held["value"], compared.dropna())]
    held = held.assign(label=held["identity"].where(held["table"] == "users", held["identity"] + " (contact)"))
    columns = ["guid", "value", "label"]
    others = holders.others(pd.concat([wanted[columns], held[columns]], ignore_index=True).assign(side=""))
    return proposed.astype(object) + " by " + others.iloc[: len(users)].set_axis(users.index).astype(object)
