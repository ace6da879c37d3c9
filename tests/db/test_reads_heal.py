"""Reads that fail, hang or are left alone: the reader always comes back, and in order."""

# ruff: noqa: ASYNC240  (faults are made with the file system, in between)

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from db.engine import DatabaseUnavailable, StatementFailed
from db.models import OrganizationRow
from db.pool import Pool
from db.queries import system
from db.sqlite import SqliteDatabase
from db.sqlite import database as database_module
from db.sqlite.connection import Connection
from db.sqlite.reader import ReadTransaction

from .conftest import NOW, add_organization, counting_to

LONG = 2_000_000
ENDLESS = 100_000_000_000


async def read(database: SqliteDatabase) -> int:
    async with database.read() as tx:
        return len(await system.organizations(tx))


@asynccontextmanager
async def truncated(path: Path) -> AsyncIterator[None]:
    """The file cut down to its first page and a bit, and as it was afterwards."""
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    whole = path.read_bytes()
    os.truncate(path, 5_000)
    yield
    with path.open("r+b") as file:
        file.write(whole)


async def test_a_truncated_file_is_unavailable_until_it_is_whole_again(
    path: Path, database: SqliteDatabase
) -> None:
    await add_organization(database)
    async with truncated(path):
        # Twice as often as there are readers: none is used up by its failure.
        for _ in range(8):
            with pytest.raises(DatabaseUnavailable):
                await read(database)
        assert database.readers_in_use == 0
    for _ in range(8):
        assert await read(database) == 1
    assert await add_organization(database, "B")


async def test_a_read_that_is_interrupted_in_the_middle_returns_its_reader(
    database: SqliteDatabase,
) -> None:
    for _ in range(8):
        with pytest.raises(DatabaseUnavailable, match="interrupted"):
            async with database.read() as tx:
                assert await system.organizations(tx) == []
                connection = tx._connection
                connection.raw.set_progress_handler(lambda: True, 1)
                try:
                    await tx.fetch(counting_to(LONG), {})
                finally:
                    connection.raw.set_progress_handler(None, 0)
        assert database.readers_in_use == 0
    assert await read(database) == 0


async def test_a_transaction_that_sqlite_ended_reads_nothing_outside_its_snapshot(
    database: SqliteDatabase,
) -> None:
    with pytest.raises(DatabaseUnavailable, match="snapshot"):
        async with database.read() as tx:
            await system.organizations(tx)
            tx._connection.raw.execute("ROLLBACK")
            await system.organizations(tx)
    assert await read(database) == 0


async def test_a_reader_that_cannot_be_replaced_for_now_is_replaced_later(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable("too many open files")

    monkeypatch.setattr(database_module, "connect", fails)
    for _ in range(8):
        with pytest.raises(DatabaseUnavailable):
            async with database.read() as tx, database.read() as b, database.read() as c:
                async with database.read() as d:
                    for each in (tx, b, c, d):
                        await system.organizations(each)
                        each._connection.is_broken = True
                await read(database)
    monkeypatch.undo()
    all_four = [database.read() for _ in range(4)]
    for each in all_four:
        assert await system.organizations(each) == []
    for each in all_four:
        await each.end()
    assert [each.is_broken for each in database._readers._connections] == [False] * 4


async def test_a_cancelled_read_frees_its_reader_at_once(database: SqliteDatabase) -> None:
    async def endless() -> None:
        async with database.read() as tx:
            await tx.fetch(counting_to(ENDLESS), {})

    tasks = [asyncio.ensure_future(endless()) for _ in range(4)]
    while database.readers_in_use < 4:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    began = time.process_time()
    for task in tasks:
        task.cancel()
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)
    assert all(task.cancelled() for task in tasks)
    assert database.readers_in_use == 0
    assert await read(database) == 0
    assert time.process_time() - began < 2


async def test_a_read_cancelled_before_its_thread_begins_ends_too(
    database: SqliteDatabase,
) -> None:
    # The first moment at which the statement is on its way to the thread, without a pause.
    async def endless() -> None:
        async with database.read() as tx:
            await tx.fetch(counting_to(ENDLESS), {})

    for turns in range(6):
        task = asyncio.ensure_future(endless())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=30)
        assert task.cancelled()
    assert database.readers_in_use == 0


