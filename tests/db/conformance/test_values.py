"""What is stored comes back as it was, from every engine."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from db.engine import Database, StatementFailed, Tenancy
from db.ids import new_id
from db.models import AppointmentStatus, EventType, ParticipantRole
from db.queries import appointments, events, participants
from db.queries.appointments import KeysetPage
from db.queries.filters import Filter, OrderField

from .conftest import NOON, Pair, appointment, event, log, person, read, stored

TEXTS = [
    "Ä", "A\u0308", "漢字", "😀👩‍👩‍👧", "שלום", "'; DROP TABLE appointment; --", "\\x00", "%_", "$1 ? :a",
    " trailing ", "line\nline\r\n\ttab", "\u2028", "\uffff", "\U0010ffff", '"', "{}", "NULL", "\x7f",
]  # fmt: skip
INSTANTS = [
    NOON.replace(microsecond=1),
    NOON.replace(microsecond=999_999),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_998, UTC),
]
DOCUMENTS: list[Any] = [
    {},
    {"z": True, "a": False, "": None, "Ä😀": True},
    {"deep": [[[{"a": [1, 2.5, -0.0, 1e300, 2**63 - 1, "\x00", "\u2028", '"\\']}]]]},
    {str(number): number for number in range(500)},
]


@pytest.mark.parametrize("text", TEXTS)
async def test_texts(database: Database, pair: Pair, text: str) -> None:
    row = appointment(title=text, cancel_reason=text)
    assert await stored(database, pair.one, row) == row


async def test_a_text_of_the_longest_length(database: Database, pair: Pair) -> None:
    row = appointment(title="😀" * 255)
    assert await stored(database, pair.one, row) == row
    with pytest.raises(StatementFailed):
        await stored(database, pair.one, appointment(title="😀" * 256))


@pytest.mark.parametrize("instant", INSTANTS, ids=str)
async def test_instants(database: Database, pair: Pair, instant: datetime) -> None:
    row = appointment(start_date_time=instant, clock_end_at=instant)
    found = await stored(database, pair.one, row)
    assert found == row
    assert found.start_date_time.tzinfo is UTC


async def test_an_instant_is_the_same_whatever_its_offset(database: Database, pair: Pair) -> None:
    behind = NOON.astimezone(timezone(timedelta(hours=-7, minutes=-30)))
    found = await stored(database, pair.one, appointment(start_date_time=behind))
    assert found.start_date_time == NOON and found.start_date_time.tzinfo is UTC
    with pytest.raises(ValueError, match="offset"):
        await stored(database, pair.one, appointment(start_date_time=NOON.replace(tzinfo=None)))


async def test_instants_sort_as_they_follow_each_other(database: Database, pair: Pair) -> None:
    for instant in reversed(INSTANTS):
        await stored(database, pair.one, appointment(start_date_time=instant))
    page = KeysetPage(10, OrderField.START_DATE_TIME, descending=False)
    async with database.read(pair.one) as transaction:
        rows = await appointments.keyset_page(Tenancy(transaction, pair.one), Filter(), page)
    assert [row.start_date_time for row in rows] == sorted(INSTANTS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: str(each)[:20])
async def test_documents_keep_their_values_and_the_order_of_their_keys(
    database: Database, pair: Pair, document: Any
) -> None:
    found = await stored(database, pair.one, appointment(config=document))
    assert found.config == document
    assert list(found.config or {}) == list(document)
    async with database.write(pair.one) as tx:
        await events.append(Tenancy(tx, pair.one), [event(data=document, changed_fields=TEXTS)])
    (logged,) = await log(database, pair.one)
    assert (logged.data, logged.changed_fields) == (document, TEXTS)


async def test_nothing_is_nothing(database: Database, pair: Pair) -> None:
    found = await stored(database, pair.one, appointment(config=None))
    assert found.config is None and found.cancel_reason is None and found.started_at is None
    async with database.write(pair.one) as tx:
        await events.append(Tenancy(tx, pair.one), [event(data=None)])
    assert (await log(database, pair.one))[0].data is None


async def test_words_and_ids_are_those_that_were_stored(database: Database, pair: Pair) -> None:
    for status in AppointmentStatus:
        found = await stored(database, pair.one, appointment(status=status))
        assert found.status is status
    row = appointment()
    await stored(database, pair.one, row)
    people = [person(row.id, role=role) for role in ParticipantRole]
    async with database.write(pair.one) as transaction:
        tx = Tenancy(transaction, pair.one)
        await participants.add(tx, people)
        read_again = await participants.all_of(tx, row.id)
    assert read_again == sorted(people, key=lambda each: each.id)
    assert all(type(each.id) is str for each in read_again)


@pytest.mark.parametrize("size", [0, 1, 2, 1_000, 20_000])
async def test_lists_of_any_length(database: Database, pair: Pair, size: int) -> None:
    rows = [await stored(database, pair.one, appointment()) for _ in range(3)]
    ids = [new_id() for _ in range(size)] + [row.id for row in rows[: min(size, 2)]] * 2
    async with database.read(pair.one) as transaction:
        found = await appointments.get_many(Tenancy(transaction, pair.one), ids)
        assert sorted(found) == sorted(rows[: min(size, 2)])
        none = await appointments.get_many(Tenancy(transaction, pair.other), ids)
        assert none == []


async def test_words_in_lists(database: Database, pair: Pair) -> None:
    kinds = [EventType.APPOINTMENT_CREATED, EventType.PARTICIPANT_JOINED]
    async with database.write(pair.one) as tx:
        await events.append(
            Tenancy(tx, pair.one),
            [event(type=type, participant_id=new_id()) for type in [*kinds, *kinds]],
        )
    async with database.read(pair.one) as transaction:
        tx = Tenancy(transaction, pair.one)
        for types, count in ((tuple(kinds), 4), ((kinds[1],), 2), ((), 0)):
            found = await events.part(tx, events.EventFilter(types), 0, 2**62, 10)
            assert len(found) == count


async def test_numbers_of_events_go_beyond_32_bits(database: Database, pair: Pair) -> None:
    async with database.write(pair.one) as transaction:
        tx = Tenancy(transaction, pair.one)
        # As if four thousand million events had been written and swept away.
        await tx.execute(events._NUMBER, amount=2**32, appointments=0)
    async with database.write(pair.one) as transaction:
        assert await events.append(Tenancy(transaction, pair.one), [event()]) == 2**32 + 1
    async with database.read(pair.one) as transaction:
        (found,) = await events.after(Tenancy(transaction, pair.one), 2**32, 10)
    assert found.seq == 2**32 + 1


async def test_many_rows_at_once(database: Database, pair: Pair) -> None:
    row = await stored(database, pair.one, appointment())
    people = [person(row.id) for _ in range(1_000)]
    async with database.write(pair.one) as transaction:
        tx = Tenancy(transaction, pair.one)
        await participants.add(tx, people)
        removed = await participants.remove(tx, row.id, [each.id for each in people[:600]])
        assert removed == 600
        assert len(await participants.all_of(tx, row.id)) == 400
        # With its participants.
        await appointments.remove(tx, row._replace(participant_count=400))
    assert await read(database, pair.one, row.id) is None


async def test_a_change_of_what_is_not_there_changes_nothing(
    database: Database, pair: Pair
) -> None:
    row = await stored(database, pair.one, appointment())
    async with database.write(pair.other) as transaction:
        tx = Tenancy(transaction, pair.other)
        values = {"title": "Mine", "updated_at": NOON}
        assert not await appointments.change(tx, row.id, row.version, values)
        assert await participants.remove(tx, row.id, [new_id()]) == 0
    assert await read(database, pair.one, row.id) == row


async def test_a_stream_of_reads_and_writes_at_once(database: Database, pair: Pair) -> None:
    """Every variant at the same time, as a busy minute has it."""
    row = await stored(database, pair.one, appointment())

    async def some(place: int) -> None:
        if place % 4 == 0:
            await stored(database, pair.other, appointment())
        elif place % 4 == 1:
            async with database.write(pair.one) as tx:
                await appointments.touch(Tenancy(tx, pair.one), row.id, NOON)
        else:
            assert await read(database, pair.one, row.id)

    await asyncio.gather(*map(some, range(200)))
    found = await read(database, pair.one, row.id)
    assert found is not None and found.version == 51
