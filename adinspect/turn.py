"""The turn of one forest in a scheduled run: it is read, held against what was there before, judged and reported."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from time import monotonic
from traceback import extract_tb
from typing import Any

from pandas import DataFrame

from adinspect import atomic, diff, findings_json, history, judging, past, query, reporting, shrink, side, store, taking, waivers
from adinspect import profile as profiles
from adinspect import wanted_certificates as certificates
from adinspect.assess import at_or_above
from adinspect.directory import Directory, live
from adinspect.directory.ldif_files import LdifDirectory
from adinspect.errors import AdinspectError, ConfigurationError, IncompleteError, SafetyError, StorageError, UnreachableError
from adinspect.finding import Severity
from adinspect.job_file import FINDINGS, Forest, Job
from adinspect.judging import Judged
from adinspect.lives import Judgement, Life, Lives
from adinspect.notify import settings
from adinspect.remote import Place
from adinspect.run_log import Log, stamp
from adinspect.snapshot import Snapshot

EXIT_FINDINGS = 3

WORST = 20
"""Findings of a target that run.json names."""

NAMED = 3
"""Searches that a note names."""

ANEW = (Life.NEW, Life.REGRESSED, Life.EXPIRED)
"""What is named: findings that did not count at the run before."""

Told = dict[str, Any]


def nothing(name: str) -> Told:
    """What run.json says of a forest before anything is known of it."""
    return {
        "name": name,
        "exit": 0,
        "error": None,
        **dict.fromkeys(("forest", "snapshot", "taken", "state")),
        "seconds": 0.0,
        "objects": {},
        "last_complete": None,
        "targets": [],
        "changes": None,
        **{key: [] for key in ("files", "pruned", "notes")},
    }


def told_of(error: Exception, log: Log, forest: str = "") -> Told:
    """Log an error, and return what run.json says of it: its exit code and its texts."""
    if isinstance(error, AdinspectError):
        code = error.exit_code
        told = {"what": error.what, "where": error.where, "safe": error.safe, "next_step": error.next_step}
    else:
        code, last = AdinspectError.exit_code, extract_tb(error.__traceback__)[-1]
        told = {
            "what": f"unexpected error: {type(error).__name__}: {error}",
            "where": f"{Path(last.filename).name}, line {last.lineno}",
            "safe": "Earlier snapshots are untouched.",
            "next_step": "This is a defect of adinspect: please report it with this message.",
        }
    log.say("failed", forest, exit=code, **{key: text or None for key, text in told.items()})
    return {"exit": code, "error": told}


@dataclass(frozen=True, eq=False)
class Turn:
    """The turn of a forest. `read` maps each forest that was read in this run to what it is called, `told` is for run.json."""

    job: Job
    forest: Forest
    log: Log
    read: dict[str, str]
    accept_shrink: bool
    told: Told = field(default_factory=dict)

    def take(self, known: str | None) -> Told:
        """Take the turn and return what run.json says of it. `known` is the DNS name of the forest, if an earlier run left it.

        Whatever befalls is told, and stops no other forest.
        """
        self.told.update(nothing(self.forest.name))
        began = monotonic()
        try:
            self.told["exit"] = self._exit()
        except Exception as error:
            self.told.update(told_of(error, self.log, self.forest.name))
        name = self.told["forest"] or known
        if known and name != known:
            self._note(f"the run before read another forest by this name: {known}; nothing is held against that")
        self.told["last_complete"] = _last_complete(self.job.store, name) if name else None
        self.told["seconds"] = round(monotonic() - began, 1)
        return self.told

    def _say(self, event: str, **told: Any) -> None:
        self.log.say(event, self.forest.name, **told)

    def _note(self, note: str) -> None:
        self.told["notes"].append(note)
        self._say("note", what=note)

    def _exit(self) -> int:
        """Read, judge, report and prune; the exit code."""
        wishes = profiles.read(self.forest.profile)  # a mistake in a file is told before hours of reading
        agreed = waivers.read(self.forest.waivers)
        taken = self._taken()
        older = past.settled(self.job.store, taken.manifest["forest"], taken.taken)
        settled = self._settled(older, taken)
        compared = diff.compare(diff.Moment.of(older), diff.Moment.of(taken)) if older else None
        if compared:
            self._tell_changes(compared)
        failing = False
        for target in self.forest.targets:
            judged = judging.judge(taken, target=target, profile=wishes, waivers=agreed, compared=compared)
            before = past.before(taken, target=target, profile=wishes, accepted=agreed)
            now, lives = history.advance(before, history.Run.of(taken), Judgement(judged.assessment, judged.seen), agreed)
            if settled:
                history.save(now, self.job.store, taken.manifest["forest"], target)
            self._tell_target(judged, lives, settled=settled)
            self._report(judged)
            failing |= fails(self.job, judged, lives)
        code = IncompleteError.exit_code if taken.partial else EXIT_FINDINGS if failing else 0
        if not taken.partial:
            self._prune(taken)
        return code

    def _taken(self) -> Snapshot:
        """Read the forest into the store."""
        forest = self.forest
        beside = side.read(forest.side) if forest.side else None
        for remark in beside.remarks if beside else ():
            self._note(remark)
        wanted = certificates.read(forest.certificates, forest.probes, certificates.PROBE_SECONDS, forest.ca, self.job.folder)
        self._say("reading", of=forest.server or forest.domain or ", ".join(map(str, forest.ldif)))
        with opened(forest) as directory:
            for remark in directory.remarks if isinstance(directory, LdifDirectory) else ():
                self._note(remark)
            name = directory.root.forest
            self.told["forest"] = name
            if other := self.read.get(name.casefold()):
                raise ConfigurationError(
                    f"the forest {name} was read in this run already: it is called {other}",
                    where=forest.server or forest.domain or str(forest.ldif[0]),
                    safe="Nothing of it was written again.",
                    next_step="Keep one of both in the configuration, with all targets.",
                )
            self.read[name.casefold()] = forest.name
            taken = taking.take(directory, self.job.store, None, wanted, taking.supplied(beside) if beside else None)
        self._tell_snapshot(taken)
        return taken

    def _tell_snapshot(self, taken: Snapshot) -> None:
        manifest = taken.manifest
        objects = {name: rows for name, rows in manifest["tables"].items() if name in query.shipped()}
        self.told.update(snapshot=str(taken.path), taken=manifest["taken"], state=manifest["state"], objects=objects)
        self._say("collected", state=manifest["state"], users=objects.get("users"), snapshot=taken.path)
        for note in _lacking(manifest):
            self._note(note)

    def _settled(self, older: Snapshot | None, taken: Snapshot) -> bool:
        """Whether the run may enter the history; of a partial snapshot that lacks too much nothing is settled, but it is judged.

        Raises:
            SafetyError: a complete snapshot lacks too much of what an older one held.
        """
        if older is None or self.accept_shrink:
            return True
        try:
            shrink.check(older, taken)
        except SafetyError as error:
            store.stop(taken)
            if not taken.partial:
                raise
            self._note(f"{error.what}. The snapshot is partial: nothing is called resolved")
            return False
        return True

    def _tell_changes(self, compared: diff.Compared) -> None:
        kinds = compared.changes.groupby("kind")["guid"].nunique()
        self.told["changes"] = {kind.value: int(kinds.get(kind.value, 0)) for kind in diff.Kind}
        self._say("compared", **self.told["changes"])
        for reason in dict.fromkeys(compared.gaps["reason"]):
            self._note(f"not compared: {reason}")

    def _tell_target(self, judged: Judged, lives: Lives, *, settled: bool) -> None:
        target = of_target(judged, lives, settled=settled)
        self.told["targets"].append(target)
        self._say("judged", target=target["target"], **target["findings"], **target["lives"])
        for remark in dict.fromkeys((*judged.remarks, *lives.notes, *_unsure(lives, target["target"]))):
            if remark not in self.told["notes"]:
                self._note(remark)

    def _report(self, judged: Judged) -> None:
        """Write the reports of a target; each takes the place of the one before."""
        folder = self.job.output / self.forest.name
        atomic.folder(folder)
        let_read(self.job, folder)
        for name in self.forest.reports:
            path = folder / f"{judged.target}-{name}"
            write(judged, name, path)
            let_read(self.job, path)
            self.told["files"].append(str(path))
            self._say("wrote", file=path)

    def _prune(self, taken: Snapshot) -> None:
        """Remove those snapshots of the forest that the configuration does not keep."""
        if not self.job.keep:
            return
        for one in store.decide(self.job.store, self.job.keep):
            if one.removed and one.path.parent.name == taken.path.parent.name:
                store.remove(one.path)
                self.told["pruned"].append(str(one.path))
                self._say("pruned", snapshot=one.path)


def _unsure(lives: Lives, target: str) -> Iterator[str]:
    """That what is called new may be old."""
    if count := len(lives.unsure):
        yield f"{target}: {count:,} of the new findings may be older: the run before did not show enough to judge them"


def _lacking(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What a snapshot lacks, and what was not kept."""
    for domain in manifest["unread_domains"]:
        yield f"not read: the domain {domain}; users and contacts are not whole"
    ended: dict[str, list[str]] = {}
    for searched in manifest["queries"]:
        if searched["state"] != "complete":
            ended.setdefault(searched["reason"], []).append(f"{searched['query']} in {searched['context'] or searched['base']}")
    for reason, searches in ended.items():  # one cut ends all that come after it
        more = f" and {len(searches) - NAMED} more searches" if len(searches) > NAMED else ""
        yield f"not whole: {reason}: {', '.join(searches[:NAMED])}{more}"
    for attribute, count in manifest["dropped"].items():
        yield f"dropped {count} values of {attribute}: secret attributes are never kept"
    for origin in manifest["supplied"].get("certificates", ()):
        if origin.get("private_keys_not_kept"):
            yield f"{origin['file']} holds a private key, which was not kept; it should not lie in such a file"
        if origin.get("problem"):
            got = "not verified" if origin["certificates"] else "not got"
            yield f"the certificate of {origin['probe']} was {got}: {origin['problem']}"


