"""Runs a folder of bulk CSVs as the runner does: hashes first, each object looked at before it is changed, everything logged."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from adinspect import bulk, rollback
from adinspect.bulk_csv import BulkCsv, Column
from adinspect.step import GUID
from applier.cmdlets import CMDLETS
from applier.estate import CmdletError, Estate
from applier.getting import GET, Shown
from applier.reading import Done, RowError, call, matches, refusal, rollback_refusal


@dataclass(frozen=True)
class Result:
    """What became of a row: `why` it was refused or failed, empty where it was done."""

    file: str
    row: int
    object: str
    why: str


@dataclass
class Folder:
    """A folder that was handed over, and what the runner's logs would show of it."""

    path: Path
    done: dict[str, Done] = field(default_factory=dict)

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What the folder says of itself; every other file has to be the one that it names."""
        told: Mapping[str, Any] = json.loads((self.path / "manifest.json").read_bytes())
        listed = {one["file"]: one["sha256"] for part in ("files", "rollback", "lists") for one in told[part]} | told["beside"]
        there = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in self.path.iterdir()}
        there.pop("manifest.json")
        assert listed == there
        return told

    def run(self, estate: Estate) -> list[Result]:
        """Run every file in its order."""
        return [one for entry in self.manifest["files"] for one in self.run_file(estate, entry["file"])]

    def take_back(self, estate: Estate) -> list[Result]:
        """Run every rollback in its order."""
        return [one for entry in self.manifest["rollback"] for one in self.run_file(estate, entry["file"])]

    def rows(self, file: str) -> list[dict[str, str]]:
        """The lines of a file as Import-Csv reads them."""
        return list(csv.DictReader(StringIO((self.path / file).read_text(encoding="utf-8-sig"), newline="")))

    def run_file(self, estate: Estate, file: str) -> Iterator[Result]:
        """Run one file."""
        name = file.removesuffix(".csv")
        back = name.startswith(rollback.PREFIX)
        of = bulk.shipped()[name.removeprefix(rollback.PREFIX)]
        definition = rollback.definition(of) if back else of
        order = [one["file"] for one in self.manifest["files"]]
        for number, row in enumerate(self.rows(file), start=1):
            key = f"{of.name}.csv/{number}"
            why = rollback_refusal(definition, row, key, self.done, order) if back else ""
            why = why or self._run_row(estate, definition, row, key, back=back)
            yield Result(file, number, row["_Object"], why)

    def _run_row(self, estate: Estate, definition: BulkCsv, row: Mapping[str, str], key: str, *, back: bool) -> str:
        found = _found(estate, definition, row)
        if len(found) > 1:
            return f"{definition.reads} finds {len(found)} objects"
        shown = found[0] if found else None
        try:
            if why := refusal(definition, row, shown):
                return why
            wanted = call(definition, row, shown)
            CMDLETS[wanted.cmdlet](estate, **wanted.parameters)
        except (RowError, CmdletError, TypeError) as error:  # as PowerShell does where a parameter lacks
            return f"failed: {error}"
        if back:
            del self.done[key]
        else:
            self.done[key] = Done(f"{definition.name}.csv", row[GUID], _read(definition, row, shown or {}))
        return ""


def _found(estate: Estate, definition: BulkCsv, row: Mapping[str, str]) -> list[Shown]:
    if not definition.match:
        return list(GET[definition.reads](estate, row[definition.key]))
    return [one for one in GET[definition.reads](estate, "") if matches(definition, row, one)]


def _read(definition: BulkCsv, row: Mapping[str, str], shown: Shown) -> dict[str, str]:
    """What the log shows of the properties that a row changes: what was there."""
    changes = (one for one in definition.changed if one.compared and one.property in shown)
    looked_at = (one for one in changes if not (given := definition.given(one)) or any(row[other.name] for other in given))
    return {one.property: _told(one, shown[one.property]) for one in looked_at}


def _told(column: Column, shown: Any) -> str:
    values = shown if isinstance(shown, (tuple, list)) else (shown,)
    return "|".join(sorted(str(one).removeprefix(column.prefix) for one in values if one is not None))
