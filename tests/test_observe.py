from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from uuid import UUID

import pytest
from directories import (
    ACCOUNT,
    CONFIGURATION,
    DOMAIN,
    ORGANIZATION,
    PLANS,
    Entry,
    Failing,
    descriptor,
    entry,
    forest,
    schema,
    schema_guid,
    sid_octets,
    user,
)
from pandas import DataFrame

from adinspect import query
from adinspect.collect import collect
from adinspect.directory.ldif_files import open_files
from adinspect.directory.memory import MemoryDirectory
from adinspect.observe import observe
from adinspect.visibility import State, Unseen

READ, LIST, CONTROL = 0x10, 0x4, 0x100
ALL = (True, READ | LIST, None)
PARTITION = f"CN=Partitions,{CONFIGURATION}"


def seen(
    entries: list[Entry], *, account: bool = False, cut: dict[str, int] | None = None, without: tuple[str, ...] = ()
) -> DataFrame:
    token = frozenset({ACCOUNT}) if account else frozenset()
    directory = Failing(MemoryDirectory(entries), cut or {}, token, without, live=account)
    return observe(collect(directory, list(query.shipped().values())))


def unseen(*more: Entry, account: bool = False, cut: dict[str, int] | None = None, without: tuple[str, ...] = ()) -> Unseen:
    return Unseen.of(seen(forest(*more), account=account, cut=cut, without=without))


def guarded(one: Entry, *aces: tuple[bool, int, object]) -> Entry:
    dn, attributes = one
    return dn, {**attributes, "nTSecurityDescriptor": [descriptor(*aces)]}  # type: ignore[arg-type] # an attribute is a UUID


def open_forest(*more: Entry) -> list[Entry]:
    """The forest, every object of it readable but for the given ones, which say so themselves."""
    return [one if "nTSecurityDescriptor" in one[1] else guarded(one, ALL) for one in forest(*more)]


def test_a_forest_seen_whole_hides_nothing() -> None:
    assert seen(open_forest(*schema(), user("adele")), account=True).empty


def test_what_the_schema_lacks_is_told_by_column() -> None:
    one = unseen(*schema("msRTCSIP-Line", "msExchUCVoiceMailSettings"), user("adele"))
    assert one.columns["users", "line_uri"] == (State.NO_SCHEMA, "msRTCSIP-Line is not in the forest's schema")
    assert one.columns["contacts", "line_uri"][0] is State.NO_SCHEMA
    assert one.columns["voice_mail_settings", "setting"][0] is State.NO_SCHEMA
    assert ("users", "sip_address") not in one.columns


def test_a_part_of_the_schema_does_not_pass_for_all_of_it() -> None:
    one = unseen(*schema("msRTCSIP-Line", "msRTCSIP-PrivateLine"), user("adele", msRTCSIP_Line="tel:+14255550100"))
    assert one.tables["schema_attributes"] == "entries show msRTCSIP-Line, which it lacks: it was not read whole"
    assert ("users", "private_line") not in one.columns


def test_where_the_rights_of_an_account_cannot_be_told_nothing_counts_as_absent() -> None:
    entries = open_forest(*schema(), guarded(user("adele", mail="adele@contoso.example"), ALL))
    cases: list[tuple[dict[str, int], set[str]]] = [({"(objectClass=attributeSchema)": 0}, {ACCOUNT}), ({}, set())]
    for cut, token in cases:
        directory = Failing(MemoryDirectory(entries), cut, frozenset(token), live=True)
        one = Unseen.of(observe(collect(directory, list(query.shipped().values()))))
        assert one.columns["users", "sip_address"][0] is State.UNREADABLE
        assert ("users", "mail") not in one.columns


def test_an_export_where_nobody_shows_anything_of_a_product_that_is_there_was_made_by_who_may_not_see_it() -> None:
    pool = entry(
        f"CN=1:1,CN=Pools,CN=RTC Service,CN=Services,{CONFIGURATION}", "msRTCSIP-Pool", dNSHostName="pool1.contoso.example"
    )
    assert unseen(pool, user("adele")).columns["users", "sip_address"][0] is State.UNREADABLE
    assert ("users", "sip_address") not in unseen(pool, user("adele", msRTCSIP_UserEnabled="FALSE")).columns
    assert ("users", "sip_address") not in unseen(user("adele")).columns


