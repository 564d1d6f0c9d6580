"""A store at an fsspec URL: which texts name one, and what a store needs of folders and files there."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from adinspect.errors import AdinspectError, ConfigurationError, StorageError, UnreachableError

URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<authority>[^/]*)(?P<path>.*)", re.DOTALL)
"""Two letters at least: a single one is a drive of Windows."""

AUTHORITY = re.compile(r"(?:(?P<user>[^:@]*)@)?(?:\[[0-9A-Fa-f:.]+\]|[^:@\[\]]*)(?::\d+)?")
"""A user (with abfs, a container), a host and a port; nowhere a password."""

SPECIAL = re.compile(r"[?#*\[\]\x00-\x1f\x7f]")
"""What begins a query, where signatures and keys stand, or is a pattern of many names."""

NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]+")
"""The names that a store gives its folders and files. Whatever else is listed there is not ours."""

LOCAL = ("file", "local")

CLEAR = ("ftp", "http", "webhdfs")
"""Protocols that show a directory's data, and the password, to whoever listens."""

REASON = 300
"""Characters of another package's message that are shown."""


def place(text: str) -> Place:
    """Where a text says that a store or a snapshot is: a local path, also given as file://, or a folder at an fsspec URL.

    Raises:
        ConfigurationError: it is a URL that holds a password or a query, names no folder, or is none that fsspec could take.
    """
    found = URL.fullmatch(text)
    if found is None:
        if "::" in text.partition("://")[0] and "://" in text:
            raise ConfigurationError("URLs cannot be chained here", next_step="Name the folder by one URL: s3://bucket/snapshots")
        return Path(text)
    scheme, authority, path = found["scheme"].lower(), found["authority"], found["path"].rstrip("/")
    if not AUTHORITY.fullmatch(authority):  # and is not shown: what is wrong there may be a password
        raise ConfigurationError(
            f"what stands behind {scheme}:// is no user@host:port; a password never stands in a URL",
            next_step="Give credentials in fsspec's configuration or environment, or as the protocol's package takes them.",
        )
    if SPECIAL.search(path):
        raise ConfigurationError(
            "the URL of a folder holds no query, no fragment and no pattern",
            where=f"{scheme}://{authority}{SPECIAL.split(path)[0]}",
            next_step="Give keys and signatures in fsspec's configuration or environment, never in a URL.",
        )
    if scheme in LOCAL:
        return _local(scheme, authority, path)
    if scheme in CLEAR:
        raise ConfigurationError(
            f"{scheme}:// sends everything in clear text",
            where=f"{scheme}://{authority}{path}",
            next_step="Choose another protocol.",
        )
    if not (authority + path).strip("/"):
        raise ConfigurationError("the URL names no folder", where=f"{scheme}://")
    return Remote(f"{scheme}://{authority}{path}")


def _local(scheme: str, host: str, path: str) -> Path:
    """The path of a URL of this computer (RFC 8089): its store has the same lock and the same guarantees, however it is named."""
    from urllib.request import url2pathname

    if host not in ("", "localhost"):
        raise ConfigurationError(
            f"a {scheme}:// URL names no other computer", where=f"{scheme}://{host}", next_step=f"Write {scheme}:///folder."
        )
    return Path(url2pathname(path or "/"))


