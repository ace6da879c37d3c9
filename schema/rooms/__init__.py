"""What joining leads to: one small interface, one adapter a vendor, picked by a setting.

Opened by `gateway.services`; asked by `schema.resolvers.joining` and `schema.types.domain`.
Light to import, because `gateway.settings` checks the choice with it: the adapters, and the
packages that they and the log need, come when they are used.
"""

from typing import Any

from .choice import RoomsChoice, RoomsRefused
from .reports import Joined, Left, Reporting, WebhookMalformed, WebhookRefused
from .seat import Rooms, Seat

__all__ = [
    "Joined",
    "Left",
    "Reporting",
    "Rooms",
    "RoomsChoice",
    "RoomsRefused",
    "Seat",
    "WebhookMalformed",
    "WebhookRefused",
    "log_unsupported",
    "open_rooms",
]


def open_rooms(choice: RoomsChoice) -> Rooms:
    """Returns the adapter that was chosen, and logs which one it is."""
    rooms = _made(choice)
    _log().info("rooms_in_use", rooms=rooms.name)
    return rooms


def _made(choice: RoomsChoice) -> Rooms:
    if choice.rooms == "template":
        from .template import TemplateRooms

        return TemplateRooms(choice.rooms_template)
    if choice.rooms == "jitsi":
        from .jitsi import JitsiRooms

        return JitsiRooms(choice)
    if choice.rooms == "livekit":
        from .livekit import LiveKitRooms

        return LiveKitRooms(choice)
    # The built-in room joins here: a name in `choice.NEEDED`, a module beside the others.
    from .nowhere import NoRooms

    return NoRooms()


def log_unsupported(rooms: Rooms, seat: Seat) -> None:
    """Logs the switches of a joined appointment that the room cannot express, when there are any.

    Ids and names of switches only.
    """
    switches = rooms.unsupported(seat.appointment.config)
    if switches:
        _log().info(
            "config_unsupported",
            rooms=rooms.name,
            appointment_id=seat.appointment.id,
            switches=switches,
        )


def _log() -> Any:
    import structlog

    return structlog.get_logger("connect.rooms")
