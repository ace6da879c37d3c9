"""What the operations on appointments and on participants share, and what the latter return."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from strawberry import UNSET

from db.ids import new_id
from db.models import AppointmentRow, AppointmentStatus, EventType, ParticipantRow
from db.queries import participants

from ..domain.admission import opening_hours
from ..inputs import NewParticipant
from ..operation.call import Call
from ..rooms import Seat
from .stays import vacate


class Added(NamedTuple):
    """What adding participants did."""

    appointment: AppointmentRow
    added: list[ParticipantRow]
    already_present: list[ParticipantRow]


class Removed(NamedTuple):
    """What removing participants did."""

    appointment: AppointmentRow
    removed_participant_ids: list[str]
    unknown_ids: list[str]


class RemovedOne(NamedTuple):
    """What removing one participant did."""

    appointment: AppointmentRow
    removed_participant_id: str


def new_participants(
    inputs: list[NewParticipant], now: datetime, appointment_id: str = ""
) -> list[ParticipantRow]:
    """Returns the rows of participants to add, in the order in which they were sent."""
    same: dict[str, Any] = {
        "appointment_id": appointment_id,
        "link_version": 1,
        "created_at": now,
        "updated_at": now,
    }
    return [ParticipantRow(id=new_id(), **given_values(each), **same) for each in inputs]


def given_values(input: Any) -> dict[str, Any]:
    """Returns the fields of an input by name; what was left out is None."""
    values: dict[str, Any] = vars(input).copy()
    for name in _optional(input.__class__):
        if values[name] is UNSET:
            values[name] = None
    return values


@cache
def _optional(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.default is UNSET)


async def take_out(call: Call, row: AppointmentRow, people: Sequence[ParticipantRow]) -> int:
    """Removes people from an appointment, with an event for each; returns how many.

    Their links are dead at once, their seats in a room that is open are given up.
    """
    ids = [person.id for person in people]
    if row.status is AppointmentStatus.ACTIVE:
        await vacate(call, row.id, ids)
    count = await participants.remove(call.tx, row.id, ids)
    for person in people:
        call.record(EventType.PARTICIPANT_REMOVED, row.id, participant_id=person.id)
        put_out(call, row, person)
    return count


def put_out(call: Call, row: AppointmentRow, person: ParticipantRow) -> None:
    """Has the room service put a person out of a room that is open, where it can."""
    if row.status is AppointmentStatus.ACTIVE:
        closes_at = opening_hours(row, person.role, call.services.window)[1]
        own = call.caller.organization
        seat = Seat(row, person, own.id, own.name, call.now(), closes_at)
        call.afterwards(call.services.rooms.eject(seat))
