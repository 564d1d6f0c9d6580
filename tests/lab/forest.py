"""Makes each of the lab's forests once: a domain, its schema extended, filled from LDIF templates, kept stopped in a cache."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

HERE = Path(__file__).parent
UNUSED = 7 * 86_400  # seconds after which a forest of other inputs, such as another branch's, leaves the cache

REALM = "contoso.example"
HOST = f"dc1.{REALM}"
DOMAIN = "DC=contoso,DC=example"
CONFIGURATION = f"CN=Configuration,{DOMAIN}"
SCHEMA = f"CN=Schema,{CONFIGURATION}"
ORGANIZATION = f"CN=Contoso,CN=Microsoft Exchange,CN=Services,{CONFIGURATION}"
ADMIN_GROUP = "Exchange Administrative Group (FYDIBOHF23SPDLT)"
RTC = f"CN=RTC Service,CN=Services,{CONFIGURATION}"
POOLS = ("1:1", "1:2", "2:1", "2:2", "2:3", "3:1", "3:2")

# What ${...} stands for in schema/ and the templates. ${CA_CERTIFICATE} joins them once it is made.
NAMES = {
    "DOMAIN": DOMAIN,
    "CONFIGURATION": CONFIGURATION,
    "SCHEMADN": SCHEMA,
    "SITE": f"CN=Default-First-Site-Name,CN=Sites,{CONFIGURATION}",
    "ORGANIZATION": ORGANIZATION,
    "DIAL_PLANS": f"CN=UM DialPlan Container,{ORGANIZATION}",
    "GATEWAYS": f"CN=UM IPGateway Container,{ORGANIZATION}",
    "AUTO_ATTENDANTS": f"CN=UM AutoAttendant Container,{ORGANIZATION}",
    "POLICIES": f"CN=UM Mailbox Policies,{ORGANIZATION}",
    "ADMIN_GROUP": f"CN={ADMIN_GROUP},CN=Administrative Groups,{ORGANIZATION}",
    "SERVERS": f"CN=Servers,CN={ADMIN_GROUP},CN=Administrative Groups,{ORGANIZATION}",
    "DATABASES": f"CN=Databases,CN={ADMIN_GROUP},CN=Administrative Groups,{ORGANIZATION}",
    "LEGACY_SERVERS": f"/o=Contoso/ou={ADMIN_GROUP}/cn=Configuration/cn=Servers",
    "RTC": RTC,
    **{f"POOL_{pool.replace(':', '_')}": f"CN=Lc Services,CN=Microsoft,CN={pool},CN=Pools,{RTC}" for pool in POOLS},
}

# The system's own programs: Samba's Python modules belong to its Python, not to that of a virtual environment.
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAMS = ("samba", "samba-tool", "ldbmodify", "ldbsearch", "ldapsearch", "ldapmodify", "openssl")
PROVISIONING = Path("/usr/share/samba/setup")  # Debian packs it apart, as samba-ad-provision


@dataclass(frozen=True)
class Account:
    """An account of the lab. Its password is no secret, and is handled like one all the same."""

    name: str
    password: str = field(repr=False)

    @property
    def user(self) -> str:
        """The user principal name."""
        return f"{self.name}@{REALM}"


ADMINISTRATOR = Account("administrator", "Passw0rd.Lab1")
READER = Account("adreader", "Read3r.Only1")


@dataclass(frozen=True)
class Forest:
    """What a forest is made of: files of the schema by the end of their name, LDIF templates by pattern, and who may see what."""

    schema: tuple[str, ...]
    templates: tuple[str, ...]
    access: str

    def files(self) -> list[Path]:
        """Its templates, in the order in which they are applied."""
        return sorted((path for pattern in self.templates for path in HERE.glob(pattern)), key=lambda path: path.name)


WHOLE_SCHEMA = ("exchange-um", "lync", "additions")
BROKEN = Forest(WHOLE_SCHEMA, ("forest/*.ldif",), "forest/access.toml")
CLEAN = Forest(WHOLE_SCHEMA, ("clean/*.ldif",), "clean/access.toml")
EXCHANGE_ALONE = Forest(("exchange-um",), ("clean/1*.ldif", "exchange_alone/*.ldif"), "exchange_alone/access.toml")
EXCHANGE_PREPARED = replace(EXCHANGE_ALONE, schema=WHOLE_SCHEMA)  # extended for Lync, which was never installed
LYNC_ALONE = Forest(("lync",), ("clean/2*.ldif", "lync_alone/*.ldif"), "lync_alone/access.toml")


class LabError(Exception):
    """The lab cannot be made, started or asked; the text says why, and what to do."""


def default_cache() -> Path:
    """Where ready forests are kept: `adinspect-lab` in $XDG_CACHE_HOME, or in ~/.cache without it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "adinspect-lab"


