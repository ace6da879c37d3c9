"""A read-only transaction: one snapshot for all its statements, however many tasks share it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from ..engine import DatabaseUnavailable, ReadsOnly, StatementFailed
from ..pool import Pool
from ..statement import Statement
from ..tasks import finished
from .connection import DIALECT, Connection

R = TypeVar("R")


class ReadTransaction(ReadsOnly):
    """A read-only transaction, which takes a reader from the pool for its first statement."""

    dialect = DIALECT
    __slots__ = ("_began_at", "_connection", "_is_over", "_pool", "_tenant", "_turn", "steps")

    def __init__(self, pool: Pool[Connection], tenant: str) -> None:
        self._pool = pool
        self._tenant = tenant
        self._connection: Connection | None = None
        self._is_over = False
        self._began_at = 0
        # The cost of the statements in thousands of SQLite's operations, set at the end.
        self.steps = 0
        # Locked by a statement that runs on the thread or waits for a reader. Created on demand.
        self._turn: asyncio.Lock | None = None

    async def fetch(self, statement: Statement[R], values: Mapping[str, Any], /) -> list[R]:
        """Runs the statement on the event loop, or on the connection's thread when it takes long.

        Raises DatabaseUnavailable. After one failure every further statement raises it too,
        because the snapshot is gone.
        """
        self._pool.statements += 1
        is_taken = self._turn is not None and self._turn.locked()
        connection = None if is_taken else self._connection or self._begun_at_once()
        if connection is None:
            return await self._fetch_in_turn(statement, values, is_long=False)
        rows = self._in_snapshot(connection).run_bounded(statement, values)
        if rows is not None:
            return rows
        return await self._fetch_in_turn(statement, values, is_long=True)

    async def _fetch_in_turn(
        self, statement: Statement[R], values: Mapping[str, Any], *, is_long: bool
    ) -> list[R]:
        self._turn = self._turn or asyncio.Lock()
        async with self._turn:
            connection = self._connection or await self._begun()
            if not is_long:
                rows = self._in_snapshot(connection).run_bounded(statement, values)
                if rows is not None:
                    return rows
            return await self._in_snapshot(connection).run_threaded(statement, values)

    def _begun_at_once(self) -> Connection | None:
        self._ensure_open()
        connection = self._pool.take_at_once(self._tenant)
        return None if connection is None else self._begin(connection)

    async def _begun(self) -> Connection:
        self._ensure_open()
        connection = await self._pool.take(self._tenant)
        if self._is_over:
            self._pool.give_back(connection, self._tenant)
            self._ensure_open()
        return self._begin(connection)

    def _begin(self, connection: Connection) -> Connection:
        self._connection, self._began_at = connection, connection.steps
        connection.control("BEGIN")
        return connection

    def _in_snapshot(self, connection: Connection) -> Connection:
        self._ensure_open()
        if not connection.raw.in_transaction:
            raise DatabaseUnavailable("the database ended the snapshot: try again")
        return connection

    def _ensure_open(self) -> None:
        if self._is_over:
            raise RuntimeError("this reading transaction has ended")

    async def end(self) -> None:
        """Gives the reader back, because the write-ahead log grows as long as a snapshot is open.

        Interrupts a statement on the thread and waits for it. Can be called more than once.
        """
        self._is_over = True
        connection = self._connection
        if connection is None:
            return  # A statement that is still waiting for a reader gives it back itself.
        turn = self._turn
        if turn is None or not turn.locked():
            self._give_back()
            return
        connection.abandon()
        giving = asyncio.ensure_future(self._give_back_in(turn))
        try:
            await asyncio.shield(giving)
        finally:
            await finished(giving)

    async def _give_back_in(self, turn: asyncio.Lock) -> None:
        async with turn:
            self._give_back()

    def _give_back(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        self.steps = connection.steps - self._began_at
        try:
            # After some errors SQLite has already ended the transaction.
            if connection.raw.in_transaction:
                connection.control("COMMIT")
        except (DatabaseUnavailable, StatementFailed):
            connection.is_broken = True
        finally:
            self._pool.give_back(connection, self._tenant)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()
