"""What every engine offers: transactions that run statements.

`schema.operation.gate` opens them, `db.queries` runs statements in them; `db.sqlite` is the
embedded engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from .figures import Figures

    # Importing SQLAlchemy takes a third of a second, and the health check does not need it.
    from .statement import Statement

R = TypeVar("R")

# Changes of more rows than this run on a thread: a thousand rows take about three milliseconds
# when they are in memory, and much longer when they have to be read from disk.
LARGE_ROWS = 50
ONLY_READS = "a reading transaction changes nothing: declare the operation with @writes"


class Options(NamedTuple):
    """What an operator decides about one process and its database; in seconds.

    `transaction_seconds` bounds a transaction from its first statement to its commit. `siblings` is
    a folder shared by the processes that serve the same file, None where there is only this one.
    """

    connections: int = 10
    connect_seconds: float = 5.0
    transaction_seconds: float = 10.0
    siblings: Path | None = None


class Size(NamedTuple):
    """Bytes of a database; `free` on its disk, None where nobody here can tell."""

    stored: int
    free: int | None = None


class DatabaseUnavailable(Exception):
    """The database cannot be used at the moment; the message says why.

    It may be locked for too long, out of space, failing, interrupted, deleted or not migrated.
    """


class ServerAway(DatabaseUnavailable):
    """No server of the database can be reached now: it is away, starting, stopping or full."""


class Conflict(DatabaseUnavailable):
    """Another transaction was in the way, and this one was rolled back: it may be tried again."""


class StatementFailed(Exception):
    """The database rejected a statement, for a violated constraint or wrong SQL: a bug of ours."""


class Transaction(Protocol):
    """A running transaction: its reads see one snapshot, its writes are atomic.

    `dialect` names the language of its statements: `sqlite` or `postgresql`.
    """

    @property
    def dialect(self) -> str: ...

    async def fetch(self, statement: Statement[R], values: Mapping[str, Any], /) -> list[R]:
        """Runs the statement and returns its rows."""

    async def execute(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Runs the statement and returns how many rows it changed."""

    async def execute_large(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Runs a statement that changes many rows, without blocking the event loop."""

    async def execute_many(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]], /
    ) -> None:
        """Runs the statement once for each set of values."""


class Reading(Transaction, Protocol):
    """A read-only transaction; its first statement takes the snapshot.

    `steps` is the cost of its statements, in thousands of engine operations, and is set at the end.
    """

    steps: int

    async def end(self) -> None:
        """Releases the snapshot and the connection; interrupts a running statement."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...


class ReadsOnly:
    """The part of a reading transaction that refuses to change anything."""

    __slots__ = ()

    async def execute(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Refuses with TypeError."""
        raise TypeError(ONLY_READS)

    async def execute_large(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Refuses with TypeError."""
        raise TypeError(ONLY_READS)

    async def execute_many(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]], /
    ) -> None:
        """Refuses with TypeError."""
        raise TypeError(ONLY_READS)


class Changes(Protocol):
    """Whether anything was committed since one asked last; asking costs microseconds."""

    def seen(self) -> bool:
        """Whether there may be something new; the first time, and when in doubt, there may."""

    async def wait(self, seconds: float) -> None:
        """Returns after `seconds`, or as soon as another process is known to have committed."""

    def forget(self) -> None:
        """Lets the next question be the first."""

    def close(self) -> None:
        """Lets go of what it needs for that."""


class Database(Protocol):
    """A database: several readers at a time, one writer after another.

    Its operations raise DatabaseUnavailable and StatementFailed, never the driver's exceptions.
    """

    @property
    def dialect(self) -> str: ...

    @property
    def figures(self) -> Figures: ...

    @property
    def pool_size(self) -> int: ...

    @property
    def readers_in_use(self) -> int: ...

    @property
    def statements(self) -> int: ...

    @property
    def log_bytes(self) -> int: ...

    async def size(self) -> Size:
        """Returns the size of the database, which a server has to add up.

        Raises DatabaseUnavailable.
        """

    def read(self, organization_id: str = "") -> Reading:
        """Opens a read-only transaction.

        An organization can use only a share of the readers, so that others are served as well.
        Reads for no organization (authentication, links, the clock) have no such limit.
        """

    def write(self, organization_id: str = "") -> AbstractAsyncContextManager[Transaction]:
        """Opens a transaction that is durable once its block has ended without an error.

        Writes of one organization run one after another, on whichever machine; for none, each
        statement must be correct beside others.
        """

    def changes(self) -> Changes:
        """Returns what tells whether anybody has committed, also in another process."""

    async def trouble(self) -> str | None:
        """Returns why writes cannot be made durable at the moment; None when they can."""

    async def close(self) -> None:
        """Ends running transactions and closes the connections."""


class Tenancy:
    """A transaction within one organization: every statement is filtered by it."""

    __slots__ = ("_transaction", "dialect", "organization_id")

    def __init__(self, transaction: Transaction, organization_id: str) -> None:
        self._transaction = transaction
        self.dialect = transaction.dialect
        self.organization_id = organization_id

    async def fetch(self, statement: Statement[R], **values: Any) -> list[R]:
        """Runs the statement within the organization and returns its rows."""
        values["organization_id"] = self.organization_id
        return await self._transaction.fetch(statement, values)

    async def fetch_one(self, statement: Statement[R], **values: Any) -> R | None:
        """Runs the statement within the organization and returns its first row, or None."""
        values["organization_id"] = self.organization_id
        rows = await self._transaction.fetch(statement, values)
        return rows[0] if rows else None

    async def execute(self, statement: Statement[Any], **values: Any) -> int:
        """Runs the statement within the organization and returns how many rows it changed."""
        values["organization_id"] = self.organization_id
        return await self._transaction.execute(statement, values)

    async def execute_large(self, statement: Statement[Any], **values: Any) -> int:
        """Runs a statement that changes many rows, without blocking the event loop."""
        values["organization_id"] = self.organization_id
        return await self._transaction.execute_large(statement, values)

    async def execute_many(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]]
    ) -> None:
        """Runs the statement within the organization for each set of values."""
        tenant = self.organization_id
        await self._transaction.execute_many(
            statement, [{**each, "organization_id": tenant} for each in values]
        )
