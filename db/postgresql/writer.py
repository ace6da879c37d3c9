"""Writes: those of one organization one after another, those of different ones side by side."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..engine import DatabaseUnavailable, StatementFailed
from ..tasks import finished
from . import faults
from .connection import Connection
from .sessions import Sessions
from .turns import Turns
from .write import WriteTransaction


class Writer:
    """Runs write transactions; only the one whose turn it is holds a connection."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._turns = Turns()
        # Why the last commit found no room on the server's disk; None once a commit succeeds.
        self.lack_of_room: str | None = None

    @asynccontextmanager
    async def transaction(self, organization_id: str) -> AsyncIterator[WriteTransaction]:
        """Runs the block in a transaction; returns once its commit is durable.

        Raises DatabaseUnavailable when the commit fails; whether it happened is then unknown if
        the connection broke while it was under way.
        """
        async with self._turns.turn(organization_id):
            connection = await self._sessions.begin_writing(organization_id)
            transaction = WriteTransaction(connection)
            try:
                yield transaction
                await self._commit(connection)
            except BaseException as error:
                self._note(error)
                raise
            finally:
                self._sessions.pool.statements += transaction.statements
                self._sessions.end(connection, organization_id)

    async def _commit(self, connection: Connection) -> None:
        """Commits, also when the caller is cancelled meanwhile."""
        if not connection.in_transaction:
            raise DatabaseUnavailable("the database ended the transaction: try again")
        commit = asyncio.ensure_future(connection.commit())
        try:
            await asyncio.shield(commit)
        except (DatabaseUnavailable, StatementFailed) as error:
            raise DatabaseUnavailable(f"the database could not commit: {error}") from error
        finally:
            await finished(commit)
        self.lack_of_room = None

    def _note(self, error: BaseException) -> None:
        cause = error.__cause__
        if faults.is_for_space(cause) or (cause and faults.is_for_space(cause.__cause__)):
            self.lack_of_room = f"the last write failed: {error}"
