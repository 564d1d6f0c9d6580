from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas import DataFrame
from sample_report import MANIFEST

from adinspect import definitions, profile, report, summary, testing
from adinspect.assess import Assessment, assess
from adinspect.finding import FINDING_COLUMNS, Target
from adinspect.frames import SEVERITIES
from adinspect.profile import Profile
from adinspect.visibility import State, nothing_hidden, rows

ENDED = "and what was not read is not judged"
EXPORT = "This was read from an export. What its maker was not allowed to see cannot be told from what is missing."


def search(
    query: str, state: str, reason: str = "", context: str = "DC=contoso,DC=com", base: str = "domains"
) -> Mapping[str, Any]:
    return {"query": query, "base": base, "context": context, "state": state, "reason": reason}


def assessment(
    *findings: tuple[str, str, str], coverage: Sequence[tuple[str, int, int, str]] = (), skipped: Sequence[tuple[str, str]] = ()
) -> Assessment:
    """Findings as (rule, severity, identity)."""
    named = DataFrame(
        [dict(zip(("rule", "severity", "identity"), one, strict=True)) for one in findings], columns=list(FINDING_COLUMNS)
    )
    told = named.assign(
        key=named["rule"] + "/" + named["identity"], dn=named["identity"], severity=named["severity"].astype(SEVERITIES)
    )
    return Assessment(
        told,
        DataFrame(skipped, columns=["rule", "reason"], dtype="str"),
        DataFrame(coverage, columns=["rule", "judged", "of", "note"]),
    )


def all_tables(
    visibility: DataFrame | None = None, wishes: Profile = testing.EVERYONE, **written: DataFrame
) -> dict[str, DataFrame]:
    read = testing.tables(**written)
    seen = nothing_hidden() if visibility is None else visibility
    judged = assess(read, seen, target=Target.UM_LYNC, today=testing.TODAY, profile=wishes)
    return summary.tables(MANIFEST, read, seen, judged, target=Target.UM_LYNC, profile=wishes)


ATTENTION: Mapping[str, tuple[Mapping[str, Any], list[tuple[str, str]]]] = {
    "all was seen": ({"queries": [search("users", "complete")]}, []),
    "a search that ended early": (
        {"queries": [search("users", "partial", "the connection was cut"), search("groups", "complete")]},
        [("critical", f"PARTIAL SNAPSHOT. 1 search ended early, {ENDED}: users in DC=contoso,DC=com: the connection was cut.")],
    ),
    "many searches that ended early": (
        {"queries": [search("users", "failed", "cut", f"DC={place}") for place in "ABCDE"]},
        [
            (
                "critical",
                f"PARTIAL SNAPSHOT. 5 searches ended early, {ENDED}: "
                "users in DC=A: cut; users in DC=B: cut; users in DC=C: cut; and 2 more.",
            )
        ],
    ),
    "domains that were not read": (
        {"unread_domains": ["emea.contoso.com", "apac.contoso.com"]},
        [
            ("critical", "DOMAIN NOT READ: emea.contoso.com. Its users, contacts and groups are not in this report."),
            ("critical", "DOMAIN NOT READ: apac.contoso.com. Its users, contacts and groups are not in this report."),
        ],
    ),
    "domains nobody could name": (
        {"unread_domains": ["not known (no answer)"]},
        [("critical", "DOMAINS NOT KNOWN. Which domains the forest has could not be read: not known (no answer).")],
    ),
    "an export without the configuration": (
        {"account": "", "queries": [search(name, "failed", "none", "", "configuration") for name in ("dial_plans", "servers")]},
        [
            ("high", "NOT READ: dial_plans, servers. The naming context configuration is not in what was read."),
            ("medium", EXPORT),
        ],
    ),
}


@pytest.mark.parametrize("case", ATTENTION)
def test_what_must_not_be_overlooked_is_said(case: str) -> None:
    differing, lines = ATTENTION[case]
    found = summary.attention({**MANIFEST, **differing}, assessment(coverage=[("USR-001", 1, 1, "")]))
    assert list(found.itertuples(index=False, name=None)) == lines
    assert found["severity"].dtype == SEVERITIES


def test_rules_not_judged_whole_are_counted_among_what_must_not_be_overlooked() -> None:
    judged = assessment(
        coverage=[("USR-001", 1, 1, ""), ("USR-002", 1, 2, "1 was not seen")],
        skipped=[("DP-001", "unseen"), ("DP-002", "unseen"), ("DP-005", "unseen")],
    )
    told = summary.attention(MANIFEST, judged)["message"].tolist()
    assert told == ["3 of 5 rules could not be judged, 1 only in part: see Not looked at."]


def test_the_shipped_report_begins_with_what_must_not_be_overlooked() -> None:
    first = report.find("remediation").sheets[0].blocks[0]
    assert (first.table, first.alert, first.title) == ("attention", True, "")


