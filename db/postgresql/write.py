"""A write transaction: its statements, one at a time."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, TypeVar

from ..engine import DatabaseUnavailable, StatementFailed
from ..statement import Statement
from .connection import DIALECT, Connection, Target

R = TypeVar("R")
T = TypeVar("T")
V = TypeVar("V")

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
    __slots__ = ("_connection", "_failure", "_turn", "statements")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()
        self._failure: Exception | None = None
        self.statements = 0

    async def fetch(self, statement: Statement[R], values: Mapping[str, Any], /) -> list[R]:
        """Runs the statement and returns its rows."""
        return await self._run(self._connection.fetch, statement, values)

    async def execute(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Runs the statement and returns how many rows it changed."""
        return await self._run(self._connection.change, statement, values)

    async def execute_large(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Does the same: the server works while the event loop serves others."""
        return await self.execute(statement, values)

    async def execute_many(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]], /
    ) -> None:
        """Runs the statement once for each set of values."""
        target = target_of(statement.compiled(DIALECT).text) if len(values) >= MANY else None
        if target is None:
            await self._run(self._connection.change_many, statement, values)
        else:
            await self._run(partial(self._connection.copy, target), statement, values)

    async def _run(
        self,
        run: Callable[[Statement[Any], V], Coroutine[Any, Any, T]],
        statement: Statement[Any],
        values: V,
    ) -> T:
        async with self._turn:
            # A statement after the end of the transaction would be committed on its own.
            if not self._connection.in_transaction:
                raise DatabaseUnavailable("the database ended the transaction: try again")
            self.statements += 1
            try:
                return await run(statement, values)
            except (DatabaseUnavailable, StatementFailed) as error:
                self._failure = error
                raise

    def ensure_whole(self) -> None:
        """Raises DatabaseUnavailable where a failure was passed over: nothing can be committed."""
        if self._failure is not None:
            raise DatabaseUnavailable("a statement had failed, so nothing was committed")
