"""`adinspect doctor` against the real directory, for the administrator and for the ordinary account."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from cli_runs import Run, adinspect
from directories import Failing, access_list, forest
from lab import Account, Lab

from adinspect import security_identifier
from adinspect.directory.memory import MemoryDirectory


def asked(lab: Lab, account: Account, folder: Path, *options: str) -> Run:
    signing_in = ["--user", account.user, "--password-file", str(lab.password_file(account)), "--ca", str(lab.ca_file)]
    return adinspect("doctor", "--server", lab.url, *signing_in, *options, folder=folder, COLUMNS="400")


def dn_of(lab: Lab, name: str) -> str:
    return lab.search(lab.administrator, lab.domain, f"(sAMAccountName={name})", "cn").split("dn: ")[1].splitlines()[0]


def sid_of(lab: Lab, name: str) -> str:
    shown = lab.search(lab.administrator, lab.domain, f"(sAMAccountName={name})", "objectSid")
    return security_identifier.whole(base64.b64decode(shown.split("objectSid:: ")[1].splitlines()[0]))


def told(lab: Lab, account: Account, folder: Path) -> list[dict[str, Any]]:
    run = asked(lab, account, folder, "--format", "json")
    assert run.code == 0, run.err
    lines: list[dict[str, Any]] = json.loads(run.out)
    return lines


def test_nothing_is_hidden_from_the_administrator(lab: Lab, tmp_path: Path) -> None:
    assert [line for line in told(lab, lab.administrator, tmp_path) if line["needs"]] == []
    assert "Nothing is hidden from this account." in asked(lab, lab.administrator, tmp_path).err
    assert not list(tmp_path.iterdir())


def test_what_is_hidden_from_the_ordinary_account_is_told_with_what_would_show_it(lab: Lab, tmp_path: Path) -> None:
    hidden = {(line["kind"], line["what"]): line for line in told(lab, lab.reader, tmp_path) if line["needs"]}
    assert set(hidden) == {
        ("container", "UM IPGateway Container (gateways, hunt_groups)"),
        ("table", "gateways"),
        ("table", "hunt_groups"),
        ("attributes", "users: Lync / Skype for Business"),
        ("attributes", "voice_mail_settings: Exchange"),
    }
    lines = hidden["attributes", "users: Lync / Skype for Business"]
    assert 0 < lines["seen"] < lines["of"]
    assert lines["visible"].startswith("msRTCSIP-Line: on ")
    denied = f"an entry denies it to {lab.reader.user}"
    assert lines["needs"] == f"{denied}; membership of Account Operators, or Domain Admins, which may do more than read"
    assert hidden["table", "gateways"]["needs"] == f"{denied}, and while that stands no membership shows it"


def test_the_group_that_is_named_shows_what_was_hidden(fresh_lab: Lab, tmp_path: Path) -> None:
    """Who is told a group and joins it sees what was hidden: a container by a group that may list it, attributes by another."""
    lab = fresh_lab
    plans = f"CN=UM DialPlan Container,CN=Contoso,CN=Microsoft Exchange,CN=Services,{lab.configuration}"
    may = {"S-1-5-18": 0xF01FF, "S-1-5-32-544": 0xF01FF, "S-1-5-11": 0x20010, sid_of(lab, "RTCUniversalServerAdmins"): 0x20014}
    octets = base64.b64encode(access_list(*((sid, True, mask, None) for sid, mask in may.items()))).decode()
    lab.modify(f"dn: {plans}\nchangetype: modify\nreplace: nTSecurityDescriptor\nnTSecurityDescriptor:: {octets}\n")

    def hidden() -> dict[str, str]:
        return {line["what"]: line["needs"] for line in told(lab, lab.reader, tmp_path) if line["needs"]}

    before = hidden()
    lync = "users: Lync / Skype for Business"
    assert before["dial_plans"] == "membership of RTCUniversalServerAdmins"
    assert "membership of Account Operators" in before[lync]
    for group in ("RTCUniversalServerAdmins", "Account Operators"):
        lab.modify(f"dn: {dn_of(lab, group)}\nchangetype: modify\nadd: member\nmember: {dn_of(lab, lab.reader.name)}\n")
    after = hidden()
    assert "dial_plans" not in after
    assert lync not in after


def test_people_read_it_as_a_table(lab: Lab, tmp_path: Path) -> None:
    run = asked(lab, lab.reader, tmp_path)
    assert run.code == 0
    assert run.out.splitlines()[0].split() == ["kind", "what", "seen", "of", "visible", "why", "needs"]
    assert lab.reader.password not in run.out + run.err


def test_reading_that_ended_early_is_said_and_has_its_exit_code(tmp_path: Path) -> None:
    directory = Failing(MemoryDirectory(forest()), {"(objectClass=msExchUMDialPlan)": 0})
    with patch("adinspect.cli.collect.open_directory", return_value=directory):
        run = adinspect("doctor", "--server", "ldaps://dc1.contoso.example", folder=tmp_path)
    assert run.code == 5
    assert "Not whole: dial_plans in CN=Configuration,DC=contoso,DC=example: the server cut the connection" in run.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "one of --server, --domain"),
        (["--server", "ldaps://127.0.0.1", "--domain", "contoso.example"], 2, "one of --server, --domain"),
        (["--server", "ldaps://127.0.0.1"], 2, "--user"),
        (["--server", "ldaps://127.0.0.1:1", "--user", "a@b", "--password-file", "-"], 4, "127.0.0.1:1"),
    ],
)
def test_a_mistake_has_its_exit_code(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    run = adinspect("doctor", *arguments, folder=tmp_path, stdin="secret\n")
    assert (run.code, run.out) == (code, "")
    assert said in run.err
