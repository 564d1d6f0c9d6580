"""Judges tables: every rule of a target, to findings, skipped rules with their reason, and how much each could judge."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas import DataFrame, Series

from adinspect import derived, query, rules, waivers
from adinspect.finding import FINDING_COLUMNS, Certainty, Severity, Target, Wave
from adinspect.frames import SEVERITIES
from adinspect.placement import with_sites
from adinspect.population import with_expected
from adinspect.profile import Profile
from adinspect.rule import Lack, Partly, Rule, Setting, Skipped
from adinspect.view import View
from adinspect.visibility import Unseen
from adinspect.waivers import Waivers

SHOWN_WHEN_MISSING = "(none)"
"""What a message says for a value that is not there."""


@dataclass(frozen=True)
class Assessment:
    """What was judged, as tables.

    `findings` has FINDING_COLUMNS, worst first. `skipped` has rule and reason. `coverage` has rule, judged, of (rows) and note
    (what kept the others from being judged), one row for each rule that ran. `waivers` (waivers.STANDING_COLUMNS) says what each
    waiver came to. `unknown` has a row for each rule and object (guid) that it could not judge because something was not seen,
    with the reason; without a guid it judged none. What was not supplied, and what does not apply, is not in it.
    """

    findings: DataFrame
    skipped: DataFrame
    coverage: DataFrame
    waivers: DataFrame = field(default_factory=waivers.nothing_waived)
    unknown: DataFrame = field(default_factory=lambda: _unknown([]))


def assess(
    tables: Mapping[str, DataFrame],
    visibility: DataFrame,
    *,
    target: Target,
    today: datetime,
    profile: Profile | None = None,
    catalogue: Iterable[Rule] | None = None,
    accepted: Waivers | None = None,
) -> Assessment:
    """Run every rule of the target over the tables of a snapshot and what of them was not seen; mark what was accepted.

    Raises:
        ConfigurationError: the profile has a setting no rule knows, or one of the wrong type; a waiver names no rule.
    """
    view = view_of(tables, visibility, target=target, today=today, profile=profile or Profile())
    return assess_seen(view, catalogue=catalogue, accepted=accepted)


def assess_seen(view: View, *, catalogue: Iterable[Rule] | None = None, accepted: Waivers | None = None) -> Assessment:
    """Run every rule of the target over what `view_of` gives; what rules derive is kept in the view, for whoever plans with it.

    Raises:
        ConfigurationError: see `assess`.
    """
    profile, target, today = view.context["profile"], view.context["target"], view.context["today"]
    known = rules.shipped()
    check_settings(profile, known)
    accepted = accepted or Waivers()
    accepted.check(known)
    found, skipped, coverage = [], [], []
    unknown: list[tuple[str, str | None, str]] = []
    for rule in catalogue if catalogue is not None else known.values():
        if target not in rule.targets:
            continue
        outcome = judge(rule, view, profile.rules.get(rule.code, {}))
        if isinstance(outcome, Skipped):
            skipped.append((rule.code, outcome.reason))
            unknown += [(rule.code, None, outcome.reason)] if outcome.lack is Lack.UNSEEN else []
        else:
            found.append(_told_in_part(rule, outcome))
            coverage.append((rule.code, outcome.judged, outcome.of, outcome.note))
            unknown += [(rule.code, guid, outcome.note) for guid in sorted(outcome.hidden)]
    unjudged = _unjudged(accepted, target, skipped, coverage)
    findings, standing = waivers.apply(_sorted(found), accepted, today=today.date(), unjudged=unjudged)
    return Assessment(
        findings,
        DataFrame(skipped, columns=["rule", "reason"], dtype="str"),
        DataFrame(coverage, columns=["rule", "judged", "of", "note"]),
        standing,
        _unknown(unknown),
    )


def _unknown(lines: list[tuple[str, str | None, str]]) -> DataFrame:
    return DataFrame(lines, columns=["rule", "guid", "reason"], dtype="str")


def _told_in_part(rule: Rule, verdict: Verdict) -> DataFrame:
    """The findings of a rule; where it could not judge every row, each says of how many in its `because`."""
    findings = verdict.findings
    if verdict.judged == verdict.of or findings.empty:
        return findings
    made = derived.shipped().get(rule.judged.table)
    what = "objects" if made and made.sparse else rule.judged.table.replace("_", " ")
    part = f"({verdict.judged:,} of {verdict.of:,} {what} could be judged)"
    return findings.assign(because=[" ".join(filter(None, (because, part))) for because in findings["because"]])


def _unjudged(
    accepted: Waivers, target: Target, skipped: list[tuple[str, str]], coverage: list[tuple[str, int, int, str]]
) -> Mapping[str, str]:
    """Why a rule may lack a finding though nothing was put right."""
    told = {code: f"the rule could judge only {judged} of {of}" for code, judged, of, _ in coverage if judged < of}
    told |= {code: f"the rule was skipped ({reason})" for code, reason in skipped}
    ran = {code for code, *_ in (*skipped, *coverage)}
    return {waiver.rule: f"the rule does not judge {target}" for waiver in accepted.given if waiver.rule not in ran} | told


def view_of(tables: Mapping[str, DataFrame], visibility: DataFrame, *, target: Target, today: datetime, profile: Profile) -> View:
    """The tables as rules may see them, the profile's wishes added to `users`."""
    read = Unseen.of(visibility)
    users, unexpected = with_expected(tables, read, profile)
    users, unplaced = with_sites({**tables, "users": users}, read, profile)
    unseen = Unseen.of(pd.concat([visibility, unexpected, unplaced], ignore_index=True))
    context = {
        "target": target,
        "today": today,
        "profile": profile,
        "lync_forest": profile.lync_forest,
        "exchange_forest": profile.exchange_forest,
        "sign_in": profile.sign_in,
        "region": profile.region,
    }
    return View({**tables, "users": users}, unseen, derived.shipped(), query.owners(), context)


