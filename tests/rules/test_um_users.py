"""USR-003 to 005, 010 to 012, 016, 017: a user's voice mail, in Exchange UM or hosted."""

import pytest
from pandas import DataFrame

from adinspect import rules
from adinspect.finding import Target
from adinspect.rule import Need, Rule, Skipped
from adinspect.rules.um_users import (
    eum_addresses_incomplete,
    extension_length_wrong,
    fax_enabled,
    missed_calls_untold,
    um_dial_plan_not_sip,
    um_links_dead,
    voice_mail_missing,
    voice_mail_not_enabled,
)
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State
from adinspect.visibility import rows as unseen

ONLINE = "sipfed.online.lync.com"

EXCHANGE = {
    "servers": table("""
        identity | dn      | legacy_dn    | version_major | version_minor
        EX10     | CN=EX10 | /o=C/cn=EX10 | 14            | 3
        EX16     | CN=EX16 | /o=C/cn=EX16 | 15            | 1
        EX19     | CN=EX19 | /o=C/cn=EX19 | 15            | 2
        MUTE     | CN=MUTE | /o=C/cn=MUTE | -             | -
    """),
    "databases": table("""
        identity | dn      | owning_server
        DB16     | CN=DB16 | CN=EX16
        DB19     | CN=DB19 | CN=EX19
        LOST     | CN=LOST | -
    """),
}

MAILBOX = "identity | expected | home_server | mailbox_database | um_enabled | deployment_locator"


@pytest.mark.parametrize(
    ("user", "certainty"),
    [
        ("on Exchange 2016 | yes | /o=C/cn=EX16 | CN=DB16 | no | SRV:", "certain"),
        ("on Exchange 2010 | yes | /o=c/CN=ex10 | CN=DB16 | no | -", "certain"),
        ("known by its database | yes | - | CN=DB16 | no | -", "certain"),
        ("on Exchange 2019 | yes | /o=C/cn=EX19 | CN=DB16 | no | -", None),
        ("on Exchange 2019 by its database | yes | - | CN=DB19 | no | -", None),
        ("on a server that is not found | yes | /o=C/cn=GONE | CN=DB19 | no | -", "likely"),
        ("in a database nobody owns | yes | - | CN=LOST | no | -", "likely"),
        ("on a server without a version | yes | /o=C/cn=MUTE | CN=DB16 | no | -", "likely"),
        ("enabled | yes | /o=C/cn=EX16 | CN=DB16 | yes | -", None),
        ("without a mailbox here | yes | /o=C/cn=EX16 | - | no | -", None),
        ("not expected | no | /o=C/cn=EX16 | CN=DB16 | no | -", None),
        (f"online | yes | /o=C/cn=EX16 | CN=DB16 | no | {ONLINE}", None),
    ],
)
def test_who_should_have_voice_and_has_a_mailbox_needs_um(user: str, certainty: str | None) -> None:
    found = findings(voice_mail_not_enabled, users=table(f"{MAILBOX}\n{user}"), **EXCHANGE)
    assert list(found["certainty"]) == ([certainty] if certainty else [])
    assert [bool(because) for because in found["because"]] == ([certainty == "likely"] if certainty else [])


@pytest.mark.parametrize(
    ("setting", "named"),
    [("ExchangeHostedVoiceMail=1", False), ("CSHOSTEDVOICEMAIL=1", False), ("CsHostedVoiceMail=0", True)],
)
def test_hosted_voice_mail_takes_the_place_of_um(setting: str, named: bool) -> None:
    users = table(f"{MAILBOX}\nada | yes | - | CN=DB16 | no | -\nbo | no | - | CN=DB16 | no | -")
    settings = table(f"identity | setting\nada | {setting}")
    assert bool(offenders(voice_mail_not_enabled, users=users, voice_mail_settings=settings, **EXCHANGE)) is named