def test_of_what_only_the_presence_is_known_a_right_to_read_is_asked_too() -> None:
    hidden = guarded(user("adele"), (False, READ, schema_guid("msRTCSIP-AcpInfo")), ALL)
    one = Unseen.of(seen(open_forest(*schema(), hidden, guarded(user("alex"), ALL)), account=True))
    assert len(one.cells["users", "conferencing_provider"]) == 1


def test_a_value_that_may_not_be_read_is_unreadable_on_that_object_alone() -> None:
    hidden = guarded(user("adele"), (False, READ, schema_guid("msRTCSIP-Line")), ALL)
    shown = guarded(user("alex"), ALL)
    one = Unseen.of(seen(open_forest(*schema(), hidden, shown), account=True))
    assert len(one.cells["users", "line_uri"]) == 1
    assert one.reasons["users", "line_uri"] == "msRTCSIP-Line may not be read on 1 of 2 users"
    assert ("users", "sip_address") not in one.cells


def test_an_attribute_nobody_lets_read_is_one_row() -> None:
    hidden = [guarded(user(name), (False, READ, schema_guid("msRTCSIP-Line")), ALL) for name in ("adele", "alex")]
    one = Unseen.of(seen(open_forest(*schema(), *hidden), account=True))
    assert one.columns["users", "line_uri"][0] is State.UNREADABLE


def test_a_value_that_is_shown_was_readable() -> None:
    hidden = guarded(user("adele", msRTCSIP_Line="tel:+14255550100"), (False, READ, schema_guid("msRTCSIP-Line")), ALL)
    one = Unseen.of(seen(open_forest(*schema(), hidden), account=True))
    assert ("users", "line_uri") not in one.cells
    assert ("users", "line_uri") not in one.columns


def test_without_an_access_list_what_is_not_shown_counts_as_unread() -> None:
    entries = [one for one in open_forest(*schema()) if "OU=Staff" not in one[0]] + [user("adele")]
    assert Unseen.of(seen(entries, account=True)).columns["users", "line_uri"][0] is State.UNREADABLE


def test_a_container_that_may_not_be_listed_leaves_its_tables_incomplete() -> None:
    container = guarded(entry(PLANS, "msExchContainer"), (False, LIST, None), ALL)
    entries = [container if one[0] == PLANS else one for one in open_forest(*schema())]
    one = Unseen.of(seen(entries, account=True))
    assert one.tables["dial_plans"] == f"this account may not list {PLANS}"
    assert "dial_plan_numbers" in one.tables
    assert "gateways" not in one.tables


def test_a_container_that_shows_nothing_is_doubted_only_where_rights_are_not_known() -> None:
    empty = entry(f"CN=UM IPGateway Container,{ORGANIZATION}", "msExchContainer")
    assert "shows nothing" in unseen(empty).tables["gateways"]
    assert "dial_plans" not in unseen(empty).tables
    assert "gateways" not in Unseen.of(seen(open_forest(*schema(), guarded(empty, ALL)), account=True)).tables


def test_an_empty_organizational_unit_is_nothing_to_doubt() -> None:
    assert "users" not in unseen(entry(f"OU=Empty,{DOMAIN}", "organizationalUnit")).tables


def test_a_live_link_proves_an_object_that_was_not_seen() -> None:
    one = unseen(user("adele", msExchUMRecipientDialPlanLink=f"CN=Hidden,{PLANS}"))
    assert one.tables["dial_plans"] == f"users.um_dial_plan names 1 objects that were not seen, such as CN=Hidden,{PLANS}"


def test_a_link_to_a_deleted_object_proves_nothing() -> None:
    one = unseen(user("adele", msExchUMRecipientDialPlanLink=f"CN=Old\\0ADEL:1,CN=Deleted Objects,{CONFIGURATION}"))
    assert "dial_plans" not in one.tables


def test_a_search_that_ended_early_and_a_context_that_is_not_there_are_told_apart() -> None:
    assert unseen(cut={"(|(&(objectCategory=person": 0}).tables["users"] == "the server cut the connection"
    reason = unseen(without=("configuration",)).tables["dial_plans"]
    assert reason == "the naming context configuration is not in this export"


