"""What changed between two moments, and what nobody can tell."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import pytest
from directories import DOMAIN, ORGANIZATION, PLANS, Entry, entry, forest, schema, sid_octets, user
from pandas import DataFrame, isna

from adinspect import query
from adinspect.collect import collect
from adinspect.diff import CHANGE_COLUMNS, Compared, Moment, Read, changes, compare
from adinspect.directory.memory import MemoryDirectory
from adinspect.frames import frame
from adinspect.observe import observe
from adinspect.testing import table, tables
from adinspect.visibility import State, Unseen, nothing_hidden, rows

USERS = "name | guid | dn | line_uri\nAda | a | CN=Ada,OU=One | tel:+14255550100\nBob | b | CN=Bob,OU=One | -"


def moment(visibility: DataFrame | None = None, read: dict[str, Read] | None = None, **written: str) -> Moment:
    given = {name: table(text) for name, text in written.items()}
    return Moment(tables(**given), Unseen.of(nothing_hidden() if visibility is None else visibility), read or {})


def told(compared: Compared) -> list[tuple[Any, ...]]:
    names = ("kind", "table", "guid", "column", "old", "new")
    return list(compared.changes[list(names)].itertuples(index=False, name=None))


def gaps(compared: Compared) -> list[tuple[str, str, int | None]]:
    told = compared.gaps[["table", "column", "objects"]].itertuples(index=False, name=None)
    return [(name, column, None if isna(objects) else int(objects)) for name, column, objects in told]


def test_nothing_changed_in_what_is_the_same() -> None:
    one = compare(moment(users=USERS), moment(users=USERS))
    assert (told(one), gaps(one)) == ([], [])
    assert list(one.changes.columns) == list(CHANGE_COLUMNS)


def test_an_object_is_known_by_its_guid_whatever_its_name() -> None:
    now = USERS.replace("CN=Ada,OU=One", "CN=Adele,OU=Two").replace("Ada ", "Adele ")
    (moved,) = changes(moment(users=USERS), moment(users=now)).to_dict("records")
    assert moved == {
        "kind": "moved",
        "table": "users",
        "guid": "a",
        "dn": "CN=Adele,OU=Two",
        "identity": "Adele",
        "column": "dn",
        "attribute": "distinguishedName",
        "old": "CN=Ada,OU=One",
        "new": "CN=Adele,OU=Two",
    }


def test_a_name_that_only_changed_its_case_did_not_move() -> None:
    assert changes(moment(users=USERS), moment(users=USERS.replace("CN=Ada", "cn=ADA"))).empty


def test_an_object_with_the_name_of_another_is_another() -> None:
    now = USERS.replace("| a |", "| z |")
    assert [one[:3] for one in told(compare(moment(users=USERS), moment(users=now)))] == [
        ("added", "users", "z"),
        ("removed", "users", "a"),
    ]


def test_a_removed_object_has_its_last_name() -> None:
    (gone,) = changes(moment(users=USERS), moment(users="\n".join(USERS.splitlines()[:2]))).to_dict("records")
    assert (gone["kind"], gone["dn"], gone["identity"], gone["column"]) == ("removed", "CN=Bob,OU=One", "Bob", None)


def test_a_changed_value_names_its_column_and_attribute() -> None:
    (changed,) = changes(moment(users=USERS), moment(users=USERS.replace("0100", "0101"))).to_dict("records")
    assert (changed["column"], changed["attribute"]) == ("line_uri", "msRTCSIP-Line")
    assert (changed["old"], changed["new"]) == ("tel:+14255550100", "tel:+14255550101")


def test_a_child_table_changes_its_object_and_lists_old_and_new() -> None:
    was = moment(users=USERS, proxy_addresses="identity | address\nAda | smtp:x@contoso.com\nAda | SMTP:a@contoso.com")
    now = moment(users=USERS, proxy_addresses="identity | address\nAda | SMTP:a@contoso.com\nBob | SMTP:b@contoso.com")
    assert told(compare(was, now)) == [
        ("changed", "proxy_addresses", "a", "address", ["SMTP:a@contoso.com", "smtp:x@contoso.com"], ["SMTP:a@contoso.com"]),
        ("changed", "proxy_addresses", "b", "address", [], ["SMTP:b@contoso.com"]),
    ]


def test_the_values_of_what_was_added_or_removed_are_no_changes() -> None:
    with_address = moment(users=USERS, proxy_addresses="identity | address\nBob | SMTP:b@contoso.com")
    without = moment(users="\n".join(USERS.splitlines()[:2]))
    assert [one[:3] for one in told(compare(without, with_address))] == [("added", "users", "b")]
    assert [one[:3] for one in told(compare(with_address, without))] == [("removed", "users", "b")]


def test_one_row_a_certificate_is_a_list_of_its_authority() -> None:
    text = "name | guid | dn | certificate\nRoot | r | CN=Root | AAAA"
    now = moment(certification_authorities=text + "\nRoot | r | CN=Root | BBBB")
    assert told(compare(moment(certification_authorities=text), now)) == [
        ("changed", "certification_authorities", "r", "certificate", ["AAAA"], ["AAAA", "BBBB"])
    ]


def test_a_renamed_target_is_no_change_of_what_links_to_it() -> None:
    holder = "name | guid | dn | um_dial_plan\nAda | a | CN=Ada | {}"
    was = moment(users=holder.format("CN=HQ"), dial_plans="name | guid | dn\nHQ | p | CN=HQ")
    now = moment(users=holder.format("CN=Head"), dial_plans="name | guid | dn\nHead | p | CN=Head")
    assert [one[:3] for one in told(compare(was, now))] == [("moved", "dial_plans", "p")]


def test_a_target_made_again_under_its_name_is_a_change() -> None:
    users = "name | guid | dn | um_dial_plan\nAda | a | CN=Ada | CN=HQ"
    was = moment(users=users, dial_plans="name | guid | dn\nHQ | p | CN=HQ")
    now = moment(users=users, dial_plans="name | guid | dn\nHQ | q | CN=HQ")
    assert ("changed", "users", "a", "um_dial_plan", "CN=HQ", "CN=HQ") in told(compare(was, now))


HIDDEN = (
    (rows(("users", "line_uri", "a", State.UNREADABLE, "may not be read")), 1),
    (rows(("users", "line_uri", None, State.UNASKED, "was not exported")), None),
    (rows(("users", "line_uri", "a", State.UNDECODABLE, "cannot be decoded")), 1),
)


@pytest.mark.parametrize(("hidden", "objects"), HIDDEN)
@pytest.mark.parametrize("newer", [True, False])
def test_what_was_not_seen_on_a_side_is_never_a_change(hidden: DataFrame, objects: int | None, newer: bool) -> None:
    seen, blind = moment(users=USERS), moment(hidden, users=USERS.replace("tel:+14255550100", "-"))
    one = compare(seen, blind) if newer else compare(blind, seen)
    assert told(one) == []
    assert gaps(one) == [("users", "line_uri", objects)]
    assert one.gaps["reason"].str.contains("not be read|not exported|cannot be decoded").all()


def test_a_child_table_that_was_not_seen_is_never_a_change() -> None:
    hidden = rows(("proxy_addresses", "address", "a", State.UNREADABLE, "may not be read"))
    addresses = "identity | address\nAda | SMTP:a@contoso.com\nBob | SMTP:b@contoso.com"
    one = compare(moment(users=USERS, proxy_addresses=addresses), moment(hidden, users=USERS))
    assert [row[2] for row in told(one)] == ["b"]
    assert gaps(one) == [("proxy_addresses", "address", 1)]


def test_what_the_schema_lacked_nobody_had() -> None:
    lacked = rows(("users", "line_uri", None, State.NO_SCHEMA, "the schema has no msRTCSIP-Line"))
    one = compare(moment(lacked, users=USERS.replace("tel:+14255550100", "-")), moment(users=USERS))
    assert [row[:4] for row in told(one)] == [("changed", "users", "a", "line_uri")]


INCOMPLETE = rows(("users", "", None, State.INCOMPLETE, "the domain fabrikam.com was not read"))
FEWER = "\n".join(USERS.splitlines()[:2])


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        (moment(users=USERS), moment(INCOMPLETE, users=FEWER), []),
        (moment(INCOMPLETE, users=FEWER), moment(users=USERS), []),
        (moment(INCOMPLETE, users=USERS), moment(users=FEWER), ["removed"]),
        (moment(users=FEWER), moment(INCOMPLETE, users=USERS), ["added"]),
    ],
)
def test_only_where_a_table_was_whole_a_missing_object_is_missing(old: Moment, new: Moment, kinds: list[str]) -> None:
    one = compare(old, new)
    assert [row[0] for row in told(one)] == kinds
    assert gaps(one) == ([] if kinds else [("users", "", 1)])
    assert kinds or "the domain fabrikam.com was not read" in one.gaps["reason"][0]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (Read("(a=b)", frozenset({"dc=one"})), Read("(a=c)", frozenset({"dc=one"})), "other objects"),
        (Read("(a=b)", frozenset({"dc=one", "dc=two"})), Read("(a=b)", frozenset({"dc=one"})), "did not read dc=two"),
    ],
)
def test_what_the_other_query_would_not_have_read_is_not_removed(old: Read, new: Read, why: str) -> None:
    one = compare(moment(read={"users": old}, users=USERS), moment(read={"users": new}, users=FEWER))
    assert told(one) == []
    assert why in one.gaps["reason"][0]


def test_an_object_that_stands_in_another_table_now_is_not_removed() -> None:
    person = "name | guid | dn\nAda | a | CN=Ada"
    one = compare(moment(contacts=person), moment(users=person))
    assert told(one) == []
    assert gaps(one) == [("contacts", "", 1), ("users", "", 1)]


def test_an_object_without_a_guid_may_just_have_another_name() -> None:
    def export(name: str) -> Moment:
        dn, attributes = user(name)
        return collected([*forest(), (dn, {key: values for key, values in attributes.items() if key != "objectGUID"})])

    one = compare(export("ada"), export("adele"))
    assert told(one) == []
    assert [gap for gap in gaps(one) if not gap[1]] == [("users", "", 1), ("users", "", 1)]
    assert one.gaps["reason"].str.contains("may just have another").sum() == 2
    assert compare(export("ada"), export("ada")).changes.empty


def test_tables_and_columns_of_another_adinspect_are_not_compared() -> None:
    old, new = moment(users=USERS), moment(users=USERS.replace("0100", "0101"))
    lacking = {name: rows for name, rows in old.tables.items() if name != "pools"}
    one = compare(Moment({**lacking, "users": lacking["users"].drop(columns="line_uri")}, old.unseen), new)
    assert told(one) == []
    assert gaps(one) == [("pools", "", None), ("users", "line_uri", None)]


def test_what_else_differs_between_two_moments_is_said() -> None:
    old, new = (
        Moment(tables(), Unseen.of(nothing_hidden()), {}, {"server": name, "state": "complete"}) for name in ("dc1", "dc2")
    )
    (reason,) = compare(old, new).gaps["reason"]
    assert reason == (
        "server: dc1 in the older snapshot, dc2 in the newer one; what has not replicated between them shows as a change"
    )


# --- properties, on whole collections ---


def collected(entries: Iterable[Entry]) -> Moment:
    found = collect(MemoryDirectory(list(entries)), list(query.shipped().values()))
    read = {name: frame(arrow) for name, arrow in found.tables.items()}
    return Moment(read, Unseen.of(observe(found)))


def people() -> list[Entry]:
    lync: Any = {"msRTCSIP-UserEnabled": "TRUE", "msRTCSIP-OptionFlags": "385"}
    names = [f"user{number:02}" for number in range(20)]
    plans = [f"CN={name},{PLANS}" for name in ("Paris", "London")]
    return [
        *forest(*schema()),
        *(entry(dn, "msExchUMDialPlan", msExchUMDialPlanURIType="3", msExchUMPhoneContext=dn[3:9]) for dn in plans),
        entry(f"OU=Guests,{DOMAIN}", "organizationalUnit"),
        *(
            user(
                name,
                **{
                    **lync,
                    "objectSid": sid_octets(f"S-1-5-21-1-2-3-{1200 + number}"),
                    "msRTCSIP-Line": f"tel:+1425555{100 + number:04}",
                    "proxyAddresses": [
                        f"SMTP:{name}@contoso.example",
                        f"smtp:{name}@fabrikam.example",
                        f"sip:{name}@contoso.example",
                    ],
                    "msExchUMRecipientDialPlanLink": plans[number % 2],
                },
            )
            for number, name in enumerate(names)
        ),
        entry(f"CN=EX1,CN=Servers,{ORGANIZATION}", "msExchExchangeServer", msExchUMServerDialPlanLink=plans),
    ]


def shuffled(entries: Iterable[Entry], pick: random.Random) -> list[Entry]:
    def mixed(values: Any) -> Any:
        return pick.sample(list(values), len(values))

    told = [
        (dn, {name: held[name] if name == "objectClass" else mixed(held[name]) for name in mixed(held)}) for dn, held in entries
    ]
    return mixed(told)  # type: ignore[no-any-return] # one of two shapes


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_entries_and_values_is_no_change(seed: int) -> None:
    one = compare(collected(people()), collected(shuffled(people(), random.Random(seed))))  # noqa: S311 - the same in every run
    assert (told(one), gaps(one)) == ([], [])


Expected = set[tuple[str, str, str | None]]
Held = dict[str, list[Any]]


def renamed(dn: str, held: Held, pick: random.Random) -> tuple[str, Held]:
    name = f"{held['cn'][0]} {pick.randrange(100)}"
    return f"CN={name},{dn.partition(',')[2]}", {**held, "cn": [name], "name": [name]}


def moved(dn: str, held: Held, pick: random.Random) -> tuple[str, Held]:
    return f"{dn.partition(',')[0]},OU=Guests,{DOMAIN}", held


def renumbered(dn: str, held: Held, pick: random.Random) -> tuple[str, Held]:
    return dn, {**held, "msRTCSIP-Line": [f"tel:+1425555{pick.randrange(200, 300):04}"]}


def silenced(dn: str, held: Held, pick: random.Random) -> tuple[str, Held]:
    return dn, {**held, "msRTCSIP-OptionFlags": ["257"]}


def replanned(dn: str, held: Held, pick: random.Random) -> tuple[str, Held]:
    return dn, {**held, "msExchUMRecipientDialPlanLink": [f"CN=HQ,{PLANS}"]}


def readdressed(dn: str, held: Held, pick: random.Random) -> tuple[str, Held]:
    return dn, {**held, "proxyAddresses": held["proxyAddresses"][:-1]}


def respelt(dn: str, held: Held, pick: random.Random) -> tuple[str, Held]:
    return dn.replace("CN=", "cn="), {
        **held,
        "msRTCSIP-Line": [held["msRTCSIP-Line"][0].upper().replace("425", "-425-")],
        "msExchUMRecipientDialPlanLink": [held["msExchUMRecipientDialPlanLink"][0].upper()],
        "msExchUMEnabledFlags2": ["-1"],
        "lastLogonTimestamp": ["133000000000000000"],
        "proxyAddresses": [one.replace("@contoso.example", "@CONTOSO.example") for one in reversed(held["proxyAddresses"])],
    }


EDITS: dict[Callable[[str, Held, random.Random], tuple[str, Held]], set[tuple[str, str | None]]] = {
    renamed: {("moved", "distinguishedName")},
    moved: {("moved", "distinguishedName")},
    renumbered: {("changed", "msRTCSIP-Line")},
    silenced: {("changed", "msRTCSIP-OptionFlags")},
    replanned: {("changed", "msExchUMRecipientDialPlanLink")},
    readdressed: {("changed", "proxyAddresses")},
    respelt: set(),
}


def guid_of(held: Any) -> str:
    (octets,) = held["objectGUID"]
    return str(UUID(bytes_le=octets))


@pytest.mark.parametrize("seed", range(10))
def test_random_edits_are_found_exactly(seed: int) -> None:
    pick = random.Random(seed)  # noqa: S311 - the same in every run
    entries = {dn: {name: list(values) for name, values in held.items()} for dn, held in people()}
    before = list(entries.items())
    expected: Expected = set()
    for dn in [dn for dn in entries if ",OU=Staff," in dn]:
        held = entries.pop(dn)
        chosen = pick.sample([*EDITS, None], pick.choice((0, 1, 1, 2)))
        if None in chosen:
            expected.add(("removed", guid_of(held), None))
            continue
        for edit in sorted(filter(None, chosen), key=lambda one: one is not respelt):
            dn, held = edit(dn, held, pick)
            expected |= {(kind, guid_of(held), attribute) for kind, attribute in EDITS[edit]}
        entries[dn] = held
    new_dn, new = user("newcomer", objectSid=sid_octets("S-1-5-21-1-2-3-1300"))
    entries[new_dn] = {name: list(values) for name, values in new.items()}
    expected.add(("added", guid_of(new), None))
    plan = f"CN=Paris,{PLANS}"
    head = f"CN=Lutetia,{PLANS}"
    entries[head] = {**entries.pop(plan), "cn": ["Lutetia"], "name": ["Lutetia"]}
    for held in entries.values():
        for name in ("msExchUMRecipientDialPlanLink", "msExchUMServerDialPlanLink"):
            if name in held:
                held[name] = [head if link.lower() == plan.lower() else link for link in held[name]]
    expected.add(("moved", guid_of(entries[head]), "distinguishedName"))

    one = compare(collected(before), collected(shuffled(entries.items(), pick)))
    assert {(row.kind, row.guid, row.attribute) for row in one.changes.itertuples()} == expected
    assert gaps(one) == []
