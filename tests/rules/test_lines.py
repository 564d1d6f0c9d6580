"""CNS-017, 018, 024, 026: a user's numbers and what they agree with."""

import pytest
from pandas import DataFrame

from adinspect import rules
from adinspect.finding import Target
from adinspect.rule import Need, Skipped
from adinspect.rules.lines import audio_video_off, extensions_disagree, private_line_present, telephone_number_different
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State, rows

ONLINE = "sipfed.online.lync.com"

PLANS: dict[str, DataFrame] = {
    "dial_plans": table("""
        identity | dn      | uri_type | phone_context   | extension_digits
        HQ       | CN=HQ   | 3        | HQ.contoso.com  | 5
        Ext      | CN=Ext  | 1        | Ext.contoso.com | 5
        Mute     | CN=Mute | 3        | Mute.contoso.com| -
        Long     | CN=Long | 3        | Long.contoso.com| 15
    """),
    "dial_plan_equivalents": table("identity | phone_context\nHQ | Legacy.contoso.com"),
}


def disagreement(line: str, *given: str, user: str = "yes | CN=HQ | - | user") -> list[str]:
    users = table(f"identity | um_enabled | um_dial_plan | deployment_locator | object_class | line_uri\nada | {user} | {line}")
    proxies = table("\n".join(("identity | address", *(f"ada | {address}" for address in given))))
    return list(findings(extensions_disagree, users=users, proxy_addresses=proxies, **PLANS)["message"])


def said(line: str, expected: str, extensions: str) -> list[str]:
    return [f"Line {line} of ada has the extension {expected}, but in Exchange UM the user has {extensions}."]


HERE = ";phone-context=HQ.contoso.com"


@pytest.mark.parametrize(
    ("line", "given", "expected", "extensions"),
    [
        ("tel:+14255550100", [f"eum:50100{HERE}"], None, None),
        ("TEL:+14255550100;EXT=777", [f"eum:777{HERE}"], None, None),
        ("tel:+14255550100;ext=50100", [f"eum:50100{HERE}"], None, None),
        ("tel:+14255550100", ["eum:50100;phone-context=legacy.CONTOSO.com"], None, None),
        ("tel:+14255550100", [f"eum:50199{HERE}", f"eum:50100{HERE}"], None, None),
        ("tel:+14255550100", [f"eum:50199{HERE}"], "50100", "50199"),
        ("tel:+14255550100", [f"eum:50199{HERE}", "eum:50198;phone-context=Legacy.contoso.com"], "50100", "50198, 50199"),
        ("tel:+14255550100;ext=7", [f"eum:50100{HERE}"], "7", "50100"),
        ("tel:+14255550100;ext=0100", [f"eum:100{HERE}"], "0100", "100"),
        ("tel:+14255550100", [f"EUM:50199{HERE}"], None, None),
        ("tel:+14255550100", [f"EUM:50100{HERE}", f"eum:50199{HERE}"], None, None),
        ("tel:+14255550100", ["eum:50199;phone-context=Gone.contoso.com"], None, None),
        ("tel:+14255550100", [f"EUM:ada@contoso.com{HERE}"], None, None),
        ("tel:+14255550100", [], None, None),
        ("tel:14255550100", [f"eum:50199{HERE}"], None, None),
        ("tel:+1 425 555 0100", [f"eum:50199{HERE}"], None, None),
        ("-", [f"eum:50199{HERE}"], None, None),
    ],
)
def test_line_and_um_have_one_extension(line: str, given: list[str], expected: str | None, extensions: str | None) -> None:
    assert disagreement(line, *given) == (said(line, expected, extensions) if expected and extensions else [])


@pytest.mark.parametrize(
    ("user", "context", "named"),
    [
        ("yes | CN=HQ | SRV: | user", "HQ", True),
        ("yes | CN=Ext | SRV: | user", "Ext", True),
        ("no | CN=HQ | SRV: | user", "HQ", False),
        (f"yes | CN=HQ | {ONLINE} | user", "HQ", False),
        ("yes | CN=HQ | SRV: | contact", "HQ", False),
        ("yes | CN=Gone | SRV: | user", "HQ", False),
        ("yes | CN=Mute | SRV: | user", "Mute", False),
        ("yes | CN=Long | SRV: | user", "Long", False),
    ],
)
def test_extensions_are_compared_where_um_and_its_plan_are_known(user: str, context: str, named: bool) -> None:
    assert bool(disagreement("tel:+14255550100", f"eum:50199;phone-context={context}.contoso.com", user=user)) is named


