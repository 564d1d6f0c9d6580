"""A plan becomes a change of a directory and is taken back again, for each target: nothing is lost on the way, nothing added."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from applier.cmdlets import CMDLETS, set_cs_user
from applier.estate import Estate
from applier.folder import Result
from applier.getting import GET
from applier.journey import PROFILE, Journey, Round, begun
from applier.tables import Cell, cells, changed
from applier.written import LOST, WRITES
from lab import LabError, running
from libreoffice import Order
from pandas import DataFrame

from adinspect import assess, bulk, decisions, profile, readings, rollback, snapshot
from adinspect.bulk_csv import BulkCsv, Kind
from adinspect.finding import Target
from adinspect.plan import Plan
from adinspect.snapshot import Snapshot
from adinspect.step import AFTER, DN, GUID, KEY, NULL, OBJECT, REASON, REVIEW, RULES, text
from adinspect.workbook import layout, reviewed
from adinspect.workbook.reviewed import Reviewed

Row = Mapping[str, Any]
Named = tuple[str, str]
"""A file, and the name of an object before its @; a KEY follows after a slash."""

WITHOUT_POLICIES = ("ok.lineext", "ok.london", "ok.case")
"""Users to whom no policy was granted, so that the plan has something to grant."""

LONDON = "OU=London,"
A_FEW = r"^CN=((ok|sip|um\.b)[^,]*,OU=London|no\.sip),"


@dataclass(frozen=True)
class Review:
    """What a person does with a plan who approves all that is ready of objects whose DN matches `where`.

    `decided` are cells that they set otherwise (none: undecided), `deleted` rows that they delete.
    """

    where: str = ""
    decided: Mapping[Named, Mapping[str, str]] | None = None
    deleted: tuple[Named, ...] = ()

    def cells(self, csv: str, row: Row) -> Mapping[str, str]:
        """What they set in a row."""
        ready = row[layout.STATUS] == "ready" and re.search(self.where, row[DN])
        return (self.decided or {}).get(named(csv, row), {layout.ACTION: "approve"} if ready else {})

    def orders(self, proposed: Reviewed) -> list[Order]:
        """How they do it: rows sorted and filtered, a line of their own between them."""
        told: list[Order] = []
        for step, record in proposed.records.items():
            title = layout.title(record.csv)
            told += (("set", title, step, header, cell) for header, cell in self.cells(record.csv, record.row).items())
            told += [("delete", title, step)] if named(record.csv, record.row) in self.deleted else []
        for csv in (csv for csv, count in proposed.facts.files.items() if count):
            title = layout.title(csv)
            told += [
                ("sort", title, "Object"),
                ("insert", title, layout.NOTES, "looked at"),
                ("filter", title, layout.STATUS, "ready"),
            ]
        return told


def named(csv: str, row: Row) -> Named:
    name = str(row[OBJECT]).partition("@")[0]
    return csv, f"{name}/{row[KEY]}" if row[KEY] else name


APPROVED = {layout.ACTION: "approve"}

REVIEWS: Mapping[Target, tuple[Review, ...]] = {
    Target.UM_LYNC: (
        Review(
            decided={
                ("10_um_ipgateway_set", "pool02"): {layout.ACTION: "edit", "OutcallsAllowed": "True"},
                ("10_um_ipgateway_set", "sbc-oslo"): {layout.ACTION: "edit", "OutcallsAllowed": "False"},
                ("14_um_dialplan_set", "Paris/numbers"): {
                    layout.ACTION: "edit",
                    "AccessTelephoneNumbersAdd": "+33199000191",
                },
                ("22_cs_dialplan_grant", "ok.case"): {layout.ACTION: "skip"},
                ("23_cs_voicepolicy_grant", "ok.case"): {},
                ("23_cs_voicepolicy_grant", "ok.london"): {layout.ACTION: "edit", "PolicyName": "International"},
                ("21_cs_user_voice", "line.spaces"): {layout.ACTION: "edit", "LineURI": "tel:+14255550164"},
                ("25_cs_hostedvm_set", "um.bothvm"): APPROVED,
            },
            deleted=(("22_cs_dialplan_grant", "rtc.disabled"),),
        ),
    ),
    Target.SFB_CLOUD_VOICEMAIL: (Review(LONDON),),
    Target.TEAMS_PHONE: (Review(A_FEW), Review(A_FEW)),
}
"""The plans that are made one after the other, and what becomes of them."""

NOT_TAKEN_BACK: Mapping[Target, set[tuple[str, str]]] = {
    Target.UM_LYNC: {
        *(("90_29_um_mailbox_disable.csv", one) for one in ("um.closed", "um.noplan", "um.nopolicy")),
        ("90_31_um_mailbox_set.csv", "um.otherpolicy"),
        *(("90_09_um_huntgroup_remove.csv", one) for one in ("No plan", "Closed PBX")),
    },
    Target.TEAMS_PHONE: set(),
    Target.SFB_CLOUD_VOICEMAIL: set(),
}
"""The rows that are refused or fail, as the manifest says, and those of earlier files that have to wait for these."""


FILE = "21_cs_user_voice.csv"


def meanwhile(estate: Estate) -> None:
    """What somebody does by hand before a file is run."""
    for user in estate.directory.find("(cn=ev.off)"):
        set_cs_user(estate, Identity=user.dn, LineURI="tel:+14255550199")


@pytest.fixture(scope="module", params=REVIEWS, ids=str)
def journey(request: pytest.FixtureRequest, ready_forest: Path, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """Every plan of a target, run and taken back."""
    target: Target = request.param
    folder = tmp_path_factory.mktemp(target.value)
    try:
        with running(ready_forest) as lab, begun(lab, folder, target.value, WITHOUT_POLICIES) as one:
            snapshot = one.collect("before")
            for review in REVIEWS[target]:
                snapshot = one.change(snapshot, review.orders)
            one.take_back()
            if target is Target.UM_LYNC:
                one.run_again(FILE, meanwhile)
    except LabError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    return one


def test_the_applier_has_every_cmdlet_with_its_parameters() -> None:
    shipped = [one for of in bulk.shipped().values() if of.cmdlet for one in (of, rollback.definition(of))]
    assert {one.reads for one in shipped} == GET.keys()
    assert {one.cmdlet for one in shipped} == CMDLETS.keys()
    for one in shipped:
        given = {column.argument() for column in one.parameters} | one.from_found.keys()
        assert given <= signature(CMDLETS[one.cmdlet]).parameters.keys(), one.name


@cache
def opened(path: Path) -> Snapshot:
    return snapshot.load(path)


@cache
def values(path: Path) -> Mapping[Cell, Any]:
    return cells(opened(path))


@cache
def plan_of(path: Path) -> Plan:
    return decisions.decided(reviewed.read(path))


def approved(one: Round) -> Iterator[tuple[str, Row]]:
    """The file and row of every step that was approved, but for lists, which nobody runs."""
    for csv, rows in plan_of(one.plan).rows.items():
        if bulk.shipped()[csv].cmdlet:
            yield from ((csv, row) for row in _records(rows) if not row[REASON])


def _records(rows: DataFrame) -> list[dict[str, Any]]:
    return [{str(name): cell for name, cell in row.items()} for row in rows.to_dict("records")]


def told(path: Path, differ: set[Cell]) -> Iterator[str]:
    """Cells with the name of the object in a snapshot, for who reads the failure."""
    names = {
        guid: identity
        for table in opened(path).tables.values()
        if {"guid", "identity"} <= set(table)
        for guid, identity in zip(table["guid"], table["identity"], strict=True)
    }
    return (f"{cell.table}.{cell.column} of {names.get(cell.guid, cell.guid)}" for cell in differ)


def none_of(lines: Iterable[str]) -> None:
    """Fail with every line, if there is any."""
    found = sorted(lines)
    assert not found, "\n".join(found)


def refused(results: Iterable[Result]) -> Iterator[str]:
    return (f"{one.file} row {one.row} of {one.object}: {one.why}" for one in results if one.why)


def test_every_row_is_run_that_was_approved_and_no_other(journey: Journey) -> None:
    for one in journey.rounds:
        none_of(refused(one.applied))
        ran = [(result.file.removesuffix(".csv"), result.object) for result in one.applied]
        assert ran
        assert sorted(ran) == sorted((csv, row[OBJECT]) for csv, row in approved(one))


def test_a_decision_counts_that_somebody_made_in_a_sorted_and_filtered_sheet(journey: Journey) -> None:
    for one, review in zip(journey.rounds, REVIEWS[Target(journey.target)], strict=True):
        rows = {named(csv, row): row for csv, row in approved(one)}
        for name, given in (review.decided or {}).items():
            values = {header: cell for header, cell in given.items() if header != layout.ACTION}
            if given.get(layout.ACTION) in ("approve", "edit"):
                assert {header: text(rows[name][header]) for header in values} == values
            else:
                assert name not in rows
        assert not rows.keys() & set(review.deleted)


def test_verify_says_of_every_step_that_it_landed(journey: Journey) -> None:
    for one in journey.rounds:
        assert (one.verified.code, one.verified.out) == (0, ""), one.verified.err + one.verified.out


def test_the_findings_that_were_to_be_put_right_are_gone(journey: Journey) -> None:
    for one in journey.rounds:
        steps = {step for rows in plan_of(one.plan).rows.values() for step in _sent(rows)}
        sent = {(rule, guid) for rule, guid, _ in steps} - {(rule, guid) for rule, guid, run in steps if not run}
        assert sent
        left = found(one.after, journey.target)
        none_of(f"{row.rule} of {row.identity}: {row.message}" for row in left.itertuples() if (row.rule, row.guid) in sent)


def found(path: Path, target: str) -> DataFrame:
    """The findings in a snapshot."""
    seen, wishes = opened(path), profile.read(PROFILE)
    return assess.assess(seen.tables, seen.visibility, target=Target(target), today=seen.taken, profile=wishes).findings


def _sent(rows: DataFrame) -> Iterator[tuple[str, str, bool]]:
    """Each finding that rows were to put right, by rule and object, and whether the row was approved."""
    for row in _records(rows):
        yield from ((rule, str(row[GUID]), not row[REASON]) for rule in str(row[RULES]).split("|") if rule)


def test_nothing_changes_but_what_was_approved(journey: Journey) -> None:
    for one in journey.rounds:
        before, after = values(one.before), values(one.after)
        may = {Cell(table, str(row[GUID]), column) for csv, row in approved(one) for table, column in written(csv, row)}
        may |= set(_hunt_groups_made(one, before, after))
        differ = {cell for cell in changed(before, after) if cell.table not in SIDE}
        assert differ
        none_of(told(one.before, differ - may))


def _hunt_groups_made(one: Round, before: Iterable[Cell], after: Iterable[Cell]) -> Iterator[Cell]:
    """Of hunt groups that a plan makes, nobody knows the GUID before: as many are new as rows were approved."""
    rows = [row for csv, row in approved(one) if csv == "11_um_huntgroup_new"]
    new = {cell.guid for cell in after if cell.table == "hunt_groups"} - {cell.guid for cell in before}
    assert len(new) == len(rows)
    yield from (cell for cell in after if cell.table == "hunt_groups" and cell.guid in new)
    yield from (Cell("dial_plan_hunt_groups", row["UMDialPlan"], "") for row in rows)


def written(csv: str, row: Row) -> set[tuple[str, str]]:
    """The columns of tables that a row changes."""
    definition = bulk.shipped()[csv]
    given = (column.name for column in definition.parameters if row[column.name] is not None)
    return set().union(*(WRITES.get((definition.cmdlet, name), set()) for name in given))


HOSTED = {("cs_users", "hosted_voice_mail"), ("cs_users", "hosted_voice_mail_policy")}
"""What Lync says of hosted voice mail."""

SIDE = {"cs_users", "teams_users", "teams_numbers", "teams_voicemail"}
"""Side inputs, which tell the same in another way."""


def test_every_row_is_taken_back_but_what_nothing_can_take_back(journey: Journey) -> None:
    left = [
        (one.file, one.object.partition("@")[0], one.why) for round_ in journey.rounds for one in round_.taken_back if one.why
    ]
    expected = NOT_TAKEN_BACK[Target(journey.target)]
    none_of(f"{file} of {name}: {why}" for file, name, why in left if (file, name) not in expected)
    assert {(file, name) for file, name, _ in left} == expected
    assert [len(one.taken_back) for one in journey.rounds] == [len(one.applied) for one in journey.rounds]


@pytest.mark.parametrize("journey", [Target.UM_LYNC], ids=str, indirect=True)
def test_a_row_is_refused_that_is_about_something_else_by_now(journey: Journey) -> None:
    """In the file that is run again a line was changed since; who has no place in Lync any more waits for an earlier file."""
    why = {one.object.partition("@")[0]: one.why for one in journey.again if one.why}
    earlier = "Get-CsUser does not find it; perhaps an earlier file was not run"
    assert why == {
        "ev.off": "LineURI is not what it was when the row was made: now TEL:+14255550199",
        **dict.fromkeys(("formula", "no.sip", "no.sip.um", "svcadmin"), earlier),
    }
    assert len(journey.again) > len(why)


def test_what_a_rollback_holds_is_what_was_there_first(journey: Journey) -> None:
    wishes = profile.read(PROFILE)
    for one in journey.rounds:
        seen = opened(one.before)
        then = assess.view_of(seen.tables, seen.visibility, target=Target(journey.target), today=seen.taken, profile=wishes)
        for csv in dict.fromkeys(csv for csv, _ in approved(one)):
            of, rows = bulk.shipped()[csv], [row for name, row in approved(one) if name == csv]
            present = readings.present(of.reads, then)
            for row, back in zip(rows, one.bulk.rows(f"{rollback.PREFIX}{csv}.csv"), strict=True):
                assert back[GUID] == row[GUID]
                shown = present.found.get((row[GUID], row[KEY]))
                if shown is not None and not row[AFTER]:  # else an earlier file made it, or changed it first
                    none_of(_differing(of, back, shown))


def _differing(of: BulkCsv, back: Mapping[str, str], shown: Mapping[str, Any]) -> Iterator[str]:
    for column in rollback.definition(of).parameters:
        if column.property and column.kind not in (Kind.ADD, Kind.REMOVE) and (cell := back[column.name]):
            was = shown.get(column.property)
            never_set = column.false_is_blank and cell == NULL and not was
            if not never_set and ("" if cell in (NULL, REVIEW) else cell) != text(column.bare(was)):
                yield f"{of.name} of {back[OBJECT]}: {column.name} is {cell}, and was {was}"


def test_what_the_manifest_calls_not_restorable_is_the_only_difference(journey: Journey) -> None:
    first = opened(journey.rounds[0].before)
    keys = first.tables["users"].set_index("guid")
    stuck = {name for _, name in NOT_TAKEN_BACK[Target(journey.target)]}
    may: set[Cell] = set()
    for one in journey.rounds:
        said = one.bulk.manifest["not_restored"]
        for csv, row in approved(one):
            columns = LOST.get(csv, set())
            assert not columns or said[f"{csv}.csv"]
            if named(csv, row)[1] in stuck:
                columns = (
                    columns | written(csv, row) | {("cs_users", one) for one in ("hosted_voice_mail", "hosted_voice_mail_policy")}
                )
            dn = keys["dn"].get(row[GUID], "")
            may |= {Cell(table, dn if table == "cs_users" else str(row[GUID]), column) for table, column in columns}
    before, back = values(journey.rounds[0].before), values(journey.back)
    differ = {cell for cell in changed(before, back) if _compared(before.get(cell)) != _compared(back.get(cell))}
    none_of(told(journey.rounds[0].before, differ - may))


def _compared(value: Any) -> Any:
    """As Exchange and Lync take it: no flags at all are flags of 0, and the case of a text does not count."""
    return value.casefold() if isinstance(value, str) else value or 0
