"""Files 42 to 47: who is set up in Teams, with what, and by which identity."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from lync_people import text
from teams_people import (
    ADA,
    CALLING,
    CATALOGUE,
    DIAL_PLAN,
    DIRECT,
    GONE,
    GRANTS,
    KEPT,
    MANAGED,
    NEW,
    NUMBER,
    PARIS,
    ROUTING,
    TEAMS,
    UPGRADE,
    VOICE,
    VOICEMAIL,
    guid,
    held,
    in_teams,
    look,
    object_id,
    other,
    ranged,
)

from adinspect import delivery, plan
from adinspect.bulk_csv import BulkCsv
from adinspect.profile import SignIn
from adinspect.sites import NumberType
from adinspect.visibility import State, rows

ADAS = object_id("Ada")
EACH = pytest.mark.parametrize("csv", GRANTS)
GIVEN = {ROUTING: "FR national", DIAL_PLAN: "FR", CALLING: "Staff"}
COLUMN = {ROUTING: "routing_policy", DIAL_PLAN: "tenant_dial_plan", CALLING: "calling_policy"}
FORESTS: Mapping[str, tuple[Mapping[str, str], Any]] = {
    **dict.fromkeys(GRANTS, (ADA, DIRECT)),
    UPGRADE: (NEW, DIRECT),
    VOICE: (GONE, KEPT),
    VOICEMAIL: (GONE, DIRECT),
    NUMBER: (GONE, MANAGED),
}
"""For each file somebody who gets a row, and a profile that says so."""
TOLD = "user | voicemail_on | prompt_language | call_answer_rule\n{} | {} | fr-FR | PromptOnly"


def given(csv: str, *people: Mapping[str, str], **texts: Any) -> Any:
    """What a file holds for somebody who gets a row in it, or for these people."""
    person, profile = FORESTS[csv]
    who = people or (person,)
    voicemail = {"teams_voicemail": TOLD.format(ADAS, "no")} if csv == VOICEMAIL else {}
    return held(csv, look(*who, **{"profile": profile, "teams_users": in_teams(*who), **voicemail, **texts}))


# ---- all of them


@pytest.mark.parametrize("csv", FORESTS)
def test_a_sound_user_has_a_row(csv: str) -> None:
    row = given(csv).kept["Ada"]
    assert row["Identity"] == ADAS
    assert row["_Wave"] in ("W1", "W2")


STAYING: Mapping[str, dict[str, str]] = {
    "Eve": {"upn": "eve@contoso.local"},  # W5: the tenant cannot take the sign-in name
    "Fay": {"sip_enabled": "no", "line_uri": "tel:+14255550199"},  # W4: what is left of a place in Lync is a decision
    "Gil": dict.fromkeys(("line_uri", "enterprise_voice", "sip_enabled", "deployment_locator"), "-") | {"recipient_type": "4"},
}
"""Who does not move; the last is neither in the population nor has voice."""


@pytest.mark.parametrize("csv", FORESTS)
def test_who_does_not_move_gets_no_row(csv: str) -> None:
    person = FORESTS[csv][0]
    found = given(csv, person, *(other(name, person, **cells) for name, cells in STAYING.items()), codes=CATALOGUE)
    assert list(found.kept) == ["Ada"]
    assert not found.rejected


@pytest.mark.parametrize("csv", FORESTS)
def test_who_may_be_in_a_later_wave_is_asked_about(csv: str) -> None:
    unseen = rows(("users", "admin_description", None, State.UNREADABLE, "nobody may read it"))
    assert (
        "may be in a later wave, because this could not be judged: MIG-019"
        in given(csv, visibility=unseen, codes=CATALOGUE).why()
    )


@pytest.mark.parametrize("csv", sorted(set(FORESTS) - {VOICEMAIL}))
def test_without_what_teams_shows_nothing_is_run(csv: str) -> None:
    assert "no teams-users.csv was supplied (--side)" in given(csv, teams_users=None).why()
    stranger = in_teams(other("Bob", ADA))
    assert "Get-CsOnlineUser would not find it" in given(csv, teams_users=stranger).why()


@pytest.mark.parametrize("csv", [VOICE, VOICEMAIL, NUMBER])
def test_who_is_homed_on_premises_has_no_number_or_voice_there(csv: str) -> None:
    assert given(csv, ADA).nobody


# ---- identities


@pytest.mark.parametrize(
    ("bob", "texts", "expected"),
    [
        pytest.param({}, {}, ADAS, id="the object identifier"),
        pytest.param({}, {"m365": "ada@contoso.com"}, ADAS, id="both exports agree"),
        pytest.param(
            {"upn": "ADA@contoso.com"}, {}, "ambiguous: its sign-in name is also that of Bob", id="one name of two users"
        ),
        pytest.param({"sip_address": "sip:Ada@contoso.com"}, {}, ADAS, id="the identifier is nobody else's address"),
        pytest.param({}, {"named": "DN"}, "ada@contoso.com", id="an export without object identifiers"),
        pytest.param(
            {"sip_address": "sip:Ada@contoso.com"},
            {"named": "DN"},
            "ambiguous: its sign-in name is also a user principal name or SIP address of Bob",
            id="the name is the address of another user",
        ),
        pytest.param(
            {},
            {"named": "DN", "contacts": "identity | sip_address\nDesk | sip:ADA@contoso.com"},
            "of Desk (contact)",
            id="of a contact",
        ),
        pytest.param(
            {},
            {"named": "DN", "stranger": "sip:ada@contoso.com"},
            "of the account stranger in Teams",
            id="of an account in the tenant",
        ),
        pytest.param(
            {},
            {"m365": "ada@contoso.com", "m365_user": object_id("Eve")},
            "several accounts for its sign-in name",
            id="two accounts",
        ),
        pytest.param({}, {"m365": "ada.b@contoso.com"}, "several names for its account", id="two names of one account"),
    ],
)
def test_an_identity_names_the_user_alone(bob: dict[str, str], texts: dict[str, str], expected: str) -> None:
    supplied = {"contacts": texts["contacts"]} if "contacts" in texts else {}
    if "m365" in texts:
        supplied["m365_users"] = f"user | upn\n{texts.get('m365_user', ADAS)} | {texts['m365']}"
    known = in_teams(ADA)
    known = known.replace(ADAS, "CN=Ada") if "named" in texts else known
    strangers = f"\nstranger | x@contoso.com | {texts['stranger']} | - | no | -" if "stranger" in texts else ""
    found = given(DIAL_PLAN, ADA, other("Bob", ADA, **bob), teams_users=known + strangers, **supplied)
    if "Ada" in found.kept:
        assert found.kept["Ada"]["Identity"] == expected
    else:
        assert expected in found.why()
        assert found.rejected["Ada"]["Identity"] == "#REVIEW"


def test_a_name_is_nobody_elses_only_where_everything_was_seen() -> None:
    hidden = rows(("contacts", "", None, State.INCOMPLETE, "a container may not be listed"))
    assert list(given(DIAL_PLAN, visibility=hidden).kept) == ["Ada"], "an object identifier is"
    nameless = in_teams(ADA).replace(ADAS, "CN=Ada")
    assert "ambiguous: not everything was seen" in given(DIAL_PLAN, visibility=hidden, teams_users=nameless).why()
    blind = rows(("users", "upn", guid("Bob"), State.UNREADABLE, "the account may not read it"))
    assert "ambiguous: not every sign-in name was seen" in given(DIAL_PLAN, ADA, other("Bob", ADA), visibility=blind).why()


def test_voice_mail_takes_no_sign_in_name() -> None:
    nameless = in_teams(GONE).replace(ADAS, "CN=Ada")
    assert "the cmdlet takes an object identifier" in given(VOICEMAIL, teams_users=nameless).why()


def crowd(chosen: random.Random) -> list[dict[str, str]]:
    """People who have each other's names and addresses, in other letters too."""
    names = [f"{letter}@contoso.com" for letter in "abcdefgh"]
    people = []
    for number in range(12):
        person = dict(chosen.choice([ADA, GONE, NEW]))
        for column in person.keys() & {"upn", "mail", "sip_address"}:
            name = chosen.choice([f"u{number}@contoso.com"] * 2 + names)
            person[column] = ("sip:" if column == "sip_address" else "") + (name.upper() if chosen.random() < 0.3 else name)
        people.append(
            {**person, "identity": f"u{number}", **({"line_uri": f"tel:+14255550{number:03}"} if "line_uri" in person else {})}
        )
    return people


