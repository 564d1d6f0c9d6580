"""The topology's predicates at their edges."""

import pytest
from pandas import DataFrame, Series

from adinspect import topology
from adinspect.frames import TEXT
from adinspect.testing import table, tables


@pytest.mark.parametrize(
    ("major", "minor", "um"),
    [("8", "3", True), ("14", "3", True), ("15", "0", True), ("15", "1", True), ("15", "2", False), ("16", "0", False),
     ("-", "-", True), ("15", "-", True)],
)  # fmt: skip
def test_um_ended_with_exchange_2016(major: str, minor: str, um: bool) -> None:
    servers = tables(servers=table(f"identity | um_role | version_major | version_minor\nEX | yes | {major} | {minor}"))[
        "servers"
    ]
    assert topology.has_um(servers).tolist() == [um]
    assert topology.um_servers(servers)["identity"].tolist() == (["EX"] if um else [])


def test_a_dial_plan_that_says_no_type_is_neither_sip_uri_nor_another() -> None:
    plans = tables(dial_plans=table("identity | uri_type\nExtension | 1\nE.164 | 2\nSIP | 3\nSilent | -"))["dial_plans"]
    assert topology.sip_uri_plans(plans)["identity"].tolist() == ["SIP"]
    assert topology.other_plans(plans)["identity"].tolist() == ["Extension", "E.164"]


def test_values_are_listed_once_in_order_whatever_the_order_of_the_rows() -> None:
    frame = DataFrame({"guid": ["b", "a", "a", "a", "a", "c"], "name": ["x", "Paris", "London", None, "Paris", None]}, dtype=TEXT)
    texts = topology.listed(frame, "name", Series(["a", "b", "c"], dtype=TEXT))
    assert texts.tolist()[:2] == ["London, Paris", "x"]
    assert texts.isna().tolist() == [False, False, True]


def test_nothing_listed_is_text_all_the_same() -> None:
    nothing = topology.listed(DataFrame({"guid": [], "name": []}), "name", Series(["a"], dtype=TEXT))
    assert (nothing.dtype, nothing.isna().tolist()) == (TEXT, [True])
