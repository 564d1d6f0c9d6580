"""The ranges a carrier has given, against the numbers of the forest: what is free, what lies outside, what cannot be told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, number_ranges
from adinspect.finding import Certainty, Severity, Target
from adinspect.rule import rule

OUTSIDE = "outside"
"""Key of the one finding about all numbers outside the ranges."""

ELSEWHERE = "the directory does not tell what a telephone system beside Lync has assigned"


@rule("MIG-023", Severity.INFO, Target.SFB_CLOUD_VOICEMAIL, Target.TEAMS_PHONE, source="practice")
def number_inventory_incomplete(
    forest: Annotated[DataFrame, "identity"],
    numbers: Annotated[DataFrame, "value", "base"],
    carrier_numbers: Annotated[DataFrame, "start", "end"],
    ported_ranges: Annotated[DataFrame, "start", "end", "port_date"],
    teams_users: Annotated[DataFrame | None, "line_uri"],
    region: str,
) -> DataFrame:
    """The carrier's ranges and the numbers of forest {identity} do not match: {gap}.

    Porting numbers and Operator Connect need the complete list. Told are the free numbers of a range, which nobody holds in the
    directory or in Teams; the numbers that somebody holds although no range has them; and a range that is incomplete. That is one
    of the carrier's without a later end of the same length, and one that the profile says is to be ported, of which the carrier's
    ranges have some numbers and not all: one they have nothing of is another carrier's. That a range has free numbers does not
    make it incomplete.

    Remediation: Complete the list with the carrier, and settle whose each number is.
    Cmdlet: Get-CsPhoneNumberAssignment
    """
    start, end = addresses.international(carrier_numbers["start"]), addresses.international(carrier_numbers["end"])
    held = _international(numbers, region)
    cloud = [] if teams_users is None else [addresses.international(addresses.number(teams_users["line_uri"])["base"])]
    used = number_ranges.filled(start, end, pd.concat([held, *cloud]))
    ranges = carrier_numbers[["start", "end"]].assign(**used).sort_values("start")
    outside = sorted(set(held[~number_ranges.inside(start, end, held)].dropna())) if len(ranges) else []
    unread = int(held.isna().sum())
    doubt = ELSEWHERE + (f"; {unread} numbers of the forest are not international, and may be among these" if unread else "")
    ported = ported_ranges.assign(
        had=number_ranges.covered(ported_ranges["start"], ported_ranges["end"], DataFrame({"start": start, "end": end}))
    )
    told = [*_of_ranges(ranges, doubt), *_of_ported(ported, _incomplete(ranges)), *_of_numbers(outside, _incomplete(ranges))]
    gaps = DataFrame(told, columns=["key", "gap", "because"], dtype="str")
    certainty = (gaps["because"] == "").map({True: Certainty.CERTAIN.value, False: Certainty.LIKELY.value})
    return forest.merge(gaps.assign(certainty=certainty, evidence_gap=gaps["gap"]), how="cross")


def _of_ranges(ranges: DataFrame, doubt: str) -> Iterator[tuple[str, str, str]]:
    for start, end, size, free, gaps in ranges[["start", "end", "size", "free", "gaps"]].itertuples(index=False, name=None):
        if pd.isna(size):
            told = "no end" if pd.isna(end) else f"the end {end}"
            yield start, f"the range from {start} on is incomplete, for it has {told}", ""
        elif free:
            yield start, f"nobody is assigned {free} of the {size} numbers from {start} to {end} ({gaps})", doubt


def _incomplete(ranges: DataFrame) -> str:
    """What is uncertain for want of the end of a range; empty where all have one."""
    starts = ", ".join(ranges.loc[ranges["size"].isna(), "start"])
    return f"a range whose end is not known may hold them (from {starts})" if starts else ""


def _of_ported(ported: DataFrame, because: str) -> Iterator[tuple[str, str, str]]:
    for start, end, day, had in ported[["start", "end", "port_date", "had"]].itertuples(index=False, name=None):
        size = int(end) - int(start) + 1
        if 0 < had < size:
            told = f"of the {size} numbers from {start} to {end}, which are ported on {day}, the carrier's ranges have only {had}"
            yield f"ported/{start}", told, because


def _of_numbers(outside: list[str], because: str) -> Iterator[tuple[str, str, str]]:
    if outside:
        named = ", ".join(outside[: number_ranges.NAMED])
        more = len(outside) - number_ranges.NAMED
        yield OUTSIDE, f"assigned numbers lie in no range ({named}{f' and {more} more' if more > 0 else ''})", because


def _international(numbers: DataFrame, region: str) -> Series:
    """Each number in international form; missing where none is certain."""
    stored = numbers["base"].where(addresses.matches(numbers["base"], addresses.E164))
    return addresses.telephone(numbers["value"], region)["e164"].fillna(stored)
