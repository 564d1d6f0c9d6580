"""The lab holds what its templates say, hides from the reader what its README says, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from lab import Account, Lab, LabError, build, forest, free_address, planted, start
from lab.planted import TARGETS, rdn_values
from lab.server import ACCESS_LIST_ONLY

TESTS = Path(__file__).parent
QUERIES = TESTS.parent / "queries"
VOICE = ("msExch", "msRTCSIP-")
PARIS = f"OU=Paris,OU=Staff,{forest.DOMAIN}"


def distinguished_names(ldif: str) -> list[str]:
    return re.findall(r"^dn: (.+)$", ldif, re.MULTILINE)


def values(ldif: str, attribute: str) -> list[str]:
    return re.findall(rf"^{attribute}::? (.*)$", ldif, re.MULTILINE)


@pytest.fixture(scope="module")
def exported(lab: Lab) -> str:
    return "".join(path.read_text() for path in lab.ldif())


def test_both_accounts_sign_in(lab: Lab) -> None:
    for account in (lab.administrator, lab.reader):
        assert distinguished_names(lab.search(account, lab.domain, "(objectClass=domainDNS)", "dn")) == [lab.domain]


def test_a_wrong_password_is_refused(lab: Lab) -> None:
    with pytest.raises(LabError, match="Invalid credentials"):
        lab.search(Account(lab.reader.name, "wrong"), lab.domain, "(objectClass=domainDNS)")


@pytest.mark.parametrize("name", ["address", forest.HOST])
def test_its_certificate_names_address_and_host(lab: Lab, name: str) -> None:
    context = ssl.create_default_context(cafile=lab.ca_file)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # what Python 3.13 and later ask for by themselves
    server_name = lab.address if name == "address" else name
    with (
        socket.create_connection((lab.address, 636)) as plain,
        context.wrap_socket(plain, server_hostname=server_name) as secured,
    ):
        assert secured.version() in {"TLSv1.2", "TLSv1.3"}


def test_its_certificate_names_nothing_else(lab: Lab) -> None:
    context = ssl.create_default_context(cafile=lab.ca_file)
    with socket.create_connection((lab.address, 636)) as plain, pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        context.wrap_socket(plain, server_hostname="dc2.contoso.example")


def classes_of_the_templates() -> Counter[str]:
    """How many objects of each class the forest's templates make, those that they delete again taken off."""
    templates = "\n\n".join(path.read_text() for path in sorted((TESTS / "lab" / "forest").glob("*.ldif")))
    objects: dict[str, str] = {}
    for record in re.split(r"\n{2,}", templates):
        dn, object_class = re.search(r"^dn: (.+)$", record, re.MULTILINE), re.search(r"^objectClass: (.+)$", record, re.MULTILINE)
        if dn and object_class:
            objects[dn[1]] = object_class[1]
        elif dn and "changetype: delete" in record:
            del objects[dn[1]]
    return Counter(objects.values())


def test_the_lab_holds_as_many_objects_of_each_class_as_its_templates(exported: str) -> None:
    made = classes_of_the_templates()
    assert made["user"] > 45
    the_domain_has_more = ("container", "organizationalUnit", "user", "group", "computer")
    expected = {name: count for name, count in made.items() if name not in the_domain_has_more}
    found = Counter(re.findall(r"^objectClass: (.+)\n(?!objectClass)", exported, re.MULTILINE))  # the last is the most specific
    assert {name: found[name] for name in expected} == expected


def test_the_users_of_the_templates_are_there(lab: Lab) -> None:
    made = classes_of_the_templates()
    users = lab.search(lab.administrator, lab.domain, "(&(objectCategory=person)(objectClass=user))", "dn")
    not_ours = 5  # Administrator, Guest, krbtgt and dns-dc1 come with the domain; adreader
    assert users.count("\ndn:") == made["user"] + made["inetOrgPerson"] + not_ours


