"""What joining leads to: placeholder until the adapters land in this package."""

from datetime import datetime
from typing import Any, NamedTuple, Protocol

from db.models import AppointmentRow, ParticipantRow


class Seat(NamedTuple):
    """One person about to enter one room."""

    appointment: AppointmentRow
    participant: ParticipantRow
    organization_id: str
    organization_name: str
    now: datetime
    closes_at: datetime


class Rooms(Protocol):
    """A room service."""

    name: str

    def unsupported(self, config: dict[str, bool] | None) -> list[str]:
        """Switches that were set and that this vendor cannot express."""

    def address(self, seat: Seat) -> str | None:
        """The URL that joining leads to."""

    async def eject(self, seat: Seat) -> None:
        """Puts a removed participant out of the room."""

    async def close(self) -> None:
        """Ends what is open."""


class NoRooms:
    name = "none"

    def unsupported(self, config: dict[str, bool] | None) -> list[str]:
        return []

    def address(self, seat: Seat) -> str | None:
        return None

    async def eject(self, seat: Seat) -> None:
        return

    async def close(self) -> None:
        return


def open_rooms(choice: Any) -> Rooms:
    return NoRooms()


def log_unsupported(rooms: Rooms, seat: Seat) -> None:
    return
