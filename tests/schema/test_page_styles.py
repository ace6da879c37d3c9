"""One resolver a list, whatever the style of its pages: numbered, or a Relay connection."""

from collections.abc import Awaitable
from typing import Any

import pytest
from starlette.applications import Starlette

from db.models import EventSource
from schema.inputs import NewAppointment, NewParticipant
from schema.operation.call import Call, Caller
from schema.resolvers.appointments import create_appointment, get_appointment, list_appointments
from schema.resolvers.pages import FIRST_PAGE, Connection, PageNumber
from schema.resolvers.participants import list_participants
from tests.conftest import MovableClock
from tests.people import Tenant


@pytest.fixture
async def call(app: Starlette, tenant: Tenant) -> Call:
    caller = Caller(tenant.id, tenant.name, "t", "t", ("write",))
    return Call(caller, app.state.lifespan["services"], EventSource.REST, "r")


async def booked(call: Call, clock: MovableClock, people: int) -> Any:
    wanted = NewAppointment(
        title="T",
        start_date_time=clock.now(),
        duration_minutes=30,
        participants=[NewParticipant(unique_id=f"{n}", role="moderator") for n in range(people)],  # type: ignore[arg-type]
    )
    return await create_appointment(call, input=wanted)


async def test_appointments_are_the_same_in_both_styles(call: Call, clock: MovableClock) -> None:
    for _ in range(5):
        await booked(call, clock, 1)
    numbered = await list_appointments(call, page=PageNumber(1, 3))
    connection = await list_appointments(call, first=3)
    assert [row.id for row in numbered.rows] == [row.id for row in connection.rows]
    assert connection.count is not None
    assert numbered.total == await connection.count() == 5
    assert numbered.has_next is connection.has_next is True
    handed_in = await list_appointments(call, page=Connection(first=3))
    assert handed_in.rows == connection.rows


@pytest.mark.parametrize("page", [FIRST_PAGE, Connection(first=3), Connection(last=3)])
async def test_participants_are_the_same_read_or_loaded(
    call: Call, clock: MovableClock, page: Connection
) -> None:
    bare = await get_appointment(call, id=(await booked(call, clock, 5)).id)
    full = await get_appointment(call, id=bare.id, with_participants=True)  # type: ignore[arg-type,union-attr]
    assert bare is not None and full is not None
    read = list_participants(call, bare.id, page=page, row=bare)
    assert isinstance(read, Awaitable)
    found = await read
    loaded = list_participants(call, full.id, page=page, row=full)
    assert not isinstance(loaded, Awaitable)
    by_id = await list_participants(call, bare.id, page=page)
    for each in (loaded, by_id):
        assert list(each.rows) == list(found.rows)
        assert (each.has_next, each.has_previous) == (found.has_next, found.has_previous)
        assert each.total == 5
    if page.last is None:
        size = page.first or 5
        numbered = await list_participants(call, bare.id, page=PageNumber(1, size))
        assert list(numbered.rows) == list(found.rows)