def tenant(chosen: random.Random, people: list[dict[str, str]], key: str) -> str:
    told = {
        (object_id(chosen.choice("stuvwx") + str(number)) if chosen.random() < 0.8 else f"CN={number}"): person
        for number, person in enumerate(people)
    }
    names = [{"user": user, "upn": person[key], "sip_address": f"sip:{person['mail']}"} for user, person in told.items()]
    return text(*names)


@pytest.mark.parametrize("sign_in", SignIn)
def test_no_row_ever_has_an_identity_that_could_be_somebody_elses(sign_in: SignIn) -> None:
    counted = 0
    for seed in range(3):
        chosen = random.Random(seed)  # noqa: S311 - chooses sample data
        people, key = crowd(chosen), sign_in.value
        accounts = tenant(chosen, people[:9], key)
        profile = replace(chosen.choice([KEPT, MANAGED]), sign_in=sign_in)
        made = plan.make(look(*people, profile=profile, teams_users=accounts), TEAMS)
        for one in delivery.settle(made):
            if one.definition.name in FORESTS:
                rows_of = one.kept.to_dict("records")
                counted += sum(_alone(one.definition, row["_Object"], row, people, key, accounts) for row in rows_of)
    assert counted > 20, "hardly anything was tried"


def _alone(csv: BulkCsv, name: str, row: Mapping[str, Any], people: list[dict[str, str]], key: str, accounts: str) -> bool:
    """Whether an identity is this user's, and nobody else's."""
    me = next(person for person in people if person["identity"] == name)
    others = [person for person in people if person is not me]
    assert me[key].lower() not in {person[key].lower() for person in others}, (csv.name, name)
    lines = [[cell.strip() for cell in line.split("|")] for line in accounts.splitlines()[1:]]
    identity = row["Identity"].lower()
    mine = {user.lower() for user, upn, _ in lines if upn.lower() == me[key].lower()}
    if "@" not in identity:
        assert mine == {identity}, (csv.name, name)
        return True
    addresses = {
        person[column].lower().removeprefix("sip:") for person in others for column in ("upn", "sip_address") if column in person
    }
    there = {address.lower().removeprefix("sip:") for _, upn, address in lines if upn.lower() != me[key].lower()}
    assert identity == me[key].lower()
    assert identity not in addresses | there, (csv.name, name)
    return True


