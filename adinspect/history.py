"""Findings over time: since when each stands, how many runs found it, and which came back after they had been resolved."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from importlib.metadata import version
from typing import Any

import pandas as pd
from pandas import DataFrame, Series

from adinspect import store, waivers
from adinspect.definitions import Toml
from adinspect.errors import ConfigurationError, StorageError
from adinspect.finding import Severity, Target
from adinspect.frames import TEXT
from adinspect.lives import Judgement, Life, Lives, Unjudged, by_life, drifts
from adinspect.profile import Profile
from adinspect.remote import Place
from adinspect.snapshot import Snapshot, forest_folder
from adinspect.waivers import Waivers

SCHEMA = 1
"""Version of the layout of a history's file."""

FOLDER = "history"

WITHIN = 10
"""So many runs after a finding was resolved, one that comes back is the same: two working weeks of nights, in which a script or
a synchronization that rewrites a value shows itself. Later, somebody has made the mistake anew."""

COUNTED = (Life.NEW, Life.RESOLVED, Life.REGRESSED, Life.EXPIRED, Life.UNKNOWN)

RUN_COLUMNS = ("snapshot", "taken", "state", *(one.value for one in Severity), *(life.value for life in COUNTED))
"""One row a run, oldest first: the snapshot's folder, when it was taken (datetime64[us, UTC]) and its state (text), how many
findings of each severity stood (waived ones do not count), and what became of how many."""

TRACKED_COLUMNS = (
    *("key", "rule", "table", "severity", "guid", "identity", "message"),
    *("state", "since", "runs", "last", "resolved", "returned", "waived", "unsure"),
)
"""One row a finding that was ever seen and is not forgotten. `state` is OPEN, WAIVED, RESOLVED or UNKNOWN of lives.Life. `since`
is when the first run of its present unbroken span was taken, `runs` how many runs of that span found it, `last` when it was last
found, `resolved` when it was found resolved, if it was, `returned` how many times it came back. `waived` says whether it was
accepted when it was last found, `unsure` that it may be older than `since`."""

TIMES = ("since", "last", "resolved")
STANDING = (Life.OPEN.value, Life.WAIVED.value, Life.UNKNOWN.value)
"""The states of a finding whose span is not broken."""

DTYPES: Mapping[str, Any] = {
    **dict.fromkeys(TRACKED_COLUMNS, TEXT),
    **dict.fromkeys(TIMES, "datetime64[us, UTC]"),
    **dict.fromkeys(("runs", "returned"), "int64"),
    **dict.fromkeys(("waived", "unsure"), "bool"),
}
RUN_DTYPES: Mapping[str, Any] = {
    **dict.fromkeys(RUN_COLUMNS, "int64"),
    **dict.fromkeys(("snapshot", "state"), TEXT),
    "taken": "datetime64[us, UTC]",
}

FACTS = {"adinspect": "another adinspect", "profile": "another profile", "waivers": "other waivers"}
"""How two runs may have been judged differently, and how that is told."""


def frame(rows: Iterable[Sequence[Any]], dtypes: Mapping[str, Any]) -> DataFrame:
    """A table of RUN_COLUMNS or TRACKED_COLUMNS."""
    return DataFrame(list(rows), columns=list(dtypes), dtype="object").astype(dict(dtypes))


@dataclass(frozen=True, eq=False)
class History:
    """What the runs of a forest and a target came to: `runs` (RUN_COLUMNS) and `findings` (TRACKED_COLUMNS).

    `facts` say how the last run was judged (FACTS), `unjudged` what it could not have found. `before` is the history without the
    last run, so that the same moment can be told again; it has none itself.
    """

    runs: DataFrame = field(default_factory=lambda: frame([], RUN_DTYPES))
    findings: DataFrame = field(default_factory=lambda: frame([], DTYPES))
    facts: Mapping[str, str] = field(default_factory=dict)
    unjudged: Unjudged = field(default_factory=Unjudged)
    before: History | None = None

    def until(self, moment: datetime, where: str = "") -> History:
        """The history of what was taken before a moment, which none but the last run may have reached. `where` names it.

        Raises:
            ConfigurationError: it is past that moment already.
        """
        last = self.runs["taken"].iloc[-1] if len(self.runs) else None
        if last is None or last < moment:
            return replace(self, before=None)
        if last == moment and self.before is not None:
            return self.before
        raise ConfigurationError(
            f"the history of findings has reached {last:%Y-%m-%d %H:%M} UTC; the snapshot is of {moment:%Y-%m-%d %H:%M} UTC",
            where=where,
            safe="The history is as it was.",
            next_step="Look at the clocks of the domain controllers. A history is made anew when its file is removed.",
        )


@dataclass(frozen=True)
class Run:
    """One run: the folder name of its snapshot, when that was taken, and whether it is complete or partial."""

    snapshot: str
    taken: datetime
    state: str

    @classmethod
    def of(cls, one: Snapshot) -> Run:
        """The run that a snapshot stands for."""
        return cls(one.path.name, one.taken, one.manifest["state"])


