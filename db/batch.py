"""Operations that share one commit, and succeed or fail together; and whose turn it is to write."""

import asyncio
from collections.abc import Awaitable, Callable

from .engine import DatabaseUnavailable, StatementFailed
from .figures import Figures

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


class Turn:
    """The turn to write, which goes from one operation to the next.

    Who has it may leave the commit to the next one. `leave` commits, if anything is left to commit.
    """

    def __init__(self, leave: Callable[[], Awaitable[None]], figures: Figures) -> None:
        self._figures = figures
        self.lock = asyncio.Lock()
        self.waiting = 0
        self._leave = leave
        self._flushing: asyncio.Future[None] | None = None

    async def take(self) -> None:
        """Waits for the turn, which `lock.release` ends."""
        self.waiting += 1
        try:
            await self._figures.turn(self.lock)
        except asyncio.CancelledError:
            # The one before left its commit to this one, which now will not run.
            self._flushing = asyncio.ensure_future(self._flush())
            raise
        finally:
            self.waiting -= 1

    async def _flush(self) -> None:
        async with self.lock:
            await self._leave()
