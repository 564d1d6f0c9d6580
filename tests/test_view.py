"""What a rule or a derived table is handed, and what is held back or said where not all was seen."""

from typing import Annotated, Any

import pytest
from pandas import DataFrame

from adinspect.derived import Derived, derived
from adinspect.rule import Signature, Skipped
from adinspect.testing import table, tables
from adinspect.view import Handed, View
from adinspect.visibility import State, Unseen, rows

Hidden = tuple[str, str, str | None, State, str]


@derived
def flagged(users: Annotated[DataFrame, "office"], proxy_addresses: Annotated[DataFrame, "address"]) -> DataFrame:
    return users.assign(addresses=users["guid"].isin(proxy_addresses["guid"]))


@derived
def doubly(flagged: Annotated[DataFrame, "addresses"]) -> DataFrame:
    return flagged


@derived(union=True)
def everything(
    users: Annotated[DataFrame, "sip_address"],
    contacts: Annotated[DataFrame, "sip_address"],
    dial_plan_numbers: Annotated[DataFrame, "number"],
) -> DataFrame:
    return users.assign(table="users")


def view(*hidden: Hidden, **written: DataFrame) -> View:
    owners = {"proxy_addresses": "users", "dial_plan_numbers": "dial_plans"}
    made: dict[str, Derived] = {one.name: one for one in (flagged, doubly, everything)}
    return View(tables(**GIVEN | written), Unseen.of(rows(*hidden)), made, owners, {})


GIVEN = {
    "users": table("identity | office | city\nada | 1 | Paris\nbo | 2 | Rome"),
    "proxy_addresses": table("identity | address\nada | SMTP:ada@contoso.com\nbo | SMTP:bo@contoso.com"),
    "contacts": table("identity | sip_address\nDesk | sip:desk@contoso.com"),
    "dial_plans": table("identity\nHQ"),
    "dial_plan_numbers": table("identity | number\nHQ | 5000"),
}


def handed(asks: Any, *hidden: Hidden, **written: DataFrame) -> Handed:
    got = view(*hidden, **written).hand(Signature.of(asks), {})
    assert isinstance(got, Handed), got
    return got


def skipped(asks: Any, *hidden: Hidden, **written: DataFrame) -> str:
    got = view(*hidden, **written).hand(Signature.of(asks), {})
    assert isinstance(got, Skipped)
    return got.reason


def users(users: Annotated[DataFrame, "city"]) -> None: ...
def child(users: Annotated[DataFrame, "city"], proxy_addresses: Annotated[DataFrame, "address"]) -> None: ...
def about(users: Annotated[DataFrame, "city"], flagged: Annotated[DataFrame, "addresses"]) -> None: ...
def turned(flagged: Annotated[DataFrame, "addresses"], users: Annotated[DataFrame, "city"]) -> None: ...
def both(flagged: Annotated[DataFrame, "addresses"], proxy_addresses: Annotated[DataFrame, "address"]) -> None: ...
def other(contacts: Annotated[DataFrame, "sip_address"], users: Annotated[DataFrame, "city"]) -> None: ...
def other_derived(contacts: Annotated[DataFrame, "sip_address"], flagged: Annotated[DataFrame, "addresses"]) -> None: ...
def other_child(contacts: Annotated[DataFrame, "sip_address"], proxy_addresses: Annotated[DataFrame, "address"]) -> None: ...
def of_derived(users: Annotated[DataFrame, "city"], doubly: Annotated[DataFrame, "addresses"]) -> None: ...
def union(everything: Annotated[DataFrame, "sip_address"]) -> None: ...
def beside_union(contacts: Annotated[DataFrame, "sip_address"], everything: Annotated[DataFrame, "sip_address"]) -> None: ...
def exempting(users: Annotated[DataFrame, "city?"]) -> None: ...
def optional(users: Annotated[DataFrame, "city"], cs_users: Annotated[DataFrame | None, "user"]) -> None: ...
def audited(users: Annotated[DataFrame, "city!", "office"]) -> None: ...
def audited_beside(contacts: Annotated[DataFrame, "sip_address"], users: Annotated[DataFrame, "city!", "office"]) -> None: ...


UNREAD: list[Hidden] = [(name, "", None, State.INCOMPLETE, "a domain was not read") for name in ("users", "proxy_addresses")]
OFFICE: Hidden = ("users", "office", "users-0", State.UNREADABLE, "office may not be read")
CITY: Hidden = ("users", "city", "users-0", State.UNREADABLE, "city may not be read")
ADDRESS: Hidden = ("proxy_addresses", "address", "users-0", State.UNREADABLE, "addresses may not be read")


