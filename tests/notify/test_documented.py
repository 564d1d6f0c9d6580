from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import run_json

from adinspect import definitions, metrics, notify
from adinspect.notify import mail, webhook

PAGE = (Path(__file__).parents[2] / "docs" / "notifications.md").read_text(encoding="utf-8")


def rows(title: str) -> list[list[str]]:
    """The cells of the rows of the table whose header begins with a title."""
    text = PAGE.split(f"\n| {title} |")[1].split("\n\n")[0]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in text.splitlines()[2:]]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def fenced(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_key_of_mail_is_told() -> None:
    assert sorted(key for row in rows("`[mail]`") for key in code(row[0])) == sorted(mail.KEYS)


def test_every_key_of_a_webhook_is_told() -> None:
    assert sorted(key for row in rows("`[[webhook]]`") for key in code(row[0])) == sorted(webhook.KEYS)


def test_the_examples_are_configurations(tmp_path: Path) -> None:
    (tmp_path / "webhook.url").write_text("https://hooks.contoso.com/x")
    one, other = (definitions.parse(text, str(tmp_path / "adinspect.toml")) for text in fenced("toml"))
    assert mail.read(one)
    assert webhook.read(other)[0].host == "hooks.contoso.com"
    assert tomllib.loads("".join(fenced("toml"))).keys() == {"mail", "webhook"}


def test_the_payload_is_as_it_is_told() -> None:
    (text,) = fenced("json")
    told = json.loads(text)
    forest = run_json.forest("contoso", run_json.target("um-lync", run_json.WORST, new=1, open=2), exit=3)
    made = notify.message(run_json.run(forest)).payload
    worst = told["forests"][0]["targets"][0]["worst"][0]
    assert worst.keys() == run_json.WORST.keys()
    worst.update(run_json.WORST)
    assert told == made


@pytest.mark.parametrize("place", range(len(metrics.METRICS)))
def test_every_metric_is_told_with_its_labels(place: int) -> None:
    metric, (name, labels, _) = metrics.METRICS[place], rows("metric")[place]
    run = run_json.run(run_json.forest(), run_json.unreached())
    assert code(name) == [metric.name]
    assert {tuple(labels) for labels, _ in metric.samples(run)} == {tuple(code(labels))}


def test_no_other_metric_is_told() -> None:
    assert set(re.findall(r"adinspect_\w+", PAGE)) == {metric.name for metric in metrics.METRICS}
