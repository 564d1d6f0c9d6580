"""Settings of rules: what the profile may say, and what a rule is handed."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import pytest
from pandas import DataFrame

from adinspect import definitions, profile
from adinspect.assess import check_settings
from adinspect.errors import ConfigurationError
from adinspect.finding import Severity
from adinspect.rule import rule
from adinspect.testing import findings, table


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@rule("X-001", Severity.LOW, source="test")
def setting_told(
    users: Annotated[DataFrame, "upn"],
    colour: Colour | None = None,
    names: tuple[str, ...] = ("a",),
    shortest: int = 6,
    share: float = 0.5,
    label: str = "",
    strict: bool = False,
) -> DataFrame:
    """{told}."""
    return users.assign(told=repr((colour, names, shortest, share, label, strict)))


def checked(text: str) -> None:
    check_settings(profile.load(definitions.parse(f"[rules.X-001]\n{text}", "voice.toml")), {"X-001": setting_told})


@pytest.mark.parametrize(
    "text",
    [
        "colour = 'red'",
        "names = []",
        "names = ['a', 'b']",
        "shortest = 8",
        "share = 1",
        "share = 0.1",
        "label = 'x'",
        "strict = true",
    ],
)
def test_a_setting_of_the_right_kind_is_taken(text: str) -> None:
    checked(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 'green'", "colour of rule X-001 is 'green', not one of red, blue"),
        ("colour = 1", "not one of red, blue"),
        ("names = 'a'", "names of rule X-001 is 'a', not a list of texts"),
        ("names = [1]", "not a list of texts"),
        ("shortest = '8'", "not a whole number"),
        ("shortest = true", "not a whole number"),
        ("share = 'half'", "not a number"),
        ("label = 1", "not a text"),
        ("strict = 1", "not true or false"),
        ("longest = 1", "rule X-001 has no setting 'longest'"),
    ],
)
def test_a_setting_of_another_kind_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as error:
        checked(text)
    assert error.value.where == "voice.toml, line 2"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, (None, ("a",), 6, 0.5, "", False)),
        ({"colour": "red", "names": ["b", "c"], "shortest": 8}, (Colour.RED, ("b", "c"), 8, 0.5, "", False)),
        ({"label": "red"}, (None, ("a",), 6, 0.5, "red", False)),
    ],
)
def test_a_rule_is_handed_its_settings_as_its_signature_says(settings: dict[str, Any], told: tuple[object, ...]) -> None:
    found = findings(setting_told, users=table("identity\nada"), **settings)
    assert list(found["message"]) == [f"{told!r}."]
