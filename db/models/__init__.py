"""The plain rows that are read from the tables, and the words that stand in them.

One module a subject; light to import.
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
