"""`kill -9` under write load: the whole service, or one of its workers."""

import asyncio
import random

from .ledger import Ledger
from .load import Load, under_load
from .row import Finding, Scale, judged

# Few and many, so that processes die with an empty log as well as in the middle of a batch.
WRITES_BETWEEN = (5, 60)


async def kills(scale: Scale) -> Finding:
    """Kills the service, or one worker after another, and compares what is left."""
    site, ledger = scale.site(), Ledger()
    try:
        await asyncio.to_thread(site.start)
        async with under_load(
            Load(lambda: site.port, site.accounts, scale.writers, ledger)
        ) as load:
            for _ in range(scale.times):
                await load.reach(random.randint(*WRITES_BETWEEN))
                await asyncio.sleep(random.random() * 0.02)
                await asyncio.to_thread(site.kill_something)
            await load.reach(50)
        seconds = await asyncio.to_thread(site.stop)
        wrong = [f"SIGTERM took {seconds:.1f} s"] if seconds > 15 else []
        what = "the service" if site.workers == 1 else f"one of {site.workers} workers"
        return judged(site, ledger, f"{what} killed {scale.times} times", wrong)
    finally:
        site.close()
