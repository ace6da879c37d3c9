"""Flow control: pausing reads, detecting clients that do not read, and raw error responses."""

import asyncio
import http
import select
import sys
from collections.abc import Iterable, Sized

import orjson
from uvicorn.protocols.http.flow_control import FlowControl

if sys.platform == "linux":
    # Imported early, because an import needs a file descriptor and there may be none left later.
    import fcntl
    import termios

UNREAD_SECONDS = 30.0
LEAST_READ_BYTES = 16_384


class Flow(FlowControl):
    """Flow control that keeps reading paused while pipelined requests are waiting."""

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        """Resumes reading unless requests are waiting; uvicorn calls it for every body it reads."""
        if not self._waiting:
            super().resume_reading()


def queued_by_kernel(transport: asyncio.Transport) -> int:
    """Returns how many bytes the kernel has queued for the client; 0 where that is unknown."""
    if sys.platform != "linux":
        return 0
    try:
        answer = fcntl.ioctl(
            transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4)
        )
    except OSError:
        return 0
    return int.from_bytes(answer, sys.byteorder)


def has_left(transport: asyncio.Transport) -> bool:
    """Whether the client has closed the connection; for use while reading is paused."""
    if sys.platform != "linux":
        return False
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), select.POLLRDHUP)
    return bool(poll.poll(0))


class Unsent:
    """The bytes that were written and that the client has not read yet.

    Includes the kernel's queue: it accepts data in steps of a megabyte, and a slow client takes
    minutes to read one.
    """

    __slots__ = ("_amount", "_since", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._amount = 0
        self._since = 0.0

    def is_stuck(self, now: float) -> bool:
        """Whether the client read less than `LEAST_READ_BYTES` in `UNREAD_SECONDS`."""
        amount = self._transport.get_write_buffer_size()
        if amount:
            amount += queued_by_kernel(self._transport)
        if not amount or not self._amount or amount <= self._amount - LEAST_READ_BYTES:
            self._amount, self._since = amount, now
            return False
        self._amount = max(amount, self._amount)
        return now - self._since > UNREAD_SECONDS

    def forget(self) -> None:
        """Starts counting anew, because the client has read most of it."""
        self._amount = 0


def refusal(status: int, message: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Returns an error as raw bytes of HTTP/1.1; the connection is closed after it."""
    body = orjson.dumps({"detail": message})
    lines = [
        f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}".encode(),
        b"content-type: application/json",
        b"content-length: %d" % len(body),
        b"connection: close",
        *(name + b": " + value for name, value in headers),
    ]
    return b"\r\n".join([*lines, b"", body])
