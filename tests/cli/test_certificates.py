"""`adinspect collect` with certificates beside it: from files, and from a host."""

from __future__ import annotations

import base64
import json
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