def test_only_the_columns_named_are_handed_beside_who_the_row_is_about() -> None:
    assert list(handed(users).arguments["users"]) == ["guid", "dn", "identity", "city"]


@pytest.mark.parametrize(
    ("asks", "hidden"),
    [
        (users, CITY),
        (child, CITY),
        (child, ADDRESS),
        (about, OFFICE),
        (about, ADDRESS),
        (about, CITY),
        (turned, OFFICE),
        (turned, CITY),
        (both, ADDRESS),
        (of_derived, OFFICE),
        (of_derived, ADDRESS),
    ],
)
def test_what_was_not_seen_of_an_object_holds_back_just_that_object(asks: Any, hidden: Hidden) -> None:
    got = handed(asks, hidden)
    judged = next(iter(got.arguments.values()))
    assert list(judged["identity"]) == ["bo"]
    assert (got.judged, got.of, got.hidden, got.notes) == (1, 2, frozenset({"users-0"}), (hidden[-1],))


@pytest.mark.parametrize("asks", [users, child, about, turned, both])
def test_a_domain_that_was_not_read_is_said_and_takes_away_none_of_the_objects_that_were(asks: Any) -> None:
    got = handed(asks, *UNREAD)
    assert (got.judged, got.of, got.notes) == (2, 2, ("a domain was not read",))


@pytest.mark.parametrize(
    ("asks", "hidden"),
    [
        (other, UNREAD[0]),
        (other, CITY),
        (other_derived, UNREAD[0]),
        (other_derived, OFFICE),
        (other_derived, ADDRESS),
        (other_child, UNREAD[1]),
        (other_child, ADDRESS),
        (beside_union, ("users", "sip_address", "users-0", State.UNREADABLE, "may not be read")),
        (beside_union, ("dial_plan_numbers", "number", "dial_plans-0", State.UNREADABLE, "may not be read")),
    ],
)
def test_every_table_about_other_objects_must_be_whole(asks: Any, hidden: Hidden) -> None:
    assert skipped(asks, hidden).endswith(hidden[-1])


def test_a_column_that_nobody_shows_cannot_be_judged() -> None:
    assert skipped(users, ("users", "city", None, State.UNREADABLE, "may not be read")) == "users.city: may not be read"
    assert skipped(child, ("proxy_addresses", "address", None, State.UNASKED, "was not asked for")).endswith("was not asked for")
    assert skipped(about, ("users", "office", None, State.UNREADABLE, "may not be read")) == "users.office: may not be read"


def test_a_column_that_only_exempts_counts_as_absent_only_where_the_schema_lacks_it() -> None:
    assert handed(exempting, ("users", "city", None, State.NO_SCHEMA, "not in the schema")).judged == 2
    assert skipped(exempting, ("users", "city", None, State.UNREADABLE, "may not be read"))
    assert skipped(users, ("users", "city", None, State.NO_SCHEMA, "not in the schema"))


def test_when_nobody_is_left_the_reason_is_all_there_is() -> None:
    assert (
        skipped(users, CITY, ("users", "city", "users-1", State.UNREADABLE, "city may not be read"))
        == "users: city may not be read"
    )
    assert skipped(users, UNREAD[0], users=table("identity | city")) == "users: a domain was not read"


SIP: Hidden = ("users", "sip_address", "users-0", State.UNREADABLE, "may not be read")


def test_in_a_union_a_row_that_was_not_seen_takes_away_only_itself() -> None:
    got = handed(union, SIP)
    assert list(got.arguments["everything"]["identity"]) == ["bo"]
    assert (got.judged, got.of, got.notes) == (1, 4 - 2, ("may not be read",))


@pytest.mark.parametrize("column", [None, "contacts-0"])
def test_in_a_union_a_table_of_which_nothing_was_seen_takes_away_only_itself(column: str | None) -> None:
    got = handed(union, ("contacts", "sip_address", column, State.UNREADABLE, "no contact shows it"))
    assert list(got.arguments["everything"]["identity"]) == ["ada", "bo"]
    assert "no contact shows it" in got.notes[0]


def test_a_union_of_which_nothing_was_seen_is_not_judged() -> None:
    unseen: list[Hidden] = [
        (name, column, None, State.UNREADABLE, "may not be read")
        for name, column in (("users", "sip_address"), ("contacts", "sip_address"), ("dial_plan_numbers", "number"))
    ]
    assert skipped(union, *unseen) == "users.sip_address: may not be read"


