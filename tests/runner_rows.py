"""Rows of bulk CSVs, what there is when each is run, and what the runner hands to the cmdlet: the table that the model of the
runner is held to, and to which a person can hold the runner where there is a PowerShell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GUID = "b1946ac9-2b4d-4c6f-8a1e-0123456789ab"

DEFINITION = """
title = "A sample"
description = "A column of every kind."
cmdlet = "Set-Sample"
reads = "Get-Sample"
key = "Identity"
delay = 0
what_if = true
confirm = true
domain_controller = true
source = "nowhere"

[order]
um-lync = 1

[columns]
Identity = { type = "text", pattern = ".+", says = "" }
Line = { type = "text", pattern = ".+", says = "", property = "Line", optional = true, nullable = true, prefix = "Tag:" }
Name = { type = "text", pattern = ".+", says = "", optional = true }
On = { type = "bool", says = "", property = "On", optional = true, nullable = true, false_is_blank = true }
Strict = { type = "bool", says = "", property = "Strict", optional = true }
Names = { type = "list", pattern = ".+", says = "", property = "Names", optional = true, compared = false }
Plans = { type = "list", pattern = ".+", says = "", property = "Plans", optional = true }
NumbersAdd = { type = "add", pattern = ".+", says = "", property = "Numbers", optional = true }
NumbersRemove = { type = "remove", pattern = ".+", says = "", optional = true }
Add = { type = "add", pattern = ".+", says = "", optional = true, into = "Addresses" }

