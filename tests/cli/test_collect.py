"""`adinspect collect` against the real directory, and against one that is not there."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cli_runs import adinspect
from lab import Lab


def connection(lab: Lab) -> list[str]:
    reader = lab.reader
    return ["--user", reader.user, "--password-file", str(lab.password_file(reader)), "--ca", str(lab.ca_file)]


def test_a_forest_is_collected_judged_and_reported(lab: Lab, tmp_path: Path) -> None:
    run = adinspect("collect", "--server", lab.url, *connection(lab), "-o", "store", folder=tmp_path)
    assert run.code == 0, run.err
    path = run.out.splitlines()[-1]
    manifest = json.loads((tmp_path / path / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["forest"], manifest["state"], manifest["account"]) == ("contoso.example", "complete", lab.reader.user)
    assert stat.S_IMODE((tmp_path / path / "users.parquet").stat().st_mode) == 0o600
    assessed = adinspect("assess", path, "--format", "table", folder=tmp_path)
    skipped = [line for line in assessed.err.splitlines() if line.startswith("Skipped ")]
    assert any("GW-001" in line and "may not list" in line for line in skipped)
    assert adinspect("report", path, "-o", "x.xlsx", folder=tmp_path).code == 0


@pytest.mark.parametrize("options", [["--start-tls"], ["--authentication", "negotiate"]])
def test_port_389_is_secured_before_anybody_signs_in(lab: Lab, tmp_path: Path, options: list[str]) -> None:
    server = lab.url.replace("ldaps://", "ldap://")
    run = adinspect("collect", "--server", server, *connection(lab), *options, "-o", "store", folder=tmp_path)
    assert run.code == 0, run.err


def test_the_password_is_read_from_standard_input_and_written_nowhere(lab: Lab, tmp_path: Path) -> None:
    options = ["--user", lab.reader.user, "--password-file", "-", "--ca", str(lab.ca_file)]
    run = adinspect("collect", "--server", lab.url, *options, "-o", "store", folder=tmp_path, stdin=lab.reader.password + "\n")
    assert run.code == 0, run.err
    secret = lab.reader.password.encode()
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and secret in file.read_bytes()]
    assert lab.reader.password not in run.out + run.err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"--ca": None}, "certificate"),
        ({"--password-file": "wrong"}, "password"),
        ({"--user": "nobody@contoso.example"}, "password"),
        ({"--server": "ldaps://127.0.0.1:1"}, "127.0.0.1:1"),
        ({"--server": "ldaps://no-such-host.invalid"}, "no-such-host.invalid"),
    ],
)
def test_who_cannot_sign_in_gets_exit_code_4_and_no_snapshot(
    lab: Lab, tmp_path: Path, change: dict[str, str | None], said: str
) -> None:
    (tmp_path / "wrong").write_text("not the password", encoding="utf-8")
    given = dict(zip(*[iter(["--server", lab.url, *connection(lab)])] * 2, strict=True)) | change
    options = [part for name, value in given.items() if value for part in (name, value)]
    run = adinspect("collect", *options, "-o", "store", folder=tmp_path)
    assert run.code == 4, run.err
    assert said in run.err
    assert "Traceback" not in run.err
    assert lab.reader.password not in run.err
    assert not (tmp_path / "store").exists()


def test_a_simple_bind_in_clear_text_is_refused(lab: Lab, tmp_path: Path) -> None:
    server = lab.url.replace("ldaps://", "ldap://")
    run = adinspect("collect", "--server", server, *connection(lab), "--authentication", "simple", "-o", "store", folder=tmp_path)
    assert run.code in {2, 4}
    assert "clear" in run.err
