"""What a step of a plan counts on: what earlier steps make, take away and change, and the files it waits for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pandas import DataFrame

from adinspect import bulk, delivery, plan, step
from adinspect.bulk_csv import BulkCsv
from adinspect.finding import Target
from adinspect.readings import Present
from adinspect.testing import TODAY

ADA, BOB = "ada00000-0000-4000-8000-000000000001", "b0b00000-0000-4000-8000-000000000002"
VOICE = bulk.shipped()["21_cs_user_voice"]
HOSTED = bulk.shipped()["25_cs_hostedvm_set"]
DISABLE = replace(
    VOICE, name="29_um_mailbox_disable", reads="Get-UMMailbox", leaves={"Get-CsUser": {"HostedVoiceMail": ""}}, found_after=False
)


WAITS = "waits for its row in 21_cs_user_voice, which cannot be run"


def ground() -> plan.Ground:
    return plan.Ground({}, frozenset())


def rows(of: BulkCsv, *guids: str, **cells: Any) -> DataFrame:
    told = {"Identity": "CN=Ada,DC=contoso,DC=example", "EnterpriseVoiceEnabled": True, "LineURI": "tel:+14255550101"}
    told |= {"HostedVoiceMail": True, step.REASON: "", step.BAR: "", step.AFTER: "", step.WAVE: "", **cells}
    lines = [{**told, step.GUID: guid, step.STEP: step.name(of.name, guid)} for guid in guids]
    return DataFrame(lines, columns=[*of.header, *plan.BESIDE], dtype="object")


@pytest.mark.parametrize(
    ("cells", "lacking"),
    [
        pytest.param({}, [], id="a row that can be run"),
        pytest.param({step.REASON: "why"}, [WAITS], id="one with a reason"),
        pytest.param({"LineURI": step.REVIEW}, [WAITS], id="a question"),
    ],
)
def test_a_row_waits_for_the_row_of_another_file_about_the_same_object(cells: dict[str, Any], lacking: list[str]) -> None:
    on = ground()
    on.count_on(VOICE, rows(VOICE, ADA, **cells))
    assert on.lacking([f"21_cs_user_voice/{ADA}"]) == lacking
    assert on.lacking([f"21_cs_user_voice/{BOB}"]) == [WAITS]
    assert on.lacking([]) == []


def test_what_an_earlier_step_changes_is_what_is_there_before_a_later_one() -> None:
    on = ground()
    on.count_on(DISABLE, rows(DISABLE, ADA))
    shown = {"HostedVoiceMail": True, "LineURI": "tel:+14255550101", "EnterpriseVoiceEnabled": True}
    present = Present({(ADA, ""): shown, (BOB, ""): shown})
    assert on.now(HOSTED, present, ADA, "") == ({**shown, "HostedVoiceMail": None}, f"29_um_mailbox_disable/{ADA}")
    assert on.now(HOSTED, present, BOB, "") == (shown, "")
    assert on.now(VOICE, present, ADA, "") == (shown, ""), "it does not change what this file does"
    assert on.now(HOSTED, Present(), ADA, "") == (None, ""), "who was not found is not found because of it"


@pytest.mark.parametrize(
    ("cells", "waits"),
    [
        pytest.param({}, True, id="a row that can be run"),
        pytest.param({step.REASON: "a person decides"}, True, id="one that a person may approve"),
        pytest.param({step.REASON: "is homed online", step.BAR: "is homed online"}, False, id="one that nobody may"),
    ],
)
def test_what_a_person_may_approve_counts_and_is_waited_for(cells: dict[str, Any], waits: bool) -> None:
    on, mailbox = ground(), replace(VOICE, reads="Get-UMMailbox")
    on.count_on(DISABLE, rows(DISABLE, ADA, **cells))
    shown = {"LineURI": "tel:+14255550101"}
    step_of = f"29_um_mailbox_disable/{ADA}"
    assert on.now(mailbox, Present({(ADA, ""): shown}), ADA, "") == ((None, step_of) if waits else (shown, ""))
    assert bool(on.lacking([step_of])) is bool(cells)


def test_what_a_row_that_may_never_be_run_leaves_counts_only_for_who_waits_for_it_anyway() -> None:
    on, step_of = ground(), f"29_um_mailbox_disable/{ADA}"
    on.count_on(DISABLE, rows(DISABLE, ADA, **{step.REASON: "a person decides"}))
    present = Present({(ADA, ""): {"HostedVoiceMail": True}})
    assert on.now(HOSTED, present, ADA, "") == ({"HostedVoiceMail": True}, "")
    assert on.now(HOSTED, present, ADA, "", [step_of]) == ({"HostedVoiceMail": None}, step_of)


def test_a_row_may_say_itself_what_it_leaves_and_the_last_one_counts() -> None:
    on, mailbox = ground(), replace(VOICE, reads="Get-Mailbox")
    steps = [step.name(one.name, ADA) for one in (DISABLE, VOICE)]
    on.leaving.update({one: {"Get-Mailbox": {"LineURI": one}} for one in steps})
    on.count_on(DISABLE, rows(DISABLE, ADA))
    on.count_on(VOICE, rows(VOICE, ADA))
    present = Present({(ADA, ""): {"LineURI": None, "Else": 1}})
    assert on.now(mailbox, present, ADA, "") == ({"LineURI": steps[1], "Else": 1}, steps[1])


@pytest.mark.parametrize(
    ("approved", "kept"),
    [
        pytest.param((VOICE, DISABLE), True, id="both are run"),
        pytest.param((VOICE,), False, id="one is not"),
        pytest.param((DISABLE,), False, id="the other is not"),
    ],
)
def test_a_row_is_delivered_only_with_every_row_it_waits_for(
    approved: tuple[BulkCsv, ...], kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "shipped", lambda: {one.name: one for one in (VOICE, DISABLE, HOSTED)})
    after = step.BETWEEN.join(step.name(one.name, ADA) for one in (VOICE, DISABLE))
    told = {one.name: rows(one, ADA, **{step.REASON: "" if one in approved else "skipped"}) for one in (VOICE, DISABLE)}
    told[HOSTED.name] = rows(HOSTED, ADA, **{step.AFTER: after})
    whole = plan.Plan(Target.SFB_CLOUD_VOICEMAIL, TODAY, DataFrame(), told, DataFrame())
    (*_, hosted) = delivery.settle(whole)
    assert len(hosted.kept) == kept
    if not kept:
        (row,) = hosted.rejected.to_dict("records")
        (other,) = [one for one in (VOICE, DISABLE) if one not in approved]
        assert row[step.REASON] == f"waits for its row in {other.name}, which is not run"
