"""The writes of one organization in this process: one after another, several to a commit.

A commit waits for the disk of the server, a millisecond or more; those who wait for their turn
meanwhile share the next one, each in a savepoint of its own. Only one connection is held, however
many wait.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ..batch import OF_THE_DATABASE, Batch, Turn
from ..engine import DatabaseUnavailable, StatementFailed
from ..tasks import carried
from . import commands
from .connection import Connection
from .sessions import Sessions, writer
from .write import WriteTransaction

# More would make readers of PostgreSQL slower: it keeps track of 64 savepoints a transaction.
BATCH = 32
# Nobody waits longer than this for those who came later, besides the last of them.
BATCH_SECONDS = 0.05


class Lane:
    """Runs the writes of one organization, or of none; `note` is told of failures."""

    def __init__(
        self, sessions: Sessions, tenant: str, note: Callable[[BaseException | None], None]
    ) -> None:
        self._sessions = sessions
        self._tenant = tenant
        self._note = note
        self._turn = Turn(self._leave, sessions.pool.figures)
        self._batch: Batch | None = None
        self._connection: Connection | None = None
        self._full_at = 0.0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[WriteTransaction]:
        """Runs the block in its turn; returns once its commit is durable.

        What the block raises is raised then, too: it may tell of what others of the batch wrote.
        """
        refusal: Exception | None = None
        await self._turn.take()
        try:
            try:
                batch, connection = await self._join()
                transaction = WriteTransaction(connection)
                try:
                    yield transaction
                    transaction.ensure_whole()
                except BaseException as error:
                    is_alone = batch.members == 1
                    await self._undo(batch, connection, error)
                    if is_alone or not isinstance(error, Exception):
                        raise
                    if isinstance(error, OF_THE_DATABASE):
                        raise
                    refusal = error
                finally:
                    self._sessions.pool.statements += transaction.statements
            finally:
                # Even after an error, because the others of the batch still wait for their commit.
                await self._leave()
        finally:
            self._turn.lock.release()
        await batch.durable()
        if refusal is not None:
            raise refusal

    async def _join(self) -> tuple[Batch, Connection]:
        batch, connection = self._batch, self._connection
        if batch is not None and connection is not None and not connection.in_transaction:
            self._fail(batch, connection, "the database ended the transaction")
            batch = None
        if batch is None or connection is None:
            connection = self._connection = await self._sessions.begin_writing(self._tenant)
            batch = self._batch = Batch()
            self._full_at = asyncio.get_running_loop().time() + BATCH_SECONDS
        else:
            await self._follow(batch, connection)
        batch.members += 1
        return batch, connection

    async def _follow(self, batch: Batch, connection: Connection) -> None:
        try:
            await carried(connection.control(commands.NEXT))
        except (DatabaseUnavailable, StatementFailed) as error:
            self._fail(batch, connection, error)
            raise

    async def _undo(self, batch: Batch, connection: Connection, error: BaseException) -> None:
        """Takes one operation back, or the whole batch where that is all or does not work."""
        self._note(error)
        if batch.members > 1 and connection.in_transaction:
            try:
                async with asyncio.timeout(commands.ROLLBACK_SECONDS):
                    await carried(connection.control(commands.UNDO))
            except (DatabaseUnavailable, StatementFailed, TimeoutError) as failure:
                error = failure
            else:
                return
        self._fail(batch, connection, error)

    def _fail(self, batch: Batch, connection: Connection, reason: object) -> None:
        self._batch = self._connection = None
        self._sessions.end(connection, writer(self._tenant))
        batch.fail(f"another write of the same commit failed: {reason}")

    async def _leave(self) -> None:
        """Commits, unless another one is waiting and can commit for both."""
        batch, connection = self._batch, self._connection
        if batch is None or connection is None:
            return
        if self._turn.waiting and batch.members < BATCH and not self._is_late():
            return
        self._batch = self._connection = None
        await carried(self._commit(batch, connection))

    def _is_late(self) -> bool:
        return asyncio.get_running_loop().time() > self._full_at

    async def _commit(self, batch: Batch, connection: Connection) -> None:
        """Commits; reports errors to the members of the batch instead of raising them."""
        try:
            with self._sessions.pool.figures.committing(batch.members):
                await connection.commit()
        except (DatabaseUnavailable, StatementFailed) as error:
            self._note(error)
            batch.fail(f"the database could not commit: {error}")
        except BaseException as error:
            batch.fail(f"the commit was given up: {error!r}")
            raise
        else:
            self._note(None)
            batch.succeed()
        finally:
            self._sessions.end(connection, writer(self._tenant))
