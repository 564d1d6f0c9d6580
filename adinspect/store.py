"""A store over time: who may write into it, which snapshots stay, what is removed."""

from __future__ import annotations

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

    Complete and partial snapshots of a forest are counted apart: a partial one never takes the place of a complete one. The
    last complete one of a forest always stays.

    Raises:
        StorageError: there is no such store.
    """
    alike: dict[Hashable, list[Snapshot]] = defaultdict(list)
    damaged = {}
    listed = list(snapshots(store))
    for one in listed:
        found = check(path_of(one))
        if found or not isinstance(one, Snapshot):
            damaged[path_of(one)] = "; ".join(damage.what for damage in found)
        else:
            alike[one.path.parent, one.partial].append(one)
    kept = {path: reasons for group in alike.values() for path, reasons in _kept(group, keep).items()}
    return [Decision(path, tuple(kept.get(path, ())), damaged.get(path, "")) for path in map(path_of, listed)]


def _kept(group: Iterable[Snapshot], keep: Keep) -> dict[Place, list[str]]:
    """Why snapshots of one forest stay; all of them are complete, or all are partial."""
    newest_first = sorted(group, key=_age, reverse=True)
    reasons: dict[Place, list[str]] = defaultdict(list)
    if not newest_first[0].partial:
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


def last_complete(store: Place, forest: str, before: datetime) -> Snapshot | None:
    """The newest complete snapshot of a forest that was taken before a moment; a damaged one counts for nothing.

    Raises:
        StorageError: there is no such store.
    """
    older = (one for one in reversed(of_forest(store, forest)) if one.taken < before and not one.partial)
    return next((one for one in older if not check(one.path)), None)


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