def test_a_user_whose_hosted_voice_mail_was_not_seen_is_held_back_and_no_other() -> None:
    users = table(f"{MAILBOX}\nada | yes | - | CN=DB16 | no | -\nbo | yes | - | CN=DB16 | no | -")
    hidden = unseen(
        ("voice_mail_settings", "setting", "users-0", State.UNREADABLE, "msExchUCVoiceMailSettings may not be read"),
        ("users", "", None, State.INCOMPLETE, "a domain was not read"),
        ("voice_mail_settings", "", None, State.INCOMPLETE, "a domain was not read"),
    )
    verdict = outcome(voice_mail_not_enabled, users=users, visibility=hidden, **EXCHANGE)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["bo"]
    assert (verdict.judged, verdict.of) == (1, 2)
    assert verdict.note == "a domain was not read; msExchUCVoiceMailSettings may not be read"


PLANS: dict[str, DataFrame] = {
    "dial_plans": table("""
        identity | dn      | uri_type | phone_context  | extension_digits
        HQ       | CN=HQ   | 3        | HQ.contoso.com | 5
        Ext      | CN=Ext  | 1        | Ext.contoso.com| 4
        E164     | CN=E164 | 2        | E164.contoso.com | 5
        Mute     | CN=Mute | -        | -              | -
    """),
    "mailbox_policies": table("""
        identity | dn          | dial_plan
        HQ P     | CN=HQ P     | CN=HQ
        Ext P    | CN=Ext P    | CN=Ext
        Orphan   | CN=Orphan   | CN=HQ\\0ADEL:1,CN=Deleted Objects
        Empty    | CN=Empty    | -
    """),
    "dial_plan_equivalents": table("identity | phone_context\nHQ | Legacy.contoso.com"),
}

UM = "identity | um_enabled | um_dial_plan | um_mailbox_policy | deployment_locator | object_class"


@pytest.mark.parametrize(
    ("user", "fault"),
    [
        ("well | yes | CN=HQ | CN=HQ P | - | user", None),
        ("of Exchange 2007 | yes | - | CN=HQ P | - | user", None),
        ("without a policy | yes | CN=HQ | - | - | user", "no UM mailbox policy"),
        (
            "with a deleted policy | yes | CN=HQ | CN=HQ P\\0ADEL:1,CN=Deleted Objects | - | user",
            "a UM mailbox policy that does not exist",
        ),
        ("with a deleted plan | yes | CN=HQ\\0ADEL:1 | CN=HQ P | - | user", "a UM dial plan that does not exist"),
        ("without a plan | yes | - | CN=Empty | - | user", "no UM dial plan, and none through its policy"),
        ("with a policy of a deleted plan | yes | - | CN=Orphan | - | user", "no UM dial plan, and none through its policy"),
        (
            "with nothing | yes | - | - | - | user",
            "no UM mailbox policy and no UM dial plan, and none through its policy",
        ),
        ("with an own plan, policy of none | yes | CN=HQ | CN=Empty | - | user", None),
        ("not enabled | no | - | - | - | user", None),
        (f"online | yes | - | - | {ONLINE} | user", None),
        ("contact of another forest | yes | - | - | - | contact", None),
    ],
)
def test_the_links_of_a_um_user_lead_somewhere(user: str, fault: str | None) -> None:
    found = findings(um_links_dead, users=table(f"{UM}\n{user}"), **PLANS)
    identity = user.split(" | ")[0]
    assert list(found["message"]) == ([f"{identity} is enabled for Unified Messaging with {fault}."] if fault else [])


def test_a_policy_that_was_not_seen_never_passes_for_missing() -> None:
    hidden = unseen(("mailbox_policies", "", None, State.INCOMPLETE, "its container may not be listed"))
    verdict = outcome(um_links_dead, users=table(f"{UM}\nada | yes | CN=HQ | CN=Unseen | - | user"), visibility=hidden, **PLANS)
    assert verdict == Skipped("mailbox_policies: its container may not be listed")


