"""`adinspect collect` with certificates beside it: from files, and from a host."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pki
import pytest
from cli_runs import Run, adinspect
from directories import CONFIGURATION, DOMAIN
from tls_hosts import context, serving, tls

from adinspect import snapshot
from adinspect.snapshot import Snapshot

ROOT = pki.authority("Contoso Root CA")
LEAF = pki.server("localhost", ROOT, "localhost", "ex1.contoso.example")

EXPORT = f"""dn: {DOMAIN}
objectClass: domainDNS

dn: CN=Contoso Root CA,CN=Certification Authorities,CN=Public Key Services,CN=Services,{CONFIGURATION}
objectClass: certificationAuthority
cn: Contoso Root CA
cACertificate:: {{root}}

"""


def collected(folder: Path, *options: str) -> tuple[Run, Snapshot]:
    (folder / "forest.ldf").write_text(EXPORT.format(root=base64.b64encode(ROOT.der).decode()), encoding="utf-8")
    run = adinspect("collect", "--ldif", "forest.ldf", *options, "-o", "store", folder=folder)
    assert run.code in (0, 5), run.err
    return run, snapshot.load(folder / run.out.splitlines()[-1])


def test_without_the_options_there_is_no_table(tmp_path: Path) -> None:
    _, one = collected(tmp_path)
    assert "certificates" not in one.tables
    assert one.manifest["supplied"] == {}


def test_certificates_of_files_are_kept_with_where_they_came_from_and_no_key(tmp_path: Path) -> None:
    (tmp_path / "pool=1.pem").write_bytes(LEAF.pem + LEAF.key_pem)
    run, one = collected(tmp_path, "--certificate", "EX1.contoso.example=pool=1.pem", "--certificate", "pool=1.pem")
    table = one.tables["certificates"]
    assert table["host"].fillna("").to_list() == ["ex1.contoso.example", ""]
    assert table["verified"].all()
    assert "pool=1.pem holds a private key" in run.err
    assert [(told["file"], told["host"], told["private_keys_not_kept"]) for told in one.manifest["supplied"]["certificates"]] == [
        ("pool=1.pem", "ex1.contoso.example", 1),
        ("pool=1.pem", "", 1),
    ]
    secret = LEAF.key_pem.splitlines()[1]
    assert not [file for file in (tmp_path / "store").rglob("*") if file.is_file() and secret in file.read_bytes()]
    assert one.manifest["tables"]["certificates"] == 2


def test_a_host_is_probed_with_the_roots_that_the_forest_publishes(tmp_path: Path) -> None:
    with serving(tls(context(tmp_path, LEAF))) as endpoint:
        run, one = collected(tmp_path, "--probe", str(endpoint), "--probe", "no-such-host.invalid")
    rows = one.tables["certificates"].fillna({"position": "none"}).to_dict("records")
    assert [(row["host"], row["position"], row["verified"]) for row in rows] == [
        ("localhost", "leaf", True),
        ("localhost", "chain", False),
        ("no-such-host.invalid", "none", False),
    ]
    assert "No certificate: no-such-host.invalid:5061: no connection" in run.err
    assert [told["verified"] for told in one.manifest["supplied"]["certificates"]] == [True, False]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--certificate", "missing.pem"], 9, "missing.pem"),
        (["--certificate", "ex1.contoso.example=missing.pem"], 9, "Where: missing.pem"),
        (["--certificate", "forest.ldf"], 9, "neither X.509 nor PKCS#7"),
        (["--probe", "sip:me@contoso.example"], 2, "no host to probe"),
        (["--probe", "a.example", "--probe-seconds", "0"], 2, "--probe-seconds"),
    ],
)
def test_a_bad_file_or_host_is_told_before_anything_is_read(tmp_path: Path, options: list[str], code: int, said: str) -> None:
    (tmp_path / "forest.ldf").write_text("dn: DC=x\nobjectClass: domainDNS\n", encoding="utf-8")
    run = adinspect("collect", "--ldif", "forest.ldf", *options, "-o", "store", folder=tmp_path)
    assert (run.code, "Traceback" in run.err) == (code, False)
    assert said in run.err
    assert not (tmp_path / "store").exists()


def test_a_workbook_and_a_json_report_show_the_certificates(tmp_path: Path) -> None:
    (tmp_path / "ex1.pem").write_bytes(LEAF.pem)
    _, one = collected(tmp_path, "--certificate", "ex1.contoso.example=ex1.pem")
    for output in ("report.json", "report.xlsx"):
        run = adinspect("report", str(one.path), "-o", output, folder=tmp_path)
        assert run.code == 0, run.err
    told = json.dumps(json.loads((tmp_path / "report.json").read_text("utf-8")))
    assert LEAF.thumbprint in told


def test_a_finding_about_a_certificate_is_accepted_by_its_key_however_the_file_is_called_and_whatever_lies_beside_it(
    tmp_path: Path,
) -> None:
    wildcard = pki.server("*.contoso.example", ROOT, "ex1.contoso.example")
    (tmp_path / "ex1.pem").write_bytes(wildcard.pem)
    _, first = collected(tmp_path, "--certificate", "ex1.contoso.example=ex1.pem")
    key = f"CRT-004/ex1.contoso.example/{wildcard.thumbprint}"
    waiver = f"[[waiver]]\nkey = '{key}'\nowner = 'Adele Vance'\nreason = 'switched off'\nuntil = 2099-01-01\n"
    (tmp_path / "w.toml").write_text(waiver, encoding="utf-8")
    (tmp_path / "another.cer").write_bytes(wildcard.der)
    (tmp_path / "ca.pem").write_bytes(ROOT.pem)
    _, second = collected(tmp_path, "--certificate", "ca.pem", "--certificate", "EX1.contoso.example=another.cer")
    for one in (first, second):
        run = adinspect("assess", str(one.path), "--format", "json", "--waivers", "w.toml", folder=tmp_path)
        findings = {found["key"]: found for found in json.loads(run.out)["findings"]}
        assert (findings[key]["guid"], findings[key]["waived"]["owner"]) == (None, "Adele Vance")
        assert [found["rule"] for found in findings.values() if found["waived"]] == ["CRT-004"]


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def added(folder: Path, old: Snapshot, *options: str) -> tuple[Run, Snapshot]:
    """A snapshot with something added; the other one stays as it is."""
    before = content(Path(str(old.path)))
    run = adinspect("collect", "--snapshot", str(old.path), *options, "-o", "store", folder=folder)
    assert run.code == 0, run.err
    assert content(Path(str(old.path))) == before
    new = snapshot.load(folder / run.out.splitlines()[-1])
    assert new.path != old.path
    same = {key for key in old.manifest if old.manifest[key] == new.manifest[key]}
    assert set(old.manifest) - same <= {"supplied", "tables", "files"}
    return run, new


def test_certificates_are_added_to_a_snapshot_that_stays_as_it_is(tmp_path: Path) -> None:
    _, old = collected(tmp_path)
    (tmp_path / "ex1.pem").write_bytes(LEAF.pem)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports/cs-media.csv").write_text("Identity,EncryptionLevel\nGlobal,RequireEncryption\n", encoding="utf-8")
    with serving(tls(context(tmp_path, LEAF))) as endpoint:
        options = ["--certificate", "ex1.contoso.example=ex1.pem", "--probe", str(endpoint), "--side", "exports"]
        _, new = added(tmp_path, old, *options)
    leaves = new.tables["certificates"].query("position == 'leaf'")
    assert [(row.host, row.source, row.verified) for row in leaves.itertuples()] == [
        ("ex1.contoso.example", "file", True),
        ("localhost", "probe", True),
    ]
    assert new.tables["cs_media"]["encryption_level"].to_list() == ["RequireEncryption"]
    assert [origin.get("file", "probe") for origin in new.manifest["supplied"]["certificates"]] == ["ex1.pem", "probe"]
    assert not [name for name in old.tables if not new.tables[name].equals(old.tables[name])]


def test_adding_the_same_file_again_gives_the_same_snapshot(tmp_path: Path) -> None:
    _, old = collected(tmp_path)
    (tmp_path / "ex1.pem").write_bytes(LEAF.pem)
    first, second = (added(tmp_path, old, "--certificate", "ex1.contoso.example=ex1.pem")[1] for _ in range(2))
    assert first.path == second.path


def test_a_host_that_is_supplied_or_probed_again_loses_what_it_had_that_way_and_no_other_does(tmp_path: Path) -> None:
    newer = pki.server("ex1.contoso.example", ROOT, "ex1.contoso.example")
    for name, one in (("ex1", LEAF), ("ex2", LEAF), ("newer", newer), ("ca", ROOT)):
        (tmp_path / f"{name}.pem").write_bytes(one.pem)
    files = ["--certificate", "ex1.contoso.example=ex1.pem", "--certificate", "ex2.contoso.example=ex2.pem"]
    with serving(tls(context(tmp_path, LEAF))) as endpoint:
        _, old = collected(tmp_path, *files, "--certificate", "ca.pem", "--probe", str(endpoint), "--probe", "gone.invalid")
        again = ["--certificate", "ex1.contoso.example=newer.pem", "--certificate", "ca.pem", "--probe", str(endpoint)]
        _, new = added(tmp_path, old, *again)
    held = new.tables["certificates"][["host", "source", "thumbprint"]].fillna("")
    rows = sorted(held.itertuples(index=False, name=None))
    assert rows == sorted(
        [
            ("", "file", ROOT.thumbprint),
            ("ex1.contoso.example", "file", newer.thumbprint),
            ("ex2.contoso.example", "file", LEAF.thumbprint),
            ("gone.invalid", "probe", ""),
            ("localhost", "probe", LEAF.thumbprint),
            ("localhost", "probe", ROOT.thumbprint),
        ]
    )
    told = [one.get("file", one.get("probe")) for one in new.manifest["supplied"]["certificates"]]
    assert told == ["ex2.pem", "gone.invalid:5061", "newer.pem", "ca.pem", str(endpoint)]


def test_a_root_that_is_added_later_is_told_of_the_certificates_that_were_there(tmp_path: Path) -> None:
    private = pki.authority("Private Root CA")
    (tmp_path / "ex1.pem").write_bytes(pki.server("ex1.contoso.example", private, "ex1.contoso.example").pem)
    (tmp_path / "ca.pem").write_bytes(private.pem)
    _, old = collected(tmp_path, "--certificate", "ex1.contoso.example=ex1.pem")
    _, new = added(tmp_path, old, "--certificate", "ca.pem")
    _, more = added(tmp_path, new, "--certificate", "ex2.contoso.example=ex1.pem")

    def verdict(one: Snapshot) -> tuple[bool, bool]:
        row = one.tables["certificates"].set_index("host").loc["ex1.contoso.example"]
        return row["root"] == private.sha256, row["verified"]

    assert [verdict(one) for one in (old, new, more)] == [(False, False), (True, True), (True, True)]


def test_what_a_handshake_said_stands_when_something_is_added(tmp_path: Path) -> None:
    private = pki.authority("Private Root CA")
    with serving(tls(context(tmp_path, pki.server("localhost", private, "localhost")))) as endpoint:
        _, old = collected(tmp_path, "--probe", str(endpoint))
    (tmp_path / "ca.pem").write_bytes(private.pem)
    _, new = added(tmp_path, old, "--certificate", "ca.pem")
    (row,) = new.tables["certificates"].query("port == port").to_dict("records")
    assert (row["root"] == private.sha256, row["verified"], bool(row["problem"])) == (True, False, True)


def test_a_certificate_that_was_issued_since_the_directory_was_read_is_not_called_early(tmp_path: Path) -> None:
    (tmp_path / "ex1.pem").write_bytes(LEAF.pem)
    taken = ("--taken", "2001-01-01")
    for written, rules in ((946684800, ["CRT-001"]), (None, [])):
        os.utime(tmp_path / "ex1.pem", None if written is None else (written, written))
        _, old = collected(tmp_path, *taken)
        _, new = added(tmp_path, old, "--certificate", "ex1.contoso.example=ex1.pem")
        told = json.loads(adinspect("assess", str(new.path), "--format", "json", folder=tmp_path).out)["findings"]
        assert [one["rule"] for one in told if one["rule"] == "CRT-001"] == rules


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ([], 2, "nothing is there to add"),
        (["--certificate", "missing.pem"], 9, "Where: missing.pem"),
        (["--probe", "sip:me@contoso.example"], 2, "no host to probe"),
        (["--probe", "a.invalid", "--ca", "missing.pem"], 2, "missing.pem"),
        (["--probe", "a.invalid", "--taken", "2026-11-24"], 2, "--taken belongs to --ldif"),
    ],
)
def test_a_mistake_in_what_is_added_leaves_nothing(tmp_path: Path, options: list[str], code: int, said: str) -> None:
    _, old = collected(tmp_path)
    run = adinspect("collect", "--snapshot", str(old.path), *options, "-o", "new", folder=tmp_path)
    assert (run.code, "Traceback" in run.err) == (code, False), run.err
    assert said in run.err
    assert not (tmp_path / "new").exists()


def test_nothing_is_probed_for_what_is_no_snapshot(tmp_path: Path) -> None:
    heard = []
    with serving(lambda connection: heard.append(connection)) as endpoint:
        run = adinspect("collect", "--snapshot", "nowhere", "--probe", str(endpoint), "-o", "store", folder=tmp_path)
    assert (run.code, heard) == (7, [])
    assert "this is no snapshot" in run.err
