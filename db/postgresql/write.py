"""A write transaction: its statements, one at a time."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from ..engine import DatabaseUnavailable
from ..statement import Statement
from .connection import DIALECT, Connection, Target

R = TypeVar("R")

# From how many rows on COPY is worth its two additional round trips.
MANY = 200
PARAMETER = r"\$(\d+)(?:::[A-Z ]+(?:\[\])?)?"
INSERT = re.compile(
    rf"INSERT INTO (\w+) \((\w+(?:, \w+)*)\) VALUES \(({PARAMETER}(?:, {PARAMETER})*)\)"  # noqa: S608
)


@lru_cache(maxsize=64)
def target_of(text: str) -> Target | None:
    """Returns where a plain INSERT of several columns puts its values; None for all else."""
    found = INSERT.fullmatch(text.strip())
    places = [int(number) - 1 for number in re.findall(PARAMETER, found[3])] if found else []
    if found is None or len(places) < 2:
        return None
    return Target(found[1], found[2].split(", "), itemgetter(*places))


class WriteTransaction:
    """One operation's transaction on its connection."""

    dialect = DIALECT
    __slots__ = ("_connection", "_turn", "statements")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()
        self.statements = 0

    async def fetch(self, statement: Statement[R], values: Mapping[str, Any], /) -> list[R]:
        """Runs the statement and returns its rows."""
        async with self._turn:
            return await self._open().fetch(statement, values)

    async def execute(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Runs the statement and returns how many rows it changed."""
        async with self._turn:
            return await self._open().change(statement, values)

    async def execute_large(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Does the same: the server works while the event loop serves others."""
        return await self.execute(statement, values)

    async def execute_many(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]], /
    ) -> None:
        """Runs the statement once for each set of values."""
        async with self._turn:
            target = None
            if len(values) >= MANY:
                target = target_of(statement.compiled(DIALECT).text)
            if target is None:
                await self._open().change_many(statement, values)
            else:
                await self._open().copy(target, statement, values)

    def _open(self) -> Connection:
        # A statement after the end of the transaction would be committed on its own.
        if not self._connection.in_transaction:
            raise DatabaseUnavailable("the database ended the transaction: try again")
        self.statements += 1
        return self._connection