def with_found(view: View, assessment: Assessment) -> View:
    """The tables as a plan reads them: what an assessment found, and what it could not judge, among them."""
    names = ("findings", "unknown", "skipped", "coverage")
    return replace(view, tables={**view.tables, **{name: getattr(assessment, name) for name in names}})


@dataclass(frozen=True)
class Verdict:
    """What one rule found, in how many rows of how many, and why not in all; `hidden` are the guids of the objects held back."""

    findings: DataFrame
    judged: int
    of: int
    note: str
    hidden: frozenset[str] = frozenset()


def judge(rule: Rule, view: View, settings: Mapping[str, Any]) -> Verdict | Skipped:
    """Run one rule, or say why it cannot be run."""
    for need in rule.needs:
        if lacking := view.lacks(need):
            return lacking
    chosen = {
        setting.name: _read(settings[setting.name], setting) if setting.name in settings else setting.default
        for setting in rule.signature.settings
    }
    for setting in rule.signature.settings:
        if setting.required and setting.name not in settings:
            return Skipped(f"the profile does not say {setting.name} ([rules.{rule.code}])", Lack.UNSUPPLIED)
    handed = view.hand(rule.signature, chosen)
    if isinstance(handed, Skipped):
        return handed
    rows = rule.select(**handed.arguments)
    if isinstance(rows, Skipped):
        return rows
    rows, unjudged, why = (rows.found, rows.unjudged, (rows.reason,)) if isinstance(rows, Partly) else (rows, 0, ())
    if unjudged and unjudged == handed.judged:
        return Skipped(*why)
    holder = view.derived[rule.judged.table].holder if rule.judged.table in view.derived else rule.judged.table
    findings = _findings(rule, rows, holder, {**chosen, "target": view.context["target"].value})
    note = "; ".join((*handed.notes, *(why if unjudged else ())))
    return Verdict(findings, handed.judged - unjudged, handed.of, note, handed.hidden)


def check_settings(profile: Profile, catalogue: Mapping[str, Rule]) -> None:
    """Hold the profile's settings of rules, its decisions and its accepted gates against the rules there are.

    Raises:
        ConfigurationError: an unknown rule or setting, a value of the wrong type, an answer to a rule that asks nothing, or an
            accepted gate that is none; says the line.
    """
    _check_codes(profile, profile.decisions, catalogue, Wave.ORGANIZATION, "asks the whole organization", "decisions")
    _check_codes(profile, profile.gates, catalogue, Wave.GATE, "is a gate", "gates", "accepted")
    for code, settings in profile.rules.items():
        if code not in catalogue:
            raise profile.toml.wrong(f"there is no rule {code}", "rules", code)
        known = {setting.name: setting for setting in catalogue[code].signature.settings}
        for name, value in settings.items():
            if name not in known:
                raise profile.toml.wrong(
                    f"rule {code} has no setting {name!r}; it has {', '.join(known) or 'none'}", "rules", code, name
                )
            if not _fits(value, known[name]):
                raise profile.toml.wrong(
                    f"{name} of rule {code} is {value!r}, not {' or '.join(map(_called, _kinds(known[name])))}",
                    "rules",
                    code,
                    name,
                )


def _check_codes(
    profile: Profile, codes: Iterable[str], catalogue: Mapping[str, Rule], wave: Wave, what: str, *keys: str
) -> None:
    known = sorted(code for code, rule in catalogue.items() if rule.wave is wave)
    for code in codes:
        if code not in known:
            raise profile.toml.wrong(f"no rule {code} {what}: there are {', '.join(known)}", *keys, code)


