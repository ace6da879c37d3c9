"""A PostgreSQL database, used by any number of processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..engine import DatabaseUnavailable, Options, Size, StatementFailed
from ..figures import Figures
from .address import addresses
from .changes import Changes
from .connection import DIALECT
from .opening import Door
from .reader import ReadTransaction
from .sessions import Sessions
from .wakeups import Wakeups
from .write import WriteTransaction
from .writer import Writer

SIZE = "SELECT pg_database_size(current_database())"
REWRITE = "UPDATE alembic_version SET version_num = version_num"


class PostgresDatabase:
    """One database of a server, through a pool of connections that are opened when needed."""

    dialect = DIALECT

    def __init__(self, door: Door, options: Options) -> None:
        self._sessions = Sessions(door, options)
        self._writer = Writer(self._sessions)
        self._wakeups = Wakeups(self._sessions)

    @classmethod
    async def open(cls, dsn: str, options: Options = Options()) -> "PostgresDatabase":  # noqa: B008
        """Opens a migrated database by its URL; raises DatabaseUnavailable when that fails."""
        door = Door(addresses(dsn, options.connect_seconds))
        await door.look()
        return cls(door, options)

    @property
    def is_pooled(self) -> bool:
        """Whether a pooler in transaction mode stands in between."""
        return self._sessions.door.is_pooled

    @property
    def figures(self) -> Figures:
        """What it did in this process."""
        return self._sessions.pool.figures

    @property
    def pool_size(self) -> int:
        """How many connections may be in use."""
        return self._sessions.pool.size

    @property
    def readers_in_use(self) -> int:
        """How many connections are in use, also for writing."""
        return self._sessions.pool.in_use

    @property
    def statements(self) -> int:
        """How many statements have been run."""
        return self._sessions.pool.statements

    @property
    def log_bytes(self) -> int:
        """The server has its log to itself: 0."""
        return 0

    async def size(self) -> Size:
        """Returns the size of the database on the server; raises DatabaseUnavailable."""
        connection = await self._sessions.begin_reading("")
        try:
            return Size(int(str(await connection.answer(SIZE))))
        finally:
            self._sessions.end(connection, "")

    def read(self, organization_id: str = "") -> ReadTransaction:
        """Opens a read-only transaction; an organization can use only a share of the pool."""
        return ReadTransaction(self._sessions, organization_id)

    @asynccontextmanager
    async def write(self, organization_id: str = "") -> AsyncIterator[WriteTransaction]:
        """Opens a transaction that is durable once its block has ended without an error."""
        async with self._writer.transaction(organization_id) as transaction:
            yield transaction
        self._wakeups.announce(organization_id)

    def changes(self) -> Changes:
        """Returns what tells whether anybody has committed, also in another process."""
        return Changes(self._wakeups)

    async def trouble(self) -> str | None:
        """Returns why writes cannot be made durable at the moment; None when they can."""
        try:
            await self._ensure_writable()
        except (DatabaseUnavailable, StatementFailed) as error:
            return self._writer.lack_of_room or str(error)
        return None

    async def _ensure_writable(self) -> None:
        connection = await self._sessions.begin_writing("")
        try:
            if await connection.answer("SHOW transaction_read_only") == "on":
                # Nor may a later question find the server as it was when this one connected.
                connection.spoils_others = True
                connection.abort()
                raise DatabaseUnavailable("the server is read-only: name the primary")
            if self._writer.lack_of_room is not None:
                # Only a write shows whether there is room again, and there may be no other write.
                await connection.control(REWRITE)
                await connection.commit()
                self._writer.lack_of_room = None
        finally:
            self._sessions.end(connection, "")

    async def close(self) -> None:
        """Waits for the transactions that end, then closes every connection."""
        await self._wakeups.close()
        await self._sessions.close()
