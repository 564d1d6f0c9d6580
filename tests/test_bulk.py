from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pandas import DataFrame

from adinspect import assess, bulk, definitions, delivery, plan, rules, step
from adinspect.bulk_csv import Column, Kind, Rollback
from adinspect.errors import ConfigurationError
from adinspect.finding import Target
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.view import View
from adinspect.visibility import nothing_hidden

GUID = "b1946ac9-2b4d-4c6f-8a1e-0123456789ab"
CORPORA = Path(__file__).parent / "data" / "corpora"

TOML = """
title = "A sample"
description = "Rows of every kind."
cmdlet = "Set-Sample"
reads = "Get-Sample"
key = "Identity"
delay = 500
what_if = true
confirm = false
domain_controller = true
source = "Set-Sample"
found_before = false

[order]
um-lync = 3
teams-phone = 1

[columns]
Identity = { type = "text", pattern = '(?s:.+)', says = "The name." }
Enabled = { type = "bool", property = "Enabled", says = "On." }
Plans = { type = "list", pattern = '[^;]+', property = "Plans", says = "All plans.", optional = true }
PlansAdd = { type = "add", pattern = '.+', says = "More plans.", optional = true }
PlansRemove = { type = "remove", pattern = '.+', says = "Fewer plans.", optional = true }
Note = { type = "text", pattern = '', says = "Nothing.", optional = true }

[rollback]
cmdlet = "Set-Sample"

[rollback.columns]
Identity = { from = "Identity" }
Enabled = { from = "_Previous_Enabled" }
Force = { value = "True" }
"""
SAMPLE = bulk.load(definitions.parse(TOML, "reports/bulk/12_sample.toml"))


def row(**cells: Any) -> dict[str, Any]:
    """A row that is kept, but for these cells."""
    notes = {"_Object": "Ada", "_ObjectGuid": GUID, "_Rules": "HG-001", "_Why": "It said so.", "_Wave": "F"}
    return {**dict.fromkeys(SAMPLE.header), **notes, "Identity": "Ada", "Enabled": True, step.REASON: "", **cells}


def rows(*told: dict[str, Any]) -> DataFrame:
    return DataFrame(list(told), columns=[*SAMPLE.header, step.REASON], dtype="object")


def imported(octets: bytes) -> list[dict[str, str]]:
    """What Import-Csv reads: comma, doubled quotation marks, a byte order mark that is none of the data."""
    return list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig"), newline=""), strict=True))


# ---- definitions


def test_a_definition_carries_what_a_runner_needs_to_know() -> None:
    assert (SAMPLE.name, SAMPLE.cmdlet, SAMPLE.reads) == ("12_sample", "Set-Sample", "Get-Sample")
    assert (SAMPLE.key, SAMPLE.delay) == ("Identity", 500)
    assert (SAMPLE.what_if, SAMPLE.confirm, SAMPLE.domain_controller, SAMPLE.found_before) == (True, False, True, False)
    assert SAMPLE.order == {Target.UM_LYNC: 3, Target.TEAMS_PHONE: 1}
    assert SAMPLE.columns[1] == Column("Enabled", Kind.BOOL, "True|False", "On.", "Enabled")
    assert SAMPLE.columns[2] == Column("Plans", Kind.LIST, "[^;]+", "All plans.", "Plans", optional=True)
    assert SAMPLE.rollback == Rollback(
        "Set-Sample", {"Identity": {"from": "Identity"}, "Enabled": {"from": "_Previous_Enabled"}, "Force": {"value": "True"}}
    )


