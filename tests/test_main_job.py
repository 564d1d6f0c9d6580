"""The main job on a real directory: what was planted is found and nothing else, live and from an export, whoever asks."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab import Lab
from lab.planted import TARGETS, Planted, each, own_rules, planted, settings
from live_snapshots import take_live, told
from pandas import DataFrame
from pandas.testing import assert_frame_equal

from adinspect import observe, query, rules, snapshot
from adinspect.assess import Assessment, assess
from adinspect.collect import collect
from adinspect.directory.ldif_files import open_files
from adinspect.finding import Target
from adinspect.profile import Profile
from adinspect.remote import Place
from adinspect.snapshot import Snapshot

JUDGED: dict[tuple[Place, Target], Assessment] = {}


def judged(one: Snapshot, target: Target = Target.UM_LYNC) -> Assessment:
    """What is told of a snapshot; each is judged once for a target."""
    if (one.path, target) not in JUDGED:
        profile = Profile(rules=settings(target))
        JUDGED[one.path, target] = assess(one.tables, one.visibility, target=target, today=one.taken, profile=profile)
    return JUDGED[one.path, target]


@pytest.fixture(scope="module")
def administrators(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return take_live(lab, lab.administrator, tmp_path_factory.mktemp("administrator"))


@pytest.fixture(scope="module")
def readers(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return take_live(lab, lab.reader, tmp_path_factory.mktemp("reader"))


@pytest.fixture(scope="module")
def found_by(lab: Lab) -> Callable[[str], list[str]]:
    """The distinguished names of the objects that an LDAP filter finds, by ldapsearch."""

    def search(ldap_filter: str) -> list[str]:
        ldif = "\n".join(lab.search(lab.administrator, base, ldap_filter, "1.1") for base in (lab.domain, lab.configuration))
        return [_dn(*found) for found in re.findall(r"^dn(::?) (.+)$", ldif, re.MULTILINE)]

    return search


def _dn(separator: str, value: str) -> str:
    return base64.b64decode(value).decode() if separator == "::" else value


def _is(one: Planted, rule: str, dn: str, severity: str, certainty: str) -> bool:
    return (one.rule, one.severity, one.certainty) == (rule, severity, certainty) and one.names(dn)


def test_the_targets_are_those_of_the_product() -> None:
    assert tuple(Target) == TARGETS


@pytest.mark.parametrize("target", Target)
def test_what_was_planted_is_found_and_nothing_else(
    administrators: Snapshot, found_by: Callable[[str], list[str]], target: Target
) -> None:
    judging = {code for code, rule in rules.shipped().items() if target in rule.targets}
    expected = [one for one in each(planted(target), found_by) if one.rule in judging]
    found = told(judged(administrators, target))
    missing = [one for one in expected if not any(_is(one, *finding) for finding in found)]
    surplus = sorted(finding for finding in found if not any(_is(one, *finding) for one in expected))
    assert (missing, surplus) == ([], [])


@pytest.mark.parametrize("target", Target)
def test_what_a_target_says_itself_concerns_rules_that_judge_it(target: Target) -> None:
    assert {code for code in own_rules(target) | set(settings(target)) if target not in rules.shipped()[code].targets} == set()


@pytest.mark.parametrize("target", Target)
def test_no_rule_is_skipped_for_the_administrator(administrators: Snapshot, target: Target) -> None:
    skipped = judged(administrators, target).skipped
    asks_for_more = skipped["reason"].str.contains("supplied|earlier snapshot")
    assert skipped[~asks_for_more].to_dict("records") == []


@pytest.mark.parametrize("target", Target)
def test_the_ordinary_account_is_told_of_nothing_missing_that_exists(
    administrators: Snapshot, readers: Snapshot, target: Target
) -> None:
    of_reader = told(judged(readers, target))
    assert of_reader
    assert of_reader <= told(judged(administrators, target))


def test_what_was_hidden_from_the_ordinary_account_is_said(readers: Snapshot) -> None:
    unseen = readers.visibility
    assert {"gateways", "hunt_groups"} == set(unseen.loc[unseen["column"] == "", "table"])
    hosted = unseen[unseen["table"] == "voice_mail_settings"]
    users = readers.tables["users"]
    shown = users[~users["guid"].isin(hosted["guid"])]
    assert "contact" in set(shown["object_class"])  # its class lets everybody read
    assert set(shown.loc[shown["object_class"] != "contact", "sam_account_name"]) == {"adreader"}  # an account reads itself
    paris = users[users["dn"].str.contains("OU=Paris", regex=False)]
    lines = unseen[(unseen["table"] == "users") & (unseen["column"] == "line_uri")]
    assert set(lines["guid"]) == set(paris["guid"])
    assert paris["line_uri"].isna().all()


def test_rules_that_could_not_see_enough_say_so(readers: Snapshot) -> None:
    assessment = judged(readers)
    assert {"GW-001", "DP-006", "HG-001"} <= set(assessment.skipped["rule"])
    assert assessment.skipped["reason"].str.len().gt(20).all()
    coverage = assessment.coverage.set_index("rule")
    assert 0 < coverage.loc["USR-009", "judged"] < coverage.loc["USR-009", "of"]
    assert "msRTCSIP-Line" in coverage.loc["USR-009", "note"]
    assert coverage.loc["USR-003", "judged"] < 10 < coverage.loc["USR-003", "of"]


def tables(one: Snapshot) -> Iterator[tuple[str, DataFrame]]:
    for name, table in one.tables.items():
        order = [column for column in ("guid", *table.columns) if column in table]
        yield name, table.sort_values(order, ignore_index=True)


@pytest.fixture(scope="module")
def exported(lab: Lab, administrators: Snapshot, readers: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The forest from an export; made after both accounts have signed in, which the directory notes on them."""
    with open_files(lab.ldif()) as directory:
        collected = collect(directory, list(query.shipped().values()))
        store = tmp_path_factory.mktemp("exported")
        return snapshot.save(collected, observe.observe(collected), directory.root, store, taken=administrators.taken)


def test_an_export_gives_the_same_tables_as_the_directory(lab: Lab, exported: Snapshot, tmp_path: Path) -> None:
    assert not exported.partial
    of_export = dict(tables(exported))
    for name, of_directory in tables(take_live(lab, lab.administrator, tmp_path)):
        assert_frame_equal(of_export[name], of_directory, obj=name)


def test_an_export_gives_the_same_findings_as_the_directory(administrators: Snapshot, exported: Snapshot) -> None:
    assert told(judged(exported)) == told(judged(administrators))
