from __future__ import annotations

from datetime import date

import pytest
from pandas import DataFrame
from sample_report import MANIFEST

from adinspect import assess, definitions, summary, testing, waivers
from adinspect.errors import ConfigurationError
from adinspect.finding import Target
from adinspect.testing import EVERYONE, TODAY, table
from adinspect.visibility import nothing_hidden, rows
from adinspect.waivers import Standing, Waivers

ADA = "0f8fad5b-d9cb-469f-a165-70867728950e"
TODAYS = date(2026, 11, 24)

FINDINGS = table(f"""
    rule    | key                           | guid  | dn
    USR-001 | USR-001/{ADA}                 | {ADA} | CN=Ada\\, Countess,DC=contoso,DC=example
    USR-001 | USR-001/b                     | b     | CN=Bob,DC=contoso,DC=example
    USR-002 | USR-002/{ADA}                 | {ADA} | CN=Ada\\, Countess,DC=contoso,DC=example
    CNS-001 | CNS-001/{ADA}/tel:1           | {ADA} | CN=Ada\\, Countess,DC=contoso,DC=example
    CNS-001 | CNS-001/{ADA}/tel:2           | {ADA} | CN=Ada\\, Countess,DC=contoso,DC=example
    TOP-001 | TOP-001/forest                |       | DC=contoso,DC=example
    CRT-003 | CRT-003/ex1.contoso.com/3F    |       |
    CRT-003 | CRT-003/ex1.contoso.com/A0    |       |
""")
KEY = "key"
"""Stands for the rule where a waiver names a finding."""


def written(*given: tuple[str, str, str], owner: str = "Adele Vance") -> Waivers:
    """Waivers as (rule, object, until), or (KEY, key of a finding, until)."""
    named = (f"key = '{what}'" if rule == KEY else f"rule = '{rule}'\nobject = '{what}'" for rule, what, _ in given)
    texts = (
        f"[[waiver]]\n{what}\nowner = '{owner} {place}'\nreason = 'moves out'\nuntil = {until}\n"
        for place, (what, (_, _, until)) in enumerate(zip(named, given, strict=True))
    )
    return waivers.load(definitions.parse("\n".join(texts), "w.toml"))


