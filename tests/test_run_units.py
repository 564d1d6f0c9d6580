"""What docs/run has ready to use: systemd's unit and timer, a file for cron, and a task for Windows."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from adinspect.cli.run import command

DOCS = Path(__file__).parents[1] / "docs"
INSTALLED = "/opt/adinspect"
"""Where docs/run.md installs adinspect: a virtual environment, which the one that runs the tests stands for."""

EXPORT = "dn: DC=contoso,DC=example\nobjectClass: domainDNS\ninstanceType: 4\nuSNCreated: 1\n"
JOB = """[job]
store = "$STATE_DIRECTORY/snapshots"
output = "$STATE_DIRECTORY/reports"
[[forest]]
name = "contoso"
ldif = ["forest.ldf"]
reports = []
[[forest]]
name = "fabrikam"
server = "ldaps://127.0.0.1:1"
user = "reader@fabrikam.example"
password_file = "$CREDENTIALS_DIRECTORY/contoso.password"
"""


def text(name: str) -> str:
    return (DOCS / "run" / name).read_text(encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folders of a system: /etc/adinspect, where root put what docs/run.md says, and an empty /var/lib/adinspect."""
    etc = tmp_path / "etc" / "adinspect"
    etc.mkdir(parents=True)
    (tmp_path / "var" / "lib" / "adinspect").mkdir(parents=True)
    (etc / "adinspect.toml").write_text(JOB, encoding="utf-8")
    (etc / "forest.ldf").write_text(EXPORT, encoding="utf-8")
    (etc / "contoso.password").write_text("Secret-1\n", encoding="utf-8")
    return tmp_path


def moved(said: str, root: Path) -> str:
    """Paths of a system as those below `root`, and adinspect as it is installed here."""
    said = said.replace(INSTALLED, sys.prefix)
    return re.sub(r"(?<![\w/])/(etc|var/lib)/adinspect", lambda found: f"{root}{found[0]}", said)


def started(line: str, root: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell with nothing but this environment, and without a terminal."""
    named = [f"{name}={value}" for name, value in environment.items()]
    return subprocess.run(
        ["env", "-i", *named, "/bin/sh", "-c", line],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
    )


def require_done(root: Path) -> None:
    """One forest was read, of the other the server was asked with the password."""
    state = root / "var" / "lib" / "adinspect"
    contoso, fabrikam = json.loads((state / "reports" / "run.json").read_bytes())["forests"]
    assert (contoso["exit"], contoso["state"]) == (0, "complete")
    assert "cannot connect" in fabrikam["error"]["what"]
    assert list((state / "snapshots" / "contoso.example").glob("2*/manifest.json"))


def settings(unit: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and not line.startswith("#"))


def test_systemd_finds_nothing_wrong_with_the_unit_and_its_timer(tmp_path: Path) -> None:
    for name in ("adinspect.service", "adinspect.timer"):
        (tmp_path / name).write_text(text(name).replace(INSTALLED, sys.prefix), encoding="utf-8")
    units = [str(tmp_path / "adinspect.service"), str(tmp_path / "adinspect.timer")]
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_what_the_service_starts_runs_with_what_systemd_gives_it(root: Path) -> None:
    unit = settings(text("adinspect.service"))
    assert unit["StateDirectory"] == "adinspect"
    name, file = unit["LoadCredential"].split(":")
    credentials = root / "run" / "credentials" / "adinspect.service"
    credentials.mkdir(parents=True)
    (credentials / name).write_bytes(Path(file.replace("%E", f"{root}/etc")).read_bytes())
    own_name, own_value = unit["Environment"].split("=")
    environment = {
        own_name: own_value.replace("%S", f"{root}/var/lib"),
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
        "STATE_DIRECTORY": f"{root}/var/lib/{unit['StateDirectory']}",
        "CREDENTIALS_DIRECTORY": str(credentials),
    }
    line = moved(unit["ExecStart"].replace("%E", "/etc"), root)
    ended = started(f"exec {line}", root, environment)
    assert ended.returncode == 4, ended.stderr
    assert ended.stdout == ""
    assert "Secret-1" not in ended.stderr
    require_done(root)


def test_the_line_of_cron_runs_as_cron_runs_it(root: Path) -> None:
    *named, line = [line for line in text("adinspect.cron").splitlines() if not line.startswith("#")]
    environment = dict(one.split("=", 1) for one in named)
    assert set(environment) == {"STATE_DIRECTORY", "CREDENTIALS_DIRECTORY"}
    minute, hour, *days, user, command = line.split(maxsplit=6)
    assert (minute, hour, days, user) == ("0", "2", ["*", "*", "*"], "adinspect")
    assert "%" not in command, "cron reads % as the end of the line"
    cron = {"SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", "HOME": f"{root}/var/lib/adinspect", "LOGNAME": user}
    ended = started(moved(command, root), root, cron | {name: moved(value, root) for name, value in environment.items()})
    assert (ended.returncode, ended.stdout, ended.stderr) == (4, "", "")
    log = (root / "var" / "lib" / "adinspect" / "run.log").read_text(encoding="utf-8")
    assert log.splitlines()[-1].endswith(" - ended exit=4")
    require_done(root)


def test_the_task_for_windows_is_well_formed_and_names_the_same_command() -> None:
    task = ET.fromstring(text("adinspect-task.xml"))  # noqa: S314 - it is ours
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    found = {name: task.findtext(f".//t:{name}", namespaces=space) for name in ("Arguments", "UserId", "LogonType", "RunLevel")}
    assert (found["UserId"], found["LogonType"], found["RunLevel"]) == ("CONTOSO\\adinspect$", "Password", "LeastPrivilege")
    windows = re.fullmatch(r'/d /c ""(?P<program>[^"]+)" (?P<arguments>[^>]+?) 2>>(?P<log>\S+)"', found["Arguments"] or "")
    assert windows
    unit = shlex.split(settings(text("adinspect.service"))["ExecStart"])
    assert windows["program"].rpartition("\\")[2] == f"{os.path.basename(unit[0])}.exe"  # noqa: PTH119 - the name alone
    names = [word.replace("\\", "/").rpartition("/")[2] for word in windows["arguments"].split()]
    assert names == [word.rpartition("/")[2] for word in unit[1:]]


def test_what_they_start_has_only_options_that_there_are() -> None:
    known = {option for parameter in command.params for option in parameter.opts}
    for name in ("adinspect.service", "adinspect.cron", "adinspect-task.xml"):
        said = set(re.findall(r"(?<= )--[a-z-]+", text(name)))
        assert said, name
        assert said <= known


@pytest.mark.parametrize("name", ["adinspect.service", "adinspect.timer", "adinspect.cron", "adinspect-task.xml"])
def test_the_page_names_each(name: str) -> None:
    assert f"(run/{name})" in (DOCS / "run.md").read_text(encoding="utf-8")