def test_a_domain_that_was_not_read_leaves_its_people_incomplete() -> None:
    other = entry(f"CN=EMEA,{PARTITION}", "crossRef", nCName=f"DC=emea,{DOMAIN}", systemFlags="3")
    tables = unseen(other).tables
    assert tables["users"] == tables["contacts"] == "the domain emea.contoso.example was not read"
    assert "dial_plans" not in tables


def test_the_old_place_of_lync_matters_only_where_the_new_one_is_not_used() -> None:
    new = entry(f"CN=RTC Service,CN=Services,{CONFIGURATION}", "msRTCSIP-Service")
    pool = entry(
        f"CN=1:1,CN=Pools,CN=RTC Service,CN=Services,{CONFIGURATION}", "msRTCSIP-Pool", dNSHostName="pool1.contoso.example"
    )
    inside = entry(f"CN=Pools,CN=RTC Service,CN=Services,{CONFIGURATION}", "msRTCSIP-Pools")
    assert "pools" in unseen(without=("root_domain",)).tables
    assert "pools" not in unseen(new, inside, pool, without=("root_domain",)).tables


def test_octets_that_cannot_be_decoded_are_not_missing() -> None:
    one = unseen(user("adele", msRTCSIP_Line=b"tel:\xff"))
    assert one.reasons["users", "line_uri"] == "users.line_uri holds octets that cannot be decoded"
    assert len(one.cells["users", "line_uri"]) == 1


def test_what_one_of_two_exports_did_not_ask_for_is_not_missing_there(tmp_path: Path) -> None:
    head = "# requesting: objectClass objectCategory objectGUID msRTCSIP-OriginatorSid msRTCSIP-OwnerUrn"
    tail = "# search result\nsearch: 2\nresult: 0 Success\n"
    domain = f"dn: {DOMAIN}\nobjectClass: domainDNS\n\n"
    person = "objectClass: user\nobjectCategory: CN=Person,CN=Schema,CN=Configuration,DC=contoso,DC=example\n"
    for name, asked, line in (("paris", "msRTCSIP-Line", "msRTCSIP-Line: tel:+14255550100\n"), ("london", "", "")):
        entry_text = f"dn: CN={name},{DOMAIN}\n{person}objectGUID:: {b64encode(name.encode().ljust(16)).decode()}\n{line}\n"
        (tmp_path / name).write_text(f"{head} {asked}\n\n{domain}{entry_text}{tail}", encoding="utf-8")
    with open_files([tmp_path / "paris", tmp_path / "london"]) as directory:
        collected = collect(directory, list(query.shipped().values()))
    hidden = Unseen.of(observe(collected)).cells["users", "line_uri"]
    names = dict(zip(*(collected.tables["users"][column].to_pylist() for column in ("guid", "dn")), strict=True))
    assert [names[guid] for guid in hidden] == [f"CN=london,{DOMAIN}"]


USER_CLASS = UUID("bf967aba-0de6-11d0-a285-00aa003049e2")


def test_an_entry_that_names_the_class_speaks_of_all_its_attributes() -> None:
    hidden = guarded(user("adele"), (False, READ, USER_CLASS), ALL)
    one = Unseen.of(seen(open_forest(*schema(), hidden, guarded(user("alex"), ALL)), account=True))
    assert one.reasons["users", "line_uri"] == "msRTCSIP-Line may not be read on 1 of 2 users"


def test_an_entry_that_names_another_class_speaks_of_nothing() -> None:
    contact = guarded(entry(f"CN=Reception,{DOMAIN}", "contact"), (False, READ, USER_CLASS), ALL)
    one = Unseen.of(seen(open_forest(*schema(), contact), account=True))
    assert ("contacts", "line_uri") not in {*one.cells, *one.columns}


def test_what_an_account_may_read_of_itself_is_told_from_entries_for_self() -> None:
    rights = descriptor(ALL, trustee="S-1-5-10")
    own = user("adele", objectSid=sid_octets(ACCOUNT), nTSecurityDescriptor=rights)
    other = user("alex", objectSid=sid_octets("S-1-5-21-1-2-3-1105"), nTSecurityDescriptor=rights)
    one = Unseen.of(seen(open_forest(*schema(), own, other), account=True))
    assert one.reasons["users", "line_uri"] == "msRTCSIP-Line may not be read on 1 of 2 users"