def test_the_shipped_report_can_be_built_of_what_summary_gives() -> None:
    made = report.build(report.find("remediation"), all_tables(), taken=testing.TODAY)
    assert [sheet.title for sheet in made.sheets[:4]] == ["Summary", "To do", "Forest", "Exchange organization"]
    assert list(made.sheets[1].blocks[0].columns.values()) + list(made.sheets[1].blocks[0].blank) == [
        *("Rule", "Severity", "Certainty", "Object", "Table", "What is wrong", "Because", "Waived"),
        *("What to do", "Cmdlet", "Wave", "Bulk CSV", "DN", "GUID", "Owner", "Due", "Status"),
    ]


def test_every_severity_is_counted_and_explained() -> None:
    found = summary.counts_by_severity(assessment(("A", "high", "x"), ("A", "high", "y"), ("B", "info", "x")).findings)
    assert list(zip(found["severity"], found["findings"], strict=True)) == [
        ("critical", 0),
        ("high", 2),
        ("medium", 0),
        ("low", 0),
        ("info", 1),
    ]
    assert found["meaning"].str.len().gt(0).all()


def test_no_findings_are_counted_too() -> None:
    assert summary.counts_by_severity(assessment().findings)["findings"].tolist() == [0, 0, 0, 0, 0]
    assert summary.counts_by_rule(assessment()).empty


def test_rules_are_counted_the_worst_and_the_most_found_first() -> None:
    judged = assessment(
        *(("USR-001", "high", one) for one in ("a", "b")),
        ("USR-003", "high", "a"),
        ("DP-007", "medium", "x"),
        ("DP-007", "critical", "y"),
        coverage=[
            ("USR-003", 4, 5, "1 was not seen"),
            ("USR-001", 5, 5, ""),
            ("DP-001", 1, 1, ""),
            ("DP-007", 2, 2, ""),
            ("SITE-1", 1, 1, ""),
        ],
    )
    found = summary.counts_by_rule(judged)
    assert list(found.columns) == ["rule", "severity", "title", "findings", "waived", "judged", "of", "note"]
    assert found[["rule", "findings", "judged", "of", "note"]].values.tolist() == [
        ["DP-007", 2, 2, 2, ""],
        ["USR-001", 2, 5, 5, ""],
        ["USR-003", 1, 4, 5, "1 was not seen"],
        ["DP-001", 0, 1, 1, ""],
        ["SITE-1", 0, 1, 1, ""],
    ]
    assert found["severity"].astype(object).where(found["severity"].notna(), None).tolist() == [
        "critical",
        "high",
        "high",
        None,
        None,
    ]


def test_a_rule_is_titled_by_its_message_without_particulars() -> None:
    titles = summary.counts_by_rule(assessment(coverage=[("DP-001", 1, 1, ""), ("SITE-1", 1, 1, "")]))["title"]
    assert titles.tolist() == ["Forest … has no SIP URI UM dial plan.", ""]


def test_what_was_not_looked_at_is_told_like_things_on_one_line() -> None:
    manifest = {
        **MANIFEST,
        "unread_domains": ["emea.contoso.com"],
        "queries": [
            search("users", "partial", "cut"),
            search("dial_plans", "failed", "not in this export", "", "configuration"),
            search("pools", "complete"),
        ],
        "undecoded": 3,
        "without_guid": 2,
        "dropped": {"unicodePwd": 1},
    }
    visibility = rows(
        ("users", "", None, State.INCOMPLETE, "the domain emea.contoso.com was not read"),
        ("contacts", "", None, State.INCOMPLETE, "the domain emea.contoso.com was not read"),
        *(
            ("users", column, guid, State.UNREADABLE, "msRTCSIP-OptionFlags may not be read")
            for guid in ("g1", "g2")
            for column in ("option_flags", "enterprise_voice")
        ),
        ("users", "ip_phone", None, State.NO_SCHEMA, "ipPhone is not in the forest's schema"),
    )
    found = summary.not_looked_at(
        manifest, visibility, assessment(skipped=[("DP-001", "unseen"), ("USR-001", "else"), ("DP-002", "unseen")])
    )
    told = found.astype(object).where(found.notna(), None).values.tolist()
    assert told == [
        ["domain", "emea.contoso.com", None, "its naming context is not in what was read"],
        ["search", "users in DC=contoso,DC=com", None, "partial: cut"],
        ["search", "dial_plans in configuration", None, "failed: not in this export"],
        ["rule", "DP-001, DP-002", None, "unseen"],
        ["rule", "USR-001", None, "else"],
        ["table", "users, contacts", None, "incomplete: the domain emea.contoso.com was not read"],
        ["column", "users.option_flags, users.enterprise_voice", 2, "unreadable: msRTCSIP-OptionFlags may not be read"],
        ["column", "users.ip_phone", None, "not in the schema: ipPhone is not in the forest's schema"],
        ["value", "values that are not what their column says", None, "3 were kept as octets in table undecoded"],
        ["value", "objectGUID", 2, "entries without one were given one made of their DN"],
        ["value", "unicodePwd", None, "1 values were dropped: secret attributes are never kept"],
    ]


def test_where_all_was_looked_at_nothing_is_said() -> None:
    assert summary.not_looked_at(MANIFEST, nothing_hidden(), assessment()).empty


