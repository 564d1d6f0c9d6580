"""USR-001, 002, 006 to 009: a user's SIP address, Enterprise Voice and line."""

import pytest

from adinspect.finding import Target
from adinspect.profile import Elsewhere
from adinspect.rule import Need, Rule, Skipped
from adinspect.rules.users import (
    enterprise_voice_off,
    line_uri_malformed,
    line_uri_missing,
    line_uri_unused,
    sip_address_missing,
    sip_address_not_enabled,
)
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State, rows

ONLINE, HERE = "sipfed.online.lync.com", "SRV:"


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ("expected without an address | yes | -", True),
        ("expected with an address | yes | sip:ada@contoso.com", False),
        ("not expected | no | -", False),
    ],
)
@pytest.mark.parametrize("target", list(Target))
def test_who_should_have_voice_needs_a_sip_address(user: str, named: bool, target: Target) -> None:
    assert bool(offenders(sip_address_missing, users=table(f"identity | expected | sip_address\n{user}"), target=target)) is named


@pytest.mark.parametrize(
    ("target", "severity", "wave", "csv"),
    [
        (Target.UM_LYNC, "high", "F", ("20_cs_user_enable",)),
        (Target.SFB_CLOUD_VOICEMAIL, "high", "F", ("20_cs_user_enable",)),
        (Target.TEAMS_PHONE, "info", "-", ()),
    ],
)
def test_teams_needs_no_sip_address_on_premises_and_gets_no_csv(
    target: Target, severity: str, wave: str, csv: tuple[str, ...]
) -> None:
    found = findings(sip_address_missing, users=table("identity | expected\nada | yes\nbo | yes"), target=target)
    assert found[["identity", "severity", "wave", "csv"]].to_numpy().tolist() == [
        ["ada", severity, wave, csv],
        ["bo", severity, wave, csv],
    ]


def test_a_user_whose_place_in_the_population_is_unknown_is_held_back() -> None:
    users = table("identity | sip_address\nada | -\nbo | -")
    hidden = rows(("users", "recipient_type", "users-0", State.UNREADABLE, "may not be read"))
    verdict = outcome(sip_address_missing, users=users, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert (verdict.judged, verdict.of, verdict.note) == (1, 2, "a column that decides who should have voice was not seen")


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ("disabled | sip:ada@contoso.com | no", "it is disabled, its configuration kept"),
        ("never enabled | sip:ada@contoso.com | -", "it was never enabled to the end, or was removed and left this behind"),
        ("enabled | sip:ada@contoso.com | yes", None),
        ("without an address | - | no", None),
    ],
)
def test_a_sip_address_that_nobody_can_sign_in_with_is_named(user: str, named: str | None) -> None:
    found = findings(sip_address_not_enabled, users=table(f"identity | sip_address | sip_enabled\n{user}"))
    assert list(found["because"]) == ([named] if named else [])


VOICE = "identity | expected | sip_enabled | enterprise_voice | deployment_locator | pool_service"


@pytest.mark.parametrize(
    ("user", "named"),
    [
        (f"by its locator | yes | yes | no | {HERE} | -", True),
        ("by its locator in lower case | yes | yes | no | srv: | -", True),
        ("by its home server alone | yes | yes | no | - | CN=Lc Services", True),
        (f"online | yes | yes | no | {ONLINE} | CN=Lc Services", False),
        ("homed nowhere | yes | yes | no | - | -", False),
        (f"has it | yes | yes | yes | {HERE} | -", False),
        (f"disabled for Lync | yes | no | no | {HERE} | -", False),
        (f"never enabled for Lync | yes | - | no | {HERE} | -", False),
        (f"not expected | no | yes | no | {HERE} | -", False),
    ],
)
def test_who_should_have_voice_and_is_homed_on_premises_needs_enterprise_voice(user: str, named: bool) -> None:
    assert bool(offenders(enterprise_voice_off, users=table(f"{VOICE}\n{user}"))) is named


