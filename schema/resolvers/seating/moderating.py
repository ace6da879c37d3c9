"""What moderators do from their seat: admit, remove, end for everybody."""

from collections.abc import Sequence

from db.models import AppointmentRow, ParticipantRole, SeatRow, SeatState
from db.queries import appointments, participants, rooms

from ...domain import rules as appointment_rules
from ...domain import seating as rules
from ...domain.seating import SeatCode, SeatRefused
from ...operation.call import Call, Services
from ...rooms import BuiltinRooms
from .. import stays
from ..lifecycle import step
from ..people import take_out
from .within import acting, ensure_admitted

ONESELF = "You cannot remove yourself: leave the room instead."


async def admit(
    services: Services, by: SeatRow, seat_ids: Sequence[str] | None, request_id: str
) -> list[str]:
    """Seats those who wait, or as many as there is room for; None admits all.

    Returns their seats. Raises SeatRefused, DatabaseUnavailable.
    """
    async with acting(services, by.organization_id, by.participant_id, request_id) as call:
        row = await _moderated(call, by)
        seats = await rooms.seats(call.tx, row.id)
        admitted = rules.to_admit(seats, seat_ids, _most(services))
        ids = [seat.id for seat in admitted]
        await rooms.admit_seats(call.tx, row.id, ids, rules.seated_at(seats, call.now()))
        for seat in admitted:
            await stays.begin(call, row.id, seat.participant_id, seat.id, is_admitted=True)
    return ids


async def remove(services: Services, by: SeatRow, seat_id: str, request_id: str) -> str:
    """Removes the person on a seat from the appointment, as `removeParticipant` does.

    Returns the participant's id. Raises SeatRefused, DatabaseUnavailable.
    """
    async with acting(services, by.organization_id, by.participant_id, request_id) as call:
        row = await _moderated(call, by)
        appointment_rules.ensure_participants_changeable(row)
        seats = await rooms.seats(call.tx, row.id)
        found = [seat.participant_id for seat in seats if seat.id == seat_id]
        person = await participants.get(call.tx, found[0]) if found else None
        if person is None:
            raise SeatRefused(SeatCode.NO_SUCH_PERSON)
        if person.id == by.participant_id:
            raise SeatRefused(SeatCode.NOT_ALLOWED, ONESELF)
        count = await take_out(call, row, [person])
        await appointments.touch(call.tx, row.id, call.now(), -count)
    return person.id


async def end(services: Services, by: SeatRow, request_id: str) -> None:
    """Completes the appointment, which closes the room for everybody.

    Raises SeatRefused, DatabaseUnavailable.
    """
    async with acting(services, by.organization_id, by.participant_id, request_id) as call:
        await step(call, await _moderated(call, by), appointment_rules.COMPLETE)


async def _moderated(call: Call, by: SeatRow) -> AppointmentRow:
    """Returns the appointment when somebody who is seated runs it, by the role of now."""
    row, person = await ensure_admitted(call, by.participant_id, by.link_version)
    found = await rooms.seats_by_ids(call.tx, [by.id])
    is_seated = bool(found) and found[0].state is SeatState.SEATED
    if not is_seated or person.role is not ParticipantRole.MODERATOR:
        raise SeatRefused(SeatCode.NOT_ALLOWED)
    return row


def _most(services: Services) -> int:
    return services.rooms.seats if isinstance(services.rooms, BuiltinRooms) else 0