@dataclass(frozen=True, order=True)
class Remote:
    """A folder or a file at an fsspec URL. What it shares with Path has the same name and does the same.

    What it does raises FileNotFoundError and PermissionError as Path does, and UnreachableError in place of whatever else the
    package of the protocol raises; ConfigurationError where there is no such package.
    """

    url: str

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str) -> Remote:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a file of a store")
        return Remote(f"{self.url}/{name}")

    @property
    def name(self) -> str:
        """The last part."""
        return self.url.rpartition("/")[2]

    @property
    def parent(self) -> Remote:
        """The folder it stands in."""
        return Remote(self.url.rpartition("/")[0])

    def resolve(self) -> Remote:
        """Itself: a URL has one spelling here."""
        return self

    def is_file(self) -> bool:
        """Whether it is there, and no folder."""
        with suppress(FileNotFoundError), self._reached() as (system, path):
            return bool(system.info(path)["type"] == "file")
        return False

    def folders(self) -> list[Remote]:
        """The folders in it that a store could have made, by name."""
        return self._children("directory")

    def files(self) -> list[Remote]:
        """The files in it that a store could have made, by name."""
        return self._children("file")

    def read_bytes(self) -> bytes:
        """What is in the file."""
        with self._reached() as (system, path):
            return bytes(system.cat_file(path))

    def modified(self) -> datetime | None:
        """When the file was written, in UTC; None where the protocol does not tell."""
        with suppress(OSError, UnreachableError), self._reached() as (system, path):
            told: datetime = system.modified(path)
            return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
        return None

    def write_bytes(self, octets: bytes) -> None:
        """Write a file; make the folder it stands in, and the one above, where the protocol has folders that must be made.

        The store itself is never made: a bucket of a mistaken name must not be.
        """
        with self._reached() as (system, path):
            try:
                system.pipe_file(path, octets)
            except Exception as error:
                if _code(error) != errno.ENOENT:
                    raise
                folder = path.rpartition("/")[0]
                for missing in (folder.rpartition("/")[0], folder):
                    with suppress(FileExistsError):
                        system.mkdir(missing, create_parents=False)
                system.pipe_file(path, octets)

    def rename(self, target: Remote) -> None:
        """Give a file another name: at once, where the protocol can; else it is copied, and appears whole if a write does."""
        with self._reached() as (system, path), target._reached() as (_, other):
            system.mv(path, other)

    def unlink(self) -> None:
        """Remove a file."""
        with self._reached() as (system, path):
            system.rm_file(path)

    def remove_all(self) -> None:
        """Remove a folder and all in it."""
        with self._reached() as (system, path):
            system.rm(path, recursive=True)

    def _children(self, kind: str) -> list[Remote]:
        try:
            with self._reached() as (system, path):
                listed = [(one["name"].rstrip("/"), one["type"]) for one in system.ls(path, detail=True)]
        except PermissionError as error:  # what may not be listed is not empty
            raise _unreachable(self.url, str(error.strerror)) from None
        names = {name.rpartition("/")[2] for name, type_ in listed if type_ == kind and name != path.rstrip("/")}
        return [self / name for name in sorted(names) if NAME.fullmatch(name)]

    @contextmanager
    def _reached(self) -> Iterator[tuple[Any, str]]:
        """The file system and the path in it; what it remembers of folders is forgotten, because others write there, too."""
        protocol = _protocol(self.url)
        from fsspec.core import url_to_fs

        try:
            system, path = url_to_fs(self.url, **_verifying(protocol))
            system.invalidate_cache()
            yield system, path
        except AdinspectError:
            raise
        except Exception as error:  # each package raises its own
            raise self._as_path_does(error) from None

    def _as_path_does(self, error: Exception) -> Exception:
        code = _code(error)
        if code == errno.ENOENT:
            return FileNotFoundError(code, os.strerror(code), self.url)
        if code == errno.EACCES:
            return PermissionError(code, _told(error), self.url)
        return _unreachable(self.url, _told(error))


def _unreachable(url: str, why: str) -> UnreachableError:
    return UnreachableError(
        f"the store cannot be reached: {why}",
        where=url,
        next_step="Look at the URL, the network, and the credentials as the protocol's package takes them; then run again.",
    )


Place: TypeAlias = Path | Remote
"""Where a store, a snapshot or a file of one is."""


def require_known(store: Place) -> None:
    """Refuse a URL whose protocol no package here knows. Nobody is asked: an outage is no reason not to collect.

    Raises:
        ConfigurationError: there is none; says which one to install.
    """
    if isinstance(store, Remote):
        _protocol(store.url)


def _protocol(url: str) -> type[Any]:
    """The class of fsspec's for a URL."""
    from fsspec import get_filesystem_class

    scheme = url.partition("://")[0]
    try:
        found: type[Any] = get_filesystem_class(scheme)
    except (ImportError, ValueError) as error:
        raise ConfigurationError(
            f"nothing here can reach {scheme}://: {error}",
            where=url,
            next_step="Install that package into the Python that runs adinspect, or correct the URL.",
        ) from None
    return found


