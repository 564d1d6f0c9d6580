"""What the bulk CSVs are to hold: one function a CSV that proposes its rows, in modules by the kind of object they change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pandas import DataFrame, Index, Series

from adinspect import definitions, frames
from adinspect.finding import Certainty
from adinspect.membership import among
from adinspect.rule import Signature, Skipped
from adinspect.step import DN, GUID, KEY, OBJECT, REASON, REVIEW, RULES, WAVE, WHY
from adinspect.view import View

Notes = Mapping[str, str]
"""NOTES, REASON and DN of one object."""


@dataclass(frozen=True)
class Proposal:
    """The function that proposes the rows of one CSV, and what it reads.

    Its signature is a rule's, and it may read the tables `findings` and whatever derived table there is. Of its first table it is
    handed the rows that were seen: unless `unasked`, only those that a finding sends to this CSV, and it returns a row for each
    of them. An `unasked` one is handed all, and returns a row for each object that it would change: an object all of whose
    findings for this CSV were accepted gets none, and one that a finding names and that was not seen whole gets one that says so.

    A row has `guid`, a column for each parameter of the cmdlet (text, a bool, or a tuple of texts; None leaves the parameter
    out; NULL empties the property; REVIEW asks a person), REASON, perhaps KEY where an object has several, AFTER where another
    file must be run for it before, and WHY and RULES (a tuple of codes) where there is more to tell than the findings do. What
    is there now is not its matter: readings tell.
    """

    csv: str
    unasked: bool
    signature: Signature
    propose: Callable[..., DataFrame]

    @property
    def judged(self) -> str:
        """The table whose objects its rows are about."""
        return self.signature.inputs[0].table


def proposes(csv: str, *, unasked: bool = False) -> Callable[[Callable[..., DataFrame]], Proposal]:
    """Make the proposal for the CSV of this name (`20_cs_user_enable`) of a function with a rule's signature."""

    def make(propose: Callable[..., DataFrame]) -> Proposal:
        return Proposal(csv, unasked, Signature.of(propose), propose)

    return make


@cache
def shipped() -> Mapping[str, Proposal]:
    """Every proposal in the modules of this package, by the name of its CSV."""
    return {proposal.csv: proposal for proposal in definitions.found(__name__, Proposal)}


def rows(proposal: Proposal, view: View) -> list[dict[str, Any]]:
    """What a proposal says of each object: parameters, NOTES, DN, KEY and REASON.

    An object that a finding sends to the CSV always has a row: one of which something was not seen has REASON and no parameters.
    """
    asked = asked_for(view.tables["findings"], proposal.csv)
    if not (asked or proposal.unasked):
        return []
    accepted = set(_naming(view.tables["findings"], proposal.csv)["guid"]) - asked.keys()
    handed = view.hand(proposal.signature, {})
    if isinstance(handed, Skipped):
        return [{REASON: _both(notes[REASON], handed.reason), KEY: "", **_without_reason(notes)} for notes in asked.values()]
    seen = handed.arguments[proposal.judged]
    wanted = seen if proposal.unasked else seen[seen["guid"].isin(list(asked))].reset_index(drop=True)
    told = frames.records(proposal.propose(**{**handed.arguments, proposal.judged: wanted}))
    told = [row for row in told if row["guid"] not in accepted] if proposal.unasked else told
    objects = _objects(seen, {row["guid"] for row in told} - asked.keys())
    answered = [_answer({name: _plain(value) for name, value in row.items()}, asked, objects) for row in told]
    missing = asked.keys() - {row[GUID] for row in answered}
    if missing and proposal.unasked:
        missing = missing - set(seen["guid"].tolist()) - _about_others(proposal, view)
    return [*answered, *(_unanswered(proposal, view, asked[guid], handed.hidden, handed.notes) for guid in sorted(missing))]


def _about_others(proposal: Proposal, view: View) -> set[str]:
    """The objects of other kinds that findings send to a CSV: an unasked proposal says itself what is changed because of them."""
    findings = view.tables["findings"]
    ours = findings["table"].isna() | findings["table"].isin(view.about(proposal.judged))
    return set(findings.loc[~ours, "guid"])


