"""A read-only transaction: one snapshot for all its statements, however many tasks share it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from ..engine import DatabaseUnavailable, ReadsOnly
from ..statement import Statement
from .connection import DIALECT, Connection
from .sessions import Sessions

R = TypeVar("R")
ENDED = "this reading transaction has ended"


class ReadTransaction(ReadsOnly):
    """A read-only transaction, which takes a connection for its first statement."""

    dialect = DIALECT
    __slots__ = ("_connection", "_is_over", "_running", "_sessions", "_tenant", "_turn", "steps")

    def __init__(self, sessions: Sessions, tenant: str) -> None:
        self._sessions = sessions
        self._tenant = tenant
        self._connection: Connection | None = None
        self._is_over = False
        self._turn = asyncio.Lock()
        self._running: asyncio.Task[Any] | None = None
        # PostgreSQL does not say what a statement cost: what was predicted is all that is charged.
        self.steps = 0

    async def fetch(self, statement: Statement[R], values: Mapping[str, Any], /) -> list[R]:
        """Runs the statement and returns its rows.

        Raises DatabaseUnavailable. After one failure every further statement raises it too,
        because the snapshot is gone.
        """
        await self._turn.acquire()
        try:
            self._ensure_open()
            connection = self._connection or await self._begun()
            if not connection.in_transaction:
                raise DatabaseUnavailable("the database ended the snapshot: try again")
        except BaseException:
            self._turn.release()
            raise
        self._sessions.pool.statements += 1
        # A task of its own, which `end` can cancel: the driver then stops the statement.
        self._running = task = asyncio.ensure_future(connection.fetch(statement, values))
        task.add_done_callback(self._settled)
        try:
            # Shielded: others share the snapshot, and it ends with a statement that is stopped.
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._ensure_not_ended()
            raise

    def _settled(self, task: "asyncio.Task[Any]") -> None:
        self._running = None
        self._turn.release()
        if not task.cancelled():
            task.exception()  # Marked as retrieved: who asked may be gone.

    async def _begun(self) -> Connection:
        connection = await self._sessions.begin_reading(self._tenant)
        if self._is_over:
            self._sessions.end(connection, self._tenant)
            self._ensure_open()
        self._connection = connection
        return connection

    def _ensure_open(self) -> None:
        if self._is_over:
            raise RuntimeError(ENDED)

    def _ensure_not_ended(self) -> None:
        """Raises DatabaseUnavailable where not the caller was cancelled but the statement."""
        task = asyncio.current_task()
        if self._is_over and (task is None or not task.cancelling()):
            raise DatabaseUnavailable(ENDED)

    async def end(self) -> None:
        """Lets go of the snapshot; the connection goes back in the background.

        Stops a running statement. Can be called more than once.
        """
        self._is_over = True
        if self._running is not None:
            self._running.cancel()
        connection, self._connection = self._connection, None
        if connection is not None:
            self._sessions.end(connection, self._tenant)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()
