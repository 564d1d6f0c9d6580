"""What the scheduled job is to do, from `adinspect.toml`: which forests, measured against what, written where, told to whom."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Any, get_args

from adinspect import definitions, export, remote
from adinspect.definitions import ENTRIES, NUMBER, TABLE, TABLES, TEXT, TEXTS, TRUTH, Kind, Toml
from adinspect.directory.endpoint import Authentication
from adinspect.errors import ConfigurationError
from adinspect.finding import Severity, Target
from adinspect.notify import mail, webhook
from adinspect.notify.mail import Mail
from adinspect.notify.webhook import Webhook
from adinspect.remote import Place
from adinspect.sites import word
from adinspect.store import Keep

FINDINGS = "findings.json"
"""The report that is the findings in their public JSON form, as `adinspect assess --format json` prints them."""

REPORTS = ("remediation.html", "remediation.xlsx", FINDINGS)
"""The reports that are written unless the file says which."""

HANDED = re.compile(r"\$(STATE_DIRECTORY|CREDENTIALS_DIRECTORY)(?=/)")
"""How a text may begin that names a file in a folder which systemd hands to a service (systemd.exec(5))."""

_CALLED = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
"""What a forest may be called: its reports stand in a folder of that name."""


class LogFormat(StrEnum):
    """How the log is written, one line an event."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class Forest:
    """One forest: where it is read from (of `server`, `domain` and `ldif` one), how it is judged, and which reports are written.

    `name` is what the file, the log and the folder of its reports call it. `certificates` are FILE or HOST=FILE, `probes` are
    HOST or HOST:PORT.
    """

    name: str
    server: str = ""
    domain: str = ""
    ldif: tuple[Path, ...] = ()
    user: str = ""
    password_file: Path | None = None
    ca: Path | None = None
    authentication: Authentication = "auto"
    start_tls: bool = False
    side: Path | None = None
    certificates: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    profile: Path | None = None
    waivers: Path | None = None
    targets: tuple[Target, ...] = (Target.UM_LYNC,)
    reports: tuple[str, ...] = REPORTS


@dataclass(frozen=True)
class Job:
    """What the job does. Relative paths of the file are relative to `folder`, the one it stands in.

    Snapshots go to `store`, reports and run.json to `output`, where with `group_reads` the account's group may read them. Without
    `keep` no snapshot is removed. A finding at least as bad as `fail_on` ends the run with 3; with `fail_on_new` only one that is
    new does, without `fail_on` however bad.
    """

    folder: Path
    store: Place
    output: Path
    forests: tuple[Forest, ...]
    log_format: LogFormat = LogFormat.TEXT
    fail_on: Severity | None = None
    fail_on_new: bool = False
    keep: Keep | None = None
    group_reads: bool = False
    metrics: Path | None = None
    mail: Mail | None = None
    webhooks: tuple[Webhook, ...] = ()


_REQUIRED = frozenset({"store", "output", "name"})

JOB_KEYS: Mapping[str, Kind] = {
    **dict.fromkeys(("store", "output", "log_format", "fail_on", "metrics"), TEXT),
    **dict.fromkeys(("fail_on_new", "group_reads"), TRUTH),
    "keep": ENTRIES,
}
"""The keys of [job], and what each holds."""

FOREST_KEYS: Mapping[str, Kind] = {
    **dict.fromkeys(("name", "server", "domain", "user", "password_file", "ca", "side", "profile", "waivers"), TEXT),
    "authentication": Kind(f"one of {', '.join(get_args(Authentication))}", lambda value: value in get_args(Authentication)),
    **dict.fromkeys(("ldif", "certificates", "probes", "targets", "reports"), TEXTS),
    "start_tls": TRUTH,
}
"""The keys of [[forest]], and what each holds."""

_KEEP: Mapping[str, Kind] = dict.fromkeys(Keep.__dataclass_fields__, NUMBER)
_SOURCES = ("server", "domain", "ldif")
_SIGNING_IN = ("user", "password_file")
_PATHS = ("password_file", "ca", "side", "profile", "waivers")


def read(path: Path, commands: Collection[str] = ()) -> Job:
    """Read the file of a job; tables named as one of `commands` keep that command's options, and are not looked at.

    Raises:
        ConfigurationError: it cannot be read, or has a wrong key or value; says the line.
        InputError: it names the file of a webhook's address, which cannot be read.
    """
    return load(definitions.read(path), commands)


def load(toml: Toml, commands: Collection[str] = ()) -> Job:
    """Check a parsed file key by key (see `read`)."""
    toml = Toml(toml.name, toml.text, _expanded(toml, dict(toml.content)))
    told_elsewhere = Kind("", lambda value: True)  # an address of a webhook is a secret, and no error of ours shows it
    others = {"mail": TABLE, "webhook": told_elsewhere, **dict.fromkeys(commands, TABLE)}
    toml.check(toml.content, {"job": TABLE, "forest": TABLES}, others)
    content = toml.content["job"]
    _check(toml, content, JOB_KEYS, "job")
    folder = Path(toml.name).resolve().parent
    words: dict[str, type[StrEnum]] = {"log_format": LogFormat, "fail_on": Severity}
    job = Job(
        folder=folder,
        store=_store(toml, content["store"], folder),
        output=folder / content["output"],
        forests=tuple(_forests(toml, folder)),
        fail_on_new=content.get("fail_on_new", False),
        group_reads=content.get("group_reads", False),
        keep=_keep(toml, content["keep"]) if "keep" in content else None,
        metrics=folder / content["metrics"] if "metrics" in content else None,
        mail=mail.read(toml),
        webhooks=webhook.read(toml),
        **{key: word(toml, kind, content[key], "job", key) for key, kind in words.items() if key in content},
    )
    if job.output == job.store:
        raise toml.wrong("reports and snapshots need folders of their own", "job", "output")
    return job