def test_every_attribute_the_product_asks_for_is_in_the_schema(exported: str) -> None:
    known = set(values(exported, "lDAPDisplayName"))
    asked = {asked for path in QUERIES.glob("*.toml") for asked in re.findall(r'attribute\s*= "([^"]+)"', path.read_text())}
    assert len(asked) > 100
    assert asked - known == set()


def test_every_voice_attribute_of_the_schema_files_is_known(exported: str) -> None:
    files = "".join(path.read_text() for path in (TESTS / "lab" / "schema").glob("*.ldif"))
    wanted = {name for name in values(files, "lDAPDisplayName") if name.startswith(VOICE)}
    assert wanted - set(values(exported, "lDAPDisplayName")) == set()


def test_every_planted_object_is_in_the_forest(exported: str) -> None:
    names = distinguished_names(exported)
    named = {finding for target in TARGETS for finding in planted(target) if not finding.filtered}
    assert [finding for finding in named if not any(finding.names(dn) for dn in names)] == []


@pytest.mark.parametrize("target", TARGETS)
def test_no_finding_is_planted_twice(target: str) -> None:
    assert [finding for finding, times in Counter(planted(target)).items() if times > 1] == []


@pytest.mark.parametrize(
    ("dn", "expected"),
    [
        ("CN=EX13,OU=Servers", ["EX13", "Servers"]),
        (r"CN=Vance\, Adele,OU=Staff", ["Vance, Adele", "Staff"]),
        (r"CN=\3D1\2B1,OU=Staff", ["=1+1", "Staff"]),
        (r"CN==1\+1,OU=Staff", ["=1+1", "Staff"]),
        (r"CN=\#Deyoung \\ \"Al\",OU=Staff", ['#Deyoung \\ "Al"', "Staff"]),
        (r"CN=Zo\C3\AB,OU=Staff", ["Zoë", "Staff"]),
    ],
)
def test_rdn_values(dn: str, expected: list[str]) -> None:
    assert list(rdn_values(dn)) == expected


# Base, filter, and the attribute (or "dn") that the reader sees nowhere, or wherever an administrator does.
SEEN = {
    "no line URI in one OU": (PARIS, "(objectClass=user)", "msRTCSIP-Line", False),
    "the line URIs of another": (f"OU=London,OU=Staff,{forest.DOMAIN}", "(objectClass=user)", "msRTCSIP-Line", True),
    "the users of the first": (PARIS, "(objectClass=user)", "dn", True),
    "no hosted voice mail": (forest.DOMAIN, "(objectClass=user)", "msExchUCVoiceMailSettings", False),
    "no gateway": (forest.CONFIGURATION, "(objectClass=msExchUMIPGateway)", "dn", False),
    "no hunt group": (forest.CONFIGURATION, "(objectClass=msExchUMHuntGroup)", "dn", False),
    "the container of both": (forest.NAMES["GATEWAYS"], "(objectClass=msExchContainer)", "nTSecurityDescriptor", True),
    "back links to hunt groups": (forest.CONFIGURATION, "(objectClass=msExchUMDialPlan)", "msExchUMHuntGroupDialPlanBL", True),
    "the dial plans": (forest.CONFIGURATION, "(objectClass=msExchUMDialPlan)", "dn", True),
}


@pytest.mark.parametrize(("base", "entries", "attribute", "shown"), SEEN.values(), ids=SEEN)
def test_the_reader_sees(lab: Lab, base: str, entries: str, attribute: str, shown: bool) -> None:
    by_administrator, by_reader = (
        len(values(lab.search(account, base, entries, attribute, options=ACCESS_LIST_ONLY), attribute))
        for account in (lab.administrator, lab.reader)
    )
    assert by_administrator > 0
    assert by_reader == (by_administrator if shown else 0)