def test_the_values_of_an_object_that_shows_none_are_counted_as_held_back() -> None:
    hidden = ("dial_plan_numbers", "number", "dial_plans-0", State.UNREADABLE, "numbers may not be read")
    got = handed(union, hidden, dial_plan_numbers=table("identity | number"))
    assert got.of - got.judged == 1
    assert got.notes == ("dial_plan_numbers: numbers may not be read",)


def test_a_table_that_the_snapshot_lacks_is_said() -> None:
    def asks(unheard_of: Annotated[DataFrame, "x"]) -> None: ...

    assert skipped(asks) == "there is no table unheard_of in this snapshot"


def desk(contacts: Annotated[DataFrame, "mail"], users: Annotated[DataFrame, "city", ...]) -> None: ...


def test_an_optional_table_that_cannot_be_had_is_none_and_takes_nothing_away() -> None:
    assert handed(optional).arguments["cs_users"] is None
    assert handed(optional).notes == ("without cs_users: no cs-users.csv was supplied (--side)",)
    assert list(handed(optional).arguments["users"]["identity"]) == list(handed(users).arguments["users"]["identity"])


def test_a_partial_table_lends_what_was_seen_of_it_and_says_what_was_not() -> None:
    cell = ("users", "city", "users-0", State.UNREADABLE, "city may not be read on 1 of 2 users")
    domain = ("users", "", None, State.INCOMPLETE, "the domain emea.contoso.com was not read")
    got = handed(desk, cell, domain)
    assert list(got.arguments["users"]["identity"]) == ["bo"]
    assert (got.judged, got.of) == (1, 1)
    assert got.notes == ("the domain emea.contoso.com was not read", "city may not be read on 1 of 2 users")


def test_a_partial_table_of_which_nothing_was_seen_skips_the_rule() -> None:
    assert "no schema" in skipped(desk, ("users", "city", None, State.NO_SCHEMA, "no schema"))
    hidden = [("users", "city", f"users-{row}", State.UNREADABLE, "unreadable") for row in (0, 1)]
    assert skipped(desk, *hidden) == "users: unreadable"


@pytest.mark.parametrize("asks", [audited, audited_beside])
def test_what_could_not_be_seen_of_an_audited_column_holds_nothing_back(asks: Any) -> None:
    assert list(handed(asks, CITY).arguments["users"]["identity"]) == ["ada", "bo"]
    unread: Hidden = ("users", "city", None, State.UNREADABLE, "may not be read")
    assert list(handed(asks, unread).arguments["users"]["identity"]) == ["ada", "bo"]


def test_an_audited_column_leaves_the_others_as_they_are_and_must_be_in_the_schema() -> None:
    assert list(handed(audited, OFFICE).arguments["users"]["identity"]) == ["bo"]
    assert skipped(audited_beside, OFFICE) == "users: office may not be read"
    assert skipped(audited, ("users", "city", None, State.NO_SCHEMA, "not in the schema")) == "users.city: not in the schema"


@derived(union=True)
def beside(
    flagged: Annotated[DataFrame, "addresses"],
    contacts: Annotated[DataFrame, "sip_address"],
) -> DataFrame:
    flagged["addresses"]
    return contacts.assign(table="contacts", named=len(flagged))


def by_beside(beside: Annotated[DataFrame, "named"]) -> None: ...


def test_a_derived_table_that_cannot_be_had_takes_away_only_itself_from_a_union() -> None:
    def asked(*hidden: Hidden) -> Handed | Skipped:
        made = {one.name: one for one in (flagged, beside)}
        seen = View(tables(**GIVEN), Unseen.of(rows(*hidden)), made, {"proxy_addresses": "users"}, {})
        return seen.hand(Signature.of(by_beside), {})

    office, sip = (("users", "office", None, State.UNREADABLE, "why"), ("contacts", "sip_address", None, State.UNREADABLE, "not"))
    whole, part, nothing = asked(), asked(office), asked(office, sip)
    assert isinstance(whole, Handed)
    assert isinstance(part, Handed)
    assert (whole.arguments["beside"]["named"].to_list(), whole.notes) == ([2], ())
    assert part.arguments["beside"]["named"].to_list() == [0]
    assert part.notes == ("users.office: why",)
    assert isinstance(nothing, Skipped)
