"""A SQLite connection that runs statements on the event loop; long ones and commits on a thread.

A short statement takes tens of microseconds, less than switching to a thread and back. The
progress handler interrupts a statement that takes longer, so that it can be moved to the thread.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from ..engine import DatabaseUnavailable
from ..figures import Figures
from ..statement import Statement
from ..tasks import finished
from ..values import SQLITE
from . import faults, pragmas

R = TypeVar("R")
T = TypeVar("T")

DIALECT = SQLITE
OPERATIONS_A_STEP = 1_000
# About two milliseconds of SQLite's virtual machine; longer statements move to the thread.
STEPS_ON_THE_LOOP = 100
# How long opening a file, a read on the thread and a checkpoint wait for a lock.
BUSY_SECONDS = 1.0


class Connection:
    """One connection, used by the event loop and by the thread of its aiosqlite connection."""

    def __init__(
        self, raw: sqlite3.Connection, threaded: aiosqlite.Connection, figures: Figures
    ) -> None:
        self.raw = raw
        self.threaded = threaded
        self._figures = figures
        self.is_broken = False
        self._is_closed = False
        self._is_abandoned = False
        # The operations of SQLite's virtual machine so far, in thousands.
        self.steps = 0
        self._limit = 0
        raw.set_progress_handler(self._step, OPERATIONS_A_STEP)

    def _step(self) -> bool:
        self.steps += 1
        return self._is_abandoned or 0 < self._limit < self.steps

    def control(self, command: str) -> None:
        """Runs BEGIN, COMMIT, SAVEPOINT and similar commands on the event loop."""
        try:
            self.raw.execute(command)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def begin_immediate(self) -> bool:
        """Takes the write lock; returns False while another connection holds it."""
        try:
            self.raw.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if faults.is_busy(error):
                return False
            raise self._failed(error) from error
        return True

    def rewrite_header(self) -> None:
        """Rewrites the first page without changing it."""
        try:
            (version,) = self.raw.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise self._failed(error) from error
        self.control(f"PRAGMA user_version = {version}")

    def run(self, statement: Statement[R], values: Mapping[str, Any]) -> list[R]:
        """Runs the statement on the event loop, without a limit."""
        compiled = statement.compiled(DIALECT)
        try:
            records = self.raw.execute(compiled.text, compiled.bind(values)).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error
        return compiled.rows(records)

    def run_bounded(self, statement: Statement[R], values: Mapping[str, Any]) -> list[R] | None:
        """Runs the statement on the event loop; returns None when it is locked or takes too long.

        The limit is `STEPS_ON_THE_LOOP`.
        """
        compiled = statement.compiled(DIALECT)
        stored = compiled.bind(values)
        self._limit = self.steps + STEPS_ON_THE_LOOP
        try:
            records = self.raw.execute(compiled.text, stored).fetchall()
        except sqlite3.Error as error:
            if faults.is_interrupt(error) or faults.is_busy(error):
                return None
            raise self._failed(error) from error
        finally:
            self._limit = 0
        return compiled.rows(records)

    def change(self, statement: Statement[Any], values: Mapping[str, Any]) -> int:
        """Runs a change on the event loop; returns how many rows it changed."""
        compiled = statement.compiled(DIALECT)
        try:
            return self.raw.execute(compiled.text, compiled.bind(values)).rowcount
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def change_many(self, statement: Statement[Any], values: Sequence[Mapping[str, Any]]) -> None:
        """Runs a change for a few sets of values on the event loop."""
        compiled = statement.compiled(DIALECT)
        try:
            self.raw.executemany(compiled.text, [compiled.bind(each) for each in values])
        except sqlite3.Error as error:
            raise self._failed(error) from error

    async def run_threaded(self, statement: Statement[R], values: Mapping[str, Any]) -> list[R]:
        """Runs the statement on the thread; interrupts it when the caller is cancelled."""
        compiled = statement.compiled(DIALECT)
        stored = compiled.bind(values)
        self.control(pragmas.waiting(BUSY_SECONDS))
        try:
            records = await self._on_thread(
                self.threaded.execute_fetchall(compiled.text, stored), is_read=True
            )
        finally:
            self._is_abandoned = False
            self.control(pragmas.waiting(0))
        return compiled.rows(records)

    async def change_threaded(self, statement: Statement[Any], values: Mapping[str, Any]) -> int:
        """Runs a change on the thread; returns how many rows it changed."""
        compiled = statement.compiled(DIALECT)
        stored = compiled.bind(values)
        cursor = await self._on_thread(self.threaded.execute(compiled.text, stored))
        return int(cursor.rowcount)

    async def change_many_threaded(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]]
    ) -> None:
        """Runs a change for many sets of values on the thread."""
        compiled = statement.compiled(DIALECT)
        stored = [compiled.bind(each) for each in values]
        await self._on_thread(self.threaded.executemany(compiled.text, stored))

    async def commit(self) -> None:
        """Commits on the thread, because a commit waits for the disk."""
        await self._on_thread(self.threaded.commit())

    async def empty_log(self) -> None:
        """Copies the write-ahead log into the database and truncates it, unless it is in use."""
        self.control(pragmas.waiting(BUSY_SECONDS))
        try:
            await self._on_thread(self.threaded.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)"))
        finally:
            self.control(pragmas.waiting(0))

    def abandon(self) -> None:
        """Stops a read that runs on the thread or is about to, because nobody waits for it."""
        # An interrupt has no effect before the thread has started the read; the flag has.
        self._is_abandoned = True
        self.raw.interrupt()

    async def _on_thread(self, work: Awaitable[T], *, is_read: bool = False) -> T:
        """Waits for the thread, even when cancelled: until it is done the connection is in use."""
        running = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            if is_read:
                self.abandon()
            await finished(running)
            raise
        except sqlite3.Error as error:
            raise self._failed(error) from error
        except ValueError as error:
            if not self._is_closed:
                raise
            raise DatabaseUnavailable("the database is closed") from error

    def _failed(self, error: sqlite3.Error) -> Exception:
        if faults.breaks(error):
            self.is_broken = True
        translated = faults.translated(error)
        self._figures.failed(translated)
        return translated

    async def close(self) -> None:
        """Closes the connection and ends its thread; ignores a failure to close."""
        self._is_closed = self.is_broken = True
        try:
            await self.threaded.close()
        except sqlite3.Error:
            # The thread has ended all the same, and the driver closes a connection it collects.
            return


async def connect(path: Path, figures: Figures, *, is_reader: bool) -> Connection:
    """Opens an existing database file; raises DatabaseUnavailable when that fails."""

    def opened() -> sqlite3.Connection:
        # The event loop and the thread both use it, never at the same time: see Connection.
        raw = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        # No waiting for locks: SQLite would block the thread, which here runs the event loop.
        role = (pragmas.READ_ONLY,) if is_reader else ()
        for pragma in (*pragmas.SERVING, *role, pragmas.waiting(0)):
            raw.execute(pragma).close()
        return raw

    threaded = aiosqlite.Connection(opened, iter_chunk_size=64)
    # A process that is told to end while it opens a file would wait for this thread for ever.
    threaded._thread.daemon = True
    try:
        await threaded
    except sqlite3.Error as error:
        unavailable = DatabaseUnavailable(f"the database cannot be opened: {error}")
        figures.failed(unavailable)
        raise unavailable from error
    except BaseException:
        # It is told to stop, and may still want to tell this loop, which is about to be closed.
        threaded._thread.join(BUSY_SECONDS)
        raise
    return Connection(threaded._conn, threaded, figures)