[rollback]
cmdlet = "Set-Sample"
[rollback.columns]
Identity = { from = "Identity" }
""".replace('says = ""', 'says = "x"')

CLOUD = DEFINITION.replace("Get-Sample", "Get-CsOnlineUser")
OTHER = DEFINITION.replace('source = "nowhere"', 'source = "nowhere"\nown_guid = false')
LAST = DEFINITION.replace('source = "nowhere"', 'source = "nowhere"\nfound_before = false')

FOUND: Mapping[str, Any] = {"Guid": GUID, "Line": None, "On": None, "Strict": None, "Plans": None, "Numbers": None}
"""What the Get cmdlet shows of an object with nothing set."""


@dataclass(frozen=True)
class Row:
    """`cells` that are not blank, what is `shown` (None: nothing found), and what comes: `given`, `refused` or `fails`."""

    name: str
    cells: Mapping[str, str]
    given: Mapping[str, Any] | None = None
    shown: Mapping[str, Any] | None = None
    refused: str = ""
    fails: str = ""
    definition: str = DEFINITION

    def line(self, header: tuple[str, ...]) -> dict[str, str]:
        """The row as it is read: every column, and the identity and GUID of an object unless the row says others."""
        return {**dict.fromkeys(header, ""), "Identity": "ada", "_ObjectGuid": GUID, **self.cells}


def _found(**shown: Any) -> dict[str, Any]:
    return {**FOUND, **shown}


ADA = {"Identity": "ada"}

ROWS = (
    # what the cmdlet is given
    Row("blank cells are no parameters", {}, ADA, _found()),
    Row("a text", {"Line": "tel:+1"}, {**ADA, "Line": "tel:+1"}, _found()),
    Row("a text with a bar is one text", {"Name": "a|b"}, {**ADA, "Name": "a|b"}, _found()),
    Row("a text that looks like code", {"Name": "$(x) `n \u2019;"}, {**ADA, "Name": "$(x) `n \u2019;"}, _found()),
    Row("True is true", {"Strict": "True"}, {**ADA, "Strict": True}, _found()),
    Row("False is false", {"Strict": "False"}, {**ADA, "Strict": False}, _found()),
    Row("what is no bool", {"Strict": "yes"}, shown=_found(), fails="Strict"),
    Row("$null empties", {"Line": "$null", "_Previous_Line": "tel:+1"}, {**ADA, "Line": None}, _found(Line="tel:+1")),
    Row("$null empties a bool", {"On": "$null", "_Previous_On": "True"}, {**ADA, "On": None}, _found(On=True)),
    Row("$null where it must not be", {"Name": "$null"}, shown=_found(), fails="Name cannot be emptied"),
    Row("$NULL is a text", {"Name": "$NULL"}, {**ADA, "Name": "$NULL"}, _found()),
    Row("a list", {"Plans": "HQ|Lab"}, {**ADA, "Plans": ["HQ", "Lab"]}, _found()),
    Row("a list of one", {"Plans": "HQ"}, {**ADA, "Plans": ["HQ"]}, _found()),
    Row(
        "what is added and removed is one parameter",
        {"NumbersAdd": "1|2", "NumbersRemove": "3", "_Previous_NumbersAdd": "3"},
        {**ADA, "Numbers": {"Add": ["1", "2"], "Remove": ["3"]}},
        _found(Numbers=("3",)),
    ),
    Row(
        "what is removed alone",
        {"NumbersRemove": "3", "_Previous_NumbersAdd": "3"},
        {**ADA, "Numbers": {"Remove": ["3"]}},
        _found(Numbers=("3",)),
    ),
    Row(
        "is compared too",
        {"NumbersRemove": "3", "_Previous_NumbersAdd": "3"},
        shown=_found(),
        refused="Numbers is not what it was",
    ),
    Row("what is added into another parameter", {"Add": "a"}, {**ADA, "Addresses": {"Add": ["a"]}}, _found()),
    Row("notes are no parameters", {"_Why": "x", "_Rules": "USR-001", "_Wave": "W1", "_Object": "Ada"}, ADA, _found()),
    # what a person decides
    Row("a cell for a person", {"Line": "#REVIEW"}, shown=_found(), refused="Line is for a person to decide"),
    Row("in any case", {"On": "#review"}, shown=_found(), refused="On is for a person to decide"),
    Row("one value of a list", {"Plans": "HQ|#REVIEW"}, shown=_found(), refused="Plans is for a person to decide"),
    Row("within a text it is none", {"Name": "a #REVIEW"}, {**ADA, "Name": "a #REVIEW"}, _found()),
    Row("no identity", {"Identity": ""}, shown=_found(), refused="Identity is blank"),
    # which object
    Row("nothing is found", {}, refused="Get-Sample does not find it"),
    Row("nothing is found yet", {}, ADA, definition=LAST),
    Row("found although it must not be", {}, shown=_found(), refused="Get-Sample finds it already", definition=LAST),
    Row(
        "another object",
        {"_ObjectGuid": GUID.replace("b", "c", 1)},
        shown=_found(),
        refused="not the object that the row was made for",
    ),
    Row("a GUID that is another object's anyway", {}, ADA, {**FOUND, "Guid": "x"}, definition=OTHER),
    Row("a GUID in capitals", {"_ObjectGuid": GUID.upper()}, ADA, _found()),
    Row("no GUID is shown", {}, shown={**FOUND, "Guid": None}, refused="not the object that the row was made for"),
    Row("in the cloud the identity counts", {}, ADA, {**FOUND, "Guid": "x", "Identity": "ADA"}, definition=CLOUD),
    Row("or the sign-in name", {}, ADA, {**FOUND, "Identity": "x", "UserPrincipalName": "Ada"}, definition=CLOUD),
    Row(
        "and not the GUID",
        {},
        shown={**FOUND, "Identity": "x"},
        refused="not the object that the row was made for",
        definition=CLOUD,
    ),
    # what was there
    Row("the same as before", {"Line": "tel:+2", "_Previous_Line": "tel:+1"}, {**ADA, "Line": "tel:+2"}, _found(Line="tel:+1")),
    Row("in another case", {"Line": "tel:+2", "_Previous_Line": "TEL:+1"}, {**ADA, "Line": "tel:+2"}, _found(Line="tel:+1")),
    Row(
        "another value",
        {"Line": "tel:+2", "_Previous_Line": "tel:+1"},
        shown=_found(Line="tel:+3"),
        refused="Line is not what it was when the row was made: now TEL:+3",
    ),
    Row("a value where nothing was", {"Line": "tel:+2"}, shown=_found(Line="tel:+3"), refused="Line is not what it was"),
    Row("nothing where a value was", {"Line": "x", "_Previous_Line": "y"}, shown=_found(), refused="Line is not what it was"),
    Row("an empty text is nothing", {"Line": "tel:+2"}, {**ADA, "Line": "tel:+2"}, _found(Line="")),
    Row(
        "characters that do not show count",
        {"Line": "x", "_Previous_Line": "a"},
        shown=_found(Line="a\u200b"),
        refused="Line is not",
    ),
    Row(
        "nor what is shown in another form",
        {"Names": "C", "_Previous_Names": "A"},
        {**ADA, "Names": ["C"]},
        _found(Names=("A (HQ)", "x")),
    ),
    Row("what is not changed is not compared", {"_Previous_Line": "tel:+1"}, ADA, _found(Line="tel:+3")),
    Row("a list in another order", {"Plans": "C", "_Previous_Plans": "B|a"}, {**ADA, "Plans": ["C"]}, _found(Plans=("A", "b"))),
    Row(
        "a longer list",
        {"Plans": "C", "_Previous_Plans": "A"},
        shown=_found(Plans=("A", "B")),
        refused="Plans is not what it was",
    ),
    Row("an empty list is nothing", {"Plans": "C"}, {**ADA, "Plans": ["C"]}, _found(Plans=())),
    Row("False is nothing where that is said", {"On": "True"}, {**ADA, "On": True}, _found(On=False)),
    Row("and nothing else is", {"On": "False"}, shown=_found(On=True), refused="On is not what it was"),
    Row("False is something elsewhere", {"Strict": "True"}, shown=_found(Strict=False), refused="Strict is not what it was"),
    Row("False as before", {"Strict": "True", "_Previous_Strict": "False"}, {**ADA, "Strict": True}, _found(Strict=False)),
    Row(
        "what begins in another way is another",
        {"Line": "B", "_Previous_Line": "A"},
        shown=_found(Line="Tab:A"),
        refused="Line is not",
    ),
    Row("a policy is shown with its scope", {"Line": "B", "_Previous_Line": "A"}, {**ADA, "Line": "B"}, _found(Line="Tag:A")),
)
