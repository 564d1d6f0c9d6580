"""One object explained: printed for people, or as JSON."""

from __future__ import annotations

import json
from typing import Any

import click
from pandas import DataFrame

from adinspect import explain, query, rules, waivers
from adinspect.cli._judged import Judged
from adinspect.cli._options import harmless, print_rows, printable
from adinspect.errors import ConfigurationError
from adinspect.explain import Explanation, Judgement, Value

MOST = 20
"""Matches of an ambiguous name that are listed."""


LONGEST = 500
"""Characters of a value that are printed for people; JSON has all."""


def print_explained(judged: Judged, called: str, format: str) -> None:
    """Find an object and print everything about it.

    Raises:
        ConfigurationError: no object or several are called so, or the format is one of rows.
    """
    if format not in ("table", "json"):
        raise ConfigurationError(f"--explain prints a table or json, not {format}")
    view = judged.view()
    catalogue = [rule for rule in rules.shipped().values() if judged.target in rule.targets]
    one = explain.explain(_only(explain.find(view.tables, called), called), view, judged.assessment, catalogue)
    if format == "json":
        click.echo(harmless(json.dumps(as_json(judged, one), ensure_ascii=False, indent=1)))
    else:
        _print(one)


def _only(found: DataFrame, called: str) -> str:
    if len(found) == 1:
        return str(found["guid"].iloc[0])
    if found.empty:
        raise ConfigurationError(
            f"no object that was seen is called {called!r}",
            next_step="Give its objectGUID, distinguished name, UPN, SIP address or sAMAccountName.",
        )
    lines = [f"{row.guid}  {', '.join(row.tables)}  {row.dn}" for row in found.head(MOST).itertuples()]
    more = [f"and {len(found) - MOST} more"] if len(found) > MOST else []
    raise ConfigurationError(
        f"{len(found)} objects are called {called!r}",
        where="\n".join((*lines, *more)),
        next_step="Give the objectGUID of the one you mean.",
    )


def as_json(judged: Judged, one: Explanation) -> dict[str, Any]:
    """An explanation in its public JSON form, schema 1."""
    return {
        "schema": 1,
        "snapshot": str(judged.snapshot.path),
        "target": judged.target.value,
        "taken": judged.snapshot.manifest["taken"],
        "object": {"guid": one.guid, "dn": one.dn, "identity": one.identity, "tables": list(one.tables)},
        "values": [{**_value(value), "attribute": _attributes().get((value.table, value.column), "")} for value in one.values],
        "rules": [
            {
                "rule": judgement.rule,
                "outcome": judgement.outcome.value,
                "reason": judgement.reason,
                "findings": [{**finding, "csv": list(finding["csv"])} for finding in judgement.findings],
                "reads": [_value(value) for value in judgement.reads],
                "against": list(judgement.against),
            }
            for judgement in one.rules
        ],
    }


def _value(value: Value) -> dict[str, Any]:
    return {"table": value.table, "column": value.column, "value": value.value, "state": value.state, "reason": value.reason}


def _attributes() -> dict[tuple[str, str], str]:
    shapes = (shape for one in query.shipped().values() for shape in one.tables)
    return {(shape.name, column.name): column.attribute for shape in shapes for column in shape.columns}


def _print(one: Explanation) -> None:
    for line in (one.identity, one.dn, f"objectGUID {one.guid}, in {', '.join(one.tables)}"):
        click.echo(printable(line))
    attributes = _attributes()
    shown = [(value.table, value.column, attributes.get((value.table, value.column), ""), _told(value)) for value in one.values]
    click.echo()
    print_rows(DataFrame(shown, columns=["table", "column", "attribute", "value"]), "table")
    click.echo()
    judged = [(judgement.rule, judgement.outcome.value, _said(judgement), _reads(judgement)) for judgement in one.rules]
    print_rows(DataFrame(judged, columns=["rule", "outcome", "what", "reads"]), "table")


def _told(value: Value) -> str:
    """A value as a person reads it; one that was not seen never looks like a missing one."""
    cells = value.value if isinstance(value.value, list) else [value.value]
    texts = [str(cell) for cell in cells if cell is not None]
    if value.state and not (isinstance(value.value, list) and texts):
        return f"({value.state}: {value.reason})"
    told = ", ".join(texts) or "(none)"
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}... ({len(told):,} characters)"


def _said(judgement: Judgement) -> str:
    if not judgement.findings:
        return judgement.reason
    lines = []
    for finding in judgement.findings:
        accepted = waivers.told(DataFrame([finding])).iloc[0]
        lines.append(" ".join(filter(None, (finding["message"], finding["because"]))))
        if isinstance(accepted, str):
            lines.append(f"Waived by {accepted}")
    return " / ".join(lines)


def _reads(judgement: Judgement) -> str:
    values = "; ".join(f"{value.table}.{value.column} = {_told(value)}" for value in judgement.reads)
    return values + (f"; against {', '.join(judgement.against)}" if judgement.against else "")
