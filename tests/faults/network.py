"""The network to PostgreSQL hangs, crawls or breaks."""

import asyncio
import random

from .ledger import now
from .outages import outage
from .proxy import Proxy
from .row import Finding, Scale

# Short, so that the suite need not wait; operators have ten seconds.
OPERATION_SECONDS = 1.5


async def network(scale: Scale) -> Finding:
    """Breaks the network in one way after another."""
    server = scale.breakable()
    proxy = Proxy(server.port)
    site = scale.site(CONNECT_OPERATION_SECONDS=str(OPERATION_SECONDS))
    site.through(proxy.port)
    ways = [proxy.hang, proxy.cut, proxy.slow]

    async def break_it() -> float:
        way = ways[0]
        ways.append(ways.pop(0))
        way()
        # Longer than a deadline, or so short that it goes on where it was.
        long = OPERATION_SECONDS * 2
        await asyncio.sleep(long if way == proxy.hang else random.choice((0.2, 1)))
        proxy.forward()
        return now()

    try:
        return await outage(scale, site, "the network broken", break_it)
    finally:
        proxy.close()
