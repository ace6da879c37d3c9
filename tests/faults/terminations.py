"""SIGTERM under load, with sockets and streams open."""

import asyncio
import random
import signal
from contextlib import AsyncExitStack

from tests.live.changes import client_of, streamed
from tests.live.followers import FOLLOW
from tests.live.talk import Talk, greeted

from .ledger import Ledger
from .load import Load, under_load
from .row import Finding, Scale, judged
from .site import Site

EXIT_SECONDS = 15.0
SOCKETS = 3
RESTARTED = 1012


async def terminations(scale: Scale) -> Finding:
    """Ends the service again and again; what was acknowledged stays, sockets are told."""
    site, ledger = scale.site(), Ledger()
    seconds, wrong = [], []
    try:
        await asyncio.to_thread(site.start)
        async with under_load(
            Load(lambda: site.port, site.accounts, scale.writers, ledger)
        ) as load:
            for _ in range(scale.times):
                await load.reach(random.randint(5, 40))
                took, found = await _ended(site)
                seconds.append(took)
                wrong += found
                await asyncio.to_thread(site.start)
            await load.reach(20)
        await asyncio.to_thread(site.stop)
        words = f"SIGTERM {scale.times} times, gone after {max(seconds):.1f} s at the most"
        return judged(site, ledger, words, wrong)
    finally:
        site.close()


async def _ended(site: Site) -> tuple[float, list[str]]:
    """Ends the service under open sockets and a stream; returns the seconds and what is wrong."""
    token = site.accounts[0].token
    async with AsyncExitStack() as stack:
        talks = [await stack.enter_async_context(greeted(site.port, token)) for _ in range(SOCKETS)]
        for talk in talks[1:]:
            await talk.follow(FOLLOW)
        client = await stack.enter_async_context(client_of(site.port, token))
        stream = await stack.enter_async_context(streamed(client, "GET", "/api/v1/events/?after="))
        stopping = asyncio.ensure_future(asyncio.to_thread(site.stop))
        codes = await asyncio.gather(*(_code(talk) for talk in talks))
        async with asyncio.timeout(EXIT_SECONDS):
            while await stream.next() is not None:
                continue
        seconds = await stopping
    wrong = [f"a socket was closed with {code}" for code in codes if code != RESTARTED]
    if seconds > EXIT_SECONDS:
        wrong.append(f"SIGTERM took {seconds:.1f} s")
    # uvicorn ends itself with the signal that it was sent, once everything is closed.
    if site.service is not None and site.service.process.returncode not in (0, -signal.SIGTERM):
        wrong.append(f"it ended with status {site.service.process.returncode}")
    return seconds, wrong


async def _code(talk: Talk) -> int:
    return (await talk.ending()).code
