"""Messages from one process to the others that have seats of the same room, kept for a minute."""

from collections.abc import Sequence

from db.engine import Tenancy
from db.models import RoomMessage, SeatRow
from db.queries import rooms, system

from ...operation.call import Services

# Read at once; each may have 64 KiB.
MOST_READ = 100


async def post(services: Services, seat: SeatRow, payloads: Sequence[bytes]) -> int:
    """Leaves messages for the other processes; returns the number of the last one.

    `seat` is on the process that sends. Raises DatabaseUnavailable.
    """
    async with services.database.write(seat.organization_id) as transaction:
        tx = Tenancy(transaction, seat.organization_id)
        now = services.clock.now()
        return await rooms.add_messages(tx, seat.appointment_id, seat.holder, payloads, now)


async def ends(services: Services, organization_ids: list[str]) -> dict[str, int]:
    """Returns the number of the newest message of each room of these organizations.

    One question for all rooms of a process. Raises DatabaseUnavailable.
    """
    async with services.database.read() as transaction:
        return await system.message_ends(transaction, organization_ids)


async def fetch(
    services: Services, organization_id: str, appointment_id: str, after: int, holder: str
) -> list[RoomMessage]:
    """Returns messages behind number `after` that others than `holder` sent, 100 at most.

    Raises DatabaseUnavailable.
    """
    async with services.database.read(organization_id) as transaction:
        tx = Tenancy(transaction, organization_id)
        return await rooms.messages(tx, appointment_id, after, holder, MOST_READ)