def without(one: Entry, *names: str) -> Entry:
    dn, attributes = one
    return dn, {name: values for name, values in attributes.items() if name not in names}


def unseen_identifiers(*people: Entry) -> dict[str, tuple[State, str]]:
    """What was not seen of the columns that every user carries."""
    columns = unseen(*people).columns
    return {name: columns["users", name] for name in ("sam_account_name", "sid") if ("users", name) in columns}


@pytest.mark.parametrize(("lacking", "column"), [("sAMAccountName", "sam_account_name"), ("objectSid", "sid")])
def test_what_every_user_carries_and_none_shows_was_not_let_be_read(lacking: str, column: str) -> None:
    one = unseen_identifiers(without(user("adele", objectSid=sid_octets(ACCOUNT)), lacking))
    assert list(one) == [column]
    state, reason = one[column]
    assert state is State.UNREADABLE
    assert reason.startswith(f"no object shows {lacking}, which all of them carry")


def test_one_user_who_shows_it_proves_that_it_could_be_read() -> None:
    assert unseen_identifiers(user("adele", objectSid=sid_octets(ACCOUNT)), user("alex")) == {}


def test_a_contact_among_the_users_carries_no_account() -> None:
    one = unseen(entry(f"CN=Remote,{DOMAIN}", "contact", msRTCSIP_OriginatorSid=sid_octets(ACCOUNT)))
    assert ("users", "sam_account_name") not in {*one.columns, *one.cells}


@pytest.mark.parametrize(
    ("shown", "unreadable"),
    [({}, {"phone_context", "uri_type"}), ({"msExchUMDialPlanURIType": "3"}, {"phone_context"})],
)
def test_a_dial_plan_always_has_a_phone_context_and_a_uri_type(shown: dict[str, str], unreadable: set[str]) -> None:
    entries = [one for one in forest() if not one[0].startswith("CN=HQ,")]
    one = Unseen.of(seen([*entries, entry(f"CN=HQ,{PLANS}", "msExchUMDialPlan", **shown)]))
    assert {name for table, name in one.columns if table == "dial_plans"} == unreadable


def test_where_there_is_no_object_nothing_is_missed() -> None:
    assert unseen_identifiers() == {}


def test_what_the_schema_lacks_is_not_unreadable() -> None:
    assert unseen(*schema("msExchUMPhoneContext")).columns["dial_plans", "phone_context"][0] is State.NO_SCHEMA


def test_a_live_collection_knows_from_access_lists_what_an_export_guesses() -> None:
    one = Unseen.of(seen(open_forest(*schema(), guarded(user("adele"), ALL)), account=True))
    assert ("dial_plans", "phone_context") not in one.columns
    assert ("users", "sid") not in one.columns


def test_what_stands_below_an_object_that_shows_nothing_may_be_hidden() -> None:
    def closed(dn: str) -> Entry:
        return dn, {"nTSecurityDescriptor": [descriptor(ALL)]}

    unit = Unseen.of(seen([*open_forest(*schema()), closed(f"OU=Closed,{DOMAIN}")], account=True)).tables
    assert unit["users"] == unit["contacts"] == f"this account may not read OU=Closed,{DOMAIN} and what may stand below it"
    container = f"CN=UM IPGateway Container,{ORGANIZATION}"
    gateways = Unseen.of(seen([*open_forest(*schema()), closed(container)], account=True)).tables
    assert {"gateways", "hunt_groups"} == set(gateways)
    assert Unseen.of(seen([*open_forest(*schema()), closed(f"CN=Secret,CN=System,{DOMAIN}")], account=True)).tables == {}


def test_an_organizational_unit_whose_access_list_is_not_shown_may_hide_people() -> None:
    entries = [*open_forest(*schema()), entry(f"OU=Odd,{DOMAIN}", "organizationalUnit")]
    assert Unseen.of(seen(entries, account=True)).tables["users"] == f"this account may not list OU=Odd,{DOMAIN}"