async def test_a_read_that_is_ended_under_its_statement_interrupts_it(
    database: SqliteDatabase,
) -> None:
    tx = database.read()
    orphan = asyncio.ensure_future(tx.fetch(counting_to(ENDLESS), {}))
    await asyncio.sleep(0.1)
    await asyncio.wait_for(tx.end(), 30)
    assert database.readers_in_use == 0
    with pytest.raises(DatabaseUnavailable):
        await orphan
    with pytest.raises(RuntimeError, match="ended"):
        await tx.fetch(counting_to(1), {})
    assert await read(database) == 0


async def test_tasks_share_one_reading_transaction(database: SqliteDatabase) -> None:
    await add_organization(database)
    async with database.read() as tx:
        assert len(await system.organizations(tx)) == 1
        long = [tx.fetch(counting_to(LONG), {}) for _ in range(3)]
        short = [system.organizations(tx) for _ in range(20)]
        later = asyncio.ensure_future(add_organization(database, "B"))
        found = await asyncio.gather(*long, *short)
        await later
        assert [rows[0][0] for rows in found[:3]] == [LONG] * 3
        assert {len(rows) for rows in found[3:]} == {1}
        assert database.readers_in_use == 1
        assert len(await system.organizations(tx)) == 1
    assert await read(database) == 2


async def test_another_tenant_is_served_while_one_floods(database: SqliteDatabase) -> None:
    async def flood() -> None:
        async with database.read("greedy") as tx:
            await tx.fetch(counting_to(ENDLESS), {})

    greedy = [asyncio.ensure_future(flood()) for _ in range(40)]
    while database.readers_in_use < 3:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    for tenant in ("polite", "", "polite"):
        async with asyncio.timeout(30), database.read(tenant) as tx:
            assert await system.organizations(tx) == []
    assert database.readers_in_use == 3
    for task in greedy:
        task.cancel()
    await asyncio.wait(greedy)
    assert (database.readers_in_use, database._readers._waiting) == (0, {})


async def test_the_tenant_with_the_fewest_readers_is_next(database: SqliteDatabase) -> None:
    order: list[str] = []
    leave = asyncio.Event()

    async def hold(tenant: str) -> None:
        async with database.read(tenant) as tx:
            await system.organizations(tx)
            order.append(tenant)
            await leave.wait()

    held = [asyncio.ensure_future(hold(tenant)) for tenant in "aaab"]
    await asyncio.sleep(0)
    waiting = [asyncio.ensure_future(hold(tenant)) for tenant in "aaabbc"]
    await asyncio.sleep(0)
    assert order == ["a", "a", "a", "b"]
    held[0].cancel()
    await asyncio.wait(held[:1])
    await asyncio.sleep(0)
    assert order[4:] == ["c"]
    leave.set()
    await asyncio.wait([*held, *waiting])
    assert sorted(order[4:]) == list("aaabbc")
    assert database.readers_in_use == 0


async def test_a_waiter_that_leaves_as_its_turn_comes_passes_it_on(
    database: SqliteDatabase,
) -> None:
    pool: Pool[Connection] = database._readers
    held = [await pool.take("") for _ in range(4)]
    leaving, staying = (asyncio.ensure_future(pool.take(tenant)) for tenant in "ab")
    await asyncio.sleep(0)
    pool.give_back(held.pop(), "")
    leaving.cancel()
    connection = await asyncio.wait_for(staying, 5)
    pool.give_back(connection, "b")
    for each in held:
        pool.give_back(each, "")
    assert (pool.in_use, pool._waiting) == (0, {})


async def test_waiting_for_a_reader_ends(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.pool.WAIT_SECONDS", 0.01)
    held: list[ReadTransaction] = [database.read() for _ in range(4)]
    for each in held:
        await system.organizations(each)
    with pytest.raises(DatabaseUnavailable, match="busy"):
        await read(database)
    for each in held:
        await each.end()
    assert await read(database) == 0


async def test_a_broken_constraint_is_our_fault_and_costs_no_connection(
    database: SqliteDatabase,
) -> None:
    row = OrganizationRow("1", "A", True, NOW)
    async with database.write() as tx:
        await system.add_organization(tx, row)
    with pytest.raises(StatementFailed, match="UNIQUE"):
        async with database.write() as tx:
            await system.add_organization(tx, row)
    assert not database._writer._connection.is_broken
    assert await read(database) == 1
