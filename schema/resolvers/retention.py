"""Events that are older than they are kept are removed, a few at a time.

Several processes may do it; a number is removed once.
"""

import structlog

from db.engine import Tenancy
from db.queries import events, system

from ..operation.call import Services
from ..operation.work import unit_of_work

# Removed by one transaction: what else is written waits some milliseconds for it.
BATCH = 500
# Organizations of one pass: the next comes after the clock has had its turn.
LOGS = 20

log = structlog.get_logger("connect.clock")


async def sweep(services: Services) -> int:
    """Removes what is too old, at most a batch of each log; returns how many events that were.

    Nothing while the clock holds still: after a jump of a month, everything would be too old.
    """
    if services.steadiness.is_holding:
        return 0
    before = services.clock.now() - services.events_kept
    async with services.database.read() as transaction:
        expired = await system.expired_logs(transaction, before, LOGS)
    removed = 0
    for organization_id in expired:
        async with unit_of_work(services, organization_id) as work:
            tx = Tenancy(work.transaction, organization_id)
            removed += await events.remove_oldest(tx, before, BATCH)
    if removed:
        log.info("events_removed", count=removed)
    return removed
