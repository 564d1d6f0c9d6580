"""Starts copies of the ready forest, each on a loopback address of its own, and asks or changes them over LDAPS."""

from __future__ import annotations

import errno
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab.forest import (
    ADMINISTRATOR,
    CONFIGURATION,
    DOMAIN,
    HOST,
    READER,
    SCHEMA,
    SYSTEM_PATH,
    Account,
    LabError,
    certify,
    configuration,
    run,
)

START = 30.0  # seconds a domain controller may take until it answers; a quarter of one is usual
STOP = 10.0  # seconds it may take to end; it usually does so at once
# The access list without its owner, group and audit part: SD_FLAGS control, value 4 ([MS-ADTS] 3.1.1.3.4.1.11).
ACCESS_LIST_ONLY = ("-E", "!1.2.840.113556.1.4.801=::MAMCAQQ=")


@dataclass(frozen=True)
class Lab:
    """A running domain controller. Stopping it removes its folder."""

    folder: Path
    address: str
    process: subprocess.Popen[bytes] = field(repr=False)
    administrator: Account = ADMINISTRATOR
    reader: Account = READER
    domain: str = DOMAIN
    configuration: str = CONFIGURATION
    schema: str = SCHEMA

    @property
    def url(self) -> str:
        """Where it answers: an address, so that no name has to be resolved."""
        return f"ldaps://{self.address}"

    @property
    def ca_file(self) -> Path:
        """The CA that signed its certificate, which names the address and dc1.contoso.example."""
        return self.folder / "private" / "tls" / "ca.pem"

    def password_file(self, account: Account) -> Path:
        """A file (0600) that holds the account's password and nothing else, not even a newline."""
        path = self.folder / f"{account.name}.password"
        path.touch(mode=0o600)
        path.write_text(account.password)
        return path

    def search(self, account: Account, base: str, entries: str, *attributes: str, options: tuple[str, ...] = ()) -> str:
        """What ldapsearch prints at and under `base` for the filter `entries`: LDIF, no line folded. `options` are its own."""
        # One page, since ldapsearch repeats its head with each; Samba sets no limit.
        shape = ("-L", "-o", "ldif-wrap=no", "-E", "pr=100000/noprompt")
        return self._ask("ldapsearch", account, *shape, *options, "-b", base, entries, *attributes)

    def ldif(self) -> tuple[Path, Path, Path]:
        """Export configuration, schema and domain as administrator, with all attributes: one LDIF file each, in the lab's folder.

        Back links and access lists come only by name: those that the product reads are asked for.
        """
        by_name = ("*", "memberOf", "msExchUMHuntGroupDialPlanBL", "nTSecurityDescriptor")
        paths = (self.folder / "configuration.ldif", self.folder / "schema.ldif", self.folder / "domain.ldif")
        for path, base in zip(paths, (self.configuration, self.schema, self.domain), strict=True):
            path.write_text(self.search(self.administrator, base, "(objectClass=*)", *by_name, options=ACCESS_LIST_ONLY))
        return paths

    def modify(self, ldif: str) -> None:
        """Apply LDIF change records as administrator; a record without a changetype is added. Only on a lab of one's own."""
        self._ask("ldapmodify", self.administrator, "-a", stdin=ldif)

    def stop(self) -> None:
        """End the domain controller, wait until it is gone, and remove its folder."""
        self.process.terminate()
        try:
            self.process.communicate(timeout=STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _ask(self, program: str, account: Account, *arguments: str, stdin: str = "") -> str:
        sign_in = ("-x", "-H", self.url, "-D", account.user, "-y", str(self.password_file(account)))
        return run(program, *sign_in, *arguments, stdin=stdin, LDAPTLS_CACERT=str(self.ca_file), LDAPTLS_REQCERT="demand")


def free_address() -> str:
    """A loopback address on which nothing listens for LDAP. Raises OSError where the port may not be had at all."""
    while True:
        address = "127." + ".".join(str(1 + secrets.randbelow(254)) for _ in range(3))
        if is_free(address):
            return address


def is_free(address: str) -> bool:
    """Whether nothing listens for LDAP there. Raises OSError where the port may not be had at all."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that have ended do not count
        try:
            probe.bind((address, 389))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def start(ready: Path, address: str) -> Lab:
    """Start a copy of the ready forest on `address`. Raises LabError, with the end of Samba's log, where it does not come up."""
    if not is_free(address):
        raise LabError(f"Something listens on {address} already.")
    folder = Path(tempfile.mkdtemp(prefix="adinspect-lab-"))
    try:
        _copy(ready, folder, address)
    except BaseException:
        shutil.rmtree(folder)
        raise
    log = folder / "samba.log"
    with log.open("wb") as output:
        # An interactive samba ends with its standard input, so that it never outlives whoever started it.
        process = subprocess.Popen(
            ["samba", f"--configfile={folder}/etc/smb.conf", "--interactive", "--model=single", "--debuglevel=1"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={"PATH": SYSTEM_PATH},
        )
    lab = Lab(folder, address, process)
    if not _answers(lab):
        said = log.read_text(errors="replace")[-3000:]
        lab.stop()
        raise LabError(f"Samba did not come up on {address}. The end of its log:\n{said}")
    return lab


@contextmanager
def running(ready: Path) -> Iterator[Lab]:
    """A copy of the ready forest on a free address, for as long as the block runs."""
    lab = start(ready, free_address())
    try:
        yield lab
    finally:
        lab.stop()


def _copy(ready: Path, folder: Path, address: str) -> None:
    """Make `folder` a domain controller of its own, with a certificate for `address`."""
    run("cp", "-a", "--reflink=auto", f"{ready}/.", str(folder))
    (folder / "etc" / "smb.conf").write_text(configuration(folder, address))
    for name in ("ncalrpc", "ntp_signd", "winbindd"):
        (folder / "run" / name).mkdir(parents=True)
    tls = folder / "private" / "tls"
    extensions = f"subjectAltName=DNS:{HOST},IP:{address}\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid"
    certify(tls, "cert", HOST, extensions, "-CA", str(tls / "ca.pem"), "-CAkey", str(tls / "ca.key"))
    (tls / "cert.key").rename(tls / "key.pem")


def _answers(lab: Lab) -> bool:
    """Wait until both LDAP ports accept a connection; False where the process ends first or the time is up."""
    until = time.monotonic() + START
    waiting = [389, 636]
    while waiting:
        try:
            socket.create_connection((lab.address, waiting[0]), timeout=1).close()
            waiting.pop(0)
        except OSError:
            if lab.process.poll() is not None or time.monotonic() > until:
                return False
            time.sleep(0.02)
    return True