def let_read(job: Job, path: Path) -> None:
    """Let the account's group read what is written, where the configuration says so; Windows inherits rights from the folder."""
    if job.group_reads and os.name == "posix":
        path.chmod(stat.S_IMODE(path.stat().st_mode) | (0o050 if path.is_dir() else 0o040))


def write(judged: Judged, name: str, path: Path) -> None:
    """Write a report, by what the configuration calls it."""
    if name == FINDINGS:
        findings_json.write_json(judged, path)
    else:
        reporting.write(judged, PurePath(name).stem, path)


def opened(forest: Forest) -> Directory:
    """Open the exports of a forest, or connect and sign in.

    Raises:
        ConfigurationError, ConnectError: see live.connect.
        InputError: an export or the file of the password cannot be read.
    """
    if forest.ldif:
        return taking.export(forest.ldif)
    url = forest.server or f"ldap://{live.locate(forest.domain)[0]}"
    return live.connect(
        url,
        user=forest.user,
        password=settings.secret(forest.password_file) if forest.password_file else "",
        ca_file=forest.ca,
        authentication=forest.authentication,
        start_tls=forest.start_tls,
    )


def of_target(judged: Judged, lives: Lives, *, settled: bool) -> Told:
    """What run.json says of a target: findings by severity, what became of them, and the worst of those that are new."""
    standing = waivers.standing(judged.assessment.findings)["severity"].value_counts()
    counts = {life.value: len(rows) for life, rows in lives.found.items()}
    expired = lives.found[Life.EXPIRED]
    ended_now = expired["key"].isin(lives.returned)  # what has counted again for longer is open: else it would be news each night
    counts[Life.EXPIRED] = int(ended_now.sum())
    counts[Life.OPEN] += int((~ended_now).sum())
    if not settled:
        counts[Life.UNKNOWN] += counts[Life.RESOLVED]
        counts[Life.RESOLVED] = 0
    anew = {life: lives.found[life] for life in ANEW} | {Life.EXPIRED: expired[ended_now]}
    return {
        "target": judged.target.value,
        "findings": {severity.value: int(standing.get(severity.value, 0)) for severity in Severity},
        "lives": {life.value: counts[life.value] for life in Life},
        "worst": _worst(anew),
    }


def _worst(anew: Mapping[Life, DataFrame]) -> list[Told]:
    """The worst WORST of findings by what became of them."""
    columns = ["severity", "rule", "identity", "message"]
    rows = [{"life": life.value, **row} for life, found in anew.items() for row in found[columns].to_dict("records")]
    return sorted(rows, key=lambda row: Severity(row["severity"]).rank)[:WORST]


def fails(job: Job, judged: Judged, lives: Lives) -> bool:
    """Whether findings that count are there: all at or above `fail_on`, or of those that are new."""
    counting = lives.counting_anew() if job.fail_on_new else waivers.standing(judged.assessment.findings)
    if job.fail_on:
        return bool(len(at_or_above(counting, job.fail_on)))
    return bool(job.fail_on_new and len(counting))


def _last_complete(where: Place, forest: str) -> str | None:
    try:
        complete = [one.taken for one in store.counting(where, forest) if not one.partial]
    except (StorageError, UnreachableError):
        return None
    return stamp(max(complete)) if complete else None
