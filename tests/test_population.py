from __future__ import annotations

from dataclasses import replace

import pytest
from pandas import DataFrame

from adinspect import definitions, profile
from adinspect.errors import ConfigurationError
from adinspect.population import with_expected
from adinspect.profile import Listed, Population, Profile
from adinspect.testing import table, tables
from adinspect.visibility import State, Unseen, nothing_hidden, rows

ORGANIZATION = table("identity\nContoso")

ADA = "identity | dn | sam_account_name | object_class | account_disabled | recipient_type | telephone_number | upn | sip_address"


def given(*users: str, organization: bool = True, **others: DataFrame) -> dict[str, DataFrame]:
    seen = {"organization": ORGANIZATION} if organization else {}
    return tables(users=table("\n".join((ADA, *users))), **seen, **others)


def expected(whole: dict[str, DataFrame], population: Population | None = None, visibility: DataFrame | None = None) -> list[str]:
    users, _ = judged(whole, population, visibility)
    return list(users.loc[users["expected"], "identity"])


def judged(
    whole: dict[str, DataFrame], population: Population | None = None, visibility: DataFrame | None = None
) -> tuple[DataFrame, list[str]]:
    unseen = Unseen.of(nothing_hidden() if visibility is None else visibility)
    users, unknown = with_expected(whole, unseen, Profile(population=population or Population()))
    return users, list(unknown["reason"])


@pytest.mark.parametrize(
    ("user", "belongs"),
    [
        ("ada | CN=ada | ada | user | no | 1 | - | - | -", True),
        ("ada | CN=ada | ada | inetOrgPerson | no | 1 | - | - | -", True),
        ("ada | CN=ada | ada | user | no | 2147483648 | - | - | -", True),
        ("ada | CN=ada | ada | user | yes | 1 | - | - | -", False),
        ("linked | CN=ada | ada | user | yes | 2 | - | - | -", True),
        ("shared | CN=ada | ada | user | yes | 4 | - | - | -", False),
        ("room | CN=ada | ada | user | no | 16 | - | - | -", False),
        ("equipment | CN=ada | ada | user | no | 32 | - | - | -", False),
        ("arbitration | CN=ada | ada | user | no | 8388608 | - | - | -", False),
        ("discovery | CN=ada | ada | user | no | 536870912 | - | - | -", False),
        ("remote room | CN=ada | ada | user | no | 8589934592 | - | - | -", False),
        ("no mailbox | CN=ada | ada | user | no | - | - | - | -", False),
        ("mail user | CN=ada | ada | user | no | 128 | - | - | -", False),
        ("service | CN=ada | svc-backup | user | no | 1 | - | - | -", False),
        ("service | CN=ada | SA_Backup | user | no | 1 | - | - | -", False),
        ("near miss | CN=ada | sally | user | no | 1 | - | - | -", True),
        ("near miss | CN=ada | backup-svc | user | no | 1 | - | - | -", True),
        ("contact | CN=ada | - | contact | no | 1 | - | - | -", False),
        ("nameless | CN=ada | - | user | no | 1 | - | - | -", True),
    ],
)
def test_a_persons_mailbox_belongs_to_the_population(user: str, belongs: bool) -> None:
    assert bool(expected(given(user))) is belongs


PEOPLE = (
    "ada | CN=ada,OU=Sales,OU=Staff,DC=contoso,DC=example | ada | user | no | 1 | +1 425 555 | Ada@a.example | sip:ada@a.example",
    "bo | CN=bo,OU=Leavers,OU=Staff,DC=contoso,DC=example | bo | user | no | 1 | - | bo@a.example | -",
    "cy | CN=cy,OU=Staff2,DC=contoso,DC=example | svc-cy | user | no | 1 | +1 425 556 | cy@a.example | sip:cy@a.example",
)


