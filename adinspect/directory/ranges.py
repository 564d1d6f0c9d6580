"""Ranges: how Active Directory hands out an attribute of many values, a part at a time ([MS-ADTS] 3.1.1.3.1.3.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adinspect.directory.ber import MalformedError

_OPTION = re.compile(r"range=(\d{1,9})-(\d{1,9}|\*)")


@dataclass(frozen=True)
class Range:
    """The values `low` to `high` of an attribute, counted from 0; `high` is None when the last one is among them."""

    low: int
    high: int | None

    def check(self, low: int, count: int) -> None:
        """Prove that it starts at `low` and moves on, and that as many values came as it says.

        Raises:
            MalformedError: values would be lost or doubled.
        """
        if self.low != low or (self.high is not None and (self.high < low or count != self.high - low + 1)):
            raise MalformedError(f"{count} values in the range {self.low} to {self.high} where the values from {low} on belong")


def base_name(description: str) -> str:
    """The attribute of an attribute description, without its options (RFC 4512, 2.5)."""
    return description.partition(";")[0]


def range_of(description: str) -> Range | None:
    """The range among the options of a lower-cased attribute description.

    Raises:
        MalformedError: a range that is none.
    """
    for option in description.split(";")[1:]:
        if option.startswith("range="):
            found = _OPTION.fullmatch(option)
            if found is None:
                raise MalformedError("a range of values that is none")
            return Range(int(found[1]), None if found[2] == "*" else int(found[2]))
    return None
