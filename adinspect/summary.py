"""What a reader must know before the findings: tables that tell what was read, what was judged, and what was not looked at."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

import pandas as pd
from pandas import DataFrame

from adinspect import certificates, distinguished_name, query, rules, side, waivers
from adinspect.assess import Assessment
from adinspect.documentation import WAVES
from adinspect.finding import Severity, Target
from adinspect.frames import SEVERITIES
from adinspect.population import with_expected
from adinspect.profile import Profile
from adinspect.visibility import State, Unseen

SEEN_WHOLE = frozenset({State.NO_SCHEMA})
"""States that hide nothing: where the schema lacks an attribute, no object can have a value."""

MEANINGS: Mapping[Severity, str] = {
    Severity.CRITICAL: "The call path of a dial plan, a pool or the organization is broken, or a migration is impossible.",
    Severity.HIGH: "A user or a number cannot work, or will break at migration.",
    Severity.MEDIUM: "Degraded, unsupported or inconsistent.",
    Severity.LOW: "Hygiene.",
    Severity.INFO: "Inventory.",
}
"""What a severity means."""


def tables(
    manifest: Mapping[str, Any],
    read: Mapping[str, DataFrame],
    visibility: DataFrame,
    assessment: Assessment,
    *,
    target: Target,
    profile: Profile,
) -> dict[str, DataFrame]:
    """Every table a report can show: those of a snapshot, `findings`, and the ones of this module.

    `manifest` is what manifest.json of the snapshot says. In the snapshot's tables a value that was not seen says so instead of
    looking like a missing one (`shown`), and `users` has `expected`.
    """
    users, unknown = with_expected(read, Unseen.of(visibility), profile)
    unseen = pd.concat([visibility, unknown], ignore_index=True)
    whole = {**read, "users": users}
    return {
        **{name: shown(name, rows, unseen) for name, rows in whole.items()},
        "findings": assessment.findings.assign(waived=waivers.told(assessment.findings)),
        "attention": attention(manifest, assessment),
        "overview": overview(manifest, users, unseen, assessment, target=target, profile=profile),
        "counts_by_severity": counts_by_severity(assessment.findings),
        "counts_by_rule": counts_by_rule(assessment),
        "not_looked_at": not_looked_at(manifest, unseen, assessment),
        "contents": contents(whole, visibility),
        "legend": legend(),
    }


def shown(name: str, rows: DataFrame, visibility: DataFrame) -> DataFrame:
    """A table in which the values that were not seen read `(unreadable)`, `(not exported)` or `(undecodable)`.

    A column with such a value has dtype object: its other values stay what they were. Child tables are returned as they are: what
    was not seen of them has no row.
    """
    if name in query.owners():
        return rows
    hidden = visibility[
        (visibility["table"] == name) & visibility["column"].isin(list(rows.columns)) & ~visibility["state"].isin(SEEN_WHOLE)
    ]
    marked: dict[str, pd.Series] = {}
    for (column, state), group in hidden.groupby(["column", "state"], sort=False):
        values = marked.get(column, rows[column].astype(object))
        marked[column] = values.mask(rows["guid"].isin(group["guid"]) | group["guid"].isna().any(), f"({state})")
    return rows.assign(**marked)


def attention(manifest: Mapping[str, Any], assessment: Assessment) -> DataFrame:
    """What must not be overlooked (severity, message), the worst first: above all a partial snapshot and domains not read."""
    lines = [*_ended_early(manifest), *_unread_domains(manifest), *_absent_contexts(manifest)]
    if not manifest["account"]:
        said = "This was read from an export. What its maker was not allowed to see cannot be told from what is missing."
        lines.append((Severity.MEDIUM, said))
    skipped, ran = len(assessment.skipped), len(assessment.coverage)
    part = int((assessment.coverage["judged"] < assessment.coverage["of"]).sum())
    if skipped or part:
        in_part = f", {part} only in part" if part else ""
        said = f"{skipped} of {skipped + ran} rules could not be judged{in_part}: see Not looked at."
        lines.append((Severity.MEDIUM, said))
    lines += [(Severity.MEDIUM, message) for message in assessment.waivers["message"] if message]
    return DataFrame(lines, columns=["severity", "message"]).astype({"severity": SEVERITIES, "message": "str"})


def _ended_early(manifest: Mapping[str, Any]) -> Iterator[tuple[Severity, str]]:
    ended = _searches(manifest, held=True)
    if ended:
        told = "; ".join(f"{search['query']} in {search['context']}: {search['reason']}" for search in ended[:3])
        more = f"; and {len(ended) - 3} more" if len(ended) > 3 else ""
        count = "1 search" if len(ended) == 1 else f"{len(ended)} searches"
        yield Severity.CRITICAL, f"PARTIAL SNAPSHOT. {count} ended early, and what was not read is not judged: {told}{more}."


def _unread_domains(manifest: Mapping[str, Any]) -> Iterator[tuple[Severity, str]]:
    for domain in manifest["unread_domains"]:
        if domain.startswith("not known"):
            yield Severity.CRITICAL, f"DOMAINS NOT KNOWN. Which domains the forest has could not be read: {domain}."
        else:
            yield Severity.CRITICAL, f"DOMAIN NOT READ: {domain}. Its users, contacts and groups are not in this report."


def _absent_contexts(manifest: Mapping[str, Any]) -> Iterator[tuple[Severity, str]]:
    absent: dict[str, list[str]] = {}
    for search in _searches(manifest, held=False):
        absent.setdefault(search["base"], []).append(search["query"])
    for base, names in absent.items():
        yield Severity.HIGH, f"NOT READ: {', '.join(names)}. The naming context {base} is not in what was read."


def _searches(manifest: Mapping[str, Any], *, held: bool) -> list[Mapping[str, Any]]:
    """The searches that did not come to their end: in a naming context that is held, or for want of one."""
    return [search for search in manifest["queries"] if search["state"] != "complete" and bool(search["context"]) is held]


def overview(
    manifest: Mapping[str, Any],
    users: DataFrame,
    visibility: DataFrame,
    assessment: Assessment,
    *,
    target: Target,
    profile: Profile,
) -> DataFrame:
    """The facts of a snapshot and its assessment (fact, value), all text. `users` and `visibility` know of `expected`."""
    taken = datetime.fromisoformat(manifest["taken"])
    domains = map(distinguished_name.dns_name, manifest["contexts"]["domains"])
    ran, skipped = len(assessment.coverage), len(assessment.skipped)
    facts = {
        "Forest": manifest["forest"],
        "Taken": f"{taken:%Y-%m-%d %H:%M} UTC",
        "Read from": manifest["source"],
        "Account": manifest["account"] or "none: an export",
        "Domains read": ", ".join(domains) or "none",
        "Side inputs": ", ".join(one["file"] for one in manifest.get("supplied", {}).get("side", ())) or "none",
        "Domains not read": ", ".join(manifest["unread_domains"]) or "none",
        "Measured against": target.value,
        "Profile": PurePath(profile.toml.name).name,
        "Users seen": f"{len(users):,}{' (not all: see Not looked at)' if 'users' in Unseen.of(visibility).tables else ''}",
        "Users who should have voice": _population(users, visibility),
        "Findings": _counted(assessment.findings),
        "Rules judged": f"{ran} of {ran + skipped}",
        "Made with": f"adinspect {manifest['adinspect']}",
    }
    return DataFrame(facts.items(), columns=["fact", "value"], dtype="str")


def _counted(findings: DataFrame) -> str:
    accepted = len(findings) - len(waivers.standing(findings))
    return f"{len(findings):,}" + (f", {accepted:,} of them accepted by a waiver" if accepted else "")


def _population(users: DataFrame, visibility: DataFrame) -> str:
    unknown = visibility[(visibility["table"] == "users") & (visibility["column"] == "expected")]
    if reasons := _listed(unknown.loc[unknown["guid"].isna(), "reason"]):
        return f"not known: {reasons}"
    expected = int((users["expected"] & ~users["guid"].isin(unknown["guid"])).sum())
    return f"{expected:,}" + (f"; of {len(unknown):,} more it is not known" if len(unknown) else "")


def counts_by_severity(findings: DataFrame) -> DataFrame:
    """How many findings each severity has (severity, findings, meaning); every severity has a row."""
    counts = findings["severity"].astype(SEVERITIES).value_counts()
    lines = [(severity, int(counts[severity]), meaning) for severity, meaning in MEANINGS.items()]
    typed = {"severity": SEVERITIES, "findings": "int64", "meaning": "str"}
    return DataFrame(lines, columns=list(typed)).astype(typed)


def legend() -> DataFrame:
    """What the words of findings and tables mean (word, meaning)."""
    words = {
        "certain": "the directory shows it",
        "likely": "it depends on a default, or on something a directory does not show: see Because",
        **{f"wave {wave.value}": meaning for wave, meaning in WAVES.items()},
        **{
            f"({state.value})": "not seen: there may be a value" for state in (State.UNREADABLE, State.UNASKED, State.UNDECODABLE)
        },
    }
    return DataFrame(words.items(), columns=["word", "meaning"], dtype="str")


def counts_by_rule(assessment: Assessment) -> DataFrame:
    """What each rule that ran came to: rule, severity, title, findings, waived, judged, of, note; the worst and most found first.

    `findings` counts the `waived` ones too. `severity` is the worst that was found, missing where nothing was; `title` is the
    rule's message without its particulars; `note` says why not all of `of` rows were `judged`.
    """
    findings, catalogue = assessment.findings, rules.shipped()
    found = findings.groupby("rule", sort=False).agg(
        findings=("key", "size"), waived=("waived", "count"), severity=("severity", "min")
    )
    counted = assessment.coverage.merge(found, left_on="rule", right_index=True, how="left")
    titles = [title(catalogue[code].message) if code in catalogue else "" for code in counted["rule"]]
    counted = counted.assign(
        title=pd.Series(titles, counted.index, dtype="str"),
        **{name: counted[name].fillna(0).astype("int64") for name in ("findings", "waived")},
        severity=counted["severity"].astype(SEVERITIES),
    )
    ordered = counted.sort_values(
        ["severity", "findings", "rule"], ascending=[True, False, True], kind="stable", ignore_index=True
    )
    return ordered[["rule", "severity", "title", "findings", "waived", "judged", "of", "note"]]


def title(message: str) -> str:
    """The message of a rule without the particulars of a finding."""
    return "".join(text + ("…" if name else "") for text, name, _, _ in string.Formatter().parse(message))


def not_looked_at(manifest: Mapping[str, Any], visibility: DataFrame, assessment: Assessment) -> DataFrame:
    """What was not looked at: kind, what, objects (how many; missing: all), why; like things on one line, the widest first."""
    lines = [
        *(("domain", domain, None, "its naming context is not in what was read") for domain in manifest["unread_domains"]),
        *(
            (
                "search",
                f"{search['query']} in {search['context'] or search['base']}",
                None,
                f"{search['state']}: {search['reason']}",
            )
            for search in manifest["queries"]
            if search["state"] != "complete"
        ),
        *_skipped(assessment.skipped),
        *_hidden(visibility),
        *_kept_apart(manifest),
    ]
    typed = {"kind": "str", "what": "str", "objects": "Int64", "why": "str"}
    return DataFrame(lines, columns=list(typed)).astype(typed)


Line = tuple[str, str, int | None, str]


def _skipped(skipped: DataFrame) -> Iterator[Line]:
    for reason, group in skipped.groupby("reason", sort=False):
        yield "rule", _listed(group["rule"]), None, str(reason)


def _hidden(visibility: DataFrame) -> Iterator[Line]:
    of_rows = visibility["column"] == ""
    for (state, reason), group in visibility[of_rows].groupby(["state", "reason"], sort=False):
        yield "table", _listed(group["table"]), None, f"{state}: {reason}"
    for (state, reason), group in visibility[~of_rows].groupby(["state", "reason"], sort=False):
        objects = None if group["guid"].isna().any() else int(group["guid"].nunique())
        yield "column", _listed(group["table"] + "." + group["column"]), objects, f"{state}: {reason}"


def _kept_apart(manifest: Mapping[str, Any]) -> Iterator[Line]:
    if manifest["undecoded"]:
        yield (
            "value",
            "values that are not what their column says",
            None,
            f"{manifest['undecoded']} were kept as octets in table undecoded",
        )
    if manifest["without_guid"]:
        yield "value", "objectGUID", manifest["without_guid"], "entries without one were given one made of their DN"
    for attribute, count in manifest["dropped"].items():
        yield "value", attribute, None, f"{count} values were dropped: secret attributes are never kept"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def contents(read: Mapping[str, DataFrame], visibility: DataFrame) -> DataFrame:
    """The tables of the snapshot (table, rows, title, note), an empty one too; `note` says why rows are missing."""
    lacking = Unseen.of(visibility).tables
    shapes = [shape for shape in (*query.tables(), certificates.TABLE, *side.tables()) if shape.name in read]
    lines = [(shape.name, len(read[shape.name]), shape.title, lacking.get(shape.name, "")) for shape in shapes]
    typed = {"table": "str", "rows": "int64", "title": "str", "note": "str"}
    return DataFrame(lines, columns=list(typed)).astype(typed)
