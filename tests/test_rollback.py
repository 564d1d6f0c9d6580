"""What takes a bulk CSV back: its definition, and its rows."""

from __future__ import annotations

from typing import Any

import pytest
from pandas import DataFrame

from adinspect import bulk, definitions, plan, rollback, step
from adinspect.bulk_csv import BulkCsv, Column, Kind

GUID = "b1946ac9-2b4d-4c6f-8a1e-0123456789ab"

TOML = """
title = "Set"
description = "A column of every kind."
cmdlet = "Set-Sample"
reads = "Get-Sample"
key = "Identity"
delay = 500
what_if = true
confirm = false
domain_controller = true
source = "nowhere"
found_after = false

[order]
um-lync = 1

[columns]
Identity = { type = "text", pattern = ".+", says = "x" }
Line = { type = "text", pattern = ".+", says = "x", property = "Line", optional = true, nullable = true }
On = { type = "bool", says = "x", property = "On", optional = true }
Hosted = { type = "bool", says = "x", property = "Hosted", optional = true, nullable = true, false_is_blank = true }
Plans = { type = "list", pattern = ".+", says = "x", property = "Plans", optional = true }
NumbersAdd = { type = "add", pattern = ".+", says = "x", property = "Numbers", optional = true }
NumbersRemove = { type = "remove", pattern = ".+", says = "x", optional = true }
Pool = { type = "text", pattern = ".+", says = "x", property = "Pool" }
Policy = { type = "text", pattern = ".*", says = "x", property = "Policy", parameter = false }
Alias = { type = "text", pattern = ".*", says = "x", property = "Alias", parameter = false, optional = true }
Number = { type = "text", pattern = ".*", says = "x", property = "Number", parameter = false }

[rollback]
cmdlet = "Reset-Sample"
[rollback.columns]
Identity = { from = "Identity" }
Line = { from = "_Previous_Line" }
On = { from = "_Previous_On" }
Hosted = { from = "_Previous_Hosted" }
Plans = { from = "_Previous_Plans" }
NumbersAdd = { from = "NumbersRemove" }
NumbersRemove = { from = "NumbersAdd" }
Policy = { from = "_Previous_Policy" }
Alias = { from = "_Previous_Alias" }
Owner = { from = "_ObjectGuid" }
Force = { value = "True" }
Kind = { value = "Plain" }
"""
SAMPLE = bulk.load(definitions.parse(TOML, "reports/bulk/12_sample.toml"))
BACK = rollback.definition(SAMPLE)


def taken_back(of: BulkCsv = SAMPLE, **cells: Any) -> dict[str, Any]:
    """The one row that takes back a row with these cells."""
    notes = {"_Object": "Ada", "_ObjectGuid": GUID, "_Rules": "HG-001", "_Why": "It said so.", "_Wave": "W1"}
    row = {**dict.fromkeys(of.header), "Identity": "ada", "Pool": "new", **notes, **cells}
    (told,) = rollback.rows(of, DataFrame([row], dtype="object"))
    return told


def test_it_is_a_definition_that_is_run_as_any_other() -> None:
    assert (BACK.name, BACK.cmdlet, BACK.reads, BACK.key) == ("90_12_sample", "Reset-Sample", "Get-Sample", "Identity")
    assert (BACK.what_if, BACK.confirm, BACK.domain_controller, BACK.delay) == (True, False, True, 500)


def test_it_finds_what_the_other_one_left() -> None:
    assert (SAMPLE.found_before, SAMPLE.found_after) == (True, False)
    assert (BACK.found_before, BACK.found_after) == (False, True)


