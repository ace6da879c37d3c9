"""Transactions: one after another where they must be, one snapshot each, all of it or nothing."""

import asyncio

import pytest

from db.connect import open_database
from db.engine import Database, DatabaseUnavailable, StatementFailed, Tenancy
from db.location import Location
from db.queries import appointments, events, participants
from db.queries.filters import Filter

from .conftest import NOON, Pair, appointment, event, log, person, read, stored


async def test_parallel_writers_lose_nothing_and_number_without_gaps(
    location: Location, database: Database, pair: Pair
) -> None:
    """Two hundred read a version and raise it, on two handles and in two organizations."""
    second = await open_database(location)
    rows = {id: await stored(database, id, appointment()) for id in pair}

    async def raise_version(place: int) -> None:
        organization = pair[place % 2]
        async with (database, second)[place // 2 % 2].write(organization) as transaction:
            tx = Tenancy(transaction, organization)
            found = await appointments.get(tx, rows[organization].id)
            assert found is not None
            # No lost update: nobody came between the read and the write.
            assert await appointments.change(
                tx, found.id, found.version, {"title": f"{found.version}", "updated_at": NOON}
            )
            await events.append(tx, [event()])

    await asyncio.gather(*map(raise_version, range(200)))
    await second.close()
    for organization in pair:
        row = await read(database, organization, rows[organization].id)
        assert row is not None and (row.version, row.title) == (101, "100")
        numbers = [each.seq for each in await log(database, organization)]
        assert numbers == list(range(1, 101))


async def test_a_reader_sees_one_snapshot(database: Database, pair: Pair) -> None:
    row = await stored(database, pair.one, appointment())
    async with database.read(pair.one) as transaction:
        tx = Tenancy(transaction, pair.one)
        assert (await appointments.get(tx, row.id)) == row
        async with database.write(pair.one) as writing:
            await appointments.touch(Tenancy(writing, pair.one), row.id, NOON)
            await participants.add(Tenancy(writing, pair.one), [person(row.id)])
        assert (await appointments.get(tx, row.id)) == row
        assert await participants.all_of(tx, row.id) == []
    changed = await read(database, pair.one, row.id)
    assert changed is not None and changed.version == 2


async def test_tasks_that_share_a_snapshot_read_the_same(database: Database, pair: Pair) -> None:
    row = await stored(database, pair.one, appointment())
    async with database.read(pair.one) as transaction:
        tx = Tenancy(transaction, pair.one)
        found = await asyncio.gather(*[appointments.get(tx, row.id) for _ in range(20)])
    assert found == [row] * 20


async def test_a_write_sees_what_it_wrote_and_what_was_committed_before(
    database: Database, pair: Pair
) -> None:
    row = await stored(database, pair.one, appointment())
    async with database.write(pair.one) as transaction:
        tx = Tenancy(transaction, pair.one)
        await appointments.touch(tx, row.id, NOON, participants=2)
        found = await appointments.get(tx, row.id)
        assert found is not None and (found.version, found.participant_count) == (2, 2)
        # A reader does not.
        assert await read(database, pair.one, row.id) == row


async def test_an_operation_that_fails_leaves_nothing_behind(
    database: Database, pair: Pair
) -> None:
    async def write(fail: bool) -> None:
        async with database.write(pair.one) as tx:
            await events.append(Tenancy(tx, pair.one), [event()])
            if fail:
                raise KeyError("on purpose")

    outcomes = await asyncio.gather(
        *[write(place % 3 == 0) for place in range(60)], return_exceptions=True
    )
    assert sum(isinstance(outcome, KeyError) for outcome in outcomes) == 20
    assert [each.seq for each in await log(database, pair.one)] == list(range(1, 41))


async def test_a_violated_constraint_is_our_fault_and_undoes_the_operation(
    database: Database, pair: Pair
) -> None:
    row = await stored(database, pair.one, appointment())
    twin = person(row.id)
    wrong = [
        lambda tx: appointments.add(tx, row),
        lambda tx: appointments.add(tx, appointment(title="")),
        lambda tx: appointments.add(tx, appointment(duration_minutes=14)),
        lambda tx: appointments.add(tx, appointment(version=0)),
        lambda tx: participants.add(tx, [twin, person(row.id, unique_id=twin.unique_id)]),
        lambda tx: participants.add(tx, [person(appointment().id)]),
    ]
    for work in wrong:
        with pytest.raises(StatementFailed):
            async with database.write(pair.one) as transaction:
                tx = Tenancy(transaction, pair.one)
                await events.append(tx, [event()])
                await work(tx)
    assert await log(database, pair.one) == []
    # The appointment of another organization is none.
    with pytest.raises(StatementFailed):
        async with database.write(pair.other) as transaction:
            await participants.add(Tenancy(transaction, pair.other), [twin])


async def test_nothing_is_committed_where_a_failed_statement_was_passed_over(
    database: Database, pair: Pair
) -> None:
    """SQLite undoes the statement alone; PostgreSQL refuses everything that comes after it."""
    row = await stored(database, pair.one, appointment())
    try:
        async with database.write(pair.one) as transaction:
            tx = Tenancy(transaction, pair.one)
            await events.append(tx, [event()])
            with pytest.raises(StatementFailed):
                await appointments.add(tx, row)
    except DatabaseUnavailable:
        assert await log(database, pair.one) == []
    else:
        assert len(await log(database, pair.one)) == 1


async def test_a_caller_who_leaves_while_its_write_waits_blocks_nobody(
    database: Database, pair: Pair
) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.write(pair.one) as tx:
            await events.append(Tenancy(tx, pair.one), [event()])
            entered.set()
            await leave.wait()

    async def second() -> None:
        async with database.write(pair.one) as tx:
            await events.append(Tenancy(tx, pair.one), [event()])

    one = asyncio.ensure_future(first())
    await asyncio.wait_for(entered.wait(), 5)
    waiting = [asyncio.ensure_future(second()) for _ in range(5)]
    await asyncio.sleep(0.05)
    for task in waiting[::2]:
        task.cancel()
    leave.set()
    await asyncio.wait_for(one, 5)
    await asyncio.wait(waiting, timeout=5)
    assert len(await log(database, pair.one)) == 3


async def test_a_caller_who_leaves_in_the_middle_undoes_or_commits(
    database: Database, pair: Pair
) -> None:
    """Cancelled at any moment, also within a statement: the log has no gap and no half."""

    async def write() -> None:
        async with database.write(pair.one) as transaction:
            tx = Tenancy(transaction, pair.one)
            row = appointment()
            await appointments.add(tx, row)
            await participants.add(tx, [person(row.id) for _ in range(3)])
            await events.append(tx, [event(appointment_id=row.id)])

    for place in range(40):
        task = asyncio.ensure_future(write())
        await asyncio.sleep(place / 5_000)
        task.cancel()
        await asyncio.wait([task], timeout=5)
        assert task.done()
    await write()
    found = await log(database, pair.one)
    assert [each.seq for each in found] == list(range(1, len(found) + 1))
    for each in found:
        async with database.read(pair.one) as transaction:
            tx = Tenancy(transaction, pair.one)
            assert len(await participants.all_of(tx, each.appointment_id)) == 3
    assert await until_idle(database) == 0


async def until_idle(database: Database) -> int:
    """Returns how many connections are in use, once that are none or a second has passed."""
    for _ in range(100):
        if not database.readers_in_use:  # type: ignore[attr-defined]
            break
        await asyncio.sleep(0.01)
    return int(database.readers_in_use)  # type: ignore[attr-defined]


async def test_a_reading_transaction_changes_nothing(database: Database, pair: Pair) -> None:
    async with database.read(pair.one) as transaction:
        with pytest.raises(TypeError, match="@writes"):
            await appointments.touch(Tenancy(transaction, pair.one), "x", NOON)
    with pytest.raises(RuntimeError, match="ended"):
        await appointments.get(Tenancy(transaction, pair.one), "x")


async def test_nobody_takes_every_connection(database: Database, pair: Pair) -> None:
    """Who reads on and on leaves one for others, and is served when others are done."""
    leave = asyncio.Event()

    async def hold() -> None:
        async with database.read(pair.one) as transaction:
            await appointments.count(Tenancy(transaction, pair.one), Filter())
            await leave.wait()

    holding = [asyncio.ensure_future(hold()) for _ in range(30)]
    await asyncio.sleep(0.05)
    await asyncio.wait_for(read(database, pair.other, appointment().id), 5)
    leave.set()
    done, waiting = await asyncio.wait(holding, timeout=10)
    assert not waiting and all(task.exception() is None for task in done)
