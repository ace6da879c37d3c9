"""Leaving a seat: for good, or for as long as the socket is gone."""

from db.engine import Tenancy
from db.models import SeatRow
from db.queries import rooms

from ...operation.call import Services
from .. import stays
from .within import acting


async def lose(services: Services, seat: SeatRow) -> None:
    """Notes that the socket of a seat is gone: it is kept for 15 s.

    Does nothing when another socket has taken it over. Raises DatabaseUnavailable.
    """
    async with services.database.write(seat.organization_id) as transaction:
        tx = Tenancy(transaction, seat.organization_id)
        await rooms.lose_seat(tx, seat, services.clock.now())


async def leave(services: Services, seat: SeatRow, request_id: str) -> None:
    """Gives a seat up at once, unless another socket has taken it over.

    Raises DatabaseUnavailable.
    """
    async with acting(services, seat.organization_id, seat.participant_id, request_id) as call:
        found = await rooms.seats_by_ids(call.tx, [seat.id])
        now = call.now()
        same = [each for each in found if each.resumes == seat.resumes]
        await stays.give_up(call, same, lambda each: each.absent_since or now)
