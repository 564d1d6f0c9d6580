"""The README's commands do what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lab import Lab

README = Path(__file__).parents[1] / "README.md"


def commands(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```sh\n(.*?)```\n<!-- end -->", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"the README has no commands called {name}"
    return found[1]


def shell(script: str, folder: Path, **environment: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ADINSPECT_")}
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**ours, "PATH": path, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


def test_the_demo_line_ends_with_the_demo(tmp_path: Path) -> None:
    *setting_up, demo = commands("demo").strip().split(" && ")
    assert setting_up == [
        "apt-get update",
        "apt-get install -y python3-venv",
        "python3 -m venv .venv",
        ".venv/bin/pip install .",
    ]
    assert "open this first" in shell(demo.replace(".venv/bin/", ""), tmp_path)
    assert (tmp_path / "demo" / "remediation.xlsx").is_file()


def test_the_commands_of_use_run_one_after_the_other(lab: Lab, tmp_path: Path) -> None:
    script = commands("use").replace("ldaps://dc1.contoso.com", lab.url).replace("reader@contoso.com", lab.reader.user)
    script = script.replace("contoso.com", lab.reader.user.partition("@")[2])
    options = {"CA": str(lab.ca_file), "PASSWORD_FILE": str(lab.password_file(lab.reader))}
    connection = {f"ADINSPECT_{verb}_{name}": value for verb in ("DOCTOR", "COLLECT") for name, value in options.items()}
    said = shell(script, tmp_path, **connection)
    assert "## USR-001" in said
    assert "ldapsearch" in said
    assert (tmp_path / "remediation.xlsx").is_file()
    assert list((tmp_path / "bulk").glob("20_cs_user_enable*.csv"))


@pytest.mark.parametrize("words", ["tests/lab/install", "tests/lab/play", "benchmarks/pull.py", "docs/make.py"])
def test_the_programs_that_pages_name_are_there(words: str) -> None:
    pages = README.read_text(encoding="utf-8") + README.with_name("CONTRIBUTING.md").read_text(encoding="utf-8")
    assert words in pages
    assert (README.parent / words).is_file()


def test_the_tests_line_is_what_continuous_integration_runs() -> None:
    assert "<!-- tests -->" in (README.parent / ".ci" / "run").read_text(encoding="utf-8")
    assert commands("tests").strip().endswith(".venv/bin/tox")
