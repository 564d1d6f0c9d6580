from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import adinspect
from sample_page import runs

from adinspect import history, judging, page, reporting, rules, snapshot, store, summary, waves
from adinspect import profile as profiles
from adinspect.definitions import parse
from adinspect.finding import Target
from adinspect.history import History
from adinspect.judging import Judged
from adinspect.lives import Judgement
from adinspect.page import Page
from adinspect.waivers import Waivers

PROFILE = """
[[site]]
name = "Paris"
offices = ["Paris"]
"""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The forest that ships with the package, in a store, judged for UM and Lync."""
    folder = tmp_path_factory.mktemp("forest")
    export = Path(__file__).parents[1] / "adinspect/demo/forest.ldif"
    taken = adinspect("collect", "--ldif", export, "--taken", "2026-11-24T08:00:00Z", "-o", "store", folder=folder)
    assert taken.code == 0, taken.err
    one = snapshot.load(folder / taken.out.strip().splitlines()[-1])
    wishes = profiles.load(parse(PROFILE, "profile.toml"))
    return judging.judge(one, target=Target.UM_LYNC, profile=wishes, waivers=Waivers())


@pytest.fixture(scope="module")
def every(judged: Judged) -> list[Judged]:
    """The same for each target, the first one first."""
    return [judging.for_target(judged, target) for target in Target]


@pytest.fixture(scope="module")
def whole(judged: Judged, every: list[Judged]) -> Page:
    one = judged.snapshot
    read = summary.tables(
        one.manifest, one.tables, one.visibility, judged.assessment, target=judged.target, profile=judged.profile
    )
    return page.of([Judgement(each.assessment, each.view()) for each in every], read, runs())


def test_every_family_of_rules_and_every_wave_has_a_name() -> None:
    assert {code.partition("-")[0] for code in rules.shipped()} == set(page.FAMILIES)
    assert list(page.MOVES) == list(waves.MEANINGS)


def test_every_finding_of_every_target_stands_in_one_row_that_names_the_target(whole: Page, every: list[Judged]) -> None:
    told = [(row.key, row.message, target) for row in whole.findings.itertuples() for target in row.targets]
    found = [(row.key, row.message, one.target.value) for one in every for row in one.assessment.findings.itertuples()]
    assert sorted(told) == sorted(found)
    assert len(whole.findings) < len(found)
    assert whole.findings["severity"].is_monotonic_increasing


def test_findings_know_their_family_and_the_site_of_their_user(whole: Page) -> None:
    paris = whole.findings["dn"].str.contains("OU=Paris,OU=Staff")
    assert (whole.findings.loc[paris, "site"] == "Paris").all()
    assert whole.findings.loc[~paris, "site"].isna().all()
    assert set(whole.findings.loc[whole.findings["rule"] == "DP-006", "family"]) == {"UM dial plans"}


def test_readiness_counts_each_user_once_for_each_target(whole: Page) -> None:
    assert [(one.target, one.total) for one in whole.readiness] == [(target, 300) for target in Target]
    first = whole.readiness[0].counts.set_index("label")["users"]
    assert first.to_dict() == {
        "Ready": 219,
        "After a fix": 45,
        "Tied to others": 0,
        "Needs a decision": 20,
        "Blocked": 11,
        "Excluded": 5,
        "To confirm": 0,
    }


def test_what_to_do_first_is_the_gravest_and_says_how(whole: Page) -> None:
    assert whole.first["rule"].tolist()[:2] == ["CNS-001", "DP-006"]
    assert whole.first["severity"].tolist() == ["critical", "critical", "high", "high", "high"]
    assert whole.first[["title", "example", "remediation"]].ne("").all(axis=None)
    assert whole.severities.set_index("severity")["findings"].to_dict()["critical"] == 6


def test_the_page_of_a_store_with_a_history_shows_its_runs_up_to_the_snapshot(judged: Judged, tmp_path: Path) -> None:
    where, forest = store.of(judged.snapshot), judged.snapshot.manifest["forest"]
    assert isinstance(where, Path)
    reporting.write(judged, "remediation", tmp_path / "without.html")
    days = runs(3, 2, 9).assign(taken=lambda rows: rows["taken"] - rows["taken"].iloc[1] + rows["taken"].iloc[0])
    kept = history.save(History(runs=days), where, forest, judged.target)
    reporting.write(judged, "remediation", tmp_path / "with.html")
    kept.unlink()
    assert "No earlier runs" in (tmp_path / "without.html").read_text(encoding="utf-8")
    assert "From 3 findings on 2026-11-23 to 2 on 2026-11-24, in 2 runs." in (tmp_path / "with.html").read_text(encoding="utf-8")


def test_a_command_writes_the_page_and_other_reports_as_tables(judged: Judged, tmp_path: Path) -> None:
    for options, title in (((), "contoso.com: enterprise voice"), (("--report", "numbers"), "")):
        run = adinspect("report", str(judged.snapshot.path), *options, "-o", "a.html", folder=tmp_path)
        assert (run.code, run.out.strip()) == (0, "a.html"), run.err
        text = (tmp_path / "a.html").read_text(encoding="utf-8")
        assert f"<title>{title}" in text
        assert ('id="island"' in text) == bool(title)