def test_a_hidden_attribute_is_absent_without_an_error_and_unfindable(lab: Lab) -> None:
    having = (lab.domain, "(msExchUCVoiceMailSettings=*)", "dn")
    assert distinguished_names(lab.search(lab.administrator, *having)) != []
    assert distinguished_names(lab.search(lab.reader, *having)) == []


def test_links_to_what_was_deleted_dangle(lab: Lab) -> None:
    linked = lab.search(lab.administrator, lab.configuration, "(cn=Closed PBX)", "msExchUMHuntGroupDialPlanLink")
    assert values(linked, "msExchUMHuntGroupDialPlanLink") == []
    not_linked = lab.search(lab.administrator, lab.domain, "(cn=pool.deleted)", "msRTCSIP-PrimaryHomeServer")
    [home] = values(not_linked, "msRTCSIP-PrimaryHomeServer")
    assert r"\0ADEL:" in home


def test_the_export_holds_what_comes_only_by_name(exported: str) -> None:
    for attribute in ("msExchUMHuntGroupDialPlanBL", "memberOf", "nTSecurityDescriptor", "uSNCreated"):
        assert values(exported, attribute) != [], attribute


def test_the_export_holds_values_of_every_kind(exported: str) -> None:
    assert len(max(values(exported, "msRTCSIP-PrimaryUserAddress"), key=len)) == 454
    assert "NTDpMTAw" in values(exported, "msExchUMOperatorNumber")  # 35 30 E9 31 30 30: no UTF-8


def test_a_fresh_lab_changes_alone(lab: Lab, fresh_lab: Lab) -> None:
    fresh_lab.modify(f"dn: CN=newcomer,OU=Staff,{fresh_lab.domain}\nobjectClass: user\nsAMAccountName: newcomer\n")
    found = [
        distinguished_names(running.search(running.reader, running.domain, "(cn=newcomer)", "dn")) for running in (fresh_lab, lab)
    ]
    assert found == [[f"CN=newcomer,OU=Staff,{fresh_lab.domain}"], []]
    assert fresh_lab.address != lab.address


def test_stop_leaves_nothing(ready_forest: Path) -> None:
    lab = start(ready_forest, free_address())
    lab.stop()
    assert gone(lab.process.pid)
    assert not lab.folder.exists()
    with socket.socket() as probe:
        probe.bind((lab.address, 389))


def test_a_lab_does_not_outlive_who_started_it(ready_forest: Path) -> None:
    """A test run that is killed cannot stop its labs."""
    script = (
        "import os, sys; sys.path.append(sys.argv[1]); from pathlib import Path; from lab import free_address, start\n"
        "lab = start(Path(sys.argv[2]), free_address()); print(lab.process.pid, lab.folder, flush=True); os.kill(os.getpid(), 9)"
    )
    said = subprocess.run([sys.executable, "-c", script, TESTS, ready_forest], capture_output=True, text=True, check=False)
    assert said.returncode == -signal.SIGKILL
    pid, folder = said.stdout.split()
    try:
        assert eventually(lambda: gone(int(pid)))
    finally:
        forest.run("rm", "-r", folder)


def test_an_address_that_is_taken_is_refused(lab: Lab, ready_forest: Path) -> None:
    with pytest.raises(LabError, match=rf"listens on {re.escape(lab.address)} already"):
        start(ready_forest, lab.address)


def test_a_lab_that_cannot_start_shows_the_log(ready_forest: Path, tmp_path: Path) -> None:
    forest.run("cp", "-a", f"{ready_forest}/.", str(tmp_path))
    (tmp_path / "private" / "sam.ldb").unlink()
    address = free_address()
    with pytest.raises(LabError, match=rf"did not come up on {re.escape(address)}(.|\n)*sam\.ldb"):
        start(tmp_path, address)


def gone(pid: int) -> bool:
    """No process, or one that has ended and waits for init to notice."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


def eventually(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 30
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


@pytest.fixture
def makings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders in which forests are made, each by an empty stand-in for the real making."""
    folders: list[Path] = []

    def make(folder: Path, *_: object) -> None:
        folders.append(folder)
        folder.mkdir()
        time.sleep(0.2)
        (folder / "ready").touch()

    monkeypatch.setattr(forest, "_make", make)
    return folders


