"""Bytes on a socket: sends what no client library would send, and reads the one answer."""

import json
import select
import socket
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

CLOSED = 0
SILENT = -1
KEPT_BYTES = 1 << 20
CHUNK = 65_536


class Answer(NamedTuple):
    """What came back; `status` is CLOSED or SILENT when that was nothing."""

    status: int
    head: str
    body: bytes
    received: int
    sent: int

    def header(self, name: str) -> str:
        """Returns a header, empty when absent; `name` is in lower case."""
        for line in self.head.split("\r\n")[1:]:
            given, _, text = line.partition(":")
            if given.strip().lower() == name:
                return text.strip()
        return ""

    def json(self) -> Any:
        """Returns the body as JSON, None when it is not."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Exchange:
    """One request on a connection of its own, sent while the answer is already being read."""

    def __init__(self, link: socket.socket, parts: Iterable[bytes]) -> None:
        self._link = link
        self._parts: Iterator[bytes] | None = iter(parts)
        self._pending = memoryview(b"")
        self._received = bytearray()
        self._count = self._sent = 0
        self._is_closed = False

    def run(self, seconds: float, patience: float) -> Answer:
        """Waits at most `seconds`, and `patience` seconds after the last byte in or out."""
        until = time.monotonic() + seconds
        quiet_until = time.monotonic() + patience
        while not self._is_closed and not is_whole(self._received, self._count):
            now = time.monotonic()
            if now >= min(until, quiet_until):
                break
            writers = [self._link] if self._parts is not None else []
            wait = min(until, quiet_until) - now
            readable, writable, _ = select.select([self._link], writers, [], wait)
            if readable:
                self._read()
            if writable and not self._is_closed:
                self._write()
            if readable or writable:
                quiet_until = time.monotonic() + patience
        return self._answer()

    def _write(self) -> None:
        if not self._pending:
            self._pending = memoryview(next(self._parts or iter(()), b""))
        if not self._pending:
            self._parts = None
            return
        try:
            sent = self._link.send(self._pending[:CHUNK])
        except BlockingIOError:
            return
        except OSError:
            # The server hung up on us; what it said before that can still be read.
            self._parts = None
            return
        self._sent += sent
        self._pending = self._pending[sent:]

    def _read(self) -> None:
        try:
            data = self._link.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._is_closed = not data
        self._count += len(data)
        if len(self._received) < KEPT_BYTES:
            self._received += data
        elif data:
            # The end alone tells when a chunked answer is over.
            self._received[-CHUNK:] = data[-CHUNK:].rjust(CHUNK, b"\0")

    def _answer(self) -> Answer:
        head, _, body = final(bytes(self._received)).partition(b"\r\n\r\n")
        words = head.split(None, 2)
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else CLOSED
        if not self._received and not self._is_closed:
            status = SILENT
        return Answer(status, head.decode("latin-1"), body, self._count, self._sent)


def final(received: bytes) -> bytes:
    """Leaves out interim answers such as 100 Continue."""
    while received.startswith((b"HTTP/1.1 100", b"HTTP/1.1 103")):
        received = received.partition(b"\r\n\r\n")[2]
    return received


def is_whole(received: bytearray, count: int) -> bool:
    """Whether the answer is all there, `count` bytes with those that were not kept."""
    beginning = bytes(received[:16_384])
    start = final(beginning)
    head, ended, _ = start.lower().partition(b"\r\n\r\n")
    if not ended:
        return False
    if head[9:12] in (b"101", b"204", b"304"):
        return True
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            interim = len(beginning) - len(start)
            return count - interim - len(head) - 4 >= int(line.split(b":")[1])
    return b"transfer-encoding" in head and received.endswith(b"0\r\n\r\n")


def exchange(
    port: int, parts: bytes | Iterable[bytes], seconds: float = 15.0, patience: float = 15.0
) -> Answer:
    with connect(port) as link:
        link.setblocking(False)
        return Exchange(link, [parts] if isinstance(parts, bytes) else parts).run(seconds, patience)


def connect(port: int, seconds: float = 5.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=seconds)


def request(method: str, target: str, body: bytes = b"", token: str = "", **headers: str) -> bytes:
    """Returns a well-formed request; `content_type=` becomes `Content-Type:`."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost"]
    lines += [f"Authorization: Token {token}"] if token else []
    lines += [f"{name.replace('_', '-').title()}: {text}" for name, text in headers.items()]
    lines += [f"Content-Length: {len(body)}"] if body or method in ("POST", "PATCH") else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body


def graphql(
    query: str, variables: Any = None, operation: str | None = None, token: str = ""
) -> bytes:
    """Returns a GraphQL request as JSON over POST."""
    content: dict[str, Any] = {"query": query}
    if variables is not None:
        content["variables"] = variables
    if operation is not None:
        content["operationName"] = operation
    body = json.dumps(content).encode()
    return request("POST", "/graphql", body, token, content_type="application/json")
