from __future__ import annotations

import pytest

from adinspect import visibility
from adinspect.testing import look, table
from adinspect.visibility import State

SERVERS = table("""
    identity | version_major | version_minor | version_build | edge_role | object_class
    EX16     | 15            | 1             | 2507          | no        | msExchExchangeServer
    GATE     | 15            | 1             | 2507          | yes       | msExchExchangeServer
    EDGE     | 15            | 2             | 1544          | -         | msExchExchangeTransportServer
    MUTE     | -             | -             | -             | -         | msExchExchangeServer
""")
LYNC = table("identity | version\nFE10 | 5\nFE15 | 6\nFE | -")


def test_servers_of_both_kinds_are_told_by_name() -> None:
    rows = look("server_products", "product", "edge", servers=SERVERS, lync_servers=LYNC)
    told = {row["identity"]: (row["product"], row["edge"]) for row in rows.dropna(subset="product").to_dict("records")}
    assert told == {
        "EX16": ("Exchange Server 2016", False),
        "GATE": ("Exchange Server 2016", True),
        "EDGE": ("Exchange Server 2019", True),
        "FE10": ("Lync Server 2010", False),
    }
    assert len(rows) == 7


@pytest.mark.parametrize(("hidden", "left"), [("servers", "FE10"), ("lync_servers", "EX16")])
def test_a_kind_that_was_not_seen_takes_away_only_itself(hidden: str, left: str) -> None:
    column = "version" if hidden == "lync_servers" else "version_major"
    unseen = visibility.rows((hidden, column, None, State.UNREADABLE, "may not be read"))
    rows = look("server_products", "product", visibility=unseen, servers=SERVERS, lync_servers=LYNC)
    assert left in set(rows["identity"])
    assert set(rows["table"]) == {"servers", "lync_servers"} - {hidden}