def test_two_builders_make_one_forest(tmp_path: Path, makings: list[Path]) -> None:
    built: list[Path] = []
    builders = [threading.Thread(target=lambda: built.append(build(tmp_path))) for _ in range(2)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert len(makings) == 1
    assert built == [built[0]] * 2
    assert (built[0] / "ready").exists()


def test_a_making_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(folder: Path, *_: object) -> None:
        folder.mkdir()
        raise LabError("no")

    monkeypatch.setattr(forest, "_make", make)
    with pytest.raises(LabError, match="no"):
        build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_building_tidies_the_cache(tmp_path: Path, makings: list[Path]) -> None:
    old, recent, dead = tmp_path / "old", tmp_path / "recent", tmp_path / "building-dead"
    for folder in (old, recent, dead):
        folder.mkdir()
    os.utime(old, (0, 0))
    built = build(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"lock", "recent", built.name}
    assert len(makings) == 1


@pytest.mark.parametrize("changed", ["schema/17-additions.ldif", "forest/40-users-sound.ldif", "forest/access.toml"])
def test_a_changed_input_makes_another_forest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, makings: list[Path], changed: str
) -> None:
    forest.run("cp", "-r", str(forest.HERE), str(tmp_path / "inputs"))
    monkeypatch.setattr(forest, "HERE", tmp_path / "inputs")
    first = build(tmp_path / "cache")
    with (tmp_path / "inputs" / changed).open("a") as file:
        file.write("\n# changed\n")
    assert build(tmp_path / "cache") != first
    assert len(makings) == 2


def test_what_is_missing_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "PROGRAMS", ("samba", "no-such-program"))
    with pytest.raises(LabError, match=r"no-such-program\. Run:\ntests/lab/install$"):
        build(tmp_path)


def test_without_root_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match="needs root"):
        build(tmp_path)


def test_an_unknown_name_in_a_template_is_named(tmp_path: Path) -> None:
    template = tmp_path / "60-more.ldif"
    template.write_text("dn: CN=x,${POOL_9_9}\n")
    with pytest.raises(LabError, match=r"60-more\.ldif: nothing is known as \$\{POOL_9_9\}"):
        forest._filled(template, forest.NAMES)


def test_everything_the_suite_needs_of_the_system_is_installed() -> None:
    check = subprocess.run([TESTS / "lab" / "install", "--check"], capture_output=True, text=True, check=False)
    assert (check.returncode, check.stderr) == (0, "")


def test_install_names_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "dpkg-query").write_text('#!/bin/sh\n[ "$3" = samba ] || printf installed\n')
    (tmp_path / "dpkg-query").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    check = subprocess.run([TESTS / "lab" / "install", "--check"], env=environment, capture_output=True, text=True, check=False)
    assert (check.returncode, check.stderr) == (1, "missing: samba\ntests/lab/install\n")


def test_play_says_how_to_reach_it_and_leaves_nothing(ready_forest: Path) -> None:
    """By Ctrl-C, as its last line promises."""
    assert ready_forest.is_dir()
    with subprocess.Popen([TESTS / "lab" / "play"], stdout=subprocess.PIPE, text=True) as play:
        assert play.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            line = play.stdout.readline()
            assert line, said
            said += line
        play.send_signal(signal.SIGINT)
    ca_file = re.search(r"^CA file +(.+)$", said, re.MULTILINE)
    assert ca_file
    assert re.search(
        rf"^adinspect collect --server ldaps://127[\d.]+ --user adreader@contoso.example --ca {ca_file[1]} -o snapshots$",
        said,
        re.MULTILINE,
    )
    assert not Path(ca_file[1]).exists()
    assert play.returncode == 130
