"""A reading transaction on one held connection: one snapshot for all its statements.

Opened by `SqliteDatabase.read`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from ..statement import Statement
from .connection import Connection

R = TypeVar("R")


class ReadTransaction:
    """Begins with its first statement, so that an operation that reads nothing costs nothing."""

    __slots__ = ("_begun", "_connection", "statements")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._begun = False
        self.statements = 0

    async def fetch(self, statement: Statement[R], values: Mapping[str, Any], /) -> list[R]:
        """Runs the statement on the loop, or on the connection's thread when it takes long."""
        connection = self._connection
        if not self._begun:
            connection.raw.execute("BEGIN")
            self._begun = True
        self.statements += 1
        rows = connection.run_bounded(statement, values)
        return await connection.run_threaded(statement, values) if rows is None else rows

    async def execute(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Refuses: nothing is changed in a reading transaction."""
        raise TypeError("a reading transaction changes nothing: declare the operation with @writes")

    async def execute_many(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]], /
    ) -> None:
        """Refuses: nothing is changed in a reading transaction."""
        raise TypeError("a reading transaction changes nothing: declare the operation with @writes")

    def end(self) -> None:
        """Lets go of the snapshot: a reader that stays open makes the write-ahead log grow."""
        if self._begun:
            self._connection.raw.execute("COMMIT")
