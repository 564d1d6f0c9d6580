"""A server on loopback for tests, which answers as badly as it is told to."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pki

from adinspect.probe import Endpoint

HOST = "localhost"

Serve = Callable[[socket.socket], None]


@contextmanager
def serving(answer: Serve) -> Iterator[Endpoint]:
    """A server on loopback that answers each connection, one after the other, until it is left."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        left = threading.Event()

        def run() -> None:
            while not left.is_set():
                with suppress(OSError):
                    connection, _ = listener.accept()
                    connection.settimeout(10)
                    with connection, suppress(OSError):
                        answer(connection)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield Endpoint(HOST, listener.getsockname()[1])
        finally:
            left.set()
            thread.join()


HEARD: list[bytes] = []


def tls(context: ssl.SSLContext) -> Serve:
    """Shakes hands, and hears what the other side says inside TLS."""

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            HEARD.append(secured.recv(1))

    return answer


def context(folder: Path, one: pki.Issued, *sent: pki.Issued) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.load_cert_chain(one.chain_file(folder, *sent))
    return made
