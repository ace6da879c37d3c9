"""A held SQLite connection: statements run on the event loop, long ones and commits on a thread.

Used by `db.sqlite.database`. A statement of bounded size takes tens of microseconds, less than
the hop to a thread and back; the progress handler is what makes sure that it is bounded.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect

from ..statement import Statement

R = TypeVar("R")

DIALECT = sqlite_dialect(paramstyle="named")
OPERATIONS_A_STEP = 1_000
# About two milliseconds of the virtual machine; what needs more moves to a thread.
STEPS_ON_THE_LOOP = 100

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8192",
    "PRAGMA mmap_size = 268435456",
)


class Connection:
    """One connection, shared by the event loop and the thread that aiosqlite keeps for it."""

    def __init__(self, raw: sqlite3.Connection, threaded: aiosqlite.Connection) -> None:
        self.raw = raw
        self.threaded = threaded
        self._steps = 0
        self._limit = 0
        raw.set_progress_handler(self._step, OPERATIONS_A_STEP)

    def _step(self) -> bool:
        self._steps += 1
        return 0 < self._limit < self._steps

    def run(self, statement: Statement[R], values: Mapping[str, Any]) -> list[R]:
        """Runs the statement on the event loop, without a limit."""
        compiled = statement.compiled(DIALECT)
        cursor = self.raw.execute(compiled.text, statement.bind(compiled, values))
        return statement.rows(compiled, cursor)

    def run_bounded(self, statement: Statement[R], values: Mapping[str, Any]) -> list[R] | None:
        """Runs the statement on the event loop; None when it needs longer than it may."""
        self._steps, self._limit = 0, STEPS_ON_THE_LOOP
        try:
            return self.run(statement, values)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_INTERRUPT":
                raise
            return None
        finally:
            self._limit = 0

    def change(self, statement: Statement[Any], values: Mapping[str, Any]) -> int:
        """Runs a change on the event loop and returns how many rows it touched."""
        compiled = statement.compiled(DIALECT)
        return self.raw.execute(compiled.text, statement.bind(compiled, values)).rowcount

    async def run_threaded(self, statement: Statement[R], values: Mapping[str, Any]) -> list[R]:
        """Runs the statement on the connection's thread."""
        compiled = statement.compiled(DIALECT)
        records = await self.threaded.execute_fetchall(
            compiled.text, statement.bind(compiled, values)
        )
        return statement.rows(compiled, records)

    async def change_threaded(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]]
    ) -> None:
        """Runs a change for many sets of values on the connection's thread."""
        compiled = statement.compiled(DIALECT)
        await self.threaded.executemany(
            compiled.text, [statement.bind(compiled, each) for each in values]
        )

    async def close(self) -> None:
        """Closes the connection and ends its thread."""
        await self.threaded.close()


async def connect(path: str, *, busy_seconds: float, read_only: bool) -> Connection:
    """Opens the database file at `path`; raises sqlite3.Error when it cannot."""
    # Both the loop and aiosqlite's thread use it, never at once: see Connection.
    raw = sqlite3.connect(
        path,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    for pragma in PRAGMAS:
        raw.execute(pragma)
    if read_only:
        raw.execute("PRAGMA query_only = ON")
    return Connection(raw, await aiosqlite.Connection(lambda: raw, iter_chunk_size=64))
