"""MIG-001: servers whose product Microsoft supports no more."""

from datetime import UTC, datetime

import pytest

from adinspect import visibility
from adinspect.rule import Skipped
from adinspect.rules.products import product_out_of_support
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State

SERVERS = table("""
    identity | version_major | version_minor | version_build | edge_role
    EX10     | 14            | 3             | 123           | -
    EX13     | 15            | 0             | 1497          | -
    EX19     | 15            | 2             | 2561          | -
    EXSE     | 15            | 2             | 2562          | -
    EX15.2   | 15            | 2             | -             | -
    EX03     | 6             | 5             | 7638          | -
    MUTE     | -             | -             | -             | -
""")
LYNC = table("identity | version\nFE2007 | 3\nFER2 | 4\nFE10 | 5\nFE13 | 6\nFE | -")


def test_only_what_is_known_to_be_out_of_support_is_named() -> None:
    found = findings(product_out_of_support, servers=SERVERS, lync_servers=LYNC)
    named = [("servers", name) for name in ("EX10", "EX13", "EX19")] + [
        ("lync_servers", name) for name in ("FE10", "FE2007", "FER2")
    ]
    assert sorted(found[["table", "identity"]].itertuples(index=False, name=None)) == sorted(named)
    assert set(found["certainty"]) == {"certain"}
    assert found["message"][0] == "EX10 runs Exchange Server 2010, which Microsoft supported until 2020-10-13."


BOUGHT = "security updates beyond that day can be bought, which is not in the directory"


@pytest.mark.parametrize(
    ("today", "certainty", "because"),
    [
        (datetime(2025, 10, 14, 23, 59, tzinfo=UTC), None, None),
        (datetime(2025, 10, 15, tzinfo=UTC), "likely", BOUGHT),
        (datetime(2026, 10, 31, 23, 59, tzinfo=UTC), "likely", BOUGHT),
        (datetime(2026, 11, 1, tzinfo=UTC), "certain", ""),
    ],
)
def test_support_lasts_to_the_end_of_its_last_day_and_bought_updates_make_its_end_likely(
    today: datetime, certainty: str | None, because: str | None
) -> None:
    found = findings(product_out_of_support, servers=SERVERS[SERVERS["identity"] == "EX19"], today=today)
    told = list(found[["certainty", "because"]].itertuples(index=False, name=None))
    assert told == ([(certainty, because)] if certainty else [])


@pytest.mark.parametrize(
    "mark", ["edge_role\nEDGE | 15 | 1 | 2507 | yes", "object_class\nEDGE|15|1|2507|msExchExchangeTransportServer"]
)
def test_an_edge_server_shows_the_version_of_its_subscription(mark: str) -> None:
    servers = table("identity | version_major | version_minor | version_build | " + mark)
    (found,) = findings(product_out_of_support, servers=servers).to_dict("records")
    assert found["certainty"] == "likely"
    assert found["because"].startswith("an Edge server shows the version")


def test_an_edge_server_that_is_supported_is_not_named() -> None:
    servers = table("identity | version_major | version_minor | version_build | edge_role\nEDGE | 15 | 2 | 2562 | yes")
    assert offenders(product_out_of_support, servers=servers) == []


def test_a_server_whose_version_was_not_seen_is_held_back_and_counted() -> None:
    hidden = visibility.rows(("servers", "version_major", "servers-0", State.UNREADABLE, "may not be read"))
    verdict = outcome(product_out_of_support, servers=SERVERS, lync_servers=LYNC, visibility=hidden)
    assert not isinstance(verdict, Skipped)
    assert "EX10" not in set(verdict.findings["identity"])
    assert (verdict.judged, verdict.of) == (11, 12)


def test_without_any_server_in_sight_nothing_is_said() -> None:
    hidden = visibility.rows(
        ("servers", "", None, State.INCOMPLETE, "not seen"), ("lync_servers", "", None, State.INCOMPLETE, "not seen")
    )
    assert isinstance(outcome(product_out_of_support, visibility=hidden), Skipped)
