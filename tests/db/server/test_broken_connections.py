"""Whatever happens to a connection, operations end in time and the next ones work."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from sqlalchemy import literal_column, select

from db.engine import Conflict, DatabaseUnavailable, Options, StatementFailed, Tenancy
from db.location import Server
from db.postgresql import PostgresDatabase
from db.queries import appointments, events, system
from tests.db.conformance.conftest import NOON, Pair, appointment, event, log, pair, read, stored
from tests.db.conftest import Written
from tests.faults.proxy import Proxy
from tests.postgresql import Databases

from .conftest import QUICK, until_idle

__all__ = ["pair"]  # a fixture

KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
RUNNING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%pg_sleep%'"
)
SLEEP = Written(select(literal_column("pg_sleep(30)::text")))
CRASH = Written(select(literal_column("pg_terminate_backend(pg_backend_pid())")))


@pytest.fixture
async def other(server: Server) -> AsyncIterator[asyncpg.Connection]:
    """A connection of somebody else."""
    connection = await asyncpg.connect(server.dsn)
    yield connection
    await connection.close()


@pytest.fixture
def proxy(postgresql: Databases) -> Iterator[Proxy]:
    proxy = Proxy(postgresql.server.port)
    yield proxy
    proxy.close()


def through(proxy: Proxy, server: Server) -> str:
    return f"postgresql://connect@127.0.0.1:{proxy.port}/{server.dsn.rpartition('/')[2]}"


async def test_connections_that_died_while_idle_are_replaced_unnoticed(
    database: PostgresDatabase, pair: Pair, other: asyncpg.Connection
) -> None:
    row = await stored(database, pair.one, appointment())
    for _ in range(5):
        await asyncio.gather(*[read(database, pair.one, row.id) for _ in range(6)])
        await other.execute(KILL)
        # Whether the news have arrived or not.
        assert await read(database, pair.one, row.id) == row
        await other.execute(KILL)
        row = await stored(database, pair.one, appointment())


async def test_a_connection_that_dies_in_a_read_fails_that_read_alone(
    database: PostgresDatabase, pair: Pair
) -> None:
    row = await stored(database, pair.one, appointment())
    async with database.read(pair.one) as transaction:
        with pytest.raises(DatabaseUnavailable):
            await transaction.fetch(CRASH, {})
        with pytest.raises(DatabaseUnavailable):
            await appointments.get(Tenancy(transaction, pair.one), row.id)
    assert await read(database, pair.one, row.id) == row
    await until_idle(database)


async def test_a_connection_that_dies_in_a_write_takes_all_of_it_along(
    database: PostgresDatabase, pair: Pair
) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with database.write(pair.one) as transaction:
            await events.append(Tenancy(transaction, pair.one), [event()])
            await transaction.fetch(CRASH, {})
    with pytest.raises(DatabaseUnavailable):
        async with database.write(pair.one) as transaction:
            await events.append(Tenancy(transaction, pair.one), [event()])
            # Passed over, and yet nothing is reported as committed.
            with pytest.raises(DatabaseUnavailable):
                await transaction.fetch(CRASH, {})
    assert await log(database, pair.one) == []
    await stored(database, pair.one, appointment())
    await until_idle(database)


async def test_a_statement_that_takes_too_long_is_stopped(
    database: PostgresDatabase, other: asyncpg.Connection
) -> None:
    began = time.monotonic()
    async with database.read() as transaction:
        with pytest.raises(DatabaseUnavailable, match="too long"):
            await transaction.fetch(SLEEP, {})
    assert time.monotonic() - began < 3
    assert await other.fetchval(RUNNING) == 0
    await until_idle(database)


@pytest.mark.parametrize("is_write", [False, True])
async def test_a_caller_who_leaves_stops_its_statement_in_the_server(
    database: PostgresDatabase, other: asyncpg.Connection, is_write: bool
) -> None:
    async def sleep() -> None:
        async with database.write() if is_write else database.read() as transaction:
            await transaction.fetch(SLEEP, {})

    task = asyncio.ensure_future(sleep())
    await until(other, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)
    await until(other, 0)
    await until_idle(database)
    # The connection survives that.
    assert await other.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'consularia-connect'"
        " AND datname = current_database()"
    )


async def until(other: asyncpg.Connection, running: int) -> None:
    async with asyncio.timeout(5):
        while await other.fetchval(RUNNING) != running:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_what_still_runs_when_an_operation_ends_is_stopped(
    database: PostgresDatabase, other: asyncpg.Connection
) -> None:
    transaction = database.read()
    task = asyncio.ensure_future(transaction.fetch(SLEEP, {}))
    await until(other, 1)
    await transaction.end()
    with pytest.raises(DatabaseUnavailable, match="ended"):
        await asyncio.wait_for(task, 2)
    await until(other, 0)
    await until_idle(database)


async def test_an_organization_that_somebody_else_keeps_locked_is_a_clear_error(
    database: PostgresDatabase, pair: Pair, other: asyncpg.Connection
) -> None:
    async with other.transaction():
        await other.execute("SELECT FROM organization WHERE id = $1 FOR UPDATE", pair.one)
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match="too long"):
            await stored(database, pair.one, appointment())
        assert time.monotonic() - began < 3
        await stored(database, pair.other, appointment())
    await stored(database, pair.one, appointment())


async def test_who_stands_still_loses_its_lock(database: PostgresDatabase, pair: Pair) -> None:
    """As a process that was stopped: others go on, and it writes nothing afterwards."""
    second = await PostgresDatabase.open(database_dsn(database), QUICK)
    with pytest.raises(DatabaseUnavailable):
        async with database.write(pair.one) as transaction:
            await events.append(Tenancy(transaction, pair.one), [event()])
            await asyncio.sleep(1.3)
            await stored(second, pair.one, appointment())
    await second.close()
    assert await log(database, pair.one) == []


def database_dsn(database: PostgresDatabase) -> str:
    return database._sessions.door._addresses[0].dsn


async def test_a_deadlock_is_a_conflict_and_costs_no_connection(
    database: PostgresDatabase, pair: Pair, other: asyncpg.Connection
) -> None:
    """Only transactions that lock in another order than ours can meet in this way."""
    await other.execute("SET deadlock_timeout = '10s'")
    first = asyncio.Event()

    async def ours() -> None:
        async with database.write(pair.one) as transaction:
            first.set()
            await system.switch_organization(transaction, pair.other, True)

    async with other.transaction():
        await other.execute("SELECT FROM organization WHERE id = $1 FOR UPDATE", pair.other)
        task = asyncio.ensure_future(ours())
        await first.wait()
        blocked = asyncio.ensure_future(
            other.execute("SELECT FROM organization WHERE id = $1 FOR UPDATE", pair.one)
        )
        with pytest.raises((Conflict, DatabaseUnavailable)):
            await asyncio.wait_for(task, 5)
        await blocked
    await stored(database, pair.one, appointment())


async def test_a_hanging_network_ends_operations_in_time_and_heals(
    proxy: Proxy, server: Server
) -> None:
    database = await PostgresDatabase.open(through(proxy, server), QUICK)
    organization = await pair_of(database)
    row = await stored(database, organization, appointment())
    await asyncio.gather(*[read(database, organization, row.id) for _ in range(6)])

    proxy.hang()
    began = time.monotonic()
    outcomes = await asyncio.wait_for(
        asyncio.gather(
            *[read(database, organization, row.id) for _ in range(3)],
            *[stored(database, organization, appointment()) for _ in range(2)],
            return_exceptions=True,
        ),
        12,
    )
    assert all(isinstance(each, DatabaseUnavailable) for each in outcomes), outcomes
    assert time.monotonic() - began < 9
    await asyncio.wait_for(until_idle(database), 5)

    proxy.forward()
    began = time.monotonic()
    assert await read(database, organization, row.id) == row
    await stored(database, organization, appointment())
    assert time.monotonic() - began < 5
    await database.close()


async def pair_of(database: PostgresDatabase) -> str:
    from db.ids import new_id
    from db.models import OrganizationRow

    id = new_id()
    async with database.write() as tx:
        await system.add_organization(tx, OrganizationRow(id, "One", True, NOON))
    return id


async def test_a_network_that_breaks_off_heals(proxy: Proxy, server: Server) -> None:
    database = await PostgresDatabase.open(through(proxy, server), QUICK)
    organization = await pair_of(database)
    row = await stored(database, organization, appointment())
    proxy.cut()
    for work in (read(database, organization, row.id), stored(database, organization, row)):
        with pytest.raises(DatabaseUnavailable):
            await asyncio.wait_for(work, 5)
    proxy.forward()
    assert await read(database, organization, row.id) == row
    await database.close()


async def test_closing_does_not_wait_for_a_network_that_hangs(proxy: Proxy, server: Server) -> None:
    database = await PostgresDatabase.open(through(proxy, server), QUICK)
    organization = await pair_of(database)
    await asyncio.gather(*[read(database, organization, appointment().id) for _ in range(4)])
    proxy.hang()
    await asyncio.wait_for(database.close(), 6)


async def test_a_server_that_only_reads_is_left_for_another_one(
    database: PostgresDatabase, pair: Pair, other: asyncpg.Connection
) -> None:
    """After a failover the old primary is a standby: its connections are of no more use."""
    name = await other.fetchval("SELECT current_database()")
    await other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await other.execute(KILL)
    with pytest.raises(DatabaseUnavailable):
        await stored(database, pair.one, appointment())
    trouble = await database.trouble()
    assert trouble is not None and "read-only" in trouble
    await other.execute("SET default_transaction_read_only = off")
    await other.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await stored(database, pair.one, appointment())
    assert await database.trouble() is None


async def test_more_callers_than_connections_take_turns(server: Server, pair: Pair) -> None:
    database = await PostgresDatabase.open(server.dsn, Options(connections=2))
    row = await stored(database, pair.one, appointment())
    found = await asyncio.gather(
        *[read(database, pair.one, row.id) for _ in range(50)],
        *[stored(database, pair.one, appointment()) for _ in range(20)],
        *[stored(database, pair.other, appointment()) for _ in range(20)],
    )
    assert all(found)
    await database.close()


async def test_errors_do_not_quote_what_callers_sent(
    database: PostgresDatabase, pair: Pair
) -> None:
    row = await stored(database, pair.one, appointment())
    for wrong in (row, appointment(title="\x00secret"), appointment(title="x" * 300 + "secret")):
        with pytest.raises(StatementFailed) as failed:
            await stored(database, pair.one, wrong)
        assert "secret" not in str(failed.value) and row.id not in str(failed.value)
