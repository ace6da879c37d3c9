"""The transaction of one person in a room: the call that works in it, and who may be there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from db.models import AppointmentRow, EventSource, ParticipantRow
from db.queries import appointments, participants, rooms

from ...domain.seating import SeatCode, SeatRefused, ensure_open
from ...operation.call import Call, Caller, Services
from ...operation.work import unit_of_work


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
