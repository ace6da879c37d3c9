"""The embedded database: a pool of readers, and one writer whose commits operations share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ..engine import DatabaseUnavailable, Size
from ..figures import Figures
from ..pool import Pool
from .changes import Changes
from .connection import DIALECT, Connection, connect
from .files import DatabaseFiles
from .reader import ReadTransaction
from .turnstile import Turnstile
from .write import WriteTransaction
from .writer import Writer

READERS = 4
BUSY_SECONDS = 10.0


class SqliteDatabase:
    """One SQLite file, used by this process, its siblings and, briefly, by the command line."""

    dialect = DIALECT

    def __init__(
        self,
        files: DatabaseFiles,
        readers: list[Connection],
        writer: Connection,
        figures: Figures,
        turnstile: Turnstile | None = None,
    ) -> None:
        self._files = files
        self.figures = figures
        self._has_siblings = turnstile is not None
        self._readers = Pool(self._reader, readers, figures=figures)
        self._writer = Writer(writer, self._another_writer, files, BUSY_SECONDS, figures, turnstile)

    @classmethod
    async def open(cls, path: Path, siblings: Path | None = None) -> "SqliteDatabase":
        """Opens a migrated database file; raises DatabaseUnavailable when that fails.

        `siblings` is the folder of the processes that serve the same file, where there are several.
        """
        files, figures = DatabaseFiles(path), Figures()
        opened: list[Connection] = []
        try:
            for place in range(1 + READERS):
                opened.append(await connect(files.path, figures, is_reader=place > 0))
            files.remember()
            turnstile = None if siblings is None else Turnstile(siblings)
        except BaseException as error:
            for connection in opened:
                await connection.close()
            if isinstance(error, OSError):
                raise DatabaseUnavailable(str(error)) from error
            raise
        writer, *readers = opened
        return cls(files, readers, writer, figures, turnstile)

    async def _reader(self) -> Connection:
        return await self._opened(is_reader=True)

    async def _another_writer(self) -> Connection:
        return await self._opened(is_reader=False)

    async def _opened(self, *, is_reader: bool) -> Connection:
        # Opening a replaced file with the log of the old one would read corrupt data.
        trouble = self._files.trouble()
        if trouble is not None:
            raise DatabaseUnavailable(trouble)
        return await connect(self._files.path, self.figures, is_reader=is_reader)

    @property
    def pool_size(self) -> int:
        """How many readers there are."""
        return self._readers.size

    @property
    def readers_in_use(self) -> int:
        """How many readers are in use."""
        return self._readers.in_use

    @property
    def statements(self) -> int:
        """How many statements have been run."""
        return self._readers.statements + self._writer.statements

    @property
    def log_bytes(self) -> int:
        """Size of the write-ahead log in bytes; it grows while a reader keeps its snapshot."""
        return self._files.log_size()

    async def size(self) -> Size:
        """Returns the size of the file and the free space beside it; raises DatabaseUnavailable."""
        return self._files.size()

    def read(self, organization_id: str = "") -> ReadTransaction:
        """Opens a read-only transaction; one organization can use only a share of the readers."""
        return ReadTransaction(self._readers, organization_id)

    @asynccontextmanager
    async def write(self, organization_id: str = "") -> AsyncIterator[WriteTransaction]:
        """Opens a transaction that is durable once its block has ended without an error.

        There is one writer for all organizations.
        """
        async with self._writer.transaction() as transaction:
            yield transaction

    def changes(self) -> Changes:
        """Returns what tells whether anybody has committed, also in another process."""
        return Changes(self._files.path, is_eager=self._has_siblings)

    async def trouble(self) -> str | None:
        """Returns why writes cannot be made durable at the moment; None when they can."""
        found = self._files.trouble() or self._files.lack_of_room()
        if found is None and self._writer.lack_of_room is not None:
            # Only a write shows whether there is room again, and there may be no other write.
            try:
                await self._writer.rewrite()
            except DatabaseUnavailable as error:
                return self._writer.lack_of_room or str(error)
        return found

    async def close(self) -> None:
        """Waits for the running write, then closes every connection."""
        await self._writer.close()
        await self._readers.close()
