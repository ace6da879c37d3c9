"""What a room has for seats of other processes: in order, what has gathered in one write."""

import asyncio
from collections import deque

import structlog

from db.engine import DatabaseUnavailable, StatementFailed
from db.models import SeatRow
from schema.operation.call import Services
from schema.resolvers import seating

from .figures import Figures
from .parcels import Parcel, packed

MOST_BYTES = 1_048_576
# Of one write, so that the others of the organization get their turn.
BATCH_BYTES = 262_144
RETRY_SECONDS = 0.5
# Browsers have given up by then, and begin anew.
MOST_RETRIES = 20

log = structlog.get_logger("connect.room")


class Postbox:
    """The outgoing post of one room; a task empties it."""

    def __init__(self, services: Services, figures: Figures) -> None:
        self._services = services
        self._figures = figures
        self._payloads: deque[bytes] = deque()
        self._bytes = 0
        self._posting: asyncio.Task[None] | None = None

    def put(self, seat: SeatRow, parcel: Parcel) -> None:
        """Posts a parcel soon; drops it where the database has not taken any for long."""
        payload = packed(parcel)
        if self._bytes + len(payload) > MOST_BYTES:
            return
        self._payloads.append(payload)
        self._bytes += len(payload)
        if self._posting is None or self._posting.done():
            self._posting = self._services.spawn(self._post(seat))

    async def _post(self, seat: SeatRow) -> None:
        while self._payloads:
            batch = self._batch()
            try:
                if await self._posted(seat, batch):
                    self._figures.elsewhere += len(batch)
            finally:
                self._bytes -= sum(map(len, batch))

    def _batch(self) -> list[bytes]:
        found: list[bytes] = []
        size = 0
        while self._payloads and (not found or size + len(self._payloads[0]) <= BATCH_BYTES):
            found.append(self._payloads.popleft())
            size += len(found[-1])
        return found

    async def _posted(self, seat: SeatRow, batch: list[bytes]) -> bool:
        for _ in range(MOST_RETRIES):
            try:
                await seating.post(self._services, seat, batch)
            except (DatabaseUnavailable, StatementFailed) as error:
                log.warning("room_message_not_posted", reason=str(error))
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                log.exception("room_message_not_posted")
                return False
            else:
                return True
        return False
