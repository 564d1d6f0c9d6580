"""Writes a plan as the folder that is handed over: bulk CSVs, what takes each back, the runner and the manifest of them all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from pandas import DataFrame

from adinspect import atomic, bulk, definitions, frames, rollback, runner
from adinspect.bulk_csv import BulkCsv
from adinspect.errors import StorageError
from adinspect.plan import Plan
from adinspect.step import AFTER, BETWEEN, GUID, PREVIOUS, REASON, STEP, WAVE

SCHEMA = 1
"""Version of what manifest.json says."""

MANIFEST = "manifest.json"

NOTHING_RUN = "Nothing was written; what is in the folder is as it was."


class Written(NamedTuple):
    """A bulk CSV on disk, and how many rows it and its `.rejected.csv` have; one that is held back is not on disk."""

    file: Path
    kept: int
    rejected: int


@dataclass(frozen=True, eq=False)
class Settled:
    """The rows of one CSV: `kept` as a proposal gives them, `rejected` with REASON; `held` are gates that let none be kept."""

    definition: BulkCsv
    kept: DataFrame
    rejected: DataFrame
    held: tuple[Mapping[str, str], ...] = ()


def write(plan: Plan, folder: Path, *, snapshot: str = "", forest: str = "", wave: str = "") -> list[Written]:
    """Write every bulk CSV of a plan, in its order, into a folder: all rows, or those of one wave.

    `snapshot` and `forest` say what the plan was made of. Files of an earlier run are replaced, rows or not; one that this run
    has not is removed. The manifest is written last: the runner runs nothing of a folder that is half written.

    Raises:
        StorageError: a file cannot be written, or one of an earlier run that would have to go is not as that run left it.
    """
    atomic.folder(folder)
    settled = settle(plan, wave)
    files = dict(_files(settled))
    hashes = {name: hashlib.sha256(octets).hexdigest() for name, octets in files.items()}
    stale = _stale(folder, frozenset(files))
    told = _manifest(plan, settled, hashes, {"snapshot": snapshot, "forest": forest, "wave": wave or None})
    for name, octets in files.items():
        _write(folder / name, octets)
    for path in stale:
        _remove(path)
    _write(folder / MANIFEST, json.dumps(told, indent=1, ensure_ascii=False).encode())
    return [Written(folder / f"{one.definition.name}.csv", len(one.kept), len(one.rejected)) for one in settled]


def settle(plan: Plan, wave: str = "") -> list[Settled]:
    """Part the rows of each CSV, of all or of one wave: a row is kept that may be run, and whose forerunner is kept.

    A row that takes away what a later one gives back is kept only where that one is, if the plan has one.
    """
    alone: dict[str, str] = {}
    while True:
        settled = list(_settle(plan, wave, alone))
        if not (more := dict(_alone(plan, settled))):
            return settled
        alone |= more


def run_of(plan: Plan) -> Plan:
    """The plan with nothing but the rows that are handed over to be run."""
    kept = {one.definition.name: frozenset(one.kept[STEP]) for one in settle(plan)}
    return replace(plan, rows={name: rows[rows[STEP].isin(list(kept[name]))] for name, rows in plan.rows.items()})


def _alone(plan: Plan, settled: list[Settled]) -> Iterator[tuple[str, str]]:
    """The steps that are kept although what would give back what they take away is not, and why that is wrong."""
    parted = {one.definition.name: one for one in settled}
    for one in settled:
        after = one.definition.made_good.get(plan.target, "")
        if after in parted:
            lacking = set(parted[after].rejected[GUID]) - set(parted[after].kept[GUID])
            why = f"{after}, which gives back what this takes away, is not run"
            yield from ((step, why) for step, guid in zip(one.kept[STEP], one.kept[GUID], strict=True) if guid in lacking)


def _settle(plan: Plan, wave: str, alone: Mapping[str, str]) -> Iterator[Settled]:
    run: set[str] = set()
    for name, rows in plan.rows.items():
        definition = bulk.shipped()[name]
        chosen = rows[rows[WAVE] == wave] if wave else rows
        held = tuple(_gates(plan, name))
        kept, rejected = [], []
        for row in frames.records(chosen):
            gates = (f"{gate['rule']} stands: {gate['why']}" for gate in held)
            why = [bulk.why_not(definition, row), _waits(row[AFTER], run), alone.get(row[STEP], ""), *gates]
            if any(why):
                rejected.append({**row, REASON: "; ".join(filter(None, why))})
            else:
                kept.append(row)
        run.update(row[STEP] for row in kept)
        run_now, not_run = (DataFrame(of_it, columns=rows.columns, dtype="object") for of_it in (kept, rejected))
        yield Settled(definition, run_now, not_run, held)


def without_wave(plan: Plan) -> int:
    """How many rows are in no wave, because they are about no user."""
    return sum(int((rows[WAVE] == "").sum()) for rows in plan.rows.values())


def _waits(after: str, run: set[str]) -> str:
    lacking = [step.partition("/")[0] for step in after.split(BETWEEN) if step and step not in run]
    return "; ".join(f"waits for its row in {csv}, which is not run" for csv in lacking)


def _gates(plan: Plan, name: str) -> Iterator[Mapping[str, str]]:
    for gate in plan.gates[plan.gates["file"] == name].itertuples():
        yield {"rule": str(gate.rule), "why": str(gate.why)}


def _files(settled: list[Settled]) -> Iterator[tuple[str, bytes]]:
    """Every file but the manifest, by its name."""
    for one in settled:
        definition, back = one.definition, rollback.definition(one.definition)
        yield f"{definition.name}.rejected.csv", bulk.octets(bulk.as_refused(definition.header, frames.records(one.rejected)))
        if one.held:
            continue
        yield f"{definition.name}.csv", bulk.octets(bulk.as_run(definition.header, frames.records(one.kept)))
        yield from _user_list(one)
        yield f"{back.name}.csv", bulk.octets(bulk.as_run(back.header, rollback.rows(definition, one.kept)))

    yield runner.NAME, definitions.folder("reports").joinpath("bulk", runner.NAME).read_bytes()


def _user_list(one: Settled) -> Iterator[tuple[str, bytes]]:
    """For a cmdlet that takes many users at once from a file (-UserList): the SIP addresses of the rows that are run.

    A comma divides them (Move-CsUser, UserList), so that an address with one is left to its row.
    """
    if one.definition.user_list:
        addresses = [address for address in one.kept[PREVIOUS + one.definition.user_list] if address and "," not in address]
        yield f"{one.definition.name}.userlist.txt", ",".join(addresses).encode()


def _manifest(plan: Plan, settled: list[Settled], hashes: Mapping[str, str], origin: Mapping[str, str | None]) -> dict[str, Any]:
    run = [one for one in settled if one.definition.cmdlet and not one.held]
    listed = {file for one in run for file in (f"{one.definition.name}.csv", f"{rollback.PREFIX}{one.definition.name}.csv")}
    return {
        "schema": SCHEMA,
        "adinspect": version("adinspect"),
        **origin,
        "taken": plan.taken.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "target": plan.target.value,
        "files": [_listed(one, hashes) for one in run],
        "rollback": [
            {
                "file": file,
                "takes_back": f"{one.definition.name}.csv",
                "sha256": hashes[file],
                "rows": len(one.kept),
                "afterwards": "",
            }
            for one in reversed(run)
            for file in [f"{rollback.PREFIX}{one.definition.name}.csv"]
        ],
        "lists": [_listed(one, hashes) for one in settled if not one.definition.cmdlet and not one.held],
        "held": [
            {"file": f"{one.definition.name}.csv", "rejected": len(one.rejected), "gates": list(one.held)}
            for one in settled
            if one.held
        ],
        "not_restored": {
            f"{one.definition.name}.csv": list(one.definition.lost) for one in run if one.definition.lost and len(one.kept)
        },
        "beside": {name: sha256 for name, sha256 in hashes.items() if name not in listed},
    }


def _listed(one: Settled, hashes: Mapping[str, str]) -> dict[str, Any]:
    file = f"{one.definition.name}.csv"
    return {
        "file": file,
        "title": one.definition.title,
        "sha256": hashes[file],
        "rows": len(one.kept),
        "rejected": len(one.rejected),
        "afterwards": one.definition.afterwards,
    }


def _stale(folder: Path, ours: frozenset[str]) -> list[Path]:
    """The files that an earlier manifest lists and this run has not, as the earlier run left them.

    Raises:
        StorageError: somebody changed one of them since, or the earlier manifest cannot be read.
    """
    earlier = _earlier(folder / MANIFEST)
    there = [folder / name for name in earlier if name not in ours and (folder / name).is_file()]
    if changed := [path.name for path in there if _sha256(path) != earlier[path.name]]:
        raise StorageError(
            f"this run has no {', '.join(sorted(changed))}, and somebody changed what an earlier run wrote there",
            where=str(folder),
            safe=NOTHING_RUN,
            next_step="Move the file away, or choose another folder, and run again.",
        )
    return there


def _earlier(manifest: Path) -> dict[str, str]:
    """The files that a manifest lists, and their SHA-256; none where there is no manifest. A name is never a path."""
    if not manifest.is_file():
        return {}
    try:
        told = json.loads(manifest.read_bytes())
        listed = {one["file"]: one["sha256"] for one in (*told["files"], *told["rollback"])} | told["beside"]
    except (OSError, ValueError, KeyError, TypeError):
        raise StorageError(
            f"{MANIFEST} is not one that adinspect wrote, so what belongs to an earlier run is not known",
            where=str(manifest),
            safe=NOTHING_RUN,
            next_step="Choose another folder, or move the file away.",
        ) from None
    return {name: sha256 for name, sha256 in listed.items() if Path(name).name == name}


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _write(path: Path, octets: bytes) -> None:
    with atomic.replacing(path) as file:
        file.write(octets)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise StorageError(
            f"a file of an earlier run cannot be removed: {error.strerror}",
            where=str(path),
            safe="The runner runs nothing of this folder until a run has ended well.",
            next_step="Close it where it is open, and run again.",
        ) from None
