"""What joining leads to: one small interface, one module a vendor, picked by a setting.

Light to import, because every command reads the settings: the packages that the rooms and the log
need come when they are used.
"""

from typing import Any

from .builtin import BuiltinRooms
from .choice import VENDORS
from .reports import DeviceJoined, DeviceLeft, Reporting, WebhookMalformed, WebhookRefused
from .seat import Rooms, Seat
from .vendor import RoomsRefused, VendorSettings

__all__ = [
    "VENDORS",
    "BuiltinRooms",
    "DeviceJoined",
    "DeviceLeft",
    "Reporting",
    "Rooms",
    "RoomsRefused",
    "Seat",
    "VendorSettings",
    "WebhookMalformed",
    "WebhookRefused",
    "log_unsupported",
    "open_rooms",
]


def open_rooms(settings: VendorSettings) -> Rooms:
    """Returns the rooms of the chosen vendor, and logs which one it is."""
    rooms = settings.open()
    _log().info("rooms_in_use", rooms=rooms.name)
    return rooms


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
