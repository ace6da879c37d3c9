"""What is too old is removed, a few at a time: events, what keyed writes answered, room messages.

Several processes may do it; a number is removed once.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from db.engine import Tenancy, Transaction
from db.queries import events, idempotency, rooms, system

from ..operation.call import Services
from ..operation.once import KEPT
from ..operation.work import unit_of_work

# Removed by one transaction: what else is written waits some milliseconds for it.
BATCH = 500
# Organizations of one pass: the next comes after the clock has had its turn.
LOGS = 20
# Who holds a seat and has not read a message by then has lost the seat.
MESSAGES_KEPT = timedelta(minutes=1)

Find = Callable[[Transaction, datetime, int], Awaitable[list[str]]]
Remove = Callable[[Tenancy, datetime, int], Awaitable[int]]

log = structlog.get_logger("connect.clock")


async def sweep(services: Services) -> int:
    """Removes what is too old, at most a batch of each log; returns how many rows that were.

    Nothing while the clock holds still: after a jump of a month, everything would be too old.
    """
    if services.steadiness.is_holding:
        return 0
    now = services.clock.now()
    before = now - services.events_kept
    removed = await _pass(services, before, system.expired_logs, events.remove_oldest)
    if removed:
        log.info("events_removed", count=removed)
    removed += await _pass(services, now - KEPT, system.stale_keys, idempotency.remove_oldest)
    before = now - MESSAGES_KEPT
    return removed + await _pass(services, before, system.stale_messages, rooms.remove_messages)


async def _pass(services: Services, before: datetime, find: Find, remove: Remove) -> int:
    async with services.database.read() as transaction:
        found = await find(transaction, before, LOGS)
    removed = 0
    for organization_id in found:
        async with unit_of_work(services, organization_id) as work:
            removed += await remove(Tenancy(work.transaction, organization_id), before, BATCH)
    return removed
