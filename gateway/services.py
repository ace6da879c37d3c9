"""Opens and closes what lives as long as the process: database, links, rooms, clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from db.connect import open_database
from db.engine import DatabaseUnavailable
from schema.domain.admission import Window
from schema.domain.clock import Clock, SystemClock
from schema.domain.links import Links
from schema.operation.call import Services
from schema.operation.deadline import Deadlines
from schema.operation.gate import drain
from schema.operation.throttle import Throttle
from schema.resolvers.clockwork import tick
from schema.rooms import open_rooms

from . import private
from .settings import Settings

DRAIN_SECONDS = 10.0
# A step is taken within five seconds of its time: a look every two leaves room for a slow disk.
CLOCK_SECONDS = 2.0

log = structlog.get_logger("connect.services")


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Services]:
    """Opens the services; when the block ends, waits for running writes, then closes them."""
    private.keep(settings)
    links = Links(settings.public_url, settings.signing_keys())
    rooms = open_rooms(settings.rooms)
    database = await open_database(settings.database)
    window = window_of(settings)
    services = Services(
        database,
        clock or SystemClock(),
        links,
        rooms,
        window,
        deadlines=Deadlines(settings.operation_seconds),
        throttle=Throttle(settings.rate_limit) if settings.rate_limit else None,
    )
    try:
        yield services
    finally:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await drain(services)
        except TimeoutError:
            log.error("drain_timed_out", writes=len(services.running))
        await rooms.close()
        await database.close()


@asynccontextmanager
async def running_clock(services: Services) -> AsyncIterator[None]:
    """Lets the clock move appointments on while the block runs."""
    task = asyncio.ensure_future(_keep_time(services))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep_time(services: Services) -> None:
    while True:
        try:
            await tick(services)
        except DatabaseUnavailable as error:
            # The clock outlives a locked or missing database: what was due is due next time.
            log.error("clock_failed", reason=str(error))
        except Exception:
            log.exception("clock_failed")
        await asyncio.sleep(CLOCK_SECONDS)


def window_of(settings: Settings) -> Window:
    """When links are open, by the settings."""
    return Window(
        timedelta(minutes=settings.join_opens_before_minutes),
        timedelta(minutes=settings.join_moderators_open_before_minutes),
        timedelta(minutes=settings.join_closes_after_minutes),
    )