@pytest.mark.parametrize(
    ("population", "belong"),
    [
        (Population(), ["ada", "bo"]),
        (Population(base_dns=("OU=Staff,DC=contoso,DC=example",)), ["ada", "bo"]),
        (Population(base_dns=("ou=staff, dc=Contoso, dc=example",)), ["ada", "bo"]),
        (Population(base_dns=("OU=Sales,OU=Staff,DC=contoso,DC=example", "OU=Elsewhere,DC=contoso,DC=example")), ["ada"]),
        (Population(exclude_dns=("OU=Leavers,OU=Staff,DC=contoso,DC=example",)), ["ada"]),
        (Population(base_dns=("CN=ada,OU=Sales,OU=Staff,DC=contoso,DC=example",)), ["ada"]),
        (Population(present="telephone_number"), ["ada"]),
        (Population(exclude_listed=Listed("upn", frozenset({"ada@a.example"}))), ["bo"]),
        (Population(present="account_disabled"), []),
        (Population(listed=Listed("upn", frozenset({"ada@a.example", "cy@a.example"}))), ["ada"]),
        (Population(listed=Listed("sip_address", frozenset({"ada@a.example"}))), ["ada"]),
        (Population(service_accounts=""), ["ada", "bo", "cy"]),
        (Population(service_accounts="^b"), ["ada", "cy"]),
        (Population(recipient_types=(2,)), []),
    ],
)
def test_the_profile_narrows_or_widens_the_population(population: Population, belong: list[str]) -> None:
    assert expected(given(*PEOPLE), population) == belong


GROUPS = {
    "groups": table(
        "identity | dn | sam_account_name\nVoice | CN=Voice | Voice\nSales | CN=Sales | Sales\nOther | CN=Other | Other"
    ),
    "group_members": table("identity | member\nVoice | CN=Sales\nVoice | CN=Voice\nSales | CN=ada\nOther | CN=bo"),
}
TWO = ("ada | CN=ada | ada | user | no | 1 | - | - | -", "bo | CN=bo | bo | user | no | 1 | - | - | -")


@pytest.mark.parametrize("name", ["Voice", "voice", "CN=Voice", "cn=voice"])
def test_the_nested_members_of_a_group_belong_to_it_however_the_group_is_spelt(name: str) -> None:
    assert expected(given(*TWO, **GROUPS), Population(group=name)) == ["ada"]
    assert expected(given(*TWO, **GROUPS), Population(exclude_group=name)) == ["bo"]


@pytest.mark.parametrize(("name", "said"), [("Nobody", "no group has the name 'Nobody'"), ("Twin", "2 groups have")])
def test_a_group_that_is_not_found_once_is_a_mistake_in_the_profile(name: str, said: str) -> None:
    twins = table("identity | dn | sam_account_name\nA | CN=A,DC=a | Twin\nB | CN=A,DC=b | twin")
    toml = definitions.parse(f'[population]\ngroup = "{name}"', "voice.toml")
    with pytest.raises(ConfigurationError, match=said) as error:
        with_expected(given(*TWO, groups=twins), Unseen.of(nothing_hidden()), profile.load(toml))
    assert error.value.where == "voice.toml, line 2"


def test_a_column_that_does_not_exist_is_a_mistake_in_the_profile() -> None:
    toml = definitions.parse('[population]\npresent = "telephone"', "voice.toml")
    with pytest.raises(ConfigurationError, match="no column 'telephone'"):
        with_expected(given(*TWO), Unseen.of(nothing_hidden()), profile.load(toml))


@pytest.mark.parametrize(
    "hidden",
    [
        ("group_members", "", None, State.INCOMPLETE, "the domain was not read"),
        ("groups", "", None, State.INCOMPLETE, "the domain was not read"),
        ("group_members", "member", None, State.UNREADABLE, "member may not be read"),
        ("group_members", "member", "groups-1", State.UNREADABLE, "member may not be read on one group"),
    ],
)
def test_a_group_that_does_not_show_its_members_makes_the_population_unknown(
    hidden: tuple[str, str, str | None, State, str],
) -> None:
    users, reasons = judged(given(*TWO, **GROUPS), Population(group="Voice"), rows(hidden))
    assert not users["expected"].any()
    assert len(reasons) == 1
    assert reasons[0].startswith("the members of the group Voice are not known: ")


