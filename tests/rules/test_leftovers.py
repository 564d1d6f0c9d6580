"""CNS-019 to 021: what Lync, Exchange UM and hosted voice mail have left behind."""

import pytest

from adinspect import rules
from adinspect.finding import Target
from adinspect.rule import Need, Skipped
from adinspect.rules.leftovers import lync_left_over, um_left_over, voice_mail_twice
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State, rows

ONLINE = "sipfed.online.lync.com"
UM, EUM = "Unified Messaging", "EUM addresses"

TWICE = "identity | um_enabled | object_class | deployment_locator"
ADDRESS = "ada | eum:51234;phone-context=HQ.contoso.com"


@pytest.mark.parametrize(
    ("user", "setting", "address", "um"),
    [
        ("yes | user | SRV:", "ada | CsHostedVoiceMail=1", "ada | SMTP:ada@contoso.com", UM),
        ("yes | user | -", "ada | EXCHANGEHOSTEDVOICEMAIL=1", ADDRESS, f"{UM} and {EUM}"),
        ("no | user | SRV:", "ada | CsHostedVoiceMail=1", ADDRESS, EUM),
        ("no | user | SRV:", "ada | CsHostedVoiceMail=1", "ada | EUM:broken", EUM),
        ("no | user | SRV:", "ada | CsHostedVoiceMail=1", "ada | SMTP:ada@contoso.com", None),
        ("yes | user | SRV:", "ada | CsHostedVoiceMail=0", ADDRESS, None),
        ("yes | user | SRV:", "bo | CsHostedVoiceMail=1", ADDRESS, None),
        (f"yes | user | {ONLINE}", "ada | CsHostedVoiceMail=1", ADDRESS, None),
        ("yes | contact | SRV:", "ada | CsHostedVoiceMail=1", ADDRESS, None),
    ],
)
@pytest.mark.parametrize("target", [Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL])
def test_hosted_voice_mail_and_um_exclude_each_other(
    user: str, setting: str, address: str, um: str | None, target: Target
) -> None:
    found = findings(
        voice_mail_twice,
        users=table(f"{TWICE}\nada | {user}\nbo | no | user | SRV:"),
        voice_mail_settings=table(f"identity | setting\n{setting}"),
        proxy_addresses=table(f"identity | address\n{address}"),
        target=target,
    )
    assert list(found["message"]) == ([f"ada has hosted voice mail, and beside it {um}."] if um else [])


SET, BOTH = ("25_cs_hostedvm_set",), ("29_um_mailbox_disable", "25_cs_hostedvm_set")


@pytest.mark.parametrize(
    ("um_enabled", "setting", "target", "wave", "csv"),
    [
        ("yes", "CsHostedVoiceMail=1", Target.UM_LYNC, "D", SET),
        ("yes", "CsHostedVoiceMail=1", Target.SFB_CLOUD_VOICEMAIL, "F", BOTH),
        ("no", "CsHostedVoiceMail=1", Target.UM_LYNC, "D", SET),
        ("no", "CsHostedVoiceMail=1", Target.SFB_CLOUD_VOICEMAIL, "D", ()),
        ("yes", "ExchangeHostedVoiceMail=1", Target.UM_LYNC, "D", ()),
        ("yes", "ExchangeHostedVoiceMail=1", Target.SFB_CLOUD_VOICEMAIL, "D", ()),
    ],
)
def test_what_can_be_written_depends_on_the_target_and_never_touches_the_mark_of_exchange(
    um_enabled: str, setting: str, target: Target, wave: str, csv: tuple[str, ...]
) -> None:
    found = findings(
        voice_mail_twice,
        users=table(f"{TWICE}\nada | {um_enabled} | user | SRV:"),
        voice_mail_settings=table(f"identity | setting\nada | {setting}"),
        proxy_addresses=table(f"identity | address\n{ADDRESS}"),
        target=target,
    )
    assert found[["wave", "csv"]].to_numpy().tolist() == [[wave, csv]]
    assert [bool(because) for because in found["because"]] == ["Exchange" in setting]


LEFT = "identity | sip_enabled | line_uri | enterprise_voice | pool_service | deployment_locator | sip_address"