@pytest.mark.parametrize(
    ("user", "voice", "named"),
    [
        ("ada | yes | CN=Ext | CN=Ext P | - | user", "yes", True),
        ("ada | yes | CN=E164 | CN=HQ P | - | user", "yes", True),
        ("ada | yes | - | CN=Ext P | SRV: | user", "yes", True),
        ("ada | yes | CN=HQ | CN=Ext P | - | user", "yes", False),
        ("ada | yes | CN=Mute | - | - | user", "yes", False),
        ("ada | yes | - | CN=Empty | - | user", "yes", False),
        ("ada | yes | CN=Ext | CN=Ext P | - | user", "no", False),
        ("ada | no | CN=Ext | CN=Ext P | - | user", "yes", False),
        (f"ada | yes | CN=Ext | CN=Ext P | {ONLINE} | user", "yes", False),
        ("ada | yes | CN=Ext | CN=Ext P | - | contact", "yes", False),
    ],
)
def test_enterprise_voice_needs_a_sip_uri_dial_plan(user: str, voice: str, named: bool) -> None:
    users = table(f"{UM} | enterprise_voice\n{user} | {voice}")
    assert bool(offenders(um_dial_plan_not_sip, users=users, **PLANS)) is named


VOICE = (
    "identity | enterprise_voice | um_enabled | mailbox_database | recipient_type | remote_recipient_type | target_address"
    " | object_class | deployment_locator | home_server"
)
REMOTE = "- | 2147483648 | 1 | SMTP:ada@contoso.mail.example"


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ("mailbox here | yes | no | CN=DB16 | 1 | - | - | user | SRV: | -", True),
        ("mailbox here, no locator | yes | no | CN=DB16 | - | - | - | inetOrgPerson | - | -", True),
        (f"mailbox in Exchange Online | yes | no | {REMOTE} | user | SRV: | -", True),
        ("mailbox in Exchange Online, shown by its address | yes | no | - | - | 4 | SMTP:a@x.example | user | - | -", True),
        ("no mailbox | yes | no | - | - | - | - | user | SRV: | -", False),
        ("mail user | yes | no | - | 128 | - | SMTP:a@x.example | user | SRV: | -", False),
        ("UM | yes | yes | CN=DB16 | 1 | - | - | user | SRV: | -", False),
        ("no Enterprise Voice | no | no | CN=DB16 | 1 | - | - | user | SRV: | -", False),
        (f"online | yes | no | CN=DB16 | 1 | - | - | user | {ONLINE} | -", False),
        ("contact of another forest | yes | no | CN=DB16 | 1 | - | - | contact | SRV: | -", False),
    ],
)
@pytest.mark.parametrize("target", [Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL])
def test_enterprise_voice_with_a_mailbox_needs_voice_mail(user: str, named: bool, target: Target) -> None:
    assert bool(offenders(voice_mail_missing, users=table(f"{VOICE}\n{user}"), target=target, **EXCHANGE)) is named


def test_hosted_voice_mail_is_voice_mail() -> None:
    users = table(f"{VOICE}\nada | yes | no | CN=DB16 | 1 | - | - | user | SRV: | -")
    settings = table("identity | setting\nada | CsHostedVoiceMail=1")
    assert offenders(voice_mail_missing, users=users, voice_mail_settings=settings, **EXCHANGE) == []


UM_CSV, HOSTED = ("30_um_mailbox_enable",), ("24_cs_hostedvm_grant", "25_cs_hostedvm_set")


@pytest.mark.parametrize(
    ("user", "target", "csv", "wave", "certainty"),
    [
        ("CN=DB16 | 1 | - | - | user | SRV: | -", Target.UM_LYNC, UM_CSV, "F", "certain"),
        ("CN=DB16 | 1 | - | - | user | SRV: | /o=C/cn=GONE", Target.UM_LYNC, UM_CSV, "F", "certain"),
        ("CN=DB19 | 1 | - | - | user | SRV: | -", Target.UM_LYNC, (), "D", "certain"),
        (f"{REMOTE} | user | SRV: | -", Target.UM_LYNC, (), "D", "likely"),
        ("CN=DB16 | 1 | - | - | user | SRV: | -", Target.SFB_CLOUD_VOICEMAIL, HOSTED, "F", "certain"),
        (f"{REMOTE} | user | SRV: | -", Target.SFB_CLOUD_VOICEMAIL, HOSTED, "F", "certain"),
    ],
)
def test_the_csv_is_one_that_can_give_this_mailbox_voice_mail(
    user: str, target: Target, csv: tuple[str, ...], wave: str, certainty: str
) -> None:
    found = findings(voice_mail_missing, users=table(f"{VOICE}\nada | yes | no | {user}"), target=target, **EXCHANGE)
    assert found[["csv", "wave", "certainty"]].to_numpy().tolist() == [[csv, wave, certainty]]
    assert (found["because"].iloc[0] == "") is bool(csv)


