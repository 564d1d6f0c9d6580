"""Waivers: findings that somebody has accepted until a day, from a TOML file; they stay visible, and count no more."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
from pandas import DataFrame, Series

from adinspect import definitions, distinguished_name
from adinspect.definitions import TABLES, TEXT, Kind, Toml

DAY = Kind("a date without quotes, such as 2026-12-31", lambda value: type(value) is date)

_KEYS = {**dict.fromkeys(("owner", "reason"), TEXT), "until": DAY}
_OF_OBJECT = dict.fromkeys(("rule", "object"), TEXT)
_OF_FINDING = {"key": TEXT}
_NAME = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+)\s*=")
"""How a distinguished name begins (RFC 4514)."""
_FINDING = re.compile(r"(?P<rule>[A-Z]+-[0-9]+)/.+", re.DOTALL)
"""The key of a finding: its rule, what it is about, and what tells it from the rule's others there."""


class Standing(StrEnum):
    """What a waiver comes to on a day."""

    ACCEPTS = "accepts"
    EXPIRED = "expired"
    UNUSED = "matches nothing"
    RENEWED = "renewed"


STANDING_COLUMNS = ("rule", "object", "key", "owner", "reason", "until", "standing", "findings", "message")
"""The columns of the table `waivers`: text, but for `findings` (how many it matches). `object` or `key` is empty; `message` is
where all is well."""


@dataclass(frozen=True)
class Waiver:
    """Findings that are accepted up to and including `until`: those of one rule on one object, or the one that has this `key`.

    `object` is an objectGUID or a distinguished name; of it and `key`, one is empty.
    """

    rule: str
    owner: str
    reason: str
    until: date
    object: str = ""
    key: str = ""

    @property
    def called(self) -> str:
        """What it accepts, as a person reads it."""
        return self.key or f"{self.rule} on {self.object}"

    @property
    def names(self) -> tuple[str, str]:
        """The column of `findings` that it looks in, and what stands there: a finding's key, a GUID, or the key of a DN."""
        if self.key:
            return "key", self.key
        try:
            return "guid", str(UUID(self.object))
        except ValueError:
            return "dn", distinguished_name.key(self.object)


@dataclass(frozen=True)
class Waivers:
    """The waivers of a file, in its order; `toml` is where mistakes are found again."""

    given: tuple[Waiver, ...] = ()
    toml: Toml = field(default_factory=lambda: Toml("no waivers", "", {}))

    def check(self, known: Collection[str]) -> None:
        """Hold the rules that are named against those there are.

        Raises:
            ConfigurationError: there is no such rule; says the line.
        """
        for place, waiver in enumerate(self.given):
            if waiver.rule not in known:
                raise self.toml.wrong(f"there is no rule {waiver.rule}", "waiver", place, "key" if waiver.key else "rule")


def read(path: Path | None) -> Waivers:
    """Read a file of waivers; without a path there are none.

    Raises:
        ConfigurationError: a wrong key or value, or a second waiver for the same; says the line.
    """
    return load(definitions.read(path)) if path else Waivers()


def load(toml: Toml) -> Waivers:
    """Check parsed waivers key by key (see `read`)."""
    toml.check(toml.content, {}, {"waiver": TABLES})
    given: dict[tuple[str, str, str], Waiver] = {}
    for place, content in enumerate(toml.content.get("waiver", ())):
        waiver = _waiver(toml, content, place)
        if (waiver.rule, *waiver.names) in given:
            raise toml.wrong(f"{waiver.called} has a waiver already", "waiver", place, "key" if waiver.key else "object")
        given[waiver.rule, *waiver.names] = waiver
    return Waivers(tuple(given.values()), toml)


def _waiver(toml: Toml, content: Mapping[str, Any], place: int) -> Waiver:
    path = ("waiver", place)
    by_key = "key" in content
    if by_key and (beside := [name for name in _OF_OBJECT if name in content]):
        raise toml.wrong(f"{beside[0]} beside key: a key names its rule and object already", *path, beside[0])
    toml.check(content, {**(_OF_FINDING if by_key else _OF_OBJECT), **_KEYS}, None, *path)
    for key in ("owner", "reason"):
        if not content[key].strip():
            raise toml.wrong(f"{key} is blank: somebody answers for a waiver, and says why", *path, key)
    if by_key:
        return Waiver(rule=_rule(toml, content["key"], *path), **content)
    waiver = Waiver(**content)
    if waiver.names[0] == "dn" and not _NAME.match(waiver.object):
        raise toml.wrong(f"object is an objectGUID or a distinguished name, not {waiver.object!r}", *path, "object")
    return waiver


