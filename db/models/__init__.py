"""The tables and the plain rows that are read from them.

One module a subject; `db.queries` writes its statements over these.
"""

from .appointment import Appointment, AppointmentRow, AppointmentStatus
from .event import JOINED, LEFT, Event, EventRow, EventSource, PresenceRow
from .organization import ApiToken, Organization, OrganizationRow, TokenRow
from .participant import Participant, ParticipantRole, ParticipantRow

__all__ = [
    "JOINED",
    "LEFT",
    "ApiToken",
    "Appointment",
    "AppointmentRow",
    "AppointmentStatus",
    "Event",
    "EventRow",
    "EventSource",
    "Organization",
    "OrganizationRow",
    "Participant",
    "ParticipantRole",
    "ParticipantRow",
    "PresenceRow",
    "TokenRow",
]