def test_the_header_is_parameters_then_notes_then_previous_values() -> None:
    parameters = ("Identity", "Enabled", "Plans", "PlansAdd", "PlansRemove", "Note")
    notes = ("_Object", "_ObjectGuid", "_Rules", "_Why", "_Wave")
    assert SAMPLE.header == (*parameters, *notes, "_Previous_Enabled", "_Previous_Plans")


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('title = "A sample"\n', "", 1, "the key 'title' is missing"),
        ('title = "A sample"', "title = 3", 2, "title is a text and not empty, not 3"),
        ('title = "A sample"', 'title = ""', 2, "title is a text and not empty"),
        ('title = "A sample"', 'title = "A sample"\nowner = "me"', 3, "unknown key 'owner'"),
        ('"Set-Sample"\nreads', '"Set-Sample; Remove-Item"\nreads', 4, "is no name of a cmdlet"),
        ('reads = "Get-Sample"', 'reads = "Set-Sample"', 5, "only a Get cmdlet reads"),
        ('key = "Identity"', 'key = "Server"', 6, "the key 'Server' is not among the columns"),
        ("delay = 500", "delay = -1", 7, "0 or more"),
        ("delay = 500", "delay = true", 7, "delay is a whole number"),
        ("what_if = true", "what_if = 1", 8, "what_if is true or false"),
        ("teams-phone = 1", "teams = 1", 16, "'teams' is no target: say one of um-lync"),
        ("um-lync = 3", "um-lync = 0", 15, "1 or more, not 0"),
        ("um-lync = 3\nteams-phone = 1", "", 14, "order is a table and not empty"),
        ("Identity = { type", "'Identity; x' = { type", 19, "is not named as a parameter is"),
        ("Note = {", "_Note = {", 24, "is not named as a parameter is"),
        (
            'Note = { type = "text", pattern = \'\', says = "Nothing.", optional = true }',
            "Note = 3",
            24,
            "columns.Note is a table",
        ),
        ('type = "remove"', 'type = "subtract"', 23, "'subtract' is no type: say one of text, bool"),
        ("pattern = '[^;]+', ", "", 21, "every column but a bool one has a pattern"),
        ('type = "bool",', "type = \"bool\", pattern = 'x',", 20, "every column but a bool one has a pattern"),
        ("'[^;]+'", "'[^;'", 21, "is no regular expression"),
        (', says = "On."', "", 20, "the key 'says' is missing"),
        ('[rollback]\ncmdlet = "Set-Sample"', '[rollback]\ncmdlet = "Sample"', 27, "is no name of a cmdlet"),
        ('{ from = "_Previous_Enabled" }', '{ from = "_Previous_Note" }', 31, "the CSV has no column '_Previous_Note'"),
        ('{ value = "True" }', "{ value = true }", 32, "rollback column Force is { from"),
        ('{ value = "True" }', '{ value = "True", from = "Identity" }', 32, "rollback column Force is { from"),
        ("Force = {", "'-Force' = {", 32, "is not named as a parameter is"),
        ('PlansAdd = { type = "add"', 'Add = { type = "add"', 22, "column Add: say the parameter it goes into"),
        ("pattern = '', ", "pattern = '', into = \"Notes\", ", 24, "only what is added or removed goes into"),
        ("type = \"text\", pattern = ''", 'type = "text", prefix = "x", pattern = \'\'', 24, "a prefix is a word and a colon"),
        ('reads = "Get-Sample"\n', "", 1, "has a cmdlet that changes and a Get cmdlet that reads, or is a list"),
        ('[rollback]\ncmdlet = "Set-Sample"\n', "[rollback]\n", 26, "are both run by a cmdlet, or neither is"),
        ('key = "Identity"', 'key = "Identity"\nmatch = ["Note"]', 7, "match names Note, which is no column with a property"),
        ('property = "Plans"', 'refers = "x; y", property = "Plans"', 21, "is no name of a cmdlet"),
    ],
)
def test_a_mistake_in_a_definition_is_told_with_its_line(old: str, new: str, line: int, what: str) -> None:
    assert TOML.count(old) == 1
    with pytest.raises(ConfigurationError, match=re.escape(what)) as raised:
        bulk.load(definitions.parse(TOML.replace(old, new), "12_sample.toml"))
    assert raised.value.where == f"12_sample.toml, line {line}"


@pytest.mark.parametrize("name", ["sample.toml", "12-sample.toml", "12_Sample.toml"])
def test_a_definition_is_called_by_its_number_and_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match="a number and a name"):
        bulk.load(definitions.parse(TOML, name))


