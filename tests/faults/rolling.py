"""A rolling restart: the workers are replaced one by one under load."""

import asyncio
import os
import signal

from tests.workers.crew import until

from .ledger import Ledger, Outcome
from .load import Load, under_load
from .row import Finding, Scale, judged

RENEWED_SECONDS = 60.0
RENEWED = "every worker is new"


async def rolling(scale: Scale) -> Finding:
    """Sends SIGHUP again and again; not one request may fail."""
    site, ledger = scale.site(CONNECT_LOG_LEVEL="info"), Ledger()
    wrong = []
    try:
        await asyncio.to_thread(site.start)
        assert site.service is not None
        log = site.service.log
        await asyncio.to_thread(
            until, lambda: log.read_text().count("worker_ready") >= site.workers
        )
        async with under_load(
            Load(lambda: site.port, site.accounts, scale.writers, ledger)
        ) as load:
            for turn in range(1, scale.times + 1):
                await load.reach(50)
                os.kill(site.service.pid, signal.SIGHUP)
                done = lambda turn=turn: log.read_text().count(RENEWED) >= turn  # noqa: E731
                await asyncio.to_thread(until, done, RENEWED_SECONDS)
            await load.reach(50)
        await asyncio.to_thread(site.stop)
        failed = sum(ledger.count(each) for each in Outcome if each is not Outcome.DONE)
        if failed or ledger.not_sent:
            wrong.append(f"{failed} requests failed, {ledger.not_sent} found nobody who listens")
        return judged(site, ledger, f"{site.workers} workers renewed {scale.times} times", wrong)
    finally:
        site.close()
