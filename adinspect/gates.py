"""Gates: what has to hold of the whole forest before anybody is moved, and whether it does."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pandas import DataFrame

from adinspect import rules
from adinspect.finding import Wave
from adinspect.view import View


class Gate(StrEnum):
    """Whether a gate stands in the way."""

    OPEN = "open"
    STANDS = "stands"
    UNJUDGED = "stands unjudged"
    ACCEPTED = "accepted unjudged"


def of(view: View) -> DataFrame:
    """Each gate of the target: `rule`, `state` (Gate), and `why`, the first finding or what kept it from being judged.

    `view` has what was found (assess.with_found). A gate stands while it has a finding that nobody waived, and while it was not
    judged whole, unless the profile accepts it by name: that takes the place of a judgement, and never of a finding.
    """
    findings, accepted = view.tables["findings"], view.context["profile"].gates
    open_ones = findings[findings["waived"].isna()]
    found = open_ones.drop_duplicates("rule").set_index("rule")["message"].to_dict()
    told = []
    for code, rule in rules.shipped().items():
        if rule.wave is not Wave.GATE or view.context["target"] not in rule.targets:
            continue
        lacking = _lacking(view, code)
        unjudged = Gate.ACCEPTED if code in accepted else Gate.UNJUDGED
        state = Gate.STANDS if code in found else unjudged if lacking else Gate.OPEN
        told.append((code, state.value, found.get(code, lacking)))
    return DataFrame(told, columns=["rule", "state", "why"], dtype="str")


def _lacking(view: View, code: str) -> str:
    """Why a gate was not judged, or not whole; empty where it was."""
    skipped: Mapping[str, str] = view.tables["skipped"].set_index("rule")["reason"].to_dict()
    if code in skipped:
        return skipped[code]
    coverage = view.tables["coverage"]
    ran = coverage[coverage["rule"] == code]
    if ran.empty:
        return "the rule was not run"
    judged, whole, note = ran[["judged", "of", "note"]].iloc[0]
    # what a table lacks that need not be whole is told in the note alone
    return note or (f"only {judged:,} of {whole:,} could be judged" if judged < whole else "")