def test_the_extension_in_a_line_needs_no_number_of_digits_in_the_plan() -> None:
    found = disagreement("tel:+14255550100;ext=7", "eum:8;phone-context=Mute.contoso.com", user="yes | CN=Mute | SRV: | user")
    assert found == said("tel:+14255550100;ext=7", "7", "8")


def test_a_primary_extension_counts_where_the_plan_wants_one() -> None:
    found = disagreement("tel:+14255550100", "EUM:50199;phone-context=Ext.contoso.com", user="yes | CN=Ext | - | user")
    assert found == said("tel:+14255550100", "50100", "50199")


def test_extensions_are_judged_only_where_exchange_is_seen() -> None:
    assert rules.shipped()["CNS-017"].needs == (Need.EXCHANGE,)


@pytest.mark.parametrize(
    ("telephone", "line", "named"),
    [
        ("+1 425 555 0101", "tel:+14255550100", True),
        ("001 425 555 0101", "tel:+14255550100", True),
        ("+44 (0)20 7946 0101", "tel:+442079460100;ext=5", True),
        ("+1 (425) 555-0100", "tel:+14255550100", False),
        ("+44 (0)20 7946 0100", "tel:+442079460100;ext=5", False),
        ("+39 (0)6 555 0100", "tel:+39065550100", False),
        ("+1\u00a0425\u00a0555\u00a00100", "tel:+14255550100", False),
        ("425 555 0101", "tel:+14255550100", False),
        ("0101", "tel:+14255550100", False),
        ("+1 425 555 0101 x12", "tel:+14255550100", False),
        ("+1 425 555 0101", "tel:14255550100", False),
        ("+1 425 555 0101", "sip:ada@pbx.contoso.com", False),
        ("+1 425 555 0101", "-", False),
        ("-", "tel:+14255550100", False),
    ],
)
@pytest.mark.parametrize("target", list(Target))
def test_the_address_book_shows_the_number_that_rings(telephone: str, line: str, named: bool, target: Target) -> None:
    users = table(f"identity | telephone_number | line_uri\nada | {telephone} | {line}")
    assert bool(offenders(telephone_number_different, users=users, target=target)) is named


def test_private_lines_are_listed_and_are_worse_where_somebody_else_has_the_number() -> None:
    users = table("""
        identity | line_uri         | private_line
        ada      | tel:+14255550100 | tel:+14255550101
        bo       | tel:+14255550102 | TEL:+14255550100
        cy       | tel:+14255550103 | tel:+14255550103
        di       | tel:+14255550104 | -
    """)
    contacts = table("identity | private_line | owner_urn\nRGS | tel:+14255550199 | urn:application:RGS")
    found = findings(private_line_present, users=users, contacts=contacts, target=Target.TEAMS_PHONE)
    assert sorted(found[["identity", "severity", "because"]].to_numpy().tolist()) == [
        ["ada", "medium", ""],
        ["bo", "high", "its number is also assigned to ada (line URI)"],
        ["cy", "medium", ""],
    ]
    assert found["key"].is_unique


def test_a_private_line_is_told_although_other_numbers_were_not_seen() -> None:
    users = table("identity | private_line\nada | tel:+14255550101\nbo | -")
    hidden = rows(("users", "line_uri", "users-1", State.UNREADABLE, "msRTCSIP-Line may not be read"))
    verdict = outcome(private_line_present, users=users, target=Target.TEAMS_PHONE, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["ada"]
    assert "msRTCSIP-Line may not be read" in verdict.note


@pytest.mark.parametrize(("user", "named"), [("yes | yes", True), ("yes | no", False), ("no | yes", False)])
def test_enterprise_voice_without_audio_is_likely_a_fault(user: str, named: bool) -> None:
    found = findings(audio_video_off, users=table(f"identity | enterprise_voice | audio_video_disabled\nada | {user}"))
    assert list(found["certainty"]) == (["likely"] if named else [])
    assert all("2048" in because for because in found["because"])
