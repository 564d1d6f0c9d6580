"""A real HTTP server on loopback, which answers a POST as it is told to."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Heard:
    """What a server got, and what it answers: a status, and where it says that the request should go."""

    status: int = 200
    location: str = ""
    wait: threading.Event | None = None
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def web(heard: Heard, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.requests.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            if heard.wait:
                heard.wait.wait(10)
            self.send_response(heard.status, "So\x07 be it")
            if heard.location:
                self.send_header("Location", heard.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            heard.requests.append((self.command, self.path, {}, b""))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *said: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *of: object) -> None:
            """A client that goes away is no error here."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_port
        finally:
            if heard.wait:
                heard.wait.set()
            server.shutdown()
            thread.join()
