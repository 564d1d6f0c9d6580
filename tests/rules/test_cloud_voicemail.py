"""MIG-009 to MIG-012 and MIG-020: which mailboxes Cloud Voicemail serves, what is left of UM and what is lost with it."""

import pytest
from pandas import DataFrame

from adinspect import visibility
from adinspect.finding import Target
from adinspect.rule import Need, Rule, Skipped
from adinspect.rules.cloud_voicemail import (
    auto_attendant_to_rebuild,
    hosted_voice_mail_off,
    mailbox_not_served,
    um_data_left,
    um_features_lost,
)
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State

SERVERS = table("""
    identity | dn       | legacy_dn    | version_major | version_minor | version_build
    EX13     | CN=EX13  | /o=C/cn=EX13 | 15            | 0             | 1497
    CU2      | CN=CU2   | /o=C/cn=CU2  | 15            | 1             | 466
    CU3      | CN=CU3   | /o=C/cn=CU3  | 15            | 1             | 544
    NOBUILD  | CN=NOB   | /o=C/cn=NOB  | 15            | 1             | -
    EX19     | CN=EX19  | /o=C/cn=EX19 | 15            | 2             | 1544
    EXSE     | CN=EXSE  | /o=C/cn=EXSE | 15            | 2             | 2562
""")
HOMED = table("""
    identity | expected | mailbox_database | home_server  | deployment_locator | recipient_type | line_uri         | object_class
    ex13     | yes      | CN=DB            | /o=C/cn=EX13 | SRV:               | 1              | -                | user
    cu2      | yes      | CN=DB            | /O=C/CN=cu2  | SRV:               | 1              | -                | user
    cu3      | yes      | CN=DB            | /o=C/cn=CU3  | SRV:               | 1              | -                | user
    nobuild  | yes      | CN=DB            | /o=C/cn=NOB  | SRV:               | 1              | -                | user
    ex19     | yes      | CN=DB            | /o=C/cn=EX19 | SRV:               | 1              | -                | user
    exse     | yes      | CN=DB            | /o=C/cn=EXSE | SRV:               | 1              | -                | user
    gone     | yes      | CN=DB            | /o=C/cn=GONE | SRV:               | 1              | -                | user
    online   | yes      | CN=DB            | /o=C/cn=EX13 | online.contoso     | 1              | -                | user
    online3  | yes      | CN=DB            | /o=C/cn=CU3  | online.contoso     | 1              | -                | user
    estate   | no       | CN=DB            | /o=C/cn=EX13 | SRV:               | 4              | tel:+14255550100 | user
    nobody   | no       | CN=DB            | /o=C/cn=EX13 | -                  | 1              | -                | user
    remote   | yes      | CN=DB            | /o=C/cn=EX13 | SRV:               | 2147483648     | -                | user
    nomail   | yes      | -                | -            | SRV:               | -              | -                | user
    central  | yes      | CN=DB            | /o=C/cn=EX13 | SRV:               | -              | tel:+14255550101 | contact
""")

TOO_OLD = dict.fromkeys(("ex13", "cu2", "online", "estate"), "certain")
UNKNOWN = dict.fromkeys(("nobuild", "gone"), "likely")


def served(**given: object) -> dict[str, str]:
    found = findings(mailbox_not_served, users=HOMED, servers=SERVERS, **given)  # type: ignore[arg-type] # settings of one rule
    return dict(found[["identity", "certainty"]].itertuples(index=False, name=None))


def test_in_teams_a_mailbox_must_be_on_exchange_2016_cu3_or_later() -> None:
    assert served(target=Target.TEAMS_PHONE) == TOO_OLD | UNKNOWN


