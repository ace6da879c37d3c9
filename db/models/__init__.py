"""The plain rows that are read from the tables, and the words that stand in them.

One module a subject; light to import.
"""

from .appointment import AppointmentItem, AppointmentRow, AppointmentStatus
from .event import CREATED, DELETED, JOINED, LEFT, EventRow, EventSource, PresenceRow
from .organization import OrganizationRow, TokenRow
from .participant import ParticipantItem, ParticipantRole, ParticipantRow

__all__ = [
    "CREATED",
    "DELETED",
    "JOINED",
    "LEFT",
    "AppointmentItem",
    "AppointmentRow",
    "AppointmentStatus",
    "EventRow",
    "EventSource",
    "OrganizationRow",
    "ParticipantItem",
    "ParticipantRole",
    "ParticipantRow",
    "PresenceRow",
    "TokenRow",
]
