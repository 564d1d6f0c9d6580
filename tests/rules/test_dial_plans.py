"""DP: one table a rule, offenders beside what comes close to them."""

import pytest
from pandas import DataFrame

from adinspect import visibility
from adinspect.rule import Rule, Skipped
from adinspect.rules.dial_plans import (
    access_number_shared,
    access_number_unusable,
    dial_plan_empty,
    dial_plan_gateways_too_many,
    dial_plan_on_wrong_servers,
    dial_plan_short_of_servers,
    dial_plan_without_hunt_group,
    dial_plan_without_policy,
    extension_length_invalid,
    fax_enabled,
    phone_context_ambiguous,
    secured_dial_plan_refused,
    sip_dial_plan_missing,
    sip_dial_plan_unsecured,
    sip_secured_dial_plan_refused,
)
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State, Unseen


def told(rule: Rule, **tables: DataFrame) -> dict[str, tuple[str, str, str]]:
    """What a rule says of each offender: {identity: (severity, certainty, because)}."""
    found = findings(rule, **tables)
    return {row.identity: (row.severity, row.certainty, row.because) for row in found.itertuples()}


FOREST = table("name | dn\ncontoso.com | DC=contoso,DC=com")


@pytest.mark.parametrize(
    ("uri_types", "found"),
    [
        ([], ["contoso.com"]),
        (["1", "2"], ["contoso.com"]),
        (["-"], ["contoso.com"]),
        (["1", "3"], []),
    ],
)
def test_a_forest_needs_one_sip_uri_dial_plan(uri_types: list[str], found: list[str]) -> None:
    plans = table("identity | uri_type\n" + "\n".join(f"Plan {uri_type} | {uri_type}" for uri_type in uri_types))
    assert offenders(sip_dial_plan_missing, forest=FOREST, dial_plans=plans) == found


def test_a_dial_plan_of_unseen_type_may_be_the_sip_uri_one() -> None:
    plans = table("identity | uri_type\nHidden | -\nPBX | 1")
    hidden = visibility.rows(("dial_plans", "uri_type", "dial_plans-0", State.UNREADABLE, "may not be read"))
    verdict = outcome(sip_dial_plan_missing, forest=FOREST, dial_plans=plans, visibility=hidden)
    assert verdict == Skipped("dial_plans: may not be read")


def test_a_sip_uri_dial_plan_is_secured_or_sip_secured() -> None:
    plans = table("""
        identity    | uri_type | voip_security
        SIP secured | 3        | 1
        Unsecured   | 3        | 2
        Secured     | 3        | 3
        Silent      | 3        | -
        PBX         | 1        | 2
        Silent PBX  | 1        | -
        No type     | -        | 2
    """)
    assert told(sip_dial_plan_unsecured, dial_plans=plans) == {
        "Unsecured": ("high", "certain", ""),
        "Silent": ("high", "likely", "msExchUMDialPlanVoipSecurity is not set; Exchange's default is Unsecured"),
    }


PLANS = table("identity | dn | uri_type\nLondon | CN=London | 3\nParis | CN=Paris | 3\nPBX | CN=PBX | 1")


def test_a_dial_plan_of_any_type_needs_a_policy() -> None:
    policies = table("identity | dial_plan\nLondon Policy | CN=London\nLost | -")
    assert offenders(dial_plan_without_policy, dial_plans=PLANS, mailbox_policies=policies) == ["Paris", "PBX"]


def test_a_dial_plan_of_any_type_needs_a_hunt_group() -> None:
    hunt_groups = table("identity | dial_plan\nLondon | CN=London\nLost | -")
    assert offenders(dial_plan_without_hunt_group, dial_plans=PLANS, hunt_groups=hunt_groups) == ["Paris", "PBX"]


@pytest.mark.parametrize(
    ("rule", "unseen"), [(dial_plan_without_policy, "mailbox_policies"), (dial_plan_without_hunt_group, "hunt_groups")]
)
@pytest.mark.parametrize("column", ["", "dial_plan"])
def test_what_could_not_be_seen_never_makes_a_dial_plan_lack_it(rule: Rule, unseen: str, column: str) -> None:
    hidden = visibility.rows((unseen, column, None if not column else f"{unseen}-0", State.UNREADABLE, "not seen"))
    linked = {unseen: table("identity | dial_plan\nHidden | -")}
    assert outcome(rule, dial_plans=PLANS, visibility=hidden, **linked) == Skipped(f"{unseen}: not seen")