def _verifying(protocol: type[Any]) -> dict[str, Any]:
    """Options with which a protocol verifies whom it talks to: fsspec's own SFTP would believe any key that it does not know."""
    if protocol.__module__ != "fsspec.implementations.sftp":
        return {}
    if not hasattr(sys.modules[protocol.__module__], "HOST_KEY_POLICIES"):
        raise ConfigurationError("this fsspec cannot verify the key of an SFTP server", next_step="Install a newer fsspec.")
    return {"host_key_policy": _known_hosts()}


@cache
def _known_hosts() -> type[Any]:
    """A policy of paramiko that takes the keys which the user's OpenSSH knows, and no others."""
    import paramiko

    class KnownHosts(paramiko.RejectPolicy):  # type: ignore[misc]  # paramiko has no types
        def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:
            known = paramiko.HostKeys()
            with suppress(FileNotFoundError):
                known.load(str(Path("~/.ssh/known_hosts").expanduser()))
            if not known.check(hostname, key):
                super().missing_host_key(client, hostname, key)

    return KnownHosts


def forget_connection(store: Remote) -> None:
    """Connect anew when it is asked next: a connection that nobody used while a forest was read may be dead."""
    _protocol(store.url).clear_instance_cache()


def here(store: Place) -> Path:
    """The local folder of a store: itself; of one at a URL, a folder of the user's for its lock and what waits to be sent."""
    if isinstance(store, Path):
        return store
    from platformdirs import user_state_path

    plain = re.sub(r"[^A-Za-z0-9.]+", "-", store.url)[:60]
    distinct = hashlib.sha256(store.url.encode()).hexdigest()[:12]
    return user_state_path("adinspect", appauthor=False) / "outbox" / f"{plain}-{distinct}"


def two_below(store: Place) -> Sequence[Place]:
    """The folders in the folders of a store, by name.

    Raises:
        StorageError: there is no such store.
        UnreachableError: nobody can tell.
    """
    if isinstance(store, Path):
        if store.is_dir():
            return sorted(store.glob("*/*/"))
    else:
        with suppress(FileNotFoundError):
            return [folder for home in store.folders() for folder in _listed(home)]
    raise StorageError("there is no such folder", where=str(store), next_step="Name the folder given to `adinspect collect -o`.")


def _listed(home: Remote) -> list[Remote]:
    """The folders in a folder that was there a moment ago."""
    try:
        return home.folders()
    except FileNotFoundError:
        return []


def publish(files: Iterable[tuple[str, bytes]], folder: Remote) -> None:
    """Write files into a folder and read each back. The last one gets its name when all are there and whole.

    Raises:
        OSError, UnreachableError: it is not known that all are there; the last one is there, if at all, beside all others.
    """
    *others, (last, octets) = files
    beside, final = folder / f".{last}-{secrets.token_hex(4)}", folder / last
    for name, content in [*others, (beside.name, octets)]:
        (folder / name).write_bytes(content)
        _require(folder / name, content)
    try:
        beside.rename(final)
    except (OSError, UnreachableError):
        if not final.is_file():  # else it was copied, in a store that lets nobody delete
            raise
    _require(final, octets)


def _require(file: Remote, octets: bytes) -> None:
    if file.read_bytes() != octets:
        raise OSError(errno.EIO, f"{file.name} is not what was sent", file.url)


def _code(error: Exception) -> int | None:
    """The errno of an error; packages raise FileNotFoundError and PermissionError without one, and OSErrors of their own."""
    if isinstance(error, FileNotFoundError):
        return errno.ENOENT
    if isinstance(error, PermissionError):
        return errno.EACCES
    code = getattr(error, "errno", None)
    return code if isinstance(code, int) else None


def _told(error: Exception) -> str:
    """The first line of what another package says, without what a URL in it may give away."""
    first = (str(error).strip().splitlines() or [""])[0]
    told = re.sub(r"//[^/\s@]*:[^/\s@]*@", "//...@", re.sub(r"\?\S*", "?...", first))[:REASON]
    return f"{type(error).__name__}: {told}".rstrip(": ")
