"""The scheduled job over two forests, one of which is a running domain controller and the other cannot be reached."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli_runs import adinspect
from lab import Lab
from prometheus_client.parser import text_string_to_metric_families

JOB = """[job]
store = "snapshots"
output = "reports"
metrics = "adinspect.prom"
fail_on = "critical"
fail_on_new = true

[[forest]]
name = "fabrikam"
server = "ldaps://127.0.0.1:1"
user = "reader@fabrikam.example"
password_file = "{password}"

[[forest]]
name = "lab"
server = "{url}"
user = "{user}"
password_file = "{password}"
ca = "{ca}"
reports = ["remediation.html", "findings.json"]
"""


def metrics(folder: Path) -> dict[tuple[str, str], float]:
    """The values of the metrics that tell of a forest alone, by name and forest."""
    families = text_string_to_metric_families((folder / "adinspect.prom").read_text(encoding="utf-8"))
    samples = [sample for family in families for sample in family.samples]
    return {(one.name, one.labels.get("forest", "")): one.value for one in samples if set(one.labels) <= {"forest"}}


def test_the_forest_that_answers_is_reported_and_the_next_night_finds_nothing_new(lab: Lab, tmp_path: Path) -> None:
    said = {"url": lab.url, "user": lab.reader.user, "password": lab.password_file(lab.reader), "ca": lab.ca_file}
    (tmp_path / "adinspect.toml").write_text(JOB.format(**said), encoding="utf-8")

    def run() -> tuple[str, dict[str, Any]]:
        ended = adinspect("run", folder=tmp_path)
        record: dict[str, Any] = json.loads((tmp_path / "reports" / "run.json").read_bytes())
        assert (ended.code, record["exit"], ended.out) == (4, 4, "")
        assert lab.reader.password not in ended.err + json.dumps(record)
        return ended.err, record

    log, record = run()
    fabrikam, forest = record["forests"]
    assert (fabrikam["exit"], forest["exit"]) == (4, 3)
    assert forest["targets"][0]["lives"]["new"] == sum(forest["targets"][0]["findings"].values()) > 0
    page, findings = map(Path, forest["files"])
    assert page.read_bytes().startswith(b"<!doctype html>")
    assert len(json.loads(findings.read_bytes())["findings"]) == forest["targets"][0]["lives"]["new"]
    assert " fabrikam failed exit=4 what=" in log

    _, record = run()
    fabrikam, forest = record["forests"]
    assert (fabrikam["exit"], forest["exit"]) == (4, 0)
    assert {life for life, count in forest["targets"][0]["lives"].items() if count} == {"open"}
    assert forest["targets"][0]["worst"] == []
    assert set(forest["changes"].values()) == {0}
    told = metrics(tmp_path)
    assert told["adinspect_run_exit_code", ""] == 4
    assert (told["adinspect_forest_exit_code", "fabrikam"], told["adinspect_forest_exit_code", "lab"]) == (4, 0)
    assert ("adinspect_last_complete_snapshot_timestamp_seconds", "lab") in told
    assert ("adinspect_last_complete_snapshot_timestamp_seconds", "fabrikam") not in told