def _rule(toml: Toml, key: str, *path: str | int) -> str:
    """The rule that a key of a finding names."""
    if not (named := _FINDING.fullmatch(key)):
        raise toml.wrong(f"key is that of a finding, as `assess --format json` shows it, not {key!r}", *path, "key")
    return named["rule"]


def apply(
    findings: DataFrame, waivers: Waivers, *, today: date, unjudged: Mapping[str, str] | None = None
) -> tuple[DataFrame, DataFrame]:
    """The findings with their `waived` (None, or a dict of owner, reason and until), and the table of STANDING_COLUMNS.

    A finding that several waivers match is waived by the one that lasts longest. `unjudged` maps a rule to why a finding of it
    may be lacking though nothing was put right: a waiver that matches nothing says it.
    """
    matched = _matches(findings, waivers)
    accepted: dict[Any, Waiver] = {}
    for waiver, rows in sorted(matched.items(), key=lambda one: one[0].until):
        if today <= waiver.until:
            accepted |= dict.fromkeys(rows, waiver)
    cells = [_cell(accepted.get(row)) for row in findings.index]
    standing = [_standing(waiver, rows, accepted, today, unjudged or {}) for waiver, rows in matched.items()]
    table = DataFrame(standing, columns=list(STANDING_COLUMNS)).astype(
        {name: "str" for name in STANDING_COLUMNS if name != "findings"}
    )
    return findings.assign(waived=Series(cells, findings.index, dtype=object)), table.astype({"findings": "int64"})


def _matches(findings: DataFrame, waivers: Waivers) -> dict[Waiver, list[Any]]:
    """For each waiver the index of the findings that it names."""
    if not waivers.given:
        return {}
    named: dict[tuple[str, str, str], list[Any]] = {}
    keys = {
        "key": findings["key"],
        "guid": findings["guid"].str.lower(),
        "dn": distinguished_name.keys(findings["dn"].astype("str")),
    }
    for column, values in keys.items():
        for row, rule, value in zip(findings.index, findings["rule"], values, strict=True):
            named.setdefault((rule, column, value), []).append(row)
    return {waiver: named.get((waiver.rule, *waiver.names), []) for waiver in waivers.given}


def _cell(waiver: Waiver | None) -> dict[str, str] | None:
    return {"owner": waiver.owner, "reason": waiver.reason, "until": waiver.until.isoformat()} if waiver else None


def _standing(
    waiver: Waiver, rows: list[Any], accepted: Mapping[Any, Waiver], today: date, unjudged: Mapping[str, str]
) -> tuple[Any, ...]:
    standing, message = Standing.ACCEPTS, ""
    called = f"The waiver of {waiver.called} ({waiver.owner})"
    if not rows:
        standing = Standing.UNUSED
        why = unjudged.get(waiver.rule, "what it accepted is put right, or the object is another: take it out, or correct it")
        message = f"{called} matches no finding: {why}."
    elif waiver.until < today:
        standing = Standing.RENEWED if accepted.keys() >= set(rows) else Standing.EXPIRED
        if standing is Standing.EXPIRED:
            message = f"{called} ended on {waiver.until}: what it accepted counts again."
    given = (waiver.rule, waiver.object, waiver.key, waiver.owner, waiver.reason, waiver.until.isoformat())
    return (*given, standing.value, len(rows), message)


def nothing_waived() -> DataFrame:
    """A table of waivers (STANDING_COLUMNS) without a row."""
    return apply(DataFrame(columns=["rule", "key", "guid", "dn"]), Waivers(), today=date.min)[1]


def standing(findings: DataFrame) -> DataFrame:
    """The findings that nobody has accepted."""
    return findings[findings["waived"].isna()]


def told(findings: DataFrame) -> Series:
    """The waivers of findings as a person reads them; missing where there is none."""
    texts = [None if pd.isna(one) else f"{one['owner']}, until {one['until']}: {one['reason']}" for one in _plain(findings)]
    return Series(texts, findings.index, dtype="str")


def _plain(findings: DataFrame) -> Iterator[Any]:
    return (one if isinstance(one, Mapping) else None for one in findings["waived"])
