"""A running service, and raw sockets to it."""

import socket
import time
from collections.abc import Mapping
from typing import Any

from tests.service import EmbeddedService

MEBIBYTE = 1 << 20


class Server(EmbeddedService):
    """A running service that is spoken to in bytes."""

    def connect(self, timeout: float = 20) -> socket.socket:
        """Returns a new connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def exchange(self, sent: bytes, timeout: float = 20) -> bytes:
        """Sends raw bytes on a connection of its own; returns what comes until it is closed."""
        with self.connect(timeout) as client:
            client.sendall(sent)
            return until_closed(client)

    def memory(self) -> int:
        """The anonymous memory, in bytes."""
        return int(self.anonymous() * MEBIBYTE)


def request(
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    keep: bool = False,
) -> bytes:
    """Returns a request as it goes over the wire; closes the connection unless `keep` is given."""
    lines = {"Host": "127.0.0.1", **(headers or {})}
    if body:
        lines["Content-Length"] = str(len(body))
    if not keep:
        lines["Connection"] = "close"
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def status_of(answer: bytes) -> int:
    """The status of an answer; 0 when there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def until_closed(client: socket.socket) -> bytes:
    """What comes until the other side closes, or breaks off."""
    parts = []
    try:
        while part := client.recv(1 << 16):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def eventually(check: Any, seconds: float = 20) -> None:
    """Waits until `check()` holds."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)
