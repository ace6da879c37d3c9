"""Operations behind an access link: look whether it leads in, and join.

The link itself is the credential, so there is no token and no gate: what the link names decides the
organization, and every further statement is within it.
"""

from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5

from db.engine import Tenancy, Transaction
from db.models import (
    AppointmentRow,
    AppointmentStatus,
    EventSource,
    EventType,
    HomeRow,
    ParticipantRole,
    ParticipantRow,
)
from db.queries import appointments, events, participants, system

from ..domain import rules
from ..domain.admission import Admission, AdmissionCode, decide, removed, unknown
from ..domain.tickets import SeatTicket
from ..operation.call import Call, Caller, Services
from ..operation.work import Work, unit_of_work
from ..rooms import BuiltinRooms, DeviceLeft, Seat, log_unsupported
from . import seating, stays
from .lifecycle import step


class Visit(NamedTuple):
    """What a link leads to: the decision and, where the link is known, whom and what it names."""

    admission: Admission
    organization_id: str = ""
    organization_name: str = ""
    appointment: AppointmentRow | None = None
    participant: ParticipantRow | None = None
    home: HomeRow | None = None


class JoinOutcome(NamedTuple):
    """What joining did: `address` is where to go; None means stay on the join page.

    `ticket` takes a seat of the built-in room.
    """

    visit: Visit
    address: str | None = None
    ticket: SeatTicket | None = None


async def look(services: Services, token: str) -> Visit:
    """Returns what a link leads to now; changes nothing."""
    async with services.database.read() as transaction:
        return await _visit(services, transaction, token)


async def join(services: Services, token: str, request_id: str) -> JoinOutcome:
    """Joins through a link that is open; otherwise only says what the link leads to.

    The first moderator to join starts the appointment. Two devices on one link are two stays; 200
    joins of a link are recorded a day, further ones lead in all the same.
    """
    visit = await look(services, token)
    if visit.admission.code is not AdmissionCode.OPEN:
        return JoinOutcome(visit)
    async with unit_of_work(services, visit.organization_id) as work:
        # Between the look and the lock it may have been closed.
        visit = await _visit(services, work.transaction, token)
        if visit.admission.code is not AdmissionCode.OPEN:
            return JoinOutcome(visit)
        visit = await _record(services, work, visit, request_id)
    return JoinOutcome(visit, _address(services, visit), _ticket(services, visit))


async def _visit(services: Services, transaction: Transaction, token: str) -> Visit:
    now = services.clock.now()
    invitation = services.links.read(token)
    if invitation is None:
        return Visit(unknown(now))
    home = await system.home_of_participant(transaction, invitation.participant_id)
    if home is None:
        return Visit(removed(now, replaced=False))
    if not home.is_active:
        return Visit(unknown(now))
    tx = Tenancy(transaction, home.id)
    participant = await participants.get(tx, invitation.participant_id)
    appointment = participant and await appointments.get(tx, participant.appointment_id)
    if participant is None or appointment is None:
        return Visit(removed(now, replaced=False), home=home)
    if participant.link_version != invitation.link_version:
        return Visit(removed(now, replaced=True), home=home)
    admission = decide(appointment, participant, now, services.window)
    return Visit(admission, home.id, home.name, appointment, participant, home)


async def _record(services: Services, work: Work, visit: Visit, request_id: str) -> Visit:
    appointment, participant = visit.appointment, visit.participant
    if appointment is None or participant is None:
        raise ValueError("only a known link can be open")
    caller = Caller(visit.organization_id, visit.organization_name, participant.id, "", ("write",))
    actor = f"participant:{participant.id}"
    call = work.bind(Call(caller, services, EventSource.LINK, request_id, actor))
    is_moderator = participant.role is ParticipantRole.MODERATOR
    if is_moderator and appointment.status is AppointmentStatus.SCHEDULED:
        appointment = await step(call, appointment, rules.START)
    if not isinstance(services.rooms, BuiltinRooms):
        # Whose stays begin when a seat is taken.
        await stays.begin(call, appointment.id, participant.id)
    return visit._replace(appointment=appointment)


async def leave(services: Services, report: DeviceLeft, request_id: str) -> bool:
    """Records that a room service saw somebody leave; returns whether it did.

    Not when it is recorded already, over the limit of a day, or about an unknown participant.
    Services send a report again until it is answered: it counts once.
    """
    id = str(uuid5(NAMESPACE_OID, report.event_id))
    async with services.database.read() as transaction:
        home = await system.home_of_participant(transaction, report.participant_id)
    if home is None:
        return False
    async with unit_of_work(services, home.id) as work:
        caller = Caller(home.id, home.name, report.participant_id, "", ("write",))
        call = work.bind(Call(caller, services, EventSource.LINK, request_id, "rooms"))
        person = await participants.get(call.tx, report.participant_id)
        if person is None or person.appointment_id != report.appointment_id:
            return False
        if await events.exists(call.tx, id) or not await stays.is_recorded(
            call, person.id, EventType.PARTICIPANT_LEFT
        ):
            return False
        call.record(
            EventType.PARTICIPANT_LEFT,
            person.appointment_id,
            participant_id=person.id,
            id=id,
            occurred_at=report.at,
        )
    return True


def _address(services: Services, visit: Visit) -> str | None:
    seat = seat_of(services, visit)
    if seat is None:
        return None
    log_unsupported(services.rooms, seat)
    return services.rooms.address(seat)


def _ticket(services: Services, visit: Visit) -> SeatTicket | None:
    if visit.participant is None or not isinstance(services.rooms, BuiltinRooms):
        return None
    return seating.ticket(services, visit.organization_id, visit.participant)


def seat_of(services: Services, visit: Visit) -> Seat | None:
    """The seat that a visit leads to; None for a link that is not known."""
    if visit.appointment is None or visit.participant is None:
        return None
    now = services.clock.now()
    closes_at = visit.admission.closes_at or visit.appointment.end_date_time
    return Seat(
        visit.appointment,
        visit.participant,
        visit.organization_id,
        visit.organization_name,
        now,
        # A room that is still open after its window gets its last minute, not a dead token.
        max(closes_at, now),
    )
