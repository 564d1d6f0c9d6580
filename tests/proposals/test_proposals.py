from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pandas import DataFrame, Series

from adinspect import assess, bulk, proposals, readings
from adinspect.finding import FINDING_COLUMNS, Target
from adinspect.testing import EVERYONE, TODAY, tables
from adinspect.visibility import nothing_hidden


def finding(guid: str, rule: str, csv: Any, **told: Any) -> dict[str, Any]:
    said = {"identity": guid, "dn": "CN=Ada", "message": f"{rule} said so.", "wave": "F", "because": "", "waived": None}
    common = {**said, "certainty": "certain"}
    return {"guid": guid, "rule": rule, "csv": csv, **common, **told}


@pytest.mark.parametrize(
    ("csv", "asks"),
    [
        (("21_cs_user_voice",), True),
        (["20_cs_user_enable", "21_cs_user_voice"], True),
        ("21_cs_user_voice", True),
        ("121_cs_user_voice_", False),
        ((), False),
        (("121_cs_user_voice",), False),
    ],
)
def test_a_finding_asks_for_the_csvs_it_names(csv: Any, asks: bool) -> None:
    assert bool(proposals.asked_for(DataFrame([finding("a", "USR-006", csv)]), "21_cs_user_voice")) is asks


def test_the_findings_on_one_object_ask_once() -> None:
    findings = DataFrame(
        [
            finding("a", "USR-009", ("x",), wave="D", identity="Ada"),
            finding("b", "USR-006", ("x",)),
            finding("a", "USR-006", ("x",), certainty="likely", because="nobody knows"),
            finding("a", "USR-009", ("x",), wave="D", certainty="likely", because="it moved"),
        ]
    )
    asked = proposals.asked_for(findings, "x")
    assert list(asked) == ["a", "b"]
    assert asked["a"] == {
        "_Object": "Ada",
        "_Dn": "CN=Ada",
        "_ObjectGuid": "a",
        "_Rules": "USR-006|USR-009",
        "_Why": "USR-009 said so. USR-006 said so.",
        "_Wave": "",
        "_Reason": "USR-006 is only likely: nobody knows; USR-009 is only likely: it moved",
    }


def test_an_accepted_finding_asks_for_nothing_and_stands_against_a_row_that_would_put_it_right_too() -> None:
    accepted = {"owner": "Adele", "reason": "moves out", "until": "2026-12-31"}
    findings = DataFrame(
        [
            finding("a", "USR-006", ("x",), waived=accepted),
            finding("b", "USR-006", ("x",), waived=accepted),
            finding("b", "USR-009", ("x",)),
        ]
    )
    asked = proposals.asked_for(findings, "x")
    assert list(asked) == ["b"]
    assert (asked["b"]["_Rules"], asked["b"]["_Why"]) == ("USR-009", "USR-009 said so.")
    assert asked["b"]["_Reason"] == "USR-006 is accepted by Adele: moves out"


def test_doubts_ask_a_person_for_the_cell_they_concern_and_say_why() -> None:
    rows = DataFrame({"guid": ["a", "b", "c"], "Line": ["1", "2", "3"], "On": [True, True, False]})
    doubts = {
        "Line": {"is shared with ": Series([None, "Bo", None], dtype="str"), "is long": Series([False, True, False])},
        "On": {"is odd": Series([False, True, True])},
    }
    told = proposals.reviewed(rows, doubts)
    assert list(told["Line"]) == ["1", "#REVIEW", "3"]
    assert list(told["On"]) == [True, "#REVIEW", "#REVIEW"]
    assert list(told["_Reason"]) == ["", "is shared with Bo; is long; is odd", "is odd"]


def test_an_object_that_is_not_in_the_judged_table_gets_a_reason_and_is_not_dropped() -> None:
    view = assess.view_of(tables(), nothing_hidden(), target=Target.UM_LYNC, today=TODAY, profile=EVERYONE)
    findings = DataFrame([finding("contact", "USR-006", ("21_cs_user_voice",))], columns=list(FINDING_COLUMNS))
    view = replace(view, tables={**view.tables, "findings": findings})
    (row,) = proposals.rows(proposals.shipped()["21_cs_user_voice"], view)
    assert (row["_ObjectGuid"], row["_Reason"]) == ("contact", "is not in the table users")


def test_every_bulk_csv_has_a_proposal_and_a_reading_and_no_proposal_is_idle() -> None:
    assert set(proposals.shipped()) == set(bulk.shipped())
    assert {one.reads for one in bulk.shipped().values() if one.reads} == set(readings.shipped())
