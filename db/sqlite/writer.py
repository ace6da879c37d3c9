"""The one writer: transactions one after another, each in a savepoint, committed together.

Opened by `SqliteDatabase.write`. Statements run on the event loop, where they take microseconds;
only the commit, which waits for the disk, runs on the connection's thread. Whoever arrives
meanwhile joins the next commit.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from ..engine import DatabaseUnavailable
from ..statement import Statement
from .connection import Connection

R = TypeVar("R")

BATCH = 64
RETRY_SECONDS = 0.005
ROWS_ON_THE_LOOP = 50


class WriteTransaction:
    """One operation's part of the running SQLite transaction."""

    __slots__ = ("_connection", "statements")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.statements = 0

    async def fetch(self, statement: Statement[R], values: Mapping[str, Any], /) -> list[R]:
        """Runs the statement and returns its rows."""
        self.statements += 1
        connection = self._connection
        # SQLite rolls everything back when it interrupts a change: only reads are bounded.
        if not statement.only_reads:
            return connection.run(statement, values)
        rows = connection.run_bounded(statement, values)
        return await connection.run_threaded(statement, values) if rows is None else rows

    async def execute(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Runs the statement and returns how many rows it changed."""
        self.statements += 1
        return self._connection.change(statement, values)

    async def execute_many(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]], /
    ) -> None:
        """Runs the statement once for each set of values; many of them on the thread."""
        self.statements += 1
        if len(values) > ROWS_ON_THE_LOOP:
            await self._connection.change_threaded(statement, values)
            return
        for each in values:
            self._connection.change(statement, each)


class Writer:
    """Hands out turns on the writing connection and commits for all who had one."""

    def __init__(self, connection: Connection, busy_seconds: float) -> None:
        self._connection = connection
        self._busy_seconds = busy_seconds
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._batch: asyncio.Future[None] | None = None
        self._members = 0
        self._flushing: asyncio.Future[None] | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[WriteTransaction]:
        """Runs the block in a turn of its own; returns, or raises, when its commit is durable."""
        deadline = asyncio.get_running_loop().time() + self._busy_seconds
        await self._take_turn()
        try:
            batch = await self._join(deadline)
            transaction = WriteTransaction(self._connection)
            try:
                yield transaction
            except BaseException:
                self._undo()
                raise
            else:
                self._connection.raw.execute("RELEASE operation")
            finally:
                # Also after an error: the others of this batch still wait for their commit.
                await self._leave()
        finally:
            self._turn.release()
        await batch

    async def _take_turn(self) -> None:
        self._waiting += 1
        try:
            await self._turn.acquire()
        except asyncio.CancelledError:
            # Whoever had the turn before left the commit to the one that goes away here.
            self._flushing = asyncio.ensure_future(self._flush())
            raise
        finally:
            self._waiting -= 1

    async def _flush(self) -> None:
        async with self._turn:
            if self._batch is not None:
                await self._leave()

    async def _join(self, deadline: float) -> "asyncio.Future[None]":
        if self._batch is None:
            await self._begin(deadline)
            self._batch = asyncio.get_running_loop().create_future()
            self._members = 0
        self._members += 1
        self._connection.raw.execute("SAVEPOINT operation")
        return self._batch

    async def _begin(self, deadline: float) -> None:
        """Takes SQLite's write lock, which the command line may hold for a moment."""
        while True:
            try:
                self._connection.raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if asyncio.get_running_loop().time() > deadline:
                    raise DatabaseUnavailable(
                        "another process keeps the database locked"
                    ) from error
            await asyncio.sleep(RETRY_SECONDS)

    def _undo(self) -> None:
        raw = self._connection.raw
        if raw.in_transaction:
            raw.execute("ROLLBACK TO operation")
            raw.execute("RELEASE operation")

    async def _leave(self) -> None:
        """Commits, unless somebody waits who can do it for both."""
        if self._batch is None or (self._waiting and self._members < BATCH):
            return
        batch, self._batch = self._batch, None
        commit = asyncio.ensure_future(self._commit())
        commit.add_done_callback(lambda done: _settle(batch, done))
        try:
            await asyncio.shield(commit)
        except asyncio.CancelledError:
            # The thread is at it: the connection is free only when it has finished.
            await asyncio.wait([commit])
            raise
        except Exception:
            # Everyone of the batch raises it where they wait for the batch.
            return

    async def _commit(self) -> None:
        raw = self._connection.raw
        if not raw.in_transaction:
            raise DatabaseUnavailable("the database ended the transaction: try again")
        try:
            await self._connection.threaded.commit()
        except sqlite3.Error as error:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise DatabaseUnavailable(f"the database could not commit: {error}") from error

    async def close(self) -> None:
        """Waits until the running turn is over."""
        async with self._turn:
            pass


def _settle(batch: "asyncio.Future[None]", commit: "asyncio.Future[None]") -> None:
    error = commit.exception()
    if error is None:
        batch.set_result(None)
    else:
        batch.set_exception(error)
        batch.exception()  # A batch whose members all failed before has nobody left to hear it.
