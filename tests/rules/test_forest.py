"""TOP: whether Lync is there at all, and what must never pass for its absence."""

import pytest

from adinspect import visibility
from adinspect.finding import Target
from adinspect.profile import Elsewhere
from adinspect.rule import Skipped
from adinspect.rules.forest import lync_schema_missing, pool_missing
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State

FOREST = table("name | dn\ncontoso.com | DC=contoso,DC=com")
POOL = table("fqdn\npool01.contoso.com")


@pytest.mark.parametrize("target", [Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL])
def test_a_forest_without_a_pool_is_named_by_its_root_domain(target: Target) -> None:
    (found,) = findings(pool_missing, forest=FOREST, target=target).to_dict("records")
    assert (found["table"], found["dn"], found["identity"], found["severity"]) == (
        "forest",
        "DC=contoso,DC=com",
        "contoso.com",
        "critical",
    )


def test_one_pool_is_enough() -> None:
    assert offenders(pool_missing, forest=FOREST, pools=POOL) == []


@pytest.mark.parametrize(("lync_forest", "certainty"), [(Elsewhere.UNKNOWN, "likely"), (Elsewhere.THIS, "certain")])
def test_no_pool_is_certain_only_where_the_profile_says_that_lync_lives_here(lync_forest: Elsewhere, certainty: str) -> None:
    (found,) = findings(pool_missing, forest=FOREST, lync_forest=lync_forest).to_dict("records")
    assert found["certainty"] == certainty
    assert bool(found["because"]) is (certainty == "likely")


def test_no_pool_is_no_fault_where_lync_lives_in_another_forest() -> None:
    verdict = outcome(pool_missing, forest=FOREST, lync_forest=Elsewhere.OTHER, needs=True)
    assert verdict == Skipped("the profile says that Lync lives in another forest")


def test_pools_that_may_not_be_listed_never_pass_for_none() -> None:
    hidden = visibility.rows(("pools", "", None, State.INCOMPLETE, "this account may not list CN=Pools"))
    assert outcome(pool_missing, forest=FOREST, visibility=hidden) == Skipped("pools: this account may not list CN=Pools")


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        (["mail", "msRTCSIP-LineServer"], ["contoso.com"]),
        (["mail", "msRTCSIP-Line"], []),
        (["mail", "MSRTCSIP-LINE"], []),
    ],
)
def test_the_schema_is_known_by_the_attribute_of_the_line_without_regard_to_case(attributes: list[str], found: list[str]) -> None:
    assert offenders(lync_schema_missing, forest=FOREST, schema_attributes=table("attribute\n" + "\n".join(attributes))) == found


@pytest.mark.parametrize(
    ("lync_forest", "severity"),
    [(Elsewhere.UNKNOWN, "critical"), (Elsewhere.THIS, "critical"), (Elsewhere.OTHER, "info")],
)
@pytest.mark.parametrize("target", list(Target))
def test_a_schema_without_lync_only_informs_where_lync_lives_in_another_forest(
    target: Target, lync_forest: Elsewhere, severity: str
) -> None:
    schema = table("attribute\nmail")
    (found,) = findings(
        lync_schema_missing, forest=FOREST, schema_attributes=schema, lync_forest=lync_forest, target=target
    ).to_dict("records")
    assert (found["severity"], found["certainty"]) == (severity, "certain")


def test_a_schema_that_is_not_in_the_export_proves_nothing() -> None:
    reason = "the naming context schema is not in this export"
    hidden = visibility.rows(("schema_attributes", "", None, State.INCOMPLETE, reason))
    assert outcome(lync_schema_missing, forest=FOREST, visibility=hidden) == Skipped(f"schema_attributes: {reason}")


def test_a_schema_without_a_single_attribute_was_not_read() -> None:
    assert isinstance(outcome(lync_schema_missing, forest=FOREST), Skipped)
