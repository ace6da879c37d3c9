"""What somebody is told who has just got a seat in a room, or is back: all there is to know."""

from typing import Any

import orjson

from db.models import AppointmentRow
from schema.resolvers.seating import Roster, SeatedPerson
from schema.rooms import BuiltinRooms

from .exchange import Exchange
from .member import Member, person
from .talk import messages

# What a switch is called here, and in the configuration of an appointment.
SWITCHES = {
    "chat": "chat_enabled",
    "hand": "raise_hand_enabled",
    "screen": "screenshare_enabled",
}


def switches(appointment: AppointmentRow) -> dict[str, bool]:
    """Returns what is allowed in the room of an appointment: all that is not switched off."""
    config = appointment.config or {}
    return {name: config.get(key) is not False for name, key in SWITCHES.items()}


def waiters(roster: Roster) -> list[dict[str, str]]:
    """Returns who waits, for moderators."""
    return [{"seat": each.seat_id, "name": each.name} for each in roster.waiting]


def greetings(room: Exchange, member: Member, roster: Roster) -> list[str]:
    """Returns the messages for somebody who is now in the room.

    Newcomers make offers to all who were there before them. Of two who come at the same time only
    one is that: the other is told of with a message of their own.
    """
    others = [each for each in roster.seated if each.seat_id != member.id]
    later = [] if member.resumed else _later(member, roster)
    known = [person(each, room.shown(each.seat_id)) for each in others if each not in later]
    came = [messages.came(person(each, room.shown(each.seat_id))) for each in later]
    return [_seated(room, member, roster, known), *came]


def _later(member: Member, roster: Roster) -> list[SeatedPerson]:
    """Returns who got a seat after somebody: an order that all processes agree on."""
    since = {each.seat_id: (each.since, each.seat_id) for each in roster.seated}
    return [each for each in roster.seated if since[each.seat_id] > since[member.id]]


def _seated(room: Exchange, member: Member, roster: Roster, people: list[dict[str, Any]]) -> str:
    rooms = room.services.rooms
    if not isinstance(rooms, BuiltinRooms):
        raise TypeError("people are only seated in the built-in rooms")
    message = {
        "type": "seated",
        "you": member.id,
        "key": member.key,
        "me": _oneself(member, roster),
        "resumed": member.resumed,
        "room": {
            "title": roster.appointment.title,
            "organization_name": roster.organization_name,
            "closes_at": roster.closes_at,
            "server_time": room.services.clock.now(),
            "seats": rooms.seats,
            "admission": "one_by_one" if rooms.is_one_by_one else "open",
            "switches": switches(roster.appointment),
        },
        "ice_servers": rooms.ice_servers(roster.closes_at, member.id),
        "people": people,
        "waiting": waiters(roster) if room.is_moderator(member.id) else [],
    }
    return orjson.dumps(message, option=orjson.OPT_UTC_Z).decode()


def _oneself(member: Member, roster: Roster) -> dict[str, str]:
    return {
        field: value
        for each in roster.seated
        if each.seat_id == member.id
        for field, value in (("name", each.name), ("role", each.role.value))
    }