@pytest.mark.parametrize(
    ("user", "left", "severity"),
    [
        ("no | tel:+14255550100 | no | - | - | -", "a line", "medium"),
        ("- | - | yes | - | - | -", "Enterprise Voice", "medium"),
        ("- | - | no | CN=Lc Services | - | -", "a home pool", "medium"),
        ("no | - | no | CN=Lc Services | SRV: | -", "a home pool and a deployment locator", "medium"),
        ("- | - | no | - | SRV: | -", "a deployment locator", "low"),
        (f"- | - | no | - | {ONLINE} | sip:ada@contoso.com", "a deployment locator", "low"),
        ("- | - | no | - | - | sip:ada@contoso.com", None, None),
        ("yes | tel:+14255550100 | yes | CN=Lc Services | SRV: | -", None, None),
    ],
)
@pytest.mark.parametrize("target", list(Target))
def test_what_lync_left_on_a_user_is_named(user: str, left: str | None, severity: str | None, target: Target) -> None:
    found = findings(lync_left_over, users=table(f"{LEFT}\nada | {user}"), target=target)
    said = f"ada is not enabled for Lync / Skype for Business, but keeps {left}."
    assert found[["message", "severity"]].to_numpy().tolist() == ([[said, severity]] if left else [])
    assert "Enable-CsUser" not in lync_left_over.cmdlet + lync_left_over.remediation


PLAN, POLICY = "the link to a UM dial plan", "the link to a UM mailbox policy"


@pytest.mark.parametrize(
    ("user", "address", "left", "certainty"),
    [
        ("no | 0 | CN=HQ | - | user", "SMTP:ada@contoso.com", PLAN, "certain"),
        ("no | 828 | - | CN=HQ P | user", "SMTP:ada@contoso.com", POLICY, "certain"),
        ("no | - | CN=HQ | CN=HQ P | user", "eum:1", f"{PLAN} and {POLICY} and {EUM}", "certain"),
        ("no | - | CN=HQ\\0ADEL:1,CN=Deleted Objects | - | user", "SMTP:ada@contoso.com", PLAN, "certain"),
        ("no | - | - | - | user", "EUM:51234;phone-context=HQ.contoso.com", EUM, "likely"),
        ("no | 828 | - | - | user", "SMTP:ada@contoso.com", None, None),
        ("yes | 829 | CN=HQ | CN=HQ P | user", "eum:51234;phone-context=HQ.contoso.com", None, None),
        ("no | - | CN=HQ | - | contact", "eum:51234;phone-context=HQ.contoso.com", None, None),
    ],
)
def test_what_um_left_on_a_user_is_named(user: str, address: str, left: str | None, certainty: str | None) -> None:
    users = table(f"identity | um_enabled | um_flags | um_dial_plan | um_mailbox_policy | object_class\nada | {user}")
    found = findings(um_left_over, users=users, proxy_addresses=table(f"identity | address\nada | {address}"))
    said = f"ada is not enabled for Unified Messaging, but keeps {left}."
    assert found[["message", "certainty"]].to_numpy().tolist() == ([[said, certainty]] if left else [])
    assert [bool(because) for because in found["because"]] == ([certainty == "likely"] if left else [])


def test_a_user_whose_eum_addresses_were_not_seen_is_held_back_and_no_other() -> None:
    users = table("identity | um_dial_plan\nada | CN=HQ\nbo | CN=HQ")
    hidden = rows(("proxy_addresses", "address", "users-0", State.UNREADABLE, "proxyAddresses may not be read"))
    verdict = outcome(um_left_over, users=users, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert (list(verdict.findings["identity"]), verdict.judged, verdict.of) == (["bo"], 1, 2)


def test_um_that_is_not_known_to_be_off_is_not_left_over() -> None:
    users = table("identity | um_dial_plan\nada | CN=HQ")
    hidden = rows(("users", "um_enabled", "users-0", State.UNREADABLE, "msExchUMEnabledFlags may not be read"))
    assert isinstance(outcome(um_left_over, users=users, visibility=hidden), Skipped)
    assert offenders(um_left_over, users=users) == ["ada"]


@pytest.mark.parametrize(
    ("code", "need"), [("CNS-019", Need.EXCHANGE), ("CNS-020", Need.LYNC_NOT_ELSEWHERE), ("CNS-021", Need.EXCHANGE)]
)
def test_left_overs_are_judged_where_the_product_is(code: str, need: Need) -> None:
    assert rules.shipped()[code].needs == (need,)
