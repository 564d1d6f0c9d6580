"""File 32: the EUM and sip: addresses by which Lync and callers reach a mailbox."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from pandas import DataFrame

from adinspect import bulk, rollback, step
from adinspect.bulk_csv import Kind
from adinspect.finding import Target
from adinspect.visibility import State, rows

Split = Callable[..., Any]

CSV, DISABLE, ENABLE = "32_mailbox_eum", "29_um_mailbox_disable", "30_um_mailbox_enable"
HERE = ",OU=Staff,DC=contoso,DC=example"
FOREST = {
    "dial_plans": """
        identity | name  | dn       | uri_type | phone_context | extension_digits
        HQ       | HQ    | CN=HQ    | 3        | HQ.example    | 5
        Lab      | Lab   | CN=Lab   | 1        | Lab.example   | 5
        World    | World | CN=World | 2        | World.example | 5
        Mute     | Mute  | CN=Mute  | 3        | -             | 5
    """,
    "mailbox_policies": "identity | name | dn | dial_plan\nHQ Policy | HQ Policy | CN=HQ Policy | CN=HQ",
    "servers": "identity | legacy_dn | version_major | version_minor\nEX16 | /cn=EX16 | 15 | 1",
}
EVE = {
    "identity": "Eve",
    "um_enabled": "yes",
    "um_dial_plan": "CN=HQ",
    "um_mailbox_policy": "CN=HQ Policy",
    "sip_address": "sip:Eve@contoso.com",
    "sip_enabled": "yes",
    "line_uri": "tel:+14255550101",
    "mailbox_database": "CN=DB",
    "home_server": "/cn=ex16",
    "recipient_type": "1",
    "object_class": "user",
}
SIP, EXTENSION = "EUM:eve@contoso.com;phone-context=HQ.example", "eum:50101;phone-context=HQ.example"
NEW_SIP = "EUM:Eve@contoso.com;phone-context=HQ.example"


def text(*people: dict[str, str]) -> str:
    names = list(dict.fromkeys(name for person in people for name in person))
    return "\n".join(" | ".join(line) for line in [names, *([person.get(name, "-") for name in names] for person in people)])


def asked(split: Split, *rules: str, held: list[str], csv: str = CSV, others: str = "", **changes: Any) -> Any:
    """What the file holds of Eve with these proxy addresses; a rule may be followed by the file it sends her to."""
    tables: dict[str, Any] = {
        key: changes.pop(key) for key in ("visibility", "target", "contacts", "contact_proxy_addresses") if key in changes
    }
    lines = [f"Eve | {rule.partition('>')[0]} | {rule.partition('>')[2] or CSV}" for rule in rules]
    proxies = "identity | address\n" + "\n".join(f"Eve | {one}" for one in held) + others
    users = text({**EVE, **changes}, {"identity": "Gus"})
    given = {"users": users, **FOREST, **tables}
    return split(csv, "\n".join(["identity | rule | csv", *lines]), proxy_addresses=proxies, **given)


def change(found: Any) -> tuple[str, str]:
    row = found.kept["Eve"]
    return row["Add"], row["Remove"]


@pytest.mark.parametrize(
    ("rule", "held", "changes", "add", "remove"),
    [
        pytest.param("USR-011", [], {}, f"{NEW_SIP}|{EXTENSION}", "", id="no address at all"),
        pytest.param("USR-011", [EXTENSION], {}, NEW_SIP, "", id="no SIP address"),
        pytest.param("USR-011", ["EUM:50101;phone-context=HQ.example"], {}, NEW_SIP, "", id="the extension is primary"),
        pytest.param("USR-011", [SIP], {}, EXTENSION, "", id="no extension"),
        pytest.param(
            "USR-011",
            [],
            {"um_dial_plan": "CN=Lab"},
            "EUM:50101;phone-context=Lab.example",
            "",
            id="in a plan of extensions the extension is primary",
        ),
        pytest.param(
            "CNS-006",
            ["EUM:old@contoso.com;phone-context=hq.example", EXTENSION],
            {},
            "EUM:Eve@contoso.com;phone-context=hq.example",
            "EUM:old@contoso.com;phone-context=hq.example",
            id="another SIP address: its phone context stays as it is spelt",
        ),
        pytest.param(
            "USR-012",
            [SIP, "eum:101;phone-context=HQ.example"],
            {},
            EXTENSION,
            "eum:101;phone-context=HQ.example",
            id="an extension too short",
        ),
        pytest.param(
            "USR-012",
            [SIP, EXTENSION, "eum:150101;phone-context=hq.example"],
            {},
            "",
            "eum:150101;phone-context=hq.example",
            id="one too long beside a right one",
        ),
        pytest.param("USR-012", [SIP, EXTENSION, "eum:7;phone-context=Lab.example"], {}, None, "", id="one of another plan"),
        pytest.param("USR-019", [], {}, "sip:Eve@contoso.com", "", id="no sip: address"),
        pytest.param("USR-019", ["SIP:other@contoso.com"], {}, "sip:Eve@contoso.com", "SIP:other@contoso.com", id="another"),
        pytest.param(
            "USR-019", ["sip:EVE@contoso.com", "sip:b@contoso.com"], {}, "", "sip:b@contoso.com", id="one too many, in any case"
        ),
    ],
)
def test_what_is_added_and_removed(
    split: Split, rule: str, held: list[str], changes: dict[str, str], add: str | None, remove: str
) -> None:
    found = asked(split, rule, held=[*held, "SMTP:eve@contoso.com"], **changes)
    if add is None:
        assert found.why("Eve") == "nothing is known here that this file could change"
        assert found.rejected["Eve"]["Add"] == step.REVIEW
    else:
        assert change(found) == (add, remove)
        assert found.kept["Eve"]["_Previous_Add"] == "|".join(sorted([*held, "SMTP:eve@contoso.com"]))


@pytest.mark.parametrize(
    ("rule", "held", "changes", "reason"),
    [
        pytest.param(
            "CNS-022", [SIP, "EUM:50101;phone-context=HQ.example"], {}, "has several primary EUM addresses", id="two primaries"
        ),
        pytest.param(
            "CNS-022", [SIP, EXTENSION, "eum:50101"], {}, "eum:50101 is of a form that Exchange does not take", id="invalid form"
        ),
        pytest.param("USR-011", [SIP.lower(), EXTENSION], {}, "make it the primary one by hand", id="a secondary SIP address"),
        pytest.param("CNS-022", ["eum:x"], {"um_enabled": "no"}, "does not take", id="who has no Unified Messaging"),
        pytest.param("USR-011", [EXTENSION], {"sip_address": "-"}, "has no SIP address", id="no SIP address in Lync"),
        pytest.param("CNS-006", [SIP], {"sip_address": "sip:\u00e9ve@contoso.com"}, "is not a valid SIP", id="an invalid one"),
        pytest.param("USR-011", [SIP], {"line_uri": "-"}, "tells an extension of 5 digits", id="no number"),
        pytest.param(
            "USR-011", [], {"um_dial_plan": "CN=World"}, "the primary address is the number: add it by hand", id="an E.164 plan"
        ),
        pytest.param(
            "CNS-022",
            [EXTENSION],
            {"um_dial_plan": "CN=Gone", "um_mailbox_policy": "-"},
            "its UM dial plan is not known",
            id="no live plan",
        ),
        pytest.param("USR-011", [EXTENSION], {"um_dial_plan": "CN=Mute"}, "has no phone context", id="no phone context"),
        pytest.param(
            "USR-012",
            ["EUM:eve@contoso.com;phone-context=Lab.example", EXTENSION],
            {},
            "which takes disabling and enabling",
            id="a primary address of another plan",
        ),
        pytest.param("USR-011", [SIP], {"deployment_locator": "sipfed.online.lync.com"}, "is homed online", id="homed online"),
        pytest.param("USR-019", [], {"mailbox_database": "-"}, "Get-Mailbox would not find it", id="no mailbox here"),
        pytest.param("SITE-1", [SIP], {}, "nothing is known here", id="a rule of the site"),
    ],
)
def test_what_a_person_has_to_look_at(split: Split, rule: str, held: list[str], changes: dict[str, str], reason: str) -> None:
    found = asked(split, rule, held=held, **changes)
    assert not found.kept
    assert reason in found.why("Eve")


@pytest.mark.parametrize(
    ("rule", "held", "theirs", "reason"),
    [
        ("USR-011", [SIP], EXTENSION, "the extension is taken: 50101 by Gus"),
        ("USR-011", [EXTENSION], SIP, "the SIP address is held by others too: sip:Eve@contoso.com by Gus"),
        ("USR-019", [], "sip:EVE@contoso.com", "the SIP address is held by others too: sip:Eve@contoso.com by Gus"),
    ],
)
def test_an_address_that_somebody_else_holds_is_not_given_again(
    split: Split, rule: str, held: list[str], theirs: str, reason: str
) -> None:
    assert asked(split, rule, held=held, others=f"\nGus | {theirs}").why("Eve") == reason


def test_an_address_of_invalid_form_may_be_removed_by_who_says_so(split: Split) -> None:
    row = asked(split, "CNS-022", held=["EUM:eve@contoso.com", EXTENSION]).rejected["Eve"]
    assert (row["Add"], row["Remove"]) == (NEW_SIP, "EUM:eve@contoso.com")


# ---- after 30

MOVED = ("USR-005>" + DISABLE, "USR-005>" + ENABLE)
LAB = {"um_dial_plan": "CN=Lab", "um_mailbox_policy": "-"}
IN_LAB = ["EUM:50101;phone-context=Lab.example", "eum:50105;phone-context=Lab.example"]
SECOND = "eum:8;phone-context=World.example"


def test_the_addresses_of_secondary_dial_plans_are_added_again_after_30(split: Split) -> None:
    held = [*IN_LAB, SECOND, "eum:9;phone-context=Gone.example", "SMTP:eve@contoso.com"]
    row = asked(split, *MOVED, held=held, **LAB).kept["Eve"]
    assert (row["Add"], row["Remove"]) == (SECOND, "")
    left = ["EUM:Eve@contoso.com;phone-context=HQ.example", "SMTP:eve@contoso.com", EXTENSION]
    left.append("eum:50105;phone-context=HQ.example")
    assert sorted(row["_Previous_Add"].split("|")) == sorted(left)
    assert asked(split, *MOVED, held=held, csv=ENABLE, **LAB).kept["Eve"]["Extensions"] == "50101|50105"


def test_who_has_no_secondary_dial_plan_gets_no_row(split: Split) -> None:
    found = asked(split, *MOVED, "USR-012", held=IN_LAB, **LAB)
    assert (list(found.kept), list(found.rejected)) == ([], [])


def test_nothing_is_added_again_for_who_is_not_enabled(split: Split) -> None:
    found = asked(split, *MOVED, held=[*IN_LAB, SECOND], sip_address="-", **LAB)
    assert "waits for its row in 30_um_mailbox_enable, which cannot be run" in found.why("Eve")


def test_a_wrong_sip_address_is_put_right_at_once_because_30_waits_for_it(split: Split) -> None:
    found = asked(split, *MOVED, "USR-019", held=[*IN_LAB, SECOND, "sip:b@contoso.com"], **LAB)
    assert change(found) == ("sip:Eve@contoso.com", "sip:b@contoso.com")


def test_of_who_is_enabled_by_30_the_present_addresses_are_those_30_leaves(split: Split) -> None:
    found = asked(split, "USR-003>" + ENABLE, "USR-019", held=["SMTP:eve@contoso.com"], um_enabled="no", um_dial_plan="-")
    assert found.kept["Eve"]["_Previous_Add"] == f"{NEW_SIP}|SMTP:eve@contoso.com|{EXTENSION}"


# ---- whatever an address looks like


@pytest.mark.parametrize("target", [Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL])
def test_addresses_are_only_ever_added_and_removed_and_the_rollback_swaps_them(split: Split, target: Target) -> None:
    found = asked(split, "USR-019", held=["sip:b@contoso.com", "SMTP:eve@contoso.com"], target=target)
    definition = bulk.shipped()[CSV]
    assert {column.kind for column in definition.columns if column.name != "Identity"} == {Kind.ADD, Kind.REMOVE}
    row = {
        name: tuple(told.split("|")) if name in ("Add", "Remove", "_Previous_Add") else told
        for name, told in found.kept["Eve"].items()
    }
    (back,) = rollback.rows(definition, DataFrame([row], dtype="object"))
    assert (back["Add"], back["Remove"]) == (("sip:b@contoso.com",), ("sip:Eve@contoso.com",))


POOL = [
    SIP,
    SIP.lower(),
    NEW_SIP,
    EXTENSION,
    EXTENSION.upper().replace("EUM", "EUM"),
    "EUM:50101;phone-context=HQ.example",
    "eum:501;phone-context=HQ.example",
    "EUM:old@contoso.com;phone-context=HQ.example",
    "eum:8;phone-context=Lab.example",
    "EUM:9;phone-context=Gone.example",
    "eum:broken",
    "EUM:",
    "sip:b@contoso.com",
    "sip:eve@contoso.com",
    "SMTP:eve@contoso.com",
]


def test_whatever_is_there_exactly_one_address_is_primary_afterwards(split: Split) -> None:
    chance = random.Random(7)  # noqa: S311 - which addresses are tried is no secret
    for _ in range(6):
        held = chance.sample(POOL, chance.randrange(len(POOL)))
        distinct = list({one.casefold(): one for one in held}.values())
        found = asked(split, "USR-011", "USR-012", "CNS-006", "CNS-022", held=distinct)
        for row in found.kept.values():
            add, remove = ([one for one in row[name].split("|") if one] for name in ("Add", "Remove"))
            assert not {one.casefold() for one in add} & {one.casefold() for one in [*distinct, *remove]}
            assert set(remove) <= set(distinct)
            after = [one for one in distinct if one not in remove and one.upper().startswith("EUM:")] + add
            primaries = [one for one in add if one.startswith("EUM:")] or [one for one in after if one.startswith("EUM:")]
            assert [one.casefold() for one in primaries] == [SIP.casefold()]
            assert [one for one in after if "@" not in one and one.casefold() not in ("eum:", "eum:broken")]


UNREADABLE = [("users", "um_enabled"), ("users", "sip_address"), ("proxy_addresses", "address"), ("users", "um_dial_plan")]


@pytest.mark.parametrize(("table", "column"), UNREADABLE)
def test_who_was_not_seen_whole_gets_no_row_but_the_reason(split: Split, table: str, column: str) -> None:
    hidden = "eee00000-0000-4000-8000-000000000001"
    unseen = rows((table, column, hidden, State.UNREADABLE, "the account may not read it"))
    found = asked(split, "USR-011", held=[EXTENSION], guid=hidden, visibility=unseen)
    assert not found.kept
    assert found.why("Eve")


@pytest.mark.parametrize("table", ["users", "dial_plans", "contact_proxy_addresses", "contacts"])
def test_while_a_table_that_proves_something_is_not_whole_nobody_gets_an_address(split: Split, table: str) -> None:
    unseen = rows((table, "", None, State.INCOMPLETE, "the domain eu.contoso.example was not read"))
    found = asked(split, "USR-011", held=[EXTENSION], visibility=unseen)
    assert not found.kept
    assert "the domain eu.contoso.example was not read" in found.why("Eve")


FAY = {**EVE, "identity": "Fay", "sip_address": "sip:fay@contoso.com", "line_uri": "tel:+442079450101"}


@pytest.mark.parametrize(
    ("fay", "files"),
    [
        pytest.param({**FAY, "um_enabled": "no", "um_dial_plan": "-", "um_mailbox_policy": "-"}, (ENABLE,), id="who is enabled"),
        pytest.param(
            {**FAY, "um_dial_plan": "CN=Lab", "um_mailbox_policy": "-"}, (DISABLE, ENABLE), id="who comes from another plan"
        ),
    ],
)
def test_an_extension_that_file_30_gives_to_somebody_else_is_not_given_again(
    split: Split, fay: dict[str, str], files: tuple[str, ...]
) -> None:
    lines = ["identity | rule | csv", f"Eve | USR-012 | {CSV}", *(f"Fay | USR-005 | {one}" for one in files)]
    moved = "Fay | eum:50101;phone-context=Lab.example" if DISABLE in files else ""
    proxies = f"identity | address\nEve | {SIP}\n{moved}"
    given = {**FOREST, "users": text(EVE, fay), "proxy_addresses": proxies}
    assert split(ENABLE, "\n".join(lines), **given).kept["Fay"]["Extensions"] == "50101"
    assert split(CSV, "\n".join(lines), **given).why("Eve") == f"the extension is taken: 50101 by Fay ({ENABLE})"
