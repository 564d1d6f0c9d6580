"""A workbook that came back may have been made by somebody who means harm."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from adinspect import workbook
from adinspect.errors import InputError
from adinspect.workbook import Cell, child, guard, layout

Parts = dict[str, bytes]

SHEET = "xl/worksheets/sheet1.xml"
TITLE = layout.title("20_cs_user_enable")


def plain() -> Parts:
    """The entries of a small workbook."""
    book = openpyxl.Workbook()
    book.active.title = TITLE
    book.active.append(["+14255550100", "_x0041_", 12, None, "=1+1", True])
    octets = BytesIO()
    book.save(octets)
    with ZipFile(octets) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts, method: int = ZIP_DEFLATED) -> bytes:
    octets = BytesIO()
    with ZipFile(octets, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return octets.getvalue()


def saved(tmp_path: Path, octets: bytes) -> Path:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(octets)
    return path


def refusal(tmp_path: Path, octets: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        workbook.read(saved(tmp_path, octets))
    assert caught.value.exit_code == 9
    assert caught.value.safe == guard.SAFE
    assert caught.value.next_step
    assert str(tmp_path / "plan.xlsx") in caught.value.where
    return caught.value


def with_part(name: str, content: bytes) -> bytes:
    return packed({**plain(), name: content})


def replaced(name: str, old: bytes, new: bytes) -> bytes:
    parts = plain()
    assert old in parts[name]
    return packed({**parts, name: parts[name].replace(old, new, 1)})


def renamed(old: bytes, new: bytes) -> bytes:
    """An archive in which an entry has a name that no writer would give it."""
    octets = with_part(old.decode(), b"<x/>")
    assert octets.count(old) == 2
    return octets.replace(old, new)


def twice() -> bytes:
    octets = BytesIO(packed(plain()))
    with pytest.warns(UserWarning, match="Duplicate name"), ZipFile(octets, "a") as archive:
        archive.writestr(SHEET, b"<x/>")
    return octets.getvalue()


def encrypted() -> bytes:
    octets = bytearray(packed(plain()))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        octets[octets.index(mark) + place] |= 1
    return bytes(octets)


CT = "[Content_Types].xml"
MACRO = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
RELATION = b'<Relationship Id="r9" Type="http://x.example/%s" Target="x>y" TargetMode="External"/></Relationships>'
RELS = "xl/_rels/workbook.xml.rels"
NOISE = b"".join(sha256(b"%d" % number).hexdigest().encode() for number in range(guard.CHUNK // 64))[:-4]
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'


@pytest.mark.parametrize(
    ("made", "said", "entry"),
    [
        pytest.param(lambda: b"identity,line\n", "no whole workbook", "", id="no zip"),
        pytest.param(lambda: packed(plain())[:-400], "no whole workbook", "", id="cut off"),
        pytest.param(lambda: guard.OLE + bytes(1000), "has a password, or is one of Excel 97", "", id="encrypted or xls"),
        pytest.param(lambda: packed({"a.txt": b"x"}), "no list of content types", "", id="another zip"),
        pytest.param(
            lambda: packed({**plain(), **{f"{n}.xml": b"" for n in range(1001)}}), "entries, more than", "", id="entries"
        ),
        pytest.param(twice, "two entries of the file have the same name", SHEET, id="duplicate"),
        pytest.param(
            lambda: with_part(SHEET.upper(), b"<x/>"), "have the same name", SHEET.upper(), id="duplicate in another case"
        ),
        pytest.param(lambda: with_part("../evil.xml", b"<x/>"), "leads out of the file", "../evil.xml", id="dots"),
        pytest.param(lambda: with_part("/etc/evil.xml", b"<x/>"), "leads out of the file", "/etc/evil.xml", id="absolute"),
        pytest.param(lambda: renamed(b"xl/evil-x", b"xl\\..\\evi"), "leads out of the file", "evi", id="backslash"),
        pytest.param(lambda: renamed(b"c-/evil.xml", b"c:/evil.xml"), "leads out of the file", "c:/evil.xml", id="drive"),
        pytest.param(lambda: renamed(b"xl/a.xml-.png", b"xl/a.xml\0.png"), "leads out of the file", "xl/a.xml", id="NUL"),
        pytest.param(lambda: packed(plain(), ZIP_BZIP2), "packed as no workbook is", "", id="another packing"),
        pytest.param(encrypted, "an entry is encrypted", "", id="encrypted entry"),
        pytest.param(
            lambda: with_part("xl/media/a.png", bytes(2 << 20)), "less than a 200th of its size", "xl/media/a.png", id="ratio"
        ),
        pytest.param(lambda: with_part("xl/vbaProject.bin", b"x"), "macros", "xl/vbaProject.bin", id="macros"),
        pytest.param(lambda: replaced(CT, PLAIN, MACRO), "macros", CT, id="xlsm in another name"),
        pytest.param(lambda: with_part("xl/macrosheets/sheet1.xml", b"<x/>"), "macros", "xl/macrosheets", id="Excel 4 macros"),
        pytest.param(lambda: with_part("xl/embeddings/oleObject1.bin", b"x"), "embedded objects", "oleObject1", id="OLE"),
        pytest.param(
            lambda: with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), "links to other", "externalLink1", id="link"
        ),
        pytest.param(lambda: with_part("xl/connections.xml", b"<x/>"), "links to other", "xl/connections.xml", id="connections"),
        pytest.param(
            lambda: replaced(RELS, b"</Relationships>", RELATION % b"attachedTemplate"),
            "linked to another file",
            RELS,
            id="template",
        ),
        pytest.param(
            lambda: with_part("docProps/x.xml", DOCTYPE + b"<x>&a;</x>"), "declares a document type", "docProps/x", id="XML"
        ),
        pytest.param(lambda: replaced(SHEET, b"<worksheet", DOCTYPE + b"<worksheet"), "declares", SHEET, id="DOCTYPE of a sheet"),
        pytest.param(lambda: with_part("xl/media/a.png", DOCTYPE), "declares", "xl/media/a.png", id="DOCTYPE of a picture"),
        pytest.param(lambda: with_part("xl/x.xml", NOISE + DOCTYPE), "declares", "xl/x.xml", id="far in"),
        pytest.param(
            lambda: with_part("xl/x.xml", "\ufeff<!DOCTYPE x><x/>".encode("utf-16")), "another encoding", "xl/x.xml", id="UTF-16"
        ),
        pytest.param(
            lambda: with_part("xl/x.xml", b'<?xml version="1.0" encoding="cp037"?><x/>'),
            "another encoding",
            "xl/x.xml",
            id="EBCDIC",
        ),
        pytest.param(lambda: replaced(SHEET, b'r="A1"', b'r="XFD1"'), "cell XFD1 lies far off", SHEET, id="far column"),
        pytest.param(lambda: replaced(SHEET, b'r="A1"', b"r = 'A1048576'"), "cell A1048576 lies far off", SHEET, id="far row"),
        pytest.param(
            lambda: replaced(SHEET, b'<row r="1"', b'<row r="999999999"'), "row 999999999 lies far", SHEET, id="far rows"
        ),
        pytest.param(lambda: replaced(SHEET, b'r="A1"', b'r="AAAAAAAAAA1"'), "has no place in a sheet", SHEET, id="nowhere"),
    ],
)
def test_what_is_no_plain_workbook_is_refused_with_its_part(
    tmp_path: Path, made: Callable[[], bytes], said: str, entry: str
) -> None:
    error = refusal(tmp_path, made())
    assert said in error.what
    assert entry in error.where


@pytest.mark.parametrize(
    ("limit", "value", "said"), [("LARGEST", 1000, "octets, more than the 1,000"), ("LARGEST_INSIDE", 5000, "larger than 5,000")]
)
def test_what_is_too_large_is_not_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, said: str
) -> None:
    monkeypatch.setattr(guard, limit, value)
    assert said in refusal(tmp_path, packed(plain())).what


def test_entries_that_share_their_octets_are_refused(tmp_path: Path) -> None:
    octets = packed({**plain(), "xl/media/a.png": NOISE[:9000]})
    end = octets.rindex(b"PK\x05\x06")
    last = octets[octets.rindex(b"PK\x01\x02", 0, end) : end]
    tail = bytearray(octets[end:])
    tail[8:10] = tail[10:12] = (int.from_bytes(tail[10:12], "little") + 1).to_bytes(2, "little")
    tail[12:16] = (int.from_bytes(tail[12:16], "little") + len(last)).to_bytes(4, "little")
    twin = last.replace(b"a.png", b"b.png")
    assert "lie over each other" in refusal(tmp_path, octets[:end] + twin + bytes(tail)).what


def test_a_hyperlink_that_excel_made_of_an_address_is_none_of_the_links(tmp_path: Path) -> None:
    octets = replaced(RELS, b"</Relationships>", RELATION % b"hyperlink")
    guard.check(octets, "plan.xlsx")


def test_what_cells_hold_is_told_by_kind_wherever_a_sheet_says_that_it_ends(tmp_path: Path) -> None:
    octets = replaced(SHEET, b'<dimension ref="A1:F1"', b'<dimension ref="A1:XFD1048576"')
    assert workbook.read(saved(tmp_path, octets)) == {
        TITLE: {
            1: {
                0: Cell("+14255550100"),
                1: Cell("A"),
                2: Cell("12", child.NUMBER),
                4: Cell("=1+1", child.FORMULA),
                5: Cell("True", child.TRUTH),
            }
        }
    }


def test_what_breaks_the_parser_is_refused_with_the_row(tmp_path: Path) -> None:
    error = refusal(tmp_path, replaced(SHEET, b"<v>12</v>", b"<v>1e1e1</v>"))
    assert "ValueError" in error.what
    assert f"sheet '{TITLE}'" in error.where


def test_a_process_that_ends_early_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "START", "import sys; sys.exit(3)")
    assert "ended early (3)" in refusal(tmp_path, packed(plain())).what


def test_a_process_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "START", "import time; time.sleep(60)")
    monkeypatch.setattr(workbook, "SECONDS", 0.2)
    assert "took more than 0.2 seconds" in refusal(tmp_path, packed(plain())).what


def test_the_process_may_not_take_more_memory_than_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "START", workbook.START.replace("main; main()", "confine; confine(); bytearray(8 << 30)"))
    assert "ended early" in refusal(tmp_path, packed(plain())).what


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        workbook.read(tmp_path / "plan.xlsx")


def test_rows_and_columns_beyond_those_of_a_plan_are_not_read() -> None:
    book = openpyxl.Workbook()
    book.active.title = TITLE
    book.active.cell(1, layout.COLUMNS + 1, "x")
    octets = BytesIO()
    book.save(octets)
    assert list(child.lines(octets.getvalue()))[-1] == ["broken", f"sheet '{TITLE}', row 1", "lies far off"]


def test_of_a_sheet_for_people_alone_nothing_but_its_name_is_read(tmp_path: Path) -> None:
    octets = replaced("xl/workbook.xml", TITLE.encode(), b"Users")
    assert workbook.read(saved(tmp_path, octets)) == {"Users": {}}
