"""Makes the pages of this folder that a machine can make, and the runner's table; a test fails when they are stale."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from adinspect import bulk, certificates, definitions, derived, diff, documentation, query, rules, runner, side
from adinspect.cli import adinspect
from adinspect.definitions import TABLES, TEXT, TEXTS, Toml
from adinspect.rule import Signature

STEPS = Path(__file__).with_name("deployment-steps.toml")
RUNNER = Path(__file__).parents[1] / "reports" / "bulk" / runner.NAME

STEPS_INTRODUCTION = """What Microsoft's page *Deploying Exchange 2013 UM and Lync Server overview* asks for (SEED in
[sources](sources.md)), statement by statement and in our own words: the [rules](rules.md) that judge it, the
[side inputs](tables.md#side-inputs) that hold what Active Directory does not, and what is left for a person to look at. A side
input marked *by hand* is kept in the snapshot, but none of the rules beside it reads it. Rules on certificates judge those that
servers present or that are supplied as files; without any they are skipped, and say so."""

STEPS_HEADER = "| step | what the page says | rules | side inputs | what is not judged |\n| --- | --- | --- | --- | --- |"


@dataclass(frozen=True)
class Statement:
    """One thing that the deployment page says, and what judges it: codes of rules and names of side inputs."""

    part: str
    step: str
    says: str
    rules: tuple[str, ...] = ()
    side: tuple[str, ...] = ()
    not_judged: str = ""


def statements(toml: Toml) -> list[Statement]:
    """The statements of a file like deployment-steps.toml.

    Raises:
        ConfigurationError: a statement names a rule or a side input that does not exist, or has neither a rule nor a reason.
    """
    toml.check(toml.content, {"statement": TABLES})
    return [_statement(toml, place) for place in range(len(toml.content["statement"]))]


def _statement(toml: Toml, place: int) -> Statement:
    content, path = toml.content["statement"][place], ("statement", place)
    toml.check(content, {"part": TEXT, "step": TEXT, "says": TEXT}, {"rules": TEXTS, "side": TEXTS, "not_judged": TEXT}, *path)
    for key, known in (("rules", rules.shipped()), ("side", side.shipped())):
        if unknown := [name for name in content.get(key, ()) if name not in known]:
            raise toml.wrong(f"there is no {unknown[0]} for {key} to name", *path, key)
    if not content.get("rules") and "not_judged" not in content:
        raise toml.wrong("no rule judges the statement, and not_judged does not say why", *path)
    texts = (content["part"], content["step"], content["says"])
    return Statement(*texts, tuple(content.get("rules", ())), tuple(content.get("side", ())), content.get("not_judged", ""))


def steps_page(said: Iterable[Statement]) -> str:
    """deployment-steps.md: a table for each part of the deployment page."""
    parts = groupby(said, attrgetter("part"))
    told = (f"## {part}\n\n{STEPS_HEADER}\n" + "\n".join(map(_row, found)) for part, found in parts)
    return f"# Deployment steps\n\n{documentation.MADE}\n\n{STEPS_INTRODUCTION}\n\n" + "\n\n".join(told) + "\n"


def _row(one: Statement) -> str:
    judges = ", ".join(f"[{code}](rules.md#{code.lower()})" for code in one.rules)
    read = {table for code in one.rules for table in _read(rules.shipped()[code].signature)}
    beside = ", ".join(f"[`{name}`](tables.md#{name}){'' if name in read else ' by hand'}" for name in one.side)
    return f"| {one.step} | {one.says} | {judges or 'none'} | {beside} | {one.not_judged} |"


def _read(signature: Signature) -> Iterator[str]:
    """The tables that a rule reads, those behind its derived tables too."""
    for table in (one.table for one in signature.inputs):
        yield table
        if table in derived.shipped():
            yield from _read(derived.shipped()[table].signature)


def pages() -> Mapping[str, str]:
    """Each made page by its file name."""
    others = (certificates.TABLE, diff.TABLE)
    return {
        "rules.md": documentation.rules_page(rules.shipped().values()),
        "tables.md": documentation.tables_page(query.shipped().values(), others, side.shipped().values()),
        "commands.md": documentation.commands_page(adinspect),
        "deployment-steps.md": steps_page(statements(definitions.read(STEPS))),
    }


if __name__ == "__main__":
    for name, text in pages().items():
        Path(__file__).with_name(name).write_text(text, encoding="utf-8")
    script = RUNNER.read_bytes().decode("ascii")
    RUNNER.write_bytes(runner.remade(script, bulk.shipped().values()).encode("ascii"))
