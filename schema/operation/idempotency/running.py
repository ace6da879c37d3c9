"""The keyed writes that run in this process: an equal one waits for the first in memory."""

import asyncio
from typing import NamedTuple

from ...domain.idempotency import KeyInUse
from .outcomes import Outcome


class Slot(NamedTuple):
    """Where an outcome is kept: one for each key and place in an organization."""

    organization_id: str
    key: str
    place: str


class Running:
    """The writes that run, by their slots; at most one in each."""

    def __init__(self) -> None:
        self._tasks: dict[Slot, asyncio.Task[Outcome]] = {}
        # Keyed writes that were made, and those that were answered from an earlier one.
        self.made = self.replayed = 0

    def note(self, slot: Slot, task: "asyncio.Task[Outcome]") -> None:
        """Remembers a write until it is over."""
        self._tasks[slot] = task
        task.add_done_callback(lambda _: self._tasks.pop(slot))

    def count(self, *, is_replayed: bool) -> None:
        """Counts a keyed write that succeeded."""
        if is_replayed:
            self.replayed += 1
        else:
            self.made += 1

    async def earlier(self, slot: Slot, seconds: float) -> Outcome | None:
        """Waits for the write that runs in a slot; None when there is none or it came to nothing.

        Raises KeyInUse when the time is over. No transaction is open meanwhile.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (task := self._tasks.get(slot)) is not None:
            await asyncio.wait([task], timeout=until - loop.time())
            if not task.done():
                raise KeyInUse
            if not task.cancelled() and task.exception() is None:
                return task.result()._replace(is_replayed=True)
        return None
