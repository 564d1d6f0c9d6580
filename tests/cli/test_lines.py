"""Rows for people."""

from __future__ import annotations

import pytest

from adinspect.cli._lines import print_lines

ROWS = [("high", "USR-001", "Adele Vance has no SIP address."), ("medium", "山", "\x1b[2J of 山田 is not what it was.")]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "40"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return monkeypatch


def test_a_pipe_gets_whole_aligned_lines_without_colour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    print_lines(ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "  high    USR-001  Adele Vance has no SIP address.",
        "  medium  山       \\u001b[2J of 山田 is not what it was.",
    ]


def test_a_terminal_cuts_a_line_instead_of_breaking_it(capsys: pytest.CaptureFixture[str], terminal: pytest.MonkeyPatch) -> None:
    terminal.setenv("NO_COLOR", "1")
    print_lines(ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "  high    USR-001  Adele Vance has no S…"
    assert len(lines) == len(ROWS)


@pytest.mark.usefixtures("terminal")
def test_colours_are_for_what_is_bad_or_got_better(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines([("new", "high", "x"), ("resolved", "low", "x")])
    first, second = capsys.readouterr().out.splitlines()
    assert first.count("\x1b[31m") == 2
    assert second.count("\x1b[32m") == 1
    assert "\x1b[3" not in second.partition("low")[2]


def test_nothing_is_printed_of_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines([])
    assert capsys.readouterr().out == ""
