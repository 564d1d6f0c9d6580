"""Files 20 to 26: what is true of each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lync_people import (
    ADA,
    AT_PARIS,
    BOB,
    CAL,
    CLEAR,
    CLOUD,
    DEE,
    DIAL_PLAN,
    DIRECT,
    ENABLE,
    GONE,
    GRANT,
    HOSTED,
    LISTED,
    ONLINE,
    POLICY,
    TEAMS,
    TWO_POOLS,
    VOICE,
    granted,
    sent,
    text,
)
from pandas import DataFrame

from adinspect import bulk, plan, rollback, step
from adinspect.finding import Target
from adinspect.visibility import State, rows

Split = Callable[..., Any]


# ---- all of them

FORESTS: dict[str, dict[str, Any]] = {
    ENABLE: {"users": text(ADA, BOB, CAL), "profile": AT_PARIS, **TWO_POOLS},
    VOICE: {
        "users": text({**CAL, "identity": "Ada", "enterprise_voice": "no"}, {**DEE, "identity": "Bob", "enterprise_voice": "no"})
    },
    DIAL_PLAN: {"cs_users": granted(("Ada", "-", "-", "-"), ("Bob", "-", "-", "-"))},
    POLICY: {"cs_users": granted(("Ada", "-", "-", "-"), ("Bob", "-", "-", "-"))},
    GRANT: {"cs_users": granted(("Ada", "-", "-", "-"), ("Bob", "-", "-", "-")), "cs_hostedvm": LISTED, "target": CLOUD},
    HOSTED: {"cs_users": granted(("Ada", "-", "-", "-"), ("Bob", "-", "-", "-")), "cs_hostedvm": LISTED, "target": CLOUD},
    CLEAR: {
        "users": text({**GONE, "identity": "Ada"}, {**GONE, **DEE, "identity": "Bob", "deployment_locator": ONLINE}),
        "profile": DIRECT,
        "target": TEAMS,
    },
}
RULE = {
    ENABLE: "USR-001",
    VOICE: "USR-006",
    DIAL_PLAN: "USR-013",
    POLICY: "USR-014",
    GRANT: "MIG-011",
    HOSTED: "MIG-011",
    CLEAR: "MIG-002",
}
EVERY_CSV = pytest.mark.parametrize("csv", FORESTS)


def forest(csv: str) -> dict[str, Any]:
    voiced = text({**CAL, "identity": "Ada"}, {**DEE, "identity": "Bob"})
    return {"users": voiced, "profile": AT_PARIS, **TWO_POOLS, **FORESTS[csv]}


def findings(csv: str, extra: str = "") -> str:
    """Ada and Bob are sent to a file, and hosted voice mail has its policy granted before."""
    also = [(one, RULE[GRANT], GRANT) for one in ("Ada", "Bob")] if csv == HOSTED else []
    return sent(*((one, RULE[csv], csv) for one in ("Ada", "Bob")), *also) + extra


@EVERY_CSV
def test_a_sound_forest_has_a_row_for_everybody(split: Split, csv: str) -> None:
    assert list(split(csv, findings(csv), **forest(csv)).kept) == ["Ada", "Bob"]


@EVERY_CSV
def test_a_likely_finding_changes_nothing_and_an_accepted_one_stands_against_it(split: Split, csv: str) -> None:
    rule = RULE[csv]
    likely = f"identity | rule | csv | certainty | because\nAda | {rule} | {csv} | likely | nobody knows"
    found = split(csv, likely + (f"\nAda | {rule} | {GRANT} | - | -" if csv == HOSTED else ""), **forest(csv))
    assert f"{rule} is only likely: nobody knows" in found.why("Ada")
    accepted = f"identity | rule | csv | waived\nAda | {rule} | {csv} | Adele\nAda | SITE-1 | {csv} | -"
    assert f"{rule} is accepted by Adele: it is so" in split(csv, accepted, **forest(csv)).why("Ada")
    alone = split(csv, f"identity | rule | csv | waived\nAda | {rule} | {csv} | Adele", **forest(csv))
    assert "Ada" not in {**alone.kept, **alone.rejected}


@EVERY_CSV
def test_who_is_homed_online_is_in_file_26_alone_and_nobody_else_is_there(split: Split, csv: str) -> None:
    here, online = "SRV:", ONLINE
    given = forest(csv)
    swapped = given["users"].replace(online, "@").replace(here, online).replace("@", here)
    if csv == ENABLE:
        swapped = text({**ADA, "deployment_locator": online}, {**BOB, "deployment_locator": "SIPFED.online.lync.de"}, CAL)
    found = split(csv, findings(csv), **{**given, "users": swapped})
    assert not found.kept
    reason = "is not homed online" if csv == CLEAR else "is homed online"
    assert all(reason in row[step.REASON] for row in found.rejected.values())
    assert csv == ENABLE or csv in (DIAL_PLAN, POLICY) or set(found.rejected) == {"Ada", "Bob"}


HIDDEN = [
    (ENABLE, "users", "mail"),
    (ENABLE, "users", "sip_enabled"),
    (VOICE, "users", "enterprise_voice"),
    (VOICE, "users", "deployment_locator"),
    (DIAL_PLAN, "users", "enterprise_voice"),
    (DIAL_PLAN, "users", "deployment_locator"),
    (DIAL_PLAN, "users", "line_uri"),
    (POLICY, "users", "enterprise_voice"),
    (GRANT, "users", "object_class"),
    (GRANT, "users", "deployment_locator"),
    (HOSTED, "users", "um_enabled"),
    (HOSTED, "voice_mail_settings", "setting"),
    (HOSTED, "proxy_addresses", "address"),
    (CLEAR, "users", "line_uri"),
    (CLEAR, "users", "remote_call_dual"),
]


@pytest.mark.parametrize(("csv", "table", "column"), HIDDEN)
def test_who_was_not_seen_whole_gets_no_row_but_the_reason(split: Split, csv: str, table: str, column: str) -> None:
    given = forest(csv)
    header, ada, *others = given["users"].splitlines()
    hidden = "ada00000-0000-4000-8000-000000000001"
    given["users"] = "\n".join([f"{header} | guid", f"{ada} | {hidden}", *(f"{other} | -" for other in others)])
    unseen = rows((table, column, hidden, State.UNREADABLE, "the account may not read it"))
    found = split(csv, findings(csv), unseen, **given)
    assert "Ada" not in found.kept
    assert "not" in found.why("Ada")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target.UM_LYNC, [ENABLE, VOICE, DIAL_PLAN, POLICY, HOSTED]),
        (CLOUD, [ENABLE, VOICE, DIAL_PLAN, POLICY, GRANT, HOSTED]),
        (TEAMS, [VOICE, CLEAR]),
    ],
)
def test_each_target_has_its_files_in_the_order_they_are_run(target: Target, expected: list[str]) -> None:
    assert [one.name for one in plan.files(target) if one.name in FORESTS] == expected


# ---- taking back

BACK = [
    (ENABLE, {}, "Disable-CsUser", {}),
    (
        VOICE,
        {"LineURI": "tel:+1", "EnterpriseVoiceEnabled": True, "_Previous_EnterpriseVoiceEnabled": False},
        "Set-CsUser",
        {"LineURI": step.NULL, "EnterpriseVoiceEnabled": False},
    ),
    (DIAL_PLAN, {"PolicyName": "Paris"}, "Grant-CsDialPlan", {"PolicyName": step.NULL}),
    (POLICY, {"PolicyName": "National", "_Previous_PolicyName": "Old"}, "Grant-CsVoicePolicy", {"PolicyName": "Old"}),
    (GRANT, {"PolicyName": "Cloud"}, "Grant-CsHostedVoicemailPolicy", {"PolicyName": step.NULL}),
    (HOSTED, {"HostedVoiceMail": True}, "Set-CsUser", {"HostedVoiceMail": step.NULL}),
    (HOSTED, {"HostedVoiceMail": step.NULL, "_Previous_HostedVoiceMail": True}, "Set-CsUser", {"HostedVoiceMail": True}),
    (CLEAR, {"LineURI": step.NULL, "_Previous_LineURI": "tel:+14255550101"}, "Set-CsUser", {"LineURI": "tel:+14255550101"}),
]


@pytest.mark.parametrize(("csv", "cells", "cmdlet", "expected"), BACK)
def test_what_was_there_is_put_back(csv: str, cells: dict[str, Any], cmdlet: str, expected: dict[str, Any]) -> None:
    of = bulk.shipped()[csv]
    row = {**dict.fromkeys(of.header), "Identity": "CN=Cal,DC=contoso,DC=example", **cells}
    (told,) = rollback.rows(of, DataFrame([row], dtype="object"))
    back = rollback.definition(of)
    assert (back.name, back.cmdlet, told["Identity"]) == (f"90_{csv}", cmdlet, row["Identity"])
    assert {name: told[name] for name in expected} == expected