# ---- policies


@EACH
def test_the_policy_of_the_site_is_granted(csv: str) -> None:
    row = given(csv).kept["Ada"]
    assert (row["PolicyName"], row["_Previous_PolicyName"]) == (GIVEN[csv], None)


@EACH
@pytest.mark.parametrize("there", ["{}", "Tag:{}", "tag:{}"])
def test_who_has_it_already_gets_none(csv: str, there: str) -> None:
    shown = in_teams(ADA, **{COLUMN[csv]: there.format(GIVEN[csv].upper())})
    assert given(csv, teams_users=shown).nobody


@EACH
def test_what_was_granted_before_is_written_beside_it_and_asked_about_where_it_allows_things(csv: str) -> None:
    found = given(csv, teams_users=in_teams(ADA, **{COLUMN[csv]: "Tag:Old"}))
    if csv == DIAL_PLAN:
        assert found.kept["Ada"]["_Previous_PolicyName"] == "Old"
    else:
        assert "was granted Tag:Old, and whether that of the site allows more" in found.why()
        assert found.rejected["Ada"]["_Previous_PolicyName"] == "Old"


@EACH
def test_who_is_not_in_the_population_is_not_let_do_more_by_the_way(csv: str) -> None:
    lobby = {**ADA, "recipient_type": "16"}
    found = given(csv, lobby)
    assert bool(found.kept) is (csv == DIAL_PLAN)
    assert csv == DIAL_PLAN or "is not in the population" in found.why()


@EACH
def test_a_site_that_gives_nothing_grants_nothing(csv: str) -> None:
    bare = replace(DIRECT, sites=(replace(PARIS, routing_policy="", tenant_dial_plan="", calling_policy=""),))
    assert given(csv, profile=bare).nobody