HEADERS = {
    "09_um_huntgroup_remove": "Identity",
    "10_um_ipgateway_set": "Identity,OutcallsAllowed,Port,Address",
    "11_um_huntgroup_new": "Name,UMDialPlan,UMIPGateway,PilotIdentifier",
    "12_um_service_set": "Identity,DialPlansAdd,DialPlansRemove,UMStartupMode",
    "13_um_callrouter_set": "Server,DialPlansAdd,DialPlansRemove,UMStartupMode",
    "14_um_dialplan_set": "Identity,VoIPSecurity,AccessTelephoneNumbersAdd,AccessTelephoneNumbersRemove,FaxEnabled",
    "20_cs_user_enable": "Identity,RegistrarPool,SipAddress",
    "21_cs_user_voice": "Identity,EnterpriseVoiceEnabled,LineURI",
    "22_cs_dialplan_grant": "Identity,PolicyName",
    "23_cs_voicepolicy_grant": "Identity,PolicyName",
    "24_cs_hostedvm_grant": "Identity,PolicyName",
    "25_cs_hostedvm_set": "Identity,HostedVoiceMail",
    "26_cs_line_clear": "Identity,LineURI",
    "29_um_mailbox_disable": "Identity,KeepProperties",
    "30_um_mailbox_enable": "Identity,UMMailboxPolicy,Extensions,SIPResourceIdentifier,PINExpired,NotifyEmail",
    "31_um_mailbox_set": "Identity,UMMailboxPolicy,FaxEnabled,MissedCallNotificationEnabled",
    "32_mailbox_eum": "Identity,Add,Remove",
    "40_cs_user_move": "Identity,Target",
    "41_teams_number": "Identity,PhoneNumber,PhoneNumberType,LocationId",
    "42_teams_ovrp": "Identity,PolicyName",
    "43_teams_tenantdialplan": "Identity,PolicyName",
    "44_teams_callingpolicy": "Identity,PolicyName",
    "45_teams_upgradepolicy": "Identity,PolicyName",
    "46_teams_voicemail": "Identity,VoicemailEnabled,PromptLanguage,CallAnswerRule",
    "47_teams_ev": "Identity,EnterpriseVoiceEnabled",
    "48_sbc_numbers": "E164,Extension,Destination",
}


def test_the_shipped_definitions_have_the_parameters_of_their_cmdlets_in_order() -> None:
    assert {name: ",".join(column.name for column in one.parameters) for name, one in bulk.shipped().items()} == HEADERS


@pytest.mark.parametrize("target", Target)
def test_no_two_shipped_files_have_one_place_in_the_order_of_a_target(target: Target) -> None:
    places = [one.order[target] for one in bulk.shipped().values() if target in one.order]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("name", HEADERS)
def test_the_runner_can_take_back_every_shipped_file(name: str) -> None:
    definition = bulk.shipped()[name]
    if not definition.cmdlet:
        assert definition.rollback.columns, "nor can people take back a list that does not say what was there"
        return
    verb = definition.rollback.cmdlet.partition("-")[0]
    assert verb in ("Set", "Disable", "Enable", "Grant", "Move", "Remove", "New")
    assert verb == "New" or {"Identity", definition.key} & set(definition.rollback.columns)


