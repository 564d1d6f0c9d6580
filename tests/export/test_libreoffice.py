"""Another program than the one that wrote it opens the workbook."""

from __future__ import annotations

import csv
import shutil
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from pandas import DataFrame
from sample_report import MANIFEST, NAUGHTY, block, report, sheet, texts

from adinspect import cell_text, summary, testing
from adinspect import report as reports
from adinspect.assess import assess
from adinspect.export import xlsx
from adinspect.finding import Target
from adinspect.report import Sheet
from adinspect.visibility import State, rows

EVERY_SHEET_AS_TEXT = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
"""Comma, double quotes, UTF-8; cells as shown; the last number: every sheet a file of its own."""


def convert(path: Path, form: str) -> list[Path]:
    """Have LibreOffice write a workbook in another format beside it."""
    program = shutil.which("soffice")
    if program is None:
        pytest.fail("LibreOffice is not installed: run tests/lab/install", pytrace=False)
    home = path.parent / "libreoffice"
    command = [
        program,
        "--headless",
        f"-env:UserInstallation={home.as_uri()}",
        "--convert-to",
        form,
        "--outdir",
        str(path.parent),
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    made = sorted(path.parent.glob(f"*.{form.partition(':')[0]}"))
    assert made, done.stdout + done.stderr
    return made


def read(path: Path) -> list[list[str]]:
    return list(csv.reader(StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_libreoffice_reads_every_text_as_it_was(tmp_path: Path) -> None:
    numbers = DataFrame({"identity": ["Ada"], "number": ["+14255550100"], "extension": ["0042"], "findings": [12]})
    stack = Sheet("Summary", (block(texts(NAUGHTY), title="Naughty"),), stacked=True)
    xlsx.write(report(sheet(texts(NAUGHTY)), sheet(numbers, "Numbers", name="numbers"), stack), tmp_path / "a.xlsx")
    made = {path.stem: read(path) for path in convert(tmp_path / "a.xlsx", EVERY_SHEET_AS_TEXT)}
    shown = [[cell_text.visible(text)] for text in NAUGHTY]
    assert made["a-Users"][1:] == shown
    assert made["a-Summary"][3:] == shown
    assert made["a-Numbers"][1] == ["Ada", "+14255550100", "0042", "12"]


def test_libreoffice_prints_the_remediation_workbook(tmp_path: Path) -> None:
    users = testing.table("""
        identity | recipient_type | sam_account_name | dn
        Ada      | 1              | ada              | CN=Ada,DC=contoso,DC=example
    """)
    read = testing.tables(users=users, organization=testing.table("name\nContoso"))
    unread = rows(("contacts", "", None, State.INCOMPLETE, "the domain emea.contoso.com was not read"))
    judged = assess(read, unread, target=Target.UM_LYNC, today=testing.TODAY)
    manifest = {**MANIFEST, "unread_domains": ["emea.contoso.com"]}
    tables = summary.tables(manifest, read, unread, judged, target=Target.UM_LYNC, profile=testing.EVERYONE)
    xlsx.write(reports.build(reports.find("remediation"), tables, taken=testing.TODAY), tmp_path / "a.xlsx")
    (page,) = convert(tmp_path / "a.xlsx", "pdf")
    text = subprocess.run(["pdftotext", "-l", "1", page, "-"], capture_output=True, text=True, check=True).stdout
    assert text.index("DOMAIN NOT READ: emea.contoso.com") < text.index("What was looked at")
