"""Closes connections that are overdue, and idle ones when there are too many.

Checks all of them once a second, instead of setting and clearing a timer for every request.
"""

from asyncio import AbstractEventLoop, TimerHandle
from collections import OrderedDict
from typing import Any, Protocol

import structlog

from .descriptors import limit

log = structlog.get_logger("connect.wire")

LOOK_SECONDS = 1.0
MOST_CONNECTIONS = 10_000
# Descriptors for the database, the log, static files and connections that are being accepted.
LEAST_RESERVED = 48


class Watched(Protocol):
    """A connection that is watched."""

    def is_overdue(self, now: float) -> bool:
        """Whether it must be closed at `now`."""

    def drop(self) -> None:
        """Closes it without a response."""

    def turn_away(self) -> None:
        """Answers that there are too many connections, and closes it."""


class Watch:
    """All connections of one server; the idle ones also in the order in which they became idle."""

    def __init__(self, loop: AbstractEventLoop, room: int) -> None:
        self._loop = loop
        self._room = room
        self._all: set[Watched] = set()
        self._idle: OrderedDict[Watched, None] = OrderedDict()
        self._timer: TimerHandle | None = None

    def add(self, connection: Watched, open_count: int) -> None:
        """Adds a connection; above the limit the longest idle one, or else this one, is closed."""
        if open_count > self._room and not self._make_room():
            connection.turn_away()
        self._all.add(connection)
        self._idle[connection] = None
        if self._timer is None:
            self._timer = self._loop.call_later(LOOK_SECONDS, self._look)

    def remove(self, connection: Watched) -> None:
        """Forgets a connection that is closed."""
        self._all.discard(connection)
        self._idle.pop(connection, None)

    def mark_busy(self, connection: Watched) -> None:
        """Marks the connection as busy: it is not closed to make room."""
        self._idle.pop(connection, None)

    def mark_idle(self, connection: Watched) -> None:
        """Marks the connection as idle: it is waiting for a request."""
        self._idle[connection] = None
        self._idle.move_to_end(connection)

    def _make_room(self) -> bool:
        if not self._idle:
            return False
        longest, _ = self._idle.popitem(last=False)
        longest.drop()
        return True

    def _look(self) -> None:
        # Scheduled first, so that an error below cannot end the checks.
        self._timer = self._loop.call_later(LOOK_SECONDS, self._look) if self._all else None
        now = self._loop.time()
        for connection in list(self._all):
            try:
                if connection.is_overdue(now):
                    connection.drop()
            except Exception:
                log.exception("connection_not_watched")
                self.remove(connection)


def watch_of(server_state: Any, loop: AbstractEventLoop) -> Watch:
    """Returns the watch of a server, creating it for the first connection."""
    found: Watch | None = getattr(server_state, "connect_watch", None)
    if found is None:
        found = server_state.connect_watch = Watch(loop, room())
    return found


def room() -> int:
    """How many connections may be open at once, given this process's limit on open files."""
    files = limit()
    return max(8, min(MOST_CONNECTIONS, files - max(LEAST_RESERVED, files // 4)))