@pytest.mark.parametrize(
    ("name", "kind", "restores", "parameter"),
    [
        ("Identity", Kind.TEXT, "", True),
        ("Line", Kind.TEXT, "Line", True),
        ("On", Kind.BOOL, "On", True),
        ("Plans", Kind.LIST, "Plans", True),
        ("NumbersAdd", Kind.ADD, "Numbers", True),
        ("NumbersRemove", Kind.REMOVE, "", True),
        ("Policy", Kind.TEXT, "Policy", True),
        ("Owner", Kind.TEXT, "", True),
        ("Force", Kind.BOOL, "", True),
        ("Kind", Kind.TEXT, "", True),
        ("Pool", Kind.TEXT, "Pool", False),
        ("Number", Kind.TEXT, "Number", False),
    ],
)
def test_each_column_is_of_the_kind_of_the_one_it_comes_from(name: str, kind: Kind, restores: str, parameter: bool) -> None:
    columns: dict[str, Column] = {column.name: column for column in BACK.columns}
    assert len(columns) == 14
    one = columns[name]
    assert (one.kind, one.property, one.parameter) == (kind, restores, parameter)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        pytest.param({"Line": "tel:+2", "_Previous_Line": "tel:+1"}, {"Line": "tel:+1"}, id="what was there is put back"),
        pytest.param({"Line": "tel:+2"}, {"Line": "$null"}, id="nothing was there"),
        pytest.param({"Line": "tel:+2", "_Previous_Line": ""}, {"Line": "$null"}, id="a blank is nothing"),
        pytest.param({"Line": "tel:+2", "_Previous_Line": float("nan")}, {"Line": "$null"}, id="a missing value is nothing"),
        pytest.param({"Line": "$null", "_Previous_Line": "tel:+1"}, {"Line": "tel:+1"}, id="it was emptied"),
        pytest.param({"Line": None, "_Previous_Line": "tel:+1"}, {"Line": None}, id="what was left out is left out"),
        pytest.param({"On": True, "_Previous_On": False}, {"On": False}, id="False is put back"),
        pytest.param({"On": True}, {"On": "$null"}, id="a bool that was never set"),
        pytest.param({"Hosted": True, "_Previous_Hosted": False}, {"Hosted": "$null"}, id="False that may never have been set"),
        pytest.param({"Plans": ("c",), "_Previous_Plans": ("a", "b")}, {"Plans": ("a", "b")}, id="a list"),
        pytest.param({"Plans": ("c",), "_Previous_Plans": ()}, {"Plans": "$null"}, id="an empty list"),
        pytest.param({"_Previous_Policy": "p"}, {"Policy": "p"}, id="what was only remembered"),
        pytest.param({}, {"Policy": step.REVIEW}, id="nothing to remember where something is needed"),
        pytest.param({}, {"Alias": None}, id="nothing to remember where nothing need be"),
        pytest.param({}, {"Owner": GUID, "Force": "True", "Kind": "Plain", "Identity": "ada"}, id="notes and fixed values"),
        pytest.param({}, {"NumbersAdd": None, "NumbersRemove": None}, id="nothing added nor removed"),
        pytest.param(
            {"NumbersAdd": ("1", "2"), "NumbersRemove": ("3",), "_Previous_NumbersAdd": ("3", "4")},
            {"NumbersAdd": ("3",), "NumbersRemove": ("1", "2")},
            id="what was added is removed, and the other way",
        ),
        pytest.param(
            {"NumbersAdd": ("1", "2"), "_Previous_NumbersAdd": ("1",)},
            {"NumbersAdd": None, "NumbersRemove": ("2",)},
            id="what was there before it was added stays",
        ),
        pytest.param(
            {"NumbersRemove": ("1", "2"), "_Previous_NumbersAdd": ("2",)},
            {"NumbersAdd": ("2",), "NumbersRemove": None},
            id="what was not there is not added",
        ),
        pytest.param(
            {"NumbersAdd": ("EUM:1",), "NumbersRemove": ("eum:1",), "_Previous_NumbersAdd": ("eum:1",)},
            {"NumbersAdd": ("eum:1",), "NumbersRemove": ("EUM:1",)},
            id="what was spelt anew is spelt as before",
        ),
    ],
)
def test_a_row_puts_back_what_was_there(cells: dict[str, Any], told: dict[str, Any]) -> None:
    row = taken_back(**cells)
    assert {name: row[name] for name in told} == told