def applied(*given: tuple[str, str, str], **unjudged: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The owners of the findings' waivers, in their order, and each waiver's standing and message."""
    told = {code.replace("_", "-"): why for code, why in unjudged.items()}
    marked, standing = waivers.apply(FINDINGS, written(*given), today=TODAYS, unjudged=told)
    owners = [one["owner"][-1] if one else "-" for one in marked["waived"]]
    return owners, list(standing[["standing", "message"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("rule", "named", "owners"),
    [
        ("USR-001", ADA, "0-------"),
        ("USR-001", "{" + ADA.upper() + "}", "0-------"),
        ("USR-001", "cn=ada\\2c countess, dc=CONTOSO,dc=example", "0-------"),
        ("USR-002", ADA, "--0-----"),
        ("CNS-001", ADA, "---00---"),
        ("TOP-001", "DC=contoso,DC=example", "-----0--"),
        (KEY, "CNS-001/" + ADA + "/tel:2", "----0---"),
        (KEY, "CRT-003/ex1.contoso.com/3F", "------0-"),
        (KEY, "CRT-003/ex1.contoso.com", "--------"),
        (KEY, "CRT-003/ex1.contoso.com/3f", "--------"),
        (KEY, "USR-001/" + ADA, "0-------"),
        ("USR-003", ADA, "--------"),
        ("USR-001", "CN=Ada,DC=contoso,DC=example", "--------"),
    ],
)
def test_a_waiver_accepts_what_its_rule_found_on_its_object_and_nothing_else(rule: str, named: str, owners: str) -> None:
    assert "".join(applied((rule, named, "2027-01-01"))[0]) == owners


@pytest.mark.parametrize(
    ("until", "standing", "owners"),
    [("2026-11-25", Standing.ACCEPTS, "0"), ("2026-11-24", Standing.ACCEPTS, "0"), ("2026-11-23", Standing.EXPIRED, "-")],
)
def test_a_waiver_holds_through_its_last_day(until: str, standing: Standing, owners: str) -> None:
    marked, told = applied(("USR-001", ADA, until))
    assert (marked[0], told[0][0]) == (owners, standing)


def test_a_finding_without_an_object_is_accepted_by_its_key_until_the_day() -> None:
    key = "CRT-003/ex1.contoso.com/A0"
    for until, owner, standing, end in (
        ("2026-11-24", "0", Standing.ACCEPTS, ""),
        ("2026-11-23", "-", Standing.EXPIRED, "ended on 2026-11-23: what it accepted counts again."),
    ):
        marked, told = applied((KEY, key, until))
        assert (marked[7], told) == (owner, [(standing, end and f"The waiver of {key} (Adele Vance 0) {end}")])


def test_a_key_that_no_finding_has_is_said_with_why_as_far_as_that_is_known() -> None:
    ((standing, message),) = applied((KEY, "CRT-003/gone/3F", "2027-01-01"), CRT_003="it was skipped")[1]
    assert (standing, message) == (
        Standing.UNUSED,
        "The waiver of CRT-003/gone/3F (Adele Vance 0) matches no finding: it was skipped.",
    )


def test_an_expired_waiver_says_that_what_it_accepted_counts_again() -> None:
    (_, message), *_ = applied(("USR-001", ADA, "2026-11-01"))[1]
    assert message == f"The waiver of USR-001 on {ADA} (Adele Vance 0) ended on 2026-11-01: what it accepted counts again."


@pytest.mark.parametrize(
    ("unjudged", "said"),
    [
        ({}, "what it accepted is put right, or the object is another: take it out, or correct it."),
        ({"USR_003": "it was skipped"}, "it was skipped."),
    ],
)
def test_a_waiver_that_matches_nothing_says_why_as_far_as_that_is_known(unjudged: dict[str, str], said: str) -> None:
    ((standing, message),) = applied(("USR-003", ADA, "2027-01-01"), **unjudged)[1]
    assert standing == Standing.UNUSED
    assert message == f"The waiver of USR-003 on {ADA} (Adele Vance 0) matches no finding: {said}"


@pytest.mark.parametrize(("first", "second", "owner"), [("2027-01-01", "2026-12-01", "0"), ("2026-01-01", "2026-12-01", "1")])
def test_of_two_names_for_one_object_the_longer_waiver_holds_and_no_expiry_is_said(first: str, second: str, owner: str) -> None:
    marked, told = applied(("USR-001", ADA, first), ("USR-001", "CN=Ada\\, Countess,DC=contoso,DC=example", second))
    assert marked[0] == owner
    assert [message for _, message in told] == ["", ""]


GOOD = {"rule": '"USR-001"', "object": f'"{ADA}"', "owner": '"Adele"', "reason": '"moves"', "until": "2026-12-31"}


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        ({"until": '"2026-12-31"'}, 12, "waiver.1.until is a date without quotes"),
        ({"until": "2026-12-31T00:00:00Z"}, 12, "waiver.1.until is a date without quotes"),
        ({"until": None}, 7, "the key 'until' is missing"),
        ({"owner": '""'}, 10, "waiver.1.owner is a text and not empty"),
        ({"reason": '"  "'}, 11, "reason is blank"),
        ({"object": '"ada"'}, 9, "object is an objectGUID or a distinguished name, not 'ada'"),
        ({"ticket": "7"}, 13, "unknown key 'ticket'"),
        ({"rule": '"USR-001"', "object": f'"{ADA.upper()}"'}, 9, "has a waiver already"),
        ({"object": None}, 7, "the key 'object' is missing"),
        ({"key": '"USR-001/a"'}, 8, "rule beside key: a key names its rule and object already"),
        ({"rule": None, "key": '"USR-001/a"'}, 8, "object beside key"),
        ({"rule": None, "object": None, "key": '"USR-001"'}, 11, "key is that of a finding, as `assess --format json` shows it"),
        ({"rule": None, "object": None, "key": '"/a"'}, 11, "key is that of a finding"),
    ],
)
def test_a_mistake_is_named_with_its_line(change: dict[str, str | None], line: int, said: str) -> None:
    second = {**GOOD, "rule": '"USR-002"', **change}
    parts = [f"{key} = {value}" for key, value in second.items() if value]
    text = "\n".join(["[[waiver]]", *(f"{key} = {value}" for key, value in GOOD.items()), "[[waiver]]", *parts])
    with pytest.raises(ConfigurationError) as error:
        waivers.load(definitions.parse(text, "w.toml"))
    assert said in error.value.what
    assert error.value.where == f"w.toml, line {line}"


@pytest.mark.parametrize("text", ["", "# nobody accepts anything any more\n"])
def test_a_file_may_hold_none(text: str) -> None:
    assert waivers.load(definitions.parse(text, "w.toml")).given == ()


@pytest.mark.parametrize(("rule", "what"), [("USR-999", ADA), (KEY, f"USR-999/{ADA}")])
def test_a_rule_that_does_not_exist_is_named_with_its_line(rule: str, what: str) -> None:
    with pytest.raises(ConfigurationError, match="there is no rule USR-999") as error:
        judged(written(("USR-001", ADA, "2027-01-01"), (rule, what, "2027-01-01")))
    assert error.value.where == "w.toml, line 9"


def test_one_key_has_one_waiver() -> None:
    with pytest.raises(ConfigurationError, match="CRT-003/a/b has a waiver already") as error:
        written((KEY, "CRT-003/a/b", "2027-01-01"), (KEY, "CRT-003/a/b", "2027-02-01"))
    assert error.value.where == "w.toml, line 8"


USERS = table(f"""
    identity | guid  | recipient_type | sam_account_name | line_uri
    ada      | {ADA} | 1              | ada              | tel:1
    bob      | b     | 1              | bob              | tel:2
""")
"""Neither has a SIP address, and both have a line that is none."""


def judged(accepted: Waivers, *, target: Target = Target.UM_LYNC, unseen: DataFrame | None = None) -> assess.Assessment:
    read = testing.tables(users=USERS)
    seen = nothing_hidden() if unseen is None else unseen
    return assess.assess(read, seen, target=target, today=TODAY, profile=EVERYONE, accepted=accepted)


def test_accepted_findings_stay_in_the_list_and_are_counted_apart() -> None:
    found = judged(written(("USR-009", ADA, "2027-01-01")))
    of_rule = found.findings[found.findings["rule"] == "USR-009"]
    assert [one and one["until"] for one in of_rule["waived"]] == ["2027-01-01", None]
    assert waivers.told(of_rule).iloc[0] == "Adele Vance 0, until 2027-01-01: moves out"
    assert waivers.told(of_rule).isna().tolist() == [False, True]
    counts = summary.counts_by_rule(found).set_index("rule")
    assert (counts.loc["USR-009", "findings"], counts.loc["USR-009", "waived"]) == (2, 1)
    assert "USR-009" in set(waivers.standing(found.findings)["rule"])
    assert ADA not in set(waivers.standing(of_rule)["guid"])


@pytest.mark.parametrize(
    ("rule", "target", "said"),
    [
        ("GW-001", Target.UM_LYNC, "the rule was skipped (no Exchange organization is in sight"),
        ("GW-001", Target.TEAMS_PHONE, "the rule does not judge teams-phone"),
        ("USR-002", Target.UM_LYNC, "the rule could judge only 1 of 2"),
    ],
)
def test_a_waiver_whose_rule_could_not_judge_says_so_instead_of_asking_to_be_taken_out(
    rule: str, target: Target, said: str
) -> None:
    unseen = rows(("users", "sip_address", "b", "unreadable", "may not be read"))  # type: ignore[arg-type] # the word of the state
    (message,) = judged(written((rule, ADA, "2027-01-01")), target=target, unseen=unseen).waivers["message"]
    assert said in message


def test_what_is_expired_or_matches_nothing_must_not_be_overlooked() -> None:
    found = judged(written(("USR-009", ADA, "2026-01-01"), ("USR-009", "CN=Nobody", "2027-01-01")))
    told = summary.attention(MANIFEST, found)["message"].tolist()
    assert any("ended on 2026-01-01" in message for message in told)
    assert any("CN=Nobody" in message and "matches no finding" in message for message in told)