SERVERS = table("""
    identity | um_role | version_major | version_minor
    EX10     | yes     | 14            | 3
    EX13     | yes     | 15            | 0
    EX16     | yes     | 15            | 1
    EX19     | yes     | 15            | 2
    CAS13    | no      | 15            | 0
    NEW      | yes     | -             | -
""")


@pytest.mark.parametrize(
    ("attached", "severity"),
    [
        ([], "critical"),
        (["EX19"], "critical"),
        (["CAS13"], "critical"),
        (["EX10"], "medium"),
        (["EX16", "EX16"], "medium"),
        (["EX16", "EX19"], "medium"),
        (["EX13", "EX16"], None),
        (["EX10", "EX13", "EX16"], None),
        (["EX16", "NEW"], None),
    ],
)
def test_a_sip_uri_dial_plan_needs_two_servers_that_have_um(attached: list[str], severity: str | None) -> None:
    links = table("identity | dial_plan\n" + "\n".join(f"{server} | CN=London" for server in attached))
    found = told(
        dial_plan_short_of_servers,
        dial_plans=table("identity | dn | uri_type\nLondon | CN=London | 3\nPBX | CN=PBX | 1"),
        servers=SERVERS,
        server_dial_plans=links,
    )
    assert found == ({"London": (severity, "certain", "")} if severity else {})


def test_the_number_of_servers_is_told() -> None:
    links = table("identity | dial_plan\nEX16 | CN=London")
    (found, *_) = findings(dial_plan_short_of_servers, dial_plans=PLANS, servers=SERVERS, server_dial_plans=links).to_dict(
        "records"
    )
    assert found["message"] == "Too few Exchange servers serve SIP URI UM dial plan London: 1."
    assert found["evidence"] == {"um_servers": 1}


def test_access_numbers_of_a_sip_uri_dial_plan_are_all_e164() -> None:
    plans = table("""
        identity | uri_type
        Good     | 3
        None     | 3
        Mixed    | 3
        Long     | 3
        Arabic   | 3
        PBX      | 1
        Silent   | -
    """)
    numbers = table("""
        identity | number
        Good     | +14255550100
        Good     | +14255550101
        Mixed    | 50190
        Mixed    | +14255550102
        Mixed    | +04255550103
        Long     | +1425555010000000
        Arabic   | +1425555\u0660\u0661\u0660\u0660
        PBX      | 5000
    """)
    assert told(access_number_unusable, dial_plans=plans, dial_plan_numbers=numbers) == {
        "None": ("medium", "certain", "it has no access number"),
        "Mixed": ("medium", "certain", "not E.164: +04255550103, 50190"),
        "Long": ("medium", "certain", "not E.164: +1425555010000000"),
        "Arabic": ("medium", "certain", "not E.164: +1425555\u0660\u0661\u0660\u0660"),
    }


