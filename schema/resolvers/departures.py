"""Why somebody is no longer in a room: what their link says, and whether they were removed."""

from collections.abc import Collection

from db.engine import Tenancy
from db.models import SeatRow
from db.queries import participants

from ..domain.admission import Admission
from ..operation.call import Services
from . import joining


async def admission(services: Services, seat: SeatRow) -> Admission:
    """Returns what the link says now through which a seat was taken; raises DatabaseUnavailable."""
    url = services.links.url(seat.participant_id, seat.link_version)
    return (await joining.look(services, url.rpartition("/")[2])).admission


async def removed(
    services: Services, organization_id: str, participant_ids: Collection[str]
) -> frozenset[str]:
    """Returns those of the participants that are no longer; raises DatabaseUnavailable."""
    if not participant_ids:
        return frozenset()
    async with services.database.read(organization_id) as transaction:
        tx = Tenancy(transaction, organization_id)
        found = [id for id in participant_ids if await participants.get(tx, id) is None]
    return frozenset(found)