@pytest.mark.parametrize(
    ("home_version", "named"),
    [
        ("lync-2013", dict.fromkeys(["ex13", "cu2", "cu3", "nobuild", "ex19", "exse", "gone", "online", "estate"], "certain")),
        ("sfb-2015", dict.fromkeys(["ex13", "cu2", "cu3", "nobuild", "ex19", "exse", "gone", "online", "estate"], "certain")),
        ("sfb-2019", dict.fromkeys(["ex13", "cu2", "cu3", "nobuild", "online", "estate"], "certain") | {"gone": "likely"}),
        ("sfb-se", dict.fromkeys(["ex13", "cu2", "cu3", "nobuild", "gone", "estate"], "likely") | {"online": "certain"}),
    ],
)
def test_on_premises_it_depends_on_the_version_of_skype_for_business(home_version: str, named: dict[str, str]) -> None:
    assert served(target=Target.SFB_CLOUD_VOICEMAIL, home_version=home_version) == named


def test_without_that_version_nothing_is_said_for_users_on_premises() -> None:
    verdict = outcome(mailbox_not_served, users=HOMED, servers=SERVERS, target=Target.SFB_CLOUD_VOICEMAIL)
    assert isinstance(verdict, Skipped)
    assert "home_version" in verdict.reason


def answering(*components: str) -> DataFrame:
    rows = [f"fe{number}.contoso.com | {component} | 6.0.9319.0" for number, component in enumerate(components)]
    return table("\n".join(["computer | component | version", *rows]))


@pytest.mark.parametrize(
    ("component", "home_version"),
    [
        ("Microsoft Lync Server 2013, Front End Server", "lync-2013"),
        ("Skype for Business Server 2015, Front End Server", "sfb-2015"),
        ("skype for business server 2019, front end server", "sfb-2019"),
        ("Skype for Business Server Subscription Edition, Front End Server", "sfb-se"),
    ],
)
def test_one_version_that_every_server_answered_is_likely_that_of_all_pools(component: str, home_version: str) -> None:
    every = answering(component, component, "Skype for Business Server 2015, Mediation Server")
    named = served(target=Target.SFB_CLOUD_VOICEMAIL, cs_serverversion=every)
    said = served(target=Target.SFB_CLOUD_VOICEMAIL, home_version=home_version)
    assert named == {user: "certain" if user == "online" else "likely" for user in said}


def test_what_the_profile_says_wins_over_what_servers_answered() -> None:
    every = answering("Skype for Business Server 2019, Front End Server")
    given = {"target": Target.SFB_CLOUD_VOICEMAIL, "home_version": "sfb-2015"}
    assert served(cs_serverversion=every, **given) == served(**given)


@pytest.mark.parametrize(
    ("components", "shown"),
    [
        (["Skype for Business Server 2015, Core Components"], "none of a pool"),
        (["Lync Server 2013, Front End Server", "Skype for Business Server 2019, Front End Server"], "lync-2013, sfb-2019"),
    ],
)
def test_servers_of_several_versions_or_none_tell_no_home(components: list[str], shown: str) -> None:
    verdict = outcome(
        mailbox_not_served,
        users=HOMED,
        servers=SERVERS,
        cs_serverversion=answering(*components),
        target=Target.SFB_CLOUD_VOICEMAIL,
    )
    assert verdict == Skipped(f"the profile does not say home_version ([rules.MIG-009]), and cs-serverversion.csv shows {shown}")


def test_the_release_is_told_and_what_would_be_served() -> None:
    found = findings(mailbox_not_served, users=HOMED, servers=SERVERS, target=Target.TEAMS_PHONE).set_index("identity")
    assert found.loc["cu2", "message"] == (
        "The mailbox of cu2 is on Exchange Server 2016, but Cloud Voicemail serves mailboxes from Exchange Server 2016 CU3 on"
        " for such a user."
    )
    assert found.loc["nobuild", "because"] == "the build of its home server is not known"