# ---- rows


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({}, ""),
        ({"Enabled": False}, ""),
        ({"Plans": ("HQ", "Lab")}, ""),
        ({"PlansAdd": ("HQ",), "PlansRemove": ("Lab",)}, ""),
        ({"Identity": "L\u2019H\u00f4pital \u201cx\u201d '\"; $(x) `n"}, ""),
        ({"Plans": ()}, ""),
        ({"Note": ""}, ""),
        ({step.REASON: "is homed online"}, "is homed online"),
        ({"Identity": step.REVIEW}, "Identity is for a person to decide"),
        ({"Enabled": step.REVIEW}, "Enabled is for a person to decide"),
        ({"Plans": ("HQ", step.REVIEW)}, "Plans is for a person to decide"),
        ({"Identity": None}, "Identity is blank"),
        ({"Identity": ""}, "Identity is blank"),
        ({"Enabled": None}, "Enabled is blank"),
        ({"Enabled": "True"}, "Enabled is no bool: True"),
        ({"Identity": True}, "Identity is no text: True"),
        ({"Identity": ("a", "b")}, "Identity is no text: a|b"),
        ({"Plans": "HQ"}, "Plans is no list: HQ"),
        ({"Plans": ("HQ", "")}, "Plans is not what the column allows: HQ, "),
        ({"Plans": ("a;b",)}, "Plans is not what the column allows: a;b"),
        ({"Plans": ("a|b",)}, "Plans is not what the column allows: a|b"),
        ({"PlansAdd": ("a|b",)}, "PlansAdd is not what the column allows: a|b"),
        ({"_Previous_Plans": ("a|b",)}, "the present value of Plans holds a |"),
        ({"_Previous_Plans": ("a", "$NULL")}, "the present value of Plans is $null, which the runner takes for its own word"),
        ({"Enabled": True, "_Previous_Enabled": step.UNKNOWN}, "the present Enabled is not known"),
        ({"Plans": None, "_Previous_Plans": step.UNKNOWN}, ""),
        ({"Plans": None, "PlansAdd": ("HQ",), "_Previous_Plans": step.UNKNOWN}, "the present Plans is not known"),
        ({"Note": "x"}, "Note is not what the column allows: x"),
        ({"Identity": "$null"}, "Identity is not what the column allows: $null"),
        ({"Identity": "$NULL"}, "Identity is not what the column allows: $NULL"),
        ({"Identity": "a\nb"}, "Identity is not what the column allows: a\ufffdb"),
        ({"Identity": "a\r\nb"}, "Identity is not what the column allows: a\ufffd\ufffdb"),
        ({"Identity": "a\x00"}, "Identity is not what the column allows: a\ufffd"),
        ({"Identity": "a\u202eb"}, "Identity is not what the column allows: a\ufffdb"),
        ({"_Previous_Plans": ("a", "b\n")}, "the present value of Plans holds a control character"),
        ({"_ObjectGuid": ""}, "its objectGUID is not known"),
        ({"_ObjectGuid": "b1946ac9-2b4d-5c6f-8a1e-0123456789ab"}, "its objectGUID is not known"),
        ({"_ObjectGuid": None, "Identity": None}, "its objectGUID is not known: the export does not hold it; Identity is blank"),
    ],
)
def test_a_row_is_kept_only_when_every_cell_is_what_its_column_allows(cells: dict[str, Any], reason: str) -> None:
    kept, rejected = bulk.split(SAMPLE, rows(row(**cells)))
    assert (len(kept), len(rejected)) == ((0, 1) if reason else (1, 0))
    assert list(kept.columns) == list(SAMPLE.header)
    assert list(rejected.columns) == [*SAMPLE.header, step.REASON]
    assert not reason or rejected[step.REASON][0].startswith(reason)


def test_cells_are_written_as_the_runner_reads_them() -> None:
    told = row(Enabled=False, Plans=("HQ", "Lab"), _Previous_Enabled=True, _Previous_Plans=("HQ",), Note=float("nan"))
    kept = bulk.split(SAMPLE, rows(told))[0].loc[0]
    written = kept[["Identity", "Enabled", "Plans", "PlansAdd", "Note", "_Previous_Enabled", "_Previous_Plans"]]
    assert list(written) == ["Ada", "False", "HQ|Lab", "", "", "True", "HQ"]


def test_notes_show_control_characters_and_keep_the_row() -> None:
    kept, _ = bulk.split(SAMPLE, rows(row(_Object="Ada\r\nBo\x00\u2028\u202e", _Why="a\tb")))
    assert (kept["_Object"][0], kept["_Why"][0]) == ("Ada\ufffd\ufffdBo\ufffd\ufffd\ufffd", "a\ufffdb")


# ---- files


def test_what_people_read_is_no_formula_and_keeps_the_row() -> None:
    kept, _ = bulk.split(SAMPLE, rows(row(_Object="=HYPERLINK(1)", _Why="+cmd")))
    assert kept.loc[0, ["_Object", "_Why"]].to_list() == ["'=HYPERLINK(1)", "'+cmd"]


def test_a_file_is_written_to_the_byte() -> None:
    told = row(Identity='CN=Zo\u00eb "Z" L\u2019Est, \u674e;x', Plans=("HQ", "Lab"), _Previous_Enabled=False)
    asked = row(Identity="#REVIEW", _Object="Bo", **{step.REASON: 'which of "both", HQ or Lab?'})
    kept_rows, rejected_rows = bulk.split(SAMPLE, rows(told, asked))
    header = (
        '"Identity","Enabled","Plans","PlansAdd","PlansRemove","Note",'
        '"_Object","_ObjectGuid","_Rules","_Why","_Wave","_Previous_Enabled","_Previous_Plans"'
    )
    kept = (
        f'"CN=Zo\u00eb ""Z"" L\u2019Est, \u674e;x","True","HQ|Lab","","","","Ada","{GUID}","HG-001","It said so.","F","False",""'
    )
    rejected = f'"#REVIEW","True","","","","","Bo","{GUID}","HG-001","It said so.","F","","","which of ""both"", HQ or Lab?"'
    assert bulk.octets(kept_rows) == f"\ufeff{header}\r\n{kept}\r\n".encode()
    assert bulk.octets(rejected_rows) == f'\ufeff{header},"_Reason"\r\n{rejected}\r\n'.encode()


