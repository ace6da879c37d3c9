"""Long answers let others run: whoever builds one stops for a turn of the event loop now and then.

One pace for the whole process, because it is the loop that must not be held, by one operation or by
many that take turns.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from time import perf_counter
from typing import Generic, TypeVar

R = TypeVar("R")

TURN_SECONDS = 0.005
# Shorter lists than this are done before anybody would notice.
SHORT = 5
# So is an operation that takes no longer. It holds one of the few readers: to stop in the middle
# of it makes others wait for that.
SHORT_SECONDS = 0.002


class Paced(Generic[R]):
    """Rows of an answer that are many: iterated in turns, with their pace, or taken as they are."""

    __slots__ = ("_pace", "rows")

    def __init__(self, rows: Sequence[R], pace: "Pace") -> None:
        self.rows = rows
        self._pace = pace

    async def __aiter__(self) -> AsyncIterator[R]:
        """Yields one row after another, in turns."""
        for row in self.rows:
            if self._pace.is_due():
                await self._pace.turn()
            yield row


class Pace:
    """Knows since when the event loop has not turned."""

    def __init__(self) -> None:
        self._turned_at = 0.0
        self._is_turning = False

    def is_due(self, now: float | None = None) -> bool:
        """Whether the loop has been held for long enough."""
        return (now or perf_counter()) - self._turned_at > TURN_SECONDS

    async def turn(self) -> None:
        """Lets the loop turn once."""
        if not self._is_turning:
            # Runs first in the next turn, so that all who wait share its time.
            self._is_turning = True
            asyncio.get_running_loop().call_soon(self._begin)
        await asyncio.sleep(0)

    async def wait(self) -> None:
        """Returns in a turn that has time left: those who can wait do a few milliseconds a turn."""
        await self.turn()
        while self.is_due():
            await self.turn()

    def _begin(self) -> None:
        self._turned_at = perf_counter()
        self._is_turning = False

    def paced(self, rows: Sequence[R]) -> Sequence[R] | Paced[R]:
        """Returns the rows as they are when they are few, and else to be taken in turns."""
        return rows if len(rows) <= SHORT else Paced(rows, self)