@pytest.mark.parametrize(
    ("user", "where"),
    [
        ("online.contoso | 1 | - | - | CU3", "the user is homed in Teams"),
        ("SRV: | 2147483648 | - | - | CU3", "the mailbox is in Exchange Online"),
        ("SRV: | 1 | 1 | SMTP:a@contoso.example | CU3", "the mailbox is in Exchange Online"),
        ("SRV: | 1 | - | - | EX19", "the mailbox is on a release of Exchange without Unified Messaging"),
        ("SRV: | 1 | - | - | EXSE", "the mailbox is on a release of Exchange without Unified Messaging"),
        ("srv: | 1 | - | - | CU3", None),
        ("- | 1 | - | - | GONE", None),
        ("- | 1 | - | SMTP:a@contoso.example | EX13", None),
    ],
)
@pytest.mark.parametrize(
    ("um_enabled", "address", "left"),
    [
        ("yes", "smtp:a@contoso.com", "Unified Messaging on"),
        ("no", "eum:5000;phone-context=HQ", "EUM addresses"),
        ("yes", "EUM:broken", "Unified Messaging on and EUM addresses"),
        ("no", "smtp:a@contoso.com", None),
    ],
)
def test_what_is_left_of_um_where_there_is_none_is_named(
    user: str, where: str | None, um_enabled: str, address: str, left: str | None
) -> None:
    locator, kind, remote, target, server = user.split(" | ")
    header = "identity | deployment_locator | recipient_type | remote_recipient_type | target_address | home_server | um_enabled"
    users = table(f"{header}\nada | {locator} | {kind} | {remote} | {target} | /o=C/cn={server} | {um_enabled}")
    found = findings(
        um_data_left,
        users=users,
        servers=SERVERS,
        proxy_addresses=table(f"identity | address\nada | {address}"),
        target=Target.TEAMS_PHONE,
    )
    told = [f"ada still has {left}, although {where}."]
    assert list(found["message"]) == (told if where and left else [])


def test_a_contact_that_stands_for_a_user_of_another_forest_has_its_mailbox_there() -> None:
    users = table("identity | object_class | deployment_locator | um_enabled | um_flags\nada | contact | online | yes | 31")
    for rule in (um_data_left, um_features_lost):
        assert offenders(rule, users=users, target=Target.TEAMS_PHONE) == []


@pytest.mark.parametrize(
    ("user", "settings", "named"),
    [
        ("yes | SRV: | user", [], True),
        ("yes | - | user", ["CsHostedVoiceMail=0", "ExchangeHostedVoiceMail=0"], True),
        ("yes | SRV: | user", ["cshostedvoicemail=1"], False),
        ("yes | SRV: | user", ["CsHostedVoiceMail=0", "ExchangeHostedVoiceMail=1"], False),
        ("yes | sipfed.online.lync.com | user", [], False),
        ("yes | SRV: | contact", [], False),
        ("no | SRV: | user", [], False),
    ],
)
def test_a_voice_user_on_premises_needs_hosted_voice_mail(user: str, settings: list[str], named: bool) -> None:
    users = table("identity | enterprise_voice | deployment_locator | object_class\nada | " + user)
    kept = table("identity | setting" + "".join(f"\nada | {setting}" for setting in settings))
    assert offenders(hosted_voice_mail_off, users=users, voice_mail_settings=kept, target=Target.SFB_CLOUD_VOICEMAIL) == (
        ["ada"] if named else []
    )


RIGHT, ELSEWHERE = "exap.um.outlook.com | contoso.com", "um.fabrikam.com | contoso.com"
ASTRAY = "its hosted voice mail policy does not lead to Cloud Voicemail"