def build(cache: Path, forest: Forest = BROKEN) -> Path:
    """Return the folder of the ready, stopped forest; make it first where `cache` has none of the present inputs.

    Several builders may run at once: one works, the others wait for it. Raises LabError.
    """
    import fcntl  # not there on Windows, where the tests that need no lab can be collected all the same

    _require()
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _tidy(cache)
        inputs = [*_schema_files(forest.schema), *forest.files(), HERE / forest.access]
        return _once(cache, inputs, lambda folder: _make(folder, forest, cache))


def _once(cache: Path, inputs: list[Path], make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills, kept under a hash of its inputs. Only under the lock."""
    ready = cache / _fingerprint(inputs)
    if not ready.is_dir():
        with tempfile.TemporaryDirectory(prefix="building-", dir=cache) as scratch:
            folder = Path(scratch) / "dc"
            make(folder)
            folder.rename(ready)
    os.utime(ready)
    return ready


def configuration(folder: Path, address: str) -> str:
    """The smb.conf of a domain controller that lives in `folder` and listens on `address` alone."""
    return f"""[global]
    netbios name = DC1
    workgroup = CONTOSO
    realm = {REALM.upper()}
    server role = active directory domain controller
    server services = ldap cldap kdc
    dcerpc endpoint servers =
    interfaces = {address}/8
    bind interfaces only = yes
    private dir = {folder}/private
    state directory = {folder}/state
    cache directory = {folder}/cache
    lock directory = {folder}
    binddns dir = {folder}/bind-dns
    pid directory = {folder}/run
    ncalrpc dir = {folder}/run/ncalrpc
    ntp signd socket directory = {folder}/run/ntp_signd
    winbindd socket directory = {folder}/run/winbindd
"""


def certify(folder: Path, name: str, subject: str, extensions: str, *signed_by: str) -> None:
    """Write a new key `name`.key and its certificate `name`.pem into `folder`, signed by itself where no CA is given.

    `extensions` are lines of an OpenSSL section, `signed_by` options of `openssl req`.
    """
    section = folder / f"{name}.cnf"
    section.write_text(f"[req]\ndistinguished_name = subject\n[subject]\n[extensions]\n{extensions}\n")
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(key))
    shape = ("-config", str(section), "-extensions", "extensions", "-subj", f"/CN={subject}", "-days", "3650")
    run("openssl", "req", "-x509", *new_key, *shape, *signed_by, "-out", str(certificate))
    key.chmod(0o600)


def run(program: str, *arguments: str, stdin: str = "", **environment: str) -> str:
    """Run a program of the system and return what it printed. Raises LabError with its last words."""
    done = subprocess.run(
        [program, *arguments],
        input=stdin,
        env={"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
        check=False,
    )
    if done.returncode:
        raise LabError(f"{program} failed with exit code {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def _require() -> None:
    missing = [program for program in PROGRAMS if not shutil.which(program, path=SYSTEM_PATH)]
    missing += [] if PROVISIONING.is_dir() else [str(PROVISIONING)]
    if missing:
        raise LabError(f"The lab's domain controller needs what is not installed: {', '.join(missing)}. Run:\ntests/lab/install")
    if os.geteuid() != 0:
        raise LabError("The lab needs root: Samba's domain controller listens on ports below 1024 only. Run the tests as root.")


def _fingerprint(inputs: list[Path]) -> str:
    """A hash of everything that a folder in the cache is made of."""
    contents = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in (Path(__file__), *inputs)]
    return hashlib.sha256("\n".join([*contents, run("samba", "--version")]).encode()).hexdigest()[:16]


def _schema_files(schema: tuple[str, ...]) -> list[Path]:
    return [path for end in schema for path in sorted((HERE / "schema").glob(f"*-{end}.ldif"))]


def _tidy(cache: Path) -> None:
    """Remove what a killed builder left, and forests that nobody has asked for in a while. Only under the lock."""
    for folder in cache.iterdir():
        if folder.is_dir() and (folder.name.startswith("building-") or folder.stat().st_mtime < time.time() - UNUSED):
            shutil.rmtree(folder)


def _domain(folder: Path, schema: tuple[str, ...], cache: Path) -> None:
    """Make an empty domain with these parts of the schema in `folder`, of the one that lacks the last of them."""
    if not schema:
        _provision(folder)
        return
    fewer = schema[:-1]
    database = _copied(_once(cache, _schema_files(fewer), lambda new: _domain(new, fewer, cache)), folder)
    # Samba knows a new attribute or class only in its next process: one for each numbered file.
    for path in _schema_files(schema[-1:]):
        database.modify(_filled(path, NAMES), "--option=dsdb:schema update allowed=true")


def _provision(folder: Path) -> None:
    # Without these options Samba would merge the system's smb.conf, and name the domain controller after this machine.
    host = ("--configfile=/dev/null", f"--targetdir={folder}", "--host-name=dc1", "--host-ip=127.0.0.1", "--dns-backend=NONE")
    domain = (f"--realm={REALM.upper()}", "--domain=CONTOSO", "--server-role=dc", "--use-rfc2307")
    run("samba-tool", "domain", "provision", *host, *domain, f"--adminpass={ADMINISTRATOR.password}")
    authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash"
    certify(folder / "private" / "tls", "ca", "Contoso Root CA", authority)


def _copied(ready: Path, folder: Path) -> _Database:
    """The database of a copy of a stopped domain controller."""
    run("cp", "-a", "--reflink=auto", str(ready), str(folder))
    settings = folder / "etc" / "smb.conf"
    settings.write_text(configuration(folder, "127.0.0.1"))
    return _Database(folder / "private" / "sam.ldb", settings)


def _make(folder: Path, forest: Forest, cache: Path) -> None:
    """Fill a domain controller in `folder` with a forest, and leave it stopped."""
    schema = forest.schema
    database = _copied(_once(cache, _schema_files(schema), lambda new: _domain(new, schema, cache)), folder)
    authority = (folder / "private" / "tls" / "ca.pem").read_text()
    names = {**NAMES, "CA_CERTIFICATE": "".join(authority.splitlines()[1:-1])}
    for path in forest.files():
        database.modify(_filled(path, names))
    database.tool("user", "create", READER.name, READER.password)
    for entry in tomllib.loads(_filled(HERE / forest.access, NAMES))["entries"]:
        database.grant(entry["object"], entry["aces"])


def _filled(path: Path, names: dict[str, str]) -> str:
    """The text of a template with its ${NAMES} filled in."""
    try:
        return re.sub(r"\$\{(\w+)\}", lambda match: names[match[1]], path.read_text(encoding="utf-8"))
    except KeyError as error:
        raise LabError(f"{path}: nothing is known as ${{{error.args[0]}}}; forest.py lists the names") from None


@dataclass(frozen=True)
class _Database:
    """The database of a stopped domain controller, and the smb.conf that tells Samba's programs about it."""

    path: Path
    settings: Path

    def modify(self, ldif: str, *options: str) -> None:
        """Apply LDIF change records; a record without a changetype is added."""
        self._run("ldbmodify", *options, stdin=ldif)

    def tool(self, *arguments: str) -> None:
        self._run("samba-tool", *arguments)

    def grant(self, dn: str, aces: list[str]) -> None:
        """Put these access control entries (SDDL) in front of an object's own."""
        sddl = re.sub(r"\{(\w+):([^}]+)\}", lambda match: self._identifier(match[1], match[2]), "".join(aces))
        self.tool("dsacl", "set", f"--objectdn={dn}", f"--sddl={sddl}")

    def _identifier(self, kind: str, name: str) -> str:
        """The SID of an account or group, or the GUID that access lists use for an attribute."""
        kinds = {"sid": (DOMAIN, "sAMAccountName", "objectSid"), "guid": (SCHEMA, "lDAPDisplayName", "schemaIDGUID")}
        base, key, wanted = kinds[kind]
        found = re.search(rf"^{wanted}: (\S+)$", self._run("ldbsearch", "-b", base, f"({key}={name})", wanted), re.MULTILINE)
        if not found:
            raise LabError(f"access.toml: nothing is known as {kind}:{name}")
        return found[1]

    def _run(self, program: str, *arguments: str, stdin: str = "") -> str:
        # A path that is not there would be a new, empty database to the ldb tools.
        if not self.path.is_file():
            raise LabError(f"Samba has made no database: {self.path} is missing")
        return run(program, *arguments, "-H", str(self.path), stdin=stdin, SMB_CONF_PATH=str(self.settings))