def _check(toml: Toml, content: Any, keys: Mapping[str, Kind], *path: str | int) -> None:
    required = {key: kind for key, kind in keys.items() if key in _REQUIRED}
    toml.check(content, required, {key: kind for key, kind in keys.items() if key not in required}, *path)


def _store(toml: Toml, text: str, folder: Path) -> Place:
    try:
        place = remote.place(text)
    except ConfigurationError as error:
        raise toml.wrong(error.what, "job", "store") from None
    return folder / place if isinstance(place, Path) else place


def _keep(toml: Toml, content: Any) -> Keep:
    toml.check(content, {}, _KEEP, "job", "keep")
    for key, number in content.items():
        if number < 0:
            raise toml.wrong(f"job.keep.{key} is {number}: say how many stay", "job", "keep", key)
    if not any(content.values()):
        raise toml.wrong("job.keep keeps nothing: say how many stay, or leave it out to keep them all", "job", "keep")
    return Keep(**content)


def _forests(toml: Toml, folder: Path) -> Iterator[Forest]:
    known: set[str] = set()
    for place, content in enumerate(toml.content["forest"]):
        forest = _forest(toml, content, place, folder)
        if forest.name.casefold() in known:
            raise toml.wrong(f"there is a forest {forest.name} already", "forest", place, "name")
        known.add(forest.name.casefold())
        yield forest


def _forest(toml: Toml, content: Mapping[str, Any], place: int, folder: Path) -> Forest:
    path = ("forest", place)
    _check(toml, content, FOREST_KEYS, *path)
    if not _CALLED.fullmatch(content["name"]):
        fitting = "letters, digits, hyphens, dots and underscores: its reports stand in a folder of that name"
        raise toml.wrong(f"the name {content['name']!r} may have {fitting}", *path, "name")
    _check_source(toml, content, *path)
    said: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in content.items()}
    said |= {key: folder / said[key] for key in _PATHS if key in said}
    if "ldif" in said:
        said["ldif"] = tuple(folder / file for file in said["ldif"])
    if "targets" in said:
        said["targets"] = tuple(dict.fromkeys(word(toml, Target, one, *path, "targets") for one in said["targets"]))
    for name in said.get("reports", ()):
        _check_report(toml, name, *path, "reports")
    return Forest(**said)


def _check_source(toml: Toml, content: Mapping[str, Any], *path: str | int) -> None:
    """One source, and what it needs: nobody is there to be asked for a password."""
    named = [key for key in _SOURCES if content.get(key)]
    if len(named) != 1:
        raise toml.wrong(f"say where the forest is read from: one of {', '.join(_SOURCES)}", *path, *named[1:2])
    signing_in = [key for key in (*_SIGNING_IN, "authentication", "start_tls") if key in content]
    if named == ["ldif"] and signing_in:
        raise toml.wrong(f"{signing_in[0]} is for a server, and this forest is read from an export", *path, signing_in[0])
    if named != ["ldif"] and (missing := [key for key in _SIGNING_IN if key not in content]):
        raise toml.wrong(f"the key {missing[0]!r} is missing: nobody is there to be asked", *path)


def _check_report(toml: Toml, name: str, *path: str | int) -> None:
    if name in known_reports():
        return
    raise toml.wrong(f"there is no report {name!r}: known are {', '.join(known_reports())}", *path)


def known_reports() -> tuple[str, ...]:
    """What a report may be called: one that ships with the package and a format, or FINDINGS."""
    shipped = [PurePath(toml.name).stem for toml in definitions.shipped("reports")]
    return (FINDINGS, *(f"{report}{suffix}" for report in shipped for suffix in export.EXPORTERS))


def _expanded(toml: Toml, value: Any, *path: str | int) -> Any:
    """A value of the file; texts that begin with HANDED name files in that folder."""
    if isinstance(value, dict):
        return {key: _expanded(toml, one, *path, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_expanded(toml, one, *path, *([place] if isinstance(one, dict) else [])) for place, one in enumerate(value)]
    if not isinstance(value, str) or not (named := HANDED.match(value)):
        return value
    if not (folder := os.environ.get(named[1])):
        raise toml.wrong(f"{named[1]} is not set: systemd sets it for a service, and a line of cron's file can", *path)
    return folder + value[named.end() :]


def chosen(job: Job, names: Collection[str]) -> tuple[Forest, ...]:
    """The forests of these names, in the order of the file; all of them where none is named.

    Raises:
        ConfigurationError: the file has no such forest.
    """
    known = {forest.name for forest in job.forests}
    if unknown := [name for name in names if name not in known]:
        said = f"there is no forest {unknown[0]!r}: the file has {', '.join(forest.name for forest in job.forests)}"
        raise ConfigurationError(said, next_step="Name one of them with --forest, or leave it out to read all.")
    return tuple(forest for forest in job.forests if not names or forest.name in names)
