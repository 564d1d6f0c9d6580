"""For the tests of rules, ours and a site's: tables written as text, and what a rule finds in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pandas as pd
from pandas import DataFrame

from adinspect import assess, certificates, diff, frames, query, side
from adinspect.finding import Target
from adinspect.profile import Elsewhere, Population, Profile, SignIn
from adinspect.query import IDENTITY, Column, Table, Type
from adinspect.rule import Input, Rule, Signature, Skipped
from adinspect.side import SideInput
from adinspect.visibility import nothing_hidden

TODAY = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""The day a rule's test runs on unless it says otherwise."""

EVERYONE = Profile(population=Population(base_dns=("DC=contoso,DC=example",)))
"""A profile that names a population, so that no Exchange organization is needed to know it."""


def table(text: str) -> DataFrame:
    """Read a table written as text: a header line, a line a row, cells split at `|`; `-` or nothing is a missing value."""
    header, *lines = (line for line in text.strip().splitlines() if line.strip())
    names = [name.strip() for name in header.split("|")]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return DataFrame(cells, columns=names, dtype="str").replace({"-": None, "": None})


def tables(**written: DataFrame) -> dict[str, DataFrame]:
    """Every table of the product, those not given without a row; the given ones get the dtypes and absent values of their query.

    Where a given table lacks them: `identity` is its first column, `dn` equals it, `guid` is the table's name and the row.
    A child table names its owner's row by `identity` alone. `expected` of users is kept where it is given. A table that no query
    fills (`certificates`, `changes`, side inputs) is there only where it is given; a side input's rows have no `guid` and `dn`.
    """
    shapes = {shape.name: shape for one in query.shipped().values() for shape in one.tables}
    beside = [shape for shape in (certificates.TABLE,) if shape.name in written]
    shapes |= {shape.name: shape for shape in (*beside, diff.TABLE) if shape.name in written}
    whole = {
        name: _typed(shape, written[name]) if name in written else frames.empty(shape).copy(deep=False)
        for name, shape in shapes.items()
    }
    for shape in beside:
        whole[shape.name] = whole[shape.name].assign(guid="", dn="").astype(dict(frames.empty(shape).dtypes))
    if "forest" not in written:
        whole["forest"] = _typed(shapes["forest"], table("dn | name\nDC=contoso,DC=example | contoso.example"))
    for name in written.keys() & side.shipped().keys():
        whole[name] = _supplied(side.shipped()[name], written[name])
    for name, owner in query.owners().items():
        if name in written and "guid" not in written[name]:
            whole[name] = _owned(whole[name], whole[owner])
    return whole


def offenders(
    rule: Rule,
    *,
    target: Target = Target.UM_LYNC,
    today: datetime = TODAY,
    lync_forest: Elsewhere = Elsewhere.UNKNOWN,
    sign_in: SignIn = SignIn.UPN,
    **written: Any,
) -> list[str]:
    """The identities of what a rule finds in these tables, in order. Other keywords than tables are the rule's settings.

    Raises:
        AssertionError: the rule was skipped; says why.
    """
    return list(findings(rule, target=target, today=today, lync_forest=lync_forest, sign_in=sign_in, **written)["identity"])


def findings(
    rule: Rule,
    *,
    target: Target = Target.UM_LYNC,
    today: datetime = TODAY,
    lync_forest: Elsewhere = Elsewhere.UNKNOWN,
    sign_in: SignIn = SignIn.UPN,
    **written: Any,
) -> DataFrame:
    """The findings (FINDING_COLUMNS) of a rule in these tables; what it needs of Exchange and Lync is not asked for."""
    verdict = outcome(rule, target=target, today=today, lync_forest=lync_forest, sign_in=sign_in, **written)
    assert not isinstance(verdict, Skipped), f"{rule.code} was skipped: {verdict.reason}"  # noqa: S101 - this module serves tests
    return verdict.findings


