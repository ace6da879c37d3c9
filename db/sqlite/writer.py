"""The only writer: runs transactions one after another in savepoints, and commits them in batches.

Statements run on the event loop, where they take microseconds. Commits, which wait for the disk,
and changes of many rows run on the connection's thread. Transactions that arrive during a commit
share the next one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ..batch import OF_THE_DATABASE, Batch, Turn
from ..engine import DatabaseUnavailable, StatementFailed
from ..figures import BUSY, OTHER_PROCESS, Figures
from ..tasks import finished
from . import faults
from .connection import Connection
from .files import DatabaseFiles
from .turnstile import Turnstile
from .write import WriteTransaction

BATCH = 64
RETRY_SECONDS = 0.005
# Truncating the log copies all of it, so that is done above this size only, and not too often.
LOG_BYTES = 64 * 1024 * 1024
EMPTIED_EVERY_SECONDS = 10.0


class Writer:
    """Runs transactions on the writing connection in turn, and commits them in batches."""

    def __init__(
        self,
        connection: Connection,
        open_writer: Callable[[], Awaitable[Connection]],
        files: DatabaseFiles,
        busy_seconds: float,
        figures: Figures,
        turnstile: Turnstile | None = None,
    ) -> None:
        self._figures = figures
        self._connection = connection
        self._open = open_writer
        self._files = files
        self._busy_seconds = busy_seconds
        # Only where other processes write all the time.
        self._turnstile = turnstile
        self._turn = Turn(self._leave, figures)
        self._batch: Batch | None = None
        self._emptied_at = 0.0
        self.statements = 0
        # Why the last commit found no room on the disk; None once a commit succeeds.
        self.lack_of_room: str | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[WriteTransaction]:
        """Runs the block while no other transaction runs; returns once its commit is durable.

        What the block raises is raised then, too: it may tell of what others of the batch wrote.
        Raises DatabaseUnavailable when the commit fails, also because of another operation.
        """
        refusal: Exception | None = None
        deadline = asyncio.get_running_loop().time() + self._busy_seconds
        await self._turn.take()
        try:
            batch = await self._join(deadline)
            transaction = WriteTransaction(self._connection)
            try:
                yield transaction
                self._connection.control("RELEASE operation")
            except BaseException as error:
                self._undo(batch, error)
                if not isinstance(error, Exception) or isinstance(error, OF_THE_DATABASE):
                    raise
                refusal = error
            finally:
                self.statements += transaction.statements
                # Even after an error, because the others of the batch still wait for their commit.
                await self._leave()
        finally:
            self._turn.lock.release()
        await batch.durable()
        if refusal is not None:
            raise refusal

    async def _join(self, deadline: float) -> Batch:
        if self._batch is not None and not self._connection.raw.in_transaction:
            self._fail(self._batch, "the database ended the transaction")
        if self._batch is None:
            await self._begin(deadline)
            self._batch = Batch()
        batch = self._batch
        batch.members += 1
        try:
            self._connection.control("SAVEPOINT operation")
        except (DatabaseUnavailable, StatementFailed) as error:
            self._fail(batch, error)
            raise
        return batch

    async def _begin(self, deadline: float) -> None:
        """Takes SQLite's write lock, which another process may hold for a moment."""
        await self._mend()
        try:
            has_turn = self._turnstile is None or self._turnstile.try_enter()
            if not has_turn or not self._connection.begin_immediate():
                with self._figures.waiting(OTHER_PROCESS):
                    await self._begin_later(deadline, has_turn)
        except BaseException:
            self._let_others()
            raise

    async def _begin_later(self, deadline: float, has_turn: bool) -> None:
        if self._turnstile is not None and not has_turn:
            await self._turnstile.enter()
        while not self._connection.begin_immediate():
            if asyncio.get_running_loop().time() > deadline:
                self._figures.errors[BUSY] += 1
                raise DatabaseUnavailable("another process keeps the database locked")
            await asyncio.sleep(RETRY_SECONDS)

    def _let_others(self) -> None:
        """Lets another process write: this one's transaction is over."""
        if self._turnstile is not None:
            self._turnstile.leave()

    async def _mend(self) -> None:
        self._ensure_kept()
        if self._connection.is_broken:
            # The new one is opened first: SQLite deletes the log with the last connection.
            broken, self._connection = self._connection, await self._open()
            await broken.close()

    def _ensure_kept(self) -> None:
        trouble = self._files.trouble()
        if trouble is not None:
            raise DatabaseUnavailable(trouble)

    def _undo(self, batch: Batch, error: BaseException) -> None:
        """Rolls back one operation; fails the whole batch if SQLite has rolled back everything."""
        self._note(error)
        try:
            if self._connection.raw.in_transaction:
                self._connection.control("ROLLBACK TO operation")
                self._connection.control("RELEASE operation")
                return
        except (DatabaseUnavailable, StatementFailed) as failure:
            error = failure
        self._fail(batch, error)

    def _fail(self, batch: Batch, reason: object) -> None:
        self._batch = None
        self._roll_back()
        self._let_others()
        batch.fail(f"another write of the same commit failed: {reason}")

    def _roll_back(self) -> None:
        connection = self._connection
        try:
            if connection.raw.in_transaction:
                connection.control("ROLLBACK")
        except (DatabaseUnavailable, StatementFailed):
            connection.is_broken = True

    def _note(self, error: BaseException) -> None:
        if faults.is_for_space(error.__cause__):
            self.lack_of_room = f"the last write failed: {error}"

    async def _leave(self) -> None:
        """Commits, unless another transaction is waiting and can commit for both."""
        batch = self._batch
        if batch is None or (self._turn.waiting and batch.members < BATCH):
            return
        self._batch = None
        commit = asyncio.ensure_future(self._commit(batch))
        try:
            await asyncio.shield(commit)
        finally:
            # Until the thread has finished the commit, the connection is in use.
            await finished(commit)

    async def _commit(self, batch: Batch) -> None:
        """Commits; reports errors to the members of the batch instead of raising them."""
        try:
            if not self._connection.raw.in_transaction:
                raise DatabaseUnavailable("the database ended the transaction: try again")
            self._ensure_kept()
            with self._figures.committing(batch.members):
                await self._connection.commit()
            self._ensure_kept()
        except (DatabaseUnavailable, StatementFailed) as error:
            self._note(error)
            self._roll_back()
            batch.fail(f"the database could not commit: {error}")
        except BaseException as error:
            self._connection.is_broken = True
            batch.fail(f"the commit was given up: {error!r}")
            raise
        else:
            self.lack_of_room = None
            batch.succeed()
        finally:
            self._let_others()
        if self.lack_of_room is None:
            await self._keep_log_small()

    async def _keep_log_small(self) -> None:
        """Truncates the log if overlapping readers have kept SQLite from starting it over."""
        now = asyncio.get_running_loop().time()
        if now < self._emptied_at + EMPTIED_EVERY_SECONDS or self._files.log_size() < LOG_BYTES:
            return
        self._emptied_at = now
        try:
            await self._connection.empty_log()
        except (DatabaseUnavailable, StatementFailed):
            return  # It will be tried again, and a metric shows the size of the log.

    async def rewrite(self) -> None:
        """Rewrites a page unchanged, to find out whether writes can be made durable."""
        async with self.transaction():
            self._connection.rewrite_header()

    async def close(self) -> None:
        """Waits for the running transaction, then closes the connection."""
        async with self._turn.lock:
            await self._connection.close()
            if self._turnstile is not None:
                self._turnstile.close()