@pytest.mark.parametrize(
    ("cells", "left"),
    [
        pytest.param({"Line": "tel:+2", "_Previous_Line": "tel:+1"}, {"Line": "tel:+2"}, id="what the row set"),
        pytest.param({"Line": "$null", "_Previous_Line": "tel:+1"}, {"Line": None}, id="what it emptied"),
        pytest.param({"_Previous_Line": "tel:+1"}, {"Line": "tel:+1"}, id="what it left"),
        pytest.param({}, {"Pool": "new"}, id="what no column puts back"),
        pytest.param({"_Previous_Number": "7"}, {"Number": "7"}, id="what was only remembered, and no column puts back"),
        pytest.param(
            {"NumbersAdd": ("1", "3"), "NumbersRemove": ("2",), "_Previous_NumbersAdd": ("2", "3", "4")},
            {"NumbersAdd": ("4", "1", "3")},
            id="a list that was added to and removed from",
        ),
        pytest.param(
            {"NumbersAdd": ("EUM:1",), "NumbersRemove": ("eum:1",), "_Previous_NumbersAdd": ("eum:1",)},
            {"NumbersAdd": ("EUM:1",)},
            id="what was spelt anew",
        ),
    ],
)
def test_what_is_expected_before_it_is_taken_back_is_what_the_row_left(cells: dict[str, Any], left: dict[str, Any]) -> None:
    row = taken_back(**cells)
    assert {name: row[step.PREVIOUS + name] for name in left} == left


@pytest.mark.parametrize(
    ("cells", "unknown", "barred"),
    [
        pytest.param({"Line": "tel:+2"}, "Line", True, id="what is changed"),
        pytest.param({}, "Line", False, id="what is left as it is"),
        pytest.param({"NumbersRemove": ("3",)}, "Numbers", True, id="a list that is only removed from"),
        pytest.param({}, "Policy", True, id="what is only remembered"),
    ],
)
def test_what_could_not_be_put_back_is_not_run(cells: dict[str, Any], unknown: str, barred: bool) -> None:
    now = {**dict.fromkeys(column.property for column in SAMPLE.changed), unknown: step.UNKNOWN}
    told = list(plan.bars(SAMPLE, {**dict.fromkeys(SAMPLE.header), **cells}, now, "", online=False))
    assert told == ([f"the present {unknown} is not known"] if barred else [])


def test_notes_are_carried() -> None:
    row = taken_back()
    assert [row[name] for name in step.NOTES] == ["Ada", GUID, "HG-001", "It said so.", "W1"]
    assert set(BACK.header) == set(row)


@pytest.mark.parametrize("name", bulk.shipped())
def test_every_shipped_csv_can_be_taken_back_by_the_runner(name: str) -> None:
    of = bulk.shipped()[name]
    back = rollback.definition(of)
    assert back.name == f"90_{name}"
    assert back.key in {column.name for column in back.parameters} or (
        back.key == step.GUID and (back.match or not back.found_before)
    )
    assert len(set(back.header)) == len(back.header)
    assert all(column.argument() for column in back.columns)


def test_a_user_who_got_voice_loses_it_again_and_keeps_the_line_that_was_there() -> None:
    voice = bulk.shipped()["21_cs_user_voice"]
    cells = {"EnterpriseVoiceEnabled": True, "LineURI": "tel:+14255550101", "_Previous_EnterpriseVoiceEnabled": False}
    row = taken_back(voice, **cells, _Previous_LineURI="tel:+14255550101")
    assert (row["EnterpriseVoiceEnabled"], row["LineURI"]) == (False, "tel:+14255550101")
    assert (row["_Previous_EnterpriseVoiceEnabled"], row["_Previous_LineURI"]) == (True, "tel:+14255550101")