def _kinds(setting: Setting) -> tuple[Any, ...]:
    kinds = typing.get_args(setting.type) if isinstance(setting.type, types.UnionType) else (setting.type,)
    return tuple(kind for kind in kinds if kind is not type(None))


def _fits(value: Any, setting: Setting) -> bool:
    return any(_of_kind(value, kind) for kind in _kinds(setting))


def _of_kind(value: Any, kind: Any) -> bool:
    if typing.get_origin(kind) is tuple:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if issubclass(kind, StrEnum):
        return value in tuple(kind)
    return type(value) is kind or (kind is float and type(value) is int)


def _read(value: Any, setting: Setting) -> Any:
    """A setting as its rule is handed it: TOML knows neither the words of an enumeration nor tuples."""
    for kind in _kinds(setting):
        if isinstance(kind, type) and issubclass(kind, StrEnum) and value in tuple(kind):
            return kind(value)
    return tuple(value) if isinstance(value, list) else value


def _called(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return f"one of {', '.join(kind)}"
    return {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}.get(kind, "a list of texts")


def _findings(rule: Rule, rows: DataFrame, holder: str, shown: Mapping[str, Any]) -> DataFrame:
    """What a rule found (FINDING_COLUMNS), made column by column: a large forest has a hundred thousand findings."""
    if rows.empty:
        return DataFrame(columns=list(FINDING_COLUMNS))
    defaults = {
        "severity": rule.severity.value,
        "certainty": Certainty.CERTAIN.value,
        "because": "",
        "key": "",
        "wave": rule.wave.value,
        "csv": rule.csv,
        "table": holder,
        "waived": None,
    }
    count = len(rows)
    facts = {str(name): _plain(column) for name, column in rows.items()}
    verdict = {name: _filled(facts.get(name, [None] * count), default) for name, default in defaults.items()}
    named = [name for name in facts if name.startswith("evidence_")] or [
        name for name in rule.judged.columns if name != "expected" and name in facts
    ]
    evidence = {name.removeprefix("evidence_"): facts[name] for name in named}
    words = {name: _filled(values, SHOWN_WHEN_MISSING) for name, values in _mentioned(rule, facts, shown, count).items()}
    whose = [guid or identity for guid, identity in zip(facts["guid"], facts["identity"], strict=True)]
    columns = {
        **verdict,
        "key": ["/".join(filter(None, (rule.code, *parts))) for parts in zip(whose, verdict["key"], strict=True)],
        "rule": rule.code,
        "guid": [guid or None for guid in facts["guid"]],
        "dn": facts["dn"],
        "identity": facts["identity"],
        # in Arrow, each step from here on would copy texts that may be long: that of who else holds a number names a hundred
        "message": Series([rule.message.format_map(row) for row in _rows(words, count)], dtype=object),
        "remediation": rule.remediation,
        "cmdlet": rule.cmdlet,
        "evidence": _rows(evidence, count),
    }
    return DataFrame(columns, columns=list(FINDING_COLUMNS))


def _mentioned(rule: Rule, facts: Mapping[str, list[Any]], shown: Mapping[str, Any], count: int) -> dict[str, list[Any]]:
    """The columns that the message of a rule mentions: of its rows, else of what is the same for all of them."""
    return {name: facts[name] if name in facts else [shown[name]] * count for name in sorted(rule.placeholders)}


def _rows(columns: Mapping[str, list[Any]], count: int) -> list[dict[str, Any]]:
    if not columns:
        return [{} for _ in range(count)]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _filled(values: list[Any], default: Any) -> list[Any]:
    return [default if value is None else value for value in values]


def _plain(column: Series) -> list[Any]:
    """A column's values as JSON knows them: times as text, and None where there is no value."""
    values: list[Any] = column.tolist()
    if (missing := column.isna()).any():
        values = [None if gone else value for value, gone in zip(values, missing.tolist(), strict=True)]
    if column.dtype == object or isinstance(column.dtype, pd.DatetimeTZDtype):
        return [_scalar(value) for value in values]
    return values


def _scalar(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def _sorted(found: list[DataFrame]) -> DataFrame:
    whole = [frame for frame in found if not frame.empty]
    findings = pd.concat(whole, ignore_index=True) if whole else DataFrame(columns=list(FINDING_COLUMNS), dtype="str")
    findings = findings.assign(severity=findings["severity"].astype(SEVERITIES))
    keys = {"severity": findings["severity"].cat.codes, **{name: findings[name] for name in ("rule", "identity", "key")}}
    by = pa.table({name: pa.array(column) for name, column in keys.items()})
    order = pc.sort_indices(by, sort_keys=[(name, "ascending") for name in keys])
    return findings.take(order.to_numpy()).reset_index(drop=True)


def at_or_above(findings: DataFrame, severity: Severity) -> DataFrame:
    """The findings at least as bad as a severity."""
    return findings[findings["severity"] <= severity.value]
