"""A step: one change of one object that a person can approve, and the words and columns every step is told in."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

REVIEW = "#REVIEW"
"""A cell that a person has to fill: its row is never run."""

NULL = "$null"
"""What the runner turns into null: no text of the directory may pass for it."""

UNKNOWN = "#UNKNOWN"
"""A present value that is not known: nobody could tell afterwards what a change replaced, so its row is never run."""

OBJECT, GUID, RULES, WHY, WAVE = "_Object", "_ObjectGuid", "_Rules", "_Why", "_Wave"
NOTES = (OBJECT, GUID, RULES, WHY, WAVE)
"""Columns for people and for the runner's checks; never parameters."""

PREVIOUS = "_Previous_"
"""What a changed column's name begins with where it holds the value that is there now."""

REASON = "_Reason"
"""The column that says why a row must not be run; empty where it may."""

BAR = "_Bar"
"""The part of REASON that nobody's word can take away: what is there now, or could not be seen; empty where there is none."""

KEY = "_Key"
"""What tells several rows of one object in one file apart; empty where an object has one."""

STEP = "_Step"
"""What names a step: the file, the object's guid and KEY, with slashes between."""

AFTER = "_After"
"""The steps that must be run before this one, BETWEEN them; empty where none must.

In a row that a proposal gives: a tuple of the names of CSVs whose rows about the same object must be run before.
"""

BETWEEN = "|"
"""Between steps."""

LEAVES = "_Leaves"
"""In a row that a proposal gives, perhaps: Get cmdlets, and of each the properties of the object that are others once it was run.

For what the definition cannot say for all rows (bulk_csv.BulkCsv.leaves). No column of a CSV or a plan.
"""

DN = "_Dn"
"""The DN of a row's object, for people; a DN may change and never identifies."""


class Status(StrEnum):
    """Whether a step could be run as it stands."""

    READY = "ready"
    REVIEW = "review"
    HELD = "held"


STATUSES = {
    Status.READY: "Every value is certain and complete.",
    Status.REVIEW: "A person has to say something first: see the reason.",
    Status.HELD: "The whole file waits for something that is true of the forest.",
}
"""What each status means."""


class Action(StrEnum):
    """What a person decided about a step."""

    APPROVE = "approve"
    SKIP = "skip"
    EDIT = "edit"


ACTIONS = {
    Action.APPROVE: "Run it with the values proposed.",
    Action.EDIT: "Run it with the values as changed in this row.",
    Action.SKIP: "Leave the object as it is.",
}
"""What each action means; a step without one is not run."""

STEP_COLUMNS = (
    "step",
    "target",
    "order",
    "csv",
    "title",
    "cmdlet",
    "wave",
    "guid",
    "dn",
    "identity",
    "changes",
    "why",
    "rules",
    "certainty",
    "status",
    "reason",
    "after",
)
"""The columns of table `steps`: text, but for `order` (int).

`changes` tells each column's present and proposed value in words, `after` the steps that must be run before.
"""


def name(csv: str, guid: str, key: str = "") -> str:
    """What names a step, the same in every run: objects keep their guid."""
    return "/".join(part for part in (csv, guid, key) if part)


def text(cell: Any) -> str:
    """A cell as it is written: a list joined with `|`, no value blank."""
    if type(cell) is str:
        return cell
    if isinstance(cell, tuple):
        return "|".join(map(text, cell))
    return "" if cell is None or cell != cell else str(cell)
