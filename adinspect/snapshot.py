"""The tables of one moment: saved so that a reader never sees half of them, loaded, listed, checked."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pandas import DataFrame

from adinspect import atomic, remote
from adinspect.collect import Collected
from adinspect.directory import Root
from adinspect.errors import IncompleteError, StorageError, UnreachableError
from adinspect.frames import frame
from adinspect.remote import Place, Remote

SCHEMA = 1
"""Version of the layout: `manifest.json` and one Parquet file a table."""

MANIFEST = "manifest.json"
STAMP = "%Y%m%dT%H%M%SZ"
NAME = re.compile(r"\d{8}T\d{6}Z-(?P<id>[0-9a-f]{12})(-partial)?")
"""The name of a snapshot's folder: when it was taken, the first digits of the manifest's SHA-256, whether it is partial."""

UNPUBLISHED = ".unpublished-"
"""How the name of a folder begins that is no snapshot yet."""


@dataclass(frozen=True)
class Snapshot:
    """A saved snapshot. `manifest` is what manifest.json says; tables are read when asked for, and checked by SHA-256."""

    path: Place
    manifest: Mapping[str, Any]

    @property
    def taken(self) -> datetime:
        """The directory's time when it was taken; the day rules call today."""
        return datetime.fromisoformat(self.manifest["taken"])

    @property
    def partial(self) -> bool:
        """Whether a search ended before its end."""
        return bool(self.manifest["state"] != "complete")

    @cached_property
    def tables(self) -> dict[str, DataFrame]:
        """Every table of the queries and what was supplied beside them, by name.

        Raises:
            StorageError: a file is missing or is not what the manifest says.
        """
        return {name: self.table(name) for name in self.manifest["tables"]}

    @cached_property
    def visibility(self) -> DataFrame:
        """What could not be seen (visibility.VISIBILITY_COLUMNS)."""
        return self.table("visibility")

    def table(self, name: str) -> DataFrame:
        """One table (see `tables`)."""
        return frame(self._arrow(name))

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of one table as plain values; none where the snapshot has no such table (see `tables`)."""
        return self._arrow(name).to_pylist() if name in self.manifest["tables"] else []

    def _arrow(self, name: str) -> pa.Table:
        return pq.read_table(BytesIO(self.octets(f"{name}.parquet")))

    def octets(self, file: str) -> bytes:
        """What is in one of its files, checked by SHA-256 (see `tables`)."""
        if not remote.NAME.fullmatch(file):  # a manifest may come from anybody
            raise _damaged(self.path, f"has a name that no table has: {file!r}")
        try:
            octets = (self.path / file).read_bytes()
        except OSError as error:
            raise _damaged(self.path / file, f"cannot be read: {error.strerror}") from None
        if hashlib.sha256(octets).hexdigest() != self.manifest["files"].get(file):
            raise _damaged(self.path / file, "is not what the manifest says: its SHA-256 differs")
        return octets

    def require_whole(self, *, accept_partial: bool) -> None:
        """Refuse a partial snapshot unless the user accepts it.

        Raises:
            IncompleteError: it is partial; says which searches ended early.
        """
        if self.partial and not accept_partial:
            ended = [
                f"{query['query']} ({query['reason']})"
                for query in self.manifest["queries"]
                if query["context"] and query["state"] != "complete"
            ]
            raise IncompleteError(
                f"the snapshot is partial: {'; '.join(ended[:3])}{' ...' if len(ended) > 3 else ''}",
                where=str(self.path),
                safe="The snapshot is kept; nothing was written.",
                next_step="Collect again, or say --accept-partial to work with what is there.",
            )


@dataclass(frozen=True)
class Supplied:
    """Tables that came from beside the directory, and what the manifest says of where each kind came from."""

    tables: Mapping[str, pa.Table]
    sources: Mapping[str, Any]

    def and_also(self, other: Supplied) -> Supplied:
        """Both together."""
        return Supplied({**self.tables, **other.tables}, {**self.sources, **other.sources})


def save(
    collected: Collected,
    visibility: DataFrame,
    root: Root,
    store: Place,
    *,
    taken: datetime,
    dropped: Mapping[str, int] | None = None,
    supplied: Supplied | None = None,
) -> Snapshot:
    """Write a snapshot into STORE/<forest>/ and publish it in one rename; files 0600, folders 0700.
    For a store at a URL it is written here first (remote.here), and then sent with what earlier runs could not send.

    Raises:
        StorageError: the store cannot be written, and no half snapshot is left behind; or what is saved stands there, damaged.
    """
    beside = supplied or Supplied({}, {})
    written = {
        **collected.tables,
        **beside.tables,
        "visibility": pa.Table.from_pandas(visibility, preserve_index=False),
        "undecoded": collected.undecoded,
    }
    return _save(_manifest(collected, root, taken, dropped or {}, beside), _files(written), store)


def add(old: Snapshot, supplied: Supplied, store: Place) -> Snapshot:
    """Write a new snapshot: all of another one, and supplied tables; one that the other has already is replaced.

    The other one is only read. Adding the same again gives the snapshot that is there.

    Raises:
        StorageError: a file of the other one is not what its manifest says, or the store cannot be written.
    """
    sources = dict(old.manifest.get("supplied", {}))
    for kind, told in supplied.sources.items():
        kept = [one for one in sources.get(kind, ()) if one.get("table", kind) not in supplied.tables]
        sources[kind] = [*kept, *told]
    rows = {name: len(table) for name, table in supplied.tables.items()}
    manifest = {**old.manifest, "supplied": sources, "tables": {**old.manifest["tables"], **rows}}
    replaced = {f"{name}.parquet" for name in supplied.tables}
    kept_files = ((file, old.octets(file)) for file in old.manifest["files"] if file not in replaced)
    return _save(manifest, chain(kept_files, _files(supplied.tables)), store)


def _files(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, bytes]]:
    return ((f"{name}.parquet", _parquet(table)) for name, table in tables.items())


def _save(manifest: dict[str, Any], files: Iterable[tuple[str, bytes]], store: Place) -> Snapshot:
    saved = _write_all(manifest, files, remote.here(store))
    if isinstance(store, Path):
        return Snapshot(saved, manifest)
    remote.forget_connection(store)
    sent = _send(saved, store)
    for left in filter(is_snapshot, sorted(remote.here(store).glob("*/*/"))):
        _send(left, store)
    return Snapshot(sent, manifest)


def _send(folder: Path, store: Remote) -> Remote:
    """Copy a snapshot to where its store is, its manifest last, and remove it here; what is there already is not sent again."""
    final = store / folder.parent.name / folder.name
    try:
        _require_sound(final if (there := is_snapshot(final)) else folder)
        if not there:
            files = ((file, (folder / file).read_bytes()) for file in (*load(folder).manifest["files"], MANIFEST))
            remote.publish(files, final)
    except (OSError, UnreachableError) as error:
        raise StorageError(
            f"the snapshot could not be sent: {error.what if isinstance(error, UnreachableError) else error.strerror}",
            where=str(final),
            safe=f"It stands whole in {folder}; earlier snapshots are untouched, and no half snapshot can be seen.",
            next_step="Mend that (a missing bucket or folder is never made); the next run that saves there sends it, too.",
        ) from None
    shutil.rmtree(folder, ignore_errors=True)
    return final


def _write_all(manifest: dict[str, Any], files: Iterable[tuple[str, bytes]], store: Path) -> Path:
    """Write files and the manifest that names them, and publish them in one rename."""
    home = store / forest_folder(manifest["forest"])
    stamp = datetime.fromisoformat(manifest["taken"]).strftime(STAMP)
    try:
        atomic.folder(home)
        with _unpublished(home) as folder:
            manifest["files"] = {file: _write(folder / file, octets) for file, octets in files}
            told = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
            identity = _write(folder / MANIFEST, told)[:12]
            final = home / f"{stamp}-{identity}{'-partial' if manifest['state'] == 'partial' else ''}"
            there = final.exists()
            if not there:
                atomic.sync_folder(folder)  # else a power cut could keep the name and lose what it stands for
                folder.rename(final)
                atomic.sync_folder(home)
    except OSError as error:
        raise StorageError(
            f"the snapshot could not be written: {error.strerror}",
            where=str(store),
            safe="Earlier snapshots are untouched; no half snapshot was left behind.",
            next_step="Make room, or choose a folder that can be written, and collect again.",
        ) from None
    if there:
        _require_sound(final)
    return final


def _require_sound(folder: Place) -> None:
    if damage := check(folder):
        raise StorageError(
            f"the same snapshot is in the store already, and damaged: {damage[0].what}",
            where=f"{folder}/{damage[0].file}",
            safe="Nothing was written.",
            next_step="Move that folder out of the store, and collect again.",
        )


def _manifest(
    collected: Collected, root: Root, taken: datetime, dropped: Mapping[str, int], supplied: Supplied
) -> dict[str, Any]:
    incomplete = any(searched.context and searched.state != "complete" for searched in collected.searched)
    return {
        "schema": SCHEMA,
        "adinspect": version("adinspect"),
        "state": "partial" if incomplete else "complete",
        "forest": root.forest,
        "taken": taken.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "source": root.source,
        "account": root.account,
        "contexts": asdict(root.contexts),
        "unread_domains": list(collected.unread_domains),
        "highest_usn": root.highest_usn,
        "invocation_id": root.invocation_id,
        "queries": [asdict(searched) for searched in collected.searched],
        "without_guid": sum(pages.without_guid for pages in collected.pages.values()),
        "undecoded": sum(len(pages.undecoded) for pages in collected.pages.values()),
        "dropped": dict(dropped),
        "supplied": dict(supplied.sources),
        "tables": {name: len(table) for name, table in {**collected.tables, **supplied.tables}.items()},
    }


def load(path: Place) -> Snapshot:
    """Open a snapshot folder.

    Raises:
        StorageError: it is no snapshot, or one of a newer adinspect.
        UnreachableError: nobody can tell.
    """
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
        schema = manifest["schema"]
    except (OSError, ValueError, KeyError, TypeError):
        raise StorageError(
            "this is no snapshot: it holds no readable manifest.json",
            where=str(path),
            next_step="Give the path that `adinspect collect` printed; `adinspect snapshots list STORE` shows them.",
        ) from None
    if schema != SCHEMA:
        raise StorageError(
            f"the snapshot has layout {schema}, this adinspect reads {SCHEMA}",
            where=str(path),
            next_step="Use the adinspect that made it.",
        )
    return Snapshot(path, manifest)


def snapshots(store: Place) -> Iterator[Snapshot | Place]:
    """The snapshots of a store, forest by forest, oldest first; of one whose manifest cannot be read, its path alone.

    Raises:
        StorageError: there is no such folder.
        UnreachableError: nobody can tell.
    """
    for folder in remote.two_below(store):
        if is_snapshot(folder):
            try:
                yield load(folder)
            except StorageError:
                yield folder


def path_of(one: Snapshot | Place) -> Place:
    """The folder of what `snapshots` yields."""
    return one.path if isinstance(one, Snapshot) else one


def is_snapshot(folder: Place) -> bool:
    """Whether a folder is a snapshot or what is left of one: it is named so, or holds a manifest; at a URL it must do both.

    Raises:
        UnreachableError: nobody can tell.
    """
    if isinstance(folder, Remote):
        return NAME.fullmatch(folder.name) is not None and (folder / MANIFEST).is_file()
    hidden = folder.name.startswith(".")  # not published
    return not hidden and (NAME.fullmatch(folder.name) is not None or (folder / MANIFEST).is_file())


@dataclass(frozen=True)
class Damage:
    """A file of a snapshot that is not what was saved, and what is wrong with it."""

    file: str
    what: str


def check(folder: Place) -> list[Damage]:
    """Hold every file of a snapshot against the manifest's SHA-256 of it, and the manifest against the folder's name.

    Nothing else can be said of a snapshot whose manifest is damaged: what it says of the other files proves nothing.

    Raises:
        UnreachableError: nobody can tell; that is no damage.
    """
    try:
        octets = (folder / MANIFEST).read_bytes()
    except OSError as error:
        return [Damage(MANIFEST, f"the manifest cannot be read: {error.strerror}")]
    named = NAME.fullmatch(folder.resolve().name)  # of `.` and of links, too
    if not named or named["id"] != hashlib.sha256(octets).hexdigest()[: len(named["id"])]:
        return [Damage(MANIFEST, "the manifest is not what the name of its folder says: its SHA-256 differs")]
    try:
        opened = load(folder)
    except StorageError as error:
        return [Damage(MANIFEST, error.what)]
    return [found for file in opened.manifest["files"] if (found := _damage(opened, file))]


def _damage(opened: Snapshot, file: str) -> Damage | None:
    try:
        opened.octets(file)
    except StorageError as error:
        return Damage(file, error.what)
    return None


def forest_folder(forest: str) -> str:
    """The folder of a forest: its DNS name, or a hash where that is no plain name (directory text never becomes a path)."""
    name = forest.lower()
    return name if re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", name) else hashlib.sha256(name.encode()).hexdigest()[:16]


def _damaged(path: Place, what: str) -> StorageError:
    next_step = "Collect again; this snapshot cannot be trusted."
    return StorageError(f"a file of the snapshot {what}", where=str(path), next_step=next_step)


@contextlib.contextmanager
def _unpublished(home: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=UNPUBLISHED, dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _parquet(table: pa.Table) -> bytes:
    sink = BytesIO()
    pq.write_table(table, sink, compression="zstd", compression_level=1)
    return sink.getvalue()


def _write(path: Path, octets: bytes) -> str:
    """Write a file through to the disk; return its SHA-256."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(octets).hexdigest()
