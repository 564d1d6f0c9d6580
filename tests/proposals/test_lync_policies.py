"""Files 22 to 25: what users of Lync are granted at their site, and hosted voice mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from lync_people import (
    ADA,
    AT_PARIS,
    CAL,
    CLOUD,
    DIAL_PLAN,
    ENABLE,
    GRANT,
    HOSTED,
    LEADS,
    LISTED,
    NEW,
    ONLINE,
    PARIS,
    POLICY,
    RANGES,
    TWO_POOLS,
    VOICE,
    Person,
    granted,
    sent,
    text,
)

from adinspect import bulk, step
from adinspect.finding import Target
from adinspect.profile import Profile
from adinspect.testing import EVERYONE

Split = Callable[..., Any]


# ---- 22_cs_dialplan_grant, 23_cs_voicepolicy_grant


def site_policy(split: Split, csv: str, person: Person = CAL, previous: str | None = "-", **given: Any) -> Any:
    """What the site of a user gives, to whom a policy was granted before ('-': none; None: nobody said)."""
    told = {} if previous is None else {"cs_users": granted((person["identity"], previous, previous, previous))}
    findings = given.pop("findings", sent())
    return split(csv, findings, **{"profile": AT_PARIS, "users": text(person), **TWO_POOLS, **told, **given})


WISHED = {DIAL_PLAN: "Paris", POLICY: "National"}
POLICIES = pytest.mark.parametrize("csv", WISHED)


@POLICIES
def test_a_user_to_whom_nothing_was_granted_is_given_what_the_site_says(split: Split, csv: str) -> None:
    row = site_policy(split, csv).kept["Cal"]
    assert (row["PolicyName"], row["_Previous_PolicyName"]) == (WISHED[csv], "")
    assert row["_Why"] == f"The profile gives {WISHED[csv]} at site Paris."


@POLICIES
@pytest.mark.parametrize("previous", ["{}", "Tag:{}", "tag:{}"])
def test_who_has_it_already_gets_no_row(split: Split, csv: str, previous: str) -> None:
    found = site_policy(split, csv, previous=previous.format(WISHED[csv].upper()))
    assert not found.kept
    assert not found.rejected


@POLICIES
def test_what_was_granted_before_is_written_beside_it(split: Split, csv: str) -> None:
    allowed = "scope | usages\nTag:National | Local\nTag:Old | Local, x\nTag:Old2 | Local"
    row = site_policy(split, csv, previous="Tag:Old2", cs_voicepolicies=allowed).kept["Cal"]
    assert row["_Previous_PolicyName"] == "Old2", "what the cmdlet would take"


@POLICIES
@pytest.mark.parametrize(
    ("person", "wishes"),
    [
        pytest.param(
            CAL, replace(EVERYONE, sites=(replace(PARIS, lync_dial_plan="", voice_policy=""),)), id="the profile says nothing"
        ),
        pytest.param({**CAL, "dn": "CN=Cal,OU=Other,DC=contoso,DC=example"}, AT_PARIS, id="at no site"),
        pytest.param({**CAL, "enterprise_voice": "no"}, AT_PARIS, id="no Enterprise Voice, and nobody says that there should be"),
        pytest.param({**CAL, "deployment_locator": ONLINE}, AT_PARIS, id="homed online"),
    ],
)
def test_who_is_given_nothing_gets_no_row(split: Split, csv: str, person: Person, wishes: Profile) -> None:
    found = site_policy(split, csv, person, profile=wishes, cs_users=granted(("Cal", "-", "-", "-")))
    assert not found.kept
    assert not found.rejected


@POLICIES
def test_where_what_was_granted_is_not_known_nobody_gets_another_one(split: Split, csv: str) -> None:
    assert "supply cs-users.csv" in site_policy(split, csv, previous=None).why("Cal")
    others = site_policy(split, csv, cs_users=granted(("Dee", "-", "-", "-")))
    assert "the present " in others.why("Cal")


@POLICIES
def test_who_gets_voice_by_this_plan_gets_the_sites_policy_too(split: Split, csv: str) -> None:
    users = text(ADA, {**CAL, "enterprise_voice": "no"})
    findings = sent(("Ada", "USR-001", ENABLE), ("Cal", "USR-006", VOICE))
    found = split(csv, findings, profile=AT_PARIS, users=users, cs_users=granted(("Cal", "-", "-", "-")), **TWO_POOLS)
    assert list(found.kept) == ["Ada", "Cal"]
    assert found.kept["Ada"]["_Previous_PolicyName"] == ""


@POLICIES
def test_who_was_accepted_without_a_policy_gets_none(split: Split, csv: str) -> None:
    accepted = f"identity | rule | csv | waived\nCal | USR-013 | {csv} | Adele"
    found = site_policy(split, csv, findings=accepted)
    assert not found.kept
    assert not found.rejected


USAGES = "scope | usages\nTag:National | Local"


@pytest.mark.parametrize(
    ("previous", "allowed", "reason"),
    [
        pytest.param("Everywhere", "{}\nTag:Everywhere | Local", "", id="as much"),
        pytest.param(
            "Internal", "{}\nTag:Internal | -", "it allows what Internal, which was granted, does not: Local", id="less"
        ),
        pytest.param("Other", "{}", "is not known: supply cs-voicepolicies.csv with both", id="one that is not listed"),
        pytest.param("Other", None, "is not known: supply cs-voicepolicies.csv with both", id="no list"),
        pytest.param("-", None, "", id="none"),
    ],
)
def test_nobody_is_let_call_more_than_a_granted_policy_allows(
    split: Split, previous: str, allowed: str | None, reason: str
) -> None:
    given: dict[str, Any] = {} if allowed is None else {"cs_voicepolicies": allowed.format(USAGES)}
    found = site_policy(split, POLICY, previous=previous, **given)
    assert bool(found.kept) is not bool(reason)
    assert not reason or reason in found.why("Cal")


def test_who_is_not_in_the_population_is_not_let_call_more_by_the_way(split: Split) -> None:
    shared = {**CAL, "recipient_type": "4"}
    assert "is not in the population" in site_policy(split, POLICY, shared).why("Cal")
    assert list(site_policy(split, DIAL_PLAN, shared).kept) == ["Cal"]


# ---- 24_cs_hostedvm_grant, 25_cs_hostedvm_set

OFF = sent(("Cal", "MIG-011", GRANT), ("Cal", "MIG-011", HOSTED))


def hosted(split: Split, csv: str, person: Person = CAL, previous: str | None = "-", **given: Any) -> Any:
    told = {} if previous is None else {"cs_users": granted((person["identity"], "-", "-", previous))}
    common = {"target": CLOUD, "profile": AT_PARIS, "users": text(person), "cs_hostedvm": LISTED, **TWO_POOLS, **told}
    return split(csv, given.pop("findings", OFF), **{**common, **given})


UNSAID = replace(EVERYONE, sites=(replace(PARIS, hosted_voicemail_policy=""),))
INHERITED = f"scope | destination | organization\nGlobal | {LEADS}"


@pytest.mark.parametrize(
    ("previous", "given", "expected"),
    [
        pytest.param("-", {}, "Cloud", id="that of the site"),
        pytest.param("Old", {}, "Cloud", id="in place of another one"),
        pytest.param("Tag:cloud", {}, None, id="it has it"),
        pytest.param(
            "-",
            {"cs_hostedvm": INHERITED + f"\nTag:Cloud | {LEADS}"},
            "Cloud",
            id="although that of the organization leads there",
        ),
        pytest.param("-", {"profile": UNSAID, "cs_hostedvm": INHERITED}, None, id="that of the organization leads there"),
        pytest.param(
            "-",
            {"profile": UNSAID, "cs_hostedvm": INHERITED + "\nSite:Lyon | a.example | b"},
            "the profile gives the user no",
            id="that of some site does not",
        ),
        pytest.param("-", {"profile": UNSAID}, "the profile gives the user no", id="nothing applies"),
        pytest.param("Cloud", {"profile": UNSAID}, None, id="what is granted leads there"),
        pytest.param("Old", {"profile": UNSAID}, "the profile gives the user no", id="what is granted does not"),
        pytest.param(
            "-",
            {"cs_hostedvm": "scope | destination | organization\nTag:Cloud | - | contoso.com"},
            "cs-hostedvm.csv shows no such policy",
            id="no destination",
        ),
        pytest.param(
            "-",
            {"cs_hostedvm": "scope | destination | organization\nTag:Cloud | exap.um.outlook.com | -"},
            "cs-hostedvm.csv shows no such policy",
            id="no organization",
        ),
        pytest.param(
            "Cloud",
            {"cs_hostedvm": "scope | destination | organization\nTag:Cloud | - | -"},
            "cs-hostedvm.csv shows no such policy",
            id="it has it, and it leads nowhere",
        ),
        pytest.param(None, {}, "supply cs-users.csv", id="what is granted is not known"),
    ],
)
def test_a_hosted_voice_mail_policy_that_leads_to_the_cloud_is_granted(
    split: Split, previous: str | None, given: dict[str, Any], expected: str | None
) -> None:
    found = hosted(split, GRANT, previous=previous, **given)
    if expected == "Cloud":
        assert found.kept["Cal"]["PolicyName"] == "Cloud"
    elif expected is None:
        assert not found.kept
        assert not found.rejected
    else:
        assert expected in found.why("Cal")
    switched = hosted(split, HOSTED, previous=previous, **given)
    assert bool(switched.kept) is (expected in ("Cloud", None)), "hosted voice mail needs a policy that leads there first"


def test_which_hosted_voice_mail_policies_exist_is_not_guessed(split: Split) -> None:
    found = split(
        GRANT, OFF, target=CLOUD, profile=AT_PARIS, users=text(CAL), cs_users=granted(("Cal", "-", "-", "-")), **TWO_POOLS
    )
    assert "supply cs-hostedvm.csv" in found.why("Cal")


def test_hosted_voice_mail_is_set_after_its_policy(split: Split) -> None:
    row = hosted(split, HOSTED).kept["Cal"]
    assert (row["HostedVoiceMail"], row["_Previous_HostedVoiceMail"]) == ("True", "")


def test_who_gets_voice_by_this_plan_gets_hosted_voice_mail_too(split: Split) -> None:
    given: dict[str, Any] = {
        "findings": NEW,
        "profile": replace(AT_PARIS, ranges=RANGES),
        "users": text(ADA, {**CAL, "identity": "Zed"}),
    }
    for csv in (GRANT, HOSTED):
        assert list(hosted(split, csv, ADA, **given).kept) == ["Ada"], csv


@pytest.mark.parametrize("csv", [GRANT, HOSTED])
def test_the_user_of_another_forest_has_voice_mail_there(split: Split, csv: str) -> None:
    contact = {**CAL, "object_class": "contact", "enterprise_voice": "no"}
    found = hosted(split, csv, contact, findings=sent(("Cal", "USR-006", VOICE)))
    assert not found.kept
    assert not found.rejected


def test_while_unified_messaging_is_on_hosted_voice_mail_waits(split: Split) -> None:
    um = {**CAL, "um_enabled": "yes", "mailbox_database": "CN=DB"}
    found = hosted(split, HOSTED, um)
    assert not found.kept or "29_um_mailbox_disable" in bulk.shipped()
    if not found.kept:
        assert "waits for its row in 29_um_mailbox_disable" in found.why("Cal")


def test_eum_addresses_without_unified_messaging_are_told(split: Split) -> None:
    held = "identity | address\nCal | eum:50101;phone-context=HQ.contoso.example"
    found = hosted(split, HOSTED, proxy_addresses=held)
    assert "has EUM addresses without Unified Messaging" in found.why("Cal")
    assert found.rejected["Cal"]["HostedVoiceMail"] == "True", "a person may approve it as it stands"


BOTH = sent(("Cal", "CNS-019", HOSTED))
SETTING = "identity | setting\nCal | CsHostedVoiceMail=1"


def test_for_exchange_um_hosted_voice_mail_is_emptied_and_never_false_once_a_person_says_so(split: Split) -> None:
    found = split(HOSTED, BOTH, users=text({**CAL, "um_enabled": "yes"}), voice_mail_settings=SETTING)
    row = found.rejected["Cal"]
    assert (row["HostedVoiceMail"], row["_Previous_HostedVoiceMail"]) == (step.NULL, "True")
    assert "approve, and they go to Exchange UM" in row["_Reason"]
    assert not list(bulk.faults(bulk.shipped()[HOSTED], {**row, "HostedVoiceMail": step.NULL})), "approved, it can be run"


def test_who_would_be_left_without_voice_mail_is_told(split: Split) -> None:
    found = split(HOSTED, BOTH, users=text(CAL), voice_mail_settings=SETTING)
    assert "the user has no voice mail until it is on" in found.why("Cal")


@pytest.mark.parametrize("target", [Target.UM_LYNC, CLOUD])
def test_the_mark_of_exchange_is_never_changed_automatically(split: Split, target: Target) -> None:
    settings = SETTING + "\nCal | ExchangeHostedVoiceMail=1"
    found = hosted(split, HOSTED, findings=BOTH, target=target, voice_mail_settings=settings)
    assert found.rejected["Cal"]["HostedVoiceMail"] == step.REVIEW
    assert "the mark of Exchange itself" in found.why("Cal")
