"""The embedded database: held readers, one writer, commits that waiting writers share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ..engine import DatabaseUnavailable
from .connection import Connection, connect
from .files import DatabaseFiles
from .pool import ReaderPool
from .reader import ReadTransaction
from .write import WriteTransaction
from .writer import Writer

READERS = 4
BUSY_SECONDS = 10.0


class SqliteDatabase:
    """One SQLite file, used by this process and, briefly, by the command line."""

    name = "sqlite"

    def __init__(self, files: DatabaseFiles, readers: list[Connection], writer: Connection) -> None:
        self._files = files
        self._readers = ReaderPool(self._reader, readers)
        self._writer = Writer(writer, self._another_writer, files, BUSY_SECONDS)

    @classmethod
    async def open(cls, path: Path) -> "SqliteDatabase":
        """Opens the file, which the migrations have made.

        Raises DatabaseUnavailable when it cannot.
        """
        files = DatabaseFiles(path)
        opened: list[Connection] = []
        try:
            for place in range(1 + READERS):
                opened.append(await connect(files.path, is_reader=place > 0))
            files.remember()
        except (OSError, DatabaseUnavailable) as error:
            for connection in opened:
                await connection.close()
            raise DatabaseUnavailable(str(error)) from error
        writer, *readers = opened
        return cls(files, readers, writer)

    async def _reader(self) -> Connection:
        return await self._opened(is_reader=True)

    async def _another_writer(self) -> Connection:
        return await self._opened(is_reader=False)

    async def _opened(self, *, is_reader: bool) -> Connection:
        # Another file with our log beside it would be read as what it is not.
        trouble = self._files.trouble()
        if trouble is not None:
            raise DatabaseUnavailable(trouble)
        return await connect(self._files.path, is_reader=is_reader)

    @property
    def readers_in_use(self) -> int:
        """How many of the held readers are busy."""
        return self._readers.in_use

    @property
    def statements(self) -> int:
        """How many statements were run."""
        return self._readers.statements + self._writer.statements

    @property
    def log_bytes(self) -> int:
        """How large the write-ahead log is, which grows behind a reader that stays open."""
        return self._files.log_size()

    def read(self, organization_id: str = "") -> ReadTransaction:
        """Opens a transaction that only reads; one organization gets a share of the readers."""
        return ReadTransaction(self._readers, organization_id)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteTransaction]:
        """Opens a transaction that is durable when its block has ended without an error."""
        async with self._writer.transaction() as transaction:
            yield transaction

    async def trouble(self) -> str | None:
        """Says why writes cannot be kept at the moment; None when they can."""
        found = self._files.trouble() or self._files.lack_of_room()
        if found is None and self._writer.lack_of_room is not None:
            # Only a write tells whether there is room again, and perhaps nobody else tries one.
            try:
                await self._writer.rewrite()
            except DatabaseUnavailable as error:
                return self._writer.lack_of_room or str(error)
        return found

    async def close(self) -> None:
        """Waits for the running writer, then closes every connection."""
        await self._writer.close()
        await self._readers.close()
