"""Seat tickets: what joining hands out, good for one seat and one minute, signed, never stored.

A ticket travels in the first message of a socket, never in a URL, where logs would keep it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import NamedTuple
from uuid import UUID

from .signing import Seal

SALT = "connect.seat-ticket"
LIFETIME = timedelta(minutes=1)
# What a ticket of ours is long, with some room.
MAX_CHARACTERS = 256
# Organization, participant and seat, the link's version, and the second in which it expires.
FORM = Struct(">16s16s16sIQ")


class Admittance(NamedTuple):
    """What a good ticket says: whom it seats, by which version of the link, and on which seat."""

    organization_id: str
    participant_id: str
    link_version: int
    seat_id: str


class SeatTicket(NamedTuple):
    """A ticket, and until when it is good."""

    text: str
    expires_at: datetime


class Tickets:
    """Writes seat tickets with the newest key; all keys are good for reading."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Takes the keys newest first; raises ValueError when there is none."""
        self._seal = Seal(SALT, keys, MAX_CHARACTERS)

    def write(self, said: Admittance, now: datetime) -> SeatTicket:
        """Returns a ticket that is good for a minute from `now`."""
        expires_at = (now + LIFETIME).replace(microsecond=0)
        ids = [UUID(id).bytes for id in (said.organization_id, said.participant_id, said.seat_id)]
        payload = FORM.pack(*ids, said.link_version, int(expires_at.timestamp()))
        return SeatTicket(self._seal.write(payload), expires_at)

    def read(self, text: str, now: datetime) -> Admittance | None:
        """Returns what a ticket says; None when it is not ours or has expired."""
        payload = self._seal.read(text)
        if payload is None or len(payload) != FORM.size:
            return None
        *ids, link_version, expires_at = FORM.unpack(payload)
        if now >= datetime.fromtimestamp(expires_at, UTC):
            return None
        organization_id, participant_id, seat_id = (str(UUID(bytes=id)) for id in ids)
        return Admittance(organization_id, participant_id, link_version, seat_id)