@pytest.mark.parametrize(
    ("granted", "policies", "astray"),
    [
        ("Cloud", {"Global": ELSEWHERE, "Tag:Cloud": RIGHT}, False),
        ("tag:CLOUD", {"Global": ELSEWHERE, "Tag:Cloud": "EXAP.um.outlook.com | contoso.com"}, False),
        ("Cloud", {"Global": RIGHT, "Tag:Cloud": ELSEWHERE}, True),
        ("Cloud", {"Global": RIGHT, "Tag:Cloud": "exap.um.outlook.com | -"}, True),
        ("Cloud", {"Global": RIGHT, "Tag:Cloud": "- | contoso.com"}, True),
        ("-", {"Global": ELSEWHERE, "Tag:Cloud": RIGHT}, False),
        ("-", {"Global": ELSEWHERE, "Tag:Cloud": "- | -"}, True),
        ("Forgotten", {"Global": ELSEWHERE, "Tag:Cloud": RIGHT}, False),
        ("Forgotten", {"Global": ELSEWHERE}, True),
        (None, {"Global": ELSEWHERE, "Tag:Cloud": RIGHT}, False),
        (None, {"Global": ELSEWHERE}, True),
    ],
)
def test_hosted_voice_mail_takes_a_policy_that_leads_to_cloud_voicemail(
    granted: str | None, policies: dict[str, str], astray: bool
) -> None:
    listed = "\n".join(f"{scope} | {leads}" for scope, leads in policies.items())
    lync = (
        {}
        if granted is None
        else {"cs_users": table(f"user | hosted_voice_mail | hosted_voice_mail_policy\nADA | yes | {granted}")}
    )
    found = findings(
        hosted_voice_mail_off,
        users=table("identity | enterprise_voice\nada | yes\nonline | no"),
        voice_mail_settings=table("identity | setting\nada | CsHostedVoiceMail=1"),
        cs_hostedvm=table(f"scope | destination | organization\n{listed}"),
        target=Target.SFB_CLOUD_VOICEMAIL,
        **lync,
    )
    told = f"ada is enabled for Enterprise Voice, but {ASTRAY}."
    assert list(found[["message", "csv"]].itertuples(index=False, name=None)) == (
        [(told, ("24_cs_hostedvm_grant",))] if astray else []
    )


def test_a_policy_that_leads_nowhere_is_not_told_of_a_user_for_whom_hosted_voice_mail_is_off() -> None:
    found = findings(
        hosted_voice_mail_off,
        users=table("identity | enterprise_voice\nada | yes"),
        cs_hostedvm=table(f"scope | destination | organization\nGlobal | {ELSEWHERE}"),
        target=Target.SFB_CLOUD_VOICEMAIL,
    )
    assert list(found["message"]) == ["ada is enabled for Enterprise Voice, but hosted voice mail is off."]
    assert list(found["csv"]) == [("24_cs_hostedvm_grant", "25_cs_hostedvm_set")]


def test_what_lync_says_against_the_directory_makes_it_likely_alone() -> None:
    found = findings(
        hosted_voice_mail_off,
        users=table("identity | enterprise_voice\nada | yes\nbo | yes\ncy | yes\ndi | yes"),
        cs_users=table("user | hosted_voice_mail\nada | yes\nbo | no\ncy | -"),
        target=Target.SFB_CLOUD_VOICEMAIL,
    )
    assert list(found["certainty"]) == ["likely", "certain", "certain", "certain"]


@pytest.mark.parametrize(("flags", "voice"), [("257", "no"), ("384", "yes"), ("385", "yes")])
def test_enterprise_voice_is_a_bit_of_the_options(flags: str, voice: str) -> None:
    users = table(f"identity | option_flags | enterprise_voice\nada | {flags} | {voice}")
    assert offenders(hosted_voice_mail_off, users=users, target=Target.SFB_CLOUD_VOICEMAIL) == (["ada"] if voice == "yes" else [])


def test_a_user_whose_voice_mail_settings_were_not_seen_is_held_back() -> None:
    unseen = visibility.rows(("voice_mail_settings", "setting", "users-0", State.UNREADABLE, "may not be read"))
    users = table("identity | enterprise_voice\nhidden | yes\nseen | yes")
    verdict = outcome(hosted_voice_mail_off, users=users, visibility=unseen, target=Target.SFB_CLOUD_VOICEMAIL)
    assert not isinstance(verdict, Skipped)
    assert (list(verdict.findings["identity"]), verdict.judged, verdict.of) == (["seen"], 1, 2)


