"""Every command that takes a store or a snapshot, on one at a URL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Run, adinspect
from file_systems import Objects, disturbed

from adinspect import lock, remote, taking
from adinspect.remote import Remote

STORE = "objects://bucket/away"

EXPORT = """dn: DC=contoso,DC=com
objectClass: domainDNS
instanceType: 4
uSNCreated: 1

dn: CN=Configuration,DC=contoso,DC=com
objectClass: configuration

dn: CN=Adele Vance,DC=contoso,DC=com
objectClass: user
objectGUID:: AAECAwQFBgcICQoLDA0ODw==
objectCategory: CN=Person,CN=Schema,CN=Configuration,DC=contoso,DC=com
userPrincipalName: adele.vance@contoso.com
"""

BEFORE, AFTER = "--taken=2026-11-24T08:00:00Z", "--taken=2026-11-25T08:00:00Z"


def no_store(operation: str) -> None:
    raise ConnectionError("reset by peer")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield tmp_path / "state"
    Objects.store.clear()


def collect(folder: Path, *options: str | Path, store: str = STORE) -> Run:
    (folder / "forest.ldf").write_text(EXPORT, encoding="utf-8")
    return adinspect("collect", "--ldif", "forest.ldf", *options, "-o", store, folder=folder)


def listed(folder: Path) -> list[dict[str, Any]]:
    run = adinspect("snapshots", "list", STORE, "--format", "json", folder=folder)
    assert run.code == 0, run.err
    rows: list[dict[str, Any]] = json.loads(run.out)
    return rows


def made(folder: Path) -> list[str]:
    """What was written into a folder, besides the state of the user."""
    return sorted(path.name for path in folder.iterdir() if path.name not in ("state", "forest.ldf"))


def test_each_command_takes_what_collect_printed(tmp_path: Path) -> None:
    old, new = (collect(tmp_path, taken).out.strip() for taken in (BEFORE, AFTER))
    assert old.startswith(f"{STORE}/contoso.com/20261124T080000Z-")
    assert [row["path"] for row in listed(tmp_path)] == [old, new]
    for arguments in (
        ["snapshots", "show", new],
        ["snapshots", "check", STORE],
        ["snapshots", "check", new],
        ["assess", new, "--baseline", old],
        ["diff", old, new],
        ["plan", new, "-o", "plan.xlsx"],
        ["generate", new, "-o", "bulk"],
        ["generate", "plan.xlsx", "--snapshot", new, "-o", "bulk-2"],
        ["report", new, "-o", "remediation.json"],
    ):
        run = adinspect(*arguments, folder=tmp_path)
        assert run.code == 0, (arguments, run.err)
    told = json.loads(adinspect("assess", new, "--format", "json", folder=tmp_path).out)
    assert told["snapshot"] == new
    assert adinspect("verify", "plan.xlsx", new, folder=tmp_path).code == 2  # no step is approved
    assert made(tmp_path) == ["bulk", "bulk-2", "plan.xlsx", "remediation.json"]


def test_side_inputs_are_added_to_a_snapshot_at_a_url(tmp_path: Path) -> None:
    old = collect(tmp_path, BEFORE).out.strip()
    (tmp_path / "root.pem").write_text("no certificate", encoding="utf-8")
    assert adinspect("collect", "--snapshot", old, "--certificate", "root.pem", "-o", STORE, folder=tmp_path).code == 9
    (tmp_path / "side").mkdir()
    run = adinspect("collect", "--snapshot", old, "--side", "side", "-o", "snapshots", folder=tmp_path)
    assert run.code in (0, 9), run.err
    assert [row["path"] for row in listed(tmp_path)] == [old]


def test_old_snapshots_are_removed(tmp_path: Path) -> None:
    old, new = (collect(tmp_path, taken).out.strip() for taken in (BEFORE, AFTER))
    command = ["snapshots", "prune", STORE, "--keep-last", "1", "--format", "csv"]
    rows = f"path,action,why\n{old},remove,\n{new},keep,"
    dry = adinspect(*command, "--dry-run", folder=tmp_path)
    assert dry.out.startswith(rows), dry.err
    assert len(listed(tmp_path)) == 2
    assert adinspect(*command, folder=tmp_path).out == dry.out
    assert [row["path"] for row in listed(tmp_path)] == [new]


def test_damage_names_the_file_and_exits_7(tmp_path: Path) -> None:
    path = collect(tmp_path).out.strip()
    Objects().pipe_file(f"{path}/users.parquet", b"PAR1")
    run = adinspect("snapshots", "check", STORE, "--format", "json", folder=tmp_path)
    assert run.code == 7
    assert [(row["path"], row["file"]) for row in json.loads(run.out)] == [(path, "users.parquet")]


def test_what_cannot_be_sent_is_sent_by_the_next_run(tmp_path: Path, state: Path) -> None:
    with disturbed(no_store):
        run = collect(tmp_path, BEFORE)
        assert run.code == 7
        assert "ConnectionError: reset by peer" in run.err
        assert str(state) in run.err
        assert adinspect("snapshots", "list", STORE, folder=tmp_path).code == 7
    assert collect(tmp_path, AFTER).code == 0
    assert [row["taken"][:10] for row in listed(tmp_path)] == ["2026-11-24", "2026-11-25"]


def test_while_another_run_holds_it_nothing_is_read(tmp_path: Path) -> None:
    where = remote.place(STORE)
    with lock.held(remote.here(where), "adinspect run"):
        run = collect(tmp_path)
    assert (run.code, "`adinspect run`" in run.err) == (6, True)


@pytest.mark.parametrize(
    ("store", "code", "said"),
    [
        ("sftp://adele:Secret1@host/srv", 2, "a password never stands in a URL"),
        ("s3://bucket/snapshots?key=Secret1", 2, "no query"),
        ("no-such-scheme://bucket/snapshots", 2, "Protocol not known"),
        ("file://host/srv", 2, "no other computer"),
    ],
)
def test_a_url_that_leads_nowhere_makes_no_folder(tmp_path: Path, store: str, code: int, said: str) -> None:
    for run in (
        collect(tmp_path, store=store),
        *(adinspect("snapshots", verb, store, folder=tmp_path) for verb in ("list", "check")),
    ):
        assert (run.code, said in run.err, "Secret1" in run.err) == (code, True, False), run.err
    assert made(tmp_path) == []


@pytest.mark.parametrize("command", ["generate", "report"])
def test_what_is_written_here_alone_refuses_a_url(tmp_path: Path, command: str) -> None:
    run = adinspect(command, collect(tmp_path).out.strip(), "-o", "s3://bucket/out", folder=tmp_path)
    assert (run.code, made(tmp_path)) == (2, []), run.err


def test_a_url_of_this_computer_is_a_folder(tmp_path: Path) -> None:
    run = collect(tmp_path, store=f"file://{tmp_path}/a%20b")
    assert run.code == 0, run.err
    assert Path(run.out.strip()).parent.parent == tmp_path / "a b"
    assert (tmp_path / "a b" / lock.FILE).exists()


ELSEWHERE = """
import sys
import file_systems
from adinspect.cli import main
main()
"""


def test_other_processes_see_what_was_published(tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    environment: dict[str, str] = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}

    def elsewhere(*arguments: str) -> str:
        command = [sys.executable, "-c", ELSEWHERE, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=tmp_path).stdout

    where = f"folders://{tmp_path}/away"
    path = collect(tmp_path, store=where).out.strip()
    assert elsewhere("snapshots", "list", where, "--format", "csv").splitlines()[1].endswith(path)
    assert elsewhere("snapshots", "check", path) == ""


def test_the_job_keeps_its_snapshots_and_its_history_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nights = count()

    class Clock(datetime):  # two runs within one second would be of one moment
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime(2026, 11, 24, 2, tzinfo=UTC) + timedelta(days=next(nights))

    monkeypatch.setattr(taking, "datetime", Clock)
    export = tmp_path / "forest.ldf"
    export.write_text(EXPORT, encoding="utf-8")
    text = f'[job]\nstore = "{STORE}"\noutput = "reports"\n[job.keep]\nlast = 2\n[[forest]]\nname = "a"\nldif = ["{export}"]\n'
    (tmp_path / "adinspect.toml").write_text(text + "reports = []\n", encoding="utf-8")

    def run() -> tuple[int, dict[str, Any]]:
        ended = adinspect("run", folder=tmp_path)
        told: dict[str, Any] = json.loads((tmp_path / "reports/run.json").read_bytes())["forests"][0]
        assert ended.code == told["exit"], ended.err
        return ended.code, told

    code, first = run()
    assert (code, first["snapshot"]) == (0, listed(tmp_path)[0]["path"]), first
    home = remote.place(first["snapshot"]).parent
    assert isinstance(home, Remote)
    assert [file.name for file in (home / "history").files()] == ["um-lync.json.gz"]
    with disturbed(no_store):
        code, told = run()
        assert (code, told["last_complete"]) == (7, None)
        assert "could not be sent" in told["error"]["what"]
    code, third = run()
    assert code == 0, third
    assert third["targets"][0]["lives"]["new"] == 0
    assert len(listed(tmp_path)) == 2