def addresses(*lines: str) -> DataFrame:
    return table("\n".join(("identity | address", "bo | EUM:bo@contoso.com;phone-context=HQ.contoso.com", *lines)))


SIP, EXTENSION = "ada | EUM:ada@contoso.com;phone-context=HQ.contoso.com", "ada | eum:51234;phone-context=HQ.contoso.com"
NONE, NO_PRIMARY, NO_EXTENSION = "valid EUM address", "SIP address as primary EUM address", "extension among its EUM addresses"


@pytest.mark.parametrize(
    ("plan", "given", "lacking"),
    [
        ("CN=HQ", [SIP, EXTENSION], None),
        ("CN=HQ", [], NONE),
        ("CN=HQ", ["ada | SMTP:ada@contoso.com", "ada | eum:51234"], NONE),
        ("CN=HQ", [SIP], NO_EXTENSION),
        ("CN=HQ", [SIP, "ada | eum:+14255550100;phone-context=HQ.contoso.com"], NO_EXTENSION),
        ("CN=HQ", [EXTENSION], NO_PRIMARY),
        ("CN=HQ", ["ada | eum:ada@contoso.com;phone-context=HQ.contoso.com", EXTENSION], NO_PRIMARY),
        ("CN=HQ", ["ada | EUM:51234;phone-context=HQ.contoso.com"], NO_PRIMARY),
        ("CN=HQ", ["ada | EUM:+14255550100;phone-context=HQ.contoso.com", EXTENSION], NO_PRIMARY),
        ("CN=HQ", ["ada | EUM:ada@contoso.com;phone-context=hq.contoso.COM", EXTENSION], None),
        ("CN=HQ", ["ada | EUM:ada@contoso.com;phone-context=legacy.contoso.com", EXTENSION], None),
        ("CN=HQ", ["ada | EUM:ada@contoso.com;phone-context=Gone.contoso.com"], None),
        ("CN=HQ", [SIP, "ada | eum:51234;phone-context=Gone.contoso.com"], None),
        ("CN=Ext", [], NONE),
        ("CN=Ext", ["ada | EUM:1234;phone-context=Ext.contoso.com"], None),
        ("CN=E164", ["ada | eum:51234;phone-context=E164.contoso.com"], None),
        ("CN=Mute", [], NONE),
        ("CN=Gone", [], None),
    ],
)
def test_a_um_user_has_the_eum_addresses_its_plan_asks_for(plan: str, given: list[str], lacking: str | None) -> None:
    users = table(f"{UM}\nada | yes | {plan} | - | - | user\nbo | no | CN=HQ | - | - | user")
    found = findings(eum_addresses_incomplete, users=users, proxy_addresses=addresses(*given), **PLANS)
    assert list(found["identity"]) == (["ada"] if lacking else [])
    assert list(found["severity"]) == ([] if not lacking else ["medium" if lacking == NO_EXTENSION else "high"])
    assert all(message.endswith(f"but has no {lacking}.") for message in found["message"])


