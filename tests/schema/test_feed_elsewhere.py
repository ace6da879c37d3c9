"""Whoever waits in one process is woken soon by what another process commits."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from db.location import Server, SqliteFile
from db.queries import system
from gateway.crew import Crew
from gateway.services import open_services
from gateway.settings import Settings
from schema.domain.errors import Unauthenticated
from schema.operation.call import Call, Services
from schema.operation.feed import LOOK_SECONDS
from schema.resolvers.events import follow_events
from tests.conftest import NOON, MovableClock
from tests.people import Tenant, add_tenant
from tests.postgresql import PgBouncer
from tests.postgresql.databases import run
from tests.schema.following import call_of, happen, next_of, until

TRIES = 11


@pytest.fixture
def crew(tmp_path: Path) -> Crew:
    folder = tmp_path / "crew"
    folder.mkdir()
    return Crew(folder, 0, 2)


@pytest.fixture
async def here(settings: Settings, clock: MovableClock, crew: Crew) -> AsyncIterator[Services]:
    async with open_services(settings, clock, crew) as services:
        yield services


@pytest.fixture
async def elsewhere(settings: Settings, clock: MovableClock, crew: Crew) -> AsyncIterator[Services]:
    """The services of another process on the same database."""
    async with open_services(settings, clock, crew) as services:
        yield services


@pytest.fixture
async def tenant(here: Services) -> Tenant:
    return await add_tenant(here, "Consulate General")


async def waits(follower: Call, writer: Call) -> list[float]:
    """For how long a follower of one process waited for changes that another made."""
    seconds = []
    async with aclosing(await follow_events(follower)) as stream:
        for _ in range(TRIES):
            news = asyncio.ensure_future(next_of(stream))
            await until(lambda: follower.services.feed.waiting)
            await asyncio.sleep(0.05)  # Until it has looked, and really waits.
            began = time.monotonic()
            await happen(writer)
            await news
            seconds.append(time.monotonic() - began)
    return seconds


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> float:
    """Lets nobody find anything by looking for so many seconds."""
    monkeypatch.setattr("schema.operation.feed.LOOK_SECONDS", 10.0)
    return 10.0


async def test_a_change_made_elsewhere_wakes_soon(
    here: Services, elsewhere: Services, tenant: Tenant, seldom: float
) -> None:
    follower, writer = await call_of(here, tenant), await call_of(elsewhere, tenant, "write")
    assert statistics.median(await waits(follower, writer)) < seldom / 10


async def test_nothing_is_missed_while_both_write(
    here: Services, elsewhere: Services, tenant: Tenant
) -> None:
    follower = await call_of(here, tenant)
    writers = [await call_of(each, tenant, "write") for each in (here, elsewhere)]
    async with aclosing(await follow_events(follower)) as stream:
        writing = asyncio.gather(*(happen(writers[n % 2]) for n in range(60)))
        assert [(await next_of(stream)).seq for _ in range(60)] == list(range(1, 61))
        await writing


async def test_a_token_that_is_revoked_elsewhere_ends_streams_within_a_second(
    here: Services, elsewhere: Services, tenant: Tenant
) -> None:
    follower, writer = await call_of(here, tenant), await call_of(elsewhere, tenant, "admin")
    async with aclosing(await follow_events(follower)) as stream:
        news = asyncio.ensure_future(next_of(stream))
        await until(lambda: here.feed.waiting)
        # Under a load that wakes all the time.
        load = asyncio.ensure_future(busy(await call_of(elsewhere, await other(here), "write")))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        async with elsewhere.database.write() as transaction:
            await system.revoke_token(transaction, follower.caller.token_id, NOON)
        with pytest.raises(Unauthenticated):
            await news
        assert time.monotonic() - began < 2
        load.cancel()
    assert writer.caller.token_id != follower.caller.token_id


async def other(services: Services) -> Tenant:
    return await add_tenant(services, "Embassy of Elsewhere")


async def busy(call: Call) -> None:
    while True:
        await happen(call)
        await asyncio.sleep(0.01)


async def test_behind_a_pooler_it_is_found_by_looking(
    settings: Settings, clock: MovableClock, dialect: str, request: pytest.FixtureRequest
) -> None:
    if dialect == "sqlite":
        pytest.skip("a pooler is for servers")
    pooler: PgBouncer = request.getfixturevalue("pooler")
    assert isinstance(settings.database, Server)
    name = settings.database.dsn.rpartition("/")[2].partition("?")[0]
    pooled = Settings(**{**vars(settings), "given_database": Server(pooler.dsn(name))})
    async with open_services(pooled, clock) as here, open_services(pooled, clock) as elsewhere:
        tenant = await add_tenant(here, "Consulate General")
        follower, writer = await call_of(here, tenant), await call_of(elsewhere, tenant, "write")
        assert max(await waits(follower, writer)) < 3 * LOOK_SECONDS


async def test_each_who_waits_hears_what_another_has_heard_already(
    here: Services, elsewhere: Services, tenant: Tenant, settings: Settings
) -> None:
    if isinstance(settings.database, SqliteFile):
        pytest.skip("nobody listens to a file")
    writer = await call_of(elsewhere, tenant, "write")
    one, other = here.database.changes(), here.database.changes()
    for each in (one, other):
        await each.wait(10)  # Until there is a connection to listen on.
    began = time.monotonic()
    await happen(writer)
    for each in (one, other):
        await each.wait(10)
    assert time.monotonic() - began < 5


async def test_a_listener_that_loses_its_connection_hears_again(
    here: Services,
    elsewhere: Services,
    tenant: Tenant,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if isinstance(settings.database, SqliteFile):
        pytest.skip("nobody listens to a file")
    follower, writer = await call_of(here, tenant), await call_of(elsewhere, tenant, "write")
    # As seldom as that is: a fault of long ago must not make this one take longer.
    monkeypatch.setattr("db.postgresql.wakeups.PAUSES", (0.1, 600.0))
    for _ in range(3):
        await waits(follower, writer)
        before = await listeners(settings.database)
        await asyncio.to_thread(
            run, settings.database.dsn, f"SELECT pg_terminate_backend(pid) {LISTEN}"
        )
        async with asyncio.timeout(20):
            while not (await listeners(settings.database)) - before:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    monkeypatch.setattr("schema.operation.feed.LOOK_SECONDS", 10.0)
    assert statistics.median(await waits(follower, writer)) < 1


LISTEN = "FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'"


async def listeners(server: Server) -> set[int]:
    rows = await asyncio.to_thread(run, server.dsn, f"SELECT pid {LISTEN}")
    return {pid for (pid,) in rows}