USERS = testing.table("""
    identity | enterprise_voice | option_flags | ip_phone | created
    Ada      | yes              | 385          | 1        | 2020-01-01
    Bob      | -                | -            | -        | -
""")


@pytest.mark.parametrize(
    ("column", "guid", "state", "shown"),
    [
        ("enterprise_voice", "users-1", State.UNREADABLE, [True, "(unreadable)"]),
        ("option_flags", "users-1", State.UNDECODABLE, [385, "(undecodable)"]),
        ("ip_phone", None, State.UNASKED, ["(not exported)", "(not exported)"]),
        ("ip_phone", None, State.NO_SCHEMA, ["1", None]),
        ("created", "users-1", State.UNREADABLE, [pd.Timestamp("2020-01-01", tz="UTC"), "(unreadable)"]),
    ],
)
def test_what_was_not_seen_does_not_look_like_missing(column: str, guid: str | None, state: State, shown: list[Any]) -> None:
    users = testing.tables(users=USERS)["users"]
    found = summary.shown("users", users, rows(("users", column, guid, state, "why")))[column]
    assert found.astype(object).where(found.notna(), None).tolist() == shown
    assert users[column].dtype == testing.tables(users=USERS)["users"][column].dtype


def test_other_tables_and_child_tables_are_shown_as_they_are() -> None:
    read = testing.tables(users=USERS, proxy_addresses=testing.table("identity | address\nAda | smtp:ada@contoso.com"))
    hidden = rows(
        ("contacts", "mail", None, State.UNREADABLE, "why"), ("proxy_addresses", "address", "users-0", State.UNDECODABLE, "why")
    )
    assert summary.shown("users", read["users"], hidden).equals(read["users"])
    assert summary.shown("proxy_addresses", read["proxy_addresses"], hidden).equals(read["proxy_addresses"])


PEOPLE = testing.table("""
    identity | recipient_type | sam_account_name | dn
    Ada      | 1              | ada              | CN=Ada,DC=contoso,DC=example
    Bob      | 1              | bob              | CN=Bob,DC=contoso,DC=example
    Room     | 16             | room             | CN=Room,DC=contoso,DC=example
""")
ORGANIZATION = testing.table("name\nContoso")


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        ([], "2"),
        ([("users", "recipient_type", "users-1", State.UNREADABLE, "may not be read")], "1; of 1 more it is not known"),
        (
            [("users", "recipient_type", None, State.UNREADABLE, "unread")],
            "not known: users.recipient_type decides who should have voice: unread",
        ),
    ],
)
def test_the_population_is_only_told_as_far_as_it_is_known(hidden: list[Any], said: str) -> None:
    facts = all_tables(rows(*hidden), users=PEOPLE, organization=ORGANIZATION)["overview"].set_index("fact")["value"]
    assert facts["Users who should have voice"] == said


SIDE = {"side": [{"file": "cs-pools.csv"}, {"file": "cs-users.csv"}]}


def test_the_overview_tells_where_from_when_and_by_whom(tmp_path: Path) -> None:
    wishes = profile.load(definitions.parse("", str(tmp_path / "contoso.toml")))
    unread = {**MANIFEST, "unread_domains": ["apac.contoso.com"], "supplied": SIDE}
    users = testing.tables(users=PEOPLE)["users"].assign(expected=[True, True, False])
    hidden = rows(("users", "", None, State.INCOMPLETE, "the domain apac.contoso.com was not read"))
    judged = assessment(("USR-001", "high", "Ada"), coverage=[("USR-001", 2, 2, "")], skipped=[("DP-001", "unseen")])
    facts = summary.overview(unread, users, hidden, judged, target=Target.TEAMS_PHONE, profile=wishes)
    assert dict(facts.itertuples(index=False, name=None)) == {
        "Forest": "contoso.com",
        "Taken": "2026-11-24 08:00 UTC",
        "Read from": "ldaps://dc1.contoso.com",
        "Account": "reader@contoso.com",
        "Domains read": "contoso.com, emea.contoso.com",
        "Side inputs": "cs-pools.csv, cs-users.csv",
        "Domains not read": "apac.contoso.com",
        "Measured against": "teams-phone",
        "Profile": "contoso.toml",
        "Users seen": "3 (not all: see Not looked at)",
        "Users who should have voice": "2",
        "Findings": "1",
        "Rules judged": "1 of 2",
        "Made with": "adinspect 0.1.0",
    }


def test_the_contents_name_an_empty_table_and_why_one_is_not_whole() -> None:
    found = summary.contents(testing.tables(users=PEOPLE), rows(("pools", "", None, State.INCOMPLETE, "not listed"))).set_index(
        "table"
    )
    assert found.loc["users", ["rows", "title", "note"]].tolist() == [3, "Users", ""]
    assert found.loc["pools", ["rows", "note"]].tolist() == [0, "not listed"]


def test_users_show_who_should_have_voice() -> None:
    assert all_tables(users=PEOPLE, organization=ORGANIZATION)["users"]["expected"].tolist() == [True, True, False]
