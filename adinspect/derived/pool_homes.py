"""Who is homed on which Lync / Skype for Business pool, users and contacts alike."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame

from adinspect import voice
from adinspect.derived import derived


@derived(union=True)
def pool_homes(
    users: Annotated[DataFrame, "pool_service", "deployment_locator?"],
    contacts: Annotated[DataFrame, "pool_service", "deployment_locator?"],
) -> DataFrame:
    """One row for each user or contact that names a home pool and is not homed online; `table` says which.

    `pool_service` is the DN of the pool service as stored, whether or not it exists.
    """
    rows = pd.concat([users.assign(table="users"), contacts.assign(table="contacts")], ignore_index=True)
    homed = rows[rows["pool_service"].notna() & ~voice.online(rows)]
    return homed[["table", "guid", "dn", "identity", "pool_service"]]
