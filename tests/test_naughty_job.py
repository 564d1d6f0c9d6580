"""Texts that have broken readers, from a directory through snapshot, plan, workbook and bulk CSVs: none is lost or run."""

from __future__ import annotations

import csv
import hashlib
import itertools
from pathlib import Path

import demo_forest
import openpyxl
import pytest
from cli_runs import adinspect, collected
from sample_report import BLNS

from adinspect import bulk, formulas, snapshot

VOICE = "21_cs_user_voice"
NAUGHTY = [text for text in BLNS if text and not bulk.CONTROL.search(text)]


def export() -> str:
    """The demo's forest with a user for each text, who is called by it: as display name, and as local part of the SIP address."""
    users = []
    for number, text in enumerate(NAUGHTY):
        _, values = demo_forest._user(6)
        changed = {
            "cn": [f"naughty {number}"],
            "displayName": [text],
            "sAMAccountName": [f"naughty{number}"],
            "msRTCSIP-PrimaryUserAddress": [f"sip:{text}@contoso.com"],
            "msRTCSIP-Line": [f"tel:+1425555{number:04}"],
            "proxyAddresses": [f"SMTP:naughty{number}@contoso.com"],
        }
        kept = {name: of_it for name, of_it in {**values, **changed}.items() if name not in ("userPrincipalName", "mail")}
        users.append(demo_forest._record(90_000 + number, f"CN=naughty {number},OU=Staff,{demo_forest.ROOT}", kept))
    return demo_forest.text() + "".join(users)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole job done: snapshot, plan, a workbook in which every step on Enterprise Voice is approved, and its CSVs."""
    folder = tmp_path_factory.mktemp("naughty")
    collected(folder, "snapshot", export())
    planned = adinspect("plan", "snapshot", "-o", "plan.xlsx", folder=folder)
    assert planned.code == 0, planned.err
    workbook = openpyxl.load_workbook(folder / "plan.xlsx")
    sheet = next(sheet for sheet in workbook if sheet.title.startswith("21 "))
    header = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        if row[header.index("Status")].value == "ready":
            row[header.index("ACTION")].value = "approve"
    workbook.save(folder / "reviewed.xlsx")
    generated = adinspect("generate", "reviewed.xlsx", "-o", "bulk", folder=folder)
    assert generated.code == 0, generated.err
    return folder


def test_a_snapshot_holds_every_text_as_it_was(folder: Path) -> None:
    users = snapshot.load(folder / "snapshot").tables["users"]
    naughty = users[users["sam_account_name"].str.startswith("naughty")]
    assert sorted(naughty["display_name"]) == sorted(NAUGHTY)
    assert sorted(naughty["sip_address"]) == sorted(f"sip:{text}@contoso.com" for text in NAUGHTY)


def test_a_workbook_runs_none_of_them(folder: Path) -> None:
    workbook = openpyxl.load_workbook(folder / "plan.xlsx")
    kinds = {cell.data_type for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds <= {"s", "inlineStr", "n"}


def test_every_text_is_in_its_bulk_csv_within_its_cell(folder: Path) -> None:
    told = []
    for name in (f"{VOICE}.csv", f"{VOICE}.rejected.csv"):
        with (folder / "bulk" / name).open(encoding="utf-8-sig", newline="") as file:
            told.append([row["_Object"] for row in csv.DictReader(file, strict=True)])
    kept, rejected = told
    assert sum(name.startswith("sip:") for name in kept) > 100
    objects = {name for name in itertools.chain(kept, rejected) if name.startswith("sip:")}
    # a note for people gets an apostrophe where a spreadsheet that splits at semicolons would take the rest for a formula
    assert objects == {formulas.defused(f"sip:{text}@contoso.com") for text in NAUGHTY}
    assert len(objects) == len(set(NAUGHTY))


def test_the_runner_is_the_same_for_everybody(folder: Path) -> None:
    other = adinspect("generate", "snapshot", "--target", "sfb-cloudvoicemail", "-o", "other", folder=folder)
    assert other.code == 0, other.err
    scripts = [(folder / name / "Invoke-Adinspect.ps1").read_bytes() for name in ("bulk", "other")]
    assert len({hashlib.sha256(script).hexdigest() for script in scripts}) == 1
