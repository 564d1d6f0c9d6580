"""A connected socket whose waits all end at one moment: a server that sends an octet now and then cannot hold anybody up."""

from __future__ import annotations

import socket
import time


class TimedSocket:
    """Wraps a socket, plain or TLS. `expires` is on time.monotonic's clock; past it every wait raises TimeoutError.

    `allowance` is how many octets may still come in, or None: any number.
    """

    def __init__(self, inner: socket.socket, expires: float, allowance: int | None = None) -> None:
        self.inner = inner
        self.expires = expires
        self.allowance = allowance

    def recv(self, size: int) -> bytes:
        """Up to `size` octets; none when the other side has closed."""
        self._wait()
        received = self.inner.recv(size)
        self._count(len(received))
        return received

    def recv_into(self, buffer: memoryview) -> int:
        """Receive into a buffer; the number of octets, 0 when the other side has closed."""
        self._wait()
        received = self.inner.recv_into(buffer)
        self._count(received)
        return received

    def sendall(self, octets: bytes) -> None:
        """Send everything."""
        self._wait()
        self.inner.sendall(octets)

    def shutdown(self, how: int) -> None:
        """End the conversation, as socket.shutdown does."""
        self.inner.shutdown(how)

    def close(self) -> None:
        """Close the socket."""
        self.inner.close()

    def _wait(self) -> None:
        remaining = self.expires - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("timed out")
        self.inner.settimeout(remaining)

    def _count(self, received: int) -> None:
        if self.allowance is not None:
            self.allowance -= received
            if self.allowance < 0:
                raise OSError("the server sends more than belongs to a sign-in")
