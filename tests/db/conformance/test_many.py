"""Many rows at once: as fast as the engine can, and by the same rules as one."""

import pytest

from db.engine import Database, StatementFailed, Tenancy
from db.queries import appointments, participants

from .conftest import Pair, appointment, person


async def test_a_thousand_rows_are_stored_as_one_is(database: Database, pair: Pair) -> None:
    booked = appointment()
    people = [person(booked.id, unique_id=f"p{number}") for number in range(1000)]
    async with database.write(pair.one) as transaction:
        tx = Tenancy(transaction, pair.one)
        await appointments.add(tx, booked)
        await participants.add(tx, people)
        assert sorted(await participants.all_of(tx, booked.id)) == sorted(people)
    async with database.read(pair.other) as transaction:
        assert await participants.all_of(Tenancy(transaction, pair.other), booked.id) == []


async def test_one_row_that_is_refused_takes_all_back(database: Database, pair: Pair) -> None:
    booked = appointment()
    people = [person(booked.id, unique_id=f"p{number % 999}") for number in range(1000)]
    with pytest.raises(StatementFailed):
        async with database.write(pair.one) as transaction:
            tx = Tenancy(transaction, pair.one)
            await appointments.add(tx, booked)
            await participants.add(tx, people)
    async with database.read(pair.one) as transaction:
        assert await appointments.get(Tenancy(transaction, pair.one), booked.id) is None
