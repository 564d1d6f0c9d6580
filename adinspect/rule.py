"""A rule: its signature says what it judges and against what, its docstring says what it tells the reader."""

from __future__ import annotations

import inspect
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, TypeAlias, get_args, get_origin, get_type_hints

from pandas import DataFrame

from adinspect.finding import Severity, Target, Wave

CONTEXT = frozenset({"target", "today", "lync_forest", "exchange_forest", "sign_in", "region", "profile"})
"""Parameters the engine gives by name: the target, the day of the snapshot, and top-level keys of the profile."""


class Need(StrEnum):
    """What must be in sight for a rule to make sense at all (Exchange and Lync may live in different forests)."""

    EXCHANGE = "exchange"
    POOL = "pool"
    LYNC_NOT_ELSEWHERE = "lync not elsewhere"


class Lack(StrEnum):
    """Why a rule could not be run: it was not let see, somebody did not supply something, or there is nothing for it to judge."""

    UNSEEN = "unseen"
    UNSUPPLIED = "not supplied"
    INAPPLICABLE = "does not apply"


@dataclass(frozen=True)
class Skipped:
    """Returned by a rule, instead of rows, where the tables show that it does not apply; by the engine with another `lack`."""

    reason: str
    lack: Lack = field(default=Lack.INAPPLICABLE, compare=False)


@dataclass(frozen=True)
class Partly:
    """Returned by a rule that could not judge all it was handed, instead of rows: what it found, how many rows not, and why.

    For what only the rule can tell, such as a certificate whose root is not known; what was not seen is the engine's.
    """

    found: DataFrame
    unjudged: int
    reason: str


Selected: TypeAlias = DataFrame | Skipped | Partly
"""What a rule returns."""


@dataclass(frozen=True)
class Input:
    """A table a function reads, the columns it names, and those of them that only exempt (`"column?"`).

    Of an `audited` column (`"column!"`), that it could not be seen is itself what is judged: unseen values count as missing. A
    `partial` table (`...` after its columns) need not be whole: its unseen rows could take no finding away. An `optional` one
    (`DataFrame | None`) is handed as None where it cannot be had, most often for want of a side input.
    """

    table: str
    columns: tuple[str, ...]
    exempting: frozenset[str]
    partial: bool = False
    audited: frozenset[str] = frozenset()
    optional: bool = False

    @classmethod
    def of(cls, table: str, hint: Any) -> Input:
        """Read it off what a parameter is annotated with: a DataFrame or None, columns with their marks, and `...`."""
        kind, *said = get_args(hint)
        columns = [column for column in said if column is not ...]
        marked = {mark: frozenset(column[:-1] for column in columns if column.endswith(mark)) for mark in "?!"}
        names = tuple(column.rstrip("?!") for column in columns)
        return cls(table, names, marked["?"], ... in said, marked["!"], type(None) in get_args(kind))


@dataclass(frozen=True)
class Setting:
    """A parameter that the profile may set; `required` where the function has no default."""

    name: str
    type: type
    default: Any
    required: bool


@dataclass(frozen=True)
class Signature:
    """What a rule or a derived table asks for."""

    inputs: tuple[Input, ...]
    settings: tuple[Setting, ...]
    context: frozenset[str]

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Signature:
        """Read it off the parameters: annotated with columns a table, a known name context, anything else a setting."""
        hints = get_type_hints(function, include_extras=True)
        inputs, settings, context = [], [], set()
        for name, parameter in inspect.signature(function).parameters.items():
            if get_origin(hints[name]) is Annotated:
                inputs.append(Input.of(name, hints[name]))
            elif name in CONTEXT:
                context.add(name)
            else:
                required = parameter.default is parameter.empty
                settings.append(Setting(name, hints[name], None if required else parameter.default, required))
        return cls(tuple(inputs), tuple(settings), frozenset(context))


@dataclass(frozen=True)
class Rule:
    """One rule of the catalogue. `message` is a template over the columns of a row, the settings and the target."""

    code: str
    severity: Severity
    targets: frozenset[Target]
    wave: Wave
    csv: tuple[str, ...]
    source: str
    needs: tuple[Need, ...]
    signature: Signature
    select: Callable[..., Selected]
    message: str
    why: str
    remediation: str
    cmdlet: str

    @property
    def judged(self) -> Input:
        """The table whose rows are judged."""
        return self.signature.inputs[0]

    @property
    def placeholders(self) -> frozenset[str]:
        """The names its message mentions."""
        return frozenset(name for _, name, _, _ in string.Formatter().parse(self.message) if name)


def rule(
    code: str,
    severity: Severity,
    *targets: Target,
    source: str,
    wave: Wave = Wave.NONE,
    csv: str | tuple[str, ...] = (),
    needs: Need | tuple[Need, ...] = (),
) -> Callable[[Callable[..., Selected]], Rule]:
    """Make a rule of a function that takes tables and returns the offending rows of the first.

    The docstring is the message: its first paragraph says what is wrong with a row (`{column}`), the next ones why it
    matters; a line that begins `Remediation:` and one that begins `Cmdlet:` say what to do. Without targets, all three.
    """

    def make(select: Callable[..., Selected]) -> Rule:
        told = _told(select)
        return Rule(
            code,
            severity,
            frozenset(targets or Target),
            wave,
            (csv,) if isinstance(csv, str) else csv,
            source,
            (needs,) if isinstance(needs, Need) else needs,
            Signature.of(select),
            select,
            told["message"],
            told["why"],
            told["Remediation"],
            told["Cmdlet"],
        )

    return make


def _told(select: Callable[..., Any]) -> Mapping[str, str]:
    message, *rest = (inspect.getdoc(select) or "").split("\n\n")
    told = {"message": " ".join(message.split()), "why": "", "Remediation": "", "Cmdlet": ""}
    key = "why"
    for line in "\n".join(rest).splitlines():
        label, colon, text = line.partition(": ")
        if colon and label in ("Remediation", "Cmdlet"):
            key, line = label, text
        told[key] = f"{told[key]} {line.strip()}".strip()
    return told
