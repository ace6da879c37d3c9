"""What the operations on appointments and on participants share."""

from datetime import datetime

from db.ids import new_id
from db.models import AppointmentRow, AppointmentStatus, ParticipantRow

from ..domain.admission import opening_hours
from ..inputs import NewParticipant
from ..operation.call import Call
from ..rooms import Seat


def new_participants(
    inputs: list[NewParticipant], now: datetime, appointment_id: str = ""
) -> list[ParticipantRow]:
    """Returns the rows of participants to add, in the order in which they were sent."""
    return [
        ParticipantRow(
            id=new_id(),
            appointment_id=appointment_id,
            unique_id=each.unique_id,
            display_name=each.display_name if isinstance(each.display_name, str) else None,
            role=each.role,
            link_version=1,
            created_at=now,
            updated_at=now,
        )
        for each in inputs
    ]


def put_out(call: Call, row: AppointmentRow, person: ParticipantRow) -> None:
    """Has the room service put a person out of a room that is open, where it can."""
    if row.status is AppointmentStatus.ACTIVE:
        closes_at = opening_hours(row, person.role, call.services.window)[1]
        own = call.caller.organization
        seat = Seat(row, person, own.id, own.name, call.now(), closes_at)
        call.afterwards(call.services.rooms.eject(seat))
