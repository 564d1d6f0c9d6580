"""The runner as far as it can be held without a PowerShell: its text, its table, and the model of how it reads a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter_powershell
from applier.reading import Done, RowError, call, matches, refusal, rollback_refusal
from runner_rows import GUID, ROWS, Row
from tree_sitter import Language, Node, Parser

from adinspect import bulk, definitions, rollback, runner

SCRIPT = definitions.folder("reports").joinpath("bulk", runner.NAME).read_bytes()

ALLOWED = frozenset(
    """
    Add-Member ConvertFrom-Json ConvertTo-Json Export-Csv ForEach-Object Get-ChildItem Get-Content Get-Date Get-FileHash
    Import-Csv Join-Path New-Object Set-StrictMode Sort-Object Start-Sleep Test-Path Where-Object Write-Output Write-Warning
    """.split()
)
"""The cmdlets of PowerShell itself that the runner may call: none takes a text for code, and only Export-Csv writes."""


def parsed(octets: bytes) -> Node:
    return Parser(Language(tree_sitter_powershell.language())).parse(octets).root_node


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def texts(kind: str) -> set[str]:
    return {(node.text or b"").decode("ascii") for node in nodes(parsed(SCRIPT)) if node.type == kind}


def test_it_is_ascii_with_windows_line_ends() -> None:
    assert SCRIPT.isascii()
    assert SCRIPT.count(b"\n") == SCRIPT.count(b"\r\n") == SCRIPT.count(b"\r")
    assert max(len(line) for line in SCRIPT.decode("ascii").splitlines()) < 260


def test_it_is_powershell() -> None:
    assert not [node.start_point for node in nodes(parsed(SCRIPT)) if node.type == "ERROR" or node.is_missing]


def test_a_mistake_would_be_seen() -> None:
    broken = SCRIPT.replace(b"foreach ($one in $Chosen) {", b"foreach ($one in $Chosen {")
    assert [node for node in nodes(parsed(broken)) if node.type == "ERROR" or node.is_missing]


def test_it_calls_its_own_functions_a_few_of_powershells_and_the_cmdlets_of_the_definitions() -> None:
    own = set(re.findall(r"^function ([A-Za-z-]+) \{\r$", SCRIPT.decode("ascii"), re.MULTILINE))
    shipped = [one for one in bulk.shipped().values() if one.cmdlet]
    changes = {cmdlet for one in shipped for cmdlet in (one.cmdlet, one.rollback.cmdlet)}
    reads = {one.reads for one in shipped} | {column.refers for one in shipped for column in one.columns if column.refers}
    called = texts("command_name")
    assert own
    assert called <= own | ALLOWED | changes | reads
    assert (own - {"Invoke-Change", "Read-Object"}) | changes | reads <= called | own


def test_no_name_that_is_called_comes_from_a_variable() -> None:
    assert not texts("command_name_expr")
    assert not texts("command_invokation_operator")
    assert not re.search(
        r"Invoke-Expression|\biex\b|ScriptBlock|Invoke-Command|Add-Type|\[Activator", SCRIPT.decode("ascii"), re.IGNORECASE
    )


def test_a_name_from_a_variable_would_be_seen() -> None:
    found = {node.type for node in nodes(parsed(SCRIPT + b"& $Cmdlet @Arguments\r\n"))}
    assert {"command_name_expr", "command_invokation_operator"} <= found


def test_a_cmdlet_of_the_definitions_is_called_only_in_the_two_made_functions() -> None:
    before, _, rest = SCRIPT.decode("ascii").partition(runner.BEGIN)
    outside = before.partition("[CmdletBinding()]")[2] + rest.partition(runner.END)[2]
    for one in bulk.shipped().values():
        for cmdlet in filter(None, (one.cmdlet, one.reads, one.rollback.cmdlet)):
            assert cmdlet not in outside, cmdlet


def test_its_table_is_the_definitions() -> None:
    script = SCRIPT.decode("ascii")
    assert runner.remade(script, bulk.shipped().values()) == script, "run: python docs/make.py"


def test_a_changed_definition_changes_the_table() -> None:
    script = SCRIPT.decode("ascii")
    fewer = list(bulk.shipped().values())[1:]
    assert runner.remade(script, fewer) != script
    assert runner.remade(runner.remade(script, fewer), bulk.shipped().values()) == script


def test_every_file_and_what_takes_it_back_is_in_the_table() -> None:
    for name in (name for name, one in bulk.shipped().items() if one.cmdlet):
        assert f"'{name}.csv' = @{{\r\n        TakesBack = ''\r\n".encode() in SCRIPT
        assert f"'90_{name}.csv' = @{{\r\n        TakesBack = '{name}.csv'\r\n".encode() in SCRIPT


def test_every_value_of_the_table_is_a_name() -> None:
    table = SCRIPT.decode("ascii").partition(runner.BEGIN)[2].partition("function ")[0]
    assert set(re.findall(r"'([^']*)'", table)) >= {f"{one.name}.csv" for one in bulk.shipped().values() if one.cmdlet}
    assert all(re.fullmatch(r"[A-Za-z0-9_.:-]*", value) for value in re.findall(r"'([^']*)'", table))


# ---- objects that no single cell names

HUNT_GROUP = """
title = "New"
description = "On a gateway that has others."
cmdlet = "New-UMHuntGroup"
reads = "Get-UMHuntGroup"
key = "Name"
match = ["Name", "UMIPGateway"]
own_guid = false
found_before = false
delay = 0
what_if = true
confirm = true
domain_controller = true
source = "nowhere"
afterwards = "Wait ten minutes."

