"""Watches the connections of a server: closes overdue ones, and idle ones when room is short.

One look a second over all of them, in place of timers that are set and cleared at every request.
"""

from asyncio import AbstractEventLoop, TimerHandle
from collections import OrderedDict
from typing import Any, Protocol

import structlog

from .descriptors import limit

log = structlog.get_logger("connect.wire")

LOOK_SECONDS = 1.0
MOST_CONNECTIONS = 10_000
# For the database, the log, pages and what one look at the listening socket brings.
LEAST_RESERVED = 48


class Watched(Protocol):
    """A connection that is watched."""

    def is_overdue(self, now: float) -> bool:
        """Whether its time is up."""

    def drop(self) -> None:
        """Closes it without an answer."""

    def turn_away(self) -> None:
        """Closes it and says that there is no room."""


class Watch:
    """All connections of one server; those that wait for a request also in the order of waiting."""

    def __init__(self, loop: AbstractEventLoop, room: int) -> None:
        self._loop = loop
        self._room = room
        self._all: set[Watched] = set()
        self._idle: OrderedDict[Watched, None] = OrderedDict()
        self._timer: TimerHandle | None = None

    def add(self, connection: Watched, open_count: int) -> None:
        """Adds a new connection; closes another one when there are more than there is room for."""
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

    def is_busy(self, connection: Watched) -> None:
        """Notes that its request is being answered: it is not closed to make room."""
        self._idle.pop(connection, None)

    def is_idle(self, connection: Watched) -> None:
        """Notes that it waits for a request from now on."""
        self._idle[connection] = None
        self._idle.move_to_end(connection)

    def _make_room(self) -> bool:
        if not self._idle:
            return False
        longest, _ = self._idle.popitem(last=False)
        longest.drop()
        return True

    def _look(self) -> None:
        # First, so that nothing that goes wrong below ends the watch.
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
    """Returns the watch of a server, which begins with its first connection."""
    found: Watch | None = getattr(server_state, "connect_watch", None)
    if found is None:
        found = server_state.connect_watch = Watch(loop, room())
    return found


def room() -> int:
    """How many connections may be open at once, by the limit of open files of this process."""
    files = limit()
    return max(8, min(MOST_CONNECTIONS, files - max(LEAST_RESERVED, files // 4)))