def test_a_file_without_rows_has_its_header() -> None:
    octets = bulk.octets(bulk.split(SAMPLE, rows())[0])
    assert imported(octets) == []
    assert octets.startswith(b'\xef\xbb\xbf"Identity",')


def naughty() -> Iterator[str]:
    """Texts that have broken readers, from public collections, and what PowerShell and Excel would make something of."""
    yield from ("=1+1", "@x", "-x", "+1", "#TYPE x", "'; Remove-Item *; '", "$(x)", "`n", "$null")
    yield from ("a\u201cb\u201d", "\u2018x\u2019", '"', '""', ",", ";")
    for path in sorted(path for path in CORPORA.rglob("*") if path.suffix in (".txt", ".json")):
        yield from (line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line)


def test_every_naughty_text_is_read_back_as_it_was_or_kept_out() -> None:
    texts = list(naughty())
    assert len(texts) > 100, "the collections are not there"
    told = rows(*(row(Identity=text, Plans=("HQ", text.replace(";", ":")), _Previous_Plans=(text,)) for text in texts))
    parts = bulk.split(SAMPLE, told)
    kept, rejected = map(bulk.octets, parts)
    assert len(parts[0]) > 100
    assert len(parts[0]) + len(parts[1]) == len(texts)
    words = {"$null", "#review"}
    safe = [text for text in texts if not bulk.CONTROL.search(text) and "|" not in text and text.casefold() not in words]
    assert [line["Identity"] for line in imported(kept)] == safe
    assert [line["_Previous_Plans"] for line in imported(kept)] == safe
    for octets in (kept, rejected):
        assert not bulk.CONTROL.search(octets.decode("utf-8-sig").replace("\r\n", "")), "a control character was written"


# ---- a whole target

FOREST = {
    "organization": ["identity\nContoso"],
    "servers": ["identity | legacy_dn | version_major | version_minor\nEX16 | /cn=EX16 | 15 | 1\nEX19 | /cn=EX19 | 15 | 2"],
    "dial_plans": [
        "identity | uri_type | phone_context | extension_digits\nHQ | 3 | HQ.contoso.example | 4\nLab | 1 | Lab.example | 4"
    ],
    "mailbox_policies": [f"identity | dial_plan | guid\nHQ Policy | HQ | {GUID}\nLab Policy | Lab | -"],
    "sip_domains": ["domain\ncontoso.com"],
    "pools": ["identity | fqdn\nPool | pool01.contoso.example", "identity | fqdn\nOne | a.example\nTwo | b.example"],
    "contacts": ["identity | sip_address | line_uri\nDesk | sip:u3@contoso.com | tel:+14255550103"],
    "dial_plan_equivalents": ["identity | phone_context\nHQ | Old.example"],
}
"""Forests that differ in what one of them offers."""


ASKED = {
    "20_cs_user_enable": ("20_cs_user_enable",),
    "21_cs_user_voice": ("20_cs_user_enable", "21_cs_user_voice"),
    "30_um_mailbox_enable": ("30_um_mailbox_enable",),
}
"""Files that have a row for each user whom a finding sends there, or to a file that they follow."""


def test_kept_and_rejected_are_whom_findings_named_whatever_the_users_are_like(tmp_path: Path) -> None:
    seen = {name: [0, 0] for name in ASKED}
    for seed in range(6):
        random_forest = random.Random(seed)  # noqa: S311 - chooses sample data
        view = judged(random_forest)
        for file, kept, rejected in delivery.write(plan.make(view, Target.UM_LYNC), tmp_path / str(seed)):
            if file.stem not in ASKED:
                continue
            findings = view.tables["findings"]
            asked = set(findings.loc[[bool({*ASKED[file.stem]} & {*names}) for names in findings["csv"]], "guid"])
            in_file, kept_out = imported(file.read_bytes()), imported(file.with_suffix(".rejected.csv").read_bytes())
            assert (len(in_file), len(kept_out)) == (kept, rejected)
            assert sorted(line["_ObjectGuid"] for line in (*in_file, *kept_out)) == sorted(asked)
            assert all(line[step.REASON] for line in kept_out)
            assert not any("#REVIEW" in line.values() for line in in_file)
            users = view.tables["users"].set_index("guid").loc[[line["_ObjectGuid"] for line in in_file]]
            assert users["deployment_locator"].fillna("SRV:").str.upper().eq("SRV:").all()
            seen[file.stem] = [seen[file.stem][0] + kept, seen[file.stem][1] + rejected]
    assert all(kept and rejected for kept, rejected in seen.values()), f"not every outcome was tried: {seen}"


