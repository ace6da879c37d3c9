"""All rooms in which this process has people: who enters, who is lost, and that they are kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from db.engine import DatabaseUnavailable, StatementFailed
from db.ids import new_id
from schema.operation.call import Services
from schema.resolvers import seating
from schema.resolvers.seating import Taken
from schema.resolvers.waiting import Lobby

from .figures import Figures, Occupancy
from .member import Member
from .parcels import HELLO
from .relay import Relay
from .room import Room
from .talk.over import COMPLETED, Over
from .talk.protocol import Enter, First
from .talk.socket import RoomSocket

# For what stands in no log, such as a message that was lost.
LOOK_SECONDS = 25.0
PAUSE_SECONDS = 1.0
KEEP_SECONDS = 5.0

log = structlog.get_logger("connect.room")


class Rooms:
    """The rooms of this process, which has a name of its own as the `holder` of seats."""

    def __init__(self, figures: Figures, *, is_alone: bool) -> None:
        self.figures = figures
        # No other process can have seats.
        self._is_alone = is_alone
        figures.occupancy = self._occupancy
        self.holder = new_id()
        self._lobby = Lobby()
        self._rooms: dict[tuple[str, str], Room] = {}
        self._followers: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._relay: Relay | None = None

    @asynccontextmanager
    async def running(self, services: Services) -> AsyncIterator[None]:
        """Keeps the seats and fetches what other processes post while the block runs."""
        if not self._is_alone:
            self._relay = Relay(services, self.holder, self._peopled)
        keeping = asyncio.ensure_future(self._keep(services))
        try:
            yield
        finally:
            tasks = [keeping, *self._followers.values()]
            tasks += self._relay.close() if self._relay is not None else []
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def _peopled(self) -> list[Room]:
        return [room for room in self._rooms.values() if room.members]

    def _occupancy(self) -> Occupancy:
        rooms = [room for room in self._rooms.values() if room.members]
        present = [each for room in rooms for each in room.members.values() if each.socket]
        seated = sum(each.is_told for each in present)
        return Occupancy(len(rooms), seated, len(present) - seated)

    # Coming

    async def enter(self, services: Services, socket: RoomSocket, first: First) -> Member:
        """Takes or resumes a seat for a socket.

        Raises SeatRefused, DatabaseUnavailable. Not to be broken off: the seat would be taken, and
        nobody would know.
        """
        if isinstance(first, Enter):
            taken = await seating.take(services, first.ticket, self.holder, socket.request_id)
        else:
            taken = await seating.resume(
                services, first.seat, first.key, self.holder, socket.request_id
            )
        member = Member(taken.seat, taken.key, socket, resumed=not isinstance(first, Enter))
        await self._add(services, taken, member)
        return member

    async def _add(self, services: Services, taken: Taken, member: Member) -> None:
        room = self._room(services, taken)
        room.expected += 1
        try:
            await room.add(member, taken.read_up_to)
            self._begin_to_share(room, member)
        except BaseException:
            services.spawn(self.lose(member))
            raise
        finally:
            room.expected -= 1
        if member.socket is None or member.socket.is_ending:
            services.spawn(self.lose(member))  # It ended while the seat was being taken.

    def _room(self, services: Services, taken: Taken) -> Room:
        place = taken.seat.organization_id, taken.seat.appointment_id
        room = self._rooms.get(place)
        if room is None:
            room = self._rooms[place] = Room(services, self.holder, place, self.figures)
            self._followers[place] = asyncio.ensure_future(self._follow(room))
        return room

    def _begin_to_share(self, room: Room, member: Member) -> None:
        if room.is_shared and len(room.members) == 1:
            room.poke(member.id, HELLO)
        if self._relay is not None:
            self._relay.wake()

    def room_of(self, member: Member) -> Room | None:
        """Returns the room of somebody who still has their seat here."""
        room = self._rooms.get((member.seat.organization_id, member.seat.appointment_id))
        return room if room is not None and room.members.get(member.id) is member else None

    # Following

    async def _follow(self, room: Room) -> None:
        """Looks who is there whenever something happens to the appointment, until nobody is."""
        services, is_blind = room.services, False
        while not room.is_empty:
            try:
                async with self._lobby.bell(services, *room.place) as bell:
                    is_blind = False
                    while not room.is_empty:
                        bell.silence()
                        await room.look()
                        if not room.is_empty:
                            await bell.rung(LOOK_SECONDS)
            except (DatabaseUnavailable, StatementFailed) as error:
                if not is_blind:
                    log.error("room_not_followed", reason=str(error))
                is_blind = True
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception:
                log.exception("room_not_followed")
                await asyncio.sleep(PAUSE_SECONDS)
        self._close(room)

    def _close(self, room: Room) -> None:
        if self._rooms.get(room.place) is room:
            del self._rooms[room.place]
            del self._followers[room.place]

    async def _keep(self, services: Services) -> None:
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            # Side by side: one that cannot be written to must not cost the others their seats.
            ids = {room.organization_id for room in self._rooms.values()}
            await asyncio.gather(*(self._keep_those_of(services, id) for id in ids))

    async def _keep_those_of(self, services: Services, organization_id: str) -> None:
        try:
            async with asyncio.timeout(KEEP_SECONDS):
                await seating.keep(services, organization_id, self.holder)
                for member in self._unsaid(organization_id):
                    await self.lose(member)
        except (DatabaseUnavailable, StatementFailed, TimeoutError) as error:
            log.error("seats_not_kept", organization_id=organization_id, reason=repr(error))
        except Exception:
            log.exception("seats_not_kept", organization_id=organization_id)

    def _unsaid(self, organization_id: str) -> list[Member]:
        """Returns those of an organization whose loss the database could not be told of."""
        return [
            member
            for room in self._rooms.values()
            if room.organization_id == organization_id
            for member in room.members.values()
            if member.socket is None and not room.knows_absence(member.id)
        ]

    # Going

    async def lose(self, member: Member) -> None:
        """Says that the socket of a seat is gone: it may come back within the grace."""
        room = self.room_of(member)
        member.socket = None
        if room is None:
            return
        with suppress(DatabaseUnavailable, StatementFailed):
            await seating.lose(room.services, member.seat)
            await room.look()
            room.poke(member.id)

    async def leave(self, member: Member, request_id: str) -> None:
        """Gives a seat up; raises DatabaseUnavailable."""
        room = self.room_of(member)
        if room is None:
            return
        room.mark_left(member.id)
        await seating.leave(room.services, member.seat, request_id)
        room.poke(member.id)
        room.dismiss(member, Over("", "", COMPLETED))
        await room.look()
        # Who follows it may have closed it already, and somebody have come since.
        if room.is_empty and self._rooms.get(room.place) is room:
            self._followers[room.place].cancel()
            self._close(room)
