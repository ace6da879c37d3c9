"""The embedded engine: turns, shared commits, durability, tenant by tenant."""

import asyncio
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from db.compiler import UnscopedStatement, describe
from db.engine import DatabaseUnavailable, Tenancy
from db.ids import new_id
from db.queries import events, system
from db.sqlite import SqliteDatabase
from db.tables import Appointment
from db.values import SQLITE

from .conftest import NOW, Written, add_organization


def event(**values: Any) -> dict[str, Any]:
    return {
        "id": new_id(), "type": "t", "appointment_id": new_id(), "participant_id": None,
        "changed_fields": [], "data": None, "actor": "a", "source": "rest", "request_id": "r",
        "occurred_at": NOW, **values,
    }  # fmt: skip


async def test_two_hundred_writers_lose_nothing_and_number_without_gaps(
    database: SqliteDatabase,
) -> None:
    organization = await add_organization(database)

    async def write() -> int:
        async with database.write() as tx:
            return await events.append(Tenancy(tx, organization), [event()])

    numbers = await asyncio.gather(*[write() for _ in range(200)])
    assert sorted(numbers) == list(range(1, 201))


async def test_a_failed_operation_undoes_only_its_own_changes(
    database: SqliteDatabase,
) -> None:
    organization = await add_organization(database)

    async def write(fail: bool) -> None:
        async with database.write() as tx:
            await events.append(Tenancy(tx, organization), [event()])
            if fail:
                raise KeyError("on purpose")

    outcomes = await asyncio.gather(
        *[write(place % 3 == 0) for place in range(60)], return_exceptions=True
    )
    assert sum(isinstance(outcome, KeyError) for outcome in outcomes) == 20
    async with database.read() as tx:
        log = await events.after(Tenancy(tx, organization), 0, 100)
    assert [each.seq for each in log] == list(range(1, 41))


async def test_waiting_writers_share_a_commit(database: SqliteDatabase) -> None:
    organization = await add_organization(database)
    commits = 0
    commit = database._writer._connection.threaded.commit

    async def counted() -> None:
        nonlocal commits
        commits += 1
        await commit()

    database._writer._connection.threaded.commit = counted  # type: ignore[method-assign]

    async def write() -> None:
        async with database.write() as tx:
            await events.append(Tenancy(tx, organization), [event()])

    await asyncio.gather(*[write() for _ in range(64)])
    assert commits <= 4


async def test_a_writer_that_is_cancelled_while_it_waits_blocks_nobody(
    database: SqliteDatabase,
) -> None:
    organization = await add_organization(database)
    entered, leave = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.write() as tx:
            await events.append(Tenancy(tx, organization), [event()])
            entered.set()
            await leave.wait()

    async def second() -> None:
        async with database.write():
            pass

    one = asyncio.ensure_future(first())
    await entered.wait()
    two = asyncio.ensure_future(second())
    await asyncio.sleep(0)
    leave.set()
    await asyncio.sleep(0)
    two.cancel()
    await asyncio.wait_for(one, 5)
    async with database.read() as tx:
        assert len(await events.after(Tenancy(tx, organization), 0, 10)) == 1


async def test_a_lock_held_by_another_process_is_waited_for(
    database: SqliteDatabase, path: Path
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(add_organization(database))
    await asyncio.wait([waiting], timeout=0.05)
    assert not waiting.done()
    other.execute("COMMIT")
    other.close()
    assert await asyncio.wait_for(waiting, 5)


async def test_a_lock_that_stays_is_a_clear_error(database: SqliteDatabase, path: Path) -> None:
    database._writer._busy_seconds = 0.05
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable):
        await add_organization(database)
    other.close()
    assert await add_organization(database)


async def test_a_reader_sees_one_snapshot(database: SqliteDatabase) -> None:
    async with database.read() as tx:
        assert await system.organizations(tx) == []
        await add_organization(database)
        assert await system.organizations(tx) == []
    async with database.read() as tx:
        assert len(await system.organizations(tx)) == 1


async def test_a_long_statement_moves_to_the_thread(database: SqliteDatabase) -> None:
    endless = Written(
        select(text("count(*)")).select_from(
            text(
                "(WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1000000)"
                " SELECT x FROM n)"
            )
        )
    )
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0)

    pulse = asyncio.ensure_future(beat())
    async with database.read() as tx:
        rows = await tx.fetch(endless, {})
    pulse.cancel()
    assert rows[0][0] == 1_000_000
    assert beats > 10


def test_a_commit_waits_for_the_disk(path: Path) -> None:
    async def opened() -> list[int]:
        database = await SqliteDatabase.open(path)
        connections = [*database._readers._connections, database._writer._connection]
        found = [each.raw.execute("PRAGMA synchronous").fetchone()[0] for each in connections]
        await database.close()
        return found

    assert set(asyncio.run(opened())) == {2}


@pytest.mark.parametrize(
    "clause",
    [
        select(Appointment.__table__.c.id),
        select(Appointment.__table__.c.id).where(Appointment.__table__.c.organization_id == "x"),
        delete(Appointment).where(Appointment.__table__.c.id == "x"),
        update(Appointment).values(title="x"),
        insert(Appointment).values(id="x"),
    ],
)
@pytest.mark.filterwarnings("ignore:Column 'appointment.organization_id':sqlalchemy.exc.SAWarning")
def test_a_statement_without_the_tenant_filter_cannot_be_compiled(clause: Any) -> None:
    with pytest.raises(UnscopedStatement):
        describe(clause, SQLITE)
    assert describe(clause, SQLITE, crosses=True).text


async def test_opening_that_is_cancelled_leaves_no_thread(path: Path) -> None:
    before = set(threading.enumerate())
    for steps in range(40):
        opening = asyncio.ensure_future(SqliteDatabase.open(path))
        for _ in range(steps):
            await asyncio.sleep(0.001)
        opening.cancel()
        with suppress(asyncio.CancelledError):
            await (await opening).close()
        # A thread ends a moment after it has said that its connection is closed.
        for thread in set(threading.enumerate()) - before:
            thread.join(10)
            assert not thread.is_alive()
