"""What a person gets for a mistake: the exit code, what and where, and nothing half written."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import adinspect

GOOD = "dn: DC=contoso,DC=example\nobjectClass: domainDNS\ninstanceType: 4\nuSNCreated: 1\n\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "Usage"),
        (["colect"], 2, "No such command 'colect'"),
        (["collect", "-o", "s"], 2, "one of --server, --domain, --ldif"),
        (["collect", "--server", "ldaps://127.0.0.1", "--ldif", "x", "-o", "s"], 2, "one of --server, --domain, --ldif"),
        (["collect", "--server", "ldaps://127.0.0.1", "-o", "s"], 2, "--user"),
        (["collect", "--server", "http://127.0.0.1", "--user", "a@b", "-o", "s"], 2, "http://127.0.0.1"),
        (["collect", "--server", "ldaps://127.0.0.1", "--taken", "2026-01-01", "-o", "s"], 2, "--taken belongs to --ldif"),
        (["collect", "--ldif", "gone.ldif", "-o", "s"], 9, "gone.ldif"),
        (["collect", "--ldif", "broken.ldif", "-o", "s"], 9, "line 2"),
        (["collect", "--ldif", "empty.ldif", "-o", "s"], 9, "empty.ldif"),
        (["assess", "nowhere"], 7, "this is no snapshot"),
        (["assess", "nowhere", "--target", "teams"], 2, "'teams' is not one of"),
        (["assess", "nowhere", "--profile", "typo.toml"], 2, "typo.toml, line 2"),
        (["assess", "nowhere", "--profile", "gone.toml"], 2, "gone.toml"),
        (["report", "nowhere", "-o", "x.xlsx"], 7, "this is no snapshot"),
        (["generate", "nowhere", "-o", "bulk"], 7, "this is no snapshot"),
        (["rules", "USR-999"], 2, "there is no rule USR-999"),
        (["queries", "peple"], 2, "there is no query peple"),
    ],
)
def test_a_mistake_has_its_exit_code_and_says_where(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    (tmp_path / "broken.ldif").write_text("dn: DC=contoso,DC=example\nno colon here\n", encoding="utf-8")
    (tmp_path / "empty.ldif").write_text("", encoding="utf-8")
    (tmp_path / "typo.toml").write_text('[population]\nbase_dn = "OU=Staff"\n', encoding="utf-8")
    run = adinspect(*arguments, folder=tmp_path)
    assert run.code == code, run.err
    assert said in run.err + run.out
    assert "Traceback" not in run.err
    assert not (tmp_path / "s").exists()
    assert not (tmp_path / "bulk").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[colect]\nldif = []", "adinspect.toml, line 1"),
        ('[collect]\nserver = "x"\nsevrer = "y"', "adinspect.toml, line 3"),
        ("collect = 3", "adinspect.toml, line 1"),
    ],
)
def test_a_mistake_in_the_settings_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "adinspect.toml").write_text(text, encoding="utf-8")
    run = adinspect("snapshots", "list", ".", folder=tmp_path)
    assert run.code == 2
    assert said in run.err


def test_options_come_before_the_environment_and_that_before_the_settings_file(tmp_path: Path) -> None:
    for name in ("option", "environment", "file"):
        (tmp_path / f"{name}.ldif").write_text("not ldif\n", encoding="utf-8")
    (tmp_path / "adinspect.toml").write_text('[collect]\nldif = ["file.ldif"]\noutput = "s"\n', encoding="utf-8")
    assert "file.ldif" in adinspect("collect", folder=tmp_path).err
    assert "environment.ldif" in adinspect("collect", folder=tmp_path, ADINSPECT_COLLECT_LDIF="environment.ldif").err
    run = adinspect("collect", "--ldif", "option.ldif", folder=tmp_path, ADINSPECT_COLLECT_LDIF="environment.ldif")
    assert "option.ldif" in run.err


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read"), (b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe\xff", "cannot be read")]
)
def test_a_password_file_that_holds_none_is_said(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "p").write_bytes(content)
    run = adinspect(
        "collect", "--server", "ldaps://127.0.0.1", "--user", "a@b", "--password-file", "p", "-o", "s", folder=tmp_path
    )
    assert run.code == 9
    assert said in run.err


def test_without_a_terminal_nobody_is_asked_for_a_password(tmp_path: Path) -> None:
    run = adinspect("collect", "--server", "ldaps://127.0.0.1", "--user", "a@b", "-o", "s", folder=tmp_path)
    assert run.code == 2
    assert "--password-file" in run.err


def test_text_of_the_directory_cannot_drive_the_terminal(tmp_path: Path) -> None:
    name = "dn:: Q049GxtbMm0sREM9Y29udG9zbyxEQz1leGFtcGxl\ncn:: GxtbMm0="
    export = f"{GOOD}{name}\nobjectClass: contact\ninstanceType: 4\nuSNCreated: 1\n\n"
    (tmp_path / "x.ldif").write_text(export, encoding="utf-8")
    collected = adinspect("collect", "--ldif", "x.ldif", "-o", "s", folder=tmp_path)
    assert collected.code == 0, collected.err
    listed = adinspect("snapshots", "list", "s", folder=tmp_path)
    assert listed.code == 0
    path = collected.out.splitlines()[-1]
    for run in (collected, listed, adinspect("assess", path, folder=tmp_path)):
        assert "\x1b" not in run.out + run.err
