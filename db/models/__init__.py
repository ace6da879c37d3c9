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

__all__ = [
    "AppointmentEvent",
    "AppointmentItem",
    "AppointmentRow",
    "AppointmentStatus",
    "EventRow",
    "EventSource",
    "EventType",
    "HomeRow",
    "KeptOutcome",
    "LogEnds",
    "LogPlace",
    "LoggedEvent",
    "OrganizationRow",
    "ParticipantEvent",
    "ParticipantItem",
    "ParticipantRole",
    "ParticipantRow",
    "Person",
    "PresenceRow",
    "StoredOutcome",
    "TokenRow",
]
