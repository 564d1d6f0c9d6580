"""Asks for the tables of a report, and keeps what each may lack: what was not seen must not look like nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pandas import DataFrame

from adinspect.rule import Lack, Signature, Skipped
from adinspect.view import View


@dataclass(eq=False)
class Asking:
    """Hands functions with a rule's signature what they ask a view for; `limits` grows: a table, and why it may lack rows."""

    view: View
    limits: list[tuple[str, str]] = field(default_factory=list)

    def rows(self, table: str, build: Callable[..., DataFrame], columns: Sequence[str]) -> DataFrame:
        """What a function makes, with these columns; no row where it cannot be had."""
        handed = self.view.hand(Signature.of(build), {})
        if isinstance(handed, Skipped):
            # what the schema has no attribute for, nobody has
            self.limits += [(table, handed.reason)] if handed.lack is not Lack.INAPPLICABLE else []
            return DataFrame(columns=list(columns), dtype="str")
        self.limits += [(table, note) for note in handed.notes]
        return build(**handed.arguments).reindex(columns=list(columns)).reset_index(drop=True)

    def told(self) -> DataFrame:
        """The limits as a table (table, why), each once."""
        return DataFrame(list(dict.fromkeys(self.limits)), columns=["table", "why"], dtype="str")
