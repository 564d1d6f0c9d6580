"""Plans, and the workbooks people review them in, for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import openpyxl
from pandas import DataFrame
from sample_report import TAKEN

from adinspect import bulk, plan, step
from adinspect.export import plan_workbook
from adinspect.finding import Target
from adinspect.plan import Plan
from adinspect.workbook import layout

ENABLE, VOICE, MAILBOX = "20_cs_user_enable", "21_cs_user_voice", "30_um_mailbox_enable"
POOL = "pool01.contoso.example"
POLICY = "aaaaaaaa-0000-4000-8000-000000000000"
PEOPLE = ("Ada", "Bob", "Eve", "Zoe")
GATE = ("MIG-006", ENABLE, "Directory synchronization is not set up.")


def guid(identity: str) -> str:
    """The objectGUID of somebody."""
    return f"{crc32(identity.encode()):08x}-0000-4000-8000-000000000000"


def row(csv: str, identity: str, **told: Any) -> dict[str, Any]:
    """A row of a plan that may be run, but for what is told otherwise."""
    notes = {
        step.OBJECT: identity,
        step.GUID: guid(identity),
        step.RULES: "USR-001|USR-006",
        step.WHY: "Says so.",
        step.WAVE: "W2",
    }
    beside = {step.KEY: "", step.STEP: step.name(csv, guid(identity)), step.AFTER: "", step.REASON: "", step.BAR: ""}
    dn = f"CN={identity},OU=Staff,DC=contoso,DC=example"
    every: Mapping[str, Mapping[str, Any]] = {
        ENABLE: {"Identity": dn, "RegistrarPool": POOL, "SipAddress": f"sip:{identity.lower()}@contoso.com"},
        VOICE: {
            "Identity": dn,
            "EnterpriseVoiceEnabled": True,
            "LineURI": f"tel:+1425555010{PEOPLE.index(identity) if identity in PEOPLE else 9}",
            "_Previous_EnterpriseVoiceEnabled": False,
        },
        MAILBOX: {
            "Identity": guid(identity),
            "UMMailboxPolicy": POLICY,
            "Extensions": ("00123", "00124"),
            "SIPResourceIdentifier": f"{identity.lower()}@contoso.com",
            "PINExpired": True,
        },
    }
    columns = [*bulk.shipped()[csv].header, *plan.BESIDE]
    return {**dict.fromkeys(columns), **notes, **beside, step.DN: dn, **every.get(csv, {}), **told}


def made(rows: Mapping[str, Sequence[Mapping[str, Any]]], *gates: Sequence[str]) -> Plan:
    """A plan of these rows."""
    tables = {
        csv: DataFrame(list(of_it), columns=[*bulk.shipped()[csv].header, *plan.BESIDE], dtype="object")
        for csv, of_it in rows.items()
    }
    waves = DataFrame(
        {
            "guid": [guid(one) for one in PEOPLE],
            "dn": [f"CN={one}" for one in PEOPLE],
            "identity": PEOPLE,
            "expected": True,
            "estate": True,
            "wave": ["W1", "W2", "W4", "WX"],
            "to_confirm": [True, False, False, False],
            "because": ["", "USR-001|USR-006", "USR-019", "MIG-003"],
        }
    )
    held = DataFrame(list(gates), columns=["rule", "file", "why"], dtype="str")
    steps = plan.steps(Target.UM_LYNC, tables, frozenset(held["file"]))
    return Plan(Target.UM_LYNC, TAKEN, steps, tables, waves, held)


def everybody() -> Plan:
    """Four people: all enabled, two given a line (of which one is for a person to say), one a mailbox."""
    return made(
        {
            ENABLE: [row(ENABLE, one) for one in PEOPLE],
            VOICE: [row(VOICE, "Ada"), row(VOICE, "Bob", LineURI=step.REVIEW, **{step.REASON: "has no line"})],
            MAILBOX: [row(MAILBOX, "Zoe")],
        }
    )


def write(one: Plan, folder: Path, **more: Any) -> Path:
    """The workbook of a plan."""
    path = folder / "plan.xlsx"
    plan_workbook.write(one, "20261124T080000Z-0123456789ab", "contoso.com", path, **more)
    return path


def edit(path: Path, change: Callable[[Any], object]) -> Path:
    """Change a workbook as openpyxl gives it, and save it."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def find(sheet: Any, identity: str, header: str) -> Any:
    """The cell of somebody's row in a column."""
    columns = {cell.value: cell.column for cell in sheet[1]}
    (found,) = [cells for cells in sheet.iter_rows(min_row=2) if cells[columns["Object"] - 1].value == identity]
    return found[columns[header] - 1]


def decide(*decisions: tuple[str, str, Mapping[str, Any]]) -> Callable[[Any], None]:
    """Set cells: CSV, identity, values by header."""

    def change(book: Any) -> None:
        for csv, identity, cells in decisions:
            for header, value in cells.items():
                find(book[layout.title(csv)], identity, header).value = value

    return change


def without(one: Plan, **more: Any) -> Plan:
    """A plan with something replaced."""
    return replace(one, **more)
