"""A seat that this process holds: its socket, if it is connected, and what others are shown."""

from collections import deque
from typing import Any

from db.models import SeatRow
from schema.resolvers.seating import SeatedPerson

from .parcels import Parcel
from .talk.socket import RoomSocket

# For somebody whose connection is lost at the moment: what they missed is told when they resume.
MOST_MISSED = 100
MOST_MISSED_CHARACTERS = 262_144


class Member:
    """One seat of this process; `is_told` once the socket knows that it is in the room."""

    def __init__(self, seat: SeatRow, key: str, socket: RoomSocket, *, resumed: bool) -> None:
        self.seat = seat
        self.key = key
        self.socket: RoomSocket | None = socket
        self.resumed = resumed
        self.is_told = False
        self.is_waiting = False

    @property
    def id(self) -> str:
        """The seat."""
        return self.seat.id

    @property
    def is_present(self) -> bool:
        """Whether it is in the room and connected."""
        return self.is_told and self.socket is not None

    def tell(self, text: str) -> None:
        """Sends a message, unless the connection is lost at the moment."""
        if self.socket is not None:
            self.socket.tell(text)


class Missed:
    """What waits for seats whose connection is lost at the moment; bounded for each of them."""

    def __init__(self) -> None:
        self._parcels: dict[str, deque[Parcel]] = {}
        self._sizes: dict[str, int] = {}

    def add(self, seat: str, parcel: Parcel) -> None:
        """Keeps a parcel; nothing more is kept for a seat that misses too much."""
        size = self._sizes.get(seat, 0) + len(parcel.body)
        parcels = self._parcels.setdefault(seat, deque())
        if size <= MOST_MISSED_CHARACTERS and len(parcels) < MOST_MISSED:
            parcels.append(parcel._replace(to=seat))
            self._sizes[seat] = size

    def taken(self, seat: str) -> list[Parcel]:
        """Returns what waited for a seat, and forgets it."""
        self._sizes.pop(seat, None)
        return list(self._parcels.pop(seat, ()))

    def seats(self) -> list[str]:
        """Returns the seats for which something waits."""
        return list(self._parcels)


def person(found: SeatedPerson, shown: dict[str, Any]) -> dict[str, Any]:
    """Returns what others are told of somebody."""
    return {
        "seat": found.seat_id,
        "name": found.name,
        "role": found.role.value,
        "is_absent": found.is_absent,
        "state": shown,
    }
