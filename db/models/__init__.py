"""Rows as they are read from the tables, and the enumerations in them.

One module for each subject; none of them imports SQLAlchemy.
"""

from .appointment import AppointmentItem, AppointmentRow, AppointmentStatus, Person
from .event import (
    AppointmentEvent,
    EventRow,
    EventSource,
    EventType,
    LogEnds,
    LoggedEvent,
    LogPlace,
    ParticipantEvent,
    PresenceRow,
)
from .idempotency import KeptOutcome, StoredOutcome
from .organization import HomeRow, OrganizationRow, TokenRow
from .participant import ParticipantItem, ParticipantRole, ParticipantRow
from .room import AbsentSeat, HolderRow, OccupantRow, RoomMessage, SeatHome, SeatRow, SeatState

__all__ = [
    "AbsentSeat",
    "AppointmentEvent",
    "AppointmentItem",
    "AppointmentRow",
    "AppointmentStatus",
    "EventRow",
    "EventSource",
    "EventType",
    "HolderRow",
    "HomeRow",
    "KeptOutcome",
    "LogEnds",
    "LogPlace",
    "LoggedEvent",
    "OccupantRow",
    "OrganizationRow",
    "ParticipantEvent",
    "ParticipantItem",
    "ParticipantRole",
    "ParticipantRow",
    "Person",
    "PresenceRow",
    "RoomMessage",
    "SeatHome",
    "SeatRow",
    "SeatState",
    "StoredOutcome",
    "TokenRow",
]