def test_another_group_that_hides_its_members_does_not_matter() -> None:
    hidden = rows(("group_members", "member", "groups-2", State.UNREADABLE, "member may not be read on one group"))
    assert judged(given(*TWO, **GROUPS), Population(group="Voice"), hidden)[1] == []


def test_a_user_one_of_whose_columns_was_not_seen_is_not_known() -> None:
    hidden = rows(("users", "recipient_type", "users-1", State.UNREADABLE, "may not be read"))
    _, unknown = with_expected(given(*TWO), Unseen.of(hidden), Profile())
    assert unknown[["table", "column", "guid"]].to_dict("records") == [
        {"table": "users", "column": "expected", "guid": "users-1"}
    ]


def test_a_column_that_nobody_shows_makes_the_population_unknown() -> None:
    hidden = rows(("users", "account_disabled", None, State.UNREADABLE, "userAccountControl may not be read"))
    users, reasons = judged(given(*TWO), visibility=hidden)
    assert not users["expected"].any()
    assert reasons == ["users.account_disabled decides who should have voice: userAccountControl may not be read"]


def test_without_an_exchange_organization_the_profile_must_name_the_population() -> None:
    _, reasons = judged(given(*TWO, organization=False))
    assert "the profile names no population" in reasons[0]


NO_TYPES = (
    "ada | CN=ada,OU=Staff | ada | user | no | - | - | - | -",
    "room | CN=room,OU=Staff | room | user | no | 16 | - | - | -",
    "bo | CN=bo,OU=Other | bo | user | no | - | - | - | -",
)
STAFF = Population(base_dns=("OU=Staff",))


def test_without_an_exchange_organization_a_named_population_needs_no_recipient_type() -> None:
    assert expected(given(*NO_TYPES, organization=False), STAFF) == ["ada"]


def test_a_schema_without_recipient_types_leaves_a_named_population_known() -> None:
    lacking = rows(("users", "recipient_type", None, State.NO_SCHEMA, "msExchRecipientTypeDetails is not in the schema"))
    assert expected(given(*NO_TYPES, organization=False), STAFF, lacking) == ["ada"]
    unreadable = lacking.assign(state=State.UNREADABLE.value)
    assert judged(given(*NO_TYPES, organization=False), STAFF, unreadable)[1] != []


def test_expected_is_a_plain_bool_also_of_nobody() -> None:
    for whole in (given(), given(*TWO), given(organization=False)):
        assert judged(whole)[0]["expected"].dtype == bool


def test_the_tables_given_are_not_changed() -> None:
    whole = given(*PEOPLE)
    before = whole["users"].copy()
    judged(whole, replace(STAFF, present="telephone_number"))
    assert whole["users"].equals(before)


def test_who_has_a_group_as_primary_group_is_a_member_of_it() -> None:
    users = table("""
        identity | sid                | primary_group | object_class | account_disabled | recipient_type
        ada      | S-1-5-21-1-2-3-500 | 513           | user         | no               | 1
        bo       | S-1-5-21-1-2-3-501 | 514           | user         | no               | 1
        cy       | S-1-5-21-9-9-9-500 | 513           | user         | no               | 1
    """)
    groups = table("""
        identity     | dn       | sam_account_name | sid
        Domain Users | CN=Users | Domain Users     | S-1-5-21-1-2-3-513
        Staff        | CN=Staff | Staff            | S-1-5-21-1-2-3-1200
    """)
    members = table("identity | dn | guid | member\nStaff | CN=Staff | groups-1 | CN=Users")
    whole = tables(users=users, groups=groups, group_members=members, organization=ORGANIZATION)
    assert expected(whole, Population(group="Domain Users")) == ["ada"]
    assert expected(whole, Population(group="Staff")) == ["ada"]
