"""Writes of one organization share commits, and one of them that fails takes no other along."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from db.engine import DatabaseUnavailable, Tenancy
from db.postgresql import PostgresDatabase, lane
from db.postgresql.connection import Connection
from db.queries import events, system
from tests.db.conformance.conftest import NOON, Pair, appointment, event, log, pair, stored

from .conftest import until_idle

__all__ = ["pair"]  # a fixture


class Commits:
    """Counts commits; one can be made to fail, or to take long."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # However slow this machine is.
        monkeypatch.setattr(lane, "BATCH_SECONDS", 60)
        self.count = 0
        self.failing = False
        commit = Connection.commit

        async def counted(connection: Connection) -> None:
            self.count += 1
            if self.failing:
                connection.abort()
            await commit(connection)

        monkeypatch.setattr(Connection, "commit", counted)


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Commits:
    return Commits(monkeypatch)


async def write(database: PostgresDatabase, organization: str, *, fails: bool = False) -> None:
    async with database.write(organization) as transaction:
        await events.append(Tenancy(transaction, organization), [event()])
        if fails:
            raise KeyError("on purpose")


async def test_those_who_wait_share_a_commit_and_a_connection(
    database: PostgresDatabase, pair: Pair, commits: Commits
) -> None:
    commits.count = 0
    tasks = [asyncio.ensure_future(write(database, pair.one)) for _ in range(60)]
    await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    assert database.readers_in_use <= 1
    await asyncio.gather(*tasks)
    assert commits.count <= 4
    assert [each.seq for each in await log(database, pair.one)] == list(range(1, 61))


async def test_who_fails_among_them_fails_alone(
    database: PostgresDatabase, pair: Pair, commits: Commits
) -> None:
    outcomes = await asyncio.gather(
        *[write(database, pair.one, fails=place % 3 == 0) for place in range(60)],
        return_exceptions=True,
    )
    assert sum(isinstance(each, KeyError) for each in outcomes) == 20
    assert sum(each is None for each in outcomes) == 40
    assert [each.seq for each in await log(database, pair.one)] == list(range(1, 41))


async def test_a_commit_that_fails_fails_for_all_of_them(
    database: PostgresDatabase, pair: Pair, commits: Commits
) -> None:
    commits.failing = True
    outcomes = await asyncio.gather(
        *[write(database, pair.one) for _ in range(20)], return_exceptions=True
    )
    assert all(isinstance(each, DatabaseUnavailable) for each in outcomes)
    commits.failing = False
    assert await log(database, pair.one) == []
    await write(database, pair.one)
    await until_idle(database)


async def test_a_refusal_is_told_when_what_it_tells_is_durable(
    database: PostgresDatabase, pair: Pair, commits: Commits
) -> None:
    """It may come from what another one of the same commit has just written."""
    first = asyncio.ensure_future(write(database, pair.one))
    second = asyncio.ensure_future(write(database, pair.one, fails=True))
    commits.failing = True
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert all(isinstance(each, DatabaseUnavailable) for each in outcomes), outcomes
    commits.failing = False
    with pytest.raises(KeyError):
        await write(database, pair.one, fails=True)


async def test_nothing_is_kept_of_organizations_that_are_not_written(
    database: PostgresDatabase, pair: Pair
) -> None:
    waiting = [asyncio.ensure_future(write(database, pair.one)) for _ in range(10)]
    await asyncio.sleep(0.005)
    for task in waiting[1::2]:
        task.cancel()
    await asyncio.wait(waiting)
    await write(database, pair.other)
    assert database._writer._lanes == {}


async def test_a_write_of_another_organization_does_not_wait(
    database: PostgresDatabase, pair: Pair
) -> None:
    async with database.write(pair.one) as transaction:
        await events.append(Tenancy(transaction, pair.one), [event()])
        await asyncio.wait_for(stored(database, pair.other, appointment()), 5)


async def test_the_operator_adds_a_token_while_its_organization_is_written(
    database: PostgresDatabase, pair: Pair
) -> None:
    async with database.write(pair.one) as transaction:
        await events.append(Tenancy(transaction, pair.one), [event()])
        async with asyncio.timeout(5), database.write() as other:
            await system.organization_by_name(other, "One")
            await system.add_tokens(other, token(pair.one))


def token(organization_id: str) -> dict[str, object]:
    return {
        "id": "0192d3a4-7b1c-7000-8000-000000000001", "organization_id": organization_id,
        "name": "t", "prefix": "p", "digest": "d" * 64, "scopes": "write", "created_at": NOON,
        "expires_at": None, "revoked_at": None, "last_used_at": None,
    }  # fmt: skip


async def test_writes_do_not_wait_behind_the_readers_of_their_organization(
    database: PostgresDatabase, pair: Pair
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(3):  # of four connections: all that one organization may read on
            reading = await stack.enter_async_context(database.read(pair.one))
            await events.ends(Tenancy(reading, pair.one))
        waiting = asyncio.ensure_future(log(database, pair.one))
        async with asyncio.timeout(8):
            while not database._sessions.pool._waiting:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await write(database, pair.one)
        assert not waiting.done()
    assert [each.seq for each in await waiting] == [1]
