"""The number ranges that the profile says are to be ported."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect.derived import derived
from adinspect.frames import TEXT
from adinspect.profile import Profile


@derived
def ported_ranges(forest: Annotated[DataFrame, "dn"], profile: Profile) -> DataFrame:
    """One row for each range of the profile that has a port date, in its order; guid, dn and identity are the forest's.

    `start` and `end` are E.164 numbers, `port_date` is a day (ISO 8601).
    """
    ported = [(one.start, one.end, one.port_date.isoformat()) for one in profile.ranges if one.port_date]
    ranges = DataFrame(ported, columns=["start", "end", "port_date"]).astype(TEXT)
    return forest[["guid", "dn", "identity"]].merge(ranges, how="cross")
