"""A write transaction: one operation within a batch that is committed together."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from ..engine import LARGE_ROWS, DatabaseUnavailable
from ..statement import Statement
from .connection import DIALECT, Connection

R = TypeVar("R")


class WriteTransaction:
    """One operation's part of the running SQLite transaction."""

    dialect = DIALECT
    __slots__ = ("_connection", "statements")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.statements = 0

    def _open(self) -> Connection:
        # After an error SQLite may have ended the transaction; a further statement would then be
        # committed on its own.
        if not self._connection.raw.in_transaction:
            raise DatabaseUnavailable("the database ended the transaction: try again")
        return self._connection

    async def fetch(self, statement: Statement[R], values: Mapping[str, Any], /) -> list[R]:
        """Runs the statement and returns its rows."""
        self.statements += 1
        connection = self._open()
        # Interrupting a change makes SQLite roll back the transaction, so only reads are bounded.
        if not statement.compiled(DIALECT).only_reads:
            return connection.run(statement, values)
        rows = connection.run_bounded(statement, values)
        return await connection.run_threaded(statement, values) if rows is None else rows

    async def execute(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Runs the statement on the event loop; returns how many rows it changed."""
        self.statements += 1
        return self._open().change(statement, values)

    async def execute_large(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Runs the statement on the thread: it changes many rows, directly or by cascade."""
        self.statements += 1
        return await self._open().change_threaded(statement, values)

    async def execute_many(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]], /
    ) -> None:
        """Runs the statement once for each set of values; many of them on the thread."""
        self.statements += 1
        if len(values) > LARGE_ROWS:
            await self._open().change_many_threaded(statement, values)
            return
        self._open().change_many(statement, values)
