"""Fetches what other processes have posted for the rooms in which this one has people."""

import asyncio
from collections.abc import Callable

import structlog

from db.engine import Changes, DatabaseUnavailable, StatementFailed
from db.models import RoomMessage
from schema.operation.call import Services
from schema.resolvers import seating

from .parcels import unpacked
from .room import Room

LOOK_SECONDS = 0.5
# How many times as long as a look takes, nobody looks.
REST = 2
# So many organizations are asked about by one statement.
BATCH = 100

log = structlog.get_logger("connect.room")


class Relay:
    """Looks whenever the database says that there is news, while anybody is in a room."""

    def __init__(self, services: Services, holder: str, peopled: Callable[[], list[Room]]) -> None:
        self._services = services
        self._holder = holder
        self._peopled = peopled
        self._looking: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Begins to look, if nobody does."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look_on())

    def close(self) -> "list[asyncio.Task[None]]":
        """Returns what still looks, to be cancelled."""
        return [] if self._looking is None else [self._looking]

    async def _look_on(self) -> None:
        changes = self._services.database.changes()
        now = asyncio.get_running_loop().time
        try:
            while rooms := self._peopled():
                began = now()
                if changes.seen():
                    await self._look(rooms, changes)
                await asyncio.sleep(min(now() - began, LOOK_SECONDS) * REST)
                await changes.wait(LOOK_SECONDS)
        finally:
            changes.close()

    async def _look(self, rooms: list[Room], changes: Changes) -> None:
        try:
            ends = await self._ends(rooms)
            for room in rooms:
                if ends.get(room.appointment_id, 0) > room.read_up_to:
                    await self._fetch(room, ends[room.appointment_id])
        except (DatabaseUnavailable, StatementFailed) as error:
            changes.forget()
            log.warning("room_messages_not_fetched", reason=str(error))
        except Exception:
            changes.forget()
            log.exception("room_messages_not_fetched")

    async def _ends(self, rooms: list[Room]) -> dict[str, int]:
        ids = list({room.organization_id for room in rooms})
        found: dict[str, int] = {}
        for start in range(0, len(ids), BATCH):
            found |= await seating.ends(self._services, ids[start : start + BATCH])
        return found

    async def _fetch(self, room: Room, end: int) -> None:
        while True:
            found = await seating.fetch(
                self._services,
                room.organization_id,
                room.appointment_id,
                room.read_up_to,
                self._holder,
            )
            for message in found:
                await self._receive(room, message)
                room.read_up_to = message.number
            if not found:
                # The latest may be our own.
                room.read_up_to = max(room.read_up_to, end)
                return

    async def _receive(self, room: Room, message: RoomMessage) -> None:
        parcel = unpacked(message.payload)
        try:
            if parcel is not None:
                await room.receive(parcel)
        except (DatabaseUnavailable, StatementFailed):
            raise  # It is fetched again.
        except Exception:
            log.exception("room_message_not_read")
