"""A batch of operations that share one commit, and succeed or fail together."""

import asyncio

from .engine import DatabaseUnavailable, StatementFailed

# They say nothing of what is stored, so who raises them need not wait for the commit.
OF_THE_DATABASE = (DatabaseUnavailable, StatementFailed)


class Batch:
    """Tells the operations of one commit whether it succeeded."""

    def __init__(self) -> None:
        self.members = 0
        self._outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def durable(self) -> None:
        """Returns when the commit is on disk; raises DatabaseUnavailable when it failed."""
        # Shielded, because cancelling one member must not cancel the future of the others.
        reason = await asyncio.shield(self._outcome)
        if reason:
            raise DatabaseUnavailable(reason)

    def succeed(self) -> None:
        """Reports that the commit is on disk."""
        self._outcome.set_result("")

    def fail(self, reason: str) -> None:
        """Reports that the whole batch was rolled back."""
        if not self._outcome.done():
            self._outcome.set_result(reason)
