from __future__ import annotations

import json
from pathlib import Path

import pytest
import run_json
from run_json import Json
from sample_report import NAUGHTY

from adinspect import notify
from adinspect.notify import Attachment

ADA = run_json.WORST
BOB, EVE = ({**ADA, "identity": f"{name}@contoso.com"} for name in ("bob", "eve"))
PLAN = {**ADA, "rule": "DP-006", "identity": "UM dial plan HQ", "message": "It has no hunt group."}
EVENTFUL = run_json.forest(
    "contoso",
    run_json.target("um-lync", ADA, BOB, PLAN, EVE, new=12, regressed=1, resolved=2, unknown=5),
    files=["contoso/page.html", "contoso/remediation.xlsx"],
    state="partial",
    notes=["Waiver USR-003 on CN=Bob matches nothing."],
)


@pytest.mark.parametrize(
    ("forests", "code", "news"),
    [
        ([run_json.forest()], 0, False),
        ([run_json.forest(exit=3)], 3, False),
        ([run_json.forest("contoso", run_json.target(open=9, resolved=3, waived=2, unknown=1))], 0, False),
        ([run_json.forest("contoso", run_json.target(new=1))], 0, True),
        ([run_json.forest("contoso", run_json.target(), run_json.target("teams-phone", regressed=1))], 0, True),
        ([run_json.forest("contoso", run_json.target(expired=1))], 3, True),
        ([run_json.forest(), run_json.unreached()], 4, True),
        ([run_json.forest(exit=5)], 5, True),
        ([], 2, True),
        ([run_json.forest()], 1, True),
    ],
)
def test_news_is_what_counts_since_this_run_and_what_failed(forests: list[Json], code: int, news: bool) -> None:
    message = notify.message(run_json.run(forests=forests, exit=code))
    assert message.news is news
    assert message.payload["news"] is news


@pytest.mark.parametrize(
    ("run", "subject"),
    [
        (run_json.run(), "adinspect: nothing new (contoso)"),
        (run_json.run(EVENTFUL), "adinspect: 12 new; 1 regressed; 2 resolved (contoso)"),
        (run_json.run(EVENTFUL, run_json.unreached()), "adinspect: fabrikam failed; 12 new; 1 regressed; 2 resolved (contoso)"),
        (run_json.run(forests=[], exit=2), "adinspect: the run failed"),
    ],
)
def test_the_subject_says_whether_to_open_it(run: Json, subject: str) -> None:
    assert notify.message(run).subject == subject


def test_the_text_is_read_in_ten_seconds() -> None:
    assert (
        notify.message(run_json.run(EVENTFUL, run_json.unreached())).text
        == """\
contoso, um-lync: 12 new, 1 regressed, 2 resolved, 5 unknown; standing: 3 high, 1 info
fabrikam: failed with exit code 4

contoso (contoso.com): exit code 0
  The snapshot is partial: what it does not show is not missing.
  Next: the notes say what ended too early; mend that, and run again.
  um-lync: 12 new, 1 regressed
    high, new, USR-001: User ada@contoso.com has no SIP address.
      also: bob@contoso.com, eve@contoso.com
    high, new, DP-006: UM dial plan HQ: It has no hunt group.
    and 9 more
    Of 5 earlier findings nobody can tell: too little could be seen.
  Changed in the directory, as far as could be seen: 3 changed
  Note: Waiver USR-003 on CN=Bob matches nothing.
  File: contoso/page.html
  File: contoso/remediation.xlsx

fabrikam: FAILED, exit code 4
  the server cannot be reached
  Where: ldaps://dc1.fabrikam.com
  Still safe: Earlier snapshots are untouched.
  Next: Look whether it runs.
  Last complete snapshot: 2026-11-20 02:00 UTC

adinspect 0.1.0, 2026-11-24 02:00 UTC to 2026-11-24 02:01 UTC, exit code 4
"""
    )


def test_a_message_that_did_not_get_out_is_news_for_the_next_one() -> None:
    message = notify.message(run_json.run(untold="2026-11-23T02:00:00Z"))
    assert message.news
    assert message.subject == "adinspect: an earlier message did not get out (contoso)"
    assert "Since the run of 2026-11-23 02:00 UTC messages did not get out, or a run was killed." in message.text


def test_what_befell_the_run_itself_is_told() -> None:
    error = {"what": "the file cannot be written", "where": "adinspect.prom", "safe": "", "next_step": "Make room."}
    text = notify.message(run_json.run(exit=7, error=error)).text
    assert "\n  the file cannot be written\n  Where: adinspect.prom\n  Next: Make room.\n" in text


def test_a_forest_that_was_never_read_whole_says_so() -> None:
    never = {**run_json.unreached(), "last_complete": None}
    assert "Last complete snapshot: none" in notify.message(run_json.run(never)).text


def test_a_directory_that_was_read_whole_and_has_not_changed_is_said_to_be_so() -> None:
    still = run_json.forest(changes={"added": 0, "removed": 0, "moved": 0, "changed": 0})
    assert "\n  Changed in the directory: nothing\n" in notify.message(run_json.run(still)).text


def test_text_of_the_directory_stays_on_its_line() -> None:
    worst = [{**ADA, "rule": f"X-{number}", "identity": text, "message": text} for number, text in enumerate(NAUGHTY)]
    for start in range(0, len(worst), 10):
        ten = worst[start : start + 10]
        one = run_json.forest("contoso", run_json.target("um-lync", *ten, new=len(ten)), notes=[one["message"] for one in ten])
        lines = notify.message(run_json.run(one)).text.split("\n")
        assert all(line.isprintable() for line in lines)
        assert len(lines) == 8 + 2 * len(ten)


def test_a_chat_is_told_counts_and_nothing_of_the_directory() -> None:
    text = notify.message(run_json.run(EVENTFUL, run_json.unreached())).payload["text"]
    assert text.splitlines() == [
        "adinspect: fabrikam failed; 12 new; 1 regressed; 2 resolved (contoso)",
        "contoso, um-lync: 12 new, 1 regressed, 2 resolved, 5 unknown; standing: 3 high, 1 info",
        "fabrikam: failed with exit code 4",
    ]


def test_the_payload_is_json_and_holds_no_path_of_this_machine() -> None:
    payload = json.dumps(notify.message(run_json.run(EVENTFUL)).payload)
    assert "remediation" not in payload
    assert "20261124T020000Z" not in payload


def test_workbooks_are_attached_by_the_names_of_their_forests(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "plan.XLSX"
    run = run_json.run(EVENTFUL, run_json.forest("fabrikam", files=[str(elsewhere)]))
    output = tmp_path / "reports"
    assert notify.message(run, output).attachments == (
        Attachment("contoso-remediation.xlsx", output / "contoso" / "remediation.xlsx", "contoso/remediation.xlsx"),
        Attachment("fabrikam-plan.XLSX", elsewhere, "fabrikam/plan.XLSX"),
    )