@pytest.mark.parametrize(
    ("given", "extensions"),
    [
        ([EXTENSION], None),
        (["ada | eum:5123;phone-context=HQ.contoso.com"], "5123"),
        (["ada | eum:512345;phone-context=hq.contoso.com"], "512345"),
        (["ada | eum:5123;phone-context=Legacy.contoso.com"], None),
        ([EXTENSION, "ada | eum:51;phone-context=HQ.contoso.com", "ada | eum:52;phone-context=HQ.contoso.com"], "51, 52"),
        (["ada | eum:5123;phone-context=Gone.contoso.com"], None),
        (["ada | EUM:5123;phone-context=HQ.contoso.com"], None),
        (["ada | eum:+1425;phone-context=HQ.contoso.com"], None),
        ([SIP], None),
        ([], None),
    ],
)
def test_an_extension_has_the_digits_of_the_plan(given: list[str], extensions: str | None) -> None:
    users = table(f"{UM}\nada | yes | CN=HQ | - | - | user\nbo | no | CN=HQ | - | - | user")
    proxies = addresses(*given, "bo | eum:1;phone-context=HQ.contoso.com")
    found = findings(extension_length_wrong, users=users, proxy_addresses=proxies, **PLANS)
    said = f"Extension {extensions} of ada does not have 5 digits, as all of UM dial plan HQ have."
    assert list(found["message"]) == ([said] if extensions else [])


def test_a_primary_extension_is_judged_where_the_plan_wants_one() -> None:
    users = table(f"{UM}\nada | yes | CN=Ext | - | - | user\nbo | yes | CN=Mute | - | - | user")
    proxies = table("identity | address\nada | EUM:123;phone-context=Ext.contoso.com\nbo | EUM:1;phone-context=Mute.contoso.com")
    assert offenders(extension_length_wrong, users=users, proxy_addresses=proxies, **PLANS) == ["ada"]


@pytest.mark.parametrize("rule", [eum_addresses_incomplete, extension_length_wrong], ids=lambda rule: rule.code)
@pytest.mark.parametrize(("locator", "object_class"), [(ONLINE, "user"), ("SRV:", "contact")])
def test_um_of_users_at_home_elsewhere_is_not_judged(rule: Rule, locator: str, object_class: str) -> None:
    users = table(f"{UM}\nada | yes | CN=HQ | CN=HQ P | {locator} | {object_class}")
    proxies = addresses("ada | eum:1;phone-context=HQ.contoso.com")
    assert offenders(rule, users=users, proxy_addresses=proxies, **PLANS) == []


@pytest.mark.parametrize("code", ["USR-003", "USR-004", "USR-005", "USR-010", "USR-011", "USR-012"])
def test_without_exchange_in_sight_a_users_um_is_not_judged(code: str) -> None:
    rule = rules.shipped()[code]
    assert rule.needs == (Need.EXCHANGE,)
    verdict = outcome(rule, users=table("identity | um_enabled\nada | yes"), needs=True)
    assert isinstance(verdict, Skipped)
    assert verdict.reason.startswith("no Exchange organization is in sight")


FAX = {
    **PLANS,
    "mailbox_policies": table("""
        identity | dn       | dial_plan | fax_server
        HQ P     | CN=HQ P  | CN=HQ     | -
        Fax P    | CN=Fax P | CN=HQ     | sip:fax.contoso.com:5060
    """),
}
POLICY_FAX, USER_FAX = "its UM mailbox policy names a fax server", "it has a fax identity"


@pytest.mark.parametrize(
    ("user", "fax", "severity", "because"),
    [
        ("yes | CN=HQ | CN=HQ P | - | user", "yes | -", "low", ""),
        ("yes | - | CN=HQ P | SRV: | user", "yes | -", "low", ""),
        ("yes | CN=HQ | CN=Fax P | - | user", "yes | -", "medium", POLICY_FAX),
        ("yes | CN=HQ | CN=HQ P | - | user", "yes | fax 12", "medium", USER_FAX),
        ("yes | CN=HQ | CN=Fax P | - | user", "yes | fax 12", "medium", f"{POLICY_FAX} and {USER_FAX}"),
        ("yes | CN=HQ | CN=Fax P | - | user", "no | fax 12", None, None),
        ("yes | CN=Ext | CN=Fax P | - | user", "yes | fax 12", None, None),
        ("yes | CN=Mute | - | - | user", "yes | -", None, None),
        ("no | CN=HQ | CN=Fax P | - | user", "yes | -", None, None),
        (f"yes | CN=HQ | CN=Fax P | {ONLINE} | user", "yes | -", None, None),
        ("yes | CN=HQ | CN=Fax P | - | contact", "yes | -", None, None),
    ],
)
def test_nobody_in_a_sip_uri_dial_plan_receives_faxes(user: str, fax: str, severity: str | None, because: str | None) -> None:
    users = table(f"{UM} | um_fax | um_fax_id\nada | {user} | {fax}")
    found = findings(fax_enabled, users=users, **FAX)
    assert found[["severity", "because"]].to_numpy().tolist() == ([[severity, because]] if severity else [])