def test_only_the_dial_plan_whose_numbers_were_not_seen_is_held_back() -> None:
    plans = table("identity | uri_type\nHidden | 3\nNone | 3")
    hidden = visibility.rows(("dial_plan_numbers", "number", "dial_plans-0", State.UNREADABLE, "may not be read"))
    verdict = outcome(access_number_unusable, dial_plans=plans, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert (list(verdict.findings["identity"]), verdict.judged, verdict.of) == (["None"], 1, 2)


def test_the_extension_length_is_a_number_from_1_to_20() -> None:
    plans = table("""
        identity | extension_digits | uri_type
        Absent   | -                | 3
        Zero     | 0                | 3
        One      | 1                | 3
        Twenty   | 20               | 1
        Longer   | 21               | 1
    """)
    assert offenders(extension_length_invalid, dial_plans=plans) == ["Absent", "Zero", "Longer"]


def test_each_dial_plan_has_a_phone_context_of_its_own() -> None:
    plans = table("""
        identity | phone_context
        Absent   | -
        London   | London.contoso.com
        Zurich   | Zurich.contoso.com
        Zug      | ZURICH.contoso.com
        Old      | zurich.contoso.com
        Near     | Zurich2.contoso.com
    """)
    equivalents = table("""
        identity | phone_context
        Zug      | Zug.contoso.com
        Zug      | Baar.contoso.com
        London   | Zurich2.contoso.com
    """)
    assert told(phone_context_ambiguous, dial_plans=plans, dial_plan_equivalents=equivalents) == {
        "Absent": ("high", "certain", "it has none"),
        "Zurich": ("high", "certain", "shared with Old, Zug"),
        "Zug": ("high", "certain", "shared with Old, Zurich; its equivalent phone contexts: Baar.contoso.com, Zug.contoso.com"),
        "Old": ("high", "certain", "shared with Zug, Zurich"),
    }


def test_two_dial_plans_without_a_phone_context_share_nothing() -> None:
    plans = table("identity | phone_context\nOne | -\nOther | -")
    assert {because for _, _, because in told(phone_context_ambiguous, dial_plans=plans).values()} == {"it has none"}


def test_a_forest_whose_schema_knows_no_equivalent_contexts_is_judged() -> None:
    plans = table("identity | phone_context\nAbsent | -")
    unknown = visibility.rows(("dial_plan_equivalents", "phone_context", None, State.NO_SCHEMA, "not in the schema"))
    assert Unseen.of(unknown).columns
    verdict = outcome(phone_context_ambiguous, dial_plans=plans, visibility=unknown)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["Absent"]


@pytest.mark.parametrize(
    ("plan", "refused"),
    [("3 | 1", True), ("3 | 2", False), ("3 | 3", False), ("3 | -", False), ("1 | 1", False), ("2 | 1", False), ("- | 1", False)],
)
def test_a_sip_secured_sip_uri_dial_plan_is_likely_refused_for_what_a_pool_requires_is_not_seen(plan: str, refused: bool) -> None:
    found = told(sip_secured_dial_plan_refused, dial_plans=table(f"identity | uri_type | voip_security\nLondon | {plan}"))
    because = "the directory does not tell what the pools require; RequireEncryption is Lync's default"
    assert found == ({"London": ("high", "likely", because)} if refused else {})


MEDIA = {
    "Global | RequireEncryption": ("critical", "certain", "so it is in Global"),
    "Global | requireencryption\nSite:HQ | RequireEncryption": ("critical", "certain", "so it is in Global, Site:HQ"),
    "Global | SupportEncryption\nSite:HQ | RequireEncryption": (
        "high",
        "likely",
        "so it is in Site:HQ, but not in every scope of Lync's media configuration",
    ),
    "Global | SupportEncryption": None,
    "Global | DoNotSupportEncryption": None,
    "Global | -": ("high", "likely", "the directory does not tell what the pools require; RequireEncryption is Lync's default"),
}


@pytest.mark.parametrize("media", MEDIA)
def test_what_lync_requires_of_media_makes_a_sip_secured_dial_plan_certain_to_be_refused(media: str) -> None:
    plans = table("identity | uri_type | voip_security\nLondon | 3 | 1\nSecured | 3 | 3\nPBX | 1 | 1")
    found = told(sip_secured_dial_plan_refused, dial_plans=plans, cs_media=table(f"scope | encryption_level\n{media}"))
    assert found == ({"London": MEDIA[media]} if MEDIA[media] else {})


@pytest.mark.parametrize(
    ("media", "certainty"),
    [
        ("Global | DoNotSupportEncryption", "certain"),
        ("Global | donotsupportencryption\nSite:HQ | DoNotSupportEncryption", "certain"),
        ("Global | SupportEncryption\nSite:HQ | DoNotSupportEncryption", "likely"),
        ("Global | SupportEncryption", None),
        ("Global | RequireEncryption", None),
        ("Global | -", None),
    ],
)
def test_a_secured_dial_plan_is_refused_by_lync_that_does_not_encrypt(media: str, certainty: str | None) -> None:
    plans = table("identity | uri_type | voip_security\nLondon | 3 | 3\nSip | 3 | 1\nOpen | 3 | 2\nUnset | 3 | -\nPBX | 2 | 3")
    found = findings(secured_dial_plan_refused, dial_plans=plans, cs_media=table(f"scope | encryption_level\n{media}"))
    assert list(found[["identity", "severity", "certainty"]].itertuples(index=False, name=None)) == (
        [("London", "high", certainty)] if certainty else []
    )


def test_what_lync_demands_of_media_is_not_guessed() -> None:
    verdict = outcome(secured_dial_plan_refused, dial_plans=table("identity | uri_type | voip_security\nLondon | 3 | 3"))
    assert verdict == Skipped("no cs-media.csv was supplied (--side)")


LOCAL = "; behind different PBXs, each may have one number that is not international"


@pytest.mark.parametrize(
    ("numbers", "because"),
    [
        ("+14255550150 | +14255550150", "it has also +14255550150 of Paris"),
        ("+1 (425) 555-0150 | 0014255550150", "it has also +14255550150 of Paris"),
        ("tel:+14255550150 | TEL:+14255550150", "it has also +14255550150 of Paris"),
        ("5000 | 50 00", "it has also 5000 of Paris" + LOCAL),
        ("+14255550150 | +14255550151", None),
        ("+14255550150 | 14255550150", None),
        ("+14255550150 | -", None),
    ],
)
def test_an_access_number_leads_into_one_dial_plan(numbers: str, because: str | None) -> None:
    london, paris = numbers.split(" | ")
    found = told(
        access_number_shared,
        dial_plans=table("identity\nLondon\nParis\nBare"),
        dial_plan_numbers=table(f"identity | number\nLondon | {london}\nParis | {paris}"),
    )
    certainty = "likely" if because and because.endswith(LOCAL) else "certain"
    other = because.replace("Paris", "London") if because else ""
    assert found == ({"London": ("high", certainty, because), "Paris": ("high", certainty, other)} if because else {})


def test_a_dial_plan_that_holds_an_access_number_twice_shares_it_with_nobody_and_all_shared_ones_are_told() -> None:
    numbers = table("""
        identity | number
        London   | +14255550150
        London   | +1 425 555 0150
        Paris    | +14255550151
        Paris    | 5000
        Oslo     | 5000
        Oslo     | +14255550151
        Rome     | +14255550151
    """)
    found = told(access_number_shared, dial_plans=table("identity\nLondon\nParis\nOslo\nRome"), dial_plan_numbers=numbers)
    assert found == {
        "Paris": ("high", "certain", "it has also +14255550151 of Oslo, +14255550151 of Rome, 5000 of Oslo"),
        "Oslo": ("high", "certain", "it has also +14255550151 of Paris, +14255550151 of Rome, 5000 of Paris"),
        "Rome": ("high", "certain", "it has also +14255550151 of Oslo, +14255550151 of Paris"),
    }


@pytest.mark.parametrize(("gateways", "found"), [(200, []), (201, ["London"])])
def test_a_dial_plan_takes_200_gateways_each_counted_once(gateways: int, found: list[str]) -> None:
    names = [f"gw{number}" for number in range(gateways)]
    links = "\n".join(f"{name} {time} | CN={name} | CN=London" for name in names for time in ("one", "two"))
    assert (
        offenders(
            dial_plan_gateways_too_many,
            dial_plans=table("identity | dn\nLondon | CN=London\nParis | CN=Paris"),
            gateways=table("identity | dn\n" + "\n".join(f"{name} | CN={name}" for name in names)),
            hunt_groups=table("identity | gateway | dial_plan\nother | CN=gw0 | CN=Paris\n" + links),
        )
        == found
    )


def test_the_limit_of_gateways_is_a_setting() -> None:
    found = findings(
        dial_plan_gateways_too_many,
        dial_plans=table("identity | dn\nLondon | CN=London"),
        gateways=table("identity | dn\none | CN=one\ntwo | CN=two"),
        hunt_groups=table("identity | gateway | dial_plan\na | CN=one | CN=London\nb | CN=two | CN=London"),
        most_gateways=1,
    )
    assert list(found["message"]) == ["2 UM IP gateways lead to UM dial plan London, more than the 1 that Exchange UM takes."]


@pytest.mark.parametrize(
    ("uri_type", "server", "because"),
    [
        ("1", "EX13", "it is assigned to EX13"),
        ("2", "EX16", "it is assigned to EX16"),
        ("1", "EX19", "it is assigned to EX19"),
        ("1", "EX10", None),
        ("1", "EX??", None),
        ("3", "EX16", None),
        ("-", "EX16", None),
    ],
)
def test_a_dial_plan_that_is_no_sip_uri_one_is_not_assigned_to_recent_servers(
    uri_type: str, server: str, because: str | None
) -> None:
    found = told(
        dial_plan_on_wrong_servers,
        dial_plans=table(f"identity | dn | uri_type\nFactory | CN=Factory | {uri_type}\nOther | CN=Other | {uri_type}"),
        servers=table("identity | version_major\nEX10 | 14\nEX13 | 15\nEX16 | 15\nEX19 | 15\nEX?? | -"),
        server_dial_plans=table(f"identity | dial_plan\n{server} | CN=Factory"),
    )
    assert found == ({"Factory": ("medium", "certain", because)} if because else {})


@pytest.mark.parametrize(
    ("plan", "server", "found"),
    [
        ("3 | yes", "sip:fax.fabrikam.com", ["Paris"]),
        ("3 | -", "sip:fax.fabrikam.com", ["Paris"]),
        ("3 | no", "sip:fax.fabrikam.com", []),
        ("3 | yes", "-", []),
        ("1 | yes", "sip:fax.fabrikam.com", []),
        ("- | yes", "sip:fax.fabrikam.com", []),
    ],
)
def test_faxes_are_on_where_nothing_is_said_and_matter_where_a_policy_has_a_fax_server(
    plan: str, server: str, found: list[str]
) -> None:
    policies = f"Fax | CN=Paris | {server}\nPlain | CN=Paris | -\nAstray | CN=Gone | sip:fax.fabrikam.com"
    assert (
        offenders(
            fax_enabled,
            dial_plans=table(f"identity | dn | uri_type | fax_enabled\nParis | CN=Paris | {plan}"),
            mailbox_policies=table("identity | dial_plan | fax_server\n" + policies),
        )
        == found
    )


USERS_OF_PLANS = table("""
    identity | object_class | um_enabled | um_dial_plan | um_mailbox_policy | deployment_locator
    linked   | user         | yes        | CN=Linked    | -                 | SRV:
    held     | user         | yes        | -            | CN=Policy         | SRV:
    off      | user         | no         | CN=Off       | -                 | -
    online   | user         | yes        | CN=Online    | -                 | sipfed.online.lync.com
    guest    | contact      | yes        | CN=Guest     | -                 | SRV:
""")
NAMES_OF_PLANS = ("Linked", "Held", "Off", "Online", "Guest", "Menu", "Policy alone", "Empty")


def test_a_dial_plan_is_empty_without_any_user_by_link_or_policy_and_without_auto_attendant() -> None:
    assert offenders(
        dial_plan_empty,
        dial_plans=table("identity | dn\n" + "\n".join(f"{name} | CN={name}" for name in NAMES_OF_PLANS)),
        users=USERS_OF_PLANS,
        mailbox_policies=table("identity | dn | dial_plan\nPolicy | CN=Policy | CN=Held\nFree | CN=Free | CN=Policy alone"),
        auto_attendants=table("identity | dial_plan\nMenu | CN=Menu\nLost | -"),
    ) == ["Policy alone", "Empty"]


@pytest.mark.parametrize(
    ("unseen", "column"),
    [
        ("users", ""),
        ("users", "um_dial_plan"),
        ("users", "um_mailbox_policy"),
        ("auto_attendants", ""),
        ("mailbox_policies", "dial_plan"),
    ],
)
def test_what_was_not_seen_never_empties_a_dial_plan(unseen: str, column: str) -> None:
    hidden = visibility.rows((unseen, column, f"{unseen}-0" if column else None, State.UNREADABLE, "not seen"))
    verdict = outcome(
        dial_plan_empty,
        dial_plans=table("identity\nEmpty"),
        users=USERS_OF_PLANS,
        mailbox_policies=table("identity | dial_plan\nPolicy | CN=Held"),
        visibility=hidden,
    )
    assert verdict == Skipped(f"{unseen}: not seen")


@pytest.mark.parametrize(("rule", "unseen"), [(fax_enabled, "mailbox_policies"), (dial_plan_on_wrong_servers, "servers")])
def test_one_object_that_was_not_seen_does_not_silence_what_others_show(rule: Rule, unseen: str) -> None:
    column = {"mailbox_policies": "fax_server", "servers": "version_major"}[unseen]
    verdict = outcome(
        rule,
        dial_plans=table("identity | dn | uri_type\nSIP | CN=SIP | 3\nPBX | CN=PBX | 1"),
        mailbox_policies=table("identity | dial_plan | fax_server\nA | CN=SIP | sip:fax.example\nB | CN=SIP | -"),
        servers=table("identity | version_major\nA | 15\nB | 15"),
        server_dial_plans=table("identity | dial_plan\nA | CN=PBX\nB | CN=PBX"),
        visibility=visibility.rows((unseen, column, f"{unseen}-1", State.UNREADABLE, "not seen")),
    )
    assert not isinstance(verdict, Skipped)
    assert (len(verdict.findings), verdict.note) == (1, "not seen")
    assert list(verdict.findings["because"].str.endswith(" A")) == [True]