@pytest.mark.parametrize("kind", list(NumberType))
@pytest.mark.parametrize("of_range", [True, False])
def test_only_numbers_of_direct_routing_get_a_routing_policy(kind: NumberType, of_range: bool) -> None:
    profile = replace(ranged(number_type=kind), number_type=None) if of_range else replace(DIRECT, number_type=kind)
    found = given(ROUTING, profile=profile)
    assert list(found.kept) == (["Ada"] if kind is NumberType.DIRECT_ROUTING else [])
    assert not found.rejected


def test_other_policies_do_not_ask_for_the_type_of_the_number() -> None:
    profile = replace(DIRECT, number_type=NumberType.CALLING_PLAN)
    assert all(list(given(csv, profile=profile).kept) == ["Ada"] for csv in (DIAL_PLAN, CALLING))


def test_a_routing_policy_waits_for_the_type_of_the_number() -> None:
    assert "does not say of which type" in given(ROUTING, profile=replace(DIRECT, number_type=None)).why()


# ---- 45_teams_upgradepolicy


@pytest.mark.parametrize(
    "trace",
    [
        {"sip_address": "sip:ada@contoso.com"},
        {"sip_enabled": "yes", "sip_address": "sip:ada@contoso.com"},
        {"pool_service": "CN=Lc"},
        {"deployment_locator": "SRV:"},
        {"deployment_locator": "sipfed.online.lync.com"},
        {"enterprise_voice": "yes"},
    ],
)
def test_who_ever_had_a_place_in_lync_is_moved_and_not_upgraded(trace: dict[str, str]) -> None:
    assert given(UPGRADE, {**NEW, **trace}).nobody


@pytest.mark.parametrize(("mode", "kept"), [("Islands", True), ("-", True), ("TeamsOnly", False)])
def test_who_has_teams_alone_is_not_given_to_it_again(mode: str, kept: bool) -> None:
    found = given(UPGRADE, teams_users=in_teams(NEW, upgrade_mode=mode, upgrade_policy="Islands"))
    assert bool(found.kept) is kept
    assert not found.rejected
    assert not kept or found.kept["Ada"]["_Previous_PolicyName"] == "Islands"


# ---- 46_teams_voicemail, 47_teams_ev


@pytest.mark.parametrize(
    ("there", "outcome"), [("no", "kept"), ("yes", "nobody"), ("-", "the present VoicemailEnabled is not known")]
)
def test_voice_mail_is_turned_on_where_it_is_known_to_be_off(there: str, outcome: str) -> None:
    found = given(VOICEMAIL, teams_voicemail=TOLD.format(ADAS.upper(), there))
    if outcome == "kept":
        row = found.kept["Ada"]
        assert (row["VoicemailEnabled"], row["PromptLanguage"], row["_Previous_PromptLanguage"]) == (True, None, "fr-FR")
    else:
        assert found.nobody if outcome == "nobody" else outcome in found.why()
    assert "no teams-voicemail.csv was supplied" in given(VOICEMAIL, teams_voicemail=None).why()


@pytest.mark.parametrize(
    ("person", "profile", "there", "outcome"),
    [
        pytest.param(GONE, KEPT, "no", "kept", id="it is off"),
        pytest.param(GONE, KEPT, "yes", "nobody", id="the move turned it on"),
        pytest.param(GONE, KEPT, "-", "the present EnterpriseVoiceEnabled is not known", id="nobody says"),
        pytest.param(GONE, MANAGED, "no", "nobody", id="the number is to be managed in Teams"),
        pytest.param(GONE, DIRECT, "no", "nobody", id="nobody says where"),
        pytest.param({**GONE, "line_uri": "-"}, KEPT, "no", "nobody", id="no number"),
        pytest.param(
            GONE, replace(KEPT, number_type=NumberType.CALLING_PLAN), "no", "to be of type CallingPlan", id="not routed directly"
        ),
        pytest.param(GONE, replace(KEPT, number_type=None), "no", "does not say of which type", id="of no type"),
    ],
)
def test_voice_is_turned_on_for_numbers_that_stay_in_the_directory(
    person: Mapping[str, str], profile: Any, there: str, outcome: str
) -> None:
    found = given(VOICE, person, profile=profile, teams_users=in_teams(person, enterprise_voice=there))
    if outcome == "kept":
        assert found.kept["Ada"]["EnterpriseVoiceEnabled"] is True
        assert found.kept["Ada"]["_Previous_EnterpriseVoiceEnabled"] is False
    else:
        assert found.nobody if outcome == "nobody" else outcome in found.why()
