"""The unit of work: one transaction of writing, with the events of what was done in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from db.engine import Tenancy, Transaction
from db.queries import events

from .call import Call, Services


class Work:
    """A transaction, and the call that works in it as soon as it is known whose that is."""

    __slots__ = ("_bound", "_last", "_services", "transaction")

    def __init__(self, services: Services, transaction: Transaction) -> None:
        self._services = services
        self.transaction = transaction
        # The number of the last event that was written.
        self._last = 0
        self._bound: Call | None = None

    def bind(self, call: Call) -> Call:
        """Returns the call bound to this transaction: what it records is written with it."""
        tenancy = Tenancy(self.transaction, call.caller.organization_id)
        self._bound = bound = call.within(tenancy)
        return bound

    async def write_events(self) -> None:
        """Writes what the call recorded."""
        if self._bound is not None and self._bound.events:
            self._last = await events.append(self._bound.tx, self._bound.events)

    def settle(self, committed: bool) -> None:
        """Wakes the followers and begins what the call wants done afterwards, or drops it."""
        if self._bound is None:
            return
        if committed and self._last:
            self._services.feed.wake(self._bound.caller.organization_id, self._last)
        self._bound.settle(committed)


@asynccontextmanager
async def unit_of_work(services: Services, organization_id: str) -> AsyncIterator[Work]:
    """Opens a transaction: all that is done in the block and its events, or nothing of it.

    No other write of the organization happens meanwhile.
    """
    work, committed = None, False
    try:
        async with services.database.write(organization_id) as transaction:
            work = Work(services, transaction)
            yield work
            await work.write_events()
        committed = True
    finally:
        if work is not None:
            work.settle(committed)
