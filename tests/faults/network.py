"""The network to PostgreSQL hangs, crawls or breaks."""

import asyncio
import itertools
import random

from .ledger import now
from .outages import outage
from .proxy import Proxy
from .row import Finding, Scale

# Short, so that the suite need not wait; operators have ten seconds.
OPERATION_SECONDS = 2.0
# A write that has begun by then is answered late: its transaction may take as long once more, and is
# given up a second later.
ANSWERED_SECONDS = OPERATION_SECONDS * 2 + 1.0
HANGS_SECONDS = 8.0


async def network(scale: Scale) -> Finding:
    """Breaks the network in one way after another."""
    server = scale.breakable()
    proxy = Proxy(server.port)
    site = scale.site(CONNECT_OPERATION_SECONDS=str(OPERATION_SECONDS))
    site.through(proxy.port)
    ways = itertools.cycle((proxy.hang, proxy.cut, proxy.slow))

    async def break_it() -> float:
        way = next(ways)
        way()
        await asyncio.sleep(HANGS_SECONDS if way == proxy.hang else random.choice((0.2, 1)))
        proxy.forward()
        return now()

    try:
        return await outage(scale, site, "network broken", break_it, answered=ANSWERED_SECONDS)
    finally:
        proxy.close()
