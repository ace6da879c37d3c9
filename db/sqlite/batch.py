"""A batch: the operations that one commit makes durable, or that all fail with it."""

import asyncio

from ..engine import DatabaseUnavailable


class Batch:
    """Reports to everyone who had a turn in one transaction how its commit went."""

    def __init__(self) -> None:
        self.members = 0
        self._outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def durable(self) -> None:
        """Returns when the commit is on disk; raises DatabaseUnavailable when it failed."""
        # Shielded: one member that is cancelled must not cancel what the others wait for.
        reason = await asyncio.shield(self._outcome)
        if reason:
            raise DatabaseUnavailable(reason)

    def succeed(self) -> None:
        """Reports that the commit is on disk."""
        self._outcome.set_result("")

    def fail(self, reason: str) -> None:
        """Reports that nothing of the batch was kept."""
        if not self._outcome.done():
            self._outcome.set_result(reason)
