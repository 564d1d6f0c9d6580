from __future__ import annotations

import json
import re
from io import StringIO

import pytest

from adinspect.job_file import LogFormat
from adinspect.run_log import Log

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
NAUGHTY = 'Zoë "Z" \\ \x1b[31m\r\n2026-11-24T02:00:00Z - ended exit=0\u202e\u2028\x9b'


def said(format: LogFormat, forest: str = "", **told: object) -> str:
    stream = StringIO()
    Log(stream, format).say("judged", forest, **told)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (310, "310"),
        (12.5, "12.5"),
        (True, "true"),
        ("um-lync", "um-lync"),
        ("/var/lib/adinspect", "/var/lib/adinspect"),
        ("C:\\reports", '"C:\\\\reports"'),
        ("a b", '"a b"'),
        ("a=b", '"a=b"'),
        ("", '""'),
        ("Zoë", '"Zoë"'),
        ('"', '"\\""'),
    ],
)
def test_text_is_one_line_of_keys_and_values(value: object, shown: str) -> None:
    line = said(LogFormat.TEXT, "contoso", value=value, nothing=None)
    assert re.fullmatch(rf"{TIME} contoso judged value={re.escape(shown)}\n", line)


def test_what_concerns_no_forest_has_a_dash() -> None:
    assert re.fullmatch(rf"{TIME} - judged\n", said(LogFormat.TEXT))


@pytest.mark.parametrize("format", LogFormat)
def test_no_text_ends_a_line_or_drives_a_terminal(format: LogFormat) -> None:
    line = said(format, "contoso", what=NAUGHTY)
    assert line.endswith("\n")
    assert all(character.isprintable() for character in line[:-1])


def test_json_holds_what_was_said() -> None:
    told = json.loads(said(LogFormat.JSON, "contoso", what=NAUGHTY, users=310, nothing=None))
    assert re.fullmatch(TIME, told.pop("time"))
    assert told == {"forest": "contoso", "event": "judged", "what": NAUGHTY, "users": 310}
    assert json.loads(said(LogFormat.JSON))["forest"] is None
