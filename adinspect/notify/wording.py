"""A run (run.json) in words: a subject, a text that is read in ten seconds, and one line for a chat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from adinspect.one_line import one_line

Run = Mapping[str, Any]
Forest = Mapping[str, Any]
Target = Mapping[str, Any]

ANEW = ("new", "regressed", "expired")
"""What a finding that counts since this run is called: never there before, back again, or accepted no more."""

WORST = 10
"""Rules of a target whose findings are told."""

LONGEST = 240
"""Characters of a text of the directory."""


def failed(one: Mapping[str, Any]) -> bool:
    """Whether a run, or a forest of it, did not do what it was to do; findings (exit code 3) are no failure."""
    return one["exit"] not in (0, 3)


def anew(one: Forest) -> Counter[str]:
    """How many findings of a forest count since this run, of all its targets."""
    total: Counter[str] = Counter()
    for target in one["targets"]:
        total.update({life: target["lives"][life] for life in (*ANEW, "resolved")})
    return total


def subject(run: Run) -> str:
    """What a person reads in a list of mails; one line."""
    total: Counter[str] = sum((anew(one) for one in run["forests"]), Counter())
    broken = [one["name"] for one in run["forests"] if failed(one)]
    parts = [f"{', '.join(broken)} failed"] if broken else ["the run failed"] if failed(run) else []
    parts += [f"{total[life]:,} {life}" for life in (*ANEW, "resolved") if total[life]]
    parts += ["an earlier message did not get out"] if run.get("untold") else []
    names = ", ".join(one["name"] for one in run["forests"] if not failed(one))
    return one_line(f"adinspect: {'; '.join(parts) or 'nothing new'}{f' ({names})' if names else ''}", LONGEST)


def brief(run: Run) -> str:
    """The subject, and a line on each target of each forest: counts, and names of the configuration; nothing of a directory."""
    return "\n".join([subject(run), *_summary(run)])


def _summary(run: Run) -> Iterator[str]:
    for one in run["forests"]:
        name = one_line(one["name"])
        if failed(one):
            yield f"{name}: failed with exit code {one['exit']}"
        yield from (f"{name}, {target['target']}: {counts(target)}" for target in one["targets"])


def counts(target: Target) -> str:
    """What is new, what went, and what stands, in numbers."""
    lives, standing = target["lives"], target["findings"]
    told = [f"{lives[life]:,} {life}" for life in (*ANEW, "resolved", "unknown") if lives[life] or life == "new"]
    stand = ", ".join(f"{standing[severity]:,} {severity}" for severity in standing if standing[severity])
    return f"{', '.join(told)}; standing: {stand or 'none'}"


def text(run: Run) -> str:
    """The text of a mail: all of it in a few lines, then forest by forest."""
    lines = [*_summary(run), *_run(run), ""]
    for one in run["forests"]:
        lines += [*_forest(one), ""]
    lines += [f"adinspect {run['adinspect']}, {_moment(run['started'])} to {_moment(run['ended'])}, exit code {run['exit']}"]
    return "\n".join(lines) + "\n"


def _run(run: Run) -> Iterator[str]:
    """What concerns no forest alone."""
    if run.get("error"):
        yield "Beside the forests, the run failed:"
        yield from _error(run)
    if since := run.get("untold"):
        yield f"Since the run of {_moment(since)} messages did not get out, or a run was killed. What was new then"
        yield "  is not told again: compare the snapshots since, with `adinspect diff`."


def _forest(one: Forest) -> Iterator[str]:
    known = one.get("forest") or ""
    name = one["name"] if known in ("", one["name"]) else f"{one['name']} ({known})"
    yield one_line(f"{name}: {'FAILED, ' if failed(one) else ''}exit code {one['exit']}", LONGEST)
    yield from _error(one)
    yield from _last_complete(one)
    if one.get("state") not in (None, "complete"):
        yield f"  The snapshot is {one_line(one['state'])}: what it does not show is not missing."
        yield "  Next: the notes say what ended too early; mend that, and run again."
    for target in one["targets"]:
        yield f"  {target['target']}: {_anew(target)}"
        yield from _worst(target)
        if target["lives"]["unknown"]:
            yield f"    Of {target['lives']['unknown']:,} earlier findings nobody can tell: too little could be seen."
    if changes := one.get("changes"):
        said = ", ".join(f"{changes[kind]:,} {kind}" for kind in changes if changes[kind])
        seen = "" if one.get("state") == "complete" else ", as far as could be seen"
        yield f"  Changed in the directory{seen}: {said or 'nothing'}"
    yield from (f"  Note: {one_line(note, LONGEST)}" for note in one["notes"])
    yield from (f"  File: {one_line(file)}" for file in one["files"])


def _error(one: Mapping[str, Any]) -> Iterator[str]:
    if error := one.get("error"):
        labels = (("", "what"), ("Where: ", "where"), ("Still safe: ", "safe"), ("Next: ", "next_step"))
        yield from (f"  {label}{one_line(error[key], LONGEST)}" for label, key in labels if error.get(key))


def _last_complete(one: Forest) -> Iterator[str]:
    if failed(one):
        last = one.get("last_complete")
        yield f"  Last complete snapshot: {_moment(last) if last else 'none'}"


def _anew(target: Target) -> str:
    return ", ".join(f"{target['lives'][life]:,} {life}" for life in ANEW if target["lives"][life]) or "nothing new"


def _worst(target: Target) -> Iterator[str]:
    """The worst of what counts since this run: of each rule the first, and whom the others are about."""
    alike: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for finding in target["worst"]:
        alike.setdefault((finding["severity"], finding["life"], finding["rule"]), []).append(finding)
    told = list(alike.items())[:WORST]
    for kind, (first, *others) in told:
        named = first["identity"] in first["message"]
        said = first["message"] if named else f"{first['identity']}: {first['message']}"
        yield "    " + one_line(f"{', '.join(kind)}: {said}", LONGEST)
        if others:
            yield "      also: " + one_line(", ".join(one["identity"] for one in others), LONGEST)
    rest = sum(target["lives"][life] for life in ANEW) - sum(len(findings) for _, findings in told)
    if rest > 0:
        yield f"    and {rest:,} more"


def _moment(said: str) -> str:
    """A moment as a person reads it; in UTC."""
    return f"{datetime.fromisoformat(said):%Y-%m-%d %H:%M} UTC"