def test_a_fax_server_that_was_not_seen_takes_no_finding_away() -> None:
    hidden = unseen(("mailbox_policies", "fax_server", "mailbox_policies-1", State.UNREADABLE, "may not be read on Fax P"))
    users = table(f"{UM} | um_fax\nada | yes | CN=HQ | CN=Fax P | - | user | yes")
    verdict = outcome(fax_enabled, users=users, visibility=hidden, **FAX)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["severity"]) == ["low"]
    assert verdict.note == "may not be read on Fax P"


@pytest.mark.parametrize(
    ("user", "voice", "home", "server"),
    [
        ("yes | CN=HQ | CN=HQ P | SRV: | user", "yes", "/o=c/CN=ex10 | -", "EX10"),
        ("yes | CN=HQ | CN=HQ P | SRV: | user", "yes", "- | CN=DB10", "EX10"),
        ("yes | CN=HQ | CN=HQ P | SRV: | user", "yes", "/o=C/cn=EX16 | CN=DB10", None),
        ("yes | CN=HQ | CN=HQ P | SRV: | user", "yes", "/o=C/cn=GONE | CN=DB10", None),
        ("yes | CN=HQ | CN=HQ P | SRV: | user", "no", "- | CN=DB10", None),
        ("no | CN=HQ | CN=HQ P | SRV: | user", "yes", "- | CN=DB10", None),
        (f"yes | CN=HQ | CN=HQ P | {ONLINE} | user", "yes", "- | CN=DB10", None),
        ("yes | CN=HQ | CN=HQ P | SRV: | contact", "yes", "- | CN=DB10", None),
    ],
)
def test_missed_calls_are_told_of_from_exchange_2013_on(user: str, voice: str, home: str, server: str | None) -> None:
    users = table(f"{UM} | enterprise_voice | home_server | mailbox_database\nada | {user} | {voice} | {home}")
    databases = table("identity | dn | owning_server\nDB10 | CN=DB10 | CN=EX10")
    found = findings(missed_calls_untold, users=users, servers=EXCHANGE["servers"], databases=databases, **PLANS)
    said = f"ada is told of no missed call: the mailbox is on {server}, which runs Exchange 2007 or 2010."
    assert list(found["message"]) == ([said] if server else [])


@pytest.mark.parametrize("code", ["CNS-006", "CNS-007", "CNS-017", "USR-011", "USR-012"])
@pytest.mark.parametrize(("name", "column"), [("proxy_addresses", "address"), ("users", "um_dial_plan")])
def test_a_user_whose_addresses_or_place_in_um_were_not_seen_takes_away_nobody_else(code: str, name: str, column: str) -> None:
    verdict = outcome(
        rules.shipped()[code],
        users=table("identity | um_enabled | um_dial_plan\nada | yes | CN=HQ\nbo | yes | CN=HQ"),
        dial_plans=table("identity | dn | uri_type | phone_context\nHQ | CN=HQ | 3 | HQ.contoso.com"),
        visibility=unseen((name, column, "users-1", State.UNREADABLE, "not seen")),
    )
    assert not isinstance(verdict, Skipped)
    assert (verdict.judged, verdict.of, verdict.note) == (1, 2, "not seen")
