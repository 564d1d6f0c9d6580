from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lab import Lab
from live_snapshots import take_live
from pandas import DataFrame

from adinspect import assess, definitions, new_profile, profile, rules
from adinspect.finding import Target
from adinspect.profile import Elsewhere, Profile
from adinspect.sites import Owner
from adinspect.testing import EVERYONE, TODAY, table, tables
from adinspect.view import View
from adinspect.visibility import State, nothing_hidden, rows

NAUGHTY: list[str] = json.loads((Path(__file__).parent / "data" / "corpora" / "blns" / "blns.json").read_text(encoding="utf-8"))
ODD = ["\x00", "\x7f", "\x85", "\u2028", "\u202e", "\U000e0001", "]\n[rules]", '"""', "a\\", "\t", "\r\n"]


def written(whole: dict[str, DataFrame], visibility: DataFrame | None = None) -> str:
    unseen = nothing_hidden() if visibility is None else visibility
    found = assess.assess(whole, unseen, target=Target.UM_LYNC, today=TODAY, profile=EVERYONE)
    view = assess.view_of(whole, unseen, target=Target.UM_LYNC, today=TODAY, profile=EVERYONE)
    return new_profile.text(replace(view, tables={**view.tables, "findings": found.findings}))


def loaded(text: str) -> Profile:
    read = profile.load(definitions.parse(text, "new.toml"))
    assess.check_settings(read, rules.shipped())
    return read


def believed(text: str) -> Profile:
    """The profile with every guess taken for true; an answer is a person's to give."""
    return loaded("\n".join(line.removeprefix("# ") for line in text.splitlines() if not line.startswith("# CNS-")))


def seen(wishes: Profile, whole: dict[str, DataFrame]) -> View:
    return assess.view_of(whole, nothing_hidden(), target=Target.UM_LYNC, today=TODAY, profile=wishes)


def forest(**more: DataFrame) -> dict[str, DataFrame]:
    people = [
        f"{city}{number} | CN={city}{number},OU={city},OU=Staff,DC=contoso,DC=example | {city} | {numbers.format(number)}"
        f" | CN=Lc,CN=P | SRV: | CN=HQ"
        for city, numbers in (("Paris", "tel:+331990010{0:02} | -"), ("London", "- | +44 20 7946 00{0:02}"))
        for number in range(6)
    ]
    header = "identity | dn | office | line_uri | telephone_number | pool_service | deployment_locator | um_dial_plan\n"
    return tables(
        users=table(header + "\n".join(people)).assign(recipient_type="1", object_class="user"),
        pools=table("fqdn | dn\npool1.contoso.com | CN=P"),
        pool_services=table("identity | dn | pool\nLc | CN=Lc,CN=P | CN=P"),
        sip_domains=table("domain\ncontoso.com\nnot a domain"),
        dial_plans=table("name | dn\nHQ | CN=HQ"),
        **more,
    )


def test_what_is_certain_is_said_and_what_is_a_guess_counts_for_nothing() -> None:
    read = loaded(written(forest()))
    assert (read.lync_forest, read.exchange_forest) == (Elsewhere.THIS, Elsewhere.UNKNOWN)
    assert read.sip.domains == ("contoso.com",)
    assert (read.sites, len(read.ranges), read.region, read.decisions, read.gates) == ((), 0, "", {}, ())
    assert not read.population.named


def test_a_guess_that_is_believed_holds_in_the_same_forest() -> None:
    text = written(forest())
    read = believed(text)
    assert [(site.name, site.offices, site.home_pool, site.um_dial_plan) for site in read.sites] == [
        ("London", ("London",), "pool1.contoso.com", "HQ"),
        ("Paris", ("Paris",), "pool1.contoso.com", "HQ"),
    ]
    assert {(one.start, one.end, one.owner, one.site) for one in read.ranges} == {
        ("+33199001000", "+33199001099", Owner.LYNC, "Paris"),
        ("+442079460000", "+442079460099", Owner.PBX, "London"),
    }
    assert set(seen(read, forest()).tables["users"]["site"]) == {"London", "Paris"}
    assert '# CNS-009 = ""   # found 0 times: SIP address \u2026 of \u2026 is not its user principal name \u2026.' in text


def test_where_people_have_no_office_their_organizational_units_are_guessed() -> None:
    whole = forest()
    whole["users"] = whole["users"].assign(office=None).astype({"office": "str"})
    read = believed(written(whole))
    assert [(site.name, site.ous) for site in read.sites] == [
        ("Staff / London", ("OU=London,OU=Staff,DC=contoso,DC=example",)),
        ("Staff / Paris", ("OU=Paris,OU=Staff,DC=contoso,DC=example",)),
    ]


def test_a_table_that_was_not_seen_whole_is_named() -> None:
    text = written(forest(), rows(("pools", "", None, State.INCOMPLETE, 'cut\n"off"')))
    assert '## Not all of pools was seen: "cut\\u000a\\"off\\""' in text.splitlines()


def test_an_empty_forest_gives_a_profile_that_loads() -> None:
    assert loaded(written(tables())).lync_forest is Elsewhere.UNKNOWN


@pytest.mark.parametrize("odd", [NAUGHTY, ODD], ids=["naughty strings", "control characters"])
def test_no_text_of_the_directory_leaves_its_quotes(odd: list[str]) -> None:
    texts = [text for text in odd if text.strip()]
    users = DataFrame({"identity": [f"u{number}" for number in range(len(texts))], "office": texts}, dtype="str")
    users = users.assign(dn="CN=" + users["identity"] + ",OU=Staff,DC=contoso,DC=example", sip_enabled="yes")
    named = DataFrame({"name": texts, "dn": users["dn"]}, dtype="str")
    domains = DataFrame({"domain": texts}, dtype="str")
    text = written(
        tables(
            users=users,
            dial_plans=named,
            mailbox_policies=named,
            sip_domains=domains,
            pools=named.rename(columns={"name": "fqdn"}),
        )
    )
    assert loaded(text).sites == ()
    assert all(line.isprintable() for line in text.split("\n"))
    offices = {office for site in believed(text).sites for office in site.offices}
    assert offices <= set(texts)
    assert len(offices) >= min(len(texts), new_profile.MOST)


def test_any_text_is_one_value_of_toml() -> None:
    values = {f"k{number}": value for number, value in enumerate([*NAUGHTY, *ODD, "\ud800"])}
    text = "\n".join(f"{key} = {new_profile.quoted(value)}" for key, value in values.items())
    assert text.count("\n") == len(values) - 1
    assert definitions.parse(text, "x").content == {key: value.replace("\ud800", "\ufffd") for key, value in values.items()}


def test_the_profile_of_the_lab_loads_and_its_guesses_hold(lab: Lab, tmp_path: Path) -> None:
    one = take_live(lab, lab.administrator, tmp_path)
    judged: dict[str, Any] = {"target": Target.UM_LYNC, "today": one.taken}
    found = assess.assess(one.tables, one.visibility, **judged)
    view = assess.view_of(one.tables, one.visibility, profile=Profile(), **judged)
    text = new_profile.text(replace(view, tables={**view.tables, "findings": found.findings}))
    assert loaded(text).sip.domains
    assess.view_of(one.tables, one.visibility, profile=believed(text), **judged)
