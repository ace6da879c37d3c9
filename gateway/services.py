"""Opens and closes the services of the process: database, links, rooms, clock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta

import structlog

from db.connect import open_database
from db.engine import Database, DatabaseUnavailable
from schema.domain.admission import Window
from schema.domain.clock import Clock, SystemClock
from schema.domain.links import Links
from schema.domain.tickets import Tickets
from schema.operation.call import Services
from schema.operation.deadline import Deadlines
from schema.operation.gate import drain
from schema.operation.lease import Alone, Duty, Lease, kept
from schema.operation.throttle import Throttle
from schema.resolvers import seating
from schema.resolvers.clockwork import look, tick
from schema.resolvers.retention import sweep
from schema.rooms import open_rooms

from . import private
from .crew import Crew
from .crew.throttle import SharedThrottle
from .settings import Settings

DRAIN_SECONDS = 10.0
# A transition must happen within five seconds of its time; two leave room for a slow disk.
CLOCK_SECONDS = 2.0
# The duty of whoever moves appointments on and removes what is old.
CLOCK = "clock"
# How often events that are too old are looked for, once there are none left.
SWEEP_SECONDS = 60.0

log = structlog.get_logger("connect.services")


@asynccontextmanager
async def open_services(
    settings: Settings,
    clock: Clock | None = None,
    crew: Crew | None = None,
    wrap: Callable[[Database], Database] | None = None,
) -> AsyncIterator[Services]:
    """Opens the services; at the end of the block waits for running writes and closes them.

    `wrap` puts something around the database.
    """
    private.keep(settings)
    keys = settings.signing_keys()
    links = Links(settings.public_url, keys)
    rooms = open_rooms(settings.rooms)
    options = settings.server_options._replace(siblings=crew.folder if crew else None)
    database = await open_database(settings.database, options)
    if wrap is not None:
        database = wrap(database)
    window = window_of(settings)
    services = Services(
        database,
        clock or SystemClock(),
        links,
        Tickets(keys),
        rooms,
        window,
        deadlines=Deadlines(settings.operation_seconds),
        throttle=_throttle(settings, crew),
        events_kept=timedelta(days=settings.events_kept_days),
    )
    try:
        yield services
    finally:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await drain(services)
        except TimeoutError:
            log.error("drain_timed_out", writes=len(services.running))
        await services.feed.close()
        await rooms.close()
        await database.close()


@asynccontextmanager
async def running_clock(services: Services, *, is_alone: bool = True) -> AsyncIterator[Duty]:
    """Lets the clock change the status of due appointments while the block runs; yields its duty.

    Where other processes serve the same database, one of them at a time does that.
    """
    async with AsyncExitStack() as stack:
        duty: Duty = Alone()
        if not is_alone:
            duty = await stack.enter_async_context(kept(Lease(services.database, CLOCK)))
        task = asyncio.ensure_future(_keep_time(services, duty))
        try:
            yield duty
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _keep_time(services: Services, duty: Duty) -> None:
    now = asyncio.get_running_loop().time
    sweep_at = now()
    while True:
        if not duty.is_ours():
            await _stand_by(services, duty)
            continue
        try:
            await tick(services)
            await seating.sweep(services)
            if now() >= sweep_at and not await sweep(services):
                sweep_at = now() + SWEEP_SECONDS
        except DatabaseUnavailable as error:
            # A locked or missing database must not stop the clock: what is due now stays due.
            log.error("clock_failed", reason=str(error))
        except Exception:
            log.exception("clock_failed")
        await asyncio.sleep(CLOCK_SECONDS)


async def _stand_by(services: Services, duty: Duty) -> None:
    """Waits for the duty, for as long as the clock may go without being looked at."""
    look(services)
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOCK_SECONDS):
            await duty.wait()


def _throttle(settings: Settings, crew: Crew | None) -> Throttle | None:
    if settings.rate_limit is None:
        return None
    if crew is None:
        return Throttle(settings.rate_limit)
    return SharedThrottle(crew, settings.rate_limit)


def window_of(settings: Settings) -> Window:
    """Returns the settings that decide when links are open."""
    return Window(
        timedelta(minutes=settings.join_opens_before_minutes),
        timedelta(minutes=settings.join_moderators_open_before_minutes),
        timedelta(minutes=settings.join_closes_after_minutes),
    )
