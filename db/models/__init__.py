"""Rows as they are read from the tables, and the enumerations in them.

One module for each subject; none of them imports SQLAlchemy.
"""

from .appointment import AppointmentItem, AppointmentRow, AppointmentStatus, Person
from .event import EventRow, EventSource, EventType, PresenceRow
from .organization import OrganizationRow, TokenRow
from .participant import ParticipantItem, ParticipantRole, ParticipantRow

__all__ = [
    "AppointmentItem",
    "AppointmentRow",
    "AppointmentStatus",
    "EventRow",
    "EventSource",
    "EventType",
    "OrganizationRow",
    "ParticipantItem",
    "ParticipantRole",
    "ParticipantRow",
    "Person",
    "PresenceRow",
    "TokenRow",
]
