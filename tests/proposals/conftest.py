"""What a bulk CSV holds for users written as text, of which findings written as text speak."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import pandas as pd
import pytest
from pandas import DataFrame

from adinspect import assess, bulk, derived, plan, proposals, readings, step, voice
from adinspect.finding import FINDING_COLUMNS, Target
from adinspect.profile import Profile
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.view import View
from adinspect.visibility import nothing_hidden


def guid(table: str, row: int) -> str:
    """A GUID that an object could have, for the row of a table."""
    return f"{sum(map(ord, table)):08x}-0000-4000-8000-{row:012x}"


def written(name: str, text: str) -> DataFrame:
    """A table of objects, each with a GUID and a DN as a directory gives them; a child table as it is."""
    rows = table(text)
    if name in ("users", "contacts", "pools", "mailbox_policies", "dial_plans", "auto_attendants"):
        identity = rows["identity"] if "identity" in rows else rows[rows.columns[0]]
        guids = [guid(name, row) for row in range(len(rows))]
        given = rows["guid"] if "guid" in rows else pd.Series(guids, dtype="str")
        dn = rows["dn"] if "dn" in rows else "CN=" + identity + ",OU=Staff,DC=contoso,DC=example"
        rows = rows.assign(guid=given.fillna(pd.Series(guids, dtype="str")), dn=dn)
    return rows


def found(users: DataFrame, text: str) -> DataFrame:
    """Findings on users: identity, rule, csv and perhaps certainty, because, message and waived (by whom)."""
    rows = table(text)
    known = users.set_index("identity")
    rows = rows.assign(
        guid=rows["identity"].map(known["guid"]),
        dn=rows["identity"].map(known["dn"]),
        csv=[() if pd.isna(csv) else (csv,) for csv in rows.get("csv", [None] * len(rows))],
    )
    defaults = {"certainty": "certain", "because": "", "message": rows["rule"] + " said so.", "wave": "F", "table": "users"}
    filled = {name: rows[name].fillna(default) if name in rows else default for name, default in defaults.items()}
    owners = rows["waived"] if "waived" in rows else pd.Series(None, rows.index, dtype=object)
    waived = [{"owner": owner, "reason": "it is so"} if isinstance(owner, str) else None for owner in owners]
    rows = rows.assign(waived=pd.Series(waived, rows.index, dtype=object))
    return rows.assign(**filled).reindex(columns=list(FINDING_COLUMNS))


@dataclass(frozen=True)
class Split:
    """The rows of a CSV, kept and rejected, by the name of their object."""

    kept: dict[str, dict[str, str]]
    rejected: dict[str, dict[str, str]]

    def why(self, identity: str) -> str:
        """Why the row of an object was rejected."""
        return self.rejected[identity][step.REASON]


def view(
    findings: str,
    visibility: DataFrame | None = None,
    target: Target = Target.UM_LYNC,
    profile: Profile = EVERYONE,
    **texts: str,
) -> View:
    """Tables written as text as a proposal sees them."""
    whole = tables(**{name: written(name, text) for name, text in texts.items()})
    unseen = nothing_hidden() if visibility is None else visibility
    seen = assess.view_of(whole, unseen, target=target, today=TODAY, profile=profile)
    return assess.with_found(seen, assess.Assessment(found(whole["users"], findings), DataFrame(), DataFrame()))


FORERUNNERS = ("20_cs_user_enable", "24_cs_hostedvm_grant", "25_cs_hostedvm_set", "29_um_mailbox_disable", "30_um_mailbox_enable")
"""Files that rows of others count on, where a finding sends somebody there; 24 and 25 hold users whom none sends."""


def answered(csv: str, seen: View) -> Split:
    """What a CSV of a view's target holds for what the view shows, as in the plan, but for waves and files nobody counts on."""
    chosen = {one.name: one for one in plan.files(seen.context["target"])}
    definition, users = chosen[csv], seen.tables["users"]
    ground = plan.Ground({}, frozenset(users.loc[voice.online(users), "guid"]))
    asked = {name for files in seen.tables["findings"]["csv"] for name in files}
    counts = asked if seen.context["target"] is Target.UM_LYNC else {*asked, *FORERUNNERS[1:3]}
    names = [name for name in list(chosen)[: list(chosen).index(csv)] if name in FORERUNNERS and name in counts]
    for one in (*(chosen[name] for name in names), definition):
        rows = plan.proposed(one, ground, readings.present(one.reads, seen), proposals.rows(proposals.shipped()[one.name], seen))
        ground.count_on(one, rows)
    kept, rejected = ({row["_Object"]: row for row in part.to_dict("records")} for part in bulk.split(definition, rows))
    assert len(kept) + len(rejected) == len(rows), "an object stands in a file twice"
    return Split(kept, rejected)


@pytest.fixture(scope="package", autouse=True)
def made_once() -> Iterator[None]:
    """A derived table is made once of the same rows, whatever test asks for it: tables this small cost what large ones do."""
    once = {name: replace(one, build=_remembering(one.build)) for name, one in derived.shipped().items()}
    with patch.object(derived, "shipped", lambda: once):
        yield


def _remembering(build: Callable[..., DataFrame]) -> Callable[..., DataFrame]:
    made: dict[str, DataFrame] = {}

    def remembered(**given: Any) -> DataFrame:
        told = {name: _rows(one) if isinstance(one, DataFrame) else one for name, one in given.items()}
        if (key := repr(told)) not in made:
            made[key] = build(**given)
        return made[key].copy(deep=False)

    return remembered


def _rows(frame: DataFrame) -> object:
    return frame.to_dict("list"), frame.dtypes.to_dict(), list(frame.index)


@pytest.fixture
def split() -> Callable[..., Any]:
    """Ask for the rows of a CSV, or of several (a tuple): findings, perhaps visibility, target and profile, and tables."""

    def ask(csv: str | tuple[str, ...], findings: str, visibility: DataFrame | None = None, **given: Any) -> Any:
        seen = view(findings, visibility, **given)
        return answered(csv, seen) if isinstance(csv, str) else tuple(answered(one, seen) for one in csv)

    return ask
