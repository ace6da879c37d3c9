"""A database on the server of this run, opened with little patience."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from db.engine import Options
from db.location import Server
from db.postgresql import PostgresDatabase
from tests.postgresql import Databases

QUICK = Options(connections=4, connect_seconds=1, transaction_seconds=1)


@pytest.fixture
def server(postgresql: Databases) -> Iterator[Server]:
    with postgresql.one() as location:
        yield location


@pytest.fixture
async def database(server: Server) -> AsyncIterator[PostgresDatabase]:
    database = await PostgresDatabase.open(server.dsn, QUICK)
    yield database
    await database.close()


async def until_idle(database: PostgresDatabase, seconds: float = 5) -> None:
    """Waits until no connection is in use; fails when that takes too long."""
    async with asyncio.timeout(seconds):
        while database.readers_in_use:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