[order]
um-lync = 1

[columns]
Name = { type = "text", pattern = ".+", says = "x", property = "Name" }
UMIPGateway = { type = "text", pattern = ".+", says = "x", property = "UMIPGateway", refers = "Get-UMIPGateway" }
PilotIdentifier = { type = "text", pattern = ".+", says = "x" }

[rollback]
cmdlet = "Remove-UMHuntGroup"
[rollback.columns]
Identity = { found = "Guid" }
"""
NEW = bulk.load(definitions.parse(HUNT_GROUP, "reports/bulk/11_um_huntgroup_new.toml"))
REMOVE = rollback.definition(NEW)
LIST = bulk.load(
    definitions.parse(
        HUNT_GROUP.replace('cmdlet = "New-UMHuntGroup"\nreads = "Get-UMHuntGroup"\n', "").replace(
            'cmdlet = "Remove-UMHuntGroup"\n', ""
        ),
        "reports/bulk/48_sbc_numbers.toml",
    )
)


def test_an_object_is_found_among_all_by_the_columns_that_name_it_together() -> None:
    made = runner.made([NEW])
    forward, _, back = made.partition("'90_11_um_huntgroup_new.csv'")
    assert "Match = @(\r\n            @{ Cell = 'Name';" in forward
    assert "@{ Cell = 'UMIPGateway'; Given = @('UMIPGateway'); " in forward
    assert "Match = @(\r\n            @{ Cell = '_Previous_Name'; Given = @(); " in back
    assert "FromFound = @()" in forward
    assert "FromFound = @(@{ Name = 'Identity'; Property = 'Guid' })" in back
    assert "'Get-UMIPGateway' { Get-UMIPGateway @Arguments; return }" in made


@pytest.mark.parametrize(
    ("shown", "is_it"),
    [
        ({"Name": "hq", "UMIPGateway": "g1"}, True),
        ({"Name": "HQ", "UMIPGateway": "g2"}, False),
        ({"Name": "Lab", "UMIPGateway": "g1"}, False),
        ({"Name": None, "UMIPGateway": "g1"}, False),
    ],
)
def test_which_object_that_is(shown: dict[str, str], is_it: bool) -> None:
    assert matches(NEW, {"Name": "HQ", "UMIPGateway": "g1"}, shown) is is_it
    assert matches(REMOVE, {"_Previous_Name": "HQ", "_Previous_UMIPGateway": "g1"}, shown) is is_it


def test_a_cmdlet_is_given_what_was_found() -> None:
    row = {**dict.fromkeys(REMOVE.header, ""), "_Previous_Name": "HQ", "_Previous_UMIPGateway": "g1"}
    shown = {"Name": "HQ", "UMIPGateway": "g1", "Guid": GUID}
    assert not refusal(REMOVE, row, shown)
    assert call(REMOVE, row, shown).parameters == {"Identity": GUID}
    assert refusal(REMOVE, row, None).startswith("Get-UMHuntGroup does not find it")


def test_a_list_for_people_is_not_in_the_table() -> None:
    assert (LIST.cmdlet, LIST.reads, LIST.found_before) == ("", "", False)
    assert runner.made([LIST]) == runner.made([])


# ---- the model of how it reads a row


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_read_as_the_table_says(row: Row) -> None:
    definition = bulk.load(definitions.parse(row.definition, "reports/bulk/12_sample.toml"))
    line = row.line(definition.header)
    assert set(row.cells) <= set(definition.header), "the row has a column that the definition has not"
    said = refusal(definition, line, row.shown)
    assert (row.refused in said) if row.refused else not said
    if row.fails:
        with pytest.raises(RowError, match=re.escape(row.fails)):
            call(definition, line)
    elif row.given is not None:
        assert call(definition, line).parameters == row.given
        assert call(definition, line).cmdlet == "Set-Sample"
    assert sum((bool(row.refused), bool(row.fails), row.given is not None)) == 1


REASONS = (
    "is for a person to decide",
    "is blank",
    "does not find it; perhaps an earlier file was not run",
    "finds it already",
    "it is not the object that the row was made for",
    "is not what it was when the row was made: now ",
    "; take back first what changed it, perhaps from another folder",
    ", and there was none before: no file can take this row back, a person has to",
    "cannot be emptied",
    "no log beside the files shows that the row was run",
    "the log shows another object in this row",
    "was run for it afterwards and has to be taken back first",
)


@pytest.mark.parametrize("reason", REASONS)
def test_the_runner_and_its_model_refuse_in_the_same_words(reason: str) -> None:
    assert reason.encode() in SCRIPT
    assert reason in Path(refusal.__code__.co_filename).read_text(encoding="utf-8")


# ---- taking back

VOICE = rollback.definition(bulk.shipped()["21_cs_user_voice"])
ORDER = ("20_cs_user_enable.csv", "21_cs_user_voice.csv", "30_um_mailbox_enable.csv")
BEFORE = {"EnterpriseVoiceEnabled": "False", "LineURI": ""}
RUN = Done("21_cs_user_voice.csv", GUID, BEFORE)


@pytest.mark.parametrize(
    ("done", "said"),
    [
        pytest.param({"k": RUN}, "", id="what was run is taken back"),
        pytest.param({}, "no log beside the files", id="what was not run is not"),
        pytest.param({"k": Done(RUN.file, GUID[::-1], BEFORE)}, "another object", id="the log is of another object"),
        pytest.param({"k": Done(RUN.file, GUID, {**BEFORE, "LineURI": "tel:+1"})}, "LineURI was tel:+1 before", id="other value"),
        pytest.param({"k": RUN, "l": Done(ORDER[2], GUID)}, "30_um_mailbox_enable.csv was run for it", id="a later one stands"),
        pytest.param({"k": RUN, "l": Done(ORDER[0], GUID)}, "", id="an earlier one may stand"),
        pytest.param({"k": RUN, "l": Done(ORDER[2], "another")}, "", id="a later one of another object may"),
    ],
)
def test_a_row_is_taken_back_only_as_the_log_has_it(done: dict[str, Done], said: str) -> None:
    row = {**dict.fromkeys(VOICE.header, ""), "_ObjectGuid": GUID, "EnterpriseVoiceEnabled": "False", "LineURI": "$null"}
    told = rollback_refusal(VOICE, row, "k", done, ORDER)
    assert said in told
    assert bool(said) is bool(told)


MOVED_BACK = rollback.definition(bulk.shipped()["40_cs_user_move"])
MOVED = {
    "Guid": GUID,
    "HostingProvider": "sipfed.online.lync.com",
    "SipAddress": "sip:ada@contoso.com",
    "LineURI": "tel:+14255550101",
}
AS_MOVED = {f"_Previous_{column.name}": MOVED[column.property] for column in MOVED_BACK.changed}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param({}, "", id="as the move left it"),
        pytest.param(
            {"LineURI": None},
            "LineURI is not what 40_cs_user_move.csv left: now ; take back first what changed it, perhaps from another folder",
            id="the line was cleared by a plan of its own, so that the number is assigned in Teams",
        ),
        pytest.param({"LineURI": "tel:+14255550102"}, "LineURI is not what", id="another line"),
        pytest.param({"HostingProvider": "SRV:"}, "HostingProvider is not what", id="moved back by hand"),
    ],
)
def test_nobody_is_moved_back_whose_number_is_in_teams_by_now(now: dict[str, str | None], said: str) -> None:
    row = {**dict.fromkeys(MOVED_BACK.header, ""), "Identity": "ada", "Target": "pool01", "_ObjectGuid": GUID, **AS_MOVED}
    told = refusal(MOVED_BACK, row, {**MOVED, **now})
    assert (said in told) if said else not told


def test_what_cannot_be_taken_back_says_so_and_is_no_question_of_the_plan() -> None:
    definition = rollback.definition(bulk.shipped()["29_um_mailbox_disable"])
    row = {**dict.fromkeys(definition.header, ""), "Identity": GUID, "_ObjectGuid": GUID, "UMMailboxPolicy": "#REVIEW"}
    assert refusal(definition, row, None) == (
        "Enable-UMMailbox needs UMMailboxPolicy, and there was none before: no file can take this row back, a person has to"
    )
