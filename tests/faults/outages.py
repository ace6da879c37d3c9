"""PostgreSQL is restarted, its connections are killed, its disk is full, its network breaks."""

import asyncio
import itertools
import signal
from collections.abc import Awaitable, Callable

from .copies import run as run_statements
from .ledger import Ledger, now
from .load import Load, under_load
from .row import Finding, Scale, judged
from .site import BACK_SECONDS, Site

KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
# A crash is followed by recovery, so both are told apart.
WAYS = itertools.cycle((signal.SIGINT, signal.SIGQUIT))
Fault = Callable[[], Awaitable[float]]


async def outage(
    scale: Scale, site: Site, words: str, fault: Fault, answered: float = 20.0
) -> Finding:
    """Makes a fault again and again under load; it returns when it was over.

    Every request gets an answer within `answered` seconds, at worst 503 with Retry-After, and 5 s
    after the fault no more of those.
    """
    ledger, wrong, back = Ledger(), [], [0.0]
    try:
        await asyncio.to_thread(site.start)
        async with under_load(
            Load(lambda: site.port, site.accounts, scale.writers, ledger)
        ) as load:
            for _ in range(scale.times):
                await load.reach(60)
                over_at = await fault()
                try:
                    await load.reach(1, BACK_SECONDS)
                    back.append(now() - over_at)
                except TimeoutError:
                    wrong.append(f"no write was done for {BACK_SECONDS:.0f} s after it was over")
                    break
                await load.reach(30)
                late = ledger.last_refused(over_at)
                if late > BACK_SECONDS:
                    wrong.append(f"a request was still refused {late:.1f} s after it was over")
        wrong += ledger.slower(answered)
        if site.service is not None and not site.service.is_alive():
            wrong.append("the service ended")
        await asyncio.to_thread(site.stop)
        words = f"{words} {scale.times} times, back after {max(back):.1f} s at the most"
        words += f", slowest answer {ledger.longest():.1f} s"
        return judged(site, ledger, words, wrong)
    finally:
        site.close()


async def restarts(scale: Scale) -> Finding:
    """Restarts PostgreSQL, in turn as operators do and as a crash does."""
    server = scale.breakable()

    async def restart() -> float:
        await asyncio.to_thread(server.restart, next(WAYS))
        return now()

    return await outage(scale, scale.site(), "PostgreSQL restarted", restart)


async def terminated(scale: Scale) -> Finding:
    """Kills every connection of PostgreSQL, several times in a row."""
    site = scale.site()

    async def terminate() -> float:
        for _ in range(5):
            await asyncio.to_thread(run_statements, site.url, KILL)
            await asyncio.sleep(0.03)
        return now()

    return await outage(scale, site, "connections killed", terminate)
