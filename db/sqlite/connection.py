"""A held SQLite connection: statements run on the event loop, long ones and commits on a thread.

A statement of bounded size takes tens of microseconds, less than the hop to a thread and back;
the progress handler is what makes sure that it is bounded.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from ..engine import DatabaseUnavailable
from ..statement import SQLITE, Statement
from . import faults, pragmas

R = TypeVar("R")
T = TypeVar("T")

DIALECT = SQLITE
OPERATIONS_A_STEP = 1_000
# About two milliseconds of the virtual machine; what needs more moves to a thread.
STEPS_ON_THE_LOOP = 100
# How long opening, a read on the thread and a checkpoint wait for a lock.
BUSY_SECONDS = 1.0


class Connection:
    """One connection, shared by the event loop and the thread that aiosqlite keeps for it."""

    def __init__(self, raw: sqlite3.Connection, threaded: aiosqlite.Connection) -> None:
        self.raw = raw
        self.threaded = threaded
        self.is_broken = False
        self._is_closed = False
        self._is_abandoned = False
        # How far SQLite's virtual machine has come, in steps of a thousand operations.
        self.steps = 0
        self._limit = 0
        raw.set_progress_handler(self._step, OPERATIONS_A_STEP)

    def _step(self) -> bool:
        self.steps += 1
        return self._is_abandoned or 0 < self._limit < self.steps

    def control(self, command: str) -> None:
        """Runs BEGIN, COMMIT, SAVEPOINT and their like on the event loop."""
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
        """Writes the first page again, as it is."""
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
        """Runs the statement on the event loop; None when it takes, or has to wait, too long."""
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
        """Runs a change on the event loop and returns how many rows it touched."""
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
        """Runs the statement on the thread; when its caller is cancelled it is interrupted."""
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
        """Runs a change on the thread and returns how many rows it touched."""
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
        """Commits on the thread, which waits for the disk."""
        await self._on_thread(self.threaded.commit())

    async def empty_log(self) -> None:
        """Copies the write-ahead log into the file and empties it, unless a reader is in it."""
        self.control(pragmas.waiting(BUSY_SECONDS))
        try:
            await self._on_thread(self.threaded.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)"))
        finally:
            self.control(pragmas.waiting(0))

    def abandon(self) -> None:
        """Ends the read that runs on the thread, or is about to: nobody waits for it."""
        # The interrupt is forgotten when the thread has not begun yet, the mark is not.
        self._is_abandoned = True
        self.raw.interrupt()

    async def _on_thread(self, work: Awaitable[T], *, is_read: bool = False) -> T:
        """Awaits the thread to the end, also when cancelled: only then is the connection free."""
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
        return faults.translated(error)

    async def close(self) -> None:
        """Closes the connection and ends its thread; one that cannot be closed is left."""
        self._is_closed = self.is_broken = True
        try:
            await self.threaded.close()
        except sqlite3.Error:
            # Its thread has ended all the same, and the driver closes it with the object.
            return


async def finished(running: "asyncio.Future[Any]") -> None:
    """Waits until `running` is over, however often the waiting task is cancelled meanwhile."""
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError:
            continue
    if not running.cancelled():
        running.exception()  # Whoever was cancelled does not hear it any more.


async def connect(path: Path, *, is_reader: bool) -> Connection:
    """Opens a database file that exists; raises DatabaseUnavailable when it cannot."""

    def opened() -> sqlite3.Connection:
        # Both the loop and aiosqlite's thread use it, never at once: see Connection.
        raw = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        # SQLite waits for locks by blocking its thread, which here is the event loop: not at all.
        role = (pragmas.READ_ONLY,) if is_reader else ()
        for pragma in (*pragmas.SERVING, *role, pragmas.waiting(0)):
            raw.execute(pragma).close()
        return raw

    threaded = aiosqlite.Connection(opened, iter_chunk_size=64)
    try:
        await threaded
    except sqlite3.Error as error:
        raise DatabaseUnavailable(f"the database cannot be opened: {error}") from error
    return Connection(threaded._conn, threaded)
