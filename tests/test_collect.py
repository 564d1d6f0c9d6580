from __future__ import annotations

import pytest
from directories import CONFIGURATION, DOMAIN, PLANS, Entry, Failing, entry, forest, schema, user

from adinspect import query
from adinspect.collect import Collected, collect
from adinspect.directory.memory import MemoryDirectory

CUT = "the server cut the connection"
USERS = "(|(&(objectCategory=person"
QUERIES = list(query.shipped().values())


def collected(*more: Entry, cut: dict[str, int] | None = None, without: tuple[str, ...] = ()) -> Collected:
    return collect(Failing(MemoryDirectory(forest(*more)), cut or {}, without=without), QUERIES)


def identities(one: Collected, table: str) -> list[str]:
    return [str(name) for name in one.tables[table]["identity"].to_pylist()]


def test_every_query_fills_its_tables() -> None:
    one = collected(*schema(), user("adele", proxyAddresses=["SMTP:adele@contoso.example", "smtp:a@contoso.example"]))
    assert identities(one, "dial_plans") == ["HQ"]
    assert identities(one, "users") == ["adele"]
    assert one.tables["proxy_addresses"]["address"].to_pylist() == ["SMTP:adele@contoso.example", "smtp:a@contoso.example"]
    assert {searched.state for searched in one.searched} == {"complete"}


def test_a_link_is_spelt_as_the_object_it_names() -> None:
    one = collected(
        user("adele", msExchUMRecipientDialPlanLink=f"cn=hq, {PLANS.lower()}"),
        user("alex", msExchUMRecipientDialPlanLink="CN=Gone"),
    )
    assert one.tables["users"]["um_dial_plan"].to_pylist() == [f"CN=HQ,{PLANS}", "CN=Gone"]


def test_a_contact_that_stands_for_a_user_of_another_forest_is_a_user() -> None:
    contacts: dict[str, dict[str, str | bytes]] = {
        "of another forest": {"msRTCSIP_OriginatorSid": b"\1\1\0\0\0\0\0\5\x12\0\0\0"},
        "an application": {"msRTCSIP_OriginatorSid": b"\1\1\0\0\0\0\0\5\x12\0\0\0", "msRTCSIP_OwnerUrn": "urn:application:RGS"},
        "plain": {},
    }
    one = collected(*(entry(f"CN={name},OU=Staff,{DOMAIN}", "contact", **values) for name, values in contacts.items()))
    assert identities(one, "users") == ["of another forest"]
    assert sorted(identities(one, "contacts")) == ["an application", "plain"]


def test_the_forest_is_one_row_even_where_its_domain_was_not_read() -> None:
    one = collected(without=("root_domain",))
    assert identities(one, "forest") == ["contoso.example"]
    assert one.tables["forest"]["dn"].to_pylist() == [DOMAIN]


def test_a_search_that_ends_early_is_partial_and_the_next_one_is_tried() -> None:
    people = [user(f"user{number}") for number in range(5000)]
    one = collected(*people, cut={USERS: 1, "(objectClass=msExchUMIPGateway": 0})
    states = {searched.query: (searched.state, searched.reason) for searched in one.searched if searched.reason == CUT}
    assert states == {
        "users": ("partial", CUT),
        "gateways": ("failed", CUT),
    }
    assert 0 < len(one.tables["users"]) < 5000
    assert identities(one, "dial_plans") == ["HQ"]


def test_a_domain_that_was_not_read_is_named() -> None:
    partition = f"CN=EMEA,CN=Partitions,{CONFIGURATION}"
    names = [("CN=CONTOSO", DOMAIN, "3"), ("CN=EMEA", f"DC=emea,{DOMAIN}", "3"), ("CN=DNS", f"DC=DomainDnsZones,{DOMAIN}", "5")]
    crossed = [
        entry(partition.replace("CN=EMEA", name), "crossRef", nCName=context, systemFlags=flags) for name, context, flags in names
    ]
    assert collected(*crossed).unread_domains == ("emea.contoso.example",)


def test_it_is_said_when_the_domains_cannot_be_known() -> None:
    assert collected(cut={"(&(objectClass=crossRef": 0}).unread_domains == (f"not known ({CUT})",)


def test_of_a_secret_attribute_only_the_presence_is_kept() -> None:
    one = collected(user("adele", msRTCSIP_AcpInfo="<pin>"), user("alex"))
    assert one.tables["users"]["conferencing_provider"].to_pylist() == [True, False]
    assert "<pin>" not in str(one.tables["users"].to_pylist())


def test_a_context_that_is_not_held_fails_its_queries_alone() -> None:
    one = collected(without=("configuration",))
    failed = {searched.query for searched in one.searched if searched.state == "failed"}
    assert {"dial_plans", "gateways", "organization"} <= failed
    assert "users" not in failed


@pytest.mark.parametrize("name", ["users", "dial_plans"])
def test_progress_is_told_by_query(name: str) -> None:
    told: dict[str, int] = {}
    collect(MemoryDirectory(forest(user("adele"))), QUERIES, told.__setitem__)
    assert told[name] == 1


def test_an_object_seen_under_two_names_counts_once_as_it_was_read_last() -> None:
    moved = user("adele", proxyAddresses="smtp:old@contoso.example")
    again = (f"CN=adele,OU=Moved,{DOMAIN}", {**moved[1], "proxyAddresses": ["smtp:new@contoso.example"]})
    one = collected(moved, again)
    assert one.tables["users"]["dn"].to_pylist() == [again[0]]
    assert one.tables["proxy_addresses"]["address"].to_pylist() == ["smtp:new@contoso.example"]
    assert one.repeated == 1