def _objects(seen: DataFrame, guids: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """The identity and DN of these objects, by guid."""
    once = seen[among(seen["guid"], Series(list(guids), dtype="str"))].drop_duplicates("guid")
    return dict(zip(once["guid"].tolist(), zip(once["identity"].tolist(), once["dn"].tolist(), strict=True), strict=True))


def _answer(row: dict[str, Any], asked: Mapping[str, Notes], objects: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    guid = str(row.pop("guid"))
    notes = asked.get(guid) or {
        **dict(zip((OBJECT, DN), map(str, objects[guid]), strict=True)),
        GUID: guid,
        RULES: "",
        WHY: "",
        WAVE: "",
        REASON: "",
    }
    rules = "|".join(sorted({*filter(None, notes[RULES].split("|")), *(row.pop(RULES, None) or ())}))
    why = " ".join(filter(None, (notes[WHY], _told(row.pop(WHY, None)))))
    reason = _both(notes[REASON], _told(row.pop(REASON, None)))
    return {**row, **notes, KEY: _told(row.get(KEY)), RULES: rules, WHY: why, REASON: reason}


def _unanswered(proposal: Proposal, view: View, notes: Notes, hidden: frozenset[str], why: Sequence[str]) -> dict[str, Any]:
    guid = notes[GUID]
    reason = _unseen(proposal, view, guid) or "; ".join(why) if guid in hidden else f"is not in the table {proposal.judged}"
    return {**_without_reason(notes), KEY: "", REASON: _both(notes[REASON], reason)}


def _without_reason(notes: Notes) -> dict[str, str]:
    return {name: value for name, value in notes.items() if name != REASON}


def _both(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))


def _plain(cell: Any) -> Any:
    """A cell, None where it is missing: a column of objects says so by NaN too."""
    return None if isinstance(cell, float) and cell != cell else cell


def _told(cell: Any) -> str:
    return "" if cell is None or cell != cell else str(cell)


def _unseen(proposal: Proposal, view: View, guid: str) -> str:
    """Which columns of an object were not seen; empty where that stands in a derived table's inputs."""
    cells = ((read.table, column) for read in proposal.signature.inputs for column in read.columns)
    hidden = [cell for cell in cells if guid in view.unseen.cells.get(cell, ())]
    return "; ".join(f"{table}.{column} was not seen: {view.unseen.reasons[table, column]}" for table, column in hidden)


def asked_for(findings: DataFrame, csv: str) -> Mapping[str, Notes]:
    """The objects that findings send to a CSV, by guid, each once; a finding that is only likely is a REASON against its row.

    A finding that was accepted asks for nothing; where another asks for the same object, it is a REASON against the row, which
    would put right what was accepted too.
    """
    told: dict[str, list[Any]] = {}
    columns = ["guid", "dn", "identity", "rule", "message", "wave", "certainty", "because", "waived"]
    for finding in _naming(findings, csv)[columns].itertuples(index=False):
        told.setdefault(str(finding.guid), []).append(finding)
    open_too = {guid: of_it for guid, of_it in told.items() if not all(map(_accepted, of_it))}
    return {guid: _notes(guid, of_it) for guid, of_it in open_too.items()}


def _naming(findings: DataFrame, csv: str) -> DataFrame:
    """The findings that name a CSV."""
    naming = [files == csv if isinstance(files, str) else csv in files for files in findings["csv"].tolist()]
    return findings[Series(naming, findings.index, dtype=bool)]


def _accepted(finding: Any) -> bool:
    return isinstance(finding.waived, Mapping)


def _notes(guid: str, found: Sequence[Any]) -> Notes:
    told = [one for one in found if not _accepted(one)]
    accepted = (f"{one.rule} is accepted by {one.waived['owner']}: {one.waived['reason']}" for one in found if _accepted(one))
    likely = (f"{one.rule} is only likely: {one.because}" for one in told if one.certainty == Certainty.LIKELY)
    return {
        OBJECT: str(told[0].identity),
        DN: str(told[0].dn),
        GUID: guid,
        RULES: "|".join(sorted({one.rule for one in told})),
        WHY: " ".join(dict.fromkeys(one.message for one in told)),
        WAVE: "",
        REASON: "; ".join((*accepted, *likely)),
    }


def found(rows: DataFrame, findings: DataFrame, *rules: str) -> Series:
    """Whether one of these rules has a finding on each object that was not accepted (bool; needs `guid`)."""
    return among(rows["guid"], findings.loc[findings["rule"].isin(rules), "guid"])


def sent(rows: DataFrame, findings: DataFrame, csv: str, *rules: str) -> Series:
    """Whether a finding that was not accepted, of one of these rules if any are given, sends each object to a CSV.

    Bool; `findings` needs `rule`, `csv` and `waived`.
    """
    naming = _naming(findings, csv)
    naming = naming[naming["waived"].isna() & (naming["rule"].isin(rules) if rules else True)]
    return among(rows["guid"], naming["guid"])


def any_sent(findings: DataFrame, csv: str) -> bool:
    """Whether a finding that was not accepted sends anything to a CSV (`findings` needs `csv` and `waived`)."""
    return bool(_naming(findings, csv)["waived"].isna().any())


def everybody(rows: DataFrame, holds: bool) -> Series:
    """The same answer for every row."""
    return Series(holds, rows.index, dtype=bool)


def reviewed(rows: DataFrame, doubts: Mapping[str, Mapping[str, Series]]) -> DataFrame:
    """The rows with REVIEW in every cell that is in doubt, and REASON.

    `doubts` maps a column to its doubts, each to where it holds (bool), or to a text that completes it where it is not missing
    (`"is taken by "`: the holders).
    """
    by_column = {column: _joined(rows.index, reasons.items()) for column, reasons in doubts.items()}
    cells = {column: rows[column].astype(object).mask(told != "", REVIEW) for column, told in by_column.items()}
    whole = _joined(rows.index, (("", told.where(told != "")) for told in by_column.values()))
    return rows.assign(**cells, **{REASON: whole})


def reasons(rows: DataFrame, doubts: Mapping[str, Series]) -> Series:
    """The doubts about each row as one text (see `reviewed`); empty where there is none."""
    return _joined(rows.index, doubts.items())


def _joined(index: Index, reasons: Iterable[tuple[str, Series]]) -> Series:
    """For each row, the reasons that hold there, joined by a semicolon."""
    told = Series("", index, dtype="object")
    for reason, where in reasons:
        holds = where if where.dtype == bool else where.notna()
        text = reason if where.dtype == bool else reason + where.astype(object).fillna("")
        told = told.where(~holds, told.where(told == "", told + "; ") + text)
    return told
