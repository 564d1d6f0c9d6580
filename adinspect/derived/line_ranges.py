"""In which range of the profile each line lies."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect import addresses
from adinspect.derived import derived
from adinspect.frames import TEXT
from adinspect.profile import Profile


@derived
def line_ranges(users: Annotated[DataFrame, "line_uri?"], profile: Profile) -> DataFrame:
    """One row for each user whose line is an E.164 number (with or without extension) in a range of the profile.

    `number` is that number, `start` the first one of the range, `owner` (sites.Owner), `number_type` (sites.NumberType) and
    `port_date` (ISO 8601) are the range's. All are text. A range of no number type is of the profile's; missing where neither
    says.
    """
    lines = users["line_uri"].where(addresses.matches(users["line_uri"], addresses.E164_URI))
    numbers = addresses.number(lines)["base"]
    found = [(index, number, profile.ranges.of(number)) for index, number in numbers.items()]
    placed = [(index, number, one) for index, number, one in found if one]
    told = DataFrame(
        [
            (number, one.start, one.owner, one.number_type or profile.number_type, one.port_date and one.port_date.isoformat())
            for _, number, one in placed
        ],
        index=[index for index, *_ in placed],
        columns=["number", "start", "owner", "number_type", "port_date"],
    )
    return users.loc[told.index, ["guid", "dn", "identity"]].join(told.astype(TEXT)).reset_index(drop=True)
