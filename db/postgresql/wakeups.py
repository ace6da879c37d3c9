"""Tells other processes that something was committed, and hears it from them, by NOTIFY and LISTEN.

Only a wake-up: whoever is woken reads what there is. What is not heard is found by looking.
"""

import asyncio
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import asyncpg
import structlog

from ..engine import DatabaseUnavailable
from ..ids import new_id
from . import faults
from .opening import Door
from .sessions import Sessions

CHANNEL = "connect"
# A server holds a lock that all commits share while one that notifies commits.
GATHERING_SECONDS = 0.02
# Of a notification, below the 8,000 bytes that there may be.
MOST_BYTES = 7_000
SEND_SECONDS = 5.0
# A listening connection whose network is gone hears nothing, and no error either.
PING_SECONDS = 30.0
PAUSES = (0.5, 1.0, 2.0, 5.0)

log = structlog.get_logger("connect.wakeups")


class Wakeups:
    """The notifications of one process: those it sends, gathered, and those of others."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._me = new_id()
        self._ids: set[str] = set()
        self._sending: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        # One for each who waits: whoever is just not waiting must not miss what another has heard.
        self._ears: WeakSet[asyncio.Event] = WeakSet()
        self._is_closed = False
        # How often in a row there was nothing to listen on.
        self._failures = 0

    def announce(self, organization_id: str) -> None:
        """Has others told soon that something of an organization, or "" for any, was committed."""
        self._ids.add(organization_id)
        if not self._is_closed and (self._sending is None or self._sending.done()):
            self._sending = asyncio.ensure_future(self._send())

    def ear(self) -> asyncio.Event:
        """Returns what is set from now on whenever another process has committed something."""
        ear = asyncio.Event()
        self._ears.add(ear)
        return ear

    async def wait(self, ear: asyncio.Event, seconds: float) -> None:
        """Returns when `ear` is set, at the latest after `seconds`; clears it."""
        if not self._sessions.door.is_pooled and self._listening is None and not self._is_closed:
            self._listening = asyncio.ensure_future(self._listen())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await ear.wait()
        ear.clear()

    async def close(self) -> None:
        """Sends what is not sent yet, and stops listening."""
        self._is_closed = True
        if self._sending is not None:
            await asyncio.wait([self._sending])
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])

    # Telling

    async def _send(self) -> None:
        while self._ids:
            ids, self._ids = self._ids, set()
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._notify(ids)
            except (DatabaseUnavailable, TimeoutError, *faults.ERRORS) as error:
                # Others find it out within half a second.
                log.warning("wakeup_not_sent", reason=str(error))
            if not self._is_closed:
                await asyncio.sleep(GATHERING_SECONDS)

    async def _notify(self, ids: set[str]) -> None:
        connection = await self._sessions.pool.take("")
        try:
            for payload in payloads(self._me, ids):
                # Without parameters: prepared, it might be split up by a pooler. Ids are UUIDs.
                await connection.raw.execute(f"SELECT pg_notify('{CHANNEL}', '{payload}')")
        except BaseException:
            connection.abort()
            raise
        finally:
            self._sessions.pool.give_back(connection, "")

    # Hearing

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once(self._sessions.door)
            except (DatabaseUnavailable, TimeoutError, *faults.ERRORS) as error:
                if not self._failures:
                    log.warning("listening_failed", reason=str(error))
            # What was sent meanwhile is lost: whoever waits has to look.
            self._tell()
            await asyncio.sleep(PAUSES[min(self._failures, len(PAUSES) - 1)])
            self._failures += 1

    async def _listen_once(self, door: Door) -> None:
        connection = await door.connect()
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        try:
            await connection.add_listener(CHANNEL, self._hear)
            self._failures = 0
            self._tell()
            while not ended.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(PING_SECONDS):
                        await ended.wait()
                if not ended.is_set():
                    await connection.execute("SELECT 1", timeout=SEND_SECONDS)
        finally:
            connection.terminate()

    def _hear(self, connection: asyncpg.Connection, pid: int, channel: str, payload: Any) -> None:
        if not str(payload).startswith(self._me):
            self._tell()

    def _tell(self) -> None:
        for ear in self._ears:
            ear.set()


def payloads(sender: str, ids: set[str]) -> list[str]:
    """Returns texts that name the sender and the ids, none longer than `MOST_BYTES`."""
    at_most = (MOST_BYTES - len(sender)) // 37
    rest = sorted(ids)
    return [
        f"{sender}:{','.join(rest[start : start + at_most])}"
        for start in range(0, len(rest), at_most)
    ]
