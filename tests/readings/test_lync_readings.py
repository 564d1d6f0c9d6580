"""What Get-CsAdUser and Get-CsUser would show, from tables written as text."""

from __future__ import annotations

from typing import Any

import pytest

from adinspect import assess, readings
from adinspect.finding import Target
from adinspect.step import UNKNOWN
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.visibility import State, nothing_hidden, rows

TOPOLOGY = {
    "pool_services": "identity | dn | pool\nRegistrar | CN=Lc,CN=One | CN=One\nStray | CN=Lc,CN=Gone | CN=Gone",
    "pools": "identity | dn | fqdn\nOne | CN=One | one.contoso.example",
}


def shown(cmdlet: str, users: str, visibility: Any = None, **texts: str) -> readings.Present:
    whole = tables(users=table(users), **{name: table(text) for name, text in {**TOPOLOGY, **texts}.items()})
    unseen = nothing_hidden() if visibility is None else visibility
    return readings.present(cmdlet, assess.view_of(whole, unseen, target=Target.UM_LYNC, today=TODAY, profile=EVERYONE))


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("- | -", {"SipAddress": None, "RegistrarPool": None}),
        ("sip:Ada@contoso.com | -", {"SipAddress": "sip:Ada@contoso.com", "RegistrarPool": None}),
        ("- | CN=Lc,CN=One", {"SipAddress": None, "RegistrarPool": "one.contoso.example"}),
        ("- | CN=Lc,CN=Gone", {"SipAddress": None, "RegistrarPool": UNKNOWN}),
        ("- | CN=Never", {"SipAddress": None, "RegistrarPool": UNKNOWN}),
    ],
)
def test_get_cs_ad_user_finds_everybody(user: str, expected: dict[str, Any]) -> None:
    found = shown("Get-CsAdUser", f"identity | sip_address | pool_service\nAda | {user}")
    assert found.found == {("users-0", ""): expected}


USERS = "identity | sip_address | sip_enabled | enterprise_voice | line_uri | deployment_locator | pool_service\n"
NOBODY = {"EnterpriseVoiceEnabled": False, "LineURI": None, "HostedVoiceMail": None, "RegistrarPool": None}


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        pytest.param("- | - | no | - | SRV: | -", None, id="no place in Lync: a locator is what Disable-CsUser leaves"),
        pytest.param("- | - | no | tel:+1 | - | -", None, id="nor is a line one"),
        pytest.param("- | no | no | - | - | -", {"SipAddress": None}, id="disabled, configuration kept"),
        pytest.param("sip:a@b.c | - | no | - | - | -", {"SipAddress": "sip:a@b.c"}, id="an address"),
        pytest.param(
            "sip:a@b.c | yes | yes | tel:+1;ext=2 | - | -",
            {"EnterpriseVoiceEnabled": True, "LineURI": "tel:+1;ext=2"},
            id="voice",
        ),
        pytest.param("sip:a@b.c | yes | yes | - | sipfed.online.lync.com | -", {"EnterpriseVoiceEnabled": True}, id="online"),
        pytest.param("sip:a@b.c | yes | no | - | - | CN=Lc,CN=One", {"RegistrarPool": "one.contoso.example"}, id="the pool"),
        pytest.param("sip:a@b.c | yes | no | - | - | CN=Lc,CN=Gone", {"RegistrarPool": UNKNOWN}, id="a pool that was not seen"),
    ],
)
def test_get_cs_user_finds_who_has_a_place_in_lync(user: str, expected: dict[str, Any] | None) -> None:
    found = shown("Get-CsUser", f"{USERS}Ada | {user}").found
    if expected is None:
        assert not found
    else:
        told = {**NOBODY, **expected}
        assert {name: found["users-0", ""][name] for name in told} == told


ADA = USERS + "Ada | sip:ada@contoso.com | yes | yes | - | - | -"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((), None),
        (("CsHostedVoiceMail=1",), True),
        (("cshostedvoicemail=0",), False),
        (("ExchangeHostedVoiceMail=1",), None),
        (("ExchangeHostedVoiceMail=1", "CSHOSTEDVOICEMAIL=1"), True),
        (("ExchangeHostedVoiceMail=1", "CsHostedVoiceMail=0"), False),
    ],
)
def test_hosted_voice_mail_is_what_lync_set_and_not_what_exchange_did(settings: tuple[str, ...], expected: bool | None) -> None:
    text = "identity | setting\nBob | CsHostedVoiceMail=1" + "".join(f"\nAda | {setting}" for setting in settings)
    users = ADA + "\nBob | sip:bob@contoso.com | yes | no | - | - | -"
    found = shown("Get-CsUser", users, voice_mail_settings=text).found
    assert (found["users-0", ""]["HostedVoiceMail"], found["users-1", ""]["HostedVoiceMail"]) == (expected, True)


COLUMNS = "user | dial_plan | voice_policy | hosted_voice_mail_policy"


@pytest.mark.parametrize(
    ("supplied", "expected"),
    [
        pytest.param(None, (UNKNOWN, UNKNOWN, UNKNOWN), id="no export"),
        pytest.param("Bob | HQ | National | Cloud", (UNKNOWN, UNKNOWN, UNKNOWN), id="an export without the user"),
        pytest.param("ADA | HQ | Tag:National | Cloud", ("HQ", "Tag:National", "Cloud"), id="the DN in any case"),
        pytest.param("Ada | - | National | -", (None, "National", None), id="nothing was granted"),
        pytest.param("Ada | HQ | A | B\nada | HQ | A | B", (UNKNOWN, UNKNOWN, UNKNOWN), id="two rows of one user"),
    ],
)
def test_policies_are_what_lync_said_of_the_user(supplied: str | None, expected: tuple[str | None, ...]) -> None:
    given = {} if supplied is None else {"cs_users": f"{COLUMNS}\n{supplied}"}
    found = shown("Get-CsUser", ADA, **given).found["users-0", ""]
    assert tuple(found[name] for name in ("DialPlan", "VoicePolicy", "HostedVoicemailPolicy")) == expected


@pytest.mark.parametrize("cmdlet", ["Get-CsAdUser", "Get-CsUser"])
def test_of_whom_something_was_not_seen_nothing_is_known(cmdlet: str) -> None:
    unseen = rows(("users", "sip_address", "users-0", State.UNREADABLE, "closed"))
    found = shown(cmdlet, ADA + "\nBob | sip:bob@contoso.com | yes | no | - | - | -", unseen)
    assert found.why_unknown("users-0") == "what is there now was not seen"
    assert not found.why_unknown("users-1")
    assert ("users-0", "") not in found.found


@pytest.mark.parametrize("cmdlet", ["Get-CsAdUser", "Get-CsUser"])
def test_while_pools_were_not_seen_nothing_is_known_of_anybody(cmdlet: str) -> None:
    unseen = rows(("pools", "", None, State.INCOMPLETE, "one container may not be listed"))
    assert "one container may not be listed" in shown(cmdlet, ADA, unseen).why_unknown("users-0")
