"""Opens and closes what lives as long as the process: database, links, clock.

Called by `gateway.app` at start and stop, and by the command line.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from db.sqlite import SqliteDatabase
from schema.call import Services
from schema.clock import Clock, SystemClock
from schema.gate import drain
from schema.links import Links

from .settings import Settings

DRAIN_SECONDS = 10.0

log = structlog.get_logger("connect.services")


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Services]:
    """Opens the services; when the block ends, waits for running writes, then closes them."""
    database = await SqliteDatabase.open(settings.database)
    links = Links(settings.public_url, settings.signing_keys())
    services = Services(database, clock or SystemClock(), links)
    try:
        yield services
    finally:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await drain(services)
        except TimeoutError:
            log.error("drain_timed_out", writes=len(services.running))
        await database.close()
