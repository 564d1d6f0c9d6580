from __future__ import annotations

from pathlib import Path

import pytest
import run_json
from prometheus_client.parser import text_string_to_metric_families
from sample_report import NAUGHTY

from adinspect import metrics
from adinspect.errors import StorageError

RUN = run_json.run(
    run_json.forest("contoso", run_json.target("um-lync", new=2), run_json.target("teams-phone")), run_json.unreached()
)

Read = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Read:
    """The samples as Prometheus's own parser reads them."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def key(metric: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return metric, frozenset(labels.items())


def test_prometheus_reads_what_a_run_came_to() -> None:
    text = metrics.text(RUN)
    told = read(text)
    assert told[key("adinspect_run_exit_code")] == 4
    assert told[key("adinspect_run_timestamp_seconds")] == 1795485690
    assert told[key("adinspect_run_duration_seconds")] == 90
    assert told[key("adinspect_forest_exit_code", forest="fabrikam")] == 4
    assert told[key("adinspect_forest_duration_seconds", forest="contoso")] == 12.5
    last = "adinspect_last_complete_snapshot_timestamp_seconds"
    assert told[key(last, forest="contoso")] - told[key(last, forest="fabrikam")] == 4 * 24 * 3600
    assert told[key("adinspect_objects", forest="contoso", table="users")] == 310
    assert told[key("adinspect_findings", forest="contoso", target="um-lync", severity="high")] == 3
    assert told[key("adinspect_findings", forest="contoso", target="um-lync", severity="critical")] == 0
    assert told[key("adinspect_findings_by_life", forest="contoso", target="um-lync", life="new")] == 2
    assert told[key("adinspect_findings_by_life", forest="contoso", target="teams-phone", life="new")] == 0
    assert len(told) == sum(not line.startswith("#") for line in text.splitlines())


def test_every_metric_says_what_it_is_and_is_told_once() -> None:
    families = list(text_string_to_metric_families(metrics.text(RUN)))
    assert [family.name for family in families] == [one.name for one in metrics.METRICS]
    assert all(family.type == "gauge" and family.documentation for family in families)


def test_what_was_not_read_has_no_line_and_no_zero() -> None:
    never = {**run_json.unreached(), "last_complete": None}
    told = read(metrics.text(run_json.run(never)))
    assert {name for name, labels in told if labels} == {"adinspect_forest_exit_code", "adinspect_forest_duration_seconds"}
    nothing = {name for name, _ in read(metrics.text(run_json.run(forests=[], exit=2)))}
    assert nothing == {"adinspect_run_exit_code", "adinspect_run_timestamp_seconds", "adinspect_run_duration_seconds"}


def test_of_what_was_read_in_part_nothing_is_told_that_may_be_more() -> None:
    part = run_json.forest("contoso", run_json.target(unknown=4), exit=5, state="partial", objects={"users": 0, "dial_plans": 2})
    told = read(metrics.text(run_json.run(part)))
    assert [dict(labels)["table"] for name, labels in told if name == "adinspect_objects"] == ["dial_plans"]
    assert "adinspect_findings" not in {name for name, _ in told}
    assert told[key("adinspect_findings_by_life", forest="contoso", target="um-lync", life="unknown")] == 4


def test_any_name_comes_back_as_it_was() -> None:
    names = [text for text in NAUGHTY if "\r" not in text and "\ud800" not in text]
    told = read(metrics.text(run_json.run(*(run_json.forest(name) for name in dict.fromkeys(names)))))
    assert {dict(labels)["forest"] for name, labels in told if name == "adinspect_forest_exit_code"} == set(names)


def test_the_order_of_forests_and_counts_does_not_depend_on_their_order() -> None:
    contoso, fabrikam = RUN["forests"]
    turned = {**contoso, "targets": contoso["targets"][::-1], "objects": dict(reversed(contoso["objects"].items()))}
    assert metrics.text({**RUN, "forests": [fabrikam, turned]}) == metrics.text(RUN)


def test_a_file_is_whole_and_another_account_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "adinspect.prom"
    path.write_text("before")
    metrics.write(RUN, path)
    assert path.read_bytes() == metrics.text(RUN).encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(StorageError):
        metrics.write(RUN, tmp_path / "none" / "adinspect.prom")
