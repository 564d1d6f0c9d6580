"""Files 20, 21 and 26: a place in Lync, Enterprise Voice, and the line that Teams takes over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from lync_people import (
    ADA,
    BOB,
    CAL,
    CLEAR,
    CLOUD,
    DEE,
    DIRECT,
    ENABLE,
    GONE,
    IN_RANGES,
    LYNC,
    MANAGED,
    NEW,
    ONLINE,
    PARIS,
    TEAMS,
    TWO_POOLS,
    VOICE,
    Person,
    sent,
    text,
)

from adinspect import bulk, step
from adinspect.finding import Target
from adinspect.profile import Profile
from adinspect.sites import AddressFrom, NumberRange, NumbersManaged, NumberType, Owner, Ranges, SipAddresses, Site
from adinspect.testing import EVERYONE, TODAY
from adinspect.visibility import State, rows

Split = Callable[..., Any]


# ---- 20_cs_user_enable


@pytest.mark.parametrize(
    ("sip", "changes", "expected"),
    [
        pytest.param(SipAddresses(AddressFrom.UPN), {"mail": "a@contoso.com"}, "sip:ada@contoso.com", id="the UPN"),
        pytest.param(
            SipAddresses(AddressFrom.UPN),
            {"upn": "ada@x.example", "mail": "a@contoso.com"},
            "the user principal name cannot",
            id="the UPN alone",
        ),
        pytest.param(SipAddresses(AddressFrom.MAIL), {"mail": "a@contoso.com"}, "sip:a@contoso.com", id="the mail address"),
        pytest.param(SipAddresses(AddressFrom.MAIL), {}, "the primary e-mail address cannot", id="the mail address alone"),
        pytest.param(
            SipAddresses(domains=("fabrikam.com",)),
            {"mail": "a@fabrikam.com"},
            "sip:a@fabrikam.com",
            id="a domain of the profile",
        ),
        pytest.param(
            SipAddresses(domains=("other.com",)),
            {"upn": "ada@other.com"},
            "among the domains of the profile (there is none)",
            id="a domain that is not declared",
        ),
        pytest.param(
            SipAddresses(AddressFrom.TEMPLATE, "{given_name}.{surname}@Contoso.com"),
            {"given_name": "Zo\u00eb", "surname": "O'Neil-Fr\u00e4n"},
            "sip:Zoe.O'Neil-Fran@Contoso.com",
            id="a template, accents folded",
        ),
        pytest.param(
            SipAddresses(AddressFrom.TEMPLATE, "{given_name}.{surname}@contoso.com"),
            {"given_name": "Ada"},
            "what the template {given_name}.{surname}@contoso.com makes",
            id="a template, a value missing",
        ),
        pytest.param(
            SipAddresses(AddressFrom.TEMPLATE, "{surname}@contoso.com"),
            {"surname": "van Lo"},
            "what the template",
            id="a template, a space",
        ),
        pytest.param(
            SipAddresses(AddressFrom.TEMPLATE, "{surname}@contoso.com"),
            {"surname": "Stra\u00dfe"},
            "what the template",
            id="a template, a letter that is not folded",
        ),
        pytest.param(
            SipAddresses(AddressFrom.TEMPLATE, "{surname}@b.example"),
            {"surname": "Lo"},
            "what the template",
            id="a template, a domain that is not declared",
        ),
    ],
)
def test_a_new_sip_address_is_what_the_profile_makes_it_of(
    split: Split, sip: SipAddresses, changes: Person, expected: str
) -> None:
    users = text({**ADA, **changes})
    found = split(ENABLE, sent(("Ada", "USR-001", ENABLE)), profile=replace(EVERYONE, sip=sip), users=users, **LYNC)
    if expected.startswith("sip:"):
        assert found.kept["Ada"]["SipAddress"] == expected
    else:
        assert expected in found.why("Ada")
        assert found.rejected["Ada"]["SipAddress"] == step.REVIEW


def test_two_users_of_whom_a_template_makes_one_address_both_get_none(split: Split) -> None:
    wishes = replace(EVERYONE, sip=SipAddresses(AddressFrom.TEMPLATE, "{surname}@contoso.com"))
    users = text({**ADA, "surname": "Lo"}, {**BOB, "surname": "L\u00f6"})
    found = split(ENABLE, sent(("Ada", "USR-001", ENABLE), ("Bob", "USR-001", ENABLE)), profile=wishes, users=users, **LYNC)
    assert found.why("Ada") == "the SIP address is taken: sip:Lo@contoso.com by Bob (proposed here too)"
    assert not found.kept


def test_a_template_whose_columns_were_not_exported_makes_no_address(split: Split) -> None:
    wishes = replace(EVERYONE, sip=SipAddresses(AddressFrom.TEMPLATE, "{surname}@contoso.com"))
    unseen = rows(("users", "surname", None, State.UNREADABLE, "nobody shows it"))
    users = text({**ADA, "surname": "Lo"})
    assert "what the template" in split(
        ENABLE, sent(("Ada", "USR-001", ENABLE)), unseen, profile=wishes, users=users, **LYNC
    ).why("Ada")
    without = split(ENABLE, sent(("Ada", "USR-001", ENABLE)), unseen, users=users, **LYNC)
    assert list(without.kept) == ["Ada"], "without a template nobody asks for them"


ELSEWHERE = {**ADA, "dn": "CN=Ada,OU=Other,DC=contoso,DC=example"}
LONDON = Site("London", ous=("OU=Staff,DC=contoso,DC=example",), home_pool="one.contoso.example")


@pytest.mark.parametrize(
    ("person", "sites", "pools", "expected"),
    [
        pytest.param(ADA, (PARIS,), TWO_POOLS, "two.contoso.example", id="that of the site"),
        pytest.param(ADA, (replace(PARIS, home_pool=""),), LYNC, "pool01.contoso.example", id="the only one"),
        pytest.param(ADA, (replace(PARIS, home_pool=""),), TWO_POOLS, "the forest has 2 pools", id="the site says none"),
        pytest.param(ELSEWHERE, (PARIS,), TWO_POOLS, "the profile says none for the user", id="at no site"),
        pytest.param(ADA, (PARIS, LONDON), TWO_POOLS, "at several sites of the profile (Paris, London)", id="at two sites"),
        pytest.param(ADA, (PARIS, LONDON), LYNC, "pool01.contoso.example", id="at two sites, with one pool"),
    ],
)
def test_the_home_pool_is_that_of_the_site_else_the_only_one(
    split: Split, person: Person, sites: tuple[Site, ...], pools: dict[str, str], expected: str
) -> None:
    if pools is LYNC:
        sites = tuple(replace(site, home_pool="") for site in sites)
    found = split(ENABLE, sent(("Ada", "USR-001", ENABLE)), profile=replace(EVERYONE, sites=sites), users=text(person), **pools)
    if found.kept:
        assert found.kept["Ada"]["RegistrarPool"] == expected
    else:
        assert expected in found.why("Ada")
        assert found.rejected["Ada"]["RegistrarPool"] == step.REVIEW


@pytest.mark.parametrize("target", [Target.UM_LYNC, CLOUD])
@pytest.mark.parametrize(
    ("shown", "clear"),
    [
        pytest.param("ada@contoso.com | - | DirSyncInNoService", True, id="no home there"),
        pytest.param("ADA@contoso.com | SRV: | HybridOnpremSfBUser", True, id="a home here, whatever the case of the name"),
        pytest.param("ada@contoso.com | sipfed.online.lync.com | HybridOnlineTeamsOnlyUser", False, id="a home there"),
        pytest.param("ada@contoso.com | - | PureOnlineTeamsOnlyUser", False, id="no provider, but a type that is there"),
        pytest.param("bob@contoso.com | - | DirSyncInNoService", False, id="nobody said anything of this user"),
    ],
)
def test_in_a_hybrid_forest_only_who_is_seen_without_a_home_in_teams_is_enabled(
    split: Split, target: Target, shown: str, clear: bool
) -> None:
    teams = f"user | upn | hosting_provider | interpreted_type\nx | {shown}"
    users = text(ADA, {**CAL, "deployment_locator": ONLINE})
    found = split(ENABLE, sent(("Ada", "USR-001", ENABLE)), target=target, users=users, teams_users=teams, **LYNC)
    assert bool(found.kept) is clear
    if not clear:
        assert "the forest is hybrid (1 in Teams or Skype for Business Online" in found.why("Ada")
        assert found.rejected["Ada"]["RegistrarPool"] == step.REVIEW


def test_a_name_that_two_users_have_shows_nothing_of_either(split: Split) -> None:
    teams = "user | upn | hosting_provider | interpreted_type\nx | ada@contoso.com | - | DirSyncInNoService"
    users = text(ADA, {**BOB, "upn": ADA["upn"]}, {**CAL, "deployment_locator": ONLINE})
    assert "is hybrid" in split(ENABLE, sent(("Ada", "USR-001", ENABLE)), users=users, teams_users=teams, **LYNC).why("Ada")


def test_a_contact_of_another_forests_user_is_not_enabled(split: Split) -> None:
    found = split(ENABLE, sent(("Ada", "USR-001", ENABLE)), users=text({**ADA, "object_class": "contact"}), **LYNC)
    assert "is a contact for a user of another forest" in found.why("Ada")


# ---- 21_cs_user_voice


def voice(split: Split, users: str, findings: str = NEW, profile: Profile = IN_RANGES, **given: Any) -> Any:
    return split(VOICE, findings, profile=profile, users=users, **{**LYNC, **given})


def test_who_is_enabled_by_file_20_gets_voice_by_file_21(split: Split) -> None:
    row = voice(split, text(ADA, CAL)).kept["Ada"]
    assert (row["EnterpriseVoiceEnabled"], row["LineURI"]) == ("True", "tel:+14255550100")
    assert (row["_Previous_EnterpriseVoiceEnabled"], row["_Previous_LineURI"]) == ("False", "")
    assert (row["_Rules"], row["_Why"]) == ("USR-001", "The line is free in its range.")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"telephone_number": "+1 425 555 0107"}, "tel:+14255550107", id="the telephone number"),
        pytest.param({"telephone_number": "+1 425 555 0117"}, "lies in a range of owner pbx", id="one that is on the PBX"),
        pytest.param({"telephone_number": "+1 425 555 0177"}, "lies in no range of the profile", id="one of no range"),
        pytest.param({"telephone_number": "+1 425 555 0101"}, "tel:+14255550100", id="one that somebody holds: a free one"),
        pytest.param({"line_uri": "tel:+442079460001"}, "tel:+442079460001", id="the line goes before"),
        pytest.param({"private_line": "tel:+14255550105"}, "has no line URI: none is proposed", id="a private line alone"),
    ],
)
def test_the_line_is_the_users_own_else_what_the_ranges_give(split: Split, changes: Person, expected: str) -> None:
    found = voice(split, text({**ADA, **changes}, CAL))
    if found.kept:
        assert found.kept["Ada"]["LineURI"] == expected
    else:
        assert expected in found.why("Ada")
        assert found.rejected["Ada"]["LineURI"] == step.REVIEW


def test_who_is_not_enabled_gets_no_voice_either(split: Split) -> None:
    found = voice(split, text({**ADA, "upn": "-"}, CAL))
    assert not found.kept
    assert found.why("Ada")


def test_who_was_accepted_without_a_place_in_lync_gets_no_row(split: Split) -> None:
    found = voice(split, text(ADA, CAL), f"identity | rule | csv | waived\nAda | USR-001 | {ENABLE} | Adele")
    assert not found.kept
    assert not found.rejected


def test_enterprise_voice_without_a_line_outside_the_population_gets_no_number_of_a_range(split: Split) -> None:
    shared = {**CAL, "line_uri": "-", "recipient_type": "4"}
    found = voice(split, text(shared), sent(("Cal", "USR-007", VOICE)))
    assert "turn it off, or assign a number: is not in the population" in found.why("Cal")
    assert (
        voice(split, text({**CAL, "line_uri": "-"}), sent(("Cal", "USR-007", VOICE))).kept["Cal"]["LineURI"] == "tel:+14255550100"
    )


def test_no_number_is_called_free_while_numbers_were_not_seen(split: Split) -> None:
    unseen = rows(("users", "telephone_number", None, State.UNREADABLE, "nobody shows it"))
    found = split(
        VOICE,
        sent(("Cal", "USR-006", VOICE), ("Dee", "USR-006", VOICE)),
        unseen,
        profile=IN_RANGES,
        users=text({**CAL, "line_uri": "-", "enterprise_voice": "no"}, {**DEE, "enterprise_voice": "no"}),
    )
    assert list(found.kept) == ["Dee"], "whoever holds a line keeps it"
    assert found.why("Cal") == "has no line URI: none is proposed"


@pytest.mark.parametrize("target", Target)
def test_lines_are_repaired_for_every_target(split: Split, target: Target) -> None:
    users = text({**CAL, "line_uri": "tel:14255550101"}, {**DEE, "line_uri": "-"})
    found = split(
        VOICE, sent(("Cal", "USR-009", VOICE), ("Dee", "USR-007", VOICE)), target=target, profile=IN_RANGES, users=users
    )
    assert found.kept["Dee"]["LineURI"] == "tel:+14255550100"
    assert "is not tel: and an international number" in found.why("Cal")


def test_nobody_is_enabled_on_premises_for_teams(split: Split) -> None:
    with pytest.raises(KeyError, match=ENABLE):
        split(ENABLE, NEW, target=TEAMS, users=text(ADA), **LYNC)


# ---- 26_cs_line_clear

BLOCKS = sent(("Cal", "MIG-002", CLEAR))


def ported(kind: NumberType | None, day: date | None, of_profile: NumberType | None = None) -> Profile:
    one = NumberRange("+14255550100", "+14255550109", Owner.TEAMS, number_type=kind, port_date=day)
    return replace(MANAGED, number_type=of_profile, ranges=Ranges((one,)))


DAY = TODAY.date()
NEXT = date.fromordinal(DAY.toordinal() + 1)
PLAN, CONNECT = NumberType.CALLING_PLAN, NumberType.OPERATOR_CONNECT


@pytest.mark.parametrize(
    ("changes", "wishes", "reason"),
    [
        pytest.param({}, DIRECT, "", id="Direct Routing"),
        pytest.param({"line_uri": "tel:5550101"}, DIRECT, "", id="a line that is no international number"),
        pytest.param({"deployment_locator": "SIPFED.online.gcc.teams.microsoft.com"}, DIRECT, "", id="homed in another cloud"),
        pytest.param({}, ported(PLAN, DAY), "", id="on the day it is ported"),
        pytest.param({}, ported(CONNECT, date(2026, 1, 1)), "", id="after it"),
        pytest.param({}, ported(CONNECT, NEXT), f"clear the line on {NEXT.isoformat()}", id="before it"),
        pytest.param({}, ported(None, NEXT, PLAN), "is ported later", id="before it, of the profile's type"),
        pytest.param({}, ported(PLAN, None), "when its range is ported (port_date), from +14255550100", id="no day is said"),
        pytest.param({}, ported(NumberType.DIRECT_ROUTING, NEXT, PLAN), "", id="a range that is not ported"),
        pytest.param(
            {"line_uri": "tel:+442079460001"}, ported(PLAN, DAY, PLAN), "lies in no [[range]]", id="outside of the ranges"
        ),
        pytest.param({}, MANAGED, "of which type the number is", id="no type is said"),
        pytest.param(
            {}, replace(DIRECT, numbers_managed=NumbersManaged.DIRECTORY), "managed in Teams", id="managed in the directory"
        ),
        pytest.param({}, replace(DIRECT, numbers_managed=None), "managed in Teams", id="nobody says where"),
        pytest.param({"line_uri": "-"}, DIRECT, "has no line URI", id="no line"),
        pytest.param({"remote_call_control": "yes"}, DIRECT, "is under remote call control", id="remote call control"),
        pytest.param({"deployment_locator": "srv:"}, DIRECT, "is not homed online", id="homed here"),
        pytest.param({"deployment_locator": "-"}, DIRECT, "is not homed online", id="homed nowhere"),
    ],
)
def test_a_line_is_cleared_of_who_is_in_teams_when_the_number_may_go(
    split: Split, changes: Person, wishes: Profile, reason: str
) -> None:
    found = split(CLEAR, BLOCKS, target=TEAMS, profile=wishes, users=text({**GONE, **changes}))
    if reason:
        assert not found.kept
        assert reason in found.why("Cal")
    else:
        row = found.kept["Cal"]
        assert (row["LineURI"], row["_Previous_LineURI"]) == (step.NULL, {**GONE, **changes}["line_uri"])
        assert "EnterpriseVoiceEnabled" not in row


def test_no_other_line_is_written_in_its_place() -> None:
    row = {
        "Identity": "CN=Cal,DC=contoso,DC=example",
        "LineURI": "tel:+14255550101",
        step.GUID: "b1946ac9-2b4d-4c6f-8a1e-0123456789ab",
    }
    assert list(bulk.faults(bulk.shipped()[CLEAR], {**dict.fromkeys(bulk.shipped()[CLEAR].header), **row}))
