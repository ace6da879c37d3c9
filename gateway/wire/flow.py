"""What a connection may leave unread on either side, and raw answers outside of any request."""

import asyncio
import http
import select
import sys
from collections.abc import Iterable, Sized

import orjson
from uvicorn.protocols.http.flow_control import FlowControl

if sys.platform == "linux":
    # Here, not where they are used: importing needs a descriptor, and there may be none left.
    import fcntl
    import termios

UNREAD_SECONDS = 30.0
LEAST_READ_BYTES = 16_384


class Flow(FlowControl):
    """Stops reading while requests wait for their turn."""

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        """Reads on, unless requests wait: uvicorn does so whenever a body is asked for."""
        if not self._waiting:
            super().resume_reading()


def queued_by_kernel(transport: asyncio.Transport) -> int:
    """Returns how many bytes the kernel keeps for the other side; 0 where that is unknown."""
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
    """Whether the other side has closed; needed while reading is paused."""
    if sys.platform != "linux":
        return False
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), select.POLLRDHUP)
    return bool(poll.poll(0))


class Unsent:
    """What was written and has not been read by the other side.

    The kernel's queue counts too: it asks for more in steps of a megabyte, each of which takes a
    slow reader minutes.
    """

    __slots__ = ("_amount", "_since", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._amount = 0
        self._since = 0.0

    def is_stuck(self, now: float) -> bool:
        """Whether less than `LEAST_READ_BYTES` were read in `UNREAD_SECONDS`, though more waits."""
        amount = self._transport.get_write_buffer_size()
        if amount:
            amount += queued_by_kernel(self._transport)
        if not amount or not self._amount or amount <= self._amount - LEAST_READ_BYTES:
            self._amount, self._since = amount, now
            return False
        self._amount = max(amount, self._amount)
        return now - self._since > UNREAD_SECONDS

    def forget(self) -> None:
        """Counts from now on: most of it has been read."""
        self._amount = 0


def refusal(status: int, message: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Returns an answer as it goes over the wire, after which nothing follows."""
    body = orjson.dumps({"detail": message})
    lines = [
        f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}".encode(),
        b"content-type: application/json",
        b"content-length: %d" % len(body),
        b"connection: close",
        *(name + b": " + value for name, value in headers),
    ]
    return b"\r\n".join([*lines, b"", body])
