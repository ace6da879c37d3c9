"""Accepts new connections, even while the open ones keep the event loop busy.

With uvloop's own server the listening socket starves as soon as a few hundred connections send
requests back to back. A reader registered with the loop is served like any other descriptor.
"""

import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import structlog

from .descriptors import limit

MOST_OPENING = 64
# A worker comes to its listening socket within a few milliseconds, however busy it is.
OTHERS_SECONDS = 0.002
# Short, because each accepted connection frees a descriptor by closing the longest idle one.
PAUSE_SECONDS = 0.1
SECONDS_BETWEEN_REPORTS = 60.0
# Out of descriptors or buffers: accepting works again once something is closed.
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

log = structlog.get_logger("connect.wire")


class Balance(Protocol):
    """What decides which of several workers accepts the next connection."""

    def note(self, count: int) -> None:
        """Says how many connections this worker has, and that it lives."""

    def is_others_turn(self, count: int) -> bool:
        """Whether a worker that lives has fewer connections than this one, which has `count`."""


class Acceptor:
    """Accepts connections on a listening socket until it is closed; replaces an asyncio server.

    Where others accept on the same socket, `balance` says whose turn it is, and `count` how many
    connections this process has open.
    """

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        balance: Balance | None = None,
        count: Callable[[], int] = lambda: 0,
    ) -> None:
        self._balance = balance
        self._count = count
        self._has_waited = False
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._protocol = protocol
        self._opening: set[asyncio.Task[None]] = set()
        # Part of the reserve: `gateway.wire.watch` counts connections only once they are open.
        self._most_opening = max(4, min(MOST_OPENING, limit() // 25))
        self._pause: asyncio.TimerHandle | None = None
        self._report_due_at = 0.0
        self._is_closed = False

    def start(self, backlog: int) -> None:
        """Starts accepting; the kernel queues at most `backlog` connections."""
        self._listener.setblocking(False)
        self._listener.listen(backlog)
        self._listen()

    def close(self) -> None:
        """Stops accepting; open connections stay."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._pause is None:
            self._loop.remove_reader(self._listener)
        else:
            self._pause.cancel()
        self._listener.close()

    async def wait_closed(self) -> None:
        """Waits until the connections that are being accepted are open."""
        if self._opening:
            await asyncio.wait(self._opening)

    def _listen(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        while len(self._opening) < self._most_opening:
            if self._balance is not None and self._lets_others(self._balance):
                return
            try:
                newcomer, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in EXHAUSTED:
                    raise
                self._rest(error)
                return
            task = self._loop.create_task(self._open(newcomer))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
            if self._balance is not None:
                self._balance.note(self._count() + len(self._opening))

    def _lets_others(self, balance: Balance) -> bool:
        """Leaves a connection to a worker that has fewer; takes it itself if none comes for it."""
        if self._has_waited or not balance.is_others_turn(self._count() + len(self._opening)):
            self._has_waited = False
            return False
        self._has_waited = True
        self._loop.remove_reader(self._listener)
        self._pause = self._loop.call_later(OTHERS_SECONDS, self._listen)
        return True

    def _rest(self, error: OSError) -> None:
        """Pauses, because trying again at once would only waste time."""
        now = self._loop.time()
        if now >= self._report_due_at:
            self._report_due_at = now + SECONDS_BETWEEN_REPORTS
            log.error("accepting_paused", reason=error.strerror)
        self._loop.remove_reader(self._listener)
        self._pause = self._loop.call_later(PAUSE_SECONDS, self._listen)

    async def _open(self, newcomer: socket.socket) -> None:
        newcomer.setblocking(False)
        # The client may disconnect before it has been accepted.
        with suppress(OSError):
            newcomer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._protocol, newcomer)
            return
        newcomer.close()