@pytest.mark.parametrize(
    ("user", "named"),
    [
        (f"without a line | yes | - | {HERE}", True),
        ("without a line, homed nowhere | yes | - | -", True),
        (f"with a line | yes | tel:+14255550100 | {HERE}", False),
        (f"online | yes | - | {ONLINE}", False),
        (f"without Enterprise Voice | no | - | {HERE}", False),
    ],
)
def test_enterprise_voice_needs_a_line(user: str, named: bool) -> None:
    users = table(f"identity | enterprise_voice | line_uri | deployment_locator\n{user}")
    assert bool(offenders(line_uri_missing, users=users)) is named


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ("parked | tel:+14255550100 | no | no | no | -", True),
        (f"parked online | tel:+14255550100 | no | no | no | {ONLINE}", True),
        ("Enterprise Voice | tel:+14255550100 | yes | no | no | -", False),
        ("remote call control | tel:+14255550100 | no | yes | no | -", False),
        ("remote call control beside Lync | tel:+14255550100 | no | no | yes | -", False),
        ("no number | - | no | no | no | -", False),
    ],
)
def test_a_number_nobody_can_use_is_named(user: str, named: bool) -> None:
    header = "identity | line_uri | enterprise_voice | remote_call_control | remote_call_dual | deployment_locator"
    assert bool(offenders(line_uri_unused, users=table(f"{header}\n{user}"))) is named


@pytest.mark.parametrize(
    ("line", "lync", "teams"),
    [
        ("tel:+14255550100", None, None),
        ("TEL:+14255550100;EXT=100", None, None),
        ("tel:+123456789012345", None, None),
        ("-", None, None),
        ("tel:14255550100", "medium", "high"),
        ("tel:100", "medium", "high"),
        ("tel:100;ext=1", "medium", "high"),
        ("tel:+04255550100", "medium", "high"),
        ("tel:+1234567890123456", "medium", "high"),
        ("tel:12", "high", "high"),
        ("tel:+12", "high", "high"),
        ("+14255550100", "high", "high"),
        ("14255550100", "high", "high"),
        ("tel:+1 425 555 0100", "high", "high"),
        ("tel:+1-425-555-0100", "high", "high"),
        ("tel:+1(425)5550100", "high", "high"),
        ("tel:+33(0)199001234", "high", "high"),
        ("tel:+\u0661\u0664\u0662\u0665\u0665\u0665", "high", "high"),
        ("tel:+14255550100;ext=", "high", "high"),
        ("sip:ada@pbx.contoso.com", "high", "high"),
    ],
)
def test_a_line_is_an_international_tel_uri(line: str, lync: str | None, teams: str | None) -> None:
    users = table(f"identity | line_uri\nada | {line}")
    for target, severity in ((Target.UM_LYNC, lync), (Target.SFB_CLOUD_VOICEMAIL, lync), (Target.TEAMS_PHONE, teams)):
        found = findings(line_uri_malformed, users=users, target=target)
        assert list(found["severity"]) == ([severity] if severity else [])


@pytest.mark.parametrize("kind", ["remote_call_control", "remote_call_dual"])
@pytest.mark.parametrize(("line", "named"), [("SIP:ada@pbx.contoso.com", False), ("tel:+1 425 555 0100", True)])
def test_a_sip_line_is_right_for_a_user_under_remote_call_control(kind: str, line: str, named: bool) -> None:
    assert bool(offenders(line_uri_malformed, users=table(f"identity | line_uri | {kind}\nada | {line} | yes"))) is named


@pytest.mark.parametrize("rule", [sip_address_missing, sip_address_not_enabled, enterprise_voice_off], ids=lambda rule: rule.code)
def test_where_lync_lives_in_another_forest_its_state_is_not_judged_here(rule: Rule) -> None:
    users = table("identity | expected\nada | yes")
    assert rule.needs == (Need.LYNC_NOT_ELSEWHERE,)
    assert outcome(rule, users=users, needs=True, lync_forest=Elsewhere.OTHER) == Skipped(
        "the profile says that Lync lives in another forest"
    )
    assert not isinstance(outcome(rule, users=users, needs=True), Skipped)


def test_lines_are_judged_wherever_lync_lives() -> None:
    assert [rule.needs for rule in (line_uri_missing, line_uri_unused, line_uri_malformed)] == [(), (), ()]
