"""The numbers of a forest as tables for a report: all of them, those in conflict, and the carrier's ranges against them."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

from pandas import DataFrame

from adinspect import addresses, number_ranges
from adinspect.derived import all_numbers as kinds
from adinspect.derived import holders
from adinspect.rule import Signature, Skipped
from adinspect.view import View

TABLES = ("all_numbers", "duplicate_numbers", "base_conflicts", "number_ranges", "outside_ranges", "number_limits")
"""What `tables` makes."""

_COLUMNS = ("table", "source", "value", "base", "extension", "e164", "number", "others", "base_others", "conflict")


def tables(view: View) -> dict[str, DataFrame]:
    """TABLES, of what could be seen.

    - `all_numbers`: the derived table, sorted by number.
    - `duplicate_numbers`: one row for each number of several holders: number, conflict, holders (how many), held_by.
    - `base_conflicts`: its rows whose base number is held with another extension or none.
    - `number_ranges`: each range of the carrier with size, used, free, gaps; `problem` says why that cannot be told.
    - `outside_ranges`: the rows with an international number that is assigned and lies in no range.
    - `number_limits`: what the other tables may lack (table, why).

    Without the carrier's ranges, `number_ranges` and `outside_ranges` are empty, and `number_limits` says why.
    """
    limits: list[tuple[str, str]] = []
    handed = view.hand(Signature.of(_every), {})
    if isinstance(handed, Skipped):
        every = DataFrame(columns=["guid", "dn", "identity", *_COLUMNS], dtype="str")
        limits.append(("all_numbers", handed.reason))
    else:
        every = handed.arguments["all_numbers"]
        limits += [("all_numbers", note) for note in handed.notes]
    if limits:
        limits.append(("number_ranges", "a number called free may be held where all_numbers could not look"))
    every = every.sort_values(["number", "value", "identity", "source", "guid"], kind="stable", ignore_index=True)
    if not view.context["region"]:
        limits.append(("all_numbers", "the profile names no region: a number without country code was not made international"))
    carrier = view.hand(Signature.of(_carrier), {})
    if isinstance(carrier, Skipped):
        limits += [(table, carrier.reason) for table in ("number_ranges", "outside_ranges")]
        ranges = DataFrame(columns=["start", "end", "carrier", "type", "port_date"], dtype="str")
    else:
        ranges = carrier.arguments["carrier_numbers"]
    return {
        "all_numbers": every,
        "duplicate_numbers": _duplicates(every),
        "base_conflicts": every[every["base_others"].notna()].reset_index(drop=True),
        "number_ranges": _filled(ranges, every),
        "outside_ranges": _outside(ranges, every),
        "number_limits": DataFrame(limits, columns=["table", "why"], dtype="str"),
    }


def _every(
    all_numbers: Annotated[
        DataFrame, "source", "value", "base", "extension", "e164", "number", "others", "base_others", "conflict"
    ],
) -> None: ...


def _carrier(carrier_numbers: Annotated[DataFrame, "start", "end", "carrier", "type", "port_date"]) -> None: ...


def _duplicates(every: DataFrame) -> DataFrame:
    several = every[every["others"].notna()]
    label = several["identity"] + " (" + several["source"] + ")"
    lines = []
    for number, rows in several.assign(label=label).groupby("number", sort=True):
        labels = sorted(rows["label"].unique())
        held_by = ", ".join(islice(labels, holders.NAMED))
        more = len(labels) - holders.NAMED
        worst = rows["conflict"].str.startswith(kinds.DUPLICATE, na=False).any()
        told = held_by if more <= 0 else f"{held_by} and {more} more"
        lines.append((number, kinds.DUPLICATE if worst else kinds.SHOWN, rows["guid"].nunique(), told))
    typed = {"number": "str", "conflict": "str", "holders": "int64", "held_by": "str"}
    return DataFrame(lines, columns=list(typed)).astype(typed)


def _assigned(every: DataFrame) -> DataFrame:
    international = addresses.matches(every["base"], addresses.E164)
    return every[international & (every["source"] != kinds.TELEPHONE)]


def _filled(ranges: DataFrame, every: DataFrame) -> DataFrame:
    start, end = addresses.international(ranges["start"]), addresses.international(ranges["end"])
    found = number_ranges.filled(start, end, _assigned(every)["base"])
    problem = found["size"].isna().map({True: "it does not go from one E.164 number to a later one", False: None})
    return ranges.assign(**found, problem=problem.astype("str")).sort_values(["start", "end"], ignore_index=True)


def _outside(ranges: DataFrame, every: DataFrame) -> DataFrame:
    assigned = _assigned(every)
    start, end = addresses.international(ranges["start"]), addresses.international(ranges["end"])
    outside = ~number_ranges.inside(start, end, assigned["base"])
    # without a range there is nothing to lie outside of
    return assigned[outside & bool(len(ranges))].reset_index(drop=True)