MENUS = table(r"""
    identity | dn       | dial_plan                             | language | business_hours | operator_extension
    Full     | CN=Full  | CN=HQ                                 | 1036     | MF             | 5000
    Bare     | CN=Bare  | -                                     | -        | -              | -
    Lost     | CN=Lost  | CN=Gone\0ADEL:1,CN=Deleted Objects    | -        | -              | -
""")


def test_every_auto_attendant_is_listed_with_what_the_directory_keeps_of_it() -> None:
    found = findings(
        auto_attendant_to_rebuild,
        auto_attendants=MENUS,
        auto_attendant_numbers=table("identity | number\nFull | +14255550100\nFull | 600"),
        auto_attendant_holidays=table("identity | holiday\nFull | New Year\nFull | Easter"),
        target=Target.TEAMS_PHONE,
    ).set_index("identity")
    assert found.loc["Full", "evidence"] == {
        "numbers": "+14255550100, 600",
        "dial_plan": "CN=HQ",
        "language": 1036,
        "operator": "5000",
        "business_hours": "MF",
        "holidays": "Easter, New Year",
    }
    assert found.loc["Bare", "message"].startswith("UM auto attendant Bare (numbers: (none)) must be built anew")
    assert found.loc["Lost", "evidence"]["dial_plan"] == r"CN=Gone\0ADEL:1,CN=Deleted Objects"


def test_an_auto_attendant_whose_numbers_were_not_seen_is_held_back() -> None:
    hidden = visibility.rows(("auto_attendant_numbers", "number", "auto_attendants-0", State.UNREADABLE, "may not be read"))
    verdict = outcome(auto_attendant_to_rebuild, auto_attendants=MENUS, visibility=hidden, target=Target.TEAMS_PHONE)
    assert not isinstance(verdict, Skipped)
    assert (list(verdict.findings["identity"]), verdict.judged, verdict.of) == (["Bare", "Lost"], 2, 3)


@pytest.mark.parametrize(
    ("flags", "operator", "features"),
    [
        (1, "-", None),
        (3, "-", "fax"),
        (5, "-", "the calendar by telephone"),
        (9, "-", "e-mail by telephone"),
        (17, "-", "Outlook Voice Access"),
        (33, "-", "the address book by telephone"),
        (1 + 256 + 512 + 1024, "-", None),
        (19, "5000", "fax, Outlook Voice Access, an operator of the user's own"),
        (1, "5000", "an operator of the user's own"),
    ],
)
@pytest.mark.parametrize("flags2", ["-", "-1"])
def test_what_a_user_is_set_up_for_is_lost_with_um(flags: int, operator: str, features: str | None, flags2: str) -> None:
    users = table(f"identity|um_enabled|um_flags|um_flags2|um_operator\nada|yes|{flags}|{flags2}|{operator}")
    found = findings(um_features_lost, users=users, target=Target.TEAMS_PHONE)
    told = [f"ada loses what Unified Messaging has set up: {features}."]
    assert list(found["message"]) == (told if features else [])


def test_a_user_who_is_not_enabled_for_um_loses_nothing_by_the_flags_that_are_left() -> None:
    users = table("identity | um_enabled | um_flags | um_operator\nada | no | 30 | 5000\nbo | yes | - | -")
    assert offenders(um_features_lost, users=users, target=Target.TEAMS_PHONE) == []


@pytest.mark.parametrize(
    "rule", [mailbox_not_served, um_data_left, auto_attendant_to_rebuild, um_features_lost], ids=lambda rule: rule.code
)
def test_where_no_exchange_is_seen_its_users_and_menus_are_not_judged(rule: Rule) -> None:
    assert Need.EXCHANGE in rule.needs
    verdict = outcome(rule, needs=True, target=Target.TEAMS_PHONE)
    assert isinstance(verdict, Skipped)
    assert verdict.reason.startswith("no Exchange organization is in sight")
