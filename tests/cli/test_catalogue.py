from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import adinspect


def test_a_rule_has_a_page(tmp_path: Path) -> None:
    run = adinspect("rules", "usr-001", folder=tmp_path)
    assert run.code == 0
    assert run.out.startswith("## USR-001")
    assert "users (" in run.out


def test_the_catalogue_is_json_too(tmp_path: Path) -> None:
    rules = {rule["rule"]: rule for rule in json.loads(adinspect("rules", "--format", "json", folder=tmp_path).out)["rules"]}
    assert rules["USR-006"]["wave"] == "F"
    assert rules["USR-006"]["csv"] == ["21_cs_user_voice"]
    assert rules["USR-006"]["reads"]["users"]


def test_a_query_has_an_equivalent_ldapsearch_line(tmp_path: Path) -> None:
    run = adinspect("queries", "users", folder=tmp_path)
    assert "ldapsearch -L" in run.out
    assert "msRTCSIP-PrimaryUserAddress" in run.out
    assert "msRTCSIP-AcpInfo " not in run.out.split("ldapsearch")[1]


@pytest.mark.parametrize("arguments", [["rules"], ["queries"], ["rules", "--format", "csv"], ["queries", "--format", "jsonl"]])
def test_lists_are_printed(tmp_path: Path, arguments: list[str]) -> None:
    run = adinspect(*arguments, folder=tmp_path)
    assert run.code == 0
    assert len(run.out.splitlines()) > 5
