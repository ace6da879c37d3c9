"""Who is in a room, and who waits to be admitted."""

import re
from datetime import datetime
from typing import NamedTuple

from db.engine import Tenancy
from db.models import AppointmentRow, AppointmentStatus, OccupantRow, ParticipantRole, SeatState
from db.queries import appointments, rooms

from ...domain.admission import opening_hours
from ...operation.call import Services
from ...rooms.seat import CONTROLS

# They turn around what comes behind them: embeddings, overrides, isolates and marks of UAX #9.
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


class SeatedPerson(NamedTuple):
    """A person on a seat; `name` is empty when none was given, `since` when the seat was taken.

    A name is one line that says nothing about the direction of what stands beside it.
    """

    seat_id: str
    participant_id: str
    name: str
    role: ParticipantRole
    holder: str
    since: datetime
    is_absent: bool


class Roster(NamedTuple):
    """A room as it is now, each list in the order of arrival; `closes_at` is the link's."""

    organization_id: str
    organization_name: str
    appointment: AppointmentRow
    closes_at: datetime
    seated: tuple[SeatedPerson, ...]
    waiting: tuple[SeatedPerson, ...]


async def roster(services: Services, organization_id: str, appointment_id: str) -> Roster | None:
    """Returns who is in a room; None when it is closed: over, deleted, the organization disabled.

    Raises DatabaseUnavailable.
    """
    async with services.database.read(organization_id) as transaction:
        return await read_roster(services, Tenancy(transaction, organization_id), appointment_id)


async def read_roster(services: Services, tx: Tenancy, appointment_id: str) -> Roster | None:
    """Returns the same within a transaction."""
    organization = await rooms.organization(tx)
    appointment = await appointments.get(tx, appointment_id)
    if organization is None or not organization.is_active:
        return None
    if appointment is None or appointment.status is not AppointmentStatus.ACTIVE:
        return None
    found = await rooms.occupants(tx, appointment_id)
    return Roster(
        tx.organization_id,
        organization.name,
        appointment,
        # Links of every role close at the same time.
        opening_hours(appointment, ParticipantRole.PARTICIPANT, services.window)[1],
        tuple(_person(each) for each in found if each.state is SeatState.SEATED),
        tuple(_person(each) for each in found if each.state is SeatState.WAITING),
    )


def _person(row: OccupantRow) -> SeatedPerson:
    return SeatedPerson(
        row.id,
        row.participant_id,
        CONTROLS.sub(" ", DIRECTIONS.sub("", row.display_name or "")).strip(),
        row.role,
        row.holder,
        row.seated_at or row.entered_at,
        row.absent_since is not None,
    )
