"""USR-015, 018 to 020: a Lync user's mailbox, remote control of a telephone, SIP proxy address and home."""

import pytest
from pandas import DataFrame

from adinspect import rules
from adinspect.finding import Target
from adinspect.profile import Elsewhere
from adinspect.rule import Need, Skipped
from adinspect.rules.users import home_incomplete, mailbox_missing, remote_call_control_used, sip_proxy_address_different
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State, rows

ONLINE = "sipfed.online.lync.com"

MAILBOX = (
    "identity | enterprise_voice | mailbox_database | recipient_type | remote_recipient_type | target_address | owner_urn"
    " | object_class | deployment_locator"
)


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ("nothing | yes | - | - | - | - | - | user | SRV:", True),
        ("nothing, homed nowhere | yes | - | - | - | - | - | inetOrgPerson | -", True),
        ("mail user | yes | - | 128 | - | SMTP:a@fabrikam.com | - | user | SRV:", True),
        ("remote type without an address | yes | - | - | 1 | - | - | user | SRV:", True),
        ("mailbox here | yes | CN=DB16 | 1 | - | - | - | user | SRV:", False),
        ("room mailbox here | yes | CN=DB16 | 16 | - | - | - | user | SRV:", False),
        ("mailbox in Exchange Online | yes | - | 2147483648 | - | - | - | user | SRV:", False),
        ("remote room | yes | - | 8589934592 | - | - | - | user | SRV:", False),
        ("moved mailbox | yes | - | - | 4 | SMTP:a@contoso.mail.example | - | user | SRV:", False),
        ("common area phone | yes | - | - | - | - | urn:device:commonareaphone | user | SRV:", False),
        ("no Enterprise Voice | no | - | - | - | - | - | user | SRV:", False),
        (f"online | yes | - | - | - | - | - | user | {ONLINE}", False),
        ("user of another forest | yes | - | - | - | - | - | contact | SRV:", False),
    ],
)
@pytest.mark.parametrize("target", list(Target))
def test_enterprise_voice_needs_a_mailbox_somewhere(user: str, named: bool, target: Target) -> None:
    assert bool(offenders(mailbox_missing, users=table(f"{MAILBOX}\n{user}"), target=target)) is named


def test_a_mailbox_that_was_not_seen_is_not_missing() -> None:
    users = table(f"{MAILBOX}\nada | yes | - | - | - | - | - | user | SRV:\nbo | yes | - | - | - | - | - | user | SRV:")
    hidden = rows(("users", "mailbox_database", "users-0", State.UNREADABLE, "homeMDB may not be read"))
    verdict = outcome(mailbox_missing, users=users, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert (list(verdict.findings["identity"]), verdict.judged, verdict.of) == (["bo"], 1, 2)


RCC = "identity | remote_call_control | remote_call_dual | line_server | deployment_locator"
OPTION, SERVER = "the option of remote call control", "a line server"


@pytest.mark.parametrize(
    ("user", "signs"),
    [
        ("yes | no | - | SRV:", OPTION),
        ("no | yes | - | -", OPTION),
        ("no | no | sip:rcc@pbx.contoso.com | srv:", SERVER),
        ("yes | no | sip:rcc@pbx.contoso.com | SRV:", f"{OPTION} and {SERVER}"),
        ("no | no | - | SRV:", None),
        (f"yes | yes | sip:rcc@pbx.contoso.com | {ONLINE}", None),
    ],
)
def test_remote_call_control_is_told_by_its_options_or_its_server(user: str, signs: str | None) -> None:
    found = findings(remote_call_control_used, users=table(f"{RCC}\nada | {user}"))
    said = f"ada is set up for remote call control of a PBX telephone: it has {signs}."
    assert list(found["message"]) == ([said] if signs else [])


def proxies(*given: str) -> DataFrame:
    return table("\n".join(("identity | address", "bo | sip:bo@contoso.com", *(f"ada | {address}" for address in given))))


NO_SIP, OTHER_SIP, MANY_SIP = (
    "none is a sip: address",
    "the sip: address is another one",
    "there is more than one sip: address",
)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (["sip:ada@contoso.com", "SMTP:ada@contoso.com"], None),
        (["SIP:ADA@Contoso.com"], None),
        (["sip:ada@contoso.com", "SIP:Ada@contoso.com"], None),
        ([], NO_SIP),
        (["SMTP:ada@contoso.com", "EUM:ada@contoso.com;phone-context=HQ"], NO_SIP),
        (["sip:ada.old@contoso.com"], OTHER_SIP),
        (["sip:ada@contoso.com", "sip:ada.old@contoso.com"], MANY_SIP),
    ],
)
def test_the_sip_address_is_the_one_sip_proxy_address(given: list[str], fault: str | None) -> None:
    users = table("identity | sip_enabled | sip_address\nada | yes | sip:ada@contoso.com\nbo | yes | sip:bo@contoso.com")
    found = findings(sip_proxy_address_different, users=users, proxy_addresses=proxies(*given))
    said = f"Among the proxy addresses of ada, {fault}; the SIP address is sip:ada@contoso.com."
    assert list(found["message"]) == ([said] if fault else [])