def advance(
    history: History, run: Run, judgement: Judgement, accepted: Waivers, *, within: int = WITHIN
) -> tuple[History, Lives]:
    """Add a run to a history, and say what became of findings since the run before it.

    A finding that comes back within so many runs after it was resolved is regressed. What a run cannot judge is unknown: it
    breaks no span, and is neither resolved nor found. Findings on drift tell of one moment; they are counted, and not followed.
    A run of the moment that the last one is of takes that one's place. Of those gone, Lives holds rows of TRACKED_COLUMNS.

    Raises:
        ConfigurationError: the history is past the moment of this run.
    """
    base, now, taken = history.until(run.taken), Unjudged.of(judgement), pd.Timestamp(run.taken)
    tracked, dropped = _remembered(base, now, within)
    found = judgement.assessment.findings.drop_duplicates("key")
    was = tracked.set_index("key").reindex(found["key"]).set_axis(found.index)
    known, back = was["state"].isin(STANDING), was["state"].eq(Life.RESOLVED.value)
    lost = tracked[~tracked["key"].isin(found["key"])]
    gone = lost[lost["state"].isin(STANDING)]
    reasons = now.why(gone)
    followed = ~drifts(found)
    fresh = found[~known & ~back & followed]
    unsure = frozenset(fresh["key"] if base.runs.empty else fresh["key"][base.unjudged.why(fresh) != ""])
    returned = frozenset(tracked["key"][tracked["waived"]])
    came = Lives(
        by_life(found, known, back, gone, reasons, accepted, returned),
        returned,
        frozenset() if base.runs.empty else unsure,
        _notes(base, now, facts_of(judgement, accepted), dropped),
    )
    met = _met(found, was, known, back, taken).assign(unsure=known & was["unsure"].eq(True) | found["key"].isin(unsure))
    parts = [met[followed], _left(gone, reasons, taken), lost[~lost["state"].isin(STANDING)]]
    findings = pd.concat([part.astype(dict(DTYPES)) for part in parts], ignore_index=True)
    runs = pd.concat([base.runs, frame([_row(run, found, came)], RUN_DTYPES)], ignore_index=True)
    unjudged = replace(now, there=None)
    return History(runs, findings.sort_values("key", ignore_index=True), facts_of(judgement, accepted), unjudged, base), came


def _remembered(base: History, now: Unjudged, within: int) -> tuple[DataFrame, DataFrame]:
    """The findings that a run is held against, and those that cannot be followed any more: their rule is gone.

    What was resolved longer ago than counts is forgotten.
    """
    tracked = base.findings
    runs_since = len(base.runs) - base.runs["taken"].searchsorted(tracked["resolved"], side="right")
    forgotten = tracked["state"].eq(Life.RESOLVED.value) & (runs_since >= within)
    followed = tracked["rule"].isin(now.ran)
    return tracked[followed & ~forgotten], tracked[~followed & tracked["state"].isin(STANDING)]


def _met(found: DataFrame, was: DataFrame, known: Series, back: Series, taken: pd.Timestamp) -> DataFrame:
    """What is kept of the findings of a run: all of TRACKED_COLUMNS but `unsure`."""
    waived = found["waived"].notna()
    told = {name: found[name] for name in ("key", "rule", "table", "severity", "guid", "identity", "message")}
    return DataFrame(
        {
            **told,
            "state": waived.map({True: Life.WAIVED.value, False: Life.OPEN.value}),
            "since": was["since"].where(known, taken),
            "runs": was["runs"].where(known, 0).astype("int64") + 1,
            "last": taken,
            "resolved": was["resolved"],
            "returned": was["returned"].fillna(0).astype("int64") + back,
            "waived": waived,
        },
        index=found.index,
    )


def _left(gone: DataFrame, reasons: Series, taken: pd.Timestamp) -> DataFrame:
    """What is kept of the findings that a run did not find any more, and why nobody can tell whether they are gone."""
    unknown = reasons != ""
    state = unknown.map({True: Life.UNKNOWN.value, False: Life.RESOLVED.value})
    return gone.assign(state=state, resolved=gone["resolved"].where(unknown, taken))


def _row(run: Run, found: DataFrame, came: Lives) -> list[Any]:
    severities = waivers.standing(found)["severity"].value_counts()
    standing = [int(severities.get(one.value, 0)) for one in Severity]
    return [run.snapshot, run.taken, run.state, *standing, *(len(came.found[life]) for life in COUNTED)]


def facts_of(judgement: Judgement, accepted: Waivers) -> dict[str, str]:
    """How a run is judged (FACTS): the version of adinspect, and hashes of what the profile and the waivers say."""
    profile: Profile = judgement.view.context["profile"]
    said = asdict(replace(profile, toml=Toml("", "", {})))
    given = sorted(repr(one) for one in accepted.given)
    return {"adinspect": version("adinspect"), "profile": _hash(said), "waivers": _hash(given)}


