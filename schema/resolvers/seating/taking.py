"""Taking a seat with a ticket, and coming back to it with its key."""

import hmac
import secrets
from hashlib import sha256
from typing import NamedTuple

from db.ids import canonical, new_id
from db.models import ParticipantRow, SeatRow, SeatState
from db.queries import rooms, system

from ...domain import seating as rules
from ...domain.seating import SeatCode, SeatRefused
from ...domain.tickets import Admittance, SeatTicket
from ...operation.call import Call, Services
from ...operation.carrying import carried
from ...rooms import BuiltinRooms
from .. import stays
from .leaving import lose
from .roster import Roster, read_roster
from .within import acting, ensure_admitted

KEY_BYTES = 24
MOST_KEY_CHARACTERS = 64


class Taken(NamedTuple):
    """A seat, the key with which it is resumed, and the room around it.

    `read_up_to` is the number of the newest message as the seat was taken: all for it come later.
    """

    seat: SeatRow
    key: str
    roster: Roster
    read_up_to: int


def ticket(services: Services, organization_id: str, person: ParticipantRow) -> SeatTicket:
    """Returns a ticket with which a person may take one seat within a minute."""
    said = Admittance(organization_id, person.id, person.link_version, new_id())
    return services.tickets.write(said, services.clock.now())


async def take(services: Services, ticket_text: str, holder: str, request_id: str) -> Taken:
    """Takes the seat of a ticket, or a place in the waiting list; `holder` has the socket.

    Raises SeatRefused, DatabaseUnavailable.
    """
    said = services.tickets.read(ticket_text, services.clock.now())
    if said is None:
        raise SeatRefused(SeatCode.TICKET_EXPIRED)
    work = _take(services, said, holder, request_id)
    return await carried(services, work, lambda taken: lose(services, taken.seat))


async def _take(services: Services, said: Admittance, holder: str, request_id: str) -> Taken:
    room = services.rooms
    if not isinstance(room, BuiltinRooms):
        raise SeatRefused(SeatCode.NOT_OPEN)
    async with acting(services, said.organization_id, said.participant_id, request_id) as call:
        row, person = await ensure_admitted(call, said.participant_id, said.link_version)
        seats = await rooms.seats(call.tx, row.id)
        is_there = any(seat.id == said.seat_id for seat in seats)
        if is_there or await stays.was_taken(call, row.id, said.seat_id):
            raise SeatRefused(SeatCode.TICKET_USED)
        state = rules.state_on_arrival(person.role, is_one_by_one=room.is_one_by_one)
        former = rules.making_way(seats, person.id, state, room.seats)
        if former is not None:
            await stays.give_up(call, [former], rules.lost_at)
        key = secrets.token_urlsafe(KEY_BYTES)
        seat = _seat(call, said, person, state, holder)._replace(key_digest=_digest(key))
        if state is SeatState.SEATED:
            seat = seat._replace(seated_at=rules.seated_at(seats, call.now()))
        await rooms.add_seat(call.tx, seat)
        if state is SeatState.SEATED:
            await stays.begin(call, row.id, person.id, seat.id)
        return await _taken(call, seat, key)


def _seat(
    call: Call, said: Admittance, person: ParticipantRow, state: SeatState, holder: str
) -> SeatRow:
    now = call.now()
    return SeatRow(
        said.organization_id,
        person.appointment_id,
        said.seat_id,
        person.id,
        said.link_version,
        state,
        holder,
        key_digest="",
        entered_at=now,
        seated_at=None,
        absent_since=None,
        seen_at=now,
        resumes=0,
    )


async def resume(services: Services, seat_id: str, key: str, holder: str, request_id: str) -> Taken:
    """Comes back to a seat on another socket, also while the old one seems to be open.

    The key stays good for the next time. Raises SeatRefused, DatabaseUnavailable.
    """
    id = canonical(seat_id)
    if id is None or len(key) > MOST_KEY_CHARACTERS:
        raise SeatRefused(SeatCode.GONE)
    async with services.database.read() as transaction:
        home = await system.home_of_seat(transaction, id)
    if home is None:
        raise SeatRefused(SeatCode.GONE)
    work = _resume(services, home.organization_id, id, key, holder, request_id)
    return await carried(services, work, lambda taken: lose(services, taken.seat))


async def _resume(
    services: Services, organization_id: str, id: str, key: str, holder: str, request_id: str
) -> Taken:
    async with acting(services, organization_id, "", request_id) as call:
        found = await rooms.seats_by_ids(call.tx, [id])
        if not found or not hmac.compare_digest(found[0].key_digest, _digest(key)):
            raise SeatRefused(SeatCode.GONE)
        (seat,) = found
        row, person = await ensure_admitted(call, seat.participant_id, seat.link_version)
        await rooms.resume_seat(call.tx, seat, holder, call.now())
        # One who was made a moderator while no seat was free.
        await stays.seat_moderator(call, row, person)
        (back,) = await rooms.seats_by_ids(call.tx, [id])
        return await _taken(call, back, key)


async def _taken(call: Call, seat: SeatRow, key: str) -> Taken:
    found = await read_roster(call.services, call.tx, seat.appointment_id)
    if found is None:
        raise SeatRefused(SeatCode.NOT_OPEN)
    return Taken(seat, key, found, await rooms.newest_message(call.tx, seat.appointment_id))


def _digest(key: str) -> str:
    return sha256(key.encode("utf-8", "replace")).hexdigest()
