"""What each message of somebody in a room does."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from schema.operation.call import Services
from schema.resolvers import seating

from .greeting import switches
from .member import Member
from .parcels import ALL as EVERYBODY
from .parcels import Parcel
from .room import Room
from .rooms import Rooms
from .talk import messages
from .talk.protocol import ALL as EVERYBODY_SAID
from .talk.protocol import Admit, Chat, Message, Mute, Remove, Signal, State

SWITCHED_OFF = "This is switched off in this appointment."
NOT_ALLOWED = "Only moderators in the room may do this."
NOT_IN = "You are not in the room yet."


class Actions:
    """Does what the people of this process's rooms say."""

    def __init__(self, rooms: Rooms, services: Services) -> None:
        self._rooms = rooms
        self._services = services

    async def take(self, member: Member, message: Message, request_id: str) -> None:
        """Does what a message says; raises SeatRefused, DatabaseUnavailable."""
        room = self._rooms.room_of(member)
        if room is None:
            return  # Its socket is about to be closed.
        self._rooms.figures.messages[message.type] += 1
        if message.type == "ping":
            member.tell(messages.PONG)
        elif message.type == "leave":
            await self._whole(self._rooms.leave(member, request_id))
        elif member.id not in room.people:
            member.tell(messages.problem("NOT_ALLOWED", NOT_IN))
        elif isinstance(message, Signal):
            body = messages.signal(member.id, message.data)
            room.send(Parcel("signal", member.id, message.to, body))
        elif isinstance(message, State):
            self._show(room, member, message)
        elif isinstance(message, Chat):
            self._chat(room, member, message.text)
        elif not room.is_moderator(member.id):
            member.tell(messages.problem("NOT_ALLOWED", NOT_ALLOWED))
        elif isinstance(message, Mute):
            to = EVERYBODY if message.seat == EVERYBODY_SAID else message.seat
            room.send(Parcel("mute", member.id, to, messages.mute(member.id)))
        else:
            await self._whole(self._moderate(room, member, message, request_id))

    async def _whole(self, work: Coroutine[Any, Any, None]) -> None:
        """Does the work, also when the socket ends meanwhile, which the work may bring about."""
        task = self._services.spawn(work)
        task.add_done_callback(_noticed)
        await asyncio.shield(task)

    def _show(self, room: Room, member: Member, message: State) -> None:
        roster = room.roster
        before, shown = room.shown(member.id), message.state.model_dump(exclude_none=True)
        allowed = switches(roster.appointment) if roster else {}
        if any(shown.get(name) and not allowed.get(name, True) for name in ("hand", "screen")):
            member.tell(messages.problem("SWITCHED_OFF", SWITCHED_OFF))
        kept = {name: on for name, on in shown.items() if allowed.get(name, True)}
        room.show(member.id, self._stamped({**before, **kept}, before))

    def _stamped(self, shown: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
        """Adds since when the hand is up, by the clock of the server."""
        at = shown.pop("hand_at", None)
        if shown.get("hand"):
            now = self._services.clock.now().isoformat().replace("+00:00", "Z")
            shown["hand_at"] = at if before.get("hand") and at else now
        return shown

    def _chat(self, room: Room, member: Member, line: str) -> None:
        roster, found = room.roster, room.people[member.id]
        if roster is not None and not switches(roster.appointment)["chat"]:
            member.tell(messages.problem("SWITCHED_OFF", SWITCHED_OFF))
            return
        now = self._services.clock.now()
        body = messages.chat(member.id, found.name, found.role.value, line, now)
        room.send(Parcel("chat", member.id, EVERYBODY, body))

    async def _moderate(
        self, room: Room, member: Member, message: Message, request_id: str
    ) -> None:
        services, by = self._services, member.seat
        if isinstance(message, Admit):
            seats = None if message.seats == EVERYBODY_SAID else message.seats
            await seating.admit(services, by, seats, request_id)
        elif isinstance(message, Remove):
            await seating.remove(services, by, message.seat, request_id)
        else:
            await seating.end(services, by, request_id)
        # Not everything is in the log: who joined too often today is admitted without an event.
        room.poke(member.id)
        await room.look()


def _noticed(done: "asyncio.Task[None]") -> None:
    """Keeps asyncio from reporting a failure that came after the socket was closed."""
    if not done.cancelled():
        done.exception()
