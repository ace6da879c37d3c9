"""The embedded database: held readers, one writer, commits that waiting writers share.

Opened by `db.connect`, used through the protocols of `db.engine`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from .connection import Connection, connect
from .reader import ReadTransaction
from .writer import Writer, WriteTransaction

READERS = 4
BUSY_SECONDS = 10.0


class SqliteDatabase:
    """One SQLite file, used by this process and, briefly, by the command line."""

    name = "sqlite"

    def __init__(self, readers: list[Connection], writer: Connection) -> None:
        self._all = [*readers, writer]
        self._free = list(readers)
        self._available = asyncio.Semaphore(len(readers))
        self._writer = Writer(writer, BUSY_SECONDS)
        self.statements = 0

    @classmethod
    async def open(cls, path: Path) -> "SqliteDatabase":
        """Opens the file, which the migrations have made; raises sqlite3.Error when it cannot."""
        # The writer waits for its lock without blocking the event loop, so SQLite itself must not.
        writer = await connect(str(path), busy_seconds=0, read_only=False)
        readers = [
            await connect(str(path), busy_seconds=BUSY_SECONDS, read_only=True)
            for _ in range(READERS)
        ]
        return cls(readers, writer)

    @property
    def readers_in_use(self) -> int:
        """How many of the held readers are busy."""
        return READERS - len(self._free)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadTransaction]:
        """Opens a transaction that only reads, on a reader of its own."""
        async with self._available:
            connection = self._free.pop()
            transaction = ReadTransaction(connection)
            try:
                yield transaction
            finally:
                transaction.end()
                self.statements += transaction.statements
                self._free.append(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteTransaction]:
        """Opens a transaction that is durable when its block has ended without an error."""
        async with self._writer.transaction() as transaction:
            try:
                yield transaction
            finally:
                self.statements += transaction.statements

    async def close(self) -> None:
        """Waits for the running writer, then closes every connection."""
        await self._writer.close()
        for connection in self._all:
            await connection.close()