def judged(random_forest: random.Random) -> View:
    """A forest of users who are all something else, judged by the rules that name a bulk CSV."""
    users = [person(number, random_forest) for number in range(80)]
    columns = list(users[0])
    people = DataFrame(users, columns=columns, dtype="str").replace({"-": None})
    texts = {name: random_forest.choice(choices) for name, choices in FOREST.items()}
    whole = tables(
        users=people, proxy_addresses=addresses_of(users, random_forest), **{name: table(text) for name, text in texts.items()}
    )
    named = [rule for rule in rules.shipped().values() if set(ASKED) & set(rule.csv) or rule.code == "CNS-003"]
    judging: dict[str, Any] = {"target": Target.UM_LYNC, "today": TODAY, "profile": EVERYONE}
    assessed = assess.assess(whole, nothing_hidden(), catalogue=named, **judging)
    view = assess.view_of(whole, nothing_hidden(), **judging)
    return assess.with_found(view, assessed)


def person(number: int, random_forest: random.Random) -> dict[str, str]:
    """A user with one of several values in each column, some shared with others."""
    other = random_forest.randrange(80)
    choices = {
        "upn": [f"u{number}@contoso.com", f"u{number}@contoso.com", f"u{other}@contoso.com", f"u{number}@fabrikam.com", "-"],
        "mail": [f"m{number}@contoso.com", "-"],
        "sip_address": ["-", f"sip:u{number}@contoso.com", f"sip:u{other}@contoso.com"],
        "sip_enabled": ["yes", "yes", "no", "-"],
        "enterprise_voice": ["yes", "no"],
        "remote_call_control": ["no", "no", "no", "yes"],
        "line_uri": ["-", f"tel:+1425555{number:04}", f"tel:+1425555{number:04}", f"tel:+1425555{other:04}", f"tel:{number:04}"],
        "telephone_number": [f"+1 425 555 {number:04}", "-"],
        "deployment_locator": ["SRV:"] * 30 + ["sipfed.online.lync.com"] * random_forest.randrange(2),
        "recipient_type": ["1", "1", "1", "2"],
        "account_disabled": ["no", "no", "no", "yes"],
        "mailbox_database": ["CN=DB", "-"],
        "home_server": ["/cn=EX16", "/cn=EX16", "/cn=EX19", "/cn=Gone"],
        "um_enabled": ["no", "no", "yes"],
        "um_mailbox_policy": ["HQ Policy", "Lab Policy", "-"],
        "pool_service": ["-", "CN=Lc"],
    }
    told = {name: random_forest.choice(values) for name, values in choices.items()}
    dn = f"CN=u{number},OU=Staff,DC=contoso,DC=example"
    return {
        "identity": f"u{number}",
        "dn": dn,
        "guid": f"{number:08x}-0000-4000-8000-000000000000",
        "object_class": "user",
        **told,
    }


def addresses_of(users: list[dict[str, str]], random_forest: random.Random) -> DataFrame:
    held = [(user["identity"], f"eum:{random_forest.randrange(80):04};phone-context=HQ.contoso.example") for user in users]
    return DataFrame(random_forest.sample(held, 6), columns=["identity", "address"], dtype="str")


def test_files_are_written_in_the_order_they_are_run(tmp_path: Path) -> None:
    written = delivery.write(plan.make(judged(random.Random(0)), Target.UM_LYNC), tmp_path / "new")  # noqa: S311 - chooses sample data
    assert [file.stem for file, _, _ in written if file.stem in ASKED] == list(ASKED)
    assert len(list((tmp_path / "new").glob("[0-9]*.csv"))) == 3 * len(written)


def test_a_target_without_bulk_csvs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "shipped", dict)
    with pytest.raises(ConfigurationError, match="no bulk CSVs for target teams-phone yet"):
        plan.make(judged(random.Random(0)), Target.TEAMS_PHONE)  # noqa: S311 - chooses sample data
    assert not list(tmp_path.iterdir())
