"""Files 29 and 30: mailboxes that are disabled for Unified Messaging, and enabled in the place of their site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from pandas import DataFrame

from adinspect import bulk, rollback, step
from adinspect.finding import Target
from adinspect.sites import Site
from adinspect.testing import EVERYONE
from adinspect.visibility import State, rows

Split = Callable[..., Any]
Person = Mapping[str, str]

DISABLE, ENABLE, SET = "29_um_mailbox_disable", "30_um_mailbox_enable", "25_cs_hostedvm_set"
CLOUD = Target.SFB_CLOUD_VOICEMAIL
HERE = ",OU=Staff,DC=contoso,DC=example"

PLANS = """
identity | name | uri_type | phone_context | extension_digits
HQ  | HQ  | 3 | HQ.contoso.example | 5
Lab | Lab | 1 | Lab.example | 5
Sub | Sub | 3 | Sub.example | 5
"""
POLICIES = f"""
identity | name | dial_plan
HQ Policy | HQ Policy | CN=HQ{HERE}
Lab Policy | Lab Policy | CN=Lab{HERE}
"""
FOREST = {
    "servers": "identity | legacy_dn | version_major | version_minor\nEX16 | /cn=EX16 | 15 | 1",
    "dial_plans": PLANS,
    "mailbox_policies": POLICIES,
}
EVE = {
    "identity": "Eve",
    "sip_address": "sip:Eve@contoso.com",
    "line_uri": "tel:+14255550101",
    "mailbox_database": "CN=DB",
    "home_server": "/cn=ex16",
    "recipient_type": "1",
    "object_class": "user",
}
LAB = {"um_enabled": "yes", "um_dial_plan": f"CN=Lab{HERE}", "um_mailbox_policy": f"CN=Lab Policy{HERE}"}
IN_LAB = "EUM:77777;phone-context=Lab.example"


def text(*people: Person) -> str:
    names = list(dict.fromkeys(name for person in people for name in person))
    return "\n".join(" | ".join(line) for line in [names, *([person.get(name, "-") for name in names] for person in people)])


def proxies(*pairs: tuple[str, str]) -> str:
    return "identity | address\n" + "\n".join(" | ".join(pair) for pair in pairs)


def moved(identity: str, rule: str = "USR-005") -> str:
    """A finding that sends a user to both files."""
    return f"{identity} | {rule} | {DISABLE}\n{identity} | {rule} | {ENABLE}"


def findings(*lines: str) -> str:
    return "\n".join(["identity | rule | csv", *lines])


# ---- where somebody is enabled


def at(**settings: str) -> dict[str, Any]:
    paris = replace(Site("Paris", ous=(HERE.removeprefix(","),)), **settings)  # type: ignore[arg-type] # settings are text
    return {"profile": replace(EVERYONE, sites=(paris,))}


TWO = {"mailbox_policies": f"{POLICIES}Strict | Strict | CN=HQ{HERE}\nSubs | Subs | CN=Sub{HERE}\n"}


@pytest.mark.parametrize(
    ("settings", "policy"),
    [
        pytest.param({"um_mailbox_policy": "Strict"}, "Strict", id="the policy of the site"),
        pytest.param({"um_dial_plan": "Sub"}, "Subs", id="the only policy of its dial plan"),
        pytest.param({"um_mailbox_policy": "Strict", "um_dial_plan": "HQ"}, "Strict", id="both"),
    ],
)
def test_the_policy_is_that_of_the_site(split: Split, settings: dict[str, str], policy: str) -> None:
    found = split(ENABLE, findings(f"Eve | USR-003 | {ENABLE}"), users=text(EVE), **{**FOREST, **TWO}, **at(**settings))
    assert f"UM mailbox policy {policy}, " in found.kept["Eve"]["_Why"]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        pytest.param({}, "3 UM mailbox policies lead to a SIP URI dial plan, so that the policy is a choice", id="says nothing"),
        pytest.param({"um_dial_plan": "HQ"}, "2 UM mailbox policies lead", id="a plan with two"),
        pytest.param({"um_mailbox_policy": "Lab Policy"}, "0 UM mailbox policies lead", id="one of another type of plan"),
        pytest.param({"um_dial_plan": "Lab"}, "0 UM mailbox policies lead", id="another type of plan"),
    ],
)
def test_where_the_profile_leads_to_no_single_policy_a_person_chooses(
    split: Split, settings: dict[str, str], reason: str
) -> None:
    found = split(ENABLE, findings(f"Eve | USR-003 | {ENABLE}"), users=text(EVE), **{**FOREST, **TWO}, **at(**settings))
    assert reason in found.why("Eve")
    assert found.rejected["Eve"]["UMMailboxPolicy"] == step.REVIEW


def test_extensions_collide_within_one_dial_plan_only(split: Split) -> None:
    fay = {**EVE, "identity": "Fay", "sip_address": "sip:fay@contoso.com", "line_uri": "tel:+442079450101", "office": "Lyon"}
    lyon, rest = Site("Lyon", offices=("Lyon",), um_dial_plan="Sub"), Site("HQ", offices=("HQ",), um_dial_plan="HQ")
    tables = {**FOREST, "mailbox_policies": f"{POLICIES}Subs | Subs | CN=Sub{HERE}", "users": text({**EVE, "office": "HQ"}, fay)}
    asked = findings(f"Eve | USR-003 | {ENABLE}", f"Fay | USR-003 | {ENABLE}")
    found = split(ENABLE, asked, profile=replace(EVERYONE, sites=(lyon, rest)), **tables)
    assert {who: row["Extensions"] for who, row in found.kept.items()} == {"Eve": "50101", "Fay": "50101"}


def test_a_number_that_the_services_of_the_dial_plan_answer_is_no_extension(split: Split) -> None:
    numbers = {"dial_plan_numbers": "identity | number\nHQ | 50101"}
    found = split(ENABLE, findings(f"Eve | USR-003 | {ENABLE}"), users=text(EVE), **FOREST, **numbers)
    assert found.why("Eve") == "the extension is a number of UM dial plan HQ: 50101, which its services answer"


def test_exchange_refuses_a_sip_address_beside_another_sip_proxy_address(split: Split) -> None:
    held = proxies(("Eve", "SIP:eve@contoso.com"), ("Eve", "sip:other@contoso.com"))
    found = split(ENABLE, findings(f"Eve | USR-003 | {ENABLE}"), users=text(EVE), proxy_addresses=held, **FOREST)
    assert found.why("Eve").endswith("(32_mailbox_eum first, then collect again): sip:other@contoso.com")


# ---- who is disabled and enabled again


def both(split: Split, users: str, asked: str, **tables: Any) -> tuple[Any, Any]:
    off, on = split((DISABLE, ENABLE), asked, users=users, **{**FOREST, **tables})
    return off, on


@pytest.mark.parametrize("rule", ["USR-004", "USR-005", "CNS-007"])
def test_who_is_in_the_wrong_plan_is_disabled_and_enabled_with_the_extensions_held(split: Split, rule: str) -> None:
    held = proxies(("Eve", IN_LAB), ("Eve", "eum:66666;phone-context=lab.example"), ("Eve", "SMTP:eve@contoso.com"))
    off, on = both(split, text({**EVE, **LAB}), findings(moved("Eve", rule)), proxy_addresses=held)
    row = off.kept["Eve"]
    assert (row["Identity"], row["KeepProperties"]) == (row["_ObjectGuid"], "True")
    assert (row["_Previous_Extensions"], row["_Previous_SIPResourceIdentifier"]) == ("66666|77777", "")
    assert on.kept["Eve"]["Extensions"] == "66666|77777"
    assert on.kept["Eve"]["_Rules"] == rule


def test_the_rollback_enables_who_was_disabled_as_before(split: Split) -> None:
    held = proxies(("Eve", "EUM:eve@contoso.com;phone-context=Sub.example"), ("Eve", "eum:77777;phone-context=Sub.example"))
    sub = {"um_enabled": "yes", "um_dial_plan": f"CN=Sub{HERE}", "um_mailbox_policy": f"CN=Subs{HERE}"}
    tables = {"mailbox_policies": f"{POLICIES}Subs | Subs | CN=Sub{HERE}", "proxy_addresses": held}
    off, _ = both(split, text({**EVE, **sub}), findings(moved("Eve")), **tables, **at(um_dial_plan="HQ"))
    taken_back = back(off.kept["Eve"])
    assert taken_back["Extensions"] == "77777"
    assert taken_back["SIPResourceIdentifier"] == "eve@contoso.com"
    assert taken_back["UMMailboxPolicy"] == off.kept["Eve"]["_Previous_UMMailboxPolicy"] != ""


def back(row: Mapping[str, str]) -> dict[str, Any]:
    """The row of 90_29 that takes a row back."""
    cells: dict[str, Any] = {name: told or None for name, told in row.items()}
    (told,) = rollback.rows(bulk.shipped()[DISABLE], DataFrame([cells], dtype="object"))
    return told


@pytest.mark.parametrize(
    ("link", "held"),
    [
        pytest.param({"um_mailbox_policy": "-"}, [IN_LAB], id="no policy"),
        pytest.param({}, [], id="no extension: Exchange would take the telephone number"),
    ],
)
def test_what_cannot_be_put_back_as_it_was_a_person_has_to_say(split: Split, link: Person, held: list[str]) -> None:
    addresses = {"proxy_addresses": proxies(*(("Eve", one) for one in held))} if held else {}
    off, _ = both(split, text({**EVE, **LAB, **link}), findings(moved("Eve", "USR-004")), **addresses)
    told = back(off.kept["Eve"])
    assert step.REVIEW in (told["UMMailboxPolicy"], told["Extensions"])
    assert told["SIPResourceIdentifier"] is None


@pytest.mark.parametrize(
    ("changes", "held", "reason"),
    [
        pytest.param({"sip_address": "-"}, [IN_LAB], "could not enable the user again: has no SIP address", id="no SIP address"),
        pytest.param({"line_uri": "-"}, [], "could not enable the user again: neither line URI nor", id="no extension"),
        pytest.param({"home_server": "/cn=Gone"}, [IN_LAB], "again: the release of its home server", id="an unknown server"),
        pytest.param({"deployment_locator": "sipfed.online.lync.com"}, [IN_LAB], "is homed online", id="homed online"),
    ],
)
def test_nobody_is_disabled_who_could_not_be_enabled_again(split: Split, changes: Person, held: list[str], reason: str) -> None:
    addresses = {"proxy_addresses": proxies(*(("Eve", one) for one in held))} if held else {}
    off, on = both(split, text({**EVE, **LAB, **changes}), findings(moved("Eve")), **addresses)
    assert not off.kept
    assert not on.kept
    assert reason in off.why("Eve")
    assert off.rejected["Eve"]["KeepProperties"] == step.REVIEW


def test_who_waits_for_a_person_to_be_disabled_waits_to_be_enabled_too(split: Split) -> None:
    _, on = both(split, text({**EVE, **LAB, "sip_address": "-"}), findings(moved("Eve")))
    assert "waits for its row in 29_um_mailbox_disable, which cannot be run" in on.why("Eve")
    assert "finds it already" not in on.why("Eve")


def test_who_is_sent_to_be_disabled_alone_stays_enabled(split: Split) -> None:
    found = split(DISABLE, findings(f"Eve | SITE-1 | {DISABLE}"), users=text({**EVE, **LAB}), **FOREST)
    assert "no finding sends the user there" in found.why("Eve")


def test_a_policy_that_the_directory_does_not_show_is_not_taken_away(split: Split) -> None:
    lost = {**LAB, "um_mailbox_policy": "CN=Hidden"}
    off, _ = both(split, text({**EVE, **lost}), findings(moved("Eve", "USR-004")), proxy_addresses=proxies(("Eve", IN_LAB)))
    assert off.why("Eve") == "the present UMMailboxPolicy is not known"


# ---- for Cloud Voicemail

CAL = {**EVE, **LAB, "identity": "Cal", "enterprise_voice": "yes", "sip_enabled": "yes", "deployment_locator": "SRV:"}
HOSTED = {
    "cs_users": "user | dial_plan | voice_policy | hosted_voice_mail | hosted_voice_mail_policy\n"
    f"CN=Cal{HERE} | - | - | - | Tag:Cloud",
    "cs_hostedvm": "scope | destination | organization\nTag:Cloud | exap.um.outlook.com | contoso.example",
}


def cloud(split: Split, csv: str, user: Person = CAL, /, **tables: str) -> Any:
    asked = findings(f"Cal | CNS-019 | {DISABLE}", f"Cal | CNS-019 | {SET}")
    given = {"proxy_addresses": proxies(("Cal", IN_LAB)), **FOREST, **HOSTED, **tables}
    return split(csv, asked, target=CLOUD, **{"users": text(user), **given})


def test_unified_messaging_is_off_before_hosted_voice_mail_is_set() -> None:
    places = {one: bulk.shipped()[one].order[CLOUD] for one in ("24_cs_hostedvm_grant", DISABLE, SET)}
    assert sorted(places, key=lambda one: places[one]) == ["24_cs_hostedvm_grant", DISABLE, SET]


def test_hosted_voice_mail_is_set_after_unified_messaging_was_disabled_which_empties_it(split: Split) -> None:
    settings = {"voice_mail_settings": "identity | setting\nCal | CsHostedVoiceMail=1"}
    assert list(cloud(split, DISABLE, **settings).kept) == ["Cal"]
    row = cloud(split, SET, **settings).kept["Cal"]
    assert (row["HostedVoiceMail"], row["_Previous_HostedVoiceMail"]) == ("True", "")


@pytest.mark.parametrize(
    ("user", "tables", "reason"),
    [
        pytest.param(
            CAL,
            {"voice_mail_settings": "identity | setting\nCal | ExchangeHostedVoiceMail=1"},
            "ExchangeHostedVoiceMail=1 is set",
            id="the mark of Exchange",
        ),
        pytest.param(
            CAL,
            {"cs_hostedvm": "scope | destination | organization\nTag:Cloud | other.example | contoso.example"},
            "waits for its row in 24_cs_hostedvm_grant",
            id="no policy that leads there",
        ),
        pytest.param({**CAL, "deployment_locator": "sipfed.online.lync.com"}, {}, "is homed online", id="homed online"),
    ],
)
def test_nobody_loses_unified_messaging_who_gets_no_hosted_voice_mail(
    split: Split, user: Person, tables: dict[str, str], reason: str
) -> None:
    found = cloud(split, DISABLE, user, **tables)
    assert not found.kept
    assert reason in found.why("Cal")


IN_HQ = {**CAL, "um_dial_plan": f"CN=HQ{HERE}", "um_mailbox_policy": f"CN=HQ Policy{HERE}"}
NAMED = ("Cal", "EUM:eve@contoso.com;phone-context=HQ.contoso.example")
NUMBERED = ("Cal", "eum:50101;phone-context=HQ.contoso.example")


@pytest.mark.parametrize(
    ("user", "addresses", "reason"),
    [
        pytest.param(IN_HQ, [NAMED, NUMBERED], "", id="as Enable-UMMailbox would enable it"),
        pytest.param({**IN_HQ, "um_dial_plan": "-"}, [NAMED, NUMBERED], "no primary EUM address", id="no link of its own"),
        pytest.param({**IN_HQ, "um_mailbox_policy": "-"}, [NAMED, NUMBERED], "policy leads to no UM dial plan", id="no policy"),
        pytest.param(
            {**IN_HQ, "um_mailbox_policy": f"CN=Lab Policy{HERE}"},
            [NAMED, NUMBERED],
            "not in the UM dial plan of its UM mailbox policy, Lab",
            id="the policy of another dial plan",
        ),
        pytest.param(IN_HQ, [NAMED], "it has no extension", id="no extension"),
        pytest.param(
            IN_HQ, [NAMED, (NUMBERED[0], NUMBERED[1].replace("50101", "101"))], "has not as many digits", id="a short extension"
        ),
        pytest.param(IN_HQ, [NUMBERED], "it has no primary EUM address", id="no primary address"),
        pytest.param(
            IN_HQ, [NAMED, (NAMED[0], "EUM:x@contoso.com;phone-context=HQ.contoso.example"), NUMBERED], "or several", id="two"
        ),
        pytest.param(
            IN_HQ,
            [NAMED, NUMBERED, ("Dan", NUMBERED[1])],
            "an address is held by others too: 50101 by Dan",
            id="somebody's extension",
        ),
        pytest.param(
            IN_HQ, [NAMED, NUMBERED, ("Dan", NAMED[1])], "held by others too: eve@contoso.com by Dan", id="somebody's address"
        ),
        pytest.param(IN_HQ, [NAMED, NUMBERED, ("Dan", NUMBERED[1].replace("HQ.", "Lab."))], "", id="somebody's elsewhere"),
    ],
)
def test_who_could_not_be_enabled_again_is_disabled_only_if_a_person_says_so(
    split: Split, user: Person, addresses: list[tuple[str, str]], reason: str
) -> None:
    found = cloud(split, DISABLE, users=text(user, {**EVE, "identity": "Dan"}), proxy_addresses=proxies(*addresses))
    assert bool(found.kept) is not bool(reason)
    assert not reason or reason in found.why("Cal")
    assert not reason or found.rejected["Cal"]["KeepProperties"] == step.REVIEW


def test_who_has_no_unified_messaging_is_not_disabled(split: Split) -> None:
    found = cloud(split, DISABLE, {**CAL, "um_enabled": "no"})
    assert (list(found.kept), list(found.rejected)) == ([], [])


# ---- what was not seen

UNREADABLE = [
    ("users", "um_enabled"),
    ("users", "um_mailbox_policy"),
    ("users", "sip_address"),
    ("voice_mail_settings", "setting"),
    ("proxy_addresses", "address"),
]


@pytest.mark.parametrize(("table", "column"), UNREADABLE)
def test_who_was_not_seen_whole_is_not_disabled(split: Split, table: str, column: str) -> None:
    hidden = "eee00000-0000-4000-8000-000000000001"
    unseen = rows((table, column, hidden, State.UNREADABLE, "the account may not read it"))
    users = text({**EVE, **LAB, "guid": hidden})
    off, on = both(split, users, findings(moved("Eve")), visibility=unseen, proxy_addresses=proxies(("Eve", IN_LAB)))
    assert not off.kept
    assert not on.kept
    assert "not" in off.why("Eve")


@pytest.mark.parametrize("table", ["users", "dial_plans", "mailbox_policies", "servers", "contact_proxy_addresses"])
def test_while_a_table_that_proves_something_is_not_whole_nobody_is_disabled(split: Split, table: str) -> None:
    unseen = rows((table, "", None, State.INCOMPLETE, "the domain eu.contoso.example was not read"))
    off, on = both(
        split, text({**EVE, **LAB}), findings(moved("Eve")), visibility=unseen, proxy_addresses=proxies(("Eve", IN_LAB))
    )
    assert not off.kept
    assert not on.kept
    assert "the domain eu.contoso.example was not read" in off.why("Eve")
