"""A lease: one process at a time has a duty, and another takes over when that process is gone.

No clock of a machine is compared with another's: the holder raises a number, and the others count
on their own clocks for how long it has not moved.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import structlog

from db.engine import Database, DatabaseUnavailable, StatementFailed
from db.ids import new_id
from db.queries import leases
from db.queries.leases import LeaseRow

RAISE_SECONDS = 2.0
# How often the others look; with the silence below, a killed holder is replaced within 8 s.
LOOK_SECONDS = 1.0
SILENT_SECONDS = 6.0
NOBODY = ""

log = structlog.get_logger("connect.lease")


class Duty(Protocol):
    """Something that one process does at a time."""

    def is_ours(self) -> bool:
        """Whether this process has the duty now."""

    async def wait(self) -> None:
        """Returns as soon as this process has the duty."""


class Alone:
    """The duty of a process that has the database to itself."""

    def is_ours(self) -> bool:
        """Whether this process has the duty now: always."""
        return True

    async def wait(self) -> None:
        """Returns at once."""


class Lease:
    """One process's view of the lease `name`; `elapsed` counts seconds of this process."""

    def __init__(
        self, database: Database, name: str, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self.holder = new_id()
        self._database = database
        self._name = name
        self._elapsed = elapsed
        # What was seen last, and since when it has not changed.
        self._seen: LeaseRow | None = None
        self._seen_at = elapsed()
        # When this process last raised the term, counted from before the commit.
        self._raised_at = -SILENT_SECONDS
        self._gained = asyncio.Event()
        self._is_blind = False

    def is_ours(self) -> bool:
        """Whether this process has the duty now.

        Not once it was silent for so long that another may have taken over, as after a SIGSTOP.
        """
        return self._has_it() and self._elapsed() - self._raised_at < SILENT_SECONDS

    async def wait(self) -> None:
        """Returns as soon as this process has the duty."""
        while not self.is_ours():
            self._gained.clear()
            await self._gained.wait()

    async def step(self) -> None:
        """Shows that this process lives, if it has the duty; else takes over where nobody does.

        Raises DatabaseUnavailable.
        """
        had = self._has_it()
        if had and await self._pass(self.holder):
            return
        await self._look()
        if had and not self._has_it():
            log.warning("lease_lost", lease=self._name)
        if self._is_free() and await self._pass(self.holder):
            log.info("lease_taken", lease=self._name)

    async def release(self) -> None:
        """Hands the duty back, so that another process has it at its next look."""
        if self._has_it() and await self._pass(NOBODY):
            log.info("lease_released", lease=self._name)

    async def keep(self) -> None:
        """Steps again and again; outlives a database that cannot be used for a while."""
        while True:
            try:
                await self.step()
                self._is_blind = False
            except (DatabaseUnavailable, StatementFailed) as error:
                if not self._is_blind:
                    log.error("lease_failed", lease=self._name, reason=str(error))
                self._is_blind = True
            except Exception:
                log.exception("lease_failed", lease=self._name)
            await asyncio.sleep(RAISE_SECONDS if self._has_it() else LOOK_SECONDS)

    def _has_it(self) -> bool:
        return self._seen is not None and self._seen.holder == self.holder

    def _is_free(self) -> bool:
        seen = self._seen
        is_silent = self._elapsed() - self._seen_at >= SILENT_SECONDS
        return seen is None or seen.holder in (NOBODY, self.holder) or is_silent

    async def _look(self) -> None:
        async with self._database.read() as transaction:
            found = await leases.find(transaction, self._name)
        if found != self._seen:
            self._seen, self._seen_at = found, self._elapsed()

    async def _pass(self, holder: str) -> bool:
        """Gives the lease on as it was last seen; returns False when it has changed since."""
        began = self._elapsed()
        async with self._database.write() as transaction:
            if self._seen is None:
                made = await leases.add(transaction, self._name, holder)
            else:
                made = await leases.hand_on(transaction, self._name, self._seen, holder)
        if made is None:
            return False
        self._seen, self._seen_at = made, self._elapsed()
        if self._has_it():
            self._raised_at = began
            self._gained.set()
        return True


@asynccontextmanager
async def kept(lease: Lease) -> AsyncIterator[Lease]:
    """Keeps the lease, or waits for it, while the block runs; hands it back at the end."""
    task = asyncio.ensure_future(lease.keep())
    try:
        yield lease
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        with suppress(DatabaseUnavailable, StatementFailed):
            await lease.release()