def outcome(
    rule: Rule,
    *,
    target: Target = Target.UM_LYNC,
    today: datetime = TODAY,
    lync_forest: Elsewhere = Elsewhere.UNKNOWN,
    sign_in: SignIn = SignIn.UPN,
    visibility: DataFrame | None = None,
    needs: bool = False,
    **written: Any,
) -> assess.Verdict | Skipped:
    """What a rule says of these tables. Its needs are only looked at when `needs` is true."""
    given = {name: value for name, value in written.items() if isinstance(value, DataFrame)}
    settings = {name: value for name, value in written.items() if name not in given}
    profile = Profile(lync_forest=lync_forest, sign_in=sign_in, population=EVERYONE.population)
    whole = tables(**given)
    view = assess.view_of(
        whole, nothing_hidden() if visibility is None else visibility, target=target, today=today, profile=profile
    )
    if "users" in given and "expected" in given["users"]:
        view.tables["users"]["expected"] = list(given["users"]["expected"] == "yes")
    subject = rule if needs else replace(rule, needs=())
    return assess.judge(subject, view, settings)


def look(
    name: str,
    *columns: str,
    visibility: DataFrame | None = None,
    region: str = "",
    profile: Profile = EVERYONE,
    **written: DataFrame,
) -> DataFrame:
    """A derived table as a rule that names these columns is handed it.

    Raises:
        AssertionError: it cannot be had; says why.
    """
    unseen = nothing_hidden() if visibility is None else visibility
    wishes = replace(profile, region=region or profile.region)
    view = assess.view_of(tables(**written), unseen, target=Target.UM_LYNC, today=TODAY, profile=wishes)
    handed = view.hand(Signature((Input(name, columns, frozenset()),), (), frozenset()), {})
    assert not isinstance(handed, Skipped), handed.reason  # noqa: S101 - this module serves tests
    frame: DataFrame = handed.arguments[name]
    return frame


def _typed(shape: Table, written: DataFrame) -> DataFrame:
    rows = written.reset_index(drop=True)
    identity = rows["identity"] if "identity" in rows else rows[rows.columns[0]]
    dn = rows.get("dn", identity)
    guid = rows["guid"] if "guid" in rows else pd.Series([f"{shape.name}-{number}" for number in range(len(rows))], dtype="str")
    unknown = set(rows.columns) - set(frames.empty(shape).columns) - {"expected"}
    assert not unknown, f"table {shape.name} has no column {', '.join(sorted(unknown))}"  # noqa: S101 - this module serves tests
    given = {"guid": guid, "dn": dn, "identity": identity}
    given |= {column.name: _cells(column, rows) for column in shape.columns if column.name in rows}
    dtypes = frames.empty(shape).dtypes
    values = {name: pd.Series(cells, dtype=dtypes[name]) for name, cells in given.items()}
    return _blank(shape).take([0] * len(rows)).reset_index(drop=True).assign(**values)


@cache
def _blank(shape: Table) -> DataFrame:
    """One row of a table with nothing but what its query says an absent value is."""
    nothing = DataFrame({"identity": [None]})
    columns: dict[str, Any] = {name: [None] for name in IDENTITY} | {
        column.name: _cells(column, nothing) for column in shape.columns
    }
    return DataFrame(columns).astype(dict(frames.empty(shape).dtypes))


def _supplied(one: SideInput, written: DataFrame) -> DataFrame:
    named = [side.identity(*key) for key in written[list(one.key)].itertuples(index=False)]
    return _typed(one.table, written.assign(guid="", dn="", identity=named))


def _cells(column: Column, rows: DataFrame) -> list[Any]:
    kind = frames.ARROW_TYPES[column.type]
    absent = False if column.type is Type.PRESENT else column.absent
    values = rows[column.name] if column.name in rows else [None] * len(rows)
    read = _READERS.get(str(kind), str)
    return [absent if pd.isna(value) else read(value) if isinstance(value, str) else value for value in values]


_READERS: Mapping[str, Any] = {
    "int64": int,
    "bool": lambda text: text == "yes",
    "timestamp[us, tz=UTC]": lambda text: pd.Timestamp(text, tz="UTC"),
}


def _owned(child: DataFrame, owner: DataFrame) -> DataFrame:
    known = owner.drop_duplicates("identity").set_index("identity")
    return child.assign(guid=child["identity"].map(known["guid"]), dn=child["identity"].map(known["dn"]))