@pytest.mark.parametrize("user", ["no | sip:ada@contoso.com", "- | sip:ada@contoso.com", "yes | -"])
def test_a_sip_proxy_address_is_looked_for_only_where_it_is_needed(user: str) -> None:
    users = table(f"identity | sip_enabled | sip_address\nada | {user}\nbo | no | -")
    assert (
        offenders(sip_proxy_address_different, users=users, proxy_addresses=proxies("sip:a@x.example", "sip:b@x.example")) == []
    )


def test_a_user_whose_proxy_addresses_were_not_seen_is_held_back() -> None:
    users = table("identity | sip_enabled | sip_address\nada | yes | sip:ada@contoso.com\nbo | yes | sip:bo@contoso.com")
    hidden = rows(("proxy_addresses", "address", "users-0", State.UNREADABLE, "proxyAddresses may not be read"))
    verdict = outcome(sip_proxy_address_different, users=users, proxy_addresses=proxies(), visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert (verdict.findings.empty, verdict.judged, verdict.of) == (True, 1, 2)


POOL, GONE = "CN=Lc Services", "CN=Lc Services\\0ADEL:1,CN=Deleted Objects"


@pytest.mark.parametrize(
    ("user", "lacking"),
    [
        (f"yes | SRV: | {POOL}", None),
        (f"yes | srv: | {POOL}", None),
        (f"yes | SRV: | {GONE}", None),
        ("yes | SRV: | -", "no home pool"),
        (f"yes | - | {POOL}", "no deployment locator"),
        ("yes | - | -", "no deployment locator and no home pool"),
        (f"yes | {ONLINE} | -", None),
        ("no | - | -", None),
        ("- | SRV: | -", None),
    ],
)
def test_an_enabled_user_is_homed_somewhere(user: str, lacking: str | None) -> None:
    users = table(f"identity | sip_enabled | deployment_locator | pool_service\nada | {user}")
    found = findings(home_incomplete, users=users)
    said = f"ada is enabled for Lync / Skype for Business, but has {lacking}."
    assert list(found["message"]) == ([said] if lacking else [])
    assert "Disable-CsUser" not in home_incomplete.cmdlet + home_incomplete.remediation


def test_homes_are_not_judged_where_lync_lives_elsewhere() -> None:
    users = table("identity | sip_enabled\nada | yes")
    assert isinstance(outcome(home_incomplete, users=users, lync_forest=Elsewhere.OTHER, needs=True), Skipped)
    assert not isinstance(outcome(home_incomplete, users=users, needs=True), Skipped)


@pytest.mark.parametrize("code", ["USR-015", "USR-016", "USR-017"])
def test_a_users_mailbox_and_um_are_judged_only_where_exchange_is_seen(code: str) -> None:
    assert rules.shipped()[code].needs == (Need.EXCHANGE,)
