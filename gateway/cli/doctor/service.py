"""The running service, if there is one, and who of several processes has the duties."""

import asyncio
from collections.abc import Iterator

from db.connect import open_database
from db.engine import DatabaseUnavailable, StatementFailed
from db.location import Location, Server, SqliteFile
from db.queries import leases
from db.queries.leases import LeaseRow
from db.upkeep.occupancy import is_in_use
from schema.operation.lease import LOOK_SECONDS, RAISE_SECONDS

from ...services import CLOCK
from ...settings import Settings
from .. import healthcheck
from .findings import Finding, ok, warn

UNKNOWN = "whether a process has the database open cannot be told"


def server(settings: Settings, use: str) -> Iterator[Finding]:
    """Whether a server answers at the configured address, and is ready."""
    problem = healthcheck.problem(settings)
    if problem is None:
        yield ok("service", f"ready at port {settings.port}")
    elif problem.is_answered:
        advice = "see its log for the reason; it recovers by itself once that is repaired"
        yield warn("service.unready", problem.message, advice)
    else:
        yield ok("service", f"none answers at port {settings.port} ({use})")


def use(settings: Settings) -> Iterator[Finding]:
    """Says whether a process uses the database; look while this one has it not open."""
    yield ok("database", use_of(settings.database))


def use_of(place: Location) -> str:
    """Returns whether a process uses the database; call it while this one has it not open."""
    if not isinstance(place, SqliteFile):
        return "others may be elsewhere"
    try:
        is_open = place.path.exists() and is_in_use(place.path)
    except OSError:
        return UNKNOWN
    if is_open:
        return "but a process has the database open"
    return "and no process has the database open"


def duties(settings: Settings) -> Iterator[Finding]:
    """Whether the process that has the clock lives; nothing where one process is alone."""
    if not isinstance(settings.database, Server):
        return
    try:
        before, after = asyncio.run(_looked_at(settings.database))
    except (DatabaseUnavailable, StatementFailed):
        return  # That is another line already.
    if after is None or not after.holder:
        yield ok("duties", "no process has the clock: none runs, or one takes it within seconds")
    elif before is not None and before.term == after.term:
        yield warn(
            "duties.silent",
            "the process that had the clock has not shown for seconds that it lives: another takes "
            "over within ten, if one runs; until then no appointment ends by itself",
            "start the service if none runs",
        )
    else:
        yield ok("duties", "one process has the clock, and shows that it lives")


async def _looked_at(place: Location) -> tuple[LeaseRow | None, LeaseRow | None]:
    database = await open_database(place)
    try:
        async with database.read() as tx:
            before = await leases.find(tx, CLOCK)
        if before is None or not before.holder:
            return before, before
        await asyncio.sleep(RAISE_SECONDS + LOOK_SECONDS)
        async with database.read() as tx:
            return before, await leases.find(tx, CLOCK)
    finally:
        await database.close()
