"""A store over time: who may write into it, which snapshots stay, what is removed."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adinspect import atomic, lock, remote
from adinspect.errors import ConfigurationError, StorageError, UnreachableError
from adinspect.remote import Place, Remote
from adinspect.snapshot import MANIFEST, NAME, UNPUBLISHED, Snapshot, check, forest_folder, path_of, snapshots

REMOVED = ".removed-"
"""How the name of a folder begins that is no snapshot any more."""

STOPPED = Path("history", "stopped.json")
"""The file of a forest that names those of its snapshots which lack too much (shrink.check)."""

DEAD = timedelta(hours=24)
"""How old what an upload left at a URL must be to be cleared away: the lock does not keep off other computers' uploads."""


@contextmanager
def writing(store: Place, command: str) -> Iterator[None]:
    """Hold the store's lock (lock.held), and clear away what runs left that were killed while they wrote or removed.

    The lock is local: of a store at a URL it keeps off this user's runs on this computer alone (remote.here).

    Raises:
        BusyError: another run holds the store.
        ConfigurationError: no package here knows the protocol of the store's URL.
        StorageError: it cannot be written or locked.
    """
    remote.require_known(store)
    here = remote.here(store)
    with lock.held(here, command):
        for prefix in (UNPUBLISHED, REMOVED):
            for left in here.glob(f"*/{prefix}*"):
                shutil.rmtree(left, ignore_errors=True)
        if isinstance(store, Remote):
            _clear(store)
        yield


def require_free(store: Place) -> None:
    """Refuse a store that somebody holds, or whose URL nothing here can reach, before anything costly is begun.

    Raises:
        BusyError, ConfigurationError, StorageError: as `writing`.
    """
    remote.require_known(store)
    lock.require_free(remote.here(store))


def _clear(store: Remote) -> None:
    """Remove the folders at a URL that lack their manifest and were written long ago; where that fails, the next run does."""
    with suppress(OSError, StorageError, UnreachableError):
        for folder in remote.two_below(store):
            if isinstance(folder, Remote) and NAME.fullmatch(folder.name) and _dead(folder.files()):
                folder.remove_all()


def _dead(files: list[Remote]) -> bool:
    """Whether files are what is left of an upload or a removal; not, where it is not known when they were written."""
    if not files or any(file.name == MANIFEST for file in files):
        return False
    written = [file.modified() for file in files]
    return all(moment and moment < datetime.now(UTC) - DEAD for moment in written)


@dataclass(frozen=True)
class Keep:
    """How many snapshots of a forest stay: the last ones, and the last one of each of so many days, weeks and months (UTC).

    Days, weeks (ISO 8601) and months without a snapshot do not count, as in restic and borg.

    Raises:
        ConfigurationError: nothing is to be kept.
    """

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0

    def __post_init__(self) -> None:
        if not any(getattr(self, field.name) for field in fields(self)):
            raise ConfigurationError(
                "nothing says which snapshots stay",
                safe="Nothing was removed.",
                next_step="Give --keep-last, --keep-daily, --keep-weekly or --keep-monthly, one or several.",
            )


PERIODS: dict[str, Callable[[Snapshot], Hashable]] = {
    "last": lambda one: one.path,
    "daily": lambda one: one.taken.date(),
    "weekly": lambda one: one.taken.isocalendar()[:2],
    "monthly": lambda one: (one.taken.year, one.taken.month),
}
"""Of which snapshots each field of Keep keeps the last one."""


@dataclass(frozen=True)
class Decision:
    """What becomes of a snapshot: it is kept for these reasons, removed where there is none, or left because it is damaged."""

    path: Place
    kept: tuple[str, ...] = ()
    damage: str = ""

    @property
    def removed(self) -> bool:
        """Whether it goes."""
        return not self.kept and not self.damage


def decide(store: Place, keep: Keep) -> list[Decision]:
    """What becomes of each snapshot, as they are listed. Every file is read, so that a damaged one counts for nothing.

    Complete and partial snapshots of a forest are counted apart, and so are those that lack too much: one of them never takes
    the place of a complete one. The last complete one of a forest always stays.

    Raises:
        StorageError: there is no such store, or it is not known which snapshots lack too much.
    """
    alike: dict[tuple[Place, bool, bool], list[Snapshot]] = defaultdict(list)
    damaged = {}
    listed = list(snapshots(store))
    without = {home: stopped(home) for home in {path_of(one).parent for one in listed}}
    for one in listed:
        found = check(path_of(one))
        if found or not isinstance(one, Snapshot):
            damaged[path_of(one)] = "; ".join(damage.what for damage in found)
        else:
            alike[one.path.parent, one.partial, one.path.name in without[one.path.parent]].append(one)
    kept: dict[Place, list[str]] = {}
    for (_, *lacking), group in alike.items():
        kept |= _kept(group, keep, one_stays=not any(lacking))
    return [Decision(path, tuple(kept.get(path, ())), damaged.get(path, "")) for path in map(path_of, listed)]


