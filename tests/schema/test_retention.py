"""Old events go, and whoever needs one of them is told; what attendance is read off stays."""

from contextlib import aclosing
from datetime import timedelta

import pytest

from db.ids import new_id
from db.models import EventType
from db.queries import events
from schema.domain.errors import CursorExpired
from schema.inputs import NewAppointment, NewParticipant
from schema.operation.call import Call, Services
from schema.resolvers import retention
from schema.resolvers.appointments import create_appointment, delete_appointment
from schema.resolvers.clockwork import tick
from schema.resolvers.events import BATCH, follow_events, list_events
from schema.resolvers.loaders import attendance_loader
from schema.resolvers.retention import sweep
from tests.conftest import NOON, MovableClock
from tests.people import Tenant, add_tenant
from tests.schema.following import call_of, cursor, happen, next_of, some_of, tenancy

JOINED = EventType.PARTICIPANT_JOINED


@pytest.fixture
async def call(services: Services, tenant: Tenant) -> Call:
    return await call_of(services, tenant, "write")


async def kept(call: Call) -> list[int]:
    """The numbers that are in the table, also below the floor."""
    async with call.services.database.read() as transaction:
        return [each.seq for each in await events.after(tenancy(call, transaction), 0, 10_000)]


async def test_events_go_after_their_time_and_not_before(call: Call, clock: MovableClock) -> None:
    await happen(call, *[EventType.APPOINTMENT_UPDATED] * 3)
    clock.move(days=1)
    await happen(call)
    clock.set(NOON + timedelta(days=30, microseconds=-1))
    assert await sweep(call.services) == 0
    clock.set(NOON + timedelta(days=30))
    assert await sweep(call.services) == 3
    assert await kept(call) == [4]
    clock.move(days=1)
    assert await sweep(call.services) == 1
    # Numbers go on behind those that are gone.
    await happen(call)
    assert await kept(call) == [5]


async def test_what_was_removed_is_known(call: Call, clock: MovableClock) -> None:
    await happen(call, *[EventType.APPOINTMENT_UPDATED] * 3)
    clock.move(days=30)
    await happen(call, *[EventType.APPOINTMENT_UPDATED] * 2)
    assert await sweep(call.services) == 3
    for after in (cursor(call, 0), cursor(call, 2)):
        for asked in (follow_events, list_events):
            with pytest.raises(CursorExpired):
                await asked(call, after=after)
    # The last that was removed: whoever has seen it has missed nothing.
    for after in (cursor(call, 3), ""):
        page = await list_events(call, after=after)
        assert [each.seq for each in page.rows] == [4, 5]
        async with aclosing(await follow_events(call, after)) as stream:
            assert await some_of(stream, 2) == [4, 5]


async def test_a_log_without_events_can_be_followed(call: Call, clock: MovableClock) -> None:
    await happen(call)
    clock.move(days=30)
    await sweep(call.services)
    for after in (None, "", cursor(call, 1)):
        page = await list_events(call, after=after)
        assert (list(page.rows), page.has_next, page.end) == ([], False, cursor(call, 1))
    streams = [await follow_events(call, after) for after in (None, "", cursor(call, 1))]
    await happen(call)
    for stream in streams:
        assert await some_of(stream, 1) == [2]
        await stream.aclose()


async def test_who_reads_too_slowly_is_told_so(call: Call, clock: MovableClock) -> None:
    await happen(call, *[EventType.APPOINTMENT_UPDATED] * (BATCH + 1))
    async with aclosing(await follow_events(call, "")) as stream:
        assert await some_of(stream, BATCH) == list(range(1, BATCH + 1))
        clock.move(days=30)
        await happen(call)
        await sweep(call.services)
        with pytest.raises(CursorExpired):
            await next_of(stream)


async def test_a_follower_at_the_end_misses_nothing(call: Call, clock: MovableClock) -> None:
    async with aclosing(await follow_events(call)) as stream:
        for seq in range(1, 4):
            await happen(call)
            assert await some_of(stream, 1) == [seq]
            clock.move(days=31)
            assert await sweep(call.services) == 1
    assert await kept(call) == []


async def test_stays_are_kept_for_attendance_below_the_floor(
    call: Call, clock: MovableClock
) -> None:
    booked = await create_appointment(
        call,
        NewAppointment(
            title="Passport",
            start_date_time=NOON + timedelta(days=90),
            duration_minutes=30,
            participants=[NewParticipant(unique_id="a", role="moderator")],  # type: ignore[arg-type]
        ),
    )
    assert booked.participants
    (person,) = booked.participants
    await happen(call, JOINED, appointment_id=booked.id, participant_id=person.id)
    # Of somebody who is not there any more nobody asks for attendance.
    await happen(call, JOINED, appointment_id=booked.id, participant_id=new_id())
    clock.move(days=31)
    assert await sweep(call.services) == 3
    assert await kept(call) == [2]
    assert list((await list_events(call)).rows) == []
    (stay,) = await attendance_loader(call).load(person.id)
    assert stay.joined_at == NOON
    assert await sweep(call.services) == 0
    await delete_appointment(call, booked.id)


async def test_a_pass_is_bounded_and_takes_every_organization(
    services: Services, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 4)
    monkeypatch.setattr(retention, "LOGS", 2)
    calls = [await call_of(services, await add_tenant(services, f"{n}"), "write") for n in range(3)]
    for call in calls:
        await happen(call, *[EventType.APPOINTMENT_UPDATED] * 6)
    clock.move(days=31)
    passes = []
    while removed := await sweep(services):
        passes.append(removed)
    assert max(passes) <= 8
    assert sum(passes) == 18
    assert [await kept(call) for call in calls] == [[], [], []]


async def test_nothing_is_removed_while_the_clock_is_not_trusted(
    call: Call, clock: MovableClock
) -> None:
    await happen(call)
    await tick(call.services)
    clock.jump(days=40)
    await tick(call.services)
    assert await sweep(call.services) == 0
    for _ in range(2):
        clock.move(minutes=5)
        await tick(call.services)
    assert await sweep(call.services) == 1


async def test_an_event_that_is_reported_late_goes_with_its_neighbours(
    call: Call, clock: MovableClock
) -> None:
    await happen(call)
    clock.move(days=-20)
    await happen(call)
    clock.set(NOON + timedelta(days=15))
    # The second is old enough, the first is not: order is by number, so both stay.
    assert await sweep(call.services) == 0
    clock.set(NOON + timedelta(days=30))
    assert await sweep(call.services) == 2
