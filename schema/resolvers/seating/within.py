"""The transaction of one person in a room: the call that works in it, and who may be there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from db.models import AppointmentRow, EventSource, ParticipantRow
from db.queries import appointments, participants, rooms

from ...domain.seating import SeatCode, SeatRefused, ensure_open
from ...operation.call import Call, Caller, Services
from ...operation.work import unit_of_work

T = TypeVar("T")


@asynccontextmanager
async def acting(
    services: Services, organization_id: str, participant_id: str, request_id: str
) -> AsyncIterator[Call]:
    """Opens a transaction in which a participant acts; nobody else of the organization writes."""
    caller = Caller(organization_id, "", participant_id, "", ("write",))
    actor = f"participant:{participant_id}"
    async with unit_of_work(services, organization_id) as work:
        yield work.bind(Call(caller, services, EventSource.LINK, request_id, actor))


async def ensure_admitted(
    call: Call, participant_id: str, link_version: int
) -> tuple[AppointmentRow, ParticipantRow]:
    """Returns appointment and person while the link leads into the room; raises SeatRefused."""
    organization = await rooms.organization(call.tx)
    if organization is None or not organization.is_active:
        raise SeatRefused(SeatCode.NOT_OPEN)
    person = await participants.get(call.tx, participant_id)
    appointment = person and await appointments.get(call.tx, person.appointment_id)
    return ensure_open(appointment, person, link_version)


async def carried(
    services: Services, work: Coroutine[Any, Any, T], undo: Callable[[T], Coroutine[Any, Any, None]]
) -> T:
    """Returns what `work` returns; when nobody waits for it any more, has it undone."""
    task = services.spawn(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.cancelled():
            services.spawn(_undone(task, undo))
        raise


async def _undone(task: "asyncio.Task[T]", undo: Callable[[T], Coroutine[Any, Any, None]]) -> None:
    # Who has gone is told nothing of a failure, and a failure has left nothing to undo.
    with suppress(Exception):
        await undo(await task)
