"""Side inputs: what is read of a CSV export however it was written, and what is refused, by file, row and column."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pytest
from pandas import DataFrame

from adinspect import definitions, frames, side, testing
from adinspect.errors import ConfigurationError, InputError
from adinspect.finding import Severity
from adinspect.rule import Skipped, rule

PLAIN = 'Identity,EncryptionLevel\r\nGlobal,RequireEncryption\r\n"Site:Zürich, Altstadt",\r\n'
READ = [("Global", "RequireEncryption"), ("Site:Zürich, Altstadt", None)]


def rows(folder: Path, octets: bytes | str, file: str = "cs-media.csv") -> list[tuple[Any, ...]]:
    """The rows of one export without guid, dn and identity, missing values as None."""
    (folder / file).write_bytes(octets.encode() if isinstance(octets, str) else octets)
    (export,) = side.read(folder).exports
    return [tuple(row.values())[3:] for row in export.table.to_pylist()]


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(PLAIN.encode(), id="plain"),
        pytest.param(b"\xef\xbb\xbf" + PLAIN.encode(), id="UTF-8 with a byte order mark"),
        pytest.param(PLAIN.encode("utf-16"), id="UTF-16 with a byte order mark"),
        pytest.param(b"\xfe\xff" + PLAIN.encode("utf-16-be"), id="big-endian UTF-16 with a byte order mark"),
        pytest.param(PLAIN.encode("utf-16-le"), id="UTF-16 without a byte order mark"),
        pytest.param(PLAIN.encode("utf-16-be"), id="big-endian UTF-16 without a byte order mark"),
        pytest.param(PLAIN.replace("\r\n", "\n").encode(), id="line feeds alone"),
        pytest.param(PLAIN.replace("\r\n", "\r").encode(), id="carriage returns alone"),
        pytest.param(PLAIN.rstrip().encode(), id="no end of the last line"),
        pytest.param(f"#TYPE Selected.Foo\r\n{PLAIN}".encode(), id="a line with the type"),
        pytest.param(f'"#TYPE Selected.Foo"\n\n{PLAIN}'.encode(), id="a line with the type, quoted, and an empty one"),
        pytest.param(f"{PLAIN},\r\n\r\n".encode(), id="empty rows at the end"),
        pytest.param('"Identity";"EncryptionLevel"\nGlobal;RequireEncryption\nSite:Zürich, Altstadt;'.encode(), id="semicolons"),
        pytest.param("Identity\tEncryptionLevel\nGlobal\tRequireEncryption\nSite:Zürich, Altstadt\t".encode(), id="tabs"),
        pytest.param(PLAIN.replace("Identity", " IDENTITY ").encode(), id="a header in other letters"),
        pytest.param(
            "EncryptionLevel,Identity\nRequireEncryption,Global\n,'Zürich".replace("'Zürich", '"Site:Zürich, Altstadt"').encode(),
            id="columns in another order",
        ),
    ],
)
def test_an_export_is_read_however_it_was_written(tmp_path: Path, octets: bytes) -> None:
    assert rows(tmp_path, octets) == READ


def test_a_quoted_cell_may_hold_line_breaks_quotes_and_separators(tmp_path: Path) -> None:
    text = 'Identity,EncryptionLevel\n"a ""b"";\r\nc,\td",x\n'
    assert rows(tmp_path, text) == [('a "b";\r\nc,\td', "x")]


def test_a_file_with_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    assert rows(tmp_path, "Identity,EncryptionLevel\n") == []


CERTIFICATE = "Thumbprint,Subject,Issuer,NotAfter,Use"
CARRIER = "Start,End,Carrier,Type,PortDate"


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("cs-dialplans.csv", "Identity,SimpleName,DialinConferencingRegion,Rules\nGlobal,,, 3 ", ("Global", None, None, 3)),
        ("tenant-domains.csv", "Id,IsVerified\ncontoso.com,TRUE", ("contoso.com", True)),
        ("tenant-domains.csv", "Id,IsVerified\ncontoso.com,false", ("contoso.com", False)),
        ("tenant-domains.csv", "Id,IsVerified\ncontoso.com,", ("contoso.com", None)),
        ("carrier-numbers.csv", "Start,End\n+14255550100,+14255550199", ("+14255550100", "+14255550199", None, None, None)),
        (
            "carrier-numbers.csv",
            f"{CARRIER}\n+14255550100,+14255550199,Fabrikam,,2026-12-01",
            ("+14255550100", "+14255550199", "Fabrikam", None, datetime(2026, 12, 1, tzinfo=UTC)),
        ),
        (
            "cs-certs.csv",
            f"{CERTIFICATE}\nAB,CN=x,CN=y,2027-01-01T02:00:00+02:00,Default",
            ("AB", "CN=x", "CN=y", datetime(2027, 1, 1, tzinfo=UTC), "Default"),
        ),
    ],
)
def test_cells_are_what_their_column_says(tmp_path: Path, file: str, text: str, expected: tuple[Any, ...]) -> None:
    assert rows(tmp_path, text, file) == [expected]


@pytest.mark.parametrize(
    ("file", "octets", "said", "where"),
    [
        ("cs-media.csv", b"", "without even a header", "cs-media.csv"),
        ("cs-media.csv", b"\xef\xbb\xbf", "without even a header", "cs-media.csv"),
        ("cs-media.csv", b"#TYPE Foo\r\n", "without even a header", "cs-media.csv"),
        ("cs-media.csv", b"Global,RequireEncryption\n", "the first row is no header", "cs-media.csv"),
        ("cs-media.csv", b"Identity\nGlobal\n", "the columns EncryptionLevel are missing", "cs-media.csv, row 1"),
        ("cs-media.csv", b"Identity,EncryptionLevel,identity\n", "two columns are called 'identity'", "cs-media.csv, row 1"),
        ("cs-media.csv", b"Identity,EncryptionLevel\nGlobal,a\nx\n", "1 cells, and the header 2", "cs-media.csv, row 3"),
        ("cs-media.csv", b"Identity,EncryptionLevel\nGlobal,a,b\n", "3 cells, and the header 2", "cs-media.csv, row 2"),
        ("cs-media.csv", b'Identity,EncryptionLevel\n"Global,a\nx,b\n', "quotes that do not pair", "cs-media.csv, row 2"),
        ("cs-media.csv", b'Identity,EncryptionLevel\n"a\nb",a\n"x"y,b\n', "do not pair", "cs-media.csv, row 3 (line 4)"),
        ("cs-media.csv", b'Identity,EncryptionLevel\nGlo"bal,a\n', "cell 1 holds a quote", "cs-media.csv, row 2"),
        ("cs-media.csv", b"Identity,EncryptionLevel\nGlobal,a\0\n", "NUL character", "cs-media.csv, line 2"),
        ("cs-media.csv", b"Identity,EncryptionLevel\nZ\xfcrich,a\n", "not UTF-8 text (byte 26)", "cs-media.csv, line 2"),
        ("cs-media.csv", b"\xff\xfeI\0d", "not UTF-16 text", "cs-media.csv, line 1"),
        ("cs-media.csv", b"\xff\xfe\0\xd8", "not UTF-16 text", "cs-media.csv, line 1"),
        ("cs-media.csv", b"Identity,EncryptionLevel\n,a\n", "the cell is empty", "cs-media.csv, row 2, column Identity"),
        (
            "cs-media.csv",
            b"Identity,EncryptionLevel\nGlobal,a\nGLOBAL,b\n",
            "row 2 is about 'GLOBAL' already",
            "row 3, column Identity",
        ),
        ("tenant-domains.csv", b"Id,IsVerified\na,True\nb,yes\n", "'yes' is not True or False", "row 3, column IsVerified"),
        ("tenant-domains.csv", b"Id,IsVerified\na,1\n", "'1' is not True or False", "row 2, column IsVerified"),
        ("um-service.csv", b"Name,UMStartupMode,DialPlans\n", "UMCertificateThumbprint are missing", "um-service.csv, row 1"),
        ("carrier-numbers.csv", b"Start,End\n1.42556E+10,+14255550199\n", "a spreadsheet may have made", "row 2, column Start"),
        ("carrier-numbers.csv", b'Start;End\n"1,42556E+10";+14255550199\n', "a spreadsheet may have made", "row 2, column Start"),
        ("carrier-numbers.csv", f"{CARRIER}\n+1425,+1425,,,12/1/2026\n".encode(), "is not a time", "row 2, column PortDate"),
        (
            "cs-dialplans.csv",
            b"Identity,SimpleName,DialinConferencingRegion,Rules\nGlobal,,,1.5\n",
            "'1.5' is not a whole number",
            "cs-dialplans.csv, row 2, column Rules",
        ),
        (
            "cs-certs.csv",
            f"#TYPE X\n{CERTIFICATE}\nAB,,,,Default\nAB,,,,Other\nab,,,,default\n".encode(),
            "row 3 is about 'ab / default' already",
            "cs-certs.csv, row 5, column Thumbprint, Use",
        ),
    ],
)
def test_what_is_wrong_is_named_by_file_row_and_column(tmp_path: Path, file: str, octets: bytes, said: str, where: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        rows(tmp_path, octets, file)
    assert caught.value.where.endswith(where)
    assert caught.value.where.startswith(file)
    assert caught.value.exit_code == 9
    assert caught.value.next_step
    assert str(tmp_path) not in str(caught.value)


def test_a_cell_that_swallows_the_rest_of_a_large_file_is_named_where_it_begins(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="quotes that do not pair") as caught:
        rows(tmp_path, 'Identity,EncryptionLevel\nGlobal,a\n"Site:x,b\n' + "Site:y,c\n" * 20_000)
    assert caught.value.where == "cs-media.csv, row 3"


def test_columns_nobody_asked_for_are_kept_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "cs-media.csv").write_text("Identity,Secret,,EncryptionLevel\nGlobal,hunter2,,a\n", encoding="utf-8")
    read = side.read(tmp_path)
    assert read.remarks == ("Not read: cs-media.csv has columns nobody asked for: Secret, (without a name).",)
    assert "hunter2" not in str(read.exports[0].table.to_pylist())


def test_other_files_are_said_and_not_opened(tmp_path: Path) -> None:
    (tmp_path / "CS-Media.CSV").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "cs-medai.csv").write_bytes(b"\0")
    (tmp_path / "folder").mkdir()
    read = side.read(tmp_path)
    assert [one.input.name for one in read.exports] == ["cs_media"]
    assert read.remarks == ("Not read: cs-medai.csv is no side input.", "Not read: folder is no side input.")


def test_a_folder_without_a_side_input_is_refused(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("a", encoding="utf-8")
    with pytest.raises(InputError, match="no file in the folder is a side input"):
        side.read(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        side.read(tmp_path / "gone")
    with pytest.raises(InputError, match="cannot be read"):
        side.read(tmp_path / "users.csv")


def test_two_files_that_differ_in_case_alone_are_refused(tmp_path: Path) -> None:
    for name in ("cs-media.csv", "CS-media.csv"):
        (tmp_path / name).write_text(PLAIN, encoding="utf-8")
    with pytest.raises(InputError, match="differ only in the case"):
        side.read(tmp_path)


def test_a_side_input_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cs-media.csv").mkdir()
    with pytest.raises(InputError, match="cannot be read") as caught:
        side.read(tmp_path)
    assert caught.value.where == "cs-media.csv"


def test_the_provenance_names_the_file_and_no_folder(tmp_path: Path) -> None:
    (tmp_path / "cs-media.csv").write_text(PLAIN, encoding="utf-8", newline="")
    os.utime(tmp_path / "cs-media.csv", (1_795_508_100, 1_795_508_100))
    (export,) = side.read(tmp_path).exports
    assert export.provenance == {
        "file": "cs-media.csv",
        "table": "cs_media",
        "sha256": hashlib.sha256(PLAIN.encode()).hexdigest(),
        "rows": 2,
        "modified": "2026-11-24T08:15:00Z",
    }


def test_a_side_table_tells_what_a_row_is_about_and_is_no_object_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "cs-certs.csv").write_text(f"{CERTIFICATE}\nAB,,,,Default\n", encoding="utf-8")
    (export,) = side.read(tmp_path).exports
    frame = frames.frame(export.table)
    assert frame[["guid", "dn", "identity"]].to_dict("records") == [{"guid": "", "dn": "", "identity": "AB / Default"}]
    assert dict(frame.dtypes) == dict(frames.empty(side.shipped()["cs_certs"].table).dtypes)


NAMES = """
    cs-pools cs-media cs-dialplans cs-users cs-voicepolicies cs-voiceroutes cs-gateways cs-exumcontacts cs-rgs cs-callpark
    cs-unassigned cs-cap cs-analog cs-serverversion um-service um-callrouter um-dialplans um-mailbox ex-certs cs-hostedvm cs-certs
    tenant-domains carrier-numbers teams-users teams-numbers teams-voicemail m365-users
