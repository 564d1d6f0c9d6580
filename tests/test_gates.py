"""When a gate stands: what was found, what could not be judged, what a profile accepts, and what that holds back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adinspect import assess, bulk, gates, plan, rules
from adinspect.finding import Target
from adinspect.rule import Rule
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.view import View
from adinspect.visibility import State, nothing_hidden, rows
from adinspect.waivers import Waiver, Waivers

TEAMS = Target.TEAMS_PHONE
CODES = ("MIG-006", "MIG-021", "TOP-004")
SEEN = {
    "users": table("identity | sip_address | sip_enabled\nAda | sip:ada@contoso.com | yes\nBob | sip:bob@contoso.com | yes"),
    "pools": table("identity | fqdn\nPool | pool01.contoso.example"),
    "sip_domains": table("domain\ncontoso.com"),
    "tenant_domains": table("domain | verified\ncontoso.com | yes"),
    "cs_serverversion": table("computer | component | version\nfe1 | SfB 2015, Core Components | 6.0.9319.619"),
}
"""A forest in which every gate is open."""

BAD: dict[str, dict[str, Any]] = {
    "MIG-006": {"tenant_domains": table("domain | verified\ncontoso.com | no")},
    "MIG-021": {"cs_serverversion": table("computer | component | version\nfe1 | SfB 2015, Core Components | 6.0.9319.1")},
    "TOP-004": {"sip_domains": table("domain\nfabrikam.com")},
}
BLIND: dict[str, dict[str, Any]] = {
    "MIG-006": {"tenant_domains": None},
    "MIG-021": {"cs_serverversion": None},
    "TOP-004": {"sip_domains": None},
}
ADDRESS = rows(("users", "sip_address", "users-0", State.UNREADABLE, "the account may not read it"))


def look(
    given: dict[str, Any],
    visibility: Any = None,
    accepted: tuple[str, ...] = (),
    waived: Waivers | None = None,
    catalogue: list[Rule] | None = None,
) -> View:
    whole = tables(**{name: rows for name, rows in {**SEEN, **given}.items() if rows is not None})
    unseen = nothing_hidden() if visibility is None else visibility
    judging: dict[str, Any] = {"target": TEAMS, "today": TODAY, "profile": replace(EVERYONE, gates=accepted)}
    chosen = [rules.shipped()[code] for code in CODES] if catalogue is None else catalogue
    found = assess.assess(whole, unseen, catalogue=chosen, accepted=waived, **judging)
    return assess.with_found(assess.view_of(whole, unseen, **judging), found)


def states(view: View) -> dict[str, str]:
    told = gates.of(view)
    return dict(zip(told["rule"], told["state"], strict=True))


OPEN = dict.fromkeys(CODES, "open")
EACH = pytest.mark.parametrize("code", CODES)


def test_what_was_judged_whole_without_a_finding_is_open() -> None:
    assert states(look({})) == OPEN


@EACH
@pytest.mark.parametrize("accepted", [(), CODES])
def test_a_finding_stands_whatever_the_profile_accepts(code: str, accepted: tuple[str, ...]) -> None:
    assert states(look(BAD[code], accepted=accepted)) == {**OPEN, code: "stands"}


@EACH
def test_a_gate_that_was_not_judged_stands_unless_it_is_accepted_by_name(code: str) -> None:
    others = tuple(other for other in CODES if other != code)
    assert states(look(BLIND[code], accepted=others)) == {**OPEN, code: "stands unjudged"}
    assert states(look(BLIND[code], accepted=(code,))) == {**OPEN, code: "accepted unjudged"}


@pytest.mark.parametrize("code", ["MIG-006", "TOP-004"])
def test_a_gate_that_was_judged_in_part_was_not_judged(code: str) -> None:
    # the domain of the one address that was not seen may be the wrong one
    others = {"MIG-006", "TOP-004"} - {code}
    view = look({}, ADDRESS, accepted=tuple(others))
    assert states(view) == {**OPEN, code: "stands unjudged", **dict.fromkeys(others, "accepted unjudged")}
    assert "the account may not read it" in gates.of(view).set_index("rule")["why"][code]
    assert states(look(BAD[code], ADDRESS, accepted=CODES))[code] == "stands"


def test_a_gate_that_nobody_ran_stands() -> None:
    assert states(look({}, catalogue=[])) == dict.fromkeys(CODES, "stands unjudged")


@EACH
def test_a_finding_that_was_waived_does_not_stand(code: str) -> None:
    keys = look(BAD[code]).tables["findings"]["key"]
    waived = Waivers(tuple(Waiver(code, "Adele", "it is so", TODAY.date(), key=key) for key in keys))
    assert states(look(BAD[code], waived=waived)) == OPEN


GATED = replace(bulk.shipped()["26_cs_line_clear"], name="40_sample", gated=True)


@EACH
def test_a_gated_file_is_held_by_each_gate_that_stands(code: str) -> None:
    chosen = [*plan.files(TEAMS), GATED]
    held = plan.standing(look({**BAD[code], **BLIND["MIG-006"]}), chosen)
    assert set(held["rule"]) == {code, "MIG-006"}
    assert "40_sample" in set(held["file"])
    assert not set(held["file"]) & {"21_cs_user_voice", "26_cs_line_clear"}
    unjudged = held.set_index("rule")["why"][["MIG-006"]].iloc[0]
    assert unjudged.startswith("could not be judged, and the profile does not accept that")
    assert plan.standing(look({}), chosen).empty
    assert plan.standing(look(BLIND[code], accepted=(code,)), chosen).empty