def _kept(group: Iterable[Snapshot], keep: Keep, *, one_stays: bool) -> dict[Place, list[str]]:
    """Why snapshots of one forest stay that are counted together."""
    newest_first = sorted(group, key=_age, reverse=True)
    reasons: dict[Place, list[str]] = defaultdict(list)
    if one_stays:
        reasons[newest_first[0].path].append("last complete")
    for name, period in PERIODS.items():
        seen: set[Hashable] = set()
        for one in newest_first:
            if len(seen) < getattr(keep, name) and period(one) not in seen:
                seen.add(period(one))
                reasons[one.path].append(name)
    return reasons


def _age(one: Snapshot) -> tuple[object, ...]:
    """Of two of the same moment, the one written later has what the other has and tables supplied since."""
    return one.taken, _written(one.path / MANIFEST), one.path.name


def _written(file: Place) -> float:
    """When a file was written; 0 where a URL does not tell."""
    if isinstance(file, Path):
        return file.stat().st_mtime_ns
    moment = file.modified()
    return moment.timestamp() if moment else 0


def of(one: Snapshot) -> Place | None:
    """The store that a snapshot stands in; None of one that was taken out of its store."""
    home = one.path.resolve().parent
    return home.parent if home.name == forest_folder(one.manifest["forest"]) else None


def of_forest(store: Place, forest: str) -> list[Snapshot]:
    """The snapshots of a forest whose manifest can be read, oldest first; of one moment, the one written later is the last.

    Raises:
        StorageError: there is no such store.
    """
    home = forest_folder(forest)
    return sorted((one for one in snapshots(store) if isinstance(one, Snapshot) and one.path.parent.name == home), key=_age)


def counting(store: Place, forest: str) -> list[Snapshot]:
    """The snapshots of a forest, as `of_forest`, without those that lack too much: nothing is held against them.

    Raises:
        StorageError: there is no such store, or it is not known which snapshots lack too much.
    """
    without = stopped(store / forest_folder(forest))
    return [one for one in of_forest(store, forest) if one.path.name not in without]


def last_complete(store: Place, forest: str, before: datetime) -> Snapshot | None:
    """The newest complete snapshot of a forest that counts and was taken before a moment; a damaged one counts for nothing.

    Raises:
        StorageError: see `counting`.
    """
    older = (one for one in reversed(counting(store, forest)) if one.taken < before and not one.partial)
    return next((one for one in older if not check(one.path)), None)


def stopped(home: Place) -> frozenset[str]:
    """The folder names of those snapshots in the folder of a forest that lack too much.

    Raises:
        StorageError: that cannot be read.
        UnreachableError: nobody can tell.
    """
    path = home / STOPPED.parent.name / STOPPED.name
    try:
        return frozenset(map(str, json.loads(path.read_bytes())))
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
    except (ValueError, TypeError):
        what = "is damaged"
    raise StorageError(
        f"the list of the snapshots that lack too much {what}",
        where=str(path),
        safe="Every snapshot is untouched.",
        next_step="Move that file away, and the snapshots of the runs that ended with 8 out of the store.",
    )


def stop(one: Snapshot) -> None:
    """Remember that a snapshot lacks too much; whoever does holds the store's lock.

    Raises:
        StorageError: see `write` and `stopped`.
        UnreachableError: nobody can tell.
    """
    home = one.path.parent
    told = json.dumps(sorted({*stopped(home), one.path.name}), indent=1)
    write(home / STOPPED.parent.name / STOPPED.name, told.encode(), "the list of the snapshots that lack too much")


def write(path: Place, octets: bytes, what: str) -> None:
    """Write a file of the store (mode 0600) in place of the one that is there; `what` is what it holds.

    Raises:
        StorageError: it cannot be written; the one that was there is untouched.
        UnreachableError: nobody can tell what stands there.
    """
    if isinstance(path, Path):
        atomic.folder(path.parent)
        with atomic.replacing(path) as file:
            file.write(octets)
        return
    try:
        remote.publish([(path.name, octets)], path.parent)
    except OSError as error:
        raise StorageError(f"{what} cannot be written: {error.strerror}", where=str(path)) from None


def remove(folder: Place) -> None:
    """Remove a snapshot: at once for every reader, then from the disk; at a URL its manifest first, then the rest.

    Raises:
        StorageError: it cannot be removed; it is whole.
    """
    try:
        if isinstance(folder, Remote):
            (folder / MANIFEST).unlink()
        else:
            gone = folder.with_name(REMOVED + folder.name)
            folder.rename(gone)
            atomic.sync_folder(folder.parent)
    except (OSError, UnreachableError) as error:
        raise StorageError(
            f"a snapshot could not be removed: {error.what if isinstance(error, UnreachableError) else error.strerror}",
            where=str(folder),
            safe="What is to be kept is untouched.",
            next_step="Close what reads it, and prune again.",
        ) from None
    if isinstance(folder, Remote):  # what is left of it, a later run clears away
        with suppress(OSError, UnreachableError):
            folder.remove_all()
    else:
        shutil.rmtree(gone, ignore_errors=True)