def _hash(said: Any) -> str:
    text = json.dumps(said, sort_keys=True, default=lambda one: sorted(one) if isinstance(one, frozenset) else str(one))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _notes(base: History, now: Unjudged, facts: Mapping[str, str], dropped: DataFrame) -> tuple[str, ...]:
    """What makes a run differ from the one before it, though nothing need have changed in the directory."""
    if base.runs.empty:
        return ("this is the first run: what is called new may have been there for long",)
    told = [what for name, what in FACTS.items() if facts[name] != base.facts.get(name)]
    added = sorted(now.ran - base.unjudged.ran)
    return (
        *([f"the run before was judged with {', '.join(told)}: what is new or resolved may be so for that"] if told else ()),
        *([f"the run before did not know the rules {', '.join(added)}: what they find may be older"] if added else ()),
        *(
            [f"{len(dropped):,} findings are not followed any more: there is no rule {rules}"]
            if (rules := ", ".join(sorted(set(dropped["rule"]))))
            else ()
        ),
    )


# --- kept in the store ---


def path_of(where: Place, forest: str, target: Target) -> Place:
    """The file that holds the history of a forest and a target, beside the forest's snapshots."""
    return where / forest_folder(forest) / FOLDER / f"{target.value}.json.gz"


def save(history: History, where: Place, forest: str, target: Target) -> Place:
    """Write a history into a store (mode 0600), in place of the one that is there; whoever writes holds the store's lock.

    Raises:
        StorageError: it cannot be written; the one that was there is untouched.
        UnreachableError: nobody can tell what stands there.
    """
    path = path_of(where, forest, target)
    told = {"schema": SCHEMA, "adinspect": version("adinspect"), "forest": forest, "target": target.value}
    told |= {"runs": _records(history.runs), "last": _moment(history)}
    told |= {"before": _moment(history.before) if history.before else None}
    octets = gzip.compress(json.dumps(told, ensure_ascii=False).encode(), mtime=0)
    store.write(path, octets, "the history of findings")
    return path


def load(where: Place, forest: str, target: Target) -> History:
    """The history of a forest and a target; one without a run where there is none.

    Raises:
        StorageError: it cannot be read, is damaged (gzip's CRC-32) or is that of a newer adinspect.
        UnreachableError: nobody can tell.
    """
    path = path_of(where, forest, target)
    try:
        told = json.loads(gzip.decompress(path.read_bytes()))
        if told["schema"] == SCHEMA:
            return _read(told)
        what = f"the history of findings has layout {told['schema']}, this adinspect reads {SCHEMA}"
    except FileNotFoundError:
        return History()
    except OSError as error:
        what = f"the history of findings cannot be read: {error.strerror or error}"
    except (EOFError, zlib.error, ValueError, KeyError, TypeError):
        what = "the history of findings is damaged"
    raise StorageError(
        what,
        where=str(path),
        safe="Every snapshot is untouched, and the history can be made anew from them.",
        next_step="Move that file away; the next run makes a history of the snapshots that are there.",
    )


def _moment(history: History) -> dict[str, Any]:
    """A history without its runs, as JSON holds it. Rules that could not judge the same objects share one list of them."""
    unjudged = history.unjudged
    objects: dict[tuple[str, str], list[str]] = {}
    for (rule, guid), reason in sorted(unjudged.objects.items()):
        objects.setdefault((rule, reason), []).append(guid)
    shared: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for rule_and_reason, guids in objects.items():
        shared.setdefault(tuple(guids), []).append(rule_and_reason)
    return {
        "findings": _records(history.findings),
        "facts": dict(history.facts),
        "rules": dict(unjudged.rules),
        "objects": [[list(guids), why] for guids, why in shared.items()],
        "tables": dict(unjudged.tables),
        "ran": sorted(unjudged.ran),
    }


def _read(told: Mapping[str, Any]) -> History:
    runs = frame(told["runs"], RUN_DTYPES)
    before = _history(told["before"], runs.iloc[:-1], None) if told["before"] else None
    return _history(told["last"], runs, before)


def _history(moment: Mapping[str, Any], runs: DataFrame, before: History | None) -> History:
    objects = {(rule, guid): reason for guids, why in moment["objects"] for rule, reason in why for guid in guids}
    unjudged = Unjudged(moment["rules"], objects, moment["tables"], frozenset(moment["ran"]))
    return History(runs, frame(moment["findings"], DTYPES), moment["facts"], unjudged, before)


def _records(rows: DataFrame) -> list[list[Any]]:
    """The rows of a table as JSON knows them."""
    plain = rows.astype(object).where(rows.notna(), None)
    return [[one.isoformat() if isinstance(one, pd.Timestamp) else one for one in row] for row in plain.to_numpy().tolist()]
