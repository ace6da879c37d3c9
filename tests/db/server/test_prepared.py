"""Statements are prepared once for each connection, where nobody hands connections on."""

from db.location import Server
from db.postgresql import PostgresDatabase
from tests.db.conformance.conftest import Pair, appointment, pair, read, stored
from tests.postgresql import PgBouncer

from .conftest import QUICK, until_idle

__all__ = ["pair"]  # a fixture

PREPARED = "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%appointment%'"


async def prepared(database: PostgresDatabase) -> list[str]:
    await until_idle(database)
    connection = await database._sessions.pool.take("")
    found = [row["statement"] for row in await connection.raw.fetch(PREPARED)]
    database._sessions.pool.give_back(connection, "")
    return [each for each in found if "pg_prepared" not in each]


async def test_a_statement_is_prepared_once(database: PostgresDatabase, pair: Pair) -> None:
    assert not database.is_pooled
    row = await stored(database, pair.one, appointment())
    before = await prepared(database)
    for _ in range(5):
        await until_idle(database)
        assert await read(database, pair.one, row.id) == row
    assert len(before) == len(set(before)) >= 2
    assert await prepared(database) == before


async def test_nothing_is_prepared_behind_a_pooler(server: Server, pooler: PgBouncer) -> None:
    dsn = pooler.dsn(server.dsn.rpartition("/")[2])
    database = await PostgresDatabase.open(dsn, QUICK)
    assert database.is_pooled
    assert await read(database, appointment().id, appointment().id) is None
    assert await prepared(database) == []
    await database.close()
