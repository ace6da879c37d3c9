"""Stays in the room as the log has them, and the seats of the built-in room that they begin with.

The event with which a stay on a seat begins has the id of the seat, and the one that ends it names
the seat: two devices of one person are two stays.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from db.models import (
    AppointmentRow,
    AppointmentStatus,
    EventType,
    ParticipantRole,
    ParticipantRow,
    SeatRow,
    SeatState,
)
from db.queries import events, rooms

from ..domain.attendance import MOST_A_DAY, SEAT, is_counted
from ..domain.seating import seated_at, to_promote
from ..operation.call import Call
from ..rooms import BuiltinRooms


async def begin(
    call: Call,
    appointment_id: str,
    participant_id: str,
    seat_id: str | None = None,
    *,
    is_admitted: bool = False,
) -> None:
    """Records that somebody joined, unless the link has been used too often today.

    Of those whom a moderator let in, that too: no more often than they joined.
    """
    if not await is_recorded(call, participant_id, EventType.PARTICIPANT_JOINED):
        return
    if is_admitted:
        call.record(EventType.PARTICIPANT_ADMITTED, appointment_id, participant_id=participant_id)
    call.record(
        EventType.PARTICIPANT_JOINED, appointment_id, participant_id=participant_id, id=seat_id
    )


async def seat_moderator(call: Call, row: AppointmentRow, person: ParticipantRow) -> None:
    """Seats somebody who waits and is a moderator now, as far as there is room.

    Nobody has to let a moderator in.
    """
    room = call.services.rooms
    is_moderator = person.role is ParticipantRole.MODERATOR
    if (
        not isinstance(room, BuiltinRooms)
        or not is_moderator
        or row.status is not AppointmentStatus.ACTIVE
    ):
        return
    seats = await rooms.seats(call.tx, row.id)
    own = to_promote(seats, person.id, room.seats)
    at = seated_at(seats, call.now())
    for seat in own:
        await rooms.admit_seats(call.tx, row.id, [seat.id], at)
        await begin(call, row.id, person.id, seat.id)


async def is_recorded(call: Call, participant_id: str, type: EventType) -> bool:
    """Whether one more join or leave of a link is recorded today."""
    earlier = await events.nth_latest(call.tx, participant_id, type, MOST_A_DAY)
    return is_counted(earlier, call.now())


async def give_up(
    call: Call, seats: Sequence[SeatRow], left_at: Callable[[SeatRow], datetime]
) -> None:
    """Removes seats of one organization, and records who left when."""
    for seat in seats:
        await rooms.remove_seats(call.tx, seat.appointment_id, [seat.id])
        # Who joined too often is not in the log, and does not leave in it either.
        if not await events.exists(call.tx, seat.id):
            await rooms.remember_given_up(call.tx, seat.appointment_id, seat.id, call.now())
        elif seat.state is SeatState.SEATED:
            call.record(
                EventType.PARTICIPANT_LEFT,
                seat.appointment_id,
                participant_id=seat.participant_id,
                data={SEAT: seat.id},
                occurred_at=left_at(seat),
            )


async def was_taken(call: Call, appointment_id: str, seat_id: str) -> bool:
    """Whether a seat was taken and given up before, as far back as a ticket is good."""
    return await events.exists(call.tx, seat_id) or await rooms.was_given_up(
        call.tx, appointment_id, seat_id
    )


async def vacate(
    call: Call, appointment_id: str, participant_ids: Sequence[str] | None = None
) -> None:
    """Empties the built-in room of an appointment, or the seats of some of its people, now."""
    if not isinstance(call.services.rooms, BuiltinRooms):
        return
    if participant_ids is None:
        seats = await rooms.seats(call.tx, appointment_id)
    else:
        seats = await rooms.seats_of_people(call.tx, appointment_id, list(participant_ids))
    now = call.now()
    await give_up(call, seats, lambda seat: seat.absent_since or now)