"""


def test_every_side_input_is_known() -> None:
    assert {one.file for one in side.shipped().values()} == {f"{name}.csv" for name in NAMES.split()}


@pytest.mark.parametrize("one", side.shipped().values(), ids=lambda one: one.name)
def test_the_line_that_exports_it_writes_every_column(one: side.SideInput) -> None:
    assert "\n" not in one.line
    for header in one.headers:
        assert re.search(rf"(?<![\w.]){header.header}(?!\w)", one.line), header.header
    if one.command:
        assert one.line.endswith(f"| Export-Csv {one.file} -NoTypeInformation -Encoding UTF8")
        assert one.line.startswith(one.command)
    assert one.line.count("{") == one.line.count("}")
    assert one.line.count("(") == one.line.count(")")


@pytest.mark.parametrize("one", side.shipped().values(), ids=lambda one: one.name)
def test_its_definition_is_made_of_sentences(one: side.SideInput) -> None:
    for sentence in (one.description, *(header.says for header in one.headers)):
        assert sentence.endswith(".")
    assert len({header.header.lower() for header in one.headers}) == len(one.headers)


def test_several_values_and_times_are_exported_the_same_on_every_machine() -> None:
    line = side.shipped()["ex_certs"].line
    assert "@{n='San';e={$_.CertificateDomains -join '|'}}" in line
    assert "@{n='NotAfter';e={$_.NotAfter.ToUniversalTime().ToString('s')+'Z'}}" in line


GOOD = """\
title = "Things"
description = "Some things."
command = 'Get-Thing'
key = "name"
[columns]
name = { header = "Name", says = "Its name." }
more = { header = "More", optional = true, says = "More." }
"""


@pytest.mark.parametrize(
    ("old", "new", "said", "line"),
    [
        ('title = "Things"\n', "", "the key 'title' is missing", 1),
        ("command =", "comand =", "unknown key 'comand'", 3),
        ('key = "name"', 'key = "nam"', "key column 'nam'", 4),
        ('key = "name"', 'key = ["name", "more"]', "key column 'more'", 4),
        ("name = {", "identity = {", "every table has it already", 6),
        ('"Name", says', '"Name", type = "text", says', "'text' is no type", 6),
        ('header = "Name", ', "", "the key 'header' is missing", 6),
        ("optional = true", 'optional = "yes"', "true or false", 7),
    ],
)
def test_a_mistake_in_a_definition_is_named_with_its_line(old: str, new: str, said: str, line: int) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError, match=re.escape(said)) as caught:
        side.load(definitions.parse(GOOD.replace(old, new, 1), "queries/side/things.toml"))
    assert caught.value.where == f"queries/side/things.toml, line {line}"


@rule("TST-001", Severity.LOW, source="a test")
def unencrypted(cs_media: Annotated[DataFrame, "encryption_level"]) -> DataFrame:
    """Scope {identity} demands {encryption_level}.

    Remediation: None.
    Cmdlet: None
    """
    return cs_media[cs_media["encryption_level"] != "RequireEncryption"]


def test_a_rule_that_reads_a_side_input_which_is_not_there_is_skipped_and_names_the_file() -> None:
    assert testing.outcome(unencrypted) == Skipped("no cs-media.csv was supplied (--side)")


def test_a_rule_may_judge_a_side_table() -> None:
    given = testing.table("scope | encryption_level\nGlobal | RequireEncryption\nSite:A | SupportEncryption\nSite:B | -")
    found = testing.findings(unencrypted, cs_media=given)
    assert found[["key", "table", "dn", "identity"]].to_dict("records") == [
        {"key": f"TST-001/Site:{name}", "table": "cs_media", "dn": "", "identity": f"Site:{name}"} for name in "AB"
    ]
    assert found["guid"].isna().all()


def test_the_tables_of_tests_are_like_those_that_are_read(tmp_path: Path) -> None:
    (tmp_path / "cs-certs.csv").write_text(f"{CERTIFICATE}\nAB,,,2027-01-01,Default\n", encoding="utf-8")
    (export,) = side.read(tmp_path).exports
    written = testing.table("thumbprint | not_after | purpose\nAB | 2027-01-01 | Default")
    assert testing.tables(cs_certs=written)["cs_certs"].to_dict("list") == frames.frame(export.table).to_dict("list")
    assert "cs_media" not in testing.tables()
