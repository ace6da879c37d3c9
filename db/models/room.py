"""Rows of the built-in room: who sits or waits in it, and what its processes tell each other."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from .participant import ParticipantRole


class SeatState(StrEnum):
    """Whether a device is in the room, or waits to be admitted."""

    WAITING = "waiting"
    SEATED = "seated"


class SeatRow(NamedTuple):
    """One device of a participant in a room, from the moment it is taken until it is given up.

    `holder` is the process that has its socket; `absent_since` is None while that is open.
    `resumes` is how often another socket took it over: whoever has seen fewer has lost it.
    """

    organization_id: str
    appointment_id: str
    id: str
    participant_id: str
    link_version: int
    state: SeatState
    holder: str
    # SHA-256 of the key with which the seat is resumed.
    key_digest: str
    entered_at: datetime
    seated_at: datetime | None
    absent_since: datetime | None
    seen_at: datetime
    resumes: int


class OccupantRow(NamedTuple):
    """A seat with what others are shown of the person in it."""

    id: str
    participant_id: str
    state: SeatState
    holder: str
    entered_at: datetime
    seated_at: datetime | None
    absent_since: datetime | None
    display_name: str | None
    role: ParticipantRole


class RoomMessage(NamedTuple):
    """What a process tells those of the others that have seats of the same room.

    Numbers of one room grow, without a promise that there are no gaps.
    """

    number: int
    sender: str
    payload: bytes


class AbsentSeat(NamedTuple):
    """A seat whose socket is gone; `resumes` tells whether it is still the same absence."""

    organization_id: str
    id: str
    resumes: int


class HolderRow(NamedTuple):
    """A process that holds seats of an organization, and when it last said so."""

    organization_id: str
    holder: str
    seen_at: datetime


class SeatHome(NamedTuple):
    """Where a seat stands."""

    organization_id: str
    appointment_id: str
