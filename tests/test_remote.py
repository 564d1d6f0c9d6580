"""A store at a URL: what is taken for one, and that what can be seen there is whole, whatever fails."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest
from file_systems import Folders, Objects, disturbed
from stores import HIDDEN, ROOT, TAKEN, collected

from adinspect import remote, snapshot, store
from adinspect.errors import BusyError, ConfigurationError, StorageError, UnreachableError
from adinspect.remote import Place, Remote
from adinspect.snapshot import MANIFEST, Snapshot, check, path_of, snapshots


class Killed(BaseException):
    """A process that is ended; nothing of it runs any more."""


class Failing:
    """A file system of which one operation fails, or every one from then on."""

    def __init__(self, place: int, failure: BaseException, *, for_good: bool) -> None:
        self.place, self.failure, self.for_good, self.done = place, failure, for_good, 0
        self.asked: set[str] = set()

    def __call__(self, operation: str) -> None:
        self.done += 1
        self.asked.add(operation)
        if self.done == self.place or (self.for_good and self.done > self.place):
            raise self.failure


@pytest.fixture(autouse=True)
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state/adinspect/outbox"


@pytest.fixture(params=["folders", "objects"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "away").mkdir()
    yield f"folders://{tmp_path}/away" if request.param == "folders" else "objects://bucket/away"
    Objects.store.clear()


def at(url: str) -> Remote:
    found = remote.place(url)
    assert isinstance(found, Remote)
    return found


def save(where: Remote, day: int = 24) -> Remote:
    saved = snapshot.save(collected(), HIDDEN, ROOT, where, taken=TAKEN.replace(day=day))
    assert isinstance(saved.path, Remote)
    return saved.path


def seen(where: Place) -> list[str]:
    """The names of the snapshots that can be seen; each of them is what was saved."""
    found = [path_of(one) for one in snapshots(where)]
    assert {path.name: check(path) for path in found} == {path.name: [] for path in found}
    return [path.name for path in found]


def waiting(folder: Path) -> list[str]:
    """The snapshots that are not sent."""
    return [path.name for path in folder.glob("*/*/*/") if snapshot.is_snapshot(path)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("snapshots", Path("snapshots")),
        ("/srv/a b/snapshots/", Path("/srv/a b/snapshots")),
        ("C:\\snapshots", Path("C:\\snapshots")),
        ("C://snapshots", Path("C://snapshots")),
        ("a::b", Path("a::b")),
        ("s3://bucket/a b/snapshots/", Remote("s3://bucket/a b/snapshots")),
        ("S3://bucket", Remote("s3://bucket")),
        ("abfs://container@account.dfs.core.windows.net/x", Remote("abfs://container@account.dfs.core.windows.net/x")),
        ("sftp://adele@host.contoso.com:2222/srv", Remote("sftp://adele@host.contoso.com:2222/srv")),
        ("sftp://[2001:db8::1]/srv", Remote("sftp://[2001:db8::1]/srv")),
        ("memory:///x", Remote("memory:///x")),
        ("file:///srv/a%20b", Path("/srv/a b")),
        ("file://localhost/srv", Path("/srv")),
        ("local:///srv", Path("/srv")),
    ],
)
def test_a_url_is_told_from_a_path(text: str, names: Place) -> None:
    assert remote.place(text) == names


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sftp://adele:Secret1@host/srv", "password never stands"),
        ("sftp://adele:Secret1/x@host/srv", "password never stands"),
        ("http://:Secret1@host/srv", "password never stands"),
        ("s3://bucket/x?X-Amz-Signature=Secret1", "no query"),
        ("s3://bucket/x#Secret1", "no query"),
        ("s3://bucket/*Secret1", "no pattern"),
        ("s3://bucket/x\nSecret1", "no pattern"),
        ("simplecache::s3://bucket/Secret1", "chained"),
        ("s3://", "names no folder"),
        ("s3:///", "names no folder"),
        ("file://host/srv", "no other computer"),
        ("ftp://host/srv", "clear text"),
        ("HTTP://host/srv", "clear text"),
    ],
)
def test_a_url_that_is_none_is_refused_and_no_secret_shown(text: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as caught:
        remote.place(text)
    assert "Secret1" not in str(caught.value)


@pytest.mark.parametrize(("scheme", "why"), [("nothing", "Install nothing-fs"), ("no-such-scheme", "not known")])
def test_what_no_package_reaches_is_said_before_anything_is_done(scheme: str, why: str, outbox: Path) -> None:
    fsspec.register_implementation("nothing", "no_such_module.System", errtxt="Install nothing-fs to reach nothing", clobber=True)
    with pytest.raises(ConfigurationError, match=why):
        store.require_free(at(f"{scheme}://bucket"))
    assert not outbox.exists()


def test_what_is_saved_is_loaded(url: str, outbox: Path) -> None:
    path = save(at(url))
    assert str(path) == f"{url}/contoso.com/{path.name}"
    loaded = snapshot.load(at(str(path)))
    assert loaded.taken == TAKEN
    assert loaded.tables["users"]["identity"].to_list() == ["zoe@contoso.com"]
    assert loaded.visibility.to_dict("records") == HIDDEN.to_dict("records")
    assert seen(at(url)) == [path.name]
    assert store.of(loaded) == at(url)
    assert waiting(outbox) == []


def test_a_snapshot_is_the_same_here_and_there(url: str, tmp_path: Path) -> None:
    here = snapshot.save(collected(), HIDDEN, ROOT, tmp_path / "here", taken=TAKEN)
    there = snapshot.add(here, snapshot.Supplied({}, {}), at(url))
    assert there.path.name == here.path.name == save(at(url)).name
    assert (there.path / MANIFEST).read_bytes() == (here.path / MANIFEST).read_bytes()


def test_a_store_that_is_not_there_is_said_and_never_made(url: str) -> None:
    nowhere = at(f"{url}/nowhere")
    with pytest.raises(StorageError, match="no such folder"):
        list(snapshots(nowhere))
    if url.startswith("folders"):
        with pytest.raises(StorageError, match="could not be sent"):
            save(nowhere)
        assert list(Path(url.removeprefix("folders://")).iterdir()) == []


@pytest.mark.parametrize(
    ("failure", "for_good"),
    [(ConnectionError("reset by peer"), False), (PermissionError("Access Denied"), True), (Killed(), True)],
    ids=["once", "for good", "killed"],
)
def test_whichever_operation_of_a_save_fails_no_half_snapshot_is_seen(
    url: str, outbox: Path, failure: BaseException, for_good: bool
) -> None:
    refused = 0
    for place in range(1, 1000):
        where = at(f"{url}/{place}")
        if url.startswith("folders"):
            Path(f"{url.removeprefix('folders://')}/{place}").mkdir()
        older, system = save(where, 1).name, Failing(place, failure, for_good=for_good)
        sent = False
        try:
            with disturbed(system):
                sent = bool(save(where))
        except StorageError as error:
            refused += 1
            assert str(outbox) in error.safe  # noqa: PT017  # whether it is raised is what differs
            assert waiting(outbox)
        except Killed:
            refused += 1
        visible = seen(where)
        assert older in visible
        assert len(visible) == 2 or not sent
        with store.writing(where, "adinspect collect"):
            last = save(where, 25).name
        assert {older, last} < set(seen(where))
        assert len(seen(where)) == 3
        assert waiting(outbox) == []
        if system.done < place:
            break
    assert system.done < place
    assert refused > 10
    assert {"write", "read", "info", "move"} <= system.asked


def test_half_a_snapshot_is_never_seen(url: str) -> None:
    where, found, looking = at(url), [], False

    def look(operation: str) -> None:
        nonlocal looking
        if not looking:
            looking = True
            found.append(seen(where))
            looking = False

    save(where, 1)
    with disturbed(look):
        save(where)
    counts = [len(names) for names in found]
    assert counts == sorted(counts)
    assert (len(counts) > 10, counts[0]) == (True, 1)


def test_a_store_that_lets_nothing_be_deleted_takes_snapshots(outbox: Path) -> None:
    def keep(operation: str) -> None:
        if operation == "remove":
            raise PermissionError("Access Denied")

    with disturbed(keep):
        save(at("objects://bucket/away"))
        with pytest.raises(StorageError, match="could not be removed: Permission"):
            store.remove(next(path_of(one) for one in snapshots(at("objects://bucket/away"))))
    assert len(seen(at("objects://bucket/away"))) == 1
    assert waiting(outbox) == []
    Objects.store.clear()


def test_what_was_stored_wrongly_is_not_published(url: str, outbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for system in (Folders, Objects):
        monkeypatch.setattr(system, "cat_file", lambda self, path: b"something else")
    with pytest.raises(StorageError, match="is not what was sent"):
        save(at(url))
    monkeypatch.undo()
    monkeypatch.setenv("XDG_STATE_HOME", str(outbox.parents[1]))
    assert seen(at(url)) == []
    assert len(waiting(outbox)) == 1


def replace_file(file: Remote, octets: bytes) -> None:
    """Do what somebody does who may write there."""
    with file._reached() as (system, path):
        system.pipe_file(path, octets)


@pytest.mark.parametrize("file", ["users.parquet", "visibility.parquet", MANIFEST])
def test_a_flipped_bit_is_found(url: str, file: str) -> None:
    sound, path = save(at(url), 1), save(at(url))
    octets = bytearray((path / file).read_bytes())
    octets[9] ^= 4
    replace_file(path / file, bytes(octets))
    assert [one.file for one in check(path)] == [file]
    assert check(sound) == []
    with pytest.raises(StorageError, match="already, and damaged"):
        save(at(url))
    decided = store.decide(at(url), store.Keep(last=1))
    assert [(one.removed, bool(one.damage)) for one in decided] == [(False, False), (False, True)]


def test_a_missing_file_is_found(url: str) -> None:
    path = save(at(url))
    (path / "users.parquet").unlink()
    assert ["No such file" in one.what for one in check(path)] == [True]


@pytest.mark.parametrize("name", ["../../../secret", "/etc/passwd", "..", "a\\b", "a\0b", "x y", ""])
def test_a_manifest_leads_to_no_other_place(url: str, tmp_path: Path, name: str) -> None:
    path = save(at(url))
    manifest = json.loads((path / MANIFEST).read_bytes())
    manifest["files"][name] = "0" * 64
    manifest["tables"][name.removesuffix(".parquet")] = 1
    replace_file(path / MANIFEST, json.dumps(manifest).encode())
    for place in (path, Path(tmp_path / "here")):
        opened = Snapshot(place, manifest)
        with pytest.raises(StorageError, match="has a name that no table has"):
            opened.octets(name)
        with pytest.raises(StorageError):
            _ = opened.tables
        with pytest.raises(StorageError):
            snapshot.add(opened, snapshot.Supplied({}, {}), tmp_path / "copy")
    with pytest.raises(ValueError, match="no name of a file"):
        path / name


def test_names_that_a_store_lists_are_held_against_those_it_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    where = at("objects://bucket/away")
    saved, listing = save(where), Objects.ls
    odd = ["../../x", "..", ".", "", "/etc", "a\0b", "a b", "a\\..\\b", "*", "x?y", "Ünicode", "-" * 5000 + "/"]

    def ls(self: Objects, path: str, detail: bool = True, **options: Any) -> Any:
        listed = listing(self, path, detail=True)
        made = [{"name": f"{path}/{name}", "type": kind, "size": 0} for name in odd for kind in ("directory", "file")]
        return [{"name": path, "type": "directory", "size": 0}, *made, *listed]

    monkeypatch.setattr(Objects, "ls", ls)
    assert seen(where) == [saved.name]
    assert [one.name for one in where.folders()][:1] != [".."]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", one.name) for one in where.folders())
    with store.writing(where, "adinspect collect"):
        pass
    assert seen(where) == [saved.name]
    Objects.store.clear()


def test_an_outage_is_no_damage_and_no_empty_store(url: str) -> None:
    path = save(at(url))

    def out(operation: str) -> None:
        raise TimeoutError("no answer from //adele:Secret1@host/x?sig=Secret1")

    with disturbed(out):
        for ask in (lambda: check(path), lambda: list(snapshots(at(url))), lambda: snapshot.load(path), path.is_file):
            with pytest.raises(UnreachableError, match="TimeoutError: no answer") as caught:
                ask()
            assert caught.value.exit_code == 7
            assert "Secret1" not in str(caught.value)
    assert seen(at(url)) == [path.name]


def test_what_may_not_be_listed_is_not_empty(url: str) -> None:
    def denied(operation: str) -> None:
        if operation == "list":
            raise PermissionError("Access Denied")

    save(at(url))
    with disturbed(denied), pytest.raises(UnreachableError, match="Access Denied"):
        list(snapshots(at(url)))


def test_old_snapshots_are_removed(url: str) -> None:
    paths = [save(at(url), day) for day in (1, 2, 3)]
    decided = store.decide(at(url), store.Keep(last=1))
    assert [one.path for one in decided if one.removed] == paths[:2]
    store.remove(paths[0])
    assert seen(at(url)) == [path.name for path in paths[1:]]
    last = store.last_complete(at(url), "contoso.com", TAKEN.replace(day=3))
    assert last
    assert last.path == paths[1]


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_whichever_operation_of_a_removal_fails_what_is_seen_is_whole(url: str, for_good: bool) -> None:
    where, newer = at(url), save(at(url), 25)
    for place in range(1, 1000):
        older, system = save(where), Failing(place, ConnectionError("reset"), for_good=for_good)
        try:
            with disturbed(system):
                store.remove(older)
        except StorageError as error:
            assert "reset" in error.what  # noqa: PT017  # whether it is raised is what differs
        assert newer.name in seen(where)
        if system.done < place:
            break
    assert system.done < place
    assert seen(where) == [newer.name]


def aged(file: Remote, age: timedelta) -> None:
    """Let a file be written so long ago."""
    with file._reached() as (system, path):
        if isinstance(system, Objects):
            system.store[path].modified = datetime.now(UTC) - age
        else:
            moment = (datetime.now(UTC) - age).timestamp()
            os.utime(path, (moment, moment))


def test_what_uploads_left_is_cleared_away_when_it_is_old(url: str) -> None:
    where = at(url)
    saved, fresh, old, removed = (save(where, day) for day in (1, 2, 3, 4))
    history = saved.parent / "history"
    (history / "um-lync.json").write_bytes(b"{}")
    for one in (fresh, old, removed):
        (one / MANIFEST).unlink()
    for file in (*saved.files(), *old.files(), *removed.files(), *history.files()):
        aged(file, timedelta(days=2))
    aged(removed.files()[0], timedelta(hours=1))
    with store.writing(where, "adinspect collect"):
        assert [one.name for one in saved.parent.folders()] == [saved.name, fresh.name, removed.name, "history"]
    assert seen(where) == [saved.name]


def test_what_is_of_an_unknown_age_is_left(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def modified(self: object, path: str) -> datetime:
        raise NotImplementedError

    for system in (Folders, Objects):
        monkeypatch.setattr(system, "modified", modified)
    path = save(at(url))
    assert len(store.of_forest(at(url), "contoso.com")) == 1
    (path / MANIFEST).unlink()
    with store.writing(at(url), "adinspect collect"):
        assert path.files()


def test_one_run_at_a_time_writes(url: str) -> None:
    with store.writing(at(url), "adinspect collect"):
        for ask in (store.require_free, lambda where: store.writing(where, "adinspect run").__enter__()):
            with pytest.raises(BusyError, match="`adinspect collect`"):
                ask(at(url))
        store.require_free(at(f"{url}-other"))
    store.require_free(at(url))


def test_its_local_folder_is_for_its_user_alone(url: str, outbox: Path) -> None:
    with store.writing(at(url), "adinspect collect"):
        (folder,) = outbox.iterdir()
    assert {path.stat().st_mode & 0o777 for path in (outbox, folder)} == {0o700}
    assert re.fullmatch(r"[A-Za-z0-9.-]+", folder.name)


def test_a_snapshot_that_was_damaged_while_it_waited_is_never_sent(url: str, outbox: Path) -> None:
    def full(operation: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with disturbed(full), pytest.raises(StorageError, match="No space left"):
        save(at(url))
    (file,) = outbox.glob("*/*/*/users.parquet")
    file.write_bytes(b"PAR1")
    with pytest.raises(StorageError, match="damaged") as caught:
        save(at(url), 25)
    assert caught.value.where == str(file)
    assert [name[:8] for name in seen(at(url))] == ["20261125"]
