"""A store behind a real SFTP server, which is believed only where OpenSSH knows its key."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
from fsspec.implementations import sftp
from stores import HIDDEN, ROOT, TAKEN, collected

from adinspect import remote, snapshot, store
from adinspect.errors import ConfigurationError, StorageError, UnreachableError
from adinspect.remote import Remote
from adinspect.snapshot import check, path_of, snapshots

SERVER = """
import asyncio, sys, asyncssh
async def serve(host, users):
    server = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[host], authorized_client_keys=users, sftp_factory=True)
    print(server.get_port(), flush=True)
    await asyncio.Event().wait()
asyncio.run(serve(*sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of a server that knows one user's key, and the home of that user, whose OpenSSH knows the server."""
    home, keys = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("keys")
    (home / ".ssh").mkdir(mode=0o700)
    host, user = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    host.write_private_key(str(keys / "host"))
    user.write_private_key(str(home / ".ssh/id_ed25519"))
    user.write_public_key(str(keys / "users"))
    command = [sys.executable, "-c", SERVER, str(keys / "host"), str(keys / "users")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        (home / ".ssh/known_hosts").write_text(f"[127.0.0.1]:{port} {host.export_public_key().decode()}", encoding="utf-8")
        yield port, home
        process.kill()


@pytest.fixture
def where(server: tuple[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remote:
    port, home = server
    sftp.SFTPFileSystem.clear_instance_cache()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "away").mkdir()
    found = remote.place(f"sftp://adele@127.0.0.1:{port}{tmp_path}/away")
    assert isinstance(found, Remote)
    return found


def save(where: Remote, day: int) -> Remote:
    saved = snapshot.save(collected(), HIDDEN, ROOT, where, taken=TAKEN.replace(day=day)).path
    assert isinstance(saved, Remote)
    return saved


def test_a_store_is_kept_there(where: Remote) -> None:
    with store.writing(where, "adinspect collect"):
        first, second = save(where, 1), save(where, 2)
    assert [path_of(one) for one in snapshots(where)] == [first, second]
    assert check(first) == []
    loaded = snapshot.load(first)
    assert loaded.tables["users"]["identity"].to_list() == ["zoe@contoso.com"]
    assert [one.path for one in store.decide(where, store.Keep(last=1)) if one.removed] == [first]
    store.remove(first)
    assert [path_of(one) for one in snapshots(where)] == [second]


def test_a_connection_that_died_while_a_forest_was_read_is_made_again(where: Remote) -> None:
    with store.writing(where, "adinspect collect"):
        with where._reached() as (system, _):
            system.client.close()
        assert check(save(where, 1)) == []


def test_a_folder_that_is_not_there_is_said(where: Remote, tmp_path: Path) -> None:
    (tmp_path / "away").rmdir()
    with pytest.raises(StorageError, match="no such folder"):
        list(snapshots(where))
    with pytest.raises(StorageError, match="could not be sent: No such file"):
        save(where, 1)
    assert not (tmp_path / "away").exists()


def test_an_fsspec_that_cannot_verify_keys_is_refused(where: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sftp, "HOST_KEY_POLICIES")
    with pytest.raises(ConfigurationError, match="cannot verify the key"):
        list(snapshots(where))


@pytest.mark.parametrize("known", [None, "[127.0.0.1]:{port} ssh-ed25519 {other}"], ids=["unknown", "of another key"])
def test_a_server_that_openssh_does_not_know_is_not_believed(
    where: Remote, server: tuple[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: str | None
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir(mode=0o700)
    if known:
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()[1]
        (tmp_path / ".ssh/known_hosts").write_text(known.format(port=server[0], other=other), encoding="utf-8")
    (tmp_path / ".ssh/id_ed25519").write_bytes((server[1] / ".ssh/id_ed25519").read_bytes())
    with pytest.raises(UnreachableError, match=r"Server .* not found in known_hosts"):
        list(snapshots(where))
